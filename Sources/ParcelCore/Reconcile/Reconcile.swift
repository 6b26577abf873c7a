// Brings one provider's report into the mirror: what it saw, what moved, what is missing. Pure: the same report twice
// changes nothing but the times of confirmation. Who is stalled is decided in Stall/, whom to tell in Alert/.

package struct ReconcileContext: Sendable {
    package var provider: ProviderID
    /// When the answer came.
    package var at: Timestamp
    /// In which the provider writes zoneless times; nil where unknown.
    package var zone: Zone?
    package var rules: Rules
    /// Whether this belongs to the provider's first complete pass.
    package var isFirstPass: Bool

    package init(provider: ProviderID, at: Timestamp, zone: Zone?, rules: Rules, isFirstPass: Bool) {
        self.provider = provider
        self.at = at
        self.zone = zone
        self.rules = rules
        self.isFirstPass = isFirstPass
    }
}

/// The part of a report that concerns one family.
package struct ReportPart: Sendable {
    package var snapshots: [Snapshot] = []
    package var rejected: [Rejected] = []
    package var notFound: [ExternalID] = []
    /// Known to this provider, and missing from a pass that should have shown them.
    package var absent: [ExternalID] = []
    /// Orders whose parcels were listed completely.
    package var listed: [ExternalID] = []
    package var past: [PastStatus] = []
    /// Numbers that the provider stopped following by itself.
    package var stopped: [ExternalID] = []

    package init() {}
}

package func reconcile(_ family: Family, with part: ReportPart, _ context: ReconcileContext) -> Family {
    var work = Reconciliation(family: family, context: context, stopped: Set(part.stopped))
    let rank: [ThingKind: Int] = [.order: 0, .item: 1, .parcel: 2, .trackNumber: 3]
    for snapshot in part.snapshots.sorted(by: { rank[$0.id.kind, default: 9] < rank[$1.id.kind, default: 9] }) {
        work.apply(snapshot)
    }
    work.apply(rejected: part.rejected)
    work.apply(absent: part.absent, notFound: part.notFound, listed: part.listed)
    work.apply(past: part.past)
    work.conclude(rolesBefore: family.linked())
    return settle(work.family, context.rules, at: context.at)
}

struct Reconciliation {
    var family: Family
    let context: ReconcileContext
    /// Numbers that the provider does not follow any more.
    let stopped: Set<ExternalID>
    /// Numbers that this report speaks of.
    var answered: Set<ThingID> = []

    mutating func apply(_ snapshot: Snapshot) {
        let found = match(snapshot)
        var index = found ?? create(snapshot)
        let snapshot = ofPresentGeneration(snapshot, at: index)
        if found != nil, let history = newHistory(snapshot, at: index) {
            index = beginGeneration(of: index, began: history.lowerBound)
        }
        name(index, after: snapshot)
        for number in snapshot.numbers { meet(number.number, for: index, snapshot) }
        if snapshot.isAddedAnew(at: context.at, family.things[index]) {
            index = beginGeneration(of: index, began: context.at)
        }
        if let known = viewIndex(of: snapshot.id, in: index) {
            update(view: known, of: index, from: snapshot)
        } else {
            meet(snapshot, at: index, isNew: found == nil)
        }
        if snapshot.id.kind == .trackNumber { answered.insert(family.things[index].id) }
    }

    private func viewIndex(of external: ExternalID, in thing: Int) -> Int? {
        family.things[thing].views.firstIndex { $0.provider == context.provider && $0.external == external }
    }

    /// A provider meets a thing. That is no movement, even where another one knew it before.
    private mutating func meet(_ snapshot: Snapshot, at index: Int, isNew: Bool) {
        let status = snapshot.status
        var since = moment(of: status.time, thing: index)
        if since == nil, isNew, snapshot.id.kind == .parcel, case .at(.handover) = status.progress {
            // A creation date is no status time, except that a parcel's handover begins with the parcel.
            since = moment(of: snapshot.created, thing: index)
        }
        let held = since ?? Since(context.at, .seen)
        var view = View(
            provider: context.provider, external: snapshot.id, code: status.code, text: status.text,
            progress: status.progress, isUnmapped: status.progress == .unmapped, since: held,
            digest: snapshot.digest, firstSeenAt: context.at)
        copyDetails(of: snapshot, to: &view)
        family.things[index].views.append(view)
        if context.provider != .user {
            record(
                .status, code: status.code, text: status.text, since: held, given: status.time.text,
                from: snapshot.id, at: index, movement: false)
        }
        for number in snapshot.numbers {
            record(
                .number, code: number.role.rawValue, text: number.number.description, since: Since(context.at, .seen),
                from: snapshot.id, at: index, movement: false)
        }
        apply(checkpoints: snapshot, at: index, isMeeting: true)
    }

    private mutating func update(view position: Int, of index: Int, from snapshot: Snapshot) {
        var view = family.things[index].views[position]
        let status = snapshot.status
        let seen = Since(context.at, .seen)
        if status.code != view.code, context.provider != .user {
            let given = moment(of: status.time, thing: index)
            let isReturn = given == nil && wasHeld(status.code, in: family.things[index], from: view.external.key)
            let isTold = snapshot.id.kind != .trackNumber || snapshot.isMovingByItsStatus
            let since = given ?? seen
            // What is wrong with a number began when it did, whatever else its provider says.
            if snapshot.id.kind != .trackNumber || view.condition == nil { view.since = since }
            record(
                .status, code: status.code, text: status.text, since: since, given: status.time.text,
                from: snapshot.id, at: index, movement: !isReturn && isTold)
        }
        view.code = status.code
        view.text = status.text
        view.isUnmapped = status.progress == .unmapped
        if status.progress != .unmapped { view.progress = status.progress }

        let known = family.things[index].numbers.map(\.number)
        for number in snapshot.numbers where !known.contains(number.number) {
            record(
                .number, code: number.role.rawValue, text: number.number.description, since: seen, from: snapshot.id,
                at: index, movement: context.provider != .user)
        }
        let before = family.contents(of: family.things[index])
        copyDetails(of: snapshot, to: &view)
        family.things[index].views[position] = view
        let after = family.contents(of: family.things[index])
        if before != after {
            let labels = after.compactMap { family[$0]?.label }.sorted().joined(separator: ", ")
            record(.contents, code: "contents", text: labels, since: seen, from: snapshot.id, at: index, movement: true)
        }
        apply(checkpoints: snapshot, at: index, isMeeting: view.checkpointDigest == nil)
    }

    /// Whether the code was already the thing's at this provider since its stage began: an undated return to it is
    /// no movement, else a status that flickers would hide a silence for ever.
    private func wasHeld(_ code: String, in thing: Thing, from source: String) -> Bool {
        let own = thing.events.filter {
            $0.kind == .status && $0.provider == context.provider && $0.source == source
        }
        let start = thing.stageSince.at
        let atStart = own.last { $0.since.at <= start }
        return atStart?.code == code || own.contains { $0.since.at >= start && $0.code == code }
    }

    private mutating func copyDetails(of snapshot: Snapshot, to view: inout View) {
        view.sameAs = snapshot.sameAs
        // What is wrong with a number follows from its events.
        if snapshot.id.kind != .trackNumber { view.condition = snapshot.status.condition }
        view.numbers = snapshot.numbers
        view.contents = resolve(snapshot.contents)
        view.amount = snapshot.amount
        view.facts = snapshot.facts
        view.changeSignal = snapshot.changeSignal ?? view.changeSignal
        view.digest = snapshot.digest
        view.seenAt = context.at
        // An empty answer about a number that had a history before may be a gap at the provider: it confirms nothing.
        let lost = status(snapshot, forgets: view)
        if snapshot.confirms, !lost, !stopped.contains(snapshot.id) {
            let looked = min(snapshot.refreshedAt ?? context.at, context.at)
            view.confirmedAt = max(view.confirmedAt ?? looked, looked)
        }
        if !lost { view.summary = snapshot.status.summary }
        view.missedPasses = 0
        view.goneAt = nil
        view.error = nil
    }

    private func status(_ snapshot: Snapshot, forgets view: View) -> Bool {
        snapshot.status.summary == .notFoundYet && (view.milestone ?? .unknown) > .unknown
    }

    private func resolve(_ references: [ContentReference]) -> [ThingID] {
        references.compactMap { reference in
            switch reference {
            case .external(let id): family.thing(viewedBy: context.provider, as: id)?.id
            case .label(let label): family.thing(.item, label: label)?.id
            }
        }
    }

    private mutating func apply(checkpoints snapshot: Snapshot, at index: Int, isMeeting: Bool) {
        guard let checkpoints = snapshot.checkpoints else { return }
        let told = checkpoints.map { $0.identity(provider: context.provider, source: snapshot.id.key) }
        var rows = EventRows(family.things[index].events, told: Set(told), context.provider, snapshot.id.key)
        var current: Set<Int64> = []
        for (checkpoint, identity) in zip(checkpoints, told) {
            // Two rows alike in one answer are one happening.
            guard current.insert(identity).inserted else { continue }
            if let known = rows.known[identity] {
                family.things[index].events[known].withdrawnAt = nil
                family.things[index].events[known].position = current.count
                // By another table, or by what came after it, it may mean something else than before.
                family.things[index].events[known].meaning =
                    checkpoint.meaning ?? family.things[index].events[known].meaning
                continue
            }
            let given = moment(of: checkpoint.time, thing: index)
            let rewritten = rows.rewritten(by: checkpoint).map { family.things[index].events[$0].since }
            var event = Event(
                .checkpoint, provider: context.provider, source: snapshot.id.key, code: checkpoint.code,
                text: checkpoint.text, since: rewritten ?? given ?? Since(context.at, .seen),
                given: checkpoint.time.text, seenAt: context.at, isMovement: given != nil || !isMeeting,
                identity: identity)
            event.place = checkpoint.place
            event.carrier = checkpoint.carrier
            event.country = checkpoint.country
            event.meaning = checkpoint.meaning
            event.hasZone = checkpoint.time.hasZone || context.zone != nil
            event.position = current.count
            family.things[index].events.append(event)
        }
        for gone in rows.untold { family.things[index].events[gone].withdrawnAt = context.at }
        if let view = viewIndex(of: snapshot.id, in: index) {
            family.things[index].views[view].checkpointDigest = snapshot.checkpointDigest
        }
    }

    private mutating func record(
        _ kind: Event.Kind, code: String, text: String, since: Since, given: String? = nil, from source: ExternalID,
        at index: Int, movement: Bool
    ) {
        var print = Fingerprint()
        for part in [kind.rawValue, context.provider.description, source.key, code, text, "\(context.at.milliseconds)"]
        {
            print.add(part)
        }
        family.things[index].events.append(
            Event(
                kind, provider: context.provider, source: source.key, code: code, text: text, since: since,
                given: given, seenAt: context.at, isMovement: movement, identity: print.value))
    }

    /// The instant of a given time, if it can be believed of that thing.
    func moment(of given: GivenTime, thing index: Int) -> Since? {
        let thing = family.things[index]
        let created =
            thing.kind == .trackNumber ? nil : thing.createdAt ?? thing.order.flatMap { family[$0]?.createdAt }
        return given.instant(zone: context.zone, seenAt: context.at, existedSince: created)
            .map { Since($0, .happened) }
    }
}
