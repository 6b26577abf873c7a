// The simulated world: its time, what was asked of it, what was told to it. Shared by the servers; every access is
// locked.

import Foundation

package struct Received: Sendable {
    /// Simulated time of arrival.
    package var ms: Int64
    package var channel: String
    package var key: String
    package var text: String
}

package final class World: Sendable {
    private struct State {
        var now: Int64
        var isFinished = false
        var requests: [String: Int] = [:]
        var received: [Received] = []
        var violations: [String] = []
        var faults: [Scenario.Fault] = []
        var holds = false
    }

    package let scenario: Scenario
    private let lock = NSLock()
    /// Only touched while the lock is held.
    private nonisolated(unsafe) var state: State

    package init(_ scenario: Scenario) {
        self.scenario = scenario
        state = State(now: scenario.start.ms)
        state.faults = scenario.faults ?? []
    }

    private func with<Value>(_ body: (inout State) -> Value) -> Value {
        lock.lock()
        defer { lock.unlock() }
        return body(&state)
    }

    package var now: Int64 { with { $0.now } }
    package var isFinished: Bool { with { $0.isFinished } }
    package var received: [Received] { with { $0.received } }
    package var requests: [String: Int] { with { $0.requests } }
    package var violations: [String] { with { $0.violations } }

    package func add(_ fault: Scenario.Fault) { with { $0.faults.append(fault) } }

    func count(_ provider: String, _ method: String) { with { $0.requests["\(provider) \(method)", default: 0] += 1 } }
    func violate(_ text: String) { with { $0.violations.append(text) } }
    func receive(_ message: Received) { with { $0.received.append(message) } }

    func fault(_ provider: String, _ method: String) -> Scenario.Fault? {
        with { state in
            state.faults.first {
                $0.provider == provider && ($0.method == nil || $0.method == method) && $0.from.ms <= state.now
                    && state.now < $0.to.ms
            }
        }
    }

    // MARK: Time

    /// What the clock server says; it may lie, the providers' `Date` never does.
    package var told: Int64 { with { $0.now + shift(at: $0.now) } }

    private func shift(at now: Int64) -> Int64 {
        let lie = (scenario.clock ?? []).first { $0.from.ms <= now && now < $0.to.ms }
        return Int64(lie?.shiftMinutes ?? 0) * 60_000
    }

    /// The daemon has nothing to do until then (in the time it was told; nil: ever).
    ///
    /// - Returns: The new time to tell, or nil at the end.
    package func advance(toTold told: Int64?) -> Int64? {
        with { state in
            let wanted = told.map { $0 - shift(at: state.now) } ?? Int64.max
            guard state.now < scenario.end.ms else {
                state.isFinished = true
                return nil
            }
            let edges = (scenario.clock ?? []).flatMap { [$0.from.ms, $0.to.ms] }.filter { $0 > state.now }
            state.now = max(state.now, min(wanted, scenario.end.ms, edges.min() ?? Int64.max))
            return state.now + shift(at: state.now)
        }
    }
}
