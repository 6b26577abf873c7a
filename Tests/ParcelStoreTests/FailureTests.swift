import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

/// Full disks, other writers, crashes: a decision is stored whole or not at all.
struct FailureTests {
    /// A poll that changed everything: mirror, alerts, outbox, schedule, health and ledger.
    static func wholeDecision(things: Int = 40) throws -> Decision {
        var family = Family(things: [.make(-1, .order, "5")])
        for number in 1...things {
            let id = ThingID(-1 - number)
            family.things.append(.make(id, .item, "5-\(number)", order: -1).seen(by: "otcommerce", as: "5/\(number)"))
            family.things[number].events = [event(.status, Int64(number))]
        }
        let changes = family.things.dropFirst().map { thing in
            var facts = AlertFacts()
            facts.label = thing.label
            facts.statusText = String(repeating: "долго ", count: 40)
            let alert = Alert(
                kind: .stall, thing: thing.id, key: "stall", level: .warning, openedAt: noon, facts: facts)
            return DecidedChange(opened: alert)
        }
        let wish = AskWish(
            provider: "otcommerce", subject: ExternalID(.order, "5"),
            plans: [AskPlan(Ask("packages", key: "5"), every: .hours(1))],
            isHastened: false)
        var decision = Decision.saving(family, provider: "otcommerce", changes: changes, wishes: [wish])
        decision.health = [ProviderHealth(provider: "otcommerce")]
        decision.requests = 3
        return decision
    }

    @Test func `on a full disk nothing is half-written, and later all of it is`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        let before = try bench.dump()
        try bench.store.database.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 3)")
        }
        let decision = try FailureTests.wholeDecision()
        #expect(throws: StoreError.full) { try bench.store.commit(decision) }
        #expect(try bench.dump() == before)
        try bench.store.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        try bench.store.commit(decision)
        #expect(try bench.count("SELECT count(*) FROM outbox") == 40)
    }

    @Test func `while another program writes, the daemon is told so and nothing is lost`() throws {
        let bench = try Bench()
        try bench.store.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 0") }
        let other = try DatabaseQueue(path: bench.store.path)
        try other.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            #expect(throws: StoreError.busy) { try bench.store.commit(try FailureTests.wholeDecision()) }
            #expect(try bench.store.things([.item]) == [])
            try db.execute(sql: "ROLLBACK")
        }
        try bench.store.commit(try FailureTests.wholeDecision())
        #expect(try bench.store.things([.item]).count == 40)
    }

    @Test func `what cannot be stored leaves nothing of its decision behind`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        let before = try bench.dump()
        var decision = try FailureTests.wholeDecision()
        // Its last part refers to a thing that is not there.
        let orphan = Thing.make(-1, .parcel, "9").seen(by: "shiptor", as: "9") { $0.contents = [987_654] }
        decision.families.append(FamilyDecision(before: Family(), after: Family(things: [orphan])))
        let error = #expect(throws: StoreError.self) { try bench.store.commit(decision) }
        #expect(error?.mayPass == false)
        #expect(try bench.dump() == before)
    }

    @Test func `a crash in the middle of a commit leaves the state before it`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        let before = try bench.dump()
        let copy = bench.folder("copy.db")
        try bench.store.database.writeWithoutTransaction { db in
            // So small a cache that the transaction's pages reach the log before its end.
            try db.execute(sql: "PRAGMA cache_size = 5; BEGIN IMMEDIATE")
            for number in 1...3000 {
                try db.execute(
                    sql: "INSERT INTO settings (key, value) VALUES (?, ?)",
                    arguments: ["half \(number)", String(repeating: "x", count: 200)])
            }
            try copyFiles(from: bench.store.path, to: copy)
            try db.execute(sql: "ROLLBACK; PRAGMA cache_size = -2000")
        }
        let log = try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.size] as? Int ?? 0
        #expect(log > 200_000)
        let survivor = try Store.open(copy, .daemon)
        #expect(try survivor.database.read { try lines($0) } == before)
        try survivor.commit(try FailureTests.wholeDecision())
        #expect(try survivor.things([.item]).count == 42)
    }

    @Test func `wherever the log breaks off, each commit is there whole or not at all`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        try bench.store.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        var states = [try bench.dump()]
        try bench.store.commit(try FailureTests.wholeDecision(things: 12))
        states.append(try bench.dump())
        let more = Family(things: [.make(-1, .order, "6")])
        try bench.store.commit(.saving(more))
        states.append(try bench.dump())
        let log = try Data(contentsOf: URL(fileURLWithPath: bench.store.path + "-wal"))
        var seen: Set<Int> = []
        for length in stride(from: 0, through: log.count, by: 1999) + [log.count] {
            let copy = bench.folder("copy\(length).db")
            try copyFiles(from: bench.store.path, to: copy)
            try log.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
            let survivor = try Store.open(copy, .daemon)
            let state = try survivor.database.read { try lines($0) }
            let index = states.firstIndex(of: state)
            #expect(index != nil, "log cut at \(length)")
            seen.insert(index ?? -1)
        }
        #expect(seen == [0, 1, 2])
    }

    private func copyFiles(from path: String, to copy: String) throws {
        for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix) }
    }
}

extension DecidedChange {
    /// Opened, and told to one manager through one channel at once.
    init(opened alert: Alert) {
        let change = AlertChange(alert: alert, change: .opened, at: alert.openedAt, cause: .threshold)
        self.init(
            change: change,
            rows: [OutboxRow(change, recipient: "manager", channel: "telegram", notBefore: alert.openedAt)])
    }
}
