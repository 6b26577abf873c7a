// After a start with another configuration: what waits to be told on ways that are gone is handed on to those that there
// are, and so is the knowledge of what was told of open alerts, so that their ends are told too.

import GRDB
package import ParcelCore

/// A way that is gone, with what was handed on from it.
package struct HandedOn: Sendable, Hashable {
    package var way: Way
    /// Rows that nobody had been told yet.
    package var waiting: Int
}

extension Store {
    /// Before any stage runs: a later step of an alert must not come before an earlier one. The same again changes nothing.
    ///
    /// - Parameters:
    ///   - ways: Those that there are.
    ///   - instead: The present ones for a way that is gone, about an alert.
    ///   - due: When a step of an alert that comes to a recipient is due at the earliest.
    package func handOn(
        ways: [Way], instead: (Way, Alert) -> [Way], due: (Way, Alert, Change) -> Timestamp
    ) throws(StoreError) -> [HandedOn] {
        try writing { db in
            let present = jsonList(ways.map(\.text))
            // Their texts were written for another channel. A part that had been sent already may be told twice.
            let begun = """
                SELECT id FROM messages WHERE delivered_at IS NULL
                   AND recipient || char(31) || channel NOT IN (SELECT value FROM json_each(?))
                """
            try db.execute(
                sql: "UPDATE outbox SET message_id = NULL WHERE message_id IN (\(begun))", arguments: [present])
            try db.execute(sql: "DELETE FROM messages WHERE id IN (\(begun))", arguments: [present])
            var counts: [Way: Int] = [:]
            for row in try strays(db, present) {
                let way = Way(recipient: row[1], channel: row[2])
                guard
                    let alert = try Row.fetchOne(
                        db.cachedStatement(sql: "SELECT \(Columns.alert) FROM alerts WHERE id = ?"),
                        arguments: [row[3] as Int64]
                    ).map(Alert.init(row:))
                else { continue }
                let isWaiting = row[4] as Int64? == nil
                let change: Change = try row.known(5)
                for way in instead(way, alert) { try copy(row[0], to: way, notBefore: due(way, alert, change), db) }
                guard isWaiting else { continue }
                try db.cachedStatement(sql: "DELETE FROM outbox WHERE id = ?").execute(arguments: [row[0] as Int64])
                counts[way, default: 0] += 1
            }
            return counts.map { HandedOn(way: $0.key, waiting: $0.value) }.sorted { $0.way.text < $1.way.text }
        }
    }

    /// Rows on other ways that nobody was told yet, and of open alerts those that somebody was.
    private func strays(_ db: Database, _ present: String) throws -> [Row] {
        let isGone = "b.recipient || char(31) || b.channel NOT IN (SELECT value FROM json_each(?1))"
        return try Row.fetchAll(
            db,
            sql: """
                SELECT b.id, b.recipient, b.channel, b.alert_id, b.message_id, b.change FROM outbox b
                 WHERE b.message_id IS NULL AND \(isGone)
                UNION
                SELECT b.id, b.recipient, b.channel, b.alert_id, b.message_id, b.change FROM alerts a
                  JOIN outbox b ON b.alert_id = a.id
                 WHERE a.closed_at IS NULL AND b.message_id IS NOT NULL AND \(isGone)
                ORDER BY 1
                """, arguments: [present])
    }

    /// The same step told on another way, unless it is or was told there by itself.
    private func copy(_ id: Int64, to way: Way, notBefore: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (recipient, channel, alert_id, change, level, is_overview, facts, created_at, not_before,
                                    message_id)
                SELECT ?2, ?3, alert_id, change, level, is_overview, facts, created_at, max(not_before, ?4), message_id
                  FROM outbox b WHERE id = ?1
                   AND NOT EXISTS (SELECT 1 FROM outbox o
                                    WHERE o.alert_id = b.alert_id AND o.recipient = ?2 AND o.channel = ?3
                                      AND o.created_at = b.created_at AND o.change = b.change AND o.facts = b.facts)
                """
        ).execute(arguments: [id, way.recipient, way.channel, notBefore.milliseconds])
    }

    /// Whether a recipient was given a week's summary on a way that is gone: it is not theirs a second time.
    package func wasSummed(
        _ prefix: String, _ recipient: String, otherThan channels: [String]
    ) throws(StoreError) -> Bool {
        try reading { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM messages
                                        WHERE dedup_key GLOB ?1 || '*' AND recipient = ?2
                                          AND channel NOT IN (SELECT value FROM json_each(?3)))
                        """), arguments: [prefix, recipient, jsonList(channels)]) ?? false
        }
    }
}

extension Way {
    /// With a sign between that no name has.
    fileprivate var text: String { "\(recipient)\u{1F}\(channel)" }
}
