// From what is true of a family now to what changed since it was last told: alerts open, escalate, close and come back.
// Pure and idempotent: the same family and the same alerts again change nothing.

/// - Parameters:
///   - known: Every alert about the family's things, closed ones too: what was told once is not told again.
/// - Returns: The changes, in the order in which they are to be told.
package func transitions(
    of family: Family, _ assessments: [Assessment], known: [Alert], _ rules: Rules, at now: Timestamp
) -> [AlertChange] {
    let family = family.linked()
    let known = Dictionary(grouping: known.filter { !$0.kind.isAboutService }, by: \.thing)
    var changes: [AlertChange] = []
    for assessment in assessments {
        guard let thing = family[assessment.thing] else { continue }
        let facts = facts(of: thing, assessment, in: family, rules)
        let own = known[thing.id, default: []]
        let matters = matters(of: thing, assessment, facts, known: own, in: family, rules, now)
        for alert in own where alert.isOpen && !matters.contains(where: { $0.isSame(as: alert) }) {
            guard let change = closing(alert, thing, in: family, assessment, facts, now) else { continue }
            changes.append(change)
        }
        changes += matters.compactMap { change(by: $0, known: own, rules, now) }
    }
    return changes
}

/// What a matter changes about the alerts that are known of its thing; nil where it was told as it is.
private func change(by matter: Matter, known own: [Alert], _ rules: Rules, _ now: Timestamp) -> AlertChange? {
    let same = own.filter { matter.isSame(as: $0) }
    if let open = same.first(where: \.isOpen) {
        guard open.level != matter.alert.level else { return nil }
        let isWorse = open.level < matter.alert.level
        var alert = open
        alert.level = matter.alert.level
        // A snooze that is over is told with it.
        if !alert.isSnoozed(at: now) { alert.snoozed = nil }
        alert.facts = matter.alert.facts
        alert.facts.keepEpisode(of: open.facts)
        alert.toldAt = now
        return AlertChange(
            alert: alert, change: isWorse ? .escalated : .lowered, at: now, cause: isWorse ? .threshold : .recomputed)
    }
    if let last = same.last(where: { !$0.isOpen }) {
        // What a person closed stays closed until something else happens.
        guard last.facts.cause != .byHand else { return nil }
        if matter.alert.kind.isSilence || comesBack(last, rules, now) {
            return AlertChange(
                alert: last.reopened(as: matter.alert, at: now), change: .reopened, at: now, cause: matter.cause)
        }
    }
    return AlertChange(alert: matter.alert, change: .opened, at: now, cause: matter.cause)
}

/// Whether it closed less than a working day ago: a status that flips to and fro between two providers is one episode.
private func comesBack(_ last: Alert, _ rules: Rules, _ now: Timestamp) -> Bool {
    guard let closedAt = last.closedAt else { return false }
    return rules.days(last.facts.stage ?? .payment).due(from: .instant(closedAt), after: 1)
        .map { now < $0.instant } ?? false
}

extension Alert {
    fileprivate func reopened(as present: Alert, at now: Timestamp) -> Alert {
        var alert = self
        alert.kind = present.kind
        alert.key = present.key
        alert.closedAt = nil
        alert.level = present.level
        alert.facts = present.facts
        alert.facts.reopenings = (facts.reopenings ?? 0) + 1
        alert.acknowledged = nil
        alert.snoozed = nil
        alert.toldAt = now
        return alert
    }
}

/// Nil where the alert stays open although its cause is gone: what has happened for good waits for a person.
private func closing(
    _ alert: Alert, _ thing: Thing, in family: Family, _ assessment: Assessment, _ facts: AlertFacts, _ now: Timestamp
) -> AlertChange? {
    if alert.kind == .refund, thing.ending == .refunded || thing.ending == nil && thing.stage == nil { return nil }
    if let condition = alert.facts.condition, let ending = Ending(terminal: condition), ending == thing.ending {
        return nil
    }
    let cause: Cause
    switch assessment.calm {
    case .joined: cause = .joined
    case .finished: cause = .finished
    case _ where assessment.disagreements.contains { alert.kind == .twoNumbers && $0.isInRole(of: alert.key) }:
        cause = .superseded
    case _ where assessment.since.at > (alert.facts.since?.at ?? alert.openedAt): cause = .moved
    case .waitsFor, .carried, .orderWatched, .itemsWatched: cause = .waits
    // A condition that is no longer reported, a thing that is listed again: it moved.
    case nil where assessment.stage != alert.facts.stage || alert.kind != .stall && alert.kind != .contradiction:
        cause = .moved
    case nil: cause = .recomputed
    }
    var closed = alert
    closed.closedAt = now
    closed.facts.cause = cause
    closed.facts.newStatus = family.lastWords(about: thing) ?? facts.statusText
    closed.facts.movedAt = thing.isFinished ? thing.endedAt.map { Since($0, .seen) } : assessment.since
    return AlertChange(alert: closed, change: .closed, at: now, cause: cause)
}
