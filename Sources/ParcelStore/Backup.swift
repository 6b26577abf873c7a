// Backups: copies that were made while the daemon works, and verified before they have their name.

import Foundation
import GRDB
package import ParcelCore

/// What a copy holds.
package struct Copied: Sendable {
    package var path: String
    package var bytes: Int
    package var verdict: Verdict
    /// Older backups that went.
    package var removed: [String] = []
}

private let copyPrefix = "parceld-"
private let copySuffix = ".sqlite"

extension Store {
    /// - Parameter replacing: Whether a file of that name may go, once the new one is whole.
    package func backup(
        to path: String, replacing: Bool, pace: Pace = .gentle, progress: (Double) -> Void = { _ in }
    ) throws(StoreError) -> Copied {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard target != self.path else { throw .exists(path) }
        if let status = fileStatus(target) {
            guard replacing, status.st_mode & S_IFMT == S_IFREG else { throw .exists(path) }
        }
        // A disk that the copy fills is the daemon's, too.
        try requireRoom(fileSize(self.path) + fileSize(self.path + "-wal") + 1 << 20, for: path, beside: target)
        let draft = try Draft(of: target)
        do {
            let source = try DatabaseQueue(path: self.path, configuration: Store.configuration(.reader))
            try copy(source, into: draft, pace, progress: progress)
            try source.close()
            let verdict = try verify(file: draft.path)
            // A faithful copy of what breaks a promise of ours is better than none; one that SQLite cannot read is not.
            if let damage = verdict.damage { throw StoreError.damaged(path, reason: damage.text) }
            try draft.publish(replacing: replacing)
            return Copied(path: path, bytes: fileSize(target), verdict: verdict)
        } catch {
            draft.discard()
            throw StoreError(error, path: path)
        }
    }

    /// A backup under a dated name, and then of those in the folder only the newest; all of them where something is wrong
    /// with the new one.
    ///
    /// - Parameter keep: How many, the new one counted; at least 1.
    package func backup(
        into folder: String, keep: Int, at now: Timestamp, pace: Pace = .gentle, progress: (Double) -> Void = { _ in }
    ) throws(StoreError) -> Copied {
        // The first backup makes its folder, but not the way to it: that may be a disk which is not there.
        if fileStatus(folder) == nil, !makeFolder(folder) { throw .unwritable(folder) }
        guard let status = fileStatus(folder), status.st_mode & S_IFMT == S_IFDIR else { throw .unwritable(folder) }
        for name in names(in: folder) where isDraft(name) { Draft.sweep(folder + "/" + name) }
        let name = copyPrefix + fileStamp(now) + copySuffix
        var copied = try backup(to: folder + "/" + name, replacing: false, pace: pace, progress: progress)
        guard copied.verdict.isSound else { return copied }
        // By their names, which tell when they were made: a file's own time may be that of a move.
        let old = names(in: folder).filter { isDated($0) && $0 < name }.sorted()
        for name in old.dropLast(max(0, keep - 1)) where unlink(folder + "/" + name) == 0 {
            copied.removed.append(folder + "/" + name)
        }
        return copied
    }

    /// The newest backup that is known of: beside the database and in the folder `backups` there.
    package static func newestBackup(of path: String) -> (path: String, at: Timestamp)? {
        let database = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let home = ParcelStore.folder(of: database)
        let found = [home, home + "/backups"].flatMap { folder in names(in: folder).map { folder + "/" + $0 } }
            // Not what is being written, what a restore put aside, and another daemon's own.
            .filter { $0 != database && !$0.contains(".partial-") && !$0.contains(".before-restore-") }
            .filter { fileStatus($0 + ".lock") == nil && hasOurMark($0) }
            .compactMap { path in fileStatus(path).map { (path: path, at: $0.st_mtim) } }
        let newest = found.max { ($0.at.tv_sec, $0.at.tv_nsec) < ($1.at.tv_sec, $1.at.tv_nsec) }
        return newest.map { ($0.path, Timestamp(seconds: Int64($0.at.tv_sec))) }
    }
}

private func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
}

/// `parceld-2026-11-25T183000Z.sqlite`, and nothing that only resembles it.
private func isDated(_ name: String) -> Bool {
    guard name.hasPrefix(copyPrefix), name.hasSuffix(copySuffix) else { return false }
    let stamp = name.dropFirst(copyPrefix.count).dropLast(copySuffix.count)
    let form = "0000-00-00T000000Z"
    return stamp.utf8.count == form.utf8.count
        && zip(stamp.utf8, form.utf8).allSatisfy { $1 == 48 ? (48...57).contains($0) : $0 == $1 }
}

private func isDraft(_ name: String) -> Bool {
    guard let range = name.range(of: ".partial-") else { return false }
    let process = name[range.upperBound...]
    return isDated(String(name[..<range.lowerBound])) && !process.isEmpty && process.allSatisfy(\.isNumber)
}

/// Whether a file says that it is a database of parceld: in its first 100 bytes, which is all that is read.
func hasOurMark(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: 100)
    guard pread(descriptor, &head, head.count, 0) == head.count else { return false }
    let mark = head[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return head.starts(with: Array("SQLite format 3\0".utf8)) && mark == UInt32(bitPattern: Store.applicationID)
}
