import ParcelCore
import Testing

private func item(
    _ alert: Int64, _ telling: MessageItem.Telling = .opened, _ level: Level = .warning, kind: AlertKind = .stall,
    stage: Stage? = .inbound, contact: ContactRole? = .logist, days: Int? = 4
) -> MessageItem {
    var facts = AlertFacts()
    facts.stage = stage
    facts.contact = contact
    facts.workingDays = days
    return MessageItem(
        telling: telling, kind: kind, alert: alert, level: level, isOverview: false, facts: facts,
        changedAt: .distantPast, rows: [])
}

@Test func `items stand together by contact and stage, the worst first, what is over last`() {
    let groups = digest([
        item(1), item(2, .closed, .critical), item(3, stage: .pickup, contact: .manager, days: 6),
        item(4, .escalated, .critical, days: 5), item(5, .reminded, days: 9), item(6, .wasSilent),
        item(7, kind: .providerDown, stage: nil, contact: nil, days: nil),
        item(8, .opened, .critical, kind: .refund, stage: nil, contact: nil, days: nil),
        item(9, .opened, .critical, days: 5),
    ])
    #expect(
        groups.map { "\($0.topic) \($0.items.map(\.alert))" } == [
            "\(DigestGroup.Topic.things(.logist, .inbound)) [4, 9, 5, 1]",
            "\(DigestGroup.Topic.things(nil, nil)) [8]", "\(DigestGroup.Topic.service) [7]",
            "\(DigestGroup.Topic.things(.manager, .pickup)) [3]", "\(DigestGroup.Topic.over) [2, 6]",
        ])
    #expect(digest([]) == [])
}

@Test func `whoever has an address is the contact where the stage's rule is not known`() {
    var facts = AlertFacts()
    facts.contacts = [.init(role: .carrier, name: "a", url: "b"), .init(role: .logist, name: "c", url: "d")]
    #expect(facts.firstContact == .carrier)
    facts.contact = .manager
    #expect(facts.firstContact == .manager)
}
