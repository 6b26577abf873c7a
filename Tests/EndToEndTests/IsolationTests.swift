// One carrier fails in the middle: what becomes of the others' numbers is the same to the letter as without that.

import Foundation
import ParcelSim
import Testing

/// What a story came to.
private struct Outcome: Equatable {
    var journeys: [[String]]
    var alerts: [[String]]
    var told: [String]
}

@Suite(.serialized)
struct IsolationTests {
    private static let providers: [(name: String, settings: String)] = [
        ("17track", ""), ("russianpost", ""), ("kuaidi100", ""), ("cdek", ""), ("cainiao", ""),
    ]
    private static let routes =
        "routes: {RR: [russianpost], YT: [kuaidi100], \"11\": [cdek], LP: [cainiao], LZ: [17track]}"

    /// By provider: one number that goes on, one that stands still over a threshold, and the codes of a way.
    private static let ways: [(provider: String, moving: String, silent: String, codes: [String])] = [
        (
            "17track", international(50_000_001, "LZ"), international(50_000_002, "LZ"),
            ["InTransit_PickedUp", "InTransit_Other", "InTransit_Other", "InTransit_Other", "InTransit_Departure"]
        ),
        (
            "russianpost", international(50_000_003), international(50_000_004),
            ["1/0", "8/3", "8/4", "8/3", "31/24"]
        ),
        ("kuaidi100", "YT7530122849601", "YT7530122849602", ["103", "1002", "1002", "1002", "301"]),
        (
            "cdek", "1100285606", "1100285607",
            [
                "CREATED", "RECEIVED_AT_SHIPMENT_WAREHOUSE", "SENT_TO_RECIPIENT_CITY", "ACCEPTED_IN_RECIPIENT_CITY",
                "DELIVERED",
            ]
        ),
        (
            "cainiao", "LP00612345678605", "LP00612345678606",
            ["PU_PICKUP_SUCCESS", "SC_INBOUND_SUCCESS", "SC_OUTBOUND_SUCCESS", "CC_EX_START", "LH_DEPART"]
        ),
    ]
    private static let days = ["2026-05-12", "2026-05-14", "2026-05-19", "2026-05-20", "2026-05-22"]

    private static func scenario(_ faults: String = "") throws -> Scenario {
        func number(
            _ way: (provider: String, moving: String, silent: String, codes: [String]), _ number: String, _ count: Int
        )
            -> String
        {
            let country = way.provider == "cdek" ? "RU" : "CN"
            let events = zip(days, way.codes).prefix(count).map { day, code in
                """
                      - {at: "\(day) 10:00", text: "\(day) \(code)", place: X, country: \(country), \(way.provider): "\(code)"}
                """
            }
            return "  - number: \"\(number)\"\n    events:\n\(events.joined(separator: "\n"))"
        }
        let rows = ways.flatMap { [number($0, $0.moving, 5), number($0, $0.silent, 2)] }
        return try Scenario.read(
            text: """
                start: "2026-05-12 12:00+03:00"
                end: "2026-05-26 12:00+03:00"
                faults: [\(faults)]
                numbers:
                \(rows.joined(separator: "\n"))
                """, name: "isolation")
    }

    private static let all = ways.flatMap { [$0.moving, $0.silent] }

    /// The whole story in one go; `middle` may do something on 19 May.
    private static func play(_ faults: String = "", _ middle: (NumberHarness) async throws -> Void = { _ in })
        async throws -> NumberHarness
    {
        let harness = try NumberHarness(try scenario(faults), providers: providers)
        try await harness.add(all, then: providers, settings: routes)
        let daemon = try harness.start()
        try await harness.run(until: "2026-05-19 18:00+03:00")
        try await middle(harness)
        try await harness.finish(daemon)
        #expect(harness.world.violations == [])
        return harness
    }

    /// All but what concerns that provider and its numbers.
    private static func outcome(_ harness: NumberHarness, without provider: String) throws -> Outcome {
        let own = ways.filter { $0.provider == provider }.flatMap { [$0.moving, $0.silent] }
        let journeys = try harness.rows(
            "SELECT track_number, provider, milestone, condition, leg, status, since FROM v_journeys ORDER BY 1, 2")
        let alerts = try harness.rows(
            """
            SELECT t.label, a.kind, a.level, a.key, a.closed_at IS NOT NULL FROM alerts a
              JOIN things t ON t.id = a.thing_id ORDER BY 1, 4
            """)
        let names = own + [shown(provider)]
        return Outcome(
            journeys: journeys.filter { !own.contains($0[0]) }, alerts: alerts.filter { !own.contains($0[0]) },
            // Down to the minute of the last check they need not be the same.
            told: harness.told.filter { item in !names.contains { item.contains($0) } && !item.contains("parceld: ") }
                .compactMap { $0.split(separator: "\n").first.map(String.init) })
    }

    private static func shown(_ provider: String) -> String {
        [
            "17track": "17TRACK", "russianpost": "Russian Post", "kuaidi100": "Kuaidi100", "cdek": "CDEK",
            "cainiao": "Cainiao",
        ][
            provider] ?? provider
    }

    /// From before the thresholds of 19 and 20 May until after them; how many messages say that it is down, or is back.
    private static let cases: [(provider: String, kind: String, more: String, messages: Int)] = [
        ("russianpost", "outage", "", 1), ("17track", "refuse", "", 1), ("kuaidi100", "html", "", 1),
        ("cdek", "outage", "", 1), ("cainiao", "block", "", 1), ("russianpost", "quota", "", 0),
        ("kuaidi100", "quota", "", 0), ("17track", "quota", "", 0),
        ("cdek", "token_expired", ", method: orders, times: 1", 0),
    ]

    @Test(arguments: cases.indices)
    func `a carrier's outage, spent quota, ended token or block page changes nothing for the others`(index: Int)
        async throws
    {
        let (provider, kind, more, messages) = Self.cases[index]
        let calm = try await Self.play()
        defer { calm.end() }
        let own = try #require(Self.ways.first { $0.provider == provider })
        #expect(calm.told(containing: own.silent).count > 0, "\(calm.told)")
        let fault =
            "{provider: \(provider), kind: \(kind), from: \"2026-05-18 20:00+03:00\", to: \"2026-05-21 12:00+03:00\"\(more)}"
        let broken = try await Self.play(fault)
        defer { broken.end() }
        let hint = Comment("\(provider) \(kind): \(broken.told)")
        let (one, other) = (
            try Self.outcome(broken, without: provider), try Self.outcome(calm, without: provider)
        )
        for (part, here, there) in [
            ("journeys", one.journeys.map { "\($0)" }, other.journeys.map { "\($0)" }),
            ("alerts", one.alerts.map { "\($0)" }, other.alerts.map { "\($0)" }), ("told", one.told, other.told),
        ] {
            // A provider that waits for its pace moves the others within their minute, so the order is not compared.
            #expect(here.sorted() == there.sorted(), "\(part) of \(provider) \(kind)")
        }
        // What moved meanwhile is not told as silent; nothing is lost of it.
        #expect(
            broken.told(containing: own.moving, "no movement") == calm.told(containing: own.moving, "no movement"), hint
        )
        let name = Self.shown(provider)
        #expect(broken.told(containing: name, "has not answered").count == messages, hint)
        #expect(broken.told(containing: name, "answers again").count == messages, hint)
        let way =
            "SELECT track_number, milestone, condition, since FROM v_journeys WHERE provider = '\(provider)' ORDER BY 1"
        #expect(try broken.rows(way) == (try calm.rows(way)), hint)
        #expect(broken.told(containing: own.silent, "no movement").count > 0, hint)
    }

    @Test(arguments: ["russianpost", "kuaidi100", "cdek", "17track"])
    func `a refused key is told once, and a changed secret and a resume end that`(provider: String) async throws {
        let calm = try await Self.play()
        defer { calm.end() }
        let secrets = [
            "russianpost": "russianpost-password", "kuaidi100": "kuaidi100-key", "cdek": "cdek-password",
            "17track": "17track-key",
        ]
        let harness = try NumberHarness(try Self.scenario(), providers: Self.providers)
        defer { harness.end() }
        try await harness.add(Self.all, then: Self.providers, settings: Self.routes)
        let secret = harness.playground.folder.appending(path: "secrets/\(secrets[provider] ?? "")")
        let right = try Data(contentsOf: secret)
        try Data("WRONG-SECRET-0123456789\n".utf8).write(to: secret)
        let daemon = try harness.start()
        try await harness.run(until: "2026-05-19 18:00+03:00")
        let hint = Comment(rawValue: provider)
        // Tried once a day, by one request; two where a token is fetched.
        let before = harness.asked(provider).count
        #expect((7...9).contains(before), "\(provider): \(before)")
        try right.write(to: secret)
        let answer = try await harness.tell(["resume", provider])
        #expect(answer.contains("resumed"), "\(provider): \(answer)")
        // While time stands still, so that nothing else can have been the cause.
        try await harness.wait(30) { harness.asked(provider).count > before }
        try await harness.finish(daemon)
        let after = harness.asked(provider).dropFirst(before)
        let resumed = try #require(Scenario.Moment.parse("2026-05-19 18:00+03:00")) + 60_000
        #expect(after.first.map { $0.ms <= resumed } == true, "\(provider): \(after.prefix(3))")
        let refusals = harness.told(containing: Self.shown(provider), "refuses our key")
        // Told once; after that only reminders, one a working day.
        #expect(refusals.filter { !$0.contains("A reminder:") }.count == 1, hint)
        #expect(refusals.filter { $0.contains("A reminder:") }.count <= 5, hint)
        #expect(
            harness.told(containing: Self.shown(provider), "lets us in again").count == 1,
            "\(provider): \(harness.told)")
        let (mine, theirs) = (try Self.outcome(harness, without: provider), try Self.outcome(calm, without: provider))
        #expect(mine.journeys == theirs.journeys, hint)
        #expect(mine.alerts == theirs.alerts, hint)
        #expect(mine.told.sorted() == theirs.told.sorted(), hint)
        let way = "SELECT track_number, milestone, condition FROM v_journeys WHERE provider = '\(provider)' ORDER BY 1"
        #expect(try harness.rows(way) == (try calm.rows(way)), hint)
    }
}
