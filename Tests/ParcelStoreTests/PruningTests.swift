import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct PruningTests {
    /// 1200 delivered messages about one closed alert, each of a day, and days of the ledger.
    private func filled() throws -> StoredFile {
        let file = try StoredFile()
        try file.change(
            """
            UPDATE alerts SET closed_at = 1507565000001;
            INSERT INTO alert_changes VALUES (3, 1, 'closed', 'warning', 1507565000001, 'moved', 'parceld', '{"label":""}', NULL);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO messages (id, recipient, channel, dedup_key, parts, parts_done, composed_at, next_attempt_at,
                delivered_at, part_references)
            SELECT i + 1, 'manager', 'telegram', 'k' || i, '["' || hex(randomblob(1000)) || '"]', 1, 1506427200000, 1,
                1507565000000 + i * 86400000, '["1"]' FROM n;
            INSERT INTO outbox SELECT id, recipient, channel, 1, 'opened', 'warning', 0, '{"label":"1907-2"}', 1, 1, id
              FROM messages WHERE id > 1;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
            INSERT INTO ledger SELECT 'shiptor', 17400 + i, 3, NULL FROM n;
            """)
        return file
    }

    private func prune(_ store: Store, before: Timestamp) throws -> (pruned: Pruned, steps: Int) {
        var (pruned, steps) = (Pruned(), 0)
        while true {
            let some = try store.pruneSome(before: before)
            (pruned, steps) = (pruned + some, steps + 1)
            if some.isNothing { return (pruned, steps) }
        }
    }

    private let before = ms(1_507_565_000_000 + 700 * 86_400_000)

    @Test func `old texts go in short steps, history and what is newer stay, and the file gets smaller`() throws {
        let file = try filled()
        let store = try Store.open(file.path, .daemon)
        func count(_ rest: String) throws -> Int {
            try store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM " + rest) ?? 0 }
        }
        let history = try ["events", "alerts", "alert_changes", "things", "views", "messages", "outbox"].map(count)
        let expected = try store.prunable(before: before)
        let (pruned, steps) = try prune(store, before: before)
        #expect(expected.messages == 700 && expected.notifications == 700 && expected.ledgerDays == 101)
        #expect((pruned.messages, pruned.notifications, pruned.ledgerDays) == (700, 700, 101))
        #expect(pruned.freed > 1_000_000)
        #expect(steps > 4)
        #expect(
            try ["events", "alerts", "alert_changes", "things", "views", "messages", "outbox"].map(count) == history)
        #expect(try count("messages WHERE parts = '[]' AND delivered_at IS NOT NULL") == 700)
        #expect(try store.counts().requests == ["shiptor": 300, "otcommerce": 42])
        #expect(try prune(store, before: before).pruned.isNothing)
        #expect(try store.prunable(before: before).isNothing)
        #expect(try store.messages().count == 1201)
        try store.close()
        #expect(try verify(file: file.path).findings.flatMap(\.breaches) == [])
    }

    @Test(arguments: [
        "UPDATE alerts SET closed_at = NULL", "UPDATE alerts SET closed_at = 1599565000000",
        "UPDATE messages SET delivered_at = NULL",
    ])
    func `what an open alert or a message under way still needs stays`(sql: String) throws {
        let file = try filled()
        try file.change(sql)
        let store = try Store.open(file.path, .daemon)
        let pruned = try prune(store, before: before).pruned
        #expect(pruned.messages == 0 && pruned.notifications == 0)
    }

    @Test func `a file that gives nothing back does so after it was written anew`() throws {
        let file = try filled()
        try file.change("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM")
        let store = try Store.open(file.path, .daemon)
        #expect(try prune(store, before: before).pruned.freed == 0)
        #expect(try store.compact() > 1_000_000)
        try store.close()
        #expect(try DatabaseQueue(path: file.path).read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
        #expect(try verify(file: file.path).isSound)
    }
}
