import Foundation
import GRDB
import Logging
import ParcelConfig
import ParcelCore
import ParcelProviders
import Testing

@testable import ParcelService
@testable import ParcelStore

/// Time that a test moves.
final class HandClock: ServiceClock {
    private let time: Locked<Timestamp>
    init(_ start: Timestamp) { time = Locked(start) }
    var runsLanesTogether: Bool { false }
    func now() -> Timestamp { time.withLock { $0 } }
    func set(_ now: Timestamp) { time.withLock { $0 = now } }
    func sinceBoot() -> Duration? { nil }
    func wait(until instant: Timestamp?) async {}
    func interrupt() {}
    func pause(until instant: Timestamp) async { set(instant) }
}

private final class Script: Sendable {
    let requests = Locked([HTTPRequest]())
    let answer = Locked(HTTPResponse(status: 200, body: []))
    func send(_ request: HTTPRequest) -> Result<HTTPResponse, TransportError> {
        requests.withLock { $0.append(request) }
        return .success(answer.withLock { $0 })
    }
    func say(_ text: String, status: Int = 200) {
        answer.withLock { $0 = HTTPResponse(status: status, body: Array(text.utf8)) }
    }
}

private let onePackage =
    #"{"jsonrpc":"2.0","id":1,"result":[{"id":11578,"external_id":"ORD-000001907","status":"packed","tracking_number":"RP11578","products":[{"shopArticle":"1907-2"}]}]}"#

private struct Bench {
    let store: Store
    let script = Script()
    let clock: HandClock
    let around: Surroundings
    let poller: Poller
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-tick-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
        let start = try #require(ISO8601("2026-11-02T10:00:00+08:00").instant)
        clock = HandClock(start)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let zones = [
            "Asia/Shanghai": try readZone("Asia/Shanghai", in: "/usr/share/zoneinfo"),
            "Europe/Moscow": try readZone("Europe/Moscow", in: "/usr/share/zoneinfo"),
        ]
        let rules = try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: zones))
        let window = DeliveryWindow(
            opens: 9 * 3600, closes: 18 * 3600,
            days: WorkingDays(calendars: [.plain], combine: .all, zone: try #require(zones["Europe/Moscow"])))
        let recipient = Recipient(name: "manager", language: .en, zone: .utc, window: window, channels: ["telegram"])
        let script = script
        around = Surroundings(
            mirror: Mirror(store, log: log), rules: rules, recipients: [recipient], clock: clock, watch: ClockWatch(),
            zones: { zones[$0] }, send: { script.send($0) }, log: log)
        let settings = SettingValues(["token": .secret(Secret("t")), "requests_per_second": .number(1000)])
        let kind = try #require(providerKinds.first { $0.id == "shiptor" })
        poller = Poller(try #require(kind.make(settings)), around, routing: Routing(providers: []))
    }

    func at(_ text: String) throws -> Timestamp {
        let instant = try #require(ISO8601(text + "+08:00").instant)
        clock.set(instant)
        return instant
    }
}

@Test func `a second tick on the same state and time changes nothing`() async throws {
    let bench = try Bench()
    defer { try? FileManager.default.removeItem(at: bench.folder) }
    bench.script.say(onePackage)
    let now = try bench.at("2026-11-02T10:00:00")
    _ = await bench.poller.tick(now: now)
    let before = try bench.store.reading { try Int.fetchOne($0, sql: "SELECT total_changes()") }
    let (things, asked) = (try bench.store.things([.parcel]), bench.script.requests.withLock { $0.count })
    _ = await bench.poller.tick(now: now)
    #expect(bench.script.requests.withLock { $0.count } == asked)
    #expect(try bench.store.things([.parcel]) == things)
    #expect(try bench.store.reading { try Int.fetchOne($0, sql: "SELECT total_changes()") } == before)
}

@Test func `silence that a poll confirms opens one alert with its notification, due when the window opens`()
    async throws
{
    let bench = try Bench()
    defer { try? FileManager.default.removeItem(at: bench.folder) }
    bench.script.say(onePackage)
    for day in ["2026-11-02T10:00:00", "2026-11-04T10:00:00", "2026-11-05T23:00:00"] {
        _ = await bench.poller.tick(now: try bench.at(day))
    }
    #expect(try bench.store.alerts(at: bench.clock.now(), includingClosed: true).isEmpty)
    _ = await bench.poller.tick(now: try bench.at("2026-11-06T01:00:00"))
    _ = await bench.poller.tick(now: try bench.at("2026-11-06T02:00:00"))
    let alerts = try bench.store.alerts(at: bench.clock.now(), includingClosed: true)
    #expect(
        alerts.map { "\($0.kind.rawValue) \($0.level.rawValue) \($0.facts.workingDays ?? 0)" } == ["stall warning 4"])
    #expect(try bench.store.dueRows("telegram", at: bench.at("2026-11-06T13:59:59")).isEmpty)
    #expect(try bench.store.dueRows("telegram", at: bench.at("2026-11-06T14:00:00"))["manager"]?.count == 1)
}

@Test(arguments: [
    ("<html>blocked</html>", 200), ("", 200), ("{", 200), ("oops", 502),
    (#"{"jsonrpc":"2.0","id":1,"error":{"code":-99999,"message":"x"}}"#, 200),
])
func `an answer that is none keeps what is known and is asked again later`(body: String, status: Int) async throws {
    let bench = try Bench()
    defer { try? FileManager.default.removeItem(at: bench.folder) }
    bench.script.say(onePackage)
    _ = await bench.poller.tick(now: try bench.at("2026-11-02T10:00:00"))
    bench.script.say(body, status: status)
    let later = try bench.at("2026-11-10T10:00:00")
    let next = try #require(await bench.poller.tick(now: later))
    #expect(next > later && next <= later + .hours(1))
    #expect(try bench.store.things([.parcel]).count == 1)
    #expect(try bench.store.alerts(at: later, includingClosed: true).isEmpty)
    #expect(try bench.store.health().first?.failingSince == later)
}

@Test func `a wrong token stops the provider until the daily probe`() async throws {
    let bench = try Bench()
    defer { try? FileManager.default.removeItem(at: bench.folder) }
    bench.script.say(#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Not authorized"}}"#)
    let now = try bench.at("2026-11-02T10:00:00")
    let next = try #require(await bench.poller.tick(now: now))
    #expect(next == now + .days(1))
    #expect(try bench.store.health().first?.authFailedAt == now)
}

@Test func `a template that breaks while parceld runs is one alert, told over when it is mended`() async throws {
    let bench = try Bench()
    defer { try? FileManager.default.removeItem(at: bench.folder) }
    let templates = bench.folder.appending(path: "templates")
    try FileManager.default.createDirectory(at: templates, withIntermediateDirectories: true)
    var around = bench.around
    around.templates = TemplateFolder(templates.path)
    let evaluator = Evaluator(
        around, providers: ["shiptor"], routing: Routing(providers: []), downAfter: .hours(1), calendars: [])
    func alerts(at text: String) async throws -> [String] {
        let now = try bench.at(text)
        _ = await evaluator.tick(now: now)
        return try bench.store.openServiceAlerts().map {
            "\($0.kind.rawValue) \($0.facts.file ?? "") \($0.facts.reason ?? "")"
        }
    }
    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: templates.appending(path: name))
    }
    try write("stall.mustache", "{{heading}}")
    try write("notes.txt", "{{")
    #expect(try await alerts(at: "2026-11-02T10:00:00") == [])
    try write("stall.mustache", "{{heading}}\n{{oder}}")
    let broken = ["template_broken stall.mustache line 2: there is no \"oder\" here; did you mean order?"]
    #expect(try await alerts(at: "2026-11-02T10:01:00") == broken)
    #expect(try await alerts(at: "2026-11-02T10:02:00") == broken)
    try write("stall.mustache", "{{heading}}\n{{order}}")
    #expect(try await alerts(at: "2026-11-02T10:03:00") == [])
    for (minute, file, text, reason) in [
        (4, "digest.mustache", "\n{{totl}}", "line 2: there is no \"totl\" here; did you mean total?"),
        (
            6, "storm.en.mustache", "{{total}}",
            "line 1: \"overview\" stands nowhere in it, and what it stands for is told nowhere else"
        ), (8, "weekly.ru.mustache", "\n\n{{#isQuiet}}", "line 3: {{#isQuiet}} is not closed"),
    ] {
        try write(file, text)
        #expect(try await alerts(at: "2026-11-02T10:0\(minute):00") == ["template_broken \(file) \(reason)"])
        try FileManager.default.removeItem(at: templates.appending(path: file))
        #expect(try await alerts(at: "2026-11-02T10:0\(minute + 1):00") == [])
    }
    try FileManager.default.removeItem(at: templates)
    #expect(try await alerts(at: "2026-11-02T10:10:00").first?.hasSuffix("the folder cannot be read") == true)
    #expect(try bench.store.alerts(at: bench.clock.now(), includingClosed: true).count == 5)
}
