// The daemon's command line, and `run`. Wiring only.

import ArgumentParser
import Foundation
import Logging
import ParcelCommands
import ParcelConfig
import ParcelCore
import ParcelService
import ParcelStore
import ServiceLifecycle
import UnixSignals

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

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the daemon until SIGTERM.",
        discussion: """
            Exit status: 0 after SIGTERM; 66 or 73 for a file that cannot be used, 69 for a clock server that does not
            answer, 75 if another parceld uses the database, 78 for a bad configuration.
            """)

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "/etc/parceld/parceld.yaml"

    @Option(
        help: ArgumentHelp(
            "Take the time from a clock server, in lockstep; everything must be on this machine.",
            valueName: "host:port"))
    var simulatedClock: String?

    func run() async throws {
        let loaded = loadOrExit(config)
        let environment = ProcessInfo.processInfo.environment
        let log = logger(loaded, environment)
        for warning in loaded.warnings { log.warning("\(warning.placed(in: config))") }
        for mistake in TemplateFolder(loaded.config.templates).listed() { log.error("\(config): \(mistake)") }
        let store: Store
        do throws(StoreError) { store = try Store.open(loaded.config.database, .daemon) } catch {
            throw StartError(
                description: advice(about: error, loaded.config.database), status: exitStatus(of: error))
        }
        let clock = try clock(loaded)
        let daemon = try Daemon(
            loaded, store: store, clock: clock, notifier: SystemdNotifier(address: environment["NOTIFY_SOCKET"]),
            log: log)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        try await group.run()
        // Whoever starts next need not look whether anything was lost.
        do throws(StoreError) { try store.close() } catch { log.error("\(error)") }
    }

    /// The group's own messages say nothing that ours do not.
    private var quiet: Logger { Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() } }

    private func logger(_ loaded: Loaded, _ environment: [String: String]) -> Logger {
        let level: Logger.Level =
            switch loaded.config.logLevel {
            case "error": .error
            case "notice": .notice
            case "debug": .debug
            default: .info
            }
        return Logger(label: "parceld") { _ in
            JournalLog(level: level, hasPriorities: environment["JOURNAL_STREAM"] != nil)
        }
    }

    private func clock(_ loaded: Loaded) throws -> any ServiceClock {
        guard let simulatedClock else {
            // Half of what systemd allows between two signs of life (sd_watchdog_enabled).
            let limit = ProcessInfo.processInfo.environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            return HostClock(longestSleep: limit.map { .microseconds($0 / 2) } ?? .minutes(10))
        }
        if let outside = loaded.config.addresses.first(where: { !isLoopback($0) }) {
            let shown = outside == loaded.config.heartbeat ? "that of the heartbeat" : outside
            throw StartError(
                description: "with a simulated clock every address has to be on this machine; \(shown) is not",
                status: 78)
        }
        let needed = (loaded.providers.count, loaded.config.providers.filter { $0.settings.text("url") != nil }.count)
        guard needed.0 == needed.1,
            loaded.config.channels.allSatisfy({
                ["journal", "exec"].contains($0.kind) || $0.settings.text("url") != nil
            })
        else {
            throw StartError(
                description: "with a simulated clock every provider and channel needs its url, on this machine",
                status: 78)
        }
        do throws(ClockServerError) {
            // The end of simulated time is the end of the run; what was committed stays.
            return try SimulatedClock(address: simulatedClock) { kill(getpid(), SIGTERM) }
        } catch { throw StartError(description: "\(error)", status: 69) }
    }
}

/// With a damaged file comes what to do: which backup there is.
private func advice(about error: StoreError, _ database: String) -> String {
    guard case .damaged = error else { return "\(error)" }
    guard let backup = Store.newestBackup(of: database) else {
        return "\(error); none is beside it or in the folder backups there"
    }
    return "\(error); the newest is \(backup.path) of \(backup.at.iso8601): parcelctl restore \(backup.path)"
}

private func exitStatus(of error: StoreError) -> Int32 {
    switch error {
    case .locked: 75
    case .busy, .full, .io, .noRoom: 74
    case .unwritable, .exists: 73
    case .missing, .foreign, .newer, .damaged: 66
    }
}
