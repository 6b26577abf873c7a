import Foundation
import GRDB
import Logging
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

private struct Lines: LogHandler {
    let lines: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.withLock { $0.append(event.message.description) } }
}

/// Another program with a transaction that it does not end.
private func beginReading(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let reader = try DatabaseQueue(path: path, configuration: configuration)
    try reader.writeWithoutTransaction { db in
        try db.execute(sql: "BEGIN")
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM things")
    }
    return reader
}

private func endReading(_ reader: DatabaseQueue) throws {
    try reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
}

struct TendingTests {
    @Test func `a log that a reader makes grow is told once, and its end once`() async throws {
        let lines = Locked([String]())
        let desk = try Desk(
            Tracker(manners: Manners(requestsPerSecond: 1, parallel: 1)),
            log: Logger(label: "test") { _ in Lines(lines: lines) })
        let keeper = LogKeeper(desk.around, largest: 100_000)
        let now = desk.clock.now()
        let first = await keeper.tick(now: now)
        #expect(first == nil)
        let reader = try beginReading(desk.store.path)
        for number in 1...10 {
            _ = try desk.store.save(setting: "row \(number)", String(repeating: "x", count: 20_000))
        }
        var next: Timestamp? = now
        for minute in 1...3 {
            next = await keeper.tick(now: next ?? now)
            #expect(next == now + Duration.minutes(Int64(minute)))
        }
        #expect(lines.withLock { $0 }.count == 1)
        #expect(lines.withLock { $0 }.first?.contains("keeps a transaction open") == true)
        try endReading(reader)
        for _ in 1...2 {
            let next = await keeper.tick(now: now)
            #expect(next == nil)
        }
        #expect(lines.withLock { $0 }.dropFirst() == ["the database's log is small again"])
        #expect(desk.store.sizes.log == 0)
    }

    @Test func `who reads is named where it can be told, and the field left out elsewhere`() {
        #expect(growth(log: 70 << 20, readers: [17, 4]) == ["log_mib": "70", "processes": "17 4"])
        #expect(growth(log: 70 << 20, readers: []) == ["log_mib": "70"])
    }

    @Test(arguments: [("400", false), ("0", true), ("x", true), ("36501", true)])
    func `pruning is asked for in days`(days: String, isRefused: Bool) async throws {
        let desk = try Desk(Tracker(manners: Manners(requestsPerSecond: 1, parallel: 1)))
        let answer: JSONValue = await prune(olderThan: days, desk.around, at: desk.clock.now())
        let nothing = #"{"messages":0,"notifications":0,"ledgerDays":0,"freed":0}"#
        #expect((answer.text == nothing) == !isRefused)
        #expect(answer.text.hasPrefix(#"{"error":"#) == isRefused)
    }
}
