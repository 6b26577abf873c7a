// Writes the difference between a family as it was read and as it was decided: what is equal costs nothing, and things
// that are new get their row ids here.

import GRDB
import ParcelCore

struct FamilySaving {
    let db: Database
    let at: Timestamp
    /// Row ids of things that were new, by the negative ids they had.
    private(set) var ids: [ThingID: ThingID] = [:]

    init(db: Database, at: Timestamp) {
        self.db = db
        self.at = at
    }

    mutating func save(_ before: Family, _ after: Family) throws {
        try insertNew(after)
        for thing in after.things where thing.id > 0 {
            if let old = before[thing.id] { try update(old, thing) }
        }
        for thing in after.things { try saveEvents(before[thing.id]?.events ?? [], thing) }
        var stored: [Int64: (view: View, thing: ThingID)] = [:]
        for thing in before.things {
            for view in thing.views { if let id = view.rowID { stored[id] = (view, thing.id) } }
        }
        for thing in after.things {
            for view in thing.views { try save(view, of: thing, stored: view.rowID.flatMap { stored[$0] }) }
        }
    }

    private func real(_ id: ThingID) -> ThingID { ids[id] ?? id }

    /// The row id, where it is known by now.
    private func present(_ id: ThingID?) -> ThingID? { id.map(real).flatMap { $0 > 0 ? $0 : nil } }

    private mutating func insertNew(_ family: Family) throws {
        let new = family.things.filter { $0.id < 0 }
        guard !new.isEmpty else { return }
        let insert = try db.cachedStatement(sql: Columns.insertThing)
        // Orders first: their items and parcels refer to them.
        let sorted = new.filter { $0.order == nil } + new.filter { $0.order != nil }
        var early: [Thing] = []
        for thing in sorted {
            let (order, merged) = (present(thing.order), present(thing.mergedInto))
            if (order == nil) != (thing.order == nil) || (merged == nil) != (thing.mergedInto == nil) {
                early.append(thing)
            }
            try insert.execute(arguments: StatementArguments([nil] + thing.arguments(order: order, mergedInto: merged)))
            ids[thing.id] = db.lastInsertedRowID
        }
        // They refer to a thing that was inserted after them.
        for thing in early { try write(thing) }
    }

    private func write(_ thing: Thing) throws {
        try db.cachedStatement(sql: Columns.updateThing).execute(
            arguments: StatementArguments(
                thing.arguments(order: thing.order.map(real), mergedInto: thing.mergedInto.map(real))
                    + [real(thing.id)]))
    }

    private func update(_ old: Thing, _ new: Thing) throws {
        var (plainOld, plainNew) = (old, new)
        (plainOld.views, plainNew.views, plainOld.events, plainNew.events) = ([], [], [], [])
        if plainOld != plainNew { try write(new) }
    }

    private func saveEvents(_ old: [Event], _ thing: Thing) throws {
        var known: [Int64: Timestamp?] = [:]
        for event in old { if let id = event.rowID { known[id] = .some(event.withdrawnAt) } }
        for event in thing.events {
            guard let id = event.rowID else {
                try db.cachedStatement(sql: Columns.insertEvent).execute(
                    arguments: StatementArguments([nil] + event.arguments(thing: real(thing.id))))
                continue
            }
            // One that is not known here was another thing's until both turned out to be one.
            if known[id] == .some(event.withdrawnAt) { continue }
            try db.cachedStatement(sql: "UPDATE events SET thing_id = ?, withdrawn_at = ? WHERE id = ?")
                .execute(arguments: [real(thing.id), event.withdrawnAt?.milliseconds, id])
        }
    }

    private func save(_ view: View, of thing: Thing, stored: (view: View, thing: ThingID)?) throws {
        let old = stored?.view
        guard old != view || stored?.thing != thing.id else { return }
        let arguments = view.arguments(thing: real(thing.id))
        let id: Int64
        if let known = view.rowID {
            try db.cachedStatement(sql: Columns.updateView)
                .execute(arguments: StatementArguments(arguments + [known]))
            id = known
        } else {
            try db.cachedStatement(sql: Columns.insertView)
                .execute(arguments: StatementArguments([nil] + arguments))
            id = db.lastInsertedRowID
        }
        if (old?.numbers ?? []) != view.numbers { try save(numbers: view.numbers, of: id) }
        if (old?.contents ?? []) != view.contents { try save(contents: view.contents, of: id) }
    }

    private func save(numbers: [RoledNumber], of view: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM view_numbers WHERE view_id = ?").execute(arguments: [view])
        for (position, number) in numbers.enumerated() {
            try db.cachedStatement(
                sql: "INSERT INTO view_numbers (view_id, position, role, thing_id) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [view, position, number.role.rawValue, try thing(for: number.number)])
        }
    }

    /// A track number is a thing of its own, so that it can be shown and followed.
    private func thing(for number: TrackNumber) throws -> ThingID {
        if let known = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM things WHERE label = ? AND kind = 'track_number'"),
            arguments: [number.description])
        {
            return known
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO things (kind, label, display, first_seen_at, is_first_sight, stage_since_at, stage_since_basis)
                VALUES ('track_number', ?1, ?1, ?2, 0, ?2, 'seen')
                """
        ).execute(arguments: [number.description, at.milliseconds])
        return db.lastInsertedRowID
    }

    private func save(contents: [ThingID], of view: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM view_contents WHERE view_id = ?").execute(arguments: [view])
        for (position, item) in contents.enumerated() {
            try db.cachedStatement(sql: "INSERT INTO view_contents (view_id, position, item_id) VALUES (?, ?, ?)")
                .execute(arguments: [view, position, real(item)])
        }
    }
}
