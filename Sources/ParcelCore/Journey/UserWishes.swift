// What a person tells parceld about numbers: follow this one, belong it to that item, ask this carrier. Kept as the view
// of a provider called `user`, which says nothing about the way itself.

package enum UserWish: Sendable, Hashable {
    /// - item: Label of the item that it belongs to, `1907-2`.
    case add(TrackNumber, item: String?, note: String?)
    case remove(TrackNumber)
    /// A format's id or a provider's; nil takes the choice back.
    case choose(TrackNumber, carrier: String?)

    package var number: TrackNumber {
        switch self {
        case .add(let number, _, _), .remove(let number), .choose(let number, _): number
        }
    }
}

extension UserWish {
    /// For the control socket: parts with a space between, in which a text's own spaces are written as `%20`.
    package var word: String {
        func plain(_ text: String?) -> String {
            guard let text else { return "-" }
            return text.unicodeScalars.map { scalar in
                scalar == " " || scalar == "%" || scalar == "-" || scalar.value < 32
                    ? "%" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16) : String(scalar)
            }.joined()
        }
        switch self {
        case .add(let number, let item, let note): return "add \(number) \(plain(item)) \(plain(note))"
        case .remove(let number): return "remove \(number)"
        case .choose(let number, let carrier): return "choose \(number) \(plain(carrier))"
        }
    }

    /// Nil for what is no wish.
    package init?(word: String) {
        let parts = word.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        func text(_ index: Int) -> String? {
            guard parts.count > index, parts[index] != "-" else { return nil }
            var out = ""
            var rest = parts[index][...]
            while let percent = rest.firstIndex(of: "%") {
                out += rest[..<percent]
                let digits = rest[percent...].dropFirst().prefix(2)
                if let scalar = UInt8(digits, radix: 16) { out.unicodeScalars.append(Unicode.Scalar(scalar)) }
                rest = rest[percent...].dropFirst(3)
            }
            return out + rest
        }
        guard parts.count > 1, let number = TrackNumber(parts[1]) else { return nil }
        switch (parts[0], parts.count) {
        case ("add", 4): self = .add(number, item: text(2), note: text(3))
        case ("remove", 2): self = .remove(number)
        case ("choose", 3): self = .choose(number, carrier: text(2))
        default: return nil
        }
    }
}

extension ProviderID {
    /// What a person told parceld: numbers added by hand, carriers chosen.
    package static let user: ProviderID = "user"
}

extension View {
    static let addedCode = "added"

    /// A person wants this number to be followed, whoever lists it.
    package var isAdded: Bool { provider == .user && !isGone && code == View.addedCode }
}

extension Thing {
    /// The carrier or provider that a person chose for this number.
    package var chosenCarrier: String? {
        views.first { $0.provider == .user && $0.external.kind == .trackNumber }?.facts[.carrier]
    }

    package var isAddedByUser: Bool { views.contains(where: \.isAdded) }
}

/// - Parameter family: With everything that the number and the item lead to. The item is known; the caller checked.
package func apply(_ wish: UserWish, to family: Family, _ rules: Rules, at now: Timestamp) -> Family {
    let number = wish.number
    var part = ReportPart()
    let known = family.number(number)?.views.first { $0.provider == .user }
    var own = Snapshot(
        id: ExternalID(.trackNumber, number.description),
        status: ReportedStatus(code: known?.code ?? "", text: "", progress: .unstated))
    own.label = number.description
    own.facts = known?.facts ?? [:]
    switch wish {
    case .add(_, let item, let note):
        own.status.code = View.addedCode
        if let note { own.facts[.note] = note }
        if let item { part.snapshots.append(link(number, to: item, in: family)) }
    case .remove:
        own.status.code = ""
        own.facts[.note] = nil
        for thing in family.things {
            for view in thing.views
            where view.provider == .user && view.numbers.contains(where: { $0.number == number }) {
                part.snapshots.append(unlink(number, view))
            }
        }
    case .choose(_, let carrier): own.facts[.carrier] = carrier
    }
    part.snapshots.append(own)
    // What had begun before a person added the number is told by one overview.
    let context = ReconcileContext(provider: .user, at: now, zone: nil, rules: rules, isFirstPass: true)
    return reconcile(family, with: part, context)
}

private func link(_ number: TrackNumber, to item: String, in family: Family) -> Snapshot {
    let view = family.thing(.item, label: item)?.views.first { $0.provider == .user }
    var snapshot = Snapshot(
        id: ExternalID(.item, item), status: ReportedStatus(code: "", text: "", progress: .unstated))
    snapshot.label = item
    snapshot.numbers = view?.numbers ?? []
    if !snapshot.numbers.contains(where: { $0.number == number }) {
        // An item's number of no known form is a courier's.
        let role = roleByForm(of: number)
        snapshot.numbers.append(RoledNumber(role == .lastMile ? .domestic : role, number))
    }
    return snapshot
}

private func unlink(_ number: TrackNumber, _ view: View) -> Snapshot {
    var snapshot = Snapshot(id: view.external, status: ReportedStatus(code: "", text: "", progress: .unstated))
    snapshot.numbers = view.numbers.filter { $0.number != number }
    return snapshot
}
