import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// One published file and what it is.
struct CalendarSample: Sendable, CustomTestStringConvertible {
    let name: String
    let form: String
    let country: String
    let year: Int
    /// For those that tell no year.
    var isAsked = false
    /// Whether the file says for which year it is complete.
    var isDeclared = true
    var testDescription: String { name }

    init(
        _ name: String, _ form: String, _ country: String, _ year: Int, asked: Bool = false, declared: Bool = true
    ) {
        (self.name, self.form, self.country, self.year) = (name, form, country, year)
        (isAsked, isDeclared) = (asked, declared)
    }

    func bytes() throws -> [UInt8] { try Fixture.bytes("calendars/" + name) }

    func read(_ bytes: [UInt8]) throws(CalendarError) -> CalendarFile {
        try readCalendarFile(bytes, year: isAsked ? year : nil)
    }
}

let calendarSamples: [CalendarSample] = [
    CalendarSample("holiday-cn-2019.json", "holiday-cn JSON", "cn", 2019),
    CalendarSample("holiday-cn-2023.json", "holiday-cn JSON", "cn", 2023),
    CalendarSample("holiday-cn-2026.json", "holiday-cn JSON", "cn", 2026),
    CalendarSample("holiday-cn-style-2026.ics", "holiday-cn ICS", "cn", 2026, declared: false),
    CalendarSample("lanceliao-holidayAPI-2026.json", "lanceliao JSON", "cn", 2026),
    CalendarSample("lanceliao-style-2026.ics", "lanceliao ICS", "cn", 2026, declared: false),
    CalendarSample("apple-style-2026.ics", "Apple ICS", "cn", 2026, declared: false),
    CalendarSample("chinese-days-style-2026.json", "chinese-days JSON", "cn", 2026, declared: false),
    CalendarSample("timor-style-2026.json", "timor.tech JSON", "cn", 2026, declared: false),
    CalendarSample("xmlcalendar-2021.xml", "xmlcalendar.ru XML", "ru", 2021),
    CalendarSample("xmlcalendar-2024.xml", "xmlcalendar.ru XML", "ru", 2024),
    CalendarSample("xmlcalendar-2027.xml", "xmlcalendar.ru XML", "ru", 2027),
    CalendarSample("xmlcalendar-2021.json", "xmlcalendar.ru JSON", "ru", 2021),
    CalendarSample("xmlcalendar-2024.json", "xmlcalendar.ru JSON", "ru", 2024),
    CalendarSample("xmlcalendar-2027.json", "xmlcalendar.ru JSON", "ru", 2027),
    CalendarSample("xmlcalendar-2021.txt", "xmlcalendar.ru TXT", "ru", 2021),
    CalendarSample("xmlcalendar-2024.txt", "xmlcalendar.ru TXT", "ru", 2024),
    CalendarSample("xmlcalendar-2024.csv", "xmlcalendar.ru CSV", "ru", 2024),
    CalendarSample("consultant-style-2021.json", "consultant.ru JSON", "ru", 2021),
    CalendarSample("consultant-style-2027.json", "consultant.ru JSON", "ru", 2027),
    CalendarSample("isdayoff-2021-pre1.txt", "isdayoff.ru", "ru", 2021, asked: true),
    CalendarSample("isdayoff-2024-pre1.txt", "isdayoff.ru", "ru", 2024, asked: true),
]

struct CalendarFilesTests {
    @Test(arguments: calendarSamples)
    func `each published form says of every day what the built-in calendar says`(sample: CalendarSample) throws {
        let file = try sample.read(sample.bytes())
        #expect(file.form == sample.form)
        #expect(file.country == sample.country)
        #expect(file.years == (sample.isDeclared ? [sample.year] : []))
        let builtin = try #require(try BuiltinCalendars.all()[sample.country])
        let alone = try importing(file, as: "x", over: nil, years: sample.year...sample.year)
        for date in datesOf(sample.year) {
            #expect(alone.calendar.day(date).isWorking == builtin.day(date).isWorking, "\(date)")
        }
        let over = try importing(file, as: sample.country, over: builtin, years: nil)
        #expect(over.changes.isEmpty && over.objections.isEmpty)
        #expect(over.areYearsGuessed == !sample.isDeclared)
    }

    @Test(arguments: calendarSamples)
    func `a mark at the beginning, Windows line ends and white space around change nothing`(sample: CalendarSample)
        throws
    {
        let text = String(decoding: try sample.bytes(), as: UTF8.self)
        let windows = text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        let file = try sample.read(Array("\u{FEFF}\(windows)\r\n\r\n".utf8))
        #expect(try file.days == sample.read(sample.bytes()).days)
    }

    @Test(arguments: calendarSamples)
    func `a file that is cut short never passes for a calendar with other days`(sample: CalendarSample) throws {
        let bytes = try sample.bytes()
        let builtin = try #require(try BuiltinCalendars.all()[sample.country])
        for length in stride(from: 0, to: bytes.count - 1, by: max(1, bytes.count / 400)) {
            do throws(CalendarError) {
                let file = try sample.read(Array(bytes.prefix(length)))
                let plan = try importing(file, as: "x", over: builtin, years: sample.year...sample.year)
                #expect(plan.changes.isEmpty || !plan.objections.isEmpty, "\(length) bytes")
            } catch {
                #expect(error.problems.count == 1 && !error.description.contains("\n"), "\(error)")
                #expect(!error.description.isEmpty && error.description.count < 300)
            }
        }
    }

    @Test(arguments: calendarSamples.filter { $0.name.hasSuffix(".json") })
    func `a value of another type is refused with its place, or harmless`(sample: CalendarSample) throws {
        let text = String(decoding: try sample.bytes(), as: UTF8.self)
        let builtin = try #require(try BuiltinCalendars.all()[sample.country])
        for value in ["7", "\"x\"", "[]", "{}", "null", "true"] {
            for match in text.matches(of: /: ?("[^"]*"|[0-9]+|true|false)/).prefix(60) {
                let changed = text.replacingCharacters(
                    in: match.output.1.startIndex..<match.output.1.endIndex, with: value)
                do throws(CalendarError) {
                    let file = try sample.read(Array(changed.utf8))
                    let plan = try importing(file, as: "x", over: builtin, years: sample.year...sample.year)
                    #expect(plan.changes.isEmpty || !plan.objections.isEmpty, "\(match.output.1) → \(value)")
                } catch {
                    #expect(error.problems.count == 1 && !error.description.contains("\n"), "\(error)")
                }
            }
        }
    }

    static let bad: [(text: String, year: Int?, part: String)] = [
        ("", nil, "it is empty"), (" \n\t\n", nil, "it is empty"), ("\u{FEFF}", nil, "it is empty"),
        ("<!DOCTYPE html><html><body>404</body></html>", nil, "it is a web page"),
        ("  <html lang=\"ru\"><head/></html>", nil, "it is a web page"),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]><calendar year=\"2026\"/>", nil, "it has a document type"),
        ("<feed><entry/></feed>", nil, "its root is <\"feed\">"),
        ("<calendar><days><day d=\"01.01\" t=\"1\"/></days></calendar>", nil, "year is missing"),
        ("<calendar year=\"2026\"><days/></calendar>", nil, "it has no days"),
        ("<calendar year=\"2026\">\n<day d=\"02.30\" t=\"1\"/></calendar>", nil, "line 2: \"02.30\" is no day of 2026"),
        ("<calendar year=\"2026\">\n<day d=\"02.03\" t=\"5\"/></calendar>", nil, "line 2: t is \"5\""),
        (
            "<calendar year=\"2026\">\n<day d=\"02.03\" t=\"1\"/>\n<day d=\"02.03\" t=\"3\"/></calendar>", nil,
            "line 3: 2026-02-03 is both off and work"
        ),
        ("<calendar year=\"2026\">\n<day d=\"02.03\" t=\"1\"/>", nil, "it is not XML, or is cut short"),
        ("{\"year\": 2027, \"papers\": [], \"days\": []}", nil, "2027 is not published yet"),
        ("{\"year\": 2026, \"days\": {}}", nil, "days: expected a list"),
        ("{\"year\": 2026, \"days\": [{\"date\": \"2026-01-01\"}]}", nil, "days[0]: isOffDay is missing"),
        (
            "{\"year\": 2026, \"days\": [{\"date\": \"2026-02-30\", \"isOffDay\": true}]}", nil,
            "days[0].date: \"2026-02-30\" is not a date that exists"
        ),
        (
            "{\"year\": 2026, \"days\": [{\"date\": \"2026-01-01\", \"isOffDay\": true}, {\"date\": \"2026-01-01\", \"isOffDay\": false}]}",
            nil, "days[1]: 2026-01-01 is both off and work"
        ),
        (
            "{\"year\": 2026, \"days\": [{\"date\": \"2025-11-01\", \"isOffDay\": true}]}", nil,
            "it is about 2026, yet holds 2025-11-01"
        ),
        (
            "{\"year\": 2026,\n \"days\": [}", nil, "line 2: it begins like JSON and is not JSON"
        ),
        ("{\"Years\": {\"2026\": []}}", nil, "no year is published"),
        (
            "{\"Years\": {\"2026\": [{\"Name\": \"x\", \"StartDate\": \"2026-01-01\", \"EndDate\": \"2026-01-03\", \"Duration\": 5}]}}",
            nil, "are 3 days, and it says 5"
        ),
        (
            "{\"Years\": {\"2026\": [{\"Name\": \"x\", \"StartDate\": \"2026-01-01\", \"EndDate\": \"2026-06-01\"}]}}",
            nil, "is no holiday's length"
        ),
        ("{\"code\": 3, \"holiday\": {}}", nil, "its error 3"),
        ("{\"code\": 0, \"holiday\": {}}", nil, "it has no days"),
        ("{\"code\": 0, \"holiday\": {\"01-01\": {\"holiday\": true}}}", nil, "it names no year; say --year"),
        (
            "{\"code\": 0, \"holiday\": {\"01-01\": {\"holiday\": true, \"date\": \"2026-01-02\"}}}", nil,
            "yet is about 2026-01-02"
        ),
        ("{\"code\": 0, \"holiday\": {\"holiday\": true, \"name\": \"x\"}}", nil, "the answer about one day"),
        ("{\"holidays\": {\"2026-01-01\": \"x\"}}", nil, "workdays is missing"),
        ("{\"holidays\": [\"2026-01-01\"]}", nil, "not listed as free"),
        ("{\"year\": 2026, \"months\": [{\"month\": 1, \"days\": \"1,x\"}]}", nil, "\"x\" is no day of month 1"),
        ("{\"year\": 2026, \"months\": [{\"month\": 1, \"days\": \"1\"}]}", nil, "months: twelve are needed, it has 1"),
        ("{\"a\": 1, \"b\": 2}", nil, "no form of calendar that is known; it has \"a\", \"b\""),
        ("[1, 2]", nil, "no form of calendar that is known"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", nil, "it has no events"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:元旦假期\n", nil, "is not closed: the file is cut short"),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nSUMMARY:New Year's Day\nEND:VEVENT\nEND:VCALENDAR\n",
            nil, "its events only name holidays"
        ),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260230\nSUMMARY:元旦假期\nEND:VEVENT\nEND:VCALENDAR\n",
            nil, "line 2: DTSTART \"20260230\" is not a date that exists"
        ),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260501\nSUMMARY:元旦假期\nEND:VEVENT\nEND:VCALENDAR\n",
            nil, "longer than 60 days"
        ),
        ("2026.01.01\n2026.01.32\n", nil, "line 2: \"2026.01.32\" is not a date"),
        ("2026.01.01\n", nil, "not listed as free"),
        ("010", 2026, "it has 3 days; 2026 has 365"), ("101", 2026, "its error 101"),
        (String(repeating: "0", count: 365), nil, "say --year"),
        (String(repeating: "0", count: 365), 2026, "are not listed as free"),
        (String(repeating: "3", count: 365), 2026, "day 1 (2026-01-01): 3 is none of"),
        ("2026,\"1,2\",\"3\"\n", nil, "twelve months are needed"),
        ("hello world\n", nil, "begins no form of calendar that is known"),
        ("# coverage: 2026..2026\n2026-02-30,off\n", nil, "line 2: \"2026-02-30\" is not a date that exists"),
        ("date,kind,name,source\n2026-02-03,off\n", nil, "no line \"# coverage: 2017..2026\""),
    ]

    @Test(arguments: bad)
    func `what is no calendar, or contradicts itself, is refused in one line that says where`(
        text: String, year: Int?, part: String
    ) {
        let error = #expect(throws: CalendarError.self) { try readCalendarFile(Array(text.utf8), year: year) }
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test func `what is no text is refused`() {
        for bytes in [[0xFF, 0xFE, 0x00], [0x1F, 0x8B, 0x08, 0x00], [0x50, 0x4B, 0x03, 0x04, 0xFF], [0x61, 0x00]]
            as [[UInt8]]
        {
            #expect(throws: CalendarError.self) { try readCalendarFile(bytes, year: nil) }
        }
    }

    @Test func `a line that is folded within a character is read whole`() throws {
        let head = Array("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260101\r\nSUMMARY:".utf8)
        let name = Array("元旦假期".utf8)
        let folded = head + name.prefix(4) + [13, 10, 32] + name.dropFirst(4)
        let file = try readCalendarFile(folded + Array("\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".utf8), year: nil)
        #expect(try file.days[ISO8601("2026-01-01").date]?.name == "元旦")
    }

    @Test func `a sum that does not fit its list is refused`() throws {
        let sample = try #require(calendarSamples.first { $0.name == "xmlcalendar-2024.json" })
        let text = String(decoding: try sample.bytes(), as: UTF8.self)
        for (from, to) in [("\"workdays\": 248", "\"workdays\": 247"), ("28,29+,30+", "28,29+")] {
            let changed = text.replacing(from, with: to)
            #expect(changed != text)
            let error = #expect(throws: CalendarError.self) { try sample.read(Array(changed.utf8)) }
            #expect(error?.description.contains("statistic.workdays") == true, "\(String(describing: error))")
        }
    }

    @Test func `half of the data, holidays without worked weekends or the other way, has to be looked at`() throws {
        let sample = try #require(calendarSamples.first { $0.form == "lanceliao ICS" })
        let text = String(decoding: try sample.bytes(), as: UTF8.self)
        let events = text.components(separatedBy: "BEGIN:VEVENT")
        for keepsWorked in [true, false] {
            let half = [events[0]] + events.dropFirst().filter { $0.contains("补班 ") == keepsWorked }
            var feed = half.joined(separator: "BEGIN:VEVENT")
            if !feed.contains("END:VCALENDAR") { feed += "END:VCALENDAR\n" }
            let plan = try importing(sample.read(Array(feed.utf8)), as: "cn", over: nil, years: 2026...2026)
            #expect(plan.objections.contains { $0.contains("the other half of the data is missing") })
        }
    }

    @Test func `names of holidays and of days that were moved are taken over`() throws {
        let names = { (name: String, date: String) in
            let sample = try #require(calendarSamples.first { $0.name == name })
            let file = try sample.read(sample.bytes())
            return try importing(file, as: "x", over: nil, years: sample.year...sample.year)
                .calendar.day(ISO8601(date).date).name
        }
        #expect(try names("holiday-cn-style-2026.ics", "2026-02-16") == "春节")
        #expect(try names("holiday-cn-style-2026.ics", "2026-02-14") == "春节（调休上班）")
        #expect(try names("lanceliao-style-2026.ics", "2026-01-01") == "元旦")
        #expect(try names("lanceliao-style-2026.ics", "2026-01-04") == "元旦（调休上班）")
        #expect(try names("apple-style-2026.ics", "2026-10-10") == "国庆节（调休上班）")
        #expect(try names("timor-style-2026.json", "2026-10-10") == "国庆节（调休上班）")
        #expect(try names("chinese-days-style-2026.json", "2026-05-04") == "劳动节")
        #expect(try names("xmlcalendar-2024.xml", "2024-04-29") == "Выходной (перенос с 27.04.2024)")
        #expect(try names("xmlcalendar-2024.json", "2024-04-27") == "Рабочий день (выходной перенесён на 29.04.2024)")
        #expect(try names("xmlcalendar-2024.txt", "2024-05-09") == "День Победы")
        #expect(try names("isdayoff-2024-pre1.txt", "2024-11-02") == "Рабочий день")
    }
}
