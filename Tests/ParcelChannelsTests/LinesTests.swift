import ParcelChannels
import ParcelCore
import Testing

@Test func `an alert in a line tells a snooze only while it lasts`() throws {
    let now = try instant("2017-10-10T09:00:00+03:00")
    var alert = Alert(
        kind: .stall, thing: 1, key: "k", level: .warning, openedAt: now,
        facts: try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4))
    alert.acknowledged = .init(by: "cli:anna", at: now)
    alert.snoozed = .init(until: now + .days(2), by: "cli:anna")
    let taken = "№ 1907-2: нет движения, 4 рабочих дня (внимание); в работе: anna"
    #expect(line(alert, try reader(.ru), at: now) == taken + "; отложено до 12 октября 2017, 09:00")
    #expect(line(alert, try reader(.ru), at: now + .days(2) - .seconds(1)).hasSuffix("09:00"))
    for later in [now + .days(2), now + .days(30)] { #expect(line(alert, try reader(.ru), at: later) == taken) }
    #expect(line(alert, try reader(.en), at: now).hasSuffix("; taken on by anna; snoozed until 12 Oct 2017, 09:00"))
}
