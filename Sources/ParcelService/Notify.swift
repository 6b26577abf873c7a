// Tells systemd how the service is (sd_notify): ready, its status in words, and that it still makes progress.

import Glibc
import ParcelCore

package struct SystemdNotifier: Sendable {
    private let address: String?

    /// - Parameter address: The value of NOTIFY_SOCKET; nil where systemd did not start us.
    package init(address: String?) { self.address = address }

    /// Whether anybody hears it.
    package var isHeard: Bool { address?.isEmpty == false }

    package func ready(_ status: String) { send("READY=1\nSTATUS=\(status)", tries: Self.mostTries) }
    package func status(_ status: String) { send("STATUS=\(status)") }
    /// `ready` ends it.
    package func reloading() {
        send(
            "RELOADING=1\nMONOTONIC_USEC=\(monotonicTime().milliseconds * 1000)\nSTATUS=reading the configuration anew")
    }
    package func stopping() { send("STOPPING=1\nSTATUS=finishing what is in hand") }
    /// Comes again: it waits for nobody.
    package func progress() { send("WATCHDOG=1", flags: Int32(MSG_DONTWAIT)) }

    /// A systemd that does not listen is waited for, but not for ever: the threads that all passes share must not stop.
    private static let patience = timeval(tv_sec: 1, tv_usec: 0)
    /// Without it systemd would give the start or the reload up.
    private static let mostTries = 30

    private func send(_ text: String, flags: Int32 = 0, tries: Int = 1) {
        guard let path = address, !path.isEmpty else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard let (address, length) = unixAddress(path) else { return }
        var limit = Self.patience
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(text.utf8)
        var target = address
        for _ in 0..<tries {
            let sent = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | flags, $0, length)
                }
            }
            guard sent < 0, errno == EAGAIN || errno == EINTR else { return }
        }
    }
}

/// Nil where the path is too long. A leading `@` is Linux's abstract name space.
func unixAddress(_ path: String) -> (sockaddr_un, socklen_t)? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let isAbstract = bytes[0] == 0
    return (address, socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)))
}
