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
    ///   - asks: What it asks for: others go before it now, whatever happens to the answer. When each is due again is the
    ///     answer's to say, or `rest`'s where none comes.
    /// - Returns: Whether it may be sent.
    package func reserve(
        _ provider: ProviderID, day: Int, limit: Int?, asks: [Ask] = [], at: Timestamp
    ) throws(StoreError) -> Bool {
        try writing { db in
            if let limit, try spent(db, provider, day: day).requests >= limit { return false }
            try spend(1, of: provider, day: day, at: at, db)
            for (kind, asks) in Dictionary(grouping: asks, by: \.kind) {
                try db.cachedStatement(
                    sql: """
                        UPDATE asks SET asked_at = ?1, latest_at = ?1 + longest_ms
                         WHERE provider = ?2 AND kind = ?3 AND key IN (SELECT value FROM json_each(?4))
                        """
                ).execute(arguments: [at.milliseconds, provider.description, kind, jsonList(asks.map(\.key))])
            }
            return true
        }
    }

    /// What was asked for and never answered, as after a crash, is still due: it becomes due again no sooner than after
    /// any other request, so that the next one is not spent on the same.
    package func rest(_ provider: ProviderID, minimumInterval: Duration, at: Timestamp) throws(StoreError) {
        try writing { db in
            try db.execute(
                sql: """
                    UPDATE asks SET next_at = asked_at + ?3
                     WHERE provider = ?1 AND next_at <= ?2 AND asked_at + ?3 > ?2
                    """,
                arguments: [provider.description, at.milliseconds, minimumInterval.milliseconds])
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
