// What a person does about an alert, and what follows: pure, and the same deed twice changes nothing more.

package enum Deed: Sendable, Hashable {
    /// Somebody takes care of it.
    case acknowledge
    /// Not before then.
    case snooze(until: Timestamp)
    case unsnooze
    /// It is over, whatever the providers say: this episode is not told again.
    case close
    case note(String)
}

/// Why a deed is refused; nothing has changed then.
package enum DeedRefusal: Error, Hashable {
    /// The end of the snooze is not after now, or further away than `Deed.longestSnooze`.
    case snoozeOutOfRange
    /// The alert is closed already.
    case closed
    /// A matter of the service is over when its cause is.
    case endsByItself
    /// The note is empty, or longer than `Deed.longestNote` characters.
    case noteOutOfRange
}

extension Deed {
    package static let snoozeDays = 1...60
    package static let longestSnooze = Duration.days(120)
    package static let longestNote = 1000
}

/// Why the words of a deed cannot be used, for whoever wrote them.
package struct DeedProblem: Error, Hashable, CustomStringConvertible {
    package let description: String
}

extension Deed {
    package static let names = ["ack", "snooze", "unsnooze", "close", "note"]

    /// A deed as a person words it.
    ///
    /// - Parameters:
    ///   - name: One of `names`.
    ///   - argument: For `snooze` a number of working days or a date, at whose beginning it ends; for `note` the text.
    package init(_ name: String, _ argument: String?, _ rules: Rules, at now: Timestamp) throws(DeedProblem) {
        switch name {
        case "ack": self = .acknowledge
        case "unsnooze": self = .unsnooze
        case "close": self = .close
        case "note": self = .note(argument ?? "")
        case "snooze": self = .snooze(until: try Self.end(argument ?? "", rules.peopleDays, now))
        default: throw DeedProblem(description: "there is no \(name); there are \(Self.names.joined(separator: ", "))")
        }
    }

    private static func end(_ text: String, _ days: WorkingDays, _ now: Timestamp) throws(DeedProblem) -> Timestamp {
        if let written = try? ISO8601(text), written.secondOfDay == nil {
            let end = days.zone.firstInstant(of: written.date)
            if end > now, end - now <= longestSnooze { return end }
        } else if let count = Int(text), snoozeDays.contains(count),
            let end = days.due(from: .instant(now), after: count)?.instant
        {
            return end
        }
        let last = days.zone.date(of: now + longestSnooze)
        throw DeedProblem(
            description: "a snooze takes \(snoozeDays.lowerBound) to \(snoozeDays.upperBound) working days, "
                + "or a date after today and until \(last)")
    }
}

extension DeedRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .snoozeOutOfRange:
            "the end of a snooze lies after now and within \(Deed.longestSnooze.milliseconds / 86_400_000) days"
        case .closed: "the alert is closed"
        case .endsByItself: "this alert ends with its cause; take it on or snooze it instead"
        case .noteOutOfRange: "a note has 1 to \(Deed.longestNote) characters"
        }
    }
}

/// - Parameter who: As it is recorded, such as `cli:anna`.
/// - Returns: Nil where it is so already.
package func change(
    _ alert: Alert, by deed: Deed, of who: String, at now: Timestamp
) throws(DeedRefusal) -> AlertChange? {
    var changed = alert
    func made(_ change: Change, note: String? = nil) -> AlertChange {
        AlertChange(alert: changed, change: change, at: now, cause: .byHand, by: who, note: note)
    }
    switch deed {
    case .note(let text):
        guard !text.isEmpty, text.count <= Deed.longestNote else { throw .noteOutOfRange }
        return made(.noted, note: text)
    case .close:
        guard alert.isOpen else { return nil }
        guard !alert.kind.isAboutService else { throw .endsByItself }
        changed.closedAt = now
        changed.facts.cause = .byHand
        changed.facts.closedBy = who
        changed.facts.movedAt = Since(now, .seen)
        return made(.closed)
    case .acknowledge:
        guard alert.isOpen else { throw .closed }
        guard alert.acknowledged == nil else { return nil }
        changed.acknowledged = Alert.Act(by: who, at: now)
        return made(.acknowledged)
    case .snooze(let until):
        guard alert.isOpen else { throw .closed }
        guard until > now, until - now <= Deed.longestSnooze else { throw .snoozeOutOfRange }
        guard alert.snoozed?.until != until else { return nil }
        changed.snoozed = Alert.Snooze(until: until, by: who)
        return made(.snoozed)
    case .unsnooze:
        guard alert.isOpen else { throw .closed }
        guard alert.isSnoozed(at: now) else { return nil }
        // Over now, not gone: what it held back is told, as at any snooze's end.
        changed.snoozed = Alert.Snooze(until: now, by: who)
        return made(.unsnoozed)
    }
}
