// What the dispatcher makes of what is due: summaries once a week whatever happens, storms as one message, the heartbeat.

import Foundation
import GRDB
import Logging
import ParcelChannels
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

private final class Sink: Sendable {
    let requests = Locked([HTTPRequest]())
    let status = Locked(200)

    func send(_ request: HTTPRequest) -> Result<HTTPResponse, TransportError> {
        requests.withLock { $0.append(request) }
        let status = status.withLock { $0 }
        guard status > 0 else { return .failure(.timedOut) }
        return .success(HTTPResponse(status: status, body: Array(#"{"ok":true,"result":{"message_id":7}}"#.utf8)))
    }

    var texts: [String] {
        requests.withLock { $0 }.map { String(decoding: $0.body ?? [], as: UTF8.self) }
    }
}

/// `2026-11-23 09:00` in Moscow, which is a Monday.
private func moscow(_ text: String) throws -> Timestamp {
    try #require(ISO8601(text.replacing(" ", with: "T") + "+03:00").instant)
}

private final class Bench {
    let folder: URL
    let sink = Sink()
    let clock = HandClock(Timestamp(seconds: 0))
    let lines = Locked([String]())
    var recipients: [Recipient]
    private var store: Store?

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-telling-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let zone = try readZone("Europe/Moscow", in: "/usr/share/zoneinfo")
        let days = WorkingDays(
            calendars: [try #require(try BuiltinCalendars.all()["ru"])], combine: .all, zone: zone)
        var anna = Recipient(
            name: "анна", language: .ru, zone: zone,
            window: DeliveryWindow(opens: 9 * 3600, closes: 18 * 3600, days: days), channels: ["chat"])
        anna.wantsWeeklySummary = true
        recipients = [anna]
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func open() throws -> Store {
        let store = try store ?? Store.open(folder.appending(path: "x.sqlite").path, .daemon)
        self.store = store
        return store
    }

    /// Nothing is left but the file.
    func restart() { store = nil }

    func around(_ store: Store) throws -> Surroundings {
        let zones = [
            "Asia/Shanghai": try readZone("Asia/Shanghai", in: "/usr/share/zoneinfo"),
            "Europe/Moscow": try readZone("Europe/Moscow", in: "/usr/share/zoneinfo"),
        ]
        let log = Logger(label: "test") { [lines] _ in LineLog(lines: lines) }
        return Surroundings(
            mirror: Mirror(store, log: log),
            rules: try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: zones)),
            recipients: recipients, clock: clock, watch: ClockWatch(), zones: { zones[$0] },
            send: { [sink] in sink.send($0) }, log: log)
    }

    /// One tick of a dispatcher that is made for it.
    func tick(_ text: String) async throws -> Timestamp? {
        let store = try open()
        let kind = try #require(channelKinds.first { $0.schema.name == "telegram" })
        let settings = SettingValues(["token": .secret(Secret("t")), "chat": .text("1")])
        let channel = try #require(kind.make("chat", settings))
        let now = try moscow(text)
        clock.set(now)
        return await Dispatcher(channel, try around(store), .overHTTP { [sink] in sink.send($0) }).tick(now: now)
    }

    /// A provider whose lists were first read completely then.
    func watch(since text: String, lastSuccess: String) throws {
        var health = ProviderHealth(provider: "shiptor")
        health.firstPassAt = try moscow(text)
        health.lastSuccessAt = try moscow(lastSuccess)
        var decision = Decision(at: try moscow(lastSuccess))
        decision.health = [health]
        try open().commit(decision)
    }
}

private struct LineLog: LogHandler {
    let lines: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(lines: Locked<[String]>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])") }
    }
}

@Test func `a week's summary is told once, when the week's first window opens, whatever is restarted`() async throws {
    let bench = try Bench()
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-23 08:50")
    #expect(try await bench.tick("2026-11-23 08:59") == moscow("2026-11-23 09:00"))
    #expect(bench.sink.texts == [])
    #expect(try await bench.tick("2026-11-23 09:00") == moscow("2026-11-30 09:00"))
    #expect(bench.sink.texts.count == 1)
    #expect(bench.sink.texts.first?.contains("Всё спокойно") == true)
    // A second tick, a restart, another day: nothing more.
    for time in ["2026-11-23 09:00", "2026-11-23 17:00", "2026-11-26 10:00"] {
        bench.restart()
        #expect(try await bench.tick(time) == moscow("2026-11-30 09:00"))
    }
    #expect(bench.sink.texts.count == 1)
    _ = try await bench.tick("2026-11-30 09:30")
    #expect(bench.sink.texts.count == 2)
    let messages = try bench.open().messages()
    #expect(messages.map { $0.dedupKey.prefix(23) } == ["parceld-weekly-2026-W48", "parceld-weekly-2026-W49"])
    #expect(messages.allSatisfy { $0.dedupKey.allSatisfy(\.isASCII) })
}

@Test func `a summary that was written down and not taken is repeated under its key`() async throws {
    let bench = try Bench()
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-23 08:50")
    bench.sink.status.withLock { $0 = 0 }
    _ = try await bench.tick("2026-11-23 09:00")
    let first = try bench.open().messages()
    bench.restart()
    bench.sink.status.withLock { $0 = 200 }
    _ = try await bench.tick("2026-11-24 12:00")
    let second = try bench.open().messages()
    #expect(first.map(\.dedupKey) == second.map(\.dedupKey) && first.map(\.parts) == second.map(\.parts))
    #expect(first.first?.deliveredAt == nil && second.first?.deliveredAt != nil)
    #expect(Set(bench.sink.texts).count == 1)
}

@Test(arguments: [
    // Nobody looked yet when the week began.
    ("2026-11-23 12:00", "2026-11-24 12:00", false, "2026-11-30 09:00"),
    ("2026-11-10 12:00", "2026-11-24 12:00", true, "2026-11-30 09:00"),
    // It was off until the night: the next window is the first.
    ("2026-11-10 12:00", "2026-11-24 20:00", false, "2026-11-25 09:00"),
    // No day of the week works: 1 to 11 January 2026 were Russia's holidays.
    ("2025-12-10 12:00", "2026-01-07 12:00", false, "2026-01-12 09:00"),
])
func `a summary belongs to a week that was watched and has a window`(
    since: String, now: String, isTold: Bool, next: String
) async throws {
    let bench = try Bench()
    try bench.watch(since: since, lastSuccess: since)
    #expect(try await bench.tick(now) == moscow(next))
    #expect(bench.sink.texts.isEmpty != isTold)
}

@Test func `who wants no summary gets none, and before the first pass there is none`() async throws {
    let bench = try Bench()
    #expect(try await bench.tick("2026-11-24 12:00") == nil)
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-23 08:50")
    bench.recipients[0].wantsWeeklySummary = false
    #expect(try await bench.tick("2026-11-24 12:00") == nil)
    #expect(bench.sink.texts == [])
}

@Test func `five thousand alerts of one instant are one message of few parts`() async throws {
    let bench = try Bench()
    let now = try moscow("2026-11-24 10:00")
    let around = try bench.around(try bench.open())
    var decision = Decision(at: now)
    decision.alertChanges = (1...5000).map { number in
        var facts = AlertFacts()
        facts.label = "\(number)"
        facts.stage = .inbound
        facts.contact = .logist
        facts.workingDays = 5
        let alert = Alert(
            kind: .stall, thing: nil, key: "stall/\(number)", level: .critical, openedAt: now, facts: facts)
        let opened = AlertChange(alert: alert, change: .opened, at: now, cause: .threshold)
        return around.decided(opened, at: now, settledAt: nil)
    }
    try bench.open().commit(decision)
    _ = try await bench.tick("2026-11-24 10:00")
    let messages = try bench.open().messages()
    #expect(messages.count == 1 && (1...3).contains(messages[0].parts.count))
    #expect(messages[0].parts.map { TelegramPart(stored: $0)?.plain.utf16.count ?? .max }.allSatisfy { $0 <= 4096 })
    #expect(messages[0].parts[0].contains("parceld-2026-11-24.csv"))
    #expect(try bench.open().nextDelivery("chat") == nil)
}

@Test func `the heartbeat follows good passes, at most once a minute, and says once that it fails`() async throws {
    let bench = try Bench()
    let heartbeat = Heartbeat(url: "https://hc.example/ping/3f1c", try bench.around(try bench.open()))
    func tick(_ text: String) async throws -> Timestamp? { await heartbeat.tick(now: try moscow(text)) }
    func calls() -> Int { bench.sink.requests.withLock { $0.count } }
    #expect(try await tick("2026-11-24 10:00:00") == nil)
    #expect(calls() == 0)
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-24 10:00:00")
    _ = try await tick("2026-11-24 10:00:01")
    #expect(try await tick("2026-11-24 10:00:30") == nil)
    #expect(calls() == 1)
    #expect(bench.sink.requests.withLock { $0.first }?.url == "https://hc.example/ping/3f1c")
    #expect(bench.sink.requests.withLock { $0.first }?.method == .get)
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-24 10:00:40")
    #expect(try await tick("2026-11-24 10:00:41") == moscow("2026-11-24 10:01:01"))
    bench.sink.status.withLock { $0 = 500 }
    _ = try await tick("2026-11-24 10:01:01")
    bench.sink.status.withLock { $0 = 0 }
    for minute in 10...12 {
        try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-24 10:\(minute):00")
        _ = try await tick("2026-11-24 10:\(minute):05")
    }
    #expect(calls() == 5)
    bench.sink.status.withLock { $0 = 200 }
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-24 10:20:00")
    _ = try await tick("2026-11-24 10:20:05")
    let lines = bench.lines.withLock { $0 }
    #expect(
        lines == [
            #"error: the heartbeat cannot be sent ["reason": status 500]"#,
            "notice: the heartbeat can be sent again [:]",
        ])
}

extension Ways {
    /// Where nothing else goes out.
    static func overHTTP(
        _ send: @escaping @Sendable (HTTPRequest) async -> Result<HTTPResponse, TransportError>
    ) -> Ways {
        Ways(
            http: send, mail: { _ in .failure(.cancelled) }, program: { _ in .timedOut(errors: "") }, journal: { _ in })
    }
}

@Test(arguments: ["decided", "taken", "marked"])
func `a kill around a week's summary loses none, and repeats one under its key at most`(moment: String) async throws {
    let bench = try Bench()
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-23 08:50")
    // What is in the file when a daemon is killed there: a copy that another daemon opens.
    let left = Locked<String?>(nil)
    let path = bench.folder.appending(path: "left.sqlite").path
    let store = try bench.open()
    let copy: @Sendable () -> Void = {
        try? store.database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO '\(path)'") }
        left.withLock { $0 = path }
    }
    let kind = try #require(channelKinds.first { $0.schema.name == "telegram" })
    let channel = try #require(kind.make("chat", SettingValues(["token": .secret(Secret("t")), "chat": .text("1")])))
    let now = try moscow("2026-11-23 09:00")
    bench.clock.set(now)
    let ways = Ways.overHTTP { [sink = bench.sink] request in
        if moment == "decided" { copy() }
        let answer = sink.send(request)
        if moment == "taken" { copy() }
        return answer
    }
    _ = await Dispatcher(channel, try bench.around(store), ways).tick(now: now)
    if moment == "marked" { copy() }
    let survivor = try Store.open(try #require(left.withLock { $0 }), .daemon)
    let plain = Ways.overHTTP { [sink = bench.sink] in sink.send($0) }
    for minute in Int64(1)...3 {
        bench.clock.set(now + .minutes(minute))
        _ = await Dispatcher(channel, try bench.around(survivor), plain).tick(now: now + .minutes(minute))
    }
    let keys = bench.sink.requests.withLock { $0 }.map { $0.headers.first { $0.name == "Idempotency-Key" }?.value }
    #expect(keys.count == (moment == "marked" ? 1 : 2) && Set(keys).count == 1)
    #expect(try survivor.messages().map { $0.deliveredAt != nil } == [true])
}

@Test func `a daemon that dies before a week's summary is written down makes it after the start, once`() async throws {
    let bench = try Bench()
    try bench.watch(since: "2026-11-10 12:00", lastSuccess: "2026-11-23 08:50")
    // The transaction that would write it down is taken back, as by a kill before its end.
    try await bench.open().database.write { db in
        try db.execute(sql: "CREATE TRIGGER dies BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'killed'); END")
    }
    _ = try await bench.tick("2026-11-23 09:00")
    #expect(bench.sink.texts.isEmpty)
    #expect(try bench.open().messages().isEmpty)
    try await bench.open().database.write { try $0.execute(sql: "DROP TRIGGER dies") }
    bench.restart()
    for time in ["2026-11-23 09:05", "2026-11-23 09:06"] { _ = try await bench.tick(time) }
    #expect(bench.sink.texts.count == 1)
}
