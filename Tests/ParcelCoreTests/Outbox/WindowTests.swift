// When recipients are told: windows, digests, what does not wait for them, and the one message at the end of a quiet time.

import ParcelCore
import Testing

private func recipient(_ name: String = "anna", zone zoneName: String = "Europe/Moscow", _ calendar: String = "ru")
    throws
    -> Recipient
{
    let zone = try zone(zoneName)
    let days = WorkingDays(calendars: try calendars([calendar]), combine: .all, zone: zone)
    return Recipient(
        name: name, language: .ru, zone: zone, window: DeliveryWindow(opens: 9 * 3600, closes: 18 * 3600, days: days),
        channels: ["telegram"])
}

private func change(_ kind: AlertKind, _ change: Change = .opened, at: Timestamp, condition: Condition? = nil)
    -> AlertChange
{
    var facts = AlertFacts()
    facts.condition = condition
    let alert = Alert(kind: kind, thing: 1, key: "k", level: .critical, openedAt: at, facts: facts)
    return AlertChange(alert: alert, change: change, at: at, cause: .reported)
}

// 27 November 2026 is a Friday, 4 November a holiday.
@Test(arguments: [
    ("2026-11-25 08:59", "2026-11-25 09:00"), ("2026-11-25 09:00", "2026-11-25 09:00"),
    ("2026-11-25 09:01", "2026-11-25 14:00"), ("2026-11-25 14:00", "2026-11-25 14:00"),
    ("2026-11-25 14:01", "2026-11-26 09:00"), ("2026-11-27 15:00", "2026-11-30 09:00"),
    ("2026-11-03 15:00", "2026-11-05 09:00"),
])
func `a digest comes at the next of its times on a working day`(now: String, due: String) throws {
    var anna = try recipient()
    anna.digestTimes = [9 * 3600, 14 * 3600]
    #expect(anna.window.next(from: try moscow(now), at: anna.digestTimes) == (try moscow(due)))
}

private let news:
    [(kind: AlertKind, change: Change, condition: Condition?, now: String, isAnytime: Bool, due: String)] = [
        (.stall, .opened, nil, "2026-11-25 10:00", false, "2026-11-25 14:00"),
        (.refund, .opened, nil, "2026-11-25 10:00", false, "2026-11-25 10:00"),
        (.refund, .closed, nil, "2026-11-25 10:00", false, "2026-11-25 14:00"),
        (.refund, .reminded, nil, "2026-11-25 10:00", false, "2026-11-25 14:00"),
        (.condition, .opened, .lost, "2026-11-25 10:00", false, "2026-11-25 10:00"),
        (.condition, .opened, .delayed, "2026-11-25 10:00", false, "2026-11-25 14:00"),
        (.refund, .opened, nil, "2026-11-28 03:00", false, "2026-11-30 09:00"),
        (.refund, .opened, nil, "2026-11-28 03:00", true, "2026-11-28 03:00"),
        (.refund, .reopened, nil, "2026-11-28 03:00", true, "2026-11-28 03:00"),
        (.stall, .opened, nil, "2026-11-28 03:00", true, "2026-11-30 14:00"),
    ]

@Test(arguments: news)
func `what is immediate waits for no digest, and for the window unless it need not`(
    kind: AlertKind, told: Change, condition: Condition?, now: String, isAnytime: Bool, due: String
) throws {
    var anna = try recipient()
    anna.digestTimes = [14 * 3600]
    anna.immediate = KindSet(["refund", "lost", "customs_hold"])
    anna.isImmediateAnytime = isAnytime
    let now = try moscow(now)
    let rows = notifications(
        for: change(kind, told, at: now, condition: condition), to: [anna], at: now, settledAt: nil)
    #expect(rows.map(\.notBefore) == [try moscow(due)])
}

@Test func `what had begun before parceld looked waits for the overview, immediate or not`() throws {
    var anna = try recipient()
    anna.immediate = KindSet(["refund"])
    anna.isImmediateAnytime = true
    let now = try moscow("2026-11-28 03:00")
    var first = change(.refund, at: now)
    first.alert.isOverview = true
    let rows = notifications(for: first, to: [anna], at: now, settledAt: now + .hours(1))
    #expect(rows.map(\.notBefore) == [try moscow("2026-11-30 09:00")])
}

/// What comes about over a quiet time, and the one instant at which each of two recipients hears of all of it: Moscow by
/// Russia's days, Shanghai by China's.
private let quiet: [(name: String, events: [String], moscow: String, shanghai: String)] = [
    // Shanghai's window opens at 04:00 of Moscow.
    (
        "a night", ["2026-11-24 18:00", "2026-11-24 23:30", "2026-11-25 03:59"], "2026-11-25 09:00", "2026-11-25 04:00"
    ),
    (
        "a weekend", ["2026-11-27 18:00", "2026-11-28 12:00", "2026-11-29 23:59"], "2026-11-30 09:00",
        "2026-11-30 04:00"
    ),
    // Russia rests on 4 November, China works.
    ("a holiday of one", ["2026-11-03 18:30", "2026-11-04 03:00"], "2026-11-05 09:00", "2026-11-04 04:00"),
]

@Test(arguments: quiet)
func `a quiet time ends in one message for each recipient`(
    name: String, events: [String], moscowTime: String, shanghaiTime: String
) throws {
    let recipients = [try recipient(), try recipient("li", zone: "Asia/Shanghai", "cn")]
    var rows: [OutboxRow] = []
    for (number, event) in events.enumerated() {
        let now = try moscow(event)
        var opened = change(number == 1 ? .refund : .stall, at: now)
        opened.alert.rowID = Int64(number + 1)
        rows += notifications(for: opened, to: recipients, at: now, settledAt: nil)
    }
    for place in rows.indices { rows[place].rowID = Int64(place + 1) }
    for (name, opening) in [("anna", moscowTime), ("li", shanghaiTime)] {
        let own = rows.filter { $0.recipient == name }
        #expect(Set(own.map(\.notBefore)) == [try moscow(opening)])
        #expect(compose(own).count == events.count)
    }
}

@Test(arguments: [
    // 12:00:00 + 2 min is on the grid already.
    ("2026-11-25T12:00:00Z", 0, 5.0, "2026-11-25T12:02:00Z"), ("2026-11-25T12:00:01Z", 0, 5.0, "2026-11-25T12:04:00Z"),
    // A provider that answers nine seconds later is told with it.
    ("2026-11-25T12:00:10Z", 8, 5.0, "2026-11-25T12:04:00Z"),
    // 300 things, one request a second: five minutes more.
    ("2026-11-25T12:00:00Z", 300, 1.0, "2026-11-25T12:08:00Z"),
    // Never later than two hours, however many there are and however slow it is.
    ("2026-11-25T12:00:00Z", 1_000_000, 5.0, "2026-11-25T14:00:00Z"),
    ("2026-11-25T12:00:00Z", 9, 0.0, "2026-11-25T12:18:00Z"),
])
func `what is met at first waits for its details, and for others that answer with it`(
    now: String, count: Int, perSecond: Double, due: String
) throws {
    let (now, due) = (try #require(ISO8601(now).instant), try #require(ISO8601(due).instant))
    #expect(overviewDue(after: now, met: count, perSecond: perSecond) == due)
}
