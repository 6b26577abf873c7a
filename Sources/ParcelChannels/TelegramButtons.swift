// The buttons under a Telegram message, and what a pressed one says. One item has its buttons in words; several have a
// row of short ones each, under the item's name; a long list has one button an item, which answers with the item itself.

import ParcelCore

package enum TelegramPress: Sendable, Hashable {
    case acknowledge(alert: Int64)
    case snooze(alert: Int64, workingDays: Int)
    case why(alert: Int64)
    case letter(alert: Int64)
    /// The alert by itself, with all its buttons.
    case open(alert: Int64)

    package static let snoozes = [1, 2, 5]

    /// At most 64 bytes, as Telegram demands.
    package var data: String {
        switch self {
        case .acknowledge(let alert): "ack:\(alert)"
        case .snooze(let alert, let days): "snz:\(alert):\(days)"
        case .why(let alert): "why:\(alert)"
        case .letter(let alert): "let:\(alert)"
        case .open(let alert): "men:\(alert)"
        }
    }

    package var alert: Int64 {
        switch self {
        case .acknowledge(let alert), .snooze(let alert, _), .why(let alert), .letter(let alert), .open(let alert):
            alert
        }
    }

    /// Nil for what no button of ours says.
    package init?(data: String) {
        let words = data.split(separator: ":", omittingEmptySubsequences: false)
        guard words.count >= 2, let alert = Int64(words[1]), alert > 0 else { return nil }
        switch (words[0], words.count) {
        case ("ack", 2): self = .acknowledge(alert: alert)
        case ("why", 2): self = .why(alert: alert)
        case ("let", 2): self = .letter(alert: alert)
        case ("men", 2): self = .open(alert: alert)
        case ("snz", 3):
            guard let days = Int(words[2]), Deed.snoozeDays.contains(days) else { return nil }
            self = .snooze(alert: alert, workingDays: days)
        default: return nil
        }
    }
}

/// Telegram shows no more buttons under one message.
private let mostButtons = 100

extension TelegramPart {
    /// Nil where nothing in it can be answered any more.
    func keyboard(_ marks: [Int64: TelegramMark] = [:]) -> JSONValue? {
        let marks = self.marks(since: marks)
        let answerable = pieces.filter { $0.alert != nil }
        // The form stays while one item after the other closes.
        let count = Set(answerable.compactMap(\.alert)).count
        var seen: Set<Int64> = []
        var rows: [[JSONValue]] = []
        var names: [JSONValue] = []
        for piece in answerable {
            guard let alert = piece.alert, seen.insert(alert).inserted, marks[alert] != .closed else { continue }
            var isTaken = false
            if case .open(_, let taken)? = marks[alert] { isTaken = taken }
            switch count {
            case 1: rows += worded(piece, alert, isTaken)
            case 2...(mostButtons / 6): rows.append(short(piece, alert, isTaken))
            default: names.append(button("▸ " + (piece.name ?? "#\(alert)"), .open(alert: alert)))
            }
        }
        for start in stride(from: 0, to: min(names.count, mostButtons), by: 3) {
            rows.append(Array(names[start..<min(start + 3, names.count, mostButtons)]))
        }
        guard !rows.isEmpty else { return nil }
        return .members(["inline_keyboard": .array(rows.map { .array($0) })])
    }

    private func say(_ russian: String, _ english: String) -> String { language == .ru ? russian : english }

    private func worded(_ piece: TelegramPiece, _ alert: Int64, _ isTaken: Bool) -> [[JSONValue]] {
        var rows = isTaken ? [] : [[button("✋ " + say("Взял в работу", "I take it"), .acknowledge(alert: alert))]]
        rows.append(
            TelegramPress.snoozes.enumerated().map { index, days in
                let unit =
                    language == .ru
                    ? plural(days, "раб. день", "раб. дня", "раб. дней") : days == 1 ? "working day" : "working days"
                let words = "\(days) \(unit)"
                return button(
                    index == 0 ? say("⏰ Отложить: \(words)", "⏰ Snooze: \(words)") : words,
                    .snooze(alert: alert, workingDays: days))
            })
        var last = [button("❓ " + say("Почему?", "Why?"), .why(alert: alert))]
        if piece.hasLetter {
            last.append(button("✉️ " + say("Письмо логисту", "Letter to the logist"), .letter(alert: alert)))
        }
        return rows + [last]
    }

    private func short(_ piece: TelegramPiece, _ alert: Int64, _ isTaken: Bool) -> [JSONValue] {
        let name = piece.name ?? "#\(alert)"
        let first = isTaken ? button(name, .open(alert: alert)) : button("✋ " + name, .acknowledge(alert: alert))
        let snoozes = TelegramPress.snoozes.map { button("⏰ \($0)", .snooze(alert: alert, workingDays: $0)) }
        let letter = piece.hasLetter ? [button("✉️", .letter(alert: alert))] : []
        return [first] + snoozes + [button("❓", .why(alert: alert))] + letter
    }
}

private func button(_ text: String, _ press: TelegramPress) -> JSONValue {
    .members(["text": .string(text), "callback_data": .string(press.data)])
}
