import Foundation
import ParcelSim
import Testing

/// A configuration with a folder of its own, and no daemon.
private struct Office {
    let folder: URL
    var config: String { folder.appending(path: "parceld.yaml").path }
    var calendar: URL { folder.appending(path: "calendars/cn.csv") }
    static let shipped = Harness.root.appending(path: "config/calendars/cn.csv")

    /// - Parameter more: Lines of the configuration.
    init(_ more: String = "") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parceld-office-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("secret\n".utf8).write(to: folder.appending(path: "token"))
        try write(
            "parceld.yaml",
            """
            database: parceld.sqlite
            providers:
              shiptor: {token: {file: token}}
            channels:
              journal: {type: journal}
            recipients:
              - {name: manager, zone: Europe/Moscow, hours: "09:00-18:00", channels: [journal]}
            \(more)
            """)
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    func useOwn() throws {
        try FileManager.default.createDirectory(
            at: calendar.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Office.shipped, to: calendar)
    }

    /// A notice for 2027 as holiday-cn would have it.
    func notice(_ days: [(String, Bool)] = []) throws -> String {
        let holidays = [
            "2027-01-01", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11", "2027-04-05",
            "2027-05-03", "2027-06-09", "2027-10-01", "2027-10-04", "2027-10-05", "2027-10-06",
        ]
        let all = holidays.map { ($0, true) } + [("2027-02-06", false)] + days
        let rows = all.map { "{\"name\": \"假\", \"date\": \"\($0.0)\", \"isOffDay\": \($0.1)}" }
        try write("notice.json", "{\"year\": 2027, \"papers\": [], \"days\": [\(rows.joined(separator: ", "))]}")
        return folder.appending(path: "notice.json").path
    }

    func run(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Playground.run(Harness.parcelctl, arguments + ["--config", config, "--language", "en"])
    }

    func end() { try? FileManager.default.removeItem(at: folder) }
}

struct CalendarCommandTests {
    @Test func `a year of a calendar is shown without configuration`() throws {
        let result = try Playground.run(Harness.parcelctl, ["calendar", "show", "cn", "2026", "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let year = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(year["workingDays"] as? Int == 248)
        #expect((year["free"] as? [[String: Any]])?.first?["to"] as? String == "2026-01-03")
        #expect((year["workedWeekends"] as? [[String: Any]])?.count == 6)
        #expect(year["sources"] as? [String] == ["国办发明电〔2025〕7号 2025-11-04"])
        let text = try Playground.run(Harness.parcelctl, ["calendar", "show", "cn", "2026", "--language", "ru"]).output
        #expect(text.contains("  1–7.10    чт–ср  7 дней  День образования КНР (国庆节)\n"))
        #expect(text.contains("  окт  18  ноя  21  дек  23\n"))
    }

    @Test func `an import shows the difference first and writes only when told to`() throws {
        let office = try Office("calendars: {cn: calendars/cn.csv}")
        defer { office.end() }
        try office.useOwn()
        let before = try Data(contentsOf: office.calendar)
        let notice = try office.notice()
        let shown = try office.run("calendar", "import", notice)
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.contains("covers 2017–2026; with it 2017–2027"))
        #expect(shown.output.contains("2027: new, 249 working days"))
        #expect(shown.output.contains("Nothing was written"))
        #expect(try Data(contentsOf: office.calendar) == before)

        let written = try office.run("calendar", "import", notice, "--write")
        #expect(written.status == 0, "\(written.errors)")
        let after = try String(contentsOf: office.calendar, encoding: .utf8)
        #expect(after.contains("# coverage: 2017..2027\n") && after.contains("2027-10-01,off,假,holiday-cn JSON\n"))
        #expect(after.hasPrefix("# China: exceptions to Monday-Friday."))
        let left = try FileManager.default.contentsOfDirectory(atPath: office.calendar.deletingLastPathComponent().path)
        #expect(left == ["cn.csv"])
        let check = try Playground.run(Harness.parceld, ["check", "--config", office.config])
        #expect(check.status == 0 && check.output.contains("  cn  2017..2027  calendars/cn.csv\n"), "\(check)")
        // Once more there is nothing to change.
        #expect(try office.run("calendar", "import", notice).output.contains("2027: no change, 249 working days"))
    }

    @Test func `a published day that would flip is refused with the reason until that is wished`() throws {
        let office = try Office("calendars: {cn: calendars/cn.csv}")
        defer { office.end() }
        try office.useOwn()
        let before = try Data(contentsOf: office.calendar)
        let notice = try office.notice([("2026-12-31", true)])
        for flags in [[], ["--write"]] {
            let refused = try Playground.run(
                Harness.parcelctl,
                ["calendar", "import", notice, "--config", office.config, "--language", "en"] + flags)
            #expect(refused.status == 65)
            #expect(refused.errors.contains("1 published day would change, the first of them 2026-12-31"))
            #expect(refused.errors.contains("--replace"))
            #expect(refused.output.contains("Thu 31 Dec 2026  was worked, becomes free"))
            #expect(try Data(contentsOf: office.calendar) == before)
        }
        #expect(try office.run("calendar", "import", notice, "--write", "--replace").status == 0)
        #expect(try String(contentsOf: office.calendar, encoding: .utf8).contains("2026-12-31,off,"))
    }

    @Test func `a calendar that the configuration does not name yet is written beside it, and that is said`() throws {
        let office = try Office()
        defer { office.end() }
        let written = try office.run("calendar", "import", try office.notice(), "--write")
        #expect(written.status == 0, "\(written.errors)")
        #expect(written.output.contains("  calendars:\n    cn: calendars/cn.csv\n"))
        #expect(FileManager.default.fileExists(atPath: office.calendar.path))
        // What is there and not named is not ours to replace.
        let again = try office.run("calendar", "import", try office.notice(), "--write")
        #expect(again.status == 78 && again.errors.contains("does not name it"))
        let elsewhere = office.folder.appending(path: "mine.csv").path
        #expect(try office.run("calendar", "import", try office.notice(), "--write", "--output", elsewhere).status == 0)
        #expect(FileManager.default.fileExists(atPath: elsewhere))
    }

    @Test func `a feed that tells no year is shown, and written only for a year that is said`() throws {
        let office = try Office("calendars: {cn: calendars/cn.csv}")
        defer { office.end() }
        try office.useOwn()
        let feed = Harness.root.appending(path: "Tests/ParcelProvidersTests/Fixtures/calendars/apple-style-2026.ics")
            .path
        #expect(try office.run("calendar", "import", feed).output.contains("If for 2026, add --year."))
        let unsaid = try office.run("calendar", "import", feed, "--write")
        #expect(unsaid.status == 64 && unsaid.errors.contains("say --year"))
        #expect(try office.run("calendar", "import", feed, "--write", "--year", "2026").status == 0)
    }

    @Test(arguments: [
        ("<!DOCTYPE html><html>blocked</html>", [], 65, "it is a web page"), ("", [], 65, "it is empty"),
        ("{\"year\": 2027, \"papers\": [], \"days\": []}", [], 65, "2027 is not published yet"),
        (
            "{\"year\": 2029, \"papers\": [], \"days\": [{\"date\": \"2029-10-01\", \"isOffDay\": true}]}", [], 65,
            "2027 is missing"
        ),
        (
            "<calendar year=\"2026\" country=\"by\"><day d=\"01.02\" t=\"1\"/></calendar>", [], 64,
            "there is no calendar by"
        ),
        (
            "<calendar year=\"2026\" country=\"ru\"><day d=\"01.02\" t=\"1\"/></calendar>", ["--calendar", "cn"], 65,
            "not of cn"
        ),
        (
            "<calendar year=\"2026\" country=\"ru\"><day d=\"01.02\" t=\"1\"/></calendar>", ["--calendar", "plain"], 64,
            "takes no data"
        ),
        ("x", ["--year", "MMXXVI"], 64, "write a year"), ("x", ["--year", "2027..2026"], 64, "write a year"),
    ])
    func `a bad file or wish gets one clear line and changes nothing`(
        text: String, flags: [String], status: Int, part: String
    ) throws {
        let office = try Office()
        defer { office.end() }
        try office.write("file", text)
        let result = try Playground.run(
            Harness.parcelctl,
            ["calendar", "import", office.folder.appending(path: "file").path, "--write", "--config", office.config]
                + flags)
        #expect(result.status == Int32(status), "\(result)")
        #expect(result.errors.contains(part), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1 && result.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: office.calendar.path))
    }

    @Test(arguments: [
        (["calendar", "show", "us"], 64), (["calendar", "show", "cn", "26"], 64),
        (["calendar", "show", "cn", "x"], 64),
        (["calendar", "show"], 64), (["calendar", "import"], 64), (["calendar", "import", "/nowhere/x.ics"], 66),
        (["calendar", "import", "/"], 66),
    ])
    func `bad arguments get one clear line`(arguments: [String], status: Int) throws {
        let result = try Playground.run(Harness.parcelctl, arguments)
        #expect(result.status == Int32(status), "\(result.errors)")
        #expect(result.output.isEmpty && result.errors.split(separator: "\n").count == 1, "\(result)")
    }
}
