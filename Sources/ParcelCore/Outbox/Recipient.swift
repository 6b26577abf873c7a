// Who is told, when, and through which channels.

package enum Language: String, Sendable, Hashable, Codable, CaseIterable { case ru, en }

/// When a recipient may be written to: on working days of a calendar, from `opens` until `closes` (not included).
package struct DeliveryWindow: Sendable {
    /// Seconds after midnight in the zone of `days`.
    package let opens: Int
    package let closes: Int
    package let days: WorkingDays

    package init(opens: Int, closes: Int, days: WorkingDays) {
        self.opens = opens
        self.closes = closes
        self.days = days
    }

    /// The first instant at or after `now` at which the window is open. `now` itself while it is; also where no day
    /// of the next year works, because late is better than never.
    package func next(from now: Timestamp) -> Timestamp {
        first(from: now) { date in
            let opening = days.zone.instants(of: date, secondOfDay: opens).earliest
            let closing = days.zone.instants(of: date, secondOfDay: closes).latest
            return now < closing ? max(now, opening) : nil
        }
    }

    /// The first of these times of a day, at or after `now`, on a day of the window; as `next` where there are none.
    ///
    /// - Parameter times: Seconds after midnight.
    package func next(from now: Timestamp, at times: [Int]) -> Timestamp {
        guard !times.isEmpty else { return next(from: now) }
        return first(from: now) { date in
            times.map { days.zone.instants(of: date, secondOfDay: $0).earliest }.filter { $0 >= now }.min()
        }
    }

    /// What the first working day, today or later, has; `now` where no day of the next year has it.
    private func first(from now: Timestamp, _ instant: (LocalDate) -> Timestamp?) -> Timestamp {
        let today = days.zone.date(of: now)
        for ahead in 0..<366 {
            let date = today.adding(days: ahead)
            if days.isWorking(date).working, let found = instant(date) { return found }
        }
        return now
    }
}

package struct Recipient: Sendable {
    package let name: String
    package let language: Language
    /// In which dates and times are written to them.
    package let zone: Zone
    package let window: DeliveryWindow
    /// Names of channels.
    package let channels: [String]
    /// What they want to be told of.
    package var selection = Selection.all
    /// When what has come about since the last time is told together, in seconds after midnight; none: as it comes.
    package var digestTimes: [Int] = []
    /// What does not wait for a digest.
    package var immediate = KindSet()
    /// What is immediate does not wait for the window either.
    package var isImmediateAnytime = false
    package var wantsWeeklySummary = false

    package init(name: String, language: Language, zone: Zone, window: DeliveryWindow, channels: [String]) {
        self.name = name
        self.language = language
        self.zone = zone
        self.window = window
        self.channels = channels
    }

    /// When they are told of a change that came about or may be told at `earliest`.
    package func due(_ change: AlertChange, from earliest: Timestamp) -> Timestamp {
        let isNews = [.opened, .escalated, .reopened].contains(change.change)
        // What had begun before parceld looked is told by one overview.
        guard isNews, immediate.contains(change.alert), !(change.alert.isOverview && change.change == .opened) else {
            return window.next(from: earliest, at: digestTimes)
        }
        return isImmediateAnytime ? earliest : window.next(from: earliest)
    }
}

/// One change of one alert that one recipient is to be told through one channel.
package struct OutboxRow: Sendable, Hashable {
    package var rowID: Int64?
    package var recipient: String
    package var channel: String
    /// Row id of the alert; nil until it is stored.
    package var alert: Int64?
    package var alertKey: String
    package var kind: AlertKind
    package var change: Change
    package var level: Level
    package var isOverview: Bool
    package var facts: AlertFacts
    package var createdAt: Timestamp
    package var notBefore: Timestamp

    package init(_ change: AlertChange, recipient: String, channel: String, notBefore: Timestamp) {
        self.recipient = recipient
        self.channel = channel
        alert = change.alert.rowID
        alertKey = change.alert.key
        kind = change.alert.kind
        self.change = change.change
        level = change.alert.level
        isOverview = change.alert.isOverview && change.change == .opened
        facts = change.alert.facts
        createdAt = change.at
        self.notBefore = notBefore
    }

    /// For the store, which reads one column after the other.
    package init(
        rowID: Int64, recipient: String, channel: String, alert: Int64, alertKey: String, kind: AlertKind,
        change: Change, level: Level, isOverview: Bool, facts: AlertFacts, createdAt: Timestamp, notBefore: Timestamp
    ) {
        self.rowID = rowID
        self.recipient = recipient
        self.channel = channel
        self.alert = alert
        self.alertKey = alertKey
        self.kind = kind
        self.change = change
        self.level = level
        self.isOverview = isOverview
        self.facts = facts
        self.createdAt = createdAt
        self.notBefore = notBefore
    }
}

/// When what a new installation meets at first is told in one overview: after the time that its details take, and on an even
/// minute, so that providers that answer seconds apart are told together. At most two hours later.
///
/// - Parameters:
///   - count: How many things the provider's lists showed; each may be asked about once.
///   - perSecond: Its requests a second.
package func overviewDue(after now: Timestamp, met count: Int, perSecond: Double) -> Timestamp {
    let (least, longest, grid) = (Duration.minutes(2), Duration.hours(2), Int64(120_000))
    let details = min(Double(count) / max(perSecond, 0.01), 7200)
    let earliest = now + min(longest, least + .seconds(Int64(details.rounded(.up))))
    return Timestamp(milliseconds: (earliest.milliseconds + grid - 1) / grid * grid)
}

/// Outbox rows for a change: one per recipient and channel, due when that recipient's window opens. The end of an alert is
/// for everybody; the store leaves out those who were not told of it.
///
/// - Parameter settledAt: Until then a new installation is still looking around; what had begun before it came is
///   held back so that one overview can tell it all.
package func notifications(
    for change: AlertChange, to recipients: [Recipient], at now: Timestamp, settledAt: Timestamp?,
    peopleDays: WorkingDays? = nil
) -> [OutboxRow] {
    guard change.change.isTold else { return [] }
    // Told at the level it has by then when the snooze ends.
    guard !change.alert.isSnoozed(at: now) || !change.alert.isOpen else { return [] }
    let held = change.alert.isOverview && change.change == .opened
    var earliest = held ? max(now, settledAt ?? now) : now
    // What comes and goes has been told to: its next end has to last before it is believed.
    if change.change == .closed, change.cause != .byHand, change.alert.facts.reopenings != nil, let peopleDays {
        earliest = peopleDays.due(from: .instant(now), after: 1)?.instant ?? now
    }
    let isBetter = change.change == .closed || change.change == .lowered
    func rows(_ recipients: [Recipient]) -> [OutboxRow] {
        recipients.flatMap { recipient in
            let due = recipient.due(change, from: earliest)
            // A refused channel is told about on the others.
            return recipient.channels.filter { $0 != change.alert.facts.channel }.map {
                OutboxRow(change, recipient: recipient.name, channel: $0, notBefore: due)
            }
        }
    }
    let found = rows(isBetter ? recipients : audience(of: change.alert, among: recipients))
    // Whoever would be told of a refused channel may have that one alone: then it is everybody's matter.
    return found.isEmpty && change.alert.kind == .channelRefused ? rows(recipients) : found
}
