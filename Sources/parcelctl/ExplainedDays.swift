// Days and episodes as `explain` writes them: for people as a table that can be held beside a wall calendar, for programs
// as JSON.

import ParcelChannels
import ParcelCore
import ParcelStore

/// A row a day: counted or not, how many by then, what decided it, which threshold it reaches. Empty where there are none.
func explainedRows(_ days: [Explanation.Day], omitted: Int = 0, _ reader: Reader) -> String {
    guard !days.isEmpty else { return "" }
    var rows: [[String]] = []
    if omitted > 0 { rows.append([reader.say("ещё \(reader.days(omitted)) раньше", "\(reader.days(omitted)) before")]) }
    var year: Int?
    for day in days {
        // The year once, and where it changes.
        let date = reader.weekdayDate(day.date) + (day.date.year == year ? "" : " \(day.date.year)")
        year = day.date.year
        let mark = !day.isConfirmed ? "?" : day.isCounted ? "+" : "–"
        rows.append([
            date, mark, day.isCounted ? "\(day.running)" : "", day.reached.map { reader.word($0) } ?? "",
            remark(day, reader),
        ])
    }
    return table(rows, indent: "  ")
}

private func remark(_ day: Explanation.Day, _ reader: Reader) -> String {
    var words: [String] = []
    if !day.name.isEmpty {
        words.append(reader.dayName(day.name))
    } else if !day.isCounted {
        words.append(reader.say("выходной", "weekend"))
    }
    if !day.isCertain { words.append(reader.say("нет данных календаря, пн–пт", "no calendar data, Mon–Fri")) }
    if !day.isConfirmed, day.isCounted { words.append(reader.say("ещё не подтверждено", "not confirmed yet")) }
    return words.joined(separator: "; ")
}

func dayJSON(_ day: Explanation.Day) -> JSONValue {
    .members([
        "date": .string(day.date.description), "counted": .bool(day.isCounted), "name": .string(day.name),
        "certain": .bool(day.isCertain), "running": .integer(day.running), "reached": .optional(day.reached?.rawValue),
        "confirmed": .bool(day.isConfirmed),
    ])
}

/// An alert as it was told, also one that is over.
struct ExplainedEpisode {
    let alert: Alert
    let changes: [StoredChange]

    private var facts: AlertFacts { alert.facts }
    private var days: [Explanation.Day] {
        var thresholds: [Int: Level] = [:]
        for step in changes { if let reached = step.facts.threshold { thresholds[reached] = step.level } }
        if let reached = facts.threshold { thresholds[reached] = alert.level }
        return explainedDays(of: facts, thresholds)
    }

    func text(_ reader: Reader, at now: Timestamp) -> String {
        var rows = [
            [
                reader.say("открыта", "opened"),
                reader.time(alert.openedAt)
                    + (alert.isOverview ? reader.say(" (в общем обзоре)", " (told by the overview)") : ""),
            ]
        ]
        if let closed = alert.closedAt {
            let cause = facts.cause.map { ", " + reader.word($0) } ?? ""
            rows.append([reader.say("закрыта", "closed"), reader.time(closed) + cause])
        }
        if let stage = facts.stage { rows.append([reader.say("этап", "stage"), reader.word(stage)]) }
        if let threshold = facts.threshold {
            let calendars = (facts.calendars ?? []).map { harmless($0) }.joined(separator: "+")
            rows.append([
                reader.say("правило", "rule"),
                "\(reader.workingDays(threshold)); \(calendars), \(harmless(facts.zone ?? ""))",
            ])
        }
        if let since = facts.since {
            let basis = since.basis == .happened ? reader.say("было", "happened") : reader.say("увидели", "seen")
            rows.append([reader.say("считали с", "counted from"), "\(reader.time(since.at)) (\(basis))"])
        }
        if let decider = facts.decider {
            let confirmed = facts.confirmedAt.map { reader.say(", проверено ", ", confirmed ") + reader.time($0) } ?? ""
            rows.append([reader.say("решал", "decided by"), reader.name(decider) + confirmed])
        }
        if let reason = facts.reason { rows.append([reader.say("причина", "reason"), harmless(reason)]) }
        var parts = [
            reader.say("Тревога \(alert.rowID ?? 0): ", "Alert \(alert.rowID ?? 0): ") + line(alert, reader, at: now),
            table(rows, indent: "  "),
        ]
        let table = explainedRows(days, reader)
        if !table.isEmpty { parts += ["", table] }
        if !changes.isEmpty { parts += ["", steps(reader)] }
        return parts.joined(separator: "\n")
    }

    private func steps(_ reader: Reader) -> String {
        let rows = changes.map { step in
            [
                reader.time(step.at), word(step.change, reader), reader.word(step.level), reader.word(step.cause),
                harmless(step.madeBy),
            ]
        }
        return table(rows, indent: "  ")
    }

    private func word(_ change: Change, _ reader: Reader) -> String {
        switch change {
        case .opened: reader.say("открыта", "opened")
        case .escalated: reader.say("стала критичной", "became critical")
        case .reminded: reader.say("напомнили", "reminded")
        case .closed: reader.say("закрыта", "closed")
        case .reopened: reader.say("открыта снова", "opened again")
        case .lowered: reader.say("пересчитана", "recomputed")
        case .acknowledged: reader.say("взята в работу", "taken on")
        case .snoozed: reader.say("отложена", "snoozed")
        case .unsnoozed: reader.say("больше не отложена", "snoozed no more")
        case .noted: reader.say("заметка", "noted")
        }
    }

    var json: JSONValue {
        .members([
            "id": .integer(alert.rowID ?? 0), "kind": .string(alert.kind.rawValue),
            "level": .string(alert.level.rawValue),
            "openedAt": .instant(alert.openedAt), "closedAt": .instant(alert.closedAt),
            "cause": .optional(facts.cause?.rawValue), "stage": .optional(facts.stage?.rawValue),
            "since": .instant(facts.since?.at), "workingDays": facts.workingDays.map { .integer($0) } ?? .null,
            "threshold": facts.threshold.map { .integer($0) } ?? .null,
            "decidedBy": .optional(facts.decider?.description), "confirmedAt": .instant(facts.confirmedAt),
            "days": .array(days.map(dayJSON)),
            "changes": .array(
                changes.map { step in
                    .members([
                        "change": .string(step.change.rawValue), "level": .string(step.level.rawValue),
                        "at": .instant(step.at), "cause": .string(step.cause.rawValue), "by": .string(step.madeBy),
                    ])
                }),
        ])
    }
}
