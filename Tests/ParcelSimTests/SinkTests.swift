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

private let bot = "/telegram/bot1907:demo-telegram-token/"

@Test(arguments: [
    ("<b>a</b> &lt;b&gt; &amp;", "a <b> &"), ("<b><s>a</s></b>", "a"), ("plain", "plain"), ("<b>a", nil),
    ("a</b>", nil), ("<b><s>a</b></s>", nil), ("<x>a</x>", nil), ("a & b", nil), ("a > b", nil), ("1 < 2", nil),
])
func `HTML is shown as text or refused`(html: String, text: String?) throws {
    let running = try Running(try scenario())
    let quoted = html.replacingOccurrences(of: "\"", with: "\\\"")
    let answer = try running.post(path, #"{"chat_id":1,"text":"\#(quoted)","parse_mode":"HTML"}"#, json)
    #expect(answer.status == (text == nil ? 400 : 200))
    #expect(running.world.received.map(\.text) == (text.map { [$0] } ?? []))
}

@Test func `a message is edited, once for each text`() throws {
    let running = try Running(try scenario())
    _ = try running.post(
        path,
        #"{"chat_id":1,"text":"a","reply_markup":{"inline_keyboard":[[{"text":"b","callback_data":"ack:1"}]]}}"#, json)
    #expect(running.world.received.first?.buttons == [[SimButton(text: "b", data: "ack:1")]])
    let edit = #"{"chat_id":1,"message_id":1,"text":"c"}"#
    #expect(try running.post(bot + "editMessageText", edit, json).status == 200)
    let again = try running.post(bot + "editMessageText", edit, json)
    #expect(again.status == 400 && again.text.contains("message is not modified"))
    let gone = try running.post(bot + "editMessageText", #"{"chat_id":1,"message_id":9,"text":"c"}"#, json)
    #expect(gone.text.contains("message to edit not found"))
    let message = try #require(running.world.received.first)
    #expect(message.text == "a" && message.shown == "c" && message.buttons.isEmpty)
}

@Test func `updates are given until a later one is asked for, and a press is answered once`() throws {
    let running = try Running(
        try scenario("telegram: {answers: [{at: 2017-09-26 00:00, press: \"snz:2\", thing: 1907-2, name: A}]}"))
    func updates(_ body: String = "{}") throws -> [[String: Any]] {
        try running.post(bot + "getUpdates", body, json).json["result"] as? [[String: Any]] ?? []
    }
    // Nobody can press what is not there.
    #expect(try updates().isEmpty)
    _ = try running.post(
        path,
        #"{"chat_id":-5,"text":"1907-2","reply_markup":{"inline_keyboard":[[{"text":"1","callback_data":"snz:1:1"},{"text":"2","callback_data":"snz:1:2"}]]}}"#,
        json)
    running.world.advance(to: running.world.scenario.end)
    for _ in 0..<2 {
        let update = try #require(try updates().first)
        let press = try #require(update["callback_query"] as? [String: Any])
        #expect(update["update_id"] as? Int == 1000)
        #expect(press["data"] as? String == "snz:1:2")
        #expect(((press["message"] as? [String: Any])?["chat"] as? [String: Any])?["id"] as? Int == -5)
    }
    #expect(try updates(#"{"offset":1001}"#).isEmpty)
    #expect(try updates().isEmpty)
    let answer = #"{"callback_query_id":"q1000","text":"ok"}"#
    #expect(try running.post(bot + "answerCallbackQuery", answer, json).status == 200)
    #expect(try running.post(bot + "answerCallbackQuery", answer, json).status == 400)
    #expect(running.world.queryAnswers.map(\.text) == ["ok"])
}

@Test func `a file arrives with its name and caption`() throws {
    let running = try Running(try scenario())
    let body = [
        "--x", "Content-Disposition: form-data; name=\"chat_id\"", "", "-5", "--x",
        "Content-Disposition: form-data; name=\"caption\"", "", "All of them", "--x",
        "Content-Disposition: form-data; name=\"document\"; filename=\"a.csv\"", "Content-Type: text/csv", "", "a;b",
        "--x--", "",
    ].joined(separator: "\r\n")
    let answer = try running.post(
        bot + "sendDocument", body, ["Content-Type: multipart/form-data; boundary=x"])
    #expect(result(answer)["message_id"] as? Int == 1)
    let message = try #require(running.world.received.first)
    #expect(message.text == "All of them\na.csv")
    #expect(message.document == "a;b")
}
