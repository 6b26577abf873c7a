import ParcelCore
import Testing

// The rule about siblings, with dates that a manager can check: 2 November 2026 is a Monday, and China works through.

private let listed: @Sendable (inout ReportPart) -> Void = { $0.listed = [ExternalID(.order, "ORD-1907")] }
private let track = "YT1234567890123"

@Test
func `two that stall at once are told each, and each says what it holds up; the refused and cancelled do not count`()
    throws
{
    var world = try RuleWorld()
    let first = [order(), item(1, 6), item(2, 2), item(3, 2), item(4, 12), item(5, 13)]
    let told = try world.poll("otcommerce", "2026-11-02 10:00", first, change: listed)
    #expect(told == ["opened refund critical 1907-4"])
    // Friday is the fourth working day.
    let stalled = try world.poll(
        "otcommerce", "2026-11-06 10:00", [item(1, 6), item(2, 2), item(3, 2)], change: listed)
    #expect(stalled == ["opened stall warning 1907-2", "opened stall warning 1907-3"])
    #expect(world.alerts.filter { $0.kind == .stall }.map(\.facts.holdsUp) == [["1907-1"], ["1907-1"]])
    // One arrives: the other one alone holds up both.
    try world.poll("otcommerce", "2026-11-06 12:00", [item(1, 6), item(2, 6), item(3, 2)], change: listed)
    #expect(try world.assessment(.item, "1907-3").holdsUp.count == 2)
    #expect(try world.assessment(.order, "1907").calm == .itemsWatched)
    // The last one cannot be supplied after all: the order waits to be packed from then on.
    try world.poll("otcommerce", "2026-11-09 12:00", [item(1, 6), item(2, 6), item(3, 12)], change: listed)
    #expect(world.family.thing(.order, label: "1907")?.stage == .assembly)
}

@Test func `an item that is added later holds up the order anew`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 6)], change: listed)
    #expect(world.family.thing(.order, label: "1907")?.stage == .assembly)
    // Three days later a second one is bought: the order is not late, the new one is on its way.
    try world.poll("otcommerce", "2026-11-05 10:00", [item(1, 6), item(2, 2)], change: listed)
    #expect(world.family.thing(.order, label: "1907")?.stage == nil)
    #expect(
        try world.poll("otcommerce", "2026-11-10 10:00", [item(1, 6), item(2, 2)], change: listed) == [])
    #expect(
        try world.poll("otcommerce", "2026-11-11 10:00", [item(1, 6), item(2, 2)], change: listed) == [
            "opened stall warning 1907-2"
        ])
    #expect(world.alerts[0].facts.holdsUp == ["1907-1"])
}

@Test func `a parcel that takes only some lets the rest start over`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 6), item(2, 6), item(3, 6)], change: listed)
    let some = try parcel("519", .at(.handover), items: [1, 2])
    try world.poll("otcommerce", "2026-11-05 10:00", [item(3, 6), some], change: listed)
    #expect(try world.assessment(.order, "1907").since.at == shanghai("2026-11-05 10:00"))
    // Counted from Thursday the 5th: Wednesday the 11th is the fourth working day.
    #expect(
        try world.poll("otcommerce", "2026-11-10 23:00", [item(3, 6)], change: listed) == [])
    #expect(
        try world.poll("otcommerce", "2026-11-11 01:00", [item(3, 6)], change: listed).contains(
            "opened stall warning 1907"))
    // All of the rest goes into a second one.
    #expect(
        try world.poll(
            "otcommerce", "2026-11-11 12:00", [try parcel("520", .at(.handover), items: [3])], change: listed
        ).contains("closed stall warning 1907"))
}

@Test func `a thing that moves again after it was finished is watched again, from then on`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 2)])
    try world.poll("otcommerce", "2026-11-03 10:00", [item(1, 13)])
    #expect(world.family.thing(.item, label: "1907-1")?.ending == .cancelled)
    #expect(try world.poll("otcommerce", "2026-11-20 10:00", [item(1, 13)]) == [])
    // Bought after all.
    try world.poll("otcommerce", "2026-11-20 12:00", [item(1, 4)])
    #expect(world.family.thing(.item, label: "1907-1")?.ending == nil)
    #expect(try world.assessment(.item, "1907-1").since.at == shanghai("2026-11-20 12:00"))
    // Without a number for two working days: Tuesday the 24th.
    #expect(try world.poll("otcommerce", "2026-11-23 23:00", [item(1, 4)]) == [])
    #expect(
        try world.poll("otcommerce", "2026-11-24 01:00", [item(1, 4)]) == ["opened stall warning 1907-1"])
}

@Test func `a mass import of 5,000 old things opens each at its level, as overview, and what comes later is news`()
    throws
{
    let world = try RuleWorld()
    var opened = 0
    for number in 0..<50 {
        var own = try RuleWorld()
        let rows = (1...100).map { item($0, 2, order: "\(number)") }
        let context = { (at: String, isFirst: Bool) in
            ReconcileContext(
                provider: "otcommerce", at: try shanghai(at), zone: nil, rules: world.rules, isFirstPass: isFirst)
        }
        var part = ReportPart()
        part.snapshots = rows.map { row in
            var row = row
            row.status.time = .instant((try? shanghai("2026-10-12 10:00")) ?? .distantPast, text: "12.10.2026")
            return row
        }
        own.family = reconcile(Family(), with: part, try context("2026-11-02 10:00", true))
        let changes = transitions(
            of: own.family, assess(own.family, own.rules), known: [], own.rules, at: try shanghai("2026-11-02 10:00"))
        #expect(changes.allSatisfy { $0.change == .opened && $0.alert.isOverview && $0.alert.level == .critical })
        opened += changes.count
    }
    #expect(opened == 5000)
}
