import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

/// An outbox of rows `recipient/channel`, all about one alert; `sent` are in a message that its channel took, `written`
/// in one that it did not.
private func outbox(_ waiting: [String], sent: [String] = [], written: [String] = []) throws -> Store {
    let store = try Bench().store
    try store.writing { db in
        try db.execute(
            sql: """
                INSERT INTO alerts (id, kind, key, level, opened_at, is_overview, facts)
                VALUES (1, 'clock', 'k', 'warning', 0, 0, '{}')
                """)
        var id = 0
        for (rows, delivered) in [(sent, 5 as Int?), (written, nil)] {
            for row in rows {
                id += 1
                let (recipient, channel) = parts(row)
                try db.execute(
                    sql: """
                        INSERT INTO messages (id, recipient, channel, dedup_key, parts, composed_at, next_attempt_at, delivered_at)
                        VALUES (?, ?, ?, ?, '[]', 0, 0, ?)
                        """, arguments: [id, recipient, channel, "\(id)", delivered])
                try insert(row, message: id, db)
            }
        }
        for row in waiting { try insert(row, message: nil, db) }
    }
    return store
}

private func parts(_ row: String) -> (String, String) {
    let parts = row.split(separator: "/").map(String.init)
    return (parts[0], parts[1])
}

private func insert(_ row: String, message: Int?, _ db: Database) throws {
    let (recipient, channel) = parts(row)
    try db.execute(
        sql: """
            INSERT INTO outbox (recipient, channel, alert_id, change, level, is_overview, facts, created_at, not_before, message_id)
            VALUES (?, ?, 1, 'opened', 'warning', 0, '{}', 7, 8, ?)
            """, arguments: [recipient, channel, message])
}

private let cases: [(waiting: [String], sent: [String], written: [String], config: [String], after: [String])] = [
    // A channel that is called otherwise now, also where the message was written already.
    (["a/old"], [], [], ["a/new"], ["a/new"]),
    ([], [], ["a/old"], ["a/new"], ["a/new"]),
    // Two instead of one: both tell it.
    (["a/old"], [], [], ["a/one", "a/two"], ["a/one", "a/two"]),
    // What tells it already, or will, does not tell it again.
    (["a/old", "a/kept"], [], [], ["a/kept"], ["a/kept"]),
    (["a/old"], ["a/kept"], [], ["a/kept"], []),
    // A recipient that is gone: the first one's matter, unless that one has it.
    (["b/chat"], [], [], ["a/chat"], ["a/chat"]),
    (["b/chat", "a/chat"], [], [], ["a/chat"], ["a/chat"]),
    // Nothing changed.
    (["a/chat"], ["a/mail"], ["a/mail"], ["a/chat", "a/mail"], ["a/chat"]),
]

@Test(arguments: cases.indices)
func `what waits for ways that are gone goes to those that are there, once`(index: Int) throws {
    let row = cases[index]
    let store = try outbox(row.waiting, sent: row.sent, written: row.written)
    let names = row.config.map { parts($0).0 }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let recipients = names.map { name in
        (name: name, channels: row.config.filter { parts($0).0 == name }.map { parts($0).1 })
    }
    for _ in 0..<2 {
        try store.readdress(to: recipients)
        let waiting = try store.reading { db in
            try String.fetchAll(
                db, sql: "SELECT recipient || '/' || channel FROM outbox WHERE message_id IS NULL ORDER BY 1")
        }
        #expect(waiting == row.after)
    }
    let messages = try store.messages().map { "\($0.recipient)/\($0.channel)" }
    #expect(messages == row.sent + row.written.filter { row.config.contains($0) })
}
