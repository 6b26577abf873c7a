// What a wrong clock left behind. Whether the clock is right is decided elsewhere.

import GRDB
package import ParcelCore

/// Instants of the past, by table: none of them may lie in the future.
private let pastInstants: [(table: String, columns: [String])] = [
    ("views", ["seen_at", "confirmed_at", "listed_at", "since_at", "first_seen_at", "gone_at"]),
    ("things", ["first_seen_at", "stage_since_at", "ended_at"]),
    ("events", ["happened_at", "seen_at", "withdrawn_at"]),
    ("providers", ["first_pass_at", "last_success_at", "failing_since", "auth_failed_at"]),
    ("asks", ["last_ok_at", "asked_at"]),
    ("ledger", ["last_at"]),
    ("alerts", ["told_at", "acknowledged_at"]),
]

/// Numbers that their carriers do not know are asked about once a week, a tenth more or less.
private let longestForNumbers = Duration.days(8)

extension Store {
    /// After the clock was set right: nothing stored lies in the future, and nothing waits for a time that only the
    /// wrong clock had.
    ///
    /// - Parameter longestInterval: No ask can be due later than this from now.
    /// - Returns: How many values were brought back.
    package func clampFuture(_ now: Timestamp, longestInterval: Duration) throws(StoreError) -> Int {
        try writing { db in
            let at = now.milliseconds
            var count = 0
            for (table, columns) in pastInstants {
                for column in columns {
                    try db.execute(sql: "UPDATE \(table) SET \(column) = ?1 WHERE \(column) > ?1", arguments: [at])
                    count += db.changesCount
                }
            }
            try db.execute(
                sql: """
                    UPDATE asks SET next_at = ?1
                     WHERE next_at > CASE subject_kind WHEN 'track_number' THEN ?3 ELSE ?2 END
                       AND next_at < \(never.milliseconds)
                    """,
                arguments: [at, (now + longestInterval).milliseconds, (now + longestForNumbers).milliseconds])
            count += db.changesCount
            // An open breaker waits a day at most, and a spent day ends within one.
            try db.execute(
                sql: "UPDATE providers SET probe_at = ?1 WHERE probe_at > ?2",
                arguments: [at, (now + .days(2)).milliseconds])
            count += db.changesCount
            // No channel is asked to wait longer by us than an hour; some ask for hours themselves.
            try db.execute(
                sql: "UPDATE messages SET next_attempt_at = ?1 WHERE next_attempt_at > ?2 AND delivered_at IS NULL",
                arguments: [at, (now + .hours(6)).milliseconds])
            return count + db.changesCount
        }
    }
}
