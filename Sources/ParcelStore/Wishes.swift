// What a person wishes of numbers, written in one transaction: all of it or nothing.

import GRDB
package import ParcelCore

extension Store {
    /// - Parameter decide: Adds to each family what else follows: alerts and asks. Where no daemon runs nothing is added,
    ///   and the next start decides.
    package func record(
        _ wishes: [UserWish], _ rules: Rules, at: Timestamp,
        decide: (FamilyDecision, _ known: [Alert]) -> FamilyDecision
    ) throws(StoreError) {
        try writing { db in
            let decision = Decision(at: at)
            for wish in wishes {
                let before = try Family(db, closure(db, try roots(db, wish)))
                let after = apply(wish, to: before, rules, at: at)
                let known = try alerts(db, about: after.things.map(\.id))
                try save(db, decide(FamilyDecision(before: before, after: after), known), decision)
            }
        }
    }

    /// What keeps wishes from being recorded: an item that is not mirrored, a carrier that is none. Nil where nothing does.
    ///
    /// - Parameter providers: That may be chosen.
    package func problem(with wishes: [UserWish], providers: [ProviderID]) throws(StoreError) -> String? {
        let items = Set(
            wishes.compactMap { wish in if case .add(_, let item, _) = wish { item } else { nil } })
        let known = try knownItems(items)
        if let unknown = items.subtracting(known).min() { return "there is no item \(unknown)" }
        let carriers = Set(TrackNumberFormat.all.map(\.id) + providers.map(\.description))
        for wish in wishes {
            guard case .choose(_, let carrier?) = wish, !carriers.contains(carrier) else { continue }
            return "there is no carrier \(carrier)"
        }
        return nil
    }

    /// Those of the labels that are mirrored items.
    package func knownItems(_ labels: Set<String>) throws(StoreError) -> Set<String> {
        try reading { db in
            try String.fetchSet(
                db,
                sql: """
                    SELECT t.label FROM json_each(?) names JOIN things t ON t.label = names.value AND t.kind = 'item'
                     WHERE t.merged_into IS NULL
                    """, arguments: [JSONValue.array(labels.sorted().map { .string($0) }).text])
        }
    }

    private func roots(_ db: Database, _ wish: UserWish) throws -> Set<ThingID> {
        var labels = [(wish.number.description, ThingKind.trackNumber)]
        if case .add(_, let item?, _) = wish { labels.append((item, .item)) }
        var roots: Set<ThingID> = []
        for (label, kind) in labels {
            roots.formUnion(
                try Int64.fetchAll(
                    db.cachedStatement(
                        sql: "SELECT id FROM things WHERE label = ? AND kind = ? AND merged_into IS NULL"),
                    arguments: [label, kind.rawValue]))
        }
        return roots
    }
}
