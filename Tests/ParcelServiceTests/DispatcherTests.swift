// How messages leave: never lost over a crash, repeated under the same key only, nobody held up by another, and told again
// where a channel forgets. The store is real; the ways are scripted.

import Foundation
import GRDB
import Logging
import ParcelChannels
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

private let start = Timestamp(seconds: 1_507_528_800)

/// What a channel was given, and what it answers.
private final class Mouth: Sendable {
    let heard = Locked([String]())
    let status = Locked<@Sendable (String) -> Int>({ _ in 200 })
    /// Called before the other side takes a request, and after.
    let before = Locked<@Sendable () -> Void>({})
    let after = Locked<@Sendable () -> Void>({})

    var ways: Ways {
        Ways(
            http: { request in
                self.before.withLock { $0 }()
                let key = request["Idempotency-Key"]
                let status = self.status.withLock { $0 }(String(decoding: request.body ?? [], as: UTF8.self))
                if status == 200 { self.heard.withLock { $0.append(key) } }
                self.after.withLock { $0 }()
                return .success(HTTPResponse(status: status, body: []))
            }, mail: { _ in .failure(.cancelled) }, program: { _ in .timedOut(errors: "") }, journal: { _ in })
    }
}

extension HTTPRequest {
    fileprivate subscript(name: String) -> String { headers.first { $0.name == name }?.value ?? "" }
}

private final class Bench {
    let folder: URL
    let clock = HandClock(start)
    let mouth = Mouth()
    let store: Store
    private let language: [String: Language]

    init(_ languages: [String: Language] = ["anna": .en]) throws {
        language = languages
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-tell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func dispatcher(_ kind: String = "webhook", over store: Store? = nil) throws -> Dispatcher {
        let made = try #require(channelKinds.first { $0.schema.name == kind })
        let channel = try #require(made.make("mine", SettingValues(["url": .text("http://127.0.0.1/x")])))
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let window = DeliveryWindow(
            opens: 0, closes: 86_400, days: WorkingDays(calendars: [.plain], combine: .all, zone: .utc))
        let around = Surroundings(
            mirror: Mirror(store ?? self.store, log: log),
            rules: try #require(
                Rules(
                    settings: .standard, calendars: BuiltinCalendars.all(),
                    zones: [
                        "Asia/Shanghai": try readZone("Asia/Shanghai", in: "/usr/share/zoneinfo"),
                        "Europe/Moscow": try readZone("Europe/Moscow", in: "/usr/share/zoneinfo"),
                    ])),
            recipients: language.sorted { $0.key < $1.key }.map {
                Recipient(name: $0.key, language: $0.value, zone: .utc, window: window, channels: ["mine"])
            }, clock: clock, watch: ClockWatch(), zones: { _ in nil }, send: { _ in .failure(.cancelled) }, log: log)
        return Dispatcher(channel, around, mouth.ways)
    }

    /// An alert opens about a matter of the service, and everybody is to be told.
    @discardableResult
    func open(_ provider: String, at now: Timestamp, to recipients: [String] = ["anna"]) throws -> Int64 {
        var facts = AlertFacts()
        facts.provider = ProviderID(provider)
        facts.reason = "status 503"
        let alert = Alert(
            kind: .providerDown, thing: nil, key: provider, level: .critical, openedAt: now, facts: facts)
        try commit(AlertChange(alert: alert, change: .opened, at: now, cause: .reported), to: recipients)
        return try #require(try store.openServiceAlerts().last?.rowID)
    }

    func close(_ provider: String, at now: Timestamp, to recipients: [String] = ["anna"]) throws {
        var alert = try #require(try store.openServiceAlerts().first { $0.key == provider })
        alert.closedAt = now
        try commit(AlertChange(alert: alert, change: .closed, at: now, cause: .recovered), to: recipients)
    }

    private func commit(_ change: AlertChange, to recipients: [String]) throws {
        var decision = Decision(at: change.at)
        decision.alertChanges = [
            DecidedChange(
                change: change,
                rows: recipients.map { OutboxRow(change, recipient: $0, channel: "mine", notBefore: change.at) })
        ]
        try store.commit(decision)
    }

    /// What a daemon that was killed at this instant would have left.
    func copy() throws -> Store {
        let path = folder.appending(path: "copy-\(UUID().uuidString).sqlite").path
        try store.database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO '\(path)'") }
        return try Store.open(path, .daemon)
    }
}

@Test
func `a kill before the send, after the server took it or before the mark loses nothing and repeats once at most`()
    async throws
{
    // The instants at which a daemon can be killed while it tells: what is in the file then is all that is left.
    for moment in ["composed", "taken"] {
        let bench = try Bench()
        try bench.open("shiptor", at: start)
        let left = Locked<Store?>(nil)
        let snapshot: @Sendable () -> Void = { [bench = Unchecked(bench)] in
            let copy = try? bench.value.copy()
            left.withLock { $0 = copy }
        }
        if moment == "composed" {
            bench.mouth.before.withLock { $0 = snapshot }
        } else {
            bench.mouth.after.withLock { $0 = snapshot }
        }
        _ = try await bench.dispatcher().tick(now: start)
        let told = bench.mouth.heard.withLock { $0 }
        #expect(told.count == 1)
        bench.mouth.before.withLock { $0 = {} }
        bench.mouth.after.withLock { $0 = {} }
        // Started again from what was left, some minutes later: the same key, once.
        let survivor = try #require(left.withLock { $0 })
        bench.clock.set(start + .minutes(5))
        _ = try await bench.dispatcher(over: survivor).tick(now: start + .minutes(5))
        #expect(bench.mouth.heard.withLock { $0 } == told + told, "\(moment)")
        _ = try await bench.dispatcher(over: survivor).tick(now: start + .minutes(10))
        #expect(bench.mouth.heard.withLock { $0 }.count == 2)
        #expect(try survivor.messages().allSatisfy { $0.deliveredAt != nil })
    }
}

/// The bench stays on the test's own task and the dispatcher's, which waits for it.
private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

@Test func `one recipient's refusal holds up nobody else on the same channel`() async throws {
    let bench = try Bench(["anna": .ru, "boris": .en])
    bench.mouth.status.withLock { $0 = { $0.contains(#""language":"ru""#) ? 403 : 200 } }
    let dispatcher = try bench.dispatcher()
    try bench.open("shiptor", at: start, to: ["anna", "boris"])
    _ = await dispatcher.tick(now: start)
    #expect(try bench.store.refusedChannels(at: start).map(\.channel) == ["mine"])
    // What comes later waits behind anna's own message, and reaches boris at once.
    let later = start + .minutes(20)
    bench.clock.set(later)
    try bench.open("litemf", at: later, to: ["anna", "boris"])
    _ = await dispatcher.tick(now: later)
    let messages = try bench.store.messages()
    #expect(messages.map(\.recipient) == ["anna", "boris", "boris"])
    #expect(messages.map { $0.deliveredAt != nil } == [false, true, true])
    // Mended: anna gets both, in order.
    bench.mouth.status.withLock { $0 = { _ in 200 } }
    let mended = start + .hours(2)
    bench.clock.set(mended)
    _ = await dispatcher.tick(now: mended)
    #expect(try bench.store.messages().map { $0.deliveredAt != nil } == [true, true, true, true])
    #expect(try bench.store.messages().last?.recipient == "anna")
    #expect(try bench.store.refusedChannels(at: start).isEmpty)
}

@Test func `a channel that was down for three days gets one digest of it, not one message for each matter`()
    async throws
{
    let bench = try Bench()
    let dispatcher = try bench.dispatcher()
    bench.mouth.status.withLock { $0 = { _ in 503 } }
    try bench.open("p0", at: start)
    _ = await dispatcher.tick(now: start)
    for hour in Int64(1)...71 {
        let now = start + .hours(hour)
        bench.clock.set(now)
        for matter in 0..<7 { try bench.open("p\(hour).\(matter)", at: now) }
        _ = await dispatcher.tick(now: now)
    }
    #expect(bench.mouth.heard.withLock { $0 }.isEmpty)
    #expect(try bench.store.messages().count == 1)
    let back = start + .days(3)
    bench.clock.set(back)
    bench.mouth.status.withLock { $0 = { _ in 200 } }
    _ = await dispatcher.tick(now: back)
    // 1 + 497 matters: the one that waited, and one digest in posts of at most 100.
    let messages = try bench.store.messages()
    #expect(messages.map(\.parts.count) == [1, 5])
    #expect(messages.allSatisfy { $0.deliveredAt != nil })
    #expect(
        bench.mouth.heard.withLock { $0 } == [messages[0].dedupKey]
            + (0..<5).map { $0 == 0 ? messages[1].dedupKey : "\(messages[1].dedupKey)-\($0)" })
    let told = messages.flatMap(\.parts).joined()
    #expect(told.contains(#""provider":"p0""#) && told.contains(#""provider":"p71.6""#))
}

@Test func `a channel that forgets is told again of what it was told, until it is over`() async throws {
    let bench = try Bench()
    let bodies = Locked([String]())
    bench.mouth.status.withLock {
        $0 = { body in
            bodies.withLock { $0.append(body) }; return 200
        }
    }
    let dispatcher = try bench.dispatcher("alertmanager")
    #expect(await dispatcher.tick(now: start) == nil)
    try bench.open("shiptor", at: start)
    // Told by its message, and the next time a minute later.
    #expect(await dispatcher.tick(now: start) == start + .minutes(1))
    bodies.withLock { $0.removeAll() }
    #expect(await dispatcher.tick(now: start + .seconds(30)) == start + .minutes(1))
    #expect(bodies.withLock { $0 }.isEmpty)
    #expect(await dispatcher.tick(now: start + .minutes(1)) == start + .minutes(2))
    let again = try #require(bodies.withLock { $0 }.first)
    #expect(again.contains(#""startsAt":"2017-10-09T06:00:00Z""#) && !again.contains("endsAt"))
    // A restart tells at once.
    bodies.withLock { $0.removeAll() }
    let fresh = try bench.dispatcher("alertmanager")
    #expect(await fresh.tick(now: start + .minutes(1)) == start + .minutes(2))
    #expect(bodies.withLock { $0 } == [again])
    // Over: said at once by its message, repeated for a quarter of an hour, then never again.
    let closed = start + .minutes(3)
    try bench.close("shiptor", at: closed)
    bodies.withLock { $0.removeAll() }
    _ = await fresh.tick(now: closed)
    #expect(bodies.withLock { $0 }.allSatisfy { $0.contains(#""endsAt":"2017-10-09T06:03:00Z""#) })
    #expect(await fresh.tick(now: closed + .minutes(14)) == closed + .minutes(15))
    #expect(await fresh.tick(now: closed + .minutes(15)) == nil)
    bodies.withLock { $0.removeAll() }
    _ = await fresh.tick(now: closed + .minutes(60))
    #expect(bodies.withLock { $0 }.isEmpty)
}
