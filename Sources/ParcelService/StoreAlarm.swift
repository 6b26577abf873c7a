// What happens while the database cannot be written. Nothing can be recorded then, so nothing can be told in the usual way:
// each channel tells of it directly. Once it can be written again, the evaluator records it like any other matter.

import ParcelCore
import ParcelStore

package final class StoreAlarm: Sendable {
    /// From the first write that failed until one is known to have succeeded.
    struct Episode: Sendable, Equatable {
        var since: Timestamp
        var reason: String
        /// When it becomes worth telling.
        var tellAt: Timestamp
    }

    private struct Listener {
        weak var dispatcher: Dispatcher?
    }

    private struct State {
        var episode: Episode?
        /// Writes that failed and are tried again.
        var failing = 0
        var listeners: [Listener] = []
    }

    /// Another program may hold the file for some minutes.
    private static let patienceWithOthers = Duration.minutes(10)

    private let state = Locked(State())

    func add(_ dispatcher: Dispatcher) {
        state.withLock { state in
            state.listeners.removeAll { $0.dispatcher == nil }
            state.listeners.append(Listener(dispatcher: dispatcher))
        }
    }

    /// A write has failed that is tried on until `end`.
    func begin() { state.withLock { $0.failing += 1 } }

    /// A write failed, for the first time or once more: it is told wherever it was not yet.
    func fail(_ error: StoreError, at now: Timestamp) async {
        let (episode, dispatchers) = state.withLock { state -> (Episode, [Dispatcher]) in
            let tellAt = error == .busy ? now + StoreAlarm.patienceWithOthers : now
            var episode = state.episode ?? Episode(since: now, reason: error.code, tellAt: tellAt)
            if tellAt < episode.tellAt { (episode.tellAt, episode.reason) = (tellAt, error.code) }
            state.episode = episode
            return (episode, state.listeners.compactMap(\.dispatcher))
        }
        guard episode.tellAt <= now, let alert = episode.alert(at: now) else { return }
        for dispatcher in dispatchers { await dispatcher.tell(alert) }
    }

    /// It succeeded, or nobody tries it any more.
    func end(at now: Timestamp) {
        state.withLock { state in
            state.failing -= 1
            if state.failing == 0, let episode = state.episode, episode.tellAt > now { state.episode = nil }
        }
    }

    /// What is to be recorded by now.
    func episode(at now: Timestamp) -> Episode? {
        state.withLock { state in state.episode.flatMap { $0.tellAt <= now ? $0 : nil } }
    }

    /// An episode's alert is stored, so the database can be written.
    ///
    /// - Returns: Whether the episode is over: nothing else waits to be written either.
    func recorded(_ episode: Episode) -> Bool {
        state.withLock { state in
            guard state.failing == 0, state.episode?.since == episode.since else { return false }
            state.episode = nil
            return true
        }
    }
}

extension StoreAlarm.Episode {
    var problem: (since: Timestamp, reason: String) { (since, reason) }

    /// As it would be recorded.
    fileprivate func alert(at now: Timestamp) -> Alert? {
        var state = ServiceState()
        state.databaseProblem = problem
        return serviceTransitions(state, known: [], downAfter: .zero, at: now).first?.alert
    }
}

extension StoreError {
    /// As an alert's reason names it.
    fileprivate var code: String {
        switch self {
        case .full, .noRoom: "database_full"
        case .busy: "database_busy"
        case .io: "database_io"
        case .closed, .missing, .unwritable, .foreign, .newer, .locked, .damaged, .exists: "database_unwritable"
        }
    }
}
