// The ledger of requests and writes: counted before they are sent, so that no crash makes one free.

import GRDB
package import ParcelCore

package struct Spent: Sendable, Hashable {
    package var requests: Int
    /// When the last of them was sent; nil where none was.
    package var lastAt: Timestamp?

    package init(requests: Int, lastAt: Timestamp?) {
        self.requests = requests
        self.lastAt = lastAt
    }
}

func keep(writesLeft: Int, of provider: ProviderID, _ db: Database) throws {
    try db.cachedStatement(
        sql: """
            INSERT INTO providers (provider, failures, writes_left) VALUES (?1, 0, ?2)
            ON CONFLICT DO UPDATE SET writes_left = ?2
            """
    ).execute(arguments: [provider.description, writesLeft])
}

extension Store {
    /// - Parameter day: The provider's own, as days since 1970.
    package func spent(_ provider: ProviderID, day: Int) throws(StoreError) -> Spent {
        try reading { db in try spent(db, provider, day: day) }
    }

    private func spent(_ db: Database, _ provider: ProviderID, day: Int) throws -> Spent {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT spent, last_at FROM ledger WHERE provider = ? AND day = ?"),
            arguments: [provider.description, day])
        return Spent(requests: row?[0] ?? 0, lastAt: row?.optionalInstant(1))
    }

    /// Counts one request, unless the day's are spent.
    ///
    /// - Parameters:
    ///   - limit: Of requests on that day; nil where there is none.
    ///   - asks: What it asks for: each is not asked again before `again`, and others go before it now, whatever happens
    ///     to the answer. So a crash does not spend the next request on the same again.
    /// - Returns: Whether it may be sent.
    package func reserve(
        _ provider: ProviderID, day: Int, limit: Int?, asks: [Ask] = [], again: Timestamp? = nil, at: Timestamp
    ) throws(StoreError) -> Bool {
        try writing { db in
            if let limit, try spent(db, provider, day: day).requests >= limit { return false }
            try spend(1, of: provider, day: day, at: at, db)
            for (kind, asks) in Dictionary(grouping: asks, by: \.kind) {
                try db.cachedStatement(
                    sql: """
                        UPDATE asks SET asked_at = ?1, next_at = max(next_at, ifnull(?2, next_at)),
                               latest_at = ?1 + longest_ms
                         WHERE provider = ?3 AND kind = ?4 AND key IN (SELECT value FROM json_each(?5))
                        """
                ).execute(arguments: [
                    at.milliseconds, again?.milliseconds, provider.description, kind,
                    jsonList(asks.map(\.key)),
                ])
            }
            return true
        }
    }

    /// Counts requests that were sent already, where the provider has no budget that a crash could break.
    package func count(_ requests: Int, of provider: ProviderID, day: Int, at: Timestamp) throws(StoreError) {
        try writing { db in try spend(requests, of: provider, day: day, at: at, db) }
    }

    /// Takes that many writes from the account's, unless fewer are left or it is not known how many.
    package func reserveWrites(_ count: Int, of provider: ProviderID) throws(StoreError) -> Bool {
        try writing { db in
            try db.execute(
                sql: "UPDATE providers SET writes_left = writes_left - ?1 WHERE provider = ?2 AND writes_left >= ?1",
                arguments: [count, provider.description])
            return db.changesCount == 1
        }
    }

    package func save(writesLeft: Int, of provider: ProviderID) throws(StoreError) {
        try writing { db in try keep(writesLeft: writesLeft, of: provider, db) }
    }

    /// By provider and form of number.
    package func luck() throws(StoreError) -> [ProviderID: [String: Luck]] {
        try reading { db in
            var all: [ProviderID: [String: Luck]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT provider, form, known, missed FROM luck") {
                all[ProviderID(row[0]), default: [:]][row[1]] = Luck(known: row[2], missed: row[3])
            }
            return all
        }
    }
}
