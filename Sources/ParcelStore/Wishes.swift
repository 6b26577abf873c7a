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
