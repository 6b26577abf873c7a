// What the stages share: the mirror, the rules, whom to tell, how to send. Made once for each configuration.

import Dispatch
package import Logging
package import ParcelCore
package import ParcelStore

package struct Surroundings: Sendable {
    package var mirror: Mirror
    package var rules: Rules
    package var recipients: [Recipient]
    package var clock: any ServiceClock
    package var watch: ClockWatch
    package var zones: @Sendable (String) -> Zone?
    package var send: @Sendable (HTTPRequest) async -> Result<HTTPResponse, TransportError>
    package var log: Logger
    package var templates = TemplateFolder(nil)
    package var meters = Meters()
    /// Nothing new is begun: what is in hand is finished and committed.
    package var ending = Ending()
    /// Of the lane that this is given to.
    package private(set) var pulse: Pulse?

    package init(
        mirror: Mirror, rules: Rules, recipients: [Recipient], clock: any ServiceClock, watch: ClockWatch,
        zones: @escaping @Sendable (String) -> Zone?,
        send: @escaping @Sendable (HTTPRequest) async -> Result<HTTPResponse, TransportError>, log: Logger
    ) {
        self.mirror = mirror
        self.mirror.clock = clock
        self.rules = rules
        self.recipients = recipients
        self.clock = clock
        self.watch = watch
        self.zones = zones
        self.send = send
        self.log = log
    }

    /// The same for one lane, whose sign of life each request and each look into the mirror is.
    ///
    /// - Parameter timeout: How long a request may take.
    package func with(_ pulse: Pulse, timeout: Duration) -> Surroundings {
        var own = self
        own.pulse = pulse
        own.mirror.pulse = pulse
        own.send = { [send] request in
            await pulse.waiting(timeout) { await send(request) }
        }
        return own
    }

    /// Waits for a provider's pace.
    func pause(until instant: Timestamp) async {
        guard let pulse else { return await clock.pause(until: instant) }
        await pulse.waiting(max(.zero, instant - clock.now())) { await clock.pause(until: instant) }
    }

    /// When the provider's present day ends and its requests count anew.
    func dayEnd(of provider: any Provider, after now: Timestamp) -> Timestamp {
        let zone = zones(provider.manners.dayZone) ?? .utc
        return zone.firstInstant(of: zone.date(of: now).adding(days: 1))
    }

    /// The provider's present day, as days since 1970.
    func day(of provider: any Provider, at now: Timestamp) -> Int {
        (zones(provider.manners.dayZone) ?? .utc).date(of: now).ordinal
    }

    /// Until when each recipient's untold rows wait for the end of a snooze, which their window follows.
    private func held(by change: AlertChange, at now: Timestamp) -> [String: Timestamp] {
        guard change.change == .snoozed || change.change == .unsnoozed else { return [:] }
        let end = max(now, change.alert.snoozed?.until ?? now)
        return Dictionary(recipients.map { ($0.name, $0.due(change, from: end)) }) { first, _ in first }
    }

    /// A change with its notifications, each due when its recipient's window opens.
    func decided(_ change: AlertChange, at now: Timestamp, settledAt: Timestamp?) -> DecidedChange {
        DecidedChange(
            change: change,
            rows: notifications(
                for: change, to: recipients, at: now, settledAt: settledAt, peopleDays: rules.peopleDays),
            nextAt: nextReminder(of: change.alert, rules), held: held(by: change, at: now))
    }
}

/// The store on a thread of its own, and the patience that a busy or full disk needs.
package struct Mirror: Sendable {
    private let store: Store
    private let queue = DispatchQueue(label: "parceld.store")
    private let log: Logger
    /// Tells of it while nothing can be written.
    let alarm = StoreAlarm()
    /// Nil where nobody is told.
    fileprivate(set) var clock: (any ServiceClock)?
    /// Others' work may come first, and a large mirror takes its time: only what lasts longer is no progress.
    private static let slowest = Duration.minutes(15)
    var pulse: Pulse?

    package init(_ store: Store, log: Logger) {
        self.store = store
        self.log = log
    }

    package func callAsFunction<Value: Sendable>(
        _ body: @escaping @Sendable (Store) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard let pulse else { return try await queued(body).get() }
        return try await pulse.waiting(Mirror.slowest) { await queued(body) }.get()
    }

    private func queued<Value: Sendable>(
        _ body: @escaping @Sendable (Store) throws(StoreError) -> Value
    ) async -> Result<Value, StoreError> {
        let (store, queue) = (store, queue)
        return await withCheckedContinuation { continuation in
            queue.async {
                do throws(StoreError) {
                    continuation.resume(returning: .success(try body(store)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    /// Channels may be slow, and telling is not the pass's own work.
    private func tell(_ error: StoreError, at now: Timestamp) async {
        guard let pulse else { return await alarm.fail(error, at: now) }
        await pulse.waiting(Mirror.slowest) { await alarm.fail(error, at: now) }
    }

    /// Tries until it succeeds: what was learned or done must not be lost because another program holds the file for a
    /// minute or the disk is full for an hour. Ends early only when the service stops or the error cannot pass.
    package func patiently<Value: Sendable>(
        _ body: @escaping @Sendable (Store) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        var attempts = 0
        defer { if attempts > 0 { alarm.end(at: clock?.now() ?? .distantPast) } }
        while true {
            do throws(StoreError) {
                let value = try await self(body)
                if attempts > 0 { log.notice("the database can be written again") }
                return value
            } catch {
                guard error.mayPass, !Task.isCancelled else {
                    // The file system may have become read-only: as good as full.
                    if case .unwritable = error, let now = clock?.now() { await tell(error, at: now) }
                    throw error
                }
                attempts += 1
                if attempts == 1 {
                    log.error("the database cannot be written; trying on", metadata: ["error": "\(error)"])
                    alarm.begin()
                }
                if let now = clock?.now() { await tell(error, at: now) }
                try? await Task.sleep(for: .milliseconds(min(1000, 50 << min(attempts, 5))))
            }
        }
    }
}

/// Told to the stages of a configuration whose time is over.
package final class Ending: Sendable {
    private let isOver = Locked(false)

    package init() {}

    package var hasBegun: Bool { isOver.withLock { $0 } }
    func begin() { isOver.withLock { $0 = true } }
}

/// The one judgement of the clock that all stages share.
package final class ClockWatch: Sendable {
    private let state = Locked(ClockGuard())

    package init() {}

    /// Whether decisions may be made now.
    func believes(_ clock: any ServiceClock) -> Bool {
        state.withLock { $0.observe(now: clock.now(), sinceBoot: clock.sinceBoot()) }
    }

    func believes(_ clock: any ServiceClock, after answer: HTTPResponse, from provider: ProviderID) -> Bool {
        guard let date = answer["date"].flatMap(httpDate) else { return believes(clock) }
        return state.withLock {
            $0.observe(providerDate: date, from: provider, now: clock.now(), sinceBoot: clock.sinceBoot())
        }
    }

    func disputed(by provider: ProviderID, _ answer: HTTPResponse?, _ clock: any ServiceClock) {
        state.withLock {
            $0.disputed(by: provider, providerDate: answer?["date"].flatMap(httpDate), now: clock.now())
        }
    }

    var problem: String? { state.withLock { $0.problem } }
}
