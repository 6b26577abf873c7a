// What is true of one thing now and worth telling, whatever was told before. Each matter has a key by which its episode is
// known again.

/// One matter that is true of a thing now.
struct Matter {
    var alert: Alert
    /// Why an alert about it opens.
    var cause: Cause
    /// Since when it is so.
    var began: Timestamp

    /// Whether an alert is about the same: the same key, the same silence although other providers agree by now, or the
    /// same condition or disappearance seen again.
    func isSame(as other: Alert) -> Bool {
        if other.key == alert.key { return true }
        if alert.kind.isSilence {
            return other.kind.isSilence && silenceKey(of: other.key) == silenceKey(of: alert.key)
        }
        guard let closedAt = other.closedAt, other.kind == alert.kind else { return false }
        // What somebody closed is over for all that was told before, by whomever.
        if other.facts.cause == .byHand, began > closedAt { return false }
        switch alert.kind {
        case .condition: return other.facts.condition == alert.facts.condition
        case .refund: return true
        case .vanished: return other.facts.provider == alert.facts.provider
        default: return false
        }
    }
}

/// Without the kind: stage and the instant that it counts from.
private func silenceKey(of key: String) -> Substring { key[(key.firstIndex(of: "/") ?? key.startIndex)...] }

func matters(
    of thing: Thing, _ assessment: Assessment, _ facts: AlertFacts, known: [Alert], in family: Family,
    _ rules: Rules, _ now: Timestamp
) -> [Matter] {
    let seen = Seen(thing: thing, facts: facts, known: known, now: now)
    let silence = silence(of: thing, assessment, facts, known: known, in: family, rules).map {
        seen.matter($0.kind, $0.key, $0.level, began: $0.began ?? now, .threshold, $0.facts)
    }
    return seen.refunds + seen.conditions(in: family) + seen.disappearances
        + seen.disagreements(assessment.disagreements) + [silence].compactMap(\.self)
}

/// A thing as it is now, and what was told of it.
private struct Seen {
    let thing: Thing
    let facts: AlertFacts
    let known: [Alert]
    let now: Timestamp

    func matter(
        _ kind: AlertKind, _ key: String, _ level: Level, began: Timestamp, _ cause: Cause, _ facts: AlertFacts,
        isNews: Bool = false
    ) -> Matter {
        let alert = Alert(
            kind: kind, thing: thing.id, key: key, level: level, openedAt: now,
            isOverview: thing.isFirstSight && began <= thing.firstSeenAt && !isNews, facts: facts)
        return Matter(alert: alert, cause: cause, began: began)
    }

    /// The number of what is refunded ends with it, and is no second sum.
    var refunds: [Matter] {
        guard thing.ending == .refunded, thing.kind != .trackNumber else { return [] }
        return [
            matter(
                .refund, "refund/\(thing.endedAt?.milliseconds ?? 0)", .critical, began: thing.endedAt ?? now,
                .reported, facts)
        ]
    }

    func conditions(in family: Family) -> [Matter] {
        var told: Set<Condition> = []
        return conditionViews(of: thing, in: family).compactMap { view in
            guard let condition = view.condition, told.insert(condition).inserted else { return nil }
            var facts = facts
            facts.condition = condition
            facts.statusText = view.text
            facts.decider = view.provider
            // The same told by another provider, with its own time for it, is not told again.
            let open = known.first {
                $0.closedAt == nil && $0.facts.condition == condition && $0.facts.decider != view.provider
            }
            return matter(
                .condition, open?.key ?? "condition/\(condition.rawValue)/\(view.since.at.milliseconds)", .critical,
                began: view.since.at, .reported, facts,
                // The status may be older than the trouble with it.
                isNews: view.firstSeenAt < now)
        }
    }

    var disappearances: [Matter] {
        thing.views.filter { $0.isGone && !thing.isFinished && $0.provider != .user }.map { view in
            var facts = facts
            facts.provider = view.provider
            return matter(
                .vanished, "vanished/\(view.provider)/\(view.goneAt?.milliseconds ?? 0)", .warning,
                began: view.goneAt ?? now, .reported, facts)
        }
    }

    func disagreements(_ found: [NumberDisagreement]) -> [Matter] {
        found.compactMap { found in
            let open = known.first { $0.isOpen && $0.kind == .twoNumbers && found.includes($0.key) }
            // What was told stays as long as they say so, whether or not their last answers could be read.
            guard found.isTold || open != nil else { return nil }
            var facts = facts
            facts.disagreeing = found.providers
            facts.numbers = facts.numbers?.filter { found.numbers.contains($0.number) }
            return matter(.twoNumbers, open?.key ?? found.key, .warning, began: found.dueAt, .reported, facts)
        }
    }
}

/// What a silence amounts to; nil while no threshold is reached.
private struct SilentMatter {
    var kind: AlertKind
    var key: String
    var level: Level
    var began: Timestamp?
    var facts: AlertFacts
}

private func silence(
    of thing: Thing, _ assessment: Assessment, _ facts: AlertFacts, known: [Alert], in family: Family, _ rules: Rules
) -> SilentMatter? {
    guard assessment.calm == nil, let stage = assessment.stage else { return nil }
    // The instant it counts from is part of the episode: moved and silent again is a new one.
    let key = "\(stage.rawValue)/\(assessment.since.at.milliseconds)"
    let open = known.first { $0.isOpen && $0.kind.isSilence && silenceKey(of: $0.key) == "/" + key }
    if open == nil || open?.kind == .signed, let signature = assessment.signature,
        signature.isTold || open?.facts.confirmedAt.map({ $0 >= signature.dueAt }) == true
    {
        var facts = facts
        facts.signedAt = signature.at
        facts.provider = signature.provider
        return SilentMatter(
            kind: .signed, key: "signed/\(key)", level: assessment.level == .critical ? .critical : .warning,
            began: signature.dueAt, facts: facts)
    }
    guard let level = level(assessment, stage, confirmedBy: open?.facts.confirmedAt, rules) else { return nil }
    let kind = open?.kind ?? (assessment.disagreeing.isEmpty ? .stall : .contradiction)
    return SilentMatter(
        kind: kind, key: "\(kind.rawValue)/\(key)", level: level,
        began: level == .critical ? assessment.criticalAt : assessment.warningAt, facts: facts)
}

/// What was confirmed once stays confirmed, although another provider decides by now who looked earlier. By the present
/// rules and calendars.
private func level(_ assessment: Assessment, _ stage: Stage, confirmedBy earlier: Timestamp?, _ rules: Rules) -> Level?
{
    guard let earlier, earlier > assessment.confirmedAt ?? .distantPast else { return assessment.level }
    let days = rules.days(stage).elapsed(from: .instant(assessment.since.at), to: .instant(earlier)).days
    let rule = rules.rule(stage)
    return days >= rule.critical ? .critical : days >= rule.warning ? .warning : nil
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
