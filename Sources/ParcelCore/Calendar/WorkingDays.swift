// Silence is counted here: working dates d with dA < d <= dB, in the zone and calendars of a stage, with what lies over
// them.
// Definition and reasons: config/calendars/README.md.

package enum Combination: String, Sendable, Hashable, Codable, CaseIterable {
    /// A day counts only if every calendar works.
    case all
    /// A day counts if any calendar works.
    case any
}

package struct CountedDay: Sendable, Hashable {
    package let date: LocalDate
    package let counts: Bool
    package let isCertain: Bool
    /// Names of the holidays, worked weekends or overlay that decided it, in the data's own language; empty otherwise.
    package let name: String
}

package struct WorkingDays: Sendable {
    package let calendars: [WorkCalendar]
    package let combine: Combination
    package let zone: Zone
    package let overlays: [Overlay]

    package init(calendars: [WorkCalendar], combine: Combination, zone: Zone, overlays: [Overlay] = []) {
        self.calendars = calendars
        self.combine = combine
        self.zone = zone
        self.overlays = overlays
    }

    package func day(_ date: LocalDate) -> CountedDay {
        let day = plainDay(date)
        return overlays.isEmpty ? day : overlays.over(day) { isInHoliday(date) }
    }

    /// Whether the weekdays around a weekend are both named free days: the data need not list what is free anyway.
    private func isInHoliday(_ date: LocalDate) -> Bool {
        let isHoliday = { (weekday: LocalDate) in
            let day = plainDay(weekday)
            return !day.counts && !day.name.isEmpty
        }
        return isHoliday(date.adding(days: 5 - date.weekday)) && isHoliday(date.adding(days: 8 - date.weekday))
    }

    /// Without overlays.
    private func plainDay(_ date: LocalDate) -> CountedDay {
        let days = calendars.map { $0.day(date) }
        let counts = combine == .all ? days.allSatisfy(\.isWorking) : days.contains(where: \.isWorking)
        // One calendar that surely decides makes the others' ignorance harmless.
        let isSettled =
            combine == .all
            ? days.contains { $0.isCertain && !$0.isWorking } : days.contains { $0.isCertain && $0.isWorking }
        var names: [String] = []
        for day in days where !day.name.isEmpty && day.isWorking == counts && !names.contains(day.name) {
            names.append(day.name)
        }
        return CountedDay(
            date: date, counts: counts, isCertain: isSettled || days.allSatisfy(\.isCertain),
            name: names.joined(separator: ", "))
    }

    package func isWorking(_ date: LocalDate) -> (working: Bool, certain: Bool) {
        let day = day(date)
        return (day.counts, day.isCertain)
    }

    package func date(of moment: Moment) -> LocalDate {
        switch moment {
        case .instant(let instant): zone.date(of: instant)
        case .date(let date): date
        }
    }

    /// Working days after `start`, up to and including `end`. Never negative.
    ///
    /// - Returns: The count, and `certain: false` if a day outside a calendar's coverage was taken as Mon-Fri.
    package func elapsed(from start: Moment, to end: Moment) -> (days: Int, certain: Bool) {
        let first = date(of: start).ordinal + 1
        let last = date(of: end).ordinal
        guard isOrdered(start, end), first <= last else { return (0, true) }
        var count = 0
        var certain = true
        for ordinal in first...last {
            let day = day(LocalDate(ordinal: ordinal))
            if day.counts { count += 1 }
            certain = certain && day.isCertain
        }
        return (count, certain)
    }

    private func isOrdered(_ start: Moment, _ end: Moment) -> Bool {
        if case .instant(let a) = start, case .instant(let b) = end { return a < b }
        return true
    }

    /// The first instant of the `count`-th working date after `start`; `start` itself for 0.
    ///
    /// - Returns: Nil for a negative count, and where a thousand days in a row are not worked.
    package func due(from start: Moment, after count: Int) -> (instant: Timestamp, certain: Bool)? {
        guard count >= 0 else { return nil }
        if count == 0 {
            switch start {
            case .instant(let instant): return (instant, true)
            case .date(let date): return (zone.firstInstant(of: date), true)
            }
        }
        var date = date(of: start)
        var left = count
        var certain = true
        var idle = 0
        while idle < 1000 {
            date = date.adding(days: 1)
            let day = day(date)
            certain = certain && day.isCertain
            idle = day.counts ? 0 : idle + 1
            if day.counts { left -= 1 }
            if left == 0 { return (zone.firstInstant(of: date), certain) }
        }
        return nil
    }

    /// Each date after `start`, up to and including `end`, with whether it counts and why. At most ten years.
    package func days(from start: Moment, to end: Moment) -> [CountedDay] {
        let first = date(of: start).ordinal + 1
        let last = min(date(of: end).ordinal, first + 3660)
        guard first <= last else { return [] }
        return (first...last).map { day(LocalDate(ordinal: $0)) }
    }
}
