// Dates as the vendors write them: with an offset, without a zone, a day alone, or nothing. Which instant a zoneless
// one is, and whether it can be believed, is decided where it is used.

import ParcelCore

/// No documented form is longer; a longer text is none of them.
private let longestTime = 40

func givenTime(_ text: String?) -> GivenTime {
    // One documented sample carries the literal text "null".
    guard let text, !text.isEmpty, text != "null" else { return .none }
    guard text.utf8.count <= longestTime, let parsed = try? ISO8601(text) else {
        return .unreadable(text: clipped(text, 64))
    }
    if let instant = parsed.instant { return .instant(instant, text: text) }
    if let second = parsed.secondOfDay { return .zoneless(parsed.date, secondOfDay: second, text: text) }
    return .date(parsed.date, text: text)
}

/// A day and a time of day that stand in two members; the day's member may carry a midnight of its own.
func givenTime(day: String, clock: String) -> GivenTime {
    var clock = clock.split(separator: "T").last.map(String.init) ?? ""
    if clock.dropFirst().first == ":" { clock = "0" + clock }
    let date = day.prefix(10)
    if !clock.isEmpty { return givenTime("\(date)T\(clock)") }
    return givenTime(day.dropFirst(10) == "T00:00:00" ? String(date) : day)
}

/// A history with its oldest row first, whichever way round it came. Of rows of one instant, and of those that say no
/// instant, the given order counts.
///
/// - Parameter isNewestFirst: The provider's habit, which decides where the times do not.
func oldestFirst<Row>(_ rows: [Row], isNewestFirst: Bool, time: (Row) -> GivenTime) -> [Row] {
    let dated = rows.map { row -> (row: Row, at: Timestamp?) in
        if case .instant(let instant, _) = time(row) { (row, instant) } else { (row, nil) }
    }
    let instants = dated.compactMap(\.at)
    var isReversed = isNewestFirst
    if let first = instants.first, let last = instants.last, first != last { isReversed = first > last }
    var latest = Timestamp(milliseconds: .min)
    // A row without an instant stays with the one before it.
    let placed = (isReversed ? dated.reversed() : dated).map { row in
        latest = row.at ?? latest
        return (row: row.row, at: latest)
    }
    return placed.sorted { $0.at < $1.at }.map(\.row)
}
