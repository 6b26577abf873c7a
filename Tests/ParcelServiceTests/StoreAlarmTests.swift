// A disk that is full: nothing is half-written, people are told directly while nothing can be recorded, and it is recorded
// when it can be.

import Foundation
import GRDB
import ParcelCore
import ParcelProviders
import Testing

@testable import ParcelService
@testable import ParcelStore

private let monday = Timestamp(seconds: 1_507_528_800)  // 2017-10-09T06:00:00Z

private func packages(_ count: Int) -> HTTPResponse {
    let rows = (1...count).map {
        #"{"id":\#($0),"external_id":"ORD-00000\#(1000 + $0)","status":"packed","tracking_number":"RP\#(10_000 + $0)","products":[{"shopArticle":"\#(1000 + $0)-2"}]}"#
    }
    return HTTPResponse(
        status: 200, body: Array(#"{"jsonrpc":"2.0","id":1,"result":[\#(rows.joined(separator: ","))]}"#.utf8))
}

private func poller(_ around: Surroundings) throws -> Poller {
    let kind = try #require(providerKinds.first { $0.id == "shiptor" })
    let settings = SettingValues(["token": .secret(Secret("t")), "requests_per_second": .number(1000)])
    return Poller(try #require(kind.make(settings)), around, routing: Routing(providers: []))
}

@Test
func `on a full disk the administrator is told directly, and what was learned is stored and told when there is room`()
    async throws
{
    let bureau = try Bureau(monday)
    var admin = try Bureau.recipient("admin: office, mail")
    admin.selection = Selection(only: AlertFilter(kinds: KindSet(["service"])))
    var manager = try Bureau.recipient("manager: chat")
    manager.selection = Selection(except: AlertFilter(kinds: KindSet(["service"])))
    let around = try bureau.around([manager, admin])
    let dispatchers = try ["office", "mail", "chat"].map { try bureau.dispatcher($0, around) }
    let (poller, evaluator) = (try poller(around), bureau.evaluator(around))
    bureau.answer.withLock { $0 = { _ in packages(1) } }
    _ = await poller.tick(now: monday)
    _ = await evaluator.tick(now: monday)

    let full = monday + .hours(2)
    bureau.clock.set(full)
    bureau.answer.withLock { $0 = { _ in packages(200) } }
    try bureau.limit(1)
    let things = try bureau.store.things([.parcel]).count
    let seen = Locked([Int]())
    // One channel is down at first; two hours later it takes it, and somebody frees the disk.
    bureau.status.withLock {
        $0 = { [bureau = Unowned(bureau)] post in
            seen.withLock { $0.append((try? bureau.value.store.things([.parcel]).count) ?? -1) }
            if post.channel == "mail" {
                bureau.value.clock.set(full + .hours(2))
                return 200
            }
            guard bureau.value.clock.now() > full else { return 503 }
            try? bureau.value.limit(nil)
            return 200
        }
    }
    _ = await poller.tick(now: full)
    // Each time with nothing written of what was learned.
    #expect(seen.withLock { $0 } == [things, things, things])
    #expect(bureau.told == ["mail opened database", "office opened database"])
    #expect(bureau.posts.withLock { $0 }.first?.body.contains("no space is left on the database's disk") == true)
    #expect(try bureau.store.things([.parcel]).count == 200)

    // It is recorded, and its end is told in the usual way, in one line.
    bureau.status.withLock { $0 = { _ in 200 } }
    _ = await evaluator.tick(now: bureau.clock.now())
    #expect(try bureau.store.openServiceAlerts().isEmpty)
    let recorded = try #require(try bureau.store.alerts(at: bureau.clock.now(), includingClosed: true).first)
    #expect(recorded.kind == .database && recorded.facts.failingSince == full)
    #expect(try bureau.store.changes(of: [try #require(recorded.rowID)]).map(\.change) == [.opened, .closed])
    for dispatcher in dispatchers { _ = await dispatcher.tick(now: bureau.clock.now()) }
    #expect(bureau.told.dropFirst(2) == ["office was_silent database", "mail was_silent database"])
    // Nothing of it is left.
    _ = await evaluator.tick(now: bureau.clock.now() + .minutes(1))
    #expect(try bureau.store.alerts(at: bureau.clock.now() + .hours(1), includingClosed: true).count == 1)
}

/// The bureau outlives what it is asked in here.
private struct Unowned: @unchecked Sendable {
    unowned let value: Bureau
    init(_ value: Bureau) { self.value = value }
}

private func trouble(since: Timestamp) throws -> Alert {
    var state = ServiceState()
    state.databaseProblem = (since, "database_full")
    return try #require(serviceTransitions(state, known: [], downAfter: .hours(1), at: since).first).alert
}

@Test func `what cannot be recorded is told once an episode, in each recipient's hours, and not every hour anew`()
    async throws
{
    let bureau = try Bureau(monday)
    // At six in the morning by UTC one is awake, and the other from nine on.
    let around = try bureau.around([
        try Bureau.recipient("anna: office"), try Bureau.recipient("boris: office", hours: 9..<18),
    ])
    let dispatcher = try bureau.dispatcher("office", around)
    func tell(_ since: Timestamp, at now: Timestamp) async throws -> Int {
        bureau.clock.set(now)
        let before = bureau.posts.withLock { $0.count }
        for _ in 0..<3 { await dispatcher.tell(try trouble(since: since)) }
        return bureau.posts.withLock { $0.count } - before
    }
    #expect(try await tell(monday, at: monday) == 1)
    #expect(try await tell(monday, at: monday + .hours(2)) == 0)
    #expect(try await tell(monday, at: monday + .hours(3)) == 1)
    #expect(try await tell(monday, at: monday + .hours(30)) == 0)
    let keys = bureau.posts.withLock { $0.map(\.key) }
    #expect(Set(keys).count == 2 && keys.allSatisfy { $0.hasPrefix("parceld-database-\(monday.milliseconds)-") })
    // It came and went and came: another episode, at most every hour.
    let second = monday + .hours(31)
    #expect(try await tell(second, at: second) == 2)
    #expect(try await tell(second + .minutes(20), at: second + .minutes(20)) == 0)
    #expect(try await tell(second + .minutes(20), at: second + .minutes(60)) == 2)
    // After a restart nobody knows whether it was told: again, and what was told before has the same key.
    let known = Set(bureau.posts.withLock { $0.map(\.key) })
    let restarted = try bureau.dispatcher("office", try bureau.around(around.recipients))
    await restarted.tell(try trouble(since: second))
    #expect(bureau.posts.withLock { $0.count } == 8)
    #expect(Set(bureau.posts.withLock { $0.suffix(2).map(\.key) }).isSubset(of: known))
}

@Test func `a channel that forgets is told again while it lasts, and one in Telegram has no buttons`() async throws {
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: alarms, chat")])
    let alarms = try bureau.dispatcher("alarms", around, kind: "alertmanager")
    for minute in Int64(0)...3 {
        bureau.clock.set(monday + .minutes(minute))
        await alarms.tell(try trouble(since: monday))
    }
    #expect(bureau.posts.withLock { $0.count } == 4)
    await (try bureau.dispatcher("chat", around, kind: "telegram")).tell(try trouble(since: monday))
    let text = bureau.posts.withLock { $0.last?.body ?? "" }
    #expect(text.contains("has not been able to write its database") && !text.contains("reply_markup"))
}

@Test func `another program that holds the database for a moment is no alert, one that keeps it is`() async throws {
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: office")])
    let dispatcher = try bureau.dispatcher("office", around)
    let alarm = around.mirror.alarm
    alarm.begin()
    await alarm.fail(.busy, at: monday)
    alarm.end(at: monday + .minutes(9))
    #expect(alarm.episode(at: monday + .hours(1)) == nil)
    alarm.begin()
    for minute in [20, 29, 30] as [Int64] {
        bureau.clock.set(monday + .minutes(minute))
        await alarm.fail(.busy, at: monday + .minutes(minute))
    }
    #expect(bureau.told == ["office opened database"])
    alarm.end(at: monday + .minutes(31))
    #expect(alarm.episode(at: monday + .minutes(31))?.since == monday + .minutes(20))
    withExtendedLifetime(dispatcher) {}
}

@Test func `while something else still waits for the disk the alert stays open`() async throws {
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: office")])
    let (alarm, evaluator) = (around.mirror.alarm, bureau.evaluator(around))
    _ = await evaluator.tick(now: monday)
    alarm.begin()
    await alarm.fail(.full, at: monday)
    func open() throws -> [AlertKind] { try bureau.store.openServiceAlerts().map(\.kind) }
    _ = await evaluator.tick(now: monday)
    #expect(try open() == [.database])
    _ = await evaluator.tick(now: monday + .minutes(5))
    #expect(try open() == [.database])
    alarm.end(at: monday + .minutes(6))
    _ = await evaluator.tick(now: monday + .minutes(6))
    #expect(try open() == [])
    #expect(try bureau.store.alerts(at: monday + .hours(1), includingClosed: true).count == 1)
}

@Test func `a file that may not be written is told as well`() async throws {
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: office")])
    let dispatcher = try bureau.dispatcher("office", around)
    let error = await #expect(throws: StoreError.self) {
        try await around.mirror.patiently { _ throws(StoreError) in throw .unwritable("/x") }
    }
    #expect(error == .unwritable("/x"))
    #expect(bureau.told == ["office opened database"])
    // What was decided and does not fit is that provider's trouble, and nobody else's.
    _ = try? await around.mirror.patiently { _ throws(StoreError) in throw .damaged("/x", reason: "row") }
    #expect(bureau.told == ["office opened database"])
    withExtendedLifetime(dispatcher) {}
}
