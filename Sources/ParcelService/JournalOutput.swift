// Where log lines go: to the journal by its own protocol, with fields, if standard error leads there; else to standard error,
// with systemd's priorities in front, or plainly where a person sits before it.

import Glibc

package final class JournalOutput: Sendable {
    private enum Form: Sendable { case journal, prefixed, plain }

    private let form: Form
    private let stream: Int32
    private let path: String
    /// Of the datagrams; -1 where none are sent.
    private let descriptor: Int32

    /// - Parameters:
    ///   - journalStream: The value of JOURNAL_STREAM: the device and inode of what systemd made standard error.
    ///   - path: The journal's socket.
    ///   - stream: Standard error.
    package init(
        journalStream: String?, path: String = "/run/systemd/journal/socket", stream: Int32 = STDERR_FILENO
    ) {
        (self.path, self.stream) = (path, stream)
        let isJournal = journalStream.map { isThere(stream, $0) } ?? false
        descriptor =
            isJournal ? socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) : -1
        form = descriptor >= 0 ? .journal : isatty(stream) == 1 ? .plain : .prefixed
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ entry: JournalEntry) {
        // What the socket does not take (too long, nobody there, full) goes the way that always leads to the journal.
        if form == .journal, send(datagram(entry)) { return }
        let bytes = Array(((form == .plain ? "" : "<\(entry.priority)>") + entry.text + "\n").utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(stream, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            sent += count
        }
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        guard let (found, length) = unixAddress(path) else { return false }
        var address = found
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // Never waited for: a journal that hangs must not stop us.
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
                    == bytes.count
            }
        }
    }
}

/// `KEY=value` on lines of its own (systemd.io/JOURNAL_NATIVE_PROTOCOL): no value has a line feed in it any more.
private func datagram(_ entry: JournalEntry) -> [UInt8] {
    var fields = [
        ("MESSAGE", entry.text), ("PRIORITY", "\(entry.priority)"), ("SYSLOG_IDENTIFIER", "parceld"),
    ]
    for (key, value) in entry.values.sorted(by: { $0.key < $1.key }) {
        fields.append(("PARCELD_" + key.uppercased(), value))
    }
    return fields.flatMap { Array("\($0)=\($1)\n".utf8) }
}

/// Whether a descriptor is the device and inode that a text such as `8:4711` names.
private func isThere(_ descriptor: Int32, _ text: String) -> Bool {
    var status = stat()
    let parts = text.split(separator: ":").compactMap { UInt64($0) }
    guard parts.count == 2, fstat(descriptor, &status) == 0 else { return false }
    return UInt64(status.st_dev) == parts[0] && UInt64(status.st_ino) == parts[1]
}
