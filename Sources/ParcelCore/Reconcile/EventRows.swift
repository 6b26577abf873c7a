// Which of the events that one provider told of one thing an answer tells again, leaves out, or tells in other words.

struct EventRows {
    /// Places of the thing's events by identity.
    let known: [Int64: Int]
    /// Of this provider's, those that the answer does not tell any more.
    let untold: [Int]
    private var byRow: [Row: [Int]] = [:]

    private struct Row: Hashable {
        var code: String
        var given: String?
        var place: String
    }

    /// - Parameter told: Identities of all that the answer tells.
    init(_ events: [Event], told: Set<Int64>, _ provider: ProviderID, _ source: String) {
        var known: [Int64: Int] = [:]
        var untold: [Int] = []
        for (index, event) in events.enumerated() {
            known[event.identity] = known[event.identity] ?? index
            guard event.kind == .checkpoint, event.provider == provider, event.source == source,
                event.withdrawnAt == nil, !told.contains(event.identity)
            else { continue }
            untold.append(index)
        }
        for index in untold.reversed() {
            let event = events[index]
            byRow[Row(code: event.code, given: event.given, place: event.place), default: []].append(index)
        }
        self.known = known
        self.untold = untold
    }

    /// The event that the row tells in other words: a text that changes is no movement. A row without code and time is
    /// nothing but its text.
    mutating func rewritten(by checkpoint: Checkpoint) -> Int? {
        guard !checkpoint.code.isEmpty || checkpoint.time.text != nil else { return nil }
        let row = Row(code: checkpoint.code, given: checkpoint.time.text, place: checkpoint.place)
        return byRow[row]?.popLast()
    }
}
