// Which messages that a channel took tell of alerts that have changed since: nothing is written down about them but how
// far a channel has looked, so a crash makes it look again.

import GRDB
package import ParcelCore

/// Messages that told of alerts which changed up to a step of theirs.
package struct StaleMessages: Sendable {
    /// The last step that was looked at.
    package var step: Int64
    /// By the message's row id, which is its order.
    package var messages: [Int64: (recipient: String, parts: [EarlierMessage.Part])] = [:]
}

extension Store {
    /// The newest step of any alert.
    package func lastChange() throws(StoreError) -> Int64 {
        try reading { db in try Int64.fetchOne(db, sql: "SELECT max(id) FROM alert_changes") ?? 0 }
    }

    /// What a channel's earlier messages say that is not so any more: somebody took an alert on, it rests, it closed or
    /// came back. Ends before a step whose message is still under way. Nil where there is nothing.
    package func staleMessages(
        _ channel: String, after step: Int64, upTo last: Int64 = .max
    ) throws(StoreError) -> StaleMessages? {
        try reading { db in
            let steps = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, alert_id FROM alert_changes
                         WHERE id > ? AND id <= ?
                           AND (change IN ('closed', 'reopened', 'acknowledged', 'snoozed', 'unsnoozed')
                                OR cause = 'snooze_over')
                         ORDER BY id LIMIT 500
                        """), arguments: [step, last])
            var found: StaleMessages?
            for row in steps {
                let messages = try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT DISTINCT m.id, m.recipient, m.parts, m.part_references, m.delivered_at, m.refused_at
                              FROM outbox b JOIN messages m ON m.id = b.message_id
                             WHERE b.alert_id = ? AND b.channel = ? AND m.channel = b.channel ORDER BY m.id
                            """), arguments: [row[1] as Int64, channel])
                // What the channel refuses may stay so for ever, and nobody has seen it.
                let isUnderWay = messages.contains { $0[4] as Int64? == nil && $0[5] as Int64? == nil }
                if isUnderWay { break }
                var next = found ?? StaleMessages(step: step)
                next.step = row[0]
                for message in messages where next.messages[message[0]] == nil && message[4] as Int64? != nil {
                    next.messages[message[0]] = (message[1], try sentParts(message[2], message[3]))
                }
                found = next
            }
            return found
        }
    }
}
