import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

/// `parcelctl prune [--older-than 400d] [--dry-run]`: lets go what is neither history nor state.
struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Removes old texts of delivered messages, and sums up old days of the ledger.",
        discussion: """
            Events, alerts and their steps stay for ever. Goes through the daemon where one runs. Answers of providers are
            not in the database: they are dropped as soon as they are read.
            """)

    @Option(help: ArgumentHelp("How old, in days.", valueName: "days"))
    var olderThan = "400d"

    @Flag(help: "Only say what would go.")
    var dryRun = false

    @Flag(help: "Write the whole file anew afterwards; parceld has to be stopped.")
    var compact = false

    @OptionGroup var common: CommonOptions

    private struct Answer: Decodable {
        var messages: Int
        var notifications: Int
        var ledgerDays: Int
        var freed: Int
    }

    func run() throws {
        let mirror = try common.open()
        let days = try days()
        let before = mirror.now - .days(days)
        var pruned: Pruned
        if dryRun {
            pruned = try mirror.store.prunable(before: before)
        } else if !compact, let answer = try ask(mirror, days) {
            pruned = answer
        } else {
            pruned = try underLock(mirror, before)
        }
        if common.json {
            print(pruned.json(isDry: dryRun).text)
        } else {
            print(text(pruned, mirror.reader))
        }
    }

    /// `400d`, `400 d` or `400`.
    private func days() throws -> Int64 {
        let text = olderThan.filter { $0 != " " }
        guard let days = Int64(text.hasSuffix("d") ? String(text.dropLast()) : text), (1...36_500).contains(days) else {
            throw Trouble.usage("--older-than \(olderThan.prefix(20)): write days, such as 400d")
        }
        return days
    }

    /// Nil where no daemon runs.
    private func ask(_ mirror: Mirror, _ days: Int64) throws -> Pruned? {
        guard let socket = mirror.config?.controlSocket, mirror.isConfiguredDatabase else { return nil }
        let bytes: Data
        do throws(Daemon.Silence) { bytes = try Daemon.send(["prune", "\(days)"], to: socket) } catch {
            guard case .nobody = error else { throw Daemon.trouble(error, socket) }
            return nil
        }
        let answer: Answer = try Daemon.read(bytes)
        var pruned = Pruned()
        (pruned.messages, pruned.notifications) = (answer.messages, answer.notifications)
        (pruned.ledgerDays, pruned.freed) = (answer.ledgerDays, answer.freed)
        return pruned
    }

    private func underLock(_ mirror: Mirror, _ before: Timestamp) throws -> Pruned {
        let owner: Store
        do { owner = try mirror.owner(afterAsking: mirror.config?.controlSocket) } catch let trouble as Trouble {
            throw compact ? Trouble(description: "parceld runs; stop it to write the file anew", status: 75) : trouble
        }
        var pruned = Pruned()
        while true {
            let some = try owner.pruneSome(before: before)
            pruned = pruned + some
            if some.isNothing { break }
        }
        if compact { pruned.freed += try owner.compact() }
        try owner.close()
        return pruned
    }

    private func text(_ pruned: Pruned, _ reader: Reader) -> String {
        if pruned.isNothing { return reader.say("Нечего удалять.", "There is nothing to remove.") }
        var rows = [
            [reader.say("тексты доставленных сообщений", "texts of delivered messages"), "\(pruned.messages)"],
            [
                reader.say("копии сведений в уведомлениях", "copies of facts in notifications"),
                "\(pruned.notifications)",
            ],
            [reader.say("дни учёта запросов", "days of the ledger"), "\(pruned.ledgerDays)"],
        ]
        if !dryRun { rows.append([reader.say("освобождено", "given back"), reader.bytes(pruned.freed)]) }
        let head = dryRun ? reader.say("Будет удалено:", "Would go:") : reader.say("Удалено:", "Gone:")
        return head + "\n" + table(rows, indent: "  ")
    }
}

extension Pruned {
    fileprivate func json(isDry: Bool) -> JSONValue {
        .members([
            "dryRun": .bool(isDry), "messages": .integer(messages), "notifications": .integer(notifications),
            "ledgerDays": .integer(ledgerDays), "freed": .integer(freed),
        ])
    }
}
