import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

/// `parcelctl replay [--from D] [--to D] [--config OTHER.yaml]`: which alerts other rules would have sent over the stored
/// history, day by day, beside those that were.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "What other thresholds or calendars would have told, beside what was told.",
        discussion: """
            The rules are those of --config FILE, a copy of yours with other thresholds for example, else those in use. \
            Nothing is written and nobody is told anything.
            """)

    @Option(help: ArgumentHelp("The first day; that of the first event if none is given.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The last day; today if none is given.", valueName: "date"))
    var to: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        // What the daemon uses is stored; a configuration that is named stands for itself.
        let rules = try common.config == nil ? mirror.rules() : mirror.rules(mirror.config?.rules ?? .standard)
        let history = try mirror.store.history()
        guard let seen = history.seen else {
            throw Trouble(description: "nothing has been seen yet: there is no history to replay", status: 66)
        }
        let zone = mirror.reader.zone
        let days = try range(from: zone.date(of: seen.lowerBound), to: zone.date(of: mirror.now))
        let end = zone.firstInstant(of: days.upperBound.adding(days: 2))
        let told = replay(history.family, rules, history.evidence, until: min(end, mirror.now))
        let comparison = ReplayComparison(
            told, against: history.told.filter { $0.at <= mirror.now }, rules, days: days)
        let shown = ShownReplay(comparison: comparison, history: history, days: days, rules: common.config)
        print(common.json ? shown.json.text : shown.text(mirror.reader))
    }

    private func range(from first: LocalDate, to last: LocalDate) throws -> ClosedRange<LocalDate> {
        let (start, end) = (try date(from, "--from") ?? first, try date(to, "--to") ?? last)
        guard end >= first else { throw Trouble.usage("--to \(end): the history begins on \(first)") }
        guard start <= last else { throw Trouble.usage("--from \(start): that has not come yet") }
        guard start <= end else { throw Trouble.usage("--from \(start) is after --to \(end)") }
        return start...end
    }

    private func date(_ text: String?, _ option: String) throws -> LocalDate? {
        guard let text else { return nil }
        guard let read = try? ISO8601(text), read.secondOfDay == nil else {
            throw Trouble.usage("\(option) \(text.prefix(40)): write a date, such as 2026-11-24")
        }
        return read.date
    }
}

private struct ShownReplay {
    let comparison: ReplayComparison
    let history: StoredHistory
    let days: ClosedRange<LocalDate>
    /// The configuration that was named.
    let rules: String?
    /// Looked up once: a family of everything has no index of its own.
    let things: [ThingID: Thing]

    init(comparison: ReplayComparison, history: StoredHistory, days: ClosedRange<LocalDate>, rules: String?) {
        (self.comparison, self.history, self.days, self.rules) = (comparison, history, days, rules)
        let told = Set(comparison.rows.map(\.telling.thing))
        things = Dictionary(
            history.family.things.filter { told.contains($0.id) }.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }

    func text(_ reader: Reader) -> String {
        let source = rules.map { harmless($0, limit: 300) } ?? reader.say("те, что сейчас в силе", "those in use")
        var lines = [
            reader.say(
                "С \(reader.date(days.lowerBound)) по \(reader.date(days.upperBound)); правила: \(source)",
                "\(reader.date(days.lowerBound)) to \(reader.date(days.upperBound)); rules: \(source)"),
            reader.say(
                "позиций: \(history.family.things.count), событий: \(history.events)",
                "things: \(history.family.things.count), events: \(history.events)"),
        ]
        for (day, rows) in byDay {
            lines += ["", "\(reader.weekdayDate(day)) \(day.year)", table(rows.map { row($0, reader) }, indent: "  ")]
        }
        lines += ["", sums(reader), "", limits(reader)]
        return lines.joined(separator: "\n")
    }

    private var byDay: [(day: LocalDate, rows: [ReplayComparison.Row])] {
        Dictionary(grouping: comparison.rows, by: \.day).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func row(_ row: ReplayComparison.Row, _ reader: Reader) -> [String] {
        let telling = row.telling
        return [
            word(row.verdict, reader), things[telling.thing].map { title($0) } ?? "",
            reader.word(telling.level), reader.workingDays(telling.threshold), reader.word(telling.stage),
            row.toldThen.map { reader.say("тогда ", "then on ") + reader.weekdayDate($0) } ?? "",
        ]
    }

    private func word(_ verdict: ReplayComparison.Verdict, _ reader: Reader) -> String {
        switch verdict {
        case .same: reader.say("так же", "same")
        case .moved: reader.say("в другой день", "another day")
        case .onlyTheseRules: reader.say("+ только теперь", "+ only with these rules")
        case .onlyThen: reader.say("- только тогда", "- only then")
        }
    }

    private func sums(_ reader: Reader) -> String {
        let parts = ReplayComparison.Verdict.allCases.map { "\(word($0, reader)): \(comparison.count($0))" }
        return parts.joined(separator: "; ")
    }

    private func limits(_ reader: Reader) -> String {
        [
            reader.say(
                "Чего история не хранит: о каждой проверке известно только последнее, и проверки при тревогах.",
                "What history cannot tell: of all checks only each thing's last is stored, and those of alerts."),
            reader.say(
                "Считаем, что сервис спрашивали каждый день, пока он не был отмечен как неотвечающий; что сдвинулось в самый день порога, тревогой не считаем.",
                "A provider is taken to have been asked every day that it was not known to be down; what moved on the very day of a threshold is not told of."
            ),
            reader.say(
                "Этапы остаются такими, как были решены тогда; возвраты и проблемы в пути (\(history.others)) от этих правил не зависят.",
                "Stages stay as they were decided then; refunds and troubles on the way (\(history.others)) do not depend on these rules."
            ),
        ].joined(separator: "\n")
    }

    var json: JSONValue {
        .members([
            "from": .string(days.lowerBound.description), "to": .string(days.upperBound.description),
            "rules": .string(rules ?? "in use"), "things": .integer(history.family.things.count),
            "events": .integer(history.events),
            "counts": .object(
                ReplayComparison.Verdict.allCases.map {
                    .init(name: $0.rawValue, value: .integer(comparison.count($0)))
                }),
            "tellings": .array(
                comparison.rows.map { row in
                    .members([
                        "day": .string(row.day.description), "verdict": .string(row.verdict.rawValue),
                        "thing": .optional(things[row.telling.thing]?.label),
                        "thingKind": .optional(things[row.telling.thing]?.kind.rawValue),
                        "level": .string(row.telling.level.rawValue), "workingDays": .integer(row.telling.threshold),
                        "stage": .string(row.telling.stage.rawValue), "since": .instant(row.telling.since),
                        "toldThen": .optional(row.toldThen?.description),
                    ])
                }),
            "notReplayed": .integer(history.others),
            "assumption": .string(
                "Only the last check of each thing and those of alerts are stored: a provider is taken to have been asked every day that it was not known to be down, and what moved on the day of a threshold is not told of. Stages stay as they were decided then."
            ),
        ])
    }
}
