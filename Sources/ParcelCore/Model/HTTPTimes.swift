// The two times that HTTP answers carry: `Date`, and how long `Retry-After` asks to wait (RFC 9110, 5.6.7 and 10.2.3).

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
package func httpDate(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
        let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
        let date = LocalDate(year: year, month: month + 1, day: day)
    else { return nil }
    let clock = parts[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2]) else {
        return nil
    }
    return Timestamp(seconds: Int64(date.ordinal) * 86_400 + Int64(clock[0] * 3600 + clock[1] * 60 + clock[2]))
}

/// Reads seconds or a date; never negative, at most a week. Nil where it is neither.
package func retryAfter(_ text: String, now: Timestamp) -> Duration? {
    let longest = Duration.days(7)
    if let seconds = Int64(text) { return min(.seconds(max(0, min(seconds, 10_000_000))), longest) }
    guard let date = httpDate(text) else { return nil }
    return min(max(.zero, date - now), longest)
}
