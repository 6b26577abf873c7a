// Keeps the journal readable when one thing goes wrong again and again: the first of equal lines is written, those that
// follow it for a while are counted, and then the count is. Lines are equal if everything in them is: what differs in a
// value is never hidden.

import ParcelCore

final class Repeats: Sendable {
    static let period = Duration.minutes(10)
    /// Of lines that are remembered; beyond it the oldest are told early.
    static let capacity = 1000

    private struct Seen {
        var since: Timestamp
        var hidden = 0
        /// In the order of first lines.
        var place: Int
    }

    private struct State {
        var seen: [JournalEntry: Seen] = [:]
        var lastPlace = 0

        mutating func takeEnded(_ isEnded: (Seen) -> Bool) -> [JournalEntry] {
            let ended = seen.filter { isEnded($0.value) }
            for entry in ended.keys { seen[entry] = nil }
            return ended.filter { $0.value.hidden > 0 }.sorted { $0.value.place < $1.value.place }.map { entry, seen in
                let minutes = Repeats.period.milliseconds / 60_000
                var count = entry
                count.message += " … \(seen.hidden) more time\(seen.hidden == 1 ? "" : "s") in the last \(minutes) min"
                return count
            }
        }
    }

    private let state = Locked(State())

    /// What is to be written when this line comes: itself if it is none of those that are counted, and counts that ended.
    func lines(for entry: JournalEntry, at now: Timestamp) -> [JournalEntry] {
        state.withLock { state in
            var lines = state.takeEnded { Repeats.isOver($0.since, now) }
            if state.seen[entry] != nil {
                state.seen[entry]?.hidden += 1
                return lines
            }
            if state.seen.count >= Repeats.capacity {
                let oldest = state.seen.values.map(\.place).min()
                lines += state.takeEnded { $0.place == oldest }
            }
            state.lastPlace += 1
            state.seen[entry] = Seen(since: now, place: state.lastPlace)
            return lines + [entry]
        }
    }

    /// - Parameter now: Nil: all.
    func ended(by now: Timestamp?) -> [JournalEntry] {
        state.withLock { state in
            state.takeEnded { seen in now.map { Repeats.isOver(seen.since, $0) } ?? true }
        }
    }

    /// A clock that was set back ends it too.
    private static func isOver(_ since: Timestamp, _ now: Timestamp) -> Bool { now - since >= period || now < since }
}
