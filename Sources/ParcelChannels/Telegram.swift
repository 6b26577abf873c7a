// Telegram Bot API, sendMessage. A message holds at most 4,096 UTF-16 units; longer ones are split between items.
// Source: core.telegram.org/bots/api, read 2026-11.

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

    static let longest = 4096

    let name: String
    let url: String
    let token: Secret
    let chat: String

    init?(name: String, _ settings: SettingValues) {
        guard let token = settings.secret("token"), let chat = settings.text("chat") else { return nil }
        self.name = name
        url = settings.text("url") ?? "https://api.telegram.org"
        self.token = token
        self.chat = chat
    }

    func parts(of message: Message) -> [String] {
        var parts: [String] = []
        for text in texts(of: message).map(cut) {
            if let last = parts.last, last.utf16.count + text.utf16.count + 2 <= Telegram.longest {
                parts[parts.count - 1] = last + "\n\n" + text
            } else {
                parts.append(text)
            }
        }
        return parts
    }

    /// One item that alone is too long ends in "…", between two characters.
    private func cut(_ text: String) -> String {
        guard text.utf16.count > Telegram.longest else { return text }
        var kept = ""
        var length = 0
        for character in text {
            let size = character.utf16.count
            guard length + size < Telegram.longest else { break }
            kept.append(character)
            length += size
        }
        return kept + "…"
    }

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
                    // Telegram has no key of its own for repeats; a proxy or our simulator can use this one.
                    HTTPField("Idempotency-Key", "\(dedupKey)-\(number)"),
                ], body: Array(body.text.utf8), label: "Telegram sendMessage"))
    }

    private struct Answer: Decodable {
        struct Parameters: Decodable { var retry_after: Int64? }
        var ok: Bool
        var description: String?
        var parameters: Parameters?
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome {
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body))
        if response.status == 200, answer?.ok == true { return .accepted }
        let words = harmless(answer?.description ?? "status \(response.status)")
        switch response.status {
        case 429:
            return .retry(after: .seconds(min(max(1, answer?.parameters?.retry_after ?? 30), 86_400)), reason: words)
        // Only Telegram's own answer refuses for good; a proxy's page with the same status does not.
        case 400, 401, 403, 404: return answer?.ok == false ? .refused(reason: words) : .retry(after: nil, reason: words)
        default: return .retry(after: nil, reason: words)
        }
    }
}
