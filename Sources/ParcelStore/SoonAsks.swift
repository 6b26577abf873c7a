// Asks about numbers that are made before their time: along with a request that goes anyway, or as a person wishes.

import GRDB
package import ParcelCore

extension Store {
    /// Asks about single things that will be due within the last quarter of their interval, the soonest first. A batch
    /// that is not full takes them along; so numbers whose times have drifted apart come together again.
    ///
    /// - Parameter minimumInterval: How long a thing is left alone at least.
    package func soonAsks(_ provider: ProviderID, at: Timestamp, limit: Int, minimumInterval: Duration?)
        throws(StoreError) -> [DueAsk]
    {
        try reading { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT kind, key, every_ms, next_at, subject_kind, subject_key FROM asks
                         WHERE provider = ?1 AND key <> '' AND next_at > ?2 AND next_at <= ?2 + every_ms / 4
                           AND failures = 0 AND last_ok_at IS NOT NULL AND asked_at + ?3 <= ?2
                         ORDER BY next_at, kind, key LIMIT ?4
                        """),
                arguments: [
                    provider.description, at.milliseconds, minimumInterval?.milliseconds ?? 0, max(0, limit),
                ])
            return try rows.map { row in
                DueAsk(
                    scheduled: ScheduledAsk(
                        ask: Ask(row[0], key: row[1]), every: .milliseconds(row[2]), nextAt: row.instant(3), failures: 0
                    ),
                    subject: ExternalID(try row.known(4), row[5]), isFirstSight: false)
            }
        }
    }

    /// The asks of a provider about numbers become due now, or as soon as they may be asked again.
    ///
    /// - Parameter failedOnly: Only those whose last answer was an error.
    package func hastenNumbers(
        _ provider: ProviderID, failedOnly: Bool, at: Timestamp, minimumInterval: Duration?
    ) throws(StoreError) -> Int {
        try writing { db in
            try db.execute(
                sql: """
                    UPDATE asks SET next_at = max(?2, ifnull(asked_at + ?3, ?2))
                     WHERE provider = ?1 AND subject_kind = 'track_number' AND every_ms IS NOT NULL
                       AND next_at > max(?2, ifnull(asked_at + ?3, ?2)) AND (failures > 0 OR NOT ?4)
                    """,
                arguments: [
                    provider.description, at.milliseconds, minimumInterval?.milliseconds ?? 0, failedOnly,
                ])
            return db.changesCount
        }
    }
}
