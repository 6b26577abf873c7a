// The stored schedule of asks, the health of providers and the ledger of requests.

import GRDB
package import ParcelCore

/// What is asked once is never due again.
let never = Timestamp(milliseconds: 253_402_300_799_000)

/// One statement for all that are due again in one slot: they are many, and alike.
func keep(_ outcomes: [AskOutcome], of provider: ProviderID, at: Timestamp, _ db: Database) throws {
    var answered: [AskOutcome: [String]] = [:]
    // A request that waited for its provider's pace was sent later than its pass began.
    for outcome in outcomes {
        if let error = outcome.error {
            try db.cachedStatement(
                sql: """
                    UPDATE asks SET failures = failures + 1, last_error = ?, next_at = ?,
                           asked_at = max(ifnull(asked_at, 0), ?)
                     WHERE provider = ? AND kind = ? AND key = ?
                    """
            ).execute(arguments: [
                error, outcome.nextAt.milliseconds, at.milliseconds, provider.description, outcome.ask.kind,
                outcome.ask.key,
            ])
        } else {
            var slot = outcome
            slot.ask = Ask(outcome.ask.kind)
            answered[slot, default: []].append(outcome.ask.key)
        }
    }
    for (slot, keys) in answered {
        // The same decision may have made the interval shorter than the one that the next time was reckoned from. What
        // rests was looked at once more by now, and has its longest interval from then on.
        try db.cachedStatement(
            sql: """
                UPDATE asks SET failures = 0, last_error = NULL, last_ok_at = ?1,
                       asked_at = max(ifnull(asked_at, 0), ?1),
                       every_ms = CASE WHEN until_at IS NULL THEN ifnull(?6, every_ms)
                                       ELSE ifnull(longest_ms, every_ms) END,
                       longest_ms = max(longest_ms, ifnull(?6, longest_ms)),
                       latest_at = ?1 + max(longest_ms, ifnull(?6, longest_ms)),
                       next_at = CASE WHEN every_ms IS NULL OR until_at <= ?2 THEN \(never.milliseconds)
                                      ELSE min(?2, ?1 + ifnull(?6, every_ms) * 11 / 10) END
                 WHERE provider = ?3 AND kind = ?4 AND key IN (SELECT value FROM json_each(?5))
                """
        ).execute(arguments: [
            at.milliseconds, slot.nextAt.milliseconds, provider.description, slot.ask.kind, jsonList(keys),
            slot.every?.milliseconds,
        ])
    }
}

/// Makes the stored asks about a family's things what is wished: new ones are due at once, others keep their time,
/// those that nobody wishes any more are gone. One ask may serve several things. A number's ask that was sent lately only
/// rests: wished again, it must not come sooner than its provider allows.
func keep(_ wishes: [AskWish], of provider: ProviderID, at: Timestamp, _ db: Database) throws {
    var wanted: [Ask: WantedAsk] = [:]
    var order: [Ask] = []
    for wish in wishes {
        for plan in wish.plans {
            if wanted[plan.ask] == nil { order.append(plan.ask) }
            wanted[plan.ask, default: WantedAsk(subject: wish.subject, plan: plan)].add(
                plan, hastened: wish.isHastened)
        }
    }
    for wish in wishes {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT kind, key FROM asks WHERE provider = ? AND subject_kind = ? AND subject_key = ?"),
            arguments: [provider.description, wish.subject.kind.rawValue, wish.subject.key])
        for row in rows where wanted[Ask(row[0], key: row[1])] == nil {
            let key: StatementArguments = [provider.description, row[0] as String, row[1] as String]
            try db.cachedStatement(
                sql: """
                    DELETE FROM asks WHERE provider = ?1 AND kind = ?2 AND key = ?3
                       AND (subject_kind <> 'track_number' OR ifnull(asked_at, 0) < ?4)
                    """
            ).execute(arguments: key + [(at - restingFor).milliseconds])
            try db.cachedStatement(
                sql: """
                    UPDATE asks SET every_ms = NULL, next_at = \(never.milliseconds), longest_ms = NULL, until_at = NULL,
                           deadline_at = NULL, latest_at = NULL
                     WHERE provider = ?1 AND kind = ?2 AND key = ?3
                    """
            ).execute(arguments: key)
        }
    }
    for ask in order {
        guard let want = wanted[ask] else { continue }
        try upsertAsk(
            db, provider, want.plan, subject: (want.subject.kind.rawValue, want.subject.key),
            isHastened: want.isHastened, at: at)
    }
}

/// No provider asks for a longer interval between two requests for one number.
private let restingFor = Duration.days(7)

/// What all the things that one ask serves wish of it together: the shortest interval, the nearest threshold, the last
/// end. Asked once is enough only where it is for all.
private struct WantedAsk {
    let subject: ExternalID
    var plan: AskPlan
    var isHastened = false

    init(subject: ExternalID, plan: AskPlan) {
        self.subject = subject
        self.plan = plan
    }

    mutating func add(_ wish: AskPlan, hastened: Bool) {
        var joined = AskPlan(
            plan.ask, every: [plan.every, wish.every].compactMap(\.self).min(),
            longest: [plan.longest, wish.longest].compactMap(\.self).min(),
            deadline: [plan.deadline, wish.deadline].compactMap(\.self).min())
        if let one = plan.until, let other = wish.until { joined.until = max(one, other) }
        joined.confirmAt = [plan.confirmAt, wish.confirmAt].compactMap(\.self).min()
        plan = joined
        isHastened = isHastened || hastened
    }
}

/// A shorter interval than before brings the next time nearer, and so does a new threshold; an equal wish writes nothing.
private func upsertAsk(
    _ db: Database, _ provider: ProviderID, _ plan: AskPlan, subject: (kind: String, key: String), isHastened: Bool,
    at: Timestamp
) throws {
    try db.cachedStatement(
        sql: """
            INSERT INTO asks (provider, kind, key, subject_kind, subject_key, every_ms, next_at, failures,
                              longest_ms, until_at, deadline_at, latest_at, asked_at)
            -- The same number under another key, as with another carrier chosen, was asked about all the same.
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, max(?7, ifnull(o.asked_at + ?6, ?7)), 0, ?9, ?10, ?11, ?7 + ?9, o.asked_at
              FROM (SELECT max(asked_at) AS asked_at FROM asks INDEXED BY asks_by_subject
                     WHERE provider = ?1 AND subject_kind = ?4 AND subject_key = ?5 AND ?4 = 'track_number') o
             WHERE true
            ON CONFLICT DO UPDATE SET every_ms = ?6, subject_kind = ?4, subject_key = ?5, longest_ms = ?9,
                   until_at = ?10, deadline_at = ?11, latest_at = ifnull(asked_at, ?7) + ?9,
                   next_at = min(ifnull(?12, \(never.milliseconds)),
                                 CASE WHEN ?6 IS NULL THEN next_at
                                      WHEN ?8 THEN min(next_at, ?7)
                                      WHEN every_ms IS NULL THEN max(?7, ifnull(asked_at + ?6, ?7))
                                      WHEN every_ms IS ?6 AND next_at < \(never.milliseconds) THEN next_at
                                      ELSE min(next_at, ?7 + ?6) END)
             WHERE every_ms IS NOT ?6 OR subject_kind <> ?4 OR subject_key <> ?5 OR (?8 AND next_at > ?7)
                OR longest_ms IS NOT ?9 OR until_at IS NOT ?10 OR deadline_at IS NOT ?11
            """
    ).execute(arguments: [
        provider.description, plan.ask.kind, plan.ask.key, subject.kind, subject.key, plan.every?.milliseconds,
        at.milliseconds, isHastened, plan.longest?.milliseconds, plan.until?.milliseconds,
        plan.deadline?.milliseconds, plan.confirmAt?.milliseconds,
    ])
}

func keep(_ health: ProviderHealth, _ db: Database) throws {
    try db.cachedStatement(
        sql: """
            INSERT INTO providers (provider, first_pass_at, last_success_at, failing_since, failures, last_error,
                                   auth_failed_at, probe_at, is_spent)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT DO UPDATE SET first_pass_at = ?2, last_success_at = ?3, failing_since = ?4, failures = ?5,
                   last_error = ?6, auth_failed_at = ?7, probe_at = ?8, is_spent = ?9
            """
    ).execute(arguments: [
        health.provider.description, health.firstPassAt?.milliseconds, health.lastSuccessAt?.milliseconds,
        health.failingSince?.milliseconds, health.failures, health.lastError, health.authFailedAt?.milliseconds,
        health.probeAt?.milliseconds, health.isSpent,
    ])
}

func keep(_ luck: Luck, of provider: ProviderID, form: String, _ db: Database) throws {
    try db.cachedStatement(
        sql: """
            INSERT INTO luck (provider, form, known, missed) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET known = known + excluded.known, missed = missed + excluded.missed
            """
    ).execute(arguments: [provider.description, form, luck.known, luck.missed])
}

func spend(_ requests: Int, of provider: ProviderID, day: Int, at: Timestamp, _ db: Database) throws {
    guard requests > 0 else { return }
    try db.cachedStatement(
        sql: """
            INSERT INTO ledger (provider, day, spent, last_at) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET spent = spent + excluded.spent, last_at = excluded.last_at
            """
    ).execute(arguments: [provider.description, day, requests, at.milliseconds])
}

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
                try upsertAsk(db, provider, plan, subject: ("", ""), isHastened: false, at: at)
            }
        }
    }

    /// The asks of a provider about a thing, and its lists, become due now, or as soon as they may be asked again.
    package func hasten(
        _ provider: ProviderID, things: [ThingID], at: Timestamp, minimumInterval: Duration? = nil
    ) throws(StoreError) -> Int {
        try writing { db in
            try db.execute(
                sql: """
                    UPDATE asks SET next_at = max(?1, CASE WHEN key = '' THEN ?1 ELSE ifnull(asked_at + ?4, ?1) END)
                     WHERE provider = ?2 AND next_at > ?1 AND every_ms IS NOT NULL AND (key = '' OR EXISTS (
                         SELECT 1 FROM views v WHERE v.provider = ?2 AND v.external_kind = asks.subject_kind
                            AND v.external_key = asks.subject_key
                            AND v.thing_id IN (SELECT value FROM json_each(?3)))
                         OR subject_kind = 'track_number' AND subject_key IN (
                            SELECT label FROM things
                             WHERE id IN (SELECT value FROM json_each(?3)) AND kind = 'track_number'))
                    """,
                arguments: [
                    at.milliseconds, provider.description, jsonList(things), minimumInterval?.milliseconds ?? 0,
                ])
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
                    sql: """
                        SELECT id FROM things INDEXED BY things_by_deadline
                         WHERE deadline_at <= ? AND merged_into IS NULL ORDER BY id
                        """),
                arguments: [at.milliseconds])
            return try Family(db, Set(ids)).things
        }
    }

    package func health() throws(StoreError) -> [ProviderHealth] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT provider, first_pass_at, last_success_at, failing_since, failures, last_error, auth_failed_at,
                           probe_at, is_spent, writes_left
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
                health.probeAt = row.optionalInstant(7)
                health.isSpent = row[8]
                health.writesLeft = row[9]
                return health
            }
        }
    }
}
