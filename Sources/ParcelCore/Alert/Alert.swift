// An alert is an open matter about one thing or one provider: one row per episode. Its facts are all that a text about
// it needs, as they were when they were decided, so that a message repeated days later says the same.

package enum AlertKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Silence reached a threshold.
    case stall
    /// Silence reached a threshold, while another provider says that the thing is finished.
    case contradiction
    /// «Невозможно поставить»: the sum comes back.
    case refund
    case condition
    /// Absent from two complete passes, and not found when asked for by its id.
    case vanished
    /// The courier says that it was signed for at the warehouse, which has not registered it.
    case signed
    /// Two providers give different numbers in one role.
    case twoNumbers = "two_numbers"
    /// Unconfirmed one working day after a threshold; grouped by provider and reason.
    case cannotBeChecked = "cannot_be_checked"
    case providerDown = "provider_down"
    case authentication
    case clock
    case channelRefused = "channel_refused"
    case coverageEnds = "coverage_ends"
    /// A template of the user's own cannot be used; texts are the built-in ones.
    case templateBroken = "template_broken"
    /// The database cannot be written, so nothing new is recorded or told.
    case database

    /// A matter of the service itself, not of a thing.
    package var isAboutService: Bool {
        switch self {
        case .stall, .contradiction, .refund, .condition, .vanished, .signed, .twoNumbers: false
        case .cannotBeChecked, .providerDown, .authentication, .clock, .channelRefused, .coverageEnds, .templateBroken,
            .database:
            true
        }
    }

    /// Silence that reached a threshold, whoever disagrees.
    package var isSilence: Bool { self == .stall || self == .contradiction || self == .signed }
}

package struct Alert: Sendable, Hashable {
    package var rowID: Int64?
    package var kind: AlertKind
    /// The thing it is about; nil for a matter of the service.
    package var thing: ThingID?
    /// Tells the episode from all others of its thing: the same matter again has the same key, a new episode another.
    package var key: String
    package var level: Level
    package var openedAt: Timestamp
    package var closedAt: Timestamp?
    /// It had begun before parceld first saw the thing: told by one overview.
    package var isOverview: Bool
    package var facts: AlertFacts
    /// Somebody takes care of it: nobody is reminded. Ends with the episode.
    package var acknowledged: Act?
    /// Nothing is told of it before then, unless it closes.
    package var snoozed: Snooze?
    /// When people were last told of it, or would have been; reminders count from then.
    package var toldAt: Timestamp?

    package init(
        kind: AlertKind, thing: ThingID?, key: String, level: Level, openedAt: Timestamp, isOverview: Bool = false,
        facts: AlertFacts
    ) {
        self.kind = kind
        self.thing = thing
        self.key = key
        self.level = level
        self.openedAt = openedAt
        self.isOverview = isOverview
        self.facts = facts
    }
}

extension Alert {
    /// Who did something, and when: `cli:anna`, `telegram:Anna`.
    package struct Act: Sendable, Hashable {
        package var by: String
        package var at: Timestamp

        package init(by: String, at: Timestamp) {
            self.by = by
            self.at = at
        }
    }

    package struct Snooze: Sendable, Hashable {
        package var until: Timestamp
        package var by: String

        package init(until: Timestamp, by: String) {
            self.until = until
            self.by = by
        }
    }

    package var isOpen: Bool { closedAt == nil }
    package func isSnoozed(at now: Timestamp) -> Bool { snoozed.map { $0.until > now } ?? false }
}

package enum Change: String, Sendable, Hashable, Codable, CaseIterable {
    case opened, escalated, reminded, closed
    /// It came back within a working day after it closed, or the same silence did: no new episode.
    case reopened
    /// Rules or calendars were corrected: critical before, a warning now.
    case lowered
    case acknowledged, snoozed, unsnoozed, noted

    /// A step that people are told of; the others are only recorded, and shown where somebody looks.
    package var isTold: Bool {
        switch self {
        case .opened, .escalated, .reminded, .closed, .reopened, .lowered: true
        case .acknowledged, .snoozed, .unsnoozed, .noted: false
        }
    }
}

/// One recorded step of an alert's life. It and its notifications are committed with the state that caused it.
package struct AlertChange: Sendable, Hashable {
    /// Who changes what nobody asked for.
    package static let daemon = "parceld"

    package var alert: Alert
    package var change: Change
    package var at: Timestamp
    package var cause: Cause
    package var by: String
    /// A person's words.
    package var note: String?

    package init(
        alert: Alert, change: Change, at: Timestamp, cause: Cause, by: String = AlertChange.daemon, note: String? = nil
    ) {
        self.alert = alert
        self.change = change
        self.at = at
        self.cause = cause
        self.by = by
        self.note = note
    }
}

/// Why an alert changed.
package enum Cause: String, Sendable, Hashable, Codable {
    case threshold, reported
    case moved, finished
    /// It waits for a sibling now, or its parcel is watched instead.
    case waits
    /// It turned out to be the same thing as another one.
    case joined
    /// The provider answers again, the clock is right again.
    case recovered
    /// Rules, calendars or the configuration changed, not the thing.
    case recomputed
    /// Something else is wrong there by now.
    case superseded
    /// Nobody did anything about it for so many working days.
    case overdue
    /// A snooze ended.
    case snoozeOver = "snooze_over"
    /// A person did it.
    case byHand = "by_hand"
}
