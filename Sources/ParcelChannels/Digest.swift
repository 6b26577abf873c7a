// A message of many items: under headings by whom to write to and what is waited for; past a number that anybody reads,
// the worst of them in a line each, the rest counted, and all of them in a table that goes along.

package import ParcelCore

/// Up to so many items need no headings.
private let few = 3
/// Up to so many are told in full.
let mostTold = 30

/// - Parameter overview: What had begun before parceld looked, in one text.
func digestTexts(_ items: [MessageItem], overview: String?, file: String?, _ reader: Reader) -> [String] {
    let middle = overview.map { [$0] } ?? []
    guard items.count > few else {
        let over = items.filter(\.isOver).map { text(of: $0, for: reader) }
        return items.filter { !$0.isOver }.map { text(of: $0, for: reader) } + middle + over
    }
    let groups = digest(items)
    let matters = groups.filter { $0.topic != .over }
    let over = groups.filter { $0.topic == .over }.flatMap(\.items)
    let count = matters.reduce(0) { $0 + $1.items.count }
    let texts = count > mostTold ? stormTexts(matters, count, file, reader) : grouped(matters, reader)
    return texts + middle + overTexts(over, reader)
}

/// The heading stands with the first item, so that no part of a split message ends in it.
private func grouped(_ groups: [DigestGroup], _ reader: Reader) -> [String] {
    groups.flatMap { group in
        group.items.enumerated().map { place, item in
            let text = text(of: item, for: reader)
            return place == 0 && groups.count > 1 ? "\(heading(group, reader))\n\n\(text)" : text
        }
    }
}

/// They come last and in a line each, so they need no heading.
private func overTexts(_ items: [MessageItem], _ reader: Reader) -> [String] {
    let texts = items.prefix(mostTold).map { text(of: $0, for: reader) }
    let rest = items.count - texts.count
    return rest > 0 ? texts + [reader.say("… и ещё закрыто: \(rest)", "… and \(rest) more are over")] : texts
}

/// Each line is a text of its own: a channel divides a long message between texts.
private func stormTexts(_ groups: [DigestGroup], _ count: Int, _ file: String?, _ reader: Reader) -> [String] {
    let worst = worstFirst(groups.flatMap(\.items)).prefix(mostTold)
    let shown = Set(worst.map(\.alert))
    var texts = [
        "🔴 "
            + reader.say(
                "Тревог сразу: \(count). Худшие \(worst.count):", "\(count) alerts at once. The worst \(worst.count):")
    ]
    texts += worst.map { overviewLine($0, reader) }
    texts.append(reader.say("Остальные: \(count - worst.count)", "The rest: \(count - worst.count)"))
    for group in groups {
        let rest = group.items.count { !shown.contains($0.alert) }
        if rest > 0 { texts.append("• \(topicWords(group.topic, reader)): \(rest)") }
    }
    let all = reader.say("Все: ", "All of them: ")
    texts.append(all + (file.map { $0 + reader.say(" или ", " or ") } ?? "") + "parcelctl alerts")
    var contacts: [AlertFacts.AddressedContact] = []
    for contact in worst.flatMap({ $0.facts.contacts ?? [] }) where contact.role != .carrier {
        if !contacts.contains(contact) { contacts.append(contact) }
    }
    let lines = contactLines(contacts, reader)
    return lines.isEmpty ? texts : texts + [lines.joined(separator: "\n")]
}

private let headingSign = "▪️ "

private func heading(_ group: DigestGroup, _ reader: Reader) -> String {
    headingSign + capitalised(topicWords(group.topic, reader)) + ": \(group.items.count)"
}

/// The text of an item without the heading that it may stand under.
func withoutHeading(_ text: String) -> String {
    guard text.hasPrefix(headingSign), let end = text.firstRange(of: "\n\n")?.upperBound else { return text }
    return String(text[end...])
}

/// `логист, ждём прибытия на склад`.
func topicWords(_ topic: DigestGroup.Topic, _ reader: Reader) -> String {
    switch topic {
    case .things(let contact, let stage):
        let words = [contact.map { reader.word($0) }, stage.map { reader.word($0) }].compactMap(\.self)
        return words.isEmpty ? reader.say("прочее", "other matters") : words.joined(separator: ", ")
    case .service: return reader.say("parceld и сервисы", "parceld and the providers")
    case .over: return reader.say("уже позади", "over")
    }
}

/// All items of a message of many, as a table for a spreadsheet; nil where the message tells them all.
package func digestTable(of message: Message) -> Attachment? {
    guard message.items.count > mostTold else { return nil }
    let reader = Reader(message.language, message.zone)
    let rows = [tableHeading(reader)] + message.items.map { tableRow($0, reader) }
    // Spreadsheets split by the sign that their country does not use in numbers.
    let separator = reader.say(";", ",")
    let lines = rows.map { $0.map(csvField).joined(separator: separator) + "\r\n" }
    return Attachment(
        name: "parceld-\(message.zone.date(of: message.composedAt)).csv", mediaType: "text/csv",
        // The mark tells a spreadsheet that it is UTF-8.
        bytes: [0xEF, 0xBB, 0xBF] + Array(lines.joined().utf8))
}

private func tableHeading(_ reader: Reader) -> [String] {
    reader.language == .ru
        ? [
            "Уровень", "Что нового", "Тревога", "Что", "Номер", "Заказ", "Кому писать", "Этап", "Статус",
            "Рабочих дней", "Молчит с", "Проверено", "Трек-номера", "Сумма", "Валюта", "Источник", "Причина",
        ]
        : [
            "level", "news", "alert", "thing", "label", "order", "contact", "stage", "status", "working days",
            "silent since", "checked", "track numbers", "amount", "currency", "provider", "reason",
        ]
}

private func tableRow(_ item: MessageItem, _ reader: Reader) -> [String] {
    let facts = item.facts
    let words: [String?] = [
        reader.word(item.level), reader.word(item.telling),
        facts.condition.map { reader.word($0) } ?? reader.word(item.kind), facts.thingKind.map { reader.word($0) },
        facts.label, facts.order, facts.firstContact.map { reader.word($0) }, facts.stage.map { reader.word($0) },
        item.isOver ? facts.newStatus ?? facts.statusText : facts.statusText, facts.workingDays.map { "\($0)" },
        facts.since.map { reader.zone.date(of: $0.at).description },
        facts.confirmedAt.map { reader.zone.date(of: $0).description },
        facts.numbers?.map(\.number).joined(separator: " "), facts.amount?.amountText, facts.amount?.currency,
        (facts.provider ?? facts.decider).map { reader.name($0) }, facts.reason,
    ]
    return words.map { harmless($0 ?? "") }
}
