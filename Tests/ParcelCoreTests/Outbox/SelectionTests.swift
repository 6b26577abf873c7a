import ParcelCore
import Testing

private func alert(
    _ kind: AlertKind = .stall, _ level: Level = .warning, stage: Stage? = .inbound, contact: ContactRole? = .logist,
    provider: ProviderID = "otcommerce", condition: Condition? = nil
) -> Alert {
    var facts = AlertFacts()
    facts.stage = stage
    facts.contact = contact
    facts.decider = provider
    facts.condition = condition
    return Alert(kind: kind, thing: 1, key: "k", level: level, openedAt: .distantPast, facts: facts)
}

private func recipient(_ name: String, _ selection: Selection, _ channels: [String] = ["telegram"]) throws -> Recipient
{
    let days = WorkingDays(calendars: try calendars(["daily"]), combine: .all, zone: .utc)
    var recipient = Recipient(
        name: name, language: .ru, zone: .utc, window: DeliveryWindow(opens: 0, closes: 86_400, days: days),
        channels: channels)
    recipient.selection = selection
    return recipient
}

private let service = alert(.providerDown, .critical, stage: nil, contact: nil, provider: "shiptor")
private let refund = alert(.refund, .critical, stage: nil, contact: nil)

private let choices: [(selection: Selection, alert: Alert, isWanted: Bool)] = [
    (.all, alert(), true), (.all, service, true),
    (Selection(minimumLevel: .critical), alert(), false), (Selection(minimumLevel: .critical), refund, true),
    (Selection(only: AlertFilter(contacts: [.logist])), alert(), true),
    (Selection(only: AlertFilter(contacts: [.carrier, .manager])), alert(), false),
    // What it does not have leaves no alert out.
    (Selection(only: AlertFilter(contacts: [.carrier], stages: [.pickup])), refund, true),
    (Selection(only: AlertFilter(stages: [.pickup])), service, true),
    (Selection(only: AlertFilter(providers: ["litemf"])), service, false),
    (Selection(only: AlertFilter(contacts: [.logist], stages: [.pickup])), alert(), false),
    (Selection(except: AlertFilter(contacts: [.logist])), alert(), false),
    (Selection(except: AlertFilter(stages: [.pickup], providers: ["otcommerce"])), alert(), false),
    (Selection(except: AlertFilter(stages: [.pickup])), alert(), true),
    (Selection(only: AlertFilter(kinds: KindSet(["service"]))), service, true),
    (Selection(only: AlertFilter(kinds: KindSet(["service"]))), alert(), false),
    (Selection(except: AlertFilter(kinds: KindSet(["service"]))), service, false),
    (Selection(only: AlertFilter(kinds: KindSet(["lost", "refund"]))), refund, true),
    (
        Selection(only: AlertFilter(kinds: KindSet(["lost", "refund"]))),
        alert(.condition, .critical, condition: .lost),
        true
    ),
    (
        Selection(only: AlertFilter(kinds: KindSet(["lost", "refund"]))),
        alert(.condition, .critical, condition: .delayed), false
    ),
    (Selection(only: AlertFilter(stages: [.inbound]), except: AlertFilter(kinds: KindSet(["stall"]))), alert(), false),
]

@Test(arguments: choices)
func `a recipient is told of what they chose`(selection: Selection, alert: Alert, isWanted: Bool) {
    #expect(selection.wants(alert) == isWanted)
}

@Test func `what nobody chose goes to the first, but for a silence that waits to be critical`() throws {
    let critical = try recipient("anna", Selection(minimumLevel: .critical))
    let pickup = try recipient(
        "boris", Selection(minimumLevel: .critical, only: AlertFilter(stages: [.pickup])))
    func names(_ alert: Alert, _ recipients: [Recipient]) -> [String] {
        audience(of: alert, among: recipients).map(\.name)
    }
    #expect(names(alert(), [critical, pickup]) == [])
    #expect(names(alert(.stall, .critical), [critical, pickup]) == ["anna"])
    #expect(names(alert(.stall, .critical, stage: .pickup), [critical, pickup]) == ["anna", "boris"])
    // It never becomes critical: nobody would ever hear of it.
    #expect(names(alert(.vanished), [critical, pickup]) == ["anna"])
    #expect(names(alert(), [pickup]) == ["boris"])
    #expect(names(alert(), []) == [])
}

@Test func `kinds of which nobody chose all are known`() {
    let stalls = Selection(only: AlertFilter(kinds: KindSet(["stall", "service", "delayed"])))
    let providers: [ProviderID] = ["otcommerce"]
    #expect(kindsLeft(by: [.all], .standard, providers) == [])
    #expect(kindsLeft(by: [stalls, Selection(only: AlertFilter(stages: [.pickup]))], .standard, providers).count == 6)
    #expect(
        kindsLeft(by: [Selection(only: AlertFilter(contacts: [.logist]))], .standard, providers) == [
            .stall, .contradiction, .refund, .condition, .vanished, .signed, .twoNumbers,
        ])
    #expect(kindsLeft(by: [Selection(minimumLevel: .critical)], .standard, providers) == [])
}

private let tellings: [(change: Change, last: Change?, told: Change?)] = [
    (.opened, nil, .opened), (.escalated, .opened, .escalated), (.closed, .escalated, .closed),
    (.reopened, .closed, .reopened), (.lowered, .opened, .lowered), (.reminded, .opened, .reminded),
    // Who was told of none of it.
    (.escalated, nil, .opened), (.reminded, nil, .opened), (.reopened, nil, .opened), (.closed, nil, nil),
    (.lowered, nil, nil),
    // Who believes that it is over.
    (.closed, .closed, nil), (.lowered, .closed, nil), (.escalated, .closed, .reopened),
    (.reminded, .closed, .reopened),
]

@Test(arguments: tellings)
func `a change is told by what was told before`(change: Change, last: Change?, told: Change?) {
    #expect(change.told(after: last) == told)
}

@Test func `an opening goes to those who chose it, an end to all for the store to judge`() throws {
    let recipients = [
        try recipient("anna", Selection(minimumLevel: .critical), ["telegram", "mail"]), try recipient("boris", .all),
    ]
    func told(_ change: Change, _ level: Level) -> [String] {
        let change = AlertChange(alert: alert(.stall, level), change: change, at: .distantPast, cause: .threshold)
        return notifications(for: change, to: recipients, at: .distantPast, settledAt: nil).map {
            "\($0.recipient) \($0.channel)"
        }
    }
    #expect(told(.opened, .warning) == ["boris telegram"])
    #expect(told(.escalated, .critical) == ["anna telegram", "anna mail", "boris telegram"])
    #expect(told(.closed, .warning) == ["anna telegram", "anna mail", "boris telegram"])
}

@Test func `a warning is nobody's while all want criticals only, and a refused channel is everybody's`() throws {
    let now = try shanghai("2026-11-06")
    func told(_ alert: Alert, _ recipients: [Recipient]) -> [String] {
        let opened = AlertChange(alert: alert, change: .opened, at: now, cause: .reported)
        return notifications(for: opened, to: recipients, at: now, settledAt: nil).map {
            "\($0.recipient) \($0.channel)"
        }
    }
    let critical = try recipient("anna", Selection(minimumLevel: .critical))
    #expect(told(alert(), [critical]) == [])
    #expect(told(alert(.stall, .critical), [critical]) == ["anna telegram"])
    var refused = alert(.channelRefused, .critical, stage: nil, contact: nil)
    refused.facts.channel = "mail"
    let services = AlertFilter(kinds: KindSet(["service"]))
    let administrator = try recipient("admin", Selection(only: services), ["mail"])
    let manager = try recipient("manager", Selection(except: services))
    #expect(told(refused, [administrator, manager]) == ["manager telegram"])
}
