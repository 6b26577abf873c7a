// A message of many items: under headings by whom to write to and what is waited for; past a number that anybody reads,
// the worst of them in a line each, the rest counted, and all of them in a table that goes along.

package import ParcelCore

/// Up to so many items need no headings.
private let few = 3
/// Up to so many are told in full.
let mostTold = 30

/// - Parameters:
///   - overview: What had begun before parceld looked, told together.
///   - file: The name of the table that goes along.
func digestPassages(
    _ items: [MessageItem], overview: [MessageItem], file: String?, _ reader: Reader
) -> [Passage] {
    let begun = overview.isEmpty ? nil : overviewPassage(overview, reader)
    guard items.count > few else {
        let told = items.map { Passage(text: text(of: $0, for: reader), subject: .item($0)) }
        let open = zip(items, told).filter { !$0.0.isOver }.map(\.1)
        let over = zip(items, told).filter { $0.0.isOver }.map(\.1)
        return linesTogether(open + [begun].compactMap(\.self) + over)
    }
    let groups = digest(items)
    let matters = groups.filter { $0.topic != .over }
    let over = groups.filter { $0.topic == .over }.flatMap(\.items)
    let count = matters.reduce(0) { $0 + $1.items.count }
    var arrangement = Arrangement()
    var values =
        count > mostTold
        ? stormValues(matters, count, file, &arrangement, reader) : digestValues(matters, &arrangement, reader)
    values["overview"] = .text(begun.map { arrangement.mark($0.text, $0.subject, isRequired: true) } ?? "")
    values["overLines"] = .lines(
        over.prefix(mostTold).map { arrangement.mark(text(of: $0, for: reader), .item($0)) })
    let rest = over.count - mostTold
    values["moreOver"] = .text(rest > 0 ? reader.say("… и ещё закрыто: \(rest)", "… and \(rest) more are over") : "")
    return arrangement.passages(count > mostTold ? .storm : .digest, values, reader)
}

/// What is one line each needs no air between.
private func linesTogether(_ passages: [Passage]) -> [Passage] {
    var passages = passages
    for index in passages.indices.dropFirst() {
        passages[index].isNext = [passages[index - 1], passages[index]].allSatisfy { !$0.text.contains("\n") }
    }
    return passages
}

private func digestValues(
    _ groups: [DigestGroup], _ arrangement: inout Arrangement, _ reader: Reader
) -> TemplateValues {
    let items = groups.flatMap(\.items)
    let rows = groups.map { group in
        var values = topicValues(group.topic, count: group.items.count, reader)
        let heading = capitalised(topicWords(group.topic, reader)) + ": \(group.items.count)"
        values["heading"] = .text(groups.count > 1 ? heading : "")
        values["items"] = .lines(
            group.items.map { arrangement.mark(text(of: $0, for: reader), .item($0), isRequired: true) })
        return values
    }
    return [
        "total": .text("\(items.count)"), "critical": .text("\(items.count { $0.level == .critical })"),
        "groups": .rows(rows),
    ]
}

private func topicValues(_ topic: DigestGroup.Topic, count: Int, _ reader: Reader) -> TemplateValues {
    var values: TemplateValues = ["topic": .text(topicWords(topic, reader)), "count": .text("\(count)")]
    if case .things(let contact, let stage) = topic {
        values["contact"] = .text(contact.map { reader.word($0) } ?? "")
        values["stage"] = .text(stage.map { reader.word($0) } ?? "")
    }
    return values
}

private func stormValues(
    _ groups: [DigestGroup], _ count: Int, _ file: String?, _ arrangement: inout Arrangement, _ reader: Reader
) -> TemplateValues {
    let worst = worstFirst(groups.flatMap(\.items)).prefix(mostTold)
    let shown = Set(worst.map(\.alert))
    let rest = count - worst.count
    let rows = groups.compactMap { group in
        let rest = group.items.count { !shown.contains($0.alert) }
        return rest > 0 ? topicValues(group.topic, count: rest, reader) : nil
    }
    let all = reader.say("Все: ", "All of them: ") + (file.map { $0 + reader.say(" или ", " or ") } ?? "")
    return [
        "heading": .text(
            reader.say(
                "Тревог сразу: \(count). Худшие \(worst.count):", "\(count) alerts at once. The worst \(worst.count):")),
        "total": .text("\(count)"), "shown": .text("\(worst.count)"),
        "items": .lines(worst.map { arrangement.mark(overviewLine($0, reader), .item($0)) }),
        "restLine": .text(reader.say("Остальные: \(rest)", "The rest: \(rest)")), "rest": .text("\(rest)"),
        "groups": .rows(rows), "allLine": .text(all + "parcelctl alerts"), "file": .text(file ?? ""),
        "contactLines": .lines(contactLines(contacts(of: Array(worst)), reader)),
    ]
}

/// Each once; a carrier's page stands with its number.
func contacts(of items: [MessageItem]) -> [AlertFacts.AddressedContact] {
    var contacts: [AlertFacts.AddressedContact] = []
    for contact in items.flatMap({ $0.facts.contacts ?? [] }) where contact.role != .carrier {
        if !contacts.contains(contact) { contacts.append(contact) }
    }
    return contacts
}

/// `логист, ждём прибытия на склад`.
func topicWords(_ topic: DigestGroup.Topic, _ reader: Reader) -> String {
    switch topic {
    case .things(let contact, let stage):
        let words = [contact.map { reader.word($0) }, stage.map { reader.word($0) }].compactMap(\.self)
        return words.isEmpty ? reader.say("прочее", "other matters") : words.joined(separator: ", ")
    case .service: return reader.say("сервисы и parceld", "providers and parceld")
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
