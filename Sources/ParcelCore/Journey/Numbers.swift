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
        if let links { return links.numbers[label].map { things[$0] } }
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
            for (thing, direct) in direct(carriersOf: label) where visited.insert(thing.id).inserted {
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

    private func direct(carriersOf label: String) -> [(thing: Thing, role: TrackNumberRole)] {
        if let links { return links.carriers[label, default: []].map { (things[$0.thing], $0.role) } }
        return things.compactMap { thing in
            thing.mergedInto == nil ? thing.role(ofNumber: label).map { (thing, $0) } : nil
        }
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

    /// Everything that is told of the way of a thing, over all of its numbers; an item's goes on in its parcel.
    package func journey(of thing: Thing) -> Journey {
        let onward = thing.kind == .item ? parcel(carrying: thing.id).map { followed(by: $0) } ?? [] : []
        let chain = chain(of: thing, and: onward)
        let told = parts(of: chain) { view, link in link.number.journey(at: view.provider, role: link.role) }
        return ParcelCore.journey(merging: told.map(\.part) + earlierParts(of: chain))
    }

    /// An earlier generation keeps what was told of it, although nobody looks at it any more.
    private func earlierParts(of chain: [FollowedLink]) -> [JourneyPart] {
        chain.enumerated().filter(\.element.number.isEarlierGeneration).flatMap { index, link in
            let tellers = Set(link.number.events.filter { $0.kind == .checkpoint }.map(\.provider)).sorted()
            return TrackNumber(link.number.plainNumber).map { number in
                tellers.map { provider in
                    JourneyPart(
                        provider: provider, number: number, index: index, role: link.role,
                        journey: link.number.journey(at: provider, role: link.role), isWatched: false)
                }
            } ?? []
        }
    }

    /// What carriers said of the numbers by which a thing is followed: a parcel's on its way out, the seller's couriers'
    /// of an item until the warehouse has it, a number's own and those that came of it.
    package func carrierViews(of thing: Thing) -> [View] {
        watched(thing).flatMap { $0.number.liveViews.filter { $0.provider != .user } }
    }

    /// Those that know where a parcel is. Items are watched by the warehouse: their couriers' events are movement, and
    /// no more.
    package func wayViews(of thing: Thing) -> [View] {
        thing.kind == .parcel ? carrierViews(of: thing).filter(\.isKnowing) : []
    }

    /// How far a parcel is by each carrier that knows it, and since when.
    func wayStages(of thing: Thing) -> [(progress: StatusMeaning, since: Since)] {
        guard thing.kind == .parcel else { return [] }
        return parts(of: watched(thing)) { view, link in link.number.journey(at: view.provider, role: link.role) }
            .filter(\.view.isKnowing)
            .map { ($0.view.progress, $0.part.journey.since.map { Since($0, .happened) } ?? $0.view.since) }
    }

    /// Those of a parcel's carriers that answered and know nothing of it yet.
    package func unknowingViews(of thing: Thing) -> [View] {
        thing.kind == .parcel || thing.kind == .trackNumber
            ? carrierViews(of: thing).filter { $0.milestone != nil && !$0.isKnowing } : []
    }

    /// Of the carriers that know a number of the thing, the one whose word decides.
    package func decidingCarrier(of thing: Thing) -> View? {
        let found = parts(of: watched(thing)) { view, _ in view.journey }
        guard let decider = deciding(found.map(\.part)) else { return nil }
        return found.first { $0.part == decider }?.view
    }

    private func watched(_ thing: Thing) -> [FollowedLink] {
        switch thing.kind {
        case .order: return []
        case .parcel: return chain(of: thing).filter { $0.role != .domestic }
        case .item:
            guard !thing.isFinished, (thing.stage ?? .unmapped).rank(of: .item) < Stage.assembly.rank(of: .item)
            else { return [] }
            return chain(of: thing).filter { $0.role == .domestic }
        case .trackNumber: return chain(of: thing)
        }
    }

    /// The numbers in the order in which they carry it: the seller's courier comes before the forwarder, and that before
    /// the post; then as they were found.
    private func chain(of thing: Thing, and onward: [FollowedLink] = []) -> [FollowedLink] {
        var links = followed(by: thing) + onward
        if thing.kind == .trackNumber {
            for index in links.indices { links[index].depth += 1 }
            links.insert(FollowedLink(role: role(of: thing) ?? guessed(thing), number: thing, depth: 0), at: 0)
        }
        return links.enumerated().sorted { left, right in
            (left.element.role.order, left.element.depth, left.offset)
                < (right.element.role.order, right.element.depth, right.offset)
        }.map(\.element)
    }

    private func parts(
        of chain: [FollowedLink], _ journey: (View, FollowedLink) -> Journey
    ) -> [(part: JourneyPart, view: View)] {
        chain.enumerated().flatMap { index, link in
            guard let number = TrackNumber(link.number.plainNumber) else { return [(part: JourneyPart, view: View)]() }
            return link.number.liveViews.filter { $0.provider != .user }.map { view in
                let part = JourneyPart(
                    provider: view.provider, number: number, index: index, role: link.role,
                    journey: journey(view, link), isWatched: view.condition != .expired)
                return (part, view)
            }
        }
    }

    /// The role in which its carriers know a number; nil where none does.
    package func role(of number: Thing) -> TrackNumberRole? { carriers(of: number).first?.role }

    private func guessed(_ number: Thing) -> TrackNumberRole {
        TrackNumber(number.plainNumber).map { roleByForm(of: $0) } ?? .lastMile
    }
}

extension View {
    /// Whether this carrier knows anything of the number's parcel.
    package var isKnowing: Bool { milestone != nil && journey.isKnown }

    /// As far as it decides whose word counts.
    fileprivate var journey: Journey {
        var journey = Journey()
        journey.milestone = milestone ?? .unknown
        journey.leg = leg ?? .unknown
        journey.condition = condition
        return journey
    }

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

    package var isEarlierGeneration: Bool { kind == .trackNumber && label.contains("#") }

    /// Nil where no view of it names that number.
    fileprivate func role(ofNumber label: String) -> TrackNumberRole? {
        for view in views where !view.isGone {
            for roled in view.numbers {
                let isIt =
                    view.generations.isEmpty
                    ? roled.number.description == label : view.label(of: roled.number) == label
                if isIt { return roled.role }
            }
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
