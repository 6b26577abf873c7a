// What becomes of the calendar in use when a file is taken over: which days change, what speaks against it, and the
// new data. Pure: the file as it was read and the calendar in use; nothing is written here.

package struct CalendarImport: Sendable {
    /// One day that would be counted otherwise than now.
    package struct Change: Sendable, Hashable {
        package let date: LocalDate
        package let isWorking: Bool
        package let name: String
        /// The year's data were there already: this corrects them.
        package let isCorrection: Bool
    }

    package struct YearCount: Sendable, Hashable {
        package let year: Int
        /// Nil where the year had no data.
        package let before: Int?
        package let after: Int
    }

    package let calendar: WorkCalendar
    /// The years that are taken from the file.
    package let years: [Int]
    /// The file does not say for which years it is complete.
    package let areYearsGuessed: Bool
    package let changes: [Change]
    package let counts: [YearCount]
    /// What a person has to have looked at; empty where it may be taken over as it is.
    package let objections: [String]
}

/// - Parameters:
///   - current: The calendar in use; nil for one that has no data yet.
///   - wanted: The years to take from the file; nil for all that it declares, or that its days are of.
/// - Returns: Nothing that contradicts itself; that is thrown.
package func importing(
    _ file: CalendarFile, as id: String, over current: WorkCalendar?, years wanted: ClosedRange<Int>?
) throws(CalendarError) -> CalendarImport {
    let years = try chosenYears(file, wanted)
    let covered = current?.coverage
    let coverage = try united(years, covered, id)
    var days: [LocalDate: WorkCalendar.Exception] = [:]
    for (date, exception) in current?.listed ?? [] where !years.contains(date.year) { days[date] = exception }
    for (date, exception) in file.days where years.contains(date.year) || rulesYearBefore(date, years, covered) {
        days[date] = kept(exception, on: date, file, current)
    }
    let calendar = WorkCalendar(id: id, coverage: coverage, exceptions: days.compactMapValues { $0 })
    try refuseLongSpans(calendar, years)
    let affected = years.flatMap(datesOf) + file.days.keys.filter { rulesYearBefore($0, years, covered) }.sorted()
    let changes: [CalendarImport.Change] = affected.compactMap { date in
        let (before, after) = (current?.day(date), calendar.day(date))
        let isKnown = before?.isCertain == true
        let wasWorking = before?.isWorking ?? (date.weekday < 6)
        guard wasWorking != after.isWorking else { return nil }
        return CalendarImport.Change(date: date, isWorking: after.isWorking, name: after.name, isCorrection: isKnown)
    }.sorted { $0.date < $1.date }
    let counts = years.map { year in
        CalendarImport.YearCount(
            year: year, before: covered?.contains(year) == true ? current.map { workingDays(of: year, $0) } : nil,
            after: workingDays(of: year, calendar))
    }
    return CalendarImport(
        calendar: calendar, years: years, areYearsGuessed: file.years.isEmpty && wanted == nil, changes: changes,
        counts: counts, objections: objections(file, changes, counts, current))
}

/// Working days of a whole year, or of one month.
package func workingDays(of year: Int, month: Int? = nil, _ calendar: WorkCalendar) -> Int {
    datesOf(year).count { (month == nil || $0.parts.month == month) && calendar.day($0).isWorking }
}

private func chosenYears(_ file: CalendarFile, _ wanted: ClosedRange<Int>?) throws(CalendarError) -> [Int] {
    let known = file.years.isEmpty ? file.yearsOfDays : file.years.sorted()
    let names = known.map(String.init).joined(separator: ", ")
    guard let first = known.first, let last = known.last else {
        throw CalendarError("it has no days")
    }
    guard let wanted else {
        guard last - first == known.count - 1 else {
            throw CalendarError("it is about \(names), with a gap between; choose with --year")
        }
        return known
    }
    for year in wanted where !known.contains(year) {
        throw CalendarError("it is about \(names), not about \(year)")
    }
    return Array(wanted)
}

/// Coverage is one range of years: a gap in it would be a year without holidays.
private func united(
    _ years: [Int], _ covered: ClosedRange<Int>?, _ id: String
) throws(CalendarError) -> ClosedRange<Int> {
    guard let first = years.first, let last = years.last else { throw CalendarError("it has no days") }
    guard let covered else { return first...last }
    guard first <= covered.upperBound + 1, last >= covered.lowerBound - 1 else {
        let missing = first > covered.upperBound ? covered.upperBound + 1 : covered.lowerBound - 1
        throw CalendarError(
            "\(id) covers \(covered.lowerBound)..\(covered.upperBound): \(missing) is missing before \(first) can be added"
        )
    }
    return min(first, covered.lowerBound)...max(last, covered.upperBound)
}

/// The notice of a year may rule days of the December before.
private func rulesYearBefore(_ date: LocalDate, _ years: [Int], _ covered: ClosedRange<Int>?) -> Bool {
    date.parts.month == 12 && !years.contains(date.year) && years.contains(date.year + 1)
        && covered?.contains(date.year) == true
}

/// As the calendar has it from now on: without what goes without saying, and with the name that it had, if the file has
/// none. Nil where it is an ordinary day.
private func kept(
    _ exception: WorkCalendar.Exception, on date: LocalDate, _ file: CalendarFile, _ current: WorkCalendar?
) -> WorkCalendar.Exception? {
    let isOrdinary = (exception.kind == .work) == (date.weekday < 6)
    if isOrdinary, exception.kind == .work || exception.name.isEmpty { return nil }
    let known = current?.listed(on: date)
    if exception.name.isEmpty, let known, known.kind == exception.kind { return known }
    let name = exception.name.isEmpty ? ordinaryName(exception.kind, file.country) : exception.name
    return WorkCalendar.Exception(
        exception.kind, name: name, source: exception.source.isEmpty ? file.form : exception.source)
}

private func ordinaryName(_ kind: WorkCalendar.Kind, _ country: String?) -> String {
    switch (country, kind) {
    case ("cn", .off): "放假"
    case ("cn", .work): "调休上班"
    case ("ru", .off): "Выходной"
    case ("ru", .work): "Рабочий день"
    case (_, .off): "day off"
    case (_, .work): "working day"
    }
}

/// Nobody rests for two months; a range that does was mistyped.
private func refuseLongSpans(_ calendar: WorkCalendar, _ years: [Int]) throws(CalendarError) {
    var run = 0
    for date in years.flatMap(datesOf) {
        run = calendar.day(date).isWorking ? 0 : run + 1
        if run > 60 { throw CalendarError("more than 60 days in a row would be free, until \(date) at least") }
    }
}

private func objections(
    _ file: CalendarFile, _ changes: [CalendarImport.Change], _ counts: [CalendarImport.YearCount],
    _ current: WorkCalendar?
) -> [String] {
    var found: [String] = []
    let flips = changes.filter(\.isCorrection)
    if let first = flips.first {
        let days = flips.count == 1 ? "1 published day" : "\(flips.count) published days"
        found.append(
            "\(days) would change, the first of them \(first.date), which is \(first.isWorking ? "free" : "worked") until now"
        )
    }
    for count in counts {
        // Every year of China's has worked weekends: without them half of the data is missing.
        let own = file.days.filter { $0.key.year == count.year }
        if file.country == "cn", !own.values.contains(where: { $0.kind == .work }) {
            found.append("\(count.year) has holidays and no worked weekend: the other half of the data is missing")
        }
        if file.country == "cn", !own.values.contains(where: { $0.kind == .off }) {
            found.append("\(count.year) has worked weekends and no holiday: the other half of the data is missing")
        }
        guard let usual = count.before ?? neighbour(of: count.year, current), abs(usual - count.after) > 8 else {
            continue
        }
        found.append(
            "\(count.year) would have \(count.after) working days; \(count.before == nil ? "the nearest year has" : "it had") \(usual)"
        )
    }
    return found
}

/// Working days of the covered year that is nearest.
private func neighbour(of year: Int, _ calendar: WorkCalendar?) -> Int? {
    guard let calendar, let covered = calendar.coverage else { return nil }
    return workingDays(of: min(max(year, covered.lowerBound), covered.upperBound), calendar)
}

// MARK: Text

extension WorkCalendar {
    /// As a file that `init(id:csv:)` reads.
    ///
    /// - Parameter comments: Lines that stand before the rows, without their `#`.
    package func csv(comments: [String]) -> String {
        var lines = comments.map { "#" + $0 }
        if let coverage { lines.append("# coverage: \(coverage.lowerBound)..\(coverage.upperBound)") }
        lines.append("date,kind,name,source")
        for (date, exception) in listed {
            lines.append(
                "\(date),\(exception.kind.rawValue),\(quoted(exception.name)),\(quoted(exception.source))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

private func quoted(_ value: String) -> String {
    guard value.contains(where: { $0 == "," || $0 == "\"" }) else { return value }
    return "\"" + value.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
