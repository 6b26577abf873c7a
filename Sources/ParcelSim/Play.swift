// Plays a story with the real daemon, from its start to its end, and judges what was delivered. How it is told stands
// in Telling.swift.

package import Foundation

package struct Play: Sendable {
    package var scenario: Scenario
    package var template: String
    package var parceld: URL
    package var parcelctl: URL
    package var folder: URL
    package var language: String
    package var isColoured: Bool
    /// Rows and columns of a terminal that a table can move on.
    package var screen: (rows: Int, columns: Int)?

    package init(
        scenario: Scenario, template: String, parceld: URL, parcelctl: URL, folder: URL, language: String,
        isColoured: Bool, screen: (rows: Int, columns: Int)? = nil
    ) {
        self.scenario = scenario
        self.template = template
        self.parceld = parceld
        self.parcelctl = parcelctl
        self.folder = folder
        self.language = language
        self.isColoured = isColoured
        // A table that is larger than the terminal cannot be drawn over.
        let rows = scenario.numbers.filter { $0.title != nil }.count + 3
        self.screen = screen.flatMap { $0.rows >= rows && $0.columns >= 130 ? $0 : nil }
    }

    private var isMoving: Bool { screen != nil && scenario.isBorderStory }
    var telling: Telling { Telling(scenario: scenario, language: language, isColoured: isColoured) }

    /// - Returns: The exit status: 0 only if exactly the expected messages were delivered.
    package func run(print line: @escaping @Sendable (String) -> Void) async throws -> Int32 {
        let telling = telling
        let simulator = try Simulator(scenario)
        defer { simulator.stop() }
        let playground = Playground(folder)
        try playground.clear()
        try playground.prepare(template: template, for: simulator, language: language)
        line(scenario.isBorderStory ? telling.borderTitle : telling.title)
        let daemon = try playground.start(parceld, simulator)
        stopOnInterrupt(daemon.processIdentifier)
        if try await !waitForEnd(simulator, daemon, line) {
            line(telling.say("parceld остановился раньше времени:", "parceld stopped early:"))
            for text in playground.log.split(separator: "\n").suffix(15) { line("  " + text) }
            return 1
        }
        daemon.terminate()
        daemon.waitUntilExit()
        let world = simulator.world
        let verdict = judge(world.received, against: scenario.expect ?? [], language: language)
        let isAnswered: Bool
        if scenario.isBorderStory {
            isAnswered = try finishBorder(world, playground, line)
        } else {
            telling.timeline(world, line)
            isAnswered = try ask([["status"], ["list"], ["stalled"], ["explain", "1907-2"]], playground, line)
            telling.summary(world, line)
            telling.next(parcelctl, playground, line)
        }
        let isCalm = daemon.terminationStatus == 0 && daemon.terminationReason == .exit
        if !isCalm {
            line(telling.say("✗ parceld завершился не с кодом 0", "✗ parceld did not exit with status 0"))
        }
        telling.verdict(verdict, violations: world.violations, line)
        if !isAnswered {
            line(telling.say("✗ parcelctl ответил не то или ничего", "✗ parcelctl answered wrongly or not at all"))
        }
        return verdict.isRight && isCalm && isAnswered && world.violations.isEmpty ? 0 : 1
    }

    /// - Returns: False if the daemon died before the end.
    private func waitForEnd(
        _ simulator: Simulator, _ daemon: Process, _ line: (String) -> Void
    ) async throws -> Bool {
        var shown = ""
        var table: [String] = []
        while !simulator.world.isFinished {
            guard daemon.isRunning else { return false }
            try await Task.sleep(for: .milliseconds(50))
            let date = moscowDate(simulator.world.now)
            if isMoving {
                redraw(simulator.world, &table, line)
            } else if isColoured, date != shown {
                shown = date
                FileHandle.standardError.write(Data("\r\(date)".utf8))
            }
        }
        if isMoving {
            redraw(simulator.world, &table, line)
        } else if isColoured {
            FileHandle.standardError.write(Data("\r          \r".utf8))
        }
        return true
    }

    /// - Returns: Whether each question got an answer. A status below 64 is one: `stalled` says 1 where something is.
    func ask(_ questions: [[String]], _ playground: Playground, _ line: (String) -> Void) throws -> Bool {
        var isAnswered = true
        for question in questions {
            let arguments = question + ["--config", playground.config.path, "--at", telling.end]
            line(telling.bold("$ parcelctl \(question.joined(separator: " ")) --at \(telling.end)"))
            let answer = try Playground.run(parcelctl, arguments)
            let text = (answer.output + answer.errors).split(separator: "\n", omittingEmptySubsequences: false)
            for text in text.last == "" ? text.dropLast() : text[...] { line(String(text)) }
            line("")
            isAnswered = isAnswered && answer.status < 64
        }
        return isAnswered
    }
}
