// Which numbers a thing goes by, and which things go by a number: the links of the chain from the seller's courier to
// the last mile. What a history amounts to is decided in Journey.swift.

/// Forms of numbers that only couriers inside China give.
private let chineseCouriers: Set<String> = [
    "yto", "sto", "zto", "yunda", "sf", "jt", "jd", "deppon", "chinapost_domestic", "cainiao_cn15",
]

/// The role of a number that nothing carries, by the first form that it has.
func roleByForm(of number: TrackNumber) -> TrackNumberRole {
    guard let first = formats(of: number).first, chineseCouriers.contains(first.format.id) else {
        return guessedRole(of: number)
    }
    return .domestic
}

/// A number on a thing's way, with its place in the chain: later numbers take over from earlier ones.
package struct FollowedLink: Sendable, Hashable {
    package var role: TrackNumberRole
    package var number: Thing
    /// 0 for a number that the thing itself carries, more for one that was found in an answer about another number.
    package var depth: Int
}

extension Family {
    /// The present generation of a number, or the one that the view's thing had.
    package func number(_ number: TrackNumber, of view: View? = nil) -> Thing? {
        let label = view?.label(of: number) ?? number.description
        return things.first { $0.kind == .trackNumber && $0.label == label }
    }

    /// The numbers that a thing carries, those found in the answers about them, and so on; each once.
    package func followed(by thing: Thing) -> [FollowedLink] {
        var links: [FollowedLink] = []
        var waiting = [(thing: thing, depth: 0)]
        while !waiting.isEmpty {
            let (carrier, depth) = waiting.removeFirst()
            for view in carrier.liveViews {
                for roled in view.numbers {
                    guard let found = number(roled.number, of: view), found.id != thing.id,
                        !links.contains(where: { $0.number.id == found.id })
                    else { continue }
                    links.append(FollowedLink(role: roled.role, number: found, depth: depth))
                    if depth < 4 { waiting.append((found, depth + 1)) }
                }
            }
        }
        return links
    }

    /// Every number of a thing with its role: itself, those that it carries, those found in answers about them.
    package func numbers(of thing: Thing) -> [RoledNumber] {
        var found: [RoledNumber] = []
        if thing.kind == .trackNumber, let own = TrackNumber(thing.plainNumber) {
            found.append(RoledNumber(role(of: thing) ?? guessed(thing), own))
        }
        found += thing.numbers.filter { !found.contains($0) }
        for link in followed(by: thing) {
            guard let number = TrackNumber(link.number.plainNumber), !found.contains(where: { $0.number == number })
            else { continue }
            found.append(RoledNumber(link.role, number))
        }
        return found
    }

    /// Orders, items and parcels that a number leads to, directly or over another number, each with the number's role.
    package func carriers(of number: Thing) -> [(thing: Thing, role: TrackNumberRole)] {
        guard number.kind == .trackNumber else { return [] }
        var found: [(thing: Thing, role: TrackNumberRole)] = []
        var visited: Set<ThingID> = [number.id]
        var waiting: [(label: String, role: TrackNumberRole?)] = [(number.label, nil)]
        while let (label, role) = waiting.popLast() {
            for thing in things where thing.mergedInto == nil && !visited.contains(thing.id) {
                guard let direct = thing.role(ofNumber: label) else { continue }
                visited.insert(thing.id)
                // Its role is the one that is told where it was found.
                if thing.kind == .trackNumber {
                    waiting.append((thing.label, role ?? direct))
                } else {
                    found.append((thing, role ?? direct))
                }
            }
        }
        return found
    }

    /// The things for whose sake a number is still followed. A Chinese courier's number is of no more use once its item
    /// is at the warehouse.
    package func waiting(for number: Thing) -> [(thing: Thing, role: TrackNumberRole)] {
        carriers(of: number).filter { carrier in
            guard !carrier.thing.isFinished else { return false }
            guard carrier.role == .domestic else { return true }
            return (carrier.thing.stage ?? .unmapped).rank(of: carrier.thing.kind) < Stage.assembly.rank(of: .item)
        }
    }

    /// Everything that is told of the way of a thing, over all of its numbers.
    package func journey(of thing: Thing) -> Journey {
        var parts: [JourneyPart] = []
        let links =
            thing.kind == .trackNumber
            ? [FollowedLink(role: role(of: thing) ?? guessed(thing), number: thing, depth: 0)]
                + followed(by: thing).map {
                    FollowedLink(role: $0.role, number: $0.number, depth: $0.depth + 1)
                } : followed(by: thing)
        // The seller's courier comes before the forwarder, and that before the post; then as they were found.
        let sorted = links.enumerated().sorted { left, right in
            (left.element.role.order, left.element.depth, left.offset)
                < (right.element.role.order, right.element.depth, right.offset)
        }.map(\.element)
        for (index, link) in sorted.enumerated() {
            for view in link.number.liveViews where view.provider != .user {
                guard let number = TrackNumber(link.number.plainNumber) else { continue }
                parts.append(
                    JourneyPart(
                        provider: view.provider, number: number, index: index, role: link.role,
                        journey: link.number.journey(at: view.provider, role: link.role)))
            }
        }
        return ParcelCore.journey(merging: parts)
    }

    /// Those of the carriers' views of a parcel's numbers that know nothing yet.
    package func unknowingViews(of thing: Thing) -> [View] {
        guard thing.kind == .parcel else { return [] }
        return followed(by: thing).filter { $0.role != .domestic }.flatMap { link in
            link.number.liveViews.filter { $0.provider != .user && $0.summary == .notFoundYet && !$0.isKnowing }
        }
    }

    /// What carriers say of the numbers that a parcel travels by, as far as they know them. Items are watched by the
    /// warehouse: their couriers' events are movement, and no more.
    package func wayViews(of thing: Thing) -> [View] {
        guard thing.kind == .parcel else { return [] }
        return followed(by: thing).filter { $0.role != .domestic }.flatMap { link in
            link.number.liveViews.filter { $0.provider != .user && $0.isKnowing }
        }
    }

    /// What the seller's couriers say of an item that has not reached the warehouse.
    package func courierViews(of thing: Thing) -> [View] {
        guard thing.kind == .item, !thing.isFinished,
            (thing.stage ?? .unmapped).rank(of: .item) < Stage.assembly.rank(of: .item)
        else { return [] }
        return followed(by: thing).filter { $0.role == .domestic }.flatMap { link in
            link.number.liveViews.filter { $0.provider != .user && $0.isKnowing }
        }
    }

    /// Of the carriers that know a number of the thing, the one with the most authority where it is now. Where none
    /// knows it, whoever was asked last says so: that is what confirms that it is not known yet.
    package func decidingCarrier(of thing: Thing) -> View? {
        let own = thing.kind == .trackNumber ? thing.liveViews.filter { $0.provider != .user } : []
        let known = (own + wayViewsOfChain(thing)).filter(\.isKnowing)
        let leg = journey(of: thing).leg
        return known.max { left, right in
            let (one, other) = (authority(of: left.provider, on: leg), authority(of: right.provider, on: leg))
            // A smaller number is more authority; of two that are equal the furthest decides.
            return (other, (left.milestone ?? .unknown).rank) < (one, (right.milestone ?? .unknown).rank)
        }
            ?? (own + unknowingViews(of: thing)).max {
                ($0.confirmedAt ?? .distantPast) < ($1.confirmedAt ?? .distantPast)
            }
    }

    private func wayViewsOfChain(_ thing: Thing) -> [View] {
        thing.kind == .trackNumber
            ? followed(by: thing).flatMap { $0.number.liveViews.filter { $0.provider != .user } } : wayViews(of: thing)
    }

    /// The role in which its carriers know a number; nil where none does.
    package func role(of number: Thing) -> TrackNumberRole? { carriers(of: number).first?.role }

    private func guessed(_ number: Thing) -> TrackNumberRole {
        TrackNumber(number.plainNumber).map { roleByForm(of: $0) } ?? .lastMile
    }
}

extension View {
    /// Whether this carrier knows anything of the number.
    package var isKnowing: Bool { (milestone ?? .unknown) > .unknown || condition != nil && milestone != nil }

    /// The name of the thing that the number was for this view: its present generation, or the one it had.
    package func label(of number: TrackNumber) -> String {
        generations[number].map { "\(number)#\($0)" } ?? number.description
    }
}

extension TrackNumberRole {
    /// Its place on the way.
    var order: Int {
        switch self {
        case .domestic: 0
        case .forwarder: 1
        case .international: 2
        case .lastMile: 3
        }
    }
}

extension Thing {
    /// The number without the mark of an earlier generation.
    package var plainNumber: String { String(label.prefix { $0 != "#" }) }

    /// Nil where no view of it names that number.
    fileprivate func role(ofNumber label: String) -> TrackNumberRole? {
        for view in liveViews {
            for roled in view.numbers where view.label(of: roled.number) == label { return roled.role }
        }
        return nil
    }

    /// One provider's history of this number.
    ///
    /// - Parameter role: Nil where nothing carries the number: then its form tells.
    func journey(at provider: ProviderID, role: TrackNumberRole?) -> Journey {
        guard let number = TrackNumber(plainNumber) else { return Journey() }
        let own = events.filter { $0.kind == .checkpoint && $0.provider == provider && $0.withdrawnAt == nil }
        return ParcelCore.journey(
            of: own.map { event in
                JourneyEvent(
                    provider: provider, number: number, code: event.code, position: event.position,
                    at: event.since.at, isCertain: event.hasZone && event.since.basis == .happened,
                    meaning: event.meaning ?? .remark, country: event.country)
            }, role: role ?? roleByForm(of: number),
            summary: views.first { $0.provider == provider && !$0.isGone }?.summary)
    }
}
