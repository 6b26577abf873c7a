// Instants as scenarios write them and as the simulated systems print them. Own arithmetic with fixed offsets: Russia
// and China keep no summer time, and nothing here may share code with the programs under test.

extension Scenario {
    /// An instant in milliseconds since 1970.
    package struct Moment: Sendable, Hashable, Comparable {
        package let ms: Int64

        package init(ms: Int64) { self.ms = ms }

        /// `2017-09-26`, `2017-09-26 10:00`, `2017-09-26T10:00:30.5+03:00`; Shanghai's time without an offset.
        package static func parse(_ text: String) -> Int64? {
            var scanner = Digits(text)
            guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
                let day = scanner.number(2), let date = dayNumber(year, month, day)
            else { return nil }
            var ms: Int64 = 0
            if scanner.skip("T") || scanner.skip(" ") {
                guard let hour = scanner.number(2), hour < 24, scanner.skip(":"), let minute = scanner.number(2),
                    minute < 60
                else { return nil }
                ms = Int64(hour * 60 + minute) * 60_000
                if scanner.skip(":") {
                    guard let second = scanner.number(2), second < 60 else { return nil }
                    ms += Int64(second) * 1000
                    if scanner.skip(".") {
                        guard let fraction = scanner.fraction() else { return nil }
                        ms += fraction
                    }
                }
            }
            guard let offset = scanner.isAtEnd ? 480 : scanner.offset(), scanner.isAtEnd else { return nil }
            return Int64(date) * 86_400_000 + ms - Int64(offset) * 60_000
        }

        package static func < (left: Moment, right: Moment) -> Bool { left.ms < right.ms }
    }
}

/// A length of time such as `90s`, `30 min`, `-1h` or `+1d`, in milliseconds.
func lengthOfTime(_ text: String) -> Int64? {
    let units: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "day": 86_400_000,
        "days": 86_400_000,
    ]
    let isNegative = text.hasPrefix("-")
    let unsigned = text.drop { $0 == "-" || $0 == "+" }
    let digits = unsigned.prefix { $0.isASCII && $0.isNumber }
    let unit = unsigned[digits.endIndex...].filter { $0 != " " }
    guard text.count - unsigned.count < 2, let count = Int64(digits), count < 100_000_000, let size = units[unit] else {
        return nil
    }
    return (isNegative ? -1 : 1) * count * size
}

/// Minutes east of Greenwich, from `+08:00`.
func offsetMinutes(_ text: String) -> Int? {
    var scanner = Digits(text)
    guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
    return offset
}

/// Moscow's calendar date of an instant, `2017-10-09`.
package func moscowDate(_ ms: Int64) -> String { String(wall(ms, offsetHours: 3).prefix(10)) }

/// The number of Moscow's day since 1970.
func moscowDay(_ ms: Int64) -> Int {
    let shifted = ms + 3 * 3_600_000
    return Int(shifted >= 0 ? shifted / 86_400_000 : (shifted - 86_399_999) / 86_400_000)
}

/// `2018-04-01T12:10:04+03:00`.
package func wall(_ ms: Int64, offsetHours: Int) -> String {
    local(ms, minutes: offsetHours * 60) + (offsetHours < 0 ? "-" : "+") + two(abs(offsetHours)) + ":00"
}

/// `2018-04-01T12:10:04`, so many minutes east of Greenwich.
func local(_ ms: Int64, minutes: Int) -> String {
    let shifted = ms + Int64(minutes) * 60_000
    let days = Int(shifted >= 0 ? shifted / 86_400_000 : (shifted - 86_399_999) / 86_400_000)
    let seconds = Int(shifted - Int64(days) * 86_400_000) / 1000
    let (year, month, day) = civil(days)
    let digits = String(year)
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return "\(padded)-\(two(month))-\(two(day))T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
func httpDate(_ ms: Int64) -> String {
    let text = local(ms, minutes: 0)
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = text.prefix(10).split(separator: "-").map(String.init)
    let weekday = names[Int(ms / 86_400_000 % 7 + 7) % 7]
    return "\(weekday), \(parts[2]) \(months[(Int(parts[1]) ?? 1) - 1]) \(parts[0]) \(text.suffix(8)) GMT"
}

/// Whether a Saturday or Sunday, from the day's number since 1970.
func isWeekend(_ day: Int) -> Bool { [2, 3].contains((day % 7 + 7) % 7) }

func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

/// Days since 1970-01-01; nil for a date that does not exist.
func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int? {
    guard (1...12).contains(month), day >= 1 else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    // The way back gives another date where the month has no such day.
    let back = civil(number)
    return back.month == month && back.day == day ? number : nil
}

private func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
}

private struct Digits {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int? {
        let digits = rest.prefix(width)
        guard digits.count == width, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        rest.removeFirst(width)
        return Int(digits)
    }

    /// Milliseconds.
    mutating func fraction() -> Int64? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        return Int64((digits + "00").prefix(3))
    }

    /// Minutes.
    mutating func offset() -> Int? {
        if skip("Z") { return 0 }
        let isWest = rest.first == "-"
        guard skip("+") || skip("-"), let hours = number(2), hours < 24, skip(":"), let minutes = number(2),
            minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}
