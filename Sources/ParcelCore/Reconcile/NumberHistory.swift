// What a carrier's answer means for the number that it is about: its milestone, and whether the number was given to
// another parcel. Carriers reuse numbers: a history that starts again from nothing is a new generation, and the old one
// stays as it was.

extension Reconciliation {
    /// The number itself is a thing, so that it can be followed. Where its parcel had arrived before the one that carries
    /// it now existed, it is another parcel's.
    mutating func meet(_ number: TrackNumber, for index: Int, _ snapshot: Snapshot) {
        guard let known = family.things.firstIndex(where: { $0.kind == .trackNumber && $0.label == number.description })
        else {
            let id = min(0, family.things.map(\.id).min() ?? 0) - 1
            family.things.append(
                Thing(
                    id: id, kind: .trackNumber, label: number.description, firstSeenAt: context.at,
                    isFirstSight: context.isFirstPass))
            return
        }
        let carrier = family.things[index]
        guard !context.isFirstPass, !carrier.isFinished, !carrier.numbers.contains(where: { $0.number == number }),
            let ended = family.things[known].journeyEnd, known != index
        else { return }
        if case .finished = snapshot.status.progress { return }
        let created = carrier.createdAt ?? carrier.order.flatMap { family[$0]?.createdAt }
        // One whose creation nobody tells may be older than its first sight, but not by months.
        guard created.map({ $0 > ended }) ?? (carrier.firstSeenAt - leap > ended) else { return }
        _ = beginGeneration(of: known, began: created ?? context.at)
    }

    /// Writes on the views of numbers what their events amount to now: on this provider's where it answered or stopped
    /// watching, which confirms nothing and is told; on all of a number's that is carried in another role than before,
    /// because "delivered" may mean something else now.
    mutating func conclude(rolesBefore before: Family) {
        family = family.linked()
        for index in family.things.indices where family.things[index].kind == .trackNumber {
            let number = family.things[index]
            let role = family.role(of: number)
            let isRecast = before[number.id].map { before.role(of: $0) != role } ?? false
            for position in number.views.indices where number.views[position].provider != .user {
                let view = number.views[position]
                let isHeard = answered.contains(number.id) || stopped.contains(view.external)
                guard isHeard && view.provider == context.provider || isRecast && view.milestone != nil else {
                    continue
                }
                conclude(view: position, of: index, role)
            }
        }
    }

    private mutating func conclude(view position: Int, of index: Int, _ role: TrackNumberRole?) {
        let thing = family.things[index]
        var view = thing.views[position]
        let journey = thing.journey(at: view.provider, role: role)
        let told = view.condition
        let isStopped = view.provider == context.provider && stopped.contains(view.external)
        view.milestone = journey.milestone
        view.leg = journey.leg
        view.progress = journey.meaning
        view.condition = journey.condition ?? (isStopped && !view.isFinished ? .expired : nil)
        view.isUnmapped = thing.events.contains { event in
            event.provider == view.provider && event.withdrawnAt == nil && event.meaning?.isKnown == false
        }
        // What is wrong has a beginning of its own; where no event tells it, that is when it was first seen.
        if view.condition == nil || journey.conditionSince != nil {
            view.since = (journey.conditionSince ?? journey.since).map { Since($0, .happened) } ?? view.since
        } else if view.condition != told {
            view.since = Since(context.at, .seen)
        }
        family.changeState(of: index) { $0.views[position] = view }
    }

    /// The answer without what it still tells of a parcel that had the number before; a provider that tells nothing else
    /// does not know the present one yet.
    func ofPresentGeneration(_ snapshot: Snapshot, at index: Int) -> Snapshot {
        let thing = family.things[index]
        guard snapshot.id.kind == .trackNumber, let told = snapshot.checkpoints, !told.isEmpty else { return snapshot }
        let earlier = family.things.filter { $0.kind == .trackNumber && $0.label.hasPrefix(thing.label + "#") }
            .flatMap(\.events).filter { $0.kind == .checkpoint && $0.withdrawnAt == nil }
        guard let ended = earlier.map(\.since.at).max(), let began = thing.createdAt else { return snapshot }
        let identities = Set(earlier.map(\.identity))
        var present = snapshot
        present.checkpoints = told.filter { checkpoint in
            if identities.contains(checkpoint.identity(provider: context.provider, source: snapshot.id.key)) {
                return false
            }
            // Nobody else may have told it: what is nearer to the old parcel's end than to the new one's beginning is old.
            guard ended < began, let at = moment(of: checkpoint.time, thing: index)?.at else { return true }
            return at - ended > began - at
        }
        if present.checkpoints?.isEmpty == true { (present.checkpoints, present.status.summary) = (nil, .notFoundYet) }
        return present
    }

    /// The history of another parcel than the one that the number stood for until now; nil where it is the same.
    func newHistory(_ snapshot: Snapshot, at index: Int) -> ClosedRange<Timestamp>? {
        guard snapshot.id.kind == .trackNumber, let checkpoints = snapshot.checkpoints, !checkpoints.isEmpty else {
            return nil
        }
        let thing = family.things[index]
        let known = thing.events.filter {
            $0.kind == .checkpoint && $0.provider == context.provider && $0.withdrawnAt == nil
        }
        let identities = Set(known.map(\.identity))
        guard !known.isEmpty,
            !checkpoints.contains(where: {
                identities.contains($0.identity(provider: context.provider, source: snapshot.id.key))
            })
        else { return nil }
        let times = checkpoints.compactMap { moment(of: $0.time, thing: index)?.at }
        guard let first = times.min(), let last = times.max(), let knownFirst = known.map(\.since.at).min(),
            let knownLast = known.map(\.since.at).max()
        else { return nil }
        let isNew = isNewGeneration(
            known: knownFirst...knownLast, new: first...last,
            wasFinished: thing.isFinished || thing.views.contains(where: \.isFinished))
        return isNew ? first...last : nil
    }

    /// The present history is closed under the number's mark, and the number begins anew. No alert passes over.
    ///
    /// - Parameter began: The first event of the new history; other providers may still tell the old one for a while.
    mutating func beginGeneration(of index: Int, began: Timestamp?) -> Int {
        let old = family.things[index]
        let earlier = family.things.filter { $0.kind == .trackNumber && $0.plainNumber == old.label }
            .compactMap { Int($0.label.drop { $0 != "#" }.dropFirst()) }
        let mark = 1 + (earlier.max() ?? 0)
        guard let number = TrackNumber(old.label) else { return index }
        // Who still waits for it waits for what comes now.
        let waiting = Set(family.waiting(for: old).map(\.thing.id))
        for thing in family.things.indices
        where !waiting.contains(family.things[thing].id)
            && (family.things[thing].kind != .trackNumber || family.things[thing].isFinished)
        {
            for view in family.things[thing].views.indices
            where family.things[thing].views[view].numbers.contains(where: { $0.number == number })
                && family.things[thing].views[view].generations[number] == nil
            {
                family.things[thing].views[view].generations[number] = mark
            }
        }
        family.things[index].label = "\(old.label)#\(mark)"
        family.things[index].display = old.label
        family.things[index].views = []
        family.things[index].stage = nil
        family.things[index].deadline = nil
        if !old.isFinished {
            family.things[index].ending = .superseded
            family.things[index].endedAt = context.at
        }
        var new = Thing(
            id: min(0, family.things.map(\.id).min() ?? 0) - 1, kind: .trackNumber, label: old.label,
            firstSeenAt: context.at, isFirstSight: context.isFirstPass)
        new.views = old.views.map { view in
            guard view.provider == .user else { return view.forgetting(since: context.at) }
            // What a person wanted to be followed has arrived: the other parcel is a stranger's.
            return old.isFinished ? view.fulfilled : view
        }
        new.createdAt = began
        family.things.append(new)
        return family.things.count - 1
    }
}

/// One journey may rest for weeks; one that leaps by months is another's.
private let leap = Duration.days(60)

/// - Parameters:
///   - known, new: From the first to the last event of the history that is known and of the one that is told now; they
///     have no event in common.
///   - wasFinished: Whether the journey that is known had ended.
package func isNewGeneration(
    known: ClosedRange<Timestamp>, new: ClosedRange<Timestamp>, wasFinished: Bool
) -> Bool {
    if wasFinished, new.lowerBound > known.upperBound { return true }
    return new.upperBound < known.lowerBound - leap || new.lowerBound > known.upperBound + leap
}

extension View {
    /// As it is before its provider says anything of the new generation.
    ///
    /// - Parameter instant: When the number was met anew.
    fileprivate func forgetting(since instant: Timestamp) -> View {
        var view = self
        (view.code, view.text, view.progress, view.summary) = ("", "", .unstated, nil)
        (view.milestone, view.leg, view.condition, view.isUnmapped) = (nil, nil, nil, false)
        (view.numbers, view.digest, view.checkpointDigest, view.confirmedAt) = ([], 0, nil, nil)
        view.firstSeenAt = instant
        return view
    }

    /// A person's, without the wish that the number be followed. A chosen carrier stays.
    fileprivate var fulfilled: View {
        var view = self
        (view.code, view.facts[.note], view.digest) = ("", nil, 0)
        return view
    }

    package var isFinished: Bool { if case .finished = progress { true } else { false } }
}

extension Thing {
    /// Numbers only: when all that the carriers told of it was over; nil where it is not.
    fileprivate var journeyEnd: Timestamp? {
        guard views.contains(where: \.isFinished) else { return nil }
        return events.filter { $0.kind == .checkpoint && $0.withdrawnAt == nil }.map(\.since.at).max()
    }
}

extension Snapshot {
    /// Whether a person adds a number whose parcel arrived months ago.
    func isAddedAnew(at now: Timestamp, _ number: Thing) -> Bool {
        guard id.kind == .trackNumber, status.code == View.addedCode, !number.isAddedByUser,
            let ended = number.journeyEnd
        else { return false }
        return ended < now - leap
    }
}
