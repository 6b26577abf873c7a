// What a row of carriers' events amounts to: how far, where, what is wrong, and so the stage or the end. Which code means
// what is data of the providers; which numbers belong together is decided in Numbers.swift. Everything here is a pure
// function of one row of events, or of several such results.

/// One dated happening of one number, as its code was understood.
package struct JourneyEvent: Sendable, Hashable {
    package var provider: ProviderID
    package var number: TrackNumber
    package var code: String
    /// Place in the provider's own order, the oldest first.
    package var position: Int
    package var at: Timestamp
    /// Whether the provider said which instant it was; without a zone it is only the latest that it can have been.
    package var isCertain: Bool
    package var meaning: CodeMeaning
    /// ISO 3166 letters of where it happened.
    package var country: String?

    package init(
        provider: ProviderID, number: TrackNumber, code: String = "", position: Int, at: Timestamp, isCertain: Bool,
        meaning: CodeMeaning, country: String?
    ) {
        self.provider = provider
        self.number = number
        self.code = code
        self.position = position
        self.at = at
        self.isCertain = isCertain
        self.meaning = meaning
        self.country = country
    }
}

/// What one provider tells of one number, or what all of them tell of a chain of numbers.
package struct Journey: Sendable, Hashable {
    package var milestone = Milestone.unknown
    /// The furthest milestone before the end: what a provider may contribute that does not decide.
    package var underWay = Milestone.unknown
    package var leg = Leg.unknown
    package var condition: Condition?
    /// When the present condition was told.
    package var conditionSince: Timestamp?
    /// When the present stage or end began; nil where no event tells.
    package var since: Timestamp?
    /// On its way back: how far it came counts no more, and "delivered" means returned.
    package var isReturning = false

    package init() {}

    /// The stage that it waits in, or how it ended.
    package var meaning: StatusMeaning {
        if let ending = condition.flatMap(Ending.init(terminal:)) { return .finished(ending) }
        switch milestone {
        case .unknown: return .at(.acceptance)
        case .handedToForwarder: return .finished(.handedOver)
        case .delivered: return .finished(.delivered)
        case .readyForPickup: return .at(.pickup)
        default: return .at(leg.stage)
        }
    }

    /// Whether its provider knows anything of the parcel.
    package var isKnown: Bool { milestone > .unknown || condition.map { !$0.isAboutWatching } == true }
}

/// - Parameters:
///   - events: Of one provider about one number; withdrawn ones are left out by the caller.
///   - role: Of the number. "Delivered" of a Chinese courier is the forwarder's warehouse.
///   - summary: The provider's own word for the whole, which may say what no event does.
package func journey(of events: [JourneyEvent], role: TrackNumberRole?, summary: CodeMeaning?) -> Journey {
    var walk = Walk(role: role)
    for event in standing(ordered(events)) { walk.take(event.meaning, country: event.country, at: event.at) }
    if let summary { walk.take(summary: summary, hasEvents: !events.isEmpty) }
    return walk.journey
}

/// By instant where every event has one for certain, otherwise as the provider ordered them: a time without a zone may be
/// hours off.
private func ordered(_ events: [JourneyEvent]) -> [JourneyEvent] {
    guard events.allSatisfy(\.isCertain) else { return events.sorted { $0.position < $1.position } }
    return events.sorted { ($0.at, $0.position) < ($1.at, $1.position) }
}

/// Without those that a later row takes back, and without the rows that do so. Such a row takes back the last of its
/// kind before it.
private func standing(_ events: [JourneyEvent]) -> [JourneyEvent] {
    var kept: [JourneyEvent] = []
    for event in events {
        guard let cancelled = event.meaning.cancels else {
            kept.append(event)
            continue
        }
        if let last = kept.lastIndex(where: { $0.code == cancelled }) { kept.remove(at: last) }
    }
    return kept
}

/// Goes through the events from the oldest to the newest.
private struct Walk {
    let role: TrackNumberRole?
    var journey = Journey()

    mutating func take(_ meaning: CodeMeaning, country: String?, at: Timestamp?) {
        let before = journey.meaning
        let leg = leg(of: meaning, country)
        let reached = milestone(of: meaning, leg)
        if let condition = meaning.condition {
            note(condition, at)
        } else if let reached, reached >= journey.milestone {
            clearCondition()
        }
        if let reached { reach(reached, leg, at) }
        if journey.meaning != before || journey.since == nil { journey.since = at ?? journey.since }
    }

    /// A summary repeats the last event; it never clears what that said, and without one it stands alone.
    mutating func take(summary: CodeMeaning, hasEvents: Bool) {
        guard hasEvents, summary.condition == nil else {
            return take(summary, country: nil, at: nil)
        }
        let (condition, since) = (journey.condition, journey.conditionSince)
        if summary.step != .transit { take(summary, country: nil, at: nil) }
        if journey.condition == nil { (journey.condition, journey.conditionSince) = (condition, since) }
    }

    private mutating func note(_ condition: Condition, _ at: Timestamp?) {
        guard journey.condition?.isTerminal != true, journey.condition != condition else { return }
        // On its way back it stays so until it is there, whatever happens to it on the way.
        if journey.isReturning, !condition.isTerminal { return }
        journey.condition = condition
        journey.conditionSince = at
        if condition == .returning { journey.isReturning = true }
    }

    private mutating func clearCondition() {
        guard !journey.isReturning, journey.condition?.isTerminal != true else { return }
        journey.condition = nil
        journey.conditionSince = nil
    }

    private mutating func reach(_ milestone: Milestone, _ leg: Leg, _ at: Timestamp?) {
        if journey.isReturning {
            if milestone == .delivered { note(.returned, at) }
            return
        }
        if leg.order > journey.leg.order { journey.leg = leg }
        journey.milestone = max(journey.milestone, milestone)
        if milestone != .delivered, milestone != .handedToForwarder {
            journey.underWay = max(journey.underWay, milestone)
        }
    }

    private func milestone(of meaning: CodeMeaning, _ leg: Leg) -> Milestone? {
        switch meaning.step {
        case nil: return nil
        case .at(.delivered)?, .delivered?: return role == .domestic ? .handedToForwarder : .delivered
        // A locker at the warehouse's door, a courier on the way there: nothing is handed over yet.
        case .at(let milestone)? where role == .domestic && milestone > .handedToForwarder: return .originTransit
        case .at(let milestone)?: return milestone
        case .transit?:
            switch leg {
            case .cnDomestic: return .originTransit
            case .crossBorder: return .internationalTransit
            case .ruDomestic: return .destinationTransit
            case .unknown: return nil
            }
        }
    }

    /// From which number it is, where it happened, what it is; a step that names a border crossing says so itself.
    private func leg(of meaning: CodeMeaning, _ country: String?) -> Leg {
        // Data about a parcel may lie at a carrier of the last mile while the parcel is in China.
        if meaning.step == .at(.registered), role != .domestic { return country == "CN" ? .cnDomestic : .unknown }
        switch role {
        case .domestic?: return .cnDomestic
        case .lastMile?: return .ruDomestic
        case .forwarder?, .international?, nil: break
        }
        if case .at(let milestone)? = meaning.step, milestone.leg == .crossBorder { return .crossBorder }
        switch country {
        case "CN"?: return .cnDomestic
        case "RU"?: return .ruDomestic
        case _?: return .crossBorder
        case nil: break
        }
        if case .at(let milestone)? = meaning.step { return milestone.leg }
        // Nobody says where: it goes on where it was.
        guard journey.leg == .unknown || journey.leg == .crossBorder else { return journey.leg }
        return journey.milestone >= .customsReleased
            ? .ruDomestic : journey.milestone >= .exportCustoms ? .crossBorder : .cnDomestic
    }
}

// MARK: Several providers, several numbers

/// One provider's word about one number of a chain.
package struct JourneyPart: Sendable, Hashable {
    package var provider: ProviderID
    package var number: TrackNumber
    /// Place of the number in the chain, from the seller's courier to the last mile.
    package var index: Int
    package var role: TrackNumberRole
    package var journey: Journey
    /// False where the provider gave up following it: then another one decides, if there is one.
    package var isWatched: Bool

    package init(
        provider: ProviderID, number: TrackNumber, index: Int, role: TrackNumberRole, journey: Journey,
        isWatched: Bool = true
    ) {
        self.provider = provider
        self.number = number
        self.index = index
        self.role = role
        self.journey = journey
        self.isWatched = isWatched
    }
}

/// Whose word decides: of the newest number that anybody knows anything of, the provider with the most authority where
/// the parcel is. Nil where nobody knows any of them.
package func deciding(_ parts: [JourneyPart]) -> JourneyPart? {
    let known = parts.filter(\.journey.isKnown)
    // Who only says that something is wrong knows less than who says how far it is.
    let placed = known.filter { $0.journey.milestone > .unknown }
    let candidates = placed.isEmpty ? known : placed
    let newest = candidates.map(\.index).max()
    let own = candidates.filter { $0.index == newest }
    let leg = own.max { $0.reach < $1.reach }?.journey.leg ?? .unknown
    return own.min { hasMoreAuthority($0, than: $1, on: leg) }
}

/// The whole way, by the part that decides; the others may only tell that it is further, never that it is over.
package func journey(merging parts: [JourneyPart]) -> Journey {
    guard let decider = deciding(parts) else { return Journey() }
    var whole = decider.journey
    guard case .at = whole.meaning, !whole.isReturning else { return whole }
    for part in parts where part.journey.isKnown && part != decider {
        let other = part.journey
        if other.leg.order > whole.leg.order { whole.leg = other.leg }
        guard other.underWay > whole.milestone else { continue }
        whole.milestone = other.underWay
        whole.underWay = other.underWay
        if case .at = other.meaning { whole.since = other.since ?? whole.since }
    }
    return whole
}

private func hasMoreAuthority(_ one: JourneyPart, than other: JourneyPart, on leg: Leg) -> Bool {
    if one.isWatched != other.isWatched { return one.isWatched }
    let (left, right) = (authority(of: one.provider, on: leg), authority(of: other.provider, on: leg))
    if left != right { return left < right }
    // Of two that are equal the furthest decides, and if they are as far, always the same.
    return one.reach == other.reach ? one.provider < other.provider : one.reach > other.reach
}

extension JourneyPart {
    fileprivate var reach: (rank: Int, leg: Int) { (journey.milestone.rank, journey.leg.order) }
}

/// Whose word counts most on a leg; the smaller number is more. Carriers themselves before those that collect.
package func authority(of provider: ProviderID, on leg: Leg) -> Int {
    let order: [[ProviderID]] =
        switch leg {
        case .cnDomestic: [["kuaidi100"], ["17track"], ["cainiao"]]
        case .crossBorder, .unknown: [["17track", "cainiao"], ["russianpost"]]
        case .ruDomestic: [["russianpost", "cdek"], ["17track"]]
        }
    return order.firstIndex { $0.contains(provider) } ?? order.count
}

extension Leg {
    /// Along the way.
    package var order: Int {
        switch self {
        case .unknown: 0
        case .cnDomestic: 1
        case .crossBorder: 2
        case .ruDomestic: 3
        }
    }

    fileprivate var stage: Stage {
        switch self {
        case .unknown, .cnDomestic: .origin
        case .crossBorder: .crossBorder
        case .ruDomestic: .destination
        }
    }
}

extension Condition {
    /// Of the following, not of the parcel: who says so knows nothing about where it is.
    package var isAboutWatching: Bool {
        switch self {
        case .expired, .invalidNumber, .blocked: true
        default: false
        }
    }
}

extension Ending {
    /// Nil for a condition that passes.
    init?(terminal condition: Condition) {
        switch condition {
        case .returned: self = .returned
        case .lost: self = .lost
        case .destroyed: self = .destroyed
        case .confiscated: self = .confiscated
        case .unclaimed: self = .unclaimed
        case .cancelled: self = .cancelled
        default: return nil
        }
    }
}
