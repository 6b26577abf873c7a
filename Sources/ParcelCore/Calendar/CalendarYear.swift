// One year of a calendar as people look at it: when it is free, which weekends are worked, how much there is to work.

package struct CalendarYear: Sendable, Hashable {
    /// Days in a row on which nobody works, of which a holiday is one.
    package struct Rest: Sendable, Hashable {
        package var first: LocalDate
        package var last: LocalDate
        package var names: [String]

        package var length: Int { last.ordinal - first.ordinal + 1 }
    }

    package struct Named: Sendable, Hashable {
        package let date: LocalDate
        package let name: String
    }

    package let year: Int
    /// False outside the coverage: then it is Monday to Friday.
    package let isCovered: Bool
    /// Within the year, even where a rest goes on before or after.
    package private(set) var rests: [Rest] = []
    package private(set) var workedWeekends: [Named] = []
    package private(set) var workingDays = [Int](repeating: 0, count: 12)
    /// The acts or files that say so, each once.
    package private(set) var sources: [String] = []

    package var total: Int { workingDays.reduce(0, +) }

    package init(_ year: Int, of calendar: WorkCalendar) {
        self.year = year
        isCovered = calendar.coverage?.contains(year) ?? true
        var open: Rest?
        var isHoliday = false
        for date in datesOf(year) {
            let day = calendar.day(date)
            let listed = isCovered ? calendar.listed(on: date) : nil
            if let source = listed?.source, !source.isEmpty, !sources.contains(source) { sources.append(source) }
            if day.isWorking {
                workingDays[date.parts.month - 1] += 1
                if listed != nil, date.weekday > 5 { workedWeekends.append(Named(date: date, name: day.name)) }
                if let rest = open, isHoliday { rests.append(rest) }
                (open, isHoliday) = (nil, false)
                continue
            }
            var rest = open ?? Rest(first: date, last: date, names: [])
            rest.last = date
            if listed != nil {
                isHoliday = true
                if !day.name.isEmpty, !rest.names.contains(day.name) { rest.names.append(day.name) }
            }
            open = rest
        }
        if let rest = open, isHoliday { rests.append(rest) }
    }
}
