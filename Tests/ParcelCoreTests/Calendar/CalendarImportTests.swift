import ParcelCore
import Testing

private func day(_ text: String) throws -> LocalDate { try ISO8601(text).date }

private func file(_ years: [Int], _ days: [(String, WorkCalendar.Kind)], country: String? = "cn") throws -> CalendarFile
{
    var file = CalendarFile(form: "test", country: country)
    for year in years { try file.declare(year) }
    for (date, kind) in days { try file.add(kind, try day(date), name: "假", at: "row") }
    return file
}

private func builtin(_ id: String) throws -> WorkCalendar { try #require(try BuiltinCalendars.all()[id]) }

/// A year as China might publish it: three holidays, of which one is worked for.
private let plausible: [(String, WorkCalendar.Kind)] = [
    ("2027-01-01", .off), ("2027-02-05", .off), ("2027-02-06", .work), ("2027-02-08", .off), ("2027-02-09", .off),
    ("2027-02-10", .off), ("2027-02-11", .off), ("2027-04-05", .off), ("2027-05-03", .off), ("2027-06-09", .off),
    ("2027-10-01", .off), ("2027-10-04", .off), ("2027-10-05", .off), ("2027-10-06", .off),
]

struct CalendarImportTests {
    @Test func `a new year is added, and the years before stay`() throws {
        let current = try builtin("cn")
        let plan = try importing(file([2027], plausible), as: "cn", over: current, years: nil)
        #expect(plan.objections.isEmpty)
        #expect(plan.calendar.coverage == 2017...2027)
        #expect(plan.counts.map { "\($0.year) \($0.before ?? 0) \($0.after)" } == ["2027 0 249"])
        #expect(plan.changes.count == 14 && plan.changes.allSatisfy { !$0.isCorrection })
        for date in (2017...2026).flatMap(datesOf) { #expect(plan.calendar.day(date) == current.day(date)) }
        #expect(try !plan.calendar.day(day("2027-10-01")).isWorking)
        #expect(try plan.calendar.day(day("2027-10-01")).isCertain)
    }

    @Test func `a published day that would flip has to be looked at, in the year before too`() throws {
        let current = try builtin("cn")
        let listed = current.listed.filter { $0.date.year == 2026 }.map { ("\($0.date)", $0.exception.kind) }
        let flipped = listed.filter { $0.0 != "2026-10-10" }
        let plan = try importing(file([2026], flipped), as: "cn", over: current, years: nil)
        #expect(plan.changes.map { "\($0.date) \($0.isWorking) \($0.isCorrection)" } == ["2026-10-10 false true"])
        #expect(
            plan.objections == ["1 published day would change, the first of them 2026-10-10, which is worked until now"]
        )
        let december = try importing(
            file([2027], plausible + [("2026-12-31", .off)]), as: "cn", over: current, years: nil)
        #expect(december.changes.first.map { "\($0.date) \($0.isCorrection)" } == "2026-12-31 true")
        #expect(december.objections.count == 1)
        #expect(december.calendar.coverage == 2017...2027)
    }

    @Test func `December of a year without data is not covered by the notice of the next`() throws {
        let plan = try importing(file([2027], plausible + [("2026-12-31", .off)]), as: "x", over: nil, years: nil)
        #expect(plan.calendar.coverage == 2027...2027)
        #expect(try !plan.calendar.day(day("2026-12-31")).isCertain)
        #expect(try plan.calendar.day(day("2026-12-31")).isWorking)
    }

    static let refused: [(years: [Int], days: [(String, WorkCalendar.Kind)], wanted: ClosedRange<Int>?, part: String)] =
        [
            ([2028], [("2028-10-02", .off)], nil, "cn covers 2017..2026: 2027 is missing before 2028"),
            ([2027], [("2027-10-01", .off)], 2026...2026, "it is about 2027, not about 2026"),
            ([2025, 2027], [("2027-10-01", .off)], nil, "with a gap between"),
            ([], [], nil, "it has no days"), ([], [("2026-12-31", .off)], nil, "it has no days"),
            (
                [2027], (0..<80).map { (LocalDate(ordinal: 20_850 + $0).description, WorkCalendar.Kind.off) }, nil,
                "more than 60 days in a row"
            ),
        ]

    @Test(arguments: refused)
    func `what cannot be joined to the calendar is refused`(
        years: [Int], days: [(String, WorkCalendar.Kind)], wanted: ClosedRange<Int>?, part: String
    ) throws {
        let read = try file(years, days)
        let current = try builtin("cn")
        let error = #expect(throws: CalendarError.self) { try importing(read, as: "cn", over: current, years: wanted) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test func `a file that contradicts itself or its year is refused`() throws {
        var read = try file([2026], [("2026-10-01", .off)])
        #expect(throws: CalendarError("row 2: 2026-10-01 is both off and work")) {
            try read.add(.work, LocalDate(ordinal: 20_727), name: "", at: "row 2")
        }
        let stray = try file([2026], [("2026-10-01", .off), ("2024-05-01", .off)])
        #expect(throws: CalendarError("it is about 2026, yet holds 2024-05-01")) { try stray.checkYears() }
        let january = try file([2026], [("2025-12-31", .off)])
        #expect(throws: Never.self) { try january.checkYears() }
    }

    @Test func `a year with far other sums than the last import has to be looked at`() throws {
        let few: [(String, WorkCalendar.Kind)] = [("2027-01-01", .off), ("2027-01-02", .work)]
        let plan = try importing(file([2027], few), as: "cn", over: builtin("cn"), years: nil)
        #expect(plan.objections == ["2027 would have 261 working days; the nearest year has 248"])
    }

    @Test func `what is written reads back as the same calendar, with names, sources and comments`() throws {
        var read = try file([2027], plausible)
        try read.add(.off, day("2027-10-07"), name: "a, \"b\"\nc", source: "https://www.gov.cn/, x", at: "row")
        let plan = try importing(read, as: "cn", over: builtin("cn"), years: nil)
        let text = plan.calendar.csv(comments: [" China: mine"])
        #expect(text.hasPrefix("# China: mine\n# coverage: 2017..2027\ndate,kind,name,source\n2017-01-02,off,元旦,"))
        let again = try WorkCalendar(id: "cn", csv: Array(text.utf8))
        #expect(again == plan.calendar)
        #expect(try again.listed(on: day("2027-10-07"))?.name == "a, \"b\" c")
    }

    @Test func `a list without names keeps those that the calendar has`() throws {
        let current = try builtin("ru")
        var bare = CalendarFile(form: "test", country: "ru")
        try bare.declare(2026)
        for (date, exception) in current.listed where date.year == 2026 {
            try bare.add(exception.kind, date, name: "", at: "row")
        }
        let plan = try importing(bare, as: "ru", over: current, years: nil)
        #expect(plan.calendar == current)
    }

    @Test func `a year of a calendar shows its rests, its worked weekends and its months`() throws {
        let year = CalendarYear(2026, of: try builtin("cn"))
        #expect(year.total == 248)
        #expect(year.workingDays == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23])
        #expect(
            year.rests.map { "\($0.first) \($0.length)" } == [
                "2026-01-01 3", "2026-02-15 9", "2026-04-04 3", "2026-05-01 5", "2026-06-19 3", "2026-09-25 3",
                "2026-10-01 7",
            ])
        #expect(
            year.workedWeekends.map(\.date.description) == [
                "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
            ])
        #expect(year.sources == ["国办发明电〔2025〕7号 2025-11-04"])
        #expect(year.isCovered)
        let unknown = CalendarYear(2027, of: try builtin("cn"))
        #expect(!unknown.isCovered && unknown.rests.isEmpty && unknown.total == 261)
        // A year that ends in a rest ends with it.
        #expect(
            CalendarYear(2027, of: try builtin("ru")).rests.last.map { "\($0.first) \($0.length)" } == "2027-12-31 1")
    }

    static let notices: [(now: String, ending: [String])] = [
        ("2026-11-30 23:00", []), ("2026-12-01 12:00", ["cn 2026-12-31"]), ("2027-03-01", ["cn 2026-12-31"]),
        ("2027-12-01 12:00", ["cn 2026-12-31", "ru 2027-12-31"]),
    ]

    @Test(arguments: notices)
    func `thirty days before a calendar's data end people are told`(now: String, ending: [String]) throws {
        let found = endingCalendars(try calendars(["cn", "ru", "plain", "daily"]), at: try shanghai(now))
        #expect(found.map { "\($0.id) \($0.end)" } == ending)
    }

    @Test func `a correction changes a calendar's signature, a name does not`() throws {
        let text = { (rows: String) in Array("# coverage: 2026..2026\n\(rows)".utf8) }
        let signature = { (rows: String) in try WorkCalendar(id: "x", csv: text(rows)).signature }
        #expect(try signature("2026-10-01,off,a,b\n") == signature("2026-10-01,off,c,d\n"))
        #expect(try signature("2026-10-01,off,a,b\n") != signature("2026-10-02,off,a,b\n"))
        #expect(try signature("2026-10-01,off,a,b\n") != signature("2026-10-01,work,a,b\n"))
    }
}
