import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct RestoreTests {
    /// A database whose mark is "new", as a kill left it, and its backup whose mark is "old".
    ///
    /// - Parameter isYoung: Nothing of it, not even whose it is, is in the file yet: all is in the log.
    private func changed(isYoung: Bool = false) throws -> (file: StoredFile, backup: String) {
        let file = isYoung ? StoredFile(folder: try Folder()) : try StoredFile()
        let store = try Store.open(file.path, .daemon)
        _ = try store.save(setting: "mark", "old")
        _ = try store.backup(to: file.folder("backup.sqlite"), replacing: false)
        _ = try store.save(setting: "mark", "new")
        // The last commit is only in the log.
        let left = try file.killed()
        try FileManager.default.copyItem(
            atPath: file.folder("backup.sqlite"), toPath: left.folder("backup.sqlite"))
        return (left, left.folder("backup.sqlite"))
    }

    @Test func `a restored database is the backup, and the old one is kept with its last commit`() throws {
        let (file, backup) = try changed()
        #expect(fileSize(file.path + "-wal") > 0)
        chmod(file.path, 0o600)
        let restored = try Store.restore(backup, to: file.path, tolerant: false, at: noon)
        #expect(restored.kept == file.path + ".before-restore-2017-09-26T120000Z")
        #expect(try file.setting("mark", in: file.path + ".before-restore-2017-09-26T120000Z") == "new")
        #expect(fileStatus(file.path).map { $0.st_mode & 0o777 } == 0o600)
        #expect(fileStatus(file.path + "-wal") == nil)
        let store = try Store.open(file.path, .daemon)
        #expect(try store.setting("mark") == "old")
        #expect(try store.family(named: "1907-2").things.count > 1)
        #expect(FileManager.default.fileExists(atPath: backup))
    }

    @Test func `a machine that has no database yet gets it`() throws {
        let (_, backup) = try changed()
        let folder = try Folder()
        #expect(try Store.restore(backup, to: folder("mirror.db"), tolerant: false, at: noon).kept == nil)
        #expect(try Store.open(folder("mirror.db"), .daemon).setting("mark") == "old")
    }

    @Test func `a backup that cannot give pages back can do so once it is restored`() throws {
        let (file, backup) = try changed()
        let queue = try DatabaseQueue(path: backup)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA auto_vacuum = NONE; VACUUM") }
        try queue.close()
        _ = try Store.restore(backup, to: file.path, tolerant: false, at: noon)
        #expect(try DatabaseQueue(path: file.path).read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
    }

    enum Flaw: String, CaseIterable { case missing, noDatabase, cutShort, damaged, newer, brokenPromise, running }

    @Test(arguments: [
        (Flaw.missing, "missing"), (.noDatabase, "foreign"), (.cutShort, "damaged"), (.damaged, "damaged"),
        (.newer, "newer"), (.brokenPromise, "damaged"), (.running, "locked"),
    ])
    func `what cannot be restored changes nothing`(flaw: Flaw, refused: String) throws {
        let (file, backup) = try changed()
        let copy = StoredFileCopy(path: backup)
        var daemon: Store?
        switch flaw {
        case .missing: try FileManager.default.removeItem(atPath: backup)
        case .noDatabase: try Data(repeating: 65, count: 9000).write(to: URL(fileURLWithPath: backup))
        case .cutShort: truncate(backup, 60_000)
        case .damaged: try copy.damage()
        case .newer: try copy.change("INSERT INTO grdb_migrations VALUES ('99 of the future')")
        case .brokenPromise: try copy.change("DELETE FROM events WHERE id = 1")
        case .running: daemon = try Store.open(file.path, .daemon)
        }
        let names = try file.folder.names
        #expect(refusal { _ = try Store.restore(backup, to: file.path, tolerant: false, at: noon) } == refused)
        let more = try file.folder.names.filter { !names.contains($0) }
        #expect(more.filter { !$0.hasPrefix("backup.sqlite-") } == [])
        daemon = nil
        #expect(try Store.open(file.path, .daemon).setting("mark") == "new")
        if flaw == .brokenPromise {
            #expect(try Store.restore(backup, to: file.path, tolerant: true, at: noon).kept != nil)
        }
        withExtendedLifetime(daemon) {}
    }

    private struct Killed: Error {}

    enum Old: CaseIterable { case young, killed, stopped }

    @Test(arguments: RestoreStep.allCases, Old.allCases)
    func `a restore that is killed leaves the old database or the new one`(step: RestoreStep, old: Old) throws {
        let (file, backup) = try changed(isYoung: old == .young)
        if old == .young { #expect(!hasOurMark(file.path)) }
        if old == .stopped { try Store.open(file.path, .daemon).close() }
        #expect(throws: Killed.self) {
            try Store.restore(backup, to: file.path, tolerant: false, at: noon, progress: { _ in }) { passed in
                if passed == step { throw Killed() }
            }
        }
        let store = try Store.open(file.path, .daemon)
        #expect(try store.setting("mark") == (step == .replaced ? "old" : "new"))
        try store.close()
        #expect(try verify(file: file.path).isSound)
        #expect(try Store.restore(backup, to: file.path, tolerant: false, at: noon + .days(1)).kept != nil)
        #expect(try file.setting("mark") == "old")
    }

    @Test func `while somebody reads, a sound database is not parted from its log`() throws {
        let (file, backup) = try changed()
        let reader = try DatabaseQueue(path: file.path)
        try reader.read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM things")
            #expect(refusal { _ = try Store.restore(backup, to: file.path, tolerant: false, at: noon) } == "busy")
        }
        try reader.close()
        #expect(try Store.open(file.path, .daemon).setting("mark") == "new")
    }

    @Test func `a log whose file is gone is kept`() throws {
        let (file, backup) = try changed()
        let log = try #require(FileManager.default.contents(atPath: file.path + "-wal"))
        unlink(file.path)
        let kept = try #require(try Store.restore(backup, to: file.path, tolerant: false, at: noon).kept)
        #expect(FileManager.default.contents(atPath: kept + "-wal") == log)
        #expect(try Store.open(file.path, .daemon).setting("mark") == "old")
    }

    @Test func `restores in one second keep each of what they replaced, and sweep what killed ones left`() throws {
        let (file, backup) = try changed()
        let left = file.path + ".partial-4194303"
        try Data().write(to: URL(fileURLWithPath: left))
        let kept = try (1...3).map { _ in try Store.restore(backup, to: file.path, tolerant: false, at: noon).kept }
        #expect(Set(kept).count == 3)
        #expect(fileStatus(left) == nil)
    }

    @Test func `a damaged database is kept as it was, with its log`() throws {
        let (file, backup) = try changed()
        let log = try #require(FileManager.default.contents(atPath: file.path + "-wal"))
        try Data("no database".utf8).write(to: URL(fileURLWithPath: file.path))
        let kept = try #require(try Store.restore(backup, to: file.path, tolerant: false, at: noon).kept)
        #expect(FileManager.default.contents(atPath: kept) == Data("no database".utf8))
        #expect(FileManager.default.contents(atPath: kept + "-wal") == log)
        #expect(try Store.open(file.path, .daemon).setting("mark") == "old")
    }
}

/// A backup that somebody meddles with.
private struct StoredFileCopy {
    let path: String

    func change(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    func damage() throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seek(toOffset: 40_000)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 30_000))
        try handle.close()
    }
}
