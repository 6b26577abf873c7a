// Bad answers about a track number, made from a good one: every member of every type, every member left out, cut short,
// and rows without end. What such an answer may do is said once, for every provider that answers in JSON.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// A good answer about one number, and where its parts stand.
struct GoodAnswer: Sendable {
    var provider: String
    var ask: Ask
    var number: String
    var file: String
    /// Where the rows of the history stand, the newest first.
    var rows: [String]
    /// Stands in texts of the history that are shown, and nowhere else.
    var word: String
    /// Members of the answer that say which number it is about, or whether it is an answer.
    var identity: Set<String>

    func tree() throws -> Any { try Fixture.json("\(provider)/\(file)") }

    func play(_ answer: HTTPResponse) throws -> Played {
        try ParcelProvidersTests.play(try ParcelProvidersTests.provider(provider), ask) { _, _ in answer }
    }

    func play(json: Any) throws -> Played { try play(try ok(json: json)) }

    func snapshot(_ tree: Any) throws -> Snapshot { try play(json: tree).report().snapshot(.trackNumber, number) }

    func rowsOfFixture() throws -> [[String: Any]] { try #require(value(at: rows, in: try tree()) as? [[String: Any]]) }

    func tree(rows new: [Any]) throws -> Any { changing(try tree(), rows, to: new) }

    /// The fixture's newest row with some members changed.
    func row(_ members: [String: Any]) throws -> [String: Any] {
        try #require(try rowsOfFixture().first).merging(members) { $1 }
    }
}

private func value(at path: [String], in tree: Any) -> Any? {
    guard let first = path.first else { return tree }
    let rest = Array(path.dropFirst())
    if let array = tree as? [Any] { return Int(first).flatMap { value(at: rest, in: array[$0]) } }
    return (tree as? [String: Any])?[first].flatMap { value(at: rest, in: $0) }
}

/// A tree that differs from the good one in one place.
private struct SpoiledTree {
    var path: [String]
    var tree: Any
    var what: String
}

/// Paths of every member and every element.
private func paths(in tree: Any, at path: [String] = []) -> [[String]] {
    if let object = tree as? [String: Any] {
        return object.keys.sorted().flatMap { key in
            [path + [key]] + paths(in: object[key] as Any, at: path + [key])
        }
    }
    guard let array = tree as? [Any] else { return [] }
    return array.indices.flatMap { [path + [String($0)]] + paths(in: array[$0], at: path + [String($0)]) }
}

private func wrongTypes(in tree: Any) -> [SpoiledTree] {
    let others: [Any] = ["x", "", 7, 2.5, -1, 1e300, true, NSNull(), [Any](), [String: Any](), [1], ["a": 1]]
    return paths(in: tree).flatMap { path in
        others.map { SpoiledTree(path: path, tree: changing(tree, path, to: $0), what: "\(path) = \($0)") }
    }
}

private func missingMembers(in tree: Any) -> [SpoiledTree] {
    paths(in: tree).compactMap { path in
        guard let last = path.last, var object = value(at: path.dropLast(), in: tree) as? [String: Any] else {
            return nil
        }
        object[last] = nil
        return SpoiledTree(path: path, tree: changing(tree, path.dropLast(), to: object), what: "\(path) missing")
    }
}

extension GoodAnswer {
    /// Whatever is spoiled: the number is shown with its whole history or with none, or one message names the field.
    private func expectNoHarm(_ spoiled: SpoiledTree) throws {
        let played = try play(json: spoiled.tree)
        let told = String(reflecting: played.result)
        #expect(!told.contains(personalMark) && !told.contains(secretMark), "\(spoiled.what)")
        let changesIdentity = spoiled.path.contains { identity.contains($0) } || spoiled.path.count == 1
        switch played.result {
        case .failure(.malformed(let field)): expectNames(field, spoiled)
        case .failure(let error): #expect(changesIdentity && !error.reason.isEmpty, "\(spoiled.what): \(error)")
        case .success(let report):
            #expect(report.notFound.isEmpty && report.complete.isEmpty && report.stopped.isEmpty, "\(spoiled.what)")
            #expect(Set(report.snapshots.map(\.id) + report.rejected.compactMap(\.id)).count == 1, "\(spoiled.what)")
            let id = ExternalID(.trackNumber, number)
            #expect((report.snapshots.map(\.id) + report.rejected.map(\.id)).allSatisfy { $0 == id }, "\(spoiled.what)")
            for rejected in report.rejected { expectNames(rejected.field, spoiled) }
            let whole = try rowsOfFixture().count
            for shown in report.snapshots {
                #expect(shown.checkpoints.map { $0.count == whole } ?? true, "\(spoiled.what)")
            }
        }
    }

    /// The field is the one that was spoiled, or what holds it.
    private func expectNames(_ field: String, _ spoiled: SpoiledTree) {
        let members = spoiled.path.filter { Int($0) == nil }
        let names = field.split { !$0.isLetter && $0 != "_" }.map(String.init)
        let isNamed = names.contains { members.contains($0) || spoiled.what.contains($0) }
        #expect(isNamed || (spoiled.path.count <= 2 && !field.isEmpty), "\(spoiled.what): \(field)")
    }

    func expectWrongTypesDoNoHarm() throws { for spoiled in wrongTypes(in: try tree()) { try expectNoHarm(spoiled) } }
    func expectMissingDoNoHarm() throws { for spoiled in missingMembers(in: try tree()) { try expectNoHarm(spoiled) } }

    func expectCutShort(_ kinds: Set<PollErrorKind>) throws {
        let body = try Fixture.bytes("\(provider)/\(file)")
        for length in stride(from: 1, to: body.count - 2, by: max(1, body.count / 200)) {
            let error = try play(HTTPResponse(status: 200, body: Array(body.prefix(length)))).error
            #expect(error.map { kinds.contains($0.kind) } == true, "\(length) of \(body.count) bytes")
        }
    }

    /// In a text that is shown, and in a member that nobody reads: an error, or the history untouched.
    func expectInvalidUTF8IsNeverShown() throws {
        let text = String(decoding: try Fixture.bytes("\(provider)/\(file)"), as: UTF8.self)
        let whole = try snapshot(try tree())
        let other = try #require(text.range(of: "\"\(rows.last ?? "")\":")?.lowerBound)
        #expect(text.contains(word))
        for bad: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xC0, 0x80]] {
            for spoiled in [
                text.replacingOccurrences(of: word, with: "\(word)@@"),
                text[..<other] + "\"unheard_of\": \"@@\", " + text[other...],
            ] {
                let parts = spoiled.components(separatedBy: "@@").map { Array($0.utf8) }
                let played = try play(HTTPResponse(status: 200, body: Array(parts.joined(separator: bad))))
                switch played.result {
                case .failure(let error): #expect([.notData, .malformed].contains(error.kind), "\(bad)")
                case .success(let report) where report.rejected.isEmpty: #expect(report.snapshots == [whole], "\(bad)")
                case .success(let report):
                    #expect(report.snapshots.isEmpty)
                    #expect(report.rejected.map(\.id) == [ExternalID(.trackNumber, number)], "\(bad)")
                }
            }
        }
    }

    func expectDeepNestingIsRefused() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = String(repeating: open, count: 1000) + "1" + String(repeating: close, count: 1000)
            for key in ["unheard_of", rows.last ?? ""] {
                let text = String(decoding: try Fixture.bytes("\(provider)/\(file)"), as: UTF8.self)
                let place = try #require(text.range(of: "\"\(rows.last ?? "")\":"))
                let spoiled = text.replacingCharacters(in: place, with: "\"\(key)\": \(deep), \"other\":")
                let error = try play(ok(spoiled)).error
                #expect(error == nil || error?.kind == .notData || error?.kind == .malformed, "\(key)")
            }
        }
    }

    func expectManyRowsAreRead(time: (Int) -> [String: Any]) throws {
        let row = try #require(try rowsOfFixture().first)
        let rows = (0..<10_000).map { row.merging(time($0)) { $1 } }
        let shown = try #require(try snapshot(try tree(rows: rows.reversed())).checkpoints)
        #expect(shown.count == 10_000)
        #expect(zip(shown, shown.dropFirst()).allSatisfy { ($0.time.text ?? "") < ($1.time.text ?? "") })
    }

    /// It is reconcile that tells one event told twice from two.
    func expectDuplicatesStay() throws {
        let rows = try rowsOfFixture()
        let shown = try #require(try snapshot(try tree(rows: rows + rows)).checkpoints)
        #expect(shown.count == rows.count * 2)
        #expect(Array(shown.prefix(rows.count)) == Array(shown.suffix(rows.count)))
    }
}
