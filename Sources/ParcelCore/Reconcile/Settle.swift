// From what the providers say of each thing to its one stage or ending (DESIGN 4): the furthest stage that any of them
// states by an explicit code; only the deciding provider finishes a thing.

package func settle(_ family: Family, _ rules: Rules, at now: Timestamp) -> Family {
    var family = family.linked()
    // Parcels first: a delivered parcel finishes its items; orders last: they wait for both. Numbers come after those
    // that carry them, and end with them.
    for kind in [ThingKind.parcel, .item, .trackNumber] {
        for index in family.things.indices where family.things[index].kind == kind {
            settle(index, in: &family, rules, now)
        }
    }
    for index in family.things.indices where family.things[index].kind == .order {
        settleOrder(index, in: &family, rules, now)
    }
    return family
}

private func settle(_ index: Int, in family: inout Family, _ rules: Rules, _ now: Timestamp) {
    let thing = family.things[index]
    // Joined with another thing, or never listed by anybody: there is nothing to wait for.
    guard thing.mergedInto == nil, thing.kind == .trackNumber || !thing.views.isEmpty else { return }
    let found =
        thing.kind == .trackNumber
        ? numberOutcome(thing, in: family) : ending(of: thing, in: family, rules) ?? stage(of: thing, in: family)
    guard let outcome = found else { return }
    switch outcome {
    case .ended(let ending, let since):
        guard thing.ending != ending else { return }
        family.changeState(of: index) { thing in
            thing.ending = ending
            thing.endedAt = since.at
            thing.stage = nil
            thing.deadline = nil
            thing.recordStage(ending.rawValue, since, now)
        }
    case .at(let stage, let since):
        // What ended under a number that was given away since has no carrier any more that says so.
        let isGivenAway = thing.isFinished && family.followed(by: thing).contains { $0.number.isEarlierGeneration }
        guard thing.stage != stage, !isGivenAway else { return }
        // A number that nobody had been asked about was on its way before: its own history tells since when.
        let isFirst =
            thing.stage == nil && thing.ending == nil && thing.events.allSatisfy { $0.kind != .stage }
            || thing.kind == .trackNumber && thing.stage == .acceptance
        family.changeState(of: index) { changed in
            changed.ending = nil
            changed.endedAt = nil
            changed.stage = stage
            changed.stageSince = isFirst ? since : max(since, thing.stageSince)
            changed.recordStage(stage.rawValue, since, now)
        }
    }
}

private enum Outcome {
    case ended(Ending, Since)
    case at(Stage, Since)
}

private func ending(of thing: Thing, in family: Family, _ rules: Rules) -> Outcome? {
    if let decider = rules.decider(of: thing, in: family), case .finished(let ending) = decider.progress,
        ending != .handedOver
    {
        return .ended(ending, decider.since)
    }
    if thing.kind == .item, let parcel = family.parcel(carrying: thing.id), parcel.ending == .delivered {
        return .ended(.delivered, Since(parcel.endedAt ?? parcel.stageSince.at, parcel.stageSince.basis))
    }
    return nil
}

/// A number is worth following while something waits for it or a person wants it; its own way decides where it is.
/// Nil where it is left as it is.
private func numberOutcome(_ number: Thing, in family: Family) -> Outcome? {
    guard !number.isEarlierGeneration else { return nil }
    let added = number.views.first(where: \.isAdded)
    let carriers = family.carriers(of: number)
    if added == nil, family.waiting(for: number).isEmpty {
        guard let last = carriers.map(\.thing).max(by: { ($0.endedAt ?? .distantPast) < ($1.endedAt ?? .distantPast) })
        else { return .ended(.removed, number.stageSince) }
        let ended = Since(last.endedAt ?? last.stageSince.at, .seen)
        return .ended(last.ending ?? .handedOver, ended)
    }
    let journey = family.journey(of: number)
    let known = number.liveViews.filter { $0.provider != .user }
    let since = journey.since.map { Since($0, .happened) }
    switch journey.meaning {
    case .finished(let ending) where !known.isEmpty: return .ended(ending, since ?? number.stageSince)
    case .at(let stage) where !known.isEmpty:
        return .at(stage, since ?? known.map(\.since).min() ?? number.stageSince)
    // Nobody was asked yet: what is added waits for its first scan, what is carried is watched there.
    default: return added.map { .at(.acceptance, Since($0.firstSeenAt, .seen)) }
    }
}

private func stage(of thing: Thing, in family: Family) -> Outcome {
    var best: (stage: Stage, since: Since)?
    let way = family.wayStages(of: thing)
    for (progress, since) in thing.liveViews.map({ ($0.progress, $0.since) }) + way {
        guard case .at(let stated) = progress else { continue }
        if let present = best, stated.rank(of: thing.kind) <= present.stage.rank(of: thing.kind) { continue }
        best = (stated, since)
    }
    guard let best else {
        // Nobody says how far it is: it keeps the stage it had, and one that never had any gets the cautious one.
        let since = thing.liveViews.map(\.since).min() ?? thing.stageSince
        return .at(thing.stage ?? .unmapped, since)
    }
    if best.stage == .trackAssignment, !thing.numbers.isEmpty {
        return .at(.inbound, max(best.since, numberSince(thing)))
    }
    if thing.kind == .parcel, best.stage == .origin, way.isEmpty,
        let asked = family.unknowingViews(of: thing).map(\.firstSeenAt).min()
    {
        // Sent, as a partner says, and no carrier that was asked knows the number: it has to be accepted first.
        return .at(.acceptance, max(best.since, thing.stage == .acceptance ? thing.stageSince : Since(asked, .seen)))
    }
    if thing.kind == .parcel, best.stage.isUnderWay {
        // Sent means sent with a number: until then nobody can follow it, and the hand-over is not over.
        if thing.numbers.isEmpty { return .at(.handover, thing.stage == .handover ? thing.stageSince : best.since) }
        if thing.stage == .handover { return .at(best.stage, max(best.since, numberSince(thing))) }
    }
    return .at(best.stage, best.since)
}

/// When the first of the thing's present numbers was seen.
private func numberSince(_ thing: Thing) -> Since {
    let present = Set(thing.numbers.map(\.number.description))
    let first = thing.events.filter { $0.kind == .number && present.contains($0.text) }.map(\.since).min()
    return first ?? thing.stageSince
}

private func settleOrder(_ index: Int, in family: inout Family, _ rules: Rules, _ now: Timestamp) {
    let order = family.things[index]
    guard order.mergedInto == nil else { return }
    if let decider = rules.decider(of: order, in: family), case .finished(let ending) = decider.progress {
        guard order.ending != ending else { return }
        family.changeState(of: index) { order in
            order.ending = ending
            order.endedAt = decider.since.at
            order.stage = nil
            order.recordStage(ending.rawValue, decider.since, now)
        }
        return
    }
    if order.isFinished {
        family.changeState(of: index) { ($0.ending, $0.endedAt) = (nil, nil) }
    }
    let waiting = assemblySince(order, in: family)
    let stage: Stage? = waiting == nil ? nil : .assembly
    if let waiting, order.stage == .assembly {
        // Only a later arrival or parcel moves it; the providers' undated repeats do not.
        family.changeState(of: index) { $0.stageSince = max(order.stageSince, waiting) }
    }
    guard order.stage != stage else { return }
    let since = waiting ?? Since(now, .seen)
    family.changeState(of: index) { changed in
        changed.stage = stage
        changed.stageSince = since
        changed.recordStage(stage?.rawValue ?? "items", since, now)
    }
}

/// Since when the order waits to be put together: the last live item's arrival, or the last parcel that took some of
/// them or let go of them. Nil while an item is still on its way, or when none is left to be packed.
func assemblySince(_ order: Thing, in family: Family) -> Since? {
    let live = family.items(of: order.id).filter { !$0.isFinished && $0.stage != nil }
    let waiting = live.filter { family.parcel(carrying: $0.id) == nil && $0.stage == .assembly }
    let stillComing = live.contains { item in
        family.parcel(carrying: item.id) == nil
            && (item.stage ?? .unmapped).rank(of: .item) < Stage.assembly.rank(of: .item)
    }
    guard !waiting.isEmpty, !stillComing else { return nil }
    var since = waiting.map(\.stageSince).max()
    for parcel in family.things where parcel.kind == .parcel && parcel.order == order.id && parcel.mergedInto == nil {
        let touched =
            parcel.ending?.releasesItems == true
            ? Since(parcel.endedAt ?? parcel.stageSince.at, .seen) : Since(parcel.firstSeenAt, .seen)
        since = max(since ?? touched, touched)
    }
    return since
}

extension Thing {
    fileprivate mutating func recordStage(_ code: String, _ since: Since, _ now: Timestamp) {
        var print = Fingerprint()
        for part in ["stage", label, code, "\(now.milliseconds)"] { print.add(part) }
        events.append(
            Event(
                .stage, provider: "parceld", source: "", code: code, text: "", since: since, seenAt: now,
                isMovement: false, identity: print.value))
    }
}

extension Since: Comparable {
    package static func < (left: Since, right: Since) -> Bool { left.at < right.at }
}
