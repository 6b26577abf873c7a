// The whole daemon in a test's time, with scripted answers: what a reload changes, and what it never does.

import Foundation
import GRDB
import Logging
import ParcelConfig
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

/// Time that a test moves while lanes run together.
private final class BellClock: ServiceClock {
    private let time: Locked<Timestamp>
    private let bell = Bell()

    init(_ start: Timestamp) { time = Locked(start) }

    var runsLanesTogether: Bool { true }
    func now() -> Timestamp { time.withLock { $0 } }
    func sinceBoot() -> Duration? { nil }
    func interrupt() { bell.ring() }
    func pause(until instant: Timestamp) async {}
    func wait(until instant: Timestamp?) async {
        if let instant, instant <= now() { return }
        await bell.wait()
    }

    func pass(_ duration: Duration) {
        time.withLock { $0 = $0 + duration }
        bell.ring()
    }
}

/// What systemd hears.
private final class NotifySocket {
    let path: String
    let descriptor: Int32
    private let texts = Locked([String]())

    init(_ folder: URL) throws {
        path = folder.appending(path: "notify").path
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var (address, length) = try #require(unixAddress(path))
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
        self.descriptor = descriptor
        // As systemd does, it listens whatever the others are busy with.
        Thread.detachNewThread { [texts] in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                if text != "WATCHDOG=1" { texts.withLock { $0.append(text) } }
            }
            // Only who reads by the descriptor closes it: its number may soon be another file's.
            close(descriptor)
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Everything that came since the last time, but for the watchdog's food.
    func heard() -> [String] {
        texts.withLock { texts in
            defer { texts = [] }
            return texts
        }
    }
}

private let onePackage =
    #"{"jsonrpc":"2.0","id":1,"result":[{"id":11578,"external_id":"ORD-000001907","status":"packed","tracking_number":"RP11578","products":[{"shopArticle":"1907-2"}]}]}"#

private final class Site: Sendable {
    let folder: URL
    let clock: BellClock
    let store: Store
    let daemon: Daemon
    private let socket: NotifySocketBox
    let requests = Locked([HTTPRequest]())
    /// How often the ways out were opened and closed.
    let opened = Locked(0)
    let closed = Locked(0)
    let gate = Locked<Bell?>(nil)
    let body = Locked(onePackage)
    let log = Locked([String]())
    private let source: AsyncStream<Void>.Continuation
    private let work = Locked<Task<Void, any Error>?>(nil)

    struct NotifySocketBox: @unchecked Sendable { let socket: NotifySocket }

    init(_ change: (String) -> String = { $0 }) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "pr-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for token in ["token", "other"] { try Data("\(token)-secret\n".utf8).write(to: folder.appending(path: token)) }
        socket = NotifySocketBox(socket: try NotifySocket(folder))
        let path = folder.appending(path: "parceld.yaml").path
        try Data(change(Site.text).utf8).write(to: URL(fileURLWithPath: path))
        let loaded = try ParcelService.load(path)
        clock = BellClock(try #require(ISO8601("2026-11-24T12:00:00+03:00").instant))
        store = try Store.open(loaded.config.database, .daemon)
        let wishes: AsyncStream<Void>
        (wishes, source) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (requests, opened, closed, gate, body, clock, log) = (requests, opened, closed, gate, body, clock, log)
        let journal = JournalLog(JournalOutput(journalStream: nil, stream: -1), level: LogLevel("info")) { clock.now() }
        daemon = try Daemon(
            loaded, store: store, clock: clock, notifier: SystemdNotifier(address: socket.socket.path),
            log: Logger(label: "test") { _ in Lines(lines: log) }, journal: journal, reloads: wishes
        ) { _ in
            opened.withLock { $0 += 1 }
            return Outward { request, _ in
                requests.withLock { $0.append(request) }
                if let bell = gate.withLock({ $0 }) { await bell.wait() }
                return .success(HTTPResponse(status: 200, body: Array(body.withLock { $0 }.utf8)))
            } mail: { _ in
                .failure(.timedOut)
            } close: {
                closed.withLock { $0 += 1 }
            }
        }
    }

    static let text = """
        database: mirror.sqlite
        control_socket: c
        providers:
          shiptor: {token: {file: token}, requests_per_second: 1000}
        channels:
          chat: {type: journal}
        recipients:
          - {name: manager, language: en, zone: Europe/Moscow, hours: "09:00-18:00", channels: [chat]}

        """

    /// Begins, and has asked its list once.
    func start() async throws {
        work.withLock { [daemon] in $0 = Task { try await daemon.run() } }
        var said: [String] = []
        try await settle {
            said += self.heard
            return self.count == 1 && said.contains { $0.hasPrefix("READY=1") }
        }
    }

    func stop() async throws {
        await daemon.stop()
        try await work.withLock { $0 }?.value
    }

    /// Not earlier: the stopped daemon's store may still open its file to be read.
    deinit { try? FileManager.default.removeItem(at: folder) }

    var count: Int { requests.withLock { $0.count } }
    var heard: [String] { socket.socket.heard() }

    func write(_ change: (String) -> String) throws {
        try Data(change(Site.text).utf8).write(to: folder.appending(path: "parceld.yaml"))
    }

    func wish() { source.yield() }

    /// Until the file as it is by now was taken over or refused.
    func reload(_ change: (String) -> String) async throws -> [String] {
        let before = log.withLock { $0.filter(Site.isOutcome).count }
        try write(change)
        wish()
        var said: [String] = []
        try await settle {
            said += self.heard
            return said.contains { $0.hasPrefix("READY=1") }
                && self.log.withLock { $0.filter(Site.isOutcome).count } > before
        }
        return said
    }

    private static func isOutcome(_ line: String) -> Bool {
        line.hasPrefix("the configuration was ")
    }

    /// Leaves the daemon its time until something is so; what never comes fails instead of holding up the others.
    func settle(_ isTrue: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(600)
        while try await !isTrue() {
            try #require(ContinuousClock.now < deadline, "\(log.withLock { $0 })")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

private struct Lines: LogHandler {
    let lines: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        lines.withLock { $0.append("\(event.message)\(values)") }
    }
}

@Test func `a file with mistakes changes nothing and is told everywhere; mended, that is gone`() async throws {
    let site = try Site()
    try await site.start()
    site.clock.pass(.minutes(5))
    let said = try await site.reload {
        $0.replacing("{file: token}", with: "{file: missing}").replacing("Europe/Moscow", with: "Europe/Moskau")
    }
    #expect(said.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
    let status = try #require(said.last { $0.hasPrefix("READY=1") })
    #expect(
        status.contains("the configuration file has 2 mistakes since 12:05, running the one of 12:00; 1 provider"),
        "\(said)")
    #expect(site.opened.withLock { $0 } == 1 && site.closed.withLock { $0 } == 0)
    let lines = site.log.withLock { $0 }
    #expect(
        lines.contains {
            $0.hasPrefix("the configuration cannot be used") && $0.contains("missing") && $0.hasSuffix("line=4")
        },
        "\(lines)")
    #expect(lines.contains { $0.contains("there is no zone Europe/Moskau") && $0.hasSuffix("line=8") })
    // Once more, with another mistake: the time is still the first one's.
    site.clock.pass(.minutes(5))
    _ = try await site.reload { $0.replacing("database:", with: "databse:") }
    let state = try #require(try site.store.configurationState())
    #expect(state.refusedAt == state.takenAt + .minutes(5))
    #expect(state.problems.contains { $0.contains("databse") }, "\(state.problems)")
    // Still polling by the old one.
    let before = site.count
    site.clock.pass(.minutes(20))
    try await site.settle { site.count > before }
    let mended = try await site.reload { $0 }
    #expect(mended.contains { $0.hasPrefix("READY=1") && !$0.contains("mistake") })
    #expect(try site.store.configurationState()?.refusedAt == nil)
    #expect(try site.store.configurationState()?.takenAt == site.clock.now())
    try await site.stop()
    #expect(site.closed.withLock { $0 } == 1)
}

@Test(arguments: [
    ("database: mirror.sqlite", "database: other.sqlite", "database: cannot change while parceld runs"),
    ("control_socket: c", "control_socket: d", "control_socket: cannot change while parceld runs"),
    ("providers:", "templates: nowhere\nproviders:", "templates: "),
])
func `what is held as long as it runs, or cannot be used, refuses the whole file and says which key`(
    old: String, new: String, part: String
) async throws {
    let site = try Site()
    try await site.start()
    _ = try await site.reload { $0.replacing(old, with: new).replacing("name: manager", with: "name: shift") }
    #expect(try site.store.configurationState()?.problems.contains { $0.contains(part) } == true)
    #expect(try site.store.configurationState()?.problemCount == 1)
    try await site.stop()
}

@Test func `an answer that is under way is kept, and nothing is asked twice`() async throws {
    let site = try Site()
    let gate = Bell()
    site.gate.withLock { $0 = gate }
    try await site.start()
    // The list's answer is under way: the reload waits for it.
    try site.write { $0.replacing("[chat]", with: "[chat], digest_times: [\"10:00\"]") }
    site.wish()
    try await site.settle { site.heard.contains { $0.hasPrefix("RELOADING") } }
    #expect(site.count == 1)
    #expect(try site.store.things([.parcel]).isEmpty)
    site.gate.withLock { $0 = nil }
    gate.ring()
    try await site.settle { site.log.withLock { $0.contains { $0.hasPrefix("the configuration was read anew") } } }
    try await site.settle { try !site.store.things([.parcel]).isEmpty }
    site.clock.pass(.minutes(1))
    // The parcel that the list showed is looked at; the list is not asked again before its time.
    try await site.settle { try site.store.counts().nextAsk.values.allSatisfy { $0 > site.clock.now() } }
    let lists = site.requests.withLock {
        $0.filter { String(decoding: $0.body ?? [], as: UTF8.self).contains("getPackages") }
    }
    #expect(lists.count == 1)
    let spent = try site.store.counts().requests["shiptor"]
    #expect(spent == site.count)
    try await site.stop()
}

@Test func `wishes that come together are fulfilled once more at most, and the last file wins`() async throws {
    let site = try Site()
    try await site.start()
    for number in 1...20 {
        try site.write { $0.replacing("name: manager", with: "name: shift\(number)") }
        site.wish()
    }
    try await site.settle { await site.daemon.recipients == ["shift20"] }
    let reloads = site.log.withLock { $0.filter { $0.hasPrefix("the configuration was read anew") }.count }
    #expect((1...20).contains(reloads))
    try await site.settle { try site.store.counts().requests["shiptor"] == site.count }
    let lists = site.requests.withLock {
        $0.filter { String(decoding: $0.body ?? [], as: UTF8.self).contains("getPackages") }
    }
    #expect(lists.count == 1)
    try await site.stop()
}

@Test func `ways out stay open over a reload that does not change them`() async throws {
    let site = try Site()
    try await site.start()
    _ = try await site.reload { $0.replacing("name: manager", with: "name: shift") }
    #expect(site.opened.withLock { $0 } == 1 && site.closed.withLock { $0 } == 0)
    _ = try await site.reload { $0 + "http: {timeout: 5 s}\n" }
    #expect(site.opened.withLock { $0 } == 2 && site.closed.withLock { $0 } == 1)
    try await site.stop()
    #expect(site.closed.withLock { $0 } == 2)
}

@Test func `a refused login is tried again after a reload that brings another secret, and not after others`()
    async throws
{
    let site = try Site()
    site.body.withLock { $0 = #"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Not authorized"}}"# }
    try await site.start()
    try await site.settle { try site.store.health().first?.authFailedAt != nil }
    let asked = site.count
    for number in 1...5 { _ = try await site.reload { $0.replacing("name: manager", with: "name: shift\(number)") } }
    #expect(site.count == asked)
    site.body.withLock { $0 = onePackage }
    _ = try await site.reload { $0.replacing("{file: token}", with: "{file: other}") }
    try await site.settle { try site.store.health().first?.authFailedAt == nil }
    #expect(site.count > asked)
    try await site.stop()
}

@Test func `a database that is busy at a reload is no mistake of the file, and is written as soon as it can be`()
    async throws
{
    let site = try Site()
    try await site.start()
    // Another program that holds it for longer than SQLite waits.
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: site.folder.appending(path: "mirror.sqlite").path, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let taken = try site.store.configurationState()?.takenAt
    site.clock.pass(.minutes(1))
    try site.write { $0.replacing("requests_per_second: 1000", with: "requests_per_day: 77") }
    site.wish()
    try await site.settle { site.log.withLock { $0.contains { $0.hasPrefix("the database cannot be written") } } }
    try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    try await site.settle {
        site.log.withLock { $0.contains { $0.hasPrefix("the configuration was read anew") } }
    }
    try await site.settle { try site.store.configurationState()?.takenAt != taken }
    #expect(try site.store.budgets()?.map(\.requestsPerDay) == [77])
    #expect(try site.store.configurationState()?.problems == [])
    #expect(!site.log.withLock { $0.contains { $0.hasPrefix("the configuration was not read anew") } })
    try await site.stop()
}

@Test func `a stop does not wait for a database that stays busy after a reload`() async throws {
    let site = try Site()
    try await site.start()
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: site.folder.appending(path: "mirror.sqlite").path, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    site.wish()
    try await site.settle { site.log.withLock { $0.contains { $0.hasPrefix("the database cannot be written") } } }
    try await site.stop()
    #expect(site.log.withLock { $0.last } == "parceld stopped")
    try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
}

@Test func `a stop during a reload stops, and nobody begins anew`() async throws {
    let site = try Site()
    let gate = Bell()
    site.gate.withLock { $0 = gate }
    try await site.start()
    site.wish()
    try await site.settle { site.heard.contains { $0.hasPrefix("RELOADING") } }
    let stopping = Task { try await site.stop() }
    try await site.settle { site.heard.contains { $0.hasPrefix("STOPPING") } }
    gate.ring()
    try await stopping.value
    #expect(site.count == 1)
    #expect(site.log.withLock { $0.last } == "parceld stopped")
    #expect(!site.log.withLock { $0.contains { $0.hasPrefix("the configuration was read anew") } })
    #expect(try site.store.things([.parcel]).count == 1)
}

@Test func `a provider and a threshold that are new count from the reload on`() async throws {
    let site = try Site()
    try await site.start()
    try await site.settle { try !site.store.things([.parcel]).isEmpty }
    #expect(try site.store.rules()?.stages[.handover]?.warning == 4)
    _ = try await site.reload { text in
        text.replacing("  shiptor:", with: "  litemf: {api_key: {file: other}}\n  shiptor:")
            + "stages: {handover: {warning_working_days: 2, critical_working_days: 3}}\n"
    }
    try await site.settle { try site.store.rules()?.stages[.handover]?.warning == 2 }
    try await site.settle { site.requests.withLock { $0.contains { $0.url.contains("litemf") } } }
    try await site.stop()
}

@Test func `the status line says what is watched, when it is asked next and who does not answer`() async throws {
    let site = try Site()
    try await site.start()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let line = StatusLine(
        mirror: Mirror(site.store, log: log), clock: site.clock, notifier: SystemdNotifier(address: nil))
    await line.take(try ParcelService.load(site.folder.appending(path: "parceld.yaml").path))
    try await site.settle { try site.store.counts().trackNumbers > 0 }
    // A parcel, its item and its number.
    var text = await line.current()
    #expect(text.hasPrefix("1 provider, 3 things, 0 open; next poll at 12:1"), "\(text)")
    site.body.withLock { $0 = "<html>" }
    site.clock.pass(.minutes(20))
    try await site.settle { try site.store.health().first?.failingSince != nil }
    text = await line.current()
    #expect(text.hasSuffix("; Shiptor does not answer since 12:20"), "\(text)")
    // Of another day with its date.
    site.clock.pass(.days(1))
    text = await line.current()
    #expect(text.contains("Shiptor does not answer since 24 Nov 12:20"), "\(text)")
    try await site.stop()
}
