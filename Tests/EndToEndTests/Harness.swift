// Runs the real programs over loopback: the simulator in this process, parceld and parcelctl as they are built.

import Foundation
import ParcelSim
import Testing

struct Harness {
    let simulator: Simulator
    let playground: Playground
    let language = "ru"

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder of the built programs: beside the test bundle.
    static let programs: URL = {
        let candidates =
            CommandLine.arguments.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
            + [Bundle.main.bundleURL, root.appending(path: ".build/debug")]
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.appending(path: "parceld").path) }
            ?? root.appending(path: ".build/debug")
    }()

    static var parceld: URL { programs.appending(path: "parceld") }
    static var parcelctl: URL { programs.appending(path: "parcelctl") }

    static func story() throws -> Scenario { try Scenario.read(root.appending(path: "config/demo/story.yaml").path) }

    /// The story's last weeks: order 1907 over Golden Week.
    static func goldenWeek() throws -> Scenario {
        var scenario = try story()
        let start = try #require(Scenario.Moment.parse("2017-09-25 09:00+03:00"))
        scenario.start = Scenario.Moment(ms: start)
        // With fewer polls another provider may be the first to show the move: its words are told then.
        scenario.expect = (scenario.expect ?? []).filter { $0.date >= "2017-09-25" }.map { wish in
            guard wish.kind == "moved" else { return wish }
            return Scenario.Expectation(
                date: wish.date, thing: wish.thing, kind: wish.kind, ru: [wish.thing, "сдвинулось"], en: [])
        }
        return scenario
    }

    /// - Parameter answers: Whether the daemon listens to the chat.
    init(_ scenario: Scenario, polls: String = "2 h", answers: Bool = false) throws {
        simulator = try Simulator(scenario)
        let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-e2e-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        playground = Playground(folder)
        let template = try String(contentsOf: Harness.root.appending(path: "config/demo/parceld.yaml"), encoding: .utf8)
            .replacingOccurrences(of: "details_every: 2 h", with: "details_every: 4 h")
            .replacingOccurrences(of: " every: 1 h", with: " every: \(polls)")
            .replacingOccurrences(of: "answers: true", with: "answers: \(answers)")
        try playground.prepare(template: template, for: simulator, language: language)
    }

    private var controlSocket: String { playground.folder.appending(path: "control.sock").path }

    func start() throws -> Process {
        // What a kill left; the next daemon's own tells that it hears signals.
        try? FileManager.default.removeItem(atPath: controlSocket)
        return try playground.start(Harness.parceld, simulator)
    }

    func end() {
        simulator.stop()
        try? FileManager.default.removeItem(at: playground.folder)
    }

    /// Waits, in real time, until something is true; a story that hangs fails instead of holding up the others.
    func wait(_ seconds: Double = 240, until isTrue: () -> Bool) async throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !isTrue() {
            guard Date() < deadline else {
                Issue.record(
                    "nothing happened for \(seconds) s at \(moscowDate(simulator.world.now)): \(playground.log.suffix(2000))"
                )
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func finish(_ daemon: Process) async throws {
        try await wait { simulator.world.isFinished || !daemon.isRunning }
        // After a late kill the story may be over before the last daemon is up.
        try await wait { FileManager.default.fileExists(atPath: controlSocket) || !daemon.isRunning }
        #expect(daemon.isRunning, "\(playground.log.suffix(2000))")
        daemon.terminate()
        daemon.waitUntilExit()
        #expect(daemon.terminationStatus == 0)
        #expect(daemon.terminationReason == .exit)
    }

    func moment(_ text: String) throws -> Int64 { try #require(Scenario.Moment.parse(text)) }

    /// Exactly the expected messages were delivered, each at least once and under one key.
    func expectStory(_ expected: [Scenario.Expectation]? = nil) {
        let verdict = judge(
            simulator.world.received, against: expected ?? simulator.world.scenario.expect ?? [], language: language)
        #expect(verdict.missing == [], "\(playground.log.suffix(3000))")
        #expect(verdict.unexpected == [])
        #expect(simulator.world.violations == [])
    }

    func control(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Playground.run(Harness.parcelctl, arguments + ["--config", playground.config.path])
    }

    /// Adds channels to the demo's configuration, and a recipient of theirs.
    func add(channels: String, recipient: String) throws {
        let text = try String(contentsOf: playground.config, encoding: .utf8)
            .replacingOccurrences(of: "\nchannels:\n", with: "\nchannels:\n\(channels)\n")
        try Data((text + recipient).utf8).write(to: playground.config)
    }
}
