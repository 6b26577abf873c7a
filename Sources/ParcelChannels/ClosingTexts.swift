// What is told when a matter is over, always one line: how it ended, or that it came and went before anybody was told.

import ParcelCore

func closedText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    if item.kind.isAboutService { return "✅ " + recoveredText(item, reader) }
    let outcome = outcome(facts, reader)
    let text: String
    switch item.kind {
    case .refund: text = reader.say("возврат больше не значится, \(outcome)", "no longer to be refunded, \(outcome)")
    case .condition:
        let condition = facts.condition.map { reader.word($0) } ?? reader.word(item.kind)
        text = reader.say("уже не «\(condition)», \(outcome)", "no longer “\(condition)”, \(outcome)")
    case .vanished: text = reader.say("больше не считается пропавшим, \(outcome)", "no longer taken as vanished, \(outcome)")
    default: text = outcome
    }
    return "✅ \(reader.name(facts)): \(text)"
}

func wasSilentText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    if item.kind.isAboutService { return "✅ " + recoveredText(item, reader) + startWords(facts, reader) }
    let outcome = outcome(facts, reader)
    let what: String
    switch item.kind {
    case .refund: what = reader.say("значился возврат", "was to be refunded") + (facts.amount.map { " " + reader.amount($0) } ?? "")
    case .condition:
        let condition = facts.condition.map { reader.word($0) } ?? reader.word(item.kind)
        what = reader.say("было «\(condition)»", "was “\(condition)”")
    case .vanished: what = reader.say("пропадало", "was gone") + (facts.provider.map { reader.say(" из \(reader.name($0))", " from \(reader.name($0))") } ?? "")
    default:
        let days = facts.workingDays.map { " " + reader.workingDays($0) } ?? ""
        what = reader.say("молчало\(days)", "was silent for\(days)")
    }
    return "✅ \(reader.name(facts)): \(what), \(outcome)"
}

/// How it ended: `сдвинулось: «Получено на склад» (12 октября 2017)`.
private func outcome(_ facts: AlertFacts, _ reader: Reader) -> String {
    switch facts.cause {
    case .waits:
        return reader.say(
            "больше не задерживает: ждёт остальных товаров или уже в посылке",
            "no longer holds anything up: it waits for other items or is in a parcel")
    case .recomputed:
        return reader.say(
            "пересчитано по новым правилам или календарю, тревоги нет",
            "recomputed by new rules or calendars, nothing to report")
    case .joined, .recovered, .threshold, .reported:
        return reader.say("закрыто: ", "closed: ") + reader.word(facts.cause ?? .recovered)
    case .finished: return reader.word(Cause.finished) + statusAndDate(facts, reader)
    case .moved, nil: return reader.word(Cause.moved) + statusAndDate(facts, reader)
    }
}

private func statusAndDate(_ facts: AlertFacts, _ reader: Reader) -> String {
    let date = facts.movedAt.map { since in
        let date = reader.date(since.at)
        return since.basis == .happened ? " (\(date))" : reader.say(" (увидели \(date))", " (seen on \(date))")
    }
    guard let status = reader.quoted(facts.newStatus) else { return date ?? "" }
    // A number or a parcel may have come while the status stayed: quoting it as news would be odd.
    if facts.newStatus == facts.statusText, facts.cause != .finished {
        return (date ?? "") + reader.say(", статус прежний: \(status)", ", the status is still \(status)")
    }
    return ": \(status)" + (date ?? "")
}

private func recoveredText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    let name = facts.provider.map { reader.name($0) } ?? reader.say("Сервис", "The provider")
    let date = facts.movedAt.map { " (\(reader.time($0.at)))" } ?? ""
    switch item.kind {
    case .authentication:
        return reader.say("\(name) снова пускает\(date), проверки идут", "\(name) lets us in again\(date), checks go on")
    case .cannotBeChecked:
        return reader.say("\(name): всё снова проверяется\(date)", "\(name): everything can be checked again\(date)")
    case .clock:
        return reader.say("Часы сервера снова верны\(date), решения принимаются", "The host's clock is right again\(date), decisions go on")
    case .channelRefused:
        let channel = reader.quoted(facts.channel) ?? ""
        return reader.say("Канал \(channel) снова принимает сообщения\(date)", "Channel \(channel) takes messages again\(date)")
    case .coverageEnds:
        let names = (facts.calendars ?? []).map { reader.calendar($0) }.joined(separator: ", ")
        return reader.say("Календарь (\(names)) обновлён\(date)", "The calendar (\(names)) is up to date\(date)")
    default:
        return reader.say("\(name) снова отвечает\(date), проверки идут", "\(name) answers again\(date), checks go on")
    }
}

private func startWords(_ facts: AlertFacts, _ reader: Reader) -> String {
    facts.failingSince.map { reader.say("; не отвечал с \(reader.time($0))", "; it had not since \(reader.time($0))") } ?? ""
}
