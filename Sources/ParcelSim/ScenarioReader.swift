// Reads a scenario's YAML and checks it: every problem with its line, none of the reading before the last is found.
// What the keys mean stands in Scenario.swift.

import Foundation
import Yams

extension Scenario {
    package static func read(_ path: String) throws(ScenarioError) -> Scenario {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ScenarioError(problems: ["\(path): cannot be read"])
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ScenarioError(problems: ["\(path): is not UTF-8 text"])
        }
        return try read(text: text, name: path)
    }

    /// - Parameter name: How problems call the file.
    package static func read(text: String, name: String) throws(ScenarioError) -> Scenario {
        let notes = Notes()
        let root = Fields(
            try tree(text, name), "", notes, line: 1,
            keys: [
                "start", "end", "otcommerce", "orders", "litemf", "shiptor", "telegram", "faults", "clock", "holidays",
                "expect", "generate", "latency", "numbers", "tables",
            ] + Scenario.Carrier.allCases.map(\.rawValue), required: ["start", "end"])
        let scenario = ScenarioReader(notes: notes).scenario(root)
        guard notes.isEmpty else { throw ScenarioError(problems: notes.lines(name)) }
        return scenario
    }

    /// One fault, written as in a scenario (or as JSON, which is YAML too).
    package static func fault(text: String) throws(ScenarioError) -> Fault {
        let notes = Notes()
        let reader = ScenarioReader(notes: notes)
        let fields = Fields(
            try tree(text, "fault"), "", notes, line: 1, keys: ScenarioReader.faultKeys, required: ["provider", "kind"])
        let fault = reader.fault(fields, from: Moment(ms: .min), to: Moment(ms: .max))
        guard notes.isEmpty, let fault else { throw ScenarioError(problems: notes.lines("fault")) }
        return fault
    }

    private static func tree(_ text: String, _ name: String) throws(ScenarioError) -> Node {
        let tree: Node?
        do { tree = try Yams.compose(yaml: text) } catch let error as YamlError {
            throw ScenarioError(problems: [problem(error, name)])
        } catch {
            throw ScenarioError(problems: ["\(name): is not YAML"])
        }
        guard let tree else { throw ScenarioError(problems: ["\(name), line 1: the scenario is empty"]) }
        return tree
    }

    private static func problem(_ error: YamlError, _ name: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(name), line \(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            "\(name), line \(context.mark.line): \(keys.sorted().joined(separator: ", ")) is given twice"
        default: "\(name): is not YAML"
        }
    }
}

struct ScenarioReader {
    static let faultKeys = [
        "provider", "kind", "from", "to", "method", "thing", "code", "retry_after", "delay", "times",
    ]

    let notes: Notes

    func scenario(_ root: Fields) -> Scenario {
        let (first, last) = (root.moment("start"), root.moment("end"))
        if let first, let last, last <= first { root.note("end", "is not after start") }
        let start = first ?? Scenario.Moment(ms: 0)
        let end = last ?? start
        var scenario = Scenario(start: start, end: end)
        readShop(root, into: &scenario)
        readLiteMF(root, into: &scenario)
        readShiptor(root, into: &scenario)
        readCarriers(root, into: &scenario)
        readNumbers(root, into: &scenario)
        readTelegram(root, into: &scenario)
        scenario.faults = root.sections("faults", keys: Self.faultKeys, required: ["provider", "kind"])
            .compactMap { fault($0, from: start, to: end) }
        scenario.clock = root.sections("clock", keys: ["at", "jump", "for"], required: ["at", "jump", "for"]).map {
            let from = $0.moment("at") ?? start
            var lie = Scenario.ClockLie(
                from: from, to: Scenario.Moment(ms: from.ms + ($0.length("for") ?? 0)), shiftMinutes: 0)
            lie.shift = $0.length("jump") ?? 0
            return lie
        }
        readWords(root, into: &scenario)
        scenario.latency = root.length("latency") ?? 0
        if let wish = root.section("generate", keys: ["orders", "lines_per_order", "packages", "numbers"]) {
            scenario.generate = Scenario.Generate(
                orders: wish.count("orders") ?? 0, linesPerOrder: wish.count("lines_per_order") ?? 1,
                packages: wish.count("packages") ?? 0, numbers: wish.count("numbers") ?? 0)
        }
        return scenario
    }

    private func readTelegram(_ root: Fields, into scenario: inout Scenario) {
        guard let chat = root.section("telegram", keys: ["token", "answers"]) else { return }
        scenario.telegramToken = chat.text("token") ?? scenario.telegramToken
        let keys = ["at", "text", "press", "thing", "user", "name"]
        scenario.answers = chat.sections("answers", keys: keys, required: ["at"]).compactMap { fields in
            guard let at = fields.moment("at") else { return nil }
            var said = Said(at: at, user: fields.count("user") ?? 7, name: fields.text("name") ?? "Анна")
            said.text = fields.text("text")
            said.press = fields.text("press")
            said.thing = fields.text("thing") ?? ""
            if (said.text == nil) == (said.press == nil) { fields.note("at", "needs text or press") }
            return said
        }
    }

    private func readWords(_ root: Fields, into scenario: inout Scenario) {
        let keys = ["from", "to", "ru", "en"]
        scenario.holidays = root.sections("holidays", keys: keys, required: keys).compactMap {
            guard let from = $0.moment("from"), let to = $0.moment("to") else { return nil }
            return Scenario.Holiday(from: from, to: to, ru: $0.text("ru") ?? "", en: $0.text("en") ?? "")
        }
        guard root.has("expect") else { return }
        let required = ["date", "thing", "kind", "ru", "en"]
        scenario.expect = root.sections("expect", keys: required, required: required).map { fields in
            let date = fields.text("date") ?? ""
            if fields.has("date"), date.count != 10 || Scenario.Moment.parse(date) == nil {
                fields.note("date", "\(date.prefix(40)) is not a date such as 2017-10-09")
            }
            return Scenario.Expectation(
                date: date, thing: fields.text("thing") ?? "", kind: fields.text("kind") ?? "",
                ru: fields.texts("ru") ?? [], en: fields.texts("en") ?? [])
        }
    }

    func fault(_ fields: Fields, from: Scenario.Moment, to: Scenario.Moment) -> Scenario.Fault? {
        let providers =
            ["otcommerce", "litemf", "shiptor", "telegram", "webhook"] + Scenario.Carrier.allCases.map(\.rawValue)
        let provider = fields.text("provider") ?? ""
        if fields.has("provider"), !providers.contains(provider) {
            fields.note("provider", "\(provider.prefix(40)) is not one of \(providers.joined(separator: ", "))")
        }
        guard let kind = fields.choice("kind", Scenario.Fault.Kind.self) else { return nil }
        let (first, last) = (fields.moment("from"), fields.moment("to"))
        if let first, let last, last <= first { fields.note("to", "is not after from") }
        var fault = Scenario.Fault(provider: provider, from: first ?? from, to: last ?? to, kind: kind)
        fault.method = fields.text("method")
        fault.thing = fields.text("thing")
        fault.code = fields.count("code")
        if let code = fault.code, !(100...599).contains(code) { fields.note("code", "\(code) is not an HTTP status") }
        fault.retryAfter = fields.text("retry_after")
        fault.delay = fields.length("delay")
        fault.times = fields.count("times")
        return fault
    }

    func pace(_ fields: Fields) -> Scenario.Pace {
        Scenario.Pace(lag: fields.length("lag") ?? 0, latency: fields.length("latency") ?? 0)
    }

    func timeline(_ fields: Fields) -> [Scenario.Step] {
        let keys = ["at", "status", "name", "track", "external_track", "outgoing", "lines", "gone"]
        var steps: [Scenario.Step] = []
        for row in fields.sections("timeline", keys: keys, required: ["at"]) {
            guard let at = row.moment("at") else { continue }
            if let before = steps.last, at < before.at { row.note("at", "is earlier than the step before it") }
            if steps.isEmpty, !row.has("status") { notes.add(row.line, "\(row.path): the first step has no status") }
            steps.append(
                Scenario.Step(
                    at: at, status: row.text("status"), name: row.text("name"), track: row.text("track"),
                    externalTrack: row.text("external_track"), outgoing: row.count("outgoing"),
                    lines: row.texts("lines"), isGone: row.flag("gone") ?? false))
        }
        if fields.has("timeline"), steps.isEmpty { fields.note("timeline", "has no step") }
        return steps
    }

    func checkpoints(_ fields: Fields) -> [Scenario.Checkpoint] {
        fields.sections("checkpoints", keys: ["at", "text", "place"], required: ["at", "text"]).compactMap { row in
            row.moment("at").map {
                Scenario.Checkpoint(at: $0, text: row.text("text") ?? "", place: row.text("place") ?? "")
            }
        }
    }

    /// Ids may not stand twice.
    func requireUnique<Value: Hashable>(_ values: [(Value, Fields)], _ key: String) {
        var seen: Set<Value> = []
        for (value, fields) in values where !seen.insert(value).inserted {
            fields.note(key, "\(value) is used twice")
        }
    }
}
