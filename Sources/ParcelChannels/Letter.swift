// The letters that ask somebody about things: whom each thing is asked about, which go into one letter, and the values
// that its template arranges. Pure, so that a command and a button write the same.

package import ParcelCore

package enum LetterLanguage: String, Sendable, Hashable, CaseIterable { case ru, en, zh }

/// To whom a letter can be written. The first four are the contacts of the rules.
package enum LetterContact: String, Sendable, Hashable, CaseIterable {
    case logist, platform, manager, carrier, warehouse, seller

    init(_ role: ContactRole) {
        self =
            switch role {
            case .logist: .logist
            case .platform: .platform
            case .manager: .manager
            case .carrier: .carrier
            }
    }

    /// What they read, where the writer does not say otherwise.
    package var language: LetterLanguage {
        switch self {
        case .warehouse, .seller: .zh
        case .logist, .platform, .manager, .carrier: .ru
        }
    }
}

/// A thing to ask about, with the matter that is open about it.
package struct LetterSubject: Sendable {
    /// Nil where nothing is wrong: then the letter asks how things are.
    package var kind: AlertKind?
    package var facts: AlertFacts
    package var ending: Ending?
    package var endedAt: Timestamp?

    package init(kind: AlertKind?, facts: AlertFacts, ending: Ending? = nil, endedAt: Timestamp? = nil) {
        self.kind = kind
        self.facts = facts
        self.ending = ending
        self.endedAt = endedAt
    }

    /// The contact of its stage. A carrier mostly answers nobody but its own customer, who is the logist.
    package var contact: LetterContact {
        let roles = (facts.contacts ?? []).map(\.role)
        if facts.stage == .payment || facts.stage == .pickup, facts.condition == nil { return .manager }
        return LetterContact(roles.first { $0 != .carrier } ?? .logist)
    }

    /// Whether that one has to do with it.
    package func concerns(_ other: LetterContact) -> Bool {
        switch other {
        case .seller: [.purchase, .trackAssignment, .inbound].contains(facts.stage)
        case .warehouse: [.inbound, .assembly, .handover].contains(facts.stage)
        case .platform: true
        case .carrier: facts.stage?.isUnderWay == true || facts.stage == .acceptance
        case .logist, .manager: contact == other
        }
    }
}

package struct Letter: Sendable, Hashable {
    package var contact: LetterContact
    /// Where it can be sent, as far as that is configured.
    package var addresses: [AlertFacts.AddressedContact]
    package var language: LetterLanguage
    /// The things that it is about.
    package var labels: [String]
    package var text: String
}

/// One letter for each contact, the one with the most things first.
///
/// - Parameters:
///   - contact: Somebody else than the contact of each thing's stage.
///   - language: Another than what the contact reads.
///   - zone: In which dates are written for readers of a language.
package func letters(
    about subjects: [LetterSubject], to contact: LetterContact? = nil, in language: LetterLanguage? = nil,
    templates: Templates = .builtIn, zone: (LetterLanguage) -> Zone
) -> [Letter] {
    let grouped = Dictionary(grouping: subjects) { contact ?? $0.contact }
    let order = LetterContact.allCases.filter { grouped[$0] != nil }
    let sorted = order.enumerated().sorted { left, right in
        let (a, b) = (grouped[left.element]?.count ?? 0, grouped[right.element]?.count ?? 0)
        return a == b ? left.offset < right.offset : a > b
    }
    return sorted.map { _, contact in
        let (subjects, language) = (grouped[contact] ?? [], language ?? contact.language)
        let writer = LetterWriter(language, zone(language), contact)
        return Letter(
            contact: contact, addresses: addresses(contact, subjects), language: language,
            labels: subjects.map(\.facts.label),
            text: templates.render(.letter, language.rawValue, writer.values(subjects)))
    }
}

private func addresses(_ contact: LetterContact, _ subjects: [LetterSubject]) -> [AlertFacts.AddressedContact] {
    var found: [AlertFacts.AddressedContact] = []
    for address in subjects.flatMap({ $0.facts.contacts ?? [] }) where LetterContact(address.role) == contact {
        if !found.contains(address) { found.append(address) }
    }
    return found
}

/// The values of one letter. Things about which the same is asked stand together, in the order in which they came.
struct LetterWriter {
    let language: LetterLanguage
    let contact: LetterContact
    /// For Chinese too: it has the zone, and names what has one name everywhere.
    let reader: Reader

    init(_ language: LetterLanguage, _ zone: Zone, _ contact: LetterContact) {
        self.language = language
        self.contact = contact
        reader = Reader(language == .ru ? .ru : .en, zone)
    }

    func say(_ russian: String, _ english: String, _ chinese: String) -> String {
        switch language {
        case .ru: russian
        case .en: english
        case .zh: chinese
        }
    }

    func values(_ subjects: [LetterSubject]) -> TemplateValues {
        struct Group {
            var kind: AlertKind?
            var question: String
            var subjects: [LetterSubject]
        }
        var groups: [Group] = []
        for subject in subjects {
            let question = question(about: subject)
            if let at = groups.firstIndex(where: { $0.kind == subject.kind && $0.question == question }) {
                groups[at].subjects.append(subject)
            } else {
                groups.append(Group(kind: subject.kind, question: question, subjects: [subject]))
            }
        }
        var number = 0
        let rows = groups.map { group -> TemplateValues in
            let things = group.subjects.map { subject -> TemplateValues in
                number += 1
                var values = values(of: subject)
                if subjects.count > 1 { values["mark"] = .text("\(number).") }
                return values
            }
            return [
                "opening": .text(
                    opening(
                        group.kind, group.subjects.map(\.facts.thingKind), isOver: group.subjects.first?.ending != nil)),
                "things": .rows(things),
                "question": .text(group.question),
            ]
        }
        return ["groups": .rows(rows)]
    }

    private func values(of subject: LetterSubject) -> TemplateValues {
        let facts = subject.facts
        func fact(_ key: FactKey) -> TemplateValue { .text(harmless(facts.facts?[key.rawValue] ?? "")) }
        var values: TemplateValues = [
            "thing": .text(name(facts)), "title": fact(.title), "seller": fact(.seller), "account": fact(.account),
            "externalOrder": fact(.externalOrder), "problem": fact(.problem),
            "numbers": .rows(
                (facts.numbers ?? []).map {
                    ["number": .text(harmless($0.number, limit: 80)), "role": .text(word($0.role))]
                }),
            "status": .text(quoted(facts.statusText)),
        ]
        if facts.thingKind != .order { values["order"] = .text(harmless(facts.order ?? "", limit: 80)) }
        if let ending = subject.ending {
            values["ending"] = .text(word(ending))
            values["endedOn"] = .text(subject.endedAt.map { date($0) } ?? "")
        } else {
            values["stage"] = .text(facts.stage.map { word($0) } ?? "")
            values.merge(silence(facts)) { $1 }
        }
        switch subject.kind {
        case .refund?: values["amount"] = .text(facts.amount.map { amount($0) } ?? "")
        case .condition?: values["condition"] = .text(facts.condition.map { word($0) } ?? "")
        case .vanished?: values["goneFrom"] = .text(facts.provider.map { self.name($0) } ?? "")
        case .contradiction?: values["finishedAt"] = .text(list((facts.disagreeing ?? []).map { self.name($0) }))
        default: break
        }
        return values
    }

    private func silence(_ facts: AlertFacts) -> TemplateValues {
        var values: TemplateValues = [:]
        if let since = facts.since {
            values["since"] = .text(date(since.at))
            values["seen"] = .flag(since.basis == .seen)
        }
        if let days = facts.workingDays, days > 0, let calendars = facts.calendars, !calendars.isEmpty {
            values["silence"] = .text(workingDays(days))
            values["calendar"] = .text(calendarWords(calendars))
        }
        if let confirmed = facts.confirmedAt { values["checked"] = .text(date(confirmed)) }
        if let held = facts.holdsUp, !held.isEmpty {
            values["holdsUp"] = .text(list(held.map { harmless($0, limit: 80) }))
        }
        return values
    }
}
