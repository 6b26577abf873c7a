// Whether people are told in time that a calendar ends, and whether one that was corrected is counted anew.

import Foundation
import Logging
import ParcelConfig
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

private struct Office {
    let folder: URL
    let store: Store

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-coverage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
    }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: folder.appending(path: name)) }

    /// - Parameter recipients: Their calendar.
    func loaded(recipients: String, _ more: String = "") throws -> Loaded {
        try write("token", "abc")
        try write(
            "parceld.yaml",
            """
            database: mirror.sqlite
            providers:
              shiptor: {token: {file: token}}
            channels:
              chat: {type: journal}
            recipients:
              - {name: manager, zone: Europe/Moscow, hours: "09:00-18:00", calendar: \(recipients), channels: [chat]}
            \(more)
            """)
        return try load(folder.appending(path: "parceld.yaml").path)
    }

    func evaluator(_ loaded: Loaded, at now: Timestamp) -> Evaluator {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let around = Surroundings(
            mirror: Mirror(store, log: log), rules: loaded.rules, recipients: loaded.recipients,
            clock: HandClock(now), watch: ClockWatch(), zones: { loaded.zones[$0] },
            send: { _ in .failure(.timedOut) }, log: log)
        return Evaluator(
            around, providers: [], routing: Routing(providers: []), downAfter: .hours(1), calendars: loaded.calendars)
    }

    func open() throws -> [String] {
        try store.openServiceAlerts().map { "\($0.kind.rawValue) \($0.facts.calendars?.first ?? "")" }.sorted()
    }
}

private func moscow(_ text: String) throws -> Timestamp { try #require(ISO8601(text + "T12:00:00+03:00").instant) }

@Test func `the calendars of stages and of recipients are watched, others are not`() throws {
    let office = try Office()
    defer { try? FileManager.default.removeItem(at: office.folder) }
    try office.write("own.csv", "# coverage: 2026..2026\n")
    let own = try office.loaded(recipients: "own", "calendars: {own: own.csv, spare: own.csv}")
    #expect(own.calendars.map(\.id) == ["cn", "own", "ru"])
    let plain = try office.loaded(
        recipients: "daily", "stages: {payment: {calendars: own}}\ncalendars: {own: own.csv, spare: own.csv}")
    #expect(plain.calendars.map(\.id) == ["cn", "daily", "own", "ru"])
}

@Test func `a calendar that ends is told once, thirty days before, and its renewal closes that`() async throws {
    let office = try Office()
    defer { try? FileManager.default.removeItem(at: office.folder) }
    try office.write("own.csv", "# coverage: 2026..2026\n")
    let more = "stages: {payment: {calendars: own}}\ncalendars: {own: own.csv}"
    let loaded = try office.loaded(recipients: "own", more)
    _ = await office.evaluator(loaded, at: try moscow("2026-11-30")).tick(now: try moscow("2026-11-30"))
    #expect(try office.open() == [])
    for day in ["2026-12-01", "2026-12-02", "2027-01-15"] {
        _ = await office.evaluator(loaded, at: try moscow(day)).tick(now: try moscow(day))
        #expect(try office.open() == ["coverage_ends cn", "coverage_ends own"])
    }
    let count = try office.store.alerts(at: moscow("2027-01-16"), includingClosed: true).count
    #expect(count == 2)
    try office.write("own.csv", "# coverage: 2026..2027\n")
    let renewed = try office.loaded(recipients: "own", more)
    _ = await office.evaluator(renewed, at: try moscow("2027-01-16")).tick(now: try moscow("2027-01-16"))
    #expect(try office.open() == ["coverage_ends cn"])
}

@Test func `a calendar whose file was corrected is counted anew, one that was not is not`() async throws {
    let office = try Office()
    defer { try? FileManager.default.removeItem(at: office.folder) }
    let now = try moscow("2026-11-02")
    let signature = { try office.store.setting("calendars") }
    try office.write("own.csv", "# coverage: 2026..2026\n2026-11-04,off,x,y\n")
    _ = await office.evaluator(try office.loaded(recipients: "own", "calendars: {own: own.csv}"), at: now).tick(
        now: now)
    let first = try #require(try signature())
    try office.write("own.csv", "# coverage: 2026..2026\n2026-11-04,off,other,words\n")
    _ = await office.evaluator(try office.loaded(recipients: "own", "calendars: {own: own.csv}"), at: now).tick(
        now: now)
    #expect(try signature() == first)
    try office.write("own.csv", "# coverage: 2026..2026\n2026-11-05,off,x,y\n")
    _ = await office.evaluator(try office.loaded(recipients: "own", "calendars: {own: own.csv}"), at: now).tick(
        now: now)
    #expect(try signature() != first)
}
