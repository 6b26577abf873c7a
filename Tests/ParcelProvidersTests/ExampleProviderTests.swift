// The worked example of docs/providers.md: it keeps the contract like every provider, and the page shows it as it is.

import Foundation
import ParcelCore
@testable import ParcelProviders
import Testing

let exampleKind = ProviderKind(schema: ExamplePost.schema) { ExamplePost($0) }

let exampleScenes: [Scene] = [
    Scene(
        "examplepost", "track", "RR300006015CN", ["RR300006015CN": ["in-transit.json"]], .seen(["RR300006015CN"])),
    Scene("examplepost", "track", "RR300006015CN", ["RR300006015CN": ["delivered.json"]], .seen(["RR300006015CN"])),
    Scene(
        "examplepost", "track", "RR300006015CN", ["RR300006015CN": ["malformed.wrong-types.json"]], .fails(.malformed)),
    Scene("examplepost", "track", "RR123456785CN", ["RR123456785CN": ["in-transit.json"]], .fails(.malformed)),
]

struct ExampleProviderTests {
    private static func asked(_ answer: HTTPResponse) throws -> Played {
        try play(try provider("examplepost"), Ask("track", key: "RR300006015CN")) { _, _ in answer }
    }

    @Test(arguments: [
        ("in-transit.json", [Milestone.accepted, .departedOrigin]),
        ("delivered.json", [.accepted, .importCustoms, .delivered]),
    ]) func `an event has its time, its place and what its code means`(_ name: String, _ way: [Milestone]) throws {
        let snapshot = try #require(try Self.asked(try fixture("examplepost/\(name)")).report().snapshots.first)
        let steps = try #require(snapshot.checkpoints).compactMap { checkpoint -> Milestone? in
            if case .at(let milestone)? = checkpoint.meaning?.step { milestone } else { nil }
        }
        #expect(steps == way)
        #expect(snapshot.checkpoints?.allSatisfy { $0.time.hasZone && $0.meaning?.isKnown == true } == true)
    }

    @Test func `an unknown number, a wrong key and a web page with the same status are three things`() throws {
        let unknown = try Self.asked(try fixture("examplepost/not-found.json", status: 404))
        #expect(try unknown.report().snapshots.map(\.status.summary) == [.notFoundYet])
        let refused = try Self.asked(try fixture("examplepost/error.key.json", status: 401))
        #expect(refused.error == .authentication(reason: "The key <secret> is not valid"))
        let page = try Self.asked(try fixture("examplepost/malformed.block-page.html", status: 401))
        #expect(page.error == .unreachable(reason: "status 401"))
    }

    @Test func `it follows what posts number, and what a person says is a post's`() throws {
        let example = try provider("examplepost")
        for (text, carrier, isFollowed) in [
            ("RR300006015CN", nil, true), ("SF1234567890123", nil, false), ("RR300006015CN", "cdek", false),
        ] as [(String, String?, Bool)] {
            let number = try #require(TrackNumber(text))
            let ask = example.ask(following: FollowedNumber(number, role: nil, carrier: carrier))
            #expect((ask != nil) == isFollowed, "\(text)")
        }
    }

    @Test func `the page shows the example, its answer and its scenes as they are`() throws {
        let root = Fixture.sources.deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/providers.md"), encoding: .utf8)
        let folder = root.appendingPathComponent("Tests/ParcelProvidersTests")
        let file = try String(contentsOf: folder.appendingPathComponent("ExampleProvider.swift"), encoding: .utf8)
        // In Sources/ParcelProviders that line would be too much.
        let code = file.replacingOccurrences(of: "@testable import ParcelProviders\n", with: "")
        let answer = String(decoding: try Fixture.bytes("examplepost/in-transit.json"), as: UTF8.self)
        let tests = try String(
            contentsOf: folder.appendingPathComponent("ExampleProviderTests.swift"), encoding: .utf8)
        let scenes = try #require(tests.range(of: "let exampleScenes"))
        let end = try #require(tests[scenes.lowerBound...].range(of: "\n]\n"))
        let table = String(tests[scenes.lowerBound..<end.upperBound])
        for (shown, what) in [(code, "code"), (answer, "answer"), (table, "table of scenes")] {
            #expect(page.contains(shown), "docs/providers.md shows another \(what)")
        }
    }
}
