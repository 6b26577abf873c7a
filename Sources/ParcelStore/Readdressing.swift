// What waits for a channel or a recipient that is not configured any more goes to those that are: an alert is told, however
// its ways are called by now.

import GRDB

extension Store {
    /// What is told already, or waits there already, is not told again.
    ///
    /// - Parameter recipients: With their channels; the first also gets what was for nobody of them.
    package func readdress(to recipients: [(name: String, channels: [String])]) throws(StoreError) {
        guard let first = recipients.first else { return }
        try writing { db in
            for (recipient, channel) in try stray(db) {
                let target = recipients.first { $0.name == recipient } ?? first
                if target.name == recipient, target.channels.contains(channel) { continue }
                try release(recipient, channel, db)
                for row in try Int64.fetchAll(
                    db,
                    sql: """
                        SELECT id FROM outbox WHERE message_id IS NULL AND recipient = ? AND channel = ? ORDER BY id
                        """, arguments: [recipient, channel])
                {
                    try move(row, to: target.name, target.channels, db)
                }
            }
        }
    }

    private func stray(_ db: Database) throws -> [(String, String)] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT recipient, channel FROM outbox WHERE message_id IS NULL
                 UNION SELECT recipient, channel FROM messages WHERE delivered_at IS NULL ORDER BY 1, 2
                """
        ).map { ($0[0], $0[1]) }
    }

    /// Messages were written for their channel: what is in them is composed anew.
    private func release(_ recipient: String, _ channel: String, _ db: Database) throws {
        let messages = "SELECT id FROM messages WHERE delivered_at IS NULL AND recipient = ?1 AND channel = ?2"
        try db.execute(
            sql: "UPDATE outbox SET message_id = NULL WHERE message_id IN (\(messages))",
            arguments: [recipient, channel])
        try db.execute(sql: "DELETE FROM messages WHERE id IN (\(messages))", arguments: [recipient, channel])
    }

    /// The row itself moves to one channel, so that its place in the order stays; others get copies.
    private func move(_ row: Int64, to recipient: String, _ channels: [String], _ db: Database) throws {
        var hasMoved = false
        for channel in channels {
            let isThere = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM outbox o JOIN outbox r ON r.id = ?1
                                    WHERE o.id <> r.id AND o.recipient = ?2 AND o.channel = ?3 AND o.alert_id = r.alert_id
                                      AND o.change = r.change AND o.level = r.level AND o.created_at = r.created_at)
                    """, arguments: [row, recipient, channel])
            if isThere == true { continue }
            try db.execute(
                sql: hasMoved
                    ? """
                    INSERT INTO outbox (recipient, channel, alert_id, change, level, is_overview, facts, created_at, not_before)
                    SELECT ?2, ?3, alert_id, change, level, is_overview, facts, created_at, not_before FROM outbox WHERE id = ?1
                    """ : "UPDATE outbox SET recipient = ?2, channel = ?3 WHERE id = ?1",
                arguments: [row, recipient, channel])
            hasMoved = true
        }
        if !hasMoved { try db.execute(sql: "DELETE FROM outbox WHERE id = ?", arguments: [row]) }
    }
}
