import ParcelCore
import Testing

private func failing(_ provider: ProviderID, since: String, _ error: PollError = .unreachable(reason: "status 502"))
    throws -> ProviderHealth
{
    var health = ProviderHealth(provider: provider)
    health.failed(error, at: try shanghai(since))
    health.failed(error, at: try shanghai(since) + .minutes(1))
    return health
}

@Test func `a provider is down once after an hour, however many things wait, and back once`() throws {
    var state = ServiceState()
    state.health = [try failing("otcommerce", since: "2017-08-20 18:00")]
    state.watched = ["otcommerce": 500]
    state.unchecked = [
        UncheckedGroup(provider: "otcommerce", reason: "not_reached", labels: (1...500).map { "1-\($0)" })
    ]
    #expect(
        serviceTransitions(state, known: [], downAfter: .hours(1), at: try shanghai("2017-08-20 18:59")).map(
            \.alert.kind) == [.cannotBeChecked])
    let opened = serviceTransitions(state, known: [], downAfter: .hours(1), at: try shanghai("2017-08-20 19:00"))
    #expect(
        opened.map { "\($0.change.rawValue) \($0.alert.kind.rawValue) \($0.alert.facts.count ?? 0)" } == [
            "opened provider_down 500"
        ])
    // The same state again says nothing.
    #expect(
        serviceTransitions(
            state, known: opened.map(\.alert), downAfter: .hours(1), at: try shanghai("2017-08-21 19:00")
        ).isEmpty)
    state.health[0].succeeded(at: try shanghai("2017-08-22 18:00"))
    state.unchecked = []
    let closed = serviceTransitions(
        state, known: opened.map(\.alert), downAfter: .hours(1), at: try shanghai("2017-08-22 18:00"))
    #expect(closed.map { "\($0.change.rawValue) \($0.alert.kind.rawValue)" } == ["closed provider_down"])
}

@Test func `a wrong key is told at once and by its own name`() throws {
    var state = ServiceState()
    state.health = [try failing("shiptor", since: "2017-08-20 18:00", .authentication(reason: "Not authorized"))]
    let changes = serviceTransitions(state, known: [], downAfter: .hours(1), at: try shanghai("2017-08-20 18:00"))
    #expect(changes.map(\.alert.kind) == [.authentication])
}

@Test func `what cannot be checked is one alert per provider and reason`() throws {
    var state = ServiceState()
    state.unchecked = [
        UncheckedGroup(provider: "shiptor", reason: "unreadable", labels: ["519", "520"]),
        UncheckedGroup(provider: "litemf", reason: "missing", labels: ["1-1"]),
    ]
    let changes = serviceTransitions(state, known: [], downAfter: .hours(1), at: try shanghai("2017-08-20"))
    #expect(changes.map { "\($0.alert.facts.provider!) \($0.alert.facts.count!)" } == ["shiptor 2", "litemf 1"])
}

@Test func `the clock is judged by time since boot and by the providers' dates`() throws {
    let noon = try shanghai("2026-11-02 12:00")
    var watch = ClockGuard()
    func believes(_ wall: Duration, boot: Duration) -> Bool { watch.observe(now: noon + wall, sinceBoot: boot) }
    func hears(_ date: Duration, _ wall: Duration, boot: Duration, from provider: ProviderID = "shiptor") -> Bool {
        watch.observe(providerDate: noon + date, from: provider, now: noon + wall, sinceBoot: boot)
    }
    #expect(believes(.zero, boot: .hours(100)))
    #expect(believes(.hours(5), boot: .hours(105)))
    // A day ahead while the machine ran a minute.
    #expect(!believes(.hours(29), boot: .hours(105) + .minutes(1)))
    // A provider disagrees with the wall clock: still not believed. Set right again: it is.
    #expect(!hears(.hours(5), .hours(29), boot: .hours(105)))
    #expect(!believes(.hours(5), boot: .hours(105)))
    #expect(hears(.hours(5), .hours(5), boot: .hours(105)))
    #expect(believes(.hours(6), boot: .hours(106)))
}

@Test func `one provider with a wrong clock stops nobody once another one agrees with the host`() throws {
    let noon = try shanghai("2026-11-02 12:00")
    var watch = ClockGuard()
    func hears(_ date: Duration, from provider: ProviderID) -> Bool {
        watch.observe(providerDate: noon + date, from: provider, now: noon, sinceBoot: .hours(1))
    }
    #expect(hears(.hours(-3), from: "litemf") == false)
    #expect(hears(.zero, from: "shiptor"))
    #expect(hears(.hours(-3), from: "litemf"))
}

@Test func `a refused key is reminded of on every working day and on no other`() throws {
    let world = try RuleWorld()
    var state = ServiceState()
    // Friday, 30 October 2026; 4 November is a holiday in Russia.
    state.health = [try failing("17track", since: "2026-10-30 18:00", .authentication(reason: "wrong key"))]
    var open: [Alert] = []
    var told: [String] = []
    for day in ["10-30", "10-31", "11-01", "11-02", "11-03", "11-04", "11-05"] {
        for hour in ["18:30", "19:30"] {
            let now = try shanghai("2026-\(day) \(hour)")
            let changes = serviceTransitions(
                state, known: open, downAfter: .hours(1), world.rules, at: now)
            for change in changes {
                told.append("\(day) \(change.change.rawValue)")
                open = [change.alert]
                open[0].rowID = 1
            }
        }
    }
    #expect(told == ["10-30 opened", "11-02 reminded", "11-03 reminded", "11-05 reminded"])
    state.health[0].succeeded(at: try shanghai("2026-11-05 20:00"))
    let closed = serviceTransitions(
        state, known: open, downAfter: .hours(1), world.rules, at: try shanghai("2026-11-05 20:00"))
    #expect(closed.map(\.change) == [.closed])
}

/// What is open, what is so by now, and why the alert that is over ended.
struct ServiceEndTests {
    static let ends: [(open: AlertKind, now: String, cause: Cause)] = [
        (.providerDown, "well", .recovered),
        // It answers, and does not let us in: whoever reads "answers again" would think that all is well.
        (.providerDown, "refuses", .superseded),
        (.providerDown, "gone", .recomputed),
        // It fails on, for too short a time by other settings.
        (.providerDown, "brief", .recomputed),
        (.authentication, "well", .recovered), (.authentication, "gone", .recomputed),
        (.cannotBeChecked, "well", .recovered),
        // What could not be checked still cannot, and other alerts say so.
        (.cannotBeChecked, "down", .superseded), (.cannotBeChecked, "refuses", .superseded),
        (.cannotBeChecked, "missing", .superseded), (.cannotBeChecked, "elsewhere", .superseded),
        (.channelRefused, "well", .recovered), (.channelRefused, "gone", .recomputed),
        (.coverageEnds, "well", .recovered), (.coverageEnds, "soon", .superseded), (.coverageEnds, "gone", .recomputed),
        (.clock, "well", .recovered), (.templateBroken, "well", .recovered), (.database, "well", .recovered),
    ]

    private func state(_ name: String, at now: Timestamp) throws -> ServiceState {
        var state = ServiceState()
        if name != "gone" {
            (state.channels, state.calendars) = (["telegram"], ["cn"])
            state.health = [ProviderHealth(provider: "litemf")]
        }
        switch name {
        case "refuses": state.health[0].failed(.authentication(reason: "wrong key"), at: now)
        case "down": state.health = [try failing("litemf", since: "2026-11-02 08:00")]
        case "brief": state.health[0].failed(.unreachable(reason: "status 502"), at: now - .minutes(5))
        case "missing":
            state.unchecked = [UncheckedGroup(provider: "litemf", reason: "missing", labels: ["1907-2"])]
        case "elsewhere":
            state.unchecked = [UncheckedGroup(provider: "shiptor", reason: "unreadable", labels: ["1907-1"])]
        case "soon": state.endingCalendars = [("cn", LocalDate(ordinal: 20_700))]
        default: break
        }
        return state
    }

    @Test(arguments: ends)
    func `that all is well again is said only where it is`(open: AlertKind, now: String, cause: Cause) throws {
        let at = try shanghai("2026-11-02 12:00")
        var facts = AlertFacts()
        facts.provider = "litemf"
        (facts.channel, facts.calendars, facts.holdsUp) = ("telegram", ["cn"], ["1907-1"])
        var alert = Alert(
            kind: open, thing: nil, key: "\(open.rawValue)/as it was", level: .critical, openedAt: at - .days(1),
            facts: facts)
        alert.rowID = 1
        let changes = serviceTransitions(try state(now, at: at), known: [alert], downAfter: .hours(1), at: at)
        let closed = try #require(changes.first { $0.change == .closed })
        #expect(closed.cause == cause && closed.alert.facts.cause == cause)
    }
}

@Test func `a database that cannot be written is one alert while it lasts`() throws {
    var state = ServiceState()
    let since = try shanghai("2026-11-02 10:00")
    state.databaseProblem = (since, "database_full")
    let opened = serviceTransitions(state, known: [], downAfter: .hours(1), at: since + .hours(2))
    #expect(opened.map(\.alert.kind) == [.database])
    #expect(opened.first?.alert.facts.failingSince == since && opened.first?.alert.level == .critical)
    #expect(
        serviceTransitions(state, known: opened.map(\.alert), downAfter: .hours(1), at: since + .days(2)).isEmpty)
    state.databaseProblem = nil
    let closed = serviceTransitions(state, known: opened.map(\.alert), downAfter: .hours(1), at: since + .days(2))
    #expect(closed.map(\.cause) == [.recovered])
}
