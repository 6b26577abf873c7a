import Foundation
import ParcelCore
import Testing

struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    struct Expectation: Decodable, Sendable {
        var due: String?
        var due_local: String?
        var elapsed: Int?
        var working: Bool?
        var certain: Bool
    }

    var id: String
    var op: String
    var from: String?
    var to: String?
    var date: String?
    var n: Int?
    var zone: String
    var calendars: [String]
    var combine: String
    var expect: Expectation

    var testDescription: String { id }

    static func all() throws -> [Vector] {
        struct File: Decodable { var vectors: [Vector] }
        return try JSONDecoder().decode(File.self, from: Fixture.data("vectors_public.json")).vectors
    }
}

func moment(_ text: String) throws -> Moment {
    let parsed = try ISO8601(text)
    if parsed.secondOfDay == nil { return .date(parsed.date) }
    return .instant(try #require(parsed.instant))
}

@Test(arguments: try Vector.all())
func `silence is counted as the published vectors say`(vector: Vector) throws {
    let days = WorkingDays(
        calendars: try calendars(vector.calendars), combine: try #require(Combination(rawValue: vector.combine)),
        zone: try zone(vector.zone))
    switch vector.op {
    case "due":
        let start = try moment(vector.from ?? "")
        let due = try #require(days.due(from: start, after: vector.n ?? -1))
        #expect(due.instant.iso8601 == vector.expect.due)
        #expect(due.instant.iso8601(in: days.zone) == vector.expect.due_local)
        #expect(due.certain == vector.expect.certain)
    case "elapsed":
        let elapsed = try days.elapsed(from: moment(vector.from ?? ""), to: moment(vector.to ?? ""))
        #expect(elapsed.days == vector.expect.elapsed)
        #expect(elapsed.certain == vector.expect.certain)
    case "working":
        let working = days.isWorking(try ISO8601(vector.date ?? "").date)
        #expect(working.working == vector.expect.working)
        #expect(working.certain == vector.expect.certain)
    default:
        Issue.record("unknown operation \(vector.op)")
    }
}

@Test func `every published vector is run`() throws {
    #expect(try Vector.all().count == 179)
}
