// One try of a provider: its request is sent, the answer is read, and both are put into words. The words hold no secret:
// requests are shown by their label, and what an answer repeats of a secret is left out. The provider's own words about an
// error are shown here and nowhere else: they may name people, and a person at a terminal is all who sees them.

import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCore
import ParcelProviders

struct ProviderTrial {
    typealias Send = (HTTPRequest) async -> Result<HTTPResponse, TransportError>

    /// A login and what it is for take more than one.
    private static let mostRequests = 4

    let provider: any Provider
    let ask: Ask
    let now: Timestamp
    let zone: Zone?
    private let secrets: [Secret]
    private var exchanges: [(request: HTTPRequest, answer: HTTPResponse)] = []
    private var examination: Examination?
    private var result: Result<Report, PollError> = .success(Report())
    /// There was more to ask, which a try does not.
    private var hasMore = false

    /// - Parameter settings: Those of the provider, for their secrets.
    init(provider: any Provider, _ settings: SettingValues, ask: Ask, now: Timestamp, zone: Zone?) {
        (self.provider, self.ask, self.now, self.zone) = (provider, ask, now, zone)
        secrets = settings.values.values.compactMap { if case .secret(let secret) = $0 { secret } else { nil } }
    }

    mutating func run(over send: Send, rows: Int) async throws {
        var conversation = provider.converse(batch: [ask], Opening(now: now, session: nil))
        var answer: HTTPResponse?
        do throws(PollError) {
            while true {
                switch try conversation.next(answer) {
                case .done(let report):
                    result = .success(report)
                    return
                case .write(let request, _):
                    throw .refused(reason: "\(request.label) changes something at the provider; it was not sent")
                case .send(let request):
                    guard exchanges.count < Self.mostRequests, examination == nil else {
                        hasMore = true
                        return
                    }
                    switch await send(request) {
                    case .failure(let error): throw .unreachable(reason: "\(error)")
                    case .success(let received):
                        answer = received
                        exchanges.append((request, received))
                        examination = examine(received, of: provider, asked: [ask], now: now, rows: rows)
                        if let examination { result = examination.report }
                    }
                }
            }
        } catch {
            guard !exchanges.isEmpty || !error.isTransport else {
                throw Trouble(description: "\(provider.id): no answer: \(error.reason)", status: 69)
            }
            result = .failure(error)
        }
    }

    /// The beginning of the answer that says what is wrong; nil where none does, and where its form alone is wrong: such
    /// an answer may hold a session.
    private var ownWords: String? {
        guard let error = result.failure, !error.isMalformed, let answer = exchanges.last?.answer else { return nil }
        let text = withoutSecrets(readable(answer.body), secrets)
        return text.isEmpty ? nil : harmless(text, limit: 500)
    }

    var isUsable: Bool {
        guard case .success(let report) = result else { return false }
        return report.rejected.isEmpty
    }
}

extension PollError {
    fileprivate var isTransport: Bool { if case .unreachable = self { true } else { false } }
    fileprivate var isMalformed: Bool { if case .malformed = self { true } else { false } }
}

/// JSON with its letters as letters; anything else as it is.
private func readable(_ body: [UInt8]) -> String {
    let tree = try? JSONSerialization.jsonObject(with: Data(body))
    let plain = tree.flatMap { try? JSONSerialization.data(withJSONObject: $0, options: [.withoutEscapingSlashes]) }
    return String(decoding: plain ?? Data(body.prefix(2000)), as: UTF8.self)
}

// MARK: For people

extension ProviderTrial {
    func text(_ reader: Reader) -> String {
        var parts = [table(exchanges.flatMap { rows(of: $0.request, $0.answer, reader) })]
        if let examination {
            if let whole = examination.whole {
                if !whole.isEmpty { parts.append(table(whole.map { cells($0, reader) }, indent: "  ")) }
            } else {
                parts.append("  " + reader.say("это не JSON", "this is no JSON"))
            }
            for (position, findings) in examination.rows {
                let count = examination.rowCount
                let title = reader.say("строка \(position + 1) из \(count)", "row \(position + 1) of \(count)")
                parts.append(title + "\n" + table(findings.map { cells($0, reader) }, indent: "  "))
            }
        }
        parts.append(reader.say("parceld видит", "parceld sees") + "\n" + table(outcome(reader), indent: "  "))
        return parts.joined(separator: "\n\n")
    }

    private func rows(of request: HTTPRequest, _ answer: HTTPResponse, _ reader: Reader) -> [[String]] {
        let type = answer["content-type"].map { ", " + harmless($0, limit: 60) } ?? ""
        return [
            [reader.say("запрос", "request"), "\(request.method.rawValue) \(request.label)"],
            [
                reader.say("ответ", "answer"),
                reader.say(
                    "статус \(answer.status), байт \(answer.body.count)\(type)",
                    "status \(answer.status), \(answer.body.count) bytes\(type)"),
            ],
        ]
    }

    private func cells(_ finding: Finding, _ reader: Reader) -> [String] {
        var found = finding.found.map { words($0, reader) } ?? ""
        if let stopped = finding.stopped {
            let way =
                stopped.at.isEmpty ? "" : reader.say(", в \(harmless(stopped.at))", ", at \(harmless(stopped.at))")
            found = reader.say("ничего\(way): ", "nothing\(way): ") + words(stopped.content, reader)
        } else if let meaning = finding.meaning {
            found +=
                " → " + (meaning.isKnown ? words(meaning, reader) : reader.say("неизвестный код", "an unknown code"))
        } else if let time = finding.time {
            found += " → " + words(time, reader)
        }
        return [finding.key, finding.pointer.isEmpty ? "\"\"" : finding.pointer, found]
    }

    private func words(_ content: Finding.Content, _ reader: Reader) -> String {
        switch content {
        case .value(let text): return text.isEmpty ? "\"\"" : harmless(text, limit: 60)
        case .list(let count): return reader.say("список, элементов \(count)", "a list of \(count)")
        case .object(let names):
            let shown = names.prefix(12).map { harmless($0) }.joined(separator: ", ") + (names.count > 12 ? ", …" : "")
            return names.isEmpty
                ? reader.say("пустой объект", "an empty object")
                : reader.say("у объекта есть \(shown)", "the object has \(shown)")
        case .null: return "null"
        }
    }

    private func words(_ meaning: CodeMeaning, _ reader: Reader) -> String {
        var words: [String] = []
        switch meaning.step {
        case .at(let milestone)?: words.append(reader.word(milestone))
        case .transit?: words.append(reader.say("в пути", "moving"))
        case .delivered?: words.append(reader.say("вручено", "delivered"))
        case nil: break
        }
        if let condition = meaning.condition { words.append(reader.word(condition)) }
        if words.isEmpty { return reader.say("ничего не меняет", "changes nothing") }
        return words.joined(separator: ", ") + " [\(meaning.text)]"
    }

    private func words(_ time: GivenTime, _ reader: Reader) -> String {
        if case .unreadable = time { return reader.say("не читается", "cannot be read; see time.format") }
        guard let instant = instant(time) else {
            return reader.say("не принимается: будущее или до 2003 года", "not believed: it is to come, or before 2003")
        }
        if case .instant = time { return instant.iso8601 }
        let name = zone?.name ?? reader.say("зона не указана: time.zone", "no zone is known: time.zone")
        return "\(instant.iso8601) (\(name))"
    }

    private func instant(_ time: GivenTime) -> Timestamp? { time.instant(zone: zone, seenAt: now, existedSince: nil) }

    private func outcome(_ reader: Reader) -> [[String]] {
        let report: Report
        switch result {
        case .failure(let error):
            let rows = [[reader.say("ошибка", "error"), harmless(error.reason, limit: 300)]]
            return rows + (ownWords.map { [[reader.say("дословно", "its own words"), $0]] } ?? [])
        case .success(let found): report = found
        }
        var rows = report.snapshots.prefix(20).map { snapshot in
            [snapshot.label ?? snapshot.id.key, state(of: snapshot, reader)]
        }
        rows += report.notFound.prefix(20).map { [$0.key, reader.say("не найдено", "not found")] }
        rows += report.stopped.prefix(20).map { [$0.key, reader.say("слежение остановлено", "no longer followed")] }
        rows += report.rejected.prefix(20).map { rejected in
            let field = harmless(rejected.field)
            return [rejected.id?.key ?? "?", reader.say("не читается: \(field)", "cannot be read: \(field)")]
        }
        let rest = [report.snapshots.count, report.rejected.count].reduce(0) { $0 + max(0, $1 - 20) }
        if rest > 0 { rows.append(["", reader.say("и ещё \(rest)", "and \(rest) more")]) }
        if hasMore {
            rows.append(["", reader.say("дальше будут ещё запросы", "more requests would follow")])
        } else if rows.isEmpty {
            rows.append(["", reader.say("ничего", "nothing")])
        }
        return rows
    }

    private func state(of snapshot: Snapshot, _ reader: Reader) -> String {
        let checkpoints = snapshot.checkpoints ?? []
        if snapshot.status.summary == .notFoundYet, checkpoints.isEmpty {
            return reader.say("ещё не найдено", "not found yet")
        }
        var parts: [String] = []
        if let words = reader.quoted(snapshot.status.text) {
            let meaning = snapshot.status.summary.map { " → " + ($0.isKnown ? self.words($0, reader) : "?") } ?? ""
            parts.append(words + meaning)
        }
        if let checkpoints = snapshot.checkpoints {
            parts.append(reader.say("событий ", "events: ") + "\(checkpoints.count)")
        }
        if let last = checkpoints.last, let words = reader.quoted(last.text.isEmpty ? last.code : last.text) {
            let time = instant(last.time).map { ", " + $0.iso8601 } ?? ""
            let meaning = last.meaning.map { " → " + ($0.isKnown ? self.words($0, reader) : "?") } ?? ""
            parts.append(reader.say("последнее ", "last: ") + words + meaning + time)
        }
        return parts.joined(separator: "; ")
    }
}

// MARK: For programs

extension ProviderTrial {
    var json: JSONValue {
        .members([
            "provider": .string(provider.id.description), "ask": .string(ask.kind), "number": .string(ask.key),
            "requests": .array(
                exchanges.map { exchange in
                    .members([
                        "method": .string(exchange.request.method.rawValue), "label": .string(exchange.request.label),
                        "status": .integer(exchange.answer.status), "bytes": .integer(exchange.answer.body.count),
                    ])
                }),
            "answer": examination?.whole.map { .array($0.map(json)) } ?? .null,
            "rowCount": examination.map { .integer($0.rowCount) } ?? .null,
            "rows": examination.map { .array($0.rows.map { .array($0.findings.map(json)) }) } ?? .null,
            "error": result.failure.map { .string($0.reason) } ?? .null, "ownWords": .optional(ownWords),
            "snapshots": .array((result.report?.snapshots ?? []).map(json)),
            "notFound": .array((result.report?.notFound ?? []).map { .string($0.key) }),
            "rejected": .array(
                (result.report?.rejected ?? []).map {
                    .members(["thing": .optional($0.id?.key), "field": .string($0.field)])
                }), "hasMore": .bool(hasMore),
        ])
    }

    private func json(_ finding: Finding) -> JSONValue {
        .members([
            "key": .string(finding.key), "pointer": .string(finding.pointer),
            "found": finding.found.map(json) ?? .null, "stoppedAt": .optional(finding.stopped?.at),
            "foundThere": finding.stopped.map { json($0.content) } ?? .null,
            "meaning": .optional(finding.meaning?.text),
            "at": .instant(finding.time.flatMap(instant)),
        ])
    }

    private func json(_ content: Finding.Content) -> JSONValue {
        switch content {
        case .value(let text): .string(text)
        case .list(let count): .members(["elements": .integer(count)])
        case .object(let names): .members(["members": .array(names.map { .string($0) })])
        case .null: .null
        }
    }

    private func json(_ snapshot: Snapshot) -> JSONValue {
        .members([
            "thing": .string(snapshot.id.key), "code": .string(snapshot.status.code),
            "status": .string(snapshot.status.text), "meaning": .optional(snapshot.status.summary?.text),
            "at": .instant(instant(snapshot.status.time)),
            "events": snapshot.checkpoints.map { checkpoints in
                .array(
                    checkpoints.map { event in
                        .members([
                            "at": .instant(instant(event.time)), "code": .string(event.code),
                            "text": .string(event.text),
                            "place": .string(event.place), "country": .optional(event.country),
                            "meaning": .optional(event.meaning?.text),
                        ])
                    })
            } ?? .null,
        ])
    }
}

extension Result where Success == Report, Failure == PollError {
    fileprivate var report: Report? { if case .success(let report) = self { report } else { nil } }
    fileprivate var failure: PollError? { if case .failure(let error) = self { error } else { nil } }
}
