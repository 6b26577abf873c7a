// OT Commerce: how it is asked. Signature, session, filter, paging, and what a list that does not add up proves.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

private let emptyPage = ok("{\"ErrorCode\":\"Ok\",\"Result\":{\"Content\":[],\"TotalCount\":0}}")
private let noStatuses = ok("{\"ErrorCode\":\"Ok\",\"Result\":[]}")
private let login = ok("{\"ErrorCode\":\"Ok\",\"SessionId\":{\"Value\":\"fresh\"}}")
private let expired = ok("{\"ErrorCode\":\"SessionExpired\",\"SubErrorCode\":{}}")

private func orders(_ ids: [Int], total: Int?, code: String = "Ok") throws -> HTTPResponse {
    var result: [String: Any] = ["Content": ids.map { ["Id": "ORD-\($0)", "StatusId": 30] as [String: Any] }]
    result["TotalCount"] = total
    return try ok(json: ["ErrorCode": code, "Result": result])
}

@Suite struct OTCommerceRequestTests {
    /// The expected value was computed by sha256sum over
    /// `AuthenticateInstanceOperatorKEY-0001ru20211125070809operator@shopp&ss words3cr3t`.
    @Test func `the signature is over the name, the values in the order of their names, and the secret`() throws {
        let shop = try provider(
            "otcommerce",
            [
                "instance_key": .secret(Secret("KEY-0001")), "login": .text("operator@shop"),
                "password": .secret(Secret("p&ss word")), "secret": .secret(Secret("s3cr3t")),
            ])
        let played = try play(shop, Ask("orders"), session: nil) { _, _ in ok("{\"ErrorCode\":\"X\"}") }
        let sent = form(played.requests[0])
        #expect(sent["signature"] == "891d1ad920ceeaaae39c9f8a5baf63008c5783e0f1ca279df01b85c96e282215")
        #expect(sent["timestamp"] == "20211125070809")
        #expect(sent["userPassword"] == "p&ss word")
        #expect(
            sent.keys.sorted() == ["instanceKey", "language", "signature", "timestamp", "userLogin", "userPassword"])
    }

    @Test func `without a secret nothing is signed`() throws {
        let kind = try #require(providerKinds.first { $0.id == "otcommerce" })
        let shop = try #require(
            kind.make(
                SettingValues([
                    "instance_key": .secret(Secret("k")), "login": .text("l"), "password": .secret(Secret("p")),
                    "language": .text("en"), "url": .text("https://shop.example/service-json/"),
                ])))
        let request = try play(shop, Ask("packages", key: "ORD-1")) { _, _ in emptyPage }.requests[0]
        #expect(form(request) == ["instanceKey": "k", "language": "en", "salesId": "ORD-1", "sessionId": "session-0"])
        #expect(request.url == "https://shop.example/service-json/GetSalesPackageList")
        #expect(request.method == .post)
        #expect(request.headers.contains(HTTPField("Content-Type", "application/x-www-form-urlencoded")))
    }

    @Test func `values are encoded byte by byte`() throws {
        let shop = try provider("otcommerce", ["login": .text("Иван +&=%")])
        let request = try play(shop, Ask("orders"), session: nil) { _, _ in ok("{\"ErrorCode\":\"X\"}") }.requests[0]
        #expect(form(request)["userLogin"] == "Иван +&=%")
        #expect(!String(decoding: request.body ?? [], as: UTF8.self).contains("+"))
    }

    @Test func `the filter has the site's own statuses but the finished ones, as safe XML`() throws {
        let statuses = try ok(json: [
            "ErrorCode": "Ok",
            "Result": [["Id": 30], ["Id": 40], ["Id": 50], ["Id": -1], ["Id": "7<&>\""]] as [[String: Any]],
        ])
        let played = try play(
            try provider("otcommerce"), Ask("orders"),
            ["GetOrderStatusList": [statuses], "SearchOrders": [emptyPage], "SearchOrderLines": [emptyPage]])
        let inner =
            "<OrderSearchParameters><StatusIdList><Id>30</Id><Id>7&lt;&amp;&gt;&quot;</Id></StatusIdList>"
            + "<OrderBy>CreationDate:DESC</OrderBy></OrderSearchParameters>"
        #expect(form(played.requests[1])["xmlSearchParameters"] == inner)
        #expect(
            form(played.requests[2])["xmlSearchParameters"]
                == "<OrderLineSearchParameters>\(inner)</OrderLineSearchParameters>")
    }

    @Test(arguments: ["ValidationError", "NotFound", "InternalError"])
    func `a shop that does not list its statuses is asked for the documented ones`(_ code: String) throws {
        let played = try play(
            try provider("otcommerce"), Ask("orders"),
            [
                "GetOrderStatusList": [ok("{\"ErrorCode\":\"\(code)\"}")], "SearchOrders": [emptyPage],
                "SearchOrderLines": [emptyPage],
            ])
        _ = try played.report()
        let filter = try #require(form(played.requests[1])["xmlSearchParameters"])
        #expect(
            ["10", "11", "20", "30", "31", "32", "36", "37", "38", "39"].allSatisfy {
                filter.contains("<Id>\($0)</Id>")
            })
        #expect(!filter.contains("<Id>40</Id>") && !filter.contains("<Id>50</Id>"))
    }
}

@Suite struct OTCommerceSessionTests {
    @Test func `without a session it logs in first and keeps what it was given`() throws {
        let played = try play(
            try provider("otcommerce"), Ask("packages", key: "ORD-1"), session: nil,
            ["AuthenticateInstanceOperator": [login], "GetSalesPackageList": [emptyPage]])
        #expect(played.methods == ["AuthenticateInstanceOperator", "GetSalesPackageList"])
        #expect(form(played.requests[0])["sessionId"] == nil)
        #expect(form(played.requests[1])["sessionId"] == "fresh")
        #expect(try played.report().session == Secret("fresh"))
    }

    @Test(arguments: [
        "{\"ErrorCode\":\"Ok\",\"SessionId\":\"fresh\"}", "{\"ErrorCode\":\"Ok\",\"Result\":{\"Value\":\"fresh\"}}",
        "{\"ErrorCode\":\"Ok\",\"Result\":\"fresh\"}",
    ]) func `a session may come bare or under another name`(_ body: String) throws {
        let played = try play(
            try provider("otcommerce"), Ask("packages", key: "ORD-1"), session: nil,
            ["AuthenticateInstanceOperator": [ok(body)], "GetSalesPackageList": [emptyPage]])
        #expect(try played.report().session == Secret("fresh"))
    }

    @Test func `an expired session is renewed once and the same request is sent again`() throws {
        let played = try play(
            try provider("otcommerce"), Ask("orders"),
            [
                "GetOrderStatusList": [noStatuses], "AuthenticateInstanceOperator": [login],
                "SearchOrders": [expired, try orders([1], total: 1)], "SearchOrderLines": [emptyPage],
            ])
        #expect(
            played.methods == [
                "GetOrderStatusList", "SearchOrders", "AuthenticateInstanceOperator", "SearchOrders",
                "SearchOrderLines",
            ])
        let (first, again) = (form(played.requests[1]), form(played.requests[3]))
        #expect(first["sessionId"] == "session-0" && again["sessionId"] == "fresh")
        #expect(first["xmlSearchParameters"] == again["xmlSearchParameters"])
        #expect(try played.report().session == Secret("fresh"))
    }

    @Test func `a second expiry is an error that does not stop the provider`() throws {
        let played = try play(
            try provider("otcommerce"), Ask("packages", key: "ORD-1"),
            ["AuthenticateInstanceOperator": [login], "GetSalesPackageList": [expired]])
        #expect(played.error?.kind == .unreachable)
        #expect(played.error?.retry == .backoff)
        #expect(played.requests.count == 3)
    }

    @Test func `a login that is answered with an expiry ends`() throws {
        let played = try play(
            try provider("otcommerce"), Ask("orders"), session: nil, ["AuthenticateInstanceOperator": [expired]])
        #expect(played.requests.count == 1)
        #expect(played.error?.kind == .unreachable)
    }

    @Test(arguments: [
        ("AccessDenied", "", PollErrorKind.authentication), ("ValidationError", "", .authentication),
        ("NotFound", "", .authentication), ("InstanceKeyBan", "", .authentication),
        ("AccessDenied", "MissingSignature", .authentication), ("AccessDenied", "InvalidSignature", .authentication),
        ("AccessDenied", "MissingTimestamp", .authentication), ("AccessDenied", "InvalidTimestamp", .clock),
        ("InternalError", "", .refused),
    ]) func `a refused login stops the provider only where that is documented`(
        _ code: String, _ sub: String, _ kind: PollErrorKind
    ) throws {
        let answer = ok("{\"ErrorCode\":\"\(code)\",\"ErrorDescription\":\"no\",\"SubErrorCode\":\"\(sub)\"}")
        let played = try play(
            try provider("otcommerce"), Ask("orders"), session: nil, ["AuthenticateInstanceOperator": [answer]])
        #expect(played.error?.kind == kind)
        if kind == .refused || kind == .authentication { #expect(played.error?.reason.contains(code) == true) }
    }

    @Test(arguments: ["", "{}", "null", "7", "{\"Value\":\"\"}", "{\"Value\":{}}", "\"\""])
    func `a login without a session is malformed`(_ session: String) throws {
        let member = session.isEmpty ? "" : ",\"SessionId\":\(session)"
        let played = try play(
            try provider("otcommerce"), Ask("orders"), session: nil,
            ["AuthenticateInstanceOperator": [ok("{\"ErrorCode\":\"Ok\"\(member)}")]])
        #expect(played.error?.kind == .malformed)
        #expect(played.error?.reason.contains("SessionId") == true)
    }
}

@Suite struct OTCommercePagingTests {
    private func pass(_ pages: [HTTPResponse], frame: Int = 2) throws -> Played {
        try play(
            try provider("otcommerce", ["frame": .integer(frame)]), Ask("orders"),
            ["GetOrderStatusList": [noStatuses], "SearchOrders": pages, "SearchOrderLines": [emptyPage]])
    }

    @Test func `frames are asked for until the total is reached`() throws {
        let played = try pass([
            try orders([1, 2], total: 5), try orders([3, 4], total: 5), try orders([5], total: 5),
        ])
        let frames = played.requests.filter { method($0) == "SearchOrders" }.map(form)
        #expect(frames.map { $0["framePosition"] } == ["0", "2", "4"])
        #expect(frames.allSatisfy { $0["frameSize"] == "2" })
        let report = try played.report()
        #expect(report.snapshots.map(\.id.key) == ["ORD-1", "ORD-2", "ORD-3", "ORD-4", "ORD-5"])
        #expect(report.complete == [.all(.order, filtered: true), .all(.item, filtered: true)])
    }

    @Test func `a site that gives shorter frames than asked for is still read to its end`() throws {
        let played = try pass([try orders([1], total: 3), try orders([2], total: 3), try orders([3], total: 3)])
        #expect(try played.report().complete.contains(.all(.order, filtered: true)))
        let frames = played.requests.filter { method($0) == "SearchOrders" }.map(form)
        #expect(frames.map { $0["framePosition"] } == ["0", "1", "2"])
    }

    @Test(
        arguments: [
            ("the total changes", [([1, 2], 3), ([3], 4), ([], 4)]),
            ("the end comes early", [([1, 2], 4), ([3], 4), ([], 4)]),
            ("a row comes twice", [([1, 2], 3), ([2], 3), ([], 3)]),
            ("the frame is ignored", [([1, 2], 9), ([1, 2], 9)]),
            ("no total", [([1, 2], nil), ([], nil)]), ("fewer are announced than shown", [([1, 2], 1)]),
        ] as [(String, [([Int], Int?)])])
    func `a list that does not add up is used and proves no absence`(_ why: String, _ pages: [([Int], Int?)]) throws {
        let played = try pass(try pages.map { try orders($0.0, total: $0.1) })
        let report = try played.report()
        #expect(report.complete == [.all(.item, filtered: true)], "\(why)")
        #expect(Set(report.snapshots.map(\.id.key)) == Set(pages.flatMap { $0.0.map { "ORD-\($0)" } }))
        #expect(report.snapshots.count == Set(report.snapshots.map(\.id)).count)
    }

    @Test func `a batch error is usable and proves no absence`() throws {
        let report = try pass([try orders([1], total: 1, code: "BatchError")]).report()
        #expect(report.snapshots.map(\.id.key) == ["ORD-1"])
        #expect(!report.complete.contains(.all(.order, filtered: true)))
        let packages = try play(
            try provider("otcommerce"), Ask("packages", key: "ORD-1"),
            ["GetSalesPackageList": [ok("{\"ErrorCode\":\"BatchError\",\"Result\":{\"Content\":[]}}")]])
        #expect(try packages.report().complete.isEmpty)
    }

    @Test func `lists may be wrapped, single or an empty object`() throws {
        let row = "{\"Id\":\"519\",\"StatusName\":\"Отправлено\"}"
        for (content, count) in [
            ("[\(row)]", 1), ("{\"Item\":[\(row)]}", 1), ("{\"Item\":\(row)}", 1), ("{}", 0), ("[]", 0), ("\"\"", 0),
        ] {
            let report = try play(
                try provider("otcommerce"), Ask("packages", key: "ORD-1"),
                ["GetSalesPackageList": [ok("{\"ErrorCode\":\"Ok\",\"Result\":{\"Content\":\(content)}}")]]
            ).report()
            #expect(report.snapshots.count == count, "\(content)")
            #expect(report.complete == [.parcels(ofOrder: ExternalID(.order, "ORD-1"))])
        }
        let none = try play(
            try provider("otcommerce"), Ask("packages", key: "ORD-1"),
            ["GetSalesPackageList": [ok("{\"ErrorCode\":\"Ok\",\"Result\":{}}")]])
        #expect(try none.report().complete == [.parcels(ofOrder: ExternalID(.order, "ORD-1"))])
    }

    @Test func `an order without its lines makes no item vanish, and one that is not found has none`() throws {
        let order = "{\"Id\":\"ORD-1\",\"StatusId\":30}"
        for lines in ["", ",\"SalesLinesList\":[]", ",\"SalesLinesList\":{}"] {
            let body = "{\"ErrorCode\":\"Ok\",\"Result\":{\"SalesOrderInfo\":\(order)\(lines)}}"
            let report = try play(
                try provider("otcommerce"), Ask("order", key: "ORD-1"), ["GetSalesOrderDetailsForOperator": [ok(body)]]
            ).report()
            #expect(report.complete.isEmpty && report.snapshots.count == 1)
        }
        let gone = try play(
            try provider("otcommerce"), Ask("order", key: "ORD-1"),
            ["GetSalesOrderDetailsForOperator": [ok("{\"ErrorCode\":\"NotFound\"}")]]
        ).report()
        #expect(gone.notFound == [ExternalID(.order, "ORD-1")])
        #expect(gone.complete == [.items(ofOrder: ExternalID(.order, "ORD-1"))])
    }

    @Test func `an answer about another order or package is refused`() throws {
        let details = [
            "GetSalesOrderDetailsForOperator": [try fixture("otcommerce/GetSalesOrderDetailsForOperator.json")]
        ]
        let order = try play(try provider("otcommerce"), Ask("order", key: "ORD-7"), details)
        #expect(order.error == .malformed(field: "Result.SalesOrderInfo.Id"))
        let package = try play(
            try provider("otcommerce"), Ask("package", key: "ORD-7/520"),
            ["GetPackage": [try fixture("otcommerce/GetPackage.json")]])
        #expect(package.error == .malformed(field: "Result.Id"))
    }
}

@Suite struct OTCommerceAskTests {
    private func view(_ kind: ThingKind, _ key: String, _ progress: StatusMeaning, _ ending: Ending? = nil) -> KnownView
    {
        KnownView(id: ExternalID(kind, key), progress: progress, stage: nil, ending: ending, statusCode: "")
    }

    @Test func `every live order is asked for its packages, and once for its log`() throws {
        let shop = try provider(
            "otcommerce", ["every": .duration(.minutes(5)), "details_every": .duration(.minutes(30))])
        #expect(shop.lists == [AskPlan(Ask("orders"), every: .minutes(5))])
        #expect(
            shop.asks(about: view(.order, "ORD-1", .unstated)) == [
                AskPlan(Ask("packages", key: "ORD-1"), every: .minutes(30)),
                AskPlan(Ask("log", key: "ORD-1"), every: nil),
            ])
        #expect(shop.asks(about: view(.order, "ORD-1", .finished(.delivered), .delivered)).isEmpty)
        #expect(shop.asks(about: view(.item, "ORD-1/SL-1", .at(.inbound))).isEmpty)
    }

    @Test func `a package is followed while it is under way`() throws {
        let shop = try provider("otcommerce")
        let tracking = [AskPlan(Ask("tracking", key: "ORD-1/519"), every: .minutes(60))]
        #expect(shop.asks(about: view(.parcel, "ORD-1/519", .at(.origin))) == tracking)
        #expect(shop.asks(about: view(.parcel, "ORD-1/519", .at(.handover))).isEmpty)
        #expect(shop.asks(about: view(.parcel, "ORD-1/519", .at(.origin), .delivered)).isEmpty)
    }

    @Test func `orders, items and packages can be asked for by id`() throws {
        let shop = try provider("otcommerce")
        #expect(shop.ask(byID: ExternalID(.order, "ORD-1")) == Ask("order", key: "ORD-1"))
        #expect(shop.ask(byID: ExternalID(.item, "ORD-1/SL-1")) == Ask("order", key: "ORD-1"))
        #expect(shop.ask(byID: ExternalID(.parcel, "ORD-1/519")) == Ask("package", key: "ORD-1/519"))
        #expect(shop.ask(byID: ExternalID(.trackNumber, "LP1")) == nil)
        let played = try play(shop, Ask("package", key: "ORD-1/519")) { _, _ in ok("{\"ErrorCode\":\"NotFound\"}") }
        #expect(form(played.requests[0])["packageId"] == "519")
    }
}
