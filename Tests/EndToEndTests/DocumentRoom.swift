// Where the documents' commands are run: a folder that stands for /, with the real programs, a daemon that has followed the
// guide's story up to some moment, and the files that the documents speak of.

import Foundation
import ParcelSim
import Testing

final class DocumentRoom {
    private let root: URL
    private let simulator: Simulator
    private let courier: LoopbackServer
    private let playground: Playground
    private var daemon: Process?
    /// At which time stands still, in ms since 1970.
    private var heldAt: Int64 = 0

    private var database: URL { root.appending(path: "var/lib/parceld/parceld.sqlite") }
    private var saved: URL { root.appending(path: "saved.sqlite") }
    private var socket: URL { root.appending(path: "run/parceld/control.sock") }
    private var work: URL { root.appending(path: "work") }

    /// - Parameter moment: Up to when the daemon has followed the story.
    init(until moment: String) async throws {
        let name = "pd-\(UUID().uuidString.prefix(8))"
        root = FileManager.default.temporaryDirectory.appending(path: name).resolvingSymlinksInPath()
        for folder in [
            "bin", "work", "tmp", "prepared", "etc/parceld", "var/lib/parceld/backups", "run/parceld",
        ] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder), withIntermediateDirectories: true)
        }
        simulator = try Simulator(try Harness.story())
        let example = try CourierExample()
        let answer = Array(example.answer.utf8)
        courier = try LoopbackServer { _ in
            SimReply(status: 200, headers: [("Content-Type", "application/json")], body: answer)
        }
        playground = Playground(root.appending(path: "prepared"))
        try prepare(example)
        try await play(until: moment)
    }

    func end() {
        if let daemon {
            kill(daemon.processIdentifier, SIGKILL)
            daemon.waitUntilExit()
        }
        simulator.stop()
        courier.stop()
        try? FileManager.default.removeItem(at: root)
    }

    // MARK: The furniture

    private func prepare(_ example: CourierExample) throws {
        let more = """
              russianpost:
                url: "@RUSSIANPOST@"
                login: demo-login
                password: {file: "@STATE@/secrets/russianpost-password"}
            \(example.section(at: "http://127.0.0.1:\(courier.port)"))
            channels:
            """
        let template = try String(
            contentsOf: Harness.root.appending(path: "config/demo/parceld.yaml"), encoding: .utf8
        )
        .replacingOccurrences(of: "@STATE@/parceld.sqlite", with: database.path)
        .replacingOccurrences(of: "@STATE@/control.sock", with: socket.path)
        // Months in seconds: what happens matters here, not at which hour it is seen.
        .replacingOccurrences(of: "details_every: 2 h", with: "details_every: 12 h")
        .replacingOccurrences(of: " every: 1 h", with: " every: 12 h")
        .replacingOccurrences(of: "channels:\n  telegram", with: more + "\n  telegram")
        let calendars = "\ncalendars: {cn: calendars/cn.csv, ru: calendars/ru.csv}\n"
        try playground.prepare(template: template + calendars, for: simulator, language: "en")
        try write("courier\n", to: "prepared/secrets/courier-key")
        try copy("config/calendars", to: "prepared/calendars")
        try prepareQuestions()
        try furnish()
    }

    /// What parcelctl reads: as the daemon's, but the courier follows numbers. The daemon has it ask about none.
    private func prepareQuestions() throws {
        let text = try String(contentsOf: playground.config, encoding: .utf8)
            .replacingOccurrences(of: "prefixes: [NOBODY]", with: "prefixes: [LP]")
            .replacingOccurrences(of: "calendars/", with: playground.folder.path + "/calendars/")
        try write(text, to: "prepared/asked.yaml")
        let stages = "\nstages: {inbound: {warning_working_days: 2, critical_working_days: 3}}\n"
        try write(text + stages, to: "tmp/other.yaml")
        try write(text, to: "etc/parceld/parceld.yaml")
        try FileManager.default.copyItem(
            at: playground.folder.appending(path: "secrets"), to: root.appending(path: "etc/parceld/secrets"))
    }

    /// The folder that commands are given in looks like the project's, with the files that the examples name.
    private func furnish() throws {
        for name in ["config", "docs", "systemd", "Sources", "Tests", "Makefile", "README.md"] {
            try FileManager.default.createSymbolicLink(
                at: work.appending(path: name), withDestinationURL: Harness.root.appending(path: name))
        }
        for name in ["key", "password", "bot"] { try write("secret-\(name)\n", to: "work/\(name)") }
        try write("RR300006015CN,1907-2,a gift,russianpost\n", to: "work/numbers.csv")
        try copy("Tests/ParcelProvidersTests/Fixtures/calendars/xmlcalendar-2027.json", to: "work/2027.json")
        // What a document leaves out is what a person's /etc/parceld/parceld.yaml would say.
        let bare = ["parceld": "check run", "parcelctl": ""]
        let asked = root.appending(path: "prepared/asked.yaml").path
        for program in ["parceld", "parcelctl", "parcelsim"] {
            let real = Harness.programs.appending(path: program).path
            let needs = bare[program].map { $0.isEmpty ? "*" : $0.split(separator: " ").joined(separator: "|") } ?? "-"
            let script = """
                #!/bin/sh
                case " $* " in *" --config"*|*" --database"*|*" --help "*|*" --version "*|" workdays "*|" track-number "*)
                    exec \(real) "$@";;
                esac
                case "$1" in \(needs)) exec \(real) "$@" --config \(asked);; esac
                exec \(real) "$@"
                """
            try write(script + "\n", to: "bin/\(program)")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: root.appending(path: "bin/\(program)").path)
        }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: root.appending(path: name))
    }

    private func copy(_ name: String, to place: String) throws {
        try FileManager.default.copyItem(at: Harness.root.appending(path: name), to: root.appending(path: place))
    }

    // MARK: The daemon

    /// Keeps the state of that moment.
    private func play(until text: String) async throws {
        let moment = try #require(Scenario.Moment.parse(text))
        heldAt = moment
        let daemon = try start()
        try await wait { self.simulator.world.now >= moment || !daemon.isRunning }
        try await stop()
        try FileManager.default.copyItem(at: database, to: saved)
        try FileManager.default.copyItem(at: database, to: root.appending(path: Self.backup))
    }

    private func start() throws -> Process {
        try? FileManager.default.removeItem(at: socket)
        simulator.world.hold(at: Scenario.Moment(ms: heldAt))
        // What the last daemon sent counts for the next one's pace, which would wait for ever in the same second.
        heldAt += 60_000
        let daemon = try playground.start(Harness.parceld, simulator)
        self.daemon = daemon
        return daemon
    }

    private func stop() async throws {
        guard let running = daemon else { return }
        daemon = nil
        running.terminate()
        do { try await wait(30) { !running.isRunning } } catch {
            kill(running.processIdentifier, SIGKILL)
            throw error
        }
        try #require(running.terminationStatus == 0, "\(playground.log.suffix(1500))")
    }

    /// Whatever the last document did is undone.
    func startAgain() async throws {
        try await stop()
        for name in ["parceld.sqlite", "parceld.sqlite-wal", "parceld.sqlite-shm"] {
            try? FileManager.default.removeItem(at: database.deletingLastPathComponent().appending(path: name))
        }
        try FileManager.default.copyItem(at: saved, to: database)
        let copies = root.appending(path: "mnt/backup")
        try? FileManager.default.removeItem(at: copies)
        try FileManager.default.createDirectory(at: copies, withIntermediateDirectories: true)
        try await startAndWait()
    }

    /// What is to be done while no daemon runs stands between these two.
    private func obey(_ step: String) async throws {
        switch step {
        case "systemctl stop parceld": try await stop()
        case "systemctl start parceld": try await startAndWait()
        default: break
        }
    }

    private func startAndWait() async throws {
        let daemon = try start()
        try await wait { FileManager.default.fileExists(atPath: self.socket.path) || !daemon.isRunning }
        try #require(daemon.isRunning, "\(playground.log.suffix(1500))")
    }

    private func wait(_ seconds: Double = 240, until isTrue: () -> Bool) async throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !isTrue() {
            try #require(Date() < deadline, "nothing happened: \(playground.log.suffix(1500))")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: Commands

    /// What is wrong with a command; nil where it does what the document says.
    func problem(with command: ShownCommand) async throws -> String? {
        let text = Self.placeholders.reduce(command.text) { $0.replacing($1.placeholder, with: $1.stands) }
        let steps = text.split(separator: " && ").map { String($0.trimmingPrefix("sudo ")) }
        let isRun = steps.map { step in step.split(separator: " | ").allSatisfy { Self.run.contains(program($0)) } }
        for (step, isRun) in zip(steps, isRun) {
            if let listed = Self.listed.first(where: { $0.isWhole ? step == $0.begins : isBegun(step, by: $0.begins) })
            {
                if let problem = listed.problem(words(step), work) { return "\(problem) (not run: it \(listed.why))" }
                if !command.isInline { try await obey(step) }
            } else if !isRun {
                return "it is neither run nor listed in DocumentList"
            } else if let problem = try await problem(running: step, of: command) {
                return problem
            }
        }
        return nil
    }

    private func problem(running step: String, of command: ShownCommand) async throws -> String? {
        var result = try shell(step)
        // A sentence names a command that wants the daemon stopped without saying how.
        if command.isInline, result.status == 75 {
            try await stop()
            result = try shell(step)
            try await startAndWait()
        }
        let words = words(step)
        // In a sentence `parcelctl letter` may only be the command's name.
        if command.isInline, result.status == 64, words.allSatisfy({ $0.allSatisfy { $0.isLowercase || $0 == "-" } }) {
            let help = try shell(step + " --help")
            return help.output.contains("USAGE: \(step)") ? nil : "there is no such command"
        }
        let attentive = words.first == "parcelctl" && ["status", "stalled", "budget"].contains(words.dropFirst().first)
        let allowed: [Int32] = command.status.map { [$0] } ?? (attentive ? [0, 1] : [0])
        guard allowed.contains(result.status) else {
            return "it ended with \(result.status), not \(allowed[0]): \((result.errors + result.output).prefix(500))"
        }
        guard let expected = command.output else { return nil }
        let printed = (result.output + result.errors).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        let (left, right) = (trimmed(printed), trimmed(expected))
        return left == right ? nil : "it prints\n\(left.joined(separator: "\n"))"
    }

    private func trimmed(_ lines: [String]) -> [String] {
        lines.reversed().drop { $0.isEmpty }.reversed()
    }

    private func shell(_ text: String) throws -> (status: Int32, output: String, errors: String) {
        // Every folder of the machine that a document names is in here.
        let mapped = text.replacing(/(^|[\s"'=:])(\/(?:etc|var|run|srv|opt|home|root|mnt|tmp)\/)/) {
            "\($0.1)\(root.path)\($0.2)"
        }
        let script = "cd '\(work.path)' && export PATH='\(root.path)/bin:/usr/bin:/bin' LANG=C.UTF-8\n\(mapped)"
        return try Playground.run(URL(fileURLWithPath: "/usr/bin/timeout"), ["60", "/bin/sh", "-c", script])
    }

    private func program(_ text: some StringProtocol) -> String { String(text.split(separator: " ").first ?? "") }

    private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private func isBegun(_ step: String, by words: String) -> Bool { step == words || step.hasPrefix(words + " ") }
}

/// The example of docs/endpoint.md: what a courier answers, and the section that reads it.
private struct CourierExample {
    let answer: String
    private let lines: [String]

    init() throws {
        let page = try String(contentsOf: Harness.root.appending(path: CourierExample.page), encoding: .utf8)
        let indented = page.components(separatedBy: "\n").map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : "" }
        func block(_ first: String) throws -> [String] {
            let start = try #require(
                indented.firstIndex { $0.hasPrefix(first) }, "no example in \(CourierExample.page)")
            return Array(indented[start...].prefix { !$0.isEmpty })
        }
        answer = try block("GET ").dropFirst().joined(separator: "\n")
        lines = try block("courier:")
    }

    static let page = "docs/endpoint.md"

    /// The daemon of the story asks it nothing.
    func section(at address: String) -> String {
        lines.map { "  " + $0 }.joined(separator: "\n")
            .replacingOccurrences(of: "https://api.courier.example", with: address)
            .replacingOccurrences(of: "prefixes: [LP]", with: "prefixes: [NOBODY]")
    }
}
