// Reading alerts: those that decisions need, and those that people ask for.

import Foundation
import GRDB
package import ParcelCore

package struct StoredChange: Sendable, Hashable {
    package var alert: Int64
    package var change: Change
    package var level: Level
    package var at: Timestamp
    package var cause: Cause
    package var madeBy: String
    package var facts: AlertFacts
    /// A person's words.
    package var note: String?
}

extension Store {
    /// Open alerts about these things, and the closed ones: what was told once is not told again.
    package func alerts(about things: [ThingID]) throws(StoreError) -> [Alert] {
        guard things.contains(where: { $0 > 0 }) else { return [] }
        return try reading { db in try alerts(db, about: things) }
    }

    func alerts(_ db: Database, about things: [ThingID]) throws -> [Alert] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT \(Columns.alert) FROM alerts
                     WHERE thing_id IN (SELECT value FROM json_each(?)) ORDER BY id
                    """), arguments: [jsonList(things.filter { $0 > 0 })]
        ).map(Alert.init(row:))
    }

    /// Open alerts about things, about which time alone may do something by now, those that wait longest first.
    package func alertsDue(at: Timestamp) throws(StoreError) -> [Alert] {
        try reading { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(Columns.alert) FROM alerts
                         WHERE closed_at IS NULL AND next_at <= ? AND thing_id IS NOT NULL ORDER BY next_at, id
                        """), arguments: [at.milliseconds]
            ).map(Alert.init(row:))
        }
    }

    /// The first instant after that one at which time alone does something about an alert.
    package func nextAlertDue(after: Timestamp) throws(StoreError) -> Timestamp? {
        try reading { db in
            try Int64.fetchOne(
                db.cachedStatement(
                    sql: "SELECT min(next_at) FROM alerts WHERE closed_at IS NULL AND next_at > ?"),
                arguments: [after.milliseconds]
            ).map(Timestamp.init(milliseconds:))
        }
    }

    /// After the rules changed: when time alone does something about each open alert from now on.
    package func replan(_ nextAt: (Alert) -> Timestamp?) throws(StoreError) {
        try writing { db in
            let open = try Row.fetchAll(db, sql: "SELECT \(Columns.alert) FROM alerts WHERE closed_at IS NULL")
            for alert in try open.map(Alert.init(row:)) {
                try db.cachedStatement(sql: "UPDATE alerts SET next_at = ? WHERE id = ?").execute(
                    arguments: [nextAt(alert)?.milliseconds, alert.rowID])
            }
        }
    }

    package func alert(_ id: Int64) throws(StoreError) -> Alert? {
        try reading { db in
            try Row.fetchOne(db, sql: "SELECT \(Columns.alert) FROM alerts WHERE id = ?", arguments: [id])
                .map(Alert.init(row:))
        }
    }

    package func openServiceAlerts() throws(StoreError) -> [Alert] {
        try reading { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT \(Columns.alert) FROM alerts WHERE closed_at IS NULL AND thing_id IS NULL ORDER BY id")
            ).map(Alert.init(row:))
        }
    }

    /// Alerts that were open at an instant, with their level then; all that were opened until then if `closed` too.
    package func alerts(at: Timestamp, includingClosed closed: Bool) throws(StoreError) -> [Alert] {
        try reading { db in
            let filter = closed ? "" : "AND (closed_at IS NULL OR closed_at > ?1)"
            return try Row.fetchAll(
                db, sql: "SELECT \(Columns.alert) FROM alerts WHERE opened_at <= ?1 \(filter) ORDER BY id",
                arguments: [at.milliseconds]
            ).map { row in
                var alert = try Alert(row: row)
                if let end = alert.closedAt, end > at { alert.closedAt = nil }
                let last = try Row.fetchOne(
                    db,
                    sql:
                        "SELECT level, facts FROM alert_changes WHERE alert_id = ? AND made_at <= ? ORDER BY id DESC LIMIT 1",
                    arguments: [alert.rowID, at.milliseconds])
                if let last {
                    alert.level = try last.known(0)
                    alert.facts = try AlertFacts(stored: last[1])
                }
                return alert
            }
        }
    }

    package func changes(of alerts: [Int64]) throws(StoreError) -> [StoredChange] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT alert_id, change, level, made_at, cause, made_by, facts, note FROM alert_changes
                     WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY id
                    """, arguments: [jsonList(alerts)]
            ).map { row in
                StoredChange(
                    alert: row[0], change: try row.known(1), level: try row.known(2), at: row.instant(3),
                    cause: try row.known(4), madeBy: row[5], facts: try AlertFacts(stored: row[6]), note: row[7])
            }
        }
    }

    package func rules() throws(StoreError) -> RuleSettings? {
        try reading { db in
            guard let text = try String.fetchOne(db, sql: "SELECT value FROM settings WHERE key = 'rules'") else {
                return nil
            }
            return try JSONDecoder().decode(RuleSettings.self, from: Data(text.utf8))
        }
    }

    /// - Returns: Whether they differ from those that were stored.
    package func save(_ rules: RuleSettings) throws(StoreError) -> Bool {
        try save(setting: "rules", try text(of: rules))
    }

    /// As they are stored.
    package func text(of rules: RuleSettings) throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do { return String(decoding: try encoder.encode(rules), as: UTF8.self) } catch {
            throw .io("the rules cannot be written")
        }
    }

    /// - Returns: Whether it differs from what was stored.
    package func save(setting key: String, _ value: String) throws(StoreError) -> Bool {
        try writing { db in
            let old = try String.fetchOne(db, sql: "SELECT value FROM settings WHERE key = ?", arguments: [key])
            guard old != value else { return false }
            try put(setting: key, value, db)
            return true
        }
    }

    func put(setting key: String, _ value: String, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)").execute(
            arguments: [key, value])
    }

    package func setting(_ key: String) throws(StoreError) -> String? {
        try reading { db in
            try String.fetchOne(db, sql: "SELECT value FROM settings WHERE key = ?", arguments: [key])
        }
    }
}
