// What is told of a thing when a matter about it opens or gets worse: what, how bad, since when, what it holds up,
// each day counted, and whom to ask.

import ParcelCore

func thingText(_ item: MessageItem, _ reader: Reader) -> String {
    reader.render(TemplateKind(item.kind), thingValues(item, reader))
}

/// Lines first, then the single values for who wants other lines.
private func thingValues(_ item: MessageItem, _ reader: Reader) -> TemplateValues {
    let facts = item.facts
    // Who is told again has the first message's details at hand.
    let isShort = item.telling == .escalated
    let lines: TemplateValues = [
        "heading": .text(againWords(item, reader) + thingHeading(item, reader)),
        "meaningLines": .lines(meaningLines(item, reader)),
        "statusLines": .lines(statusLines(facts, reader)), "movementLines": .lines(movementLines(facts, reader)),
        "holdLines": .lines(holdLines(facts, reader)),
        "orderLines": .lines(orderLines(facts, isShort: isShort, reader)),
        "numberLines": .lines(numberLines(facts, isShort: isShort, reader)),
        "problemLine": .text(problemLine(facts, reader)),
        "dayLines": .lines(countLines(facts, isShort: isShort, reader)),
        "adviceLines": .lines(adviceLines(item, reader)),
        "contactLines": .lines(contactLines(contacts(facts), reader)),
    ]
    return lines.merging(thingFacts(item, reader)) { line, _ in line }
}

/// What is known of the thing, each by itself.
func thingFacts(_ item: MessageItem, _ reader: Reader) -> TemplateValues {
    let facts = item.facts
    func fact(_ key: FactKey) -> TemplateValue { .text(harmless(facts.facts?[key.rawValue] ?? "")) }
    return [
        "sign": .text(sign(item.level)), "name": .text(reader.name(facts)), "title": fact(.title),
        "order": .text(facts.thingKind == .order ? "" : harmless(facts.order ?? "", limit: 80)),
        "externalOrder": fact(.externalOrder), "seller": fact(.seller), "account": fact(.account),
        "numbers": .rows(
            (facts.numbers ?? []).map {
                [
                    "number": .text(harmless($0.number, limit: 80)), "role": .text(reader.word($0.role)),
                    "page": .text(link($0.page) ?? ""),
                ]
            }), "status": .text(harmless(facts.statusText ?? "")),
        "provider": .text((facts.provider ?? facts.decider).map { reader.name($0) } ?? ""),
        "stage": .text(facts.stage.map { reader.word($0) } ?? ""),
        "condition": .text(facts.condition.map { reader.word($0) } ?? ""),
        "amount": .text(facts.amount.map { reader.amount($0) } ?? ""),
        "since": .text(facts.since.map { reader.date($0.at) } ?? ""),
        "silence": .text(facts.workingDays.map { reader.workingDays($0) } ?? ""),
        "checked": .text(facts.confirmedAt.map { reader.time($0) } ?? ""),
        "holdsUp": .text((facts.holdsUp ?? []).map { harmless($0, limit: 80) }.joined(separator: ", ")),
        "isCritical": .flag(item.level == .critical), "isEscalated": .flag(item.telling == .escalated),
        "isReminder": .flag(item.telling == .reminded),
    ]
}

/// Why it is told again.
func againWords(_ item: MessageItem, _ reader: Reader) -> String {
    switch item.telling {
    case .reminded: reader.say("Напоминаем: ", "A reminder: ")
    case .reopened: reader.say("Снова: ", "Again: ")
    case .lowered: reader.say("Пересчитано: ", "Recomputed: ")
    case .opened, .escalated, .closed, .wasSilent: ""
    }
}

/// The first line, which is all that a locked phone shows.
func thingHeading(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    let name = reader.name(facts)
    switch item.kind {
    case .refund:
        let status = reader.quoted(facts.statusText) ?? reader.say("невозможно поставить", "cannot be supplied")
        let sum = facts.amount.map { reader.say(", к возврату ", ", to be refunded: ") + reader.amount($0) } ?? ""
        return "💸 \(name): \(status)\(sum)"
    case .condition:
        return "\(sign(item.level)) \(name): \(facts.condition.map { reader.word($0) } ?? reader.word(item.kind))"
    case .signed:
        let days = facts.workingDays.map {
            reader.say("уже \(reader.workingDays($0))", "for \(reader.workingDays($0))")
        }
        return "\(sign(item.level)) \(name): "
            + reader.say("курьер вручил, склад не регистрирует", "signed for, not registered by the warehouse")
            + (days.map { " \($0)" } ?? "")
    case .twoNumbers:
        return "\(sign(item.level)) \(name): \(reader.word(item.kind))"
    case .vanished:
        let provider = facts.provider.map { reader.name($0) }
        let what = provider.map { reader.say("пропало из \($0)", "gone from \($0)") } ?? reader.word(item.kind)
        return "\(sign(item.level)) \(name): \(what)"
    case .contradiction:
        return "\(sign(item.level)) \(name): \(reader.word(item.kind)), \(silence(item, reader))"
    default:
        return "\(sign(item.level)) \(name): \(silence(item, reader))"
    }
}

private func silence(_ item: MessageItem, _ reader: Reader) -> String {
    if item.facts.isUnknownToCarrier { return unknownToCarrier(item.facts.workingDays, reader) }
    guard let count = item.facts.workingDays else { return reader.say("нет движения", "no movement") }
    let days = reader.workingDays(count)
    guard item.telling == .escalated else { return reader.say("нет движения \(days)", "no movement for \(days)") }
    return reader.say("нет движения уже \(days)", "still no movement, \(days) now")
}

/// The number was given and has no first scan: mistyped, or never handed in.
private func unknownToCarrier(_ count: Int?, _ reader: Reader) -> String {
    guard let count else { return reader.word(.acceptance) }
    let days = reader.workingDays(count)
    return reader.say(
        "через \(days) перевозчик всё ещё не знает номер", "the carrier still doesn't know the number after \(days)")
}

extension AlertFacts {
    var isUnknownToCarrier: Bool { stage == .acceptance }
}

/// What a kind means, where its heading does not say it all.
private func meaningLines(_ item: MessageItem, _ reader: Reader) -> [String] {
    let facts = item.facts
    switch item.kind {
    case .refund:
        guard facts.amount == nil else { return [] }
        return [
            reader.say(
                "Сумму сервис не назвал: посмотрите её в заказе.", "The provider gave no sum: look it up in the order.")
        ]
    case .vanished:
        return [
            reader.say(
                "Его нет в двух полных списках подряд, и по номеру он тоже не находится.",
                "Two complete lists in a row did not have it, and it is not found by its number either.")
        ]
    case .signed:
        guard let at = facts.signedAt else { return [] }
        let date = reader.date(at)
        return [
            reader.say(
                "Курьер сообщает о вручении на складе \(date), а склад посылку не зарегистрировал.",
                "The courier says that it was signed for at the warehouse on \(date), which has not registered it.")
        ]
    case .twoNumbers:
        guard let disagreeing = facts.disagreeing, !disagreeing.isEmpty else { return [] }
        let names = reader.names(disagreeing)
        return [
            disagreeing.count == 1
                ? reader.say("\(names) называет два номера.", "\(names) gives two numbers.")
                : reader.say("\(names) называют разные номера.", "\(names) give different numbers.")
        ]
    case .contradiction:
        let others = reader.names(facts.disagreeing ?? [])
        let decider = facts.decider.map { reader.name($0) }
        guard !others.isEmpty, let decider else { return [] }
        return [
            reader.say(
                "По данным \(others) всё завершено, по данным \(decider) – нет.",
                "Finished according to \(others), but not according to \(decider).")
        ]
    default: return []
    }
}

private func statusLines(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    var line = ""
    if let status = reader.quoted(facts.statusText) {
        line = reader.say("Статус: ", "Status: ") + status + (facts.decider.map { " (\(reader.name($0)))" } ?? "")
    }
    // The heading says it where the carrier does not know the number.
    let isSaid = facts.stage == .unmapped || facts.isUnknownToCarrier
    let stage = facts.stage.flatMap { isSaid ? nil : reader.word($0) }
    if let stage { line += line.isEmpty ? capitalised(stage) : reader.say(", \(stage)", ", \(stage)") }
    var lines = line.isEmpty ? [] : [line]
    if facts.stage == .unmapped {
        lines.append(
            reader.say(
                "Такого статуса parceld не знает, поэтому не знает и чего ждать: посмотрите сами.",
                "parceld does not know this status, nor what the thing waits for: please look yourself."))
    } else if facts.isUnmapped == true {
        lines.append(
            reader.say(
                "Такого статуса parceld не знает; считаем, что этап прежний.",
                "parceld does not know this status and takes the stage to be the one before."))
    }
    return lines
}

private func movementLines(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    guard let since = facts.since else { return [] }
    let date = reader.date(since.at) + dateWhereItCounts(facts, since.at, reader)
    if facts.isUnknownToCarrier {
        return [
            reader.say(
                "Ждём первой отметки перевозчика с \(date)", "Waiting for the carrier's first scan since \(date)")
        ]
    }
    return [
        since.basis == .happened
            ? reader.say("Последнее движение: \(date)", "Last movement: \(date)")
            : reader.say(
                "Последнее движение впервые увидели \(date) (времени сервис не сообщил)",
                "Last movement first seen on \(date) (the provider gave no time)")
    ]
}

/// Late in the evening of Moscow it is tomorrow in Shanghai, and tomorrow is what the count begins after.
private func dateWhereItCounts(_ facts: AlertFacts, _ instant: Timestamp, _ reader: Reader) -> String {
    // A list of 60 may have lost its beginning.
    guard let days = facts.days, let first = days.first, days.count < 60, let zone = facts.zone else { return "" }
    let there = first.date.adding(days: -1)
    guard there != reader.zone.date(of: instant) else { return "" }
    return " (\(reader.zoneWords(zone)): \(reader.dayAndMonth(there)))"
}

private func holdLines(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    guard let held = facts.holdsUp, !held.isEmpty else { return [] }
    var names = held.prefix(10).map { harmless($0, limit: 80) }.joined(separator: ", ")
    if held.count > 10 { names += reader.say(" и ещё \(held.count - 10)", " and \(held.count - 10) more") }
    return [
        reader.say(
            "Задерживает: \(names). Посылку соберут, когда придут все товары заказа.",
            "Holds up: \(names). The parcel is packed once every item of the order has arrived.")
    ]
}

private func fact(_ key: FactKey, _ facts: AlertFacts, _ words: String) -> String? {
    let value = harmless(facts.facts?[key.rawValue] ?? "")
    return value.isEmpty ? nil : "\(words) \(value)"
}

private func orderLines(_ facts: AlertFacts, isShort: Bool, _ reader: Reader) -> [String] {
    let order = facts.thingKind == .order ? nil : facts.order
    var groups = [
        [
            order.map { reader.say("заказ ", "order ") + harmless($0, limit: 80) },
            fact(.externalOrder, facts, reader.say("внешний заказ", "external order")),
        ]
    ]
    if !isShort {
        groups.append([
            fact(.seller, facts, reader.say("продавец", "seller")),
            fact(.account, facts, reader.say("аккаунт", "account")),
        ])
    }
    return groups.map { $0.compactMap(\.self).joined(separator: ", ") }.filter { !$0.isEmpty }.map(capitalised)
}

private func numberLines(_ facts: AlertFacts, isShort: Bool, _ reader: Reader) -> [String] {
    let numbers = facts.numbers ?? []
    var lines: [String] = []
    for number in numbers.prefix(6) {
        let label = "\(reader.say("Трек-номер", "Track number")) \(harmless(number.number, limit: 80))"
        lines.append("\(label) (\(reader.word(number.role)))" + (link(number.page).map { ": \($0)" } ?? ""))
        // Nobody whom parceld asks knows it: somebody else may.
        if facts.isUnknownToCarrier, !isShort, let plain = TrackNumber(number.number) {
            lines += carrierPages(for: plain, role: number.role).filter { $0.url != number.page }.map {
                "• \($0.name): \($0.url)"
            }
        }
    }
    if numbers.count > 6 {
        lines.append(reader.say("… и ещё номеров: \(numbers.count - 6)", "… and \(numbers.count - 6) more numbers"))
    }
    return lines
}

private func problemLine(_ facts: AlertFacts, _ reader: Reader) -> String {
    fact(.problem, facts, reader.say("Сервис сообщает о проблеме:", "The provider reports a problem:")) ?? ""
}

private func countLines(_ facts: AlertFacts, isShort: Bool, _ reader: Reader) -> [String] {
    var lines = dayLines(facts.days ?? [], of: facts.workingDays, reader)
    // The days that are not known may be older than those that are listed.
    if facts.isCertain == false, facts.days?.contains(where: { !$0.isCertain }) != true {
        lines.append(
            reader.say(
                "Предварительно: календарь известен не на все эти дни.",
                "Provisional: the calendar does not cover all these days."))
    }
    var last: [String] = []
    if !isShort, let calendars = facts.calendars, !calendars.isEmpty {
        let names = calendars.map { reader.calendar($0) }.joined(separator: " + ")
        last.append(reader.say("календарь: \(names)", "calendar: \(names)"))
        if let zone = facts.zone { last.append(reader.zoneWords(zone)) }
    }
    if let confirmed = facts.confirmedAt {
        last.append(reader.say("проверено ", "checked ") + reader.time(confirmed))
    }
    if !last.isEmpty { lines.append(capitalised(last.joined(separator: "; "))) }
    return lines
}

/// A carrier's page that is already beside its number is not repeated.
private func contacts(_ facts: AlertFacts) -> [AlertFacts.AddressedContact] {
    let pages = Set((facts.numbers ?? []).prefix(6).compactMap(\.page))
    return (facts.contacts ?? []).filter { $0.role != .carrier || !pages.contains($0.url) }
}

/// `Написать логисту:` and one line for each, with where.
func contactLines(_ contacts: [AlertFacts.AddressedContact], _ reader: Reader) -> [String] {
    var lines: [String] = []
    var roles: [ContactRole] = []
    for contact in contacts where !roles.contains(contact.role) { roles.append(contact.role) }
    for role in roles {
        let addressed = contacts.filter { $0.role == role }.prefix(6)
        lines.append(reader.heading(role))
        lines += addressed.map { "• \(harmless($0.name, limit: 80))" + (link($0.url).map { ": \($0)" } ?? "") }
    }
    return lines
}

extension Reader {
    fileprivate func heading(_ role: ContactRole) -> String {
        switch role {
        case .logist: say("Написать логисту:", "Write to the logist:")
        case .platform: say("Написать менеджерам площадки:", "Write to the platform's managers:")
        case .manager: say("Сообщить менеджеру:", "Tell the manager:")
        case .carrier: say("Посмотреть у перевозчика:", "Look at the carrier's page:")
        }
    }
}
