// Puts a backup in the database's place. Whatever is killed at whatever moment, a usable database has the name: the old one
// until the new one is whole and on the disk, then the new one. The old one is kept.

import Foundation
import GRDB
package import ParcelCore

package struct Restored: Sendable {
    package var verdict: Verdict
    /// Where the old database is now; nil where there was none.
    package var kept: String?
}

/// Moments between which a restore may be killed.
enum RestoreStep: CaseIterable { case verified, copied, settled, kept, logRemoved, replaced }

extension Store {
    /// - Parameters:
    ///   - path: The database's.
    ///   - tolerant: Whether a backup that breaks a promise of ours is taken too; one that is damaged never is.
    ///   - progress: Called with the part that is copied, 0 to 1.
    package static func restore(
        _ backup: String, to path: String, tolerant: Bool, at now: Timestamp, progress: (Double) -> Void = { _ in }
    ) throws(StoreError) -> Restored {
        do { return try restore(backup, to: path, tolerant: tolerant, at: now, progress: progress) { _ in } } catch {
            throw StoreError(error, path: path)
        }
    }

    /// - Parameter passed: Called after each step.
    static func restore(
        _ backup: String, to path: String, tolerant: Bool, at now: Timestamp, progress: (Double) -> Void,
        _ passed: (RestoreStep) throws -> Void
    ) throws -> Restored {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let lock = try FileLock(path)
        let verdict = try verify(file: backup)
        if let damage = verdict.damage { throw StoreError.damaged(backup, reason: damage.text) }
        if !tolerant, let breach = verdict.findings.flatMap(\.breaches).first {
            throw StoreError.damaged(backup, reason: breach.text)
        }
        try passed(.verified)
        let draft = try Draft(of: path, like: path)
        let kept: String?
        do {
            let source = try DatabaseQueue(path: backup, configuration: configuration(.reader))
            let isOld = try source.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } != 2
            try copy(source, into: draft, .hurried, compacting: isOld, progress: progress)
            try source.close()
            try draft.sync()
            try passed(.copied)
            kept = try keepOld(path, at: now, passed)
            try draft.publish(replacing: true)
        } catch {
            draft.discard()
            throw error
        }
        lock.release(isWhole: true)
        try passed(.replaced)
        return Restored(verdict: verdict, kept: kept)
    }

    /// The old database keeps its name, and gets a second one.
    private static func keepOld(_ path: String, at now: Timestamp, _ passed: (RestoreStep) throws -> Void) throws
        -> String?
    {
        guard fileStatus(path) != nil || fileStatus(path + "-wal") != nil else { return nil }
        try settle(path)
        try passed(.settled)
        let name = "\(path).before-restore-\(fileStamp(now))"
        // Several restores in one second are several.
        let kept = (1...).lazy.map { $0 == 1 ? name : "\(name)-\($0)" }
            .first { fileStatus($0) == nil && fileStatus($0 + "-wal") == nil }
        guard let kept else { return nil }
        for suffix in ["", "-wal"] where fileSize(path + suffix) > 0 {
            try FileManager.default.linkOrCopy(path + suffix, kept + suffix)
        }
        try syncFolder(of: path)
        try passed(.kept)
        // A log of the old file must never meet the new one: SQLite would write it into it. Emptied as it is, the old file
        // can do without; and where it could not be emptied, the old file was of no use before.
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
        try syncFolder(of: path)
        try passed(.logRemoved)
        return fileSize(kept) + fileSize(kept + "-wal") > 0 ? kept : nil
    }

    /// Brings the log into the file. A damaged file is left as it is, with its log.
    ///
    /// - Throws: `busy` where a reader keeps it from that: a sound database is never parted from its log.
    private static func settle(_ path: String) throws(StoreError) {
        // Opening one that is not there would make one, and throw its log away.
        guard fileSize(path) > 0 else { return }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return }
        // Asked through SQLite: of a young database everything, also that it is ours, may be in the log alone.
        defer { try? queue.close() }
        do {
            let isBusy = try queue.writeWithoutTransaction { db in
                guard try check(db, path) == .ours else { return false }
                return try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 1
            }
            if isBusy { throw StoreError.busy }
        } catch {
            switch StoreError(error, path: path) {
            // Of no use before; it is kept as it is.
            case .damaged, .foreign, .newer, .missing: break
            case let trouble: throw trouble
            }
        }
    }
}

extension FileManager {
    /// A second name for a file; its copy where the file system knows no second names.
    fileprivate func linkOrCopy(_ path: String, _ other: String) throws {
        guard link(path, other) != 0 else { return }
        guard [EPERM, EOPNOTSUPP, EMLINK].contains(errno) else { throw fileError(other) }
        do { try copyItem(atPath: path, toPath: other) } catch { throw fileError(other) }
    }
}
