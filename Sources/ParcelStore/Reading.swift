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

package struct ListedNumber: Sendable, Hashable {
    package var id: ThingID
    package var number: String
    /// Nil where nothing carries it.
    package var role: TrackNumberRole?
    package var carriedBy: ThingID?
}

extension Store {
    package func counts() throws(StoreError) -> Counts {
        try reading { db in
            var counts = Counts()
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, ending, count(*) FROM things WHERE merged_into IS NULL GROUP BY 1, 2
                    """)
            for row in rows {
                let kind: ThingKind = try row.known(0)
                if kind == .trackNumber {
                    counts.trackNumbers += row[2]
                } else if !row.hasNull(atIndex: 1) {
                    counts.finished[kind, default: 0] += row[2]
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
            let asks = try Row.fetchAll(
                db,
                sql: "SELECT provider, min(next_at) FROM asks WHERE next_at < \(never.milliseconds) GROUP BY provider")
            for row in asks {
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

    /// What the things are called.
    package func labels() throws(StoreError) -> [String] {
        try reading { db in
            try String.fetchAll(db, sql: "SELECT DISTINCT label FROM things WHERE merged_into IS NULL ORDER BY label")
        }
    }

    /// Each track number with each thing that carries it, and once without where nothing does.
    package func trackNumbers() throws(StoreError) -> [ListedNumber] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT n.id, n.label, vn.role, v.thing_id FROM things n
                      LEFT JOIN view_numbers vn ON vn.thing_id = n.id LEFT JOIN views v ON v.id = vn.view_id
                     WHERE n.kind = 'track_number' AND n.merged_into IS NULL ORDER BY n.id, v.thing_id
                    """
            ).map { ListedNumber(id: $0[0], number: $0[1], role: try $0.optionalKnown(2), carriedBy: $0[3]) }
        }
    }

    package func carriers(of number: TrackNumber) throws(StoreError) -> [ThingID] {
        try reading { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT v.thing_id FROM things n JOIN view_numbers vn ON vn.thing_id = n.id
                      JOIN views v ON v.id = vn.view_id
                     WHERE n.label = ? AND n.kind = 'track_number' ORDER BY v.thing_id
                    """, arguments: [number.description])
        }
    }

    /// Every thing that may be meant: `1907-2`, `№ 1907-2`, `ORD-000001907`, `519`, `LP1930191011`, and with the kind in
    /// front where a bare number is several, `order:519`.
    package func find(_ text: String) throws(StoreError) -> [(id: ThingID, kind: ThingKind, label: String)] {
        let names = MeantNames(text)
        return try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT t.id, t.kind, t.label FROM json_each(?) names
                      JOIN things t ON t.label = json_extract(names.value, '$[1]')
                       AND t.kind = json_extract(names.value, '$[0]')
                     WHERE t.merged_into IS NULL ORDER BY t.id
                    """,
                arguments: [
                    JSONValue.array(
                        names.all.map { .array([.string($0.kind.rawValue), .string($0.label)]) }
                    ).text
                ]
            ).map { (id: $0[0], kind: try $0.known(1), label: $0[2]) }
        }
    }
}

/// What somebody may have meant by a text, as kinds and labels.
private struct MeantNames {
    private(set) var all: [(kind: ThingKind, label: String)] = []

    init(_ text: String) {
        var name = text.filter { !$0.isWhitespace && $0 != "№" && $0 != "#" }
        var kinds = ThingKind.allCases
        if let colon = name.firstIndex(of: ":") {
            let word = name[..<colon].lowercased().map { $0 == "-" ? "_" : $0 }
            if let kind = ThingKind(rawValue: String(word)) {
                kinds = [kind]
                name = String(name[name.index(after: colon)...])
            }
        }
        for kind in kinds {
            all.append((kind, name))
            switch kind {
            case .order: if let number = orderNumber(name) { all.append((kind, number)) }
            case .item: if let label = itemLabel(name) { all.append((kind, label)) }
            case .trackNumber: if let number = TrackNumber(name) { all.append((kind, number.description)) }
            case .parcel: break
            }
        }
    }
}

/// `ORD-000001907` and `1907` are both order 1907. A site may show another prefix; the trailing number counts.
package func orderNumber(_ text: String) -> String? {
    let digits = text.drop { !isDigit($0) }
    let prefix = text.dropLast(digits.count)
    guard !digits.isEmpty, digits.allSatisfy(isDigit),
        prefix.isEmpty || prefix.last == "-" && prefix.dropLast().allSatisfy(\.isLetter)
    else { return nil }
    let number = digits.drop { $0 == "0" }
    return number.isEmpty ? "0" : String(number)
}

/// `ORD-000001907-2` is item 1907-2.
private func itemLabel(_ text: String) -> String? {
    guard let dash = text.lastIndex(of: "-"), let order = orderNumber(String(text[..<dash])),
        let line = orderNumber(String(text[text.index(after: dash)...]))
    else { return nil }
    return order + "-" + line
}

private func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
