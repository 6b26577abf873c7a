import ParcelCore
import Testing

@Test
func `an order is put together from its last item on, refused ones do not count, and a partial parcel starts it over`()
    throws
{
    var world = try RuleWorld()
    let listed: (inout ReportPart) -> Void = { $0.listed = [ExternalID(.order, "ORD-1907")] }
    try world.poll(
        "otcommerce", "2026-11-02 10:00", [order(), item(1, 6), item(2, 4, track: "YT1234567890123"), item(3, 2)])
    #expect(
        try world.assessment(.item, "1907-1").calm
            == .waitsFor([
                world.family.thing(.item, label: "1907-2")!.id, world.family.thing(.item, label: "1907-3")!.id,
            ]))
    try world.poll(
        "otcommerce", "2026-11-03 10:00", [item(2, 6, track: "YT1234567890123"), item(3, 13)], change: listed)
    #expect(world.family.thing(.order, label: "1907")?.stage == .assembly)
    // Monday 9 November is the fourth working day after Tuesday the 3rd.
    #expect(
        try world.poll(
            "otcommerce", "2026-11-08 20:00", [item(1, 6), item(2, 6, track: "YT1234567890123")], change: listed) == [])
    #expect(
        try world.poll(
            "otcommerce", "2026-11-09 00:30", [item(1, 6), item(2, 6, track: "YT1234567890123")], change: listed) == [
                "opened stall warning 1907"
            ])
    let changes = try world.poll(
        "otcommerce", "2026-11-09 12:00", [try parcel("519", .at(.handover), items: [1])], change: listed)
    #expect(changes.contains("closed stall warning 1907"))
    #expect(try world.assessment(.order, "1907").since.at == shanghai("2026-11-09 12:00"))
    #expect(try world.assessment(.item, "1907-1").calm == .carried(by: world.family.thing(.parcel, label: "519")!.id))
}

@Test func `an order is not late while its parcels have not been listed`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 6)]) {
        $0.listed = [ExternalID(.order, "ORD-1907")]
    }
    // The items are seen, but a parcel may exist by now: nothing is invented.
    #expect(try world.poll("otcommerce", "2026-11-20 10:00", [item(1, 6)]) == [])
    #expect(
        try world.poll("otcommerce", "2026-11-20 11:00", []) { $0.listed = [ExternalID(.order, "ORD-1907")] } == [
            "opened stall critical 1907"
        ])
}

@Test func `a parcel's handover begins with the parcel and ends when it is sent with a number`() throws {
    var world = try RuleWorld()
    try world.poll(
        "otcommerce", "2017-07-11 10:00",
        [order(), item(1, 6), try parcel("519", .at(.handover), items: [1], created: "2017-07-11 09:30")])
    #expect(try world.poll("otcommerce", "2017-07-16 23:00", [try parcel("519", .at(.handover), items: [1])]) == [])
    #expect(
        try world.poll("otcommerce", "2017-07-17 00:10", [try parcel("519", .at(.handover), items: [1])]) == [
            "opened stall warning 519"
        ])
    #expect(
        try world.poll("otcommerce", "2017-07-18 00:10", [try parcel("519", .at(.handover), items: [1])]) == [
            "escalated stall critical 519"
        ])
    // Sent without a number: nobody can follow it, and it waits on; but it moved.
    #expect(
        try world.poll("otcommerce", "2017-07-18 12:00", [try parcel("519", .at(.origin), items: [1])]) == [
            "closed stall critical 519"
        ])
    #expect(world.family.thing(.parcel, label: "519")?.stage == .handover)
    try world.poll(
        "otcommerce", "2017-07-19 12:00", [try parcel("519", .at(.origin), items: [1], track: "LP1930191011")])
    #expect(world.family.thing(.parcel, label: "519")?.stage == .origin)
}

@Test func `three systems' views of one parcel are one thing, however they are met`() throws {
    for shiptorFirst in [true, false] {
        var world = try RuleWorld()
        try world.poll("otcommerce", "2017-07-10 10:00", [order(), item(4, 6)])
        var shop = try parcel("519", .at(.handover), items: [4], created: "2017-07-11 09:30")
        shop.sameAs = ForeignID("shiptor", ExternalID(.parcel, "11519"))
        let partner = try parcel("11519", .at(.handover), code: "packed", items: [4], at: "shiptor")
        var logistician = try parcel("97304", .at(.handover), code: "new", items: [4], at: "litemf")
        if shiptorFirst {
            try world.poll("shiptor", "2017-07-11 10:00", [partner])
            logistician.id = ExternalID(.parcel, "97304")
            try world.poll("litemf", "2017-07-11 10:30", [logistician])
            try world.poll("otcommerce", "2017-07-11 11:00", [shop])
        } else {
            try world.poll("otcommerce", "2017-07-11 10:00", [shop])
            try world.poll("shiptor", "2017-07-11 10:30", [partner])
            try world.poll("litemf", "2017-07-11 11:00", [logistician])
        }
        let parcels = world.family.things.filter { $0.kind == .parcel && $0.mergedInto == nil }
        #expect(parcels.map(\.label) == ["519"])
        #expect(Set(parcels[0].views.map(\.provider)) == ["otcommerce", "litemf", "shiptor"])
        #expect(try world.assessment(.parcel, "519").decider == "shiptor")
    }
}

@Test func `the deciding provider finishes a thing, and another one that says so makes it a contradiction`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 6)])
    try world.poll(
        "otcommerce", "2026-11-02 11:00", [try parcel("519", .at(.origin), items: [1], track: "LP1930191011")])
    try world.poll(
        "shiptor", "2026-11-02 12:00",
        [try parcel("11", .at(.origin), code: "sent", items: [1], track: "LP1930191011", at: "shiptor")])
    try world.poll(
        "otcommerce", "2026-11-03 10:00", [try parcel("519", .finished(.delivered), items: [1], track: "LP1930191011")])
    #expect(world.family.thing(.parcel, label: "519")?.isFinished == false)
    let later = try world.poll(
        "shiptor", "2026-11-20 12:00",
        [try parcel("11", .at(.origin), code: "sent", items: [1], track: "LP1930191011", at: "shiptor")])
    #expect(later == ["opened contradiction critical 519"])
    try world.poll(
        "shiptor", "2026-11-20 13:00",
        [try parcel("11", .finished(.delivered), code: "delivered", items: [1], at: "shiptor")])
    #expect(world.family.thing(.parcel, label: "519")?.ending == .delivered)
    #expect(world.family.thing(.item, label: "1907-1")?.ending == .delivered)
}

@Test func `a removed parcel lets its items wait for another one`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 6)])
    try world.poll("otcommerce", "2026-11-03 10:00", [try parcel("519", .at(.handover), items: [1])])
    #expect(world.family.thing(.order, label: "1907")?.stage == nil)
    try world.poll("otcommerce", "2026-11-05 10:00", [try parcel("519", .finished(.removed), items: [1])])
    #expect(world.family.thing(.order, label: "1907")?.stage == .assembly)
    #expect(try world.assessment(.order, "1907").since.at == shanghai("2026-11-05 10:00"))
}

@Test func `a thing vanishes only when two passes miss it and it is not found by its id`() throws {
    let id = ExternalID(.item, "ORD-1907/SL-1")
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 2)])
    #expect(try world.poll("otcommerce", "2026-11-02 11:00", []) { $0.absent = [id] } == [])
    #expect(try world.poll("otcommerce", "2026-11-02 11:10", []) { $0.notFound = [id] } == [])
    #expect(try world.poll("otcommerce", "2026-11-02 12:00", []) { $0.absent = [id] } == [])
    #expect(
        try world.poll("otcommerce", "2026-11-02 12:10", []) { $0.notFound = [id] } == [
            "opened vanished warning 1907-1"
        ])
    // It comes back: gone no more.
    #expect(try world.poll("otcommerce", "2026-11-02 13:00", [item(1, 2)]) == ["closed vanished warning 1907-1"])
}

@Test func `the same report twice changes nothing but the time of confirmation`() throws {
    var world = try RuleWorld()
    let snapshots = [
        order(), item(1, 6), item(2, 4, track: "YT1234567890123"), try parcel("519", .at(.handover), items: [1]),
    ]
    try world.poll("otcommerce", "2026-11-02 10:00", snapshots)
    let first = world.family
    #expect(try world.poll("otcommerce", "2026-11-02 10:00", snapshots) == [])
    #expect(world.family == first)
}

@Test func `checkpoints that come late, twice or are withdrawn`() throws {
    var world = try RuleWorld()
    func moving(_ times: [String]) throws -> Snapshot {
        var snapshot = try parcel("519", .at(.origin), items: [], track: "LP1930191011")
        snapshot.checkpoints = try times.map { Checkpoint(time: .instant(try shanghai($0), text: $0), text: "scan") }
        return snapshot
    }
    try world.poll("otcommerce", "2026-11-02 10:00", [try moving([])])
    try world.poll("otcommerce", "2026-11-05 10:00", [try moving(["2026-11-04 09:00", "2026-11-04 09:00"])])
    #expect(try world.assessment(.parcel, "519").since == Since(try shanghai("2026-11-04 09:00"), .happened))
    #expect(world.family.things.flatMap(\.events).count { $0.kind == .checkpoint } == 1)
    // An older one that arrives late moves nothing.
    try world.poll("otcommerce", "2026-11-06 10:00", [try moving(["2026-11-04 09:00", "2026-11-03 09:00"])])
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-11-04 09:00"))
    // The newest is taken back: silence counts from the one before.
    try world.poll("otcommerce", "2026-11-06 11:00", [try moving(["2026-11-03 09:00"])])
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-11-03 09:00"))
}

@Test func `what had begun before first sight is an overview, what happens later is not`() throws {
    var world = try RuleWorld()
    var late = item(1, 2)
    late.status.time = .instant(try shanghai("2026-10-12 10:00"), text: "")
    #expect(
        try world.poll("otcommerce", "2026-11-02 10:00", [order(), late, item(2, 2)], isFirst: true) == [
            "opened stall critical 1907-1"
        ])
    #expect(world.alerts[0].isOverview)
    try world.poll("otcommerce", "2026-11-06 10:00", [late, item(2, 2)])
    #expect(world.alerts.last?.isOverview == false)
}
