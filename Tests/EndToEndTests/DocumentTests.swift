// Every command of every document is run against the guide's story, or is in the short list of those that need
// root, systemd, the network or a long build: of these only that what they name exists is checked.

import Foundation
import ParcelSim
import Testing

/// The pages and configurations whose commands people copy, found as they are: a new one is held to the same.
private func documents() throws -> [(path: String, text: String)] {
    let manager = FileManager.default
    let top = try manager.contentsOfDirectory(atPath: Harness.root.path).filter { $0 != "CHANGELOG.md" }
    let below = try ["docs", "config"].flatMap { folder in
        try manager.subpathsOfDirectory(atPath: Harness.root.appending(path: folder).path).map { "\(folder)/\($0)" }
    }
    let names = (top + below).filter { $0.hasSuffix(".md") || ($0.hasPrefix("config/") && $0.hasSuffix(".yaml")) }
    return try names.sorted().map { name in
        (name, try String(contentsOf: Harness.root.appending(path: name), encoding: .utf8))
    }
}

struct DocumentTests {
    @Test func `each command of a document does what it says, or is listed with what it names`() async throws {
        // Item 1907-2 has been silent for too long.
        let room = try await DocumentRoom(until: "2017-10-11 12:00+03:00")
        defer { room.end() }
        var count = 0
        for (path, text) in try documents() {
            let commands = Document(path: path, text: text, shown: DocumentRoom.shown).shownCommands()
            if commands.isEmpty { continue }
            count += commands.count
            try await room.startAgain()
            for command in commands {
                if let problem = try await room.problem(with: command) { Issue.record("\(command): \(problem)") }
            }
        }
        #expect(count > 100, "where are the commands?")
    }

    static let examples: [(page: String, commands: [String])] = [
        (
            "    $ parcelctl status\n    all is well\n    make test     # passes the tests\n",
            ["parcelctl status", "make test"]
        ),
        ("    providers:\n      courier: parcelctl\n    rows follow\n", []),
        ("```console\n$ parcelctl list\nparcelctl\n```\n", ["parcelctl list"]),
        (
            "```sh\n# first\nparceld check \\\n    --config x\nunheard-of it\n```\n",
            ["parceld check --config x", "unheard-of it"]
        ),
        ("```yaml\nparcelctl: status\n```\nand `parcelctl` or `status`\n", []),
        ("see `parcelctl calendar\nimport x.json`, then\n", ["parcelctl calendar import x.json"]),
        (
            "| `parcelctl list [items\\|parcels]` | `parcelctl show --format csv\\|json` |\n",
            [
                "parcelctl list", "parcelctl list items", "parcelctl list parcels", "parcelctl show --format csv",
                "parcelctl show --format json",
            ]
        ),
    ]

    @Test(arguments: examples) func `a command is found wherever a page shows one, and nothing else is taken for one`(
        _ page: String, _ commands: [String]
    ) {
        let found = Document(path: "page.md", text: page, shown: DocumentRoom.shown).shownCommands()
        #expect(found.map(\.text) == commands)
    }

    @Test func `what a page says of a command's end and output is read`() {
        let page =
            "```console exact\n$ parcelctl workdays x  # exit status 64\none\n\ntwo\n$ parcelctl list '#12'\n```\n"
        let found = Document(path: "page.md", text: page, shown: DocumentRoom.shown).shownCommands()
        #expect(found.map(\.status) == [64, nil])
        #expect(found.map(\.output) == [["one", "", "two"], []])
        #expect(found.map(\.text) == ["parcelctl workdays x", "parcelctl list '#12'"])
        let comment = "# of all:\n#\n#   parceld check --config FILE     says it\n  # a: 1\nparcelctl: x\n"
        let told = Document(path: "parceld.yaml", text: comment, shown: DocumentRoom.shown).shownCommands()
        #expect(told.map(\.text) == ["parceld check --config FILE"])
    }

    @Test func `the system tests find each command that wants root and systemd, and no other`() throws {
        var wanted: [String] = []
        for (path, text) in try documents() {
            let shown = Document(path: path, text: text, shown: DocumentRoom.shown).shownCommands()
            for var command in shown {
                command.text = String(command.text.trimmingPrefix("sudo "))
                guard DocumentRoom.runElsewhere.contains(String(command.text.prefix { $0 != " " })) else { continue }
                wanted.append("\(command) \(command.isInline) \(command.status.map { String($0) } ?? "")")
            }
        }
        let program = Harness.root.appending(path: "Tests/SystemdTests/pages.py").path
        let found = try Playground.run(URL(fileURLWithPath: "/usr/bin/env"), ["python3", program])
        try #require(found.status == 0, "\(found.errors)")
        let lines = found.output.split(separator: "\n").map { String($0) }
        #expect(lines.sorted() == wanted.sorted())
        #expect(wanted.count > 25)
    }

    /// Where each claim names the test that shows it.
    static let proven: Set = ["docs/architecture.md", "SECURITY.md", "CONTRIBUTING.md"]

    @Test func `the files, links and tests that a page names are there`() throws {
        let tests = try testNames()
        let manager = FileManager.default
        for (path, text) in try documents() where path.hasSuffix(".md") {
            let folder = Harness.root.appending(path: path).deletingLastPathComponent()
            for link in text.matches(of: #/\]\(([^)#:\s]+)(?:#[^)]*)?\)/#) {
                let file = folder.appending(path: String(link.1)).path
                #expect(manager.fileExists(atPath: file), "\(path) links to \(link.1)")
            }
            for name in text.matches(of: #/`((?:Sources|Tests|docs|config|systemd)\/[^`\s*…]+)`/#) {
                // Capitals stand for whatever somebody adds.
                guard !name.1.contains("NAME") else { continue }
                let file = Harness.root.appending(path: String(name.1)).path
                #expect(manager.fileExists(atPath: file), "\(path) names \(name.1)")
            }
            guard Self.proven.contains(path) else { continue }
            let cited = text.matches(of: #/“([^”]+)”/#).map { $0.1.split(whereSeparator: \.isWhitespace) }
            #expect(!cited.isEmpty)
            for words in cited {
                #expect(tests.contains(words.joined(separator: " ")), "\(path) names a test that there is not")
            }
        }
    }

    private func testNames() throws -> Set<String> {
        let folder = Harness.root.appending(path: "Tests")
        var names: Set<String> = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            names.formUnion(text.matches(of: #/func `([^`]+)`/#).map { String($0.1) })
        }
        return names
    }

    /// Commands that are wrong, each in another way, and a word of the problem.
    static let wrong: [(command: String, problem: String)] = [
        ("parcelctl explian 1907-2", "ended with 64"), ("parcelctl explain 1907-2 --nonsense", "ended with 64"),
        ("parcelctl show 4711", "ended with 66"), ("parceld check --config /etc/parceld/other.yaml", "ended with 78"),
        ("kubectl apply", "neither run nor listed"), ("make coffee", "no target"),
        ("systemctl reload parcel", "no unit"), ("sqlite3 mirror.db 'SELECT * FROM v_nothing'", "no view v_nothing"),
        ("parcelsim serve --scenario config/demo/storey.yaml", "does not exist"),
        ("cat /etc/parceld/parceld.yaml | kubectl apply", "neither run nor listed"),
        ("systemctl stop parceld && parcelctl poll shiptor", "ended with 69"),
    ]

    @Test func `a command that does not do what it says is told`() async throws {
        let room = try await DocumentRoom(until: "2017-07-10 12:00+03:00")
        defer { room.end() }
        try await room.startAgain()
        for (text, problem) in Self.wrong {
            let told = try await room.problem(with: ShownCommand(document: "page.md", line: 1, text: text))
            #expect(told?.contains(problem) == true, "\(text): \(told ?? "no problem")")
        }
        var exact = ShownCommand(document: "page.md", line: 1, text: "parcelctl track-number LP1930191011 --json")
        exact.output = ["[]"]
        #expect(try await room.problem(with: exact)?.contains("prints") == true)
    }
}
