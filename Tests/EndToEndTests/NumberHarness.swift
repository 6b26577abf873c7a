// Track numbers against the simulated carriers: a scenario of numbers, a configuration of the carriers that follow them,
// and what became of both, read from the database as other tools read it.

import Foundation
import ParcelSim
import Testing

struct NumberHarness {
    let simulator: Simulator
    let playground: Playground

    var world: World { simulator.world }

    /// - Parameters:
    ///   - providers: By name, with settings beside the necessary ones: `requests_per_day: 20`.
    ///   - settings: More sections of the configuration.
    init(_ scenario: Scenario, providers: [(name: String, settings: String)], settings: String = "") throws {
        simulator = try Simulator(scenario)
        let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-e2e-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        playground = Playground(folder)
        if !providers.isEmpty {
            try configure(
                providers.map { NumberHarness.section($0.name, $0.settings) }.joined(separator: "\n"), settings)
        }
    }

    func configure(_ providers: String, _ settings: String) throws {
        let template = """
            database: "@STATE@/parceld.sqlite"
            control_socket: "@STATE@/control.sock"
            log_level: debug
            provider_down_after: 1 h
            remind_after_working_days: never
            providers:
            \(providers)
            channels:
              telegram: {type: telegram, url: "@TELEGRAM@", token: {file: "@STATE@/secrets/telegram-token"}, chat: "-1"}
            recipients:
              - {name: manager, language: en, zone: Europe/Moscow, hours: "09:00-18:00", calendar: ru, channels: [telegram], weekly_summary: false}
            \(settings)
            """
        try playground.prepare(template: template, for: simulator, language: "en")
    }

    private static func section(_ name: String, _ settings: String) -> String {
        let own = [
            "otcommerce": """
            instance_key: {file: "@STATE@/secrets/otcommerce-instance-key"}, login: operator, zone: Asia/Shanghai,
                secret: {file: "@STATE@/secrets/otcommerce-secret"}, requests_per_second: 200, every: 2 h, details_every: 6 h,
                password: {file: "@STATE@/secrets/otcommerce-password"},
                package_statuses: {"11": handover, "12": sent, "15": delivered}
            """,
            "17track": #"token: {file: "@STATE@/secrets/17track-key"}"#,
            "russianpost": #"login: demo-login, password: {file: "@STATE@/secrets/russianpost-password"}"#,
            "kuaidi100": #"customer: DEMOCUSTOMER, phone: "1907", key: {file: "@STATE@/secrets/kuaidi100-key"}"#,
            "cdek": #"client_id: demo-account, client_secret: {file: "@STATE@/secrets/cdek-password"}"#,
        ][name]
        let parts = ["url: \"@\(name.uppercased())@\"", own, settings.isEmpty ? nil : settings].compactMap(\.self)
        return "  \(name): {\(parts.joined(separator: ", "))}"
    }

    func start() throws -> Process { try playground.start(Harness.parceld, simulator) }

    func end() {
        simulator.stop()
        try? FileManager.default.removeItem(at: playground.folder)
    }

    func kill(_ daemon: Process) {
        Foundation.kill(daemon.processIdentifier, SIGKILL)
        daemon.waitUntilExit()
    }

    /// Waits, in real time, until something is true.
    func wait(_ seconds: Double = 120, until isTrue: () throws -> Bool) async throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while try !isTrue() {
            try #require(
                Date() < deadline,
                "nothing happened for \(seconds) s at \(moscowDate(world.now)): \(playground.log.suffix(1500))")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Lets time run to that moment and no further.
    func run(until moment: String) async throws {
        let moment = try #require(Scenario.Moment.parse(moment))
        world.hold(at: Scenario.Moment(ms: moment))
        try await wait { world.now >= moment }
    }

    func finish(_ daemon: Process) async throws {
        world.hold(at: nil)
        try await wait { world.isFinished || !daemon.isRunning }
        #expect(daemon.isRunning, "\(playground.log.suffix(2000))")
        try stop(daemon)
    }

    func stop(_ daemon: Process) throws {
        daemon.terminate()
        daemon.waitUntilExit()
        #expect(daemon.terminationStatus == 0)
    }

    /// A person adds the numbers before time begins, while no carrier is configured yet.
    func add(_ numbers: [String], then providers: [(name: String, settings: String)], settings: String = "")
        async throws
    {
        let nobody =
            "  nobody: {type: generic, url: \"@GENERIC@/{number}\", ask: one, prefixes: [NOBODY], row: {status: /a}, statuses: {a: accepted}}"
        try configure(nobody, "")
        world.hold(at: world.scenario.start)
        let daemon = try start()
        for first in stride(from: 0, to: numbers.count, by: 100) {
            let wishes = numbers[first..<min(first + 100, numbers.count)].map { "add \($0) - -" }
            #expect(try await tell(["wish"] + wishes).contains("recorded"))
        }
        try stop(daemon)
        if !providers.isEmpty {
            try configure(
                providers.map { NumberHarness.section($0.name, $0.settings) }.joined(separator: "\n"), settings)
        }
        world.hold(at: nil)
    }

    /// A line over the control socket, as parcelctl sends it.
    func tell(_ words: [String]) async throws -> String {
        let script = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            s.sendall((sys.argv[2] + '\\n').encode())
            print(s.makefile().readline())
            """
        let socket = playground.folder.appending(path: "control.sock").path
        var answer = ""
        try await wait(20) {
            answer = try python(script, socket, words.joined(separator: "\t")) ?? ""
            return !answer.isEmpty
        }
        return answer
    }

    private func python(_ script: String, _ arguments: String...) throws -> String? {
        let result = try Playground.run(
            URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", script] + arguments)
        return result.status == 0 ? result.output : nil
    }

    /// Rows of the database; what is nothing is empty.
    func rows(_ sql: String) throws -> [[String]] {
        let script = """
            import json, sqlite3, sys
            rows = sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()
            print(json.dumps([['' if v is None else str(v) for v in row] for row in rows]))
            """
        let text = try #require(try python(script, playground.database, sql), "\(sql)")
        return try JSONDecoder().decode([[String]].self, from: Data(text.utf8))
    }

    func control(_ arguments: String...) throws -> String {
        let result = try Playground.run(Harness.parcelctl, arguments + ["--config", playground.config.path])
        return result.output + result.errors
    }

    // MARK: What was asked and told

    func asked(_ provider: String, _ method: String? = nil) -> [Asked] {
        world.requestLog.filter { $0.provider == provider && (method == nil || $0.method == method) }
    }

    /// Requests by day in a zone, with those days that are wholly within the story.
    func wholeDays(_ provider: String, hours: Int64) -> [Int64: Int] {
        let day = { (ms: Int64) in (ms + hours * 3_600_000) / 86_400_000 }
        let whole = (day(world.scenario.start.ms) + 1)..<day(world.scenario.end.ms)
        return asked(provider).reduce(into: Dictionary(uniqueKeysWithValues: whole.map { ($0, 0) })) { days, request in
            if whole.contains(day(request.ms)) { days[day(request.ms), default: 0] += 1 }
        }
    }

    /// Each matter that was told with its Moscow date, each once.
    var told: [String] {
        var keys: Set<String> = []
        return world.received.filter { keys.insert($0.channel + $0.key).inserted }.flatMap { message in
            message.items.map { "\(moscowDate(message.ms)) \($0)" }
        }
    }

    func told(containing parts: String...) -> [String] {
        told.filter { item in parts.allSatisfy { item.contains($0) } }
    }
}

/// `RR` and eight digits with the check digit of UPU's S10.
func international(_ serial: Int, _ service: String = "RR") -> String {
    let digits = String(serial).compactMap(\.wholeNumberValue)
    let rest = zip(digits, [8, 6, 4, 2, 3, 5, 9, 7]).reduce(0) { $0 + $1.0 * $1.1 } % 11
    return "\(service)\(serial)\(rest == 0 ? 5 : rest == 1 ? 0 : 11 - rest)CN"
}
