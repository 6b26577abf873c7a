// The figures: what they say of a mirror, how they are asked for, and that the documentation names them all.

import Foundation
import Logging
import ParcelConfig
import ParcelCore
import ParcelProviders
import Testing

@testable import ParcelService
@testable import ParcelStore

/// Time that moves by half a second with each look at it, as a request takes time.
private final class StepClock: ServiceClock {
    private let looks = Locked(0)
    let start: Timestamp
    init(_ start: Timestamp) { self.start = start }
    var runsLanesTogether: Bool { false }
    func now() -> Timestamp { start }
    func sinceBoot() -> Duration? {
        looks.withLock {
            $0 += 1
            return .milliseconds($0 * 500)
        }
    }
    func wait(until instant: Timestamp?) async {}
    func interrupt() {}
    func pause(until instant: Timestamp) async {}
}

private let answers = [
    #"{"jsonrpc":"2.0","id":1,"result":[{"id":11578,"external_id":"ORD-000001907","status":"packed","tracking_number":"RP11578","products":[{"shopArticle":"1907-2"}]}]}"#,
    #"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Not authorized"}}"#,
]

private struct Bench {
    let folder: URL
    let store: Store
    let around: Surroundings
    let shiptor: any Provider
    let now: Timestamp

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-metrics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
        now = try #require(ISO8601("2026-11-02T10:00:00+08:00").instant)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let zones = [
            "Asia/Shanghai": try readZone("Asia/Shanghai", in: "/usr/share/zoneinfo"),
            "Europe/Moscow": try readZone("Europe/Moscow", in: "/usr/share/zoneinfo"),
        ]
        let rules = try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: zones))
        let sent = Locked(0)
        around = Surroundings(
            mirror: Mirror(store, log: log), rules: rules, recipients: [], clock: StepClock(now), watch: ClockWatch(),
            zones: { zones[$0] },
            send: { _ in
                let number = sent.withLock { count in
                    count += 1
                    return count - 1
                }
                return .success(HTTPResponse(status: 200, body: Array(answers[min(number, answers.count - 1)].utf8)))
            }, log: log)
        let settings = SettingValues([
            "token": .secret(Secret("t")), "requests_per_second": .number(1000), "requests_per_day": .integer(500),
        ])
        shiptor = try #require(providerKinds.first { $0.id == "shiptor" }?.make(settings))
    }

    func end() { try? FileManager.default.removeItem(at: folder) }

    var source: MetricsSource {
        get throws {
            MetricsSource(
                providers: [shiptor], calendars: try BuiltinCalendars.all().values.filter { $0.id == "cn" },
                channels: ["chat"],
                startedAt: now - .hours(1), version: "9.9", around: around)
        }
    }

    /// Lines of the text format that are samples.
    func samples(at later: Duration = .zero) throws -> [String] {
        exposition(try source.families(store, at: now + later), as: .text).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }
}

@Test func `the figures say what is watched, what was asked, and what waits`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let poller = Poller(bench.shiptor, bench.around, routing: Routing(providers: []))
    _ = await poller.tick(now: bench.now)
    let samples = try bench.samples()
    for wanted in [
        #"parceld_things{kind="parcel",stage="handover"} 1"#, #"parceld_provider_up{provider="shiptor"} 1"#,
        #"parceld_polls_total{provider="shiptor",outcome="ok"} 1"#, #"parceld_requests_total{provider="shiptor"} 1"#,
        #"parceld_requests_today{provider="shiptor"} 1"#, #"parceld_requests_daily_limit{provider="shiptor"} 500"#,
        #"parceld_request_duration_seconds_bucket{provider="shiptor",le="0.5"} 1"#,
        #"parceld_request_duration_seconds_sum{provider="shiptor"} 0.5"#,
        #"parceld_due_lag_seconds{provider="shiptor"} 0"#, #"parceld_outbox_age_seconds{channel="chat"} 0"#,
        #"parceld_build_info{version="9.9"} 1"#, #"parceld_calendar_coverage_seconds{calendar="cn"} 5097600"#,
        "parceld_clock_believed 1",
    ] { #expect(samples.contains(wanted), "\(wanted) of \(samples)") }
    #expect(samples.contains { $0.hasPrefix("parceld_database_bytes ") && !$0.hasSuffix(" 0") })
}

@Test func `a provider that refuses, and asks that nobody answers, are seen`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let poller = Poller(bench.shiptor, bench.around, routing: Routing(providers: []))
    _ = await poller.tick(now: bench.now)
    _ = try bench.store.hasten("shiptor", things: [], at: bench.now)
    _ = await poller.tick(now: bench.now)
    let samples = try bench.samples(at: .days(3))
    #expect(samples.contains(#"parceld_provider_up{provider="shiptor"} 0"#), "\(samples)")
    #expect(samples.contains(#"parceld_polls_total{provider="shiptor",outcome="authentication"} 1"#), "\(samples)")
    let lag = samples.first { $0.hasPrefix("parceld_due_lag_seconds") }?.split(separator: " ").last.flatMap { Int($0) }
    #expect(try #require(lag) > 86_400, "\(samples)")
}

private func connectTo(_ path: String) throws -> Int32 {
    let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var (address, length) = try #require(unixAddress(path))
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
    }
    try #require(connected == 0)
    return client
}

private func ask(_ path: String, _ request: String) throws -> String {
    let client = try connectTo(path)
    defer { close(client) }
    let bytes = Array(request.utf8)
    _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    shutdown(client, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
        answer += buffer[..<count]
    }
}

@Test(arguments: [
    ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK", "parceld_build_info"),
    ("GET /metrics?x=1 HTTP/1.0\n\n", "200 OK", "parceld_build_info"),
    ("GET / HTTP/1.1\r\n\r\n", "404 Not Found", "see /metrics"), ("GET /metricsx HTTP/1.1\r\n\r\n", "404", "see"),
    ("POST /metrics HTTP/1.1\r\n\r\n", "405", "GET only"), ("\r\n\r\n", "400", "expected"),
    ("GET /metrics HTTP/1.1\r\n", "400", "expected"), (String(repeating: "x", count: 20_000), "400", "expected"),
])
func `whoever asks for anything but the figures is told so`(request: String, status: String, part: String) throws {
    let bench = try Bench()
    defer { bench.end() }
    let (path, source, store, now) = (
        bench.folder.appending(path: "m.sock").path, try bench.source, bench.store, bench.now
    )
    let server = try MetricsServer(.unix(path: path)) {
        Result { () throws(StoreError) in try source.families(store, at: now) }
            .mapError { StartError(description: "\($0)", status: 74) }
    }
    defer { server.close() }
    let answer = try ask(path, request)
    #expect(answer.hasPrefix("HTTP/1.1 \(status)") && answer.contains(part), "\(answer.prefix(200))")
    #expect(answer.contains("Content-Type: text/plain"))
    #expect(try ask(path, "GET /metrics HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 200"), "the next one is served")
}

@Test func `a scraper that asks for OpenMetrics gets it`() throws {
    let bench = try Bench()
    defer { bench.end() }
    let path = bench.folder.appending(path: "m.sock").path
    let server = try MetricsServer(.unix(path: path)) { .success([]) }
    defer { server.close() }
    let answer = try ask(path, "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n\r\n")
    #expect(answer.contains("Content-Type: application/openmetrics-text; version=1.0.0"))
    #expect(answer.hasSuffix("\r\n\r\n# EOF\n"))
}

@Test func `the file for the node exporter is whole or as it was`() async throws {
    let bench = try Bench()
    defer { bench.end() }
    let path = bench.folder.appending(path: "parceld.prom").path
    let file = MetricsFile(path, every: .minutes(1), try bench.source, bench.around)
    #expect(await file.tick(now: bench.now) == bench.now + .minutes(1))
    let first = try String(contentsOfFile: path, encoding: .utf8)
    #expect(first.contains("\nparceld_build_info{version=\"9.9\"} 1\n") && !first.contains("# EOF"))
    #expect(await file.tick(now: bench.now + .seconds(30)) == bench.now + .minutes(1), "not before it is due")
    // Where the draft cannot be written the old file stays.
    try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: false)
    #expect(await file.tick(now: bench.now + .minutes(1)) == bench.now + .minutes(2))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == first)
}

// MARK: docs/monitoring

private let monitoring = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/monitoring")

@Test func `the page of figures lists each with its meaning`() throws {
    let bench = try Bench()
    defer { bench.end() }
    var lines = ["| figure | type | meaning |", "| --- | --- | --- |"]
    for family in try bench.source.families(bench.store, at: bench.now) {
        let name = family.kind == .counter ? family.name + "_total" : family.name
        lines.append("| `\(name)` | \(family.kind.rawValue) | \(family.help) |")
    }
    let page = monitoring.appending(path: "README.md")
    var text = try String(contentsOf: page, encoding: .utf8)
    let (begin, end) = (
        try #require(text.range(of: "<!-- figures -->\n")), try #require(text.range(of: "<!-- end of figures -->"))
    )
    let (table, found) = (lines.joined(separator: "\n") + "\n", String(text[begin.upperBound..<end.lowerBound]))
    if ProcessInfo.processInfo.environment["PARCELD_GOLDEN"] == "write" {
        text.replaceSubrange(begin.upperBound..<end.lowerBound, with: table)
        return try text.write(to: page, atomically: true, encoding: .utf8)
    }
    #expect(found == table)
}

@Test func `the page of figures lists each outcome`() throws {
    let code = monitoring.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/ParcelService/Meters.swift")
    let words = try String(contentsOf: code, encoding: .utf8)
        .matches(of: /case \.[a-zA-Z]+: "([a-z_]+)"/).map { String($0.1) }
    let page = try String(contentsOf: monitoring.appending(path: "README.md"), encoding: .utf8)
    let part = try #require(page.components(separatedBy: "\n\n").first { $0.hasPrefix("`outcome` of a poll is") })
    let listed = part.matches(of: /`([a-z_]+)`/).map { String($0.1) }
    #expect(listed == ["outcome", "ok"] + words)
}

@Test(arguments: ["alerts.yml", "dashboard.json"])
func `rules and dashboard name figures that there are`(file: String) throws {
    let bench = try Bench()
    defer { bench.end() }
    let names = Set(
        try bench.source.families(bench.store, at: bench.now).flatMap { family in
            switch family.kind {
            case .counter: [family.name + "_total"]
            case .gauge: [family.name]
            case .histogram: ["_bucket", "_sum", "_count"].map { family.name + $0 }
            }
        })
    let text = try String(contentsOf: monitoring.appending(path: file), encoding: .utf8)
    let used = Set(text.matches(of: /parceld_[a-z_]+/).map { String($0.output) })
    #expect(used.count >= 8, "\(used)")
    #expect(used.subtracting(names).isEmpty, "\(used.subtracting(names))")
}
