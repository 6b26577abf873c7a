// What is told when a matter is over, always one line: how it ended, or that it came and went before anybody was told.

import ParcelCore

func closedText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    if item.kind.isAboutService { return reader.render(.closed, ["text": .text(recoveredText(item, reader))]) }
    let outcome = outcome(facts, reader)
    let text =
        switch item.kind {
        case .refund: reader.say("возврат больше не значится, \(outcome)", "no longer to be refunded, \(outcome)")
        case .condition:
            reader.say("уже не «\(condition(item, reader))», ", "no longer “\(condition(item, reader))”, ") + outcome
        case .vanished:
            reader.say("больше не считается пропавшим, \(outcome)", "no longer taken as vanished, \(outcome)")
        case .twoNumbers where facts.cause == .moved:
            reader.say("номер снова один, \(outcome)", "one number again, \(outcome)")
        default: outcome
        }
    var values = thingFacts(item, reader)
    values["text"] = .text(text)
    values["newStatus"] = .text(harmless(facts.newStatus ?? ""))
    return reader.render(.closed, values)
}

func wasSilentText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    if item.kind.isAboutService {
        return reader.render(.wasSilent, ["text": .text(recoveredText(item, reader) + startWords(item, reader))])
    }
    var what: String
    switch item.kind {
    case .refund:
        what = reader.say("значился возврат", "was to be refunded")
        if let amount = facts.amount { what += " " + reader.amount(amount) }
    case .condition: what = reader.say("было «\(condition(item, reader))»", "was “\(condition(item, reader))”")
    case .vanished:
        what = reader.say("пропадало", "was gone")
        if let provider = facts.provider { what += reader.say(" из ", " from ") + reader.name(provider) }
    case .twoNumbers: what = reader.say("было два разных номера", "had two different numbers")
    default:
        what = reader.say("молчало", "was silent")
        if let count = facts.workingDays { what += reader.say(" ", " for ") + reader.workingDays(count) }
    }
    var values = thingFacts(item, reader)
    values["text"] = .text("\(what), \(outcome(facts, reader))")
    values["newStatus"] = .text(harmless(facts.newStatus ?? ""))
    return reader.render(.wasSilent, values)
}

private func condition(_ item: MessageItem, _ reader: Reader) -> String {
    item.facts.condition.map { reader.word($0) } ?? reader.word(item.kind)
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
    case .byHand:
        let who = facts.closedBy.map { " (\(reader.who($0)))" } ?? ""
        return reader.say("закрыто вручную", "closed by hand") + who
    case .joined, .recovered, .superseded, .threshold, .reported, .overdue, .snoozeOver:
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
    switch facts.cause {
    case .superseded: return supersededText(item, name, date, reader)
    case .recomputed: return recomputedText(item, name, date, reader)
    default: break
    }
    switch item.kind {
    case .authentication:
        return reader.say(
            "\(name) снова пускает\(date), проверки идут", "\(name) lets us in again\(date), checks go on")
    case .cannotBeChecked:
        return reader.say("\(name): всё снова проверяется\(date)", "\(name): everything can be checked again\(date)")
    case .clock:
        return reader.say(
            "Часы сервера снова верны\(date), проверки идут", "The host's clock is right again\(date), checks go on")
    case .channelRefused:
        let channel = reader.quoted(facts.channel) ?? ""
        return reader.say(
            "Канал \(channel) снова принимает сообщения\(date)", "Channel \(channel) takes messages again\(date)")
    case .coverageEnds:
        let names = (facts.calendars ?? []).map { reader.calendar($0) }.joined(separator: ", ")
        return reader.say("Календарь (\(names)) обновлён\(date)", "The calendar (\(names)) is up to date\(date)")
    case .templateBroken:
        let file = reader.quoted(facts.file).map { " " + $0 } ?? ""
        return reader.say("Шаблон\(file) снова используется\(date)", "Template\(file) is used again\(date)")
    case .database:
        return reader.say("База данных снова записывается\(date)", "The database can be written again\(date)")
    default:
        return reader.say("\(name) снова отвечает\(date), проверки идут", "\(name) answers again\(date), checks go on")
    }
}

/// It ended because something else is wrong there, which has an alert of its own.
private func supersededText(_ item: MessageItem, _ name: String, _ date: String, _ reader: Reader) -> String {
    switch item.kind {
    case .providerDown:
        return reader.say(
            "\(name) отвечает\(date), но не пускает: об этом другая тревога",
            "\(name) answers\(date), but does not let us in: another alert tells of that")
    case .cannotBeChecked:
        return reader.say(
            "\(name): о том, что не проверяется, теперь говорит другая тревога\(date)",
            "\(name): what cannot be checked is told by another alert now\(date)")
    case .coverageEnds:
        let names = (item.facts.calendars ?? []).map { reader.calendar($0) }.joined(separator: ", ")
        return reader.say(
            "Календарь (\(names)) обновлён\(date), но и новый скоро кончится: об этом другая тревога",
            "The calendar (\(names)) was updated\(date) and ends soon again: another alert tells of that")
    default:
        return reader.say(
            "\(name): теперь об этом говорит другая тревога\(date)", "\(name): another alert tells of it now\(date)")
    }
}

/// It ended because the configuration is another one: whether all is well there nobody knows.
private func recomputedText(_ item: MessageItem, _ name: String, _ date: String, _ reader: Reader) -> String {
    switch item.kind {
    case .channelRefused:
        let channel = reader.quoted(item.facts.channel) ?? ""
        return reader.say(
            "Канал \(channel) больше не используется\(date)", "Channel \(channel) is not used any more\(date)")
    case .coverageEnds:
        let names = (item.facts.calendars ?? []).map { reader.calendar($0) }.joined(separator: ", ")
        return reader.say(
            "Календарь (\(names)) больше не используется\(date)",
            "The calendar (\(names)) is not used any more\(date)")
    default:
        return reader.say(
            "\(name): настройки изменились\(date), тревога снята",
            "\(name): the configuration has changed\(date), and this is no alert any more")
    }
}

private func startWords(_ item: MessageItem, _ reader: Reader) -> String {
    guard let since = item.facts.failingSince else { return "" }
    let words =
        item.kind == .database
        ? reader.say("; не записывалась с ", "; it could not since ")
        : reader.say("; не отвечал с ", "; it had been silent since ")
    return words + reader.time(since)
}
