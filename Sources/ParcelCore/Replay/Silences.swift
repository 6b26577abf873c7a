// The silences of one thing, told from its events in the order in which they were seen: in which stage it was, since
// when, and what ended that. Whatever is measured elsewhere meanwhile (in its parcel, by its order) is no silence of its own.

/// Since when, and until when, each item travels in a parcel.
struct Transports {
    private(set) var times: [ThingID: [Range<Timestamp>]] = [:]

    init(_ family: Family) {
        for parcel in family.things where parcel.kind == .parcel && parcel.mergedInto == nil {
            var until = Timestamp(milliseconds: .max / 2)
            if parcel.ending?.releasesItems == true {
                until = parcel.events.last { $0.kind == .stage }?.seenAt ?? parcel.endedAt ?? until
            }
            guard parcel.firstSeenAt < until else { continue }
            for item in family.contents(of: parcel) { times[item, default: []].append(parcel.firstSeenAt..<until) }
        }
    }
}

/// Something that was seen of a thing.
private struct Sight {
    enum Change {
        case stage(Stage?)
        case movement
        /// One that was seen before is taken back.
        case withdrawal
        /// It is in a parcel from now on, or out of it again.
        case carried(Bool)
    }

    var seenAt: Timestamp
    /// When it happened.
    var at: Timestamp
    var change: Change
    /// When it was taken back.
    var withdrawnAt: Timestamp?
}

func silences(of thing: Thing, in family: Family, _ transports: Transports) -> [Silence] {
    var walk = Walk(kind: thing.kind)
    for sight in sights(of: thing, in: family, transports) { walk.take(sight) }
    return walk.ended()
}

private func sights(of thing: Thing, in family: Family, _ transports: Transports) -> [Sight] {
    var sights: [Sight] = thing.events.compactMap { event in
        if event.kind == .stage {
            return Sight(seenAt: event.seenAt, at: event.since.at, change: .stage(Stage(rawValue: event.code)))
        }
        return event.isMovement ? movement(event) : nil
    }
    for link in family.followed(by: thing) { sights += link.number.events.filter(\.isMovement).map(movement) }
    for time in transports.times[thing.id] ?? [] {
        sights.append(Sight(seenAt: time.lowerBound, at: time.lowerBound, change: .carried(true)))
        sights.append(Sight(seenAt: time.upperBound, at: time.upperBound, change: .carried(false)))
    }
    if thing.kind == .order { sights += arrivals(of: thing, in: family) }
    sights += sights.compactMap { sight in
        sight.withdrawnAt.map { Sight(seenAt: $0, at: $0, change: .withdrawal) }
    }
    return sights.enumerated().sorted { ($0.element.seenAt, $0.offset) < ($1.element.seenAt, $1.offset) }.map(\.element)
}

private func movement(_ event: Event) -> Sight {
    Sight(seenAt: event.seenAt, at: event.since.at, change: .movement, withdrawnAt: event.withdrawnAt)
}

/// An order waits anew with each item that arrives and each parcel that takes some.
private func arrivals(of order: Thing, in family: Family) -> [Sight] {
    let items = family.items(of: order.id).flatMap { item in
        item.events.filter { $0.kind == .stage && $0.code == Stage.assembly.rawValue }
    }
    let parcels = family.things.filter { $0.kind == .parcel && $0.order == order.id && $0.mergedInto == nil }
    return items.map { Sight(seenAt: $0.seenAt, at: $0.since.at, change: .movement) }
        + parcels.map { Sight(seenAt: $0.firstSeenAt, at: $0.firstSeenAt, change: .movement) }
}

private struct Walk {
    let kind: ThingKind
    private var stage: Stage?
    private var stageSince: Timestamp?
    private var carriers = 0
    private var moves: [Sight] = []
    /// The latest of those that stand.
    private var lastMove: Timestamp?
    private var open: Silence?
    private var found: [Silence] = []

    init(kind: ThingKind) { self.kind = kind }

    mutating func take(_ sight: Sight) {
        switch sight.change {
        case .movement:
            moves.append(sight)
            lastMove = max(lastMove ?? sight.at, sight.at)
        case .withdrawal:
            lastMove = moves.filter { $0.withdrawnAt.map { $0 > sight.seenAt } != false }.map(\.at).max()
        case .carried(let isCarried): carriers += isCarried ? 1 : -1
        case .stage(let next):
            // The first stage may be older than its first sight, and so may a number's first scan; a later stage never
            // begins before the one before it.
            let isFirst = stageSince == nil || kind == .trackNumber && stage == .acceptance
            stageSince = isFirst ? sight.at : max(stageSince ?? sight.at, sight.at)
            stage = next
        }
        look(at: sight.seenAt, happened: sight.at)
    }

    mutating func ended() -> [Silence] {
        if let open { found.append(open) }
        open = nil
        return found
    }

    private mutating func look(at now: Timestamp, happened: Timestamp) {
        var present: (stage: Stage, since: Timestamp)?
        if let stage, let stageSince, isMeasured(stage) {
            present = (stage, max(stageSince, lastMove ?? stageSince))
        }
        if let open, let present, open.stage == present.stage, open.since == present.since { return }
        if var silence = open {
            silence.seenUntil = now
            silence.movedAt = min(present?.since ?? happened, now)
            // Things of one instant are seen together: nothing was told between them.
            if silence.seenFrom < now { found.append(silence) }
        }
        open = present.map { Silence(stage: $0.stage, since: $0.since, seenFrom: now) }
    }

    private func isMeasured(_ stage: Stage) -> Bool {
        switch kind {
        case .item: stage != .assembly && carriers <= 0
        case .order, .parcel, .trackNumber: true
        }
    }
}
