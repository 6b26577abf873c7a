// Calendars in iCalendar (RFC 5545): holiday-cn's, lanceliao's and Apple's of China. None says for which years it is
// complete. Feeds that only name holidays are refused: they know no worked weekend.

import ParcelCore

func icsCalendar(_ text: String) throws(CalendarError) -> CalendarFile {
    let events = try ICSReader(text).events
    guard !events.isEmpty else { throw CalendarError("it has no events") }
    let isApple = events.contains { $0.special != nil }
    let isTimed = events.contains { $0.summary.contains("补班") }
    var file = CalendarFile(
        form: isApple ? "Apple ICS" : isTimed ? "lanceliao ICS" : "holiday-cn ICS", country: "cn")
    for event in events {
        guard let (kind, name) = isApple ? event.appleMeaning : event.meaning else { continue }
        for date in try event.dates(kind) {
            try file.add(kind, date, name: kind == .off ? name : madeUp(for: name), at: "line \(event.line)")
        }
    }
    guard !file.days.isEmpty else {
        throw CalendarError(
            "its events only name holidays (the first is \(shown(events[0].summary))): nothing says which days are free and which weekends are worked"
        )
    }
    return file
}

private struct ICSEvent {
    /// Of its BEGIN.
    let line: Int
    var summary = ""
    var start = ""
    var end = ""
    var special: String?
    var isRepeating = false

    /// What is repeated every year is a festival's name, and no published day.
    var appleMeaning: (WorkCalendar.Kind, String)? {
        guard !isRepeating else { return nil }
        switch special {
        case "WORK-HOLIDAY": return (.off, holiday)
        case "ALTERNATE-WORKDAY": return (.work, holiday)
        default: return nil
        }
    }

    var meaning: (WorkCalendar.Kind, String)? {
        guard !isRepeating else { return nil }
        let isWorked = summary.contains("补班") || summary.contains("上班") || summary.hasSuffix("（班）")
        let isFree = summary.contains("假期") || summary.contains("放假") || summary.hasSuffix("（休）")
        guard isWorked || isFree else { return nil }
        // 上班(补春节假期) names the holiday that it is worked for.
        return (isWorked ? .work : .off, holiday)
    }

    /// `春节` of 春节假期, 上班(补春节假期), 春节 假期 第1天/共9天, 春节 补班 第1天/共2天, 春节（休）.
    private var holiday: String {
        var name = summary[...]
        if let start = name.firstRange(of: "(补") ?? name.firstRange(of: "（补") { name = name[start.upperBound...] }
        for mark in ["假期", "补班", "放假", "（休）", "（班）", "(休)", "(班)", ")", "）"] {
            if let end = name.firstRange(of: mark) { name = name[..<end.lowerBound] }
        }
        return String(name).split(separator: " ").joined(separator: " ")
    }

    /// All-day events end before DTEND; worked days have hours, and are the date on which they begin.
    func dates(_ kind: WorkCalendar.Kind) throws(CalendarError) -> [LocalDate] {
        let first = try date(start, "DTSTART")
        guard !end.isEmpty else { return [first] }
        let until = try date(end, "DTEND")
        guard until >= first else { throw CalendarError("line \(line): the event ends on \(until), before \(first)") }
        if end.contains("T") {
            guard kind == .off else { return [first] }
            return try range(first, end.contains("T000000") && until > first ? until.adding(days: -1) : until)
        }
        return try range(first, max(first, until.adding(days: -1)))
    }

    private func range(_ first: LocalDate, _ last: LocalDate) throws(CalendarError) -> [LocalDate] {
        guard last.ordinal - first.ordinal < 60 else {
            throw CalendarError("line \(line): from \(first) to \(last) is longer than 60 days")
        }
        return (first.ordinal...last.ordinal).map(LocalDate.init(ordinal:))
    }

    private func date(_ text: String, _ name: String) throws(CalendarError) -> LocalDate {
        let digits = text.prefix(8)
        let rest = text.dropFirst(8)
        guard digits.count == 8, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let year = Int(digits.prefix(4)),
            let month = Int(digits.dropFirst(4).prefix(2)), let day = Int(digits.suffix(2)),
            let date = LocalDate(year: year, month: month, day: day), rest.isEmpty || rest.hasPrefix("T")
        else {
            throw CalendarError(
                text.isEmpty
                    ? "line \(line): the event has no \(name)"
                    : "line \(line): \(name) \(shown(text)) is not a date that exists")
        }
        // Written in UTC, it is later in China.
        let isNextDay = rest.hasSuffix("Z") && (Int(rest.dropFirst().prefix(2)) ?? 0) >= 16
        return isNextDay ? date.adding(days: 1) : date
    }
}

private struct ICSReader {
    private(set) var events: [ICSEvent] = []
    private var event: ICSEvent?
    /// Components that are open, the innermost last.
    private var open: [String] = []

    init(_ text: String) throws(CalendarError) {
        var logical: (line: Int, text: String)?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            // A line that begins with white space goes on with the one before.
            if line.hasPrefix(" ") || line.hasPrefix("\t"), let begun = logical {
                logical = (begun.line, begun.text + line.dropFirst())
                continue
            }
            if let whole = logical { try take(whole.text, whole.line) }
            logical = (index + 1, String(line))
        }
        if let whole = logical { try take(whole.text, whole.line) }
        guard open.isEmpty else { throw CalendarError("\(open[0]) is not closed: the file is cut short") }
    }

    private mutating func take(_ line: String, _ number: Int) throws(CalendarError) {
        guard !line.allSatisfy(\.isWhitespace) else { return }
        guard let colon = line.firstIndex(of: ":") else {
            throw CalendarError("line \(number): \(shown(line)) has no colon")
        }
        let name = line[..<colon].prefix { $0 != ";" }.uppercased()
        let value = String(line[line.index(after: colon)...])
        switch name {
        case "BEGIN":
            if open.isEmpty, value != "VCALENDAR" {
                throw CalendarError("line \(number): \(shown(value)) is no calendar")
            }
            open.append(value)
            if value == "VEVENT" { event = ICSEvent(line: number) }
        case "END":
            guard open.popLast() == value else {
                throw CalendarError("line \(number): END:\(shown(value)) closes nothing that is open")
            }
            if value == "VEVENT", let done = event {
                events.append(done)
                event = nil
            }
        default:
            guard !open.isEmpty else { throw CalendarError("line \(number): something stands outside the calendar") }
            // An alarm within an event has a text of its own.
            if open.last == "VEVENT" { note(name, value) }
        }
    }

    private mutating func note(_ name: String, _ value: String) {
        switch name {
        case "SUMMARY": event?.summary = value
        case "DTSTART": event?.start = value
        case "DTEND": event?.end = value
        case "X-APPLE-SPECIAL-DAY": event?.special = value
        case "RRULE": event?.isRepeating = true
        default: break
        }
    }
}
