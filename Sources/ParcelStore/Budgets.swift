// What people ask of budgets and of numbers: what is spent and wished of each provider, when a number is asked about.

import Foundation
import GRDB
package import ParcelCore

/// One provider's next question about a number.
package struct NumberAsk: Sendable, Hashable {
    package var provider: ProviderID
    package var number: String
    package var every: Duration?
    /// Nil: not any more.
    package var nextAt: Timestamp?
    package var askedAt: Timestamp?
    package var error: String?
}

/// Numbers that are asked about, by what they wait for.
package struct FollowedCount: Sendable, Hashable {
    /// Nil where nobody was heard of it yet, and for those that are finished.
    package var stage: Stage?
    package var isFinished: Bool
    package var count: Int
}

/// An answer with a code that no table has.
package struct UnknownCode: Sendable, Hashable {
    package enum Place: String, Sendable, Hashable { case status, event }

    package var place: Place
    package var provider: ProviderID
    package var code: String
    package var count: Int
    package var since: Timestamp
    /// An example: as the provider wrote it, and of which thing.
    package var text: String
    package var thingKind: ThingKind
    package var thing: String
}

extension Store {
    package func save(_ budgets: [Budget]) throws(StoreError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text: String
        do { text = String(decoding: try encoder.encode(budgets), as: UTF8.self) } catch {
            throw .io("the budgets cannot be written")
        }
        _ = try save(setting: "budgets", text)
    }

    /// Nil before a daemon stored them.
    package func budgets() throws(StoreError) -> [Budget]? {
        guard let text = try setting("budgets") else { return nil }
        return try reading { _ in try JSONDecoder().decode([Budget].self, from: Data(text.utf8)) }
    }

    /// How often what is wished to be asked, by provider. What is not asked any more wishes nothing.
    package func demands(at: Timestamp) throws(StoreError) -> [ProviderID: Demand] {
        try reading { db in
            var demands: [ProviderID: Demand] = [:]
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT provider, subject_kind = 'track_number', every_ms,
                           max(every_ms, ifnull(longest_ms, every_ms)), count(*)
                      FROM asks
                     WHERE every_ms > 0 AND next_at < \(never.milliseconds) AND (until_at IS NULL OR until_at > ?)
                     GROUP BY 1, 2, 3, 4
                    """, arguments: [at.milliseconds])
            for row in rows {
                let (provider, every, longest, count): (_, Int64, Int64, Int) = (
                    ProviderID(row[0]), row[2], row[3], row[4]
                )
                if row[1] {
                    demands[provider, default: Demand()].wished[every, default: 0] += count
                    demands[provider, default: Demand()].least[longest, default: 0] += count
                } else {
                    demands[provider, default: Demand()].alone += 86_400_000 / Double(every) * Double(count)
                }
            }
            return demands
        }
    }

    /// - Parameter numbers: Labels; those of earlier generations are asked about no more.
    package func asks(about numbers: [String]) throws(StoreError) -> [NumberAsk] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT a.provider, a.subject_key, a.every_ms, nullif(a.next_at, \(never.milliseconds)), a.asked_at,
                           a.last_error
                      FROM json_each(?) names CROSS JOIN (SELECT DISTINCT provider FROM asks) p
                      JOIN asks a ON a.provider = p.provider AND a.subject_kind = 'track_number'
                                 AND a.subject_key = names.value
                     ORDER BY a.subject_key, a.provider
                    """, arguments: [JSONValue.array(numbers.map { .string($0) }).text]
            ).map { row in
                NumberAsk(
                    provider: ProviderID(row[0]), number: row[1],
                    every: (row[2] as Int64?).map { .milliseconds($0) }, nextAt: row.optionalInstant(3),
                    askedAt: row.optionalInstant(4), error: row[5])
            }
        }
    }

    package func followedCounts() throws(StoreError) -> [FollowedCount] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT t.stage, t.ending IS NOT NULL, count(*)
                      FROM (SELECT DISTINCT subject_key FROM asks
                             WHERE subject_kind = 'track_number' AND next_at < \(never.milliseconds)) a
                      JOIN things t ON t.label = a.subject_key AND t.kind = 'track_number' AND t.merged_into IS NULL
                     GROUP BY 1, 2
                    """
            ).map { row in
                FollowedCount(stage: try row.optionalKnown(0), isFinished: row[1], count: row[2])
            }
        }
    }

    /// Codes that no table has, of things as they are now and of all events that stand, the most frequent first.
    package func unknownCodes() throws(StoreError) -> [UnknownCode] {
        try reading { db in
            // The example is the newest row.
            try Row.fetchAll(
                db,
                sql: """
                    WITH
                    views_of AS (
                        SELECT provider, code, count(*) AS n, min(since_at) AS since, max(id) AS last FROM views
                         WHERE is_unmapped AND external_kind <> 'track_number' OR summary LIKE '?%'
                         GROUP BY provider, external_kind, code),
                    events_of AS (
                        SELECT provider, code, count(*) AS n, min(seen_at) AS since, max(id) AS last FROM events
                         WHERE meaning LIKE '?%' AND withdrawn_at IS NULL GROUP BY provider, code)
                    SELECT 'status', o.provider, o.code, o.n, o.since, v.text, t.kind, t.label
                      FROM views_of o JOIN views v ON v.id = o.last JOIN things t ON t.id = v.thing_id
                    UNION ALL
                    SELECT 'event', o.provider, o.code, o.n, o.since, e.text, t.kind, t.label
                      FROM events_of o JOIN events e ON e.id = o.last JOIN things t ON t.id = e.thing_id
                     ORDER BY 2, 4 DESC, 3, 1
                    """
            ).map { row in
                UnknownCode(
                    place: try row.known(0), provider: ProviderID(row[1]), code: row[2], count: row[3],
                    since: row.instant(4), text: row[5], thingKind: try row.known(6), thing: row[7])
            }
        }
    }
}
