import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

/// What the daemon does about a file that is not what it was.
struct StartingTests {
    enum Harm: String, CaseIterable {
        case cutShort, cutToOnePage, damagedInside, noDatabase, emptied, emptiedWithBackup, lostButForItsLog, logTaken
    }

    @Test(arguments: [
        (Harm.cutShort, "damaged"), (.cutToOnePage, "damaged"), (.damagedInside, "damaged"), (.noDatabase, "foreign"),
        (.emptied, "none"), (.emptiedWithBackup, "damaged"), (.lostButForItsLog, "damaged"), (.logTaken, "none"),
    ])
    func `a harmed file is refused and left as it is`(harm: Harm, refused: String) throws {
        var file = try StoredFile()
        if harm == .lostButForItsLog || harm == .logTaken {
            let store = try Store.open(file.path, .daemon)
            _ = try store.save(setting: "mark", "new")
            file = try file.killed()
        }
        let url = URL(fileURLWithPath: file.path)
        if harm == .emptiedWithBackup {
            _ = try Store.open(file.path, .daemon).backup(to: file.folder("backup.sqlite"), replacing: false)
        }
        switch harm {
        case .cutShort: truncate(file.path, 50_000)
        case .cutToOnePage: truncate(file.path, 4096)
        case .damagedInside: try file.damage()
        case .noDatabase: try Data("order;item;status\n1907;2;4\n".utf8).write(to: url)
        case .emptied, .emptiedWithBackup: truncate(file.path, 0)
        case .lostButForItsLog: unlink(file.path)
        case .logTaken: unlink(file.path + "-wal")
        }
        let before = ["", "-wal"].map { FileManager.default.contents(atPath: file.path + $0) }
        #expect(refusal { _ = try Store.open(file.path, .daemon) } == refused)
        guard refused != "none" else { return }
        #expect(["", "-wal"].map { FileManager.default.contents(atPath: file.path + $0) } == before)
    }

    @Test func `after an orderly stop the file is whole without its log, and the lock says so`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        _ = try store.save(setting: "mark", "new")
        #expect(fileSize(file.path + ".lock") > 0)
        try store.close()
        #expect(fileSize(file.path + ".lock") == 0)
        #expect(fileStatus(file.path + "-wal") != nil && fileSize(file.path + "-wal") == 0)
        for suffix in ["-wal", "-shm"] { unlink(file.path + suffix) }
        #expect(try Store.open(file.path, .daemon).setting("mark") == "new")
    }

    @Test func `a file that is too large to be looked through is, where its log is gone after a crash`() throws {
        let file = try StoredFile()
        func start(isAfterCrash: Bool) -> String {
            refusal { try Store.probe(file.path, isAfterCrash: isAfterCrash, largest: 0) { _ in nil } }
        }
        try file.damage()
        #expect(start(isAfterCrash: false) == "none")
        for suffix in ["-wal", "-shm"] { unlink(file.path + suffix) }
        #expect(start(isAfterCrash: false) == "none")
        for suffix in ["-wal", "-shm"] { unlink(file.path + suffix) }
        #expect(start(isAfterCrash: true) == "damaged")
    }

    @Test func `a file that is junk beside a log is refused also after an orderly stop`() throws {
        let (running, file) = (try StoredFile(), try StoredFile())
        let store = try Store.open(running.path, .daemon)
        _ = try store.save(setting: "mark", "new")
        let log = try #require(FileManager.default.contents(atPath: running.path + "-wal"))
        #expect(!log.isEmpty)
        // What is in the log is right; what is not in it is not.
        for suffix in ["-wal", "-shm"] { unlink(file.path + suffix) }
        try file.damage()
        try log.write(to: URL(fileURLWithPath: file.path + "-wal"))
        #expect(refusal { try Store.probe(file.path, isAfterCrash: false, largest: 0) { _ in nil } } == "damaged")
        for suffix in ["-wal", "-shm"] { unlink(file.path + suffix) }
        try Data(repeating: 0xA5, count: fileSize(file.path)).write(to: URL(fileURLWithPath: file.path))
        try log.write(to: URL(fileURLWithPath: file.path + "-wal"))
        #expect(refusal { _ = try Store.open(file.path, .daemon) } == "damaged")
        try store.close()
    }

    /// Somebody of the group who may read and nothing else.
    @Test(.enabled(if: getuid() == 0, "only root can be somebody else"))
    func `another user who may only read reads while the daemon runs and after it stopped`() throws {
        let file = try StoredFile()
        for suffix in ["", "-wal", "-shm"] { chmod(file.path + suffix, 0o640) }
        for path in [file.folder.path, file.path, file.path + "-wal", file.path + "-shm"] { chown(path, 0, 65_534) }
        chmod(file.folder.path, 0o750)
        for parent in [URL(fileURLWithPath: file.folder.path).deletingLastPathComponent().path] { chmod(parent, 0o755) }
        let script = """
            import os, sqlite3, sys
            os.setgroups([]); os.setgid(65534); os.setuid(65533)
            d = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
            print(d.execute("SELECT value FROM settings WHERE key = 'mark'").fetchone()[0])
            """
        func read() throws -> String {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = ["-c", script, file.path]
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: output, as: UTF8.self)
        }
        let store = try Store.open(file.path, .daemon)
        _ = try store.save(setting: "mark", "while it runs")
        #expect(try read() == "while it runs\n")
        _ = try store.save(setting: "mark", "after the end")
        try store.close()
        #expect(try read() == "after the end\n")
    }
}
