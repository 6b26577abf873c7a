// How the values of the core are written in columns, and read back. Columns are read by index, in the order of the
// lists here.

import Foundation
import GRDB
import ParcelCore

enum Columns {
    static let thing = """
        id, kind, label, display, order_id, first_seen_at, is_first_sight, created_at, stage, stage_since_at,
        stage_since_basis, ending, ended_at, deadline_at, merged_into
        """
    static let view = """
        id, thing_id, provider, external_kind, external_key, same_as_provider, same_as_kind, same_as_key, code, text,
        progress, is_unmapped, condition, since_at, since_basis, amount_minor, currency, facts, change_signal, digest,
        checkpoint_digest, first_seen_at, seen_at, confirmed_at, listed_at, missed_passes, gone_at, error, milestone, leg,
        summary
        """
    static let event = """
        id, thing_id, kind, provider, source, code, text, place, happened_at, basis, given, seen_at, is_movement, identity,
        withdrawn_at, has_zone, carrier, country, meaning, position
        """
    static let alert = """
        id, kind, thing_id, key, level, opened_at, closed_at, is_overview, facts, acknowledged_at, acknowledged_by,
        snoozed_until, snoozed_by, told_at
        """

    // Made once: they are asked for with each row.
    static let insertThing = insert(into: "things", thing)
    static let updateThing = update("things", thing)
    static let insertView = insert(into: "views", view)
    static let updateView = update("views", view)
    static let insertEvent = insert(into: "events", event)

    private static func insert(into table: String, _ columns: String) -> String {
        let marks = columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(table) (\(columns)) VALUES (\(marks))"
    }

    /// Sets every column but the first, which is the id and comes last.
    private static func update(_ table: String, _ columns: String) -> String {
        let assignments = columns.split(separator: ",").dropFirst()
            .map { $0.filter { !$0.isWhitespace } + " = ?" }.joined(separator: ", ")
        return "UPDATE \(table) SET \(assignments) WHERE id = ?"
    }
}

/// A stored value that this version does not know.
struct UnreadableValue: Error, CustomStringConvertible {
    let column: String
    let value: String

    var description: String { "\(column) holds \"\(value.prefix(60))\", which this version does not know" }
}

extension Row {
    func instant(_ index: Int) -> Timestamp { Timestamp(milliseconds: self[index] as Int64) }
    func optionalInstant(_ index: Int) -> Timestamp? { (self[index] as Int64?).map(Timestamp.init(milliseconds:)) }

    func known<Value: RawRepresentable>(_ index: Int) throws -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: self[index]) else {
            throw UnreadableValue(column: Array(columnNames)[index], value: self[index])
        }
        return value
    }

    func optionalKnown<Value: RawRepresentable>(_ index: Int) throws -> Value? where Value.RawValue == String {
        (self[index] as String?) == nil ? nil : try known(index)
    }

    func optionalMeaning(_ index: Int) throws -> CodeMeaning? {
        guard let text = self[index] as String? else { return nil }
        guard let meaning = CodeMeaning(text: text) else {
            throw UnreadableValue(column: Array(columnNames)[index], value: text)
        }
        return meaning
    }

    func since(_ index: Int) throws -> Since { Since(instant(index), try known(index + 1)) }
}

extension StatusMeaning {
    var stored: String {
        switch self {
        case .at(let stage): "at:" + stage.rawValue
        case .finished(let ending): "finished:" + ending.rawValue
        case .unstated: "unstated"
        case .unmapped: "unmapped"
        }
    }

    init(stored: String) {
        let parts = stored.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count > 1 ? parts[1] : nil) {
        case ("at", let name?): self = Stage(rawValue: name).map(StatusMeaning.at) ?? .unmapped
        case ("finished", let name?): self = Ending(rawValue: name).map(StatusMeaning.finished) ?? .unmapped
        case ("unstated", _): self = .unstated
        default: self = .unmapped
        }
    }
}

extension Thing {
    init(row: Row) throws {
        self.init(
            id: row[0], kind: try row.known(1), label: row[2], firstSeenAt: row.instant(5), isFirstSight: row[6])
        display = row[3]
        order = row[4]
        createdAt = row.optionalInstant(7)
        stage = try row.optionalKnown(8)
        stageSince = try row.since(9)
        ending = try row.optionalKnown(11)
        endedAt = row.optionalInstant(12)
        deadline = row.optionalInstant(13)
        mergedInto = row[14]
    }

    func arguments(order: ThingID?, mergedInto: ThingID?) -> [(any DatabaseValueConvertible)?] {
        [
            kind.rawValue, label, display, order, firstSeenAt.milliseconds, isFirstSight, createdAt?.milliseconds,
            stage?.rawValue, stageSince.at.milliseconds, stageSince.basis.rawValue, ending?.rawValue,
            endedAt?.milliseconds, deadline?.milliseconds, mergedInto,
        ]
    }
}

extension View {
    init(row: Row) throws {
        self.init(
            provider: ProviderID(row[2]), external: ExternalID(try row.known(3), row[4]), code: row[8], text: row[9],
            progress: StatusMeaning(stored: row[10]), isUnmapped: row[11], since: try row.since(13), digest: row[19],
            firstSeenAt: row.instant(21))
        rowID = row[0]
        if let system = row[5] as String?, let kind: ThingKind = try row.optionalKnown(6), let key = row[7] as String? {
            sameAs = ForeignID(ProviderID(system), ExternalID(kind, key))
        }
        condition = try row.optionalKnown(12)
        if let minor = row[15] as Int64?, let currency = row[16] as String? {
            amount = Money(minor: minor, currency: currency)
        }
        let stored: String = row[17]
        if stored != "{}" {
            for (name, value) in try JSONDecoder().decode([String: String].self, from: Data(stored.utf8)) {
                if let key = FactKey(rawValue: name) { facts[key] = value }
            }
        }
        changeSignal = row[18]
        checkpointDigest = row[20]
        seenAt = row.instant(22)
        confirmedAt = row.optionalInstant(23)
        listedAt = row.optionalInstant(24)
        missedPasses = row[25]
        goneAt = row.optionalInstant(26)
        error = row[27]
        milestone = try row.optionalKnown(28)
        leg = try row.optionalKnown(29)
        summary = try row.optionalMeaning(30)
    }

    func arguments(thing: ThingID) -> [(any DatabaseValueConvertible)?] {
        let facts = facts.sorted { $0.key < $1.key }.map {
            JSONValue.Member(name: $0.key.rawValue, value: .string($0.value))
        }
        return [
            thing, provider.description, external.kind.rawValue, external.key, sameAs?.system.description,
            sameAs?.id.kind.rawValue, sameAs?.id.key, code, text, progress.stored, isUnmapped, condition?.rawValue,
            since.at.milliseconds, since.basis.rawValue, amount?.minor, amount?.currency,
            JSONValue.object(facts).text, changeSignal, digest, checkpointDigest, firstSeenAt.milliseconds,
            seenAt.milliseconds, confirmedAt?.milliseconds, listedAt?.milliseconds, missedPasses,
            goneAt?.milliseconds, error, milestone?.rawValue, leg?.rawValue, summary?.text,
        ]
    }
}

extension Event {
    init(row: Row) throws {
        self.init(
            try row.known(2), provider: ProviderID(row[3]), source: row[4], code: row[5], text: row[6],
            since: try row.since(8), given: row[10], seenAt: row.instant(11), isMovement: row[12], identity: row[13])
        rowID = row[0]
        place = row[7]
        withdrawnAt = row.optionalInstant(14)
        hasZone = row[15]
        carrier = row[16]
        country = row[17]
        meaning = try row.optionalMeaning(18)
        position = row[19]
    }

    func arguments(thing: ThingID) -> [(any DatabaseValueConvertible)?] {
        [
            thing, kind.rawValue, provider.description, source, code, text, place, since.at.milliseconds,
            since.basis.rawValue, given, seenAt.milliseconds, isMovement, identity, withdrawnAt?.milliseconds, hasZone,
            carrier, country, meaning?.text, position,
        ]
    }
}

extension Alert {
    init(row: Row) throws {
        self.init(
            kind: try row.known(1), thing: row[2], key: row[3], level: try row.known(4), openedAt: row.instant(5),
            isOverview: row[7], facts: try AlertFacts(stored: row[8]))
        rowID = row[0]
        closedAt = row.optionalInstant(6)
        if let at = row.optionalInstant(9), let by = row[10] as String? { acknowledged = Act(by: by, at: at) }
        if let until = row.optionalInstant(11), let by = row[12] as String? { snoozed = Snooze(until: until, by: by) }
        toldAt = row.optionalInstant(13)
    }
}

extension AlertFacts {
    init(stored: String) throws {
        self = try JSONDecoder().decode(AlertFacts.self, from: Data(stored.utf8))
    }

    func stored() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// A JSON array of numbers, for `IN (SELECT value FROM json_each(?))`.
func jsonList(_ ids: some Sequence<Int64>) -> String { "[" + ids.map(String.init).joined(separator: ",") + "]" }

/// The same of texts.
func jsonList(_ texts: [String]) -> String { JSONValue.array(texts.map { .string($0) }).text }
