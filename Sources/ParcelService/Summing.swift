// The weekly summaries of one channel: stored state + now -> summary -> message -> [commit]. Whether one was made is in the
// database, under a key that its week, recipient and channel give: a restart neither repeats nor loses it.

import ParcelCore
import ParcelStore

extension Store {
    /// Writes down the summaries that are due.
    ///
    /// - Returns: Whether there are any, and when the next may be.
    func sumUp(
        _ channel: any Channel, _ around: Surroundings, at now: Timestamp
    ) throws(StoreError) -> (isAny: Bool, next: Timestamp?) {
        var (isAny, next) = (false, Timestamp?.none)
        func note(_ instant: Timestamp?) { next = [next, instant].compactMap(\.self).min() }
        let health = try health()
        // Nothing is summed up of a week in which nobody looked.
        guard let beginning = health.compactMap(\.firstPassAt).min() else { return (false, nil) }
        for recipient in around.recipients
        where recipient.wantsWeeklySummary && recipient.channels.contains(channel.name) {
            let week = Week(of: recipient.window.days.zone.date(of: now))
            let key = summaryKey(week, recipient.name, channel.name)
            guard let opening = week.opening(of: recipient.window), opening >= beginning, !(try hasMessage(key)),
                !(try wasSummed(summaryPrefix(week), recipient.name, otherThan: recipient.channels))
            else {
                note(week.nextOpening(of: recipient.window))
                continue
            }
            let due = max(opening, recipient.window.next(from: now))
            guard due <= now else {
                note(due)
                continue
            }
            // What is under way goes first; its end wakes this lane again.
            guard !(try isTelling(recipient.name, through: channel.name)) else { continue }
            var message = Message(
                items: [], language: recipient.language, zone: recipient.zone, dedupKey: key, composedAt: now)
            message.templates = around.templates.texts()
            message.summary = try summary(
                week, for: recipient, around, lastSuccessAt: health.compactMap(\.lastSuccessAt).max())
            try createMessage(
                for: recipient.name, channel: channel.name, dedupKey: key, parts: channel.parts(of: message), rows: [],
                at: now)
            isAny = true
            note(week.nextOpening(of: recipient.window))
        }
        return (isAny, next)
    }

    private func summary(
        _ week: Week, for recipient: Recipient, _ around: Surroundings, lastSuccessAt: Timestamp?
    ) throws(StoreError) -> WeeklySummary {
        let zone = recipient.window.days.zone
        let alerts = try weeklyAlerts(since: zone.firstInstant(of: week.before.before.monday)).filter { known in
            audience(of: known.alert, among: around.recipients).contains { $0.name == recipient.name }
        }
        return weeklySummary(
            alerts, week: week, zone: zone, watched: try watchedCount(), lastSuccessAt: lastSuccessAt, around.rules)
    }
}

/// Of letters that any header can carry, whatever the names are.
private func summaryKey(_ week: Week, _ recipient: String, _ channel: String) -> String {
    var print = Fingerprint()
    print.add(recipient)
    print.add(channel)
    return summaryPrefix(week) + String(UInt64(bitPattern: print.value), radix: 16)
}

private func summaryPrefix(_ week: Week) -> String { "parceld-weekly-\(week.name)-" }
