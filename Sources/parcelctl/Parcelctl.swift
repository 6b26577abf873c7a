// Everything that a person does with parceld: one file a command. Reads the mirror while the daemon writes it.
//
// Exit status: 0; 1 where `status`, `stalled` or `budget` found something that wants attention or a tried channel refuses;
// sysexits(3) on failure:
// 64 usage, 65 an import with mistakes, 66 no such database or thing, 69 the daemon or a provider does not answer, 74 input
// and output, 75 the database is in use, 77 not allowed, 78 configuration.

import ArgumentParser
import Foundation
import ParcelStore

/// The whole program: parceld's, where it is called by this name.
package func runParcelctl() async { await Parcelctl.main() }

struct Parcelctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parcelctl", abstract: "Shows what parceld knows, explains its alerts, and counts working days.",
        version: "0.1.0",
        subcommands: [
            StatusCommand.self, ListCommand.self, ShowCommand.self, HistoryCommand.self, StalledCommand.self,
            AlertsCommand.self, AckCommand.self, SnoozeCommand.self, UnsnoozeCommand.self, CloseCommand.self,
            NoteCommand.self, ExplainCommand.self, LetterCommand.self, AddCommand.self, RemoveCommand.self,
            TrackCommand.self,
            ImportCommand.self, UnknownCommand.self, BudgetCommand.self, PollCommand.self, ProviderCommand.self,
            ReplayCommand.self, ChannelCommand.self, WorkdaysCommand.self, CalendarCommand.self,
            TrackNumberCommand.self, BackupCommand.self, RestoreCommand.self, VerifyCommand.self, ExportCommand.self,
            PruneCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as Trouble {
            fail(error.description, status: error.status)
        } catch let error as StoreError {
            fail(error.description, status: status(of: error))
        } catch {
            let status = exitCode(for: error).rawValue
            if status == 0 || error is ExitCode { exit(withError: error) }
            let first = message(for: error).split(separator: "\n").first ?? ""
            fail("\(first); see parcelctl --help", status: status)
        }
    }

    private static func status(of error: StoreError) -> Int32 {
        switch error {
        case .missing, .foreign, .newer, .damaged: 66
        case .locked: 75
        case .exists: 73
        case .busy, .full, .closed, .io, .unwritable, .noRoom: 74
        }
    }
}

/// One line that says what is wrong and what to do, and the exit status.
struct Trouble: Error {
    let description: String
    let status: Int32

    static func usage(_ text: String) -> Trouble { Trouble(description: text, status: 64) }
}

func fail(_ text: String, status: Int32) -> Never {
    tell(text)
    Foundation.exit(status)
}

/// For what goes on all the same.
func warn(_ text: String) { tell("warning: " + text) }

private func tell(_ text: String) {
    // What is quoted may hold anything: it must neither break the line nor command the terminal, nor fill the screen.
    let isCut = text.unicodeScalars.count > 380
    let shown = text.unicodeScalars.prefix(380).map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "?"
        default: String(scalar)
        }
    }
    let text = shown.joined() + (isCut ? "…" : "")
    FileHandle.standardError.write(Data("parcelctl: \(text)\n".utf8))
}
