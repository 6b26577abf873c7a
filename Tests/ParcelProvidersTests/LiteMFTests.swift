// LiteMF: both lists, all pages, rows counted; what its statuses mean; one row by its id.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private func page(_ ids: [Int], total: Int?) throws -> HTTPResponse {
    var result: [String: Any] = ["data": ids.map { ["id": $0, "status": "in_stock"] as [String: Any] }]
    if let total { result["pager"] = ["total": total] }
    return try ok(json: ["id": 1, "jsonrpc": "2.0", "status": "ok", "result": result])
}

private func row(_ ask: String, _ members: [String: Any]) throws -> Snapshot {
    let row = ["id": 7, "status": "new"].merging(members) { $1 }
    let answer: [String: Any] = [
        "id": 1, "jsonrpc": "2.0", "status": "ok", "result": ["data": [row], "pager": ["total": 1]],
    ]
    let report = try play(try provider("litemf"), Ask(ask)) { _, _ in try ok(json: answer) }.report()
    #expect(report.rejected.isEmpty)
    return try #require(report.snapshots.first)
}

@Suite struct LiteMFPagingTests {
    private func pass(_ pages: [HTTPResponse]) throws -> Played {
        try play(try provider("litemf"), Ask("incoming"), ["getIncomingPackage": pages])
    }

    @Test func `both lists are polled`() throws {
        let both = [Ask("incoming"), Ask("outgoing")]
        #expect(try provider("litemf").lists == both.map { AskPlan($0, every: .minutes(15)) })
        #expect(
            try provider("litemf", ["every": .duration(.minutes(40))]).lists
                == both.map { AskPlan($0, every: .minutes(40)) })
    }

    @Test func `a request is JSON-RPC with the page in its filter and the key in its header`() throws {
        let request = try pass([try page([], total: 0)]).requests[0]
        let body = try #require(JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any])
        #expect(body["jsonrpc"] as? String == "2.0" && body["id"] as? Int == 1)
        #expect(parameters(request)["filter"] as? [String: Int] == ["page": 1, "limit": 100])
        #expect(request.url == "https://api.litemf.com/v2/rpc" && request.label == "LiteMF getIncomingPackage")
        #expect(request.headers.contains(HTTPField("X-Auth-Api-Key", "SECRET-litemf")))
        #expect(request.headers.contains(HTTPField("Content-Type", "application/json")))
    }

    @Test func `pages are asked for until every row was counted`() throws {
        let played = try pass([
            try page(Array(1...100), total: 250), try page(Array(101...200), total: 250),
            try page(Array(201...250), total: 250),
        ])
        let report = try played.report()
        #expect(played.requests.map { (parameters($0)["filter"] as? [String: Int])?["page"] } == [1, 2, 3])
        #expect(report.snapshots.count == 250)
        #expect(report.complete == [.all(.item, filtered: false)])
    }

    @Test func `an empty list is complete`() throws {
        let report = try pass([try fixture("litemf/empty.json")]).report()
        #expect(report.snapshots.isEmpty && report.complete == [.all(.item, filtered: false)])
    }

    @Test(
        arguments: [
            ("the total changes", [([1, 2], 3), ([3], 4), ([], 4)]), ("rows are missing", [([1, 2], 5), ([], 5)]),
            ("a row comes twice", [([1, 2], 3), ([2], 3)]), ("the page is ignored", [([1, 2], 9), ([1, 2], 9)]),
            ("no pager", [([1, 2], nil), ([], nil)]), ("fewer are announced than shown", [([1, 2], 1)]),
        ] as [(String, [([Int], Int?)])])
    func `a list that does not add up is used and proves no absence`(_ why: String, _ pages: [([Int], Int?)]) throws {
        let report = try pass(try pages.map { try page($0.0, total: $0.1) }).report()
        #expect(report.complete.isEmpty, "\(why)")
        #expect(Set(report.snapshots.map(\.id.key)) == Set(pages.flatMap { $0.0.map(String.init) }))
        #expect(report.snapshots.count == Set(report.snapshots.map(\.id)).count)
    }

    @Test func `an answer to another call is refused`() throws {
        for id in ["2", "null", "\"1x\""] {
            let answer = ok("{\"id\":\(id),\"jsonrpc\":\"2.0\",\"result\":{\"data\":[],\"pager\":{\"total\":0}}}")
            #expect(try pass([answer]).error == .malformed(field: "id"))
        }
        let text = ok("{\"id\":\"1\",\"jsonrpc\":\"2.0\",\"result\":{\"data\":[],\"pager\":{\"total\":\"0\"}}}")
        #expect(try pass([text]).report().complete == [.all(.item, filtered: false)])
    }

    @Test(arguments: [
        (1001, PollErrorKind.authentication), (1002, .authentication), (1400, .unreachable), (-32700, .unreachable),
        (1087, .refused), (1201, .refused), (-32602, .refused), (9999, .refused),
    ]) func `an error's code says what to do about it`(_ code: Int, _ kind: PollErrorKind) throws {
        for text in ["\(code)", "\"\(code)\""] {
            let played = try pass([ok("{\"status\":\"error\",\"error\":{\"code\":\(text),\"message\":\"why\"}}")])
            #expect(played.error?.kind == kind)
            #expect(played.error?.reason.contains("why (code \(code))") == true)
        }
    }

    @Test func `one row is asked for by its id`() throws {
        let shop = try provider("litemf")
        #expect(shop.ask(byID: ExternalID(.item, "273494")) == Ask("incoming-one", key: "273494"))
        #expect(shop.ask(byID: ExternalID(.parcel, "97304")) == Ask("outgoing-one", key: "97304"))
        #expect(shop.ask(byID: ExternalID(.order, "1")) == nil)
        let played = try play(shop, Ask("outgoing-one", key: "97304")) { _, _ in
            try fixture("litemf/getOutgoingPackage.one.json")
        }
        #expect(parameters(played.requests[0])["filter"] as? [String: Int] == ["id": 97304])
        #expect(method(played.requests[0]) == "getOutgoingPackage")
        #expect(try played.report().complete.isEmpty)
    }

    @Test func `no row by that id is only believed with a total of none`() throws {
        for total in [3, nil] {
            let played = try play(try provider("litemf"), Ask("incoming-one", key: "7")) { _, _ in
                try page([], total: total)
            }
            #expect(played.error?.kind == .malformed)
        }
    }
}

@Suite struct LiteMFRowTests {
    @Test(
        arguments: [
            ("awaiting_arrival", "YT1234567890123", .at(.inbound)),
            ("waiting_in_stock", "YT1234567890123", .at(.inbound)),
            ("awaiting_arrival", "", .unstated), ("waiting_in_stock", "", .unstated), ("in_stock", "", .at(.assembly)),
            ("sent", "", .at(.origin)), ("removed", "", .finished(.removed)), ("recived", "", .unmapped),
            ("IN_STOCK", "", .unmapped),
        ] as [(String, String, StatusMeaning)])
    func `an incoming package's status`(_ code: String, _ number: String, _ meaning: StatusMeaning) throws {
        let read = try row("incoming", ["status": code, "tracking": number])
        #expect(read.status.progress == meaning && read.status.code == code && read.status.condition == nil)
        #expect(read.status.time == .none && read.created == .none)
        #expect(!read.status.text.isEmpty && read.confirms && read.checkpoints == nil)
    }

    @Test(
        arguments: [
            ("new", .at(.handover)), ("in_processing_queue", .at(.handover)), ("processing", .at(.handover)),
            ("awaiting_sending", .at(.handover)), ("awaiting_arrival", .at(.handover)),
            ("wait_disband", .at(.handover)),
            ("wait_recycle", .at(.handover)), ("awaiting_payment", .at(.payment)), ("sent", .at(.origin)),
            ("received", .finished(.delivered)), ("disbanded", .finished(.removed)), ("removed", .finished(.removed)),
            ("recycled", .finished(.destroyed)), ("lost", .unmapped),
        ] as [(String, StatusMeaning)]) func `an outgoing package's status`(_ code: String, _ meaning: StatusMeaning)
        throws
    {
        let read = try row("outgoing", ["status": code])
        #expect(read.status.progress == meaning && read.status.code == code)
        #expect(read.status.condition == (code.hasSuffix("recycle") || code == "recycled" ? .destroyed : nil))
        #expect(read.confirms)
    }

    @Test(
        arguments: [
            ("1907-2", "1907-2"), ("№ 1907 - 2", "1907-2"), ("01907-02", "1907-2"), ("1907", nil), ("", nil),
            ("1907-", nil),
            ("ORD-1907", nil), ("1907-2-3", nil), ("0-1", nil), ("１９０７-2", nil),
        ] as [(String, String?)]) func `only the shop's own label names an item`(_ text: String, _ label: String?)
        throws
    {
        let read = try row("incoming", ["partner_fid": text])
        #expect(read.label == label)
        #expect(read.order == label.map { _ in "1907" })
    }

    @Test(
        arguments: [
            ("ORD-000001907", "1907"), ("ord-1907", "1907"), ("SHOP-0000001907", "1907"), ("Box-12", nil), ("", nil),
            ("1907", nil), ("ORD-", nil), ("ORD-19x7", nil), ("Посылка ORD-1907", nil), ("ORD-000", nil),
        ] as [(String, String?)]) func `a parcel's order is read from a name of the shop's form`(
            _ name: String, _ order: String?
        ) throws
    {
        #expect(try row("outgoing", ["name": name]).order == order)
    }

    @Test func `a parcel holds incoming packages and has a number by its format`() throws {
        let read = try row(
            "outgoing",
            ["incoming_packages": [273_493, "273494"], "tracking": "LP97302", "weight": 750, "weight_unit": "g"])
        #expect(read.contents == [.external(ExternalID(.item, "273493")), .external(ExternalID(.item, "273494"))])
        #expect(read.numbers.map(\.role) == [.forwarder])
        #expect(read.facts == [.weight: "750 g"])
        #expect(read.label == nil && read.sameAs == nil)
        #expect(try row("outgoing", ["tracking": "RB123456785CN"]).numbers.map(\.role) == [.international])
        #expect(try row("outgoing", ["weight": 0, "weight_unit": "g"]).facts.isEmpty)
    }

    @Test func `an item has a domestic number, a title and a seller`() throws {
        let read = try row("incoming", ["tracking": "YT0000000000001", "name": "Чехол", "shop_name": "Taobao"])
        #expect(read.numbers.map(\.role) == [.domestic])
        #expect(read.facts == [.title: "Чехол", .seller: "Taobao"])
        #expect(try row("incoming", ["id": "88"]).id == ExternalID(.item, "88"))
    }
}
