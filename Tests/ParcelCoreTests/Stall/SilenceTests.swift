import ParcelCore
import Testing

@Test func `the guide's item over Golden Week warns on 9 October, is critical on the 10th and holds up its sibling`()
    throws
{
    var world = try RuleWorld()
    try world.poll("otcommerce", "2017-09-26 11:00", [order(), item(1, 4), item(2, 4)])
    try world.poll(
        "otcommerce", "2017-09-27 12:00",
        [item(1, 4, track: "886665917791656645"), item(2, 4, track: "71148967930433")])
    try world.poll("otcommerce", "2017-09-29 15:00", [item(1, 6, track: "886665917791656645")])
    for day in ["2017-09-30 23:00", "2017-10-01 12:00", "2017-10-05 12:00", "2017-10-08 23:59"] {
        #expect(try world.poll("otcommerce", day, [item(2, 4, track: "71148967930433")]) == [])
    }
    #expect(
        try world.poll("otcommerce", "2017-10-09 00:00", [item(2, 4, track: "71148967930433")]) == [
            "opened stall warning 1907-2"
        ])
    #expect(world.alerts[0].facts.holdsUp == ["1907-1"])
    #expect(
        world.alerts[0].facts.days?.filter(\.isCounted).map(\.date.description) == [
            "2017-09-28", "2017-09-29", "2017-09-30", "2017-10-09",
        ])
    #expect(try world.poll("otcommerce", "2017-10-09 18:00", [item(2, 4, track: "71148967930433")]) == [])
    #expect(
        try world.poll("otcommerce", "2017-10-10 00:10", [item(2, 4, track: "71148967930433")]) == [
            "escalated stall critical 1907-2"
        ])
    #expect(
        try world.poll("otcommerce", "2017-10-12 11:00", [item(2, 6, track: "71148967930433")]) == [
            "closed stall critical 1907-2"
        ])
}

@Test func `silence ends with the last confirming poll, not with the wall clock`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2017-08-15 16:00", [order(), item(1, 4, track: "YT1234567890123")])
    // The shop is down over the threshold of 21 August; another provider's polls confirm nothing for it.
    try world.poll("otcommerce", "2017-08-20 17:30", [item(1, 4, track: "YT1234567890123")])
    var seen = Snapshot(
        id: ExternalID(.item, "273"),
        status: ReportedStatus(code: "awaiting_arrival", text: "", progress: .at(.inbound)))
    seen.label = "1907-1"
    #expect(try world.poll("litemf", "2017-08-21 12:00", [seen]) == [])
    #expect(try world.assessment(.item, "1907-1").silentWorkingDays == 3)
    #expect(try world.assessment(.item, "1907-1").decider == "otcommerce")
    // Back again: silence is confirmed, at once at its level.
    #expect(
        try world.poll("otcommerce", "2017-08-22 18:00", [item(1, 4, track: "YT1234567890123")]) == [
            "opened stall critical 1907-1"
        ])
}

@Test func `meeting a thing at a second provider is no movement, and its further stage counts`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 4, track: "YT1234567890123")])
    var seen = Snapshot(
        id: ExternalID(.item, "273"),
        status: ReportedStatus(code: "waiting_in_stock", text: "", progress: .at(.inbound)))
    seen.label = "1907-1"
    try world.poll("litemf", "2026-11-05 10:00", [seen])
    #expect(try world.assessment(.item, "1907-1").since.at == shanghai("2026-11-02 10:00"))
    seen.status = ReportedStatus(code: "in_stock", text: "", progress: .at(.assembly))
    try world.poll("litemf", "2026-11-05 11:00", [seen])
    #expect(world.family.thing(.item, label: "1907-1")?.stage == .assembly)
}

@Test(arguments: [(7, true), (99, true)])
func `a new status code is movement, also an unknown one`(code: Int, moves: Bool) throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 2)])
    try world.poll("otcommerce", "2026-11-04 10:00", [item(1, code)])
    let assessment = try world.assessment(.item, "1907-1")
    #expect((assessment.since.at > (try shanghai("2026-11-02 10:00"))) == moves)
    // No milestone is guessed: it keeps the stage it had.
    #expect(assessment.stage == .purchase)
}

@Test func `an undated return to a status of the same stage is no movement`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 2)])
    try world.poll("otcommerce", "2026-11-03 10:00", [item(1, 99)])
    let moved = try world.assessment(.item, "1907-1").since.at
    for hour in 11...20 {
        try world.poll("otcommerce", "2026-11-03 \(hour):00", [item(1, hour.isMultiple(of: 2) ? 99 : 2)])
    }
    #expect(try world.assessment(.item, "1907-1").since.at == moved)
}

@Test func `price, weight and words are no movement`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-11-02 10:00", [order(), item(1, 2)])
    var changed = item(1, 2)
    changed.amount = Money(minor: 1, currency: "RUB")
    changed.facts = [.weight: "9", .title: "other"]
    changed.status.text = "other words"
    try world.poll("otcommerce", "2026-11-05 10:00", [changed])
    #expect(try world.assessment(.item, "1907-1").since.at == shanghai("2026-11-02 10:00"))
}

@Test func `what cannot be supplied is told once with its sum and never stalls`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2017-07-12 11:00", [order(), item(2, 2)])
    #expect(try world.poll("otcommerce", "2017-07-14 11:00", [item(2, 12)]) == ["opened refund critical 1907-2"])
    #expect(world.alerts[0].facts.amount == Money(minor: 14_467, currency: "RUB"))
    #expect(try world.poll("otcommerce", "2017-08-14 11:00", [item(2, 12)]) == [])
}

@Test func `a day outside the calendar's coverage makes the alert provisional`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-12-30 10:00", [order(), item(1, 2)])
    #expect(try world.poll("otcommerce", "2027-01-06 10:00", [item(1, 2)]) == ["opened stall critical 1907-1"])
    #expect(world.alerts[0].facts.isCertain == false)
}

@Test func `a provider's time that cannot be believed counts from first sight`() throws {
    for text in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"] {
        var world = try RuleWorld()
        var seen = item(1, 2)
        seen.status.time = .instant(try #require(ISO8601(text).instant), text: text)
        try world.poll("otcommerce", "2026-11-02 10:00", [order(), seen])
        let since = try world.assessment(.item, "1907-1").since
        #expect(since == Since(try shanghai("2026-11-02 10:00"), .seen))
        #expect(world.family.thing(.item, label: "1907-1")?.events.first { $0.kind == .status }?.given == text)
    }
}
