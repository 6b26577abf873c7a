// What is asked of a spoilt answer about one number beyond CarrierSpoiling: its history comes whole or not at all, since
// an event that is left out would read as one that was taken back, and the message names the very place.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

extension CarrierAnswer {
    func rows() throws -> [[String: Any]] {
        try #require(value(in: try Fixture.json(name), events) as? [[String: Any]])
    }

    func tree(rows: [Any]) throws -> Any { changing(try Fixture.json(name), events, to: rows) }

    /// The newest event with some members changed.
    func row(_ members: [String: Any]) throws -> [String: Any] {
        try #require(try rows().first).merging(members) { $1 }
    }

    func snapshot(_ tree: Any) throws -> Snapshot {
        try play(try ok(json: tree)).report().snapshot(.trackNumber, try #require(numbers.first))
    }

    /// - Parameter identity: Members that say whether this is an answer, and about which number.
    func checkHistoryIsWholeOrNone(_ identity: Set<String>) throws {
        let whole = try rows().count
        for mutant in mutants(of: try Fixture.json(name)) where !(mutant.path.last.map(identity.contains) ?? true) {
            let played = try play(try ok(json: mutant.tree))
            switch played.result {
            case .failure(.malformed(let field)): checkNames(field, mutant)
            case .failure(let error): Issue.record("\(mutant): \(error)")
            case .success(let report):
                for rejected in report.rejected { checkNames(rejected.field, mutant) }
                for shown in report.snapshots where shown.id.key == numbers.first {
                    #expect(shown.checkpoints.map { $0.count == whole } ?? true, "\(mutant)")
                }
            }
        }
    }

    private func checkNames(_ field: String, _ mutant: Mutant) {
        // Something else in the place of the whole row has no member to name.
        guard mutant.path.count >= events.count else { return }
        let names = field.split { !$0.isLetter && $0 != "_" }.map(String.init)
        // The innermost member that is named may be what holds the one that was spoilt.
        #expect(names.last.map { mutant.path.contains($0) } == true, "\(mutant): \(field)")
    }

    /// Bytes that are no UTF-8, in a text that is shown and in a member that nobody reads: an error, or the history
    /// untouched.
    ///
    /// - Parameter word: Stands in texts of the first number's history that are shown, and nowhere else.
    func checkBytesAreNeverShown(in word: String) throws {
        let text = String(decoding: try Fixture.bytes(name), as: UTF8.self)
        let good = try play(ok(text)).report().snapshots
        let list = try #require(text.range(of: "\"\(events.last ?? "")\":")?.lowerBound)
        #expect(text.contains(word))
        for bad: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xC0, 0x80]] {
            for spoilt in [
                text.replacingOccurrences(of: word, with: "\(word)@@"),
                text[..<list] + "\"unheard_of\": \"@@\", " + text[list...],
            ] {
                let parts = spoilt.components(separatedBy: "@@").map { Array($0.utf8) }
                let played = try play(HTTPResponse(status: 200, body: Array(parts.joined(separator: bad))))
                check(played, "\(bad)")
                switch played.result {
                case .failure(let error): #expect([.notData, .malformed].contains(error.kind), "\(bad)")
                case .success(let report) where report.rejected.isEmpty: #expect(report.snapshots == good, "\(bad)")
                case .success(let report): #expect(report.snapshots == Array(good.dropFirst()), "\(bad)")
                }
            }
        }
    }
}
