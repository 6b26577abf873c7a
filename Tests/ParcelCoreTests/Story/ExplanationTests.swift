import ParcelCore
import Testing

/// One item at the seller's courier from Wednesday 27 September 2017, 10:00 in Shanghai, over Golden Week.
private func world(checkedUntil last: String) throws -> RuleWorld {
    var world = try RuleWorld()
    var date = try ISO8601("2017-09-27").date
    while date <= (try ISO8601(last).date) {
        try world.poll("otcommerce", "\(date) 10:00", [item(1, 4, track: "885712204410"), item(2, 6)])
        date = date.adding(days: 1)
    }
    return world
}

private func explained(_ label: String, _ world: RuleWorld, at now: String) throws -> Explanation {
    explanation(of: try world.assessment(.item, label), world.rules, at: try shanghai(now))
}

struct ExplanationTests {
    @Test func `each day is counted or not, with the running count and the thresholds that it reaches`() throws {
        let found = try explained("1907-1", world(checkedUntil: "2017-10-10"), at: "2017-10-10 12:00")
        #expect(found.answer == .told(.critical))
        let rows = found.days.map { day in
            "\(day.date) \(day.isCounted ? "+" : "-")\(day.running) \(day.name) \(day.reached?.rawValue ?? "")"
        }
        #expect(
            rows == [
                "2017-09-28 +1  ", "2017-09-29 +2  ", "2017-09-30 +3 中秋节、国庆节（调休上班） ", "2017-10-01 -3  ",
                "2017-10-02 -3 中秋节、国庆节 ", "2017-10-03 -3 中秋节、国庆节 ", "2017-10-04 -3 中秋节、国庆节 ",
                "2017-10-05 -3 中秋节、国庆节 ", "2017-10-06 -3 中秋节、国庆节 ", "2017-10-07 -3  ", "2017-10-08 -3  ",
                "2017-10-09 +4  warning", "2017-10-10 +5  critical",
            ])
        #expect(found.days.allSatisfy { $0.isConfirmed && $0.isCertain } && found.omitted == 0)
    }

    @Test func `why there is no alert: too early, not confirmed, waits for a sibling`() throws {
        let early = try explained("1907-1", world(checkedUntil: "2017-09-30"), at: "2017-10-03 12:00")
        #expect(early.answer == .early(try shanghai("2017-10-09")))
        #expect(early.days.last?.date.description == "2017-10-03")
        #expect(early.days.filter(\.isConfirmed).map(\.date.description).last == "2017-09-30")

        let unconfirmed = try explained("1907-1", world(checkedUntil: "2017-09-30"), at: "2017-10-11 12:00")
        let checked = try shanghai("2017-09-30 10:00")
        #expect(unconfirmed.answer == .unconfirmed(reached: try shanghai("2017-10-09"), checked: checked))
        #expect(unconfirmed.days.last { $0.reached == .warning }?.isConfirmed == false)

        let still = try world(checkedUntil: "2017-09-30")
        let sibling = try #require(still.family.thing(.item, label: "1907-1"))
        let waiting = try explained("1907-2", still, at: "2017-10-11 12:00")
        #expect(waiting.answer == .calm(.waitsFor([sibling.id])))
        #expect(waiting.days.isEmpty)
    }

    @Test func `a long silence lists its last sixty days and keeps the count`() throws {
        let found = try explained("1907-1", world(checkedUntil: "2018-01-31"), at: "2018-01-31 12:00")
        #expect(found.days.count == 60)
        #expect(found.omitted == 66)
        let elapsed = try world(checkedUntil: "2018-01-31").assessment(.item, "1907-1").silentWorkingDays
        #expect(found.days.last?.running == elapsed)
        #expect(found.days.allSatisfy { $0.reached == nil })
    }

    @Test func `of the time after the last check two weeks are listed`() throws {
        let found = try explained("1907-1", world(checkedUntil: "2017-09-30"), at: "2026-01-01 12:00")
        #expect(found.days.count == 17 && found.days.count(where: \.isConfirmed) == 3)
    }

    @Test func `an episode shows the days that it was told for, with the threshold that they reached`() throws {
        let world = try world(checkedUntil: "2017-10-09")
        let alert = try #require(world.alerts.first { $0.kind == .stall })
        let days = explainedDays(of: alert.facts, [4: .warning])
        #expect(days.map(\.running).last == 4)
        #expect(days.filter { $0.reached == .warning }.map(\.date.description) == ["2017-10-09"])
        // One that lists only its last days begins to count where those before ended.
        var cut = alert.facts
        cut.days = alert.facts.days.map { Array($0.suffix(2)) }
        #expect(explainedDays(of: cut, [:]).map(\.running) == [3, 4])
    }
}
