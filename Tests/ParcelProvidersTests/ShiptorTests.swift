// Shiptor: pages without a total, two forms of dates, errors inside success, and what its statuses mean.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private func page(_ ids: some Sequence<Int>) throws -> HTTPResponse {
    let rows = ids.map { ["id": $0, "status": "packed"] as [String: Any] }
    return try ok(json: ["jsonrpc": "2.0", "id": 1, "result": rows])
}

private func package(_ members: [String: Any], ask: String = "packages") throws -> Snapshot {
    let row = ["id": 7, "status": "new"].merging(members) { $1 }
    let isList = ask == "packages"
    let answer = try ok(json: ["jsonrpc": "2.0", "id": 1, "result": isList ? [row] : row as Any])
    let report = try play(try provider("shiptor"), Ask(ask, key: isList ? "" : "7")) { _, _ in answer }.report()
    #expect(report.rejected.isEmpty)
    return try #require(report.snapshots.first)
}

@Suite struct ShiptorPagingTests {
    private func pass(_ pages: [HTTPResponse]) throws -> Played {
        try play(try provider("shiptor"), Ask("packages"), ["getPackages": pages])
    }

    @Test func `a request is JSON-RPC with the page in its parameters and the token in its header`() throws {
        let request = try pass([try page([])]).requests[0]
        let sent = parameters(request)
        #expect(sent["page"] as? Int == 1 && sent["per_page"] as? Int == 100 && sent["archived"] as? Bool == false)
        #expect(request.url == "https://api.shiptor.ru/shipping/v1" && request.label == "Shiptor getPackages")
        #expect(request.headers.contains(HTTPField("X-Authorization-Token", "SECRET-shiptor")))
    }

    @Test func `pages are asked for until one is not full`() throws {
        let played = try pass([try page(1...100), try page(101...200), try page(201...230)])
        #expect(played.requests.compactMap { parameters($0)["page"] as? Int } == [1, 2, 3])
        let report = try played.report()
        #expect(report.snapshots.count == 230)
        #expect(report.complete == [.all(.parcel, filtered: true)])
    }

    @Test func `a full last page is followed by an empty one`() throws {
        let played = try pass([try page(1...100), try page([])])
        #expect(played.requests.count == 2)
        #expect(try played.report().complete == [.all(.parcel, filtered: true)])
    }

    @Test func `a package that moved to the next page is shown once`() throws {
        let report = try pass([try page(1...100), try page(100...120)]).report()
        #expect(report.snapshots.count == 120)
    }

    @Test func `a service that ignores the page is not asked for ever, and nothing is complete`() throws {
        let played = try pass([try page(1...100)])
        #expect(played.requests.count == 2)
        let report = try played.report()
        #expect(report.snapshots.count == 100 && report.complete.isEmpty)
    }

    @Test func `what is no list is malformed, not empty`() throws {
        for result in ["{}", "null", "\"\"", "7", "{\"packages\":[]}"] {
            let played = try pass([ok("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\(result)}")])
            #expect(played.error == .malformed(field: "result"), "\(result)")
        }
        #expect(try pass([ok("{\"jsonrpc\":\"2.0\",\"id\":1}")]).error == .malformed(field: "result"))
    }

    @Test func `an answer to another call is refused`() throws {
        let played = try pass([ok("{\"jsonrpc\":\"2.0\",\"id\":\"JsonRpcClient.js\",\"result\":[]}")])
        #expect(played.error == .malformed(field: "id"))
    }

    @Test(arguments: [
        (-32603, PollErrorKind.authentication), (-32604, .authentication), (-32605, .authentication),
        (1001, .authentication), (1002, .authentication), (-99999, .unreachable), (1400, .unreachable),
        (1401, .unreachable), (-32600, .refused), (-32601, .refused), (-32602, .refused), (-32800, .refused),
    ]) func `an error's code says what to do about it`(_ code: Int, _ kind: PollErrorKind) throws {
        let played = try pass([ok("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":\(code),\"message\":\"why\"},\"id\":null}")]
        )
        #expect(played.error?.kind == kind)
        #expect(played.error?.reason.contains("why (code \(code))") == true)
    }

    @Test(arguments: [
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"status\":\"error\",\"message\":\"Broken\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"status\":\"error\",\"message\":\"Broken\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"status\":\"warning\",\"message\":\"Broken\",\"result\":[]}",
    ]) func `a failure inside success is a failure`(_ body: String) throws {
        #expect(try pass([ok(body)]).error == .refused(reason: "Broken"))
    }
}

@Suite struct ShiptorAskTests {
    private func view(_ progress: StatusMeaning, _ ending: Ending? = nil, _ kind: ThingKind = .parcel) -> KnownView {
        KnownView(id: ExternalID(kind, "7"), progress: progress, stage: nil, ending: ending, statusCode: "")
    }

    @Test func `a parcel is looked at while it is under way`() throws {
        let shop = try provider(
            "shiptor", ["details_every": .duration(.minutes(90)), "every": .duration(.minutes(20))])
        #expect(shop.lists == [AskPlan(Ask("packages"), every: .minutes(20))])
        for stage in [Stage.origin, .crossBorder, .destination, .pickup] {
            #expect(shop.asks(about: view(.at(stage))) == [AskPlan(Ask("package", key: "7"), every: .minutes(90))])
        }
        for other in [
            view(.at(.handover)), view(.unstated), view(.at(.origin), .delivered), view(.at(.origin), nil, .item),
        ] {
            #expect(shop.asks(about: other).isEmpty)
        }
    }

    @Test func `a parcel can be asked for by its id, and is gone only if the service says so`() throws {
        let shop = try provider("shiptor")
        #expect(shop.ask(byID: ExternalID(.parcel, "7")) == Ask("package", key: "7"))
        #expect(shop.ask(byID: ExternalID(.item, "7")) == nil)
        let played = try play(shop, Ask("package", key: "7")) { _, _ in try fixture("shiptor/error.in-result.json") }
        #expect(parameters(played.requests[0])["id"] as? Int == 7)
        #expect(try played.report().notFound == [ExternalID(.parcel, "7")])
        let coded = try play(shop, Ask("package", key: "7")) { _, _ in
            ok("{\"error\":{\"code\":-32602,\"message\":\"Package Not Found\"}}")
        }
        #expect(try coded.report().notFound == [ExternalID(.parcel, "7")])
        for code in [-32601, -32603, -99999] {
            let other = try play(shop, Ask("package", key: "7")) { _, _ in
                ok("{\"error\":{\"code\":\(code),\"message\":\"Method not found\"}}")
            }
            #expect(other.error != nil)
        }
    }
}

@Suite struct ShiptorRowTests {
    @Test(
        arguments: [
            ("new", .at(.handover), nil), ("checking-declaration", .at(.handover), nil),
            ("declaration-checked", .at(.handover), nil), ("waiting-pickup", .at(.handover), nil),
            ("arrived-to-warehouse", .at(.handover), nil), ("in_store", .at(.handover), nil),
            ("packed", .at(.handover), nil), ("prepared-to-send", .at(.handover), nil),
            ("waiting-send", .at(.handover), nil),
            ("sent", .at(.origin), nil), ("resend", .at(.origin), nil),
            ("waiting-on-delivery-point", .at(.pickup), nil),
            ("delivered", .finished(.delivered), nil), ("awaiting-return", .unstated, .returning),
            ("returned", .unstated, .returning), ("reported", .finished(.returned), .returned),
            ("lost", .finished(.lost), .lost), ("removed", .finished(.removed), nil),
            ("recycled", .finished(.destroyed), .destroyed), ("teleported", .unmapped, nil), ("Sent", .unmapped, nil),
        ] as [(String, StatusMeaning, Condition?)])
    func `a status`(_ code: String, _ meaning: StatusMeaning, _ condition: Condition?) throws {
        let read = try package(["status": code])
        #expect(read.status.progress == meaning && read.status.condition == condition && read.status.code == code)
    }

    @Test func `the vendor's names are the texts of its statuses`() throws {
        let answer = try #require(try Fixture.json("shiptor/getPackageStatuses.json") as? [String: Any])
        let names = try #require(answer["result"] as? [String: String])
        #expect(names.count == 15)
        for (code, name) in names {
            let read = try package(["status": code])
            #expect(read.status.text == name && read.status.progress != .unmapped)
        }
        #expect(try package(["status": "teleported"]).status.text == "teleported")
    }

    @Test func `dates come in two forms`() throws {
        let report = try play(try provider("shiptor"), Ask("package", key: "11578")) { _, _ in
            try fixture("shiptor/getPackage.json")
        }.report()
        let read = report.snapshots[0]
        let day = try #require(LocalDate(year: 2018, month: 3, day: 28))
        #expect(read.created == .zoneless(day, secondOfDay: 33_242, text: "2018-03-28 09:14:02"))
        #expect(
            read.checkpoints == [
                Checkpoint(
                    time: .instant(Timestamp(seconds: 1_522_573_804), text: "2018-04-01T12:10:04+03:00"),
                    text: "Отправлена из сортировочного центра", place: "Сортировочный пункт (Москва)")
            ])
        #expect(try package(["created_at": ""]).created == .none)
        #expect(try package(["created_at": "null"]).created == .none)
        #expect(try package(["created_at": "вчера"]).created == .unreadable(text: "вчера"))
    }

    @Test func `numbers have their roles, each once`() throws {
        let read = try package(["tracking_number": "RP11578", "external_tracking_number": "RB123456785CN"])
        #expect(read.numbers.map(\.role) == [.forwarder, .international])
        let own = try package(["tracking_number": "RP11578", "external_tracking_number": "RP11578"])
        #expect(own.numbers.map(\.number.description) == ["RP11578"])
        #expect(try package(["tracking_number": "", "external_tracking_number": NSNull()]).numbers.isEmpty)
        #expect(try package(["external_tracking_number": "80080012345678"]).numbers.map(\.role) == [.lastMile])
    }

    @Test func `order and items are read from the shop's own names`() throws {
        func products(_ articles: [String]) -> [String: Any] {
            ["products": articles.map { ["shopArticle": $0, "name": "Чехол"] }]
        }
        let read = try package(products(["1907-2", "1907-1"]).merging(["external_id": "ORD-000001907"]) { $1 })
        #expect(read.order == "1907" && read.contents == [.label("1907-2"), .label("1907-1")])
        #expect(read.label == nil && read.sameAs == nil)
        #expect(try package(products(["1907-2"])).order == "1907")
        #expect(try package(products(["1907-2", "1906-4"])).order == nil)
        #expect(try package(["external_id": "1907-2"]).order == "1907")
        #expect(try package(["external_id": "Box-12"]).order == nil)
        #expect(try package(products(["SKU-1"])).contents.isEmpty)
    }

    @Test func `a list confirms a parcel under way only with its checkpoints`() throws {
        #expect(try package(["status": "packed"]).confirms)
        #expect(try package(["status": "delivered"]).confirms)
        let bare = try package(["status": "sent"])
        #expect(!bare.confirms && bare.checkpoints == nil)
        let whole = try package(["status": "sent", "checkpoints": [Any]()])
        #expect(whole.confirms && whole.checkpoints?.isEmpty == true)
        let single = try package(["status": "sent"], ask: "package")
        #expect(single.confirms && single.checkpoints?.isEmpty == true)
        #expect(single.digest == bare.digest)
    }

    @Test func `an open problem is shown, a solved one is not`() throws {
        func problem(_ resolved: Any) throws -> String? {
            try package(["problems": [["name": "Вес", "description": "больше допустимого", "resolved_at": resolved]]])
                .facts[.problem]
        }
        #expect(try problem(NSNull()) == "Вес: больше допустимого")
        #expect(try problem("") == "Вес: больше допустимого")
        #expect(try problem("null") == "Вес: больше допустимого")
        #expect(try problem("2018-03-30 14:36:36") == nil)
        #expect(try package(["problems": [["description": "x"]]]).facts[.problem] == nil)
    }

    @Test func `texts without end are cut`() throws {
        let long = String(repeating: "ы", count: 20_000)
        let read = try package([
            "status": "sent", "checkpoints": [["date": "2018-04-01", "message": long, "details": long]],
            "problems": [["name": long, "resolved_at": NSNull()]],
        ])
        #expect(read.checkpoints?.first?.text.count == 500 && read.checkpoints?.first?.place.count == 500)
        #expect(read.facts[.problem]?.count == 500)
    }
}
