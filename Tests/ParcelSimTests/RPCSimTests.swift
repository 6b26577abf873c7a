import Foundation
import Testing

@testable import ParcelSim

private func data(_ wire: Wire) -> [[String: Any]] { result(wire)["data"] as? [[String: Any]] ?? [] }
private func error(_ wire: Wire) -> Int? { result(wire, "error")["code"] as? Int }
private func packages(_ wire: Wire) -> [[String: Any]] { wire.json["result"] as? [[String: Any]] ?? [] }

@Test func `LiteMF pages its lists, counts them, and finds by its filters`() throws {
    let running = try Running(try scenario())
    let all = try running.litemf("getIncomingPackage")
    #expect(data(all).compactMap { $0["id"] as? Int } == [3, 4])
    #expect((result(all)["pager"] as? [String: Any])?["total"] as? Int == 2)
    #expect(all.json["id"] as? Int == 1)
    #expect(all.json["status"] as? String == "ok")
    let second = try running.litemf("getIncomingPackage", #"{"page":2,"limit":1}"#)
    #expect(data(second).compactMap { $0["id"] as? Int } == [4])
    #expect((result(second)["pager"] as? [String: Any])?["total"] as? Int == 2)
    #expect(data(try running.litemf("getIncomingPackage", #"{"id":4}"#)).count == 1)
    #expect(data(try running.litemf("getIncomingPackage", #"{"id":[3,4,5]}"#)).count == 2)
    #expect(data(try running.litemf("getIncomingPackage", #"{"partner_fid":"1907-2"}"#)).count == 1)
    #expect(data(try running.litemf("getIncomingPackage", #"{"status":"in_stock"}"#)).count == 1)
    #expect(data(try running.litemf("getIncomingPackage", #"{"id":99}"#)).isEmpty)
    #expect(data(try running.litemf("getOutgoingPackage")).isEmpty)
    running.world.advance(to: try moment("2017-09-27 12:00"))
    #expect(data(try running.litemf("getOutgoingPackage"))[0]["tracking"] as? String == "LP9")
    #expect(data(try running.litemf("getIncomingPackage", #"{"outgoing_package":9}"#)).count == 1)
}

@Test func `LiteMF's errors come with status 200`() throws {
    let running = try Running(try scenario())
    #expect(error(try running.litemf("getIncomingPackage", key: "wrong")) == 1001)
    #expect(error(try running.litemf("getIncomingPackage", key: "")) == 1002)
    #expect(error(try running.post("/litemf/v2/rpc", "{}", ["X-Auth-Api-Key: x"])) == -32700)
    let empty = try running.litemf("")
    #expect(error(empty) == -32600)
    #expect(empty.status == 200)
    #expect(error(try running.litemf("createIncomingPackage")) == -32602)
    #expect(running.world.violations == ["litemf createIncomingPackage"])
}

@Test func `Shiptor's pages have no total, and only a package by itself has checkpoints`() throws {
    let running = try Running(try scenario())
    func list(_ parameters: String) throws -> [[String: Any]] {
        packages(try running.shiptor("getPackages", parameters))
    }
    #expect(try list(#"{"page":1,"per_page":100,"archived":null}"#).compactMap { $0["id"] as? Int } == [7, 8])
    #expect(try list(#"{"page":2,"per_page":1}"#).compactMap { $0["id"] as? Int } == [8])
    #expect(try list(#"{"page":3,"per_page":1}"#).isEmpty)
    #expect(try list(#"{"page":1,"per_page":9,"status":"packed"}"#).count == 1)
    #expect(error(try running.shiptor("getPackages", #"{"page":1,"per_page":101}"#)) == -32602)
    let created = try list(#"{"page":1,"per_page":1}"#)[0]
    #expect(created["created_at"] as? String == "2017-09-25 03:00:00")
    #expect(created["checkpoints"] == nil)
    running.world.advance(to: try moment("2017-09-26 08:00"))
    #expect(try list(#"{"page":1,"per_page":9,"archived":false}"#).compactMap { $0["id"] as? Int } == [7])
    #expect(try list(#"{"page":1,"per_page":9,"archived":true}"#).compactMap { $0["id"] as? Int } == [8])
    let one = try running.shiptor("getPackage", #"{"external_id":"ORD-000001907"}"#)
    #expect(one.json["id"] as? String == "a")
    #expect(result(one)["status"] as? String == "sent")
    #expect(result(one)["external_tracking_number"] as? String == "LP1")
    let checkpoint = (result(one)["checkpoints"] as? [[String: Any]])?.first
    #expect(checkpoint?["date"] as? String == "2017-09-25T08:00:00+03:00")
}

@Test func `Shiptor hides what it does not know inside a success`() throws {
    let running = try Running(try scenario())
    let unknown = try running.shiptor("getPackage", #"{"id":99}"#)
    #expect(unknown.status == 200)
    #expect(result(unknown)["status"] as? String == "error")
    #expect(error(unknown) == nil)
    #expect(error(try running.shiptor("getPackage", #"{"id":7}"#, token: "wrong")) == -32603)
    #expect(error(try running.shiptor("removePackage", #"{"id":7}"#)) == -32601)
    #expect(running.world.violations == ["shiptor removePackage"])
    #expect(result(try running.shiptor("getPackagesCount", "{}"))["count"] as? Int == 2)
    #expect(result(try running.shiptor("getPackageStatuses", "{}"))["new"] as? String == "Новая")
    let current = try running.shiptor("getPackagesCurrentStatus", #"{"ids":["7","99"]}"#)
    #expect((result(current)["7"] as? [String: Any])?["status"] as? String == "packed")
    let tracking = try running.post(
        "/shiptor/public/v1", #"{"id":1,"jsonrpc":"2.0","method":"getTracking","params":{"query":"RP7"}}"#)
    #expect(result(tracking)["article"] as? String == "RP7")
}

@Test func `a lag shows everything later, and answers are not kept over a change`() throws {
    let late = small.replacing("shiptor:\n", with: "shiptor:\n  lag: 2h\n")
    let running = try Running(try scenario(from: late))
    func status() throws -> String? { result(try running.shiptor("getPackage", #"{"id":7}"#))["status"] as? String }
    #expect(try status() == "error")
    running.world.advance(to: try moment("2017-09-25 10:00"))
    #expect(try status() == "packed")
    running.world.advance(to: try moment("2017-09-25 13:59"))
    #expect(try status() == "packed")
    running.world.advance(to: try moment("2017-09-25 14:00"))
    #expect(try status() == "sent")
}

@Test func `every personal field carries the mark`() throws {
    let running = try Running(try scenario())
    running.world.advance(to: try moment("2017-09-27 12:00"))
    let answers = [
        try running.shop("SearchOrders"), try running.shop("GetSalesPackageList", ["salesId": "ORD-000001907"]),
        try running.litemf("getOutgoingPackage"), try running.shiptor("getPackage", #"{"id":7}"#),
    ]
    for answer in answers { #expect(answer.text.contains(personalMark), "\(answer.text.prefix(200))") }
}

@Test func `generated things are many, and each is found`() throws {
    let text = "start: \"2026-01-01\"\nend: \"2026-01-02\"\ngenerate: {orders: 3, lines_per_order: 2, packages: 250}"
    let running = try Running(try scenario(from: text))
    #expect(packages(try running.shiptor("getPackages", #"{"page":3,"per_page":100}"#)).count == 50)
    let last = result(try running.shiptor("getPackage", #"{"id":250}"#))
    #expect(last["external_tracking_number"] as? String == "LP1000000250")
    #expect((last["checkpoints"] as? [Any])?.count == 7)
    let lines = try running.shop("SearchOrderLines", ["frameSize": "100"])
    #expect(result(lines, "Result")["TotalCount"] as? Int == 6)
    #expect(Set(rows(lines, "Content").compactMap { $0["VendPurchWaybill"] as? String }).count == 6)
}
