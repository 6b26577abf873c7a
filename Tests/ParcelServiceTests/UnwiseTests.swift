// What a configuration may say and hardly means: a row for each remark, and that nothing is remarked where all is well.

import Foundation
import ParcelConfig
import ParcelCore
import ParcelService
import Testing

private let whole = """
    database: mirror.sqlite
    providers:
      shiptor:
        token: {file: token}
    channels:
      chat:
        type: telegram
        token: {file: token}
        chat: "-1"
    recipients:
      - name: manager
        zone: Europe/Moscow
        hours: "09:00-18:00"
        channels: [chat]

    """

/// A Tuesday, 15:00 in Moscow.
private let now = Timestamp(seconds: 1_764_072_000)

private func loaded(_ text: String, fragment: String? = nil) throws -> Loaded {
    let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "conf.d"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ name: String, _ text: String) throws {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }
    try write("token", "abc\n")
    try write("own.csv", "# coverage: 2017..2024\ndate,kind,name,source\n")
    try write("never.csv", "# coverage: 2025..2026\n" + everyDayOff)
    if let fragment { try write("conf.d/50-more.yaml", fragment) }
    try write("parceld.yaml", text)
    return try load(folder.appending(path: "parceld.yaml").path)
}

private let everyDayOff = (0..<730).map { day in
    "\(LocalDate(ordinal: 20_089 + day)),off,closed,x\n"
}.joined()

struct UnwiseTests {
    @Test func `nothing is remarked where all is well`() throws {
        #expect(unwise(try loaded(whole), at: now) == [])
    }

    typealias Row = (change: (String, String), at: String, part: String)

    static let rows: [Row] = [
        (
            ("", "  - {name: boss, zone: Europe/Moscow, hours: \"09:00-18:00\", channels: [chat]}\n"),
            "line 15: recipients[1].channels", "boss and manager are told in the same place (chat -1)"
        ),
        (("09:00-18:00", "09:00-09:10"), "line 13: recipients[0].hours", "only 10 min a day"),
        (
            ("hours:", "calendar: never\n    hours:"), "line 13: recipients[0].calendar",
            "no day of the next year is worked in never"
        ),
        (
            ("channels: [chat]", "channels: [chat]\n    immediate_outside_hours: true"),
            "line 15: recipients[0].immediate_outside_hours", "does nothing without immediate"
        ),
        (
            (
                "",
                "  - name: boss\n    zone: Europe/Moscow\n    hours: \"09:00-18:00\"\n    channels: [chat]\n"
                    + "    only: {kinds: refund}\n    except: {kinds: refund}\n"
            ), "line 15: recipients[1]", "boss is told nothing"
        ),
        (
            ("channels: [chat]", "channels: [chat]\n    except: {kinds: service}"), "line 10: recipients",
            "nobody wants to be told what concerns parceld itself"
        ),
        (
            ("token: {file: token}\nch", "token: {file: token}\n    minimum_interval: 2 d\nch"),
            "line 5: providers.shiptor.minimum_interval", "alone for 2 d may confirm a threshold of"
        ),
        (
            ("database:", "provider_down_after: 5 min\ndatabase:"), "line 1: provider_down_after",
            "5 min is less than the 15 min between"
        ),
        (("database:", "routes: {LP: cainiao}\ndatabase:"), "line 1: routes.LP", "cainiao is not among the providers"),
        (
            ("database:", "http: {proxy: \"http://proxy.example:3128\"}\ndatabase:"), "line 1: http.proxy",
            "in clear text"
        ),
        (
            ("database:", "stages: {handover: {calendars: never}}\ndatabase:"), "line 1: stages.handover.calendars",
            "silence is not counted"
        ),
        (
            (
                "providers:\n",
                "stages: {destination: {critical_working_days: 60}}\nproviders:\n  17track: {token: {file: token}}\n"
            ), "line 2: stages.destination.critical_working_days", "17track stops following a number after 30 days"
        ),
        (
            ("database:", "overlays: [{name: Rest, off: 2025-10-01, stages: handover}]\ndatabase:"),
            "line 1: overlays[0]", "Rest is over since 2025-10-01"
        ),
        (
            ("database:", "overlays: [{name: Rest, off: 2025-12-06..2025-12-07, stages: handover}]\ndatabase:"),
            "line 1: overlays[0]", "Rest changes no day"
        ),
        (("hours:", "calendar: own\n    hours:"), "line 16: calendars.own", "own is known until 2024-12-31 only"),
    ]

    @Test(arguments: rows.indices)
    func `what is legal and unwise is told with its line`(index: Int) throws {
        let row = Self.rows[index]
        let calendars = "calendars: {own: own.csv, never: never.csv}\n"
        var text = whole + (row.change.0.isEmpty ? row.change.1 : "") + calendars
        if !row.change.0.isEmpty {
            text.replaceSubrange(try #require(text.firstRange(of: row.change.0)), with: row.change.1)
        }
        let found = unwise(try loaded(text), at: now)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.description.hasPrefix("\(row.at): ") == true, "\(found)")
        #expect(found.first?.message.contains(row.part) == true, "\(found)")
    }

    @Test func `two who share a place but no alert are no double`() throws {
        let text = whole.replacing("channels: [chat]", with: "channels: [chat]\n    except: {kinds: service}")
        let boss =
            "  - {name: boss, zone: Europe/Moscow, hours: \"09:00-18:00\", channels: chat, only: {kinds: service}}\n"
        #expect(unwise(try loaded(text + boss), at: now) == [])
    }

    static let budgets: [(setting: String, part: String)] = [
        ("requests_per_day: 100", "allows 100 requests a day; the rarest checks about 300 numbers need 200 more"),
        ("requests_per_second: 0.01", ""), ("requests_per_day: 300", ""),
    ]

    @Test(arguments: budgets)
    func `a budget is held against what is to be asked`(setting: String, part: String) throws {
        let text = whole.replacing(
            "providers:\n", with: "providers:\n  russianpost: {login: x, password: {file: token}, \(setting)}\n"
        ).replacing("requests_per_second: 0.01", with: "requests_per_second: 0.01, requests_per_day: 1000")
        var demand = Demand()
        demand.wished = [43_200_000: 300]
        demand.least = [86_400_000: 300]
        let found = unwise(try loaded(text), at: now, demands: ["russianpost": demand])
        #expect(found.map(\.message) == (part.isEmpty ? [] : [part]))
        #expect(found.allSatisfy { $0.line == 3 && $0.path == "providers.russianpost.requests_per_day" })
        demand.least = [86_400_000: 2000]
        demand.wished = demand.least
        if setting.hasPrefix("requests_per_second") {
            let slow = unwise(try loaded(text), at: now, demands: ["russianpost": demand])
            #expect(slow.map(\.path) == ["providers.russianpost.requests_per_second"])
            #expect(
                slow.map(\.message) == [
                    "allows 864 requests a day; the rarest checks about 2000 numbers need 1136 more"
                ])
        }
    }

    @Test func `what stands in a file over the main one is told with that file`() throws {
        let found = unwise(
            try loaded(whole, fragment: "\nprovider_down_after: 5 min\n"), at: now)
        #expect(found.count == 1 && found[0].line == 2)
        #expect(found.first?.file?.hasSuffix("/conf.d/50-more.yaml") == true)
    }

    @Test func `windows follow each other on working days, the present one first`() throws {
        let recipient = try #require(try loaded(whole).recipients.first)
        let found = windows(of: recipient, from: now, count: 4).map { $0.opens.iso8601 + " " + $0.closes.iso8601 }
        #expect(
            found == [
                "2025-11-25T12:00:00Z 2025-11-25T15:00:00Z", "2025-11-26T06:00:00Z 2025-11-26T15:00:00Z",
                "2025-11-27T06:00:00Z 2025-11-27T15:00:00Z", "2025-11-28T06:00:00Z 2025-11-28T15:00:00Z",
            ])
    }
}
