// The daemon's command line: `run` and `check`. Wiring only.

import ArgumentParser
import Foundation
import ParcelConfig
import ParcelCore
import ParcelService
import ParcelStore

@main
struct Parceld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parceld", abstract: "Watches orders, items and parcels, and tells when something stands still.",
        version: version, subcommands: [Run.self, Check.self])

    static func main() async {
        // A file that may not grow is an error to be handled, like a full disk, and not the end.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            // Nothing is read yet that would have to be read anew.
            if command is Run { signal(SIGHUP, SIG_IGN) }
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch let error as StartError {
            fail(error.description, status: error.status)
        } catch {
            let status = exitCode(for: error).rawValue
            if status == 0 { exit(withError: error) }
            let text = message(for: error)
            if text.isEmpty { Foundation.exit(status) }
            fail("\(text.split(separator: "\n").first ?? ""); see parceld --help", status: status)
        }
    }
}

func fail(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data("parceld: \(message)\n".utf8))
    Foundation.exit(status)
}

/// Loads a configuration, or prints every problem of it and ends with 78 (EX_CONFIG).
func loadOrExit(_ path: String) -> Loaded {
    do throws(LoadFailure) { return try load(path) } catch {
        for problem in error.problems { FileHandle.standardError.write(Data("\(path): \(problem)\n".utf8)) }
        Foundation.exit(78)
    }
}

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads a configuration and everything it names, and prints what is wrong and what would happen.",
        discussion: "Exit status: 0 if it can be used, 78 if not.")

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "/etc/parceld/parceld.yaml"

    func run() {
        let loaded = loadOrExit(config)
        let mistakes = TemplateFolder(loaded.config.templates).listed()
        for mistake in mistakes { FileHandle.standardError.write(Data("\(config): \(mistake)\n".utf8)) }
        // The daemon runs without them and says so: an alert in other words is better than none.
        if !mistakes.isEmpty { Foundation.exit(78) }
        for warning in loaded.warnings { FileHandle.standardError.write(Data("\(config): warning: \(warning)\n".utf8)) }
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        for (id, end) in endingCalendars(loaded.calendars, at: now) {
            let warning =
                "calendars: \(id) is known until \(end) only, then Mon-Fri are counted; see parcelctl calendar import"
            FileHandle.standardError.write(Data("\(config): warning: \(warning)\n".utf8))
        }
        print("\(config) can be used.")
        print(
            "  providers   "
                + loaded.providers.map { provider in
                    let every = provider.lists.first?.every.map { " every \($0.milliseconds / 60_000) min" } ?? ""
                    return provider.id.description + every
                }.joined(separator: ", "))
        for stage in Stage.allCases {
            let rule = loaded.rules.rule(stage)
            let name = stage.rawValue + String(repeating: " ", count: max(0, 17 - stage.rawValue.count))
            print(
                "  \(name) \(rule.warning) / \(rule.critical) working days, \(rule.calendars.joined(separator: "+")), \(rule.zone)"
            )
        }
        for overlay in loaded.config.rules.overlays {
            let stages = Stage.allCases.filter { loaded.config.rules.overlays(of: $0).contains(overlay) }
            print("  overlay     \(overlay.name): \(stages.map(\.rawValue).joined(separator: ", "))")
        }
        for calendar in loaded.calendars {
            let years = calendar.coverage.map { "\($0.lowerBound)..\($0.upperBound)" } ?? "every year"
            print("  calendar    \(calendar.id): \(years)")
        }
        for recipient in loaded.recipients {
            print(
                "  recipient   \(recipient.name): \(recipient.channels.joined(separator: ", ")), \(clockText(recipient.window.opens).dropLast(3))-\(clockText(recipient.window.closes).dropLast(3)) \(recipient.zone)"
            )
        }
        print("  database    \(loaded.config.database)")
    }
}
