import ParcelCore
import Testing

@Test func `polls keep their interval within a tenth and are spread`() throws {
    let now = try shanghai("2026-11-02 12:00")
    let times = (0..<200).map {
        nextPoll(after: now, every: .hours(1), for: Ask("package", key: "\($0)"), of: "shiptor") - now
    }
    #expect(times.allSatisfy { $0 >= .minutes(54) && $0 <= .seconds(66 * 60 + 30) })
    // Over twelve minutes, in slots of half a minute.
    #expect(Set(times).count > 15)
    #expect(times.allSatisfy { (now + $0).milliseconds % 30_000 == 0 })
}

@Test func `backoff grows to an hour, and the same failure waits the same time`() {
    let ask = Ask("packages")
    let waits = (1...20).map { backoff(failures: $0, for: ask, of: "shiptor") }
    #expect(waits[0] >= .seconds(45) && waits[0] <= .seconds(60))
    #expect(waits[19] >= .minutes(45) && waits[19] <= .hours(1))
    #expect(waits == (1...20).map { backoff(failures: $0, for: ask, of: "shiptor") })
}

@Test func `a threshold before the next poll is polled after it and before the window opens`() throws {
    let (deadline, opens) = (try shanghai("2017-10-09 00:00"), try shanghai("2017-10-09 14:00"))
    let regular = try shanghai("2017-10-12 00:00")
    var times: Set<Timestamp> = []
    for key in 0..<100 {
        let at = pollAfterThreshold(
            deadline, windowOpens: opens, regular: regular, for: Ask("package", key: "\(key)"), of: "shiptor")
        #expect(at > deadline && at < opens)
        times.insert(at)
    }
    #expect(times.count > 80)
    #expect(
        pollAfterThreshold(deadline, windowOpens: opens, regular: deadline - .hours(1), for: Ask("x"), of: "y")
            == deadline - .hours(1))
}

@Test func `the latest reading of a time without a zone never passes its first sight`() throws {
    let seen = try shanghai("2026-11-02 12:00")
    let date = Zone.utc.date(of: seen)
    let zoneless = GivenTime.zoneless(date, secondOfDay: 11 * 3600, text: "11:00")
    // 11:00 in Shanghai is an hour ago; in an unknown zone it may be 11:00 UTC, seven hours ahead.
    #expect(zoneless.instant(zone: try zone("Asia/Shanghai"), seenAt: seen, existedSince: nil) == seen - .hours(1))
    #expect(zoneless.instant(zone: nil, seenAt: seen, existedSince: nil) == nil)
    let old = GivenTime.zoneless(date.adding(days: -3), secondOfDay: 0, text: "")
    #expect(old.instant(zone: nil, seenAt: seen, existedSince: nil) == Zone.utc.firstInstant(of: date.adding(days: -3)))
    #expect(old.instant(zone: nil, seenAt: seen, existedSince: seen) == nil)
}
