// What time alone does to an open alert: a reminder where nobody took care of it, and the end of a snooze.

/// When time alone does something about an alert next; nil where it never will.
///
/// An acknowledged alert is not reminded of. A snoozed one is told again when the snooze ends, acknowledged or not:
/// that is what the person asked for.
package func nextReminder(of alert: Alert, _ rules: Rules) -> Timestamp? {
    guard alert.isOpen else { return nil }
    if let snoozed = alert.snoozed { return snoozed.until }
    // A warning either moves or gets worse, which is told.
    guard alert.acknowledged == nil, alert.level == .critical, let count = rules.reminderDays(of: alert.kind) else {
        return nil
    }
    return rules.peopleDays.due(from: .instant(alert.toldAt ?? alert.openedAt), after: count)?.instant
}

/// The reminders that are due. Of a silence only once a poll confirmed since then that it goes on: a thing that may
/// have moved is not told to stand still.
///
/// - Parameter known: Open alerts about the family's things.
package func reminders(
    of family: Family, _ assessments: [Assessment], known: [Alert], _ rules: Rules, at now: Timestamp
) -> [AlertChange] {
    let family = family.linked()
    return known.compactMap { alert in
        guard let id = alert.thing, let due = nextReminder(of: alert, rules), due <= now, let thing = family[id],
            let assessment = assessments.first(where: { $0.thing == id })
        else { return nil }
        var reminded = alert
        if alert.kind.isSilence {
            guard let confirmed = assessment.confirmedAt, confirmed >= due else { return nil }
            let kept = reminded.facts
            reminded.facts = facts(of: thing, assessment, in: family, rules)
            reminded.facts.keepEpisode(of: kept)
        }
        return reminder(of: reminded, at: now)
    }
}

/// The same alert told again.
package func reminder(of alert: Alert, at now: Timestamp) -> AlertChange {
    var reminded = alert
    reminded.snoozed = nil
    reminded.toldAt = now
    return AlertChange(
        alert: reminded, change: .reminded, at: now, cause: alert.snoozed == nil ? .overdue : .snoozeOver)
}

extension Rules {
    /// After how many working days of nobody's doing anything people are reminded; nil: never.
    package func reminderDays(of kind: AlertKind) -> Int? {
        switch kind {
        // A key that is refused waits for a person every working day.
        case .authentication: 1
        // These end by themselves, and whoever reads them cannot hasten it.
        case .providerDown, .cannotBeChecked, .clock, .database: nil
        // Told once, as its text says: nothing more will happen to the thing.
        case .refund: nil
        case .stall, .contradiction, .condition, .vanished, .signed, .twoNumbers, .channelRefused,
            .coverageEnds, .templateBroken:
            settings.remindAfter
        }
    }

    /// The days on which the shop's people work.
    package var peopleDays: WorkingDays { days(.payment) }
}
