// One decision, one transaction: the mirror, the alerts that its change caused, their notifications and the schedule
// are committed together or not at all.

import GRDB
package import ParcelCore

/// A change of an alert with the notifications it causes.
package struct DecidedChange: Sendable {
    package var change: AlertChange
    package var rows: [OutboxRow]
    /// When time alone does something about the alert next; nil where it never will.
    package var nextAt: Timestamp?
    /// When each recipient's rows that wait are due after a snooze or its end.
    package var held: [String: Timestamp]

    package init(
        change: AlertChange, rows: [OutboxRow], nextAt: Timestamp? = nil, held: [String: Timestamp] = [:]
    ) {
        self.held = held
        self.change = change
        self.rows = rows
        self.nextAt = nextAt
    }
}

/// What should be asked about one thing at one provider from now on.
package struct AskWish: Sendable {
    package var subject: ExternalID
    package var plans: [AskPlan]
    /// Ask at once, because something hints at news.
    package var isHastened: Bool
    /// Whose asks these are.
    package var provider: ProviderID

    package init(provider: ProviderID, subject: ExternalID, plans: [AskPlan], isHastened: Bool) {
        self.provider = provider
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
package struct AskOutcome: Sendable, Hashable {
    package var ask: Ask
    package var nextAt: Timestamp
    /// Nil on success.
    package var error: String?
    /// The interval from now on; nil where it stays.
    package var every: Duration?

    package init(ask: Ask, nextAt: Timestamp, error: String?, every: Duration? = nil) {
        self.ask = ask
        self.nextAt = nextAt
        self.error = error
        self.every = every
    }
}

package struct Decision: Sendable {
    package var at: Timestamp
    /// Nil for what no poll caused.
    package var provider: ProviderID?
    package var confirmations: [Confirmation] = []
    package var listed: [Int64] = []
    package var families: [FamilyDecision] = []
    /// Of alerts whose things did not change, and of the service's own.
    package var alertChanges: [DecidedChange] = []
    package var outcomes: [AskOutcome] = []
    package var health: [ProviderHealth] = []
    package var requests = 0
    /// The provider's own day that the requests are counted in, as days since 1970.
    package var day = 0
    /// How often the provider knew numbers of a form, and how often it did not.
    package var luck: [String: Luck] = [:]
    /// What the provider says that its account has left.
    package var writesLeft: Int?
    /// Settings that change with it.
    package var settings: [String: String] = [:]

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
            for decided in decision.alertChanges { try save(db, decided, ids: [:], at: decision.at) }
            for health in decision.health { try keep(health, db) }
            for (key, value) in decision.settings { try put(setting: key, value, db) }
            guard let provider = decision.provider else { return }
            try keep(decision.outcomes, of: provider, at: decision.at, db)
            try spend(decision.requests, of: provider, day: decision.day, at: decision.at, db)
            if let left = decision.writesLeft { try keep(writesLeft: left, of: provider, db) }
            for (form, luck) in decision.luck { try keep(luck, of: provider, form: form, db) }
        }
    }

    /// One statement for all rows: they are many and each changes little.
    private func confirm(_ db: Database, _ decision: Decision) throws {
        func set(_ assignments: String, _ views: [Int64]) throws {
            guard !views.isEmpty else { return }
            try db.cachedStatement(
                sql: "UPDATE views SET \(assignments) WHERE id IN (SELECT value FROM json_each(?2))"
            ).execute(arguments: [decision.at.milliseconds, jsonList(views)])
        }
        try set("seen_at = ?1", decision.confirmations.filter { $0.confirmedAt == nil }.map(\.view))
        let now = decision.confirmations.filter { $0.confirmedAt == decision.at }
        try set("seen_at = ?1, confirmed_at = ?1", now.map(\.view))
        // Those that say themselves when they looked.
        let earlier = decision.confirmations.filter { $0.confirmedAt != nil && $0.confirmedAt != decision.at }
        if !earlier.isEmpty {
            let looked = earlier.map {
                JSONValue.Member(name: "\($0.view)", value: .integer($0.confirmedAt?.milliseconds ?? 0))
            }
            try db.cachedStatement(
                sql: """
                    UPDATE views SET seen_at = ?1, confirmed_at = max(ifnull(confirmed_at, 0), l.value)
                      FROM json_each(?2) l WHERE views.id = CAST(l.key AS INTEGER)
                    """
            ).execute(arguments: [decision.at.milliseconds, JSONValue.object(looked).text])
        }
        try set("listed_at = ?1", decision.listed)
    }

    func save(_ db: Database, _ family: FamilyDecision, _ decision: Decision) throws {
        var saving = FamilySaving(db: db, at: decision.at)
        try saving.save(family.before, family.after)
        for decided in family.changes { try save(db, decided, ids: saving.ids, at: decision.at) }
        for (provider, wishes) in Dictionary(grouping: family.wishes, by: \.provider) {
            try keep(wishes, of: provider, at: decision.at, db)
        }
    }

    private func save(_ db: Database, _ decided: DecidedChange, ids: [ThingID: ThingID], at: Timestamp) throws {
        let change = decided.change
        let alert = change.alert
        let facts = try alert.facts.stored()
        let id: Int64
        if let known = alert.rowID {
            try rewrite(alert, facts, nextAt: decided.nextAt, as: known, db)
            id = known
        } else {
            try db.cachedStatement(
                sql: """
                    INSERT INTO alerts (kind, thing_id, key, level, opened_at, closed_at, is_overview, facts, next_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                alert.kind.rawValue, alert.thing.map { ids[$0] ?? $0 }, alert.key, alert.level.rawValue,
                alert.openedAt.milliseconds, alert.closedAt?.milliseconds, alert.isOverview, facts,
                decided.nextAt?.milliseconds,
            ])
            id = db.lastInsertedRowID
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO alert_changes (alert_id, change, level, made_at, cause, made_by, facts, note)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id, change.change.rawValue, alert.level.rawValue, change.at.milliseconds, change.cause.rawValue, change.by,
            facts, change.note,
        ])
        for (recipient, due) in decided.held { try hold(id, of: recipient, until: due, db) }
        for row in decided.rows {
            guard let told = row.change.told(after: try lastTold(id, row, db)) else { continue }
            try db.cachedStatement(
                sql: """
                    INSERT INTO outbox (recipient, channel, alert_id, change, level, is_overview, facts, created_at, not_before)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                row.recipient, row.channel, id, told.rawValue, row.level.rawValue, row.isOverview, facts,
                row.createdAt.milliseconds, row.notBefore.milliseconds,
            ])
        }
    }

    /// The last that the row's recipient was told of the alert through its channel, or will be.
    private func lastTold(_ alert: Int64, _ row: OutboxRow, _ db: Database) throws -> Change? {
        guard row.change != .opened else { return nil }
        return try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT change FROM outbox WHERE alert_id = ? AND recipient = ? AND channel = ?
                     ORDER BY id DESC LIMIT 1
                    """), arguments: [alert, row.recipient, row.channel]
        ).map { try $0.known(0) }
    }

    private func rewrite(_ alert: Alert, _ facts: String, nextAt: Timestamp?, as id: Int64, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE alerts SET kind = ?, key = ?, level = ?, closed_at = ?, facts = ?, acknowledged_at = ?,
                       acknowledged_by = ?, snoozed_until = ?, snoozed_by = ?, told_at = ?, next_at = ? WHERE id = ?
                """
        ).execute(arguments: [
            alert.kind.rawValue, alert.key, alert.level.rawValue, alert.closedAt?.milliseconds, facts,
            alert.acknowledged?.at.milliseconds, alert.acknowledged?.by, alert.snoozed?.until.milliseconds,
            alert.snoozed?.by, alert.toldAt?.milliseconds, nextAt?.milliseconds, id,
        ])
    }

    /// What a snoozed alert's people have not been told yet waits too; its end does not.
    private func hold(_ alert: Int64, of recipient: String, until: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE outbox SET not_before = ?2
                 WHERE alert_id = ?1 AND message_id IS NULL AND change <> 'closed' AND recipient = ?3
                """
        ).execute(arguments: [alert, until.milliseconds, recipient])
    }
}
