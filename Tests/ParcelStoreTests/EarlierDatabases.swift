// Databases of every schema there was, with a row of everything, as golden SQL: made once from the steps, and never again
// by them, so that an edited step is found out.

import Foundation
import GRDB
import Testing

@testable import ParcelStore

enum EarlierDatabases {
    static let schemas = Array(1...migrator().migrations.count)

    /// A file of the schema with that number.
    static func make(_ schema: Int, at path: String, _ pragma: String = "") throws {
        let queue = try DatabaseQueue(path: path)
        if !pragma.isEmpty { try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA " + pragma) } }
        try queue.writeWithoutTransaction { try $0.execute(sql: try golden(schema)) }
        try queue.close()
    }

    /// After a step was appended: `PARCELD_GOLDEN=write swift test --filter UpgradeTests`, once, for the new one.
    static func golden(_ schema: Int) throws -> String {
        let name = "Fixtures/schema-\(schema).sql"
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["PARCELD_GOLDEN"] == "write",
            !FileManager.default.fileExists(atPath: source.path)
        {
            try Data(try written(schema).utf8).write(to: source)
        }
        return String(decoding: try Data(contentsOf: source), as: UTF8.self)
    }

    private static func written(_ schema: Int) throws -> String {
        let queue = try DatabaseQueue()
        let steps = migrator().migrations
        for number in 1...schema {
            try migrator().migrate(queue, upTo: steps[number - 1])
            try queue.write { try $0.execute(sql: rows[number] ?? "") }
        }
        return try queue.read { db in
            let schema = try Row.fetchAll(
                db, sql: "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
            let tables = schema.filter { $0[1] == "table" }.map { $0[0] as String }
            let inserts = try tables.flatMap { table in
                let columns = try db.columns(in: table).map { "quote(\"\($0.name)\")" }.joined(
                    separator: " || ', ' || ")
                return try String.fetchAll(
                    db, sql: "SELECT 'INSERT INTO \(table) VALUES (' || \(columns) || ');' FROM \(table) ORDER BY 1")
            }
            let lines = schema.map { ($0[2] as String) + ";" } + inserts
            return "PRAGMA foreign_keys = OFF;\nPRAGMA application_id = \(Store.applicationID);\n"
                + lines.joined(separator: "\n") + "\n"
        }
    }

    /// What each step's tables and columns are filled with.
    private static let rows: [Int: String] = [
        1: """
        INSERT INTO things VALUES
            (1, 'order', '1907', 'ORD-000001907', NULL, 1506427200000, 1, 1505995200000, NULL, 1506427200000, 'seen',
             NULL, NULL, NULL, NULL),
            (2, 'item', '1907-1', '1907-1', 1, 1506427200000, 1, NULL, NULL, 1506427200000, 'seen', 'refunded',
             1506427260000, NULL, NULL),
            (3, 'item', '1907-2', '1907-2', 1, 1506427200000, 0, NULL, 'inbound', 1506427200000, 'happened', NULL, NULL,
             1507564800000, NULL),
            (4, 'track_number', '71148967930433', '71148967930433', NULL, 1506427200000, 0, NULL, NULL, 1506427200000,
             'seen', NULL, NULL, NULL, NULL),
            (5, 'parcel', '520', '520', 1, 1506427200000, 0, NULL, 'handover', 1506427200000, 'seen', NULL, NULL, NULL,
             NULL),
            (6, 'parcel', 'litemf:7', 'litemf:7', NULL, 1506427200000, 0, NULL, NULL, 1506427200000, 'seen', NULL, NULL,
             NULL, 5);
        INSERT INTO views VALUES
            (1, 3, 'otcommerce', 'item', '1907/2', NULL, NULL, NULL, '4', 'Заказано', 'at:inbound', 0, 'delayed',
             1506427200000, 'happened', 14467, 'RUB', '{"seller":"店"}', '4:2', 11, 12, 1506427200000, 1506513600000,
             1506513600000, NULL, 0, NULL, NULL),
            (2, 5, 'shiptor', 'parcel', '11578', 'otcommerce', 'parcel', '520', 'new', 'weird', 'unmapped', 1, NULL,
             1506427200000, 'seen', NULL, NULL, '{}', NULL, 13, NULL, 1506427200000, 1506513600000, NULL, NULL, 1,
             1506600000000, 'cannot read status');
        INSERT INTO view_numbers VALUES (1, 0, 'domestic', 4);
        INSERT INTO view_contents VALUES (2, 0, 3);
        INSERT INTO events VALUES
            (1, 3, 'status', 'otcommerce', '1907/2', '4', 'Заказано', '', 1506427200000, 'happened', '26.09',
             1506427200000, 1, 77, NULL),
            (2, 5, 'checkpoint', 'shiptor', '11578', 'x', 'Принято', 'Гуанчжоу', 1506427300000, 'happened', NULL,
             1506427300000, 1, -78, 1506500000000);
        INSERT INTO alerts VALUES
            (1, 'stall', 3, 'stall/inbound/1', 'warning', 1507564800000, NULL, 0,
             '{"label":"1907-2","stage":"inbound","workingDays":4,"thingKind":"item"}');
        INSERT INTO alert_changes VALUES (1, 1, 'opened', 'warning', 1507564800000, 'threshold', 'parceld',
            '{"label":"1907-2","workingDays":4}');
        INSERT INTO messages VALUES
            (1, 'manager', 'telegram', 'parceld-1', '["text"]', 0, 1507564800000, 1, 1507564900000, 'status 502', NULL, NULL);
        INSERT INTO outbox VALUES
            (1, 'manager', 'telegram', 1, 'opened', 'warning', 0, '{"label":"1907-2"}', 1507564800000, 1507564800000, 1);
        INSERT INTO asks VALUES
            ('otcommerce', 'orders', '', '', '', 3600000, 1507564800000, 0, 1507561200000, NULL),
            ('otcommerce', 'details', '1907', 'order', '1907', 7200000, 1507564800000, 2, NULL, 'status 502');
        INSERT INTO providers VALUES ('otcommerce', 1506427200000, 1507561200000, NULL, 0, NULL, NULL);
        INSERT INTO ledger VALUES ('otcommerce', 17448, 42);
        INSERT INTO settings VALUES ('mark', 'kept');
        """,
        2: """
        UPDATE views SET milestone = 'origin_transit', leg = 'cn_domestic', summary = NULL WHERE id = 1;
        UPDATE events SET carrier = 'cdek', country = 'CN', meaning = NULL, position = 3 WHERE id = 2;
        UPDATE asks SET longest_ms = 86400000, until_at = 1600000000000, asked_at = 1507561200000;
        UPDATE providers SET probe_at = 1507561300000, writes_left = 40;
        UPDATE ledger SET last_at = 1507561200000;
        INSERT INTO luck VALUES ('17track', 'S10 CN', 5, 2);
        """,
        3: """
        UPDATE alerts SET acknowledged_at = 1507565000000, acknowledged_by = 'cli:anna', told_at = 1507564800000;
        INSERT INTO alert_changes VALUES (2, 1, 'acknowledged', 'warning', 1507565000000, 'by_hand', 'cli:anna',
            '{"label":"1907-2"}', 'called them');
        """,
        4: """
        UPDATE messages SET parts_done = 1, delivered_at = 1507565000000, part_references = '["77"]';
        """,
    ]
}
