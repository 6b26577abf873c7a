// A message that Telegram calls malformed is told plainly at once, so that it holds up nobody; what Telegram says of the
// chat is no matter of words.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

/// Telegram by a script: each request has the next answer, and the last goes on.
private final class Script: @unchecked Sendable {
    private let lock = NSLock()
    private var answers: [String]
    private var asked: [HTTPRequest] = []

    init(_ answers: [String]) { self.answers = answers }

    var heard: [HTTPRequest] { lock.withLock { asked } }

    var ways: Ways {
        Ways(
            http: { request in
                let text = self.lock.withLock {
                    self.asked.append(request)
                    return self.answers.count > 1 ? self.answers.removeFirst() : self.answers[0]
                }
                guard text != "broken" else { return .failure(.cancelled) }
                let code = text.contains("\"ok\":true") ? 200 : Int(text.split(separator: " ")[0]) ?? 0
                let said = text.split(separator: " ").dropFirst().joined(separator: " ")
                let body = code == 200 ? text : #"{"ok":false,"error_code":\#(code),"description":"\#(said)"}"#
                return .success(answer(code, body))
            }, mail: { _ in .failure(.cancelled) }, program: { _ in .timedOut(errors: "") }, journal: { _ in })
    }
}

private func took(_ id: Int) -> String { #"{"ok":true,"result":{"message_id":\#(id)}}"# }
private let malformed = "400 Bad Request: can't parse entities: Unsupported start tag \\\"chat\\\" at byte offset 5"
private let tooLong = "400 Bad Request: message is too long"

private func telegram() throws -> any Channel {
    try channel("telegram", ["token": .secret(Secret("1907:secret")), "chat": .text("-1001907")])
}

private func stall(_ number: Int64, _ words: String = "<b>a & \"b\"</b> &lt;") throws -> MessageItem {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    (facts.label, facts.statusText) = ("\(number)-1", words)
    return item(.opened, .stall, facts, alert: number)
}

private func members(_ request: HTTPRequest) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any])
}

private func key(_ request: HTTPRequest) -> String? { request.headers.first { $0.name == "Idempotency-Key" }?.value }

/// Sends a part as a dispatcher does.
private func send(_ part: String, number: Int = 0, _ script: Script) async throws -> DeliveryOutcome {
    let channel = try telegram()
    let delivery = channel.delivery(of: part, number: number, dedupKey: "parceld-1-a")
    return await script.ways.send(delivery, of: channel, at: Timestamp(seconds: 0))
}

@Test(arguments: [
    malformed, "400 Bad Request: ENTITIES_TOO_LONG", "400 Bad Request: something new",
    "400 Bad Request: strings must be encoded in UTF-8",
])
func `a malformed message is told once more without tags, under the same key and with its buttons`(
    complaint: String
) async throws {
    let part = try #require(try telegram().parts(of: try message([stall(1)])).first)
    let script = Script([complaint, took(7)])
    #expect(try await send(part, script) == .accepted(reference: "7"))
    try #require(script.heard.count == 2)
    let (first, second) = (try members(script.heard[0]), try members(script.heard[1]))
    #expect(first["parse_mode"] as? String == "HTML" && second["parse_mode"] == nil)
    #expect(script.heard.map(key) == ["parceld-1-a", "parceld-1-a"])
    #expect(second["text"] as? String == TelegramPart(stored: part)?.plain)
    #expect((second["text"] as? String)?.contains("«<b>a & \"b\"</b> &lt;»") == true)
    #expect(second["chat_id"] as? String == "-1001907")
    #expect(script.heard[1].url == script.heard[0].url && script.heard[1].label == script.heard[0].label)
    let buttons = [first, second].map { "\($0["reply_markup"] ?? "none")".contains("ack:1") }
    #expect(buttons == [true, true])
}

@Test(arguments: ["400 Bad Request: BUTTON_DATA_INVALID", "400 Bad Request: reply markup is too long"])
func `buttons that Telegram does not take are left out`(complaint: String) async throws {
    let part = try #require(try telegram().parts(of: try message([stall(1)])).first)
    let script = Script([complaint, took(7)])
    #expect(try await send(part, script) == .accepted(reference: "7"))
    let last = try #require(script.heard.last)
    #expect(try members(last)["reply_markup"] == nil)
}

@Test(arguments: [
    "400 Bad Request: chat not found", "403 Forbidden: bot was blocked by the user", "401 Unauthorized",
    "400 Bad Request: not enough rights to send text messages to the chat", "400 Bad Request: PEER_ID_INVALID",
    "400 Bad Request: TOPIC_CLOSED", "404 Not Found", "400 Bad Request: have no rights to send a message",
])
func `what is wrong with the chat or the token is asked once and refused`(complaint: String) async throws {
    let part = try #require(try telegram().parts(of: try message([stall(1)])).first)
    let script = Script([complaint])
    let words = complaint.split(separator: " ").dropFirst().joined(separator: " ")
    #expect(try await send(part, script) == .refused(reason: words))
    #expect(script.heard.count == 1)
}

@Test(arguments: [
    (
        malformed,
        DeliveryOutcome.refused(
            reason: #"Bad Request: can't parse entities: Unsupported start tag "chat" at byte offset … (status 400)"#)
    ),
    ("429 Too Many Requests", .retry(after: nil, reason: "Too Many Requests")),
    ("500 Internal", .retry(after: nil, reason: "Internal")),
    ("broken", .retry(after: nil, reason: "\(TransportError.cancelled)")),
])
func `what becomes of the plain message is what becomes of it`(second: String, outcome: DeliveryOutcome) async throws {
    let part = try #require(try telegram().parts(of: try message([stall(1)])).first)
    let script = Script([malformed, second])
    #expect(try await send(part, script) == outcome)
    #expect(script.heard.count == 2)
}

@Test func `what is too long for Telegram after all is told in several, none of it left out`() async throws {
    let items = try (1...3).map { try stall($0, String(repeating: "👍", count: 199)) }
    let part = try #require(try telegram().parts(of: try message(items)).first)
    let script = Script([tooLong, took(7)])
    #expect(try await send(part, script) == .accepted(reference: "7"))
    let texts = try script.heard.dropFirst().map { try #require(try members($0)["text"] as? String) }
    #expect(texts.count > 1 && texts.allSatisfy { $0.utf8.count <= 4096 })
    let lines = texts.joined(separator: "\n").split(separator: "\n")
    #expect(lines == TelegramPart(stored: part)?.plain.split(separator: "\n"))
    #expect(Set(script.heard.dropFirst().map(key)).count == texts.count)
    #expect(script.heard[0].headers == script.heard[1].headers)
    let buttons = try script.heard.dropFirst().map { try members($0)["reply_markup"] != nil }
    #expect(buttons == Array(repeating: false, count: texts.count - 1) + [true])
}

@Test func `a text of an earlier version that is too long is divided too, between characters`() async throws {
    for text in [
        String(repeating: "x", count: 5000), String(repeating: "👩‍👩‍👧‍👦", count: 500),
        "e" + String(repeating: "\u{301}", count: 5000),
        "a\n" + String(repeating: "b\n", count: 2500),
    ] {
        let script = Script([tooLong, took(7)])
        #expect(try await send(text, script) == .accepted(reference: "7"))
        let texts = try script.heard.dropFirst().map { try #require(try members($0)["text"] as? String) }
        #expect(texts.allSatisfy { !$0.isEmpty && $0.utf16.count <= 1365 })
        #expect(
            texts.joined().unicodeScalars.filter { $0 != "\n" }.elementsEqual(text.unicodeScalars.filter { $0 != "\n" })
        )
    }
    let script = Script([malformed])
    #expect(try await send("plain already", script) != .accepted())
    #expect(script.heard.count == 1)
}

@Test func `a malformed second part does not send the first again, over a restart too`() async throws {
    let parts = try telegram().parts(of: try message(try (1...12).map { try stall($0) }))
    try #require(parts.count > 2)
    // The daemon dies while Telegram's answer is on its way: the part is sent as it was, then plainly.
    let script = Script([took(1), malformed, "broken", malformed, took(2), took(3)])
    var (done, references) = (0, [String?]())
    for _ in 0..<2 {
        while done < parts.count {
            guard case .accepted(let reference) = try await send(parts[done], number: done, script) else { break }
            references.append(reference)
            done += 1
        }
    }
    #expect(done == parts.count && references.prefix(3) == ["1", "2", "3"])
    let keys = script.heard.map(key)
    #expect(keys.filter { $0 == "parceld-1-a" }.count == 1)
    #expect(keys.filter { $0 == "parceld-1-a-1" }.count == 4)
}

@Test func `the user's marks stay in the plain message`() async throws {
    var told = try message([stall(1)])
    told.pasts = [1: AlertPast(openedAt: told.composedAt, takenBy: "cli:anna <b>")]
    let part = try #require(try telegram().parts(of: told).first)
    let script = Script([malformed, took(7)])
    #expect(try await send(part, script) == .accepted(reference: "7"))
    let last = try #require(script.heard.last)
    let text = try #require(try members(last)["text"] as? String)
    #expect(text.contains("\n✋ В работе: anna <b>\n"))
}
