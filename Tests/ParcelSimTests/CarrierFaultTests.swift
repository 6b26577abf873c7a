import Foundation
import Testing

@testable import ParcelSim

private let registered = "RR100000015CN"

@Test func `a number that starts again has lost what was before`() throws {
    let running = try carriers()
    func codes() throws -> [String] {
        let wire = try running.track17("gettrackinfo", numbers: ["RR100000029CN"])
        return wire.texts(
            "data", "accepted", 0, "track_info", "tracking", "providers", 0, "events", member: "sub_status")
    }
    #expect(try codes() == ["Delivered_Other"])
    try running.move("2026-05-01 09:30")
    #expect(try codes().isEmpty)
    #expect(!(try running.soap("RR100000029CN").text.contains("historyRecord")))
    try running.move("2026-05-01 20:30")
    #expect(try codes() == ["InTransit_PickedUp"])
}

private struct Spoilt: Sendable {
    let fault: String
    let status: Int
    let contains: String
    let ask: @Sendable (Running) throws -> Wire
}

private let ask17: @Sendable (Running) throws -> Wire = {
    try $0.track17("gettrackinfo", numbers: ["RR100000029CN", "RR100000032CN"])
}
private let askPost: @Sendable (Running) throws -> Wire = { try $0.soap(registered) }
private let askKuaidi: @Sendable (Running) throws -> Wire = {
    try $0.kuaidi("SF1000000000001", company: "shunfeng", phone: "1907")
}
private let askCDEK: @Sendable (Running) throws -> Wire = {
    try $0.cdek("1100000001", token: try #require(try $0.cdekToken().at("access_token") as? String))
}
private let askCainiao: @Sendable (Running) throws -> Wire = { try $0.cainiao(registered) }
private let askGeneric: @Sendable (Running) throws -> Wire = { try $0.generic("number=\(registered)") }

private let spoilt: [Spoilt] = [
    Spoilt(fault: "17track, kind: auth", status: 401, contains: "-18010002", ask: ask17),
    Spoilt(fault: "17track, kind: quota", status: 200, contains: "-18019907", ask: ask17),
    Spoilt(fault: "17track, kind: status, code: 429", status: 429, contains: "html", ask: ask17),
    Spoilt(
        fault: "17track, kind: malformed", status: 200, contains: #""number":"RR100000029CN","carrier":"?""#, ask: ask17
    ),
    Spoilt(
        fault: "17track, kind: malformed_row, thing: RR100000032CN", status: 200, contains: #""carrier":3011"#,
        ask: ask17),
    Spoilt(fault: "russianpost, kind: auth", status: 500, contains: "неверный логин", ask: askPost),
    Spoilt(fault: "russianpost, kind: quota", status: 500, contains: "Превышен лимит", ask: askPost),
    Spoilt(fault: "russianpost, kind: malformed", status: 200, contains: "<ns3:OperDate>?<", ask: askPost),
    Spoilt(fault: "russianpost, kind: html", status: 200, contains: "<!doctype html>", ask: askPost),
    Spoilt(fault: "kuaidi100, kind: auth", status: 200, contains: #""503""#, ask: askKuaidi),
    Spoilt(fault: "kuaidi100, kind: quota", status: 200, contains: #""601""#, ask: askKuaidi),
    Spoilt(fault: "kuaidi100, kind: malformed", status: 200, contains: #""nu":{"is":7}"#, ask: askKuaidi),
    Spoilt(
        fault: "cdek, method: orders, kind: auth", status: 401, contains: "v2_authorization_incorrect", ask: askCDEK),
    Spoilt(fault: "cdek, kind: token_expired", status: 401, contains: "v2_token_expired", ask: askCDEK),
    Spoilt(
        fault: "cdek, method: orders, kind: malformed", status: 200, contains: #""cdek_number":{"is":7}"#, ask: askCDEK),
    Spoilt(fault: "cainiao, kind: block", status: 200, contains: "x5secdata", ask: askCainiao),
    Spoilt(fault: "cainiao, kind: malformed", status: 200, contains: #""detailList":[{"time":"?""#, ask: askCainiao),
    Spoilt(fault: "generic, kind: auth", status: 401, contains: "token", ask: askGeneric),
    Spoilt(fault: "generic, kind: outage", status: 503, contains: "503", ask: askGeneric),
    Spoilt(fault: "generic, kind: malformed", status: 200, contains: #""status":{"is":7}"#, ask: askGeneric),
]

@Test(arguments: spoilt.indices)
func `each carrier fails in its own words`(index: Int) throws {
    let wish = spoilt[index]
    let running = try carriers("faults: [{provider: \(wish.fault)}]")
    let answer = try wish.ask(running)
    #expect(answer.status == wish.status, "\(wish.fault)")
    #expect(answer.text.contains(wish.contains), "\(wish.fault): \(answer.text.prefix(600))")
    // A fault's window is over when it is; nothing of it stays.
    #expect(running.world.violations.isEmpty)
}

@Test func `a registration may happen although its answer is lost, and not when nobody took it`() throws {
    let lost = try carriers("faults: [{provider: 17track, method: register, kind: lost_answer, times: 1}]")
    #expect(try lost.track17("register", numbers: [registered]).bytes.isEmpty)
    #expect(try lost.track17("register", numbers: [registered]).rejections == [-18_019_901])
    let down = try carriers("faults: [{provider: 17track, method: register, kind: outage, times: 1}]")
    #expect(try down.track17("register", numbers: [registered]).status == 503)
    #expect(
        try down.track17("register", numbers: [registered]).texts("data", "accepted", member: "number") == [registered])
}

@Test func `a token that expires in the middle is replaced by the next one`() throws {
    let running = try carriers("faults: [{provider: cdek, kind: token_expired, method: orders, times: 1}]")
    let token = try #require(try running.cdekToken().at("access_token") as? String)
    #expect(try running.cdek("1100000001", token: token).status == 401)
    #expect(try running.cdek("1100000001", token: token).at("errors", 0, "code") as? String == "v2_token_expired")
    let next = try #require(try running.cdekToken().at("access_token") as? String)
    #expect(try running.cdek("1100000001", token: next).status == 200)
}

@Test func `what was passed and how often who was asked is shown on a page`() throws {
    let running = try carriers()
    _ = try running.cainiao(registered)
    _ = try running.cainiao(registered)
    _ = try running.soap(registered)
    let page = try running.get("/sim/limits")
    #expect((page.at("violations") as? [String])?.count == 1)
    #expect(page.at("days", 0, "day") as? String == "2026-04-20")
    #expect(page.at("days", 0, "requests") as? [String: Int] == ["cainiao": 2, "russianpost": 1])
}

@Test func `ten thousand made numbers are known to 17TRACK, each under its own number`() throws {
    let text = "start: \"2026-01-01\"\nend: \"2026-01-02\"\ngenerate: {numbers: 10000, packages: 2}"
    let running = try Running(try scenario(from: text))
    let numbers = running.world.things.numbers.map(\.number)
    #expect(Set(numbers).count == 10_000)
    let last = try running.track17("gettrackinfo", numbers: Array(numbers.suffix(40)))
    #expect(last.texts("data", "accepted", member: "number") == Array(numbers.suffix(40)))
    let events = last.at("data", "accepted", 39, "track_info", "tracking", "providers") as? [[String: Any]] ?? []
    #expect(events.reduce(0) { $0 + (($1["events"] as? [Any])?.count ?? 0) } == 7)
    let package = result(try running.shiptor("getPackage", #"{"id":2}"#))
    #expect(package["external_tracking_number"] as? String == numbers[1])
}
