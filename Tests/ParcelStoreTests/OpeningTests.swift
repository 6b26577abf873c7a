import Foundation
import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct OpeningTests {
    @Test func `a new file is ours, safe and strict`() throws {
        let bench = try Bench()
        let store = bench.store
        func pragma(_ name: String) throws -> String {
            try store.database.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(name)") ?? "" }
        }
        #expect(try pragma("journal_mode") == "wal")
        #expect(try pragma("synchronous") == "2")
        #expect(try pragma("foreign_keys") == "1")
        #expect(try pragma("auto_vacuum") == "2")
        #expect(try pragma("busy_timeout") == "5000")
        #expect(try pragma("application_id") == "\(0x7063_6c64)")
        #expect(throws: DatabaseError.self) {
            try store.database.read { try String.fetchOne($0, sql: "SELECT \"a text\"") }
        }
        let loose = try store.database.read { db in
            try String.fetchAll(
                db,
                sql:
                    "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"
            )
        }
        #expect(loose == ["grdb_migrations"])
    }

    @Test func `what was stored is there after the daemon was stopped and started`() throws {
        let folder = try Folder()
        let family = try richFamily()
        try Store.open(folder("mirror.db"), .daemon).commit(.saving(family))
        let again = try Store.open(folder("mirror.db"), .daemon)
        #expect(differences(try again.family(named: "1907-2"), family) == [])
    }

    @Test func `two daemons never share a file, under whatever name`() throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        try FileManager.default.createSymbolicLink(atPath: folder("other"), withDestinationPath: folder.path)
        try FileManager.default.createSymbolicLink(atPath: folder("link.db"), withDestinationPath: path)
        do {
            let first = try Store.open(path, .daemon)
            for name in ["mirror.db", "link.db", "other/mirror.db"] {
                #expect(throws: StoreError.locked(first.path, process: getpid())) {
                    try Store.open(folder(name), .daemon)
                }
            }
            #expect("\(StoreError.locked(path, process: 7))".contains("(process 7)"))
            try withExtendedLifetime(first) { _ = try Store.open(path, .reader) }
        }
        _ = try Store.open(path, .daemon)
    }

    /// What lies at the path, and how a daemon and a reader refuse it.
    static let refused: [(content: Content, daemon: Refusal?, reader: Refusal)] = [
        (.nothing, nil, .missing), (.empty, nil, .missing), (.garbage, .foreign, .foreign),
        (.otherDatabase, .foreign, .foreign), (.otherApplication, .foreign, .foreign),
        (.folder, .unwritable, .unwritable),
        (.newer, .newer, .newer), (.blank, nil, .missing), (.crashedBeforeMigration, nil, .missing),
    ]

    enum Content: String, CaseIterable {
        case nothing, empty, garbage, otherDatabase, otherApplication, folder, newer, blank, crashedBeforeMigration
    }

    enum Refusal { case missing, foreign, unwritable, newer }

    @Test(arguments: refused)
    func `a file that is not ours is refused and left as it was`(
        content: Content, daemon: Refusal?, reader: Refusal
    ) throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        try make(content, at: path)
        let before = FileManager.default.contents(atPath: path)
        #expect(refusal { _ = try Store.open(path, .reader) } == reader)
        let refused = refusal { _ = try Store.open(path, .daemon) }
        #expect(refused == daemon)
        if refused != nil {
            #expect(FileManager.default.contents(atPath: path) == before)
        } else {
            #expect(refusal { _ = try Store.open(path, .reader) } == nil)
        }
    }

    private func make(_ content: Content, at path: String) throws {
        switch content {
        case .nothing: break
        case .empty: try Data().write(to: URL(fileURLWithPath: path))
        case .garbage: try Data("order;item;status\n1907;2;4\n".utf8).write(to: URL(fileURLWithPath: path))
        case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case .otherDatabase: try raw(path, "CREATE TABLE bookmarks (url TEXT)")
        case .otherApplication: try raw(path, "PRAGMA application_id = 252006674")
        case .blank: try raw(path, "CREATE TABLE gone (a); DROP TABLE gone")
        case .crashedBeforeMigration: try raw(path, "PRAGMA application_id = \(Store.applicationID)")
        case .newer:
            try { _ = try Store.open(path, .daemon) }()
            try raw(path, "INSERT INTO grdb_migrations VALUES ('2 of the future')")
        }
    }

    private func raw(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func refusal(_ open: () throws -> Void) -> Refusal? {
        do {
            try open()
            return nil
        } catch {
            switch error as? StoreError {
            case .missing: return .missing
            case .foreign: return .foreign
            case .unwritable: return .unwritable
            case .newer(_, let found, let known):
                #expect(found == "2 of the future")
                #expect(known == migrator().migrations.last)
                return .newer
            default:
                Issue.record(error)
                return nil
            }
        }
    }

    @Test func `a missing folder is a clear error, and is not made`() throws {
        let folder = try Folder()
        #expect(throws: StoreError.unwritable(folder("no/mirror.db.lock"))) {
            try Store.open(folder("no/mirror.db"), .daemon)
        }
        #expect(throws: StoreError.missing(folder("no/mirror.db"))) { try Store.open(folder("no/mirror.db"), .reader) }
        #expect(!FileManager.default.fileExists(atPath: folder("no")))
    }

    @Test func `a damaged file is called so`() throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        try { try Store.open(path, .daemon).commit(.saving(try richFamily())) }()
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        // The first page stays: the header is right, the rest is not.
        try handle.seek(toOffset: 4096)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 40 * 4096))
        try handle.close()
        let error = #expect(throws: StoreError.self) { try Store.open(path, .reader).counts() }
        guard case .damaged(path, _) = error else { return #expect(error == .damaged(path, reason: "")) }
        #expect(error?.mayPass == false)
    }

    @Test func `a reader sees each commit while the daemon runs, and reads on after it stopped`() throws {
        let folder = try Folder()
        let path = folder("mirror.db")
        do {
            let daemon = try Store.open(path, .daemon)
            let reader = try Store.open(path, .reader)
            #expect(try reader.things([.order]) == [])
            try daemon.commit(.saving(try richFamily()))
            #expect(try reader.things([.order]).count == 1)
            #expect(throws: StoreError.self) { try reader.commit(.saving(Family(things: [.make(-1, .order, "2")]))) }
            withExtendedLifetime(daemon) {}
        }
        // Without these two files a reader who may not write could not open the database.
        for suffix in ["-wal", "-shm"] { #expect(FileManager.default.fileExists(atPath: path + suffix)) }
        #expect(try Store.open(path, .reader).find("1907-2").count == 1)
    }

    @Test func `a reader that holds a transaction keeps nobody from writing`() throws {
        let bench = try Bench()
        let reader = try Store.open(bench.store.path, .reader)
        try reader.database.read { db in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM things") == 0)
            try bench.store.commit(.saving(try richFamily()))
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM things") == 0)
        }
        #expect(try reader.things([.item]).count == 2)
    }

    @Test func `closing waits for whoever is at work, and who comes later is told`() throws {
        let folder = try Folder()
        for round in 0..<20 {
            let store = try Store.open(folder("\(round).db"), .daemon)
            let workers = DispatchGroup()
            for isWriter in [true, false, false] {
                workers.enter()
                Thread.detachNewThread {
                    defer { workers.leave() }
                    do throws(StoreError) {
                        for count in 0... {
                            if isWriter { _ = try store.save(setting: "x", "\(count)") } else { _ = try store.counts() }
                        }
                    } catch { #expect(error == .closed) }
                }
            }
            try store.close()
            workers.wait()
            #expect(throws: StoreError.closed) { try store.close() }
            #expect(try Store.open(store.path, .daemon).counts().trackNumbers == 0)
        }
    }

    @Test(arguments: [
        StoreError.busy, .full, .closed, .io("disk I/O error"), .missing("/p"), .unwritable("/p"), .foreign("/p"),
        .newer("/p", found: "3", known: "2"), .locked("/p", process: nil), .damaged("/p", reason: "malformed"),
    ])
    func `each error says in one line what to do`(error: StoreError) {
        let text = "\(error)"
        #expect(text.contains(";"))
        #expect(!text.contains("\n"))
    }
}
