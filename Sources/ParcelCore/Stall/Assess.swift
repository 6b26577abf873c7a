// How long each thing of a family has been silent, as far as a provider confirmed it, and what that means (DESIGN 5).
// Pure: A and B in, a level and the next threshold out. The wall clock is not asked.

package struct Assessment: Sendable, Hashable {
    /// Why a thing is not measured by itself.
    package enum Calm: Sendable, Hashable {
        case finished(Ending)
        /// At the warehouse, until the items named here arrive too.
        case waitsFor([ThingID])
        /// The parcel, or what carries the number, is watched instead.
        case carried(by: ThingID)
        /// At the warehouse with all its siblings: the order is watched instead.
        case orderWatched
        /// An order whose items are watched.
        case itemsWatched
        case joined(ThingID)
    }

    package var thing: ThingID
    package var calm: Calm?
    package var stage: Stage?
    /// A: what silence is counted from.
    package var since: Since
    /// B: the last poll of the deciding provider that showed the thing unmoved. Nil where none did yet.
    package var confirmedAt: Timestamp?
    package var decider: ProviderID?
    /// Providers that know the thing and whose last answers are older than B, or could not be read.
    package var notHeardFrom: [ProviderID] = []
    package var silentWorkingDays = 0
    /// False where a day outside a calendar's coverage was counted as Mon-Fri.
    package var isCertain = true
    package var level: Level?
    package var warningAt: Timestamp?
    package var criticalAt: Timestamp?
    /// Items at the warehouse that wait because of this one.
    package var holdsUp: [ThingID] = []
    /// Another provider says that the thing is finished: then its silence is a contradiction, not a stall.
    package var disagreeing: [ProviderID] = []

    package var signature: Signature?
    /// At most one for each role and form of numbers.
    package var disagreements: [NumberDisagreement] = []

    /// The next threshold that a confirming poll could show to be passed.
    package var deadline: Timestamp? {
        let silence: Timestamp? =
            switch level {
            case nil: warningAt
            case .warning?: criticalAt
            case .critical?: nil
            }
        let conflicts = disagreements.filter { !$0.isTold && $0.isHeard }.map(\.dueAt)
        return ([silence, signature.flatMap { $0.isTold ? nil : $0.dueAt }].compactMap(\.self) + conflicts).min()
    }
}

package func assess(_ family: Family, _ rules: Rules) -> [Assessment] {
    let family = family.linked()
    return family.things.map { assess($0, in: family, rules) }
}

package func assess(_ thing: Thing, in family: Family, _ rules: Rules) -> Assessment {
    let decider = rules.decider(of: thing, in: family)
    var result = Assessment(thing: thing.id, stage: thing.stage, since: family.lastMovement(of: thing))
    result.decider = decider?.provider
    result.calm = calm(thing, in: family)
    result.disagreements = disagreements(about: thing, rules)
    guard result.calm == nil, let stage = thing.stage else { return result }

    result.confirmedAt = confirmedAt(thing, decider, in: family, rules)
    let views = (thing.liveViews + family.wayViews(of: thing)).filter { $0.provider != .user }
    result.notHeardFrom = views.filter { view in
        view.error != nil || view.missedPasses > 0 || view.seenAt < (result.confirmedAt ?? view.seenAt)
    }.map(\.provider)
    result.holdsUp = heldUp(by: thing, in: family)
    result.disagreeing = views.filter { view in
        // A courier's signature at the warehouse ends its number, not the thing.
        guard case .finished(let ending) = view.progress, ending != .handedOver else { return false }
        return view.provider != decider?.provider
    }.map(\.provider)

    result.signature = signature(of: thing, confirmedAt: result.confirmedAt, in: family, rules)
    let days = rules.days(stage)
    let rule = rules.rule(stage)
    let start = Moment.instant(result.since.at)
    result.warningAt = days.due(from: start, after: rule.warning)?.instant
    result.criticalAt = days.due(from: start, after: rule.critical)?.instant
    guard let confirmed = result.confirmedAt else { return result }
    let silence = days.elapsed(from: start, to: .instant(confirmed))
    result.silentWorkingDays = silence.days
    result.isCertain = silence.certain
    if silence.days >= rule.critical {
        result.level = .critical
    } else if silence.days >= rule.warning {
        result.level = .warning
    }
    return result
}

/// The family with each thing's next deadline written on it.
package func withDeadlines(_ family: Family, _ assessments: [Assessment]) -> Family {
    var family = family.linked()
    for assessment in assessments {
        if let index = family.index(of: assessment.thing) {
            family.changeState(of: index) { $0.deadline = assessment.calm == nil ? assessment.deadline : nil }
        }
    }
    return family
}

private func calm(_ thing: Thing, in family: Family) -> Assessment.Calm? {
    if let other = thing.mergedInto { return .joined(other) }
    if let ending = thing.ending { return .finished(ending) }
    switch thing.kind {
    case .order: return thing.stage == nil ? .itemsWatched : nil
    case .item:
        if let parcel = family.parcel(carrying: thing.id) { return .carried(by: parcel.id) }
        guard thing.stage == .assembly else { return nil }
        let late = siblingsStillComing(of: thing, in: family)
        return late.isEmpty ? .orderWatched : .waitsFor(late.map(\.id))
    case .trackNumber: return family.waiting(for: thing).first.map { .carried(by: $0.thing.id) }
    case .parcel: return nil
    }
}

/// Live items of the same order that are not at the warehouse yet. What cannot be supplied does not count.
private func siblingsStillComing(of item: Thing, in family: Family) -> [Thing] {
    guard let order = item.order else { return [] }
    return family.items(of: order).filter { sibling in
        sibling.id != item.id && !sibling.isFinished && family.parcel(carrying: sibling.id) == nil
            && (sibling.stage ?? .unmapped).rank(of: .item) < Stage.assembly.rank(of: .item)
    }
}

private func heldUp(by item: Thing, in family: Family) -> [ThingID] {
    guard item.kind == .item, let order = item.order, item.stage != .assembly else { return [] }
    return family.items(of: order).filter { sibling in
        sibling.id != item.id && sibling.stage == .assembly && family.parcel(carrying: sibling.id) == nil
    }.map(\.id)
}

private func confirmedAt(_ thing: Thing, _ decider: View?, in family: Family, _ rules: Rules) -> Timestamp? {
    guard thing.kind == .order else { return decider?.confirmedAt }
    // An order is confirmed to be waiting when its items were seen and its parcels were listed without a new one.
    let items = family.items(of: thing.id).filter { !$0.isFinished && family.parcel(carrying: $0.id) == nil }
    var confirmations = items.map { rules.decider(of: $0, in: family)?.confirmedAt }
    if let decider { confirmations.append(decider.listedAt) }
    let known = confirmations.compactMap { $0 }
    return known.count == confirmations.count ? known.min() : nil
}
