// The plan in words: a heading for each sort of thing, and a line for each thing in columns.

import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelService
import ParcelStore

func planText(_ plan: Plan, _ reader: Reader) -> String {
    let words = PlanWords(plan: plan, reader: reader)
    var sections: [(String, [[String]])] = [
        (reader.say("Файлы", "Files"), plan.files.map { [$0] }),
        (reader.say("Источники", "Providers"), plan.providers.map(words.provider)),
        (reader.say("Запросы в день", "Requests a day"), plan.providers.map(words.budget)),
        (
            reader.say("Этапы (рабочие дни молчания)", "Stages (working days of silence)"),
            Stage.allCases.map(words.stage)
        ),
    ]
    let overlays = plan.loaded.config.rules.overlays
    if !overlays.isEmpty {
        sections.append((reader.say("Поправки к календарям", "Overlays"), overlays.map(words.overlay)))
    }
    sections += [
        (reader.say("Календари", "Calendars"), plan.loaded.calendars.map(words.calendar)),
        (reader.say("Каналы", "Channels"), plan.loaded.config.channels.map(words.channel)),
        (reader.say("Получатели", "Recipients"), plan.recipients.flatMap(words.recipient)),
        (reader.say("Следующие окна", "Next windows"), plan.recipients.map(words.windows)),
    ]
    let polls = plan.providers.filter { $0.nextPoll != nil }.map(words.poll)
    if !polls.isEmpty { sections.append((reader.say("Следующие опросы", "Next polls"), polls)) }
    sections += [
        (reader.say("Тексты", "Texts"), [[words.templates]]),
        (reader.say("База данных", "Database"), [[plan.database.path, words.database]]),
    ]
    let heading = reader.say("\(plan.loaded.path): можно использовать.", "\(plan.loaded.path) can be used.")
    return ([heading] + sections.map { "\($0.0)\n\(columns($0.1))" }).joined(separator: "\n\n")
}

private struct PlanWords {
    let plan: Plan
    let reader: Reader

    func say(_ russian: String, _ english: String) -> String { reader.say(russian, english) }

    func provider(_ polled: Plan.Polled) -> [String] {
        let budget = polled.budget
        let every =
            polled.every.map { say("список раз в ", "list every ") + spelled($0) }
            ?? budget.minimumInterval.map {
                say("номер не чаще раза в ", "a number at most every ") + spelled(.milliseconds($0))
            } ?? say("номера по их пути", "numbers by their way")
        let pace = say(
            "\(decimal(budget.requestsPerSecond)) в секунду, одновременно \(budget.parallel)",
            "\(decimal(budget.requestsPerSecond)) a second, \(budget.parallel) at one time")
        let day =
            budget.requestsPerDay.map { say("\($0) в день", "\($0) a day") }
            ?? say("без дневного предела", "no daily limit")
        let batch =
            budget.batchSize > 1
            ? say("номеров в запросе до \(budget.batchSize)", "up to \(budget.batchSize) numbers in one") : ""
        return [polled.provider.description, polled.host ?? "-", every, pace, day, batch]
    }

    func budget(_ polled: Plan.Polled) -> [String] {
        let budget = polled.budget
        let room = budget.requestsPerDay ?? Int(min(budget.requestsPerSecond * 86_400, 1e12))
        let capacity = say("можно до \(room)", "up to \(room)")
        guard plan.database.counts != nil else {
            guard budget.followsNumbers else { return [polled.provider.description, capacity] }
            let numbers = room.multipliedReportingOverflow(by: budget.batchSize).partialValue
            return [
                polled.provider.description, capacity,
                say("номеров раз в день: до \(numbers)", "numbers once a day: up to \(numbers)"),
            ]
        }
        var need = say("нужно \(polled.forecast.wished)", "needed \(polled.forecast.wished)")
        if polled.demand.numbers > 0 { need += say(" на ", " for ") + reader.numbers(polled.demand.numbers) }
        if polled.forecast.least < polled.forecast.wished {
            need += say(", самое меньшее \(polled.forecast.least)", ", at the least \(polled.forecast.least)")
        }
        let verdict: String =
            switch polled.forecast.verdict {
            case .enough: say("хватает", "enough")
            case .stretched: say("спрашиваем реже", "asked less often")
            case .short(let missing): say("не хватает \(missing)", "\(missing) missing")
            }
        let spent = polled.spent.map { say("сегодня \($0)", "today \($0)") } ?? ""
        return [polled.provider.description, capacity, need, verdict, spent]
    }

    func stage(_ stage: Stage) -> [String] {
        let rule = plan.loaded.rules.rule(stage)
        let joint = rule.combine == .all ? "+" : "/"
        return [
            stage.rawValue, "\(rule.warning) / \(rule.critical)", rule.calendars.joined(separator: joint), rule.zone,
            rule.contacts.map(\.rawValue).joined(separator: ", "),
            plan.loaded.config.rules.overlays(of: stage).map(\.name).joined(separator: ", "),
        ]
    }

    func overlay(_ overlay: Overlay) -> [String] {
        func dates(_ ranges: [ClosedRange<LocalDate>]) -> String {
            ranges.map { $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)..\($0.upperBound)" }
                .joined(separator: ", ")
        }
        var parts: [String] = []
        if !overlay.off.isEmpty { parts.append(say("выходные ", "off ") + dates(overlay.off)) }
        if !overlay.work.isEmpty { parts.append(say("рабочие ", "work ") + dates(overlay.work)) }
        if let week = overlay.week {
            parts.append(week == .six ? say("шестидневка", "six-day week") : say("без выходных", "seven-day week"))
        }
        let stages = Stage.allCases.filter { plan.loaded.config.rules.overlays(of: $0).contains(overlay) }
        return [
            harmless(overlay.name, limit: 80), parts.joined(separator: "; "),
            stages.map(\.rawValue).joined(separator: ", "),
        ]
    }

    func calendar(_ calendar: WorkCalendar) -> [String] {
        let years = calendar.coverage.map { "\($0.lowerBound)..\($0.upperBound)" } ?? say("любой год", "every year")
        return [
            calendar.id, years,
            plan.loaded.config.calendarFiles[calendar.id]?.path ?? say("встроенный", "built in"),
        ]
    }

    func channel(_ channel: ParcelConfig.Section) -> [String] {
        [harmless(channel.name, limit: 80), channel.kind, channel.settings.text("url").flatMap(host) ?? ""]
    }
}

// Who is told and when, and what is kept.
extension PlanWords {
    func recipient(_ told: Plan.Told) -> [[String]] {
        let settings = told.settings
        var rows = [
            [
                harmless(settings.name, limit: 80), settings.language.rawValue,
                "\(clockTime(settings.opens))-\(clockTime(settings.closes)) \(settings.zone)",
                settings.calendars.joined(separator: "+"), settings.channels.joined(separator: ", "),
            ]
        ]
        var wishes: [String] = []
        if settings.selection.minimumLevel == .critical { wishes.append(say("только критические", "critical only")) }
        wishes += [("only", settings.selection.only), ("except", settings.selection.except)].compactMap(filter)
        if !settings.digestTimes.isEmpty {
            wishes.append(say("сводки в ", "digests at ") + settings.digestTimes.map(clockTime).joined(separator: ", "))
        }
        if !settings.immediate.isEmpty {
            let anytime = settings.isImmediateAnytime ? say(" (в любое время)", " (at any hour)") : ""
            wishes.append(say("сразу ", "at once ") + settings.immediate.named.joined(separator: ", ") + anytime)
        }
        if settings.wantsWeeklySummary { wishes.append(say("итоги недели", "weekly summary")) }
        if !wishes.isEmpty { rows.append(["", wishes.joined(separator: "; ")]) }
        return rows
    }

    private func filter(_ name: String, _ filter: AlertFilter) -> String? {
        let parts: [(String, [String]?)] = [
            ("contacts", filter.contacts.map { $0.map(\.rawValue).sorted() }),
            ("stages", filter.stages.map { $0.map(\.rawValue).sorted() }),
            ("providers", filter.providers.map { $0.map(\.description).sorted() }),
            ("kinds", filter.kinds.map(\.named)),
        ]
        let given = parts.compactMap { key, names in names.map { "\(key) \($0.joined(separator: ","))" } }
        return given.isEmpty ? nil : "\(name) \(given.joined(separator: "; "))"
    }

    func windows(_ told: Plan.Told) -> [String] {
        let zone = plan.loaded.zones[told.settings.zone] ?? .utc
        let local = Reader(reader.language, zone)
        let spans = told.windows.map { window -> String in
            let end = zone.local(window.closes).secondOfDay
            return
                "\(local.weekdayDate(zone.date(of: window.opens))) \(clock(window.opens, zone))-\(clockTime(end == 0 ? 86_400 : end))"
        }
        let digests = told.digests.map { "\(local.weekdayDate(zone.date(of: $0))) \(clock($0, zone))" }
        let note = digests.isEmpty ? "" : say("сводки ", "digests ") + digests.joined(separator: ", ")
        return [harmless(told.settings.name, limit: 80)]
            + (spans.isEmpty ? [say("нет рабочих дней", "no working day")] : spans) + [note]
    }

    private func clock(_ instant: Timestamp, _ zone: Zone) -> String { clockTime(zone.local(instant).secondOfDay) }

    func poll(_ polled: Plan.Polled) -> [String] {
        [polled.provider.description, polled.nextPoll.map { reader.time($0) } ?? ""]
    }

    var templates: String {
        guard let folder = plan.loaded.config.templates else { return say("встроенные", "built in") }
        let own = plan.templates.isEmpty ? say("нет своих", "none of your own") : plan.templates.joined(separator: ", ")
        return "\(folder): \(own)"
    }

    var database: String {
        guard let bytes = plan.database.bytes else { return say("ещё нет", "not there yet") }
        let size = bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB"
        guard let counts = plan.database.counts else { return "\(size), \(plan.database.problem ?? "")" }
        let watched = counts.watched.values.reduce(0, +)
        let finished = counts.finished.values.reduce(0, +)
        return size + ", "
            + say(
                "наблюдается \(watched), завершено \(finished), номеров \(counts.trackNumbers)",
                "\(watched) watched, \(finished) finished, \(counts.trackNumbers) track numbers")
    }
}

private func decimal(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e9 ? "\(Int(number))" : "\(number)"
}

/// Each column but the last as wide as its widest cell; a last cell is no reason for another's width.
private func columns(_ rows: [[String]]) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
        rows.filter { $0.count > column + 1 }.map { $0[column].unicodeScalars.count }.max() ?? 0
    }
    return rows.map { row in
        var line = " "
        for (column, cell) in row.enumerated() {
            line += " " + cell
            if column < row.count - 1 {
                line += String(repeating: " ", count: max(0, widths[column] - cell.unicodeScalars.count) + 1)
            }
        }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
}
