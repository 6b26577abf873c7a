// Kuaidi100: which courier is asked, the signature, what each answer means, and what of it is kept.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private let yuantong = "yuantong/YT7530122849021"

let kuaidi100Scenes: [Scene] = [
    Scene("kuaidi100", "track", yuantong, ["query.do": ["query.json"]], .seen(["YT7530122849021"])),
    Scene("kuaidi100", "track", yuantong, ["query.do": ["finished.query.json"]], .seen(["YT7530122849021"])),
    Scene("kuaidi100", "track", yuantong, ["query.do": ["error.notfound.json"]], .seen(["YT7530122849021"])),
    Scene("kuaidi100", "track", yuantong, ["query.do": ["error.invalid.json"]], .seen(["YT7530122849021"])),
    Scene("kuaidi100", "track", yuantong, ["query.do": ["error.phone.json"]], .fails(.refused)),
    Scene("kuaidi100", "track", yuantong, ["query.do": ["error.sign.json"]], .fails(.authentication)),
    Scene("kuaidi100", "track", yuantong, ["query.do": ["error.quota.json"]], .fails(.quotaSpent)),
    Scene("kuaidi100", "track", yuantong, ["query.do": ["error.busy.json"]], .fails(.unreachable)),
]

private func ask(
    _ number: String, _ role: TrackNumberRole?, carrier: String? = nil
) throws -> String? {
    let number = try #require(TrackNumber(number))
    return try provider("kuaidi100").ask(following: FollowedNumber(number, role: role, carrier: carrier))?.key
}

private func answer(_ key: String, _ file: String, _ more: [String: SettingValue] = [:])
    throws -> Played
{
    try play(try provider("kuaidi100", more), Ask("track", key: key)) { _, _ in try fixture("kuaidi100/\(file)") }
}

@Suite struct Kuaidi100AskTests {
    @Test(
        arguments: [
            ("YT7530122849021", "yuantong/YT7530122849021"), ("JT0012345678901", "jtexpress/JT0012345678901"),
            ("75312345678901", "zhongtong/75312345678901"), ("773012345678901", "shentong/773012345678901"),
            ("3123456789012", "yunda/3123456789012"), ("SF1234567890123", "shunfeng/SF1234567890123"),
            ("123456789012", "123456789012"), ("JDVC01234567890", "jd/JDVC01234567890"),
            ("DPK123456789012", "debangkuaidi/DPK123456789012"), ("EA123456754CN", "ems/EA123456754CN"),
            ("1207119765021", "ems/1207119765021"),
            // Two couriers' form, or nobody's: Kuaidi100 recognises it first.
            ("431234567890123", "431234567890123"), ("5012345678901", "5012345678901"), ("20000000", "20000000"),
            // Certainly not a Chinese courier's.
            ("RA123456785CN", nil), ("LP00712345678901", nil), ("RP11578", nil), ("14102190001234", nil),
            // Too short or too long for it.
            ("12345", nil), (String(repeating: "7", count: 33), nil),
        ] as [(String, String?)])
    func `a domestic number goes to the courier whose form it has`(_ number: String, _ key: String?) throws {
        #expect(try ask(number, .domestic) == key)
    }

    @Test func `the user's choice wins over the form`() throws {
        #expect(try ask("75312345678901", .domestic, carrier: "yto") == "yuantong/75312345678901")
        #expect(try ask("20000000", .lastMile, carrier: "sto") == "shentong/20000000")
        #expect(try ask("75312345678901", .domestic, carrier: "cdek") == nil)
        #expect(try ask("YT7530122849021", .domestic, carrier: "yunexpress") == nil)
    }

    @Test func `in another role only forms that cannot be another carrier's are followed`() throws {
        for role in [TrackNumberRole.lastMile, .forwarder, .international] {
            #expect(try ask("YT7530122849021", role) == "yuantong/YT7530122849021")
            #expect(try ask("75312345678901", role) == nil)
            #expect(try ask("20000000", role) == nil)
        }
        #expect(try ask("EA123456754CN", .international) == "ems/EA123456754CN")
        #expect(try ask("LX123456785CN", .international) == nil)
        #expect(try ask("75312345678901", nil) == "zhongtong/75312345678901")
        #expect(try ask("20000000", nil) == nil)
    }

    @Test func `it lists nothing and asks about nothing else`() throws {
        let kuaidi100 = try provider("kuaidi100")
        #expect(kuaidi100.lists.isEmpty && kuaidi100.ask(byID: ExternalID(.trackNumber, "YT7530122849021")) == nil)
        #expect(kuaidi100.zoneName == "Asia/Shanghai")
        #expect(try provider("kuaidi100", ["zone": .text("Asia/Urumqi")]).zoneName == "Asia/Urumqi")
    }
}

@Suite struct Kuaidi100RequestTests {
    @Test func `the text that is sent is signed, as in the vendor's example`() throws {
        let request = try answer(yuantong, "query.json", ["key": .secret(Secret("KEY0"))]).requests[0]
        #expect(request.url == "https://poll.kuaidi100.com/poll/query.do" && request.label == "Kuaidi100 query")
        #expect(request.headers.contains(HTTPField("Content-Type", "application/x-www-form-urlencoded")))
        let body =
            "customer=CUSTOMER0&sign=0EE87ACD4A2589380C34407FA4317118&param=%7B%22com%22%3A%22yuantong%22%2C"
            + "%22num%22%3A%22YT7530122849021%22%2C%22resultv2%22%3A%224%22%2C%22show%22%3A%220%22%2C"
            + "%22order%22%3A%22desc%22%7D"
        #expect(String(decoding: request.body ?? [], as: UTF8.self) == body)
    }

    @Test func `the warehouse's phone goes only to couriers that ask for it`() throws {
        for (company, asks) in [("shunfeng", true), ("zhongtong", true), ("yuantong", false)] {
            let played = try answer("\(company)/YT7530122849021", "query.json", ["phone": .text("0042")])
            let sent = try #require(form(played.requests[0])["param"])
            #expect(sent.contains("\"phone\":\"0042\"") == asks, "\(company)")
            #expect(
                try #require(form(try answer("\(company)/X1234567", "query.json").requests[0])["param"])
                    .contains("phone") == false)
        }
    }

    @Test func `the address can be another and may end with a slash`() throws {
        let played = try answer(yuantong, "query.json", ["url": .text("http://127.0.0.1:9/kuaidi100/")])
        #expect(played.requests.map(\.url) == ["http://127.0.0.1:9/kuaidi100/poll/query.do"])
    }

    private func recognised(_ number: String, _ recognition: HTTPResponse, _ query: String = "query.json") throws
        -> Played
    {
        try play(
            try provider("kuaidi100"), Ask("track", key: number),
            ["auto": [recognition], "query.do": [try fixture("kuaidi100/\(query)")]])
    }

    @Test func `a number of several couriers is recognised first`() throws {
        let played = try recognised("431234567890123", try fixture("kuaidi100/auto.json"), "error.notfound.json")
        #expect(played.methods == ["auto", "query.do"])
        #expect(
            played.requests[0].url
                == "https://poll.kuaidi100.com/autonumber/auto?num=431234567890123&key=SECRET-kuaidi100")
        #expect(played.requests[0].label == "Kuaidi100 recognition" && played.requests[0].method == .get)
        #expect(form(played.requests[1])["param"]?.hasPrefix("{\"com\":\"yuantong\",") == true)
        #expect(try played.report().snapshots.map(\.id.key) == ["431234567890123"])
    }

    @Test func `without recognition the likeliest courier is asked, and its refusal is not the number's`() throws {
        for answer in [ok("[]"), try fixture("kuaidi100/error.quota.json"), ok("{\"returnCode\":\"201\"}")] {
            let played = try recognised("431234567890123", answer, "error.notfound.json")
            #expect(form(played.requests[1])["param"]?.hasPrefix("{\"com\":\"shentong\",") == true)
            #expect(try played.report().snapshots.map(\.status.summary) == [.notFoundYet])
            let refused = try recognised("431234567890123", answer, "error.invalid.json")
            #expect(refused.error?.kind == .refused)
            #expect(refused.error?.reason.contains("--carrier") == true)
        }
        #expect(
            try recognised("431234567890123", try fixture("kuaidi100/error.auto.json")).error?.kind == .authentication)
    }

    @Test func `a number that nobody recognises asks for the user's choice`() throws {
        let played = try recognised("20000000", ok("[]"))
        #expect(played.methods == ["auto"])
        #expect(played.error?.kind == .refused)
        #expect(played.error?.reason.contains("parcelctl track 20000000 --carrier") == true)
    }
}

@Suite struct Kuaidi100AnswerTests {
    @Test func `a history is read, the oldest first`() throws {
        let shown = try #require(try answer(yuantong, "finished.query.json").report().snapshots.first)
        #expect(shown.id == ExternalID(.trackNumber, "YT7530122849021") && shown.confirms)
        #expect(shown.status.code == "3" && shown.status.text == "本人签收")
        #expect(shown.status.summary == CodeMeaning(.delivered))
        let events = try #require(shown.checkpoints)
        #expect(events.map(\.code) == ["103", "1002", "5", "301"])
        #expect(
            events.map(\.meaning) == [
                CodeMeaning(.at(.accepted)), CodeMeaning(.at(.originTransit)), CodeMeaning(.at(.originTransit)),
                CodeMeaning(.delivered),
            ])
        let day = try #require(LocalDate(year: 2026, month: 3, day: 2))
        #expect(events[0].time == .zoneless(day, secondOfDay: 70_202, text: "2026-03-02 19:30:02"))
        #expect(events[0].text == "【义乌市】已揽收" && events[0].place == "浙江省金华市" && events[0].country == "CN")
        #expect(shown.numbers.isEmpty)
    }

    @Test func `people's phones are not kept`() throws {
        let texts = try #require(
            try answer(yuantong, "finished.query.json").report().snapshots.first?.checkpoints?.map(\.text))
        #expect(texts[2] == "快递员正在派件，电话 ***" && texts[3] == "已签收，签收人：本人，派送电话：***")
        for (text, kept) in [
            ("电话+8613800000000。", "电话+***。"), ("86-138-0000-0000", "***"), ("0755-1234567", "***"),
            ("单号75312345678901", "单号75312345678901"), ("2026-03-02 12345678", "2026-03-02 12345678"),
            ("12345678901", "12345678901"), ("8613800000000", "8613800000000"), ("13800000000转1", "***转1"),
        ] {
            let body = "{\"status\":\"200\",\"data\":[{\"context\":\"\(text)\"}]}"
            let played = try play(try provider("kuaidi100"), Ask("track", key: "yunda/3123456789012")) { _, _ in
                ok(body)
            }
            #expect(try played.report().snapshots.first?.checkpoints?.map(\.text) == [kept])
        }
    }

    @Test func `a parcel that goes on with another courier gives its number`() throws {
        let shown = try #require(try answer(yuantong, "forwarded.query.json").report().snapshots.first)
        #expect(shown.numbers == [RoledNumber(.domestic, try #require(TrackNumber("75312345678901")))])
        #expect(shown.checkpoints?.last?.meaning == .remark && shown.checkpoints?.last?.country == nil)
        #expect(shown.checkpoints?.last?.text.contains("13800000000") == false)
    }

    @Test func `what it does not know yet says nothing about the number`() throws {
        for body in [
            try Fixture.bytes("kuaidi100/error.notfound.json"), Array("{\"status\":\"500\",\"message\":\"x\"}".utf8),
            Array("{\"status\":\"200\",\"message\":\"ok\",\"data\":[]}".utf8),
        ] {
            let played = try play(try provider("kuaidi100"), Ask("track", key: "yunda/3123456789012")) { _, _ in
                HTTPResponse(status: 200, body: body)
            }
            let shown = try #require(try played.report().snapshots.first)
            #expect(shown.status.summary == .notFoundYet && shown.checkpoints == nil && shown.status.code.isEmpty)
        }
    }

    @Test func `only its code for a bad number says that a number is bad`() throws {
        let shown = try #require(try answer(yuantong, "error.invalid.json").report().snapshots.first)
        #expect(shown.status.summary == CodeMeaning(nil, .invalidNumber) && shown.checkpoints == nil)
        #expect(shown.status.text == "提交的数据不完整，或者贵公司没授权")
    }

    @Test func `a courier that asks for a phone says what to do`() throws {
        let missing = try #require(try answer("shunfeng/SF1234567890123", "error.phone.json").error)
        #expect(missing.kind == .refused && !missing.isProviderWide)
        #expect(missing.reason.contains("shunfeng asks for the last four digits"))
        #expect(missing.reason.contains("set phone in the section kuaidi100"))
        let wrong = try #require(
            try answer("shunfeng/SF1234567890123", "error.phone.json", ["phone": .text("0042")]).error)
        #expect(
            wrong.kind == .refused && wrong.reason.contains("is not this parcel's") && !wrong.reason.contains("0042"))
    }

    @Test(
        arguments: [
            ("400", nil), ("408", .refused), ("500", nil), ("501", .unreachable), ("502", .unreachable),
            ("503", .authentication), ("601", .quotaSpent), ("701", .authentication), ("999", .refused), ("", .refused),
        ] as [(String, PollErrorKind?)]) func `a code says what to do about it`(_ code: String, _ kind: PollErrorKind?)
        throws
    {
        for body in [
            "{\"result\":false,\"returnCode\":\"\(code)\",\"message\":\"why SECRET-kuaidi100\"}",
            "{\"result\":false,\"status\":\"\(code)\",\"message\":\"why SECRET-kuaidi100\"}",
            "{\"returnCode\":\(Int(code) ?? -1),\"message\":\"why SECRET-kuaidi100\"}",
        ] {
            let played = try play(try provider("kuaidi100"), Ask("track", key: "yunda/3123456789012")) { _, _ in
                ok(body)
            }
            #expect(played.error?.kind == kind, "\(body)")
            #expect(!String(reflecting: played.result).contains(secretMark))
            if let reason = played.error?.reason { #expect(reason.contains("why <secret>")) }
        }
    }
}
