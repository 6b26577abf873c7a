// Calendar files as others publish them: which of their forms one has, told by its contents and never by its name.
// Bytes in; the days that it says, or what is wrong with it and where. Each form has its reader in this folder; what a
// file changes is decided in the core.

package import ParcelCore

/// Nobody's calendar is anywhere near.
private let largest = 8 << 20

/// - Parameter year: For forms that tell no year at all.
package func readCalendarFile(_ bytes: [UInt8], year: Int?) throws(CalendarError) -> CalendarFile {
    guard bytes.count <= largest else { throw CalendarError("it is larger than 8 MiB: no calendar") }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = Array(bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...])
    // Lines of iCalendar may be folded within a character.
    let read = String(validating: content, as: UTF8.self) ?? String(validating: unfolded(content), as: UTF8.self)
    guard let text = read, !content.contains(0) else {
        throw CalendarError(
            bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x50, 0x4B])
                ? "it is packed; unpack it first" : "it is not UTF-8 text")
    }
    guard let first = content.first(where: { $0 > 32 }) else { throw CalendarError("it is empty") }
    var file: CalendarFile
    switch Character(UnicodeScalar(first)) {
    case "{", "[": file = try jsonCalendar(content, year: year)
    case "<": file = try xmlCalendar(content)
    default: file = try textCalendar(text, year: year)
    }
    guard !file.days.isEmpty else { throw CalendarError("it has no days") }
    try file.checkYears()
    return file
}

/// Without each line end that white space follows.
private func unfolded(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var index = 0
    while index < bytes.count {
        let rest = bytes[index...]
        if let end = [[13, 10, 32], [13, 10, 9], [10, 32], [10, 9]].first(where: { rest.starts(with: $0) }) {
            index += end.count
        } else {
            out.append(bytes[index])
            index += 1
        }
    }
    return out
}

private func textCalendar(_ text: String, year: Int?) throws(CalendarError) -> CalendarFile {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    guard let first = lines.first(where: { !$0.allSatisfy(\.isWhitespace) }) else {
        throw CalendarError("it is empty")
    }
    let start = first.drop(while: \.isWhitespace)
    if start.uppercased().hasPrefix("BEGIN:") { return try icsCalendar(text) }
    if start.hasPrefix("#") || start.hasPrefix("date,kind") { return try ownCalendar(text) }
    if start.wholeMatch(of: /[0-9]{4}\.[0-9]{2}\.[0-9]{2}\s*/) != nil { return try listCalendar(lines) }
    if isDayString(text) { return try dayStringCalendar(text, year: year) }
    if first.contains(",") || first.contains(";") { return try tableCalendar(lines, year: year) }
    throw CalendarError("line 1: \(shown(first)) begins no form of calendar that is known")
}

/// The house's own form.
private func ownCalendar(_ text: String) throws(CalendarError) -> CalendarFile {
    let calendar = try WorkCalendar(id: "the file", csv: Array(text.utf8))
    var file = CalendarFile(form: "parceld CSV", country: nil)
    for year in calendar.coverage ?? 0...0 { try file.declare(year) }
    for (date, exception) in calendar.listed {
        // What lies outside the years that it declares is of no account there, and not here.
        let isOf = file.years.contains(date.year) || date.parts.month == 12 && file.years.contains(date.year + 1)
        guard isOf else { continue }
        try file.add(exception.kind, date, name: exception.name, source: exception.source, at: "\(date)")
    }
    return file
}

// MARK: What the readers share

/// A text of the file's as messages show it.
func shown(_ text: some StringProtocol) -> String {
    let plain = text.unicodeScalars.prefix(40).map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: " "
        default: String(scalar)
        }
    }
    return "\"\(plain.joined())\(text.unicodeScalars.count > 40 ? "…" : "")\""
}

/// `2026-01-09`; nil for anything else.
func isoDate(_ text: String) -> LocalDate? {
    guard let read = try? ISO8601(text), read.secondOfDay == nil else { return nil }
    return read.date
}

/// `01.09` or `2026.01.09` of that year; nil for anything else.
func dottedDate(_ text: some StringProtocol, year: Int) -> LocalDate? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let month = Int(parts[0]), let day = Int(parts[1])
    else { return nil }
    return LocalDate(year: year, month: month, day: day)
}

/// The names that Labour Code art. 112 gives to fixed dates, for lists that have none.
func russianHoliday(_ date: LocalDate) -> String {
    let (_, month, day) = date.parts
    switch (month, day) {
    case (1, 7): return "Рождество Христово"
    case (1, 1...8): return "Новогодние каникулы"
    case (2, 23): return "День защитника Отечества"
    case (3, 8): return "Международный женский день"
    case (5, 1): return "Праздник Весны и Труда"
    case (5, 9): return "День Победы"
    case (6, 12): return "День России"
    case (11, 4): return "День народного единства"
    default: return ""
    }
}

/// `03.01.2026`, as Russian texts write it.
func russianDate(_ date: LocalDate) -> String {
    let (year, month, day) = date.parts
    return "\(padded(day, 2)).\(padded(month, 2)).\(year)"
}

func movedDayOff(from date: LocalDate) -> String { "Выходной (перенос с \(russianDate(date)))" }
func workedDay(freeInstead date: LocalDate) -> String { "Рабочий день (выходной перенесён на \(russianDate(date)))" }

/// `春节（调休上班）`: a weekend that is worked for a holiday.
func madeUp(for holiday: String) -> String { holiday.isEmpty ? "调休上班" : holiday + "（调休上班）" }
