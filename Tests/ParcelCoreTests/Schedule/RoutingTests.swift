import ParcelCore
import Testing

/// Follows numbers of some forms in some roles, as the real ones do.
private struct Follower: Provider {
    let id: ProviderID
    /// Empty: every form.
    var forms: Set<String> = []
    var roles: Set<TrackNumberRole> = Set(TrackNumberRole.allCases)
    var manners = Manners(requestsPerSecond: 1, parallel: 1)
    let zoneName: String? = nil
    let lists: [AskPlan] = []

    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }
    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation { Silent() }

    func ask(following number: FollowedNumber) -> Ask? {
        let isForm = forms.isEmpty || !forms.isDisjoint(with: number.candidates)
        return isForm && number.role.map(roles.contains) != false ? Ask("track", key: "\(number.number)") : nil
    }
}

private struct Silent: Conversation {
    func next(_ answer: HTTPResponse?) throws(PollError) -> Turn { .done(Report()) }
}

private let everybody: [any Provider] = [
    Follower(id: "17track"), Follower(id: "russianpost", forms: ["upu_s10", "ru_post_domestic"]),
    Follower(
        id: "kuaidi100", forms: ["yto", "sf"], roles: [.domestic],
        manners: Manners(requestsPerSecond: 1, parallel: 1, minimumInterval: .hours(8))),
    Follower(id: "cdek", forms: ["cdek"], roles: [.lastMile]),
]

private let outgoing = "RA123456785RU"
private let courier = "YT1234567890123"

private func asked(_ number: String, _ role: TrackNumberRole?, _ choice: String? = nil, _ routing: Routing) throws
    -> String
{
    routing.asks(about: try #require(TrackNumber(number)), role: role, choice: choice).map { $0.0.id.description }
        .joined(separator: " ")
}

@Test(
    arguments: [
        (courier, .domestic, nil, "17track kuaidi100"), (outgoing, .international, nil, "17track russianpost"),
        ("1234567890", .lastMile, nil, "17track cdek"), ("LP1930191011", .forwarder, nil, "17track"),
        // A provider by its id, a carrier by its form's.
        (outgoing, .international, "17track", "17track"), (outgoing, .international, "russianpost", "russianpost"),
        ("LP1930191011", .forwarder, "cdek", "17track"),
        ("12345678901234", .lastMile, "ru_post_domestic", "17track russianpost"),
        // The person knows better than what carries it.
        (courier, .lastMile, "kuaidi100", "kuaidi100"),
        // Whoever was chosen and is not there or cannot: none goes unasked.
        (outgoing, .international, "cainiao", "17track"),
        (outgoing, .international, "kuaidi100", "17track russianpost"),
    ] as [(String, TrackNumberRole, String?, String)])
func `leg and form decide who is asked, a person's choice wins`(
    number: String, role: TrackNumberRole, choice: String?, expected: String
) throws {
    #expect(try asked(number, role, choice, Routing(providers: everybody)) == expected)
}

@Test(
    arguments: [
        (outgoing, nil, "russianpost"), ("RB123456785RU", nil, "17track"),
        ("RR123456785CN", nil, "17track russianpost"),
        ("LP1930191011", nil, ""), (outgoing, "17track", "17track"),
    ] as [(String, String?, String)])
func `the longest configured beginning wins, and a person's choice over it`(
    number: String, choice: String?, expected: String
) throws {
    let routing = Routing(
        providers: everybody,
        prefixes: ["R": ["17track", "russianpost"], "RB": ["17track"], "RA12": ["russianpost"], "LP": []])
    #expect(try asked(number, .international, choice, routing) == expected)
}

private func plans(
    _ number: String, _ world: RuleWorld, _ at: String, _ routing: Routing = Routing(providers: everybody)
) throws -> [ProviderID: AskPlan] {
    let all = routing.plans(for: try world.thing(.trackNumber, number), in: world.family, at: try shanghai(at))
    // Who is not to be asked is named too, so that what was planned before ends.
    #expect(all.map(\.0) == routing.providers.map(\.id))
    return Dictionary(uniqueKeysWithValues: all.compactMap { provider, plan in plan.map { (provider, $0) } })
}

@Test func `the decider is asked at the milestone's interval, the others daily, who does not know it less and less`()
    throws
{
    var world = try RuleWorld()
    try world.send("519", .international, outgoing, at: "2026-03-02 10:00")
    #expect(try plans(outgoing, world, "2026-03-02 10:00")["17track"]?.every == .hours(12))
    try world.poll("17track", "2026-03-03 10:00", [try track(outgoing, ["03-03 09:00 CN accepted"])])
    try world.poll("russianpost", "2026-03-03 10:00", [try notFound(outgoing)])
    var found = try plans(outgoing, world, "2026-03-04 10:00")
    #expect(found["17track"]?.every == .hours(6))
    #expect(found["russianpost"]?.every == .hours(12))
    #expect(try plans(outgoing, world, "2026-03-11 10:00")["russianpost"]?.every == .hours(24))
    #expect(try plans(outgoing, world, "2026-04-20 10:00")["russianpost"]?.every == .days(7))
    // The threshold that an answer could confirm: 4, 5, 6 and 9 March.
    #expect(found["17track"]?.deadline == (try shanghai("2026-03-09 00:00")))
    #expect(found["17track"]?.longest == .hours(24))
    // In Russia the post decides.
    try world.poll("russianpost", "2026-03-20 10:00", [try track(outgoing, ["03-20 09:00 RU arrived_delivery_office"])])
    found = try plans(outgoing, world, "2026-03-20 10:00")
    #expect(found["russianpost"]?.every == .hours(4))
    #expect(found["17track"]?.every == .hours(24))
}

@Test func `a provider that never knew such numbers is asked less about the next one`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, outgoing, at: "2026-03-02 10:00")
    var routing = Routing(providers: everybody)
    routing.luck = [
        "russianpost": ["upu_s10": Luck(known: 0, missed: 40)], "17track": ["upu_s10": Luck(known: 9, missed: 40)],
    ]
    let found = try plans(outgoing, world, "2026-03-02 10:00", routing)
    #expect(found["russianpost"]?.every == .hours(48))
    #expect(found["17track"]?.every == .hours(12))
    #expect(routing.isUnlucky("russianpost"))
    #expect(!routing.isUnlucky("17track"))
    #expect(
        routing.unknownInterval(try #require(TrackNumber(outgoing)), unknownFor: .days(8), at: everybody[1])
            == .hours(96))
}

@Test func `a provider's least interval is kept`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4, track: courier)])
    try world.poll("kuaidi100", "2026-03-03 10:00", [try track(courier, ["03-03 09:00 CN accepted"])])
    #expect(try plans(courier, world, "2026-03-03 10:00")["kuaidi100"]?.every == .hours(8))
}

@Test func `a courier's number is asked about no more once the warehouse signed`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4, track: courier)])
    try world.poll("kuaidi100", "2026-03-03 10:00", [try track(courier, ["03-03 09:00 CN accepted"])])
    #expect(try plans(courier, world, "2026-03-03 10:00").count == 2)
    try world.poll("kuaidi100", "2026-03-04 10:00", [try track(courier, ["03-04 09:00 CN DELIVERED_BY_LEG"])])
    #expect(try plans(courier, world, "2026-03-04 10:00") == [:])
    // Or once the warehouse has the item: who knew the number is asked for two days more, for the signature.
    var other = try RuleWorld()
    try other.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4, track: courier)])
    try other.poll("kuaidi100", "2026-03-03 10:00", [try track(courier, ["03-03 09:00 CN accepted"])])
    try other.poll("otcommerce", "2026-03-04 10:00", [item(1, 6, track: courier)])
    let last = try plans(courier, other, "2026-03-04 10:00")
    #expect(last.keys.sorted() == ["kuaidi100"])
    #expect(last["kuaidi100"]?.every == .days(1))
    #expect(last["kuaidi100"]?.until == (try shanghai("2026-03-06 10:00")))
    #expect(try plans(courier, other, "2026-03-06 10:00") == [:])
}

@Test func `a finished number is looked at after a day, then weekly for six weeks, then never`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, outgoing, at: "2026-03-02 10:00")
    // Told two days after it happened. A poll may come a tenth of its interval too early.
    try world.poll("russianpost", "2026-03-20 12:00", [try track(outgoing, ["03-18 11:00 RU delivered"])])
    for (day, every) in [
        ("2026-03-20 12:00", Duration.days(1)), ("2026-03-21 09:36", .days(7)), ("2026-04-28 12:00", .days(7)),
    ] {
        let plan = try #require(try plans(outgoing, world, day)["russianpost"])
        #expect(plan.every == every, "\(day)")
        #expect(plan.until == (try shanghai("2026-04-29 11:00")))
    }
    #expect(try plans(outgoing, world, "2026-04-29 11:00") == [:])
    // A number of nobody's that nobody knows is not followed for the sake of returns.
    var unknown = try RuleWorld()
    try unknown.send("520", .international, outgoing, at: "2026-03-02 10:00")
    try unknown.poll("shiptor", "2026-03-03 10:00", [try sent("520", .international, outgoing, .finished(.delivered))])
    #expect(try plans(outgoing, unknown, "2026-03-03 10:00") == [:])
}

@Test func `while the carrier says delivered and the parcel still waits, it is asked on`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, outgoing, at: "2026-03-02 10:00")
    try world.poll("russianpost", "2026-03-19 12:00", [try track(outgoing, ["03-19 11:00 RU ready_for_pickup"])])
    try world.poll("17track", "2026-03-20 12:00", [try track(outgoing, ["03-20 11:00 RU delivered"])])
    #expect(try world.thing(.parcel, "519").isFinished == false)
    #expect(try plans(outgoing, world, "2026-03-20 12:00")["russianpost"]?.every == .hours(12))
}

@Test func `what a person removes is asked about no more, an earlier generation never`() throws {
    var world = try RuleWorld()
    let wish = UserWish.add(try #require(TrackNumber(outgoing)), item: nil, note: nil)
    try world.wish(wish, "2026-01-02 10:00")
    #expect(try plans(outgoing, world, "2026-01-02 10:00").count == 2)
    try world.poll("17track", "2026-01-05 10:00", [try track(outgoing, ["01-05 09:00 CN accepted"])])
    try world.poll("17track", "2026-06-05 10:00", [try track(outgoing, ["06-05 09:00 CN accepted"])])
    #expect(try plans(outgoing, world, "2026-06-05 10:00").count == 2)
    let earlier = try world.thing(.trackNumber, outgoing + "#1")
    #expect(
        Routing(providers: everybody).plans(for: earlier, in: world.family, at: try shanghai("2026-06-05 10:00"))
            .isEmpty)
    try world.wish(.remove(try #require(TrackNumber(outgoing))), "2026-06-06 10:00")
    #expect(try plans(outgoing, world, "2026-06-06 10:00") == [:])
}

@Test func `other routes or intervals have another signature`() {
    var signatures = [
        Routing(providers: everybody).signature, Routing(providers: Array(everybody.dropLast())).signature,
    ]
    signatures.append(Routing(providers: everybody, prefixes: ["R": ["17track"]]).signature)
    var cadence = Cadence.standard
    cadence.every[.accepted] = .hours(5)
    signatures.append(Routing(providers: everybody, cadence: cadence).signature)
    cadence = .standard
    cadence.held = .hours(5)
    signatures.append(Routing(providers: everybody, cadence: cadence).signature)
    #expect(Set(signatures).count == signatures.count)
    #expect(Routing(providers: everybody).signature == signatures[0])
}
