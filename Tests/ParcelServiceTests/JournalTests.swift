import Foundation
import Logging
import ParcelCore
import Testing

@testable import ParcelService

/// The journal's socket and standard error, both a test's own.
private final class Listener {
    let folder: URL
    let descriptor: Int32
    /// Standard error: a file, so that it has a device and an inode.
    let stream: Int32
    var path: String { folder.appending(path: "socket").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "pj-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        stream = open(folder.appending(path: "stderr").path, O_CREAT | O_RDWR, 0o600)
        var (address, length) = try #require(unixAddress(path))
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        close(stream)
        try? FileManager.default.removeItem(at: folder)
    }

    /// What systemd says in JOURNAL_STREAM.
    var identity: String {
        var status = stat()
        fstat(stream, &status)
        return "\(status.st_dev):\(status.st_ino)"
    }

    var errors: String {
        (try? String(contentsOf: folder.appending(path: "stderr"), encoding: .utf8)) ?? ""
    }

    /// The next datagram; nil where none waits.
    func datagram() -> String? {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    func log(_ journalStream: String?, to path: String? = nil) -> Logger {
        let output = JournalOutput(journalStream: journalStream, path: path ?? self.path, stream: stream)
        let journal = JournalLog(output, level: LogLevel("debug")) { Timestamp(seconds: 0) }
        return Logger(label: "test") { _ in journal }
    }
}

@Test func `an entry has its message, priority, name and each value as a field`() throws {
    let listener = try Listener()
    listener.log(listener.identity).error(
        "channel refuses messages",
        metadata: ["channel": "chat", "error": "status 401: no\nPRIORITY=0", "thing": "1907-2", "alert": "12"])
    #expect(
        listener.datagram() == """
            MESSAGE=channel refuses messages alert=12 channel=chat error=status 401: no PRIORITY=0 thing=1907-2
            PRIORITY=3
            SYSLOG_IDENTIFIER=parceld
            PARCELD_ALERT=12
            PARCELD_CHANNEL=chat
            PARCELD_ERROR=status 401: no PRIORITY=0
            PARCELD_THING=1907-2

            """)
    #expect(listener.errors.isEmpty)
}

@Test(arguments: [(Logger.Level.error, "3"), (.warning, "4"), (.notice, "5"), (.info, "6"), (.debug, "7")])
func `levels are syslog's`(level: Logger.Level, priority: String) throws {
    let listener = try Listener()
    listener.log(listener.identity).log(level: level, "x")
    #expect(listener.datagram() == "MESSAGE=x\nPRIORITY=\(priority)\nSYSLOG_IDENTIFIER=parceld\n")
    listener.log(nil).log(level: level, "x")
    #expect(listener.errors == "<\(priority)>x\n")
}

@Test(arguments: [nil, "", "1:2", "8", "x:y", "-1:-1", "1:2:3"])
func `where standard error is not the journal a line goes there with its priority`(journalStream: String?) throws {
    let listener = try Listener()
    listener.log(journalStream).notice("parceld started", metadata: ["database": "/x\u{7}y\u{202e}"])
    #expect(listener.datagram() == nil)
    #expect(listener.errors == "<5>parceld started database=/xy\n")
}

@Test func `on a terminal a line is plain`() throws {
    let listener = try Listener()
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    defer { close(terminal) }
    var (lock, number): (Int32, UInt32) = (0, 0)
    // TIOCSPTLCK, TIOCGPTN
    #expect(ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
    let side = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    defer { close(side) }
    let output = JournalOutput(journalStream: listener.identity, path: listener.path, stream: side)
    Logger(label: "test") { _ in JournalLog(output, level: LogLevel("info")) { Timestamp(seconds: 0) } }.notice("hello")
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = read(terminal, &buffer, buffer.count)
    #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "hello\r\n")
}

@Test func `what is too long for a datagram, or finds nobody, goes to standard error`() throws {
    let listener = try Listener()
    var size: Int32 = 4096
    // Each value is cut; many of them are still too much.
    let many = (0..<300).map { ("v\($0)", Logger.Metadata.Value("\(String(repeating: "x", count: 2000))")) }
    listener.log(listener.identity).notice("long", metadata: Dictionary(many) { $1 })
    #expect(listener.datagram() == nil)
    #expect(listener.errors.hasPrefix("<5>long v0=xxx") && listener.errors.hasSuffix("\n"))
    let written = listener.errors.utf8.count
    listener.log(listener.identity, to: listener.path + "-nobody").notice("alone")
    #expect(String(decoding: listener.errors.utf8.dropFirst(written), as: UTF8.self) == "<5>alone\n")
    // Nobody reads: the journal's queue is full, and nobody waits for it.
    setsockopt(listener.descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
    let log = listener.log(listener.identity)
    for number in 0..<2000 { log.debug("\(number)") }
    #expect(listener.errors.hasSuffix("<7>1999\n"))
}

// MARK: Repetitions

private func entry(_ message: String, _ values: [String: String] = [:]) -> JournalEntry {
    JournalEntry(level: .notice, message: message, values: values)
}

@Test func `the first of equal lines is written at once, the rest as a count when their time is over`() {
    let repeats = Repeats()
    let start = Timestamp(seconds: 1_000_000)
    let failing = entry("provider fails", ["provider": "shiptor", "error": "timed out"])
    #expect(repeats.lines(for: failing, at: start) == [failing])
    for minute in 1...9 { #expect(repeats.lines(for: failing, at: start + .minutes(Int64(minute))) == []) }
    // What differs in anything is another line.
    for other in [
        entry("provider fails", ["provider": "litemf", "error": "timed out"]),
        entry("provider fails", ["provider": "shiptor", "error": "status 500"]), entry("provider answers again"),
    ] {
        #expect(repeats.lines(for: other, at: start + .minutes(9)) == [other])
    }
    #expect(repeats.ended(by: start + .milliseconds(599_999)) == [])
    var count = failing
    count.message = "provider fails … 9 more times in the last 10 min"
    #expect(repeats.ended(by: start + .minutes(10)) == [count])
    // After that it is a first one again.
    #expect(repeats.lines(for: failing, at: start + .minutes(11)) == [failing])
    #expect(repeats.ended(by: start + .minutes(30)) == [])
}

@Test func `a count is also told by the next line, by the end, by a clock set back and when there are too many`() {
    let start = Timestamp(seconds: 1_000_000)
    let (one, two) = (entry("one"), entry("two"))
    func prepared() -> Repeats {
        let repeats = Repeats()
        for _ in 0..<3 { _ = repeats.lines(for: one, at: start) }
        return repeats
    }
    let count = entry("one … 2 more times in the last 10 min")
    #expect(prepared().lines(for: two, at: start + .minutes(10)) == [count, two])
    #expect(prepared().lines(for: one, at: start + .minutes(10)) == [count, one])
    #expect(prepared().ended(by: nil) == [count])
    #expect(prepared().lines(for: two, at: start - .hours(1)) == [count, two])
    let full = prepared()
    for number in 1..<Repeats.capacity { #expect(full.lines(for: entry("\(number)"), at: start).count == 1) }
    #expect(full.lines(for: two, at: start) == [count, two])
}

@Test func `lines that tell alerts and requests are never counted away`() throws {
    let listener = try Listener()
    let log = listener.log(nil)
    for _ in 0..<3 {
        log.debug("request")
        log.error("Item 1907-2: 5 working days", source: JournalLog.onceEach)
        log.info("pass")
    }
    #expect(
        listener.errors.split(separator: "\n").sorted()
            == Array(repeating: "<3>Item 1907-2: 5 working days", count: 3) + ["<6>pass"]
            + Array(repeating: "<7>request", count: 3))
}

@Test func `the level can change while a logger is in use`() throws {
    let listener = try Listener()
    let level = LogLevel("error")
    let journal = JournalLog(JournalOutput(journalStream: nil, stream: listener.stream), level: level) {
        Timestamp(seconds: 0)
    }
    let log = Logger(label: "test") { _ in journal }
    log.notice("before")
    level.set("notice")
    log.notice("after")
    #expect(listener.errors == "<5>after\n")
}
