// What is told of the service itself: a provider that is down, a clock that lies, a channel that refuses. Each says
// what it means for the things that are watched, and who has to do what.

import ParcelCore

func serviceText(_ item: MessageItem, _ reader: Reader) -> String {
    reader.render(TemplateKind(item.kind), serviceValues(item, reader))
}

/// What is said of one kind; what a kind has no words for is empty.
private struct ServiceLines {
    var heading: String
    /// What it means for the things that are watched.
    var meaning = ""
    var advice = ""
}

func serviceValues(_ item: MessageItem, _ reader: Reader) -> TemplateValues {
    let facts = item.facts
    let lines =
        switch item.kind {
        case .providerDown: providerDown(facts, reader)
        case .authentication: authentication(facts, reader)
        case .cannotBeChecked: cannotBeChecked(facts, reader)
        case .clock: clock(reader)
        case .channelRefused: channelRefused(facts, reader)
        case .coverageEnds: coverageEnds(facts, reader)
        case .templateBroken: templateBroken(facts, reader)
        case .database: database(facts, reader)
        case .stall, .contradiction, .refund, .condition, .vanished, .signed, .twoNumbers:
            ServiceLines(heading: thingHeading(item, reader))
        }
    let isWaiting = item.kind == .providerDown || item.kind == .authentication
    return [
        "reminderLine": .text(item.telling == .reminded ? reader.say("Напоминаем:", "A reminder:") : ""),
        "heading": .text(lines.heading),
        "reasonLine": .text(reasonLine(facts, reader)),
        "waitingLine": .text(isWaiting ? waitingLine(facts, reader) : ""),
        "thingsLine": .text(thingsLine(facts, reader)),
        "meaningLines": .lines([lines.meaning].filter { !$0.isEmpty }),
        "adviceLines": .lines([lines.advice].filter { !$0.isEmpty }),
        "provider": .text(facts.provider.map { reader.name($0) } ?? ""),
        "reason": .text(reader.reason(facts.reason ?? "")),
        "since": .text(facts.failingSince.map { reader.time($0) } ?? ""),
        "count": .text(facts.count.map { reader.things($0) } ?? ""), "channel": .text(harmless(facts.channel ?? "")),
        "file": .text(harmless(facts.file ?? "")), "calendars": .text(calendarNames(facts, reader)),
        "coverageEnd": .text(facts.coverageEnd.map { reader.date($0) } ?? ""),
        "isReminder": .flag(item.telling == .reminded),
    ]
}

private func name(_ facts: AlertFacts, _ reader: Reader) -> String {
    facts.provider.map { reader.name($0) } ?? reader.say("Сервис", "The provider")
}

private func calendarNames(_ facts: AlertFacts, _ reader: Reader) -> String {
    (facts.calendars ?? []).map { reader.calendar($0) }.joined(separator: ", ")
}

private func reasonLine(_ facts: AlertFacts, _ reader: Reader) -> String {
    let reason = reader.reason(facts.reason ?? "")
    return reason.isEmpty ? "" : reader.say("Причина: ", "Reason: ") + reason
}

private func waitingLine(_ facts: AlertFacts, _ reader: Reader) -> String {
    guard let count = facts.count, count > 0 else { return "" }
    return reader.say("Пока нельзя проверить: ", "Cannot be checked meanwhile: ") + reader.things(count)
}

private func thingsLine(_ facts: AlertFacts, _ reader: Reader) -> String {
    guard let labels = facts.holdsUp, !labels.isEmpty else { return "" }
    let shown = labels.prefix(30).map { harmless($0, limit: 80) }.joined(separator: ", ")
    let rest = (facts.count ?? labels.count) - min(30, labels.count)
    return shown + (rest > 0 ? reader.say(" и ещё \(rest)", " and \(rest) more") : "")
}

private func providerDown(_ facts: AlertFacts, _ reader: Reader) -> ServiceLines {
    let name = name(facts, reader)
    let since = facts.failingSince.map { reader.say(" с ", " since ") + reader.time($0) } ?? ""
    return ServiceLines(
        heading: "🔌 " + reader.say("\(name) не отвечает\(since)", "\(name) has not answered\(since)"),
        meaning: reader.say(
            "Пока сервис не ответит, о простое ничего не сообщаем: нельзя узнать, сдвинулось ли что-то.",
            "Until it answers no stall is reported: nobody can know whether anything has moved."),
        advice: reader.say(
            "Делать ничего не нужно: как только он ответит, напишем.",
            "There is nothing to do: we will write when it answers."))
}

private func authentication(_ facts: AlertFacts, _ reader: Reader) -> ServiceLines {
    let name = name(facts, reader)
    let resume = facts.provider.map { "parcelctl provider resume \(harmless($0.description, limit: 80))" }
    let then = resume.map {
        reader.say(", положите верный и выполните: \($0)", ", put the right one there, then: \($0)")
    }
    return ServiceLines(
        heading: "🔑 " + reader.say("\(name) не принимает наш ключ или пароль", "\(name) refuses our key or password"),
        meaning: reader.say(
            "До тех пор пробуем раз в день и о простое его позиций не сообщаем.",
            "Until that is mended it is tried once a day, and no stall of its things is reported."),
        advice: reader.say(
            "Администратору: проверьте ключ этого сервиса в настройках",
            "For the administrator: check this provider's secret in the configuration") + (then ?? "."))
}

private func cannotBeChecked(_ facts: AlertFacts, _ reader: Reader) -> ServiceLines {
    let name = name(facts, reader)
    let count = facts.count ?? facts.holdsUp?.count ?? 0
    let things = reader.things(count)
    return ServiceLines(
        heading: "⚠️ " + reader.say("\(name): не удаётся проверить \(things)", "\(name): \(things) cannot be checked"),
        meaning: reader.say(
            "Срок вышел больше рабочего дня назад, а есть ли движение, узнать не удалось.",
            count == 1
                ? "Its time ran out more than a working day ago, and whether it moved is not known."
                : "Their time ran out more than a working day ago, and whether they moved is not known."),
        advice: reader.say("Посмотрите сами в кабинете сервиса.", "Please look yourself, in the provider's account."))
}

private func clock(_ reader: Reader) -> ServiceLines {
    ServiceLines(
        heading: "🕰 " + reader.say("Часам сервера нельзя верить", "The host's clock cannot be believed"),
        meaning: reader.say(
            "Пока время неверно, новых тревог не будет.", "While the time is wrong nothing new is decided."),
        advice: reader.say(
            "Администратору: проверьте часы сервера и их синхронизацию (timedatectl).",
            "For the administrator: check the host's clock and its synchronisation (timedatectl)."))
}

private func channelRefused(_ facts: AlertFacts, _ reader: Reader) -> ServiceLines {
    let channel = reader.quoted(facts.channel) ?? ""
    return ServiceLines(
        heading: "📵 " + reader.say("Канал \(channel) не принимает сообщения", "Channel \(channel) takes no messages"),
        meaning: reader.say(
            "Ничего не потеряно: сообщения ждут и уйдут, как только канал исправят.",
            "Nothing is lost: the messages wait and leave as soon as the channel is mended."),
        advice: channelAdvice(facts.reason ?? "", reader))
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

private func coverageEnds(_ facts: AlertFacts, _ reader: Reader) -> ServiceLines {
    let names = calendarNames(facts, reader)
    let end = facts.coverageEnd.map { reader.date($0) } ?? ""
    return ServiceLines(
        heading: "📅 "
            + reader.say(
                "Календарь (\(names)) известен только до \(end)", "The calendar (\(names)) is known only until \(end)"),
        meaning: reader.say(
            "Дальше рабочими считаются все будни пн–пт, а тревоги отмечаются как предварительные.",
            "After that every Mon–Fri counts as worked, and alerts are marked provisional."),
        advice: reader.say(
            "Администратору: обновите файл календаря.", "For the administrator: update the calendar's file."))
}

private func templateBroken(_ facts: AlertFacts, _ reader: Reader) -> ServiceLines {
    let file = reader.quoted(facts.file).map { " " + $0 } ?? ""
    return ServiceLines(
        heading: "📝 " + reader.say("Ваш шаблон\(file) нельзя использовать", "Your template\(file) cannot be used"),
        meaning: reader.say(
            "Ничего не потеряно: пока что пишем встроенными текстами.",
            "Nothing is lost: the built-in texts are used meanwhile."),
        advice: reader.say(
            "Администратору: исправьте файл и проверьте командой parceld check.",
            "For the administrator: mend the file and try it with parceld check."))
}

private func database(_ facts: AlertFacts, _ reader: Reader) -> ServiceLines {
    let since = facts.failingSince.map { reader.say(" с ", " since ") + reader.time($0) } ?? ""
    return ServiceLines(
        heading: "💾 "
            + reader.say(
                "parceld не может записать свою базу данных\(since)",
                "parceld \(since.isEmpty ? "cannot" : "has not been able to") write its database\(since)"),
        meaning: reader.say(
            "Пока её нельзя записать, новых тревог не будет. Ничего не потеряно: всё узнаем заново и напишем, как только станет можно.",
            "Until it can be written there are no new alerts. Nothing is lost: all of it is asked for again and told as soon as it can be."
        ),
        advice: reader.say(
            "Администратору: освободите место на её диске и посмотрите журнал (journalctl -u parceld).",
            "For the administrator: free space on its disk, and look at the journal (journalctl -u parceld)."))
}
