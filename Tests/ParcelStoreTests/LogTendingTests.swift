import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct LogTendingTests {
    @Test func `a reader makes the log grow, is named, and once it is gone the log is emptied`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        let reader = try DatabaseQueue(path: file.path)
        var largest = 0
        try reader.read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM events")
            for number in 1...300 {
                _ = try store.save(setting: "row \(number)", String(repeating: "x", count: 60_000))
            }
            largest = store.sizes.log
            #expect(try !store.emptyLog())
            #expect(try store.setting("row 300") != nil)
            // The writer is free at once, and its patience is what it was.
            let patience = try store.database.writeWithoutTransaction {
                try Int.fetchOne($0, sql: "PRAGMA busy_timeout")
            }
            #expect(patience == 5000)
        }
        #expect(largest > 16 << 20)
        #expect(try store.emptyLog())
        #expect(store.sizes.log == 0 && store.sizes.database > 16 << 20)
    }

    @Test(arguments: [(64 << 20, false), ((64 << 20) + 1, true)])
    func `a log is large beyond 64 MiB`(log: Int, isLarge: Bool) {
        #expect(FileSizes(database: 0, log: log).isLogLarge == isLarge)
    }

    @Test func `who reads in a transaction is told by the kernel's list of locks`() {
        let locks = """
            1: POSIX  ADVISORY  READ 100 fd:01:77 124 124
            2: POSIX  ADVISORY  READ 101 fd:01:77 128 128
            3: POSIX  ADVISORY  WRITE 102 fd:01:77 120 120
            4: POSIX  ADVISORY  READ 103 fd:01:777 124 124
            5: FLOCK  ADVISORY  READ 104 fd:01:77 124 124
            6: POSIX  ADVISORY  READ 105 fd:01:77 123 123
            7: -> POSIX  ADVISORY  READ 106 fd:01:77 124 124
            """
        #expect(readingProcesses(locks, inode: 77) == [100, 105])
    }

    @Test func `another process that reads in a transaction is named`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .daemon)
        _ = try store.save(setting: "mark", "new")
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "-c",
            """
            import sqlite3, sys
            d = sqlite3.connect(sys.argv[1], isolation_level=None)
            d.execute("BEGIN"); d.execute("SELECT count(*) FROM events").fetchone()
            print("reading", flush=True); sys.stdin.read()
            """, file.path,
        ]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        #expect(output.fileHandleForReading.availableData.starts(with: Array("reading".utf8)))
        // The kernel's list is read in pieces: while others lock and unlock much, a line may be missed once.
        #expect((1...100).contains { _ in store.readers == [process.processIdentifier] })
        #expect(try !store.emptyLog())
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(store.readers == [])
        #expect(try store.emptyLog())
    }
}
