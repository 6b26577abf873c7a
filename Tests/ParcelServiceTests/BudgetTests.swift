import Foundation
import GRDB
import Logging
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

/// A tracker with the manners that a test gives it. It answers everything as "nothing new".
struct Tracker: Provider {
    let id: ProviderID = "tracker"
    var manners: Manners
    var batch = 1
    var zoneName: String? { nil }
    var lists: [AskPlan] { [] }

    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }
    func batchSize(of kind: String) -> Int { batch }
    func ask(following number: FollowedNumber) -> Ask? { Ask("track", key: number.number.description) }
    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation { converse(batch: [ask], opening) }
    func converse(batch: [Ask], _ opening: Opening) -> any Conversation { Talk(asks: batch) }

    private struct Talk: Conversation {
        let asks: [Ask]

        mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
            guard let answer else {
                return .send(HTTPRequest(.get, asks.map(\.key).joined(separator: ","), label: "tracker"))
            }
            switch answer.status {
            case 200: break
            case 401: throw .authentication(reason: "wrong key")
            case 403: throw .blocked(reason: "a block page")
            case 404: throw .malformed(field: "events[0].time")
            case 429: throw .quotaSpent(reason: "the provider says so")
            default: throw .unreachable(reason: "status \(answer.status)")
            }
            var report = Report()
            let moved = CodeMeaning(.at(.originTransit))
            report.snapshots = asks.compactMap { TrackNumber($0.key) }.map { number in
                Snapshot(
                    number: number, code: "2", text: "moving", summary: moved,
                    checkpoints: [
                        Checkpoint(
                            time: .instant(Timestamp(seconds: 1_772_000_000), text: "t"), code: "2", text: "moving",
                            country: "CN", meaning: moved)
                    ])
            }
            return .done(report)
        }
    }
}

/// A mirror, a clock moved by hand and a tracker that counts what it is asked.
final class Desk {
    let store: Store
    let clock: HandClock
    let around: Surroundings
    let routing: Routing
    let folder: URL
    let tracker: Tracker
    let sent = Locked([(at: Timestamp, numbers: [String])]())
    let status = Locked(200)
    let onSend = Locked<@Sendable () -> Void>({})
    private(set) var poller: Poller

    init(
        _ tracker: Tracker, start: String = "2026-03-02T00:00:00+03:00",
        log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws {
        self.tracker = tracker
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-budget-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
        clock = HandClock(try #require(ISO8601(start).instant))
        var zones: [String: Zone] = [:]
        for name in ["Asia/Shanghai", "Europe/Moscow"] { zones[name] = try readZone(name, in: "/usr/share/zoneinfo") }
        let (known, clock, sent, status, onSend) = (zones, clock, sent, status, onSend)
        let rules = try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: known))
        around = Surroundings(
            mirror: Mirror(store, log: log), rules: rules, recipients: [], clock: clock, watch: ClockWatch(),
            zones: { known[$0] },
            send: { request in
                sent.withLock { $0.append((clock.now(), request.url.split(separator: ",").map(String.init))) }
                onSend.withLock { $0 }()
                return .success(HTTPResponse(status: status.withLock { $0 }, body: []))
            }, log: log)
        routing = Routing(providers: [tracker])
        poller = Poller(tracker, around, routing: routing)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// As after a kill: nothing but the database is left.
    func restart() { poller = Poller(tracker, around, routing: routing) }

    func add(_ count: Int, from first: Int = 0) throws {
        let (around, routing, now) = (around, routing, clock.now())
        let wishes = (first..<first + count).compactMap { TrackNumber("RB\(100_000_000 + $0)CN") }
            .map { UserWish.add($0, item: nil, note: nil) }
        try store.record(wishes, around.rules, at: now) { decision, known in
            around.decide(decision.before, after: decision.after, known: known, routing, at: now)
        }
    }

    /// Ticks whenever the poller wants to, until then.
    func run(until end: Timestamp, restartEvery: Int = .max) async {
        var ticks = 0
        while clock.now() < end {
            let now = clock.now()
            let next = await poller.tick(now: now)
            ticks += 1
            if ticks % restartEvery == 0 { restart() }
            clock.set(min(end, max(next ?? end, max(clock.now(), now + .seconds(1)))))
        }
    }

    func asked(on zone: Zone) -> [Int: Int] {
        sent.withLock { all in
            Dictionary(grouping: all) { zone.date(of: $0.at).ordinal }.mapValues(\.count)
        }
    }
}

private let moscow = "Europe/Moscow"

/// SplitMix64: the same numbers every time.
struct Seeds: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct BudgetTests {
    @Test(arguments: [(300, 100, 1, 1), (900, 40, 10, 7), (2000, 25, 40, 3)])
    func `with more due than the day allows nearly all of it is spent and never one more`(
        numbers: Int, perDay: Int, batch: Int, restartEvery: Int
    ) async throws {
        let manners = Manners(requestsPerSecond: 2, parallel: 1, requestsPerDay: perDay, dayZone: moscow)
        let desk = try Desk(Tracker(manners: manners, batch: batch))
        try desk.add(numbers)
        await desk.run(until: desk.clock.now() + .days(5), restartEvery: restartEvery)
        let days = desk.asked(on: try readZone(moscow, in: "/usr/share/zoneinfo"))
        #expect(days.count == 5)
        for (_, spent) in days {
            #expect(spent <= perDay)
            #expect(Double(spent) >= 0.99 * Double(perDay))
        }
    }

    @Test(arguments: 1...6) func `whatever comes when, no day holds more than may be and nobody is forgotten`(
        seed: Int
    ) async throws {
        var random = Seeds(state: UInt64(seed))
        let perDay = Int.random(in: 20...60, using: &random)
        let batch = [1, 1, 5, 40].randomElement(using: &random) ?? 1
        let zone = [moscow, "Asia/Shanghai"].randomElement(using: &random) ?? moscow
        let manners = Manners(requestsPerSecond: 3, parallel: 1, requestsPerDay: perDay, dayZone: zone)
        let desk = try Desk(Tracker(manners: manners, batch: batch))
        var count = 0
        let start = desk.clock.now()
        for _ in 1...4 {
            // As many as a day's requests can serve once, and no more.
            let more = Int.random(in: 0...(perDay * batch / 4), using: &random)
            try desk.add(more, from: count)
            count += more
            await desk.run(
                until: desk.clock.now() + .hours(Int64.random(in: 5...40, using: &random)),
                restartEvery: Int.random(in: 1...9, using: &random))
        }
        await desk.run(until: desk.clock.now() + .days(3), restartEvery: 5)
        for (_, spent) in desk.asked(on: try readZone(zone, in: "/usr/share/zoneinfo")) { #expect(spent <= perDay) }
        var last: [String: Timestamp] = [:]
        for (at, numbers) in desk.sent.withLock({ $0 }) {
            for number in numbers {
                if let before = last[number] { #expect(at - before <= .hours(26), "\(number)") }
                last[number] = at
            }
        }
        #expect(last.count == count)
        let end = desk.clock.now()
        for (number, at) in last { #expect(end - at <= .hours(26), "\(number) since \(at - start)") }
    }

    @Test func `no second holds more requests than may be, over restarts too`() async throws {
        let manners = Manners(requestsPerSecond: 3, parallel: 1, dayZone: moscow)
        let desk = try Desk(Tracker(manners: manners))
        try desk.add(200)
        let start = desk.clock.now()
        await desk.run(until: start + .hours(12), restartEvery: 1)
        let times = desk.sent.withLock { $0.map(\.at.milliseconds) }.sorted()
        for index in times.indices where index >= 3 { #expect(times[index] - times[index - 3] >= 1000) }
        #expect(times.count >= 200)
    }

    @Test func `whoever the budget can serve is never left longer than the longest interval`() async throws {
        // 6 h are wished for each, and a day at most: 90 numbers need 90 requests of 100.
        let manners = Manners(requestsPerSecond: 5, parallel: 1, requestsPerDay: 100, dayZone: moscow)
        let desk = try Desk(Tracker(manners: manners))
        try desk.add(60)
        await desk.run(until: desk.clock.now() + .days(2))
        try desk.add(30, from: 60)
        let begin = desk.clock.now()
        await desk.run(until: begin + .days(9))
        var last: [String: Timestamp] = [:]
        for (at, numbers) in desk.sent.withLock({ $0 }) {
            for number in numbers {
                if let before = last[number] { #expect(at - before <= .hours(25), "\(number)") }
                last[number] = at
            }
        }
        #expect(last.count == 90)
    }

    @Test func `a number is left alone for its minimum, over kills and a person's hurry`() async throws {
        let least = Duration.minutes(45)
        let manners = Manners(requestsPerSecond: 1, parallel: 1, dayZone: moscow, minimumInterval: least)
        let desk = try Desk(Tracker(manners: manners))
        try desk.add(80)
        let ids = try desk.store.things([.trackNumber])
        let start = desk.clock.now()
        for step in 1...40 {
            _ = try desk.store.hasten("tracker", things: ids, at: desk.clock.now(), minimumInterval: least)
            await desk.run(until: start + .minutes(Int64(step) * 7), restartEvery: 2)
        }
        var last: [String: Timestamp] = [:]
        for (at, numbers) in desk.sent.withLock({ $0 }) {
            for number in numbers {
                if let before = last[number] { #expect(at - before >= least, "\(number)") }
                last[number] = at
            }
        }
        // 280 minutes hold six times the minimum, less what the pace takes.
        #expect(desk.sent.withLock { $0.count } >= 80 * 5)
    }

    @Test func `after a kill between a request and its answer the same is not asked again at once`() async throws {
        let least = Duration.minutes(45)
        let desk = try Desk(Tracker(manners: Manners(requestsPerSecond: 5, parallel: 1, minimumInterval: least)))
        try desk.add(3)
        let now = desk.clock.now()
        let asked = Ask("track", key: "RB100000001CN")
        #expect(try desk.store.reserve("tracker", day: 0, limit: nil, asks: [asked], at: now))
        desk.clock.set(now + .minutes(1))
        desk.restart()
        let next = await desk.poller.tick(now: desk.clock.now())
        #expect(desk.sent.withLock { $0.flatMap(\.numbers).sorted() } == ["RB100000000CN", "RB100000002CN"])
        #expect(next == now + least)
        desk.clock.set(now + least)
        _ = await desk.poller.tick(now: desk.clock.now())
        #expect(desk.sent.withLock { $0.last?.numbers } == ["RB100000001CN"])
    }

    @Test func `nor is it in a running daemon that could not use the answer`() async throws {
        let least = Duration.minutes(45)
        let desk = try Desk(Tracker(manners: Manners(requestsPerSecond: 5, parallel: 1, minimumInterval: least)))
        try desk.add(1)
        let now = desk.clock.now()
        let poller = desk.poller
        // Cancelled while it asks, as when the service stops: what came is dropped.
        let (begin, begins) = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in begin { _ = await poller.tick(now: now) }
        }
        desk.onSend.withLock { $0 = { task.cancel() } }
        begins.yield()
        begins.finish()
        await task.value
        #expect(desk.sent.withLock { $0.count } == 1)
        desk.onSend.withLock { $0 = {} }
        desk.clock.set(now + .minutes(1))
        #expect(await poller.tick(now: desk.clock.now()) == now + least)
        #expect(desk.sent.withLock { $0.count } == 1)
    }

    @Test func `whose threshold has passed is asked first`() async throws {
        let manners = Manners(requestsPerSecond: 5, parallel: 1, requestsPerDay: 10, dayZone: moscow)
        let desk = try Desk(Tracker(manners: manners))
        try desk.add(40)
        await desk.run(until: desk.clock.now() + .days(1))
        let urgent = "RB100000033CN"
        // Others passed theirs hours later.
        let passed = desk.clock.now() - .hours(20)
        try desk.store.writing { db in
            try db.execute(
                sql: "UPDATE asks SET deadline_at = ?, next_at = ? WHERE key = ?",
                arguments: [passed.milliseconds, passed.milliseconds, urgent])
        }
        desk.sent.withLock { $0 = [] }
        _ = await desk.poller.tick(now: desk.clock.now())
        let sent = desk.sent.withLock { $0.map { $0.numbers.joined(separator: "+") } }
        #expect(sent.first == urgent, "\(sent)")
    }
}

@Suite struct BreakerTests {
    @Test(arguments: [(500, 60), (403, 6 * 3600), (401, 24 * 3600)])
    func `a word about the provider as a whole stops it, and one request probes it`(
        status: Int, longest: Int
    ) async throws {
        let desk = try Desk(Tracker(manners: Manners(requestsPerSecond: 100, parallel: 1)))
        try desk.add(20)
        desk.status.withLock { $0 = status }
        let start = desk.clock.now()
        let next = try #require(await desk.poller.tick(now: start))
        #expect(desk.sent.withLock { $0.count } == 1)
        #expect(next > start && next - start <= .seconds(Int64(longest)))
        let health = try #require(try desk.store.health().first { $0.provider == "tracker" })
        #expect(health.failingSince == start && health.probeAt == next)
        // Before that instant nothing is asked, afterwards one request; when it is answered all others follow.
        desk.clock.set(next - .seconds(1))
        _ = await desk.poller.tick(now: desk.clock.now())
        #expect(desk.sent.withLock { $0.count } == 1)
        desk.clock.set(next)
        _ = await desk.poller.tick(now: next)
        #expect(desk.sent.withLock { $0.count } == 2)
        desk.status.withLock { $0 = 200 }
        let later = next + .days(2)
        desk.clock.set(later)
        _ = await desk.poller.tick(now: later)
        #expect(desk.sent.withLock { $0.count } == 22)
        #expect(try desk.store.health().first { $0.provider == "tracker" }?.failingSince == nil)
    }

    @Test func `errors about single numbers never stop the provider`() async throws {
        let desk = try Desk(Tracker(manners: Manners(requestsPerSecond: 100, parallel: 1)))
        try desk.add(20)
        desk.status.withLock { $0 = 404 }
        _ = await desk.poller.tick(now: desk.clock.now())
        #expect(desk.sent.withLock { $0.count } == 20)
        let health = try desk.store.health().first { $0.provider == "tracker" }
        #expect(health?.failingSince == nil && health?.probeAt == nil)
    }

    @Test func `a day that the provider calls spent ends at its midnight, and it is not down`() async throws {
        let manners = Manners(requestsPerSecond: 100, parallel: 1, dayZone: moscow)
        let desk = try Desk(Tracker(manners: manners), start: "2026-03-02T20:00:00+03:00")
        try desk.add(5)
        desk.status.withLock { $0 = 429 }
        let next = await desk.poller.tick(now: desk.clock.now())
        let midnight = try #require(ISO8601("2026-03-03T00:00:00+03:00").instant)
        #expect(next == midnight)
        let health = try #require(try desk.store.health().first { $0.provider == "tracker" })
        #expect(health.isSpent && health.failingSince == nil)
        #expect(desk.sent.withLock { $0.count } == 1)
    }

    @Test func `a person's word opens a stopped provider at once, and a start tries it once`() async throws {
        let desk = try Desk(Tracker(manners: Manners(requestsPerSecond: 100, parallel: 1)))
        try desk.add(3)
        desk.status.withLock { $0 = 401 }
        _ = await desk.poller.tick(now: desk.clock.now())
        desk.clock.set(desk.clock.now() + .minutes(5))
        desk.restart()
        _ = await desk.poller.tick(now: desk.clock.now())
        #expect(desk.sent.withLock { $0.count } == 2)
        desk.status.withLock { $0 = 200 }
        try await desk.poller.resume(with: desk.tracker)
        desk.clock.set(desk.clock.now() + .minutes(5))
        _ = await desk.poller.tick(now: desk.clock.now())
        #expect(try desk.store.health().first { $0.provider == "tracker" }?.authFailedAt == nil)
        #expect(desk.sent.withLock { $0.count } >= 3)
    }
}
