// Whether people have to be told that a calendar's data are about to end.

/// How long before the last day that is known.
private let notice = 30

/// Those that end within 30 days or have ended, with their last days.
///
/// - Parameter calendars: Those in use, by stages or by recipients.
package func endingCalendars(_ calendars: [WorkCalendar], at now: Timestamp) -> [(id: String, end: LocalDate)] {
    let soon = Zone.utc.date(of: now).adding(days: notice)
    return calendars.compactMap { calendar in
        guard let end = calendar.coverageEnd, soon >= end else { return nil }
        return (calendar.id, end)
    }
}
