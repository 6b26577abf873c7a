import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct ExportingTests {
    /// The promise to other programs: these stay, new ones come at the end.
    @Test(arguments: [
        (
            ExportSubject.things,
            "id kind thing display order stage stage_since ending ended created first_seen open_alerts"
        ),
        (
            .events,
            "id thing_id thing_kind thing kind provider code text place happened basis given seen movement withdrawn"
        ),
        (
            .alerts,
            """
            id kind level thing_id thing_kind thing order provider stage condition working_days since confirmed opened \
            closed acknowledged snoozed_until reminders
            """
        ),
    ])
    func `columns keep their names and order`(subject: ExportSubject, columns: String) {
        #expect(subject.columns.joined(separator: " ") == columns)
    }

    @Test func `every row comes once, in order, with its values, and without anybody's name`() throws {
        let file = try StoredFile()
        let store = try Store.open(file.path, .reader)
        var rows: [ExportSubject: [[ExportValue]]] = [:]
        try store.export(ExportSubject.allCases) { rows[$0, default: []].append($1) }
        #expect(
            rows[.things]?.map { $0[2] } == ["1907", "1907-1", "1907-2", "71148967930433", "520"].map { .text($0) })
        #expect(
            rows[.events]?.first?.dropFirst(4).prefix(6) == [
                .text("status"), .text("otcommerce"), .text("4"), .text("Заказано"), .text(""),
                .instant(ms(1_506_427_200_000)),
            ])
        #expect(rows[.events]?.last?.suffix(2) == [.flag(true), .instant(ms(1_506_500_000_000))])
        #expect(rows[.alerts]?.first?[10] == .integer(4))
        #expect(!"\(rows)".contains("anna") && !"\(rows)".contains("called them"))
        for subject in ExportSubject.allCases {
            #expect(rows[subject]?.allSatisfy { $0.count == subject.columns.count } == true)
        }
    }
}
