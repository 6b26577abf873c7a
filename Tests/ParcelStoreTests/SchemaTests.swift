import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct SchemaTests {
    /// After a migration was appended: `PARCELD_GOLDEN=write swift test --filter SchemaTests`, and read the difference.
    @Test func `the schema is the golden one`() throws {
        let bench = try Bench()
        let schema = try bench.store.database.read { db in
            try String.fetchAll(
                db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'grdb_%' ORDER BY rowid"
            )
        }
        let text = schema.map { $0 + ";\n" }.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["PARCELD_GOLDEN"] == "write" {
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "Fixtures/schema.sql")
            try Data(text.utf8).write(to: source)
        }
        let url = try #require(Bundle.module.url(forResource: "Fixtures/schema.sql", withExtension: nil))
        let golden = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        #expect(text.split(separator: "\n") == golden.split(separator: "\n"))
    }

    @Test func `the golden schema is the one that a new file gets from SQLite alone`() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/schema.sql", withExtension: nil))
        let queue = try DatabaseQueue()
        try queue.write { try $0.execute(sql: String(decoding: try Data(contentsOf: url), as: UTF8.self)) }
        let views = try queue.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
        }
        #expect(views == ["v_events", "v_items", "v_journeys", "v_parcels", "v_stalled", "v_track_numbers"])
    }

    /// The promise to other tools: these columns stay. New ones may be added at the end of a row here.
    static let columns: [(view: String, columns: String)] = [
        (
            "v_items",
            """
            id item order_number stage ending provider status_code status is_unmapped condition title seller \
            external_order amount_minor currency track_numbers stage_since_at stage_since ended_at ended first_seen_at \
            first_seen confirmed_at confirmed
            """
        ),
        (
            "v_parcels",
            """
            id parcel order_number stage ending provider status_code status is_unmapped condition items track_numbers \
            stage_since_at stage_since ended_at ended first_seen_at first_seen confirmed_at confirmed
            """
        ),
        (
            "v_journeys",
            """
            id track_number provider milestone condition leg status_code status since_at since confirmed_at confirmed
            """
        ),
        (
            "v_track_numbers",
            "id track_number role carried_by_kind carried_by provider stage ending first_seen_at first_seen"
        ),
        (
            "v_stalled",
            """
            alert_id kind thing order_number alert level stage working_days silent_since_at silent_since confirmed_at \
            confirmed opened_at opened acknowledged_by snoozed_until snoozed
            """
        ),
        (
            "v_events",
            """
            id thing_kind thing kind provider code text place basis happened_at happened given is_movement seen_at seen \
            withdrawn_at
            """
        ),
    ]

    @Test(arguments: columns)
    func `other tools find the columns they know`(view: String, columns: String) throws {
        let bench = try Bench()
        let found = try bench.store.database.read { db in try db.columns(in: view).map(\.name) }
        #expect(found.joined(separator: " ") == columns)
    }

    @Test func `the views say what people want to know`() throws {
        let bench = try Bench()
        var stalled = AlertFacts()
        stalled.stage = .inbound
        stalled.workingDays = 4
        stalled.since = Since(noon, .seen)
        stalled.confirmedAt = noon + .days(9)
        let alert = Alert(
            kind: .stall, thing: -3, key: "stall/1", level: .warning, openedAt: noon + .days(9), facts: stalled)
        try bench.store.commit(.saving(try richFamily(), changes: [DecidedChange(opened: alert)]))
        func first(_ sql: String) throws -> [String] {
            try bench.store.database.read { db in
                try Row.fetchOne(db, sql: sql).map { row in
                    row.map { "\($0.0)=\($0.1)".replacingOccurrences(of: "\"", with: "") }
                } ?? []
            }
        }
        #expect(
            try first("SELECT order_number, ending, seller, amount_minor, confirmed FROM v_items WHERE item = '1907-1'")
                == [
                    "order_number=ORD-000001907", "ending=refunded", "seller=店", "amount_minor=-14467",
                    "confirmed=2017-09-26T12:00:00Z",
                ])
        #expect(
            try first(
                "SELECT provider, track_numbers, stage_since FROM v_items WHERE item = '1907-2' ORDER BY provider DESC LIMIT 1 OFFSET 1"
            )
                == [
                    "provider=otcommerce", "track_numbers=71148967930433 LP1930191011",
                    "stage_since=2017-09-26T12:00:00Z",
                ])
        #expect(
            try first("SELECT stage, items FROM v_parcels WHERE parcel = '520'") == [
                "stage=handover", "items=1907-2 1907-1",
            ])
        #expect(
            try first("SELECT role, carried_by FROM v_track_numbers WHERE track_number = 'LP1930191011'")
                == ["role=forwarder", "carried_by=1907-2"])
        #expect(
            try first("SELECT thing, order_number, level, stage, working_days, silent_since, confirmed FROM v_stalled")
                == [
                    "thing=1907-2", "order_number=ORD-000001907", "level=warning", "stage=inbound", "working_days=4",
                    "silent_since=2017-09-26T12:00:00Z", "confirmed=2017-10-05T12:00:00Z",
                ])
        #expect(
            try first("SELECT thing, kind, happened, basis, given FROM v_events ORDER BY id")
                == ["thing=1907-2", "kind=status", "happened=2017-09-26T12:01:00Z", "basis=happened", "given=26.09"])
    }
}
