// The stored schedule of asks, the health of providers and the ledger of requests.

import GRDB
package import ParcelCore

package struct DueAsk: Sendable {
    package init(scheduled: ScheduledAsk, subject: ExternalID?, isFirstSight: Bool) {
        self.scheduled = scheduled
        self.subject = subject
        self.isFirstSight = isFirstSight
    }

    package var scheduled: ScheduledAsk
    package var subject: ExternalID?
    /// It is asked for the first time about something that was met in the provider's first complete pass.
    package var isFirstSight: Bool
}

/// What is asked once is never due again.
let never = Timestamp(milliseconds: 253_402_300_799_000)

func keep(_ outcome: AskOutcome, of provider: ProviderID, at: Timestamp, _ db: Database) throws {
    let key: StatementArguments = [provider.description, outcome.ask.kind, outcome.ask.key]
    if let error = outcome.error {
        try db.cachedStatement(
            sql: """
                UPDATE asks SET failures = failures + 1, last_error = ?, next_at = ?
                 WHERE provider = ? AND kind = ? AND key = ?
                """
        ).execute(arguments: [error, outcome.nextAt.milliseconds] + key)
    } else {
        // The same decision may have made the interval shorter than the one that the next time was reckoned from.
        try db.cachedStatement(
            sql: """
                UPDATE asks SET failures = 0, last_error = NULL, last_ok_at = ?1,
                       next_at = CASE WHEN every_ms IS NULL THEN \(never.milliseconds)
                                      ELSE min(?2, ?1 + every_ms + every_ms / 10) END
                 WHERE provider = ?3 AND kind = ?4 AND key = ?5
                """
        ).execute(arguments: [at.milliseconds, outcome.nextAt.milliseconds] + key)
    }
}

/// Makes the stored asks about a family's things what is wished: new ones are due at once, others keep their time,
/// those that nobody wishes any more are gone. One ask may serve several things.
func keep(_ wishes: [AskWish], of provider: ProviderID, at: Timestamp, _ db: Database) throws {
    var wanted: [Ask: WantedAsk] = [:]
    var order: [Ask] = []
    for wish in wishes {
        for plan in wish.plans {
            if wanted[plan.ask] == nil { order.append(plan.ask) }
            wanted[plan.ask, default: WantedAsk(subject: wish.subject)].add(plan.every, hastened: wish.isHastened)
        }
    }
    for wish in wishes {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT kind, key FROM asks WHERE provider = ? AND subject_kind = ? AND subject_key = ?"),
            arguments: [provider.description, wish.subject.kind.rawValue, wish.subject.key])
        for row in rows where wanted[Ask(row[0], key: row[1])] == nil {
            try db.cachedStatement(sql: "DELETE FROM asks WHERE provider = ? AND kind = ? AND key = ?")
                .execute(arguments: [provider.description, row[0] as String, row[1] as String])
        }
    }
    for ask in order {
        guard let want = wanted[ask] else { continue }
        try upsertAsk(
            db, provider, ask, subject: (want.subject.kind.rawValue, want.subject.key), every: want.every,
            isHastened: want.isHastened, at: at)
    }
}

/// What all the things that one ask serves wish of it together.
private struct WantedAsk {
    let subject: ExternalID
    /// The shortest that anything wishes; nil where once is enough for all.
    var every: Duration?
    var isHastened = false

    init(subject: ExternalID) { self.subject = subject }

    mutating func add(_ wish: Duration?, hastened: Bool) {
        every = [every, wish].compactMap(\.self).min()
        isHastened = isHastened || hastened
    }
}

/// A shorter interval than before brings the next time nearer; an equal wish writes nothing.
private func upsertAsk(
    _ db: Database, _ provider: ProviderID, _ ask: Ask, subject: (kind: String, key: String), every: Duration?,
    isHastened: Bool, at: Timestamp
) throws {
    try db.cachedStatement(
        sql: """
            INSERT INTO asks (provider, kind, key, subject_kind, subject_key, every_ms, next_at, failures)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)
            ON CONFLICT DO UPDATE SET every_ms = ?6, subject_kind = ?4, subject_key = ?5,
                   next_at = CASE WHEN ?6 IS NULL THEN next_at
                                  WHEN ?8 THEN min(next_at, ?7)
                                  WHEN every_ms IS ?6 THEN next_at
                                  ELSE min(next_at, ?7 + ?6) END
             WHERE every_ms IS NOT ?6 OR subject_kind <> ?4 OR subject_key <> ?5 OR (?8 AND next_at > ?7)
            """
    ).execute(arguments: [
        provider.description, ask.kind, ask.key, subject.kind, subject.key, every?.milliseconds, at.milliseconds,
        isHastened,
    ])
}

func keep(_ health: ProviderHealth, _ db: Database) throws {
    try db.cachedStatement(
        sql: """
            INSERT OR REPLACE INTO providers
                (provider, first_pass_at, last_success_at, failing_since, failures, last_error, auth_failed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
    ).execute(arguments: [
        health.provider.description, health.firstPassAt?.milliseconds, health.lastSuccessAt?.milliseconds,
        health.failingSince?.milliseconds, health.failures, health.lastError, health.authFailedAt?.milliseconds,
    ])
}

func spend(_ db: Database, _ requests: Int, _ provider: ProviderID, at: Timestamp) throws {
    guard requests > 0 else { return }
    try db.cachedStatement(
        sql: """
            INSERT INTO ledger (provider, day, spent) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET spent = spent + excluded.spent
            """
    ).execute(arguments: [provider.description, day(at), requests])
}

private func day(_ at: Timestamp) -> Int { Zone.utc.date(of: at).ordinal }

extension Store {
    /// The lists of a provider are always in the schedule; what was configured away leaves it.
    package func schedule(_ lists: [AskPlan], of provider: ProviderID, at: Timestamp) throws(StoreError) {
        try writing { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT kind FROM asks WHERE provider = ? AND key = ''", arguments: [provider.description])
            for row in rows where !lists.contains(where: { $0.ask.kind == row[0] }) {
                try db.execute(
                    sql: "DELETE FROM asks WHERE provider = ? AND kind = ? AND key = ''",
                    arguments: [provider.description, row[0] as String])
            }
            for plan in lists {
                try upsertAsk(db, provider, plan.ask, subject: ("", ""), every: plan.every, isHastened: false, at: at)
            }
        }
    }

    /// Due asks, lists first, then the longest due.
    package func dueAsks(_ provider: ProviderID, at: Timestamp, limit: Int) throws(StoreError) -> [DueAsk] {
        try reading { db in
            // Two parts, so that each follows its index: sorting everything due for each batch costs far more.
            let columns = """
                a.kind, a.key, a.every_ms, a.next_at, a.failures, a.subject_kind, a.subject_key,
                a.last_ok_at IS NULL AND ifnull((
                    SELECT t.is_first_sight FROM views v JOIN things t ON t.id = v.thing_id
                     WHERE v.provider = a.provider AND v.external_kind = a.subject_kind
                       AND v.external_key = a.subject_key), 0)
                """
            let lists = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(columns) FROM asks a WHERE a.provider = ? AND a.key = '' AND a.next_at <= ?
                         ORDER BY a.next_at, a.kind LIMIT ?
                        """), arguments: [provider.description, at.milliseconds, limit])
            let others = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(columns) FROM asks a WHERE a.provider = ? AND a.key <> '' AND a.next_at <= ?
                         ORDER BY a.next_at, a.kind, a.key LIMIT ?
                        """), arguments: [provider.description, at.milliseconds, max(0, limit - lists.count)])
            let rows = lists + others
            return try rows.map { row in
                let every = (row[2] as Int64?).map { Duration.milliseconds($0) }
                let scheduled = ScheduledAsk(
                    ask: Ask(row[0], key: row[1]), every: every, nextAt: row.instant(3), failures: row[4])
                let isList = (row[1] as String).isEmpty
                return DueAsk(
                    scheduled: scheduled, subject: isList ? nil : ExternalID(try row.known(5), row[6]),
                    isFirstSight: row[7])
            }
        }
    }

    package func nextAskAt(_ provider: ProviderID, listsOnly: Bool) throws(StoreError) -> Timestamp? {
        try reading { db in
            let lists = listsOnly ? "AND key = ''" : ""
            return try Int64.fetchOne(
                db.cachedStatement(
                    sql: "SELECT min(next_at) FROM asks WHERE provider = ? AND next_at < \(never.milliseconds) \(lists)"
                ),
                arguments: [provider.description]
            ).map(Timestamp.init(milliseconds:))
        }
    }

    /// The asks of a provider about a thing, and its lists, become due now.
    package func hasten(_ provider: ProviderID, things: [ThingID], at: Timestamp) throws(StoreError) -> Int {
        try writing { db in
            try db.execute(
                sql: """
                    UPDATE asks SET next_at = ?1
                     WHERE provider = ?2 AND next_at > ?1 AND every_ms IS NOT NULL AND (key = '' OR EXISTS (
                         SELECT 1 FROM views v WHERE v.provider = ?2 AND v.external_kind = asks.subject_kind
                            AND v.external_key = asks.subject_key
                            AND v.thing_id IN (SELECT value FROM json_each(?3))))
                    """, arguments: [at.milliseconds, provider.description, jsonList(things)])
            return db.changesCount
        }
    }

    /// The first deadline after that instant of anything unfinished.
    package func nextDeadline(after: Timestamp) throws(StoreError) -> Timestamp? {
        try reading { db in
            try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT min(deadline_at) FROM things WHERE deadline_at > ?"),
                arguments: [after.milliseconds]
            ).map(Timestamp.init(milliseconds:))
        }
    }

    /// The earlier deadline of the thing that a provider knows by that name and of its order.
    package func deadline(_ provider: ProviderID, _ subject: ExternalID) throws(StoreError) -> Timestamp? {
        try reading { db in
            try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT nullif(min(ifnull(t.deadline_at, \(Int64.max)), ifnull(o.deadline_at, \(Int64.max))),
                                      \(Int64.max))
                          FROM views v JOIN things t ON t.id = v.thing_id LEFT JOIN things o ON o.id = t.order_id
                         WHERE v.provider = ? AND v.external_kind = ? AND v.external_key = ?
                        """), arguments: [provider.description, subject.kind.rawValue, subject.key]
            ).map(Timestamp.init(milliseconds:))
        }
    }

    /// Unfinished things by the providers that show them.
    package func watchedCounts() throws(StoreError) -> [ProviderID: Int] {
        try reading { db in
            var counts: [ProviderID: Int] = [:]
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT v.provider, count(DISTINCT t.id) FROM views v JOIN things t ON t.id = v.thing_id
                     WHERE t.ending IS NULL AND t.merged_into IS NULL AND t.kind <> 'order' GROUP BY v.provider
                    """)
            for row in rows { counts[ProviderID(row[0])] = row[1] }
            return counts
        }
    }

    /// Things whose threshold has passed without a poll that confirmed or denied it.
    package func unconfirmed(at: Timestamp) throws(StoreError) -> [Thing] {
        try reading { db in
            let ids = try Int64.fetchAll(
                db.cachedStatement(
                    sql: "SELECT id FROM things WHERE deadline_at <= ? AND merged_into IS NULL ORDER BY id"),
                arguments: [at.milliseconds])
            return try Family(db, Set(ids)).things
        }
    }

    package func health() throws(StoreError) -> [ProviderHealth] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT provider, first_pass_at, last_success_at, failing_since, failures, last_error, auth_failed_at
                      FROM providers ORDER BY provider
                    """
            ).map { row in
                var health = ProviderHealth(provider: ProviderID(row[0]))
                health.firstPassAt = row.optionalInstant(1)
                health.lastSuccessAt = row.optionalInstant(2)
                health.failingSince = row.optionalInstant(3)
                health.failures = row[4]
                health.lastError = row[5]
                health.authFailedAt = row.optionalInstant(6)
                return health
            }
        }
    }

    package func spent(_ provider: ProviderID, on at: Timestamp) throws(StoreError) -> Int {
        try reading { db in
            try Int.fetchOne(
                db, sql: "SELECT spent FROM ledger WHERE provider = ? AND day = ?",
                arguments: [provider.description, day(at)]) ?? 0
        }
    }

    /// Counted before it is sent, so that no crash makes a request free.
    package func reserve(_ requests: Int, of provider: ProviderID, at: Timestamp) throws(StoreError) {
        try writing { db in try spend(db, requests, provider, at: at) }
    }
}
