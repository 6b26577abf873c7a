import Foundation
import ParcelSim
import Testing

extension Tag { @Tag static var slow: Self }

/// One after the other: each plays months against real programs and would only slow the others down.
@Suite(.serialized)
struct StoryTests {
    @Test func `kill -9 at twenty moments of the guide's story loses nothing and repeats only under the same key`()
        async throws
    {
        let harness = try Harness(try Harness.story())
        defer { harness.end() }
        let scenario = harness.simulator.world.scenario
        var random = Generator(state: 20)
        let moments = (0..<20).map { _ in Int64.random(in: scenario.start.ms..<scenario.end.ms, using: &random) }
            .sorted()
        var daemon = try harness.start()
        for moment in moments {
            try await harness.wait { harness.simulator.world.now >= moment || harness.simulator.world.isFinished }
            kill(daemon.processIdentifier, SIGKILL)
            daemon.waitUntilExit()
            #expect(daemon.terminationReason == .uncaughtSignal)
            daemon = try harness.start()
        }
        try await harness.finish(daemon)
        harness.expectStory()
        let check = try Playground.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "python3", "-c",
                "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('pragma integrity_check').fetchone()[0])",
                harness.playground.database,
            ])
        #expect(check.output == "ok\n")
    }

    @Test func `every personal value of the providers' answers stays out of the database`() async throws {
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        try await harness.finish(try harness.start())
        harness.expectStory()
        for name in try FileManager.default.contentsOfDirectory(atPath: harness.playground.folder.path)
        where name.hasPrefix("parceld.sqlite") || name == "parceld.log" {
            let bytes = try Data(contentsOf: harness.playground.folder.appending(path: name))
            #expect(bytes.range(of: Data(personalMark.utf8)) == nil, "\(name)")
            #expect(bytes.range(of: Data("+70000000000".utf8)) == nil, "\(name)")
            #expect(bytes.range(of: Data("demo-password".utf8)) == nil, "\(name)")
            #expect(bytes.range(of: Data("demo-telegram-token".utf8)) == nil, "\(name)")
        }
    }

    @Test(arguments: ["litemf", "shiptor"])
    func `a provider that is down is one alert and changes nothing for the others`(provider: String) async throws {
        var scenario = try Harness.goldenWeek()
        scenario.faults = [try fault(provider, .refuse, "2017-10-03 10:00", "2017-10-05 10:00")]
        scenario.expect =
            (scenario.expect ?? []) + [
                expectation("2017-10-03", "не отвечает"), expectation("2017-10-05", "снова отвечает"),
            ]
        let harness = try Harness(scenario)
        defer { harness.end() }
        try await harness.finish(try harness.start())
        harness.expectStory()
    }

    @Test(arguments: [Scenario.Fault.Kind.html, .truncated, .malformed, .reset, .empty])
    func `while the shop answers nonsense no stall is invented and afterwards none is lost`(kind: Scenario.Fault.Kind)
        async throws
    {
        var scenario = try Harness.goldenWeek()
        // Over the warning threshold of 9 October; it is confirmed and told when the shop answers again.
        scenario.faults = [try fault("otcommerce", kind, "2017-10-08 20:00", "2017-10-09 16:30")]
        let harness = try Harness(scenario)
        defer { harness.end() }
        try await harness.finish(try harness.start())
        let texts = harness.simulator.world.received
        let stalls = texts.filter { $0.text.contains("1907-2") && $0.text.contains("рабочих дн") }
        let over = try harness.moment("2017-10-09 16:30")
        #expect(stalls.allSatisfy { $0.ms >= over })
        #expect(stalls.contains { moscowDate($0.ms) == "2017-10-10" && $0.text.contains("5 рабочих дней") })
        #expect(texts.contains { moscowDate($0.ms) == "2017-10-12" && $0.text.contains("сдвинулось") })
    }

    @Test func `a clock that lies stops decisions and invents nothing`() async throws {
        var scenario = try Harness.goldenWeek()
        // A day ahead over the critical threshold would invent the alert a day early; an hour back must change nothing.
        scenario.clock = [
            Scenario.ClockLie(from: try at("2017-10-08 12:00"), to: try at("2017-10-08 22:00"), shiftMinutes: 24 * 60),
            Scenario.ClockLie(from: try at("2017-10-11 12:00"), to: try at("2017-10-11 15:00"), shiftMinutes: -60),
        ]
        let harness = try Harness(scenario)
        defer { harness.end() }
        try await harness.finish(try harness.start())
        let verdict = judge(harness.simulator.world.received, against: scenario.expect ?? [], language: "ru")
        #expect(verdict.missing == [])
        // That the clock cannot be believed, and that it can again, is told too; nothing else is.
        #expect(verdict.unexpected.filter { !$0.contains("Час") } == [], "\(harness.playground.log.suffix(3000))")
        #expect(verdict.unexpected.contains { $0.contains("Час") })
    }

    @Test
    func `messages whose answer was lost are repeated under the same key, and a channel that is down delays in order`()
        async throws
    {
        var scenario = try Harness.goldenWeek()
        scenario.faults = [
            try fault("telegram", .lostAnswer, "2017-10-09 13:00", "2017-10-09 16:00"),
            try fault("telegram", .status, "2017-10-10 10:00", "2017-10-10 16:00"),
        ]
        let harness = try Harness(scenario)
        defer { harness.end() }
        try await harness.finish(try harness.start())
        harness.expectStory()
        let warnings = harness.simulator.world.received.filter { moscowDate($0.ms) == "2017-10-09" }
        #expect(warnings.count > 1)
        #expect(Set(warnings.map(\.key)).count == 1)
    }

    @Test func `a stop by SIGSTOP, a long reader and another writer change nothing`() async throws {
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        let daemon = try harness.start()
        let first = try harness.moment("2017-09-28 12:00")
        try await harness.wait { harness.simulator.world.now >= first }
        kill(daemon.processIdentifier, SIGSTOP)
        try await Task.sleep(for: .seconds(3))
        kill(daemon.processIdentifier, SIGCONT)
        let hold = """
            import sqlite3, sys, time
            reader = sqlite3.connect(sys.argv[1], isolation_level=None); reader.execute('begin'); reader.execute('select count(*) from things').fetchone()
            writer = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30); writer.execute('begin immediate')
            time.sleep(60); writer.execute('rollback'); time.sleep(2)
            """
        let second = try harness.moment("2017-10-02 12:00")
        try await harness.wait { harness.simulator.world.now >= second }
        let held = try Playground.run(
            URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", hold, harness.playground.database])
        #expect(held.status == 0, "\(held.errors)")
        try await harness.finish(daemon)
        harness.expectStory()
        #expect(harness.playground.log.contains("locked by another program"))
    }

    @Test func `a full disk halts decisions and loses none, and is told over the channel while it lasts`() async throws
    {
        var scenario = try Harness.goldenWeek()
        scenario.expect =
            (scenario.expect ?? []) + [
                expectation("2017-10-10", "не может записать свою базу"),
                expectation("2017-10-10", "База данных снова записывается"),
            ]
        let harness = try Harness(scenario)
        defer { harness.end() }
        let daemon = try harness.start()
        // In the manager's hours, which have just begun.
        let first = try harness.moment("2017-10-10 09:10+03:00")
        try await harness.wait { harness.simulator.world.now >= first }
        // No file may grow any more, as on a full disk; then there is room again.
        let pid = "\(daemon.processIdentifier)"
        #expect(
            try Playground.run(
                URL(fileURLWithPath: "/usr/bin/env"), ["prlimit", "--pid", pid, "--fsize=4096:unlimited"]
            ).status == 0)
        // The log is a file too, so only time tells: it stands still while nothing can be committed.
        try await Task.sleep(for: .seconds(3))
        let stuck = harness.simulator.world.now
        try await Task.sleep(for: .seconds(2))
        #expect(harness.simulator.world.now == stuck)
        // Nothing can be recorded, and it is told all the same.
        try await harness.wait(30) {
            harness.simulator.world.received.contains { $0.text.contains("не может записать свою базу") }
        }
        #expect(
            try Playground.run(
                URL(fileURLWithPath: "/usr/bin/env"), ["prlimit", "--pid", pid, "--fsize=unlimited:unlimited"]
            ).status == 0)
        try await harness.finish(daemon)
        harness.expectStory()
        #expect(harness.playground.log.contains("can be written again"))
    }

    @Test func `a channel that is renamed while it is down loses nothing that waits for it`() async throws {
        var scenario = try Harness.goldenWeek()
        // Over the warning and the critical threshold.
        scenario.faults = [try fault("telegram", .status, "2017-10-09 13:00", "2017-10-11 15:00")]
        let harness = try Harness(scenario)
        defer { harness.end() }
        var daemon = try harness.start()
        let down = try harness.moment("2017-10-10 14:00")
        try await harness.wait { harness.simulator.world.now >= down }
        kill(daemon.processIdentifier, SIGKILL)
        daemon.waitUntilExit()
        let config = try String(contentsOf: harness.playground.config, encoding: .utf8)
            .replacingOccurrences(of: "  telegram:\n", with: "  office:\n")
            .replacingOccurrences(of: "channels: [telegram]", with: "channels: [office]")
        try config.write(to: harness.playground.config, atomically: true, encoding: .utf8)
        daemon = try harness.start()
        try await harness.finish(daemon)
        let texts = harness.simulator.world.received
        // What waited is one message when the channel is back, at the level that it has by then, and the end comes too.
        let waited = texts.filter { moscowDate($0.ms) == "2017-10-11" && $0.text.contains("1907-2") }
        #expect(Set(waited.map(\.key)).count == 1 && waited.allSatisfy { $0.text.contains("5 рабочих дней") })
        #expect(texts.contains { moscowDate($0.ms) == "2017-10-12" && $0.text.contains("сдвинулось") })
        #expect(harness.playground.log.contains("is told to those that there are"))
    }

    @Test func `SIGTERM ends the daemon within ten seconds although a provider hangs, and a second daemon is refused`()
        async throws
    {
        var scenario = try Harness.goldenWeek()
        scenario.faults = [try fault("shiptor", .hang, "2017-09-26 10:00", "2017-10-13 10:00")]
        let harness = try Harness(scenario)
        defer { harness.end() }
        let daemon = try harness.start()
        let hanging = try harness.moment("2017-09-26 10:00")
        try await harness.wait { harness.simulator.world.now >= hanging }
        let second = try Playground.run(
            Harness.parceld,
            ["run", "--config", harness.playground.config.path, "--simulated-clock", harness.simulator.clockAddress])
        #expect(second.status == 75)
        #expect(second.errors.split(separator: "\n").count == 1)
        // Asked over the control socket the daemon answers, although it waits for a provider.
        let asked = try harness.control("poll", "otcommerce", "--json")
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(asked.output.hasPrefix(#"{"asks":"#))
        #expect(try harness.control("poll", "9999-9").status == 66)
        let before = Date()
        daemon.terminate()
        daemon.waitUntilExit()
        #expect(Date().timeIntervalSince(before) < 10)
        #expect(daemon.terminationStatus == 0)
        #expect(try harness.control("status").output.contains("1907") == false)
    }

    private func at(_ text: String) throws -> Scenario.Moment {
        Scenario.Moment(ms: try #require(Scenario.Moment.parse(text)))
    }

    private func fault(_ provider: String, _ kind: Scenario.Fault.Kind, _ from: String, _ to: String) throws
        -> Scenario.Fault
    {
        Scenario.Fault(provider: provider, from: try at(from), to: try at(to), kind: kind)
    }

    private func expectation(_ date: String, _ text: String) -> Scenario.Expectation {
        Scenario.Expectation(date: date, thing: "", kind: "", ru: [text], en: [text])
    }
}

/// The same moments in every run.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
