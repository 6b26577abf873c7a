import ParcelCore
import Testing

private let number = "RA123456785RU"
private let courier = "YT1234567890123"

@Test(arguments: [
    Condition.customsHold, .returning, .lost, .refused, .damaged, .storageExpiring, .attemptFailed, .dutyDue, .delayed,
    .addressProblem, .infoRequired, .returned, .destroyed, .confiscated, .unclaimed, .cancelled,
])
func `a condition of a parcel is told at once and once`(condition: Condition) throws {
    var world = try RuleWorld()
    try world.send("519", .international, number, at: "2026-03-02 10:00")
    let there = ["03-09 09:00 RU import_customs"]
    try world.poll("17track", "2026-03-09 10:00", [try track(number, there)])
    let wrong = try track(number, there + ["03-10 09:00 RU !\(condition.rawValue)"])
    #expect(try world.poll("17track", "2026-03-10 10:00", [wrong]) == ["opened condition critical 519"])
    #expect(world.alerts[0].facts.condition == condition)
    #expect(try world.poll("17track", "2026-03-10 16:00", [wrong]) == [])
    #expect(try world.thing(.parcel, "519").isFinished == condition.isTerminal)
    // What has happened for good waits for a person.
    let after = try track(number, there + ["03-10 09:00 RU !\(condition.rawValue)", "03-11 09:00 RU customs_released"])
    let closes = !condition.isTerminal && condition != .returning
    #expect(
        try world.poll("17track", "2026-03-11 10:00", [after]) == (closes ? ["closed condition critical 519"] : []))
}

@Test func `a second attempt that fails is told again, the first one's is closed`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, number, at: "2026-03-02 10:00")
    var rows = ["03-16 09:00 RU out_for_delivery", "03-16 18:00 RU !attempt_failed"]
    #expect(
        try world.poll("russianpost", "2026-03-16 20:00", [try track(number, rows)]) == [
            "opened condition critical 519"
        ])
    rows += ["03-17 09:00 RU out_for_delivery", "03-17 18:00 RU !attempt_failed"]
    #expect(
        try world.poll("russianpost", "2026-03-17 20:00", [try track(number, rows)]) == [
            "closed condition critical 519", "opened condition critical 519",
        ])
}

@Test func `two carriers that tell of the same are heard once, whoever decides`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, number, at: "2026-03-02 10:00")
    let first = try track(number, ["03-09 09:00 RU import_customs", "03-10 09:00 RU !customs_hold"])
    let second = try track(number, ["03-09 12:00 RU import_customs", "03-10 09:20 RU !customs_hold"])
    #expect(try world.poll("17track", "2026-03-10 10:00", [first]) == ["opened condition critical 519"])
    #expect(try world.poll("russianpost", "2026-03-10 11:00", [second]) == [])
    // The post brings it into Russia and decides from now on; then it takes that back.
    let further = try track(
        number, ["03-09 12:00 RU import_customs", "03-10 08:00 RU destination_transit", "03-10 09:20 RU !customs_hold"])
    for hour in 12...17 {
        let answer = hour.isMultiple(of: 2) ? further : second
        #expect(try world.poll("russianpost", "2026-03-10 \(hour):00", [answer]) == [])
        let decider = try world.assessment(.parcel, "519").decider
        #expect(decider == (hour.isMultiple(of: 2) ? "russianpost" : "17track"))
    }
    let freed = try track(number, ["03-09 09:00 RU import_customs", "03-11 09:00 RU customs_released"])
    #expect(try world.poll("17track", "2026-03-11 10:00", [freed]) == ["closed condition critical 519"])
}

@Test func `a condition that only the summary tells has one beginning while it lasts`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, number, at: "2026-03-02 10:00")
    let rows = ["03-09 09:00 CN departed_origin", "03-10 09:00 RU arrived_destination_country"]
    #expect(
        try world.poll("17track", "2026-03-09 10:00", [try track(number, [rows[0]], summary: "!delayed")]) == [
            "opened condition critical 519"
        ])
    // Silence counts from the event, not from when the summary was seen.
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-03-09 09:00"))
    #expect(try world.poll("17track", "2026-03-10 10:00", [try track(number, rows, summary: "!delayed")]) == [])
    #expect(
        try world.poll("17track", "2026-03-11 10:00", [try track(number, rows)]) == ["closed condition critical 519"])
    #expect(
        try world.poll("17track", "2026-03-12 10:00", [try track(number, rows, summary: "!delayed")]) == [
            "opened condition critical 519"
        ])
}

@Test func `the courier's trouble is the item's until the warehouse has it`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4, track: courier)])
    let refused = try track(courier, ["03-03 09:00 CN accepted", "03-04 09:00 CN !refused"])
    #expect(try world.poll("kuaidi100", "2026-03-04 10:00", [refused]) == ["opened condition critical 1907-1"])
    // Told by 17TRACK too, and not once more.
    #expect(
        try world.poll("17track", "2026-03-04 12:00", [try track(courier, ["03-04 09:30 CN !refused"])]) == [])
    #expect(
        try world.poll("otcommerce", "2026-03-05 10:00", [item(1, 6, track: courier)]) == [
            "closed condition critical 1907-1"
        ])
    let returning = try track(courier, ["03-03 09:00 CN accepted", "03-06 09:00 CN !returning"])
    #expect(try world.poll("kuaidi100", "2026-03-06 10:00", [returning]) == [])
}

@Test func `a seller's wrong number is told of the item`() throws {
    var world = try RuleWorld()
    try world.poll("otcommerce", "2026-03-02 10:00", [order(), item(1, 4, track: courier)])
    let invalid = try track(courier, [], summary: "!invalid_number")
    #expect(try world.poll("17track", "2026-03-04 10:00", [invalid]) == ["opened condition critical 1907-1"])
    #expect(try world.poll("17track", "2026-03-05 10:00", [invalid]) == [])
}

@Test func `a number that nothing waits for speaks for itself`() throws {
    var world = try RuleWorld()
    try world.wish(.add(try #require(TrackNumber(number)), item: nil, note: nil), "2026-03-02 10:00")
    let held = try track(number, ["03-09 09:00 RU import_customs", "03-10 09:00 RU !customs_hold"])
    #expect(try world.poll("17track", "2026-03-10 10:00", [held]) == ["opened condition critical \(number)"])
}
