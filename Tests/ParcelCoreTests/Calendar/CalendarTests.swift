import Foundation
import ParcelCore
import Testing

/// A small reckoner by the definition: it walks from date to date and asks nothing but `isWorking`.
private func walk(_ days: WorkingDays, from start: Timestamp, to end: Timestamp) -> Int {
    var count = 0
    var date = days.zone.date(of: start)
    let last = days.zone.date(of: end)
    while date < last {
        date = date.adding(days: 1)
        if days.isWorking(date).working { count += 1 }
    }
    return count
}

struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

@Test(arguments: [1, 2, 3, 4, 5])
func `elapsed is additive and inverse to due`(seed: UInt64) throws {
    var random = Generator(state: seed)
    let names = ["Asia/Shanghai", "Europe/Moscow", "America/New_York", "Asia/Kathmandu", "Africa/Cairo"]
    for _ in 0..<200 {
        let days = WorkingDays(
            calendars: try calendars(Bool.random(using: &random) ? ["cn"] : ["cn", "ru"]),
            combine: Bool.random(using: &random) ? .all : .any,
            zone: try zone(names[Int.random(in: 0..<names.count, using: &random)]))
        let base = Int64.random(in: 1_483_228_800...1_798_000_000, using: &random)
        let a = Timestamp(seconds: base)
        let b = a + .seconds(Int64.random(in: 1...5_000_000, using: &random))
        let c = b + .seconds(Int64.random(in: 1...5_000_000, using: &random))
        let whole = days.elapsed(from: .instant(a), to: .instant(c)).days
        let parts =
            days.elapsed(from: .instant(a), to: .instant(b)).days
            + days.elapsed(from: .instant(b), to: .instant(c)).days
        #expect(whole == parts)
        #expect(whole == walk(days, from: a, to: c))
        let n = Int.random(in: 1...40, using: &random)
        let due = try #require(days.due(from: .instant(a), after: n)).instant
        #expect(days.elapsed(from: .instant(a), to: .instant(due)).days == n)
        #expect(days.elapsed(from: .instant(a), to: .instant(due - .seconds(1))).days == n - 1)
    }
}

@Test(arguments: BuiltinCalendars.files.map(\.id))
func `the built-in calendars are those of config`(id: String) throws {
    let file = try Data(contentsOf: Fixture.root.appending(path: "config/calendars/\(id).csv"))
    let builtin = try #require(BuiltinCalendars.files.first { $0.id == id })
    #expect(Array(builtin.csv.utf8) == Array(file))
}

@Test(arguments: [
    ("# coverage: 2026..2026\n2026-02-30,off,x,y\n", "line 2: \"2026-02-30\" is not a date that exists"),
    ("# coverage: 2026..2026\n2026-02-03,holiday,x,y\n", "line 2: \"holiday\" is neither off nor work"),
    ("# coverage: 2026..2026\n2026-02-03,off,x,y\n2026-02-03,work,x,y\n", "line 3: 2026-02-03 is both off and work"),
    ("# coverage: 2027..2026\n", "line 1: coverage is not of the form 2017..2026"),
    ("# coverage: 2017...2026\n", "line 1: coverage is not of the form 2017..2026"),
    ("# coverage: 2017..x..2026\n", "line 1: coverage is not of the form 2017..2026"),
    ("# coverage: 2026..2026\n# coverage: 2027..2027\n", "line 2: coverage is declared twice"),
    ("# coverage: 2026..2026\n2026-02-03,off,\"open,y\n", "line 2: a quote is not closed"),
    ("# coverage: 2026..2026\n2026-02-03\n", "line 2: \"2026-02-03\" is not date,kind,name,source"),
    ("date,kind,name,source\n", "no line \"# coverage: 2017..2026\""),
])
func `a bad calendar row is named by its line`(csv: String, problem: String) throws {
    let error = #expect(throws: CalendarError.self) { try WorkCalendar(id: "x", csv: Array(csv.utf8)) }
    #expect(error?.description.contains(problem) == true)
}

@Test func `a calendar file may be quoted, redundant, out of order and from Windows`() throws {
    let text =
        "\u{FEFF}# coverage: 2026..2026\r\ndate,kind,name,source\r\n\r\n2026-02-08,off,Sunday,y\r\n"
        + "2026-02-03,off,\"a, \"\"b\"\"\",y\r\n2026-02-03,off,\"a, \"\"b\"\"\",z\r\n2026-02-07,work,made up,\r\n"
    let calendar = try WorkCalendar(id: "x", csv: Array(text.utf8))
    func day(_ text: String) throws -> WorkCalendar.Day { calendar.day(try ISO8601(text).date) }
    let (holiday, worked) = (try day("2026-02-03"), try day("2026-02-07"))
    #expect(!holiday.isWorking && holiday.isCertain && holiday.name == "a, \"b\"")
    #expect(worked.isWorking && worked.isCertain && worked.name == "made up")
    #expect(try !day("2026-02-08").isWorking)
    #expect(calendar.coverage == 2026...2026)
}

@Test func `all problems of a calendar file are told at once`() throws {
    let csv = "2026-02-30,off\n2026-02-03,holiday\n"
    let error = #expect(throws: CalendarError.self) { try WorkCalendar(id: "x", csv: Array(csv.utf8)) }
    #expect(error?.problems.count == 3)
}

@Test func `a year without data counts Monday to Friday and says so`() throws {
    let calendar = try WorkCalendar(id: "x", csv: Array("# coverage: 2026..2026\n2027-01-01,off,too early,y\n".utf8))
    let day = calendar.day(LocalDate(ordinal: 20_819))
    #expect(day.isWorking)
    #expect(!day.isCertain)
    #expect(day.name.isEmpty)
    #expect(LocalDate(ordinal: 20_819).description == "2027-01-01")
}

@Test(arguments: [
    "2026-02-30", "2026-13-01", "2026-1-1", "26-01-01", "2026-01-01T24:00:00Z", "2026-01-01T10:60:00Z", "",
    "2026-01-01T10:00:00+08:99", "2026-01-01T10:00:00+08:", "2026-01-01T10:00:60Z", "2026-01-01T10:00:00.Z",
    "12026-01-01", "-2026-01-01", "2026-01-01T10:00:00Zjunk", "２０２６-01-01",
])
func `an impossible time is refused`(text: String) {
    #expect(throws: ISO8601Error.self) { try ISO8601(text) }
}

@Test func `a damaged zone file is refused`() throws {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Moscow")))
    for length in stride(from: 0, to: bytes.count - 1, by: 7) {
        #expect(throws: ZoneError.self) { try Zone(name: "cut", tzif: Array(bytes.prefix(length))) }
    }
}

@Test(arguments: [
    "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Casablanca",
    "America/New_York",
])
func `offsets are those of the system's own library`(name: String) throws {
    let own = try zone(name)
    let theirs = try #require(TimeZone(identifier: name))
    // The years that both have data for: ours follows the host's tzdata, theirs is frozen in ICU.
    for second in stride(from: Int64(315_532_800), to: 1_767_225_600, by: 9_001_237) {
        let date = Date(timeIntervalSince1970: TimeInterval(second))
        #expect(own.offset(at: Timestamp(seconds: second)) == theirs.secondsFromGMT(for: date), "\(second)")
    }
}
