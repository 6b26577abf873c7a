import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl explain THING`, `explain --alert ID`: why there is or was an alert, or why there is none, day by day. How
/// days and episodes are written stands in ExplainedDays.swift.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why was I alerted, or why not: each day counted or skipped.")

    @Argument(help: "An item, order, parcel or track number.")
    var thing: String?

    @Option(help: ArgumentHelp("One episode, also a closed one, as it was told.", valueName: "id"))
    var alert: Int64?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        if let alert { return try explain(alert, mirror) }
        guard let text = thing else { throw Trouble.usage("say what: explain THING, or explain --alert ID") }
        let explained = try Explained(try mirror.meant(text), mirror)
        print(common.json ? explained.json.text : explained.text(mirror.reader))
    }

    private func explain(_ id: Int64, _ mirror: Mirror) throws {
        let episodes = try mirror.store.alerts(at: mirror.now, includingClosed: true)
        guard let episode = episodes.first(where: { $0.rowID == id }) else {
            throw Trouble(description: "there is no alert \(id); parcelctl alerts --all --json names them", status: 66)
        }
        if let thing, try mirror.meant(thing).thing.id != episode.thing {
            throw Trouble.usage("alert \(id) is not about \(thing.prefix(60))")
        }
        let told = ExplainedEpisode(
            alert: episode, changes: try mirror.store.changes(of: [id]).filter { $0.at <= mirror.now })
        print(common.json ? told.json.text : told.text(mirror.reader, at: mirror.now))
    }
}

/// A thing with why it is told of, or why not.
private struct Explained {
    let thing: Thing
    let family: Family
    /// The number that was asked for.
    let number: Thing?
    let rules: Rules
    let assessment: Assessment
    let explanation: Explanation
    let episodes: [Alert]
    let now: Timestamp

    init(_ meant: Meant, _ mirror: Mirror) throws {
        (thing, family, number, now) = (meant.thing, meant.family, meant.number, mirror.now)
        rules = try mirror.rules()
        assessment = assess(thing, in: family, rules)
        explanation = ParcelCore.explanation(of: assessment, rules, at: mirror.now)
        let id = thing.id
        episodes = try mirror.store.alerts(at: mirror.now, includingClosed: true).filter { $0.thing == id }
    }

    private func label(_ id: ThingID) -> String { family[id].map { title($0) } ?? "" }

    // MARK: For people

    func text(_ reader: Reader) -> String {
        var heading = title(thing)
        if let number, number.id != thing.id {
            heading += reader.say(" (везёт номер \(number.plainNumber))", " (carries \(number.plainNumber))")
        }
        var lines = [heading, table(facts(reader), indent: "  ")]
        let days = explainedRows(explanation.days, omitted: explanation.omitted, reader)
        if !days.isEmpty { lines += ["", days] }
        if !episodes.isEmpty {
            lines += ["", reader.say("Тревоги", "Alerts")]
            lines.append(table(episodes.map { row($0, reader) }, indent: "  "))
            lines.append(
                "  " + reader.say("по дням: ", "day by day: ")
                    + "parcelctl explain --alert \(episodes.last?.rowID ?? 0)")
        }
        return lines.joined(separator: "\n")
    }

    private func facts(_ reader: Reader) -> [[String]] {
        var rows: [[String]] = []
        if let last = thing.lastEvent {
            rows.append([
                reader.say("последнее событие", "last event"),
                "«\(harmless(last.text))» (\(reader.name(last.provider))), \(basis(last.since, reader)) \(reader.time(last.since.at))",
            ])
        }
        rows.append([reader.say("состояние", "state"), state(thing, reader)])
        rows.append([reader.say("ответ", "answer"), answer(reader)])
        if assessment.calm == nil, let stage = assessment.stage { rows += counting(stage, reader) }
        if let decider = assessment.decider {
            let confirmed = rules.decider(of: thing, in: family)?.confirmedAt.map { reader.time($0) }
            rows.append([
                reader.say("решает", "decided by"),
                "\(reader.name(decider)), \(reader.say("проверено", "confirmed")) \(confirmed ?? reader.say("ещё нет", "not yet"))",
            ])
        }
        if !assessment.notHeardFrom.isEmpty {
            let names = assessment.notHeardFrom.map { reader.name($0) }.joined(separator: ", ")
            rows.append([reader.say("молчат", "not heard from"), names])
        }
        if !assessment.disagreeing.isEmpty {
            let names = assessment.disagreeing.map { reader.name($0) }.joined(separator: ", ")
            rows.append([reader.say("считают законченным", "say it is finished"), names])
        }
        if !assessment.holdsUp.isEmpty {
            rows.append([
                reader.say("задерживает", "holds up"), assessment.holdsUp.map(label).joined(separator: ", "),
            ])
        }
        return rows
    }

    private func basis(_ since: Since, _ reader: Reader) -> String {
        since.basis == .happened ? reader.say("было", "happened") : reader.say("увидели", "seen")
    }

    private func counting(_ stage: Stage, _ reader: Reader) -> [[String]] {
        let rule = rules.rule(stage)
        let overlays = rules.settings.overlays(of: stage).map { harmless($0.name) }
        let calendars = (rule.calendars.map { harmless($0) }.joined(separator: "+") + ", \(rule.zone)")
        var rows = [
            [
                reader.say("правило", "rule"),
                reader.say(
                    "внимание через \(reader.workingDays(rule.warning)), критично через \(rule.critical)",
                    "warning after \(reader.workingDays(rule.warning)), critical after \(rule.critical)")
                    + "; \(calendars)"
                    + (overlays.isEmpty
                        ? "" : reader.say("; поправки: ", "; overlays: ") + overlays.joined(separator: ", ")),
            ],
            [
                reader.say("считаем с", "counted from"),
                "\(reader.time(assessment.since.at)) (\(basis(assessment.since, reader)))",
            ],
            [
                reader.say("молчит", "silent"),
                reader.workingDays(assessment.silentWorkingDays)
                    + (assessment.isCertain ? "" : reader.say(", предварительно", ", provisional")),
            ],
        ]
        if let next = assessment.deadline {
            let level: Level = assessment.level == nil ? .warning : .critical
            rows.append([
                reader.say("следующий порог", "next threshold"),
                "\(reader.word(level)), \(next.iso8601(in: rules.days(stage).zone))",
            ])
        }
        return rows
    }

    private func answer(_ reader: Reader) -> String {
        switch explanation.answer {
        case .told(let level):
            return episodes.contains { $0.closedAt == nil }
                ? reader.say("тревога есть: \(reader.word(level))", "there is an alert: \(reader.word(level))")
                : reader.say("срок вышел: \(reader.word(level))", "its time ran out: \(reader.word(level))")
        case .calm(let calm): return reader.say("тревоги нет: ", "no alert: ") + why(calm, reader)
        case .early(let at):
            return reader.say("тревоги нет: срок выйдет ", "no alert: its time runs out on ") + day(at, reader)
        case .unconfirmed(let reached, let checked):
            let since = checked.map { reader.say("проверено последний раз ", "last checked on ") + reader.time($0) }
            return reader.say("тревоги нет: срок вышел ", "no alert: its time ran out on ") + day(reached, reader)
                + reader.say(
                    ", но никто ещё не подтвердил, что движения нет; ",
                    ", but nobody has confirmed that nothing moved; ")
                + (since ?? reader.say("ещё не проверялось", "never checked yet"))
        case .never:
            return reader.say("тревоги не будет: впереди нет рабочих дней", "no alert: there are no working days ahead")
        }
    }

    /// Thresholds are reached at midnight of the stage's own zone: the date there is what a person counts to.
    private func day(_ instant: Timestamp, _ reader: Reader) -> String {
        let zone = assessment.stage.map { rules.days($0).zone } ?? .utc
        return reader.date(zone.date(of: instant))
    }

    private func why(_ calm: Assessment.Calm, _ reader: Reader) -> String {
        switch calm {
        case .finished(let ending):
            return reader.say("завершено: \(reader.word(ending))", "finished: \(reader.word(ending))")
        case .waitsFor(let ids):
            let labels = ids.map(label).joined(separator: ", ")
            return reader.say(
                "на складе, ждёт остальные товары заказа: \(labels)",
                "at the warehouse, waits for the order's other items: \(labels)")
        case .carried(let id):
            let carrier = label(id)
            return family[id]?.kind == .parcel
                ? reader.say(
                    "едет в посылке \(carrier): следим за ней", "in parcel \(carrier), which is watched instead")
                : reader.say(
                    "следим за тем, что едет под этим номером: \(carrier)",
                    "\(carrier) carries it and is watched instead")
        case .orderWatched:
            let order = thing.order.map(label) ?? ""
            return reader.say(
                "на складе, все товары заказа пришли: следим за сборкой заказа \(order)",
                "at the warehouse with all its siblings; the packing of order \(order) is watched instead")
        case .itemsWatched: return reader.say("следим за товарами заказа", "the order's items are watched instead")
        case .joined(let id): return reader.say("это то же, что \(label(id))", "the same thing as \(label(id))")
        }
    }

    private func row(_ episode: Alert, _ reader: Reader) -> [String] {
        let end = episode.closedAt.map { " – \(reader.time($0))" } ?? reader.say(", открыта", ", open")
        return ["\(episode.rowID ?? 0)", reader.time(episode.openedAt) + end, line(episode, reader, at: now)]
    }

    // MARK: For programs

    var json: JSONValue {
        let rule = assessment.stage.map { rules.rule($0) }
        let overlays = assessment.stage.map { rules.settings.overlays(of: $0) } ?? []
        return .members([
            "thing": .string(thing.label), "kind": .string(thing.kind.rawValue),
            "number": .optional(number?.plainNumber), "answer": answerJSON,
            "stage": .optional(assessment.stage?.rawValue), "ending": .optional(thing.ending?.rawValue),
            "measured": .bool(assessment.calm == nil),
            "calendars": .array((rule?.calendars ?? []).map { .string($0) }), "zone": .optional(rule?.zone),
            "overlays": .array(overlays.map { .string($0.name) }),
            "warningWorkingDays": rule.map { .integer($0.warning) } ?? .null,
            "criticalWorkingDays": rule.map { .integer($0.critical) } ?? .null,
            "since": .instant(assessment.since.at), "sinceBasis": .string(assessment.since.basis.rawValue),
            "confirmedAt": .instant(assessment.confirmedAt), "decidedBy": .optional(assessment.decider?.description),
            "notHeardFrom": .array(assessment.notHeardFrom.map { .string($0.description) }),
            "disagreeing": .array(assessment.disagreeing.map { .string($0.description) }),
            "silentWorkingDays": .integer(assessment.silentWorkingDays), "certain": .bool(assessment.isCertain),
            "level": .optional(assessment.level?.rawValue), "warningAt": .instant(assessment.warningAt),
            "criticalAt": .instant(assessment.criticalAt),
            "holdsUp": .array(assessment.holdsUp.compactMap { family[$0]?.label }.map { .string($0) }),
            "days": .array(explanation.days.map(dayJSON)),
            "episodes": .array(episodes.map { ExplainedEpisode(alert: $0, changes: []).json }),
        ])
    }

    private var answerJSON: JSONValue {
        let (kind, at, things): (String, Timestamp?, [ThingID])
        switch explanation.answer {
        case .told: (kind, at, things) = ("told", nil, [])
        case .early(let until): (kind, at, things) = ("not_yet", until, [])
        case .unconfirmed(let reached, _): (kind, at, things) = ("not_confirmed", reached, [])
        case .never: (kind, at, things) = ("never", nil, [])
        case .calm(.finished): (kind, at, things) = ("finished", thing.endedAt, [])
        case .calm(.waitsFor(let siblings)): (kind, at, things) = ("waits_for", nil, siblings)
        case .calm(.carried(let carrier)): (kind, at, things) = ("carried", nil, [carrier])
        case .calm(.orderWatched): (kind, at, things) = ("order_watched", nil, thing.order.map { [$0] } ?? [])
        case .calm(.itemsWatched): (kind, at, things) = ("items_watched", nil, family.items(of: thing.id).map(\.id))
        case .calm(.joined(let other)): (kind, at, things) = ("joined", nil, [other])
        }
        return .members([
            "kind": .string(kind), "at": .instant(at),
            "things": .array(things.compactMap { family[$0]?.label }.map { .string($0) }),
        ])
    }
}
