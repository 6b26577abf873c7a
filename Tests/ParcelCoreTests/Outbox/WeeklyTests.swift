import ParcelCore
import Testing

@Test(arguments: [
    ("2026-11-25", "2026-W48"), ("2026-11-23", "2026-W48"), ("2026-11-29", "2026-W48"), ("2026-01-01", "2026-W01"),
    ("2027-01-03", "2026-W53"), ("2027-01-04", "2027-W01"), ("2024-12-31", "2025-W01"), ("2023-01-01", "2022-W52"),
])
func `a week has its ISO name`(text: String, name: String) throws {
    #expect(try Week(of: ISO8601(text).date).name == name)
}

private func rules() throws -> Rules {
    let zones = ["Asia/Shanghai": try zone("Asia/Shanghai"), "Europe/Moscow": try zone("Europe/Moscow")]
    return try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: zones))
}

/// A silence that the given days bound: since, opened, closed (or open), last confirmed.
private func silence(
    _ id: Int64, _ stage: Stage, since: String, opened: String, closed: String? = nil, confirmed: String? = nil,
    level: Level = .warning
) throws -> WeeklyAlert {
    var facts = AlertFacts()
    facts.stage = stage
    facts.contact = .logist
    facts.since = Since(try shanghai(since), .happened)
    var alert = Alert(
        kind: .stall, thing: id, key: "k", level: level, openedAt: try shanghai(opened), facts: facts)
    alert.rowID = id
    if let closed {
        alert.closedAt = try shanghai(closed)
        alert.facts.movedAt = Since(try shanghai(closed), .happened)
    }
    return WeeklyAlert(alert, confirmedAt: try confirmed.map { try shanghai($0) })
}

// Monday 23 November 2026 begins; China works Monday to Friday in these weeks.
@Test func `a summary counts the week that is over and compares it with the one before`() throws {
    var refund = try silence(5, .inbound, since: "2026-11-01", opened: "2026-11-20")
    refund.alert.kind = .refund
    refund.alert.level = .critical
    let alerts = [
        // Silent for 4 working days at the end of the week, not yet told in the one before.
        try silence(1, .inbound, since: "2026-11-16 12:00", opened: "2026-11-20 01:00", confirmed: "2026-11-23 08:00"),
        // 9 at the end of this week, 4 at the end of the one before.
        try silence(
            2, .inbound, since: "2026-11-09 12:00", opened: "2026-11-13 01:00", confirmed: "2026-11-23 08:00",
            level: .critical),
        // Closed in this week after 7; in the one before it had 4.
        try silence(3, .inbound, since: "2026-11-09 12:00", opened: "2026-11-13 01:00", closed: "2026-11-18 12:00"),
        // Over before this week; in the one before it had 5.
        try silence(4, .handover, since: "2026-11-02 12:00", opened: "2026-11-06 01:00", closed: "2026-11-09 12:00"),
        refund,
    ]
    let summary = weeklySummary(
        alerts, week: Week(of: try ISO8601("2026-11-23").date), zone: try zone("Asia/Shanghai"), watched: 9,
        lastSuccessAt: nil, try rules())
    #expect("\(summary.first) \(summary.last)" == "2026-11-16 2026-11-22")
    #expect([summary.critical, summary.warnings, summary.opened, summary.closed] == [2, 1, 2, 1])
    #expect(
        summary.silences == [
            WeeklySummary.Silence(contact: .logist, stage: .inbound, average: 67, averageBefore: 40),
            WeeklySummary.Silence(contact: .logist, stage: .handover, average: nil, averageBefore: 50),
        ])
    #expect(summary.longest.map(\.alert) == [2, 5, 1])
    // They are no reminders: each has one of its own.
    #expect(summary.longest.allSatisfy { $0.telling == .opened })
    // As far as it was confirmed by now.
    #expect(summary.longest.map(\.facts.workingDays) == [10, nil, 5])
}

@Test func `a provider that was not heard of makes no silence longer`() throws {
    let alert = try silence(
        1, .inbound, since: "2026-11-02 12:00", opened: "2026-11-06 01:00", confirmed: "2026-11-06 08:00")
    let summary = weeklySummary(
        [alert], week: Week(of: try ISO8601("2026-11-23").date), zone: try zone("Asia/Shanghai"), watched: 1,
        lastSuccessAt: nil, try rules())
    #expect(summary.silences.map(\.average) == [40] && summary.silences.map(\.averageBefore) == [40])
}
