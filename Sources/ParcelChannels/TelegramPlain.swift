// What is sent in place of a message that Telegram calls malformed: its text without tags, so that one message whose
// markup or length it does not take holds up nobody's others. What it says about the chat plainer words would not mend.
// Nothing is stored of it: after a restart the message is tried as it is first, and then plainly again.

import FoundationEssentials
package import ParcelCore

/// In UTF-16 units: as many fit where bytes are counted, three of UTF-8 to a unit at most.
private let shortest = Telegram.longest / 3

extension Telegram {
    package func plainer(_ request: HTTPRequest, after response: HTTPResponse) -> [HTTPRequest] {
        guard let words = complaint(response), let sent = SentMessage(request) else { return [] }
        let isLong = words.contains("too long") || words.contains("too_long")
        // One that was plain already says nothing else without its tags.
        guard isLong || sent.isHTML else { return [] }
        let text = sent.isHTML ? withoutTags(sent.text) : sent.text
        let texts = divided(text, to: isLong ? shortest : Telegram.longest)
        let isAboutButtons = ["button", "keyboard", "markup"].contains { words.contains($0) }
        let key = request.headers.first { $0.name == "Idempotency-Key" }?.value ?? ""
        return texts.enumerated().map { place, text in
            var members: [(String, JSONValue)] = [("text", .string(text))]
            if place == texts.count - 1, !isAboutButtons, let keyboard = sent.keyboard {
                members.append(("reply_markup", keyboard))
            }
            return call(
                "sendMessage", addressed(members), [HTTPField("Idempotency-Key", place == 0 ? key : "\(key)+\(place)")])
        }
    }

    /// What it does not like about the message, in lower case; nil where it is not about that.
    private func complaint(_ response: HTTPResponse) -> String? {
        guard let answer = TelegramAnswer(response), !answer.ok, answer.status(response) == 400, answer.movedTo == nil
        else { return nil }
        let words = answer.description.lowercased()
        // It may quote the message, so that what it says of that is looked for first.
        if ["can't parse", "too long", "too_long"].contains(where: words.contains) { return words }
        let others = [
            "chat", "peer", "user", "rights", "forbidden", "topic", "thread", "channel", "kicked", "upgraded",
        ]
        return others.contains(where: words.contains) ? nil : words
    }
}

/// What a request of ours says.
private struct SentMessage: Decodable {
    private enum Key: String, CodingKey {
        case text
        case mode = "parse_mode"
        case markup = "reply_markup"
    }

    private struct Markup: Decodable {
        let inlineKeyboard: [[[String: String]]]

        private enum CodingKeys: String, CodingKey { case inlineKeyboard = "inline_keyboard" }

        var json: JSONValue {
            let rows = inlineKeyboard.map { row in
                JSONValue.array(
                    row.map { button in
                        .object(button.sorted { $0.key > $1.key }.map { .init(name: $0.key, value: .string($0.value)) })
                    })
            }
            return .members(["inline_keyboard": .array(rows)])
        }
    }

    let text: String
    let isHTML: Bool
    let keyboard: JSONValue?

    /// Nil for a file.
    init?(_ request: HTTPRequest) {
        guard let body = request.body,
            let message = try? JSONDecoder().decode(SentMessage.self, from: Data(body))
        else { return nil }
        self = message
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        text = try container.decode(String.self, forKey: .text)
        isHTML = try container.decodeIfPresent(String.self, forKey: .mode) != nil
        keyboard = try container.decodeIfPresent(Markup.self, forKey: .markup)?.json
    }
}

/// Of HTML of ours, in which every `<` begins a tag.
private func withoutTags(_ html: String) -> String {
    var text = String.UnicodeScalarView()
    var isTag = false
    for scalar in html.unicodeScalars {
        switch scalar {
        case "<": isTag = true
        case ">": isTag = false
        default: if !isTag { text.append(scalar) }
        }
    }
    return String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
        .replacing("&amp;", with: "&")
}

/// Between lines where they are short enough, else between two characters; nothing of it is left out.
///
/// - Parameter longest: In UTF-16 units.
func divided(_ text: String, to longest: Int) -> [String] {
    var texts: [String] = []
    var rest = Substring(text)
    while rest.utf16.count > longest {
        let end = lineOrCharacter(in: rest, before: longest)
        texts.append(String(rest[..<end]))
        rest = rest[end...].drop { $0 == "\n" }
    }
    texts.append(String(rest))
    // Telegram takes no message of blanks.
    return texts.filter { !$0.allSatisfy(\.isWhitespace) }
}

private func lineOrCharacter(in text: Substring, before longest: Int) -> Substring.Index {
    var (end, length) = (text.startIndex, 0)
    var line: Substring.Index?
    while end < text.endIndex {
        let size = text[end].utf16.count
        if length + size > longest { break }
        if text[end] == "\n" { line = end }
        length += size
        end = text.index(after: end)
    }
    if let line, line > text.startIndex { return line }
    if end > text.startIndex { return end }
    // One "character" may be thousands of marks on one letter: then it is divided between scalars.
    for index in text.unicodeScalars.indices {
        length += text.unicodeScalars[index].utf16.count
        if length > longest { return index }
    }
    return text.endIndex
}
