// What a replay reads: everything that is mirrored with its events, what was really told, and what is known of who
// looked when.

import GRDB
package import ParcelCore

package struct StoredHistory: Sendable {
    /// Every thing.
    package var family: Family
    package var evidence = ReplayEvidence()
    /// Alerts about silence as they were opened and as they became worse.
    package var told: [Telling] = []
    package var events: Int
    /// When the first and the last event were seen; nil where there is none.
    package var seen: ClosedRange<Timestamp>?
    /// Opened alerts about things that no threshold decides: refunds, conditions, vanished rows.
    package var others: Int
}

extension Store {
    package func history() throws(StoreError) -> StoredHistory {
        try reading { db in
            let family = try Family(db, Set(Int64.fetchAll(db, sql: "SELECT id FROM things")))
            let seen = try Row.fetchOne(db, sql: "SELECT min(seen_at), max(seen_at), count(*) FROM events")
            let others = try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM alerts WHERE thing_id IS NOT NULL AND kind NOT IN ('stall', 'contradiction')"
            )
            var history = StoredHistory(family: family, events: seen?[2] ?? 0, others: others ?? 0)
            if let first = seen?.optionalInstant(0), let last = seen?.optionalInstant(1) { history.seen = first...last }
            try readTellings(db, &history)
            history.evidence.outages = try outages(db)
            return history
        }
    }

    private func readTellings(_ db: Database, _ history: inout StoredHistory) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT a.thing_id, c.level, c.made_at, json_extract(c.facts, '$.stage'),
                       json_extract(c.facts, '$.since.at'), json_extract(c.facts, '$.threshold'),
                       json_extract(c.facts, '$.confirmedAt')
                  FROM alert_changes c JOIN alerts a ON a.id = c.alert_id
                 WHERE a.kind IN ('stall', 'contradiction') AND c.change IN ('opened', 'escalated') ORDER BY c.id
                """)
        while let row = try rows.next() {
            guard let thing = row[0] as Int64?, let stage: Stage = try row.optionalKnown(3),
                let since = row.optionalInstant(4)
            else { continue }
            let at = row.instant(2)
            history.told.append(
                Telling(
                    thing: thing, stage: stage, since: since, level: try row.known(1), at: at,
                    threshold: row[5] as Int? ?? 0))
            history.evidence.confirmations[thing, default: []].append(row.optionalInstant(6) ?? at)
        }
        for thing in history.evidence.confirmations.keys { history.evidence.confirmations[thing]?.sort() }
    }

    private func outages(_ db: Database) throws -> [ProviderID: [Range<Timestamp>]] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT json_extract(facts, '$.provider'), ifnull(json_extract(facts, '$.failingSince'), opened_at),
                       ifnull(closed_at, \(never.milliseconds))
                  FROM alerts WHERE kind IN ('provider_down', 'authentication') ORDER BY opened_at
                """)
        var outages: [ProviderID: [Range<Timestamp>]] = [:]
        for row in rows {
            guard let provider = row[0] as String?, row.instant(1) < row.instant(2) else { continue }
            outages[ProviderID(provider), default: []].append(row.instant(1)..<row.instant(2))
        }
        return outages
    }
}
