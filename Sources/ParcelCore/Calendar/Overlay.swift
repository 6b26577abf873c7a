// What one place does differently from its country: free ranges and worked days of its own, a longer week. It lies over
// the calendars of the stages that it is for; where it says nothing, they count as before.

package struct Overlay: Sendable, Hashable, Codable {
    package enum Week: String, Sendable, Hashable, Codable, CaseIterable {
        /// Saturdays are worked.
        case six
        /// Saturdays and Sundays are.
        case seven

        fileprivate func works(on weekday: Int) -> Bool { weekday <= (self == .six ? 6 : 7) }
    }

    /// Explains a day that it decides.
    package var name: String
    package var off: [ClosedRange<LocalDate>]
    package var work: [ClosedRange<LocalDate>]
    package var week: Week?
    package var stages: [Stage]
    /// Also every stage of which one of these is the first to be written to.
    package var contacts: [ContactRole]

    package init(
        name: String, off: [ClosedRange<LocalDate>] = [], work: [ClosedRange<LocalDate>] = [], week: Week? = nil,
        stages: [Stage] = [], contacts: [ContactRole] = []
    ) {
        self.name = name
        self.off = off
        self.work = work
        self.week = week
        self.stages = stages
        self.contacts = contacts
    }

    /// Only the first contact: while the carrier has to act, nobody waits for the logist who comes after it.
    package func isFor(_ stage: Stage, _ rule: StageSettings) -> Bool {
        stages.contains(stage) || rule.contacts.first.map { contacts.contains($0) } == true
    }
}

extension [Overlay] {
    /// The day as it is with these: free days of any go before worked days, and both before longer weeks.
    ///
    /// - Parameter day: As the calendars have it.
    /// - Parameter isInHoliday: Whether the date is a weekend within a holiday; asked only where that matters.
    func over(_ day: CountedDay, isInHoliday: () -> Bool) -> CountedDay {
        let date = day.date
        if let free = first(where: { $0.off.contains { $0.contains(date) } }) {
            return CountedDay(date: date, counts: false, isCertain: true, name: free.name)
        }
        if let worked = first(where: { $0.work.contains { $0.contains(date) } }) {
            return CountedDay(date: date, counts: true, isCertain: true, name: worked.name)
        }
        // A longer week makes ordinary weekends worked, no holidays.
        guard !day.counts, day.name.isEmpty, date.weekday > 5,
            let longer = first(where: { $0.week?.works(on: date.weekday) == true }), !isInHoliday()
        else { return day }
        return CountedDay(date: date, counts: true, isCertain: day.isCertain, name: longer.name)
    }
}
