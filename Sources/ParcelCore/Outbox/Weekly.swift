// The summary that each recipient gets when the first window of a week opens: what is open, what the week before brought,
// and how long things were silent in it. It comes also when there is nothing to tell, so that silence is never mistaken
// for death.

package struct WeeklySummary: Sendable, Hashable {
    package struct Silence: Sendable, Hashable {
        package var contact: ContactRole?
        package var stage: Stage
        /// Tenths of a working day; nil where nothing was silent in that week.
        package var average: Int?
        package var averageBefore: Int?

        package init(contact: ContactRole?, stage: Stage, average: Int?, averageBefore: Int?) {
            self.contact = contact
            self.stage = stage
            self.average = average
            self.averageBefore = averageBefore
        }
    }

    /// Monday and Sunday of the week that is over.
    package var first: LocalDate
    package var last: LocalDate
    /// Unfinished things.
    package var watched: Int
    package var lastSuccessAt: Timestamp?
    package var critical = 0
    package var warnings = 0
    /// In that week.
    package var opened = 0
    package var closed = 0
    package var silences: [Silence] = []
    /// Of what is open the oldest, at most ten.
    package var longest: [MessageItem] = []

    package init(after first: LocalDate, watched: Int, lastSuccessAt: Timestamp?) {
        self.first = first
        last = first.adding(days: 6)
        self.watched = watched
        self.lastSuccessAt = lastSuccessAt
    }
}

/// An alert with when its thing was last confirmed to be as it says.
package struct WeeklyAlert: Sendable, Hashable {
    package var alert: Alert
    package var confirmedAt: Timestamp?

    package init(_ alert: Alert, confirmedAt: Timestamp?) {
        self.alert = alert
        self.confirmedAt = confirmedAt
    }
}

/// A week in a recipient's zone, by its Monday.
package struct Week: Sendable, Hashable {
    package let monday: LocalDate

    package init(of date: LocalDate) { monday = date.adding(days: 1 - date.weekday) }

    package var before: Week { Week(of: monday.adding(days: -7)) }
    package var after: Week { Week(of: monday.adding(days: 7)) }

    /// `2026-W48`, ISO 8601: a week belongs to the year that its Thursday is in.
    package var name: String {
        let thursday = monday.adding(days: 3)
        let first = LocalDate(year: thursday.year, month: 1, day: 1)?.ordinal ?? thursday.ordinal
        return "\(thursday.year)-W\(padded((thursday.ordinal - first) / 7 + 1, 2))"
    }

    func span(_ zone: Zone) -> Range<Timestamp> {
        zone.firstInstant(of: monday)..<zone.firstInstant(of: after.monday)
    }

    /// When the summary of the week before is to be told; nil where no window opens in this one.
    package func opening(of window: DeliveryWindow) -> Timestamp? {
        let span = span(window.days.zone)
        let opening = window.next(from: span.lowerBound)
        return span.contains(opening) ? opening : nil
    }

    /// When the next summary after this week's is to be told; nil where no week of a year has a window.
    package func nextOpening(of window: DeliveryWindow) -> Timestamp? {
        var week = after
        for _ in 0..<53 {
            if let opening = week.opening(of: window) { return opening }
            week = week.after
        }
        return nil
    }
}

/// - Parameters:
///   - alerts: All that are open, and those that closed in the two weeks before.
///   - week: The one that has begun.
///   - zone: In which it begins.
package func weeklySummary(
    _ alerts: [WeeklyAlert], week: Week, zone: Zone, watched: Int, lastSuccessAt: Timestamp?, _ rules: Rules
) -> WeeklySummary {
    var summary = WeeklySummary(after: week.before.monday, watched: watched, lastSuccessAt: lastSuccessAt)
    let past = week.before.span(zone)
    let open = alerts.map(\.alert).filter(\.isOpen)
    summary.critical = open.count { $0.level == .critical }
    summary.warnings = open.count - summary.critical
    summary.opened = alerts.count { past.contains($0.alert.openedAt) }
    summary.closed = alerts.count { $0.alert.closedAt.map(past.contains) ?? false }
    let (now, before) = (averages(alerts, past, rules), averages(alerts, week.before.before.span(zone), rules))
    summary.silences = Set(now.keys).union(before.keys).sorted().map {
        WeeklySummary.Silence(contact: $0.contact, stage: $0.stage, average: now[$0], averageBefore: before[$0])
    }
    let oldest = alerts.filter(\.alert.isOpen).sorted {
        ($0.alert.openedAt, $0.alert.rowID ?? 0) < ($1.alert.openedAt, $1.alert.rowID ?? 0)
    }.prefix(10)
    summary.longest = oldest.map { item($0, rules) }
    return summary
}

private struct Place: Hashable, Comparable {
    var contact: ContactRole?
    var stage: Stage

    static func < (left: Place, right: Place) -> Bool { left.order < right.order }

    private var order: (Int, Int) {
        (
            contact.flatMap { ContactRole.allCases.firstIndex(of: $0) } ?? .max,
            Stage.allCases.firstIndex(of: stage) ?? .max
        )
    }
}

/// By contact and stage: how many working days what was silent in a week had been so at its end, in tenths.
private func averages(_ alerts: [WeeklyAlert], _ week: Range<Timestamp>, _ rules: Rules) -> [Place: Int] {
    var days: [Place: [Int]] = [:]
    for known in alerts {
        let alert = known.alert
        guard alert.kind.isSilence, let stage = alert.facts.stage, alert.openedAt < week.upperBound,
            alert.closedAt ?? .distantFuture >= week.lowerBound
        else { continue }
        let place = Place(contact: alert.facts.firstContact, stage: stage)
        // The first instant after it is another day, which may work.
        days[place, default: []].append(silence(known, until: week.upperBound - .milliseconds(1), rules))
    }
    return days.mapValues { ($0.reduce(0, +) * 10 + $0.count / 2) / $0.count }
}

/// Working days up to when its thing moved, or was last confirmed not to have moved.
private func silence(_ known: WeeklyAlert, until limit: Timestamp, _ rules: Rules) -> Int {
    let (alert, facts) = (known.alert, known.alert.facts)
    let start = facts.since?.at ?? alert.openedAt
    let confirmed = [known.confirmedAt, facts.confirmedAt].compactMap(\.self).max() ?? alert.openedAt
    let end = min(limit, alert.closedAt.map { min($0, facts.movedAt?.at ?? $0) } ?? confirmed)
    guard end > start else { return 0 }
    return rules.days(facts.stage ?? .unmapped).elapsed(from: .instant(start), to: .instant(end)).days
}

/// The alert as a message would tell it now, and not as a reminder: each has its own.
private func item(_ known: WeeklyAlert, _ rules: Rules) -> MessageItem {
    let alert = known.alert
    var facts = alert.facts
    if alert.kind.isSilence { facts.workingDays = silence(known, until: .distantFuture, rules) }
    return MessageItem(
        telling: .opened, kind: alert.kind, alert: alert.rowID ?? 0, level: alert.level, isOverview: false,
        facts: facts, changedAt: alert.openedAt, rows: [])
}
