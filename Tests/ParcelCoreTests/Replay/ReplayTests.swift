import ParcelCore
import Testing

/// A world whose polls are remembered as what they really told.
private struct Played {
    var world: RuleWorld
    var told: [Telling] = []

    init() throws { world = try RuleWorld() }

    mutating func poll(_ at: String, _ snapshots: [Snapshot], change: (inout ReportPart) -> Void = { _ in }) throws {
        let known = world.alerts
        try world.poll("otcommerce", at, snapshots, change: change)
        for (index, alert) in world.alerts.enumerated() where alert.kind == .stall {
            let isNew = index >= known.count
            guard isNew || known[index].level < alert.level, let stage = alert.facts.stage,
                let since = alert.facts.since?.at
            else { continue }
            told.append(
                Telling(
                    thing: try #require(alert.thing), stage: stage, since: since, level: alert.level,
                    at: try shanghai(at), threshold: alert.facts.threshold ?? 0))
        }
    }

    func replayed(_ rules: Rules, _ evidence: ReplayEvidence = ReplayEvidence(), until end: String) throws
        -> ReplayComparison
    {
        let instant = try shanghai(end)
        let again = replay(world.family, rules, evidence, until: instant)
        let days = LocalDate(ordinal: 0)...rules.days(.inbound).zone.date(of: instant)
        return ReplayComparison(again, against: told, rules, days: days)
    }

    func rules(_ change: (inout RuleSettings) -> Void) throws -> Rules {
        var settings = RuleSettings.standard
        change(&settings)
        let zones = ["Asia/Shanghai": try zone("Asia/Shanghai"), "Europe/Moscow": try zone("Europe/Moscow")]
        return try #require(Rules(settings: settings, calendars: BuiltinCalendars.all(), zones: zones))
    }
}

/// `2017-10-10 moved warning inbound (then 2017-10-11)`
private func lines(_ comparison: ReplayComparison, _ family: Family) -> [String] {
    comparison.rows.map { row in
        let label = family[row.telling.thing]?.label ?? ""
        return "\(row.day) \(row.verdict.rawValue) \(label) \(row.telling.level.rawValue) \(row.telling.stage.rawValue)"
            + (row.toldThen.map { " (then \($0))" } ?? "")
    }
}

/// Polled every day at ten in the morning: item 1907-1 is at the warehouse on 11 September, 1907-2 stands still with its
/// number over Golden Week and arrives on 13 October, the order then waits to be packed.
private func goldenWeek() throws -> Played {
    var played = try Played()
    let number = "LP1930191011"
    var day = try ISO8601("2017-09-04").date
    while day <= (try ISO8601("2017-10-25").date) {
        let text = day.description
        let first = text < "2017-09-11" ? item(1, 4, track: "885712204410") : item(1, 6, track: "885712204410")
        let second =
            text < "2017-09-08"
            ? item(2, 4) : text < "2017-10-13" ? item(2, 4, track: number) : item(2, 6, track: number)
        try played.poll("\(text) 10:00", [first, second]) { $0.listed = [ExternalID(.order, "ORD-1907")] }
        day = day.adding(days: 1)
    }
    return played
}

struct ReplayTests {
    @Test func `the rules that were in force would have told what was told`() throws {
        let played = try goldenWeek()
        let comparison = try played.replayed(played.world.rules, until: "2017-10-25 23:00")
        #expect(!played.told.isEmpty)
        #expect(comparison.count(.same) == played.told.count, "\(lines(comparison, played.world.family))")
        #expect(comparison.rows.count == played.told.count, "\(lines(comparison, played.world.family))")
    }

    @Test func `a lower threshold tells earlier and more, a higher one later and less`() throws {
        let played = try goldenWeek()
        let then = try lines(played.replayed(played.world.rules, until: "2017-10-25 23:00"), played.world.family)
        #expect(then.contains("2017-09-14 same 1907-2 warning inbound"), "\(then)")
        let early = try played.rules { $0.stages[.inbound]?.warning = 3 }
        let sooner = try lines(played.replayed(early, until: "2017-10-25 23:00"), played.world.family)
        #expect(sooner.contains("2017-09-13 moved 1907-2 warning inbound (then 2017-09-14)"), "\(sooner)")
        #expect(sooner.contains("2017-09-15 same 1907-2 critical inbound"), "\(sooner)")
        let late = try played.rules {
            $0.stages[.inbound]?.warning = 100
            $0.stages[.inbound]?.critical = 101
        }
        let fewer = try lines(played.replayed(late, until: "2017-10-25 23:00"), played.world.family)
        #expect(fewer.contains("2017-09-14 only_then 1907-2 warning inbound"), "\(fewer)")
        #expect(!fewer.contains { $0.contains("only_these_rules") })
    }

    @Test func `an overlay over the whole time silences its stages`() throws {
        let played = try goldenWeek()
        let rest = try ISO8601("2017-09-01").date...ISO8601("2017-10-31").date
        let rules = try played.rules { $0.overlays = [Overlay(name: "rest", off: [rest], stages: [.inbound])] }
        let rows = try lines(played.replayed(rules, until: "2017-10-25 23:00"), played.world.family)
        #expect(rows.filter { $0.contains("inbound") }.allSatisfy { $0.contains("only_then") }, "\(rows)")
    }

    @Test func `nothing is told of the time after the last check, and while the provider was down`() throws {
        var played = try Played()
        for day in 4...6 { try played.poll("2017-09-0\(day) 10:00", [item(1, 4, track: "885712204410")]) }
        // Nobody has looked since the 6th: what would be due on the 8th is not confirmed.
        #expect(try played.replayed(played.world.rules, until: "2017-09-20").rows.isEmpty)
        // It was looked at again on the 14th; in between the provider did not answer.
        try played.poll("2017-09-14 10:00", [item(1, 4, track: "885712204410")])
        var evidence = ReplayEvidence()
        evidence.outages["otcommerce"] = [try shanghai("2017-09-07 08:00")..<shanghai("2017-09-14 09:00")]
        let rows = try lines(played.replayed(played.world.rules, evidence, until: "2017-09-20"), played.world.family)
        #expect(rows == ["2017-09-14 same 1907-1 critical inbound"])
    }

    @Test func `what had moved before the threshold and was seen after it is no silence, but for a check between`()
        throws
    {
        var played = try Played()
        try played.poll("2017-09-04 10:00", [item(1, 4, track: "885712204410")])
        var arrived = item(1, 6, track: "885712204410")
        arrived.status.time = .instant(try shanghai("2017-09-07 15:00"), text: "x")
        try played.poll("2017-09-11 10:00", [arrived])
        #expect(try played.replayed(played.world.rules, until: "2017-09-12").rows.isEmpty)
        var evidence = ReplayEvidence()
        let item = try #require(played.world.family.thing(.item, label: "1907-1"))
        evidence.confirmations[item.id] = [try shanghai("2017-09-08 12:00")]
        let rows = try lines(played.replayed(played.world.rules, evidence, until: "2017-09-12"), played.world.family)
        #expect(rows == ["2017-09-08 only_these_rules 1907-1 warning inbound"])
    }

    @Test func `days outside the range are left out`() throws {
        let played = try goldenWeek()
        let again = replay(played.world.family, played.world.rules, ReplayEvidence(), until: try shanghai("2017-10-25"))
        let day = try ISO8601("2017-09-15").date
        let comparison = ReplayComparison(again, against: played.told, played.world.rules, days: day...day)
        #expect(Set(comparison.rows.map(\.day)) == [day])
    }
}
