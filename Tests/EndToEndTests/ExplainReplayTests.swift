import Foundation
import ParcelSim
import Testing

private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text.prefix(200))")
}

/// What parcelctl says after the guide's story over Golden Week was played with the real daemon.
struct ExplainReplayTests {
    private static let now = "2017-10-13T19:00:00+03:00"

    @Test
    func `replay tells what was told, and what a lower threshold would have; explain shows a closed episode by days`()
        async throws
    {
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        try await harness.finish(try harness.start())
        let database = harness.playground.database
        func ask(_ arguments: String..., status: Int32 = 0) throws -> String {
            let all = arguments + ["--database", database, "--at", Self.now]
            let result = try Playground.run(Harness.parcelctl, all)
            #expect(result.status == status, "\(result)")
            return result.output + result.errors
        }

        let own = try json(ask("replay", "--json"))
        let counts = try #require(own["counts"] as? [String: Int])
        #expect(counts == ["same": 2, "moved": 0, "only_these_rules": 0, "only_then": 0], "\(own)")
        #expect((own["assumption"] as? String)?.contains("Only the last check") == true)

        let other = harness.playground.folder.appending(path: "other.yaml")
        let text = try String(contentsOf: harness.playground.config, encoding: .utf8)
        try Data((text + "\nstages: {inbound: {warning_working_days: 2, critical_working_days: 3}}\n").utf8).write(
            to: other)
        let sooner = try json(ask("replay", "--json", "--config", other.path))
        let tellings = try #require(sooner["tellings"] as? [[String: Any]])
        let lines = tellings.map {
            "\($0["day"]!) \($0["verdict"]!) \($0["thing"]!) \($0["level"]!) \($0["toldThen"]!)"
        }
        #expect(lines.contains("2017-09-29 moved 1907-2 warning 2017-10-09"), "\(lines)")
        #expect(lines.contains("2017-09-30 moved 1907-2 critical 2017-10-10"), "\(lines)")

        #expect(try ask("replay", "--from", "2017-10-10", "--to", "2017-10-01", status: 64).contains("is after --to"))
        #expect(try ask("replay", "--from", "soon", status: 64).contains("write a date"))
        #expect(try ask("replay", "--to", "2016-01-01", status: 64).contains("the history begins on"))
        #expect(try ask("replay", "--from", "2018-01-01", status: 64).contains("has not come yet"))

        let ending = try Playground.run(
            Harness.parcelctl,
            ["status", "--json", "--database", database, "--at", "2026-12-01T12:00:00+03:00"])
        let calendars = try #require(try json(ending.output)["calendars"] as? [[String: Any]])
        #expect(calendars.map { $0["until"] as? String } == ["2026-12-31", "2027-12-31"])
        #expect(calendars.map { $0["endsSoon"] as? Bool } == [true, false])

        let item = try json(ask("explain", "1907-2", "--json"))
        #expect((item["answer"] as? [String: Any])?["kind"] as? String == "order_watched")
        let episode = try #require((item["episodes"] as? [[String: Any]])?.first)
        let id = try #require(episode["id"] as? Int)
        let told = try json(ask("explain", "--alert", "\(id)", "--json"))
        let days = try #require(told["days"] as? [[String: Any]])
        let marks = days.compactMap { day in
            (day["reached"] as? String).map { "\(day["date"]!) \(day["running"]!) \($0)" }
        }
        #expect(marks == ["2017-10-09 4 warning", "2017-10-10 5 critical"], "\(days)")
        #expect(
            (told["changes"] as? [[String: Any]])?.map { $0["change"] as? String } == ["opened", "escalated", "closed"])
        #expect(told["decidedBy"] as? String == "otcommerce" && told["confirmedAt"] is String)
        #expect(try ask("explain", "--alert", "999", status: 66).contains("there is no alert 999"))
        #expect(try ask("explain", status: 64).contains("say what"))
        #expect(try ask("explain", "1907-1", "--alert", "\(id)", status: 64).contains("is not about 1907-1"))
    }
}
