import Foundation
import Testing

@testable import ParcelSim

private func code(_ wire: Wire) -> String? { wire.json["ErrorCode"] as? String }
private func subcode(_ wire: Wire) -> String? { wire.json["SubErrorCode"] as? String }

@Test func `a signed login opens a session, and without one it has expired`() throws {
    var wish = try scenario()
    wish.otcommerce.sessionLife = 86_400_000
    let running = try Running(wish)
    let path = "/otcommerce/service-json/SearchOrders"
    #expect(code(try running.post(path, running.signed("SearchOrders", [:]))) == "SessionExpired")
    let orders = try running.shop("SearchOrders")
    #expect(code(orders) == "Ok")
    #expect((orders.json["SubErrorCode"] as? [String: Any])?.isEmpty == true)
    running.world.advance(to: try moment("2017-09-26 08:59"))
    #expect(code(try running.shop("SearchOrders")) == "Ok")
    running.world.advance(to: try moment("2017-09-26 09:01"))
    #expect(code(try running.shop("SearchOrders")) == "SessionExpired")
}

@Test func `each part of a signature is checked, to the hour`() throws {
    let running = try Running(try scenario())
    let path = "/otcommerce/service-json/GetOrderStatusList"
    func answer(_ fields: [String: String] = [:], shift: Int64 = 0, secret: String? = nil) throws -> Wire {
        try running.post(path, running.signed("GetOrderStatusList", fields, shift: shift, secret: secret))
    }
    #expect(subcode(try answer(["timestamp": "-"])) == "MissingTimestamp")
    #expect(subcode(try answer(secret: "wrong")) == "InvalidSignature")
    #expect(subcode(try answer(shift: 3_600_000 + 1000)) == "InvalidTimestamp")
    #expect(subcode(try answer(shift: -3_600_000 - 1000)) == "InvalidTimestamp")
    #expect(code(try answer(shift: 3_600_000)) == "SessionExpired")
    #expect(code(try answer(["instanceKey": "other"])) == "AccessDenied")
    let unsigned = running.signed("GetOrderStatusList", [:]).split(separator: "&").filter {
        !$0.hasPrefix("signature=")
    }
    #expect(subcode(try running.post(path, unsigned.joined(separator: "&"))) == "MissingSignature")
    let wrong = running.signed("AuthenticateInstanceOperator", ["userLogin": "operator", "userPassword": "guess"])
    #expect(code(try running.post("/otcommerce/service-json/AuthenticateInstanceOperator", wrong)) == "AccessDenied")
}

@Test func `without a secret nothing is signed, and GET works as POST does`() throws {
    var plain = try scenario()
    plain.otcommerce.secret = ""
    let running = try Running(plain)
    let session = try running.login()
    let query = "instanceKey=demo-instance-key&language=ru&sessionId=\(session)"
    let answer = try running.get("/otcommerce/service-json/GetOrderLineStatusList?\(query)")
    let names = answer.json["Result"] as? [[String: Any]]
    #expect(names?.count == 13)
    #expect(names?[5]["Name"] as? String == "Получено на склад")
}

@Test func `searches are filtered, framed and counted`() throws {
    let running = try Running(try scenario("generate: {orders: 30, lines_per_order: 2}"))
    func search(_ filter: String, _ fields: [String: String] = [:], method: String = "SearchOrders") throws -> Wire {
        try running.shop(method, fields.merging(["xmlSearchParameters": filter]) { $1 })
    }
    let all = try search("")
    #expect(rows(all, "Content").count == 18)
    #expect(result(all, "Result")["TotalCount"] as? Int == 32)
    let last = try search("", ["framePosition": "30", "frameSize": "100"])
    #expect(rows(last, "Content").compactMap { $0["Id"] as? String } == ["ORD-000001907", "ORD-000001900"])
    #expect(rows(try search("", ["framePosition": "99"]), "Content").isEmpty)
    func ids(_ inner: String) throws -> [String] {
        rows(try search("<OrderSearchParameters>\(inner)</OrderSearchParameters>"), "Content").compactMap {
            $0["Id"] as? String
        }
    }
    #expect(try ids("<StatusIdList><Id>40</Id><Id>50</Id></StatusIdList>") == ["ORD-000001900"])
    #expect(try ids("<OrderIds><OrderId>ORD-0000001907</OrderId></OrderIds>") == ["ORD-000001907"])
    #expect(
        try ids(
            "<CreationDateFrom>2017-09-21T00:00:00</CreationDateFrom><CreationDateTo>2017-09-21T23:59:59</CreationDateTo>"
        )
            == ["ORD-000001907"])
    #expect(try ids("<StatusIdList/><OrderBy>CreationDate:ASC</OrderBy>").first == "ORD-000001900")
    #expect(code(try search("<OrderSearchParameters><Id></OrderSearchParameters>")) == "ValidationError")
    #expect(rows(try search("", method: "SearchOrdersWithSummary"), "SalesOrdersList").count == 18)
    func lines(_ inner: String) throws -> [String] {
        let filter = "<OrderLineSearchParameters>\(inner)</OrderLineSearchParameters>"
        return rows(try search(filter, method: "SearchOrderLines"), "Content").compactMap { $0["Id"] as? String }
    }
    #expect(try lines("<StatusIdList><Id>2</Id></StatusIdList>") == ["SL-1", "SL-2"])
    #expect(try lines("<VendorPurchaseIdList><Id>12900</Id></VendorPurchaseIdList>") == ["SL-2"])
    #expect(
        try lines("<OrderSearchParameters><StatusIdList><Id>40</Id></StatusIdList></OrderSearchParameters>") == ["SL-9"]
    )
}

@Test func `an order shows what the scenario says of that time`() throws {
    let running = try Running(try scenario())
    func lines() throws -> [[String: Any]] {
        rows(
            try running.shop("GetSalesOrderDetailsForOperator", ["salesId": "ORD-000001907", "queryType": "0"]),
            "SalesLinesList")
    }
    #expect(try lines().map { $0["StatusId"] as? Int } == [2, 2])
    #expect(try lines().map { $0["VendPurchWaybill"] as? String } == ["", ""])
    #expect(try lines()[0]["AmountCust"] as? Double == 326.78)
    running.world.advance(to: try moment("2017-09-26 11:00"))
    #expect(try lines().map { $0["StatusName"] as? String } == ["Заказано", "В обработке"])
    // The second line is gone for good.
    running.world.advance(to: try moment("2017-09-27 12:00"))
    #expect(try lines().map { $0["VendPurchWaybill"] as? String } == ["88"])
    let bought = try running.shop("GetSalesOrderDetailsForOperator", ["salesId": "ORD-000001907", "queryType": "2"])
    #expect(rows(bought, "SalesLinesList").isEmpty)
    #expect(code(try running.shop("GetSalesOrderDetailsForOperator", ["salesId": "ORD-1"])) == "NotFound")
}

@Test func `packages have the habits of the real ones`() throws {
    let running = try Running(try scenario())
    func packages() throws -> [[String: Any]] {
        rows(try running.shop("GetSalesPackageList", ["salesId": "ORD-000001907"]), "Content")
    }
    #expect(try packages().isEmpty)
    #expect(code(try running.shop("GetPackage", ["packageId": "519"])) == "NotFound")
    running.world.advance(to: try moment("2017-09-26 10:00"))
    let package = try #require(try packages().first)
    #expect((package["OrderId"] as? [String: Any])?.isEmpty == true)
    #expect(package["StatusCode"] as? String == "11")
    #expect(package["StatusName"] as? String == "Экспортировано в систему службы доставки")
    #expect(package["ExternalPackageId"] as? String == "7")
    #expect((package["CreationDate"] as? String)?.hasPrefix("2017-09-26T10:00:00") == true)
    #expect((package["Items"] as? [[String: Any]])?.compactMap { $0["OrderLineId"] as? String } == ["SL-1"])
    #expect(result(try running.shop("GetPackage", ["packageId": "519"]), "Result")["Id"] as? String == "519")
    func checkpoints() throws -> [[String: Any]] {
        let wire = try running.shop("GetPackageTrackingForOperator", ["packageId": "519"])
        return (result(wire, "Result")["PackageTrackingCheckpoints"] as? [String: Any])?["Content"] as? [[String: Any]]
            ?? []
    }
    #expect(try checkpoints().isEmpty)
    running.world.advance(to: try moment("2017-09-27 10:00"))
    #expect(try checkpoints().map { $0["Status"] as? String } == ["Принято"])
}

@Test func `lists are wrapped and the log kept where the scenario wants it`() throws {
    var wish = try scenario()
    wish.otcommerce.wrappedLists = true
    wish.otcommerce.processLog = true
    let running = try Running(wish)
    running.world.advance(to: try moment("2017-09-26 11:30"))
    let content = result(try running.shop("SearchOrders"), "Result")["Content"] as? [String: Any]
    #expect((content?["Item"] as? [Any])?.count == 2)
    let log = try running.shop("GetSalesProcessLog", ["salesId": "ORD-000001907"]).json["Result"] as? [[String: Any]]
    #expect(log?.compactMap { $0["NewValue"] as? String } == ["2", "2", "4"])
    #expect(log?.last?["LogDate"] as? String == "2017-09-26")
    #expect(log?.last?["LogTime"] as? String == "11:00:00")
}

@Test func `a write method is refused and noted`() throws {
    let running = try Running(try scenario())
    #expect(code(try running.shop("ChangePackageStatus", ["packageId": "519"])) == "ValidationError")
    #expect(running.world.violations == ["otcommerce ChangePackageStatus"])
    let state = try running.get("/sim/state").json
    #expect(state["violations"] as? [String] == ["otcommerce ChangePackageStatus"])
}
