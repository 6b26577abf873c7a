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

/// Two providers that have nothing in common among a thing's numbers in one role.
package struct NumberDisagreement: Sendable, Hashable {
    package var role: TrackNumberRole
    package var numbers: [String]
    package var providers: [ProviderID]
    package var dueAt: Timestamp
    /// Whether both still said so by then.
    package var isTold: Bool
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

func disagreement(about thing: Thing, _ rules: Rules) -> NumberDisagreement? {
    guard !thing.isFinished, thing.mergedInto == nil, thing.kind == .item || thing.kind == .parcel else { return nil }
    let views = thing.liveViews.filter { $0.provider != .user && $0.error == nil && $0.missedPasses == 0 }
    // A look into every history is for the few that differ.
    guard views.count(where: { !$0.numbers.isEmpty }) > 1 else { return nil }
    for (role, form) in places(in: views) {
        let told = views.map { ($0, $0.numbers(in: role, form)) }.filter { !$0.1.isEmpty }
        for (index, left) in told.enumerated() {
            for right in told[(index + 1)...]
            where left.0.provider != right.0.provider && left.1.isDisjoint(with: right.1) {
                if let found = disagreement(about: thing, role, left, right, rules) { return found }
            }
        }
    }
    return nil
}

private func disagreement(
    about thing: Thing, _ role: TrackNumberRole, _ left: (View, Set<String>), _ right: (View, Set<String>),
    _ rules: Rules
) -> NumberDisagreement? {
    let numbers = left.1.union(right.1)
    let events = thing.events.filter { $0.kind == .number && numbers.contains($0.text) }
    let days = rules.days(thing.stage ?? .unmapped)
    guard let since = events.map(\.seenAt).max(),
        let dueAt = days.due(from: .instant(since), after: daysToHear)?.instant
    else { return nil }
    return NumberDisagreement(
        role: role, numbers: numbers.sorted(), providers: [left.0.provider, right.0.provider].sorted(), dueAt: dueAt,
        isTold: min(left.0.seenAt, right.0.seenAt) >= dueAt)
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
