// What providers contradict each other about, beside how far a thing is: a signature that the warehouse does not know, and
// two numbers in one role (DESIGN 4). Each has to last, because the other may just not have heard yet.

/// The seller's courier says that it was signed for at the warehouse.
package struct Signature: Sendable, Hashable {
    package var at: Timestamp
    /// Who tells of the courier.
    package var provider: ProviderID?
    /// From then on the warehouse should have registered it.
    package var dueAt: Timestamp
    /// Whether a poll confirmed that it had not by then.
    package var isTold: Bool
}

/// Providers that have nothing in common among a thing's numbers in one role.
package struct NumberDisagreement: Sendable, Hashable {
    package var role: TrackNumberRole
    package var numbers: [String]
    package var providers: [ProviderID]
    package var dueAt: Timestamp
    /// Whether two of them still said so by then.
    package var isTold: Bool
    /// Whether the last answer of each could be read and showed the thing.
    package var isHeard: Bool

    /// An alert's key, by which it is known again.
    var key: String { "two_numbers/\(role.rawValue)/\(numbers.joined(separator: "+"))" }

    /// Whether all that an alert with that key tells of is still said.
    func includes(_ key: String) -> Bool {
        let parts = key.split(separator: "/")
        return isInRole(of: key) && parts.last.map { numbers.contains(allOf: $0.split(separator: "+")) } ?? false
    }

    func isInRole(of key: String) -> Bool { key.hasPrefix("two_numbers/\(role.rawValue)/") }
}

extension [String] {
    fileprivate func contains(allOf others: [Substring]) -> Bool { others.allSatisfy { contains(String($0)) } }
}

/// Working days in which the warehouse registers what was signed for.
private let daysToRegister = 2
/// Working days in which one provider hears of a number that another one gives.
private let daysToHear = 1

/// - Parameter confirmedAt: When the deciding provider last showed the item unmoved.
func signature(of thing: Thing, confirmedAt: Timestamp?, in family: Family, _ rules: Rules) -> Signature? {
    guard thing.kind == .item, thing.stage == .inbound else { return nil }
    let signed = family.followed(by: thing).map(\.number).filter { $0.ending == .handedOver && !$0.isEarlierGeneration }
    guard let last = signed.max(by: { ($0.endedAt ?? .distantPast) < ($1.endedAt ?? .distantPast) }),
        let at = last.endedAt, let dueAt = rules.days(.inbound).due(from: .instant(at), after: daysToRegister)?.instant
    else { return nil }
    return Signature(
        at: at, provider: family.decidingCarrier(of: last)?.provider, dueAt: dueAt,
        isTold: confirmedAt.map { $0 >= dueAt } ?? false)
}

/// Whose last answer could not be read, or did not show the thing, said so before and has taken nothing back: that keeps a
/// disagreement, and begins none.
func disagreements(about thing: Thing, _ rules: Rules) -> [NumberDisagreement] {
    guard !thing.isFinished, thing.mergedInto == nil, thing.kind == .item || thing.kind == .parcel else { return [] }
    let views = thing.liveViews.filter { $0.provider != .user }
    // A look into every history is for the few that differ.
    guard views.count(where: { !$0.numbers.isEmpty }) > 1 else { return [] }
    return places(in: views).compactMap { role, form in
        let told = views.map { (view: $0, numbers: $0.numbers(in: role, form)) }.filter { !$0.numbers.isEmpty }
        return disagreement(about: thing, role, told, rules)
    }
}

private func disagreement(
    about thing: Thing, _ role: TrackNumberRole, _ told: [(view: View, numbers: Set<String>)], _ rules: Rules
) -> NumberDisagreement? {
    func differ(_ left: (view: View, numbers: Set<String>), _ right: (view: View, numbers: Set<String>)) -> Bool {
        left.view.provider != right.view.provider && left.numbers.isDisjoint(with: right.numbers)
    }
    let differing = told.filter { one in told.contains { differ(one, $0) } }
    let numbers = differing.reduce(into: Set<String>()) { $0.formUnion($1.numbers) }
    let events = thing.events.filter { $0.kind == .number && numbers.contains($0.text) }
    let days = rules.days(thing.stage ?? .unmapped)
    guard let since = events.map(\.seenAt).max(),
        let dueAt = days.due(from: .instant(since), after: daysToHear)?.instant
    else { return nil }
    let heard = differing.filter { $0.view.error == nil && $0.view.missedPasses == 0 }
    let late = heard.filter { $0.view.seenAt >= dueAt }
    return NumberDisagreement(
        role: role, numbers: numbers.sorted(), providers: Set(differing.map(\.view.provider)).sorted(), dueAt: dueAt,
        isTold: late.contains { one in late.contains { differ(one, $0) } }, isHeard: heard.count == differing.count)
}

/// Each partner has an id of its own for one parcel (LP, RP): only those of one form say the same.
private func places(in views: [View]) -> [(role: TrackNumberRole, form: String?)] {
    let forms = Set(views.flatMap(\.numbers).filter { $0.role == .forwarder }.map { form(of: $0.number) })
    return TrackNumberRole.allCases.flatMap { role in
        role == .forwarder ? forms.sorted().map { (role, $0) } : [(role, nil)]
    }
}

private func form(of number: TrackNumber) -> String { formats(of: number).first?.format.id ?? "" }

extension View {
    fileprivate func numbers(in role: TrackNumberRole, _ place: String?) -> Set<String> {
        let own = numbers.lazy.filter { $0.role == role && (place == nil || form(of: $0.number) == place) }
        return Set(own.map(\.number.description))
    }
}
