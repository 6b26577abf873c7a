// The mirror's file: opening it, and refusing what is not ours or not ours alone. Queries are in the other files.

import Foundation
import GRDB
import GRDBSQLite

package final class Store: Sendable {
    /// "pcld"
    static let applicationID: Int32 = 0x7063_6c64

    package enum Mode: Sendable { case daemon, reader }

    let database: any DatabaseWriter
    private let gate = Gate()
    package let path: String
    private let lock: FileLock?

    /// - Parameter mode: A daemon creates and migrates the file and is the only one; a reader needs it to exist and
    ///   writes nothing. A file that is refused is left as it was.
    package static func open(_ path: String, _ mode: Mode) throws(StoreError) -> Store {
        try open(path, mode, free: freeBytes)
    }

    /// - Parameter free: How many bytes are free in a folder.
    static func open(_ path: String, _ mode: Mode, free: (String) -> Int?) throws(StoreError) -> Store {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        switch mode {
        case .daemon: return try Store(daemon: resolved, free)
        case .reader: return try Store(reader: resolved)
        }
    }

    private init(daemon path: String, _ free: (String) -> Int?) throws(StoreError) {
        self.path = path
        let lock = try FileLock(path)
        self.lock = lock
        do {
            // Asked read-only first: opening for writing would already change a foreign file (its journal mode).
            if try Store.size(path) > 0 {
                try Store.probe(path, isAfterCrash: lock.isAfterCrash, free)
            } else {
                try Store.refuseEmpty(path)
            }
            let pool = try DatabasePool(path: path, configuration: Store.configuration(.daemon))
            try pool.writeWithoutTransaction { db in
                // What decides alerts survives a power cut, not only a crash. Said here, because the pool itself says
                // NORMAL when it turns the log on, after it prepared the connection.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                // Before the first table: a crash between must not leave a file that looks foreign.
                try db.execute(sql: "PRAGMA application_id = \(Store.applicationID)")
            }
            try migrator().migrate(pool)
            database = pool
        } catch { throw StoreError(error, path: path) }
    }

    private init(reader path: String) throws(StoreError) {
        self.path = path
        lock = nil
        do {
            guard try Store.size(path) > 0 else { throw StoreError.missing(path) }
            let queue = try DatabaseQueue(path: path, configuration: Store.configuration(.reader))
            try queue.read { db in
                guard try Store.check(db, path) == .ours, try migrator().hasCompletedMigrations(db) else {
                    throw StoreError.missing(path)
                }
            }
            database = queue
        } catch { throw StoreError(error, path: path) }
    }

    static func configuration(_ mode: Mode) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = mode == .reader
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 2
        guard mode == .daemon else { return configuration }
        configuration.prepareDatabase { db in
            guard !db.configuration.readonly else { return }
            // Counts while the file is empty, and for a VACUUM: then what is pruned can be given back page by page.
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            // What a statement needs to take itself back is as small as the statement: no file for it.
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // After a long reader the log shrinks again; at the end it is emptied.
            try db.execute(sql: "PRAGMA journal_size_limit = 4194304")
            // The log stays when the daemon stops: a reader who may not write could not open the file without it.
            var isOn: CInt = 1
            _ = sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &isOn)
        }
        return configuration
    }

    /// 0 where there is no file.
    private static func size(_ path: String) throws(StoreError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw .unwritable(path) }
            return 0
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unwritable(path) }
        return Int(status.st_size)
    }

    enum Owner { case ours, nobody }

    static func check(_ db: Database, _ path: String) throws -> Owner {
        let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isBlank = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        guard id == applicationID || id == 0 && isBlank else { throw StoreError.foreign(path) }
        let migrator = migrator()
        if try migrator.hasBeenSuperseded(db) {
            let known = Set(migrator.migrations)
            let applied = try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY rowid")
            throw StoreError.newer(
                path, found: applied.last { !known.contains($0) } ?? "", known: migrator.migrations.last ?? "")
        }
        return id == applicationID ? .ours : .nobody
    }

    /// Brings the log into the file and empties it. Without it, as after a crash, the next start does so. Whoever is at
    /// work in the file is waited for; whoever comes later gets `.closed`.
    package func close() throws(StoreError) {
        // Before the end: whichever of the connections closes last may be one that does not write.
        if lock != nil { _ = try emptyLog() }
        do { try gate.close { try database.close() } } catch { throw StoreError(error, path: path) }
        lock?.release(isWhole: fileSize(path + "-wal") == 0)
    }

    /// All that is done with the file, for as long as it is open; every error comes out as one of ours.
    func using<Value>(_ body: (any DatabaseWriter) throws -> Value) throws(StoreError) -> Value {
        do { return try gate.passing { try body(database) } } catch { throw StoreError(error, path: path) }
    }

    /// Runs a read.
    func reading<Value: Sendable>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try using { try $0.read(body) }
    }

    /// The same without waiting for the disk: it outlives the program, however that ends, but not a loss of power. For
    /// what decides no alert.
    func writingSoon<Value: Sendable>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try using { database in
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                let result = Result {
                    var value: Value?
                    try db.inTransaction {
                        value = try body(db)
                        return .commit
                    }
                    return value
                }
                try db.execute(sql: "PRAGMA synchronous = FULL")
                guard let value = try result.get() else { throw DatabaseError(message: "nothing was written") }
                return value
            }
        }
    }

    /// Runs one transaction: all of it or nothing.
    func writing<Value: Sendable>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try using { try $0.write(body) }
    }
}
