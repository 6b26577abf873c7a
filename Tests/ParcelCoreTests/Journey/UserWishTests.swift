import ParcelCore
import Testing

extension RuleWorld {
    mutating func wish(_ wish: UserWish, _ at: String) throws {
        let wished = apply(wish, to: family, rules, at: try shanghai(at))
        // Wished twice is wished once.
        #expect(apply(wish, to: wished, rules, at: try shanghai(at)) == wished)
        family = withDeadlines(wished, assess(wished, rules))
    }
}

private func tracked(_ text: String) throws -> TrackNumber { try #require(TrackNumber(text)) }

@Test(arguments: [
    (nil, nil), ("1907-2", nil), (nil, "Ask Li about it"), ("1907-2", "100 % wool - not sure\nсвитер 毛衣"), ("-", "-"),
    ("", ""),
])
func `a wish survives the control socket`(item: String?, note: String?) throws {
    let number = try tracked("YT1234567890123")
    for wish in [UserWish.add(number, item: item, note: note), .remove(number), .choose(number, carrier: item)] {
        #expect(UserWish(word: wish.word) == wish)
        #expect(!wish.word.contains("\n"))
    }
}

@Test(arguments: ["", "add", "add YT1", "add YT1 -", "remove", "remove 运单", "remove YT1 x", "forget YT1", "choose YT1"])
func `what is no wish is none`(word: String) {
    #expect(UserWish(word: word) == nil)
}

@Test func `a number added by hand is followed by itself, with its own silence and end`() throws {
    var world = try RuleWorld()
    try world.wish(.add(try tracked("LP1930191011"), item: nil, note: "for Anna"), "2026-06-12 10:00")
    #expect(try world.thing(.trackNumber, "LP1930191011").stage == .acceptance)
    #expect(try world.thing(.trackNumber, "LP1930191011").fact(.note) == "for Anna")
    #expect(try world.poll("17track", "2026-06-12 11:00", [try notFound("LP1930191011")]) == [])
    // 15-18 June are four working days in China.
    #expect(try world.poll("17track", "2026-06-17 23:00", [try notFound("LP1930191011")]) == [])
    #expect(
        try world.poll("17track", "2026-06-18 01:00", [try notFound("LP1930191011")]) == [
            "opened stall warning LP1930191011"
        ])
    let rows = ["06-18 09:00 CN accepted", "07-01 09:00 RU delivered"]
    #expect(
        try world.poll("17track", "2026-06-18 10:00", [try track("LP1930191011", [rows[0]])]) == [
            "closed stall warning LP1930191011"
        ])
    try world.poll("17track", "2026-07-01 10:00", [try track("LP1930191011", rows)])
    #expect(try world.thing(.trackNumber, "LP1930191011").ending == .delivered)
}

@Test func `a number added to an item is its courier's, which is no movement`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4)])
    #expect(try world.thing(.item, "1907-1").stage == .trackAssignment)
    try world.wish(.add(try tracked("YT1234567890123"), item: "1907-1", note: nil), "2026-03-03 10:00")
    #expect(try world.thing(.item, "1907-1").stage == .inbound)
    #expect(try world.thing(.item, "1907-1").events.filter { $0.provider == .user && $0.isMovement } == [])
    try world.poll("kuaidi100", "2026-03-04 10:00", [try track("YT1234567890123", ["03-04 09:00 CN accepted"])])
    #expect(try world.assessment(.item, "1907-1").since.at == shanghai("2026-03-04 09:00"))
    // A second one beside it, and the first away again.
    try world.wish(.add(try tracked("SF1234567890123"), item: "1907-1", note: nil), "2026-03-05 10:00")
    #expect(
        try world.thing(.item, "1907-1").numbers.map(\.number.description) == ["YT1234567890123", "SF1234567890123"])
    try world.wish(.remove(try tracked("YT1234567890123")), "2026-03-05 11:00")
    #expect(try world.thing(.item, "1907-1").numbers.map(\.number.description) == ["SF1234567890123"])
    #expect(try world.thing(.trackNumber, "YT1234567890123").ending == .removed)
    // Added again, it is followed again, with all that was known of it.
    try world.wish(.add(try tracked("YT1234567890123"), item: "1907-1", note: nil), "2026-03-06 10:00")
    #expect(try world.thing(.trackNumber, "YT1234567890123").stage == .origin)
}

@Test func `removing takes back what a person added, not what the shop says`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4, track: "YT1234567890123")])
    try world.wish(.add(try tracked("YT1234567890123"), item: nil, note: "x"), "2026-03-03 10:00")
    try world.wish(.remove(try tracked("YT1234567890123")), "2026-03-04 10:00")
    let number = try world.thing(.trackNumber, "YT1234567890123")
    #expect(number.isAddedByUser == false)
    #expect(number.fact(.note) == nil)
    #expect(world.family.waiting(for: number).map(\.thing.label) == ["1907-1"])
}

@Test func `a choice of carrier stays until it is taken back, also over a removal and a new generation`() throws {
    var world = try RuleWorld()
    let number = try tracked("LP1930191011")
    try world.wish(.choose(number, carrier: "cainiao_lp"), "2026-01-02 10:00")
    try world.wish(.add(number, item: nil, note: nil), "2026-01-03 10:00")
    #expect(try world.thing(.trackNumber, "LP1930191011").chosenCarrier == "cainiao_lp")
    try world.poll("17track", "2026-01-06 10:00", [try track("LP1930191011", ["01-05 09:00 CN accepted"])])
    try world.poll("17track", "2026-06-06 10:00", [try track("LP1930191011", ["06-05 09:00 CN accepted"])])
    let present = try world.thing(.trackNumber, "LP1930191011")
    #expect(present.chosenCarrier == "cainiao_lp")
    #expect(present.isAddedByUser)
    #expect(present.stage == .origin)
    try world.wish(.remove(number), "2026-06-07 10:00")
    #expect(try world.thing(.trackNumber, "LP1930191011").chosenCarrier == "cainiao_lp")
    try world.wish(.choose(number, carrier: nil), "2026-06-08 10:00")
    #expect(try world.thing(.trackNumber, "LP1930191011").chosenCarrier == nil)
}
