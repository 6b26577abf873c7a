// Kuaidi100, given what it should never answer.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private let good = CarrierAnswer(
    name: "kuaidi100/query.json", numbers: ["YT7530122849021"], events: ["data"], code: ["statusCode"],
    times: [["time"], ["ftime"]], time: { "\(padded($0, 4))-07-08 09:10:11" }
) { answer in try play(try provider("kuaidi100"), Ask("track", key: "yuantong/YT7530122849021")) { _, _ in answer } }

@Suite struct Kuaidi100BadInputTests {
    @Test func `the answer is good before it is spoilt`() throws { try good.checkWhole() }
    @Test func `cut short`() throws { try good.checkTruncated() }
    @Test func `empty, HTML, or somebody else's`() throws { try good.checkForeign() }
    @Test func `every other type and every missing member`() throws {
        try good.checkOtherTypesAndMissing()
        try good.checkHistoryIsWholeOrNone(["nu", "status", "message"])
    }
    @Test func `an unknown status`() throws { try good.checkUnknownCode() }
    @Test func `events twice`() throws { try good.checkRepeatedEvents() }
    @Test func `10,000 events`() throws { try good.checkManyEvents() }
    @Test func `dates in 1970 and 2100`() throws { try good.checkOddDates() }
    @Test func `bytes that are no text`() throws { try good.checkBytesAreNeverShown(in: "快件到达") }
    @Test func `nesting of 1,000`() throws { try good.checkDeepNesting() }
    @Test func `texts without end`() throws { try good.checkEndlessTexts() }

    @Test func `nothing and web pages are no data`() throws {
        for body in ["", " \n", "<html></html>", "OK", "\u{FEFF}", "0x"] {
            #expect(try good.play(ok(body)).error?.kind == .notData, "\(body)")
        }
        #expect(try good.play(try fixture("kuaidi100/malformed.truncated.json")).error?.kind == .notData)
        #expect(try good.play(try fixture("kuaidi100/malformed.block-page.html")).error?.kind == .notData)
    }

    @Test func `a row that cannot be read is named`() throws {
        let played = try good.play(try fixture("kuaidi100/malformed.wrong-types.json"))
        #expect(played.error == .malformed(field: "data[1].ftime"))
        for empty: Any in [[String: Any](), ["context": ""], ["areaName": "x"]] {
            let rows = try good.rows() + [empty]
            #expect(try good.play(try ok(json: try good.tree(rows: rows))).error == .malformed(field: "data[2]"))
        }
    }

    @Test func `a code that nobody described is kept and means nothing`() throws {
        for code in ["9999", "-1", "signed", "签收", "1.5"] {
            let tree = try good.tree(rows: [try good.row(["statusCode": code])])
            let shown = try good.snapshot(changing(tree, ["state"], to: code))
            #expect(shown.status.code == code && shown.status.summary == .unmapped)
            #expect(shown.checkpoints?.map(\.code) == [code] && shown.checkpoints?[0].meaning == .unmapped)
        }
    }

    @Test(arguments: [
        ("1970-01-01 00:00:00", true), ("2100-12-31 23:59:59", true), ("0001-01-01 00:00:00", true),
        ("2026-02-30 08:00:00", false), ("2026-03-03 25:00:00", false), ("昨天", false),
        (String(repeating: "9", count: 5000), false),
    ]) func `a time is kept as it is written, whenever it is`(_ text: String, _ isTime: Bool) throws {
        let shown = try good.snapshot(try good.tree(rows: [try good.row(["ftime": text])]))
        let time = try #require(shown.checkpoints?.first?.time)
        if case .zoneless(_, _, text) = time { #expect(isTime) } else { #expect(!isTime) }
        #expect(time.text?.hasPrefix(text.prefix(60)) == true)
        #expect((time.text?.count ?? 0) <= 64)
    }

    @Test func `texts without end are cut`() throws {
        let long = String(repeating: "快", count: 20_000)
        let row = try good.row(["context": long, "location": long, "statusCode": long, "status": long])
        let shown = try good.snapshot(changing(try good.tree(rows: [row]), ["state"], to: long))
        #expect(shown.status.code.count == 100 && shown.status.text.count == 500)
        let event = try #require(shown.checkpoints?.first)
        #expect(event.text.count == 500 && event.place.count == 500 && event.code.count == 100)
    }

    @Test func `an answer about another number is refused`() throws {
        let tree = changing(try Fixture.json(good.name), ["nu"], to: "YT0000000000000")
        #expect(try good.play(try ok(json: tree)).error == .malformed(field: "nu"))
    }

    @Test(arguments: [
        "[]", "{\"returnCode\":\"701\",\"message\":\"key SECRET-kuaidi100\"}", "{\"message\":\"x\"}", "[7]", "null",
        "[{\"comCode\":\"\"}]", "[{\"comCode\":[]}]", "", "<html>",
    ]) func `a recognition that cannot be used says so`(_ body: String) throws {
        let played = try play(try provider("kuaidi100"), Ask("track", key: "XX00000000")) { _, _ in ok(body) }
        #expect(played.requests.count == 1)
        let reason = try #require(played.error?.reason)
        #expect(!reason.isEmpty && !reason.contains(secretMark))
    }
}
