import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct VerifyTests {
    @Test func `a sound database keeps every promise, and each is looked at`() throws {
        let file = try StoredFile()
        let verdict = try verify(file: file.path)
        #expect(verdict.findings.flatMap(\.breaches) == [])
        #expect(verdict.findings.map(\.promise) == Promise.allCases)
        #expect(verdict.findings.allSatisfy { ($0.checked ?? 0) > 0 })
        #expect(verdict.contents == Contents(things: 5, events: 2, alerts: 1, openAlerts: 1))
    }

    /// What somebody does to the file, which promise that breaks, why, and where that is said to be.
    static let breaks: [(sql: String, promise: Promise, reason: Reason, place: String)] = [
        ("DELETE FROM things WHERE id = 4", .references, .danglingReference, ""),
        ("DROP INDEX alerts_open", .schema, .otherSchema, ""),
        ("CREATE TABLE extra (a)", .schema, .otherSchema, ""),
        ("UPDATE alerts SET level = 'terrible'", .words, .unknownWord, "alerts 1"),
        ("UPDATE things SET stage = 'nowhere' WHERE id = 3", .words, .unknownWord, "things 3"),
        ("UPDATE alert_changes SET change = 'guessed' WHERE id = 2", .words, .unknownWord, "alert_changes 2"),
        ("UPDATE outbox SET facts = '{'", .words, .unreadableText, "outbox 1"),
        ("UPDATE messages SET parts = '{}'", .words, .unreadableText, "messages 1"),
        ("UPDATE alerts SET opened_at = -1", .instants, .outOfRange, "alerts 1"),
        ("UPDATE events SET seen_at = 253402300799001 WHERE id = 2", .instants, .outOfRange, "events 2"),
        ("UPDATE asks SET next_at = -5 WHERE kind = 'orders'", .instants, .outOfRange, "asks otcommerce orders "),
        ("DELETE FROM events WHERE id = 1", .history, .missingRows, "events 1"),
        ("UPDATE alert_changes SET id = 7 WHERE id = 2", .history, .missingRows, "alert_changes 6"),
        ("UPDATE events SET happened_at = seen_at + 1 WHERE id = 2", .history, .happenedAfterSeen, "events 2"),
        ("DELETE FROM alert_changes WHERE id = 1", .steps, .neverOpened, "alerts 1"),
        ("UPDATE alerts SET closed_at = 1507565000001", .steps, .otherState, "alerts 1"),
        ("UPDATE alerts SET level = 'critical'", .steps, .otherState, "alerts 1"),
        ("UPDATE alerts SET thing_id = NULL", .openAlerts, .noThing, "alerts 1"),
        ("UPDATE alerts SET kind = 'provider_down'", .openAlerts, .noThing, "alerts 1"),
        ("UPDATE things SET merged_into = 5 WHERE id = 3", .openAlerts, .joinedThing, "alerts 1"),
        (
            "UPDATE things SET ending = 'delivered', ended_at = 1507565000000, stage = NULL WHERE id = 3", .openAlerts,
            .finishedThing, "alerts 1"
        ),
        ("UPDATE alerts SET kind = 'refund'", .openAlerts, .noSuchCause, "alerts 1"),
        ("UPDATE alerts SET kind = 'vanished'", .openAlerts, .noSuchCause, "alerts 1"),
        (
            "UPDATE alerts SET kind = 'condition', facts = '{\"label\":\"\",\"condition\":\"lost\"}'", .openAlerts,
            .noSuchCause, "alerts 1"
        ),
        (
            """
            INSERT INTO alerts SELECT 2, kind, thing_id, key, level, opened_at, closed_at, is_overview, facts,
                acknowledged_at, acknowledged_by, snoozed_until, snoozed_by, told_at, next_at FROM alerts
            """, .openAlerts, .openTwice, "alerts 2"
        ),
        ("DELETE FROM alerts", .outbox, .noAlert, "outbox 1"),
        ("DELETE FROM messages", .outbox, .noMessage, "outbox 1"),
        ("UPDATE messages SET recipient = 'somebody'", .outbox, .otherRecipient, "outbox 1"),
        ("UPDATE messages SET parts = '[\"a\", \"b\"]'", .messages, .toldInPart, "messages 1"),
        ("UPDATE messages SET delivered_at = NULL", .messages, .toldWithoutTime, "messages 1"),
        ("UPDATE things SET ended_at = NULL WHERE id = 2", .things, .halfEnded, "things 2"),
        ("UPDATE things SET merged_into = id WHERE id = 6", .things, .joinedThing, "things 6"),
        ("UPDATE things SET order_id = 5 WHERE id = 3", .things, .wrongKind, "things 3"),
        ("UPDATE view_numbers SET thing_id = 3", .things, .wrongKind, "view_numbers 1"),
        ("UPDATE view_contents SET item_id = 1", .things, .wrongKind, "view_contents 2"),
    ]

    @Test(arguments: breaks)
    func `what somebody broke by hand is found, with its place`(
        sql: String, promise: Promise, reason: Reason, place: String
    ) throws {
        let file = try StoredFile()
        try file.change(sql)
        let verdict = try verify(file: file.path)
        let found = try #require(verdict.findings.first { $0.promise == promise }).breaches
        #expect(found.contains { $0.reason == reason && $0.place == place }, "\(found)")
        #expect(!verdict.isSound)
    }

    @Test func `every reason has its break`() {
        let tested = Set(VerifyTests.breaks.map(\.reason)).union([.damaged])
        #expect(Set(Reason.allCases).subtracting(tested) == [])
    }

    /// Causes that stand although the thing has moved on: they wait for a person.
    @Test(arguments: [
        "UPDATE alerts SET kind = 'condition', facts = '{\"label\":\"\",\"condition\":\"delayed\"}'",
        """
        UPDATE alerts SET kind = 'condition', facts = '{"label":"","condition":"returning"}';
        UPDATE things SET stage = 'inbound' WHERE id = 4;
        INSERT INTO views (thing_id, provider, external_kind, external_key, code, text, progress, is_unmapped, condition,
            since_at, since_basis, facts, digest, first_seen_at, seen_at, missed_passes)
        VALUES (4, 'cdek', 'track_number', 'x', '', '', 'unstated', 0, 'returning', 1, 'seen', '{}', 1, 1, 1, 0)
        """,
        """
        UPDATE alerts SET kind = 'condition', facts = '{"label":"","condition":"lost"}';
        UPDATE things SET stage = NULL, ending = 'lost', ended_at = 1507565000000 WHERE id = 3
        """,
        "UPDATE alerts SET kind = 'refund', thing_id = 2",
        "UPDATE alerts SET kind = 'vanished', thing_id = 5",
        "UPDATE alerts SET kind = 'provider_down', thing_id = NULL",
    ])
    func `an open alert with a cause is no breach`(sql: String) throws {
        let file = try StoredFile()
        try file.change(sql)
        #expect(try verify(file: file.path).findings.flatMap(\.breaches) == [])
    }

    @Test func `a damaged file is a finding, and what cannot be asked of it is not asked`() throws {
        let file = try StoredFile()
        try file.damage()
        let verdict = try verify(file: file.path)
        #expect(verdict.damage?.reason == .damaged)
        #expect(verdict.findings.first?.count ?? 0 > 0)
        #expect(verdict.findings.last?.checked == nil)
        #expect(try #require(verdict.damage).text.hasPrefix("damaged: "))
    }

    @Test func `many breaches are counted, and the first of them named`() throws {
        let file = try StoredFile()
        try file.change(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
            INSERT INTO messages (recipient, channel, dedup_key, parts, parts_done, composed_at, next_attempt_at)
            SELECT 'a', 'b', 'k' || i, '["x"]', 1, 1, 1 FROM n
            """)
        let finding = try #require(try verify(file: file.path).findings.first { $0.promise == .messages })
        #expect(finding.count == 50 && finding.breaches.count == 10)
    }
}
