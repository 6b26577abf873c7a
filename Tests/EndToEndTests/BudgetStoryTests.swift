// Budgets against carriers that count: more numbers than may be asked, for days, with a daemon that is killed.

import Foundation
import ParcelSim
import Testing

@Suite(.serialized)
struct BudgetStoryTests {
    private static let posted = (0..<200).map { international(10_000_000 + $0) }
    private static let couriers = (0..<40).map { "YT\(7_530_122_849_000 + $0)" }
    private static let forwarded = (0..<60).map { "LP\(10_061_234_567_000 + $0)" }
    private static let followed = (0..<200).map { international(20_000_000 + $0, "LZ") }

    private static func scenario() throws -> Scenario {
        let events = { (codes: String) in
            """
            events:
                  - {at: "2026-05-09 10:00", text: 已揽收, place: 义乌, \(codes)}
            """
        }
        let rows =
            posted.map { ($0, "russianpost: 1/0") } + couriers.map { ($0, "kuaidi100: \"103\"") }
            + forwarded.map { ($0, "cainiao: PU_PICKUP_SUCCESS") }
            + followed.map { ($0, "17track: InTransit_PickedUp") }
        return try Scenario.read(
            text: """
                start: "2026-05-11 09:00+03:00"
                end: "2026-05-14 02:00+03:00"
                17track: {quota: 150, per_second: 3, batch: 40}
                russianpost: {daily: 100}
                kuaidi100: {every: 30m, daily: 200}
                cainiao: {every: 6h, batch: 10}
                numbers:
                \(rows.map { "  - number: \($0.0)\n    \(events($0.1))" }.joined(separator: "\n"))
                """, name: "budgets")
    }

    private static func harness() async throws -> NumberHarness {
        let providers = [
            ("17track", ""), ("russianpost", ""), ("kuaidi100", "requests_per_day: 200"),
            ("cainiao", "requests_per_day: 16"),
        ]
        let harness = try NumberHarness(try scenario(), providers: providers)
        try await harness.add(
            posted + couriers + forwarded + followed, then: providers,
            settings: """
                routes: {RR: [russianpost], YT: [kuaidi100], LP: [cainiao], LZ: [17track]}
                cadence: {unknown: 30 min, accepted: 30 min}
                """)
        return harness
    }

    @Test(arguments: [[], [5, 6, 7, 60, 61, 115, 240, 241, 242, 420, 500, 501]])
    func `no carrier's limit is passed and none is left unused, also with kill -9 in the middle`(kills: [Int])
        async throws
    {
        let harness = try await BudgetStoryTests.harness()
        defer { harness.end() }
        var daemon = try harness.start()
        for count in kills {
            try await harness.wait {
                harness.world.isFinished || harness.world.requests.values.reduce(0, +) >= count
            }
            harness.kill(daemon)
            daemon = try harness.start()
        }
        try await harness.finish(daemon)
        #expect(harness.world.violations == [])
        // What was counted and then not sent, because of a kill, is lost for that day.
        let lost = kills.count
        let post = harness.wholeDays("russianpost", hours: 3)
        #expect(post.count == 2 && post.values.allSatisfy { (99 - lost...100).contains($0) }, "\(post)")
        let courier = harness.wholeDays("kuaidi100", hours: 8)
        #expect(courier.count == 2 && courier.values.allSatisfy { (198 - lost...200).contains($0) }, "\(courier)")
        let forwarder = harness.wholeDays("cainiao", hours: 0)
        #expect(
            forwarder.count == 1 && forwarder.values.allSatisfy { (16 - min(lost, 2)...16).contains($0) },
            "\(forwarder)")
        // Nobody starves: what one round takes longer than a day is asked in the next.
        let unasked = Set(Self.posted).subtracting(harness.asked("russianpost").flatMap(\.things))
        #expect(unasked == [], "\(harness.world.requestLog.count) \(post)")
        #expect(Set(harness.asked("kuaidi100").flatMap(\.things)) == Set(Self.couriers))
        #expect(Set(harness.asked("cainiao").flatMap(\.things)) == Set(Self.forwarded))
        expectBatches(harness, isKilled: !kills.isEmpty)
        // Each once, and no more than the account allows.
        let registered = harness.asked("17track", "register").flatMap(\.things)
        #expect(registered.count == 150)
        #expect(Set(registered).count == registered.count)
    }

    /// Numbers of one provider go together, also when their times have drifted apart. Where more is due than is allowed
    /// nothing of a request is wasted; the account's 150 numbers at 17TRACK fill three requests and most of a fourth. A
    /// kill parts what went together, until their times meet again.
    private func expectBatches(_ harness: NumberHarness, isKilled: Bool) {
        let filled = isKilled ? 60 : 93
        for (provider, method, size, filled) in [
            ("cainiao", "detail", 10, 99), ("17track", "gettrackinfo", 40, filled),
        ] {
            let sizes = harness.asked(provider, method).map(\.things.count)
            #expect(sizes.allSatisfy { $0 <= size })
            #expect(sizes.reduce(0, +) * 100 >= sizes.count * size * filled, "\(provider): \(sizes)")
        }
    }
}
