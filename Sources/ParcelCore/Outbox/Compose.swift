// From due outbox rows to one message per recipient and channel: what changed twice before it could be told is told
// once, in the state it has now.

/// One matter in a message.
package struct MessageItem: Sendable, Hashable {
    package enum Telling: String, Sendable, Hashable, Codable {
        case opened, escalated, reminded, closed
        /// Opened and closed before anybody was told: one line instead of two messages.
        case wasSilent = "was_silent"
    }

    package var telling: Telling
    package var kind: AlertKind
    package var alert: Int64
    package var level: Level
    package var isOverview: Bool
    package var facts: AlertFacts
    package var changedAt: Timestamp
    /// Rows that it covers.
    package var rows: [Int64]

    package init(
        telling: Telling, kind: AlertKind, alert: Int64, level: Level, isOverview: Bool, facts: AlertFacts,
        changedAt: Timestamp, rows: [Int64]
    ) {
        self.telling = telling
        self.kind = kind
        self.alert = alert
        self.level = level
        self.isOverview = isOverview
        self.facts = facts
        self.changedAt = changedAt
        self.rows = rows
    }
}

/// The items of one message, worst first, then in the order in which they came about.
///
/// - Parameter rows: Due rows of one recipient and channel, in the order of their row ids.
package func compose(_ rows: [OutboxRow]) -> [MessageItem] {
    var items: [MessageItem] = []
    var position: [Int64: Int] = [:]
    for row in rows {
        guard let id = row.rowID, let alert = row.alert else { continue }
        guard let at = position[alert] else {
            position[alert] = items.count
            items.append(
                MessageItem(
                    telling: telling(row.change), kind: row.kind, alert: alert, level: row.level,
                    isOverview: row.isOverview, facts: row.facts, changedAt: row.createdAt, rows: [id]))
            continue
        }
        items[at].rows.append(id)
        items[at].level = row.level
        items[at].facts = row.facts
        items[at].changedAt = row.createdAt
        switch (items[at].telling, row.change) {
        // What nobody heard of is opened at the level it has by now, not escalated.
        case (.opened, .escalated), (.opened, .reminded), (.escalated, .reminded): break
        case (.opened, .closed): items[at].telling = .wasSilent
        default: items[at].telling = telling(row.change)
        }
    }
    return items.enumerated().sorted { left, right in
        let (a, b) = (urgency(left.element), urgency(right.element))
        return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
}

private func telling(_ change: Change) -> MessageItem.Telling {
    switch change {
    case .opened: .opened
    case .escalated: .escalated
    case .reminded: .reminded
    case .closed: .closed
    }
}

private func urgency(_ item: MessageItem) -> Int {
    switch item.telling {
    case .opened, .escalated, .reminded: (item.isOverview ? 2 : 0) + (item.level == .critical ? 0 : 1)
    case .closed: 4
    case .wasSilent: 5
    }
}
