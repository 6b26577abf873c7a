// The real programs and the file as a whole: backup, restore, verify, export and prune, with the daemon running and stopped.

import Foundation
import ParcelSim
import Testing

/// A daemon whose only provider is not there: its database is made, and nothing happens.
private final class QuietDaemon {
    let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-data-\(UUID().uuidString)")
    private(set) var process: Process?

    init() throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: "secrets"), withIntermediateDirectories: true)
        try Data("0123456789abcdef".utf8).write(to: folder.appending(path: "secrets/token"))
        try Data(
            """
            database: parceld.sqlite
            control_socket: control.sock
            providers:
              shiptor: {url: "http://127.0.0.1:9/", token: {file: secrets/token}}
            channels:
              journal: {type: journal}
            recipients:
              - {name: a, zone: Europe/Moscow, hours: "09:00-18:00", channels: [journal]}
            """.utf8
        ).write(to: folder.appending(path: "parceld.yaml"))
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Returns when it can be asked.
    func start() async throws {
        try? FileManager.default.removeItem(atPath: path("control.sock"))
        let process = Process()
        process.executableURL = Harness.parceld
        process.arguments = ["run", "--config", path("parceld.yaml")]
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        let deadline = Date(timeIntervalSinceNow: 120)
        while !FileManager.default.fileExists(atPath: path("control.sock")), process.isRunning, Date() < deadline {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(process.isRunning)
    }

    func stop(_ signal: Int32 = SIGTERM) {
        guard let process else { return }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        self.process = nil
    }

    func end() {
        stop(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    func control(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Playground.run(
            Harness.parcelctl, arguments + ["--config", path("parceld.yaml"), "--language", "en"])
    }

    func json(_ arguments: String...) throws -> [String: Any] {
        let result = try Playground.run(
            Harness.parcelctl, arguments + ["--config", path("parceld.yaml"), "--json"])
        let tree = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(tree as? [String: Any], "\(result.errors)")
    }
}

@Test func `a backup is made while the daemon runs, and restored once it is stopped`() async throws {
    let daemon = try QuietDaemon()
    defer { daemon.end() }
    try await daemon.start()
    let backup = daemon.path("a.sqlite")
    let made = try daemon.json("backup", backup)
    #expect(made["sound"] as? Bool == true && made["bytes"] as? Int ?? 0 > 0)
    let again = try daemon.control("backup", backup)
    #expect(again.status == 73 && again.errors.contains("--force"), "\(again)")
    #expect(try daemon.control("backup", backup, "--force").status == 0)
    try FileManager.default.createDirectory(atPath: daemon.path("backups"), withIntermediateDirectories: true)
    #expect(
        try daemon.json("backup", "--directory", daemon.path("backups"), "--keep", "2")["removed"] as? [String] == [])
    for _ in 1...2 {
        let verdict = try daemon.control("verify")
        #expect(verdict.status == 0, "\(verdict)")
        #expect(verdict.output.split(separator: "\n").filter { $0.hasPrefix("ok") }.count == 11)
    }
    #expect(try daemon.control("verify", backup).status == 0)
    let refused = try daemon.control("restore", backup)
    #expect(refused.status == 75 && refused.errors.contains("stop it first"), "\(refused)")
    let status = try daemon.json("status")
    #expect((status["database"] as? [String: Any])?["logIsLarge"] as? Bool == false)
    daemon.stop()
    let restored = try daemon.control("restore", backup)
    #expect(restored.status == 0, "\(restored)")
    #expect(restored.output.contains("systemctl start parceld") && restored.output.contains(".before-restore-"))
    try await daemon.start()
    #expect(try daemon.control("verify").status == 0)
}

@Test func `a damaged database stops the daemon with 66 and the newest backup's name, and a restore mends it`()
    async throws
{
    let daemon = try QuietDaemon()
    defer { daemon.end() }
    try await daemon.start()
    try FileManager.default.createDirectory(atPath: daemon.path("backups"), withIntermediateDirectories: true)
    let backup = daemon.path("backups/b.sqlite")
    #expect(try daemon.control("backup", backup).status == 0)
    daemon.stop()
    let database = daemon.path("parceld.sqlite")
    truncate(database, 40_960)
    let before = FileManager.default.contents(atPath: database)
    let refused = try Playground.run(Harness.parceld, ["run", "--config", daemon.path("parceld.yaml")])
    #expect(refused.status == 66)
    #expect(refused.errors.contains("parcelctl restore \(backup)"), "\(refused.errors)")
    #expect(FileManager.default.contents(atPath: database) == before)
    let verdict = try daemon.control("verify")
    #expect(verdict.status == 1 && verdict.output.contains("BAD") && verdict.output.contains("restore"), "\(verdict)")
    #expect(try daemon.control("restore", backup).status == 0)
    try await daemon.start()
}

@Test func `restores that are killed at any time leave a database with which the daemon starts`() async throws {
    let daemon = try QuietDaemon()
    defer { daemon.end() }
    try await daemon.start()
    let backup = daemon.path("a.sqlite")
    #expect(try daemon.control("backup", backup).status == 0)
    daemon.stop(SIGKILL)
    // Killed once a name with this in it is there: at once, while it copies, when the old file is kept, and at the end.
    for sign in ["", ".partial-", ".before-restore-", "never"] {
        let known = try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path)
        let process = Process()
        process.executableURL = Harness.parcelctl
        process.arguments = ["restore", backup, "--config", daemon.path("parceld.yaml")]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        func isSeen() throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path)
                .contains { sign.isEmpty || $0.contains(sign) && !known.contains($0) }
        }
        while try process.isRunning && !isSeen() {}
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(try daemon.control("verify").status == 0)
        try await daemon.start()
        daemon.stop(SIGKILL)
    }
}

@Test func `pruning goes through the running daemon, and without one under the lock`() async throws {
    let daemon = try QuietDaemon()
    defer { daemon.end() }
    try await daemon.start()
    let answer = try daemon.json("prune", "--older-than", "30d")
    #expect(answer["messages"] as? Int == 0 && answer["dryRun"] as? Bool == false)
    #expect(try daemon.json("prune", "--dry-run")["dryRun"] as? Bool == true)
    let refused = try daemon.control("prune", "--compact")
    #expect(refused.status == 75, "\(refused)")
    daemon.stop()
    #expect(try daemon.control("prune", "--compact").status == 0)
    #expect(try daemon.control("prune", "--older-than", "soon").status == 64)
}

@Test func `an export is whole, parses, and opens in a spreadsheet without formulas`() async throws {
    let daemon = try QuietDaemon()
    defer { daemon.end() }
    try await daemon.start()
    let added = try daemon.control("add", "LP1930191011", "--note", "=HYPERLINK(1)")
    #expect(added.status == 0, "\(added)")
    daemon.stop()
    let csv = try daemon.control("export", "things")
    let lines = csv.output.components(separatedBy: "\r\n")
    #expect(csv.status == 0 && lines.count == 3 && lines[2] == "", "\(csv)")
    #expect(lines[0].hasPrefix("id,kind,thing,") && lines[1].contains(",track_number,LP1930191011,"))
    let file = daemon.path("all.json")
    #expect(try daemon.control("export", "--format", "json", "--output", file).output.isEmpty)
    let tree = try JSONSerialization.jsonObject(with: try Data(contentsOf: URL(fileURLWithPath: file)))
    let all = try #require(tree as? [String: [[String: Any]]])
    #expect(all.keys.sorted() == ["alerts", "events", "things"])
    let thing = try #require(all["things"]?.first)
    #expect((thing["first_seen"] as? String)?.hasSuffix("Z") == true && thing["first_seen_at"] is Int)
    #expect(try !String(contentsOfFile: file, encoding: .utf8).contains("HYPERLINK"))
    for (arguments, status) in [(["export"], 64), (["export", "orders"], 64), (["backup"], 64)] {
        #expect(
            try Playground.run(Harness.parcelctl, arguments + ["--config", daemon.path("parceld.yaml")]).status
                == status)
    }
    let lost = try daemon.control("export", "things", "--output", daemon.path("no/x.csv"))
    #expect(lost.status == 74, "\(lost)")
}
