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
