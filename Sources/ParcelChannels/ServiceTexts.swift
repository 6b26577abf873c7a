// What is told of the service itself: a provider that is down, a clock that lies, a channel that refuses. Each says
// what it means for the things that are watched, and who has to do what.

import ParcelCore

func serviceText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    let lines =
        switch item.kind {
        case .providerDown: providerDown(facts, reader)
        case .authentication: authentication(facts, reader)
        case .cannotBeChecked: cannotBeChecked(facts, reader)
        case .clock: clock(facts, reader)
        case .channelRefused: channelRefused(facts, reader)
        case .coverageEnds: coverageEnds(facts, reader)
        case .stall, .contradiction, .refund, .condition, .vanished, .signed, .twoNumbers: [thingHeading(item, reader)]
        }
    let heading = item.telling == .reminded ? [reader.say("Напоминаем:", "A reminder:")] : []
    return (heading + lines).joined(separator: "\n")
}

private func name(_ facts: AlertFacts, _ reader: Reader) -> String {
    facts.provider.map { reader.name($0) } ?? reader.say("Сервис", "The provider")
}

private func reasonLine(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    let reason = reader.reason(facts.reason ?? "")
    return reason.isEmpty ? [] : [reader.say("Причина: ", "Reason: ") + reason]
}

private func waitingLine(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    guard let count = facts.count, count > 0 else { return [] }
    return [reader.say("Пока нельзя проверить: ", "Cannot be checked meanwhile: ") + reader.things(count)]
}

private func providerDown(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    let name = name(facts, reader)
    let since = facts.failingSince.map { reader.say(" с ", " since ") + reader.time($0) } ?? ""
    var lines = ["🔌 " + reader.say("\(name) не отвечает\(since)", "\(name) has not answered\(since)")]
    lines += reasonLine(facts, reader) + waitingLine(facts, reader)
    lines.append(
        reader.say(
            "Пока сервис не ответит, о простое ничего не сообщаем: нельзя узнать, сдвинулось ли что-то.",
            "Until it answers no stall is reported: nobody can know whether anything has moved."))
    lines.append(
        reader.say(
            "Делать ничего не нужно: как только он ответит, напишем.",
            "There is nothing to do: we will write when it answers."))
    return lines
}

private func authentication(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    let name = name(facts, reader)
    var lines = [
        "🔑 " + reader.say("\(name) не принимает наш ключ или пароль", "\(name) refuses our key or password")
    ]
    lines += reasonLine(facts, reader) + waitingLine(facts, reader)
    lines.append(
        reader.say(
            "До тех пор пробуем раз в день и о простое его позиций не сообщаем.",
            "Until that is mended it is tried once a day, and no stall of its things is reported."))
    let resume = facts.provider.map { "parcelctl provider resume \(harmless($0.description, limit: 80))" }
    lines.append(
        reader.say(
            "Администратору: проверьте ключ этого сервиса в настройках",
            "For the administrator: check this provider's secret in the configuration")
            + (resume.map {
                reader.say(", положите верный и выполните: \($0)", ", put the right one there, then: \($0)")
            }
                ?? "."))
    return lines
}

private func cannotBeChecked(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    let name = name(facts, reader)
    let labels = facts.holdsUp ?? []
    let things = reader.things(facts.count ?? labels.count)
    var lines = ["⚠️ " + reader.say("\(name): не удаётся проверить \(things)", "\(name): \(things) cannot be checked")]
    lines += reasonLine(facts, reader)
    if !labels.isEmpty {
        let shown = labels.prefix(30).map { harmless($0, limit: 80) }.joined(separator: ", ")
        let rest = (facts.count ?? labels.count) - min(30, labels.count)
        lines.append(shown + (rest > 0 ? reader.say(" и ещё \(rest)", " and \(rest) more") : ""))
    }
    lines.append(
        reader.say(
            "Срок вышел больше рабочего дня назад, а есть ли движение, узнать не удалось.",
            "Their time ran out more than a working day ago, and whether they moved is not known."))
    lines.append(
        reader.say(
            "Посмотрите сами в кабинете сервиса.", "Please look yourself, in the provider's account."))
    return lines
}

private func clock(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    var lines = ["🕰 " + reader.say("Часам сервера нельзя верить", "The host's clock cannot be believed")]
    lines += reasonLine(facts, reader)
    lines.append(
        reader.say("Пока время неверно, новых тревог не будет.", "While the time is wrong nothing new is decided."))
    lines.append(
        reader.say(
            "Администратору: проверьте часы сервера и их синхронизацию (timedatectl).",
            "For the administrator: check the host's clock and its synchronisation (timedatectl)."))
    return lines
}

private func channelRefused(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    let channel = reader.quoted(facts.channel) ?? ""
    var lines = [
        "📵 " + reader.say("Канал \(channel) не принимает сообщения", "Channel \(channel) refuses messages")
    ]
    lines += reasonLine(facts, reader)
    lines.append(channelAdvice(facts.reason ?? "", reader))
    lines.append(
        reader.say(
            "Ничего не потеряно: сообщения ждут и уйдут, как только канал исправят.",
            "Nothing is lost: the messages wait and leave as soon as the channel is mended."))
    return lines
}

private func channelAdvice(_ reason: String, _ reader: Reader) -> String {
    let reason = reason.lowercased()
    if reason.contains("chat not found") || reason.contains("kicked") || reason.contains("upgraded") {
        return reader.say(
            "Администратору: проверьте id чата и что бот в него добавлен.",
            "For the administrator: check the chat's id, and that the bot was added to it.")
    }
    if reason.contains("blocked") {
        return reader.say("Разблокируйте бота в Telegram.", "Unblock the bot in Telegram.")
    }
    if reason.contains("unauthorized") || reason.contains("not found") || reason.contains("401") {
        return reader.say(
            "Администратору: проверьте токен или адрес этого канала.",
            "For the administrator: check this channel's token or address.")
    }
    return reader.say(
        "Администратору: проверьте настройки этого канала.", "For the administrator: check this channel's settings.")
}

private func coverageEnds(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    let names = (facts.calendars ?? []).map { reader.calendar($0) }.joined(separator: ", ")
    let end = facts.coverageEnd.map { reader.date($0) } ?? ""
    return [
        "📅 "
            + reader.say(
                "Календарь (\(names)) известен только до \(end)", "The calendar (\(names)) is known only until \(end)"),
        reader.say(
            "Дальше рабочими считаются все будни пн–пт, а тревоги отмечаются как предварительные.",
            "After that every Mon–Fri counts as worked, and alerts are marked provisional."),
        reader.say(
            "Администратору: обновите файл календаря.", "For the administrator: update the calendar's file."),
    ]
}
