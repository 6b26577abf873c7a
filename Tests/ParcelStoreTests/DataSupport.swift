// What the tests about the file as a whole share: a sound database that nobody has open, changes by hand, what is in a
// folder.

import Foundation
import GRDB
import ParcelCore

@testable import ParcelStore

struct StoredFile {
    let folder: Folder
    var path: String { folder("mirror.db") }

    /// A row of everything, and every promise kept.
    init() throws {
        folder = try Folder()
        try EarlierDatabases.make(migrator().migrations.count, at: path, "auto_vacuum = INCREMENTAL")
        try { try Store.open(path, .daemon).close() }()
    }

    /// What a kill would leave of it now, while it is open: a file, its log, and a lock that nobody holds.
    func killed() throws -> StoredFile {
        let other = StoredFile(folder: try Folder())
        for suffix in ["", "-wal", ".lock"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: other.path + suffix)
        }
        return other
    }

    /// Nothing yet.
    init(folder: Folder) { self.folder = folder }

    /// As another program might.
    func change(_ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// Several megabytes, so that a copy takes several steps.
    func grow() throws {
        try change(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
            INSERT INTO settings SELECT 'row ' || i, hex(randomblob(500)) FROM n
            """)
    }

    /// Overwrites some bytes in the middle of the file.
    func damage(from offset: UInt64 = 40_000, _ count: Int = 30_000) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: count))
        try handle.close()
    }

    func setting(_ key: String, in path: String? = nil) throws -> String? {
        let queue = try DatabaseQueue(path: path ?? self.path)
        return try queue.read { db in
            try String.fetchOne(db, sql: "SELECT value FROM settings WHERE key = ?", arguments: [key])
        }
    }
}

extension Folder {
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

/// The kind of an error, for tables.
func kind(_ error: StoreError?) -> String {
    switch error {
    case nil: "none"
    case .busy: "busy"
    case .closed: "closed"
    case .full: "full"
    case .io: "io"
    case .missing: "missing"
    case .unwritable: "unwritable"
    case .foreign: "foreign"
    case .newer: "newer"
    case .locked: "locked"
    case .damaged: "damaged"
    case .exists: "exists"
    case .noRoom: "no room"
    }
}

func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "none"
    } catch { return (error as? StoreError).map(kind) ?? "\(error)" }
}
