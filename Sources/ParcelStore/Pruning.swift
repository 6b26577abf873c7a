// What may go after a long time because it is neither history nor state: texts that were told, and days of the ledger.
// Events, alerts and their steps stay for ever.

import GRDB
package import ParcelCore

/// How much went, or would go.
package struct Pruned: Sendable, Hashable {
    /// Delivered messages whose texts went; that they were told, when, and under which key stays.
    package var messages = 0
    /// Notifications whose copies of an alert's facts went; the alert's steps have them.
    package var notifications = 0
    /// Days of requests that became one sum for each provider.
    package var ledgerDays = 0
    /// Bytes that the file gave back to the disk.
    package var freed = 0

    package init() {}

    package static func + (left: Pruned, right: Pruned) -> Pruned {
        var sum = left
        sum.messages += right.messages
        sum.notifications += right.notifications
        sum.ledgerDays += right.ledgerDays
        sum.freed += right.freed
        return sum
    }

    package var isNothing: Bool { self == Pruned() }
}

/// Rows and pages a transaction: nobody waits long for the database.
private let batch = 500
/// The day of the ledger that has the sums of those that went: no provider asks about it.
private let sumDay = 0
/// The least that can be read as facts.
private let noFacts = #"{"label":""}"#

/// Told before then, and about no alert that is open: an open one's next message may refer to its earlier ones.
private let oldMessages = """
    delivered_at < ?1 AND parts <> '[]' AND NOT EXISTS (
        SELECT 1 FROM outbox b JOIN alerts a ON a.id = b.alert_id
         WHERE b.message_id = messages.id AND (a.closed_at IS NULL OR a.closed_at >= ?1))
    """

extension Store {
    package func prunable(before: Timestamp) throws(StoreError) -> Pruned {
        try reading { db in
            func count(_ sql: String, _ limit: Int64) throws -> Int {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM " + sql, arguments: [limit]) ?? 0
            }
            var pruned = Pruned()
            pruned.messages = try count("messages WHERE " + oldMessages, before.milliseconds)
            pruned.notifications = try count(
                """
                outbox WHERE facts <> '\(noFacts)' AND message_id IN (
                    SELECT id FROM messages WHERE \(oldMessages))
                """, before.milliseconds)
            pruned.ledgerDays = try count(
                "ledger WHERE day > \(sumDay) AND day < ?", before.milliseconds / 86_400_000)
            return pruned
        }
    }

    /// One short step: to be repeated until it says that nothing went.
    package func pruneSome(before: Timestamp) throws(StoreError) -> Pruned {
        var pruned: Pruned = try writing { db in
            var pruned = Pruned()
            let ids = try Int64.fetchAll(
                db, sql: "SELECT id FROM messages WHERE \(oldMessages) LIMIT \(batch)",
                arguments: [before.milliseconds])
            if !ids.isEmpty {
                let chosen = "IN (\(ids.map(String.init).joined(separator: ",")))"
                pruned.notifications = try write(
                    db, "outbox", ["facts": noFacts], "facts <> '\(noFacts)' AND message_id " + chosen)
                pruned.messages = try write(
                    db, "messages", ["parts": "[]", "part_references": "[]"], "id " + chosen)
            }
            pruned.ledgerDays = try sumUp(db, before: Int(before.milliseconds / 86_400_000))
            return pruned
        }
        if pruned.isNothing { pruned.freed = try giveBack() }
        return pruned
    }

    /// Writes rows anew with other texts. An UPDATE that makes them shorter would leave the pages as empty as they get.
    private func write(
        _ db: Database, _ table: String, _ texts: [String: String], _ filter: String
    ) throws -> Int {
        let columns = try db.columns(in: table).map(\.name)
        let values = columns.map { name in texts[name].map { "'\($0)'" } ?? name }
        let before = db.totalChangesCount
        try db.execute(
            sql: """
                REPLACE INTO \(table) (\(columns.joined(separator: ", ")))
                SELECT \(values.joined(separator: ", ")) FROM \(table) WHERE \(filter)
                """)
        return db.totalChangesCount - before
    }

    /// The total of a provider's requests stays what it was.
    private func sumUp(_ db: Database, before day: Int) throws -> Int {
        try db.execute(
            sql: """
                INSERT INTO ledger (provider, day, spent)
                SELECT provider, \(sumDay), sum(spent) FROM ledger WHERE day > \(sumDay) AND day < ?1 GROUP BY provider
                ON CONFLICT DO UPDATE SET spent = spent + excluded.spent
                """, arguments: [day])
        try db.execute(sql: "DELETE FROM ledger WHERE day > \(sumDay) AND day < ?", arguments: [day])
        return db.changesCount
    }

    /// Free pages at the end of the file, some of them: the rest next time. Files made before they could are written
    /// anew for that: by `compact`, and when they are restored.
    private func giveBack() throws(StoreError) -> Int {
        try using { database in
            try database.writeWithoutTransaction { db in
                guard try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") == 2 else { return 0 }
                func pages() throws -> Int { try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 }
                let before = try pages()
                _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(\(batch))")
                let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
                return (before - (try pages())) * size
            }
        }
    }

    /// Writes the whole file anew. Nobody can write meanwhile, and it needs as much room again.
    ///
    /// - Returns: Bytes that it gave back.
    package func compact() throws(StoreError) -> Int {
        let before = fileSize(path)
        try requireRoom(2 * before, for: path, beside: path)
        try using { database in
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM")
                _ = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        }
        return max(0, before - fileSize(path))
    }
}
