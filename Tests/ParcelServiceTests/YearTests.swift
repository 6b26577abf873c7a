import Foundation
import Logging
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

// A year of 500 things, told by one provider that is away now and then, and what should have been alerted by a reckoner
// that knows nothing of the product: it reads the calendars' files by itself, counts days one by one, and works by the
// definition alone (config/calendars/README.md).

private let minute: Int64 = 60_000
private let day: Int64 = 86_400_000
/// 1 January 2026, 00:00 UTC.
private let yearStart: Int64 = 1_767_225_600_000

// MARK: The world

/// One step of a thing's life, from an instant on. Undated: whoever looks sees only that it is so by now.
private struct Step {
    var at: Int64
    var code: String
    var meaning: StatusMeaning
    var hasNumber = false
}

/// A carrier's event: it happened, and was told later.
private struct LateEvent {
    var happened: Int64
    var told: Int64
}

private struct Life {
    var kind: ThingKind
    var label: String
    var steps: [Step] = []
    var events: [LateEvent] = []

    func step(at now: Int64) -> Step? { steps.last { $0.at <= now } }
    func events(at now: Int64) -> [LateEvent] { events.filter { $0.told <= now } }
}

private struct World {
    var lives: [Life] = []
    /// From, until: the provider answers 503.
    var outages: [Range<Int64>] = []

    init(seed: UInt64) {
        var seeds = Seeds(state: seed)
        for number in 0..<500 {
            lives.append(number < 350 ? Self.item(number, &seeds) : Self.parcel(number, &seeds))
        }
        var at = yearStart + 20 * day
        while at < yearStart + 340 * day {
            var end = at + Int64.random(in: 3 * 60...60 * 60, using: &seeds) * minute
            // It comes back on a day on which everybody works, so that nothing can open on a free day for its sake.
            while !(Reckoner.china.works(end) && Reckoner.russia.works(end) && Reckoner.both.works(end)) { end += day }
            outages.append(at..<end)
            at = end + Int64.random(in: 5...25, using: &seeds) * day
        }
    }

    /// Now and then long, mostly not.
    private static func pause(_ seeds: inout Seeds) -> Int64 {
        let days = Int.random(in: 0..<4, using: &seeds) == 0 ? 4.0...16.0 : 0.2...4.0
        return Int64(Double.random(in: days, using: &seeds) * Double(day))
    }

    private static func item(_ number: Int, _ seeds: inout Seeds) -> Life {
        var life = Life(kind: .item, label: "\(3000 + number)-1")
        var at = yearStart + Int64.random(in: day...300 * day, using: &seeds)
        let codes: [(String, StatusMeaning, Bool)] = [
            ("1", .at(.payment), false), ("2", .at(.purchase), false), ("4", .at(.trackAssignment), false),
            ("4", .at(.trackAssignment), true),
        ]
        let length = Int.random(in: 1...codes.count, using: &seeds)
        for (code, meaning, hasNumber) in codes.prefix(length) {
            life.steps.append(Step(at: at, code: code, meaning: meaning, hasNumber: hasNumber))
            at += pause(&seeds)
        }
        let isRefunded = Bool.random(using: &seeds)
        life.steps.append(
            Step(
                at: at, code: isRefunded ? "12" : "13", meaning: .finished(isRefunded ? .refunded : .cancelled),
                hasNumber: length == codes.count))
        return life
    }

    private static func parcel(_ number: Int, _ seeds: inout Seeds) -> Life {
        var life = Life(kind: .parcel, label: "\(number)")
        var at = yearStart + Int64.random(in: day...280 * day, using: &seeds)
        let codes: [(String, StatusMeaning)] = [
            ("new", .at(.handover)), ("sent", .at(.origin)), ("border", .at(.crossBorder)),
            ("russia", .at(.destination)), ("pickup", .at(.pickup)),
        ]
        for (code, meaning) in codes {
            life.steps.append(Step(at: at, code: code, meaning: meaning, hasNumber: code != "new"))
            let next = at + pause(&seeds) + pause(&seeds)
            if code != "new", code != "pickup" {
                for _ in 0..<Int.random(in: 0...2, using: &seeds) {
                    let happened = Int64.random(in: at..<next, using: &seeds) / minute * minute
                    let told = happened + Int64.random(in: 0...3 * day, using: &seeds)
                    life.events.append(LateEvent(happened: happened, told: told))
                }
            }
            at = next
        }
        life.steps.append(Step(at: at, code: "delivered", meaning: .finished(.delivered), hasNumber: true))
        return life
    }

    func isAway(_ now: Int64) -> Bool { outages.contains { $0.contains(now) } }

    func snapshots(at now: Int64) -> [Snapshot] {
        lives.compactMap { life in
            guard let step = life.step(at: now) else { return nil }
            var snapshot = Snapshot(
                id: ExternalID(life.kind, life.label),
                status: ReportedStatus(code: step.code, text: step.code, progress: step.meaning))
            snapshot.label = life.label
            if step.hasNumber, let number = TrackNumber("T\(life.label)X") {
                snapshot.numbers = [RoledNumber(life.kind == .item ? .domestic : .forwarder, number)]
            }
            if life.kind == .parcel {
                snapshot.checkpoints = life.events(at: now).sorted { $0.happened < $1.happened }.map {
                    Checkpoint(
                        time: .instant(Timestamp(milliseconds: $0.happened), text: "\($0.happened)"), code: "e",
                        text: "\($0.happened)")
                }
            }
            return snapshot
        }
    }
}

/// The shop: one list of everything.
private struct Shop: Provider {
    let id: ProviderID = "otcommerce"
    let manners = Manners(requestsPerSecond: 1000, parallel: 1)
    let world: World
    /// Instants of the answers that it gave.
    let told = Locked([Int64]())
    let refused = Locked([Int64]())
    var zoneName: String? { nil }
    var lists: [AskPlan] { [AskPlan(Ask("things"), every: .hours(12))] }

    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }
    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        Talk(shop: self, now: opening.now.milliseconds)
    }

    private struct Talk: Conversation {
        let shop: Shop
        let now: Int64

        mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
            guard let answer else { return .send(HTTPRequest(.get, "things", label: "shop")) }
            guard answer.status == 200 else {
                shop.refused.withLock { $0.append(now) }
                throw .unreachable(reason: "status \(answer.status)")
            }
            shop.told.withLock { $0.append(now) }
            var report = Report()
            report.snapshots = shop.world.snapshots(at: now)
            report.complete = [.all(.item, filtered: false), .all(.parcel, filtered: false)]
            return .done(report)
        }
    }
}

// MARK: The reckoner

private struct Reckoner {
    /// Days since 1970 that differ from Monday to Friday, of each country, and how far its clock is ahead of UTC.
    private var exceptions: [[Int64: Bool]]
    private var ahead: Int64

    static let china = Reckoner(["cn"], ahead: 8)
    static let russia = Reckoner(["ru"], ahead: 3)
    static let both = Reckoner(["cn", "ru"], ahead: 3)

    init(_ names: [String], ahead hours: Int64) {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("config/calendars")
        exceptions = names.map { name in
            let text = (try? String(contentsOf: folder.appendingPathComponent("\(name).csv"), encoding: .utf8)) ?? ""
            var found: [Int64: Bool] = [:]
            for line in text.split(separator: "\n") where line.hasPrefix("2026-") {
                let fields = line.split(separator: ",")
                let parts = fields[0].split(separator: "-").compactMap { Int64($0) }
                let days: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
                let before = days.prefix(Int(parts[1]) - 1).reduce(0, +)
                found[yearStart / day + before + parts[2] - 1] = fields[1] == "work"
            }
            return found
        }
        ahead = hours * 60 * minute
    }

    private func date(_ at: Int64) -> Int64 { (at + ahead) / day }

    private func isWorking(_ date: Int64) -> Bool {
        // 1 January 1970 was a Thursday.
        let isWeekday = (date + 3) % 7 < 5
        return exceptions.allSatisfy { $0[date] ?? isWeekday }
    }

    func works(_ at: Int64) -> Bool { isWorking(date(at)) }

    func workingDays(after start: Int64, through end: Int64) -> Int {
        guard date(end) > date(start) else { return 0 }
        return ((date(start) + 1)...date(end)).count(where: isWorking)
    }
}

/// `3001-1 opened warning` at an instant.
private struct Told: Hashable, Comparable, CustomStringConvertible {
    var at: Int64
    var text: String
    var description: String { "\(Timestamp(milliseconds: at).iso8601) \(text)" }
    static func < (left: Told, right: Told) -> Bool { (left.at, left.text) < (right.at, right.text) }
}

private func rule(of stage: Stage) -> (reckoner: Reckoner, warning: Int, critical: Int) {
    switch stage {
    case .payment: (.russia, 2, 4)
    case .trackAssignment: (.china, 2, 4)
    case .crossBorder: (.both, 7, 12)
    case .destination, .pickup: (.russia, 4, 5)
    default: (.china, 4, 5)
    }
}

/// What the definition says of one thing, from what it could be seen to be at each look.
private func expected(_ life: Life, looks: [Int64]) -> [Told] {
    var told: [Told] = []
    var seen: (stage: String, since: Int64)?
    var level = 0
    for look in looks {
        guard let step = life.step(at: look) else { continue }
        if case .finished(let ending) = step.meaning {
            if level > 0 { told.append(Told(at: look, text: "\(life.label) closed \(level)")) }
            if ending == .refunded { told.append(Told(at: look, text: "\(life.label) refund")) }
            break
        }
        guard case .at(let stated) = step.meaning else { continue }
        let stage = stated == .trackAssignment && step.hasNumber ? Stage.inbound : stated
        if seen?.stage != stage.rawValue {
            if level > 0 { told.append(Told(at: look, text: "\(life.label) closed \(level)")) }
            (seen, level) = ((stage.rawValue, look), 0)
        }
        let since = life.events(at: look).map(\.happened).reduce(seen?.since ?? look, max)
        if since > seen?.since ?? look {
            if level > 0 { told.append(Told(at: look, text: "\(life.label) closed \(level)")) }
            (seen, level) = ((stage.rawValue, since), 0)
        }
        let (reckoner, warning, critical) = rule(of: stage)
        let days = reckoner.workingDays(after: since, through: look)
        let reached = days >= critical ? 2 : days >= warning ? 1 : 0
        if reached > level {
            told.append(Told(at: look, text: "\(life.label) \(level == 0 ? "opened" : "escalated") \(reached)"))
            level = reached
        }
    }
    return told
}

// MARK: The year

private struct Year {
    var told: [Told] = []
    /// Stage and instant of each opening and escalation of a silence.
    var openings: [(stage: Stage, at: Int64)] = []
    var downs = 0
    var unchecked = 0
}

private func live(_ shop: Shop) async throws -> Year {
    let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-year-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try Store.open(folder.appending(path: "x.sqlite").path, .daemon)
    let clock = HandClock(Timestamp(milliseconds: yearStart))
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var zones: [String: Zone] = [:]
    for name in ["Asia/Shanghai", "Europe/Moscow"] { zones[name] = try readZone(name, in: "/usr/share/zoneinfo") }
    let (known, world) = (zones, shop.world)
    let rules = try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: known))
    let around = Surroundings(
        mirror: Mirror(store, log: log), rules: rules, recipients: [], clock: clock, watch: ClockWatch(),
        zones: { known[$0] },
        send: { _ in
            .success(HTTPResponse(status: world.isAway(clock.now().milliseconds) ? 503 : 200, body: []))
        }, log: log)
    let poller = Poller(shop, around, routing: Routing(providers: []))
    let evaluator = Evaluator(
        around, providers: [shop.id], routing: Routing(providers: []), downAfter: .hours(1), calendars: [])
    let end = Timestamp(milliseconds: yearStart + 365 * day)
    while clock.now() < end {
        let now = clock.now()
        let polled = await poller.tick(now: now) ?? end
        let evaluated = await evaluator.tick(now: now) ?? end
        clock.set(max(min(polled, evaluated, end), now + .seconds(1)))
    }
    return try year(of: store, end)
}

private func year(of store: Store, _ end: Timestamp) throws -> Year {
    var year = Year()
    let alerts = try store.alerts(at: end, includingClosed: true)
    let byID = Dictionary(uniqueKeysWithValues: alerts.map { ($0.rowID ?? 0, $0) })
    for change in try store.changes(of: alerts.compactMap(\.rowID)) {
        guard let alert = byID[change.alert] else { continue }
        let (at, level) = (change.at.milliseconds, change.level == .critical ? 2 : 1)
        switch (alert.kind, change.change) {
        case (.providerDown, .opened): year.downs += 1
        case (.cannotBeChecked, .opened): year.unchecked += 1
        case (.refund, .opened): year.told.append(Told(at: at, text: "\(change.facts.label) refund"))
        case (_, .reminded): break
        case (.stall, let step):
            year.told.append(Told(at: at, text: "\(change.facts.label) \(step.rawValue) \(level)"))
            if step == .opened || step == .escalated, let stage = change.facts.stage {
                year.openings.append((stage, at))
            }
        case (let kind, let step) where !kind.isAboutService:
            year.told.append(Told(at: at, text: "\(change.facts.label) \(kind.rawValue) \(step.rawValue)"))
        default: break
        }
    }
    return year
}

@Test(arguments: [2026, 1907] as [UInt64])
func `a year of 500 things: nothing on a free day, nothing missed, nothing invented, nothing twice`(
    seed: UInt64
) async throws {
    let shop = Shop(world: World(seed: seed))
    let year = try await live(shop)
    let looks = shop.told.withLock { $0 }
    let wanted = shop.world.lives.flatMap { expected($0, looks: looks) }.sorted()
    let found = year.told.sorted()
    // The world holds what it is meant to: hundreds of silences, and outages of days.
    #expect(wanted.filter { $0.text.contains("opened") }.count > 200)
    #expect(wanted.filter { $0.text.contains("escalated") }.count > 100)
    #expect(wanted.filter { $0.text.contains("refund") }.count > 50)
    #expect(shop.world.outages.count > 10)
    #expect(wanted.filter { !Set(found).contains($0) }.prefix(5) == [], "missed")
    #expect(found.filter { !Set(wanted).contains($0) }.prefix(5) == [], "invented")
    #expect(Set(found).count == found.count, "repeated")
    #expect(year.openings.filter { !rule(of: $0.stage).reckoner.works($0.at) }.isEmpty)
    #expect(year.downs == noticedOutages(shop))
    #expect(year.unchecked == 0)
}

/// Outages in which it was asked twice, an hour apart at least from the first time to the first good answer.
private func noticedOutages(_ shop: Shop) -> Int {
    let (told, refused) = (shop.told.withLock { $0 }, shop.refused.withLock { $0 })
    return shop.world.outages.count { outage in
        let failures = refused.filter(outage.contains)
        guard failures.count > 1, let first = failures.first, let good = told.first(where: { $0 > first }) else {
            return false
        }
        return good - first >= 60 * minute
    }
}
