// Runs the stages when they have something to do, and sleeps between. Each stage is a lane: a tick that says when it
// wants the next one.

package import ParcelCore

package struct Lane: Sendable {
    package let name: String
    /// Whether what others commit may be work for this one.
    package let followsOthers: Bool
    package let pulse: Pulse?
    package let tick: @Sendable (Timestamp) async -> Timestamp?

    /// - Parameter pulse: Shows that its passes get on.
    package init(
        _ name: String, followsOthers: Bool, pulse: Pulse? = nil,
        tick: @escaping @Sendable (Timestamp) async -> Timestamp?
    ) {
        self.name = name
        self.followsOthers = followsOthers
        self.pulse = pulse
        self.tick = tick
    }
}

package actor Scheduler {
    private struct State {
        var nextAt: Timestamp?
        var isRunning = false
        /// Something changed while it ran: it runs again.
        var isPoked = true
    }

    private let lanes: [Lane]
    private let clock: any ServiceClock
    private let onWake: @Sendable () -> Void
    private let onEnd: @Sendable () -> Void
    private var states: [State]
    private var isStopping = false

    /// - Parameters:
    ///   - onWake: Called before each sleep.
    ///   - onEnd: Called after every tick.
    package init(
        _ lanes: [Lane], clock: any ServiceClock, onWake: @escaping @Sendable () -> Void,
        onEnd: @escaping @Sendable () -> Void = {}
    ) {
        self.lanes = lanes
        self.clock = clock
        self.onWake = onWake
        self.onEnd = onEnd
        states = lanes.map { _ in State() }
    }

    /// Something changed that no lane knows of: everybody looks again.
    package func poke() {
        for index in states.indices { states[index].isPoked = true }
        clock.interrupt()
    }

    /// Lanes finish what they have in hand; no new tick begins.
    package func stop() {
        isStopping = true
        clock.interrupt()
    }

    package func run() async {
        await withDiscardingTaskGroup { group in
            var last = clock.now()
            while !isStopping {
                let now = clock.now()
                // Set back: what is planned for the time that is gone would be waited for twice.
                if now < last - .minutes(1) { for index in states.indices { states[index].isPoked = true } }
                last = now
                let due = states.indices.filter { isDue($0, now) }
                if clock.runsLanesTogether {
                    for index in due { start(index, now, in: &group) }
                } else {
                    // One after the other, in the list's order, so that simulated time gives the same run every time.
                    for index in due where !isStopping { await run(index, now) }
                    if !due.isEmpty { continue }
                }
                if isStopping { break }
                onWake()
                await clock.wait(until: nextAt(now))
            }
            // What is in hand may take longer than systemd waits for a sign of life.
            while states.contains(where: \.isRunning) {
                onWake()
                await clock.wait(until: nil)
            }
        }
    }

    private func isDue(_ index: Int, _ now: Timestamp) -> Bool {
        let state = states[index]
        guard !state.isRunning else { return false }
        return state.isPoked || state.nextAt.map { $0 <= now } == true
    }

    private func nextAt(_ now: Timestamp) -> Timestamp? {
        let idle = states.filter { !$0.isRunning }
        return idle.contains { $0.isPoked } ? now : idle.compactMap(\.nextAt).min()
    }

    private func start(_ index: Int, _ now: Timestamp, in group: inout DiscardingTaskGroup) {
        begin(index)
        group.addTask {
            let next = await self.lanes[index].tick(now)
            await self.end(index, now, next)
        }
    }

    private func run(_ index: Int, _ now: Timestamp) async {
        begin(index)
        let next = await lanes[index].tick(now)
        end(index, now, next)
    }

    private func begin(_ index: Int) {
        states[index].isRunning = true
        states[index].isPoked = false
        lanes[index].pulse?.begin()
    }

    private func end(_ index: Int, _ now: Timestamp, _ next: Timestamp?) {
        states[index].isRunning = false
        lanes[index].pulse?.rest()
        let changed = states[index].nextAt != next
        states[index].nextAt = next
        // What one lane committed may be another's work. A tick that finds nothing to do costs a query or two, and a
        // lane that was only poked does not poke back: else they would keep each other awake.
        if changed {
            for other in states.indices where other != index && lanes[other].followsOthers {
                states[other].isPoked = true
            }
        }
        onEnd()
        if clock.runsLanesTogether { clock.interrupt() }
    }
}
