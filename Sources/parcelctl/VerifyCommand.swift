import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl verify [FILE]`: whether a database or a backup keeps what parceld promises. Exit status 1 if it does not.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks the database or a backup: SQLite's rules and parceld's own.",
        discussion: "Reads only, also while parceld works. Exit status: 0, or 1 if something is wrong.")

    @Argument(help: "A backup; without it the daemon's database.")
    var file: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let named = file == nil ? try common.databasePath() : (path: file ?? "", config: try common.readConfiguration())
        let (reader, line) = (try common.reader(named.config), ProgressLine())
        defer { line.end() }
        let verdict = try verify(file: named.path) { line.show($0) }
        line.end()
        print(common.json ? json(verdict, named.path) : text(verdict, named.path, reader))
        if !verdict.isSound { throw ExitCode(1) }
    }

    private func text(_ verdict: Verdict, _ path: String, _ reader: Reader) -> String {
        var lines = ["\(path): \(reader.bytes(verdict.bytes))"]
        if let contents = verdict.contents { lines.append("  " + reader.contents(contents)) }
        if verdict.contents != nil, verdict.schema.found < verdict.schema.known {
            lines.append(
                reader.say(
                    "  схема \(verdict.schema.found) из \(verdict.schema.known): parceld обновит её при запуске",
                    "  schema \(verdict.schema.found) of \(verdict.schema.known): parceld brings it up to date when it starts"
                ))
        }
        lines.append(table(verdict.findings.map { row($0, reader) }))
        for finding in verdict.findings where finding.count > 0 {
            lines.append("\(reader.title(finding.promise)):")
            lines += finding.breaches.map { "  " + reader.words($0) }
            let more = finding.count - finding.breaches.count
            if more > 0 { lines.append(reader.say("  и ещё \(more)", "  and \(more) more")) }
            lines.append("  → " + reader.advice(finding.promise))
        }
        return lines.joined(separator: "\n")
    }

    private func row(_ finding: Finding, _ reader: Reader) -> [String] {
        guard let checked = finding.checked else {
            return ["—", reader.title(finding.promise), reader.say("не проверено", "not looked at")]
        }
        let found =
            finding.count == 0 ? "\(checked)" : reader.say("нарушений: \(finding.count)", "\(finding.count) wrong")
        return [finding.count == 0 ? "ok" : "BAD", reader.title(finding.promise), found]
    }

    private func json(_ verdict: Verdict, _ path: String) -> String {
        JSONValue.members([
            "file": .string(path), "bytes": .integer(verdict.bytes), "schema": .integer(verdict.schema.found),
            "knownSchema": .integer(verdict.schema.known), "sound": .bool(verdict.isSound),
            "checks": .array(
                verdict.findings.map { finding in
                    .members([
                        "check": .string(finding.promise.rawValue),
                        "checked": finding.checked.map { .integer($0) } ?? .null, "wrong": .integer(finding.count),
                        "found": .array(
                            finding.breaches.map { breach in
                                .members([
                                    "reason": .string(breach.reason.rawValue), "place": .string(breach.place),
                                    "detail": .string(breach.detail),
                                ])
                            }),
                    ])
                }),
        ]).text
    }
}
