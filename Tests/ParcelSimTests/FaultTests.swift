import Foundation
import Testing

@testable import ParcelSim

private func running(_ fault: String) throws -> Running { try Running(try scenario("faults: [{\(fault)}]")) }
private let list = #"{"page":1,"per_page":100}"#

@Test func `connections end where the fault says`() throws {
    let refused = try running("provider: shiptor, kind: refuse").shiptor("getPackages", list)
    #expect(refused.bytes.isEmpty)
    #expect(refused.end == .reset)
    let reset = try running("provider: shiptor, kind: reset").shiptor("getPackages", list)
    #expect(reset.status == 200)
    let promised = try #require(reset.header("Content-Length").flatMap { Int($0) })
    #expect(reset.body.count < promised)
    let hanging = try running("provider: litemf, kind: hang").litemf("getIncomingPackage", milliseconds: 200)
    #expect(hanging.bytes.isEmpty)
    #expect(hanging.end == .timedOut)
    let endless = try running("provider: shiptor, kind: endless").shiptor("getPackages", list, limit: 5 << 20)
    #expect(endless.bytes.count >= 5 << 20)
}

@Test(arguments: [
    ("kind: status, code: 429, retry_after: 120", 429, "120"), ("kind: status, code: 500", 500, nil),
    ("kind: status, code: 503, retry_after: 'Mon, 25 Sep 2017 02:00:00 GMT'", 503, "Mon, 25 Sep 2017 02:00:00 GMT"),
    ("kind: status", 500, nil), ("kind: outage", 503, nil), ("kind: html", 200, nil),
])
func `statuses and pages come as the scenario says`(fault: String, status: Int, retryAfter: String?) throws {
    let answer = try running("provider: otcommerce, \(fault)").post("/otcommerce/service-json/SearchOrders", "")
    #expect(answer.status == status)
    #expect(answer.header("Retry-After") == retryAfter)
    #expect(answer.header("Content-Type")?.hasPrefix("text/html") == true)
    #expect(answer.header("Date") == "Mon, 25 Sep 2017 01:00:00 GMT")
}

@Test func `an account is refused in each provider's own words`() throws {
    let shop = try running("provider: otcommerce, kind: auth").post("/otcommerce/service-json/SearchOrders", "")
    #expect(shop.json["ErrorCode"] as? String == "AccessDenied")
    let litemf = try running("provider: litemf, kind: auth").litemf("getIncomingPackage")
    #expect(result(litemf, "error")["code"] as? Int == 1002)
    let shiptor = try running("provider: shiptor, kind: auth").shiptor("getPackages", list)
    #expect(result(shiptor, "error")["code"] as? Int == -32603)
    let expired = try running("provider: otcommerce, method: GetOrderStatusList, kind: session_expired")
        .shop("GetOrderStatusList")
    #expect(expired.json["ErrorCode"] as? String == "SessionExpired")
}

@Test func `bodies are spoilt`() throws {
    let truncated = try running("provider: litemf, kind: truncated").litemf("getIncomingPackage")
    #expect(!truncated.body.isEmpty)
    #expect(truncated.json.isEmpty)
    let empty = try running("provider: litemf, kind: empty").litemf("getIncomingPackage")
    #expect(empty.status == 200)
    #expect(empty.body.isEmpty)
    let slow = try running("provider: litemf, kind: slow, delay: 1ms").litemf("getIncomingPackage")
    #expect((result(slow)["data"] as? [Any])?.count == 2)
}

@Test func `a compressed answer is the plain one, as another program reads it`() throws {
    let plain = try Running(try scenario()).litemf("getIncomingPackage")
    let packed = try running("provider: litemf, kind: gzip").litemf("getIncomingPackage")
    #expect(packed.header("Content-Encoding") == "gzip")
    let file = FileManager.default.temporaryDirectory.appending(path: "sim-\(UUID().uuidString).gz")
    defer { try? FileManager.default.removeItem(at: file) }
    let long = gzipped([UInt8](repeating: 65, count: 100_000))
    for (bytes, expected) in [(packed.body, Data(plain.body)), (long, Data(repeating: 65, count: 100_000))] {
        try Data(bytes).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        #expect(output.fileHandleForReading.readDataToEndOfFile() == expected)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}

@Test func `rows are lost, cut and broken`() throws {
    func data(_ wire: Wire) -> [[String: Any]] { result(wire)["data"] as? [[String: Any]] ?? [] }
    func total(_ wire: Wire) -> Int? { (result(wire)["pager"] as? [String: Any])?["total"] as? Int }
    let dropped = try running("provider: litemf, kind: drop_row, thing: 1907-1").litemf("getIncomingPackage")
    #expect(data(dropped).compactMap { $0["id"] as? Int } == [4])
    #expect(total(dropped) == 1)
    let last = try running("provider: litemf, kind: drop_row").litemf("getIncomingPackage")
    #expect(data(last).compactMap { $0["id"] as? Int } == [3])
    let other = try running("provider: litemf, kind: drop_row, thing: 1999-1").litemf("getIncomingPackage")
    #expect(total(other) == 2)
    let short = try running("provider: litemf, kind: short_page").litemf("getIncomingPackage")
    #expect(data(short).count == 1)
    #expect(total(short) == 2)
    let one = try running("provider: litemf, kind: malformed_row, thing: 1907-2").litemf("getIncomingPackage")
    #expect(data(one).map { $0["status"] is String } == [true, false])
    let all = try running("provider: litemf, kind: malformed").litemf("getIncomingPackage")
    #expect(data(all).map { $0["status"] is String } == [false, false])
    let line = try running("provider: otcommerce, kind: malformed_row, thing: 1907-2")
        .shop("GetSalesOrderDetailsForOperator", ["salesId": "ORD-000001907"])
    #expect(rows(line, "SalesLinesList").map { $0["StatusId"] is Int } == [true, false])
    let package = try running("provider: shiptor, kind: malformed_row").shiptor("getPackage", #"{"id":7}"#)
    #expect(!(result(package)["status"] is String))
    #expect(result(package)["id"] as? Int == 7)
}

@Test func `a fault has a window, a method, a thing and a number of times`() throws {
    let window = try running("provider: litemf, kind: html, from: '2017-09-25 10:00', to: '2017-09-25 11:00'")
    for (time, isSpoilt) in [("09:59", false), ("10:00", true), ("10:59", true), ("11:00", false)] {
        window.world.advance(to: try moment("2017-09-25 " + time))
        #expect(try window.litemf("getIncomingPackage").json.isEmpty == isSpoilt, "\(time)")
    }
    let method = try running("provider: litemf, kind: html, method: getOutgoingPackage")
    #expect(try method.litemf("getIncomingPackage").json.isEmpty == false)
    #expect(try method.litemf("getOutgoingPackage").json.isEmpty)
    let thing = try running("provider: shiptor, kind: html, thing: 8")
    #expect(try thing.shiptor("getPackage", #"{"id":7}"#).json.isEmpty == false)
    #expect(try thing.shiptor("getPackage", #"{"id":8}"#).json.isEmpty)
    #expect(try thing.shiptor("getPackages", list).json.isEmpty == false)
    let twice = try running("provider: litemf, kind: html, times: 2")
    let answers = try (0..<3).map { _ in try twice.litemf("getIncomingPackage").json.isEmpty }
    #expect(answers == [true, true, false])
}

@Test func `faults are added while it runs, and the log tells which request met one`() throws {
    let running = try Running(try scenario())
    #expect(try running.post("/sim/fault", #"{"provider":"litemf","kind":"status","code":502}"#).status == 200)
    #expect(try running.litemf("getIncomingPackage").status == 502)
    let wrong = try running.post("/sim/fault", "provider: litemf\nkind: fire")
    #expect(wrong.status == 400)
    #expect(wrong.text.contains("line 2"))
    let log = try running.get("/sim/requests").json
    #expect((log["counts"] as? [String: Any])?["litemf getIncomingPackage"] as? Int == 1)
    #expect((log["log"] as? [[String: Any]])?.compactMap { $0["fault"] as? String } == ["status"])
}

@Test func `one connection serves many requests, also when they come in pieces`() throws {
    let running = try Running(try scenario())
    let client = try Client(port: try running.port("http"))
    defer { client.end() }
    let request = "GET /sim/state HTTP/1.1\r\nHost: sim\r\n\r\n"
    client.say(request + request.prefix(20))
    #expect(client.line() == "HTTP/1.1 200 OK\r")
    client.say(String(request.dropFirst(20)) + "GET /nowhere HTTP/1.1\r\nConnection: close\r\n\r\n")
    let rest = client.rest().text
    #expect(rest.components(separatedBy: "HTTP/1.1 200 OK").count == 2)
    #expect(rest.components(separatedBy: "HTTP/1.1 404 Not Found").count == 2)
}

@Test func `a port that is taken is said in one line`() throws {
    let running = try Running(try scenario())
    let port = UInt16(try running.port("http"))
    let error = #expect(throws: PortTaken.self) { try Simulator(try scenario(), port: port) }
    #expect(error?.description == "port \(port) of 127.0.0.1 cannot be used; choose another, or 0 for any")
}
