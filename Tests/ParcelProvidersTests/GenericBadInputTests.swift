// Whatever an endpoint of the user's own answers, nothing crashes, nothing is said to be gone, and one message names
// the number and the pointer.

import Foundation
import ParcelCore
@testable import ParcelProviders
import Testing

@Suite struct GenericBadInputTests {
    private let number = "LP1930191011"
    private let tree: Any
    private let courier: any Provider

    init() throws {
        tree = try Fixture.json("generic/track.json")
        courier = try generic(genericBatch)
    }

    private static let row = ["data", "parcels", "0"]

    /// Every member of the fixture's first row and of its first event, but the number. One that the configuration does not
    /// point to is not read.
    private static func fields() throws -> [(path: [String], isRead: Bool)] {
        let pointers = Set(
            genericBatch.filter { $0.key.hasPrefix("row.") || $0.key.hasPrefix("event.") }.compactMap { name, value in
                if case .text(let pointer) = value {
                    (name.hasPrefix("event.") ? "/history/0" : "") + pointer
                } else {
                    nil
                }
            })
        func members(_ tree: Any, _ path: [String]) -> [[String]] {
            if let list = tree as? [Any] { return list.first.map { members($0, path + ["0"]) } ?? [] }
            return (tree as? [String: Any] ?? [:]).flatMap { key, value in
                [path + [key]] + members(value, path + [key])
            }
        }
        let tree = try Fixture.json("generic/track.json")
        let found = members(try #require(value(in: tree, row)), []).sorted { $0.joined() < $1.joined() }
        let fields = found.filter { $0 != ["track"] }.map {
            (path: $0, isRead: pointers.contains("/" + $0.joined(separator: "/")))
        }
        // All that is pointed to is in the fixture: of each there is something to spoil.
        #expect(fields.count(where: \.isRead) == pointers.count - 1)
        return fields.map { (row + $0.path, $0.isRead) }
    }

    /// The tree without one member.
    private func without(_ path: [String], of tree: Any) -> Any {
        guard let first = path.first else { return tree }
        if var array = tree as? [Any], let index = Int(first) {
            array[index] = without(Array(path.dropFirst()), of: array[index])
            return array
        }
        var object = tree as? [String: Any] ?? [:]
        object[first] = path.count == 1 ? nil : without(Array(path.dropFirst()), of: object[first] as Any)
        return object
    }

    private func play(_ body: [UInt8]) throws -> Played {
        try playBatch(courier, [number], HTTPResponse(status: 200, body: body))
    }

    private func play(_ tree: Any) throws -> Played { try playBatch(courier, [number], try ok(json: tree)) }

    @Test func `an answer that is cut short, empty, a page or no text is no data`() throws {
        let body = try Fixture.bytes("generic/track.json")
        for length in stride(from: 0, to: body.count - 2, by: 7) {
            #expect(try play(Array(body.prefix(length))).error?.kind == .notData, "\(length)")
        }
        for text in ["", " \n", "<html></html>", "null and more", "\u{FEFF}"] {
            #expect(try play(Array(text.utf8)).error?.kind == .notData, "\(text)")
        }
        var spoiled = body
        if let place = body.firstIndex(of: 0xD0) { spoiled[place] = 0xFF }
        #expect(try play(spoiled).error?.kind == .notData)
        for open in ["[", "{\"data\":"] {
            let deep = String(repeating: open, count: 1000)
            #expect(try play(Array(deep.utf8)).error?.kind == .notData)
        }
        let closed = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        #expect(try play(Array(closed.utf8)).error?.reason.isEmpty == false)
    }

    /// What refuses the row; nil where it can be used all the same.
    private func refused(_ field: [String], _ isRead: Bool, _ bad: Any) -> String? {
        let pointer = "/" + field.dropFirst(Self.row.count).joined(separator: "/")
        guard isRead else {
            // What holds members that are read is missed with the one that is needed.
            return field == Self.row + ["state"] ? "/state/code" : nil
        }
        if field.last == "history" {
            if bad is NSNull { return nil }
            guard let list = bad as? [Any] else { return pointer }
            return list.isEmpty ? nil : "/history/0/code"
        }
        if bad is [Any] || bad is [String: Any] { return pointer }
        let isNothing = bad is NSNull || bad as? String == ""
        return isNothing && pointer == "/state/code" ? pointer : nil
    }

    @Test func `a wrong type in a field is refused with the number and the pointer, or read as text`() throws {
        for (field, isRead) in try Self.fields() {
            for bad: Any in [[Any](), [1], [String: Any](), ["a": 1], NSNull(), true, 7.5, "", "x"] {
                let report = try play(changing(tree, field, to: bad)).report()
                let expected = refused(field, isRead, bad).map {
                    Rejected(id: ExternalID(.trackNumber, number), field: $0)
                }
                #expect(report.rejected == (expected.map { [$0] } ?? []), "\(field) \(bad)")
                #expect(report.snapshots.map(\.id.key) == (expected == nil ? [number] : []))
                #expect(report.notFound.isEmpty && !String(reflecting: report).contains(personalMark))
            }
        }
    }

    @Test func `a member that is missing is missed, and only what is needed refuses the row`() throws {
        let whole = try play(tree).report().whole
        for (field, isRead) in try Self.fields() {
            let report = try play(without(field, of: tree)).report()
            if field == Self.row + ["state"] || field == Self.row + ["state", "code"] {
                #expect(report.rejected.map(\.field) == ["/state/code"])
            } else {
                #expect(report.rejected.isEmpty && report.snapshots.map(\.id.key) == [number], "\(field)")
                // What the newest event tells too is no loss.
                #expect(isRead || report.whole == whole, "\(field)")
            }
        }
        for field in [["data"], ["data", "parcels"]] {
            #expect(try play(without(field, of: tree)).error == .malformed(field: "/data/parcels"))
        }
        let nameless = try play(without(Self.row + ["track"], of: tree)).report()
        #expect(nameless.rejected.map(\.field) == ["/data/parcels/0/track"])
    }

    @Test func `an unknown status is kept as it came`() throws {
        let odd = changing(
            changing(tree, Self.row + ["state", "code"], to: "?!"), Self.row + ["history", "0", "code"], to: 99)
        let snapshot = try #require(try play(odd).report().snapshots.first)
        #expect(snapshot.status.code == "?!" && snapshot.status.summary == .unmapped)
        #expect(snapshot.checkpoints?.last?.code == "99" && snapshot.checkpoints?.last?.meaning == .unmapped)
    }

    private func event(_ time: String) -> [String: Any] {
        ["at": time, "code": "30", "name": "В пути", "city": "Омск"]
    }

    @Test func `events may come twice, by the thousand, and from 1970 and 2100`() throws {
        let twice = [event("2017-10-01T00:00:00Z"), event("2017-10-01T00:00:00Z")]
        let doubled = try play(changing(tree, Self.row + ["history"], to: twice)).report()
        #expect(doubled.snapshots.first?.checkpoints?.count == 2)
        let many = (0..<10_000).map { event(Timestamp(seconds: 1_500_000_000 - Int64($0) * 60).iso8601) }
        let events = try #require(
            try play(changing(tree, Self.row + ["history"], to: many)).report().snapshots.first?.checkpoints)
        #expect(events.count == 10_000 && events.last?.time.text == "2017-07-14T02:40:00Z")
        let odd = ["1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "0001-01-01T00:00:00Z"].map(event)
        let kept = try play(changing(tree, Self.row + ["history"], to: odd)).report()
        #expect(kept.snapshots.first?.checkpoints?.count == 3)
    }

    @Test func `the same answer twice gives the same report`() throws {
        #expect(try play(tree).report().whole == (try play(tree).report().whole))
    }
}
