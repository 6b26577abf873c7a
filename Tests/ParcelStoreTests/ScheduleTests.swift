import ParcelCore
import Testing

@testable import ParcelStore

struct ScheduleTests {
    private let shop: ProviderID = "otcommerce"
    private let far = noon + .days(4000)

    private func item(_ key: String) -> ExternalID { ExternalID(.item, key) }

    private func wish(_ subject: ExternalID, _ plans: [AskPlan], hastened: Bool = false) -> AskWish {
        AskWish(provider: shop, subject: subject, plans: plans, isHastened: hastened)
    }

    /// `kind/key every@next` of everything stored, in hours from noon.
    private func asks(_ bench: Bench) throws -> [String] {
        try bench.store.dueAsks(shop, at: far, limit: 100).map { due in
            let every = due.scheduled.every.map { "\($0.milliseconds / 3_600_000)h" } ?? "once"
            return "\(due.scheduled.ask.kind)/\(due.scheduled.ask.key) \(every) "
                + "\((due.scheduled.nextAt - noon).milliseconds / 3_600_000)"
        }
    }

    private func commit(
        _ bench: Bench, _ wishes: [AskWish], outcomes: [AskOutcome] = [], at: Timestamp = noon
    ) throws {
        var decision = Decision.saving(Family(), at: at, provider: shop, wishes: wishes)
        decision.outcomes = outcomes
        try bench.store.commit(decision)
    }

    @Test func `what is wished is due at once, and keeps its time when it is wished again`() throws {
        let bench = try Bench()
        let plans = [AskPlan(Ask("order", key: "1"), every: .hours(2)), AskPlan(Ask("log", key: "1"), every: nil)]
        let subject = ExternalID(.order, "1")
        try commit(bench, [wish(subject, plans)])
        #expect(try asks(bench) == ["log/1 once 0", "order/1 2h 0"])
        try commit(bench, [], outcomes: [AskOutcome(ask: Ask("order", key: "1"), nextAt: noon + .hours(2), error: nil)])
        let changes = bench.totalChanges()
        try commit(bench, [wish(subject, plans)], at: noon + .hours(1))
        #expect(bench.totalChanges() == changes)
        #expect(try asks(bench) == ["log/1 once 0", "order/1 2h 2"])
        try commit(bench, [wish(subject, [])])
        #expect(try asks(bench) == [])
    }

    @Test func `news hastens what is asked again, not what is asked once`() throws {
        let bench = try Bench()
        let plans = [AskPlan(Ask("order", key: "1"), every: .hours(8)), AskPlan(Ask("log", key: "1"), every: nil)]
        let subject = ExternalID(.order, "1")
        try commit(bench, [wish(subject, plans)])
        try commit(
            bench, [],
            outcomes: ["order", "log"].map { AskOutcome(ask: Ask($0, key: "1"), nextAt: noon + .hours(8), error: nil) })
        #expect(try bench.store.nextAskAt(shop, listsOnly: false) == noon + .hours(8))
        try commit(bench, [wish(subject, plans, hastened: true)], at: noon + .hours(3))
        #expect(try bench.store.nextAskAt(shop, listsOnly: false) == noon + .hours(3))
        #expect(try bench.store.dueAsks(shop, at: far, limit: 9).map(\.scheduled.ask.kind) == ["order"])
    }

    @Test func `a shorter interval brings the next time nearer, a longer one does not`() throws {
        let bench = try Bench()
        let ask = Ask("order", key: "1")
        let subject = ExternalID(.order, "1")
        let outcome = { (hours: Int64) in AskOutcome(ask: ask, nextAt: noon + .hours(hours), error: nil) }
        try commit(bench, [wish(subject, [AskPlan(ask, every: .hours(72))])], outcomes: [outcome(72)])
        try commit(bench, [wish(subject, [AskPlan(ask, every: .hours(2))])])
        #expect(try asks(bench) == ["order/1 2h 2"])
        try commit(bench, [wish(subject, [AskPlan(ask, every: .hours(72))])])
        #expect(try asks(bench) == ["order/1 72h 2"])
        // The very answer that makes it live again was asked for in the long interval.
        try commit(bench, [wish(subject, [AskPlan(ask, every: .hours(10))])], outcomes: [outcome(72)])
        #expect(try asks(bench) == ["order/1 10h 11"])
    }

    @Test func `one ask that two things wish stays as long as either does`() throws {
        let bench = try Bench()
        let plan = AskPlan(Ask("order", key: "1"), every: .hours(1))
        try commit(bench, [wish(item("1/1"), [plan])])
        try commit(bench, [wish(item("1/1"), [plan]), wish(item("1/2"), [plan])])
        try commit(bench, [wish(item("1/1"), []), wish(item("1/2"), [plan])])
        #expect(try asks(bench) == ["order/1 1h 0"])
        try commit(bench, [wish(item("1/2"), [plan]), wish(item("1/1"), [])])
        #expect(try asks(bench) == ["order/1 1h 0"])
        try commit(bench, [wish(item("1/2"), []), wish(item("1/1"), [])])
        #expect(try asks(bench) == [])
    }

    @Test func `of two intervals for one ask the shorter counts`() throws {
        let bench = try Bench()
        let ask = Ask("order", key: "1")
        let wishes = [Duration.hours(9), nil, .hours(4)].enumerated().map {
            wish(item("\($0)"), [AskPlan(ask, every: $1)])
        }
        try commit(bench, wishes)
        #expect(try asks(bench) == ["order/1 4h 0"])
    }

    @Test func `a failure is counted and put off, a success clears it, an answer once is enough`() throws {
        let bench = try Bench()
        let (ask, log) = (Ask("order", key: "1"), Ask("log", key: "1"))
        try commit(
            bench, [wish(ExternalID(.order, "1"), [AskPlan(ask, every: .hours(1)), AskPlan(log, every: nil)])],
            outcomes: [ask, log].map { AskOutcome(ask: $0, nextAt: noon + .minutes(1), error: "timed out") })
        #expect(try bench.store.dueAsks(shop, at: noon, limit: 9).isEmpty)
        #expect(try bench.store.dueAsks(shop, at: noon + .minutes(1), limit: 9).map(\.scheduled.failures) == [1, 1])
        try commit(
            bench, [], outcomes: [ask, log].map { AskOutcome(ask: $0, nextAt: noon + .hours(1), error: nil) })
        #expect(try bench.store.dueAsks(shop, at: far, limit: 9).map(\.scheduled.failures) == [0])
        #expect(try bench.store.counts().nextAsk == [shop: noon + .hours(1)])
    }

    @Test func `lists come first, then the longest due, at most so many`() throws {
        let bench = try Bench()
        try bench.store.schedule(
            [AskPlan(Ask("orders"), every: .minutes(15)), AskPlan(Ask("items"), every: .hours(1))], of: shop,
            at: noon + .hours(3))
        for hours: Int64 in [2, 0, 1] {
            try commit(
                bench, [wish(item("\(hours)"), [AskPlan(Ask("one", key: "\(hours)"), every: .hours(1))])],
                at: noon + .hours(hours))
        }
        func kinds(limit: Int, at: Timestamp = noon + .hours(3)) throws -> [String] {
            try bench.store.dueAsks(shop, at: at, limit: limit).map { $0.scheduled.ask.kind + $0.scheduled.ask.key }
        }
        #expect(try kinds(limit: 9) == ["items", "orders", "one0", "one1", "one2"])
        #expect(try kinds(limit: 3) == ["items", "orders", "one0"])
        #expect(try kinds(limit: 1) == ["items"])
        #expect(try kinds(limit: 9, at: noon + .hours(1)) == ["one0", "one1"])
        #expect(try bench.store.dueAsks(shop, at: far, limit: 9).map { $0.subject?.key } == [nil, nil, "0", "1", "2"])
        #expect(try bench.store.nextAskAt(shop, listsOnly: true) == noon + .hours(3))
        #expect(try bench.store.nextAskAt(shop, listsOnly: false) == noon)
        #expect(try bench.store.nextAskAt("litemf", listsOnly: false) == nil)
        #expect(try bench.store.dueAsks("litemf", at: far, limit: 9).isEmpty)
    }

    @Test func `lists follow the configuration and survive a restart without a burst`() throws {
        let bench = try Bench()
        let orders = AskPlan(Ask("orders"), every: .hours(1))
        try bench.store.schedule([orders, AskPlan(Ask("items"), every: .hours(1))], of: shop, at: noon)
        try commit(bench, [], outcomes: [AskOutcome(ask: orders.ask, nextAt: noon + .hours(1), error: nil)])
        try bench.store.schedule([orders], of: shop, at: noon + .minutes(9))
        #expect(try asks(bench) == ["orders/ 1h 1"])
    }

    @Test func `first sight is told to what is asked about it for the first time`() throws {
        let bench = try Bench()
        var thing = Thing.make(-1, .order, "1").seen(by: shop, as: "1")
        thing.isFirstSight = true
        let plans = ["log", "packages"].map { AskPlan(Ask($0, key: "1"), every: .hours(1)) }
        try bench.store.commit(
            .saving(Family(things: [thing]), provider: shop, wishes: [wish(ExternalID(.order, "1"), plans)]))
        try commit(bench, [], outcomes: [AskOutcome(ask: Ask("log", key: "1"), nextAt: noon + .hours(1), error: nil)])
        let due = try bench.store.dueAsks(shop, at: far, limit: 9)
        #expect(due.map(\.scheduled.ask.kind) == ["packages", "log"])
        #expect(due.map(\.isFirstSight) == [true, false])
    }

    @Test func `a person's wish makes a thing's asks due, and the lists`() throws {
        let bench = try Bench()
        let things: [Thing] = ["1", "2"].enumerated().map {
            Thing.make(ThingID(-1 - $0), .order, $1).seen(by: shop, as: $1)
        }
        try bench.store.schedule([AskPlan(Ask("orders"), every: .hours(1))], of: shop, at: noon + .hours(1))
        let wishes = ["1", "2"].map { wish(ExternalID(.order, $0), [AskPlan(Ask("order", key: $0), every: .hours(1))]) }
        try bench.store.commit(.saving(Family(things: things), at: noon + .hours(1), provider: shop, wishes: wishes))
        let first = try #require(try bench.store.find("order:1").first?.id)
        #expect(try bench.store.hasten(shop, things: [first], at: noon) == 2)
        #expect(
            try bench.store.dueAsks(shop, at: noon, limit: 9).map(\.scheduled.ask) == [
                Ask("orders"), Ask("order", key: "1"),
            ])
    }

    @Test func `deadlines are found by thing, by order and by time`() throws {
        let bench = try Bench()
        var order = Thing.make(-1, .order, "1").seen(by: shop, as: "1")
        order.deadline = noon + .hours(5)
        var early = Thing.make(-2, .item, "1-1", order: -1).seen(by: shop, as: "1/1")
        early.deadline = noon + .hours(3)
        var late = Thing.make(-3, .item, "1-2", order: -1).seen(by: shop, as: "1/2")
        late.deadline = noon + .hours(7)
        var loose = Thing.make(-4, .parcel, "9").seen(by: "shiptor", as: "9")
        loose.ending = .delivered
        try bench.store.commit(.saving(Family(things: [order, early, late, loose])))
        #expect(try bench.store.deadline(shop, item("1/1")) == noon + .hours(3))
        #expect(try bench.store.deadline(shop, item("1/2")) == noon + .hours(5))
        #expect(try bench.store.deadline(shop, ExternalID(.order, "1")) == noon + .hours(5))
        #expect(try bench.store.deadline("shiptor", ExternalID(.parcel, "9")) == nil)
        #expect(try bench.store.nextDeadline(after: noon + .hours(3)) == noon + .hours(5))
        #expect(try bench.store.nextDeadline(after: noon + .hours(7)) == nil)
        #expect(try bench.store.unconfirmed(at: noon + .hours(6)).map(\.label) == ["1", "1-1"])
        #expect(try bench.store.unconfirmed(at: noon + .hours(6)).map(\.views.count) == [1, 1])
        #expect(try bench.store.watchedCounts() == [shop: 2])
    }

    @Test func `the ledger counts by the provider's day, never over its limit, and survives`() throws {
        let bench = try Bench()
        try bench.store.count(2, of: shop, day: 100, at: noon)
        var decision = Decision(at: noon + .hours(11), provider: shop)
        decision.requests = 3
        decision.day = 100
        try bench.store.commit(decision)
        #expect(try bench.store.reserve(shop, day: 101, limit: 2, at: noon + .hours(12)))
        #expect(try bench.store.reserve(shop, day: 101, limit: 2, at: noon + .hours(13)))
        #expect(try !bench.store.reserve(shop, day: 101, limit: 2, at: noon + .hours(14)))
        #expect(try bench.store.reserve(shop, day: 102, limit: nil, at: noon + .hours(36)))
        try bench.store.count(0, of: "litemf", day: 100, at: noon)
        #expect(try bench.store.spent(shop, day: 100) == Spent(requests: 5, lastAt: noon + .hours(11)))
        #expect(try bench.store.spent(shop, day: 101) == Spent(requests: 2, lastAt: noon + .hours(13)))
        #expect(try bench.store.spent("litemf", day: 100) == Spent(requests: 0, lastAt: nil))
        #expect(try bench.store.counts().requests == [shop: 8])
    }

    @Test func `what was asked for and never answered is left alone as long as after an answer`() throws {
        let bench = try Bench()
        let plans = ["1", "2", "3"].map { AskPlan(Ask("order", key: $0), every: .hours(2)) }
        for plan in plans { try commit(bench, [wish(ExternalID(.order, plan.ask.key), [plan])]) }
        let sent = noon + .hours(3)
        _ = try bench.store.reserve(shop, day: 1, limit: nil, asks: plans.prefix(2).map(\.ask), at: sent)
        try commit(bench, [], outcomes: [AskOutcome(ask: plans[1].ask, nextAt: sent + .hours(2), error: nil)], at: sent)
        let later = sent + .minutes(10)
        try bench.store.rest(shop, minimumInterval: .hours(1), at: later)
        // The first got no answer, the second did, the third was not asked for.
        #expect(try asks(bench) == ["order/3 2h 0", "order/1 2h 4", "order/2 2h 5"])
        let changes = bench.totalChanges()
        try bench.store.rest(shop, minimumInterval: .hours(1), at: later)
        try bench.store.rest("litemf", minimumInterval: .hours(9), at: later)
        #expect(bench.totalChanges() == changes)
        // By then it may be asked for again.
        try bench.store.rest(shop, minimumInterval: .hours(1), at: sent + .hours(1))
        #expect(bench.totalChanges() == changes)
    }

    @Test func `a provider's health is kept whole`() throws {
        let bench = try Bench()
        var health = ProviderHealth(provider: shop)
        health.firstPassAt = noon
        health.succeeded(at: noon + .hours(1))
        health.failed(.authentication(reason: "wrong key"), at: noon + .hours(2))
        var decision = Decision(at: noon)
        decision.health = [ProviderHealth(provider: "shiptor"), health]
        try bench.store.commit(decision)
        #expect(try bench.store.health() == [health, ProviderHealth(provider: "shiptor")])
        health.succeeded(at: noon + .hours(3))
        decision.health = [health]
        try bench.store.commit(decision)
        #expect(try bench.store.health() == [health, ProviderHealth(provider: "shiptor")])
    }

    @Test func `when the clock was set right nothing lies in the future`() throws {
        let bench = try Bench()
        let wrong = noon + .days(400)
        var thing = Thing.make(-1, .item, "1-1").seen(by: shop, as: "1/1") { view in
            view.seenAt = wrong
            view.confirmedAt = wrong
            view.since = Since(wrong, .seen)
        }
        thing.stageSince = Since(wrong, .seen)
        thing.deadline = wrong + .days(6)
        thing.events = [event(.status, 1)]
        thing.events[0].since = Since(wrong, .seen)
        try bench.store.commit(
            .saving(
                Family(things: [thing]), at: wrong, provider: shop,
                wishes: [
                    wish(
                        item("1/1"),
                        [AskPlan(Ask("one", key: "1"), every: .hours(1)), AskPlan(Ask("log", key: "1"), every: nil)])
                ]))
        try commit(bench, [], outcomes: [AskOutcome(ask: Ask("log", key: "1"), nextAt: wrong, error: nil)], at: wrong)
        var health = ProviderHealth(provider: shop)
        health.failed(.unreachable(reason: "down"), at: wrong)
        var decision = Decision(at: wrong)
        decision.health = [health]
        try bench.store.commit(decision)

        #expect(try bench.store.clampFuture(noon, longestInterval: .days(1)) > 0)
        let family = try bench.store.family(named: "1-1")
        let view = try #require(family.things.first?.views.first)
        #expect([view.seenAt, view.confirmedAt, view.since.at] == [noon, noon, noon])
        #expect(family.things.first.map { family.lastMovement(of: $0).at } == noon)
        #expect(family.things.first?.deadline == wrong + .days(6))
        #expect(try bench.store.health().first?.failingSince == noon)
        // What was asked once stays asked.
        #expect(try bench.store.dueAsks(shop, at: noon, limit: 9).map(\.scheduled.ask.kind) == ["one"])
        #expect(try bench.store.dueAsks(shop, at: wrong, limit: 9).count == 1)
        #expect(try bench.store.clampFuture(noon, longestInterval: .days(1)) == 0)
    }
}
