// The people in the simulated chat: what they press and write waits as numbered updates, given again and again until a
// later number is asked for.

import Foundation

/// What somebody does in the chat: writes a text, or presses a button under a message.
package struct Said: Sendable {
    package var at: Scenario.Moment
    package var user: Int
    package var name: String
    package var text: String?
    /// What the button's data begins with: `ack`; of a snooze `snz:2`.
    package var press: String?
    /// The latest message with such a button and this text in it is meant.
    package var thing = ""
    /// Another than that of the latest message.
    package var chat: String?
    /// The update's number; the next one where it is nil.
    package var update: Int?

    package init(at: Scenario.Moment, user: Int, name: String) {
        self.at = at
        self.user = user
        self.name = name
    }
}

package struct QueryAnswer: Sendable {
    package var ms: Int64
    package var query: String
    package var text: String
}

struct Chat: Sendable {
    private var next = 1000
    private var waiting: [(number: Int, update: JSON)] = []
    private var queries: Set<String> = []
    /// Places in the scenario's list that were said.
    private var said: Set<Int> = []
    private(set) var answers: [QueryAnswer] = []

    /// - Returns: The update's number; nil where no message has that button.
    mutating func hear(_ said: Said, at now: Int64, _ received: [Received]) -> Int? {
        let number = said.update ?? next
        let from: JSON = ["id": .integer(said.user), "is_bot": false, "first_name": .text(said.name)]
        let update: JSON
        if let press = said.press {
            guard let (index, data) = button(press, about: said.thing, received) else { return nil }
            let chat = said.chat ?? received[index].chat
            queries.insert("q\(number)")
            update = [
                "update_id": .integer(number),
                "callback_query": [
                    "id": .text("q\(number)"), "from": from, "data": .text(data),
                    "message": [
                        "message_id": .integer(index + 1), "date": .integer(Int(now / 1000)),
                        "chat": ["id": .number(chat)],
                    ],
                ],
            ]
        } else {
            let chat = said.chat ?? received.last { $0.channel == "telegram" }?.chat ?? "-1001907"
            update = [
                "update_id": .integer(number),
                "message": [
                    "message_id": .integer(number), "date": .integer(Int(now / 1000)), "from": from,
                    "chat": ["id": .number(chat)], "text": .text(said.text ?? ""),
                ],
            ]
        }
        waiting.append((number, update))
        next = max(next, number + 1)
        return number
    }

    /// Of several buttons that begin so, the one in a row that names the thing.
    private func button(_ press: String, about thing: String, _ received: [Received]) -> (Int, String)? {
        let words = press.split(separator: ":", maxSplits: 1)
        func isMeant(_ button: SimButton) -> Bool {
            guard let kind = words.first, button.data.hasPrefix(kind + ":") else { return false }
            return words.count < 2 || button.data.hasSuffix(":" + words[1])
        }
        for (index, message) in received.enumerated().reversed()
        where message.channel == "telegram" && message.shown.contains(thing) {
            let rows = message.buttons.filter { $0.contains(where: isMeant) }
            let named = rows.first { $0.contains { $0.text.contains(thing) } }
            if let button = (named ?? (rows.count == 1 ? rows.first : nil))?.first(where: isMeant) {
                return (index, button.data)
            }
        }
        return nil
    }

    /// Whose time has come; a press waits for its message.
    mutating func wake(_ plan: [Said], at now: Int64, _ received: [Received]) {
        for (place, entry) in plan.enumerated() where entry.at.ms <= now && !said.contains(place) {
            if hear(entry, at: now, received) != nil { said.insert(place) }
        }
    }

    mutating func updates(from offset: Int?) -> [JSON] {
        if let offset { waiting.removeAll { $0.number < offset } }
        return waiting.map(\.update)
    }

    mutating func answer(_ query: String, _ text: String, at now: Int64) -> Bool {
        guard queries.remove(query) != nil else { return false }
        answers.append(QueryAnswer(ms: now, query: query, text: text))
        return true
    }
}
