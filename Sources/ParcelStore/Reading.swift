// What people ask the mirror: which things there are, what is meant by what they typed, how much waits.

import GRDB
package import ParcelCore

package struct Counts: Sendable, Hashable {
    package var watched: [ThingKind: Int] = [:]
    package var finished: [ThingKind: Int] = [:]
    package var trackNumbers = 0
    package var waitingMessages = 0
    package var waitingRows = 0
    package var requests: [ProviderID: Int] = [:]
    package var nextAsk: [ProviderID: Timestamp] = [:]
}

extension Store {
    package func counts() throws(StoreError) -> Counts {
        try reading { db in
            var counts = Counts()
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, ending IS NOT NULL, count(*) FROM things
                     WHERE merged_into IS NULL GROUP BY kind, ending IS NOT NULL
                    """)
            for row in rows {
                let kind: ThingKind = try row.known(0)
                if kind == .trackNumber {
                    counts.trackNumbers += row[2]
                } else if row[1] {
                    counts.finished[kind] = row[2]
                } else {
                    counts.watched[kind] = row[2]
                }
            }
            counts.waitingMessages =
                try Int.fetchOne(db, sql: "SELECT count(*) FROM messages WHERE delivered_at IS NULL") ?? 0
            counts.waitingRows = try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox WHERE message_id IS NULL") ?? 0
            for row in try Row.fetchAll(db, sql: "SELECT provider, sum(spent) FROM ledger GROUP BY provider") {
                counts.requests[ProviderID(row[0])] = row[1]
            }
            for row in try Row.fetchAll(db, sql: "SELECT provider, min(next_at) FROM asks GROUP BY provider") {
                counts.nextAsk[ProviderID(row[0])] = row.instant(1)
            }
            return counts
        }
    }

    /// Ids of all things of the kinds, oldest first; joined ones are left out.
    package func things(_ kinds: [ThingKind]) throws(StoreError) -> [ThingID] {
        try reading { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT id FROM things WHERE merged_into IS NULL
                       AND kind IN (SELECT value FROM json_each(?)) ORDER BY id
                    """, arguments: [JSONValue.array(kinds.map { .string($0.rawValue) }).text])
        }
    }

    /// A track number with the things that carry it.
    package func trackNumbers() throws(StoreError) -> [(number: String, role: TrackNumberRole, carriedBy: ThingID)] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT n.label, vn.role, v.thing_id FROM things n JOIN view_numbers vn ON vn.thing_id = n.id
                      JOIN views v ON v.id = vn.view_id ORDER BY n.id, v.thing_id
                    """
            ).map { (number: $0[0], role: try $0.known(1), carriedBy: $0[2]) }
        }
    }

    package func carriers(of number: TrackNumber) throws(StoreError) -> [ThingID] {
        try trackNumbers().filter { $0.number == number.description }.map(\.carriedBy)
    }

    /// Every thing that may be meant: `1907-2`, `№ 1907-2`, `ORD-000001907`, `519`, `LP1930191011`, and with the kind in
    /// front where a bare number is both, `order:519`.
    package func find(_ text: String) throws(StoreError) -> [(id: ThingID, kind: ThingKind, label: String)] {
        var name = text.filter { !$0.isWhitespace && $0 != "№" && $0 != "#" }
        var kinds = ThingKind.allCases
        if let colon = name.firstIndex(of: ":"), let kind = ThingKind(rawValue: String(name[..<colon]).lowercased()) {
            kinds = [kind]
            name = String(name[name.index(after: colon)...])
        }
        let order = orderNumber(name)
        if let order { kinds = kinds.filter { $0 == .order || order == name } }
        var labels = [name]
        if let order { labels.append(order) }
        if let number = TrackNumber(name) { labels.append(number.description) }
        return try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, kind, label FROM things WHERE label IN (SELECT value FROM json_each(?))
                       AND kind IN (SELECT value FROM json_each(?)) AND merged_into IS NULL ORDER BY id
                    """,
                arguments: [
                    JSONValue.array(labels.map { .string($0) }).text,
                    JSONValue.array(kinds.map { .string($0.rawValue) }).text,
                ]
            ).map { (id: $0[0], kind: try $0.known(1), label: $0[2]) }
        }
    }
}

/// `ORD-000001907` and `1907` are both order 1907. A site may show another prefix; the trailing number counts.
package func orderNumber(_ text: String) -> String? {
    let digits = text.drop { !$0.isASCII || !$0.isNumber }
    let prefix = text.dropLast(digits.count)
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
        prefix.isEmpty || prefix.last == "-" && prefix.dropLast().allSatisfy(\.isLetter)
    else { return nil }
    let number = digits.drop { $0 == "0" }
    return number.isEmpty ? "0" : String(number)
}
