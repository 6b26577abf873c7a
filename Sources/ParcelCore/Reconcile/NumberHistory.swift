// What a carrier's answer means for the number that it is about: its milestone, and whether the number was given to
// another parcel. Carriers reuse numbers: a history that starts again from nothing is a new generation, and the old one
// stays as it was.

extension Reconciliation {
    /// The number itself is a thing, so that it can be followed.
    mutating func meet(_ number: RoledNumber) {
        guard family.number(number.number) == nil else { return }
        let id = min(0, family.things.map(\.id).min() ?? 0) - 1
        family.things.append(
            Thing(
                id: id, kind: .trackNumber, label: number.number.description, firstSeenAt: context.at,
                isFirstSight: context.isFirstPass))
    }

    /// Writes on the provider's view what its events amount to now.
    mutating func conclude(_ external: ExternalID, at index: Int) {
        guard context.provider != .user,
            let position = family.things[index].views.firstIndex(where: {
                $0.provider == context.provider && $0.external == external
            })
        else { return }
        let thing = family.things[index]
        let journey = thing.journey(at: context.provider, role: family.role(of: thing))
        family.things[index].views[position].milestone = journey.milestone
        family.things[index].views[position].leg = journey.leg
        family.things[index].views[position].condition = journey.condition
        family.things[index].views[position].progress = journey.meaning
        family.things[index].views[position].isUnmapped = thing.events.contains { event in
            event.provider == context.provider && event.withdrawnAt == nil && event.meaning?.isKnown == false
        }
        // What is wrong has a beginning of its own.
        if let since = journey.conditionSince ?? journey.since {
            family.things[index].views[position].since = Since(since, .happened)
        }
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
            wasFinished: thing.isFinished || thing.views.contains(where: \.isFinishedJourney))
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
        for thing in family.things.indices where family.things[thing].isFinished {
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
        new.views = old.views.map { $0.provider == .user ? $0 : $0.forgetting }
        new.createdAt = began
        family.things.append(new)
        return family.things.count - 1
    }
}

/// - Parameters:
///   - known, new: From the first to the last event of the history that is known and of the one that is told now; they
///     have no event in common.
///   - wasFinished: Whether the journey that is known had ended.
package func isNewGeneration(
    known: ClosedRange<Timestamp>, new: ClosedRange<Timestamp>, wasFinished: Bool
) -> Bool {
    if wasFinished, new.lowerBound > known.upperBound { return true }
    // One journey may rest for weeks; one that leaps by months is another's.
    let leap = Duration.days(60)
    return new.upperBound < known.lowerBound - leap || new.lowerBound > known.upperBound + leap
}

extension View {
    /// As it is before its provider says anything of the new generation.
    fileprivate var forgetting: View {
        var view = self
        (view.code, view.text, view.progress, view.summary) = ("", "", .unstated, nil)
        (view.milestone, view.leg, view.condition, view.isUnmapped) = (nil, nil, nil, false)
        (view.numbers, view.digest, view.checkpointDigest, view.confirmedAt) = ([], 0, nil, nil)
        return view
    }

    fileprivate var isFinishedJourney: Bool { if case .finished = progress { true } else { false } }
}
