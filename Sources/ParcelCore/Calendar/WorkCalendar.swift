// Which days are worked in one country, from published data, and how far those data reach. Pure: a file's bytes in.

package struct CalendarError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Every problem of the file, each with its line.
    package let problems: [String]
    package var description: String { problems.joined(separator: "\n") }
}

package struct WorkCalendar: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable { case off, work }

    package struct Exception: Sendable, Hashable {
        package let kind: Kind
        package let name: String
        /// Which act or file says so.
        package let source: String

        package init(_ kind: Kind, name: String, source: String) {
            self.kind = kind
            self.name = name
            self.source = source
        }
    }

    /// What one date is.
    package struct Day: Sendable, Hashable {
        package let isWorking: Bool
        /// False outside the coverage: then it is counted as Mon-Fri.
        package let isCertain: Bool
        /// The holiday or the worked weekend, in the data's own language; empty for an ordinary day.
        package let name: String
    }

    package let id: String
    /// Nil: the calendar is its week alone and knows every year.
    package let coverage: ClosedRange<Int>?
    /// Worked weekdays of an ordinary week; 1 is Monday.
    private let week: ClosedRange<Int>
    /// By ordinal. Also redundant ones, such as a Sunday within a holiday.
    private let exceptions: [Int: Exception]

    package static let plain = WorkCalendar(id: "plain", week: 1...5)
    package static let six = WorkCalendar(id: "six", week: 1...6)
    package static let daily = WorkCalendar(id: "daily", week: 1...7)

    private init(id: String, week: ClosedRange<Int>) {
        self.id = id
        self.week = week
        coverage = nil
        exceptions = [:]
    }

    /// - Parameter coverage: The years for which the exceptions are complete.
    package init(id: String, coverage: ClosedRange<Int>, exceptions: [LocalDate: Exception]) {
        self.id = id
        self.coverage = coverage
        week = 1...5
        self.exceptions = Dictionary(uniqueKeysWithValues: exceptions.map { ($0.key.ordinal, $0.value) })
    }

    /// Reads `date,kind,name,source` rows, kind `off` or `work`. A comment `# coverage: 2017..2026` declares the years
    /// for which the file is complete; it is never derived from the rows.
    package init(id: String, csv: [UInt8]) throws(CalendarError) {
        var reading = CalendarReading()
        for (index, line) in csv.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            reading.read(line, number: index + 1)
        }
        if reading.coverage == nil {
            reading.problems.append(
                "\(id): no line \"# coverage: 2017..2026\" says for which years the file is complete")
        }
        guard reading.problems.isEmpty else { throw CalendarError(problems: reading.problems) }
        self.id = id
        week = 1...5
        coverage = reading.coverage
        exceptions = reading.exceptions
    }

    package func day(_ date: LocalDate) -> Day {
        if let exception = exceptions[date.ordinal], coverage?.contains(date.year) != false {
            return Day(isWorking: exception.kind == .work, isCertain: true, name: exception.name)
        }
        return Day(
            isWorking: week.contains(date.weekday), isCertain: coverage?.contains(date.year) ?? true, name: "")
    }

    /// Every exception, the oldest first.
    package var listed: [(date: LocalDate, exception: Exception)] {
        exceptions.sorted { $0.key < $1.key }.map { (LocalDate(ordinal: $0.key), $0.value) }
    }

    package func listed(on date: LocalDate) -> Exception? { exceptions[date.ordinal] }

    /// Differs where another set of days is worked, so that a file that was corrected is noticed.
    package var signature: Int64 {
        var print = Fingerprint()
        print.add("\(id) \(week) \(coverage.map { "\($0)" } ?? "")")
        for (date, exception) in listed { print.add("\(date.ordinal) \(exception.kind.rawValue)") }
        return print.value
    }

    /// The last day for which the data are complete; nil where every year is known.
    package var coverageEnd: LocalDate? { coverage.flatMap { LocalDate(year: $0.upperBound, month: 12, day: 31) } }
}

private struct CalendarReading {
    var exceptions: [Int: WorkCalendar.Exception] = [:]
    var coverage: ClosedRange<Int>?
    var problems: [String] = []

    mutating func read(_ line: ArraySlice<UInt8>, number: Int) {
        var text = String(decoding: line, as: UTF8.self)
        if text.hasSuffix("\r") { text.removeLast() }
        if number == 1, text.hasPrefix("\u{FEFF}") { text.removeFirst() }
        if text.allSatisfy({ $0 == " " }) || text.hasPrefix("date,kind") { return }
        if text.hasPrefix("#") { return comment(text, number) }
        guard let fields = CalendarReading.fields(text) else { return report(number, "a quote is not closed") }
        guard fields.count >= 2 else { return report(number, "\"\(text.prefix(40))\" is not date,kind,name,source") }
        guard let date = try? ISO8601(fields[0]), date.secondOfDay == nil else {
            return report(number, "\"\(fields[0].prefix(20))\" is not a date that exists")
        }
        guard let kind = WorkCalendar.Kind(rawValue: fields[1]) else {
            return report(number, "\"\(fields[1].prefix(20))\" is neither off nor work")
        }
        let name = fields.count > 2 ? fields[2] : ""
        if let other = exceptions[date.date.ordinal], other.kind != kind {
            return report(number, "\(date.date) is both off and work")
        }
        exceptions[date.date.ordinal] = WorkCalendar.Exception(
            kind, name: name, source: fields.count > 3 ? fields[3] : "")
    }

    private mutating func comment(_ text: String, _ number: Int) {
        let body = text.dropFirst().drop { $0 == " " }
        guard body.hasPrefix("coverage:") else { return }
        let words = body.dropFirst(9).filter { $0 != " " }.split(separator: ".", omittingEmptySubsequences: false)
        let years = words.compactMap { Int($0) }
        guard words.count == 3, words[1].isEmpty, years.count == 2, years[0] <= years[1], years[0] >= 1900,
            years[1] <= 9999
        else { return report(number, "coverage is not of the form 2017..2026") }
        let declared = years[0]...years[1]
        guard coverage == nil || coverage == declared else { return report(number, "coverage is declared twice") }
        coverage = declared
    }

    private mutating func report(_ line: Int, _ problem: String) { problems.append("line \(line): \(problem)") }

    /// RFC 4180 fields: quotes may hold commas, and a doubled quote is one. Nil where a quote stays open.
    static func fields(_ line: String) -> [String]? {
        var fields: [String] = [""]
        var isQuoted = false
        var previous: Character = " "
        for character in line {
            switch character {
            case "\"":
                if isQuoted == false, previous == "\"" { fields[fields.count - 1].append("\"") }
                isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
            previous = character
        }
        return isQuoted ? nil : fields
    }
}
