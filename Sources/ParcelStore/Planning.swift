// What a report means for the stored mirror: most rows are as they were and are only confirmed; the rest is grouped
// into the families that have to be decided together. Reads only.

import GRDB
package import ParcelCore

/// A view that an answer showed unchanged.
package struct Confirmation: Sendable, Hashable {
    package let view: Int64
    package let id: ExternalID
    /// Until when the answer confirms; nil where it would not have shown a movement.
    package let confirmedAt: Timestamp?
    /// The earlier threshold of its thing and of that one's order.
    package let deadline: Timestamp?
    /// Numbers only: since when this provider does not know it.
    package let unknownSince: Timestamp?
}

package struct ReportPlan: Sendable {
    package var confirmations: [Confirmation] = []
    /// Order views whose parcels were listed, and nothing else about them changed.
    package var listed: [Int64] = []
    package var parts: [(family: Family, part: ReportPart)] = []
}

extension Store {
    /// - Parameter at: When the conversation began: what the answer shows was true then or later.
    package func plan(_ report: Report, from provider: ProviderID, at: Timestamp) throws(StoreError) -> ReportPlan {
        try reading { db in
            var planning = Planning(db: db, provider: provider, at: at)
            let known = try planning.known(report.snapshots.map(\.id))
            for (snapshot, known) in zip(report.snapshots, known) { try planning.add(snapshot, known) }
            for row in report.rejected {
                if let id = row.id { try planning.slow(id) { $0.rejected.append(row) } }
            }
            for id in report.notFound { try planning.slow(id) { $0.notFound.append(id) } }
            for id in report.stopped { try planning.slow(id) { $0.stopped.append(id) } }
            for entry in report.past { try planning.slow(entry.id) { $0.past.append(entry) } }
            try planning.addScopes(of: report)
            planning.plan.parts = try planning.grouped()
            return planning.plan
        }
    }
}

private struct Planning {
    let db: Database
    let provider: ProviderID
    let at: Timestamp
    var plan = ReportPlan()
    private var parts: [UngroupedPart] = []
    /// Every name that a part so far goes by.
    private var names: Set<String> = []

    init(db: Database, provider: ProviderID, at: Timestamp) {
        self.db = db
        self.provider = provider
        self.at = at
    }

    /// The thing's threshold or its order's; of a number, the one of whatever it is followed for. The index is named,
    /// because the planner would take the key, which begins with the provider, and read all of its asks for each number.
    private static let deadline = """
        min(ifnull(t.deadline_at, \(Int64.max)), ifnull(o.deadline_at, \(Int64.max)),
            CASE WHEN v.external_kind = 'track_number' THEN ifnull((
                SELECT a.deadline_at FROM asks a INDEXED BY asks_by_subject
                 WHERE a.provider = v.provider AND a.subject_kind = v.external_kind
                   AND a.subject_key = v.external_key), \(Int64.max)) ELSE \(Int64.max) END)
        """

    /// What is stored of a view, as far as it tells whether an answer changes anything.
    struct Known {
        let view: Int64
        let thing: ThingID
        let digest: Int64
        let checkpointDigest: Int64?
        /// It was missing, gone, unreadable or given up: an equal answer changes that.
        let isAmiss: Bool
        let deadline: Int64
        let unknownSince: Timestamp?
    }

    /// For each id; nil where it is new. One statement for all of a kind: a statement for each would cost more than
    /// reading the answer.
    func known(_ ids: [ExternalID]) throws -> [Known?] {
        var found = [Known?](repeating: nil, count: ids.count)
        for (kind, places) in Dictionary(grouping: ids.indices, by: { ids[$0].kind }) {
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT k.key, v.id, v.thing_id, v.digest, v.checkpoint_digest,
                               v.missed_passes > 0 OR v.gone_at IS NOT NULL OR v.error IS NOT NULL
                               OR v.condition IS 'expired',
                               \(Planning.deadline), CASE WHEN v.milestone = 'unknown' THEN v.first_seen_at END
                          FROM json_each(?) k
                               CROSS JOIN views v ON v.provider = ? AND v.external_kind = ? AND v.external_key = k.value
                               JOIN things t ON t.id = v.thing_id LEFT JOIN things o ON o.id = t.order_id
                        """), arguments: [jsonList(places.map { ids[$0].key }), provider.description, kind.rawValue])
            while let row = try rows.next() {
                found[places[row[0]]] = Known(
                    view: row[1], thing: row[2], digest: row[3], checkpointDigest: row[4], isAmiss: row[5],
                    deadline: row[6], unknownSince: row.optionalInstant(7))
            }
        }
        return found
    }

    mutating func add(_ snapshot: Snapshot, _ known: Known?) throws {
        if let known, known.digest == snapshot.digest, !known.isAmiss, known.deadline > at.milliseconds,
            snapshot.checkpoints == nil || known.checkpointDigest == snapshot.checkpointDigest
        {
            let looked = min(snapshot.refreshedAt ?? at, at)
            plan.confirmations.append(
                Confirmation(
                    view: known.view, id: snapshot.id, confirmedAt: snapshot.confirms ? looked : nil,
                    deadline: known.deadline == .max ? nil : Timestamp(milliseconds: known.deadline),
                    unknownSince: known.unknownSince))
            return
        }
        var roots: Set<ThingID> = []
        var names: Set<String> = []
        if let known { roots.insert(known.thing) }
        if let label = snapshot.label { try find(snapshot.id.kind, label, &roots, &names) }
        if let order = snapshot.order { try find(.order, order, &roots, &names) }
        if let stated = snapshot.sameAs {
            try find(stated, &roots)
            names.insert(name(stated.id, at: stated.system))
        }
        names.insert(name(snapshot.id, at: provider))
        roots.formUnion(
            try Int64.fetchAll(
                db.cachedStatement(
                    sql:
                        "SELECT thing_id FROM views WHERE same_as_provider = ? AND same_as_kind = ? AND same_as_key = ?"
                ),
                arguments: [provider.description, snapshot.id.kind.rawValue, snapshot.id.key]))
        for number in snapshot.numbers { try find(.trackNumber, number.number.description, &roots, &names) }
        for content in snapshot.contents {
            switch content {
            case .external(let id):
                try find(ForeignID(provider, id), &roots)
                names.insert(name(id, at: provider))
            case .label(let label): try find(.item, label, &roots, &names)
            }
        }
        var part = ReportPart()
        part.snapshots = [snapshot]
        append(part, roots, names)
    }

    private mutating func append(_ part: ReportPart, _ roots: Set<ThingID>, _ names: Set<String>) {
        parts.append(UngroupedPart(part: part, roots: roots, names: names))
        self.names.formUnion(names)
    }

    private func name(_ id: ExternalID, at system: ProviderID) -> String { "=\(system)/\(id.kind.rawValue)/\(id.key)" }

    /// Something about one known view that needs its family. Unknown ids concern nobody.
    mutating func slow(_ id: ExternalID, _ change: (inout ReportPart) -> Void) throws {
        var roots: Set<ThingID> = []
        try find(ForeignID(provider, id), &roots)
        guard !roots.isEmpty || names.contains(name(id, at: provider)) else { return }
        var part = ReportPart()
        change(&part)
        append(part, roots, [name(id, at: provider)])
    }

    private func find(_ kind: ThingKind, _ label: String, _ roots: inout Set<ThingID>, _ names: inout Set<String>)
        throws
    {
        names.insert("\(kind.rawValue) \(label)")
        // The items of one order are decided together even before any of them is stored.
        if kind == .item, let dash = label.firstIndex(of: "-") { names.insert("order \(label[..<dash])") }
        roots.formUnion(
            try Int64.fetchAll(
                db.cachedStatement(sql: "SELECT id FROM things WHERE label = ? AND kind = ? AND merged_into IS NULL"),
                arguments: [label, kind.rawValue]))
    }

    private func find(_ foreign: ForeignID, _ roots: inout Set<ThingID>) throws {
        if let id = try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT thing_id FROM views WHERE provider = ? AND external_kind = ? AND external_key = ?"),
            arguments: [foreign.system.description, foreign.id.kind.rawValue, foreign.id.key])
        {
            roots.insert(id)
        }
    }

    /// Absence means something only where a list was complete.
    mutating func addScopes(of report: Report) throws {
        let shown = Set(report.snapshots.map(\.id)).union(report.rejected.compactMap(\.id))
        // A row whose id could not be read may be any of those that seem to be missing.
        let isBlind = report.rejected.contains { $0.id == nil }
        for scope in report.complete where !isBlind {
            switch scope {
            case .all(let kind, let isFiltered):
                for id in try live(kind, seenBefore: at) where !shown.contains(id) {
                    try slow(id) { $0.absent.append(id) }
                }
                if kind == .parcel, !isFiltered { for order in try live(.order, seenBefore: nil) { try list(order) } }
            case .parcels(let order):
                for id in try live(.parcel, seenBefore: at, ofOrder: order) where !shown.contains(id) {
                    try slow(id) { $0.absent.append(id) }
                }
                try list(order)
            case .items(let order):
                for id in try live(.item, seenBefore: at, ofOrder: order) where !shown.contains(id) {
                    // The order was asked for by its id and does not hold it any more: that is both.
                    try slow(id) {
                        $0.absent.append(id)
                        $0.notFound.append(id)
                    }
                }
            }
        }
    }

    /// What this provider should still show: neither finished nor gone.
    ///
    /// - Parameter instant: Leaves out what was met since then; nil leaves out nothing.
    private func live(
        _ kind: ThingKind, seenBefore instant: Timestamp?, ofOrder order: ExternalID? = nil
    ) throws -> [ExternalID] {
        let isLive = """
            v.provider = ?1 AND v.external_kind = ?2 AND v.seen_at < ?3 AND v.gone_at IS NULL
            AND v.progress NOT LIKE 'finished:%' AND t.ending IS NULL
            """
        var arguments: StatementArguments = [
            provider.description, kind.rawValue, instant?.milliseconds ?? .max,
        ]
        let sql: String
        if let order {
            // The order's few things first, not every live thing for each order: the planner would choose that.
            sql = """
                SELECT v.external_key
                  FROM views o CROSS JOIN things t ON t.order_id = o.thing_id
                       CROSS JOIN views v INDEXED BY views_by_thing ON v.thing_id = t.id
                 WHERE o.provider = ?1 AND o.external_kind = ?4 AND o.external_key = ?5 AND \(isLive) ORDER BY v.id
                """
            arguments += [order.kind.rawValue, order.key]
        } else {
            sql = """
                SELECT v.external_key FROM views v JOIN things t ON t.id = v.thing_id WHERE \(isLive) ORDER BY v.id
                """
        }
        let keys = try String.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
        return keys.map { ExternalID(kind, $0) }
    }

    /// The order's parcels were listed: that confirms the order, and may let its threshold pass.
    private mutating func list(_ order: ExternalID) throws {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT v.id, ifnull(t.deadline_at, \(Int64.max)) FROM views v JOIN things t ON t.id = v.thing_id
                     WHERE v.provider = ? AND v.external_kind = ? AND v.external_key = ?
                    """), arguments: [provider.description, order.kind.rawValue, order.key])
        guard let row else { return }
        if (row[1] as Int64) > at.milliseconds {
            plan.listed.append(row[0])
        } else {
            try slow(order) { $0.listed.append(order) }
        }
    }

    /// Parts that may speak of one thing are joined, and each group is read with everything it leads to.
    func grouped() throws -> [(family: Family, part: ReportPart)] {
        var groups = Groups(count: parts.count)
        var byName: [String: Int] = [:]
        var byThing: [ThingID: Int] = [:]
        for (index, part) in parts.enumerated() {
            for name in part.names { groups.join(index, byName.updateValue(index, forKey: name)) }
            for id in try closure(db, part.roots) { groups.join(index, byThing.updateValue(index, forKey: id)) }
        }
        var members: [Int: [ThingID]] = [:]
        for (id, index) in byThing { members[groups.root(index), default: []].append(id) }
        var joined: [Int: ReportPart] = [:]
        var order: [Int] = []
        for (index, part) in parts.enumerated() {
            let root = groups.root(index)
            if joined[root] == nil { order.append(root) }
            joined[root, default: ReportPart()].append(part.part)
        }
        let confirmed = Dictionary(
            plan.confirmations.map { ($0.view, $0.confirmedAt) },
            uniquingKeysWith: { [$0, $1].compactMap(\.self).max() })
        let listed = Set(plan.listed)
        return try order.map { root in
            var family = try Family(db, Set(members[root] ?? []))
            family.apply(confirmed, listed, at: at)
            return (family, joined[root] ?? ReportPart())
        }
    }
}

private struct UngroupedPart {
    var part: ReportPart
    /// Stored things that it may speak of.
    var roots: Set<ThingID>
    /// Names by which other parts may speak of the same things, stored or not.
    var names: Set<String>
}

/// Disjoint sets of indices.
private struct Groups {
    private var parent: [Int]

    init(count: Int) { parent = Array(0..<count) }

    mutating func root(_ index: Int) -> Int {
        var index = index
        while parent[index] != index {
            parent[index] = parent[parent[index]]
            index = parent[index]
        }
        return index
    }

    mutating func join(_ one: Int, _ other: Int?) {
        guard let other else { return }
        let (a, b) = (root(one), root(other))
        // The earlier part stays the root: groups keep the order in which the provider told.
        parent[max(a, b)] = min(a, b)
    }
}

extension Family {
    /// As it will be once the plan's confirmations are committed, so that what is decided about it rests on them and
    /// none of them is written over.
    fileprivate mutating func apply(_ confirmed: [Int64: Timestamp?], _ listed: Set<Int64>, at: Timestamp) {
        for thing in things.indices {
            for view in things[thing].views.indices {
                guard let id = things[thing].views[view].rowID else { continue }
                if let until = confirmed[id] {
                    things[thing].views[view].seenAt = at
                    if let until {
                        things[thing].views[view].confirmedAt = max(
                            until, things[thing].views[view].confirmedAt ?? until)
                    }
                }
                if listed.contains(id) { things[thing].views[view].listedAt = at }
            }
        }
    }
}

extension ReportPart {
    fileprivate mutating func append(_ other: ReportPart) {
        snapshots += other.snapshots
        rejected += other.rejected
        notFound += other.notFound
        absent += other.absent
        listed += other.listed
        past += other.past
        stopped += other.stopped
    }
}
