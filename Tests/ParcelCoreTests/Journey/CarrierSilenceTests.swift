import ParcelCore
import Testing

private let number = "LP1930191011"

/// The last event, whether a poll that confirms it says warning and critical, and the first instants of both.
@Test(arguments: [
    // Golden Week: 29 and 30 September, Thursday the 8th, Friday the 9th; Saturday the 10th is worked.
    ("09-28 18:00 CN origin_transit", Stage.origin, "2026-10-09 00:00", "2026-10-10 00:00"),
    // Spring Festival: the 13th, Saturday the 14th (worked), the 24th, the 25th.
    ("02-12 10:00 CN accepted", .origin, "2026-02-25 00:00", "2026-02-26 00:00"),
    // Dragon boat festival on Friday 19 June.
    ("06-12 10:00 CN accepted", .origin, "2026-06-18 00:00", "2026-06-22 00:00"),
    // Days on which both work, by Moscow's dates: 30 April, 6-8 May, 12-14 May (the 9th is worked only in China, the 11th
    // is off in Russia). Midnight in Moscow is five in Shanghai.
    ("04-29 17:00 CN departed_origin", .crossBorder, "2026-05-14 05:00", "2026-05-21 05:00"),
    // Russia's: 30 October, 2, 3 and 5 November.
    ("10-29 20:00 RU destination_transit", .destination, "2026-11-05 05:00", "2026-11-06 05:00"),
    ("04-29 17:00 RU ready_for_pickup", .pickup, "2026-05-06 05:00", "2026-05-07 05:00"),
])
func `the leg of the last event picks calendar, zone and thresholds`(
    row: String, stage: Stage, warning: String, critical: String
) throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-01-12 10:00")
    let answer = try track(number, [row])
    let (warned, reached) = (try shanghai(warning), try shanghai(critical))
    try world.poll("17track", world.minute(before: warned), [answer])
    #expect(try world.thing(.parcel, "519").stage == stage)
    #expect(try world.assessment(.parcel, "519").warningAt == warned)
    #expect(try world.assessment(.parcel, "519").criticalAt == reached)
    #expect(try world.assessment(.parcel, "519").level == nil)
    #expect(try world.poll("17track", warning, [answer]) == ["opened stall warning 519"])
    #expect(try world.poll("17track", world.minute(before: reached), [answer]) == [])
    #expect(try world.poll("17track", critical, [answer]) == ["escalated stall critical 519"])
    #expect(world.alerts.map(\.facts.stage) == [stage])
}

@Test func `a carrier's new event is movement, whoever tells it, and a changed text is none`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-03-02 10:00")
    try world.poll("17track", "2026-03-03 10:00", [try track(number, ["03-03 09:00 CN accepted"])])
    #expect(try world.assessment(.parcel, "519").since == Since(try shanghai("2026-03-03 09:00"), .happened))
    // An unknown code moves it too.
    try world.poll(
        "17track", "2026-03-05 10:00", [try track(number, ["03-03 09:00 CN accepted", "03-05 08:00 CN ?"])])
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-03-05 08:00"))
    #expect(try world.thing(.trackNumber, number).views[0].isUnmapped)
    #expect(try world.journey(.parcel, "519") == "accepted cn_domestic at origin")
    // A second provider meets it with an older event, then with a newer one.
    try world.poll("cainiao", "2026-03-06 10:00", [try track(number, ["03-04 07:00 CN accepted"])])
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-03-05 08:00"))
    try world.poll(
        "cainiao", "2026-03-06 11:00",
        [try track(number, ["03-04 07:00 CN accepted", "03-06 07:00 CN origin_transit"])])
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-03-06 07:00"))
}

@Test(arguments: [
    (GivenTime.none, "A1", false), (.unreadable(text: "yesterday"), "", false),
    // Nothing but the text tells rows without code and time apart.
    (.none, "", true),
])
func `a row written in other words is no movement, unless it is nothing but words`(
    time: GivenTime, code: String, moves: Bool
) throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-03-02 10:00")
    func answer(_ text: String) throws -> Snapshot {
        var answer = try track(number, ["03-03 09:00 CN accepted"])
        answer.checkpoints?.append(Checkpoint(time: time, code: code, text: text, meaning: CodeMeaning(.transit)))
        return answer
    }
    try world.poll("17track", "2026-03-03 09:30", [try track(number, ["03-03 09:00 CN accepted"])])
    try world.poll("17track", "2026-03-04 10:00", [try answer("on its way")])
    #expect(try world.assessment(.parcel, "519").since == Since(try shanghai("2026-03-04 10:00"), .seen))
    try world.poll("17track", "2026-03-06 10:00", [try answer("в пути")])
    #expect((try world.assessment(.parcel, "519").since.at > (try shanghai("2026-03-04 10:00"))) == moves)
    let rows = try world.thing(.trackNumber, number).events.filter { $0.kind == .checkpoint }
    #expect(rows.filter { $0.withdrawnAt == nil }.map(\.text) == ["accepted", "в пути"])
}

@Test func `rows without a zone keep the provider's order, also when one comes in between, and count at their latest`()
    throws
{
    var world = try RuleWorld()
    try world.send("519", .international, number, at: "2026-03-02 10:00")
    func answer(_ rows: [(hour: Int, meaning: String)]) throws -> Snapshot {
        var answer = try track(number, [])
        answer.checkpoints = try rows.map { row in
            Checkpoint(
                time: .zoneless(
                    try #require(LocalDate(year: 2026, month: 3, day: 9)), secondOfDay: row.hour * 3600,
                    text: "9 March, \(row.hour)"), code: row.meaning, text: row.meaning,
                meaning: CodeMeaning(text: row.meaning))
        }
        return answer
    }
    // By the clock the release came first; the provider says that the hold did.
    let (held, free) = ((hour: 14, meaning: "import_customs !customs_hold"), (hour: 10, meaning: "customs_released"))
    try world.poll("17track", "2026-03-10 10:00", [try answer([held, free])])
    #expect(try world.journey(.parcel, "519") == "customs_released cross_border at cross_border")
    // 14:00 in the westernmost zone that it can mean, UTC, is 22:00 in Shanghai.
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-03-09 22:00"))
    try world.poll("17track", "2026-03-11 10:00", [try answer([held, free, (hour: 9, meaning: "!info_required")])])
    #expect(try world.journey(.parcel, "519") == "customs_released !info_required cross_border at cross_border")
    try world.poll("17track", "2026-03-12 10:00", [try answer([(hour: 9, meaning: "!info_required"), held, free])])
    #expect(try world.journey(.parcel, "519") == "customs_released cross_border at cross_border")
}

@Test func `what vanishes from an answer is withdrawn, and delivered may be`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, "RA123456785RU", at: "2026-03-02 10:00")
    let there = ["03-18 09:00 RU ready_for_pickup"]
    try world.poll("russianpost", "2026-03-18 10:00", [try track("RA123456785RU", there)])
    try world.poll(
        "russianpost", "2026-03-19 10:00", [try track("RA123456785RU", there + ["03-19 09:00 RU delivered"])])
    #expect(try world.thing(.parcel, "519").ending == .delivered)
    try world.poll("russianpost", "2026-03-20 10:00", [try track("RA123456785RU", there)])
    #expect(try world.thing(.parcel, "519").ending == nil)
    #expect(try world.thing(.parcel, "519").stage == .pickup)
    #expect(try world.assessment(.parcel, "519").since.at == shanghai("2026-03-18 09:00"))
    // And told again: the history keeps one row for it.
    try world.poll(
        "russianpost", "2026-03-21 10:00", [try track("RA123456785RU", there + ["03-19 09:00 RU delivered"])])
    #expect(try world.thing(.parcel, "519").ending == .delivered)
    #expect(try world.thing(.trackNumber, "RA123456785RU").events.count { $0.kind == .checkpoint } == 2)
}

@Test func `silence is confirmed until the carrier's own last look, by the deciding carrier alone`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-09-28 12:00")
    var answer = try track(number, ["09-28 18:00 CN origin_transit"])
    try world.poll("17track", "2026-09-29 10:00", [answer])
    // Asked after the threshold, but 17TRACK last looked on the 8th.
    answer.refreshedAt = try shanghai("2026-10-08 20:00")
    #expect(try world.poll("17track", "2026-10-09 12:00", [answer]) == [])
    #expect(try world.assessment(.parcel, "519").confirmedAt == shanghai("2026-10-08 20:00"))
    // The partner and a carrier that does not know the number confirm nothing.
    #expect(try world.poll("shiptor", "2026-10-12 12:00", [try sent("519", .forwarder, number)]) == [])
    #expect(try world.poll("cainiao", "2026-10-12 12:00", [try notFound(number)]) == [])
    // An answer that knows the number no more may be a gap.
    #expect(try world.poll("17track", "2026-10-12 13:00", [try notFound(number)]) == [])
    #expect(try world.assessment(.parcel, "519").confirmedAt == shanghai("2026-10-08 20:00"))
    #expect(try world.thing(.parcel, "519").stage == .origin)
    // Down for weeks, it says nothing; back again, it says how long it was.
    answer.refreshedAt = try shanghai("2026-10-30 09:00")
    #expect(try world.poll("17track", "2026-10-30 10:00", [answer]) == ["opened stall critical 519"])
}

@Test func `a number that no carrier knows waits for acceptance, by its own alert and never as invalid`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-06-11 10:00")
    #expect(try world.thing(.parcel, "519").stage == .origin)
    try world.poll("17track", "2026-06-12 10:00", [try notFound(number)])
    #expect(try world.thing(.parcel, "519").stage == .acceptance)
    #expect(try world.assessment(.parcel, "519").since == Since(try shanghai("2026-06-12 10:00"), .seen))
    // 15-18 June are the four working days; Friday the 19th is a holiday.
    #expect(try world.poll("17track", "2026-06-17 23:59", [try notFound(number)]) == [])
    #expect(try world.poll("17track", "2026-06-18 00:00", [try notFound(number)]) == ["opened stall warning 519"])
    #expect(world.alerts[0].facts.stage == .acceptance)
    #expect(world.alerts[0].facts.decider == "17track")
    // A second provider that is asked and does not know it either starts nothing over.
    #expect(try world.poll("cainiao", "2026-06-18 10:00", [try notFound(number)]) == [])
    #expect(try world.poll("17track", "2026-06-21 23:59", [try notFound(number)]) == [])
    #expect(try world.poll("17track", "2026-06-22 00:00", [try notFound(number)]) == ["escalated stall critical 519"])
    for day in ["2026-07-20 10:00", "2026-08-20 10:00", "2026-12-20 10:00"] {
        #expect(try world.poll("17track", day, [try notFound(number)]) == [])
    }
    // Known at last.
    #expect(
        try world.poll("17track", "2026-12-21 10:00", [try track(number, ["12-21 09:00 CN accepted"])]) == [
            "closed stall critical 519"
        ])
    #expect(try world.thing(.parcel, "519").stage == .origin)
}

@Test func `only an explicit code makes a number invalid, and only where nobody knows it`() throws {
    var world = try RuleWorld()
    try world.send("519", .international, "RA123456785RU", at: "2026-06-11 10:00")
    let invalid = try track("RA123456785RU", [], summary: "!invalid_number")
    #expect(try world.poll("russianpost", "2026-06-12 10:00", [invalid]) == ["opened condition critical 519"])
    #expect(world.alerts[0].facts.condition == .invalidNumber)
    #expect(try world.thing(.parcel, "519").stage == .acceptance)
    #expect(try world.poll("russianpost", "2026-06-13 10:00", [invalid]) == [])
    let known = try track("RA123456785RU", ["06-12 09:00 CN accepted"])
    #expect(try world.poll("17track", "2026-06-13 11:00", [known]) == ["closed condition critical 519"])
    #expect(try world.assessment(.parcel, "519").decider == "17track")
}

@Test func `a partner's word ends a parcel whose number no carrier ever knew`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-06-11 10:00")
    try world.poll("17track", "2026-06-12 10:00", [try notFound(number)])
    try world.poll("shiptor", "2026-06-15 10:00", [try sent("519", .forwarder, number, .at(.pickup))])
    #expect(try world.thing(.parcel, "519").stage == .pickup)
    #expect(try world.assessment(.parcel, "519").decider == "shiptor")
    try world.poll("shiptor", "2026-06-16 10:00", [try sent("519", .forwarder, number, .finished(.delivered))])
    #expect(try world.thing(.parcel, "519").ending == .delivered)
    try world.poll("17track", "2026-06-16 12:00", [try notFound(number)])
    #expect(try world.thing(.parcel, "519").ending == .delivered)
}

@Test func `a provider that stopped watching says so once and confirms nothing, until it watches again`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-09-28 12:00")
    let answer = try track(number, ["09-28 18:00 CN origin_transit"])
    try world.poll("17track", "2026-09-29 10:00", [answer])
    let stopped: (inout ReportPart) -> Void = { $0.stopped = [answer.id] }
    #expect(
        try world.poll("17track", "2026-09-30 10:00", [answer], change: stopped) == ["opened condition critical 519"])
    #expect(world.alerts[0].facts.condition == .expired)
    #expect(try world.poll("17track", "2026-10-20 10:00", [answer], change: stopped) == [])
    #expect(try world.poll("17track", "2026-10-21 10:00", [], change: stopped) == [])
    #expect(try world.assessment(.parcel, "519").confirmedAt == shanghai("2026-09-29 10:00"))
    // Another carrier that knows the number decides now.
    #expect(try world.poll("cainiao", "2026-10-21 11:00", [answer]) == ["opened stall critical 519"])
    #expect(try world.assessment(.parcel, "519").decider == "cainiao")
    #expect(try world.poll("17track", "2026-10-22 10:00", [answer]) == ["closed condition critical 519"])
}

@Test func `nobody is told that the watching of a delivered number stopped`() throws {
    var world = try RuleWorld()
    try world.send("519", .forwarder, number, at: "2026-09-28 12:00")
    let answer = try track(number, ["09-28 18:00 RU delivered"])
    try world.poll("17track", "2026-09-29 10:00", [answer])
    #expect(try world.poll("17track", "2026-10-30 10:00", [answer]) { $0.stopped = [answer.id] } == [])
}

extension RuleWorld {
    /// The last minute before, as the polls take it.
    fileprivate func minute(before instant: Timestamp) throws -> String {
        let local = instant - .minutes(1)
        let date = try zone("Asia/Shanghai").date(of: local)
        let minutes = (local - (try shanghai(date.description))).milliseconds / 60_000
        return "\(date) \(minutes / 60 < 10 ? "0" : "")\(minutes / 60):\(minutes % 60)"
    }
}
