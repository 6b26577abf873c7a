// What the tests of the store share: a folder of their own, real databases in it, and a family with everything in it.

import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

/// A folder that is gone when the tests end. Not with its last use: a database in it may be open for longer.
struct Folder: Sendable {
    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: Folder.root) }
        return FileManager.default.temporaryDirectory.appendingPathComponent("parcelstore-\(UUID().uuidString)").path
    }()

    let path: String

    init() throws {
        path = Folder.root + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// A daemon's store in a folder of its own.
struct Bench {
    let folder: Folder
    let store: Store

    init() throws {
        folder = try Folder()
        store = try Store.open(folder("mirror.db"), .daemon)
    }

    func count(_ sql: String) throws -> Int {
        try store.database.read { db in try Int.fetchOne(db, sql: sql) ?? 0 }
    }

    func totalChanges() -> Int { store.database.writeWithoutTransaction { $0.totalChangesCount } }

    /// Every row of every table, for comparing one state of the file with another.
    func dump(leavingOut columns: Set<String> = []) throws -> [String] {
        try store.database.read { try lines($0, columns) }
    }
}

func lines(_ db: Database, _ leftOut: Set<String> = []) throws -> [String] {
    let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    return try tables.flatMap { table in
        try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { row in
            let values = row.filter { !leftOut.contains($0.0) }.map { "\($0.0)=\($0.1)" }
            return table + " " + values.joined(separator: " ")
        }.sorted()
    }
}

func ms(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

let noon = ms(1_506_427_200_000)  // 2017-09-26T12:00:00Z

extension Decision {
    static func saving(
        _ after: Family, before: Family = Family(), at: Timestamp = noon, provider: ProviderID? = nil,
        changes: [DecidedChange] = [], wishes: [AskWish] = []
    ) -> Decision {
        var family = FamilyDecision(before: before, after: after)
        family.changes = changes
        family.wishes = wishes
        var decision = Decision(at: at, provider: provider)
        decision.families = [family]
        return decision
    }
}

extension Store {
    /// The family of what somebody calls so.
    func family(named text: String) throws -> Family {
        try family(of: try find(text).filter { $0.kind != .trackNumber }.map(\.id))
    }
}

extension Thing {
    static func make(_ id: ThingID, _ kind: ThingKind, _ label: String, order: ThingID? = nil) -> Thing {
        var thing = Thing(id: id, kind: kind, label: label, firstSeenAt: noon, isFirstSight: false)
        thing.order = order
        thing.stage = kind == .order ? nil : .inbound
        return thing
    }

    func seen(by provider: ProviderID, as key: String) -> Thing { seen(by: provider, as: key) { _ in } }

    func seen(by provider: ProviderID, as key: String, _ change: (inout View) throws -> Void) rethrows -> Thing {
        var thing = self
        var view = View(
            provider: provider, external: ExternalID(kind, key), code: "4", text: "Заказано", progress: .at(.inbound),
            since: Since(noon, .seen), digest: 11, firstSeenAt: noon)
        try change(&view)
        thing.views.append(view)
        return thing
    }
}

func roled(_ role: TrackNumberRole, _ text: String) throws -> RoledNumber {
    RoledNumber(role, try #require(TrackNumber(text)))
}

/// An order with two items, a parcel, and a parcel that was joined to it; every column has a value somewhere.
func richFamily() throws -> Family {
    var order = Thing.make(-1, .order, "1907").seen(by: "otcommerce", as: "1907") { view in
        view.listedAt = noon + .hours(1)
        view.changeSignal = "4:2"
        view.progress = .unstated
    }
    order.display = "ORD-000001907"
    order.createdAt = noon - .days(5)
    order.stage = .assembly
    order.stageSince = Since(noon - .hours(2), .happened)
    order.deadline = noon + .days(6)

    var first = Thing.make(-2, .item, "1907-1", order: -1).seen(by: "otcommerce", as: "1907/1") { view in
        view.facts = [.title: "Чайник \"Луна\" \\ 茶壶 \u{1}\n🫖", .seller: "店", .quantity: "2"]
        view.amount = Money(minor: -14467, currency: "RUB")
        view.confirmedAt = noon
        view.checkpointDigest = .min
        view.digest = .max
    }
    first.ending = .refunded
    first.endedAt = noon + .minutes(7)
    first.stage = nil
    first.isFirstSight = true

    var second = Thing.make(-3, .item, "1907-2", order: -1)
    second = try second.seen(by: "otcommerce", as: "1907/2") { view in
        view.numbers = [try roled(.domestic, "71148967930433"), try roled(.forwarder, "LP1930191011")]
        view.condition = .delayed
        view.missedPasses = 1
    }
    second = try second.seen(by: "litemf", as: "88") { view in
        view.sameAs = ForeignID("otcommerce", ExternalID(.item, "1907/2"))
        view.progress = .finished(.delivered)
        view.numbers = [try roled(.domestic, "71148967930433")]
        view.error = "cannot read status"
        view.goneAt = noon + .days(2)
    }
    second = second.seen(by: "shiptor", as: "s2") { view in
        view.progress = .unmapped
        view.isUnmapped = true
        view.code = "weird '; DROP TABLE things; --"
    }
    second.events = [event(.status, 1), event(.checkpoint, 2), event(.number, 3)]
    second.events[1].withdrawnAt = noon + .hours(4)

    var parcel = Thing.make(-4, .parcel, "520", order: -1).seen(by: "shiptor", as: "11578") { view in
        view.contents = [-3, -2]
    }
    parcel.stage = .handover
    parcel.events = [event(.contents, 4)]
    var joined = Thing.make(-5, .parcel, "litemf:7 (joined)", order: -1)
    joined.stage = nil
    joined.mergedInto = -4
    return Family(things: [order, first, second, parcel, joined])
}

func event(_ kind: Event.Kind, _ identity: Int64) -> Event {
    var event = Event(
        kind, provider: "otcommerce", source: "1907/2", code: "c\(identity)", text: "Прибыло",
        since: Since(noon + .minutes(identity), identity == 1 ? .happened : .seen),
        given: identity == 1 ? "26.09" : nil,
        seenAt: noon, isMovement: identity.isMultiple(of: 2), identity: identity &* -7_777_777_777_777)
    event.place = "Гуанчжоу"
    return event
}

/// What is not the same in two families, by the names of the things.
func differences(_ one: Family, _ other: Family) -> [String] { Portrait.differences(one, other) }

/// The same family with its ids replaced by names and row ids left out, for comparing what was decided with what was
/// read.
private struct Portrait {
    struct Figure: Equatable {
        var thing: Thing
        var order: String?
        var mergedInto: String?
        var contents: [[String]]
    }

    var figures: [String: Figure] = [:]

    /// Names of the things that are not the same in both.
    static func differences(_ one: Family, _ other: Family) -> [String] {
        let (one, other) = (Portrait(one).figures, Portrait(other).figures)
        return Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
    }

    init(_ family: Family) {
        func name(_ id: ThingID) -> String { family[id].map { "\($0.kind) \($0.label)" } ?? "?\(id)" }
        // The bare number is made where it is first named; only what somebody says of it is of interest.
        for thing in family.things where thing.kind != .trackNumber || !thing.views.isEmpty {
            var plain = Thing(
                id: 0, kind: thing.kind, label: thing.label, firstSeenAt: thing.firstSeenAt,
                isFirstSight: thing.isFirstSight)
            plain.display = thing.display
            plain.createdAt = thing.createdAt
            plain.stage = thing.stage
            plain.stageSince = thing.stageSince
            plain.ending = thing.ending
            plain.endedAt = thing.endedAt
            plain.deadline = thing.deadline
            // Their order is that of their rows, which a thing that was joined to another changes.
            let views = thing.views.sorted { ($0.provider, $0.external.key) < ($1.provider, $1.external.key) }
            plain.views = views.map { view in
                var view = view
                view.rowID = nil
                view.contents = []
                return view
            }
            plain.events = thing.events.map { event in
                var event = event
                event.rowID = nil
                return event
            }.sorted { $0.identity < $1.identity }
            figures[name(thing.id)] = Figure(
                thing: plain, order: thing.order.map(name), mergedInto: thing.mergedInto.map(name),
                contents: views.map { $0.contents.map(name) })
        }
    }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
