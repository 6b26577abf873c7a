// What waits to be told, and what the channels said. A message is written down with its texts before it is sent, so
// that a repeat after a crash says the same under the same key.

import Foundation
import GRDB
package import ParcelCore

package struct StoredMessage: Sendable, Hashable {
    package var id: Int64
    package var recipient: String
    package var channel: String
    package var dedupKey: String
    package var parts: [String]
    /// What the channel called each part that it took.
    package var references: [String?]
    package var partsDone: Int
    package var composedAt: Timestamp
    package var attempts: Int
    package var nextAttemptAt: Timestamp
    package var lastError: String?
    package var refusedAt: Timestamp?
    package var deliveredAt: Timestamp?
}

/// Some of the rows are in another message, or in another recipient's outbox.
private struct RowsTaken: Error, CustomStringConvertible {
    var description: String { "notifications that were to be told are in another message already" }
}

private let messageColumns = """
    id, recipient, channel, dedup_key, parts, parts_done, composed_at, attempts, next_attempt_at, last_error,
    refused_at, delivered_at, part_references
    """

extension StoredMessage {
    init(row: Row) throws {
        self.init(
            id: row[0], recipient: row[1], channel: row[2], dedupKey: row[3],
            parts: try storedTexts(row[4]), references: try storedReferences(row[12]), partsDone: row[5],
            composedAt: row.instant(6), attempts: row[7], nextAttemptAt: row.instant(8), lastError: row[9],
            refusedAt: row.optionalInstant(10), deliveredAt: row.optionalInstant(11))
    }
}

private func storedTexts(_ stored: String) throws -> [String] {
    try JSONDecoder().decode([String].self, from: Data(stored.utf8))
}

private func storedReferences(_ stored: String) throws -> [String?] {
    try JSONDecoder().decode([String?].self, from: Data(stored.utf8))
}

/// - Parameters:
///   - texts: The column `parts`.
///   - references: The column `part_references`, which has fewer in messages of earlier versions.
func sentParts(_ texts: String, _ references: String) throws -> [EarlierMessage.Part] {
    let given = try storedReferences(references)
    return try storedTexts(texts).enumerated().map { place, text in
        EarlierMessage.Part(text: text, reference: place < given.count ? given[place] : nil)
    }
}

extension Store {
    /// Due rows of a channel that no message has taken yet, and with them every earlier row of the same alerts, so that
    /// nothing is told in the wrong order. Grouped by recipient; a recipient whose last message is still under way is
    /// left out until it has arrived.
    package func dueRows(_ channel: String, at: Timestamp) throws(StoreError) -> [String: [OutboxRow]] {
        try reading { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT b.id, b.recipient, b.channel, b.alert_id, a.key, a.kind, b.change, b.level, b.is_overview,
                               b.facts, b.created_at, b.not_before
                          FROM outbox b JOIN alerts a ON a.id = b.alert_id
                         WHERE b.channel = ?1 AND b.message_id IS NULL
                           AND EXISTS (SELECT 1 FROM outbox d WHERE d.channel = ?1 AND d.message_id IS NULL
                                          AND d.not_before <= ?2 AND d.recipient = b.recipient
                                          AND d.alert_id = b.alert_id AND d.id >= b.id)
                           AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.channel = ?1 AND m.recipient = b.recipient
                                              AND m.delivered_at IS NULL)
                         ORDER BY b.id
                        """), arguments: [channel, at.milliseconds])
            var found: [String: [OutboxRow]] = [:]
            for row in rows {
                let stored = OutboxRow(
                    rowID: row[0], recipient: row[1], channel: row[2], alert: row[3], alertKey: row[4],
                    kind: try row.known(5), change: try row.known(6), level: try row.known(7), isOverview: row[8],
                    facts: try AlertFacts(stored: row[9]), createdAt: row.instant(10), notBefore: row.instant(11))
                found[stored.recipient, default: []].append(stored)
            }
            return found
        }
    }

    /// Takes the rows into a message that is due at once. A row that is in a message already makes it fail: nothing is
    /// told twice.
    package func createMessage(
        for recipient: String, channel: String, dedupKey: String, parts: [String], rows: [Int64], at: Timestamp
    ) throws(StoreError) {
        try writing { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO messages (recipient, channel, dedup_key, parts, composed_at, next_attempt_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                recipient, channel, dedupKey, JSONValue.array(parts.map { .string($0) }).text, at.milliseconds,
                at.milliseconds,
            ])
            try db.execute(
                sql: """
                    UPDATE outbox SET message_id = ?
                     WHERE message_id IS NULL AND recipient = ? AND channel = ?
                       AND id IN (SELECT value FROM json_each(?))
                    """, arguments: [db.lastInsertedRowID, recipient, channel, jsonList(rows)])
            guard db.changesCount == Set(rows).count else { throw RowsTaken() }
        }
    }

    /// What these alerts' recipient was told of them through the channel before, by the alert's row id.
    package func pasts(
        of alerts: [Int64], recipient: String, channel: String
    ) throws(StoreError) -> [Int64: AlertPast] {
        try reading { db in
            var pasts: [Int64: AlertPast] = [:]
            let opened = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, opened_at, acknowledged_by FROM alerts
                         WHERE id IN (SELECT value FROM json_each(?))
                        """),
                arguments: [jsonList(alerts)])
            for row in opened { pasts[row[0]] = AlertPast(openedAt: row.instant(1), takenBy: row[2]) }
            let told = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT DISTINCT b.alert_id, m.id FROM outbox b JOIN messages m ON m.id = b.message_id
                         WHERE b.alert_id IN (SELECT value FROM json_each(?)) AND b.recipient = ? AND b.channel = ?
                           AND m.channel = b.channel AND m.delivered_at IS NOT NULL ORDER BY m.id
                        """), arguments: [jsonList(alerts), recipient, channel])
            let ids = told.map { $0[1] as Int64 }
            var messages: [Int64: EarlierMessage] = [:]
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, dedup_key, parts, part_references FROM messages
                         WHERE id IN (SELECT value FROM json_each(?))
                        """), arguments: [jsonList(Set(ids).sorted())])
            for row in rows {
                messages[row[0]] = EarlierMessage(dedupKey: row[1], parts: try sentParts(row[2], row[3]))
            }
            for (row, id) in zip(told, ids) {
                if let message = messages[id] { pasts[row[0]]?.messages.append(message) }
            }
            return pasts
        }
    }

    /// The alerts that a channel was told of, as they are by now, by recipient: the open ones, and those that closed
    /// after an instant.
    package func toldAlerts(
        _ channel: String, closedAfter: Timestamp
    ) throws(StoreError) -> [String: [Alert]] {
        try reading { db in
            let columns = Columns.alert.split(separator: ", ").map { "a.\($0)" }.joined(separator: ", ")
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(columns), t.recipient FROM alerts a JOIN (
                            SELECT DISTINCT b.alert_id, b.recipient FROM outbox b JOIN messages m ON m.id = b.message_id
                             WHERE b.channel = ?1 AND m.delivered_at IS NOT NULL) t ON t.alert_id = a.id
                         WHERE a.closed_at IS NULL OR a.closed_at > ?2 ORDER BY a.id
                        """), arguments: [channel, closedAfter.milliseconds])
            var told: [String: [Alert]] = [:]
            for row in rows { told[row["recipient"], default: []].append(try Alert(row: row)) }
            return told
        }
    }

    package func dueMessages(_ channel: String, at: Timestamp) throws(StoreError) -> [StoredMessage] {
        try reading { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(messageColumns) FROM messages
                         WHERE channel = ? AND delivered_at IS NULL AND next_attempt_at <= ? ORDER BY id
                        """), arguments: [channel, at.milliseconds]
            ).map(StoredMessage.init(row:))
        }
    }

    /// The next instant at which the channel has something to do.
    package func nextDelivery(_ channel: String) throws(StoreError) -> Timestamp? {
        try reading { db in
            try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT min(at) FROM (
                            SELECT min(next_attempt_at) AS at FROM messages WHERE channel = ?1 AND delivered_at IS NULL
                            UNION ALL
                            SELECT min(b.not_before) FROM outbox b WHERE b.channel = ?1 AND b.message_id IS NULL
                               AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.channel = ?1
                                                  AND m.recipient = b.recipient AND m.delivered_at IS NULL))
                        """), arguments: [channel]
            ).map(Timestamp.init(milliseconds:))
        }
    }

    package func record(_ message: StoredMessage) throws(StoreError) {
        try writing { db in
            try db.cachedStatement(
                sql: """
                    UPDATE messages SET parts_done = ?, attempts = ?, next_attempt_at = ?, last_error = ?,
                           refused_at = ?, delivered_at = ?, part_references = ? WHERE id = ?
                    """
            ).execute(arguments: [
                message.partsDone, message.attempts, message.nextAttemptAt.milliseconds, message.lastError,
                message.refusedAt?.milliseconds, message.deliveredAt?.milliseconds,
                JSONValue.array(message.references.map { .optional($0) }).text, message.id,
            ])
        }
    }

    /// Channels that refuse a message for good, or have not taken one for a day, with their words.
    package func refusedChannels(at: Timestamp) throws(StoreError) -> [(channel: String, reason: String)] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT channel, max(last_error) FROM messages
                     WHERE delivered_at IS NULL
                       AND (refused_at IS NOT NULL OR last_error IS NOT NULL AND composed_at <= ?)
                     GROUP BY channel ORDER BY channel
                    """, arguments: [(at - .days(1)).milliseconds]
            ).map { (channel: $0[0], reason: ($0[1] as String?) ?? "") }
        }
    }

    package func messages() throws(StoreError) -> [StoredMessage] {
        try reading { db in
            try Row.fetchAll(db, sql: "SELECT \(messageColumns) FROM messages ORDER BY id").map(
                StoredMessage.init(row:))
        }
    }

    package func hasMessage(_ dedupKey: String) throws(StoreError) -> Bool {
        try reading { db in
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM messages WHERE dedup_key = ?)"),
                arguments: [dedupKey]) ?? false
        }
    }

    /// Whether something is still under way to a recipient through a channel.
    package func isTelling(_ recipient: String, through channel: String) throws(StoreError) -> Bool {
        try reading { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM messages
                                        WHERE channel = ? AND recipient = ? AND delivered_at IS NULL)
                        """), arguments: [channel, recipient]) ?? false
        }
    }

    /// What is open, and what closed since then, with when the provider that decides last confirmed it.
    package func weeklyAlerts(since: Timestamp) throws(StoreError) -> [WeeklyAlert] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Columns.alert),
                           (SELECT max(v.confirmed_at) FROM views v
                             WHERE v.thing_id = a.thing_id AND v.provider = json_extract(a.facts, '$.decider'))
                      FROM alerts a WHERE closed_at IS NULL OR closed_at >= ? ORDER BY id
                    """, arguments: [since.milliseconds]
            ).map { WeeklyAlert(try Alert(row: $0), confirmedAt: $0.optionalInstant(14)) }
        }
    }

    package func watchedCount() throws(StoreError) -> Int {
        try reading { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM things
                     WHERE ending IS NULL AND merged_into IS NULL AND kind IN ('item', 'parcel')
                    """) ?? 0
        }
    }
}
