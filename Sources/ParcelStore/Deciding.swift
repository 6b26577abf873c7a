// One decision, one transaction: the mirror, the alerts that its change caused, their notifications and the schedule
// are committed together or not at all.

import GRDB
package import ParcelCore

/// A change of an alert with the notifications it causes.
package struct DecidedChange: Sendable {
    package var change: AlertChange
    package var rows: [OutboxRow]

    package init(change: AlertChange, rows: [OutboxRow]) {
        self.change = change
        self.rows = rows
    }
}

/// What should be asked about one thing at one provider from now on.
package struct AskWish: Sendable {
    package var subject: ExternalID
    package var plans: [AskPlan]
    /// Ask at once, because something hints at news.
    package var isHastened: Bool

    package init(subject: ExternalID, plans: [AskPlan], isHastened: Bool) {
        self.subject = subject
        self.plans = plans
        self.isHastened = isHastened
    }
}

package struct FamilyDecision: Sendable {
    package var before: Family
    package var after: Family
    package var changes: [DecidedChange] = []
    package var wishes: [AskWish] = []

    package init(before: Family, after: Family) {
        self.before = before
        self.after = after
    }
}

/// The outcome of one ask.
package struct AskOutcome: Sendable {
    package var ask: Ask
    package var nextAt: Timestamp
    /// Nil on success.
    package var error: String?

    package init(ask: Ask, nextAt: Timestamp, error: String?) {
        self.ask = ask
        self.nextAt = nextAt
        self.error = error
    }
}

package struct Decision: Sendable {
    package var at: Timestamp
    /// Nil for what no poll caused.
    package var provider: ProviderID?
    package var confirmations: [Confirmation] = []
    package var listed: [Int64] = []
    package var families: [FamilyDecision] = []
    package var serviceChanges: [DecidedChange] = []
    package var outcomes: [AskOutcome] = []
    package var health: [ProviderHealth] = []
    package var requests = 0

    package init(at: Timestamp, provider: ProviderID? = nil) {
        self.at = at
        self.provider = provider
    }
}

extension Store {
    package func commit(_ decision: Decision) throws(StoreError) {
        try writing { db in
            try confirm(db, decision)
            for family in decision.families { try save(db, family, decision) }
            for decided in decision.serviceChanges { try save(db, decided, ids: [:], at: decision.at) }
            for health in decision.health { try keep(health, db) }
            guard let provider = decision.provider else { return }
            for outcome in decision.outcomes { try keep(outcome, of: provider, at: decision.at, db) }
            try spend(db, decision.requests, provider, at: decision.at)
        }
    }

    private func confirm(_ db: Database, _ decision: Decision) throws {
        let at = decision.at.milliseconds
        let seen = try db.cachedStatement(sql: "UPDATE views SET seen_at = ? WHERE id = ?")
        let confirmed = try db.cachedStatement(sql: "UPDATE views SET seen_at = ?1, confirmed_at = ?1 WHERE id = ?2")
        for confirmation in decision.confirmations {
            try (confirmation.confirms ? confirmed : seen).execute(arguments: [at, confirmation.view])
        }
        let listed = try db.cachedStatement(sql: "UPDATE views SET listed_at = ? WHERE id = ?")
        for view in decision.listed { try listed.execute(arguments: [at, view]) }
    }

    private func save(_ db: Database, _ family: FamilyDecision, _ decision: Decision) throws {
        var saving = FamilySaving(db: db, at: decision.at)
        try saving.save(family.before, family.after)
        for decided in family.changes { try save(db, decided, ids: saving.ids, at: decision.at) }
        guard let provider = decision.provider else { return }
        for wish in family.wishes { try keep(wish, of: provider, at: decision.at, db) }
    }

    private func save(_ db: Database, _ decided: DecidedChange, ids: [ThingID: ThingID], at: Timestamp) throws {
        let change = decided.change
        let alert = change.alert
        let facts = try alert.facts.stored()
        let id: Int64
        if let known = alert.rowID {
            try db.cachedStatement(sql: "UPDATE alerts SET level = ?, closed_at = ?, facts = ? WHERE id = ?").execute(
                arguments: [alert.level.rawValue, alert.closedAt?.milliseconds, facts, known])
            id = known
        } else {
            try db.cachedStatement(
                sql: """
                    INSERT INTO alerts (kind, thing_id, key, level, opened_at, closed_at, is_overview, facts)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                alert.kind.rawValue, alert.thing.map { ids[$0] ?? $0 }, alert.key, alert.level.rawValue,
                alert.openedAt.milliseconds, alert.closedAt?.milliseconds, alert.isOverview, facts,
            ])
            id = db.lastInsertedRowID
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO alert_changes (alert_id, change, level, at, cause, made_by, facts)
                VALUES (?, ?, ?, ?, ?, 'parceld', ?)
                """
        ).execute(arguments: [
            id, change.change.rawValue, alert.level.rawValue, change.at.milliseconds, change.cause.rawValue, facts,
        ])
        for row in decided.rows {
            try db.cachedStatement(
                sql: """
                    INSERT INTO outbox (recipient, channel, alert_id, change, level, is_overview, facts, created_at, not_before)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                row.recipient, row.channel, id, row.change.rawValue, row.level.rawValue, row.isOverview, facts,
                row.createdAt.milliseconds, row.notBefore.milliseconds,
            ])
        }
    }
}

/// Writes the difference between a family as it was read and as it was decided.
private struct FamilySaving {
    let db: Database
    let at: Timestamp
    /// Row ids of things that were new.
    var ids: [ThingID: ThingID] = [:]

    init(db: Database, at: Timestamp) {
        self.db = db
        self.at = at
    }

    func real(_ id: ThingID) -> ThingID { ids[id] ?? id }

    mutating func save(_ before: Family, _ after: Family) throws {
        // Orders first: their items and parcels refer to them.
        for thing in after.things.sorted(by: { ($0.order == nil ? 0 : 1) < ($1.order == nil ? 0 : 1) })
        where thing.id < 0 {
            let marks = Columns.marks(Columns.thing)
            try db.cachedStatement(sql: "INSERT INTO things (\(Columns.thing)) VALUES (\(marks))").execute(
                arguments: StatementArguments(
                    [nil] + thing.arguments(order: thing.order.map(real), mergedInto: thing.mergedInto.map(real))))
            ids[thing.id] = db.lastInsertedRowID
        }
        for thing in after.things {
            let old = before[thing.id]
            if let old, thing.id > 0 { try update(old, thing) }
            try saveEvents(old?.events ?? [], thing)
        }
        for thing in after.things { try saveViews(before, thing) }
    }

    private func update(_ old: Thing, _ new: Thing) throws {
        var (plainOld, plainNew) = (old, new)
        (plainOld.views, plainNew.views, plainOld.events, plainNew.events) = ([], [], [], [])
        guard plainOld != plainNew || plainNew.mergedInto != plainOld.mergedInto else { return }
        try db.cachedStatement(sql: "UPDATE things SET \(Columns.assignments(Columns.thing)) WHERE id = ?").execute(
            arguments: StatementArguments(
                new.arguments(order: new.order.map(real), mergedInto: new.mergedInto.map(real)) + [new.id]))
    }

    private func saveEvents(_ old: [Event], _ thing: Thing) throws {
        let known = Dictionary(uniqueKeysWithValues: old.compactMap { event in event.rowID.map { ($0, event) } })
        for event in thing.events {
            if let id = event.rowID {
                if let before = known[id] {
                    guard before.withdrawnAt != event.withdrawnAt else { continue }
                    try db.cachedStatement(sql: "UPDATE events SET withdrawn_at = ? WHERE id = ?")
                        .execute(arguments: [event.withdrawnAt?.milliseconds, id])
                } else {
                    // It was another thing's until both turned out to be one.
                    try db.cachedStatement(sql: "UPDATE events SET thing_id = ? WHERE id = ?")
                        .execute(arguments: [real(thing.id), id])
                }
            } else {
                try db.cachedStatement(
                    sql: "INSERT INTO events (\(Columns.event)) VALUES (\(Columns.marks(Columns.event)))"
                ).execute(arguments: StatementArguments([nil] + event.arguments(thing: real(thing.id))))
            }
        }
    }

    private func saveViews(_ before: Family, _ thing: Thing) throws {
        for view in thing.views {
            let old = before.things.lazy.flatMap(\.views).first { $0.rowID != nil && $0.rowID == view.rowID }
            let moved = view.rowID != nil && before[thing.id]?.views.contains { $0.rowID == view.rowID } != true
            guard old != view || moved else { continue }
            let arguments = view.arguments(thing: real(thing.id))
            let id: Int64
            if let known = view.rowID {
                try db.cachedStatement(sql: "UPDATE views SET \(Columns.assignments(Columns.view)) WHERE id = ?")
                    .execute(arguments: StatementArguments(arguments + [known]))
                id = known
            } else {
                try db.cachedStatement(
                    sql: "INSERT INTO views (\(Columns.view)) VALUES (\(Columns.marks(Columns.view)))"
                ).execute(arguments: StatementArguments([nil] + arguments))
                id = db.lastInsertedRowID
            }
            if old?.numbers != view.numbers { try save(numbers: view.numbers, of: id) }
            if old?.contents != view.contents { try save(contents: view.contents, of: id) }
        }
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
