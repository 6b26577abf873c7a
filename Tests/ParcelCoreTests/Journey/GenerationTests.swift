import ParcelCore
import Testing

private let courier = "YT1234567890123"
private let outgoing = "LP1930191011"

@Test(arguments: [
    // Finished, and what is told now began later.
    ("2026-01-01", "2026-01-10", "2026-02-01", "2026-02-03", true, true),
    // The same days in other words, or a history that goes on.
    ("2026-01-01", "2026-01-10", "2026-01-01", "2026-01-10", true, false),
    ("2026-01-01", "2026-01-10", "2026-01-08", "2026-02-03", true, false),
    ("2026-01-01", "2026-01-10", "2026-02-01", "2026-02-03", false, false),
    // Not finished, but months lie between.
    ("2026-01-01", "2026-01-10", "2026-03-12", "2026-03-12", false, true),
    ("2026-01-01", "2026-01-10", "2026-03-11", "2026-03-12", false, false),
    ("2026-06-01", "2026-06-10", "2026-03-12", "2026-04-01", false, true),
    ("2026-06-01", "2026-06-10", "2026-03-12", "2026-04-03", false, false),
])
func `a history is another parcel's if it starts after the end or leaps by months`(
    first: String, last: String, from: String, to: String, wasFinished: Bool, isNew: Bool
) throws {
    #expect(
        isNewGeneration(
            known: try shanghai(first)...shanghai(last), new: try shanghai(from)...shanghai(to),
            wasFinished: wasFinished) == isNew)
}

private let old = ["01-05 09:00 CN accepted", "01-08 09:00 CN delivered"]
private let new = ["06-10 09:00 CN accepted", "06-11 09:00 CN origin_transit"]

/// Item 1907-1 got its parcel in January under a number that the courier gives to item 1908-1 in June.
private func reused() throws -> RuleWorld {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-01-04 10:00", [order(), item(1, 4, track: courier)])
    try world.poll("kuaidi100", "2026-01-08 10:00", [try track(courier, old)])
    try world.poll("17track", "2026-01-08 10:00", [try track(courier, ["01-05 09:00 CN accepted"])])
    try world.poll("otcommerce", "2026-01-09 10:00", [item(1, 6, track: courier)])
    var second = order("1908")
    second.created = .instant(try shanghai("2026-06-08 10:00"), text: "")
    try world.poll("otcommerce", "2026-06-09 10:00", [second, item(1, 4, track: courier, order: "1908")])
    return world
}

@Test func `a number that starts again from nothing is a new generation, and the old history stays`() throws {
    var world = try reused()
    // The order was made in June: what arrived in January was not its item.
    #expect(try world.journey(.trackNumber, courier) == "unknown unknown at acceptance")
    #expect(try world.thing(.trackNumber, courier).isFinished == false)
    #expect(try world.poll("kuaidi100", "2026-06-10 08:00", [try track(courier, old)]) == [])
    #expect(try world.journey(.trackNumber, courier) == "unknown unknown at acceptance")
    #expect(try world.poll("kuaidi100", "2026-06-11 10:00", [try track(courier, new)]) == [])

    let (present, earlier) = (try world.thing(.trackNumber, courier), try world.thing(.trackNumber, courier + "#1"))
    #expect(world.family.journey(of: present).words == "origin_transit cn_domestic at origin")
    #expect(present.stage == .origin)
    #expect(world.family.carriers(of: present).map(\.thing.label) == ["1908-1"])
    #expect(world.family.carriers(of: earlier).map(\.thing.label) == ["1907-1"])
    #expect(earlier.ending == .handedOver)
    #expect(
        earlier.events.filter { $0.kind == .checkpoint && $0.provider == "kuaidi100" }.map(\.text) == old.map(meaning))
    #expect(try world.assessment(.item, "1908-1").since.at == shanghai("2026-06-11 09:00"))
}

@Test func `a finished number whose history starts again is another parcel's, though nothing new carries it`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, outgoing, at: "2026-01-04 10:00")
    try world.poll(
        "17track", "2026-01-20 10:00",
        [try track(outgoing, ["01-05 09:00 CN accepted", "01-20 09:00 RU delivered"])])
    try world.poll("17track", "2026-02-10 10:00", [try track(outgoing, ["02-09 09:00 CN accepted"])])
    #expect(try world.thing(.parcel, "519").ending == .delivered)
    #expect(world.family.carriers(of: try world.thing(.trackNumber, outgoing)).map(\.thing.label) == [])
    #expect(world.family.carriers(of: try world.thing(.trackNumber, outgoing + "#1")).map(\.thing.label) == ["519"])
}

@Test func `another system that meets a delivered parcel late means the same parcel`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, outgoing, at: "2026-01-04 10:00")
    try world.poll(
        "17track", "2026-01-20 10:00",
        [try track(outgoing, ["01-05 09:00 CN accepted", "01-20 09:00 RU delivered"])])
    var late = try sent("600", .forwarder, outgoing)
    late.created = .instant(try shanghai("2026-01-03 10:00"), text: "")
    try world.poll("litemf", "2026-08-01 10:00", [late])
    #expect(world.family.things.count { $0.kind == .trackNumber } == 1)
}

@Test func `a number added by hand months after its end stands for another parcel`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, outgoing, at: "2026-01-04 10:00")
    try world.poll("17track", "2026-01-20 10:00", [try track(outgoing, ["01-20 09:00 RU delivered"])])
    let wish = UserWish.add(try #require(TrackNumber(outgoing)), item: nil, note: nil)
    var soon = world
    try soon.wish(wish, "2026-03-01 10:00")
    #expect(soon.family.things.count { $0.kind == .trackNumber } == 1)
    try world.wish(wish, "2026-05-01 10:00")
    #expect(try world.thing(.trackNumber, outgoing).stage == .acceptance)
    #expect(try world.thing(.trackNumber, outgoing + "#1").ending == .delivered)
}

@Test func `a number added by hand whose parcel arrived is not followed on as a stranger's, unless it is added again`()
    throws
{
    var world = try RuleWorld()
    let number = try #require(TrackNumber(outgoing))
    try world.wish(.add(number, item: nil, note: "for Anna"), "2026-01-04 10:00")
    try world.wish(.choose(number, carrier: "cainiao_lp"), "2026-01-04 10:00")
    let rows = ["01-05 09:00 CN accepted", "01-20 09:00 RU delivered"]
    try world.poll("17track", "2026-01-20 10:00", [try track(outgoing, rows)])
    #expect(try world.thing(.trackNumber, outgoing).ending == .delivered)
    let strange = ["02-09 09:00 CN accepted", "02-10 09:00 CN !lost"]
    #expect(try world.poll("17track", "2026-02-10 10:00", [try track(outgoing, strange)]) == [])
    let (present, earlier) = (
        try world.thing(.trackNumber, outgoing), try world.thing(.trackNumber, outgoing + "#1")
    )
    #expect(present.ending == .removed && !present.isAddedByUser && present.fact(.note) == nil)
    #expect(present.chosenCarrier == "cainiao_lp")
    #expect(earlier.ending == .delivered)
    #expect(earlier.events.filter { $0.kind == .checkpoint }.map(\.text) == rows.map(meaning))
    // The stranger's goes on, and nobody is told.
    #expect(try world.poll("17track", "2026-03-20 10:00", [try track(outgoing, strange)]) == [])
    try world.wish(.add(number, item: nil, note: nil), "2026-03-21 10:00")
    #expect(try world.thing(.trackNumber, outgoing).isAddedByUser)
    #expect(world.family.things.count { $0.label.hasPrefix(outgoing) } == 2)
}

@Test func `a row that comes to mean something else is read anew, and that is no movement`() throws {
    var world = try RuleWorld()
    try world.wish(.add(try #require(TrackNumber(outgoing)), item: nil, note: nil), "2026-06-14 10:00")
    func told(_ meaning: String) throws -> Snapshot {
        var snapshot = try track(outgoing, ["06-15 09:00 RU ready_for_pickup"])
        snapshot.checkpoints?[0].meaning = CodeMeaning(text: meaning)
        return snapshot
    }
    for (time, meaning, stage) in [
        ("2026-06-15 10:00", "?", Stage.acceptance), ("2026-06-15 11:00", "ready_for_pickup", .pickup),
        ("2026-06-15 12:00", "arrived_delivery_office", .destination),
    ] {
        try world.poll("17track", time, [try told(meaning)])
        let number = try world.thing(.trackNumber, outgoing)
        #expect(number.stage == stage, "\(meaning)")
        #expect(number.views.contains(where: \.isUnmapped) == (meaning == "?"))
        #expect(number.events.filter { $0.kind == .checkpoint }.map(\.meaning?.text) == [meaning])
    }
    #expect(try world.assessment(.trackNumber, outgoing).since.at == shanghai("2026-06-15 09:00"))
}

@Test func `a provider that still tells of the old parcel for a while mixes nothing in`() throws {
    var world = try reused()
    try world.poll("kuaidi100", "2026-06-11 10:00", [try track(courier, new)])
    let after = try world.journey(.trackNumber, courier)
    // 17TRACK lags behind: what it told before, and that the parcel arrived, which only it tells so.
    let stale = ["01-05 09:00 CN accepted", "01-09 11:00 CN delivered"]
    try world.poll("17track", "2026-06-11 11:00", [try track(courier, stale, summary: "delivered")])
    #expect(try world.journey(.trackNumber, courier) == after)
    let present = try world.thing(.trackNumber, courier)
    #expect(present.events.filter { $0.kind == .checkpoint && $0.provider == "17track" } == [])
    #expect(present.views.first { $0.provider == "17track" }?.isKnowing == false)
    // One of Kuaidi100's servers still has the old answer: that makes no third parcel.
    try world.poll("kuaidi100", "2026-06-11 12:00", [try track(courier, old, summary: "delivered")])
    try world.poll("kuaidi100", "2026-06-11 13:00", [try track(courier, new)])
    #expect(try world.journey(.trackNumber, courier) == after)
    #expect(world.family.things.count { $0.label.hasPrefix(courier) } == 2)
    // 17TRACK notices, and tells what came before Kuaidi100's first row too.
    try world.poll("17track", "2026-06-12 11:00", [try track(courier, ["05-20 09:00 CN registered"] + new)])
    #expect(
        try world.thing(.trackNumber, courier).events.count { $0.kind == .checkpoint && $0.provider == "17track" } == 3)
}

@Test func `no alert of the old parcel passes to the new one`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, outgoing, at: "2026-01-04 10:00")
    let lost = ["01-05 09:00 CN accepted", "01-20 09:00 CN !lost"]
    #expect(
        try world.poll("17track", "2026-01-20 10:00", [try track(outgoing, lost)]) == ["opened condition critical 519"])
    #expect(try world.poll("shiptor", "2026-06-09 10:00", [try sent("600", .forwarder, outgoing)]) == [])
    let again = ["06-10 09:00 CN accepted", "06-12 09:00 CN departed_origin"]
    #expect(try world.thing(.parcel, "600").ending == nil)
    #expect(try world.poll("17track", "2026-06-12 10:00", [try track(outgoing, again)]) == [])
    #expect(try world.thing(.parcel, "519").ending == .lost)
    #expect(try world.thing(.parcel, "600").stage == .crossBorder)
    #expect(try world.journey(.parcel, "600") == "departed_origin cross_border at cross_border")
    // And its own are its own.
    #expect(
        try world.poll("17track", "2026-06-20 10:00", [try track(outgoing, again + ["06-19 09:00 CN !lost"])]) == [
            "opened condition critical 600"
        ])
}

@Test func `dates that leap back by months are another parcel's too, and a third one is the third generation`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, outgoing, at: "2026-06-04 10:00")
    try world.poll("17track", "2026-06-06 10:00", [try track(outgoing, ["06-05 09:00 CN accepted"])])
    try world.poll("17track", "2026-06-07 10:00", [try track(outgoing, ["01-05 09:00 CN departed_origin"])])
    #expect(
        world.family.things.filter { $0.label.hasPrefix(outgoing) }.map(\.label).sorted() == [
            outgoing, outgoing + "#1",
        ])
    try world.poll("17track", "2026-09-07 10:00", [try track(outgoing, ["09-05 09:00 CN accepted"])])
    #expect(
        world.family.things.filter { $0.label.hasPrefix(outgoing) }.map(\.label).sorted() == [
            outgoing, outgoing + "#1", outgoing + "#2",
        ])
    #expect(try world.journey(.trackNumber, outgoing) == "accepted cn_domestic at origin")
    #expect(try world.thing(.trackNumber, outgoing + "#1").ending == .superseded)
}

@Test func `history told in another language is the same parcel's`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, outgoing, at: "2026-01-04 10:00")
    let rows = ["01-05 09:00 CN accepted", "01-20 09:00 RU delivered"]
    try world.poll("17track", "2026-01-20 10:00", [try track(outgoing, rows)])
    var translated = try track(outgoing, rows)
    translated.checkpoints = translated.checkpoints?.map { row in
        var row = row
        row.text = "по-русски"
        return row
    }
    try world.poll("17track", "2026-01-21 10:00", [translated])
    #expect(world.family.things.count { $0.kind == .trackNumber } == 1)
    #expect(try world.thing(.parcel, "519").ending == .delivered)
}

@Test func `a new generation that a provider does not know yet is asked about as a new number`() throws {
    var world = try reused()
    try world.poll("kuaidi100", "2026-06-11 10:00", [try track(courier, new)])
    let view = try #require(try world.thing(.trackNumber, courier).views.first { $0.provider == "17track" })
    #expect(view.firstSeenAt == (try shanghai("2026-06-09 10:00")))
}

private func meaning(_ row: String) -> String { row.split(separator: " ").dropFirst(3).joined(separator: " ") }
