// Calendars in JSON: holiday-cn, lanceliao, chinese-days and timor.tech of China; xmlcalendar.ru and consultant.ru (as
// d10xa collects it) of Russia. Read 2026-11.

import ParcelCore

func jsonCalendar(_ bytes: [UInt8], year: Int?) throws(CalendarError) -> CalendarFile {
    let root: JSONNode
    do throws(JSONMistake) { root = try JSONDocument(bytes).root } catch {
        let line = bytes.prefix(error.offset).count { $0 == 10 } + 1
        throw CalendarError("line \(line): it begins like JSON and \(error.reason.rawValue)")
    }
    if let days = root["days"], root["year"] != nil { return try holidayCN(root, days) }
    if let years = root["Years"] { return try lanceliao(years) }
    if root["months"] != nil { return try XMLCalendarJSON(root, year: year).file() }
    if let holidays = root["holidays"] {
        return holidays.kind == .array ? try consultant(root) : try chineseDays(root)
    }
    if let holiday = root["holiday"] { return try timor(root, holiday, year: year) }
    let names = root.members.compactMap(\.name.string).prefix(5).map(shown).joined(separator: ", ")
    throw CalendarError("it is JSON of no form of calendar that is known" + (names.isEmpty ? "" : "; it has \(names)"))
}

// MARK: Reading values

extension JSONNode {
    /// Where it stands, for messages.
    fileprivate var place: String {
        let path = path()
        return path.isEmpty ? "the whole" : shown(path).filter { $0 != "\"" }
    }

    fileprivate func wrong(_ expected: String) -> CalendarError { CalendarError("\(place): expected \(expected)") }

    fileprivate func required(_ name: String) throws(CalendarError) -> JSONNode {
        guard kind == .object else { throw wrong("an object") }
        guard let member = self[name] else { throw CalendarError("\(place): \(name) is missing") }
        return member
    }

    fileprivate func list() throws(CalendarError) -> JSONElements {
        guard kind == .array else { throw wrong("a list") }
        return elements
    }

    /// Empty where there is none of that name.
    fileprivate func list(_ name: String) throws(CalendarError) -> JSONElements {
        guard let member = self[name], !member.isNull else { return elements }
        return try member.list()
    }

    fileprivate func object() throws(CalendarError) -> JSONMembers {
        guard kind == .object else { throw wrong("an object") }
        return members
    }

    fileprivate func text() throws(CalendarError) -> String {
        guard let string else { throw wrong("a text") }
        return string
    }

    fileprivate func date() throws(CalendarError) -> LocalDate {
        guard let string else { throw wrong("a date such as 2026-01-09") }
        guard let date = isoDate(string) else {
            throw CalendarError("\(place): \(shown(string)) is not a date that exists")
        }
        return date
    }

    fileprivate func year() throws(CalendarError) -> Int {
        guard let year = integer ?? string.flatMap({ Int64($0) }), (1..<10_000).contains(year) else {
            throw wrong("a year")
        }
        return Int(year)
    }

    /// The name of a holiday; a missing one is none.
    fileprivate func name(_ member: String) -> String { self[member]?.string ?? "" }
}

// MARK: China

/// `{year, papers, days: [{name, date, isOffDay}]}`, the year of the notice.
private func holidayCN(_ root: JSONNode, _ days: JSONNode) throws(CalendarError) -> CalendarFile {
    var file = CalendarFile(form: "holiday-cn JSON", country: "cn")
    let year = try root.required("year").year()
    try file.declare(year)
    let source = root["papers"]?.elements.compactMap(\.string).joined(separator: " ") ?? ""
    var count = 0
    for day in try days.list() {
        count += 1
        let date = try day.required("date").date()
        let isOff = try day.required("isOffDay")
        guard let isFree = isOff.bool else { throw isOff.wrong("true or false") }
        let name = day.name("name")
        try file.add(
            isFree ? .off : .work, date, name: isFree ? name : madeUp(for: name), source: source, at: day.place)
    }
    guard count > 0 else { throw CalendarError("\(year) is not published yet: its list of days is empty") }
    return file
}

/// `{Years: {"2026": [{Name, StartDate, EndDate, Duration, CompDays}]}}`, ends included.
private func lanceliao(_ years: JSONNode) throws(CalendarError) -> CalendarFile {
    var file = CalendarFile(form: "lanceliao JSON", country: "cn")
    for (name, holidays) in try years.object() {
        guard let year = name.string.flatMap({ Int($0) }) else {
            throw CalendarError("\(holidays.place): expected a year as the name")
        }
        var isPublished = false
        for holiday in try holidays.list() {
            isPublished = true
            let (first, last) = (try holiday.required("StartDate").date(), try holiday.required("EndDate").date())
            let length = last.ordinal - first.ordinal + 1
            guard (1...60).contains(length) else {
                throw CalendarError("\(holiday.place): from \(first) to \(last) is no holiday's length")
            }
            if let told = holiday["Duration"]?.integer, told != length {
                throw CalendarError(
                    "\(holiday.place): from \(first) to \(last) are \(length) days, and it says \(told)")
            }
            let (name, source) = (holiday.name("Name"), holiday.name("URL"))
            for ordinal in first.ordinal...last.ordinal {
                try file.add(.off, LocalDate(ordinal: ordinal), name: name, source: source, at: holiday.place)
            }
            for worked in try holiday.list("CompDays") {
                try file.add(.work, try worked.date(), name: madeUp(for: name), source: source, at: worked.place)
            }
        }
        if isPublished { try file.declare(year) }
    }
    guard !file.years.isEmpty else { throw CalendarError("no year is published: its lists of holidays are empty") }
    return file
}

/// `{holidays: {date: "English,中文,n"}, workdays: {…}}`; days off in lieu are among the holidays.
private func chineseDays(_ root: JSONNode) throws(CalendarError) -> CalendarFile {
    var file = CalendarFile(form: "chinese-days JSON", country: "cn")
    for (member, kind) in [("holidays", WorkCalendar.Kind.off), ("workdays", .work)] {
        for (key, value) in try root.required(member).object() {
            guard let date = key.string.flatMap(isoDate) else {
                throw CalendarError("\(member): \(shown(key.string ?? "")) is not a date that exists")
            }
            let words = try value.text().split(separator: ",", omittingEmptySubsequences: false)
            let name = String(words.count > 1 ? words[1] : words.first ?? "")
            try file.add(kind, date, name: kind == .off ? name : madeUp(for: name), at: "\(member).\(date)")
        }
    }
    return file
}

/// `{code: 0, holiday: {"01-04": {holiday: false, name, date, target}}}`; false is a worked weekend.
private func timor(_ root: JSONNode, _ holiday: JSONNode, year: Int?) throws(CalendarError) -> CalendarFile {
    if let code = root["code"]?.integer, code != 0 {
        throw CalendarError("the service answered with its error \(code)")
    }
    var file = CalendarFile(form: "timor.tech JSON", country: "cn")
    for (key, day) in try holiday.object() {
        guard day.kind == .object else {
            throw CalendarError("it is the answer about one day; save that about a whole year")
        }
        guard let isFree = try day.required("holiday").bool else {
            throw CalendarError("\(day.place).holiday: expected true or false")
        }
        let date: LocalDate
        if let given = day["date"] {
            date = try given.date()
        } else {
            guard let year else { throw CalendarError("\(day.place): it names no year; say --year") }
            guard let found = key.string.flatMap({ isoDate("\(padded(year, 4))-\($0)") }) else {
                throw CalendarError("\(day.place) is not a date that exists")
            }
            date = found
        }
        if let key = key.string, !date.description.hasSuffix(key) {
            throw CalendarError("\(day.place): it is called \(shown(key)), yet is about \(date)")
        }
        let target = day.name("target")
        try file.add(
            isFree ? .off : .work, date, name: isFree ? day.name("name") : madeUp(for: target), at: day.place)
    }
    return file
}

// MARK: Russia

/// `{holidays: [every free date, weekends too], preholidays: [shortened], nowork: [those of 2020 and 2021]}`.
private func consultant(_ root: JSONNode) throws(CalendarError) -> CalendarFile {
    var file = CalendarFile(form: "consultant.ru JSON", country: "ru")
    var free: [LocalDate: String] = [:]
    for date in try root.required("holidays").list() {
        let date = try date.date()
        free[date] = russianHoliday(date)
    }
    for extra in try root.list("nowork") {
        let date = try extra.date()
        if free[date, default: ""].isEmpty { free[date] = "Нерабочий день" }
    }
    for short in try root.list("preholidays") {
        let date = try short.date()
        guard free[date] == nil else { throw CalendarError("\(short.place): \(date) is both free and shortened") }
    }
    let years = Set(free.keys.map(\.year))
    for year in years { try file.declare(year) }
    try file.complete(free, years: years)
    return file
}

/// `{year, months: [{month, days: "1,2,9+,30*"}], transitions: [{from, to}], statistic: {workdays}}`.
private struct XMLCalendarJSON {
    let root: JSONNode
    let year: Int

    init(_ root: JSONNode, year asked: Int?) throws(CalendarError) {
        self.root = root
        if let told = root["year"] {
            year = try told.year()
        } else if let asked {
            year = asked
        } else {
            throw CalendarError("it names no year; say --year")
        }
    }

    func file() throws(CalendarError) -> CalendarFile {
        var file = CalendarFile(form: "xmlcalendar.ru JSON", country: "ru")
        try file.declare(year)
        var (moved, worked): ([LocalDate: String], [LocalDate: String]) = ([:], [:])
        for transition in try root.list("transitions") {
            let (from, to) = (transition.name("from"), transition.name("to"))
            guard let start = dottedDate(from, year: year), let end = dottedDate(to, year: year) else {
                throw CalendarError("\(transition.place): \(shown(from)) to \(shown(to)) are no dates of \(year)")
            }
            moved[end] = movedDayOff(from: start)
            worked[start] = workedDay(freeInstead: end)
        }
        var list = MonthList(year: year, moved: moved)
        var months = 0
        for month in try root.required("months").list() {
            months += 1
            guard let number = try month.required("month").integer, number == months else {
                throw CalendarError("\(month.place).month: expected \(months)")
            }
            try list.add(try month.required("days").text(), month: months, at: month.place)
        }
        guard months == 12 else { throw CalendarError("months: twelve are needed, it has \(months)") }
        try list.check(workingDays: root["statistic"]?["workdays"]?.integer.map(Int.init), at: "statistic.workdays")
        try file.complete(list.free, years: [year], workedNames: worked)
        return file
    }
}

/// The free days of a year, month by month: `1,2,9+,30*`; `+` was moved there, `*` is shortened and worked.
struct MonthList {
    let year: Int
    var moved: [LocalDate: String] = [:]
    private(set) var free: [LocalDate: String] = [:]
    private var short: Set<LocalDate> = []

    init(year: Int, moved: [LocalDate: String] = [:]) {
        self.year = year
        self.moved = moved
    }

    mutating func add(_ text: String, month: Int, at place: String) throws(CalendarError) {
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let trimmed = word.filter { !$0.isWhitespace }
            let isShort = trimmed.hasSuffix("*")
            let digits = isShort || trimmed.hasSuffix("+") ? trimmed.dropLast() : trimmed[...]
            guard let day = Int(digits), let date = LocalDate(year: year, month: month, day: day) else {
                throw CalendarError("\(place): \(shown(word)) is no day of month \(month)")
            }
            guard free[date] == nil, !short.contains(date) else {
                throw CalendarError("\(place): \(date) stands twice")
            }
            if isShort {
                short.insert(date)
            } else {
                free[date] = moved[date] ?? russianHoliday(date)
            }
        }
    }

    /// The list's own sum of working days tells whether a day was lost.
    func check(workingDays told: Int?, at place: String) throws(CalendarError) {
        let own = datesOf(year).count - free.count
        if let told, told != own {
            throw CalendarError("\(place): it says \(told) working days, its list makes \(own)")
        }
    }
}
