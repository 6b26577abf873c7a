// Which thing a snapshot speaks of. The three systems name one thing differently; a track number links, it never
// identifies, and an external id belongs to the system that gave it.

extension Reconciliation {
    /// Index of the thing, by the surest name first; nil where the snapshot is the first to speak of it.
    func match(_ snapshot: Snapshot) -> Int? {
        let me = ForeignID(context.provider, snapshot.id)
        if let known = family.things.firstIndex(where: { thing in
            thing.views.contains { $0.provider == me.system && $0.external == me.id }
        }) {
            return known
        }
        if let label = snapshot.label,
            let labelled = family.things.firstIndex(where: {
                $0.kind == snapshot.id.kind && $0.label == label && $0.mergedInto == nil
            })
        {
            return labelled
        }
        if let stated = snapshot.sameAs, let index = index(of: stated) { return index }
        if let claimed = family.things.firstIndex(where: { $0.views.contains { $0.sameAs == me } }) { return claimed }
        return matchByContents(snapshot)
    }

    func index(of foreign: ForeignID) -> Int? {
        family.things.firstIndex { thing in
            thing.views.contains { $0.provider == foreign.system && $0.external == foreign.id }
        }
    }

    /// An item is in one parcel at a time: the only parcel with exactly these items, which this provider does not
    /// know by another id and which no stated id contradicts, is the same parcel.
    private func matchByContents(_ snapshot: Snapshot) -> Int? {
        guard snapshot.id.kind == .parcel, !snapshot.contents.isEmpty else { return nil }
        var wanted: Set<ThingID> = []
        for reference in snapshot.contents {
            guard let item = item(reference) else { return nil }
            wanted.insert(item)
        }
        let candidates = family.things.indices.filter { index in
            let thing = family.things[index]
            return thing.kind == .parcel && thing.mergedInto == nil && !thing.isFinished
                && family.contents(of: thing) == wanted
                && !thing.views.contains { $0.provider == context.provider }
                && !thing.views.contains { $0.sameAs?.system == context.provider }
                && snapshot.sameAs.map { stated in !thing.views.contains { $0.provider == stated.system } } != false
        }
        return candidates.count == 1 ? candidates[0] : nil
    }

    private func item(_ reference: ContentReference) -> ThingID? {
        switch reference {
        case .external(let id): family.thing(viewedBy: context.provider, as: id)?.id
        case .label(let label): family.thing(.item, label: label)?.id
        }
    }

    mutating func create(_ snapshot: Snapshot) -> Int {
        let label = snapshot.label ?? "\(context.provider):\(snapshot.id.key)"
        var thing = Thing(
            id: nextID, kind: snapshot.id.kind, label: label, firstSeenAt: context.at,
            isFirstSight: context.isFirstPass)
        thing.display = snapshot.display ?? label
        family.things.append(thing)
        return family.things.count - 1
    }

    private var nextID: ThingID { min(0, family.things.map(\.id).min() ?? 0) - 1 }

    /// Gives the thing the names, the order and the creation date that the snapshot knows, and unites it with another
    /// thing that the snapshot states to be the same.
    mutating func name(_ index: Int, after snapshot: Snapshot) {
        if let label = snapshot.label, family.things[index].label != label {
            if let other = family.things.firstIndex(where: {
                $0.kind == snapshot.id.kind && $0.label == label && $0.mergedInto == nil
            }) {
                // Two lines that swap their numbers pass through here: only nameless things are united.
                if family.things[index].label.contains(":") { merge(index, into: other, keeping: index) }
            }
            family.things[index].label = label
        }
        if let display = snapshot.display { family.things[index].display = display }
        if family.things[index].kind != .order, family.things[index].order == nil, let number = snapshot.order {
            family.things[index].order = orderID(number)
        }
        if let created = snapshot.created.instant(zone: context.zone, seenAt: context.at, existedSince: nil) {
            family.things[index].createdAt = min(created, family.things[index].createdAt ?? created)
        }
        if let stated = snapshot.sameAs, let other = self.index(of: stated), other != index {
            merge(other, into: index, keeping: index)
        }
    }

    /// The order of that number; one that no shop has listed yet is known by its number alone.
    private mutating func orderID(_ number: String) -> ThingID {
        if let known = family.thing(.order, label: number) { return known.id }
        var order = Thing(
            id: nextID, kind: .order, label: number, firstSeenAt: context.at, isFirstSight: context.isFirstPass)
        order.display = "ORD-" + String(repeating: "0", count: max(0, 9 - number.count)) + number
        family.things.append(order)
        return order.id
    }

    /// Everything that was known of the one is known of the other from now on. `kept` survives.
    private mutating func merge(_ one: Int, into other: Int, keeping kept: Int) {
        let gone = kept == one ? other : one
        family.things[kept].views += family.things[gone].views
        family.things[kept].events += family.things[gone].events
        family.things[kept].firstSeenAt = min(family.things[kept].firstSeenAt, family.things[gone].firstSeenAt)
        if family.things[kept].order == nil { family.things[kept].order = family.things[gone].order }
        let (keptID, goneID) = (family.things[kept].id, family.things[gone].id)
        for thing in family.things.indices {
            for view in family.things[thing].views.indices {
                let contents = family.things[thing].views[view].contents
                family.things[thing].views[view].contents = contents.map { $0 == goneID ? keptID : $0 }
            }
        }
        family.things[gone].views = []
        family.things[gone].events = []
        family.things[gone].stage = nil
        family.things[gone].deadline = nil
        family.things[gone].mergedInto = keptID
        family.things[gone].label += " (joined)"
    }
}
