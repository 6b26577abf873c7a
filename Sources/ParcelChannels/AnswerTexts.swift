// What people are answered in a chat: to a button a line, to "Why?" the whole count, to a command a short list. Plain
// texts; the channel cuts what is too long.

package import ParcelCore

// MARK: Buttons

/// What came of taking an alert on.
///
/// - Parameter alert: As it is now; nil where there is none of that number.
package func takenText(_ alert: Alert?, isNew: Bool, _ reader: Reader) -> String {
    guard let alert else { return reader.say("Такой тревоги нет", "There is no such alert") }
    guard alert.isOpen else { return reader.say("Уже закрыто", "It is closed already") }
    let who = alert.acknowledged.map { reader.who($0.by) } ?? ""
    return isNew
        ? reader.say("Взято в работу: \(who). Напоминаний не будет", "Taken on by \(who). No more reminders")
        : reader.say("Уже в работе: \(who)", "Taken on by \(who) already")
}

package func snoozedText(_ alert: Alert?, _ reader: Reader) -> String {
    guard let alert else { return reader.say("Такой тревоги нет", "There is no such alert") }
    guard alert.isOpen else { return reader.say("Уже закрыто", "It is closed already") }
    let end = alert.snoozed.map { reader.time($0.until) } ?? ""
    return reader.say("Отложено до \(end)", "Snoozed until \(end)")
}

package func oldButtonText(_ reader: Reader) -> String {
    reader.say("Эта кнопка больше не работает", "This button does nothing any more")
}

// MARK: An alert by itself

/// An alert as it is told when it opens, with its buttons while it is open.
package func alertPieces(_ alert: Alert, _ reader: Reader) -> [TelegramPiece] {
    [piece(text(of: told(alert), for: reader), alert, reader)]
}

/// Why it was told: the rule, each day that was counted and each that was not, who confirmed it and when.
package func whyPieces(_ alert: Alert, _ rules: Rules, _ reader: Reader) -> [TelegramPiece] {
    guard alert.kind.isSilence else { return alertPieces(alert, reader) }
    let facts = alert.facts
    var lines = [thingHeading(told(alert), reader)]
    if let stage = facts.stage {
        let rule = rules.rule(stage)
        lines.append(capitalised(reader.word(stage)))
        lines.append(
            reader.say(
                "Правило: внимание через \(reader.workingDays(rule.warning)), критично через \(rule.critical)",
                "Rule: warning after \(reader.workingDays(rule.warning)), critical after \(rule.critical)"))
    }
    if let names = facts.calendars, !names.isEmpty {
        let calendars = names.map { reader.calendar($0) }.joined(separator: " + ")
        let zone = facts.zone.map { ", " + reader.zoneWords($0) } ?? ""
        lines.append(reader.say("Календарь: ", "Calendar: ") + calendars + zone)
    }
    if let since = facts.since {
        let basis = since.basis == .happened ? reader.say("было", "happened") : reader.say("увидели", "seen")
        lines.append(reader.say("Считаем с: ", "Counted from: ") + "\(reader.time(since.at)) (\(basis))")
    }
    lines += dayLines(facts.days ?? [], of: facts.workingDays, reader)
    if facts.isCertain == false, facts.days?.contains(where: { !$0.isCertain }) != true {
        lines.append(
            reader.say(
                "Предварительно: календарь известен не на все эти дни.",
                "Provisional: the calendar does not cover all these days."))
    }
    lines += confirmation(facts, reader)
    return [piece(lines.joined(separator: "\n"), alert, reader)]
}

private func confirmation(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    var lines: [String] = []
    if let count = facts.workingDays {
        lines.append(reader.say("Итого без движения: ", "Without movement in all: ") + reader.workingDays(count))
    }
    if let confirmed = facts.confirmedAt {
        let who = facts.decider.map { " (\(reader.name($0)))" } ?? ""
        lines.append(reader.say("Подтверждено: ", "Confirmed: ") + reader.time(confirmed) + who)
    }
    return lines
}

private func told(_ alert: Alert) -> MessageItem {
    MessageItem(
        telling: .opened, kind: alert.kind, alert: alert.rowID ?? 0, level: alert.level, isOverview: false,
        facts: alert.facts, changedAt: alert.openedAt, rows: [])
}

private func piece(_ text: String, _ alert: Alert, _ reader: Reader, isLine: Bool = false) -> TelegramPiece {
    TelegramPiece(
        text, isNext: isLine, headLines: isLine ? 0 : 1, alert: alert.isOpen ? alert.rowID : nil,
        name: buttonName(alert.kind, alert.facts, reader), hasLetter: !alert.kind.isAboutService)
}

// MARK: Commands

package func helpText(_ reader: Reader) -> String {
    reader.say(
        """
        /stalled – что стоит на месте
        /show 1907-2 – одна вещь: товар, заказ, посылка или трек-номер
        /status – что отслеживается и отвечают ли сервисы
        Кнопки под сообщениями: взять в работу, отложить, узнать почему, получить письмо.
        """,
        """
        /stalled – what stands still
        /show 1907-2 – one thing: an item, order, parcel or track number
        /status – what is watched, and whether the providers answer
        The buttons under a message: take it on, snooze it, ask why, get the letter.
        """)
}

/// The longest silent first.
///
/// - Parameter open: Open alerts.
package func stalledPieces(_ open: [Alert], _ reader: Reader, at now: Timestamp) -> [TelegramPiece] {
    let silent = open.enumerated().filter { $0.element.kind.isSilence }.sorted { left, right in
        let (a, b) = (left.element.facts.workingDays ?? 0, right.element.facts.workingDays ?? 0)
        return a == b ? left.offset < right.offset : a > b
    }.map(\.element)
    guard !silent.isEmpty else { return [TelegramPiece(reader.say("Ничего не стоит", "Nothing stands still"))] }
    let heading = reader.say("Стоит на месте: \(silent.count)", "Standing still: \(silent.count)")
    let shown = silent.prefix(20)
    var pieces = [TelegramPiece(heading, headLines: 1)]
    pieces += shown.map { piece(cut(line($0, reader, at: now), to: 180), $0, reader, isLine: true) }
    if silent.count > shown.count {
        let rest = silent.count - shown.count
        pieces.append(
            TelegramPiece(
                reader.say("… и ещё \(rest). Все: parcelctl stalled", "… and \(rest) more: parcelctl stalled"),
                isNext: true))
    }
    return pieces
}

/// Where a thing is, by which numbers, what happened last, and what is open about it.
package func showPieces(
    _ thing: Thing, in family: Family, _ open: [Alert], _ rules: Rules, _ reader: Reader, at now: Timestamp
) -> [TelegramPiece] {
    let story = family.story(of: thing, at: now)
    var lines = [
        "\(capitalised(reader.word(thing.kind))) \(harmless(title(thing), limit: 80))",
        capitalised(state(thing, reader)),
    ]
    if let view = rules.decider(of: thing, in: family), let status = reader.quoted(view.text) {
        lines.append(reader.say("Статус: ", "Status: ") + "\(status) (\(reader.name(view.provider)))")
        if let confirmed = view.confirmedAt {
            lines.append(reader.say("Проверено: ", "Checked: ") + reader.time(confirmed))
        }
    }
    lines.append(reader.say("Последнее движение: ", "Last movement: ") + reader.time(family.lastMovement(of: thing).at))
    if let parcel = family.parcel(carrying: thing.id) {
        lines.append(reader.say("В посылке № ", "In parcel № ") + harmless(parcel.label, limit: 80))
    }
    for number in story.numbers.prefix(6) {
        let plain = harmless(number.number.plainNumber, limit: 80)
        let way = family.journey(of: number.number)
        lines.append("• \(plain) (\(reader.word(number.role))): \(reader.word(way.milestone))")
    }
    let last = story.events.suffix(5).map { row($0, reader) }
    if !last.isEmpty { lines += [reader.say("Последние события:", "Latest events:")] + last }
    let pieces = [TelegramPiece(lines.joined(separator: "\n"), headLines: 1)]
    return pieces
        + open.prefix(5).enumerated().map { index, alert in
            var told = piece(cut(line(alert, reader, at: now), to: 180), alert, reader, isLine: true)
            told.isNext = index > 0
            return told
        }
}

private func row(_ told: StoryEvent, _ reader: Reader) -> String {
    let event = told.event
    var text = harmless([event.text, event.place].filter { !$0.isEmpty }.joined(separator: ", "))
    if text.isEmpty { text = harmless(event.code) }
    if event.kind == .number { text = reader.say("номер ", "number ") + text }
    return
        "• \(reader.time(event.since.at)): \(text) (\(told.providers.map { reader.name($0) }.joined(separator: ", ")))"
}

package func unknownThingText(_ asked: String, _ kinds: [ThingKind], _ reader: Reader) -> String {
    let name = harmless(asked, limit: 60)
    if name.isEmpty { return reader.say("Напишите так: /show 1907-2", "Write it like this: /show 1907-2") }
    guard kinds.count > 1 else { return reader.say("Ничего не известно о \(name)", "Nothing is known of \(name)") }
    let forms = kinds.map { "/show \($0.rawValue):\(name)" }.joined(separator: "\n")
    return reader.say("Это может быть:\n\(forms)", "It may be:\n\(forms)")
}

/// How many things of each kind are watched, whether each provider answers, and how much is open.
package func statusText(
    watched: [ThingKind: Int], _ health: [ProviderHealth], open: [Alert], waiting: Int, _ reader: Reader
) -> String {
    let kinds = [ThingKind.order, .item, .parcel].map { "\(reader.word($0)): \(watched[$0] ?? 0)" }
    var lines = [reader.say("Отслеживается", "Watched") + ": " + kinds.joined(separator: ", ")]
    for provider in health {
        let name = reader.name(provider.provider)
        if let since = provider.failingSince {
            let reason = provider.lastError.map { ": " + harmless($0, limit: 100) } ?? ""
            lines.append("🔌 \(name): " + reader.say("не отвечает с ", "fails since ") + reader.time(since) + reason)
        } else if let last = provider.lastSuccessAt {
            lines.append("✅ \(name): " + reader.say("отвечает, ", "answers, ") + reader.time(last))
        } else {
            lines.append("… \(name): " + reader.say("ещё не спрашивали", "not asked yet"))
        }
    }
    let taken = open.filter { $0.acknowledged != nil }.count
    lines.append(
        reader.say(
            "Открыто тревог: \(open.count), из них в работе: \(taken)",
            "Open alerts: \(open.count), taken on: \(taken)"))
    if waiting > 0 { lines.append(reader.say("Ждут отправки: \(waiting)", "Waiting to be told: \(waiting)")) }
    return lines.joined(separator: "\n")
}
