import ParcelCore
import Testing

@testable import ParcelStore

struct AlertTests {
    private func alert(_ thing: ThingID?, _ kind: AlertKind = .stall, key: String = "stall/inbound/1") -> Alert {
        var facts = AlertFacts()
        facts.thingKind = .item
        facts.label = "1907-2"
        facts.stage = .inbound
        facts.since = Since(noon - .days(9), .happened)
        facts.numbers = [AlertFacts.Number(role: .domestic, number: "711", page: nil)]
        facts.days = [AlertFacts.Day(date: LocalDate(ordinal: 17_441), isCounted: false, name: "国庆节", isCertain: true)]
        facts.contacts = [
            AlertFacts.AddressedContact(role: .logist, name: "LiteMF", url: "https://ru.litemf.com/ru/support")
        ]
        facts.amount = Money(minor: 14467, currency: "RUB")
        return Alert(kind: kind, thing: thing, key: key, level: .warning, openedAt: noon, facts: facts)
    }

    private func change(_ alert: Alert, _ change: Change, _ cause: Cause, at: Timestamp) -> DecidedChange {
        let made = AlertChange(alert: alert, change: change, at: at, cause: cause)
        return DecidedChange(
            change: made, rows: [OutboxRow(made, recipient: "manager", channel: "telegram", notBefore: at + .hours(9))])
    }

    @Test func `an alert is stored with the thing that is stored with it`() throws {
        let bench = try Bench()
        let opened = alert(-3)
        try bench.store.commit(.saving(try richFamily(), changes: [change(opened, .opened, .threshold, at: noon)]))
        let id = try #require(try bench.store.find("1907-2").first?.id)
        var expected = opened
        expected.thing = id
        let stored = try bench.store.alerts(about: [id, -7])
        expected.rowID = stored.first?.rowID
        #expect(stored == [expected])
        #expect(stored.first?.rowID != nil)
        let row = try #require(try bench.store.dueRows("telegram", at: noon + .hours(9))["manager"]?.first)
        #expect(row.alert == stored[0].rowID)
        #expect(row.alertKey == opened.key)
        #expect(row.facts == opened.facts)
        #expect(row.notBefore == noon + .hours(9))
    }

    @Test func `an episode keeps its row, and each step of it is kept`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily(), changes: [change(alert(-3), .opened, .threshold, at: noon)]))
        let family = try bench.store.family(named: "1907-2")
        let id = try #require(family.thing(.item, label: "1907-2")?.id)
        var current = try #require(try bench.store.alerts(about: [id]).first)
        current.level = .critical
        current.facts.workingDays = 5
        let escalated = change(current, .escalated, .threshold, at: noon + .days(1))
        try bench.store.commit(.saving(family, before: family, at: noon + .days(1), changes: [escalated]))
        current.closedAt = noon + .days(3)
        current.facts.cause = .moved
        let closed = change(current, .closed, .moved, at: noon + .days(3))
        try bench.store.commit(.saving(family, before: family, at: noon + .days(3), changes: [closed]))
        #expect(try bench.store.alerts(about: [id]) == [current])
        let steps = try bench.store.changes(of: [try #require(current.rowID)])
        #expect(steps.map(\.change) == [.opened, .escalated, .closed])
        #expect(steps.map(\.cause) == [.threshold, .threshold, .moved])
        #expect(steps.map(\.level) == [.warning, .critical, .critical])
        #expect(steps.map(\.at) == [noon, noon + .days(1), noon + .days(3)])
        #expect(steps.map(\.facts.workingDays) == [nil, 5, 5])
        #expect(steps.allSatisfy { $0.madeBy == "parceld" })

        // As it was at each time.
        func seen(_ at: Timestamp, closed: Bool = false) throws -> [String] {
            try bench.store.alerts(at: at, includingClosed: closed).map { "\($0.level) \($0.closedAt == nil)" }
        }
        #expect(try seen(noon - .minutes(1)) == [])
        #expect(try seen(noon) == ["warning true"])
        #expect(try seen(noon + .days(2)) == ["critical true"])
        #expect(try seen(noon + .days(3)) == [])
        #expect(try seen(noon + .days(3), closed: true) == ["critical false"])
        #expect(try seen(noon + .hours(1), closed: true) == ["warning true"])
    }

    @Test func `matters of the service belong to no thing`() throws {
        let bench = try Bench()
        var decision = Decision(at: noon)
        decision.alertChanges = [
            change(alert(nil, .providerDown, key: "provider_down/litemf"), .opened, .reported, at: noon)
        ]
        try bench.store.commit(decision)
        var open = try #require(try bench.store.openServiceAlerts().first)
        #expect(open.kind == .providerDown)
        #expect(open.thing == nil)
        open.closedAt = noon + .days(1)
        decision.alertChanges = [change(open, .closed, .recovered, at: noon + .days(1))]
        try bench.store.commit(decision)
        #expect(try bench.store.openServiceAlerts() == [])
        #expect(
            try bench.store.alerts(at: noon + .days(2), includingClosed: true).map(\.key) == ["provider_down/litemf"])
    }

    @Test func `nobody asks about things that are not stored`() throws {
        let bench = try Bench()
        #expect(try bench.store.alerts(about: [-1, -2]) == [])
        #expect(try bench.store.alerts(about: []) == [])
    }

    @Test func `the rules are kept as they are, and a change of them is told`() throws {
        let bench = try Bench()
        #expect(try bench.store.rules() == nil)
        #expect(try bench.store.save(.standard))
        #expect(try !bench.store.save(.standard))
        var other = RuleSettings.standard
        other.stages[.inbound]?.warning = 3
        #expect(try bench.store.save(other))
        #expect(try bench.store.rules() == other)
    }
}
