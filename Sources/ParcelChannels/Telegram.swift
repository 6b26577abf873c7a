// Telegram Bot API, sendMessage. A message holds at most 4,096 UTF-16 units, so longer ones are split between items.
// Telegram asks for about one message a second in a chat, and 20 a minute in a group; past that it answers 429 with the
// seconds to wait. Source: https://core.telegram.org/bots/api, read 2026-11-24.

import FoundationEssentials
import ParcelCore

struct Telegram: Channel {
    static let schema = SettingSchema(
        "telegram",
        [
            SettingKey("url", .url, "address of the Bot API; https://api.telegram.org if left out"),
            SettingKey("token", .secret, required: true, "the bot's token"),
            SettingKey("chat", .text, required: true, "id of the chat, such as \"-1001234567890\", or @channel"),
        ])

    /// In UTF-16 units, as Telegram counts.
    static let longest = 4096

    let name: String
    private let url: String
    private let token: Secret
    private let chat: String

    init?(name: String, _ settings: SettingValues) {
        guard let token = settings.secret("token"), let chat = settings.text("chat") else { return nil }
        self.name = name
        let url = settings.text("url") ?? "https://api.telegram.org"
        self.url = String(url.reversed().drop { $0 == "/" }.reversed())
        self.token = token
        self.chat = chat
    }

    func parts(of message: Message) -> [String] { telegramParts(of: texts(of: message)) }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        let body = JSONValue.members([
            "chat_id": .string(chat), "text": .string(part),
            "link_preview_options": .members(["is_disabled": .bool(true)]),
        ])
        return .http(
            HTTPRequest(
                .post, "\(url)/bot\(token.revealed)/sendMessage",
                headers: [
                    HTTPField("Content-Type", "application/json"),
                    // Telegram knows no key for repeats; whoever stands between and counts them does.
                    HTTPField("Idempotency-Key", partKey(dedupKey, number)),
                ], body: Array(body.text.utf8), label: "Telegram sendMessage"))
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) else {
            // Whatever this is, it is not Telegram's word: a proxy's page with a 403 refuses nothing.
            return .retry(after: retryDelay(response), reason: "status \(response.status) without Telegram's answer")
        }
        if answer.ok {
            let isGood = (200..<300).contains(response.status)
            return isGood ? .accepted() : .retry(after: nil, reason: "status \(response.status)")
        }
        let code = response.status == 200 ? answer.code ?? 200 : response.status
        var words = answer.description.isEmpty ? "status \(code)" : harmless(redacted(answer.description))
        if let chat = answer.movedTo { words += " (the chat's id is \(chat) now)" }
        switch code {
        case 429: return .retry(after: answer.retryAfter ?? retryDelay(response), reason: words)
        case 400, 401, 403, 404: return .refused(reason: words)
        default: return .retry(after: retryDelay(response), reason: words)
        }
    }

    private func redacted(_ text: String) -> String {
        // The part after the colon is the secret one.
        let secrets = [token.revealed, token.revealed.split(separator: ":").last.map(String.init) ?? ""]
        return secrets.filter { !$0.isEmpty }.reduce(text) { $0.replacing($1, with: "<secret>") }
    }
}

/// What Telegram answers; a field of another type than documented is as good as none.
private struct Answer: Decodable {
    private enum Key: String, CodingKey {
        case ok, description, parameters
        case code = "error_code"
        case retryAfter = "retry_after"
        case movedTo = "migrate_to_chat_id"
    }

    let ok: Bool
    let description: String
    let code: Int?
    let retryAfter: Duration?
    let movedTo: Int64?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        ok = try container.decode(Bool.self, forKey: .ok)
        description = (try? container.decode(String.self, forKey: .description)) ?? ""
        code = try? container.decode(Int.self, forKey: .code)
        let parameters = try? container.nestedContainer(keyedBy: Key.self, forKey: .parameters)
        let seconds = try? parameters?.decode(Int64.self, forKey: .retryAfter)
        retryAfter = seconds.map { bounded(.seconds(max(0, min($0, 86_400)))) }
        movedTo = try? parameters?.decode(Int64.self, forKey: .movedTo)
    }
}

/// Texts put together into as few messages as hold them, never dividing one that fits by itself.
package func telegramParts(of texts: [String]) -> [String] {
    var parts: [String] = []
    var wasLine = false
    for text in texts.map(cut) {
        let isLine = !text.contains("\n")
        // Lines stand together as a list; anything longer has air around it.
        let gap = wasLine && isLine ? "\n" : "\n\n"
        if let last = parts.last, last.utf16.count + gap.utf16.count + text.utf16.count <= Telegram.longest {
            parts[parts.count - 1] = last + gap + text
        } else {
            parts.append(text)
        }
        wasLine = isLine
    }
    return parts
}

/// A text that alone is too long ends in "…": after a whole line where one ends in its last quarter, else between two
/// characters.
private func cut(_ text: String) -> String {
    guard text.utf16.count > Telegram.longest else { return text }
    let room = Telegram.longest - 2
    var kept = String.UnicodeScalarView()
    var length = 0
    var lastLine: (end: String.UnicodeScalarView.Index, length: Int)?
    for character in text {
        let size = character.utf16.count
        guard length + size <= room else { break }
        if character == "\n" { lastLine = (kept.endIndex, length) }
        kept.append(contentsOf: character.unicodeScalars)
        length += size
    }
    if let lastLine, lastLine.length > room * 3 / 4 { return String(kept[..<lastLine.end]) + "\n…" }
    // One "character" may be thousands of marks on one letter: then it is cut between scalars.
    if kept.isEmpty {
        for scalar in text.unicodeScalars {
            length += scalar.utf16.count
            if length > room { break }
            kept.append(scalar)
        }
    }
    return String(kept) + "…"
}
