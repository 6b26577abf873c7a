// The whole daemon: one crew after another over one mirror, the control socket, systemd. Main makes one and runs it.

import Foundation
package import Logging
import ParcelConfig
import ParcelCore
import ParcelProviders
package import ParcelStore
import ServiceLifecycle

package let version = "0.1.0"

package struct StartError: Error, CustomStringConvertible {
    package let description: String
    /// sysexits(3).
    package let status: Int32

    package init(description: String, status: Int32) {
        self.description = description
        self.status = status
    }
}

package actor Daemon: Service {
    /// A pass in hand gets this long after SIGTERM before its transfers are cancelled.
    private static let grace = Duration.seconds(7)

    private let ground: Ground
    private let open: Outward.Open
    private let notifier: SystemdNotifier
    private let wishes: AsyncStream<Void>
    private let path: String
    private let statusLine: StatusLine
    private let log: Logger
    private let journal: JournalLog
    private var crew: Crew
    private let figures: FiguresWindow
    private var work: Task<Void, Never>?
    private var isStopping = false
    private let stopped = Bell()
    private var configuration: ConfigurationState

    /// - Parameters:
    ///   - clock: Made by main: the host's, or a simulated one.
    ///   - reloads: An element for each wish to read the configuration anew.
    package init(
        _ loaded: Loaded, store: Store, clock: any ServiceClock, notifier: SystemdNotifier, log: Logger,
        journal: JournalLog, reloads: AsyncStream<Void>, open: @escaping Outward.Open = Outward.curl
    ) throws(StartError) {
        let mirror = Mirror(store, log: log)
        let watchdog = Watchdog { notifier.progress() }
        let statusLine = StatusLine(mirror: mirror, clock: clock, notifier: notifier)
        // In simulated time the next pass begins at once.
        let memory = clock.runsLanesTogether ? MemoryKeeper() : nil
        ground = Ground(
            mirror: mirror, clock: clock, startedAt: clock.now(), watchdog: watchdog, log: log,
            onWake: {
                journal.tellRepeats()
                watchdog.note()
                memory?.note()
            },
            onEnd: {
                watchdog.note()
                statusLine.note()
            })
        crew = Crew(loaded, on: ground, outward: try open(loaded.config.http))
        figures = FiguresWindow(store, clock, crew.metrics)
        configuration = ConfigurationState(takenAt: clock.now())
        (self.open, self.notifier, self.log, self.statusLine) = (open, notifier, log, statusLine)
        (wishes, path) = (reloads, store.path)
        self.journal = journal
    }

    package func run() async throws {
        let control: ControlServer
        do throws(ControlError) {
            control = try ControlServer(path: crew.loaded.config.controlSocket) { [self] in await answer($0) }
        } catch { throw StartError(description: "\(error)", status: 73) }
        do throws(StoreError) {
            // What cannot be written at all is told at once: handing over is patient.
            try await register(crew)
            try await handOver(to: crew)
        } catch { throw StartError(description: "\(error)", status: 74) }
        // A port that another program has is no reason to tell nobody of anything; the next reload tries it again.
        do throws(StartError) { figures.show(try figures.opened(for: crew), of: crew) } catch {
            log.error("nobody can ask for figures", metadata: ["error": "\(error)"])
        }
        await statusLine.take(crew.loaded)
        start()
        notifier.ready(await statusLine.current())
        log.notice("parceld started", metadata: ["version": "\(version)", "database": "\(path)"])
        let watching = Task { await statusLine.run() }
        let reloading = Task { for await _ in wishes { await reload() } }
        await withGracefulShutdownHandler {
            await stopped.wait()
        } onGracefulShutdown: {
            Task { await self.stop() }
        }
        watching.cancel()
        reloading.cancel()
        // What is under way still looks into the database, which is closed next.
        await watching.value
        await reloading.value
        control.close()
        figures.close()
        crew.outward.close()
        log.notice("parceld stopped")
        journal.tellAllRepeats()
    }

    private func start() { work = Task { [scheduler = crew.scheduler] in await scheduler.run() } }

    func stop() async {
        isStopping = true
        notifier.stopping()
        await finish(within: Daemon.grace)
        stopped.ring()
    }

    /// What is in hand is finished, or given up when its time is over.
    private func finish(within grace: Duration) async {
        await crew.end()
        let work = work
        let alarm = Task {
            try await Task.sleep(for: grace)
            work?.cancel()
        }
        await work?.value
        alarm.cancel()
    }

    /// So that parcelctl can reckon without the providers' secrets, and tell by which configuration the daemon works.
    private func register(_ crew: Crew) async throws(StoreError) {
        let (providers, configuration) = (crew.loaded.providers, configuration)
        try await ground.mirror { store throws(StoreError) in try store.register(providers, configuration) }
    }

    /// While no other crew is at work: what it still reads and tells would be read and told as before.
    private func handOver(to crew: Crew) async throws(StoreError) {
        let (providers, around, configuration) = (crew.loaded.providers, crew.around, configuration)
        // It may have to wait for a full disk or another program: no pass is at work whose sign of life that would be.
        let pulse = ground.watchdog.pulse()
        pulse.begin()
        defer { pulse.rest() }
        var mirror = ground.mirror
        mirror.pulse = pulse
        try await mirror.patiently { store throws(StoreError) in
            try store.register(providers, configuration)
            try store.save(reading: readingSignature(of: providers))
            try around.handOn(on: store)
        }
    }

    private func answer(_ words: [String]) async -> JSONValue {
        let answer = await crew.answer(words)
        // By now another crew may be at work.
        await crew.scheduler.poke()
        return answer
    }
}

extension Store {
    fileprivate func register(_ providers: [any Provider], _ state: ConfigurationState) throws(StoreError) {
        try save(providers.map { Budget(of: $0) })
        try save(state)
    }
}

// MARK: Reload

extension Daemon {
    /// Who is told at present.
    var recipients: [String] { crew.loaded.recipients.map(\.name) }

    /// All or nothing: the file as it is by now, or the present configuration as if nothing had been.
    private func reload() async {
        guard !isStopping else { return }
        notifier.reloading()
        let former = crew
        do throws(LoadFailure) {
            let next = try await nextCrew()
            let window = try window(of: next)
            configuration = ConfigurationState(takenAt: ground.clock.now())
            await replace(former, with: next, window)
        } catch {
            await refuse(error.problems)
        }
        guard !isStopping else { return }
        notifier.ready(await statusLine.current())
    }

    private func nextCrew() async throws(LoadFailure) -> Crew {
        let loaded = try await crew.loaded.again(isSimulated: !ground.clock.runsLanesTogether)
        var outward = crew.outward
        if loaded.config.http != crew.loaded.config.http {
            do throws(StartError) { outward = try open(loaded.config.http) } catch {
                throw LoadFailure(problems: [Problem(line: nil, path: "http", message: error.description)])
            }
        }
        return Crew(loaded, on: ground, outward: outward)
    }

    private func window(of next: Crew) throws(LoadFailure) -> MetricsServer? {
        do throws(StartError) { return try figures.opened(for: next) } catch {
            throw LoadFailure(problems: [Problem(line: nil, path: "metrics.listen", message: error.description)])
        }
    }

    private func replace(_ former: Crew, with next: Crew, _ window: MetricsServer?) async {
        await finish(within: former.longestWait + .seconds(5))
        await next.takeOver(from: former)
        do throws(StoreError) { try await handOver(to: next) } catch {
            log.error("the database cannot be written", metadata: ["error": "\(error)"])
        }
        await statusLine.take(next.loaded)
        await statusLine.take(configuration)
        let isOther = former.loaded.config.http != next.loaded.config.http
        // A stop that came meanwhile only waits for those who are at work, and nobody is. From here on nothing is awaited.
        guard !isStopping else {
            window?.close()
            return isOther ? next.outward.close() : ()
        }
        crew = next
        figures.show(window, of: next)
        start()
        if isOther { former.outward.close() }
        journal.level.set(next.loaded.config.logLevel)
        log.notice(
            "the configuration was read anew", metadata: ["file": "\(next.loaded.path)"], source: JournalLog.onceEach)
        for warning in next.loaded.warnings {
            log.warning("about the configuration", metadata: warning.metadata, source: JournalLog.onceEach)
        }
    }

    private func refuse(_ problems: [Problem]) async {
        configuration.refuse(problems.map(\.description), at: ground.clock.now())
        for problem in problems {
            log.error(
                "the configuration cannot be used", metadata: problem.metadata, source: JournalLog.onceEach)
        }
        log.error(
            "the configuration was not read anew; parceld goes on with the one it has",
            metadata: ["file": "\(crew.loaded.path)", "mistakes": "\(problems.count)"], source: JournalLog.onceEach)
        await statusLine.take(configuration)
        do throws(StoreError) {
            try await ground.mirror { [configuration] store throws(StoreError) in try store.save(configuration) }
        } catch { log.error("the database cannot be written", metadata: ["error": "\(error)"]) }
    }
}

extension Problem {
    package var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["error": "\(path.isEmpty ? "" : path + ": ")\(message)"]
        if let file { metadata["file"] = "\(file)" }
        if let line { metadata["line"] = "\(line)" }
        return metadata
    }
}
