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
        let before = before.linked()
        try insertNew(after)
        for thing in after.things where thing.id > 0 {
            if let old = before[thing.id] { try update(old, thing) }
        }
        for thing in after.things { try saveEvents(before[thing.id]?.events ?? [], thing) }
        let labels = numberLabels(after)
        var stored: [Int64: (view: View, thing: ThingID)] = [:]
        for thing in before.things {
            for view in thing.views { if let id = view.rowID { stored[id] = (view, thing.id) } }
        }
        let passedOn = Set(numberLabels(before).filter { labels[$0.key] != $0.value }.keys)
        for thing in after.things {
            for view in thing.views {
                let old = view.rowID.flatMap { stored[$0] }
                if let id = try save(view, of: thing, stored: old)
                    ?? (view.numbers.contains { passedOn.contains(view.label(of: $0.number)) } ? view.rowID : nil)
                {
                    try save(linksOf: view, id, old?.view, labels, isPassedOn: !passedOn.isEmpty)
                }
            }
        }
    }

    /// Row ids of numbers by label. One that begins anew passes its label on: whoever names it is written again.
    private func numberLabels(_ family: Family) -> [String: ThingID] {
        Dictionary(
            family.things.filter { $0.kind == .trackNumber }.map { ($0.label, real($0.id)) },
            uniquingKeysWith: { first, _ in first })
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
        var known: [Int64: Event] = [:]
        for event in old { if let id = event.rowID { known[id] = event } }
        for event in thing.events {
            guard let id = event.rowID else {
                try db.cachedStatement(sql: Columns.insertEvent).execute(
                    arguments: StatementArguments([nil] + event.arguments(thing: real(thing.id))))
                continue
            }
            // One that is not known here was another thing's until both turned out to be one.
            if let known = known[id], known.withdrawnAt == event.withdrawnAt, known.position == event.position,
                known.meaning == event.meaning
            {
                continue
            }
            try db.cachedStatement(
                sql: "UPDATE events SET thing_id = ?, withdrawn_at = ?, position = ?, meaning = ? WHERE id = ?"
            ).execute(arguments: [
                real(thing.id), event.withdrawnAt?.milliseconds, event.position, event.meaning?.text, id,
            ])
        }
    }

    /// - Returns: The row's id where something of it was written.
    private func save(_ view: View, of thing: Thing, stored: (view: View, thing: ThingID)?) throws -> Int64? {
        guard stored?.view != view || stored?.thing != thing.id else { return nil }
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
        return id
    }

    private func save(
        linksOf view: View, _ id: Int64, _ old: View?, _ labels: [String: ThingID], isPassedOn: Bool
    ) throws {
        if isPassedOn || (old?.numbers ?? []) != view.numbers || (old?.generations ?? [:]) != view.generations {
            try save(numbersOf: view, id, labels)
        }
        if (old?.contents ?? []) != view.contents { try save(contents: view.contents, of: id) }
    }

    private func save(numbersOf view: View, _ id: Int64, _ labels: [String: ThingID]) throws {
        try db.cachedStatement(sql: "DELETE FROM view_numbers WHERE view_id = ?").execute(arguments: [id])
        for (position, roled) in view.numbers.enumerated() {
            let label = view.label(of: roled.number)
            try db.cachedStatement(
                sql: "INSERT INTO view_numbers (view_id, position, role, thing_id) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [id, position, roled.role.rawValue, try labels[label] ?? thing(labelled: label)])
        }
    }

    /// A track number is a thing of its own, so that it can be shown and followed.
    private func thing(labelled label: String) throws -> ThingID {
        if let known = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM things WHERE label = ? AND kind = 'track_number'"),
            arguments: [label])
        {
            return known
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO things (kind, label, display, first_seen_at, is_first_sight, stage_since_at, stage_since_basis)
                VALUES ('track_number', ?1, ?1, ?2, 0, ?2, 'seen')
                """
        ).execute(arguments: [label, at.milliseconds])
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
