// Telegram Bot API: sendMessage and sendDocument. A message holds at most 4,096 UTF-16 units, so longer ones are split
// between items. Telegram asks for about one message a second in a chat, and 20 a minute in a group; past that it answers
// 429 with the seconds to wait. Source: https://core.telegram.org/bots/api, read 2026-11-24.
//
// What is sent in place of a message that Telegram calls malformed stands in TelegramPlain.swift.
// What its people answer stands in TelegramUpdates.swift, how earlier messages are marked in TelegramEdits.swift.

import FoundationEssentials
package import ParcelCore

package struct Telegram: Channel {
    static let schema = SettingSchema(
        "telegram",
        [
            SettingKey("url", .url, "address of the Bot API; https://api.telegram.org if left out"),
            SettingKey("token", .secret, required: true, "the bot's token"),
            SettingKey("chat", .text, required: true, "id of the chat, such as \"-1001234567890\", or @channel"),
            SettingKey("answers", .boolean, "whether buttons and commands are answered; true if left out"),
            SettingKey(
                "users", .names(nil), "ids of those who may answer; everybody in the chat if left out"),
        ], check: checkUsers)

    /// In UTF-16 units, as Telegram counts.
    static let longest = 4096

    package let name: String
    /// Whether there are buttons, and somebody who listens to them.
    package let takesAnswers: Bool
    let url: String
    let token: Secret
    let chat: String
    /// Nil for everybody in the chat.
    let users: Set<Int64>?

    init?(name: String, _ settings: SettingValues) {
        guard let token = settings.secret("token"), let chat = settings.text("chat") else { return nil }
        self.name = name
        let url = settings.text("url") ?? "https://api.telegram.org"
        self.url = String(url.reversed().drop { $0 == "/" }.reversed())
        self.token = token
        self.chat = chat
        takesAnswers = settings.boolean("answers") ?? true
        users = settings.names("users").map { Set($0.compactMap { Int64($0) }) }
    }

    package func parts(of message: Message) -> [String] {
        let passages = passages(of: message)
        let texts = telegramParts(of: pieces(of: message, passages)).map { TelegramPart(message.language, $0) }
        let caption = headline(of: message, passages)
        let documents = message.attachments.map {
            TelegramPart(message.language, [], document: TelegramPart.Document($0, caption: caption))
        }
        return (texts + documents).map(\.stored)
    }

    package func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        // Telegram knows no key for repeats; whoever stands between and counts them does.
        let key = HTTPField("Idempotency-Key", partKey(dedupKey, number))
        guard let stored = TelegramPart(stored: part) else {
            return .http(call("sendMessage", addressed([("text", .string(part))]), [key]))
        }
        if let document = stored.document {
            let form = document.form(chat: chat)
            return .http(
                HTTPRequest(
                    .post, "\(url)/bot\(token.revealed)/sendDocument",
                    headers: [HTTPField("Content-Type", "multipart/form-data; boundary=\(form.boundary)"), key],
                    body: form.body, label: "Telegram sendDocument"))
        }
        return .http(call("sendMessage", addressed(content(stored)), [key]))
    }

    func content(_ part: TelegramPart, _ marks: [Int64: TelegramMark] = [:]) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("text", .string(part.html(marks))), ("parse_mode", .string("HTML"))]
        if takesAnswers, let keyboard = part.keyboard(marks) { members.append(("reply_markup", keyboard)) }
        return members
    }

    func addressed(_ members: [(String, JSONValue)]) -> [(String, JSONValue)] {
        [("chat_id", .string(chat))] + members + [("link_preview_options", .members(["is_disabled": .bool(true)]))]
    }

    func call(_ method: String, _ members: [(String, JSONValue)], _ headers: [HTTPField] = []) -> HTTPRequest {
        let body = JSONValue.object(members.map { .init(name: $0.0, value: $0.1) })
        return HTTPRequest(
            .post, "\(url)/bot\(token.revealed)/\(method)",
            headers: [HTTPField("Content-Type", "application/json")] + headers, body: Array(body.text.utf8),
            label: "Telegram \(method)")
    }

    package func outcome(of response: HTTPResponse) -> DeliveryOutcome {
        guard let answer = TelegramAnswer(response) else {
            // Whatever this is, it is not Telegram's word: a proxy's page with a 403 refuses nothing.
            return .retry(after: retryDelay(response), reason: "status \(response.status) without Telegram's answer")
        }
        if answer.ok {
            let isGood = (200..<300).contains(response.status)
            return isGood
                ? .accepted(reference: answer.message) : .retry(after: nil, reason: "status \(response.status)")
        }
        let code = answer.status(response)
        var words = told(answer, response)
        if let chat = answer.movedTo { words += " (the chat's id is \(chat) now)" }
        switch code {
        case 429: return .retry(after: answer.retryAfter ?? retryDelay(response), reason: words)
        case 400, 401, 403, 404: return .refused(reason: words)
        default: return .retry(after: retryDelay(response), reason: words)
        }
    }

    /// Why it refuses, by the words that are kept, and by its code where there are none or some are left out.
    func told(_ answer: TelegramAnswer, _ response: HTTPResponse) -> String {
        let words = harmless(knownWords(of: redacted(answer.description)))
        let status = "status \(answer.status(response))"
        if words.isEmpty { return status }
        return words.contains("…") ? "\(words) (\(status))" : words
    }

    private func redacted(_ text: String) -> String {
        // The part after the colon is the secret one.
        let secrets = [token.revealed, token.revealed.split(separator: ":").last.map(String.init) ?? ""]
        return secrets.filter { !$0.isEmpty }.reduce(text) { $0.replacing($1, with: "<secret>") }
    }
}

private func checkUsers(_ settings: SettingValues) -> [SettingProblem] {
    (settings.names("users") ?? []).filter { Int64($0) == nil }.map {
        SettingProblem("users", "\"\($0.prefix(40))\" is not a user's id, which is a number")
    }
}

/// What Telegram answers; a field of another type than documented is as good as none.
struct TelegramAnswer: Decodable {
    private enum Key: String, CodingKey {
        case ok, description, parameters, result
        case code = "error_code"
        case retryAfter = "retry_after"
        case movedTo = "migrate_to_chat_id"
        case message = "message_id"
    }

    let ok: Bool
    let description: String
    let code: Int?
    let retryAfter: Duration?
    let movedTo: Int64?
    /// The number of the message that was sent.
    let message: String?

    /// Which kind of refusal it is.
    func status(_ response: HTTPResponse) -> Int { response.status == 200 ? code ?? 200 : response.status }

    /// Nil for what is not Telegram's word.
    init?(_ response: HTTPResponse) {
        guard let answer = try? JSONDecoder().decode(TelegramAnswer.self, from: Data(response.body)) else { return nil }
        self = answer
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        ok = try container.decode(Bool.self, forKey: .ok)
        description = (try? container.decode(String.self, forKey: .description)) ?? ""
        code = try? container.decode(Int.self, forKey: .code)
        let parameters = try? container.nestedContainer(keyedBy: Key.self, forKey: .parameters)
        let seconds = try? parameters?.decode(Int64.self, forKey: .retryAfter)
        retryAfter = seconds.map { bounded(.seconds(max(0, min($0, 86_400)))) }
        movedTo = try? parameters?.decode(Int64.self, forKey: .movedTo)
        let result = try? container.nestedContainer(keyedBy: Key.self, forKey: .result)
        message = (try? result?.decode(Int64.self, forKey: .message)).map { String($0) }
    }
}
