// One good JSON answer of a carrier's provider, spoilt in every way that a network or a vendor can: cut short, other
// types, missing members, repeated and endless events, impossible dates, bytes that are no text. Whatever comes, nothing
// crashes, no person and no secret is told, and of each number asked for there is news or a message that names a field.
//
// A carrier's tests make one CarrierAnswer and call each check.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// A tree that differs from another in one place.
struct Mutant: CustomStringConvertible {
    var path: [String]
    var note: String
    var tree: Any

    var description: String { "\(path.joined(separator: ".")) \(note)" }
}

/// Every place given every other type, every member left out. Of a list its first row stands for all.
func mutants(of tree: Any, at path: [String] = []) -> [Mutant] {
    let others: [Any] = ["x", "", 7, 2.5, -1, true, NSNull(), [Any](), [String: Any](), [1], ["a": 1]]
    var found = path.isEmpty ? [] : others.map { Mutant(path: path, note: "= \($0)", tree: $0) }
    if let object = tree as? [String: Any] {
        for key in object.keys.sorted() {
            var without = object
            without[key] = nil
            found.append(Mutant(path: path + [key], note: "missing", tree: without))
            for inner in mutants(of: object[key] as Any, at: path + [key]) {
                var changed = object
                changed[key] = inner.tree
                found.append(Mutant(path: inner.path, note: inner.note, tree: changed))
            }
        }
    } else if let array = tree as? [Any], let first = array.first {
        for inner in mutants(of: first, at: path + ["0"]) {
            found.append(Mutant(path: inner.path, note: inner.note, tree: [inner.tree] + array.dropFirst()))
        }
    }
    return found
}

/// The tree with one place changed; a number is an index.
func changing(_ tree: Any, _ path: [String], to value: Any) -> Any {
    guard let first = path.first else { return value }
    let rest = Array(path.dropFirst())
    if var array = tree as? [Any], let index = Int(first) {
        array[index] = changing(array[index], rest, to: value)
        return array
    }
    var object = tree as? [String: Any] ?? [:]
    object[first] = changing(object[first] as Any, rest, to: value)
    return object
}

/// What stands in one place of a tree.
func value(in tree: Any, _ path: [String]) -> Any? {
    path.reduce(tree) { (tree: Any?, step) in
        if let array = tree as? [Any] { return Int(step).flatMap { array.indices.contains($0) ? array[$0] : nil } }
        return (tree as? [String: Any])?[step]
    }
}

struct CarrierAnswer: Sendable {
    /// The fixture of the good answer.
    var name: String
    /// The numbers it answers for.
    var numbers: [String]
    /// Path of the list of the first number's events.
    var events: [String]
    /// Paths, within an event, of its code and of its times.
    var code: [String]
    var times: [[String]]
    /// A time in the form of the answer, for a year.
    var time: @Sendable (_ year: Int) -> String = { "\(padded($0, 4))-07-08T09:10:11Z" }
    /// Plays the conversation in which this answer is given to the call that reads.
    var play: @Sendable (HTTPResponse) throws -> Played

    private func tree() throws -> Any { try Fixture.json(name) }

    private func played(_ body: [UInt8]) throws -> Played { try play(HTTPResponse(status: 200, body: body)) }

    private func played(_ tree: Any) throws -> Played {
        try play(try ok(json: tree))
    }

    private var ids: [ExternalID] { numbers.map { ExternalID(.trackNumber, $0) } }

    /// What must hold whatever came.
    func check(_ played: Played, _ what: String, _ location: SourceLocation = #_sourceLocation) {
        let told = String(reflecting: played.result)
        #expect(!told.contains(personalMark) && !told.contains(secretMark), "\(what)", sourceLocation: location)
        switch played.result {
        case .failure(let error):
            #expect(!error.reason.isEmpty && error.reason.count < 300, "\(what)", sourceLocation: location)
            if case .malformed(let field) = error { #expect(!field.isEmpty, "\(what)", sourceLocation: location) }
        case .success(let report):
            let news = Set(report.snapshots.map(\.id) + report.rejected.compactMap(\.id))
            let isBlind = report.rejected.contains { $0.id == nil }
            #expect(isBlind || news.isSuperset(of: ids), "\(what): a number is lost", sourceLocation: location)
            #expect(
                report.rejected.allSatisfy { !$0.field.isEmpty && $0.field.count < 300 }, "\(what)",
                sourceLocation: location)
            #expect(report.notFound.isEmpty, "\(what): nothing is ever gone", sourceLocation: location)
            #expect(
                Set(report.snapshots.map(\.id)).isSubset(of: ids), "\(what): never asked for", sourceLocation: location)
        }
    }

    /// The good answer itself.
    func checkWhole() throws {
        let report = try played(try tree()).report()
        #expect(report.snapshots.map(\.id) == ids && report.rejected.isEmpty)
        #expect(report.snapshots.first?.checkpoints?.isEmpty == false)
    }

    func checkTruncated() throws {
        let body = try Fixture.bytes(name)
        let end = try #require(body.lastIndex { $0 > 32 })
        for length in stride(from: 0, to: end, by: max(1, end / 500)) {
            #expect(try played(Array(body[..<length])).error?.kind == .notData, "\(length) bytes")
        }
    }

    func checkForeign() throws {
        for text in [
            "", " \n", "<!doctype html><html></html>", "<?xml version=\"1.0\"?><a/>", "null", "[]", "{}", "7", "\"x\"",
            "true", "{\"a\":", "Service unavailable", "{\"message\":\"overloaded\"}", "\u{FEFF}",
        ] {
            let played = try played(Array(text.utf8))
            #expect(played.error != nil, "\(text)")
            check(played, text)
        }
    }

    func checkOtherTypesAndMissing() throws {
        for mutant in mutants(of: try tree()) { check(try played(mutant.tree), "\(mutant)") }
    }

    /// The code is kept as it came, and no milestone is guessed.
    func checkUnknownCode() throws {
        let report = try played(changing(try tree(), events + ["0"] + code, to: "Teleported_ÿ 7")).report()
        let events = report.snapshots.first?.checkpoints ?? []
        let odd = events.filter { $0.code.hasPrefix("Teleported_ÿ 7") }
        #expect(odd.count == 1 && odd.first?.meaning == .unmapped)
    }

    func checkRepeatedEvents() throws {
        let rows = try #require(value(in: try tree(), events) as? [Any])
        let once = try #require(try played(try tree()).report().snapshots.first?.checkpoints)
        let twice = try played(changing(try tree(), events, to: rows.flatMap { [$0, $0] }))
        check(twice, "twice")
        #expect(Set(try twice.report().snapshots.first?.checkpoints ?? []) == Set(once))
    }

    func checkManyEvents(_ count: Int = 10_000) throws {
        let rows = try #require(value(in: try tree(), events) as? [Any])
        let many = try played(changing(try tree(), events, to: (0..<count).map { rows[$0 % rows.count] }))
        check(many, "\(count) events")
        #expect((try many.report().snapshots.first?.checkpoints?.count ?? 0) >= rows.count)
    }

    /// They are told as they came; whether they can be believed is decided elsewhere.
    func checkOddDates() throws {
        for year in [1, 1970, 2100, 9999] {
            let text = time(year)
            let changed = times.reduce(try tree()) { changing($0, events + ["0"] + $1, to: text) }
            let played = try played(changed)
            check(played, text)
            let report = try played.report()
            #expect(report.snapshots.map(\.id) == ids, "\(text)")
            #expect(
                report.snapshots.first?.checkpoints?.contains { $0.time.text?.contains(text.prefix(4)) == true } == true
            )
        }
        for text in ["", "yesterday", "2026-13-45T99:99:99Z", "0000-00-00", String(repeating: "9", count: 5000)] {
            check(try played(times.reduce(try tree()) { changing($0, events + ["0"] + $1, to: text) }), text)
        }
    }

    /// Bytes that are no UTF-8, in each of many places.
    func checkNotUTF8() throws {
        let body = try Fixture.bytes(name)
        for place in stride(from: 0, to: body.count - 2, by: max(1, body.count / 200)) {
            for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]] {
                let played = try played(Array(body[..<place]) + bad + Array(body[place...]))
                #expect(played.error?.kind == .notData, "at \(place)")
                check(played, "bytes at \(place)")
            }
        }
    }

    func checkDeepNesting(_ depth: Int = 1000) throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nest = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            let mark = "\"NEST\""
            let text = String(
                decoding: try JSONSerialization.data(
                    withJSONObject: changing(try tree(), events + ["0"] + code, to: "NEST")), as: UTF8.self)
            for body in [nest, text.replacingOccurrences(of: mark, with: nest)] {
                let played = try played(Array(body.utf8))
                check(played, "\(depth) deep")
                #expect(played.error != nil || (try? played.report().rejected.isEmpty) == false)
            }
        }
    }

    /// Texts without end are cut.
    func checkEndlessTexts() throws {
        let long = String(repeating: "ы", count: 20_000)
        for member in (value(in: try tree(), events + ["0"]) as? [String: Any] ?? [:]).keys.sorted() {
            let played = try played(changing(try tree(), events + ["0", member], to: long))
            check(played, "\(member) without end")
            for checkpoint in (try? played.report().snapshots.flatMap { $0.checkpoints ?? [] }) ?? [] {
                let texts = [
                    checkpoint.code, checkpoint.text, checkpoint.place, checkpoint.carrier, checkpoint.time.text ?? "",
                ]
                #expect(texts.allSatisfy { $0.count <= 500 }, "\(member)")
            }
        }
    }
}
