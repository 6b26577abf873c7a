// Reads the two times that an HTTP answer may tell: `Date` (what the server's clock says) and `Retry-After` (when to come
// again). What is done with them, and the longest wait that is accepted, is the poller's decision.
// Source: RFC 9110, sections 5.6.7 and 10.2.3.

/// The wait that a `Retry-After` asks for: seconds, or a date that is compared with `now`.
///
/// - Parameter now: By the server's clock where its `Date` is known, else by ours.
/// - Returns: Never negative, and at most ten years so that no sum overflows; nil if the text is neither form.
package func retryAfter(_ value: String, now: Timestamp) -> Duration? {
    let longest = Duration.days(3653)
    let text = value.utf8.drop { $0 == 0x20 || $0 == 0x09 }.reversed().drop { $0 == 0x20 || $0 == 0x09 }
    if !text.isEmpty, text.allSatisfy({ digit($0) != nil }) {
        // Too many digits for an integer are still a plain wish: very long.
        guard let seconds = Int64(String(decoding: text.reversed(), as: UTF8.self)) else { return longest }
        return .seconds(min(seconds, longest.components.seconds))
    }
    guard let date = httpDate(value) else { return nil }
    return min(max(date - now, .zero), longest)
}

/// The instant of an HTTP date in any of its three forms: `Sun, 06 Nov 1994 08:49:37 GMT`, and the obsolete
/// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. All are UTC.
///
/// The name of the day is not compared with the date. A year of two digits lies between 1970 and 2069.
package func httpDate(_ text: String) -> Timestamp? {
    var words = text.utf8.split { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "-") }
        .map { String(decoding: $0, as: UTF8.self).lowercased() }
    guard words.count >= 5, weekdays.contains(String(words[0].prefix(3))) else { return nil }
    if words.count == 6 {
        guard ["gmt", "utc", "+0000", "0000"].contains(words.removeLast()) else { return nil }
    } else if words.count == 5 {
        words = [words[0], words[2], words[1], words[4], words[3]]  // asctime names the month first, the year last
    }
    guard words.count == 5, let day = number(words[1], digits: 1...2), let month = months.firstIndex(of: words[2]),
        let year = year(words[3]), let date = LocalDate(year: year, month: month + 1, day: day),
        let second = secondOfDay(words[4])
    else { return nil }
    return Timestamp(seconds: Int64(date.ordinal) * 86_400 + Int64(second))
}

private let weekdays: Set<String> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
private let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

private func year(_ text: String) -> Int? {
    guard let short = number(text, digits: 2...2) else { return number(text, digits: 4...4) }
    return short + (short < 70 ? 2000 : 1900)
}

/// 23:59:60 is allowed: a leap second counts as the first second of the next day.
private func secondOfDay(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0), digits: 2...2) }
    guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
        hour < 24, minute < 60, second <= 60
    else { return nil }
    return hour * 3600 + minute * 60 + second
}

private func number(_ text: String, digits: ClosedRange<Int>) -> Int? {
    guard digits.contains(text.utf8.count) else { return nil }
    var number = 0
    for byte in text.utf8 {
        guard let digit = digit(byte) else { return nil }
        number = number * 10 + digit
    }
    return number
}

private func digit(_ byte: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
}
