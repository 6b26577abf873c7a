// Cainiao, given what it should never answer.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private let moving = "LP00712345678901"

private let good = CarrierAnswer(
    name: "cainiao/detail.json", numbers: [moving, "LP00000000000"], events: ["module", "0", "detailList"],
    code: ["actionCode"], times: [["timeStr"]], time: { "\(padded($0, 4))-07-08 09:10:11" }
) { try cainiaoBatch([moving, "LP00000000000"], $0) }

@Suite struct CainiaoBadInputTests {
    @Test func `the answer is good before it is spoilt`() throws { try good.checkWhole() }
    @Test func `empty, HTML, or somebody else's`() throws { try good.checkForeign() }
    @Test func `every other type and every missing member`() throws {
        try good.checkOtherTypesAndMissing()
        try good.checkHistoryIsWholeOrNone(["success", "mailNo"])
    }
    @Test func `an unknown status`() throws { try good.checkUnknownCode() }
    @Test func `events twice`() throws { try good.checkRepeatedEvents() }
    @Test func `10,000 events`() throws { try good.checkManyEvents() }
    @Test func `dates in 1970 and 2100`() throws { try good.checkOddDates() }
    @Test func `bytes that are no text`() throws { try good.checkBytesAreNeverShown(in: "Arrived in destination") }
    @Test func `nesting of 1,000`() throws { try good.checkDeepNesting() }
    @Test func `texts without end`() throws { try good.checkEndlessTexts() }

    /// Nothing at all is one of the ways in which it refuses machines.
    @Test func `cut short`() throws {
        let body = try Fixture.bytes(good.name)
        for length in stride(from: 1, to: body.count - 2, by: body.count / 500) {
            let played = try good.play(HTTPResponse(status: 200, body: Array(body[..<length])))
            #expect(played.error?.kind == .notData, "\(length) bytes")
        }
    }

    @Test func `nothing, web pages and JSON of another service mean that it refuses us`() throws {
        for body in ["", " \n", "<html></html>", "{}", "{\"message\":\"x\"}", "{\"ret\":[\"FAIL_SYS_USER_VALIDATE\"]}"]
        {
            #expect(try good.play(ok(body)).error?.kind == .blocked, "\(body)")
        }
        #expect(try good.play(try fixture("cainiao/malformed.block-page.html")).error?.kind == .blocked)
        #expect(try good.play(try fixture("cainiao/malformed.truncated.json")).error?.kind == .notData)
        #expect(try good.play(ok("OK")).error?.kind == .notData)
    }

    @Test func `a row that cannot be read is named`() throws {
        let report = try good.play(try fixture("cainiao/malformed.wrong-types.json")).report()
        let id = ExternalID(.trackNumber, moving)
        #expect(report.rejected == [Rejected(id: id, field: "detailList[3].time")])
        #expect(report.snapshots.map(\.id.key) == ["LP00000000000"])
        for empty: Any in [[String: Any](), ["desc": "", "timeZone": "GMT+8"]] {
            let tree = try good.tree(rows: try good.rows() + [empty])
            #expect(try good.play(try ok(json: tree)).report().rejected == [Rejected(id: id, field: "detailList[5]")])
        }
    }

    @Test func `a code that nobody described is kept and means nothing`() throws {
        for code in ["TELEPORTED", "", "9", "signed", "LH"] {
            let shown = try good.snapshot(
                try good.tree(rows: [try good.row(["actionCode": code, "group": NSNull()])]))
            #expect(shown.checkpoints?.map(\.code) == [code])
            #expect(shown.checkpoints?[0].meaning == (code.isEmpty ? nil : .unmapped))
        }
    }

    @Test func `a time is kept as it is written, whenever it is`() throws {
        let cases: [(Any, GivenTime)] = [
            (1, .instant(Timestamp(milliseconds: 1), text: "2026-04-22 11:00:00 GMT+3")),
            (-1, .instant(Timestamp(milliseconds: -1), text: "2026-04-22 11:00:00 GMT+3")),
            (4_133_980_799_000, .instant(Timestamp(seconds: 4_133_980_799), text: "2026-04-22 11:00:00 GMT+3")),
            ("1776844800000", .instant(Timestamp(seconds: 1_776_844_800), text: "2026-04-22 11:00:00 GMT+3")),
            (Int64.max, .unreadable(text: "9223372036854775807")),
            (Int64.min, .unreadable(text: "-9223372036854775808")), ("soon", .unreadable(text: "soon")),
            (1.5, .unreadable(text: "1.5")),
        ]
        for (time, expected) in cases {
            let shown = try good.snapshot(try good.tree(rows: [try good.row(["time": time])]))
            #expect(shown.checkpoints?.map(\.time) == [expected], "\(time)")
        }
    }

    @Test func `without an instant the wall clock counts, in its own zone if it has one`() throws {
        let day = try #require(LocalDate(year: 2026, month: 4, day: 22))
        let instant = Timestamp(seconds: 1_776_844_800)
        let zoneless = GivenTime.zoneless(day, secondOfDay: 39_600, text: "2026-04-22 11:00:00")
        let cases: [(String, String, GivenTime)] = [
            ("2026-04-22 11:00:00", "GMT+3", .instant(instant, text: "2026-04-22 11:00:00+03:00")),
            ("2026-04-22 11:00:00", "GMT+03:00", .instant(instant, text: "2026-04-22 11:00:00+03:00")),
            ("2026-04-22 03:30:00", "GMT-4:30", .instant(instant, text: "2026-04-22 03:30:00-04:30")),
            ("2026-04-22 11:00:00", "", zoneless), ("2026-04-22 11:00:00", "MSK", zoneless),
            ("2026-04-22 11:00:00", "GMT+99", zoneless), ("2026-04-22 11:00:00", "GMT+1:2:3", zoneless),
            ("2026-04-22 11:00:00", "GMT", zoneless), ("", "GMT+3", .none), ("", "", .none),
            ("gestern", "", .unreadable(text: "gestern")),
            ("2026-04-22 11:00:00", "GMT+3:x", .unreadable(text: "2026-04-22 11:00:00+03:x")),
        ]
        for (clock, zone, expected) in cases {
            for time: Any in [NSNull(), "", 0] {
                let row = try good.row(["time": time, "timeStr": clock, "timeZone": zone])
                let shown = try good.snapshot(try good.tree(rows: [row]))
                #expect(shown.checkpoints?.map(\.time) == [expected], "\(clock) \(zone)")
            }
        }
    }

    @Test func `texts without end are cut`() throws {
        let long = String(repeating: "ы", count: 20_000)
        let row = try good.row(["desc": long, "actionCode": long, "timeStr": long, "timeZone": long])
        let tree = changing(try good.tree(rows: [row]), ["module", "0", "status"], to: long)
        let shown = try good.snapshot(changing(tree, ["module", "0", "statusDesc"], to: long))
        #expect(shown.status.code.count == 100 && shown.status.text.count == 500)
        let event = try #require(shown.checkpoints?.first)
        #expect(event.text.count == 500 && event.code.count == 100 && event.time.text?.count == 64)
    }
}
