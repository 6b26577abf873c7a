// What a calendar file of whatever form says, once it was read: which days are free and which are worked, and for which
// years it is complete. Reading the forms is the readers' matter, taking it over is CalendarImport's.

package struct CalendarFile: Sendable, Hashable {
    /// What people call the form, `holiday-cn JSON`.
    package let form: String
    /// Of the days, `cn`, `ru`; nil where nothing tells.
    package let country: String?
    /// The years for which it says to be complete.
    package private(set) var years: Set<Int> = []
    /// Also days that are so anyway, such as free Sundays.
    package private(set) var days: [LocalDate: WorkCalendar.Exception] = [:]

    package init(form: String, country: String?) {
        self.form = form
        self.country = country
    }

    package mutating func declare(_ year: Int) throws(CalendarError) {
        guard (1990...2100).contains(year) else { throw CalendarError("\(year) is no year that can be meant") }
        years.insert(year)
    }

    /// - Parameter place: Where the file says so, for the message that it contradicts itself.
    package mutating func add(
        _ kind: WorkCalendar.Kind, _ date: LocalDate, name: String, source: String = "", at place: String
    ) throws(CalendarError) {
        if let known = days[date], known.kind != kind {
            throw CalendarError("\(place): \(date) is both off and work")
        }
        let name = oneLine(name)
        if let known = days[date], name.isEmpty || !known.name.isEmpty { return }
        days[date] = WorkCalendar.Exception(kind, name: name, source: oneLine(source))
    }

    /// Days of years that the file does not declare belong to the year after, if they are in December.
    package func checkYears() throws(CalendarError) {
        guard !years.isEmpty else { return }
        for date in days.keys.sorted() where !years.contains(date.year) {
            let isBefore = date.parts.month == 12 && years.contains(date.year + 1)
            guard isBefore else {
                let declared = years.sorted().map(String.init).joined(separator: ", ")
                throw CalendarError("it is about \(declared), yet holds \(date)")
            }
        }
    }

    /// The years that its days are of, as far as they are not only the end of the year before a notice's own.
    package var yearsOfDays: [Int] {
        Set(days.compactMap { $0.key.parts.month < 12 ? $0.key.year : nil }).sorted()
    }
}

extension CalendarFile {
    /// A list that holds every free day of some years, also weekends: a weekend that it leaves out is worked.
    package mutating func complete(
        _ free: [LocalDate: String], years: Set<Int>, workedNames: [LocalDate: String] = [:]
    ) throws(CalendarError) {
        for (date, name) in free.sorted(by: { $0.key < $1.key }) {
            guard years.contains(date.year) else {
                throw CalendarError(
                    "it is about \(years.sorted().map(String.init).joined(separator: ", ")), yet holds \(date)")
            }
            try add(.off, date, name: name, at: "\(date)")
        }
        for year in years.sorted() {
            let worked = datesOf(year).filter { $0.weekday > 5 && free[$0] == nil }
            // No country works a fifth of a year's weekends.
            if let first = worked.first, worked.count > 20 {
                throw CalendarError(
                    "\(worked.count) weekend days of \(year) are not listed as free, the first of them \(first): the list is cut short, or of another year"
                )
            }
            // A worked Sunday is as rare as can be; the end of a list that was cut off has one.
            let sundays = datesOf(year).filter { $0.weekday == 7 && free[$0] == nil }
            if let last = sundays.last, sundays.count > 2 || last.adding(days: 7).year > year {
                throw CalendarError("\(last), a Sunday, is not listed as free: the list is cut short")
            }
            for date in worked { try add(.work, date, name: workedNames[date] ?? "", at: "\(date)") }
        }
    }
}

/// Every date of a year.
package func datesOf(_ year: Int) -> [LocalDate] {
    guard let first = LocalDate(year: year, month: 1, day: 1), let last = LocalDate(year: year, month: 12, day: 31)
    else { return [] }
    return (first.ordinal...last.ordinal).map(LocalDate.init(ordinal:))
}

/// Another's text for one field of one line.
private func oneLine(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(200) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
            if scalar.properties.isWhitespace { line.append(" ") }
        default: line.append(scalar)
        }
    }
    return String(line)
}

extension CalendarError {
    package init(_ problem: String) { self.init(problems: [problem]) }
}
