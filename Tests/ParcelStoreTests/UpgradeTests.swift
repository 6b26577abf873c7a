// Databases of earlier schemas, with a row of everything, as their daemons left them: today's store keeps a copy, brings them
// up to date and loses nothing.

import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct UpgradeTests {
    @Test(arguments: EarlierDatabases.schemas)
    func `a database of every schema is upgraded, loses nothing and keeps its promises`(schema: Int) throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        try EarlierDatabases.make(schema, at: path)
        let before = try DatabaseQueue(path: path).read { try Self.contents($0) }
        #expect(try verify(file: path).schema.found == schema)
        let store = try Store.open(path, .daemon)
        let after = try store.database.read { try Self.contents($0, columns: before.columns) }
        #expect(after.rows == before.rows)
        #expect(before.rows.count > 20)
        let verdict = try verify(file: path)
        #expect(verdict.findings.flatMap(\.breaches) == [])
        #expect(verdict.schema.found == EarlierDatabases.schemas.last)
    }

    @Test(arguments: EarlierDatabases.schemas)
    func `before an upgrade the database is kept as it was`(schema: Int) throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        try EarlierDatabases.make(schema, at: path)
        let before = try DatabaseQueue(path: path).read { try Self.contents($0) }
        try { _ = try Store.open(path, .daemon) }()
        let copy = path + ".before-schema-\(schema + 1)"
        let isUpgraded = schema < EarlierDatabases.schemas.count
        #expect(FileManager.default.fileExists(atPath: copy) == isUpgraded)
        guard isUpgraded else { return }
        #expect(try verify(file: copy).schema.found == schema)
        #expect(try DatabaseQueue(path: copy).read { try Self.contents($0) }.rows == before.rows)
        // It can be put back, and is upgraded again.
        #expect(try Store.restore(copy, to: path, tolerant: false, at: noon).kept != nil)
        #expect(try Store.open(path, .daemon).setting("mark") == "kept")
    }

    @Test func `without room for a copy nothing is upgraded and nothing touched`() throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        try EarlierDatabases.make(1, at: path)
        let before = FileManager.default.contents(atPath: path)
        let error = #expect(throws: StoreError.self) { try Store.open(path, .daemon) { _ in 1000 } }
        guard case .noRoom(path, _, free: 1000) = error else { return #expect(error == .full) }
        #expect(FileManager.default.contents(atPath: path) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("before") } == [])
        #expect(try Store.open(path, .daemon) { _ in 1 << 30 }.setting("mark") == "kept")
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
        try EarlierDatabases.make(1, at: folder("mirror.db"))
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
        try EarlierDatabases.make(1, at: folder("mirror.db"))
        let store = try Store.open(folder("mirror.db"), .daemon)
        let count = try store.database.read { try Row.fetchAll($0, sql: "SELECT * FROM \(view)").count }
        #expect(
            count == ["v_items": 2, "v_parcels": 1, "v_track_numbers": 1, "v_stalled": 1, "v_events": 2][view] ?? 0)
    }
}
