// What a database of parceld promises beyond what SQLite enforces, each as queries that find the rows which break it. Only
// columns of the first schema are named, so that a backup of any version can be asked.

import GRDB
import ParcelCore

/// In the order in which they are looked at; the first three are the file's own.
package enum Promise: String, Sendable, CaseIterable {
    case integrity, references, schema
    /// Every word and every JSON text is one that this version can read.
    case words
    case instants
    /// History is append-only: no row of it is missing, none was seen before it happened.
    case history
    /// Each alert is what its recorded steps made of it.
    case steps
    /// Each open alert has its cause.
    case openAlerts = "open_alerts"
    /// Each notification has its alert, and its message is its recipient's.
    case outbox
    /// What was told has a time, and what has a time was told whole.
    case messages
    /// What ended has an end and waits for nothing; parts belong to what they can belong to.
    case things

    package var isAboutFile: Bool { self == .integrity || self == .references || self == .schema }
}

/// Why a row breaks a promise.
package enum Reason: String, Sendable, CaseIterable {
    case damaged
    case danglingReference = "dangling_reference"
    case otherSchema = "other_schema"
    case unknownWord = "unknown_word"
    case unreadableText = "unreadable_text"
    case outOfRange = "out_of_range"
    case missingRows = "missing_rows"
    case happenedAfterSeen = "happened_after_seen"
    case neverOpened = "never_opened"
    case otherState = "other_state"
    case noThing = "no_thing"
    case joinedThing = "joined_thing"
    case finishedThing = "finished_thing"
    case noSuchCause = "no_such_cause"
    case openTwice = "open_twice"
    case noAlert = "no_alert"
    case noMessage = "no_message"
    case otherRecipient = "other_recipient"
    case toldInPart = "told_in_part"
    case toldWithoutTime = "told_without_time"
    case halfEnded = "half_ended"
    case wrongKind = "wrong_kind"
}

/// A query whose rows break a promise: the row's key, and what there is to say of it.
struct PromiseRule {
    var reason: Reason
    /// Empty where the key is no row's.
    var table: String
    var sql: String

    init(_ reason: Reason, _ table: String, _ sql: String) {
        self.reason = reason
        self.table = table
        self.sql = sql
    }
}

extension Promise {
    /// How many pages, rows or definitions are looked at.
    func checked(_ db: Database) throws -> Int {
        switch self {
        case .integrity: return try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        case .schema: return try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        default:
            return try tables(db).reduce(0) { sum, table in
                sum + (try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0)
            }
        }
    }

    private func tables(_ db: Database) throws -> [String] {
        switch self {
        case .integrity, .references, .schema, .words, .instants: try ourTables(db)
        case .history: ["events", "alerts", "alert_changes"]
        case .steps: ["alerts"]
        case .openAlerts: ["alerts WHERE closed_at IS NULL"]
        case .outbox: ["outbox"]
        case .messages: ["messages"]
        case .things: ["things"]
        }
    }

    func rules(_ db: Database) throws -> [PromiseRule] {
        switch self {
        case .integrity:
            [
                PromiseRule(
                    .damaged, "", "SELECT integrity_check FROM pragma_integrity_check(20) WHERE integrity_check <> 'ok'"
                )
            ]
        case .references:
            [
                PromiseRule(
                    .danglingReference, "",
                    "SELECT \"table\" || ' ' || ifnull(rowid, '') || ' → ' || parent FROM pragma_foreign_key_check")
            ]
        case .schema: try schemaRules(db)
        case .words: wordRules
        case .instants: try instantRules(db)
        case .history: historyRules
        case .steps: stepRules
        case .openAlerts: openAlertRules
        case .outbox: outboxRules
        case .messages: messageRules
        case .things: thingRules
        }
    }
}

private func ourTables(_ db: Database) throws -> [String] {
    try String.fetchAll(
        db,
        sql: """
            SELECT name FROM sqlite_master
             WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%' ORDER BY name
            """)
}

/// Tables, indexes and views are those that the applied steps make, word for word.
private func schemaRules(_ db: Database) throws -> [PromiseRule] {
    let listed = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'grdb_%'"
    func objects(_ db: Database) throws -> [String: String] {
        Dictionary(try Row.fetchAll(db, sql: listed).map { ($0[0] as String, $0[1] as String) }) { first, _ in first }
    }
    let fresh = try DatabaseQueue()
    let migrator = migrator()
    if let last = try migrator.appliedMigrations(db).last { try migrator.migrate(fresh, upTo: last) }
    let (found, right) = (try objects(db), try fresh.read(objects))
    return Set(found.keys).union(right.keys).filter { found[$0] != right[$0] }.sorted().map { name in
        PromiseRule(.otherSchema, "", "SELECT \(quoted(name))")
    }
}

private func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

private func known<Word: CaseIterable & RawRepresentable>(
    _ table: String, _ column: String, _: Word.Type, orNothing: Bool = false
) -> PromiseRule where Word.RawValue == String {
    let words = Word.allCases.map { quoted($0.rawValue) }.joined(separator: ", ")
    return PromiseRule(
        .unknownWord, table,
        "SELECT \(table).rowid, '\(column) ' || \(column) FROM \(table) WHERE \(column) NOT IN (\(words))")
}

private func readable(_ table: String, _ column: String, _ type: String) -> PromiseRule {
    PromiseRule(
        .unreadableText, table,
        """
        SELECT rowid, '\(column)' FROM \(table)
         WHERE CASE WHEN json_valid(\(column)) THEN json_type(\(column)) <> '\(type)' ELSE 1 END
        """)
}

private let wordRules: [PromiseRule] = [
    known("things", "kind", ThingKind.self), known("things", "stage", Stage.self),
    known("things", "ending", Ending.self), known("views", "condition", Condition.self),
    known("alerts", "kind", AlertKind.self), known("alerts", "level", Level.self),
    known("alert_changes", "change", Change.self), known("alert_changes", "level", Level.self),
    known("outbox", "change", Change.self), known("outbox", "level", Level.self),
    readable("views", "facts", "object"), readable("alerts", "facts", "object"),
    readable("alert_changes", "facts", "object"), readable("outbox", "facts", "object"),
    readable("messages", "parts", "array"),
]

/// Every instant lies between 1970 and 9999; those that providers give for what they did may be older.
private func instantRules(_ db: Database) throws -> [PromiseRule] {
    let given: Set<String> = ["things.created_at", "events.happened_at", "views.since_at", "things.stage_since_at"]
    return try ourTables(db).flatMap { table in
        let columns = try db.columns(in: table).map(\.name)
        let key = try db.primaryKey(table).columns.map { "\"\($0)\"" }.joined(separator: " || ' ' || ")
        return columns.filter { $0.hasSuffix("_at") || $0.hasSuffix("_until") }.map { column in
            let first = given.contains("\(table).\(column)") ? -62_135_596_800_000 : 0
            return PromiseRule(
                .outOfRange, table,
                """
                SELECT \(key), '\(column) ' || \(column) FROM \(table)
                 WHERE \(column) NOT BETWEEN \(first) AND \(never.milliseconds)
                """)
        }
    }
}

/// Row ids of append-only tables follow each other: the one before the first of each gap is named.
private func gaps(_ table: String) -> PromiseRule {
    PromiseRule(
        .missingRows, table,
        """
        SELECT id - 1, '' FROM \(table) t
         WHERE (SELECT max(id) - count(*) FROM \(table)) > 0 AND id > 1
           AND NOT EXISTS (SELECT 1 FROM \(table) p WHERE p.id = t.id - 1)
        """)
}

private let historyRules = [
    gaps("events"), gaps("alerts"), gaps("alert_changes"),
    PromiseRule(.happenedAfterSeen, "events", "SELECT id FROM events WHERE happened_at > seen_at"),
]

private let stepRules = [
    PromiseRule(
        .neverOpened, "alerts",
        """
        SELECT a.id FROM alerts a WHERE 'opened' IS NOT
               (SELECT change FROM alert_changes c WHERE c.alert_id = a.id ORDER BY c.id LIMIT 1)
        """),
    PromiseRule(
        .otherState, "alerts",
        """
        SELECT a.id, ifnull(a.level, '') FROM alerts a WHERE
            a.level <> (SELECT level FROM alert_changes c WHERE c.alert_id = a.id ORDER BY c.id DESC LIMIT 1)
            OR (a.closed_at IS NOT NULL) <> ('closed' =
                (SELECT change FROM alert_changes c WHERE c.alert_id = a.id
                    AND c.change IN ('opened', 'closed', 'reopened') ORDER BY c.id DESC LIMIT 1))
        """),
]

private let silences = "('stall', 'contradiction', 'signed')"
private let ofService = AlertKind.allCases.filter(\.isAboutService).map { "'\($0.rawValue)'" }.joined(separator: ", ")
private let openAlertRules = [
    PromiseRule(
        .noThing, "alerts",
        """
        SELECT a.id, a.kind FROM alerts a LEFT JOIN things t ON t.id = a.thing_id
         WHERE a.closed_at IS NULL AND (t.id IS NULL) <> (a.kind IN (\(ofService)))
        """),
    PromiseRule(
        .joinedThing, "alerts",
        """
        SELECT a.id, a.kind || ', ' || t.label FROM alerts a JOIN things t ON t.id = a.thing_id
         WHERE a.closed_at IS NULL AND t.merged_into IS NOT NULL
        """),
    PromiseRule(
        .finishedThing, "alerts",
        """
        SELECT a.id, a.kind || ', ' || t.label FROM alerts a JOIN things t ON t.id = a.thing_id
         WHERE a.closed_at IS NULL AND (
               a.kind IN \(silences) AND (t.ending IS NOT NULL OR t.stage IS NULL)
            OR a.kind IN ('vanished', 'two_numbers') AND t.ending IS NOT NULL)
        """),
    PromiseRule(
        .noSuchCause, "alerts",
        """
        SELECT a.id, a.kind || ', ' || t.label FROM alerts a JOIN things t ON t.id = a.thing_id
         WHERE a.closed_at IS NULL AND (
               a.kind = 'refund' AND ifnull(t.ending, CASE WHEN t.stage IS NULL THEN 'refunded' END) IS NOT 'refunded'
            OR a.kind = 'vanished'
               AND NOT EXISTS (SELECT 1 FROM views v WHERE v.thing_id = t.id AND v.gone_at IS NOT NULL)
            OR a.kind = 'condition'
               AND json_extract(a.facts, '$.condition') IS NOT ifnull(t.ending, '')
               AND NOT EXISTS (
                   WITH RECURSIVE way (id, depth) AS (
                       SELECT t.id, 0
                       UNION SELECT vn.thing_id, depth + 1 FROM way JOIN views v ON v.thing_id = way.id
                        JOIN view_numbers vn ON vn.view_id = v.id WHERE depth < 6)
                   SELECT 1 FROM way JOIN views v ON v.thing_id = way.id
                    WHERE v.condition = json_extract(a.facts, '$.condition')))
        """),
    PromiseRule(
        .openTwice, "alerts",
        """
        SELECT max(id), key FROM alerts WHERE closed_at IS NULL
         GROUP BY ifnull(thing_id, 0), key HAVING count(*) > 1
        """),
]

private let outboxRules = [
    PromiseRule(
        .noAlert, "outbox",
        "SELECT b.id FROM outbox b WHERE NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = b.alert_id)"),
    PromiseRule(
        .noMessage, "outbox",
        """
        SELECT b.id FROM outbox b WHERE b.message_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = b.message_id)
        """),
    PromiseRule(
        .otherRecipient, "outbox",
        """
        SELECT b.id FROM outbox b JOIN messages m ON m.id = b.message_id
         WHERE b.recipient <> m.recipient OR b.channel <> m.channel
        """),
]

/// A text that was pruned counts as told: then there are fewer parts than were done.
private let messageRules = [
    PromiseRule(
        .toldInPart, "messages",
        """
        SELECT id FROM messages WHERE delivered_at IS NOT NULL AND json_valid(parts)
           AND parts_done < json_array_length(parts)
        """),
    PromiseRule(
        .toldWithoutTime, "messages",
        """
        SELECT id FROM messages WHERE delivered_at IS NULL AND json_valid(parts)
           AND parts_done > 0 AND parts_done >= json_array_length(parts)
        """),
]

private let thingRules = [
    PromiseRule(
        .halfEnded, "things",
        """
        SELECT id, label FROM things
         WHERE (ending IS NULL) <> (ended_at IS NULL) OR ending IS NOT NULL AND stage IS NOT NULL
        """),
    PromiseRule(.joinedThing, "things", "SELECT id, label FROM things WHERE merged_into = id"),
    PromiseRule(
        .wrongKind, "things",
        "SELECT t.id, t.label FROM things t JOIN things o ON o.id = t.order_id WHERE o.kind <> 'order'"),
    PromiseRule(
        .wrongKind, "view_numbers",
        """
        SELECT view_id, t.label FROM view_numbers n JOIN things t ON t.id = n.thing_id
         WHERE t.kind <> 'track_number'
        """),
    PromiseRule(
        .wrongKind, "view_contents",
        "SELECT view_id, t.label FROM view_contents c JOIN things t ON t.id = c.item_id WHERE t.kind <> 'item'"),
]
