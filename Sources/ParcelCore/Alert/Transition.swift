// From what is true of a family now to what changed since it was last told: alerts open, escalate and close.
// Pure and idempotent: the same family and the same open alerts again change nothing.

/// One matter that is true of a thing now.
private struct Matter {
    var alert: Alert
    /// Recorded once for ever: a refund or a condition does not come back after somebody closed it.
    var isOnce: Bool
}

/// - Parameters:
///   - known: Every open alert about the family's things, and the closed ones of kinds that are told once.
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
        let matters = matters(of: thing, assessment, facts, known: own, in: family, now)
        for alert in own where alert.closedAt == nil && !matters.contains(where: { $0.alert.key == alert.key }) {
            guard let change = closing(alert, thing, in: family, assessment, facts, now) else { continue }
            changes.append(change)
        }
        for matter in matters {
            let same = own.filter { $0.key == matter.alert.key }
            if let open = same.first(where: { $0.closedAt == nil }) {
                if open.level < matter.alert.level {
                    var alert = open
                    alert.level = matter.alert.level
                    alert.facts = matter.alert.facts
                    changes.append(AlertChange(alert: alert, change: .escalated, at: now, cause: .threshold))
                }
            } else if !(matter.isOnce && !same.isEmpty) {
                let cause: Cause = matter.isOnce ? .reported : .threshold
                changes.append(AlertChange(alert: matter.alert, change: .opened, at: now, cause: cause))
            }
        }
    }
    return changes
}

private func matters(
    of thing: Thing, _ assessment: Assessment, _ facts: AlertFacts, known: [Alert], in family: Family,
    _ now: Timestamp
) -> [Matter] {
    var found: [Matter] = []
    func add(_ kind: AlertKind, _ key: String, _ level: Level, began: Timestamp, once: Bool, _ facts: AlertFacts) {
        let alert = Alert(
            kind: kind, thing: thing.id, key: key, level: level, openedAt: now,
            isOverview: thing.isFirstSight && began <= thing.firstSeenAt, facts: facts)
        found.append(Matter(alert: alert, isOnce: once))
    }
    if thing.ending == .refunded {
        add(
            .refund, "refund/\(thing.endedAt?.milliseconds ?? 0)", .critical,
            began: thing.endedAt ?? now, once: true, facts)
    }
    var told: Set<Condition> = []
    for view in conditionViews(of: thing, in: family) {
        guard let condition = view.condition, told.insert(condition).inserted else { continue }
        var facts = facts
        facts.condition = condition
        facts.statusText = view.text
        facts.decider = view.provider
        // The same told by another provider, with its own time for it, is not told again.
        let open = known.first {
            $0.closedAt == nil && $0.facts.condition == condition && $0.facts.decider != view.provider
        }
        add(
            .condition, open?.key ?? "condition/\(condition.rawValue)/\(view.since.at.milliseconds)", .critical,
            began: view.since.at, once: true, facts)
    }
    for view in thing.views where view.isGone && !thing.isFinished && view.provider != .user {
        var facts = facts
        facts.provider = view.provider
        add(
            .vanished, "vanished/\(view.provider)/\(view.goneAt?.milliseconds ?? 0)", .warning,
            began: view.goneAt ?? now, once: true, facts)
    }
    if assessment.calm == nil, let level = assessment.level, let stage = assessment.stage {
        let kind: AlertKind = assessment.disagreeing.isEmpty ? .stall : .contradiction
        let began = (level == .critical ? assessment.criticalAt : assessment.warningAt) ?? now
        // The instant it counts from is part of the episode: moved and silent again is a new one.
        add(
            kind, "\(kind.rawValue)/\(stage.rawValue)/\(assessment.since.at.milliseconds)", level,
            began: began, once: false, facts)
    }
    return found
}

/// Whose conditions are told of a thing: its own views', and of the carriers of its way the one's that decides. A
/// number that something carries is told of there, and one that nobody wants any more nowhere.
private func conditionViews(of thing: Thing, in family: Family) -> [View] {
    switch thing.kind {
    case .trackNumber:
        guard family.carriers(of: thing).isEmpty, !thing.isEarlierGeneration, thing.ending != .removed else {
            return []
        }
        return carriersConditions(of: thing, in: family)
    case .order, .item, .parcel: return thing.liveViews + carriersConditions(of: thing, in: family)
    }
}

/// Who gave up following it says so whoever decides; that there is no such number counts where nobody knows better.
private func carriersConditions(of thing: Thing, in family: Family) -> [View] {
    let decider = family.decidingCarrier(of: thing)
    let others = family.carrierViews(of: thing).filter { view in
        view.condition == .expired || decider == nil && view.condition?.isAboutWatching == true
    }
    return (decider.map { [$0] } ?? []) + others
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
