// Which asks are due, in the order in which a provider is best asked them, and how they share requests.

import GRDB
package import ParcelCore

package struct DueAsk: Sendable {
    package init(scheduled: ScheduledAsk, subject: ExternalID?, isFirstSight: Bool) {
        self.scheduled = scheduled
        self.subject = subject
        self.isFirstSight = isFirstSight
    }

    package var scheduled: ScheduledAsk
    package var subject: ExternalID?
    /// A list that was never read, or it is asked for the first time about something that was met in its provider's first
    /// complete pass: what that tells was so before.
    package var isFirstSight: Bool
}

private struct BatchKind: Hashable {
    let name: String
    let isFirstSight: Bool
}

extension [DueAsk] {
    /// Those that go into one conversation each: of one kind, at most so many, in the order of asking. What is asked for
    /// the first time stays apart, because its answers are news of another sort.
    package func batches(ofAtMost size: (_ kind: String) -> Int) -> [[DueAsk]] {
        var batches: [[DueAsk]] = []
        var open: [BatchKind: (index: Int, room: Int)] = [:]
        for due in self {
            let group = BatchKind(name: due.scheduled.ask.kind, isFirstSight: due.isFirstSight)
            if let (index, room) = open[group], room > 0 {
                batches[index].append(due)
                open[group] = (index, room - 1)
            } else {
                open[group] = (batches.count, size(group.name) - 1)
                batches.append([due])
            }
        }
        return batches
    }
}

extension Store {
    /// Due asks, lists first, then the longest due.
    ///
    /// - Parameter byValue: Where a budget may not suffice for all: those whose threshold has passed first, then those
    ///   that have to be asked soonest, so that nobody is forgotten as long as the budget could serve all.
    package func dueAsks(_ provider: ProviderID, at: Timestamp, limit: Int, byValue: Bool = false) throws(StoreError)
        -> [DueAsk]
    {
        try reading { db in
            // Two parts, so that each follows its index: sorting everything due for each batch costs far more.
            let lists = try due(
                db, "a.key = ''", orderedBy: "a.next_at, a.kind", [provider.description, at.milliseconds, limit])
            let order =
                byValue
                ? """
                a.deadline_at IS NULL OR a.deadline_at > ?2,
                CASE WHEN a.deadline_at <= ?2 THEN a.deadline_at ELSE ifnull(a.latest_at, a.next_at) END, a.kind, a.key
                """ : "a.next_at, a.kind, a.key"
            return lists
                + (try due(
                    db, "a.key <> ''", orderedBy: order,
                    [provider.description, at.milliseconds, max(0, limit - lists.count)]))
        }
    }

    private func due(
        _ db: Database, _ part: String, orderedBy order: String, _ arguments: StatementArguments
    ) throws -> [DueAsk] {
        // CASE, because AND would look at the thing even where it was asked about before.
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT a.kind, a.key, a.every_ms, a.next_at, a.failures, a.subject_kind, a.subject_key,
                           CASE WHEN a.last_ok_at IS NOT NULL THEN 0 WHEN a.key = '' THEN 1 ELSE ifnull((
                               SELECT t.is_first_sight OR v.first_seen_at <= ifnull(p.first_pass_at, v.first_seen_at)
                                 FROM views v JOIN things t ON t.id = v.thing_id
                                 LEFT JOIN providers p ON p.provider = v.provider
                                WHERE v.provider = a.provider AND v.external_kind = a.subject_kind
                                  AND v.external_key = a.subject_key), 0) END
                      FROM asks a WHERE a.provider = ?1 AND \(part) AND a.next_at <= ?2 ORDER BY \(order) LIMIT ?3
                    """), arguments: arguments)
        var dues: [DueAsk] = []
        while let row = try rows.next() {
            let ask = Ask(row[0], key: row[1])
            let scheduled = ScheduledAsk(
                ask: ask, every: (row[2] as Int64?).map { .milliseconds($0) }, nextAt: row.instant(3),
                failures: row[4])
            dues.append(
                DueAsk(
                    scheduled: scheduled, subject: ask.key.isEmpty ? nil : ExternalID(try row.known(5), row[6]),
                    isFirstSight: row[7]))
        }
        return dues
    }

    package func nextAskAt(_ provider: ProviderID, listsOnly: Bool) throws(StoreError) -> Timestamp? {
        try reading { db in
            let lists = listsOnly ? "AND key = ''" : ""
            return try Int64.fetchOne(
                db.cachedStatement(
                    sql: "SELECT min(next_at) FROM asks WHERE provider = ? AND next_at < \(never.milliseconds) \(lists)"
                ),
                arguments: [provider.description]
            ).map(Timestamp.init(milliseconds:))
        }
    }
}
