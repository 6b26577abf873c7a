// What people read of an alert. Calm and complete: what stands still, since when, how that was counted, whom to ask.

package import ParcelCore

/// The text of one item of a message; lines separated by line feeds.
package func text(of item: MessageItem, for reader: Reader) -> String {
    switch item.telling {
    case .closed: closedText(item, reader)
    case .wasSilent: wasSilentText(item, reader)
    case .opened, .escalated: item.kind.isAboutService ? serviceText(item, reader) : thingText(item, reader)
    }
}

private func sign(_ item: MessageItem) -> String { item.level == .critical ? "🔴" : "⚠️" }

private func thingText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    var lines: [String] = []
    switch item.kind {
    case .refund:
        lines.append("💸 \(reader.name(facts)): \(reader.say("нельзя поставить", "cannot be supplied"))")
        if let amount = facts.amount {
            lines.append(reader.say("К возврату: ", "To be refunded: ") + reader.amount(amount))
        }
        lines.append(reader.say("Деньги за товар должны вернуться на счёт полностью; проверьте.", "The full sum should come back to the account; check that it does."))
    case .condition:
        lines.append("🔴 \(reader.name(facts)): \(facts.condition.map { reader.word($0) } ?? "")")
    case .vanished:
        let provider = facts.provider.map { reader.name($0) } ?? ""
        lines.append("⚠️ \(reader.name(facts)): \(reader.say("пропало у \(provider)", "vanished at \(provider)"))")
        lines.append(reader.say("Два полных списка без него, и по номеру не находится.", "Two complete lists did not show it, and it is not found by its id."))
    case .contradiction:
        let others = (facts.disagreeing ?? []).map { reader.name($0) }.joined(separator: ", ")
        lines.append("\(sign(item)) \(reader.name(facts)): \(reader.say("сведения расходятся", "providers disagree"))")
        lines.append(reader.say("\(others): завершено. Остальные: без движения.", "\(others): finished. The others: no movement."))
    default:
        let silence = reader.workingDays(facts.workingDays ?? 0)
        lines.append("\(sign(item)) \(reader.name(facts)): \(reader.say("нет движения \(silence)", "no movement for \(silence)"))")
    }
    lines += statusLines(facts, reader)
    lines += detailLines(facts, reader)
    if item.kind == .stall || item.kind == .contradiction { lines += countLines(facts, reader) }
    lines += contactLines(facts, reader)
    return lines.joined(separator: "\n")
}

private func statusLines(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    var lines: [String] = []
    if let status = facts.statusText, !status.isEmpty {
        var line = reader.say("Статус: ", "Status: ") + "«\(harmless(status))»"
        if let provider = facts.decider { line += " (\(reader.name(provider)))" }
        if facts.isUnmapped == true { line += reader.say(", parceld его не знает", ", unknown to parceld") }
        lines.append(line)
    }
    if let since = facts.since {
        let date = reader.date(since.at)
        let what =
            since.basis == .happened
            ? reader.say("Последнее движение: \(date)", "Last movement: \(date)")
            : reader.say("Последнее движение увидели \(date)", "Last movement seen on \(date)")
        lines.append(what + (facts.stage.map { "; " + reader.word($0) } ?? ""))
    }
    return lines
}

private func detailLines(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    var lines: [String] = []
    var details: [String] = []
    if facts.thingKind != .order, let order = facts.order { details.append(reader.say("заказ ", "order ") + harmless(order)) }
    let known = facts.facts ?? [:]
    if let seller = known["seller"] { details.append(reader.say("продавец ", "seller ") + harmless(seller)) }
    if let external = known["external_order"] { details.append(reader.say("внешний заказ ", "external order ") + harmless(external)) }
    if let account = known["account"] { details.append(reader.say("аккаунт ", "account ") + harmless(account)) }
    if !details.isEmpty { lines.append(capitalised(details.joined(separator: ", "))) }
    for number in facts.numbers ?? [] {
        lines.append("\(reader.say("Трек", "Track")) \(number.number)" + (number.page.map { ": \($0)" } ?? ""))
    }
    if let held = facts.holdsUp, !held.isEmpty {
        let names = held.map { "№ " + harmless($0) }.joined(separator: ", ")
        lines.append(reader.say("Задерживает: \(names): посылку собирают, когда придут все товары заказа", "Holds up: \(names): the parcel is packed when all items of the order have arrived"))
    }
    if let problem = known["problem"] { lines.append(reader.say("Проблема: ", "Problem: ") + harmless(problem)) }
    return lines
}

private func countLines(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    var lines: [String] = []
    if let days = facts.days, !days.isEmpty {
        lines += dayLines(days, reader)
    }
    if facts.isCertain == false {
        lines.append(reader.say("Предварительно: календарь на эти дни ещё не опубликован, считали пн–пт.", "Provisional: no calendar is published for these days yet; counted Mon–Fri."))
    }
    if let confirmed = facts.confirmedAt {
        lines.append(reader.say("Проверено: ", "Checked: ") + reader.time(confirmed))
    }
    return lines
}

/// `Рабочие дни: 28.09, 29.09, 30.09 (国庆节), 09.10`, then what does not count and why.
package func dayLines(_ days: [AlertFacts.Day], _ reader: Reader) -> [String] {
    let counted = days.filter(\.isCounted).map { day in
        reader.shortDate(day.date) + (day.name.isEmpty ? "" : " (\(harmless(day.name)))")
    }
    var lines = [reader.say("Рабочие дни: ", "Working days: ") + (counted.isEmpty ? "0" : counted.joined(separator: ", "))]
    var skipped: [String] = []
    var run: [AlertFacts.Day] = []
    func close() {
        guard let first = run.first, let last = run.last else { return }
        let range = first.date == last.date ? reader.shortDate(first.date) : "\(reader.shortDate(first.date))–\(reader.shortDate(last.date))"
        var names: [String] = []
        for day in run where !day.name.isEmpty && !names.contains(day.name) { names.append(day.name) }
        skipped.append("\(range) \(names.isEmpty ? reader.say("выходные", "weekend") : harmless(names.joined(separator: ", ")))")
        run = []
    }
    for day in days {
        if day.isCounted { close() } else { run.append(day) }
    }
    close()
    if !skipped.isEmpty { lines.append(reader.say("Не считаются: ", "Not counted: ") + skipped.joined(separator: "; ")) }
    return lines
}

private func contactLines(_ facts: AlertFacts, _ reader: Reader) -> [String] {
    let contacts = facts.contacts ?? []
    guard !contacts.isEmpty else { return [] }
    return [reader.say("Написать:", "Contact:")]
        + contacts.map { "• \(reader.word($0.role)) \(harmless($0.name)): \($0.url)" }
}

private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

private func closedText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    switch item.kind {
    case .providerDown, .authentication:
        let name = facts.provider.map { reader.name($0) } ?? ""
        return "✅ " + reader.say("\(name) снова отвечает; всё проверяется", "\(name) answers again; everything is being checked")
    case .cannotBeChecked:
        let name = facts.provider.map { reader.name($0) } ?? ""
        return "✅ " + reader.say("\(name): всё снова проверяется", "\(name): everything can be checked again")
    case .clock: return "✅ " + reader.say("Часы сервера снова верны", "The host's clock is right again")
    case .channelRefused:
        return "✅ " + reader.say("Канал \(facts.channel ?? "") снова принимает", "Channel \(facts.channel ?? "") accepts again")
    case .coverageEnds: return "✅ " + reader.say("Календарь обновлён", "The calendar is up to date")
    default: return "✅ \(reader.name(facts)): \(outcome(facts, reader))"
    }
}

/// How a matter ended, in words.
private func outcome(_ facts: AlertFacts, _ reader: Reader) -> String {
    let status = facts.newStatus.map { "«\(harmless($0))»" } ?? ""
    let date = facts.movedAt.map { " (\(reader.date($0.at)))" } ?? ""
    switch facts.cause {
    case .waits: return reader.say("больше не держит: ждёт других или едет в посылке", "no longer holds: it waits for others or is in a parcel")
    case .recomputed: return reader.say("пересчитано по новым правилам: молчания нет", "recomputed by new rules: not silent")
    case .finished: return reader.say("завершено: \(status)\(date)", "finished: \(status)\(date)")
    default: return reader.say("сдвинулось: \(status)\(date)", "has moved: \(status)\(date)")
    }
}

private func wasSilentText(_ item: MessageItem, _ reader: Reader) -> String {
    guard item.kind == .stall || item.kind == .contradiction else { return closedText(item, reader) }
    let silence = reader.workingDays(item.facts.workingDays ?? 0)
    return "✅ \(reader.name(item.facts)): " + reader.say("молчало \(silence), ", "was silent for \(silence), ") + outcome(item.facts, reader)
}

private func serviceText(_ item: MessageItem, _ reader: Reader) -> String {
    let facts = item.facts
    let name = facts.provider.map { reader.name($0) } ?? ""
    var lines: [String] = []
    switch item.kind {
    case .providerDown:
        lines.append("🔌 " + reader.say("\(name) не отвечает", "\(name) does not answer"))
        if let since = facts.failingSince { lines.append(reader.say("С: ", "Since: ") + reader.time(since)) }
        if let reason = facts.reason { lines.append(reader.say("Причина: ", "Reason: ") + harmless(reason)) }
        if let count = facts.count, count > 0 { lines.append(reader.say("Пока не проверить: ", "Not checked meanwhile: ") + reader.things(count)) }
        lines.append(reader.say("Пока сервис молчит, о товарах тревоги не будет: parceld ничего не выдумывает.", "While it is silent no stall is reported for its things: parceld invents nothing."))
    case .authentication:
        lines.append("🔑 " + reader.say("\(name) не принимает ключ или пароль", "\(name) refuses the key or password"))
        if let reason = facts.reason { lines.append(harmless(reason)) }
        lines.append(reader.say("Нужен администратор: проверить секрет этого сервиса. До тех пор одна проба в день.", "An administrator has to check this provider's secret. Until then it is tried once a day."))
    case .cannotBeChecked:
        lines.append("⚠️ " + reader.say("\(name): не удаётся проверить \(reader.things(facts.count ?? 0))", "\(name): \(reader.things(facts.count ?? 0)) cannot be checked"))
        if let reason = facts.reason { lines.append(reader.say("Причина: ", "Reason: ") + harmless(reader.uncheckedReason(reason))) }
        if let labels = facts.holdsUp, !labels.isEmpty { lines.append(labels.map(harmless).joined(separator: ", ")) }
        lines.append(reader.say("Срок прошёл день назад, а сервис так и не подтвердил, двигалось ли это. Посмотрите вручную.", "Their threshold passed a day ago, and the provider has not confirmed whether they moved. Look by hand."))
    case .clock:
        lines.append("🕰 " + reader.say("Часам сервера нельзя верить", "The host's clock cannot be believed"))
        if let reason = facts.reason { lines.append(harmless(reason)) }
        lines.append(reader.say("Решения остановлены, пока время не станет верным.", "Nothing is decided until the time is right again."))
    case .channelRefused:
        lines.append("📵 " + reader.say("Канал \(facts.channel ?? "") не принимает сообщения", "Channel \(facts.channel ?? "") refuses messages"))
        if let reason = facts.reason { lines.append(harmless(reason)) }
        lines.append(reader.say("Сообщения не потеряны: они ждут, пока канал исправят.", "No message is lost: they wait until the channel is mended."))
    default:
        let calendars = (facts.calendars ?? []).joined(separator: ", ")
        lines.append("📅 " + reader.say("Календарь \(calendars) кончается \(facts.coverageEnd.map { reader.date($0) } ?? "")", "Calendar \(calendars) ends on \(facts.coverageEnd.map { reader.date($0) } ?? "")"))
        lines.append(reader.say("Дальше дни считаются как пн–пт. Обновите файл календаря.", "After it days count Mon–Fri. Update the calendar's file."))
    }
    return lines.joined(separator: "\n")
}

extension Reader {
    /// The evaluator gives a word; anything else is shown as it is.
    package func uncheckedReason(_ reason: String) -> String {
        switch reason {
        case "unreadable": say("ответ не читается", "its answers cannot be read")
        case "missing": say("нет в списках сервиса", "missing from the provider's lists")
        case "not_reached": say("до этого не дошла очередь", "not reached by the polls")
        case "unknown": say("ни один сервис это не показывает", "no configured provider shows it")
        default: reason
        }
    }
}

/// Texts of a whole message: one per item; what had begun before parceld looked is one text together.
package func texts(of message: Message) -> [String] {
    let reader = Reader(message.language, message.zone)
    let overview = message.items.filter(\.isOverview)
    var texts = message.items.filter { !$0.isOverview }.map { text(of: $0, for: reader) }
    guard !overview.isEmpty else { return texts }
    var lines = [reader.say("👋 Уже стояло, когда parceld начал смотреть: \(overview.count)", "👋 Already so when parceld began to look: \(overview.count)")]
    for item in overview.prefix(30) {
        let days = item.facts.workingDays.map { ", " + reader.workingDays($0) } ?? ""
        let stage = item.facts.stage.map { ", " + reader.word($0) } ?? ""
        lines.append("\(sign(item)) \(reader.name(item.facts)): \(reader.word(item.kind))\(days)\(stage)")
    }
    if overview.count > 30 { lines.append(reader.say("… и ещё \(overview.count - 30)", "… and \(overview.count - 30) more")) }
    lines.append(reader.say("Все: parcelctl alerts", "All of them: parcelctl alerts"))
    texts.append(lines.joined(separator: "\n"))
    return texts
}
