// The mirror's file: opening it, keeping others out, and what its errors mean. Queries are in the other files.

import Foundation
import GRDB

/// Why the mirror cannot be used. `busy`, `full` and `io` may pass; the others need a person.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case busy
    case full
    case io(String)
    case missing(String)
    case unwritable(String)
    case foreign(String)
    case newer(String)
    case locked(String)
    case damaged(String)

    package var description: String {
        switch self {
        case .busy: "the database is locked by another program"
        case .full: "no space is left for the database; free some on its disk"
        case .io(let reason): "the database cannot be read or written: \(reason)"
        case .missing(let path): "there is no database at \(path); start parceld first, or name another with --database"
        case .unwritable(let path): "\(path) cannot be written; check the folder, its owner and its free space"
        case .foreign(let path): "\(path) is not a database of parceld; name another file"
        case .newer(let path): "\(path) was written by a newer parceld; install that version or restore a backup"
        case .locked(let path): "another parceld already uses \(path); stop it first"
        case .damaged(let path): "\(path) is damaged; restore a backup"
        }
    }

    /// Whether waiting and trying again may help.
    package var mayPass: Bool {
        switch self {
        case .busy, .full, .io: true
        default: false
        }
    }
}

package final class Store: Sendable {
    /// "pcld"
    private static let applicationID: Int32 = 0x7063_6c64

    package enum Mode: Sendable { case daemon, reader }

    let database: any DatabaseWriter
    package let path: String
    private let lock: FileLock?

    /// - Parameter mode: A daemon creates and migrates the file and is the only one; a reader needs it to exist.
    package static func open(_ path: String, _ mode: Mode) throws(StoreError) -> Store {
        try Store(path, mode)
    }

    private init(_ path: String, _ mode: Mode) throws(StoreError) {
        self.path = path
        let exists = FileManager.default.fileExists(atPath: path)
        if mode == .reader, !exists { throw .missing(path) }
        lock = mode == .daemon ? try FileLock(path) : nil
        if exists { try Store.checkHeader(path) }
        var configuration = Configuration()
        configuration.readonly = mode == .reader
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 2
        configuration.prepareDatabase { db in
            if mode == .daemon { try db.execute(sql: "PRAGMA synchronous = FULL") }
        }
        do {
            if mode == .daemon {
                database = try DatabasePool(path: path, configuration: configuration)
            } else {
                database = try DatabaseQueue(path: path, configuration: configuration)
            }
        } catch { throw StoreError(error, path: path) }
        try prepare(mode)
    }

    private func prepare(_ mode: Mode) throws(StoreError) {
        let migrator = migrator()
        do {
            let known: Bool? = try database.read { db in
                let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
                let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
                return tables == 0 && mode == .daemon ? nil : id == Store.applicationID
            }
            if known == false { throw StoreError.foreign(path) }
            if try database.read({ try migrator.hasBeenSuperseded($0) }) { throw StoreError.newer(path) }
            guard mode == .daemon else { return }
            try migrator.migrate(database)
            try database.writeWithoutTransaction { db in
                if known == nil { try db.execute(sql: "PRAGMA application_id = \(Store.applicationID)") }
            }
        } catch { throw StoreError(error, path: path) }
    }

    /// SQLite would take any file of zero bytes for its own; what is there must begin as its files do.
    private static func checkHeader(_ path: String) throws(StoreError) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw .unwritable(path) }
        defer { try? file.close() }
        let head = (try? file.read(upToCount: 16)) ?? Data()
        guard head.isEmpty || head == Data("SQLite format 3\0".utf8) else { throw .foreign(path) }
    }

    /// Runs a read; every error comes out as one of ours.
    func reading<Value: Sendable>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try database.read(body) } catch { throw StoreError(error, path: path) }
    }

    /// Runs one transaction: all of it or nothing.
    func writing<Value: Sendable>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try database.write(body) } catch { throw StoreError(error, path: path) }
    }
}

extension StoreError {
    init(_ error: any Error, path: String) {
        if let known = error as? StoreError {
            self = known
            return
        }
        guard let sqlite = error as? DatabaseError else {
            self = .io(String(describing: type(of: error)))
            return
        }
        switch sqlite.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_FULL: self = .full
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: self = .unwritable(path)
        case .SQLITE_NOTADB: self = .foreign(path)
        case .SQLITE_CORRUPT: self = .damaged(path)
        default: self = .io(sqlite.message ?? "SQLite error \(sqlite.resultCode.rawValue)")
        }
    }
}

/// Held for as long as the daemon lives; the kernel lets go of it, however the daemon ends.
private final class FileLock: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(StoreError) {
        let lockPath = path + ".lock"
        let descriptor = Foundation.open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .unwritable(lockPath) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .locked(path)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
