import Foundation
import ParcelSim
import Testing

/// A daemon by the host's clock whose only provider lives nowhere: what a person does with numbers, and nothing else.
private struct Desk {
    let playground: Playground

    /// - Parameter manners: Settings of its provider, as `, requests_per_day: 1`.
    init(manners: String = "") throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-desk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        playground = Playground(folder)
        try Data("SECRET-1\n".utf8).write(to: folder.appending(path: "password"))
        try Data(
            """
            database: parceld.sqlite
            control_socket: control.sock
            providers:
              russianpost: {url: "http://127.0.0.1:9/rtm34", login: me, password: {file: password}\(manners)}
            channels:
              journal: {type: journal}
            recipients:
              - {name: manager, language: en, zone: Europe/Moscow, hours: "09:00-18:00", channels: [journal]}
            """.utf8
        ).write(to: playground.config)
    }

    var socket: String { playground.folder.appending(path: "control.sock").path }

    func start() async throws -> Process {
        let process = Process()
        process.executableURL = Harness.parceld
        process.arguments = ["run", "--config", playground.config.path]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        try await wait { FileManager.default.fileExists(atPath: socket) }
        return process
    }

    func stop(_ process: Process) {
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    func wait(until isTrue: () throws -> Bool) async throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while try !isTrue() {
            try #require(Date() < deadline, "nothing happened for a minute")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @discardableResult
    func run(_ arguments: String..., status: Int32 = 0) throws -> String {
        let result = try Playground.run(
            Harness.parcelctl, arguments + ["--config", playground.config.path, "--language", "en"])
        #expect(result.status == status, "\(arguments): \(result.output)\(result.errors)")
        return result.output + result.errors
    }

    func json(_ arguments: String..., status: Int32 = 0) throws -> [String: Any] {
        let result = try Playground.run(
            Harness.parcelctl, arguments + ["--config", playground.config.path, "--json"])
        #expect(result.status == status, "\(arguments): \(result.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    func file(_ text: String) throws -> String {
        let url = playground.folder.appending(path: "numbers.csv")
        try Data(text.utf8).write(to: url)
        return url.path
    }

    func end() { try? FileManager.default.removeItem(at: playground.folder) }
}

@Suite(.serialized)
struct NumberCommandTests {
    @Test func `numbers are added, chosen, shown and removed while the daemon runs`() async throws {
        let desk = try Desk()
        defer { desk.end() }
        var daemon = try await desk.start()
        let added = try desk.json("add", "ra 123-456-785 cn", "--note", "for Anna - 50 %")
        #expect((added["asks"] as? [[String: Any]])?.map { $0["provider"] as? String } == ["russianpost"])
        let shown = try desk.json("show", "RA123456785CN")
        #expect(shown["milestone"] as? String == "unknown")
        #expect((shown["facts"] as? [String: String])?["note"] == "for Anna - 50 %")
        let numbers = try #require(shown["numbers"] as? [[String: Any]])
        #expect(numbers.map { $0["role"] as? String } == ["international"])
        #expect(numbers[0]["addedByHand"] as? Bool == true)
        let providers = try #require(numbers[0]["providers"] as? [[String: Any]])
        #expect(providers.map { $0["provider"] as? String } == ["russianpost"])
        #expect(providers[0]["nextAskAt"] is String)
        for name in ["condition", "leg", "stage", "ending", "events"] { #expect(shown[name] != nil, "\(name)") }
        let text = try desk.run("show", "RA123456785CN")
        #expect(text.contains("https://www.pochta.ru/tracking?barcode=RA123456785CN"))
        #expect(text.contains("https://t.17track.net/en#nums=RA123456785CN"))
        // Nobody serves the choice: whoever can goes on; the choice is told, and taken back.
        #expect(try desk.run("track", "RA123456785CN", "--carrier", "cdek").contains("Russian Post"))
        #expect(try desk.run("show", "RA123456785CN").contains("chosen: cdek"))
        desk.stop(daemon)
        daemon = try await desk.start()
        #expect(try desk.run("show", "RA123456785CN").contains("chosen: cdek"))
        #expect(try desk.run("track", "RA123456785CN", "--carrier", "auto").contains("Russian Post"))
        // A wrong check digit is a remark.
        #expect(try desk.run("add", "RA123456789CN").contains("check digit"))
        #expect(try desk.run("list", "track-numbers").contains("the carrier does not know the number yet"))
        #expect(try desk.run("explain", "RA123456785CN").contains("the carrier does not know the number yet"))
        #expect(try desk.run("history", "RA123456785CN") != "")
        #expect(try desk.run("unknown") == "every code is known\n")
        #expect(try desk.run("remove", "RA123456785CN").contains("no longer"))
        #expect(try desk.run("remove", "RA123456785CN", status: 66).contains("not added by hand"))
        desk.stop(daemon)
    }

    @Test func `a budget that is too small is told, with how much is missing`() async throws {
        let desk = try Desk(manners: ", requests_per_day: 2")
        defer { desk.end() }
        let daemon = try await desk.start()
        try desk.run(
            "import", try desk.file("RA123456785CN\nRB123456785CN\nRR123456785CN\nRX123456785CN\nRL123456785CN\n"))
        // Each once a day at the least: three requests are missing.
        let budget = try desk.run("budget", status: 1)
        #expect(budget.contains("Only 2 are allowed: 3 a day are missing even for the rarest checks."), "\(budget)")
        #expect(try desk.run("status", status: 1).contains("3 a day are missing"))
        desk.stop(daemon)
    }

    @Test func `a provider that fails is shown with its breaker and budget, and is resumed`() async throws {
        let desk = try Desk()
        defer { desk.end() }
        let daemon = try await desk.start()
        try desk.run("add", "RA123456785CN")
        try await desk.wait {
            let result = try Playground.run(
                Harness.parcelctl, ["status", "--json", "--config", desk.playground.config.path])
            return result.output.contains(#""breaker":"open""#)
        }
        let status = try desk.run("status", status: 1)
        #expect(status.contains("Russian Post") && status.contains("fails since") && status.contains("tried next on"))
        #expect(status.contains("1 the carrier does not know the number yet"), "\(status)")
        let budget = try desk.run("budget")
        #expect(budget.contains("left: 99") && budget.contains("for 1 number"), "\(budget)")
        #expect(try desk.run("provider", "resume", "russianpost").contains("asked again now"))
        #expect(try desk.run("provider", "resume", "nobody", status: 66).contains("there are russianpost"))
        desk.stop(daemon)
    }

    @Test func `an import is all or nothing, and each mistake has its line`() async throws {
        let desk = try Desk()
        defer { desk.end() }
        let daemon = try await desk.start()
        let bad = try desk.file("RA123456785CN\nno number\nRA123456785CN\nRB123456785CN,1907-2\nRC123456785CN,,,x\n")
        let refused = try desk.run("import", bad, status: 65)
        for part in [
            "line 2: \"no number\"", "line 3: RA123456785CN is on line 1", "line 4: there is no item 1907-2",
            "line 5: there is no carrier x", "4 mistakes; nothing was imported",
        ] { #expect(refused.contains(part), "\(refused)") }
        #expect(try desk.run("show", "RA123456785CN", status: 66).contains("nothing is known"))
        let many = (0..<30).map { "no! \($0)" }.joined(separator: "\n")
        let cut = try desk.run("import", try desk.file(many), status: 65)
        #expect(cut.split(separator: "\n").count == 21 && cut.contains("30 mistakes (10 more than are shown)"))
        // More than the daemon once read in one line.
        let rows = (0..<3000).map { "LP\(1_000_000_000 + $0);;\"a note; of a person\";" }
        let good = try desk.json("import", try desk.file("\u{FEFF}" + rows.joined(separator: "\r\n")))
        #expect(good["numbers"] as? Int == 3000)
        #expect(try desk.json("show", "LP1000002999")["facts"] as? [String: String] == ["note": "a note; of a person"])
        #expect(try desk.run("import", "/nowhere.csv", status: 66).contains("cannot be read"))
        desk.stop(daemon)
    }

    @Test func `where no daemon runs the wish is written under the lock, and the next start asks`() async throws {
        let desk = try Desk()
        defer { desk.end() }
        #expect(try desk.run("add", "RA123456785CN", status: 66).contains("start parceld first"))
        let first = try await desk.start()
        // It runs, and nobody hears it: nothing is written behind its back.
        try FileManager.default.moveItem(atPath: desk.socket, toPath: desk.socket + ".away")
        #expect(try desk.run("add", "RA123456785CN", status: 69).contains("does not answer"))
        try FileManager.default.moveItem(atPath: desk.socket + ".away", toPath: desk.socket)
        desk.stop(first)
        #expect(try desk.run("add", "RA123456785CN").contains("No parceld runs"))
        #expect(try desk.run("add", "RA123456785CN", "--item", "1907-2", status: 66).contains("there is no item"))
        #expect(try desk.run("track", "RA123456785CN", "--carrier", "nobody", status: 64).contains("russianpost"))
        #expect(try desk.run("track", "RB123456785CN", "--carrier", "cdek", status: 66).contains("parcelctl add"))
        let second = try await desk.start()
        try await desk.wait {
            let shown = try desk.json("show", "RA123456785CN")
            let numbers = shown["numbers"] as? [[String: Any]]
            return (numbers?.first?["providers"] as? [[String: Any]])?.isEmpty == false
        }
        desk.stop(second)
    }
}
