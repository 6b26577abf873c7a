import Foundation
import ParcelCore
import Testing

private func range(_ text: String) throws -> ClosedRange<LocalDate> {
    let ends = text.components(separatedBy: "..")
    return try ISO8601(ends[0]).date...ISO8601(ends[ends.count - 1]).date
}

private func working(_ ids: [String], _ overlays: [Overlay]) throws -> WorkingDays {
    WorkingDays(calendars: try calendars(ids), combine: .all, zone: try zone("Asia/Shanghai"), overlays: overlays)
}

struct OverlayTests {
    static let days: [(week: Overlay.Week?, date: String, counts: Bool, name: String)] = [
        (nil, "2026-01-19", true, ""),
        (nil, "2026-01-20", false, "rest"),  // the first and the last day of the range
        (nil, "2026-02-13", false, "rest"),
        (nil, "2026-02-14", true, "春节（调休上班）"),  // a Saturday that the country works
        (nil, "2026-03-02", true, ""),
        (nil, "2026-03-07", true, "rest"),  // a Saturday that only this place works
        (nil, "2026-03-08", false, ""),
        (.six, "2026-03-14", true, "rest"),  // Saturday
        (.six, "2026-03-15", false, ""),  // Sunday
        (.seven, "2026-03-15", true, "rest"),
        (.seven, "2026-10-01", false, "国庆节"),  // a holiday stays one
        (.seven, "2026-10-03", false, ""),  // and so does the weekend inside it
        (.seven, "2026-10-04", false, ""),
        (.six, "2026-10-10", true, "国庆节（调休上班）"),
    ]

    @Test(arguments: days)
    func `an overlay decides its own days and leaves the others to the country`(
        week: Overlay.Week?, date: String, counts: Bool, name: String
    ) throws {
        let overlay = Overlay(
            name: "rest", off: [try range("2026-01-20..2026-02-13")], work: [try range("2026-03-07")], week: week)
        let day = try working(["cn"], [overlay]).day(ISO8601(date).date)
        #expect(day.counts == counts)
        #expect(day.name == name)
        #expect(day.isCertain)
    }

    @Test func `free days of any overlay go before worked days of another`() throws {
        let overlays = [
            Overlay(name: "works", work: [try range("2026-03-02..2026-03-08")]),
            Overlay(name: "rests", off: [try range("2026-03-04")]),
        ]
        let days = try working(["cn"], overlays)
        #expect(try days.day(ISO8601("2026-03-04").date).name == "rests")
        #expect(try days.day(ISO8601("2026-03-08").date).name == "works")
    }

    @Test func `what an overlay decides is certain in a year without data, what it does not decide is not`() throws {
        let overlay = Overlay(name: "rest", off: [try range("2027-01-20..2027-02-15")], week: .six)
        let days = try working(["cn"], [overlay])
        #expect(try days.day(ISO8601("2027-01-20").date).isCertain)
        #expect(try !days.day(ISO8601("2027-02-16").date).isCertain)
        #expect(try !days.day(ISO8601("2027-02-20").date).isCertain)
    }

    @Test func `while the logist rests the silence of an item does not grow, and each such day says why`() throws {
        var settings = RuleSettings.standard
        settings.overlays = [
            Overlay(name: "наш логист отдыхает", off: [try range("2026-01-20..2026-01-30")], contacts: [.logist])
        ]
        let zones = ["Asia/Shanghai": try zone("Asia/Shanghai"), "Europe/Moscow": try zone("Europe/Moscow")]
        let rules = try #require(Rules(settings: settings, calendars: BuiltinCalendars.all(), zones: zones))
        let start = try shanghai("2026-01-16 10:00")
        // Mon 19 January is the only working day before the rest; Mon 2 February is the second.
        let inbound = try #require(rules.days(.inbound).due(from: .instant(start), after: 4)).instant
        #expect(inbound == (try shanghai("2026-02-04")))
        // The carrier does not rest.
        let origin = try #require(rules.days(.origin).due(from: .instant(start), after: 4)).instant
        #expect(origin == (try shanghai("2026-01-22")))
        let days = countedDays(from: start, to: inbound, rules.days(.inbound))
        #expect(days.filter { $0.name == "наш логист отдыхает" && !$0.isCounted }.count == 11)
        #expect(days.filter(\.isCounted).count == 4)
    }

    @Test func `rules that were stored before there were overlays can still be read`() throws {
        var settings = RuleSettings.standard
        settings.overlays = [
            Overlay(name: "x", off: [try range("2026-01-20..2026-01-30")], week: .six, stages: [.origin])
        ]
        let encoded = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(RuleSettings.self, from: encoded) == settings)
        var members = try #require(JSONSerialization.jsonObject(with: encoded) as? [String: Any])
        members["overlays"] = nil
        let old = try JSONSerialization.data(withJSONObject: members)
        settings.overlays = []
        #expect(try JSONDecoder().decode(RuleSettings.self, from: old) == settings)
    }
}
