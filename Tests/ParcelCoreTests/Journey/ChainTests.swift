import ParcelCore
import Testing

private let courier = "YT1234567890123"
private let outgoing = "LP1930191011"
private let post = "RA123456785RU"
private let lastMile = "1234567890"

@Test func `a courier's number, a parcel, its outgoing number and the last mile's are one way`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4, track: courier)])
    try world.poll("kuaidi100", "2026-03-03 10:00", [try track(courier, ["03-02 18:00 CN accepted"])])
    #expect(try world.journey(.item, "1907-1") == "accepted cn_domestic at origin")
    // Signed for at the warehouse: the number ends, the item waits for the warehouse's word.
    let signed = ["03-02 18:00 CN accepted", "03-04 09:00 CN DELIVERED_BY_LEG"]
    try world.poll("kuaidi100", "2026-03-04 10:00", [try track(courier, signed)])
    #expect(try world.thing(.trackNumber, courier).ending == .handedOver)
    #expect(try world.thing(.item, "1907-1").stage == .inbound)
    #expect(try world.thing(.item, "1907-1").isFinished == false)
    #expect(try world.assessment(.item, "1907-1").since.at == shanghai("2026-03-04 09:00"))

    try world.poll("otcommerce", "2026-03-05 10:00", [item(1, 6, track: courier)])
    #expect(world.family.waiting(for: try world.thing(.trackNumber, courier)).isEmpty)
    try world.poll(
        "otcommerce", "2026-03-06 10:00", [try parcel("519", .at(.origin), items: [1], track: outgoing)])
    try world.poll(
        "17track", "2026-03-08 10:00",
        [try track(outgoing, ["03-07 10:00 CN accepted", "03-08 09:00 CN departed_origin"])])
    #expect(try world.journey(.parcel, "519") == "departed_origin cross_border at cross_border")
    #expect(try world.thing(.parcel, "519").stage == .crossBorder)
    // The item's way goes on in its parcel.
    #expect(try world.journey(.item, "1907-1") == "departed_origin cross_border at cross_border")

    // 17TRACK's answer about the outgoing number names the post's, and that one's the last mile's.
    let rows = ["03-07 10:00 CN accepted", "03-08 09:00 CN departed_origin", "03-14 09:00 RU customs_released"]
    try world.poll("17track", "2026-03-14 10:00", [try track(outgoing, rows, finds: [try roled(.international, post)])])
    try world.poll(
        "russianpost", "2026-03-14 12:00",
        [try track(post, ["03-14 09:30 RU customs_released"], finds: [try roled(.lastMile, lastMile)])])
    let parcel = try world.thing(.parcel, "519")
    #expect(world.family.followed(by: parcel).map(\.number.label) == [outgoing, post, lastMile])
    #expect(world.family.followed(by: parcel).map(\.role) == [.forwarder, .international, .lastMile])
    #expect(world.family.numbers(of: parcel).map(\.number.description) == [outgoing, post, lastMile])
    let carriers = world.family.carriers(of: try world.thing(.trackNumber, lastMile))
    #expect(carriers.map(\.thing.label) == ["519"])
    #expect(carriers.map(\.role) == [.lastMile])

    try world.poll("cdek", "2026-03-16 10:00", [try track(lastMile, ["03-16 09:00 RU ready_for_pickup"])])
    #expect(try world.thing(.parcel, "519").stage == .pickup)
    #expect(try world.assessment(.parcel, "519").decider == "cdek")
    // The post is done with it, and does not finish what CDEK has in its hands.
    try world.poll(
        "russianpost", "2026-03-16 11:00",
        [
            try track(
                post, ["03-14 09:30 RU customs_released", "03-16 08:00 RU delivered"],
                finds: [try roled(.lastMile, lastMile)])
        ])
    #expect(try world.thing(.parcel, "519").isFinished == false)
    try world.poll(
        "cdek", "2026-03-18 10:00",
        [try track(lastMile, ["03-16 09:00 RU ready_for_pickup", "03-18 09:30 RU delivered"])])
    #expect(try world.thing(.parcel, "519").ending == .delivered)
    #expect(try world.thing(.parcel, "519").endedAt == shanghai("2026-03-18 09:30"))
    #expect(try world.thing(.item, "1907-1").ending == .delivered)
    for number in [outgoing, post, lastMile] {
        #expect(try world.thing(.trackNumber, number).ending == .delivered, "\(number)")
    }
}

@Test func `one courier's number carries items of two orders, each ends by itself`() throws {
    var world = try RuleWorld()
    try world.poll(
        "otcommerce", "2026-03-02 10:00",
        [order(), order("1908"), item(1, 4, track: courier), item(3, 4, track: courier, order: "1908")])
    let number = try world.thing(.trackNumber, courier)
    #expect(Set(world.family.carriers(of: number).map(\.thing.label)) == ["1907-1", "1908-3"])
    try world.poll("kuaidi100", "2026-03-03 10:00", [try track(courier, ["03-03 08:00 CN accepted"])])
    for item in ["1907-1", "1908-3"] {
        #expect(try world.assessment(.item, item).since == Since(try shanghai("2026-03-03 08:00"), .happened))
    }
    try world.poll("otcommerce", "2026-03-05 10:00", [item(1, 6, track: courier)])
    #expect(world.family.waiting(for: try world.thing(.trackNumber, courier)).map(\.thing.label) == ["1908-3"])
    try world.poll("otcommerce", "2026-03-06 10:00", [item(3, 13, track: courier, order: "1908")])
    #expect(try world.thing(.trackNumber, courier).isFinished)
}

@Test func `a number that turns out to be a courier's ends at the warehouse, though it was met as a parcel's`() throws {
    var world = try RuleWorld()
    // Nothing carries it yet, and by its form it is nobody's.
    try world.poll("17track", "2026-03-04 10:00", [try track("ABC12345", ["03-04 09:00 CN DELIVERED_BY_LEG"])])
    #expect(try world.thing(.trackNumber, "ABC12345").views[0].milestone == .delivered)
    try world.poll("otcommerce", "2026-03-04 11:00", [order(), item(1, 4, track: "ABC12345")])
    #expect(try world.thing(.trackNumber, "ABC12345").views[0].milestone == .handedToForwarder)
    #expect(try world.thing(.trackNumber, "ABC12345").ending == .handedOver)
}

@Test func `numbers that name each other end nowhere`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, outgoing, at: "2026-03-02 10:00")
    let there = try track(outgoing, ["03-03 09:00 CN accepted"], finds: [try roled(.international, post)])
    let back = try track(post, ["03-03 10:00 CN accepted"], finds: [try roled(.forwarder, outgoing)])
    try world.poll("17track", "2026-03-03 12:00", [there, back])
    #expect(world.family.followed(by: try world.thing(.parcel, "519")).count == 2)
    #expect(world.family.carriers(of: try world.thing(.trackNumber, post)).map(\.thing.label) == ["519"])
}
