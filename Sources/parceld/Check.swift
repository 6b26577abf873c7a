// `parceld check`: whether a configuration can be used, what it would do, and what it hardly means.

import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCommands
import ParcelConfig
import ParcelCore
import ParcelProviders
import ParcelService
import ParcelStore

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads a configuration and everything it names, and prints what is wrong and what would happen.",
        discussion: """
            Mistakes and warnings go to standard error, each with its file and line; the plan goes to standard output.
            The database is only read. Exit status: 0 if the configuration can be used, whatever is warned of; 78 if not.
            """)

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "/etc/parceld/parceld.yaml"

    @Option(help: ArgumentHelp("Another \"now\", such as 2017-10-10T09:00:00+03:00.", valueName: "instant"))
    var at: String?

    @Option(help: ArgumentHelp("ru or en; else what the locale (LANG) says.", valueName: "language"))
    var language: String?

    @Flag(help: "Print the plan as JSON.")
    var json = false

    @Flag(help: "Print no plan, only mistakes and warnings.")
    var quiet = false

    @Flag(help: "Print the JSON Schema of a configuration, for editors, and check nothing.")
    var schema = false

    func validate() throws {
        if json, quiet { throw ValidationError("--json and --quiet exclude each other") }
    }

    func run() throws {
        if schema {
            let schema = configSchema(
                providers: providerKinds.map(\.schema), channels: channelKinds.map(\.schema))
            print(schema.indented())
            return
        }
        let (now, language) = (try instant(), try chosenLanguage(self.language))
        let loaded: Loaded
        do throws(LoadFailure) { loaded = try load(config) } catch { refuse(error.problems) }
        // The daemon runs without them and says so: an alert in other words is better than none.
        let mistakes = TemplateFolder(loaded.config.templates).listed()
        if !mistakes.isEmpty { refuse(mistakes) }
        let plan = Plan(loaded, at: now)
        for warning in plan.warnings {
            tell("\(harmless(warning.placed(in: config, saying: "warning: "), limit: 1000))")
        }
        if json {
            print(plan.json.text)
        } else if !quiet {
            let zone = loaded.recipients.first?.zone ?? .utc
            print(planText(plan, Reader(language, zone)))
        }
    }

    private func refuse(_ problems: [Problem]) -> Never {
        for problem in problems { tell(problem.placed(in: config)) }
        if json {
            let answer = JSONValue.members([
                "usable": .bool(false), "problems": problemsJSON(problems, in: config),
            ])
            print(answer.text)
        }
        Foundation.exit(78)
    }

    private func instant() throws -> Timestamp {
        guard let at else { return Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
        guard let instant = (try? ISO8601(at))?.instant else {
            throw ValidationError("--at: write an instant with its offset, such as 2017-10-10T09:00:00+03:00")
        }
        return instant
    }
}

func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

/// - Parameter name: What was asked for; nil: what the locale says.
func chosenLanguage(_ name: String?) throws -> Language {
    let usual = localeLanguage(ProcessInfo.processInfo.environment)
    guard let language = Language(rawValue: name ?? usual.rawValue) else {
        throw ValidationError("--language: write ru or en")
    }
    return language
}
