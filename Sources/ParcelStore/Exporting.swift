// Reads the mirror row by row for other programs: what the columns are called and what they hold is stable. No names of
// people, no words of theirs, no addresses: only what the providers say about things, and what parceld made of it.

import GRDB
package import ParcelCore

package enum ExportSubject: String, Sendable, CaseIterable { case things, events, alerts }

package enum ExportValue: Sendable, Hashable {
    case none
    case integer(Int64)
    case flag(Bool)
    case instant(Timestamp)
    /// Also other people's: to be made harmless where it is shown.
    case text(String)
}

private enum Form { case integer, flag, instant, text }

private struct Column {
    var name: String
    var form: Form
    var sql: String

    init(_ name: String, _ form: Form, _ sql: String) {
        self.name = name
        self.form = form
        self.sql = sql
    }
}

extension ExportSubject {
    package var columns: [String] { selected.map(\.name) }

    /// Instants first seen in `*_at` columns; new columns are appended.
    private var selected: [Column] {
        switch self {
        case .things:
            [
                Column("id", .integer, "t.id"), Column("kind", .text, "t.kind"), Column("thing", .text, "t.label"),
                Column("display", .text, "t.display"), Column("order", .text, "o.display"),
                Column("stage", .text, "t.stage"), Column("stage_since", .instant, "t.stage_since_at"),
                Column("ending", .text, "t.ending"), Column("ended", .instant, "t.ended_at"),
                Column("created", .instant, "t.created_at"), Column("first_seen", .instant, "t.first_seen_at"),
                Column(
                    "open_alerts", .integer,
                    "(SELECT count(*) FROM alerts a WHERE a.thing_id = t.id AND a.closed_at IS NULL)"),
            ]
        case .events:
            [
                Column("id", .integer, "e.id"), Column("thing_id", .integer, "e.thing_id"),
                Column("thing_kind", .text, "t.kind"), Column("thing", .text, "t.label"),
                Column("kind", .text, "e.kind"), Column("provider", .text, "e.provider"),
                Column("code", .text, "e.code"), Column("text", .text, "e.text"), Column("place", .text, "e.place"),
                Column("happened", .instant, "e.happened_at"), Column("basis", .text, "e.basis"),
                Column("given", .text, "e.given"), Column("seen", .instant, "e.seen_at"),
                Column("movement", .flag, "e.is_movement"), Column("withdrawn", .instant, "e.withdrawn_at"),
            ]
        case .alerts:
            [
                Column("id", .integer, "a.id"), Column("kind", .text, "a.kind"), Column("level", .text, "a.level"),
                Column("thing_id", .integer, "a.thing_id"), Column("thing_kind", .text, "t.kind"),
                Column("thing", .text, "t.label"), Column("order", .text, "o.display"),
                Column(
                    "provider", .text, "ifnull(json_extract(a.facts, '$.provider'), json_extract(a.facts, '$.decider'))"
                ),
                Column("stage", .text, "json_extract(a.facts, '$.stage')"),
                Column("condition", .text, "json_extract(a.facts, '$.condition')"),
                Column("working_days", .integer, "json_extract(a.facts, '$.workingDays')"),
                Column("since", .instant, "json_extract(a.facts, '$.since.at')"),
                Column("confirmed", .instant, "json_extract(a.facts, '$.confirmedAt')"),
                Column("opened", .instant, "a.opened_at"), Column("closed", .instant, "a.closed_at"),
                Column("acknowledged", .instant, "a.acknowledged_at"),
                Column("snoozed_until", .instant, "a.snoozed_until"),
                Column(
                    "reminders", .integer,
                    "(SELECT count(*) FROM alert_changes c WHERE c.alert_id = a.id AND c.change = 'reminded')"),
            ]
        }
    }

    private var source: String {
        switch self {
        case .things: "things t LEFT JOIN things o ON o.id = t.order_id WHERE t.merged_into IS NULL ORDER BY t.id"
        case .events: "events e JOIN things t ON t.id = e.thing_id ORDER BY e.id"
        case .alerts:
            "alerts a LEFT JOIN things t ON t.id = a.thing_id LEFT JOIN things o ON o.id = t.order_id ORDER BY a.id"
        }
    }

    fileprivate var sql: String { "SELECT " + selected.map(\.sql).joined(separator: ", ") + " FROM " + source }

    fileprivate func values(_ row: Row) -> [ExportValue] {
        selected.enumerated().map { index, column in
            switch (column.form, (row[index] as DatabaseValue).storage) {
            case (.integer, .int64(let number)): .integer(number)
            case (.flag, .int64(let number)): .flag(number != 0)
            case (.instant, .int64(let number)): .instant(Timestamp(milliseconds: number))
            case (_, .string(let text)): .text(text)
            default: .none
            }
        }
    }
}

extension Store {
    /// Every row of each subject, in the order of row ids, all of one moment. One row is in memory at a time.
    package func export(
        _ subjects: [ExportSubject], _ take: (ExportSubject, [ExportValue]) throws -> Void
    ) throws {
        try database.read { db in
            for subject in subjects {
                let rows = try Row.fetchCursor(db, sql: subject.sql)
                while let row = try rows.next() { try take(subject, subject.values(row)) }
            }
        }
    }
}
