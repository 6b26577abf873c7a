// Plays a story with the real daemon and tells it: what the shop saw, what the manager got, what the mirror holds.

package import Foundation

package struct Play: Sendable {
    package var scenario: Scenario
    package var template: String
    package var parceld: URL
    package var parcelctl: URL
    package var folder: URL
    package var language: String
    package var isColoured: Bool

    package init(
        scenario: Scenario, template: String, parceld: URL, parcelctl: URL, folder: URL, language: String,
        isColoured: Bool
    ) {
        self.scenario = scenario
        self.template = template
        self.parceld = parceld
        self.parcelctl = parcelctl
        self.folder = folder
        self.language = language
        self.isColoured = isColoured
    }

    private func say(_ russian: String, _ english: String) -> String { language == "ru" ? russian : english }
    private func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    private func faint(_ text: String) -> String { isColoured ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// - Returns: The exit status: 0 only if exactly the expected messages were delivered.
    package func run(print line: @escaping @Sendable (String) -> Void) async throws -> Int32 {
        try? FileManager.default.removeItem(at: folder)
        let simulator = try Simulator(scenario)
        let playground = Playground(folder)
        try playground.prepare(template: template, for: simulator, language: language)
        let (from, to) = (moscowDate(scenario.start.ms), moscowDate(scenario.end.ms))
        line(
            bold(
                say(
                    "История из руководства, \(from) – \(to), настоящий parceld, время симулятора",
                    "The guide's story, \(from) to \(to), the real parceld, simulated time")))
        let daemon = try playground.start(parceld, simulator)
        let died = try await waitForEnd(simulator, daemon, line)
        if died {
            line(say("parceld остановился раньше времени:", "parceld stopped early:"))
            for text in playground.log.split(separator: "\n").suffix(15) { line("  " + text) }
            simulator.stop()
            return 1
        }
        daemon.terminate()
        daemon.waitUntilExit()
        let world = simulator.world
        tell(world, line)
        try ask(playground, line)
        let verdict = judge(world.received, against: scenario.expect ?? [], language: language)
        summarise(world, verdict, playground, line)
        simulator.stop()
        return verdict.isRight && daemon.terminationStatus == 0 && world.violations.isEmpty ? 0 : 1
    }

    /// - Returns: Whether the daemon died before the end.
    private func waitForEnd(_ simulator: Simulator, _ daemon: Process, _ line: (String) -> Void) async throws -> Bool {
        var shown = ""
        while !simulator.world.isFinished {
            guard daemon.isRunning else { return true }
            try await Task.sleep(for: .milliseconds(50))
            let date = moscowDate(simulator.world.now)
            if isColoured, date != shown {
                shown = date
                FileHandle.standardError.write(Data("\r\(date)".utf8))
            }
        }
        if isColoured { FileHandle.standardError.write(Data("\r          \r".utf8)) }
        return false
    }

    private func tell(_ world: World, _ line: (String) -> Void) {
        var days: [String: [(ms: Int64, text: String)]] = [:]
        for trail in scenario.trails {
            for change in trail.changes
            where change.ms >= scenario.start.ms && change.ms <= scenario.end.ms && !change.text.isEmpty {
                days[moscowDate(change.ms), default: []].append(
                    (change.ms, "  \(say("магазин", "shop"))    \(trail.thing): \(change.text)"))
            }
        }
        for fault in scenario.faults ?? [] {
            days[moscowDate(fault.from.ms), default: []].append(
                (fault.from.ms, "  \(say("сбой", "fault"))       \(fault.provider): \(fault.kind.rawValue)"))
            days[moscowDate(fault.to.ms), default: []].append(
                (fault.to.ms, "  \(say("сбой", "fault"))       \(fault.provider): \(say("конец", "over"))"))
        }
        for message in world.received {
            let time = wall(message.ms, offsetHours: 3).dropFirst(11).prefix(5)
            let text = message.text.split(separator: "\n", omittingEmptySubsequences: false).map { "      │ \($0)" }
            days[moscowDate(message.ms), default: []].append(
                (message.ms, "  parceld    \(time) → \(message.channel)\n" + text.joined(separator: "\n")))
        }
        for (date, entries) in days.sorted(by: { $0.key < $1.key }) {
            line("")
            line(bold(date))
            for entry in entries.sorted(by: { $0.ms < $1.ms }) { line(entry.text) }
        }
        line("")
    }

    private var at: [String] { ["--at", wall(scenario.end.ms, offsetHours: 3)] }

    private func ask(_ playground: Playground, _ line: (String) -> Void) throws {
        for question in [["status"], ["list"], ["stalled"], ["explain", "1907-2"]] {
            let arguments = question + ["--config", playground.config.path] + at
            line(bold("$ parcelctl \(question.joined(separator: " "))"))
            let answer = try Playground.run(parcelctl, arguments)
            for text in (answer.output + answer.errors).split(separator: "\n", omittingEmptySubsequences: false) {
                line(String(text))
            }
        }
    }

    private func summarise(_ world: World, _ verdict: StoryVerdict, _ playground: Playground, _ line: (String) -> Void)
    {
        var totals: [String: Int] = [:]
        for (name, count) in world.requests {
            totals[String(name.split(separator: " ").first ?? ""), default: 0] += count
        }
        let requests = totals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        line(bold(say("Запросов отправлено: ", "Requests sent: ")) + requests)
        let plain = scenario.plainAlerts(days: 4)
        line(
            bold(
                say(
                    "Правило «4 календарных дня» подняло бы тревог: \(plain.count)",
                    "A plain \"4 calendar days\" rule would have raised \(plain.count) alerts")))
        for alert in plain {
            line("  \(alert.thing): \(moscowDate(alert.from)) – \(moscowDate(alert.to))")
        }
        let stalls = (scenario.expect ?? []).filter { $0.kind == "warning" }.count
        line(
            say(
                "  настоящих остановок из них: \(stalls); остальные \(plain.count - stalls) выдуманы",
                "  of these \(stalls) were real stalls; it would have invented \(plain.count - stalls)"))
        line("")
        line(bold(say("Попробуйте дальше:", "Try next:")))
        for command in ["show 519", "history 1907-2", "alerts --all", "explain 519", "list parcels --json"] {
            line("  \(parcelctl.path) \(command) --config \(playground.config.path) --at \(at[1])")
        }
        line("")
        if verdict.isRight {
            line(
                bold(
                    say(
                        "✓ Доставлены ровно ожидаемые сообщения: \((scenario.expect ?? []).count)",
                        "✓ Exactly the \((scenario.expect ?? []).count) expected messages were delivered")))
        }
        for text in verdict.missing { line(say("✗ не пришло: ", "✗ missing: ") + text) }
        for text in verdict.unexpected { line(say("✗ лишнее: ", "✗ not expected: ") + text) }
        for text in world.violations { line("✗ \(text)") }
    }
}
