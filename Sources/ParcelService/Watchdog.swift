// Feeds systemd's watchdog as long as every pass in hand gets on. A pass that shows no sign of life for longer than what
// it waits for may take is stuck: then nothing is fed any more, whatever the others do, and systemd starts parceld anew.
// Passes of hours are well as long as requests are answered; a service with nothing to do is fed whenever it wakes up.

import Glibc
import ParcelCore

package final class Watchdog: Sendable {
    /// What a pass may take beside what it waits for.
    private static let patience = Duration.minutes(1)
    /// More often it need not be told.
    private static let leastPause = Duration.milliseconds(100)

    private struct Pass {
        /// When it last got on.
        var beatAt: Duration
        /// Until when each thing that it waits for has to be over.
        var waits: [Int: Duration] = [:]

        func isStuck(_ now: Duration) -> Bool {
            max(beatAt, waits.values.max() ?? beatAt) + Watchdog.patience < now
        }
    }

    private struct State {
        /// Those in hand, by lane.
        var passes: [Int: Pass] = [:]
        var lastID = 0
        var fedAt: Duration?

        mutating func nextID() -> Int {
            lastID += 1
            return lastID
        }
    }

    private let state = Locked(State())
    private let now: @Sendable () -> Duration
    private let feed: @Sendable () -> Void

    /// - Parameters:
    ///   - now: Time that nobody sets and that stands still while the machine sleeps, as systemd's own.
    ///   - feed: Called at most ten times a second.
    package init(now: @escaping @Sendable () -> Duration = monotonicTime, feed: @escaping @Sendable () -> Void) {
        self.now = now
        self.feed = feed
    }

    /// For one lane, whose passes follow each other.
    package func pulse() -> Pulse { Pulse(id: state.withLock { $0.nextID() }, watchdog: self) }

    /// Something woke up or got on: fed, unless a pass is stuck.
    package func note() {
        let now = now()
        let isFed = state.withLock { state in
            guard !state.passes.values.contains(where: { $0.isStuck(now) }) else { return false }
            if let last = state.fedAt, now - last < Watchdog.leastPause { return false }
            state.fedAt = now
            return true
        }
        if isFed { feed() }
    }

    fileprivate func begin(_ id: Int) {
        let now = now()
        state.withLock { $0.passes[id] = Pass(beatAt: now) }
        note()
    }

    fileprivate func rest(_ id: Int) {
        state.withLock { $0.passes[id] = nil }
        note()
    }

    /// What is asked of a lane while it rests, by a person, is no pass.
    fileprivate func expect(_ id: Int, within allowance: Duration) -> Int {
        let now = now()
        return state.withLock { state in
            let wait = state.nextID()
            state.passes[id]?.waits[wait] = now + allowance
            return wait
        }
    }

    fileprivate func came(_ wait: Int, to id: Int) {
        let now = now()
        state.withLock { state in
            state.passes[id]?.waits[wait] = nil
            state.passes[id]?.beatAt = now
        }
        note()
    }
}

/// One lane's sign of life.
package struct Pulse: Sendable {
    fileprivate let id: Int
    fileprivate let watchdog: Watchdog

    /// A pass begins.
    package func begin() { watchdog.begin(id) }

    /// The pass is over.
    package func rest() { watchdog.rest(id) }

    /// While the pass waits for something that may take so long, alone or beside others.
    package func waiting<Value: Sendable>(_ allowance: Duration, for body: () async -> Value) async -> Value {
        let wait = watchdog.expect(id, within: allowance)
        defer { watchdog.came(wait, to: id) }
        return await body()
    }
}

package func monotonicTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return .milliseconds(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
}
