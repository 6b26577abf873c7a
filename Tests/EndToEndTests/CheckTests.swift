// parceld check and parceld init as they are run: what they print, what they leave, what they end with.

import Foundation
import ParcelSim
import Testing

/// A folder of its own that goes with the test.
final class EmptyFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "parceld-empty-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    func text(_ name: String) throws -> String { try String(contentsOf: url.appending(path: name), encoding: .utf8) }

    /// Every file and folder below, by its path.
    func names(_ name: String) -> [String] {
        (FileManager.default.enumerator(atPath: path(name))?.allObjects as? [String] ?? []).sorted()
    }

    func parceld(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Playground.run(Harness.parceld, arguments)
    }
}

private let small = """
    database: mirror.sqlite
    providers:
      shiptor: {token: {file: token}, url: "https://api.shop.example/x?key=hunter2"}
    channels:
      journal: {type: journal}
    recipients:
      - {name: manager, zone: Europe/Moscow, hours: "09:00-18:00", channels: [journal]}

    """

struct CheckTests {
    @Test func `files of conf.d lie over the main one, in the order of their names, and are said`() throws {
        let folder = try EmptyFolder()
        try folder.write("token", "abc\n")
        try folder.write("parceld.yaml", small)
        try folder.write("conf.d/20-b.yaml", "log_level: debug\nproviders: {shiptor: {every: 30 min}}\n")
        try folder.write("conf.d/10-a.yaml", "log_level: error\nproviders: {shiptor: {every: 20 min}}\n")
        for other in [".hidden.yaml", "x.yaml~", "x.yaml.dpkg-old", "README"] {
            try folder.write("conf.d/\(other)", "bad: [")
        }
        let check = try folder.parceld("check", "--config", folder.path("parceld.yaml"), "--language", "en")
        #expect(check.status == 0 && check.errors == "", "\(check.errors)")
        let files = ["parceld.yaml", "conf.d/10-a.yaml", "conf.d/20-b.yaml"].map { "  \(folder.path($0))\n" }
        #expect(check.output.contains("Files\n\(files.joined())\n"), "\(check.output)")
        #expect(check.output.contains("  shiptor  api.shop.example  list every 30 min  3 a second, 1 at one time"))
        #expect(!check.output.contains("hunter2") && !check.output.contains("abc"))
    }

    @Test func `an instance has a folder of its own`() throws {
        let folder = try EmptyFolder()
        try folder.write("token", "abc\n")
        try folder.write("north.yaml", small)
        try folder.write("conf.d/10.yaml", "nonsense: 1\n")
        try folder.write("north.conf.d/10.yaml", "log_levle: debug\n")
        let check = try folder.parceld("check", "--config", folder.path("north.yaml"))
        #expect(check.status == 78)
        #expect(
            check.errors.hasPrefix(
                "\(folder.path("north.conf.d/10.yaml")): line 1: log_levle: unknown key; did you mean log_level?"),
            "\(check.errors)")
        #expect(check.errors.split(separator: "\n").count == 1)
    }

    @Test func `what cannot be read there is a mistake, and what is passed over by its ending a warning`() throws {
        let folder = try EmptyFolder()
        try folder.write("token", "abc\n")
        try folder.write("parceld.yaml", small)
        try folder.write("conf.d/10.yml", "log_level: debug\n")
        let config = folder.path("parceld.yaml")
        let check = try folder.parceld("check", "--quiet", "--config", config)
        #expect(check.status == 0 && check.output == "")
        #expect(
            check.errors
                == "\(folder.path("conf.d/10.yml")): warning: is not read: its name does not end in .yaml\n")
        try folder.write("conf.d/20.yaml/inside", "")
        let refused = try folder.parceld("check", "--config", config)
        #expect(refused.status == 78 && refused.output == "")
        #expect(refused.errors == "\(folder.path("conf.d/20.yaml")): the file cannot be read\n")
        let asked = try Playground.run(Harness.parcelctl, ["status", "--config", config])
        #expect(asked.status == 66 && asked.errors.contains("conf.d/20.yaml: the file cannot be read"))
    }

    @Test func `a secret that everybody may read is a warning that says the command`() throws {
        let folder = try EmptyFolder()
        try folder.write("token", "abc\n", mode: 0o644)
        try folder.write("parceld.yaml", small)
        let check = try folder.parceld("check", "--quiet", "--config", folder.path("parceld.yaml"))
        #expect(check.status == 0)
        #expect(
            check.errors
                == "\(folder.path("parceld.yaml")): line 3: warning: providers.shiptor.token: everybody may read the secret; chmod 640 \(folder.path("token")), or 600\n"
        )
    }

    @Test func `the plan is JSON for programs, and windows follow the instant that is asked about`() throws {
        let folder = try EmptyFolder()
        try folder.write("token", "abc\n")
        try folder.write("parceld.yaml", small + "provider_down_after: 5 min\n")
        let check = try folder.parceld(
            "check", "--json", "--config", folder.path("parceld.yaml"), "--at", "2017-10-06T20:00:00+03:00")
        #expect(check.status == 0)
        let plan = try #require(
            try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [String: Any])
        #expect(
            plan.keys.sorted() == [
                "at", "calendars", "channels", "controlSocket", "database", "files", "heartbeat", "overlays",
                "problems", "providerDownAfterSeconds", "providers", "recipients", "remindAfterWorkingDays", "stages",
                "templates", "usable", "warnings",
            ])
        #expect(plan["usable"] as? Bool == true && plan["at"] as? String == "2017-10-06T17:00:00Z")
        let recipient = try #require((plan["recipients"] as? [[String: Any]])?.first)
        let windows = try #require(recipient["nextWindows"] as? [[String: String]])
        #expect(windows.map { $0["opens"] ?? "" } == ["09", "10", "11"].map { "2017-10-\($0)T06:00:00Z" })
        let provider = try #require((plan["providers"] as? [[String: Any]])?.first)
        #expect(provider["host"] as? String == "api.shop.example" && provider["everySeconds"] as? Int == 900)
        #expect((plan["database"] as? [String: Any])?["exists"] as? Bool == false)
        #expect((plan["stages"] as? [Any])?.count == 12)
        let warnings = try #require(plan["warnings"] as? [[String: Any]])
        #expect(warnings.map { $0["path"] as? String ?? "" } == ["provider_down_after"])
        #expect(warnings.first?["line"] as? Int == 8)
        try folder.write("parceld.yaml", small + "x: 1\n")
        let refused = try folder.parceld("check", "--json", "--config", folder.path("parceld.yaml"))
        #expect(refused.status == 78 && refused.output.hasPrefix("{\"usable\":false,\"problems\":[{\"file\":"))
        #expect(try folder.parceld("check", "--at", "yesterday").status == 64)
        #expect(try folder.parceld("check", "--schema").output == (try schema()))
    }

    private func schema() throws -> String {
        try String(contentsOf: Harness.root.appending(path: "config/schema/parceld.schema.json"), encoding: .utf8)
    }

    @Test func `a database that is none is warned of, and left as it is`() throws {
        let folder = try EmptyFolder()
        try folder.write("token", "abc\n")
        try folder.write("mirror.sqlite", "no database at all")
        try folder.write("parceld.yaml", small)
        let check = try folder.parceld("check", "--config", folder.path("parceld.yaml"), "--language", "en")
        #expect(check.status == 0)
        #expect(
            check.errors.hasPrefix("\(folder.path("parceld.yaml")): line 1: warning: database: "), "\(check.errors)")
        #expect(try folder.text("mirror.sqlite") == "no database at all")
        #expect(folder.names("") == ["mirror.sqlite", "parceld.yaml", "token"])
    }

    @Test func `with a database the plan tells what is needed and when it is polled next`() async throws {
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        try await harness.finish(try harness.start())
        let check = try Playground.run(
            Harness.parceld,
            [
                "check", "--config", harness.playground.config.path, "--at", "2017-10-10T10:00:00+03:00", "--language",
                "en",
            ])
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.output.contains(/otcommerce  up to 17280000  needed \d+.*enough/), "\(check.output)")
        #expect(check.output.contains(/Next polls\n  otcommerce  \d+ Oct 2017, \d\d:\d\d/), "\(check.output)")
        #expect(
            check.output.contains(/Database\n.*[KM]iB, \d+ watched, \d+ finished, \d+ track numbers/), "\(check.output)"
        )
    }
}
