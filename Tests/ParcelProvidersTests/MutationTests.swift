// Every leaf of every fixture is given every other type, and every member is left out: nothing may crash, leak a
// person, fail without saying where, or say that something is gone.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// Whether an id or a whole list was changed, so that other rows, or none, are rightly shown.
private func changesIdentity(_ mutant: Mutant) -> Bool {
    ["Id", "id", "OrderId", "Content", "data", "Result", "result"].contains(mutant.path.last ?? "")
}

@Suite struct MutationTests {
    /// One scene of each ask is enough: they share their decoders.
    private static let spoiled: [Scene] = {
        var seen: Set<String> = []
        return scenes.filter { scene in
            guard case .seen(let keys, _) = scene.expected, !keys.isEmpty || scene.ask.kind == "log" else {
                return false
            }
            return seen.insert("\(scene.provider) \(scene.ask.kind)").inserted
        }
    }()

    @Test(arguments: spoiled) func `no wrong type and no missing member does harm`(_ scene: Scene) throws {
        let answers = try scene.answers.mapValues { try $0.map { try fixture("\(scene.provider)/\($0)") } }
        let provider = try provider(scene.provider)
        let expected = Set(try scene.play().report().snapshots.map(\.id))
        for (name, files) in scene.answers {
            for mutant in mutants(of: try Fixture.json("\(scene.provider)/\(files[0])")) {
                var spoiled = answers
                spoiled[name] = [try ok(json: mutant.tree)]
                let played = try play(provider, scene.ask, spoiled)
                let told = String(reflecting: played.result)
                #expect(!told.contains(personalMark), "\(name) \(mutant)")
                switch played.result {
                case .failure(let error):
                    #expect(!error.reason.isEmpty, "\(name) \(mutant)")
                    if case .malformed(let field) = error { #expect(!field.isEmpty) }
                case .success(let report):
                    #expect(report.rejected.allSatisfy { !$0.field.isEmpty })
                    #expect(report.notFound.isEmpty, "\(name) \(mutant)")
                    guard !changesIdentity(mutant) else { continue }
                    let shown = Set(report.snapshots.map(\.id) + report.rejected.compactMap(\.id))
                    let isBlind = report.rejected.contains { $0.id == nil }
                    let missing = expected.subtracting(shown).filter { id in
                        report.complete.contains { $0.covers(id.kind) }
                    }
                    #expect(isBlind || missing.isEmpty, "\(name) \(mutant): \(missing)")
                }
            }
        }
    }

    @Test func `an id that cannot be read makes nothing vanish`() throws {
        for (id, ask, name, file, row) in [
            ("litemf", "incoming", "getIncomingPackage", "getIncomingPackage.json", ["result", "data"]),
            ("shiptor", "packages", "getPackages", "getPackages.json", ["result"]),
        ] {
            for bad: Any in [NSNull(), [Any](), "", true, ["a": 1]] {
                let tree = changing(try Fixture.json("\(id)/\(file)"), row + ["0", "id"], to: bad)
                let report = try play(try provider(id), Ask(ask), [name: [try ok(json: tree)]]).report()
                #expect(report.rejected.map(\.id) == [nil], "\(bad)")
            }
        }
    }

    @Test func `a row that is no object is refused`() throws {
        for bad: Any in [NSNull(), 7, "x", [1], true] {
            let tree = changing(try Fixture.json("shiptor/getPackages.json"), ["result", "0"], to: bad)
            let report = try play(try provider("shiptor"), Ask("packages"), ["getPackages": [try ok(json: tree)]])
                .report()
            #expect(report.snapshots.map(\.id.key) == ["11579"])
            #expect(report.rejected == [Rejected(id: nil, field: "the row")], "\(bad)")
        }
    }
}

extension Scope {
    fileprivate func covers(_ kind: ThingKind) -> Bool {
        switch self {
        case .all(let listed, _): listed == kind
        case .parcels: kind == .parcel
        case .items: kind == .item
        }
    }
}
