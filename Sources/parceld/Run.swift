// `parceld run`: reads the configuration, opens the database, makes the daemon and runs it. Wiring only.

import ArgumentParser
import CLinux
import Foundation
import Logging
import ParcelConfig
import ParcelCore
import ParcelService
import ParcelStore
import ServiceLifecycle
import UnixSignals

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the daemon until SIGTERM; SIGHUP reads the configuration anew.",
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
        keepMemoryPrivate()
        // Before anything is read: what changes from here on is read anew.
        let reloads = await reloadWishes()
        let loaded = loadOrExit(config)
        let environment = ProcessInfo.processInfo.environment
        let clock = try clock(loaded, environment)
        let journal = JournalLog(
            JournalOutput(journalStream: environment["JOURNAL_STREAM"]), level: LogLevel(loaded.config.logLevel)
        ) { clock.now() }
        let log = Logger(label: "parceld") { _ in journal }
        for warning in loaded.warnings { log.warning("about the configuration", metadata: warning.metadata) }
        for mistake in TemplateFolder(loaded.config.templates).listed() {
            log.error("a template cannot be used", metadata: mistake.metadata)
        }
        let store: Store
        do throws(StoreError) { store = try Store.open(loaded.config.database, .daemon) } catch {
            throw StartError(
                description: advice(about: error, loaded.config.database), status: exitStatus(of: error))
        }
        let daemon = try Daemon(
            loaded, store: store, clock: clock, notifier: SystemdNotifier(address: environment["NOTIFY_SOCKET"]),
            log: log, journal: journal, reloads: reloads)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        try await group.run()
        // Whoever starts next need not look whether anything was lost.
        do throws(StoreError) { try store.close() } catch {
            log.error("the database cannot be closed", metadata: ["error": "\(error)"])
        }
    }

    /// Secrets are in it: no core file, whatever the machine does with those, and no look into it by another program of
    /// the same user, such as one that a channel starts.
    private func keepMemoryPrivate() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        clinux_forbid_dumps()
    }

    /// The group's own messages say nothing that ours do not.
    private var quiet: Logger { Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() } }

    private func clock(_ loaded: Loaded, _ environment: [String: String]) throws -> any ServiceClock {
        guard let simulatedClock else {
            // Half of what systemd allows between two signs of life (sd_watchdog_enabled).
            let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            return HostClock(longestSleep: limit.map { .microseconds($0 / 2) } ?? .minutes(10))
        }
        if let problem = loaded.simulationProblem { throw StartError(description: problem.message, status: 78) }
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
    case .busy, .full, .closed, .io, .noRoom: 74
    case .unwritable, .exists: 73
    case .missing, .foreign, .newer, .damaged: 66
    }
}
