// From due outbox rows to one message per recipient and channel: what changed twice before it could be told is told
// once, in the state it has now.

/// One matter in a message.
package struct MessageItem: Sendable, Hashable {
    package enum Telling: String, Sendable, Hashable, Codable {
        case opened, escalated, reminded, closed
        /// It came back.
        case reopened
        /// By corrected rules or calendars it is less bad.
        case lowered
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

/// The items of one message, worst first, then in the order in which they came about. May be empty: what closed and came
/// back before anybody was told needs no words.
///
/// - Parameter rows: Due rows of one recipient and channel, in the order of their row ids.
package func compose(_ rows: [OutboxRow]) -> [MessageItem] {
    var order: [Int64] = []
    var stories: [Int64: [OutboxRow]] = [:]
    for row in rows {
        guard row.rowID != nil, let alert = row.alert else { continue }
        if stories[alert] == nil { order.append(alert) }
        stories[alert, default: []].append(row)
    }
    let items = order.compactMap { alert in item(stories[alert] ?? [], alert) }
    return items.enumerated().sorted { left, right in
        let (a, b) = (urgency(left.element), urgency(right.element))
        return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
}

private func item(_ rows: [OutboxRow], _ alert: Int64) -> MessageItem? {
    guard let first = rows.first, let last = rows.last, let telling = telling(rows) else { return nil }
    return MessageItem(
        telling: telling, kind: last.kind, alert: alert, level: last.level, isOverview: first.isOverview,
        facts: last.facts, changedAt: last.createdAt, rows: rows.compactMap(\.rowID))
}

/// How the steps that nobody was told of yet are told together; nil where they come to nothing.
private func telling(_ rows: [OutboxRow]) -> MessageItem.Telling? {
    guard let first = rows.first, let last = rows.last else { return nil }
    let isOver = last.change == .closed
    // The level that they heard of last.
    let heard: Level
    switch first.change {
    // What nobody heard of is opened at the level it has by now, not escalated. Another thing's alert tells the joined.
    case .opened: return !isOver ? .opened : last.facts.cause == .joined ? nil : .wasSilent
    // They were told that it is closed.
    case .reopened: return isOver ? nil : .reopened
    case .escalated: heard = .warning
    case .lowered: heard = .critical
    case .reminded, .closed, .acknowledged, .snoozed, .unsnoozed, .noted: heard = first.level
    }
    if isOver { return .closed }
    if last.level != heard { return last.level > heard ? .escalated : .lowered }
    return rows.contains { $0.change == .reminded } ? .reminded : nil
}

private func urgency(_ item: MessageItem) -> Int {
    switch item.telling {
    case .opened, .escalated, .reminded, .reopened: (item.isOverview ? 2 : 0) + (item.level == .critical ? 0 : 1)
    case .lowered, .closed: 4
    case .wasSilent: 5
    }
}
