// What people answer in Telegram: getUpdates, asked again and again. It answers at once where something waits, else as
// soon as something comes, or empty after the time that was given. Updates are given again until a later request's offset
// passes them; each has a number, and after a quiet week the next one is any number.
// Source: https://core.telegram.org/bots/api#getupdates, read 2026-11-24.

import FoundationEssentials
package import ParcelCore

/// Somebody in Telegram.
package struct TelegramUser: Sendable, Hashable {
    package var id: Int64
    package var firstName: String

    package init(id: Int64, firstName: String) {
        self.id = id
        self.firstName = firstName
    }

    /// As it is recorded: `telegram:Anna`, and the number where no name is left.
    package var who: String {
        let name = harmless(firstName, limit: 40)
        return "telegram:" + (name.isEmpty ? "\(id)" : name)
    }
}

package struct TelegramUpdate: Sendable, Hashable {
    package enum Event: Sendable, Hashable {
        /// - query: What Telegram calls the press; it is answered under that name.
        case press(TelegramPress?, query: String)
        /// A message that begins with `/`: its first word without it and without the bot's name, and the rest.
        case command(String, argument: String)
    }

    package var id: Int64
    /// Nil for what needs no answer, whoever it is from.
    package var event: Event?
    package var user: TelegramUser?
    /// Whether it comes from the configured chat, and from somebody who may answer there.
    package var isAllowed: Bool
}

package enum TelegramUpdates: Sendable, Hashable {
    case received([TelegramUpdate])
    case failed(reason: String, retryAfter: Duration?)
}

extension Telegram {
    /// What the database calls this bot's place in its updates.
    package var offsetSetting: String {
        // The part before the colon is the bot's public number: another bot counts anew.
        "telegram \(token.revealed.split(separator: ":").first.flatMap { Int64($0) } ?? 0)"
    }

    /// Whether both are chats of one bot, whose updates come together.
    package func isSameBot(as other: Telegram) -> Bool { url == other.url && token == other.token }

    /// - Parameters:
    ///   - offset: The first update that is not known; nil for whatever Telegram has.
    ///   - seconds: How long Telegram may wait for something to come.
    package func updatesRequest(from offset: Int64?, waiting seconds: Int) -> HTTPRequest {
        call(
            "getUpdates",
            (offset.map { [("offset", .integer($0))] } ?? []) + [
                ("timeout", .integer(seconds)), ("limit", .integer(100)),
                ("allowed_updates", .array([.string("message"), .string("callback_query")])),
            ])
    }

    package func updates(in response: HTTPResponse) -> TelegramUpdates {
        guard let answer = TelegramAnswer(response) else {
            return .failed(
                reason: "status \(response.status) without Telegram's answer", retryAfter: retryDelay(response))
        }
        guard answer.ok, let list = try? JSONDecoder().decode(Wire.List.self, from: Data(response.body)) else {
            return .failed(reason: told(answer, response), retryAfter: answer.retryAfter)
        }
        // In Telegram's order, which is that of their numbers.
        return .received(list.result.compactMap(\.update).map { update(from: $0) }.sorted { $0.id < $1.id })
    }

    private func update(from wire: Wire.Update) -> TelegramUpdate {
        let user = (wire.press?.from ?? wire.message?.from).map {
            TelegramUser(id: $0.id, firstName: $0.firstName ?? "")
        }
        let from = wire.press?.message?.chat ?? wire.message?.chat
        let isOurs = from.map { String($0.id) == chat || $0.name.map { "@" + $0.lowercased() } == chat.lowercased() }
        let isAllowed = isOurs == true && user.map { users?.contains($0.id) ?? true } == true
        return TelegramUpdate(id: wire.id, event: event(of: wire), user: user, isAllowed: isAllowed)
    }

    private func event(of wire: Wire.Update) -> TelegramUpdate.Event? {
        if let press = wire.press { return .press(press.data.flatMap { TelegramPress(data: $0) }, query: press.id) }
        guard let text = wire.message?.text, text.hasPrefix("/") else { return nil }
        let words = text.dropFirst().split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
        guard let command = words.first?.split(separator: "@").first else { return nil }
        return .command(command.lowercased(), argument: harmless(words.count > 1 ? words[1] : "", limit: 80))
    }

    // MARK: What is said back

    /// Ends the button's waiting, with a line that Telegram shows for a moment.
    package func answer(to query: String, _ text: String) -> HTTPRequest {
        call("answerCallbackQuery", [("callback_query_id", .string(query)), ("text", .string(cut(text, to: 200)))])
    }

    /// A message that answers somebody; it is told once and never repeated.
    package func reply(_ pieces: [TelegramPiece], _ language: Language) -> HTTPRequest {
        let first = telegramParts(of: pieces).first ?? []
        return call("sendMessage", addressed(content(TelegramPart(language, first))))
    }
}

/// What of an update is read; anything else about it, people's family names and photographs too, is dropped here.
private enum Wire {
    struct List: Decodable { var result: [Maybe] }

    /// One update; nil where not even its number can be read.
    struct Maybe: Decodable {
        var update: Update?

        init(from decoder: any Decoder) throws { update = try? Update(from: decoder) }
    }

    struct Update: Decodable {
        private enum Key: String, CodingKey {
            case message
            case id = "update_id"
            case press = "callback_query"
        }

        var id: Int64
        var message: Message?
        var press: Press?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            id = try container.decode(Int64.self, forKey: .id)
            message = try? container.decode(Message.self, forKey: .message)
            press = try? container.decode(Press.self, forKey: .press)
        }
    }

    struct Press: Decodable {
        var id: String
        var from: User
        var message: Message?
        var data: String?
    }

    struct Message: Decodable {
        var chat: Chat
        var from: User?
        var text: String?
    }

    struct Chat: Decodable {
        private enum CodingKeys: String, CodingKey {
            case id
            case name = "username"
        }

        var id: Int64
        var name: String?
    }

    struct User: Decodable {
        private enum CodingKeys: String, CodingKey {
            case id
            case firstName = "first_name"
        }

        var id: Int64
        var firstName: String?
    }
}
