import Foundation
import ParcelSim
import Testing

/// Bad input: one line that says what is wrong, the documented status, nothing on standard output.
@Test(arguments: [
    (["workdays", "working", "--date", "2026-02-30"], 64),
    (["workdays", "due", "--from", "2026-01-01", "--days", "-3"], 64),
    (["workdays", "due", "--from", "2026-01-01", "--days=-3"], 64),
    (["workdays", "due", "--from", "2026-01-01", "--days", "x"], 64),
    (["workdays", "elapsed", "--from", "2026-01-01T10:00:00", "--to", "2026-01-02"], 64),
    (["workdays", "working", "--date", "2026-01-01", "--calendar", "us"], 64),
    (["workdays", "working", "--date", "2026-01-01", "--zone", "../../etc/passwd"], 64),
    (["workdays", "working", "--date", "2026-01-01", "--combine", "some"], 64), (["track-number"], 64),
    (["track-number", ""], 64),
    (["track-number", "LP1930191011", String(repeating: "9", count: 10_000)], 64), (["nonsense"], 64),
    (["track-number", "LP1\n2!\u{1B}[31m"], 64), ([String(repeating: "x", count: 10_000)], 64),
    (["workdays", "working", "--date", "2026\n-01-01"], 64),
    (["workdays", "due", "--from", "9999-12-31", "--days", "3"], 64),
    (["workdays", "working", "--date", "2026-01-01", "--zone", ""], 64),
    (["workdays", "working", "--date", "2026-01-01", "--zone", "Europe"], 64),
    (["list", "--wrong"], 64), (["letter"], 64), (["letter", "1907-2", "--language", "de"], 64),
    (["letter", "--contact", "seler"], 64), (["letter", "1907-2", "--all"], 64),
    (["letter", "1907-2", "--database", "/nowhere/parceld.sqlite"], 66), (["add"], 64),
    (["track", "LP1930191011"], 64), (["provider", "resume"], 64),
    (["add", "LP1", "--database", "/nowhere/parceld.sqlite"], 66), (["budget", "--database", "/nowhere/x"], 66),
    (["import", "x.csv", "--config", "/nowhere.yaml"], 66), (["unknown", "--database", "/etc/hostname"], 66),
    (["status", "--database", "/nowhere/parceld.sqlite"], 66), (["status", "--config", "/nowhere/parceld.yaml"], 66),
    (["status", "--database", "/etc/hostname"], 66), (["poll", "1907-2", "--config", "/nowhere.yaml"], 66),
])
func `bad input gets one clear line`(arguments: [String], status: Int) throws {
    let result = try Playground.run(Harness.parcelctl, arguments)
    #expect(result.status == Int32(status), "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("parcelctl: "))
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(result.errors.count < 400)
}

@Test(arguments: [
    ("asia/shanghai", "Asia/Shanghai"), ("Vladivostok", "Asia/Vladivostok"), ("Europe/Moskow", "Europe/Moscow"),
    ("Mars/Base", "write an IANA name"),
])
func `an unknown zone is answered with the nearest one`(name: String, advice: String) throws {
    let result = try Playground.run(
        Harness.parcelctl, ["workdays", "working", "--date", "2026-01-01", "--zone", name])
    #expect(result.status == 64)
    #expect(result.errors.contains(advice), "\(result.errors)")
}

@Test(arguments: [
    (
        ["workdays", "elapsed", "--from", "2017-09-27T12:00:00+08:00", "--to", "2017-10-09T01:00:00+08:00"],
        #"{"elapsed":4,"certain":true}"#
    ),
    (
        ["workdays", "due", "--from", "2026-09-30T18:00:00+08:00", "--days", "2"],
        #"{"due":"2026-10-08T16:00:00Z","dueLocal":"2026-10-09T00:00:00+08:00","certain":true}"#
    ),
    (
        ["workdays", "due", "--from", "2026-11-16T10:00:00+08:00", "--days", "0"],
        #"{"due":"2026-11-16T02:00:00Z","dueLocal":"2026-11-16T10:00:00+08:00","certain":true}"#
    ),
    (
        ["workdays", "working", "--date", "2027-02-20", "--calendar", "ru", "--zone", "Europe/Moscow"],
        #"{"working":true,"certain":true}"#
    ),
    (
        ["workdays", "working", "--date", "2027-02-20", "--calendar", "cn", "--calendar", "ru"],
        #"{"working":false,"certain":false}"#
    ),
    (
        ["track-number", "LP1930191011"],
        #"[{"input":"LP1930191011","normalised":"LP1930191011","formats":[{"format":"cainiao_lp","checkDigit":"none","carrier":"Cainiao (AliExpress / Alibaba logistics order)","detect":"auto"}],"link":"https://litemf.com/ru/tracking/LP1930191011"}]"#
    ),
])
func `commands without a database answer in stable JSON from any folder`(arguments: [String], answer: String) throws {
    let result = try Playground.run(Harness.parcelctl, arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == answer + "\n")
}

@Test func `a bad configuration is explained with every line and status 78`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-config-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "parceld.yaml")
    try Data(
        """
        database: x.sqlite
        providers:
          shiptor: {token: {file: missing}, evry: 5 min}
        channels:
          journal: {type: journal}
        recipients:
          - {name: a, zone: Mars/Base, hours: "09:00-18:00", channels: [journal]}
        """.utf8
    ).write(to: file)
    for command in ["check", "run"] {
        let result = try Playground.run(Harness.parceld, [command, "--config", file.path])
        #expect(result.status == 78)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 3, "\(result.errors)")
        #expect(lines.contains { $0.contains("line 3") && $0.contains("evry") && $0.contains("every") })
        #expect(lines.contains { $0.contains("Mars/Base") })
        #expect(lines.contains { $0.contains("missing") && $0.contains("cannot be read") })
    }
}
