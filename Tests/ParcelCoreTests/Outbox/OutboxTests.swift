import ParcelCore
import Testing

private func row(_ id: Int64, _ alert: Int64, _ change: Change, _ level: Level, days: Int = 4) throws -> OutboxRow {
    var facts = AlertFacts()
    facts.label = "1907-\(alert)"
    facts.thingKind = .item
    facts.workingDays = days
    return OutboxRow(
        rowID: id, recipient: "manager", channel: "telegram", alert: alert, alertKey: "stall", kind: .stall,
        change: change, level: level, isOverview: false, facts: facts, createdAt: try shanghai("2017-10-09"),
        notBefore: try shanghai("2017-10-09"))
}

@Test func `what changed twice before it could be told is told once, as it is now`() throws {
    let items = compose([
        try row(1, 1, .opened, .warning), try row(2, 2, .opened, .warning),
        try row(3, 1, .escalated, .critical, days: 5),
        try row(4, 2, .closed, .warning), try row(5, 3, .closed, .critical), try row(6, 4, .escalated, .critical),
    ])
    #expect(
        items.map { "\($0.alert) \($0.telling.rawValue) \($0.level.rawValue)" } == [
            "1 opened critical", "4 escalated critical", "3 closed critical", "2 was_silent warning",
        ])
    #expect(items.first?.rows == [1, 3])
    #expect(items.first?.facts.workingDays == 5)
}

// 14:00 in Shanghai is 09:00 in Moscow; 14 July 2017 is a Friday, 12 June is Russia Day.
@Test(arguments: [
    ("2017-07-14 14:00", "2017-07-14 14:00"),
    ("2017-07-14 13:59", "2017-07-14 14:00"), ("2017-07-14 23:00", "2017-07-17 14:00"),
    ("2017-07-16 00:30", "2017-07-17 14:00"), ("2017-06-12 15:00", "2017-06-13 14:00"),
    ("2018-01-01 15:00", "2018-01-09 14:00"),
])
func `a window opens at nine in Moscow on Russian working days`(now: String, opens: String) throws {
    let days = WorkingDays(calendars: try calendars(["ru"]), combine: .all, zone: try zone("Europe/Moscow"))
    let window = DeliveryWindow(opens: 9 * 3600, closes: 18 * 3600, days: days)
    #expect(window.next(from: try shanghai(now)) == (try shanghai(opens)))
}

@Test func `a refused channel is told about on the others`() throws {
    let days = WorkingDays(calendars: try calendars(["daily"]), combine: .all, zone: .utc)
    let recipient = Recipient(
        name: "a", language: .ru, zone: .utc, window: DeliveryWindow(opens: 0, closes: 86_400, days: days),
        channels: ["telegram", "hook"])
    var facts = AlertFacts()
    facts.channel = "telegram"
    let now = try shanghai("2026-11-02")
    let alert = Alert(kind: .channelRefused, thing: nil, key: "k", level: .critical, openedAt: now, facts: facts)
    let rows = notifications(
        for: AlertChange(alert: alert, change: .opened, at: now, cause: .reported), to: [recipient], at: now,
        settledAt: nil)
    #expect(rows.map(\.channel) == ["hook"])
}
