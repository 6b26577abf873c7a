// Calendars in plain text: xmlcalendar.ru's list of free dates and its table of months (as data.gov.ru has it), and
// isdayoff.ru's row of digits, one a day. Read 2026-11.

import ParcelCore

/// Every free date of one year or several, `2026.01.09`, one a line.
func listCalendar(_ lines: [String]) throws(CalendarError) -> CalendarFile {
    var file = CalendarFile(form: "xmlcalendar.ru TXT", country: "ru")
    var free: [LocalDate: String] = [:]
    for (index, line) in lines.enumerated() {
        let text = line.filter { !$0.isWhitespace }
        guard !text.isEmpty else { continue }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, let year = Int(parts[0]),
            let date = dottedDate("\(parts[1]).\(parts[2])", year: year)
        else { throw CalendarError("line \(index + 1): \(shown(line)) is not a date such as 2026.01.09") }
        free[date] = russianHoliday(date)
    }
    let years = Set(free.keys.map(\.year))
    for year in years { try file.declare(year) }
    try file.complete(free, years: years)
    return file
}

/// A row for each year: the year, twelve lists of free days, and sums, the first of which is of working days. A file of
/// one year may leave the year out.
func tableCalendar(_ lines: [String], year asked: Int?) throws(CalendarError) -> CalendarFile {
    var file = CalendarFile(form: "xmlcalendar.ru CSV", country: "ru")
    var free: [LocalDate: String] = [:]
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
        let place = "line \(index + 1)"
        guard var fields = fields(of: line) else { throw CalendarError("\(place): a quote is not closed") }
        // The heading has words where rows have days.
        if file.years.isEmpty, fields.contains(where: { $0.contains(where: \.isLetter) }) { continue }
        let year: Int
        if fields[0].count == 4, let told = Int(fields[0]) {
            year = told
            fields.removeFirst()
        } else if let asked {
            year = asked
        } else {
            throw CalendarError("\(place): \(shown(fields[0])) is no year; say --year")
        }
        guard fields.count >= 12 else {
            throw CalendarError("\(place): \(fields.count) columns beside the year; twelve months are needed")
        }
        guard !file.years.contains(year) else { throw CalendarError("\(place): \(year) stands twice") }
        try file.declare(year)
        var list = MonthList(year: year)
        for (month, days) in fields.prefix(12).enumerated() {
            try list.add(days, month: month + 1, at: "\(place), month \(month + 1)")
        }
        try list.check(workingDays: fields.count > 12 ? Int(fields[12]) : nil, at: place)
        free.merge(list.free) { own, _ in own }
    }
    guard !file.years.isEmpty else { throw CalendarError("it has no row of months") }
    try file.complete(free, years: file.years)
    return file
}

/// RFC 4180 fields, with commas or semicolons between; nil where a quote stays open.
private func fields(of line: String) -> [String]? {
    var fields = [""]
    var isQuoted = false
    let separator: Character = line.contains("\";") || line.contains(";\"") ? ";" : ","
    for character in line {
        switch character {
        case "\"": isQuoted.toggle()
        case separator where !isQuoted: fields.append("")
        default: fields[fields.count - 1].append(character)
        }
    }
    return isQuoted ? nil : fields.map { $0.filter { !$0.isWhitespace } }
}

// MARK: isdayoff.ru

/// Digits alone, or with one delimiter between them.
func isDayString(_ text: String) -> Bool {
    let characters = text.filter { !$0.isWhitespace }
    let digits = characters.filter { $0.isASCII && $0.isNumber }
    return !digits.isEmpty && Set(characters.filter { !($0.isASCII && $0.isNumber) }).count <= 1
        && characters.count < 2 * digits.count + 1
}

/// One digit a day from 1 January: 0 worked, 1 free, 2 shortened, 4 worked in the spring of 2020.
func dayStringCalendar(_ text: String, year: Int?) throws(CalendarError) -> CalendarFile {
    let digits = text.filter { $0.isASCII && $0.isNumber }
    switch digits {
    case "100", "101", "199": throw CalendarError("isdayoff.ru answered with its error \(digits), and no calendar")
    default: break
    }
    guard let year else { throw CalendarError("a row of digits names no year; say --year") }
    let dates = datesOf(year)
    guard digits.count == dates.count else {
        throw CalendarError("it has \(digits.count) days; \(year) has \(dates.count)")
    }
    var file = CalendarFile(form: "isdayoff.ru", country: "ru")
    try file.declare(year)
    var free: [LocalDate: String] = [:]
    for (index, (date, digit)) in zip(dates, digits).enumerated() {
        switch digit {
        case "0", "2", "4": continue
        case "1": free[date] = russianHoliday(date)
        default: throw CalendarError("day \(index + 1) (\(date)): \(digit) is none of 0, 1, 2 and 4")
        }
    }
    try file.complete(free, years: [year])
    return file
}
