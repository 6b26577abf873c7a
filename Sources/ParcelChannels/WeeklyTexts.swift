// The weekly summary in words. It is there also when nothing is: that parceld works is what it then says.

import ParcelCore

func summaryPassages(_ summary: WeeklySummary, _ reader: Reader) -> [Passage] {
    var arrangement = Arrangement()
    // It only counts them: what can be answered is each alert's own message.
    let longest = summary.longest.map { item in
        [
            "line": TemplateValue.text(arrangement.mark(overviewLine(item, reader), .none)),
            "since": .text(reader.say("открыто с ", "open since ") + reader.date(item.changedAt)),
        ]
    }
    let silences = summary.silences.map { silence in
        [
            "topic": TemplateValue.text(topicWords(.things(silence.contact, silence.stage), reader)),
            "contact": .text(silence.contact.map { reader.word($0) } ?? ""), "stage": .text(reader.word(silence.stage)),
            "average": .text(tenths(silence.average, reader)),
            "averageBefore": .text(tenths(silence.averageBefore, reader)),
        ]
    }
    let values = summaryLines(summary, reader).merging(["silences": .rows(silences), "longest": .rows(longest)]) { $1 }
    return arrangement.passages(.weekly, values, reader)
}

private func summaryLines(_ summary: WeeklySummary, _ reader: Reader) -> TemplateValues {
    let open = summary.critical + summary.warnings
    let week = reader.range(summary.first, summary.last) + reader.say(".", " ") + "\(summary.last.year)"
    let checked = summary.lastSuccessAt.map { reader.say(", последняя проверка ", ", last check ") + reader.time($0) }
    let average = reader.say(
        "Среднее молчание в рабочих днях (неделей раньше):", "Average silence in working days (the week before):")
    return [
        "heading": .text(reader.say("Неделя \(week)", "The week of \(week)")), "week": .text(week),
        "openLine": .text(
            open == 0
                ? reader.say("Всё спокойно: открытых тревог нет", "All quiet: no open alerts")
                : reader.say(
                    "Открыто тревог: \(open), из них критичных: \(summary.critical)",
                    "Open alerts: \(open), of them critical: \(summary.critical)")),
        "changeLine": .text(
            reader.say(
                "За неделю открыто: \(summary.opened), закрыто: \(summary.closed)",
                "In the week opened: \(summary.opened), closed: \(summary.closed)")),
        "worksLine": .text(
            reader.say("parceld работает, под наблюдением: ", "parceld works, watching: ")
                + reader.things(summary.watched) + (checked ?? "")),
        "isQuiet": .flag(open == 0), "open": .text("\(open)"), "critical": .text("\(summary.critical)"),
        "opened": .text("\(summary.opened)"), "closed": .text("\(summary.closed)"),
        "watched": .text(reader.things(summary.watched)),
        "checked": .text(summary.lastSuccessAt.map { reader.time($0) } ?? ""),
        "silenceHeading": .text(summary.silences.isEmpty ? "" : average),
        "longestHeading": .text(
            summary.longest.isEmpty ? "" : reader.say("Дольше всего открыто:", "Open for longest:")),
    ]
}

/// `4,5`; a dash where nothing was silent.
private func tenths(_ count: Int?, _ reader: Reader) -> String {
    count.map { "\($0 / 10)" + reader.say(",", ".") + "\($0 % 10)" } ?? "–"
}
