import Foundation
import ParcelChannels
import ParcelCore
import Testing

private let token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

private func telegram(url: String? = nil) throws -> any Channel {
    var settings: [String: SettingValue] = ["token": .secret(Secret(token)), "chat": .text("-1001234567890")]
    if let url { settings["url"] = .text(url) }
    return try channel("telegram", settings)
}

private func request(_ channel: any Channel, _ part: String, number: Int = 0) throws -> HTTPRequest {
    guard case .http(let request) = channel.delivery(of: part, number: number, dedupKey: "key") else {
        throw TransportError.invalidRequest("not HTTP")
    }
    return request
}

@Test func `a request goes to the bot's address and says so without its token`() throws {
    let request = try request(try telegram(url: "http://127.0.0.1:8081/"), "Привет")
    #expect(request.url == "http://127.0.0.1:8081/bot\(token)/sendMessage")
    #expect(request.method == .post)
    #expect(request.headers.contains(HTTPField("Content-Type", "application/json")))
    #expect(request.headers.contains(HTTPField("Idempotency-Key", "key")))
    #expect(!request.label.contains("AAHd") && !request.label.contains("110201543"))
    let bytes = try #require(request.body)
    let body = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(body["chat_id"] as? String == "-1001234567890")
    #expect(body["text"] as? String == "Привет")
    #expect((body["link_preview_options"] as? [String: Bool])?["is_disabled"] == true)
    // As an earlier version wrote it: plain, and it stays so.
    #expect(body["parse_mode"] == nil)
    #expect(try ParcelChannelsTests.request(try telegram(), "x").url.hasPrefix("https://api.telegram.org/bot"))
}

@Test func `the parts of a message have keys of their own`() throws {
    let channel = try telegram()
    let keys = try (0..<3).map { number in
        try request(channel, "x", number: number).headers.first { $0.name == "Idempotency-Key" }?.value
    }
    #expect(Set(keys).count == 3)
}

private let longest = 4096

private func repeated(_ text: String, _ units: Int) -> String {
    String(repeating: text, count: units / text.utf16.count)
}

/// Texts as pieces, put together and shown as they are.
private func partTexts(of texts: [String]) -> [String] {
    var pieces: [TelegramPiece] = []
    for text in texts {
        let isNext = pieces.last.map { !$0.text.contains("\n") } ?? false
        pieces.append(TelegramPiece(text, isNext: isNext && !text.contains("\n")))
    }
    return telegramParts(of: pieces).map { TelegramPart(.ru, $0).plain }
}

@Test func `items share a message while it holds them and are never divided`() throws {
    let (a, b, c) = (repeated("a", 4000), repeated("b", 4000), repeated("c", 100))
    #expect(partTexts(of: [a, b, c]) == [a, b, c])
    #expect(partTexts(of: [a, "90\n"]) == [a + "\n\n90\n"])
    #expect(partTexts(of: []) == [])
}

@Test func `a message of exactly 4,096 units is one, one more makes two`() {
    let first = "1\n" + repeated("a", 2046)
    #expect(partTexts(of: [first, "2\n" + repeated("b", 2044)]).map(\.utf16.count) == [longest])
    #expect(partTexts(of: [first, "2\n" + repeated("b", 2045)]).map(\.utf16.count) == [2048, 2047])
    #expect(partTexts(of: [repeated("a", longest)]) == [repeated("a", longest)])
}

@Test func `lines stand together and longer texts have air around them`() {
    #expect(partTexts(of: ["one", "two", "three\nmore", "four"]) == ["one\ntwo\n\nthree\nmore\n\nfour"])
}

private let giants = [
    repeated("x", 10_000), repeated("👍", 10_000), repeated("👩‍👩‍👧‍👦", 10_000), repeated("line\n", 10_000),
    "a" + repeated("👍", 10_000), "e" + repeated("\u{301}", 10_000), "e" + repeated("\u{1F3FB}", 10_000),
]

@Test(arguments: giants)
func `an item that no message holds ends in an ellipsis, between characters`(text: String) throws {
    let parts = partTexts(of: ["before", text, "after"])
    #expect(parts.allSatisfy { $0.utf16.count <= longest })
    try #require(parts.count == 3)
    #expect(parts.first == "before" && parts.last == "after")
    let cut = parts[1]
    #expect(cut.hasSuffix("…") && cut.utf16.count > longest / 2)
    // Half of a pair would have become U+FFFD on the way through UTF-8.
    #expect(!cut.unicodeScalars.contains("\u{FFFD}"))
    let kept = String(cut.dropLast(cut.hasSuffix("\n…") ? 2 : 1))
    #expect(text.unicodeScalars.starts(with: kept.unicodeScalars))
    if text.hasPrefix("line") { #expect(cut.hasSuffix("line\n…")) }
}

@Test func `dozens of stalls are split between them`() throws {
    let items = try (1...30).map { number in
        var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
        facts.label = "1907-\(number)"
        return item(.opened, .stall, facts, alert: Int64(number))
    }
    let message = try message(items)
    let parts = try telegram().parts(of: message).map { try #require(TelegramPart(stored: $0)) }
    #expect(parts.allSatisfy { $0.plain.utf16.count <= longest })
    #expect(parts.map(\.plain).joined(separator: "\n\n") == texts(of: message).joined(separator: "\n\n"))
    #expect(parts.count < 40)
}

private let answers: [(response: HTTPResponse, outcome: DeliveryOutcome)] = [
    (answer(200, #"{"ok":true,"result":{"message_id":5}}"#), .accepted(reference: "5")),
    (answer(200, #"{"ok":true,"result":{"message_id":"5"}}"#), .accepted()),
    (answer(200, #"{"ok":true,"result":true}"#), .accepted()),
    (
        answer(
            429,
            #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 14","parameters":{"retry_after":14}}"#
        ),
        .retry(after: .seconds(14), reason: "Too Many Requests: retry after … (status 429)")
    ),
    (
        answer(429, #"{"ok":false,"error_code":429,"description":"Flood","parameters":{"retry_after":99999999999}}"#),
        .retry(after: .seconds(86_400), reason: "Flood")
    ),
    (
        answer(429, #"{"ok":false,"description":"Flood","parameters":{"retry_after":"soon"}}"#),
        .retry(after: nil, reason: "Flood")
    ),
    (
        answer(429, "slow down", [HTTPField("Retry-After", "7")]),
        .retry(after: .seconds(7), reason: "status 429 without Telegram's answer")
    ),
    (
        answer(400, #"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#),
        .refused(reason: "Bad Request: chat not found")
    ),
    (
        answer(400, #"{"ok":false,"error_code":400,"description":"Bad Request: Mandelbaum +79161234567 not found"}"#),
        .refused(reason: "Bad Request … not found (status 400)")
    ),
    (
        answer(500, #"{"ok":false,"error_code":500,"description":"Ossip Mandelbaum"}"#),
        .retry(after: nil, reason: "status 500")
    ),
    (
        answer(
            400,
            #"{"ok":false,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-1001234567891}}"#
        ),
        .refused(reason: "Bad Request: group chat was upgraded (the chat's id is -1001234567891 now)")
    ),
    (answer(401, #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#), .refused(reason: "Unauthorized")),
    (
        answer(403, #"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#),
        .refused(reason: "Forbidden: bot was blocked by the user")
    ),
    (answer(404, #"{"ok":false,"error_code":404,"description":"Not Found"}"#), .refused(reason: "Not Found")),
    (
        answer(401, #"{"ok":false,"description":"no bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw here"}"#),
        .refused(reason: "no bot<secret> here")
    ),
    (
        answer(401, #"{"ok":false,"description":"AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"}"#),
        .refused(reason: "<secret>")
    ),
    (
        answer(403, "<html>blocked by the office</html>"),
        .retry(after: nil, reason: "status 403 without Telegram's answer")
    ),
    (answer(500, #"{"ok":false,"error_code":500,"description":"Internal"}"#), .retry(after: nil, reason: "Internal")),
    (answer(502, "<html>Bad Gateway</html>"), .retry(after: nil, reason: "status 502 without Telegram's answer")),
    (answer(200, "<html>captive portal</html>"), .retry(after: nil, reason: "status 200 without Telegram's answer")),
    (answer(200, #"{"ok":false,"error_code":400,"description":"no"}"#), .refused(reason: "no")),
    (answer(200, "[]"), .retry(after: nil, reason: "status 200 without Telegram's answer")),
    (answer(200, #"{"ok":"yes"}"#), .retry(after: nil, reason: "status 200 without Telegram's answer")),
    (answer(302, ""), .retry(after: nil, reason: "status 302 without Telegram's answer")),
]

@Test(arguments: answers)
func `only Telegram's own word accepts or refuses`(response: HTTPResponse, outcome: DeliveryOutcome) throws {
    #expect(try telegram().outcome(of: response) == outcome)
}

@Test func `any bytes have an outcome`() throws {
    let channel = try telegram()
    var generator = Seeded(state: 7)
    let start = Array(#"{"ok":false,"description":"x","parameters":{"retry_after":1}}"#.utf8)
    for status in [200, 400, 429, 500] {
        for _ in 0..<200 {
            var bytes = start
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
            #expect(channel.outcome(of: HTTPResponse(status: status, body: bytes)) != .accepted())
        }
    }
    let deep = Array(String(repeating: "[", count: 100_000).utf8)
    #expect(channel.outcome(of: HTTPResponse(status: 200, body: deep)) != .accepted())
}

/// The same numbers in every run.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}
