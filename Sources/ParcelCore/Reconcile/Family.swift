// The mirror's part that is decided together: orders with their items, parcels and what each provider says of them.
// Values only; ParcelStore reads and writes them.

/// When something was, and whether the provider said so or parceld first saw it then.
package struct Since: Sendable, Hashable, Codable {
    package enum Basis: String, Sendable, Hashable, Codable { case happened, seen }

    package var at: Timestamp
    package var basis: Basis

    package init(_ at: Timestamp, _ basis: Basis) {
        self.at = at
        self.basis = basis
    }
}

/// What one provider says of one thing, as last seen.
package struct View: Sendable, Hashable {
    package var rowID: Int64?
    package var provider: ProviderID
    package var external: ExternalID
    package var sameAs: ForeignID?
    package var code: String
    package var text: String
    /// The last known progress; an unknown code leaves it as it was and sets `isUnmapped`.
    package var progress: StatusMeaning
    package var isUnmapped: Bool
    package var condition: Condition?
    package var since: Since
    /// Track numbers only: what the events that this provider tells amount to.
    package var milestone: Milestone?
    package var leg: Leg?
    /// Track numbers only: what the provider's own summary says.
    package var summary: CodeMeaning?
    package var numbers: [RoledNumber] = []
    /// Numbers of an earlier generation than the present one, with which.
    package var generations: [TrackNumber: Int] = [:]
    package var contents: [ThingID] = []
    package var amount: Money?
    package var facts: [FactKey: String] = [:]
    package var changeSignal: String?
    /// Fingerprints of the last snapshot and of the last checkpoints: equal ones change nothing.
    package var digest: Int64
    package var checkpointDigest: Int64?
    package var firstSeenAt: Timestamp
    /// When it was last in an answer.
    package var seenAt: Timestamp
    /// When an answer last showed it that would have told of a movement. Nil until then.
    package var confirmedAt: Timestamp?
    /// Orders only: when its parcels were last listed completely.
    package var listedAt: Timestamp?
    package var missedPasses = 0
    package var goneAt: Timestamp?
    /// Why its last answer could not be read; nil after one that could.
    package var error: String?

    package init(
        provider: ProviderID, external: ExternalID, code: String, text: String, progress: StatusMeaning,
        isUnmapped: Bool = false, since: Since, digest: Int64, firstSeenAt: Timestamp
    ) {
        self.provider = provider
        self.external = external
        self.code = code
        self.text = text
        self.progress = progress
        self.isUnmapped = isUnmapped
        self.since = since
        self.digest = digest
        self.firstSeenAt = firstSeenAt
        seenAt = firstSeenAt
    }

    package var isGone: Bool { goneAt != nil }
}

/// One dated happening of a thing's history. Append-only: a withdrawn one is marked, never deleted.
package struct Event: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case status, number, contents, checkpoint, stage
    }

    package var rowID: Int64?
    package var kind: Kind
    package var provider: ProviderID
    /// The provider's own id of the thing, as one thing may have several there.
    package var source: String
    package var code: String
    package var text: String
    package var place: String = ""
    package var since: Since
    /// The provider's own time as it wrote it.
    package var given: String?
    /// Whether the provider's time has a zone, its own or the configured one; without, it is the latest instant that it
    /// can mean.
    package var hasZone = true
    /// Whom the provider quotes; empty where it speaks for itself.
    package var carrier = ""
    package var country: String?
    /// Carriers' checkpoints only: what the code says by the provider's table.
    package var meaning: CodeMeaning?
    /// Place in the provider's own order.
    package var position = 0
    package var seenAt: Timestamp
    package var isMovement: Bool
    /// What tells it from the others of its thing; the same happening reported twice has it twice.
    package var identity: Int64
    package var withdrawnAt: Timestamp?

    package init(
        _ kind: Kind, provider: ProviderID, source: String, code: String, text: String, since: Since,
        given: String? = nil, seenAt: Timestamp, isMovement: Bool, identity: Int64
    ) {
        self.kind = kind
        self.provider = provider
        self.source = source
        self.code = code
        self.text = text
        self.since = since
        self.given = given
        self.seenAt = seenAt
        self.isMovement = isMovement
        self.identity = identity
    }
}

/// One order, item or parcel with everything that decides about it.
package struct Thing: Sendable, Hashable {
    package var id: ThingID
    package let kind: ThingKind
    /// `1907`, `1907-2`, `519`; for a thing without a shop's name `shiptor:11578`.
    package var label: String
    /// As people see it: `ORD-000001907`; equal to the label for the other kinds.
    package var display: String
    /// The order it belongs to; nil for orders and for things of no known order.
    package var order: ThingID?
    package var firstSeenAt: Timestamp
    /// Met in a provider's first complete pass: what had happened before is told by one overview.
    package var isFirstSight: Bool
    package var createdAt: Timestamp?
    /// Nil for a finished thing, and for an order whose items are watched instead.
    package var stage: Stage?
    package var stageSince: Since
    package var ending: Ending?
    package var endedAt: Timestamp?
    /// The first instant at which a poll that shows it unmoved would change its level. Nil where none would.
    package var deadline: Timestamp?
    /// Set when it turned out to be the same as another thing; it has no views any more.
    package var mergedInto: ThingID?
    package var views: [View] = []
    package var events: [Event] = []

    package init(id: ThingID, kind: ThingKind, label: String, firstSeenAt: Timestamp, isFirstSight: Bool) {
        self.id = id
        self.kind = kind
        self.label = label
        display = label
        self.firstSeenAt = firstSeenAt
        self.isFirstSight = isFirstSight
        stageSince = Since(firstSeenAt, .seen)
    }

    package var isFinished: Bool { ending != nil }
    package var liveViews: [View] { views.filter { !$0.isGone } }

    /// The last of the thing's own movements since that one.
    fileprivate func lastMovement(since: Since) -> Since {
        var latest = since
        for event in events where event.isMovement && event.withdrawnAt == nil && event.since.at > latest.at {
            latest = event.since
        }
        return latest
    }

    /// The last thing that was reported to happen, movement or not; nil before anything was.
    package var lastEvent: Event? {
        events.filter { $0.withdrawnAt == nil && $0.kind != .stage }
            .max { ($0.since.at, $0.rowID ?? .max) < ($1.since.at, $1.rowID ?? .max) }
    }

    /// Every track number that any provider gives, once in each role.
    package var numbers: [RoledNumber] {
        var seen: [RoledNumber] = []
        for number in liveViews.flatMap(\.numbers) where !seen.contains(number) { seen.append(number) }
        return seen
    }

    /// The value of a fact, by the first view that has one.
    package func fact(_ key: FactKey) -> String? { views.lazy.compactMap { $0.facts[key] }.first }
}

/// A closed set: every order of any thing in it, every item and parcel of those orders, and the numbers that they carry,
/// are in it too.
package struct Family: Sendable, Hashable {
    private var stored: [Thing]
    /// Who leads to whom, while it is known; nil after a change that may have made it wrong.
    private(set) var links: Links?

    package var things: [Thing] {
        get { stored }
        _modify {
            links = nil
            yield &stored
        }
    }

    package init(things: [Thing] = []) { stored = things }

    package static func == (left: Family, right: Family) -> Bool { left.stored == right.stored }
    package func hash(into hasher: inout Hasher) { hasher.combine(stored) }

    /// The same, quick to ask about: a family may have hundreds of items with a number each.
    package func linked() -> Family {
        guard links == nil else { return self }
        var family = self
        family.links = Links(stored)
        return family
    }

    /// Changes a thing's own state, and nothing by which things lead to each other.
    mutating func changeState(of index: Int, _ change: (inout Thing) -> Void) { change(&stored[index]) }

    package func index(of id: ThingID) -> Int? {
        links.map { $0.byID[id] } ?? stored.firstIndex { $0.id == id }
    }

    package subscript(id: ThingID) -> Thing? { index(of: id).map { stored[$0] } }

    package func thing(_ kind: ThingKind, label: String) -> Thing? {
        things.first { $0.kind == kind && $0.label == label && $0.mergedInto == nil }
    }

    package func thing(viewedBy provider: ProviderID, as external: ExternalID) -> Thing? {
        things.first { $0.views.contains { $0.provider == provider && $0.external == external } }
    }

    package func items(of order: ThingID) -> [Thing] {
        guard let links else { return things.filter { $0.kind == .item && $0.order == order } }
        return links.items[order, default: []].map { stored[$0] }
    }

    /// The parcel that an item is in: one that is not finished, or one that was delivered with it.
    package func parcel(carrying item: ThingID) -> Thing? {
        let parcels = links.map { $0.parcels[item, default: []].map { stored[$0] } } ?? things.filter { $0.holds(item) }
        let holding = parcels.filter { $0.ending?.releasesItems != true }
        return holding.first { !$0.isFinished } ?? holding.first
    }

    /// The later of the stage's start and the last movement (A of DESIGN 5), the carriers' events of its numbers
    /// included. Only what happened since the stage began can be later, so an old event that arrives late changes
    /// nothing.
    package func lastMovement(of thing: Thing) -> Since {
        followed(by: thing).reduce(thing.lastMovement(since: thing.stageSince)) { latest, link in
            link.number.lastMovement(since: latest)
        }
    }

    /// The words of whoever saw it move last: the others may still show the old status.
    package func lastWords(about thing: Thing) -> String? {
        let status = thing.liveViews.filter { $0.provider != .user }.max { $0.since.at < $1.since.at }
        let checkpoint = followed(by: thing).flatMap(\.number.events)
            .filter { $0.kind == .checkpoint && $0.withdrawnAt == nil && !$0.text.isEmpty }
            .max { $0.since.at < $1.since.at }
        guard let checkpoint, checkpoint.since.at > status?.since.at ?? .distantPast else { return status?.text }
        return checkpoint.text
    }

    /// Every item that any provider says is in the parcel. Where they disagree, the furthest statement counts, as
    /// it does for stages; `show` tells who said what.
    package func contents(of parcel: Thing) -> Set<ThingID> {
        Set(parcel.liveViews.flatMap(\.contents))
    }
}
