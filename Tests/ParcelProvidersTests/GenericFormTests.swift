// The forms of an endpoint of the user's own: templates, pointers, times, pages, and what may be shown of all that.

import Foundation
import ParcelCore
@testable import ParcelProviders
import Testing

@Suite struct GenericFormTests {
    static let templates: [(text: String, encoding: Template.Encoding, filled: String)] = [
        ("https://a/{number}?x=1", .address, "https://a/A%2F1?x=1"),
        ("https://a/?n={numbers}&k={secret:k}", .address, "https://a/?n=A%2F1,B2&k=%22%26%20%D1%8F"),
        ("n={numbers}&p={page}&c={cursor}", .form, "n=A%2F1,B2&p=3&c=a%3Db%22"),
        ("Bearer {secret:k}", .header, "Bearer \"& я"), ("{number}", .header, "A/1"),
        ("{\"n\": {numbers}, \"p\": {page}}", .json, "{\"n\": [\"A/1\",\"B2\"], \"p\": 3}"),
        ("{\"n\": \"{numbers}\", \"k\": \"x{secret:k}\"}", .json, "{\"n\": \"A/1,B2\", \"k\": \"x\\\"& я\"}"),
        ("{\"n\": {number}, \"c\": {cursor}}", .json, "{\"n\": \"A/1\", \"c\": \"a=b\\\"\"}"),
        ("{\"a\": {\"b\": {}}, \"c\": \"\\\"{number}\"}", .json, "{\"a\": {\"b\": {}}, \"c\": \"\\\"A/1\"}"),
    ]

    @Test func `what fills a template cannot become anything else there`() throws {
        let values = Template.Values(
            numbers: ["A/1", "B2"], page: 3, cursor: "a=b\"", secrets: ["k": Secret("\"& я")])
        for row in Self.templates { #expect(try Template(row.text, row.encoding).filled(values) == row.filled) }
        let parted = Template.Values(numbers: ["A", "B"], separator: "|")
        #expect(try Template("{numbers}", .address).filled(parted) == "A%7CB")
        #expect(try Template("[\"{numbers}\"]", .json).filled(parted) == "[\"A|B\"]")
    }

    @Test(arguments: ["{", "}", "{number", "{x}", "{ number }", "{{number}}", "{}", "{secret}"])
    func `a brace of an address is a placeholder's or a mistake`(text: String) {
        #expect(throws: Template.Mistake.self) { try Template(text, .address) }
    }

    static let document = #"{"a/b": 1, "m~n": 2, "": 3, "list": [10, {"x": null}], "0": 4}"#
    static let pointers: [(pointer: String, found: String?)] = [
        ("/a~1b", "1"), ("/m~0n", "2"), ("/", "3"), ("/list/0", "10"), ("/0", "4"), ("/list/1/x", nil),
        ("/list/2", nil), ("/list/01", nil), ("/list/-", nil), ("/list/-1", nil), ("/list/x", nil), ("/nothing", nil),
        ("/a~1b/c", nil), ("/list/99999999999999999999", nil), ("", nil),
    ]

    @Test(arguments: pointers) func `a pointer finds what RFC 6901 says`(pointer: String, found: String?) throws {
        let root = try JSONDocument(Array(Self.document.utf8)).root
        #expect(root.at(try JSONPointer(pointer))?.scalar == found)
    }

    @Test(arguments: ["a", "a/b", "/~", "/~2", "/a~", " /a"]) func `a pointer of another form is refused`(text: String)
    {
        #expect(throws: JSONPointer.Mistake.self) { try JSONPointer(text) }
    }

    private static func instant(_ text: String) -> Timestamp? { try? ISO8601(text).instant }

    static let instants: [(format: String, text: String, instant: String)] = [
        ("iso8601", "2017-10-09T11:20:00+03:00", "2017-10-09T08:20:00Z"),
        ("unix", "1507537200", "2017-10-09T08:20:00Z"), ("unix", "1507537200.5", "2017-10-09T08:20:00.500Z"),
        ("unix_ms", "1507537200250", "2017-10-09T08:20:00.250Z"), ("unix", "-1", "1969-12-31T23:59:59Z"),
        ("yyyy-MM-dd'T'HH:mm:ssZ", "2017-10-09T11:20:00+03:00", "2017-10-09T08:20:00Z"),
        ("yyyy-MM-dd HH:mm:ss.SSS Z", "2017-10-09 08:20:00.125 Z", "2017-10-09T08:20:00.125Z"),
        ("dd.MM.yy HH:mmZ", "09.10.17 16:20+0800", "2017-10-09T08:20:00Z"),
        ("M/d/yyyy h:mm aZ", "10/9/2017 12:20 AM-08", "2017-10-09T08:20:00Z"),
        ("M/d/yyyy h:mm aZ", "10/9/2017 12:20 pm+00", "2017-10-09T12:20:00Z"),
    ]

    @Test(arguments: instants) func `a time with an offset is an instant`(format: String, text: String, instant: String)
        throws
    {
        #expect(try TimeFormat(format).read(text) == .instant(try #require(Self.instant(instant)), text: text))
    }

    @Test func `a time without an offset, a day, nothing, and what is none`() throws {
        let day = try #require(LocalDate(year: 2017, month: 10, day: 9))
        let format = try TimeFormat("dd.MM.yyyy HH:mm")
        #expect(format.read("09.10.2017 11:20") == .zoneless(day, secondOfDay: 40_800, text: "09.10.2017 11:20"))
        #expect(try TimeFormat("yyyy年MM月dd日").read("2017年10月09日") == .date(day, text: "2017年10月09日"))
        #expect(format.read(nil) == .none && format.read("") == .none)
        #expect(try TimeFormat("unix").read("0") == .none)
        for text in [
            "9.10.2017 11:20", "31.02.2017 11:20", "09.10.2017 24:00", "09.10.2017 11:60", "09.10.2017", "x",
            "09.10.2017 11:20:00", "٠٩.10.2017 11:20", String(repeating: "9", count: 5000),
        ] {
            #expect(format.read(text) == .unreadable(text: String(text.prefix(64))), "\(text.prefix(30))")
        }
        for text in ["x", "1e9", "1.", ".5", "99999999999999", "9223372036854775808", "-", "1507537200 "] {
            #expect(try TimeFormat("unix").read(text) == .unreadable(text: text))
        }
    }

    // MARK: Pages

    private func rows(_ numbers: ClosedRange<Int>, next: String? = nil) -> HTTPResponse {
        let rows = numbers.map { "{\"n\":\"LP\($0)\",\"s\":\"20\"}" }.joined(separator: ",")
        return ok("{\"rows\":[\(rows)]" + (next.map { ",\"next\":\($0)" } ?? "") + "}")
    }

    @Test func `pages are counted until one has no new row`() throws {
        let played = try play(try generic(genericList), Ask("list")) { _, index in
            [rows(1...2), rows(2...3), rows(2...3)][index]
        }
        #expect(played.requests.map { $0.url.suffix(6) } == ["page=1", "page=2", "page=3"])
        let report = try played.report()
        #expect(report.snapshots.map(\.id.key) == ["LP1", "LP2", "LP3"])
        #expect(report.complete.isEmpty, "nobody knows what such a list leaves out")
    }

    @Test func `a first page and whether there is another can be said`() throws {
        let provider = try generic(genericList, ["first_page": .integer(0), "answer.next": .text("/next")])
        let played = try play(provider, Ask("list")) { _, index in
            [rows(1...2, next: "true"), rows(3...4, next: "false")][index]
        }
        #expect(played.requests.map { $0.url.suffix(6) } == ["page=0", "page=1"])
        let numbered = try play(provider, Ask("list")) { _, index in
            [rows(1...2, next: "5"), rows(3...4, next: "\"9\""), rows(5...6, next: "5")][index]
        }
        #expect(numbered.requests.map { $0.url.suffix(6) } == ["page=0", "page=5", "page=9"])
        #expect(try numbered.report().snapshots.count == 6)
        let bad = try play(provider, Ask("list")) { _, _ in rows(1...2, next: "\"x\"") }
        #expect(bad.error == .malformed(field: "/next"))
    }

    @Test func `a cursor is handed back as it came, until none comes or one repeats`() throws {
        let provider = try generic(
            genericList, ["url": .text("https://a.example/all?c={cursor}"), "answer.next": .text("/next")])
        for end in ["null", "\"\"", "\"a&b=\"", "false"] {
            let played = try play(provider, Ask("list")) { _, index in
                [rows(1...2, next: "\"a&b=\""), rows(3...4, next: end)][index]
            }
            #expect(played.requests.map(\.url) == ["https://a.example/all?c=", "https://a.example/all?c=a%26b%3D"])
            #expect(try played.report().snapshots.count == 4)
        }
        let odd = try play(provider, Ask("list")) { _, _ in rows(1...2, next: "{}") }
        #expect(odd.error == .malformed(field: "/next"))
    }

    static let links: [(link: String, url: String?)] = [
        ("https://a.example:8443/all?page=2", "https://a.example:8443/all?page=2"),
        ("HTTPS://A.example:8443/all", "HTTPS://A.example:8443/all"), ("/v2?p=2", "https://a.example:8443/v2?p=2"),
        ("?p=2", "https://a.example:8443/all?p=2"), ("https://b.example/all", nil), ("http://a.example:8443/all", nil),
        ("https://a.example/all", nil), ("//b.example/all", nil), ("https://a.example:8443@b.example/", nil),
        ("https://a.example:8443\\\\@b.example/", nil), ("https://a.example:8443.b.example/", nil), ("all?p=2", nil),
        ("/v2?p=2 x", nil), ("file:///etc/passwd", nil),
    ]

    @Test(arguments: links) func `a next page's address is followed on the same host only`(link: String, url: String?)
        throws
    {
        let provider = try generic(
            genericList, ["url": .text("https://a.example:8443/all?k=1"), "answer.next": .text("/next")])
        let played = try play(provider, Ask("list")) { _, index in
            index == 0 ? rows(1...2, next: "\"\(link)\"") : rows(3...4)
        }
        #expect(played.requests.dropFirst().map(\.url) == (url.map { [$0] } ?? []))
        #expect((played.error?.kind == .refused) == (url == nil))
    }

    @Test func `a list that never ends is ended`() throws {
        let played = try play(try generic(genericList), Ask("list")) { _, index in rows(index...index) }
        #expect(played.requests.count == 200)
        #expect(try played.report().snapshots.count == 200)
    }

    // MARK: What may be shown

    @Test func `no secret is in a label or an error, however the endpoint repeats it`() throws {
        for (settings, secrets) in [
            (genericOne, ["SECRET&key=1", "SECRET%26key%3D1"]),
            (genericBatch, ["SECRET \"key\"&", "SECRET%20%22key%22%26"]),
        ] {
            let provider = try generic(settings, ["answer.error": .text("/e"), "answer.success": .text("/ok")])
            for secret in secrets {
                let said = JSONValue.string("the key \(secret) is wrong").text
                for (status, body) in [
                    (200, "{\"ok\":false,\"e\":\(said)}"), (403, "{\"e\":\(said)}"), (200, "{\"ok\":\(said)}"),
                ] {
                    let answer = HTTPResponse(status: status, body: Array(body.utf8))
                    let played = try playBatch(provider, ["LP7"], answer)
                    let reason = try #require(played.error?.reason)
                    #expect(!reason.contains(secretMark) && reason.contains("<secret>"), "\(reason)")
                    #expect(played.requests.allSatisfy { !$0.label.contains(secretMark) })
                    let examination = try #require(
                        examine(answer, of: provider, asked: [Ask("track", key: "LP7")], now: now, rows: 3))
                    #expect(!String(reflecting: examination).contains(secretMark))
                }
            }
        }
    }

    @Test func `people are not in a report`() throws {
        let played = try playBatch(try generic(genericBatch), ["LP1930191011"], try fixture("generic/track.json"))
        #expect(!String(reflecting: played.result).contains(personalMark))
    }

    @Test func `an examination shows what each pointer found, and where it led off`() throws {
        let provider = try generic(
            genericBatch, ["row.place": .text("/state/town/name"), "event.time": .text("/wrong")])
        let examination = try #require(
            examine(
                try fixture("generic/track.json"), of: provider, asked: [Ask("track", key: "LP1930191028")], now: now,
                rows: 1))
        #expect(examination.whole?.map(\.key) == ["answer.list", "answer.success", "answer.error"])
        #expect(examination.whole?[0].found == .list(2))
        #expect(examination.rowCount == 2 && examination.rows.map(\.position) == [1], "the one that was asked about")
        let findings = Dictionary(uniqueKeysWithValues: examination.rows[0].findings.map { ($0.key, $0) })
        #expect(findings["row.number"]?.found == .value("lp 193-0191-028"))
        #expect(findings["row.status"]?.meaning == CodeMeaning(.at(.registered)))
        #expect(findings["row.time"]?.found == .null)
        #expect(
            findings["row.place"]?.stopped
                == Finding.Stop(at: "/state", content: .object(["code", "name", "at", "city", "country"])))
        #expect(try examination.report.get().snapshots.map(\.id.key) == ["LP1930191028"])
        let other = try #require(
            examine(try fixture("generic/track.json"), of: provider, asked: [], now: now, rows: 9))
        #expect(
            other.rows.count == 2 && other.rows[0].findings.contains { $0.key == "event.time" && $0.stopped != nil })
        #expect(examine(ok("<html>"), of: provider, asked: [], now: now, rows: 1)?.whole == nil)
        #expect(
            try examine(ok("{}"), of: ParcelProvidersTests.provider("shiptor"), asked: [], now: now, rows: 1) == nil)
    }
}
