// Which days were counted and which were not, in two short lines that a person can check on a wall calendar.

package import ParcelCore

/// `Рабочие дни: чт 28.09, пт 29.09, сб 30.09 (рабочая суббота), пн 09.10`, then what does not count and why.
///
/// - Parameter total: All working days that were counted, where `days` holds only the last of them.
package func dayLines(_ days: [AlertFacts.Day], of total: Int? = nil, _ reader: Reader) -> [String] {
    guard !days.isEmpty else { return [] }
    var lines: [String] = []
    let counted = days.filter(\.isCounted)
    if counted.isEmpty {
        lines.append(reader.say("Рабочих дней не было", "No working days"))
    } else {
        let heading =
            (total ?? 0) > counted.count
            ? reader.say("Последние рабочие дни: ", "Last working days: ")
            : reader.say("Рабочие дни: ", "Working days: ")
        lines.append(heading + countedText(counted, reader))
    }
    let skipped = skippedText(days, reader)
    if !skipped.isEmpty { lines.append(reader.say("Не считаются: ", "Not counted: ") + skipped) }
    let guessed = Set(days.filter { !$0.isCertain }.map(\.date.year)).sorted().map(String.init)
    if !guessed.isEmpty {
        let years = reader.list(guessed)
        lines.append(
            reader.say(
                "Предварительно: календаря на \(years) ещё нет, считали по будням пн–пт.",
                "Provisional: no calendar for \(years) yet, so Mon–Fri were counted."))
    }
    return lines
}

/// Each day by itself while a person can still read them; runs of days beyond that.
private func countedText(_ days: [AlertFacts.Day], _ reader: Reader) -> String {
    guard days.count > 12 else {
        return days.map { reader.weekdayDate($0.date) + remark($0, reader) }.joined(separator: ", ")
    }
    return runs(days).map { reader.range($0.first, $0.last) }.joined(separator: ", ")
}

private func remark(_ day: AlertFacts.Day, _ reader: Reader) -> String {
    guard !day.name.isEmpty else { return "" }
    switch day.date.weekday {
    case 6: return reader.say(" (рабочая суббота)", " (a worked Saturday)")
    case 7: return reader.say(" (рабочее воскресенье)", " (a worked Sunday)")
    default: return " (\(harmless(day.name, limit: 80)))"
    }
}

private struct Run {
    var first: LocalDate
    var last: LocalDate
    var names: [String]
    var hasWeekday: Bool
}

/// Days that follow each other on the calendar.
private func runs(_ days: [AlertFacts.Day]) -> [Run] {
    var runs: [Run] = []
    for day in days {
        let isWeekday = day.date.weekday < 6
        if let last = runs.last, last.last.adding(days: 1) == day.date {
            runs[runs.count - 1].last = day.date
            runs[runs.count - 1].hasWeekday = last.hasWeekday || isWeekday
        } else {
            runs.append(Run(first: day.date, last: day.date, names: [], hasWeekday: isWeekday))
        }
        if !day.name.isEmpty, !runs[runs.count - 1].names.contains(day.name) {
            runs[runs.count - 1].names.append(day.name)
        }
    }
    return runs
}

private func skippedText(_ days: [AlertFacts.Day], _ reader: Reader) -> String {
    let skipped = runs(days.filter { !$0.isCounted })
    let weekends = skipped.filter { $0.names.isEmpty && !$0.hasWeekday }
    // Everybody knows which days are weekends: past a few they need no dates.
    let areNamed = weekends.count <= 3
    var parts: [String] = []
    for run in skipped {
        let isWeekend = run.names.isEmpty && !run.hasWeekday
        if isWeekend, !areNamed { continue }
        parts.append("\(reader.range(run.first, run.last)) — \(reason(run, reader))")
    }
    if !areNamed { parts.append(reader.say("выходные", "weekends")) }
    return parts.joined(separator: "; ")
}

private func reason(_ run: Run, _ reader: Reader) -> String {
    guard run.names.isEmpty else { return run.names.map { reader.holiday($0) }.joined(separator: "; ") }
    return run.first == run.last ? reader.say("выходной", "day off") : reader.say("выходные", "weekend")
}
