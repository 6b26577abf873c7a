// The daemon's command line. Wiring only.

import ArgumentParser
import Foundation
import ParcelCommands
import ParcelConfig
import ParcelService

@main
struct Parceld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parceld", abstract: "Watches orders, items and parcels, and tells when something stands still.",
        version: version, subcommands: [Run.self, Check.self, Init.self])

    static func main() async {
        // One file is both programs, because most of it is the language's runtime: the package's parcelctl is a link.
        if CommandLine.arguments.first?.split(separator: "/").last == "parcelctl" { return await runParcelctl() }
        // A file that may not grow is an error to be handled, like a full disk, and not the end.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
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
        for problem in error.problems { FileHandle.standardError.write(Data("\(problem.placed(in: path))\n".utf8)) }
        Foundation.exit(78)
    }
}
