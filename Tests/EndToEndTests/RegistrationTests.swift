// 17TRACK's registrations cost money: each number once, whatever happens between the call and the commit. And what it
// stops following is told and taken up again.

import Foundation
import ParcelSim
import Testing

@Suite(.serialized)
struct RegistrationTests {
    private static let numbers = (0..<100).map { international(30_000_000 + $0, "LZ") }

    private static func scenario(_ faults: String, numbers: [String] = numbers) throws -> Scenario {
        let rows = numbers.map { number in
            """
              - number: \(number)
                events:
                  - {at: "2026-05-11 10:00", text: Posted, place: Guangzhou, 17track: InTransit_PickedUp}
                  - {at: "2026-05-13 10:00", text: Left, place: Guangzhou, 17track: InTransit_Departure}
            """
        }
        return try Scenario.read(
            text: """
                start: "2026-05-12 09:00+03:00"
                end: "2026-05-15 12:00+03:00"
                17track: {quota: 120}
                faults: [\(faults)]
                numbers:
                \(rows.joined(separator: "\n"))
                """, name: "registrations")
    }

    @Test(arguments: [
        // The answer never comes; it comes so slowly that the daemon dies of kill -9 while it reads.
        (#"{provider: 17track, kind: lost_answer, method: register, times: 2}"#, false),
        (#"{provider: 17track, kind: reset, method: register, times: 2}"#, false),
        (#"{provider: 17track, kind: slow, method: register, delay: 20ms, times: 2}"#, true),
    ])
    func `each number is registered once, also when the answer is lost or the daemon dies before it is written down`(
        fault: String, isKilled: Bool
    ) async throws {
        let harness = try NumberHarness(try Self.scenario(fault), providers: [("17track", "")])
        defer { harness.end() }
        try await harness.add(Self.numbers, then: [("17track", "")])
        var daemon = try harness.start()
        if isKilled {
            for count in 1...2 {
                try await harness.wait { harness.world.requests["17track register", default: 0] >= count }
                harness.kill(daemon)
                daemon = try harness.start()
            }
        }
        try await harness.finish(daemon)
        let registered = harness.asked("17track", "register").flatMap(\.things)
        #expect(Set(registered) == Set(Self.numbers))
        #expect(registered.count == Self.numbers.count)
        #expect(harness.world.violations == [])
        let journeys = try harness.rows(
            "SELECT track_number, milestone FROM v_journeys WHERE provider = '17track' ORDER BY track_number")
        #expect(journeys == Self.numbers.map { [$0, "departed_origin"] })
        // What is left of the account is known again.
        #expect(try harness.rows("SELECT writes_left FROM providers WHERE provider = '17track'") == [["20"]])
    }

    @Test(arguments: [false, true])
    func `a number that 17TRACK stops following is taken up again once, and where it cannot be that is told`(
        isRefused: Bool
    ) async throws {
        let number = international(40_000_001, "LZ")
        let scenario = try Scenario.read(
            text: """
                start: "2026-05-12 09:00+03:00"
                end: "2026-05-28 12:00+03:00"
                faults: [\(isRefused ? "{provider: 17track, kind: auth, method: retrack}" : "")]
                numbers:
                  - number: \(number)
                    dead: "2026-05-14 12:00+03:00"
                    events:
                      - {at: "2026-05-11 10:00", text: Posted, place: Guangzhou, 17track: InTransit_PickedUp}
                      - {at: "2026-05-13 10:00", text: Left, place: Guangzhou, 17track: InTransit_Departure}
                      - {at: "2026-05-20 10:00", text: Arrived, place: Moscow, country: RU, 17track: InTransit_Arrival}
                """, name: "stopped")
        let harness = try NumberHarness(scenario, providers: [("17track", "")])
        defer { harness.end() }
        try await harness.add([number], then: [("17track", "")])
        try await harness.finish(try harness.start())
        #expect(harness.world.violations == [])
        let retracked = harness.asked("17track", "retrack").filter { $0.fault == nil }
        #expect(retracked.count == (isRefused ? 0 : 1))
        let journeys = try harness.rows("SELECT milestone FROM v_journeys WHERE provider = '17track'")
        #expect(journeys == [[isRefused ? "departed_origin" : "arrived_destination_country"]])
        // Nobody looks any more, so nothing is said to be silent; that nobody looks is said.
        #expect(harness.told(containing: number, "no movement") == [], "\(harness.told)")
        let messages = harness.told(containing: number).count
        #expect(isRefused ? messages > 0 : messages == 0, "\(harness.told)")
        #expect(harness.told(containing: number, "no longer followed").count <= 1, "\(harness.told)")
    }
}
