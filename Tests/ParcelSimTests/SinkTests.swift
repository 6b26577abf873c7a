import Foundation
import Testing

@testable import ParcelSim

private let path = "/telegram/bot1907:demo-telegram-token/sendMessage"
private let json = ["Content-Type: application/json"]

@Test func `Telegram takes a message as JSON or as a form`() throws {
    let running = try Running(try scenario())
    let first = try running.post(path, #"{"chat_id":-100,"text":"Привет"}"#, json + ["Idempotency-Key: k"])
    #expect(first.json["ok"] as? Bool == true)
    #expect(result(first)["message_id"] as? Int == 1)
    let second = try running.post(path, "chat_id=7&text=a+b%26c")
    #expect(result(second)["message_id"] as? Int == 2)
    #expect(running.world.received.map(\.text) == ["Привет", "a b&c"])
    #expect(running.world.received.map(\.key) == ["k", ""])
    #expect(running.world.received.allSatisfy { $0.ms == running.world.now && $0.channel == "telegram" })
}

@Test(arguments: [
    (path, #"{"chat_id":1}"#, 400, "message text is empty"), (path, #"{"text":"a"}"#, 400, "chat_id is empty"),
    ("/telegram/botwrong/sendMessage", #"{"chat_id":1,"text":"a"}"#, 401, "Unauthorized"),
    ("/telegram/bot1907:demo-telegram-token/nothing", #"{"chat_id":1,"text":"a"}"#, 404, "Not Found"),
])
func `Telegram refuses in its own words`(path: String, body: String, status: Int, words: String) throws {
    let running = try Running(try scenario())
    let answer = try running.post(path, body, json)
    #expect(answer.status == status)
    #expect(answer.json["ok"] as? Bool == false)
    #expect((answer.json["description"] as? String)?.contains(words) == true)
    #expect(running.world.received.isEmpty)
}

@Test func `a message holds 4096 UTF-16 units`() throws {
    let running = try Running(try scenario())
    func status(_ text: String) throws -> Int {
        try running.post(path, #"{"chat_id":1,"text":"\#(text)"}"#, json).status
    }
    #expect(try status(String(repeating: "я", count: 4096)) == 200)
    #expect(try status(String(repeating: "я", count: 4097)) == 400)
    #expect(try status(String(repeating: "😀", count: 2048)) == 200)
    #expect(try status(String(repeating: "😀", count: 2049)) == 400)
}

@Test func `channels fail as the real ones do`() throws {
    let busy = try Running(try scenario("faults: [{provider: telegram, kind: status, code: 429, retry_after: 7}]"))
    let answer = try busy.post(path, #"{"chat_id":1,"text":"a"}"#, json)
    #expect(answer.status == 429)
    #expect(result(answer, "parameters")["retry_after"] as? Int == 7)
    let blocked = try Running(try scenario("faults: [{provider: telegram, kind: status, code: 403}]"))
    #expect(try blocked.post(path, #"{"chat_id":1,"text":"a"}"#, json).text.contains("bot was blocked"))
    #expect(busy.world.received.isEmpty && blocked.world.received.isEmpty)
}

@Test(arguments: ["telegram", "webhook"])
func `a message whose answer is lost was taken, and its repeat is known by its key`(channel: String) throws {
    let running = try Running(try scenario("faults: [{provider: \(channel), kind: lost_answer, times: 1}]"))
    func deliver() throws -> Wire {
        try running.post(
            channel == "telegram" ? path : "/webhook", #"{"chat_id":1,"text":"a"}"#, json + ["Idempotency-Key: k"])
    }
    #expect(try deliver().bytes.isEmpty)
    #expect(try deliver().status == 200)
    #expect(running.world.received.map(\.isRepeat) == [false, true])
}

@Test func `a webhook takes any JSON and keeps its headers`() throws {
    let running = try Running(try scenario())
    #expect(try running.post("/webhook", "{\"a\":1}", json + ["X-Signature: s", "Idempotency-Key: k"]).status == 200)
    let messages =
        try JSONSerialization.jsonObject(with: Data(try running.get("/sim/messages").body)) as? [[String: Any]]
    let message = try #require(messages?.first)
    #expect(message["text"] as? String == "{\"a\":1}")
    #expect((message["headers"] as? [String: Any])?["x-signature"] as? String == "s")
    #expect(try running.get("/sim/state").json["messages"] as? Int == 1)
}
