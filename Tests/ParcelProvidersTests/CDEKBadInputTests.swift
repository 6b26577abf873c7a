// CDEK's answers, spoilt in every way that a loop can think of: nothing crashes, nothing that is known is lost, and what
// cannot be read is named.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// Every place of a tree, the outermost first; of a list only the first element.
private func places(in tree: Any, at path: [String] = []) -> [[String]] {
    var found = path.isEmpty ? [] : [path]
    if let object = tree as? [String: Any] {
        for key in object.keys.sorted() { found += places(in: object[key] as Any, at: path + [key]) }
    } else if let first = (tree as? [Any])?.first {
        found += places(in: first, at: path + ["0"])
    }
    return found
}

private func removing(_ path: [String], from tree: Any) -> Any {
    guard let first = path.first else { return tree }
    let rest = Array(path.dropFirst())
    if var array = tree as? [Any], let index = Int(first) {
        if rest.isEmpty { array.remove(at: index) } else { array[index] = removing(rest, from: array[index]) }
        return array
    }
    var object = tree as? [String: Any] ?? [:]
    object[first] = rest.isEmpty ? nil : removing(rest, from: object[first] as Any)
    return object
}

@Suite struct CDEKBadInputTests {
    static let others: [any Sendable] = [
        "x", "", 7, 2.5, -1, true, NSNull(), [Int](), [String: Int](), [1], ["a": 1], "PERSONAL-name",
        String(repeating: "ы", count: 20_000),
    ]

    /// - Parameter count: How many checkpoints there are where any are told: a part of them would withdraw the rest.
    private func check(_ played: Played, keeps count: Int, _ what: String) {
        let told = String(reflecting: played.result)
        #expect(!told.contains(personalMark) && !told.contains(secretMark), "\(what)")
        switch played.result {
        case .failure(let error):
            #expect(!error.reason.isEmpty, "\(what)")
            if case .malformed(let field) = error { #expect(!field.isEmpty, "\(what)") }
        case .success(let report):
            #expect(report.notFound.isEmpty && report.rejected.isEmpty, "\(what)")
            #expect(report.snapshots.map(\.id.key) == [waybill], "\(what)")
            if let found = report.snapshots.first?.checkpoints { #expect(found.count == count, "\(what)") }
        }
    }

    @Test(arguments: ["order.in-transit", "order.border", "order.return"])
    func `every member may hold anything`(_ name: String) throws {
        let tree = try Fixture.json("cdek/\(name).json")
        let count = try #require(try cdekSnapshot(try ok(json: tree)).checkpoints?.count)
        // What a status is called and where it was given is shown as it comes; no person stands there.
        let shown = ["code", "name", "date_time", "city", "reason_code"]
        for path in places(in: tree) {
            for other in Self.others {
                if (other as? String)?.hasPrefix(personalMark) == true, shown.contains(path.last ?? "") { continue }
                let isRevoked = path.last == "deleted" && ((other as? Bool) == true || (other as? Int) == 1)
                let played = try askCDEK([try ok(json: changing(tree, path, to: other))])
                check(played, keeps: isRevoked ? count - 1 : count, "\(path) = \(other)".prefix(100).description)
            }
        }
    }

    @Test func `every member left out costs that member, or the answer where it is needed`() throws {
        let tree = try Fixture.json("cdek/order.in-transit.json")
        for path in places(in: tree) {
            let played = try askCDEK([try ok(json: removing(path, from: tree))])
            check(played, keeps: path.last == "0" && path.contains("statuses") ? 5 : 6, "\(path)")
            let expected: PollError? =
                switch path.joined(separator: ".") {
                case "entity", "entity.cdek_number": .malformed(field: "entity.cdek_number")
                case "entity.statuses.0.code": .malformed(field: "entity.statuses[0].code")
                case "entity.statuses.0.date_time": .malformed(field: "entity.statuses[0].date_time")
                default: nil
                }
            #expect(played.error == expected, "\(path)")
        }
    }

    @Test func `an error's members may hold anything`() throws {
        for name in ["not-found", "forbidden", "token-expired", "token-expired.nested", "error.credentials"] {
            let tree = try Fixture.json("cdek/\(name).json")
            for path in places(in: tree) {
                for changed in Self.others.map({ changing(tree, path, to: $0) }) + [removing(path, from: tree)] {
                    for status in [200, 400, 401] {
                        let answer = HTTPResponse(status: status, body: try ok(json: changed).body)
                        let played = try askCDEK([answer])
                        let reason = played.error?.reason ?? "not found"
                        #expect(!reason.isEmpty && reason.count < 300, "\(name) \(path)")
                        #expect(!String(reflecting: played.result).contains(secretMark), "\(name) \(path)")
                        if case .success(let report) = played.result {
                            #expect(report.snapshots.allSatisfy { $0.checkpoints == nil }, "\(name) \(path)")
                        }
                        #expect(try askCDEK(tokens: [answer], []).error != nil, "\(name) \(path)")
                    }
                }
            }
        }
    }

    @Test func `an answer that is cut short anywhere is no data`() throws {
        let body = try Fixture.bytes("cdek/order.in-transit.json")
        for length in stride(from: 0, to: body.count - 2, by: 31) {
            let played = try askCDEK([HTTPResponse(status: 200, body: Array(body.prefix(length)))])
            #expect(played.error?.kind == .notData, "\(length) of \(body.count) bytes")
        }
        #expect(try askCDEK([try fixture("cdek/malformed.truncated.json")]).error?.kind == .notData)
    }

    @Test func `a status of the wrong type is named, and nobody in it`() throws {
        let error = try askCDEK([try fixture("cdek/malformed.wrong-types.json")]).error
        #expect(error == .malformed(field: "entity.statuses[1].code"))
    }

    private func history(_ rows: [[String: Any]]) throws -> [Checkpoint] {
        try cdekSnapshot(try ok(json: ["entity": ["cdek_number": waybill, "statuses": rows]])).checkpoints ?? []
    }

    @Test func `unknown codes and impossible dates are kept as they are`() throws {
        let dates = [
            "1970-01-01T00:00:00+0000", "2100-12-31T23:59:59+1400", "0001-01-01T00:00:00", "2026-02-30T00:00:00+0000",
            "вчера", "2026-03-10",
        ]
        let found = try history(dates.map { ["code": "SOMETHING_NEW", "date_time": $0] })
        #expect(Set(found.compactMap(\.time.text)) == Set(dates))
        #expect(found.allSatisfy { $0.meaning == .unmapped && $0.code == "SOMETHING_NEW" })
    }

    @Test func `a status told twice is told twice, and ten thousand are read`() throws {
        let row = ["code": "DELIVERED", "date_time": "2026-05-01T10:00:00+0000"]
        #expect(try history([row, row]).count == 2)
        let many = (0..<10_000).map { index in
            [
                "code": index.isMultiple(of: 2) ? "SENT_TO_TRANSIT_CITY" : "ACCEPTED_IN_TRANSIT_CITY",
                "date_time": "2026-05-\(10 + index / 3600)T10:\(10 + index / 60 % 50):\(10 + index % 50)+0000",
            ]
        }
        #expect(try history(many).count == 10_000)
    }

    @Test(arguments: ["", " \n", "<html><body>busy</body></html>", "null", "[]", "{}", "\"text\""])
    func `what is no answer of CDEK is refused, as a token and as an order`(_ body: String) throws {
        let order = try askCDEK([ok(body)])
        let token = try askCDEK(tokens: [ok(body)], [try fixture("cdek/order.in-transit.json")])
        for played in [order, token] {
            let error = try #require(played.error, "\(body)")
            #expect([.notData, .malformed, .unreachable].contains(error.kind), "\(body): \(error)")
            #expect(!error.reason.isEmpty && !error.reason.contains("SECRET"))
        }
    }

    @Test func `bytes that are no UTF-8 and values nested a thousand deep do no harm`() throws {
        let body = try Fixture.bytes("cdek/order.in-transit.json")
        for position in stride(from: 0, to: body.count, by: 97) {
            for byte: UInt8 in [0xFF, 0x80, 0xC0, 0x00] {
                var spoilt = body
                spoilt[position] = byte
                check(try askCDEK([HTTPResponse(status: 200, body: spoilt)]), keeps: 6, "\(byte) at \(position)")
            }
        }
        let text = String(decoding: body, as: UTF8.self)
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [1000, 100_000] {
                let deep = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
                let spoilt = text.replacing("\"SHOP-118\"", with: deep).replacing("\"Москва\"", with: deep)
                check(try askCDEK([ok(spoilt)]), keeps: 6, "\(open) \(depth)")
            }
        }
    }
}
