import Foundation
import ParcelSim
import Testing

/// People press buttons under real messages; the daemon is killed in between.
@Suite(.serialized)
struct AnswerTests {
    private func scenario() throws -> Scenario {
        var scenario = try Harness.goldenWeek()
        (scenario.expect, scenario.answers) = ([], [])
        return scenario
    }

    private func alerts(_ harness: Harness) throws -> [[String: Any]] {
        let result = try harness.control("alerts", "--all", "--json")
        let tree = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(tree as? [[String: Any]])
    }

    private func steps(_ alert: [String: Any]) -> [String] {
        (alert["changes"] as? [[String: Any]] ?? []).map { "\($0["change"] ?? "") \($0["by"] ?? "")" }
    }

    @Test func `a button takes on, another puts off, a stranger gets nothing, and kill -9 between changes none of it`()
        async throws
    {
        let harness = try Harness(try scenario(), answers: true)
        defer { harness.end() }
        let world = harness.simulator.world
        world.hold(at: Scenario.Moment(ms: try harness.moment("2017-10-10 14:00+03:00")))
        var daemon = try harness.start()
        try await harness.wait { world.isHeld }
        let told = try #require(world.received.last { $0.text.contains("1907-2") && !$0.buttons.isEmpty })
        let at = Scenario.Moment(ms: world.now)
        func said(_ press: String, user: Int = 7, name: String = "Анна", chat: String? = nil) -> Said {
            var said = Said(at: at, user: user, name: name)
            (said.press, said.thing, said.chat) = (press, "1907-2", chat)
            return said
        }
        // Done, but it dies before it can say so.
        var hanging = Scenario.Fault(provider: "telegram", from: at, to: Scenario.Moment(ms: .max), kind: .hang)
        (hanging.method, hanging.times) = ("answerCallbackQuery", 1)
        world.add(hanging)
        let number = world.hear(said("ack"))
        #expect(number > 0)
        world.hold(at: Scenario.Moment(ms: try harness.moment("2017-10-10 17:00+03:00")))
        try await harness.wait { world.requests["telegram answerCallbackQuery", default: 0] > 0 }
        kill(daemon.processIdentifier, SIGKILL)
        daemon.waitUntilExit()
        // The same update once more, and a stranger's from elsewhere.
        var again = said("ack")
        again.update = number
        world.hear(again)
        world.hear(said("ack", user: 666, name: "Mallory", chat: "666"))
        world.hear(said("snz:2"))
        daemon = try harness.start()
        try await harness.wait {
            world.queryAnswers.count >= 1 && world.received.contains { $0.shown.contains("Отложено") }
        }
        #expect(world.queryAnswers.map(\.text).allSatisfy { $0.contains("Отложено до 12 октября 2017") })
        let marked = try #require(world.received.first { $0.key == told.key })
        #expect(marked.shown.contains("✋ В работе: Анна"))
        #expect(!marked.buttons.flatMap(\.self).contains { $0.data.hasPrefix("ack:") })
        let taken = try #require(try alerts(harness).first { $0["acknowledgedBy"] as? String == "telegram:Анна" })
        #expect(taken["thing"] as? String == "1907-2")
        #expect(steps(taken).suffix(2) == ["acknowledged telegram:Анна", "snoozed telegram:Анна"])
        #expect(harness.playground.log.components(separatedBy: "may not answer").count == 2)
        #expect(!harness.playground.log.contains("Mallory") && !harness.playground.log.contains("Анна"))
        // It moves on 12 October: the message is struck out.
        world.hold(at: nil)
        try await harness.finish(daemon)
        let ended = try #require(world.received.first { $0.key == told.key })
        #expect(ended.shown.contains("✅"), "\(ended.shown)")
        #expect(!ended.buttons.flatMap(\.self).contains { $0.data.hasPrefix("snz:") && told.buttons.count == 3 })
        #expect(world.violations == [])
    }

    @Test func `commands and questions are answered in the chat`() async throws {
        var scenario = try scenario()
        let at = Scenario.Moment(ms: try #require(Scenario.Moment.parse("2017-10-10 14:00+03:00")))
        scenario.answers = ["/stalled", "/show 1907-2", "/status"].map { text in
            var said = Said(at: at, user: 7, name: "Анна")
            said.text = text
            return said
        }
        var why = Said(at: at, user: 7, name: "Анна")
        (why.press, why.thing) = ("why", "1907-2")
        scenario.answers.append(why)
        let harness = try Harness(scenario, answers: true)
        defer { harness.end() }
        try await harness.finish(try harness.start())
        let replies = harness.simulator.world.received.filter { $0.key.isEmpty }.map(\.text)
        #expect(replies.count == 4, "\(replies)")
        for words in ["Стоит на месте", "Последнее движение", "Открыто тревог", "Правило: внимание"] {
            #expect(replies.contains { $0.contains(words) }, "\(words)")
        }
        #expect(harness.simulator.world.violations == [])
    }
}
