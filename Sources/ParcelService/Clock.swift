// Where time comes from: the host, or a clock server in lockstep (DESIGN 10). Decides nothing.

package import ParcelCore

/// Two implementations beside the tests': the host's clock and the simulated one.
package protocol ServiceClock: Sendable {
    func now() -> Timestamp
    /// Time since boot, which nobody sets; nil where there is none.
    func sinceBoot() -> Duration?
    /// Whether several lanes may be under way at once. In simulated time they take turns, so that every run is the same.
    var runsLanesTogether: Bool { get }
    /// Returns at that instant (nil: never by itself), or earlier when `interrupt` is called.
    func wait(until instant: Timestamp?) async
    /// Ends the present or the next `wait`.
    func interrupt()
    /// Returns at that instant, whatever happens, or when the task is cancelled.
    func pause(until instant: Timestamp) async
}

/// A flag that is raised from anywhere and awaited by one task.
final class Bell: Sendable {
    private struct State {
        var rung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Locked(State())

    func ring() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.rung = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at once if the bell was rung since the last wait.
    func wait() async {
        await withCheckedContinuation { continuation in
            let already = state.withLock { state -> Bool in
                if state.rung {
                    state.rung = false
                    return true
                }
                state.waiter = continuation
                return false
            }
            if already { continuation.resume() }
        }
    }
}
