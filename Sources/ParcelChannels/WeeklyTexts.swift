// The weekly summary in words. It is there also when nothing is: that parceld works is what it then says.

import ParcelCore

/// Several texts, between which a channel may divide it.
func summaryTexts(_ summary: WeeklySummary, _ reader: Reader) -> [String] {
    let open = summary.critical + summary.warnings
    let week = reader.range(summary.first, summary.last) + reader.say(".", " ") + "\(summary.last.year)"
    var lines = [
        "📅 " + reader.say("Неделя \(week)", "The week of \(week)"),
        open == 0
            ? reader.say("Всё спокойно: открытых тревог нет", "All quiet: no open alerts")
            : reader.say(
                "Открыто тревог: \(open), из них критичных: \(summary.critical)",
                "Open alerts: \(open), of them critical: \(summary.critical)"),
        reader.say(
            "За неделю открыто: \(summary.opened), закрыто: \(summary.closed)",
            "In the week opened: \(summary.opened), closed: \(summary.closed)"),
    ]
    let checked = summary.lastSuccessAt.map { reader.say(", последняя проверка ", ", last check ") + reader.time($0) }
    lines.append(
        reader.say("parceld работает, под наблюдением: ", "parceld works, watching: ") + reader.things(summary.watched)
            + (checked ?? ""))
    var texts = [lines.joined(separator: "\n")]
    if !summary.silences.isEmpty { texts.append(silenceLines(summary.silences, reader).joined(separator: "\n")) }
    if !summary.longest.isEmpty {
        texts.append(reader.say("Дольше всего открыто:", "Open for longest:"))
        texts += summary.longest.map { item in
            overviewLine(item, reader)
                + reader.say(
                    ", открыто с \(reader.date(item.changedAt))", ", open since \(reader.date(item.changedAt))")
        }
    }
    return texts
}

private func silenceLines(_ silences: [WeeklySummary.Silence], _ reader: Reader) -> [String] {
    [
        reader.say(
            "Среднее молчание в рабочих днях (неделей раньше):", "Average silence in working days (the week before):")
    ]
        + silences.map { silence in
            let words = topicWords(.things(silence.contact, silence.stage), reader)
            return "• \(words): \(tenths(silence.average, reader)) (\(tenths(silence.averageBefore, reader)))"
        }
}

/// `4,5`; a dash where nothing was silent.
private func tenths(_ count: Int?, _ reader: Reader) -> String {
    count.map { "\($0 / 10)" + reader.say(",", ".") + "\($0 % 10)" } ?? "–"
}
