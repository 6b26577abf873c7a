// What an answer did not show, or showed unreadably, and what a provider's own log says of the past.

extension Reconciliation {
    /// A row that cannot be read is there, and confirms nothing.
    mutating func apply(rejected: [Rejected]) {
        let at = context.at
        for row in rejected {
            guard let id = row.id else { continue }
            update(id) { view in
                view.error = "cannot read \(row.field)"
                view.seenAt = at
                view.missedPasses = 0
            }
        }
    }

    mutating func apply(absent: [ExternalID], notFound: [ExternalID], listed: [ExternalID]) {
        let at = context.at
        for id in absent { update(id) { $0.missedPasses += 1 } }
        // Gone only when both say so: absent from two complete passes, and not found when asked for by its id.
        for id in notFound { update(id) { if $0.missedPasses >= 2 { $0.goneAt = $0.goneAt ?? at } } }
        for id in listed { update(id) { $0.listedAt = at } }
    }

    /// A log's entry dates the present status where parceld could only say when it saw it.
    mutating func apply(past: [PastStatus]) {
        for entry in past {
            guard
                let index = family.things.firstIndex(where: { thing in
                    thing.views.contains { $0.provider == context.provider && $0.external == entry.id }
                }),
                let since = moment(of: entry.time, thing: index)
            else { continue }
            date(entry, since, at: index)
        }
    }

    private mutating func date(_ entry: PastStatus, _ since: Since, at index: Int) {
        var print = Fingerprint()
        for part in ["past", context.provider.description, entry.id.key, entry.code, entry.time.text ?? ""] {
            print.add(part)
        }
        guard !family.things[index].events.contains(where: { $0.identity == print.value }) else { return }
        family.things[index].events.append(
            Event(
                .status, provider: context.provider, source: entry.id.key, code: entry.code, text: entry.text,
                since: since, given: entry.time.text, seenAt: context.at, isMovement: true, identity: print.value))
        let thing = family.things[index]
        guard
            let position = thing.views.firstIndex(where: {
                $0.provider == context.provider && $0.external == entry.id && $0.code == entry.code
            }), case .at(let stage) = thing.views[position].progress
        else { return }
        // Only what was met in this state: a change that parceld saw happen has its time already.
        let isUndated = thing.views[position].since == Since(thing.views[position].firstSeenAt, .seen)
        guard isUndated || since.at > thing.views[position].since.at else { return }
        family.things[index].views[position].since = since
        if thing.stage == stage, thing.stageSince == Since(thing.firstSeenAt, .seen) {
            family.things[index].stageSince = since
        }
    }

    private mutating func update(_ id: ExternalID, _ change: (inout View) -> Void) {
        for thing in family.things.indices {
            for view in family.things[thing].views.indices
            where family.things[thing].views[view].provider == context.provider
                && family.things[thing].views[view].external == id
            {
                change(&family.things[thing].views[view])
            }
        }
    }
}
