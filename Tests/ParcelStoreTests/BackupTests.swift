import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct BackupTests {
    @Test func `a copy made while the daemon commits is one moment of it, and holds nobody up`() throws {
        let file = try StoredFile()
        try file.grow()
        let daemon = try Store.open(file.path, .daemon)
        let reader = try Store.open(file.path, .reader)
        var commits = 0
        let copied = try reader.backup(to: file.folder("copy.sqlite"), replacing: false, pace: .hurried) { part in
            commits += 1
            _ = try? daemon.save(setting: "mark", "commit \(commits)")
            #expect((0...1).contains(part))
        }
        #expect(commits > 3)
        #expect(try daemon.setting("mark") == "commit \(commits)")
        #expect(copied.verdict.isSound)
        #expect(copied.bytes == fileSize(file.folder("copy.sqlite")))
        #expect(try file.setting("mark", in: copied.path) == "kept")
        #expect(try file.setting("row 4000", in: copied.path) != nil)
    }

    @Test func `a copy is one file, for its owner and group, readable where nobody may write`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        let copy = try store.backup(to: file.folder("copy.sqlite"), replacing: false).path
        #expect(try file.folder.names.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
        #expect(fileStatus(copy).map { $0.st_mode & 0o777 } == 0o640)
        let header = try #require(FileManager.default.contents(atPath: copy))
        // 1: a rollback journal; 2 would want a log beside it.
        #expect(header[18...19].elementsEqual([1, 1]))
        #expect(try DatabaseQueue(path: copy).read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
    }

    @Test func `a file of that name stays, unless it may be replaced`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        let copy = file.folder("copy.sqlite")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: copy))
        #expect(refusal { _ = try store.backup(to: copy, replacing: false) } == "exists")
        #expect(FileManager.default.contents(atPath: copy) == Data("mine".utf8))
        #expect(try store.backup(to: copy, replacing: true).verdict.isSound)
        #expect(refusal { _ = try store.backup(to: file.path, replacing: true) } == "exists")
        #expect(refusal { _ = try store.backup(to: file.folder.path, replacing: true) } == "exists")
        #expect(refusal { _ = try store.backup(to: file.folder("no/copy"), replacing: false) } == "unwritable")
        #expect(try file.folder.names.filter { $0.contains("partial") } == [])
    }

    @Test func `a copy of a damaged database gets no name`() throws {
        let file = try StoredFile()
        try file.grow()
        let reader = try Store.open(file.path, .reader)
        try file.damage(from: 1_000_000)
        #expect(refusal { _ = try reader.backup(to: file.folder("copy.sqlite"), replacing: false) } == "damaged")
        #expect(try file.folder.names.filter { $0.contains("copy") } == [])
    }

    @Test func `of dated backups the newest stay, and other files always`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        let folder = try Folder()
        let foreign = ["parceld-latest.sqlite", "parceld-2016-01-01T000000Z.sqlite.bak", "notes", "a.partial-1"]
        let dated = (1...4).map { "parceld-2016-01-0\($0)T000000Z.sqlite" }
        let left = "parceld-2016-01-01T000000Z.sqlite.partial-4194303"
        for name in foreign + dated + [left] { try Data().write(to: URL(fileURLWithPath: folder(name))) }
        let copied = try store.backup(into: folder.path, keep: 3, at: noon)
        #expect(copied.removed == dated.prefix(2).map { folder($0) })
        #expect(
            try folder.names == (foreign + dated.suffix(2) + ["parceld-2017-09-26T120000Z.sqlite"]).sorted())
    }

    @Test func `the first dated backup makes its folder, but not the way to it`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        let backups = file.folder("backups")
        #expect(try store.backup(into: backups, keep: 3, at: noon).removed == [])
        #expect(fileStatus(backups).map { $0.st_mode & 0o777 } == 0o750)
        #expect(refusal { _ = try store.backup(into: file.folder("no/no"), keep: 3, at: noon) } == "unwritable")
        #expect(refusal { _ = try store.backup(into: file.path, keep: 3, at: noon) } == "unwritable")
    }

    @Test func `while something is wrong with the data, older backups stay`() throws {
        let file = try StoredFile()
        let folder = try Folder()
        let store = try Store.open(file.path, .daemon)
        let first = try store.backup(into: folder.path, keep: 1, at: noon)
        try file.change("DELETE FROM events WHERE id = 1")
        let second = try store.backup(into: folder.path, keep: 1, at: noon + .days(1))
        #expect(!second.verdict.isSound && second.removed == [])
        #expect(try folder.names.count == 2)
        #expect(first.verdict.isSound)
    }

    @Test func `the newest backup is found beside the database and in its folder backups`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        #expect(Store.newestBackup(of: file.path) == nil)
        let backups = file.folder("backups")
        try FileManager.default.createDirectory(atPath: backups, withIntermediateDirectories: true)
        for (name, day) in [
            ("a.sqlite", 1), ("backups/b.sqlite", 3), ("c.sqlite", 2), ("mirror.db.before-restore-x", 4),
        ] {
            let path = try store.backup(to: file.folder(name), replacing: false).path
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(day) * 86_400)], ofItemAtPath: path)
        }
        try Data("SQLite format 3".utf8).write(to: URL(fileURLWithPath: file.folder("backups/z.sqlite")))
        let newest = try #require(Store.newestBackup(of: file.path))
        #expect(newest.path == backups + "/b.sqlite")
        #expect(newest.at == Timestamp(seconds: 3 * 86_400))
    }
}
