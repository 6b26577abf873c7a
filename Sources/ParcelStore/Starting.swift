// What the daemon makes sure of before it opens an existing database for writing: that it is ours, whole as far as can be
// told quickly, and kept as it is before its schema is changed. A file that is refused is left as it was.

import Foundation
import GRDB

/// Up to here the whole file is looked through at each start: SQLite does about 1 GB a second (measured: 0.93 s for 978 MB,
/// 0.05 s for 10,000 things), so this costs no more than a tenth of a second. Larger files are looked through only where
/// there is a reason.
private let quicklyChecked = 64 << 20

extension Store {
    /// - Parameter largest: The size up to which the whole file is looked through.
    static func probe(
        _ path: String, isAfterCrash: Bool, largest: Int = quicklyChecked, _ free: (String) -> Int?
    ) throws {
        let log = fileStatus(path + "-wal")
        let queue = try DatabaseQueue(path: path, configuration: configuration(.reader))
        defer { try? queue.close() }
        let pending: Int? = try queue.read { db in
            guard try check(db, path) == .ours else { return nil }
            // A kill leaves a log from which SQLite restores what was committed, and a clean stop leaves none that holds
            // anything. Where it is otherwise, somebody put file and log together, and they may be anything from whole
            // to useless.
            let isSuspect = isAfterCrash ? log == nil : fileSize(path + "-wal") > 0
            if isSuspect || fileSize(path) <= largest { try refuseDamaged(db, path) }
            let applied = try migrator().appliedMigrations(db).count
            return applied > 0 && applied < migrator().migrations.count ? applied + 1 : nil
        }
        if let pending { try keep(queue, path, beforeSchema: pending, free) }
    }

    private static func refuseDamaged(_ db: Database, _ path: String) throws {
        let words = try String.fetchAll(db, sql: "PRAGMA quick_check(1)")
        if let first = words.first, first != "ok" { throw StoreError.damaged(path, reason: first) }
    }

    /// An empty file is a first start that broke off, unless there was a database: then something emptied it, and to begin
    /// anew would forget every alert without a word. So it would where the file alone is missing and its log is there;
    /// where both are, somebody wants to begin anew, or brings a backup next.
    static func refuseEmpty(_ path: String) throws(StoreError) {
        if fileSize(path + "-wal") > 0 {
            throw .damaged(path, reason: "it is missing or empty, but its log \(path)-wal is there")
        }
        if fileStatus(path) != nil, newestBackup(of: path) != nil {
            throw .damaged(path, reason: "it is empty, but there is a backup of one that was not")
        }
    }

    /// A verified copy beside the database: `parceld.sqlite.before-schema-5`.
    private static func keep(
        _ queue: DatabaseQueue, _ path: String, beforeSchema number: Int, _ free: (String) -> Int?
    ) throws {
        // The copy, and what the steps themselves may write.
        try requireRoom(2 * (fileSize(path) + fileSize(path + "-wal")) + 1 << 20, for: path, beside: path, free)
        let target = "\(path).before-schema-\(number)"
        let draft = try Draft(of: target, like: path)
        do {
            try copy(queue, into: draft, .hurried) { _ in }
            let verdict = try verify(file: draft.path)
            if let damage = verdict.damage { throw StoreError.damaged(path, reason: damage.text) }
            // One of the same name is of an earlier try, or of an earlier life of this file.
            try draft.publish(replacing: true)
        } catch {
            draft.discard()
            throw error
        }
    }
}
