// What whoever watches the service measures: read beside the writer, so that no reading makes it wait.

import GRDB
package import ParcelCore

package struct Figures: Sendable {
    package struct ThingCount: Sendable, Hashable {
        package var kind: ThingKind
        /// Nil for an order whose items are watched, and for what was not heard of yet.
        package var stage: Stage?
        package var count: Int
    }

    package struct AlertCount: Sendable, Hashable {
        package var kind: AlertKind
        package var level: Level
        package var count: Int
    }

    /// What one channel has still to take.
    package struct Waiting: Sendable, Hashable {
        package var channel: String
        package var messages = 0
        /// Since when the longest waiting one could have gone out.
        package var since: Timestamp?
    }

    /// Unfinished ones.
    package var things: [ThingCount] = []
    package var finished: [ThingKind: Int] = [:]
    package var alerts: [AlertCount] = []
    package var waiting: [Waiting] = []
    /// Requests of all days that the ledger holds.
    package var requests: [ProviderID: Int] = [:]
    package var health: [ProviderHealth] = []
    /// By provider: how many asks are due, and since when the first of them is.
    package var due: [ProviderID: (count: Int, since: Timestamp)] = [:]
    package var sizes = FileSizes(database: 0, log: 0)
}

extension Store {
    package func figures(at now: Timestamp) throws(StoreError) -> Figures {
        var figures = Figures()
        figures.sizes = sizes
        figures.health = try health()
        let found = figures
        return try reading { db in
            var figures = found
            try countThings(db, &figures)
            figures.alerts = try Row.fetchAll(
                db, sql: "SELECT kind, level, count(*) FROM alerts WHERE closed_at IS NULL GROUP BY 1, 2"
            ).map { Figures.AlertCount(kind: try $0.known(0), level: try $0.known(1), count: $0[2]) }
            figures.waiting = try waiting(db, at: now)
            for row in try Row.fetchAll(db, sql: "SELECT provider, sum(spent) FROM ledger GROUP BY 1") {
                figures.requests[ProviderID(row[0])] = row[1]
            }
            let due = try Row.fetchAll(
                db, sql: "SELECT provider, count(*), min(next_at) FROM asks WHERE next_at <= ? GROUP BY 1",
                arguments: [now.milliseconds])
            for row in due { figures.due[ProviderID(row[0])] = (row[1], row.instant(2)) }
            return figures
        }
    }
}

private func countThings(_ db: Database, _ figures: inout Figures) throws {
    let rows = try Row.fetchAll(
        db,
        sql: """
            SELECT kind, ending, stage, count(*) FROM things WHERE merged_into IS NULL GROUP BY 1, 2, 3
            """)
    for row in rows {
        let kind: ThingKind = try row.known(0)
        if !row.hasNull(atIndex: 1) {
            figures.finished[kind, default: 0] += row[3]
        } else {
            figures.things.append(.init(kind: kind, stage: try row.optionalKnown(2), count: row[3]))
        }
    }
}

/// Rows that no message holds yet wait since they are due; messages since they were composed.
private func waiting(_ db: Database, at now: Timestamp) throws -> [Figures.Waiting] {
    try Row.fetchAll(
        db,
        sql: """
            SELECT channel, sum(is_message), min(since) FROM (
                SELECT channel, 0 AS is_message, not_before AS since FROM outbox
                 WHERE message_id IS NULL AND not_before <= ?
                UNION ALL
                SELECT channel, 1, composed_at FROM messages WHERE delivered_at IS NULL
            ) GROUP BY 1
            """, arguments: [now.milliseconds]
    ).map { Figures.Waiting(channel: $0[0], messages: $0[1], since: $0.instant(2)) }
}
