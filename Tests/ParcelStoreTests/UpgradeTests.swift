// A database of the first schema, with a row of everything, as its daemon left it: today's store brings it up to date and
// loses nothing.

import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct UpgradeTests {
    private static let first = "1 the mirror, alerts, outbox and schedule"

    /// The tables that a first database fills, without what GRDB keeps for itself.
    private static let rows = """
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
        """

    private func firstDatabase(_ path: String) throws {
        let pool = try DatabasePool(path: path)
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = \(Store.applicationID)") }
        try migrator().migrate(pool, upTo: UpgradeTests.first)
        try pool.write { try $0.execute(sql: UpgradeTests.rows) }
        try pool.close()
    }

    @Test func `a first database is upgraded and loses nothing`() throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        try firstDatabase(path)
        let before = try DatabaseQueue(path: path).read { try Self.contents($0) }
        let store = try Store.open(path, .daemon)
        let after = try store.database.read { try Self.contents($0, columns: before.columns) }
        #expect(after.rows == before.rows)
        #expect(before.rows.count > 20)
    }

    /// Every row of every table that is ours, and the columns of each; only these columns where they are given.
    private static func contents(
        _ db: Database, columns: [String: [String]]? = nil
    ) throws -> (columns: [String: [String]], rows: [String]) {
        let names = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master
                 WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%' ORDER BY name
                """)
        let tables =
            try columns
            ?? Dictionary(
                uniqueKeysWithValues: names.map { ($0, try db.columns(in: $0).map(\.name)) })
        let rows = try tables.sorted { $0.key < $1.key }.flatMap { table, columns in
            try Row.fetchAll(db, sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table)")
                .map { "\(table) \($0)" }.sorted()
        }
        return (tables, rows)
    }

    @Test func `what a first database holds can be read and decided about`() throws {
        let folder = try Folder()
        try firstDatabase(folder("mirror.db"))
        let store = try Store.open(folder("mirror.db"), .daemon)
        let family = try store.family(named: "1907-2")
        let item = try #require(family.thing(.item, label: "1907-2"))
        #expect(item.numbers.map { "\($0.role) \($0.number)" } == ["domestic 71148967930433"])
        #expect(item.events.map(\.hasZone) == [true])
        #expect(item.views.map(\.milestone) == [nil])
        #expect(family.contents(of: try #require(family.thing(.parcel, label: "520"))).isEmpty)
        #expect(family.story(of: item, at: noon + .days(30)).events.map(\.event.text) == ["Заказано"])
        #expect(try store.alerts(at: noon + .days(30), includingClosed: false).map(\.facts.workingDays) == [4])
        #expect(try store.health().map(\.lastSuccessAt) == [ms(1_507_561_200_000)])
        #expect(try store.spent("otcommerce", day: 17448).requests == 42)
        #expect(try store.dueAsks("otcommerce", at: noon + .days(30), limit: 10).count == 2)
        #expect(try store.setting("mark") == "kept")
        #expect(try store.unknownCodes().map(\.code) == ["new"])
    }

    @Test(arguments: ["v_items", "v_parcels", "v_track_numbers", "v_stalled", "v_events", "v_journeys"])
    func `each view answers over an upgraded database`(view: String) throws {
        let folder = try Folder()
        try firstDatabase(folder("mirror.db"))
        let store = try Store.open(folder("mirror.db"), .daemon)
        let count = try store.database.read { try Row.fetchAll($0, sql: "SELECT * FROM \(view)").count }
        #expect(
            count == ["v_items": 2, "v_parcels": 1, "v_track_numbers": 1, "v_stalled": 1, "v_events": 2][view] ?? 0)
    }
}
