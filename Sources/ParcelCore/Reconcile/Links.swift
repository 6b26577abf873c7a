// Who leads to whom in a family, looked up once for many questions.

struct Links: Sendable {
    private(set) var byID: [ThingID: Int] = [:]
    /// Numbers by their labels.
    private(set) var numbers: [String: Int] = [:]
    /// What carries a number itself, by the number's label.
    private(set) var carriers: [String: [(thing: Int, role: TrackNumberRole)]] = [:]
    private(set) var items: [ThingID: [Int]] = [:]
    /// Parcels that hold an item.
    private(set) var parcels: [ThingID: [Int]] = [:]

    init(_ things: [Thing]) {
        for (index, thing) in things.enumerated() {
            byID[thing.id] = byID[thing.id] ?? index
            if thing.kind == .trackNumber { numbers[thing.label] = numbers[thing.label] ?? index }
            if thing.kind == .item, let order = thing.order { items[order, default: []].append(index) }
            guard thing.mergedInto == nil else { continue }
            for (label, role) in thing.carried { carriers[label, default: []].append((index, role)) }
            if thing.kind == .parcel {
                for item in Set(thing.liveViews.flatMap(\.contents)) { parcels[item, default: []].append(index) }
            }
        }
    }
}

extension Thing {
    /// Labels of the numbers that its views name, each in the first role.
    fileprivate var carried: [String: TrackNumberRole] {
        var found: [String: TrackNumberRole] = [:]
        for view in views where !view.isGone {
            for roled in view.numbers {
                let label = view.label(of: roled.number)
                found[label] = found[label] ?? roled.role
            }
        }
        return found
    }

    /// Whether it is a parcel with that item in it, as any provider says.
    func holds(_ item: ThingID) -> Bool {
        kind == .parcel && mergedInto == nil && views.contains { !$0.isGone && $0.contents.contains(item) }
    }
}
