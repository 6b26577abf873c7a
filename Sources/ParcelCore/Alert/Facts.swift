// All that a text about an alert needs. Codable: kept with the alert and with each notification.

package struct AlertFacts: Sendable, Hashable, Codable {
    package struct Number: Sendable, Hashable, Codable {
        package var role: TrackNumberRole
        package var number: String
        /// A page that follows it; nil where none is known.
        package var page: String?

        package init(role: TrackNumberRole, number: String, page: String?) {
            self.role = role
            self.number = number
            self.page = page
        }
    }

    package struct Day: Sendable, Hashable, Codable {
        package var date: LocalDate
        package var isCounted: Bool
        /// The holiday's or worked weekend's name in its own language; empty for a plain weekday or weekend.
        package var name: String
        package var isCertain: Bool

        package init(date: LocalDate, isCounted: Bool, name: String, isCertain: Bool) {
            self.date = date
            self.isCounted = isCounted
            self.name = name
            self.isCertain = isCertain
        }
    }

    package struct AddressedContact: Sendable, Hashable, Codable {
        package var role: ContactRole
        package var name: String
        package var url: String

        package init(role: ContactRole, name: String, url: String) {
            self.role = role
            self.name = name
            self.url = url
        }
    }

    package var thingKind: ThingKind?
    /// `1907-2`, `519`, `ORD-000001907`.
    package var label: String = ""
    package var order: String?
    package var stage: Stage?
    package var statusText: String?
    package var isUnmapped: Bool?
    package var decider: ProviderID?
    package var facts: [String: String]?
    package var numbers: [Number]?
    package var amount: Money?
    package var since: Since?
    package var confirmedAt: Timestamp?
    package var workingDays: Int?
    /// The number of working days that was reached.
    package var threshold: Int?
    package var isCertain: Bool?
    package var days: [Day]?
    package var calendars: [String]?
    package var zone: String?
    package var holdsUp: [String]?
    package var contacts: [AddressedContact]?
    /// Whom the stage's rule names first, with an address or without.
    package var contact: ContactRole?
    package var condition: Condition?
    package var disagreeing: [ProviderID]?
    /// On closing: why, what it says now, and when it moved.
    package var cause: Cause?
    package var newStatus: String?
    package var movedAt: Since?
    /// How often it came back after it had closed; nil for never.
    package var reopenings: Int?
    /// Who closed it by hand.
    package var closedBy: String?
    /// When the courier's parcel was signed for.
    package var signedAt: Timestamp?

    // Matters of the service.
    package var provider: ProviderID?
    package var reason: String?
    /// When it began to fail.
    package var failingSince: Timestamp?
    /// How many things it concerns.
    package var count: Int?
    package var channel: String?
    package var coverageEnd: LocalDate?
    package var file: String?

    package init() {}

    /// Keeps what belongs to the episode and not to the thing's present state.
    mutating func keepEpisode(of earlier: AlertFacts) {
        reopenings = earlier.reopenings
    }
}

extension LocalDate {
    package init(from decoder: any Decoder) throws {
        ordinal = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(ordinal)
    }
}

/// The facts about one thing as an assessment found it.
package func facts(of thing: Thing, _ assessment: Assessment, in family: Family, _ rules: Rules) -> AlertFacts {
    var facts = AlertFacts()
    facts.thingKind = thing.kind
    facts.label = thing.kind == .order ? thing.display : thing.label
    facts.order = thing.order.flatMap { family[$0]?.display }
    let view = rules.decider(of: thing, in: family)
    facts.statusText = view?.text
    facts.isUnmapped = view?.isUnmapped
    facts.decider = view?.provider
    var shown: [String: String] = [:]
    for key in FactKey.allCases { if let value = thing.fact(key) { shown[key.rawValue] = value } }
    facts.facts = shown.isEmpty ? nil : shown
    facts.numbers = family.numbers(of: thing).map {
        AlertFacts.Number(
            role: $0.role, number: $0.number.description, page: carrierPage(for: $0.number, role: $0.role))
    }
    facts.amount = thing.views.lazy.compactMap(\.amount).first
    facts.since = assessment.since
    facts.confirmedAt = assessment.confirmedAt
    if !assessment.disagreeing.isEmpty { facts.disagreeing = assessment.disagreeing }
    if !assessment.holdsUp.isEmpty { facts.holdsUp = assessment.holdsUp.compactMap { family[$0]?.label }.sorted() }
    if let stage = assessment.stage { addSilence(to: &facts, stage, assessment, rules) }
    return facts
}

private func addSilence(to facts: inout AlertFacts, _ stage: Stage, _ assessment: Assessment, _ rules: Rules) {
    let rule = rules.rule(stage)
    facts.stage = stage
    facts.workingDays = assessment.silentWorkingDays
    facts.threshold = assessment.level == .critical ? rule.critical : rule.warning
    facts.isCertain = assessment.isCertain
    facts.calendars = rule.calendars
    facts.zone = rule.zone
    if let confirmed = assessment.confirmedAt {
        facts.days = countedDays(from: assessment.since.at, to: confirmed, rules.days(stage))
    }
    facts.contact = rule.contacts.first
    facts.contacts = contacts(for: rule, numbers: facts.numbers ?? [], rules)
}

/// Each day after A up to B with whether it counts and why. At most the last 60: a silence of years needs no list.
package func countedDays(from start: Timestamp, to end: Timestamp, _ days: WorkingDays) -> [AlertFacts.Day] {
    days.days(from: .instant(start), to: .instant(end)).suffix(60).map {
        AlertFacts.Day(date: $0.date, isCounted: $0.counts, name: $0.name, isCertain: $0.isCertain)
    }
}

private func contacts(
    for rule: StageSettings, numbers: [AlertFacts.Number], _ rules: Rules
) -> [AlertFacts.AddressedContact] {
    var found: [AlertFacts.AddressedContact] = []
    for role in rule.contacts {
        if role == .carrier {
            for number in numbers.reversed() {
                if let page = number.page { found.append(.init(role: .carrier, name: number.number, url: page)) }
            }
        }
        for contact in rules.settings.contacts[role] ?? [] {
            found.append(.init(role: role, name: contact.name, url: contact.url))
        }
    }
    return found
}
