import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl explain THING`: why there is an alert, or why there is none, day by day.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why was I alerted, or why not: each day counted or skipped.")

    @Argument(help: "An item, order, parcel or track number.")
    var thing: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let rules = try mirror.rules()
        let (thing, family) = try mirror.thing(self.thing)
        let assessment = assess(thing, in: family, rules)
        let facts = facts(of: thing, assessment, in: family, rules)
        let episodes = try mirror.store.alerts(at: mirror.now, includingClosed: true).filter { $0.thing == thing.id }
        if common.json {
            print(json(thing, family, assessment, facts, rules, episodes).text)
        } else {
            print(text(thing, family, assessment, facts, rules, mirror.reader))
            for episode in episodes { print(self.text(episode, mirror.reader)) }
        }
    }

    private func text(
        _ thing: Thing, _ family: Family, _ assessment: Assessment, _ facts: AlertFacts, _ rules: Rules,
        _ reader: Reader
    ) -> String {
        var rows: [[String]] = []
        if let last = thing.lastEvent {
            let basis = last.since.basis == .happened ? reader.say("было", "happened") : reader.say("увидели", "seen")
            rows.append([
                reader.say("последнее событие", "last event"),
                "«\(harmless(last.text))» (\(reader.name(last.provider))), \(basis) \(reader.time(last.since.at))",
            ])
        }
        rows.append([reader.say("состояние", "state"), state(thing, reader)])
        if let calm = assessment.calm {
            rows.append([reader.say("тревоги нет", "no alert"), why(calm, family, reader)])
        }
        if assessment.calm == nil, let stage = assessment.stage {
            rows += count(stage, assessment, facts, rules, reader)
        }
        if let decider = assessment.decider {
            let confirmed =
                rules.decider(of: thing, in: family)?.confirmedAt.map { reader.time($0) }
                ?? reader.say("ещё нет", "not yet")
            rows.append([
                reader.say("решает", "decided by"),
                "\(reader.name(decider)), \(reader.say("проверено", "confirmed")) \(confirmed)",
            ])
        }
        if !assessment.notHeardFrom.isEmpty {
            rows.append([
                reader.say("молчат", "not heard from"),
                assessment.notHeardFrom.map { reader.name($0) }.joined(separator: ", "),
            ])
        }
        if !assessment.holdsUp.isEmpty {
            rows.append([
                reader.say("задерживает", "holds up"),
                assessment.holdsUp.compactMap { family[$0]?.label }.joined(separator: ", "),
            ])
        }
        return "\(title(thing))\n" + table(rows, indent: "  ")
    }

    private func why(_ calm: Assessment.Calm, _ family: Family, _ reader: Reader) -> String {
        switch calm {
        case .finished(let ending):
            return reader.say("завершено: \(reader.word(ending))", "finished: \(reader.word(ending))")
        case .waitsFor(let ids):
            let labels = ids.compactMap { family[$0]?.label }.joined(separator: ", ")
            return reader.say(
                "на складе, ждёт остальные товары заказа: \(labels)",
                "at the warehouse, waits for the order's other items: \(labels)")
        case .carried(let id):
            return reader.say(
                "едет в посылке № \(family[id]?.label ?? ""): следим за ней",
                "in parcel № \(family[id]?.label ?? ""), which is watched instead")
        case .orderWatched:
            return reader.say(
                "на складе, все товары заказа пришли: следим за сборкой заказа",
                "at the warehouse with all its siblings; the order's packing is watched instead")
        case .itemsWatched: return reader.say("следим за товарами заказа", "the order's items are watched instead")
        case .joined(let id):
            return reader.say(
                "это то же, что \(family[id]?.label ?? "")", "the same thing as \(family[id]?.label ?? "")")
        }
    }

    private func count(
        _ stage: Stage, _ assessment: Assessment, _ facts: AlertFacts, _ rules: Rules, _ reader: Reader
    ) -> [[String]] {
        let rule = rules.rule(stage)
        let basis = assessment.since.basis == .happened ? reader.say("было", "happened") : reader.say("увидели", "seen")
        var rows = [
            [
                reader.say("правило", "rule"),
                reader.say(
                    "внимание через \(reader.workingDays(rule.warning)), критично через \(rule.critical)",
                    "warning after \(reader.workingDays(rule.warning)), critical after \(rule.critical)")
                    + "; \(rule.calendars.joined(separator: "+")), \(rule.zone)",
            ],
            [reader.say("считаем с", "counted from"), "\(reader.time(assessment.since.at)) (\(basis))"],
            [
                reader.say("молчит", "silent"),
                reader.workingDays(assessment.silentWorkingDays)
                    + (assessment.isCertain ? "" : reader.say(", предварительно", ", provisional")),
            ],
        ]
        for day in facts.days ?? [] {
            let mark = day.isCounted ? "+" : "–"
            let reason =
                day.name.isEmpty ? (day.isCounted ? "" : reader.say("выходной", "weekend")) : harmless(day.name)
            rows.append([
                "",
                "\(mark) \(reader.date(day.date))" + (reason.isEmpty ? "" : "  \(reason)")
                    + (day.isCertain ? "" : reader.say("  (нет данных)", "  (no data)")),
            ])
        }
        if let next = assessment.deadline {
            let zone = rules.days(stage).zone
            let level: Level = assessment.level == nil ? .warning : .critical
            rows.append([
                reader.say("следующий порог", "next threshold"), "\(reader.word(level)), \(next.iso8601(in: zone))",
            ])
        }
        return rows
    }

    /// An episode as it was told, also one that is over.
    private func text(_ episode: Alert, _ reader: Reader) -> String {
        let end = episode.closedAt.map { " – \(reader.time($0))" } ?? ""
        var lines = ["", "\(reader.time(episode.openedAt))\(end): \(line(episode, reader))"]
        if let days = episode.facts.days, !days.isEmpty { lines += dayLines(days, reader).map { "  " + $0 } }
        if let confirmed = episode.facts.confirmedAt {
            lines.append("  " + reader.say("Проверено: ", "Checked: ") + reader.time(confirmed))
        }
        return lines.joined(separator: "\n")
    }

    private func json(
        _ thing: Thing, _ family: Family, _ assessment: Assessment, _ facts: AlertFacts, _ rules: Rules,
        _ episodes: [Alert]
    ) -> JSONValue {
        let rule = assessment.stage.map { rules.rule($0) }
        return .members([
            "thing": .string(thing.label), "kind": .string(thing.kind.rawValue),
            "stage": .optional(assessment.stage?.rawValue), "ending": .optional(thing.ending?.rawValue),
            "measured": .bool(assessment.calm == nil),
            "calendars": .array((rule?.calendars ?? []).map { .string($0) }), "zone": .optional(rule?.zone),
            "warningWorkingDays": rule.map { .integer($0.warning) } ?? .null,
            "criticalWorkingDays": rule.map { .integer($0.critical) } ?? .null,
            "since": .instant(assessment.since.at), "sinceBasis": .string(assessment.since.basis.rawValue),
            "confirmedAt": .instant(assessment.confirmedAt), "decidedBy": .optional(assessment.decider?.description),
            "notHeardFrom": .array(assessment.notHeardFrom.map { .string($0.description) }),
            "silentWorkingDays": .integer(assessment.silentWorkingDays), "certain": .bool(assessment.isCertain),
            "level": .optional(assessment.level?.rawValue), "warningAt": .instant(assessment.warningAt),
            "criticalAt": .instant(assessment.criticalAt),
            "holdsUp": .array(assessment.holdsUp.compactMap { family[$0]?.label }.map { .string($0) }),
            "days": .array((facts.days ?? []).map(json)),
            "episodes": .array(
                episodes.map { episode in
                    .members([
                        "kind": .string(episode.kind.rawValue), "level": .string(episode.level.rawValue),
                        "openedAt": .instant(episode.openedAt), "closedAt": .instant(episode.closedAt),
                        "days": .array((episode.facts.days ?? []).map(json)),
                    ])
                }),
        ])
    }

    private func json(_ day: AlertFacts.Day) -> JSONValue {
        .members([
            "date": .string(day.date.description), "counted": .bool(day.isCounted), "name": .string(day.name),
            "certain": .bool(day.isCertain),
        ])
    }
}
