// ISO 8601 texts: what people type and what providers write, and how instants are printed.

/// A point of silence's count: an instant, or a whole civil date where only that is known.
package enum Moment: Sendable, Hashable {
    case instant(Timestamp)
    case date(LocalDate)
}

package struct ISO8601Error: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
}

/// The parts of an ISO 8601 text. `offset` is nil where none is written.
package struct ISO8601: Sendable, Hashable {
    package var date: LocalDate
    /// Nil for a bare date.
    package var secondOfDay: Int?
    package var milliseconds = 0
    package var offset: Int?

    /// `2026-11-24`, `2026-11-24T10:00:00.5+08:00`, also with a space instead of the T, `+0800`, `+08` or `Z`, and
    /// without seconds.
    package init(_ text: String) throws(ISO8601Error) {
        var text = text
        let read = text.withUTF8 { bytes in
            Result { () throws(ISO8601Error) in try ISO8601(DigitScanner(bytes)) }
        }
        self = try read.get()
    }

    private init(_ text: DigitScanner) throws(ISO8601Error) {
        var scanner = text
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
            let day = scanner.digits(2)
        else { throw ISO8601Error(description: "not an ISO 8601 date such as 2026-11-24") }
        guard let date = LocalDate(year: year, month: month, day: day) else {
            throw ISO8601Error(description: "there is no such date")
        }
        self.date = date
        if scanner.isAtEnd { return }
        guard scanner.take("T") || scanner.take("t") || scanner.take(" "), let hour = scanner.digits(2),
            scanner.take(":"), let minute = scanner.digits(2)
        else { throw ISO8601Error(description: "the time is not of the form T10:00:00+08:00") }
        var second = 0
        if scanner.take(":") {
            guard let read = scanner.digits(2) else { throw ISO8601Error(description: "the seconds are missing") }
            second = read
            if scanner.take(".") || scanner.take(",") {
                guard let fraction = scanner.fraction() else {
                    throw ISO8601Error(description: "the fraction of a second is missing")
                }
                milliseconds = fraction
            }
        }
        guard hour < 24, minute < 60, second < 60 else {
            throw ISO8601Error(
                description: hour == 24
                    ? "there is no hour 24; write 00:00 of the next day"
                    : second == 60 && hour < 24 && minute < 60
                        ? "leap seconds are not counted; write second 59" : "there is no such time of day")
        }
        secondOfDay = hour * 3600 + minute * 60 + second
        offset = try ISO8601.offset(&scanner)
        guard scanner.isAtEnd else { throw ISO8601Error(description: "something follows the time") }
    }

    private static func offset(_ scanner: inout DigitScanner) throws(ISO8601Error) -> Int? {
        if scanner.isAtEnd { return nil }
        if scanner.take("Z") || scanner.take("z") { return 0 }
        let isEast = scanner.take("+")
        guard isEast || scanner.take("-"), let hours = scanner.digits(2) else {
            throw ISO8601Error(description: "the offset is not of the form +08:00")
        }
        let hasColon = scanner.take(":")
        let minutes = scanner.isAtEnd && !hasColon ? 0 : scanner.digits(2)
        guard let minutes, minutes < 60, hours <= 18 else {
            throw ISO8601Error(description: "the offset is not of the form +08:00")
        }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }

    /// Nil without a time or an offset.
    package var instant: Timestamp? {
        guard let secondOfDay, let offset else { return nil }
        return Timestamp(
            milliseconds: (Int64(date.ordinal) * 86_400 + Int64(secondOfDay) - Int64(offset)) * 1000
                + Int64(milliseconds))
    }
}

extension Timestamp {
    /// `2026-10-09T16:00:00Z`; a fraction only where there is one.
    package var iso8601: String { iso8601(in: .utc, suffix: "Z") }

    /// `2026-10-10T00:00:00+08:00`.
    package func iso8601(in zone: Zone) -> String { iso8601(in: zone, suffix: offsetText(zone.offset(at: self))) }

    private func iso8601(in zone: Zone, suffix: String) -> String {
        let local = zone.local(self)
        let fraction = Int(milliseconds - seconds * 1000)
        return "\(local.date)T\(clockText(local.secondOfDay))" + (fraction == 0 ? "" : "." + padded(fraction, 3))
            + suffix
    }
}

/// `10:00:00`.
package func clockText(_ secondOfDay: Int) -> String {
    "\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))"
}

/// `+08:00`; seconds only for the odd historical offset that has them.
package func offsetText(_ secondsEast: Int) -> String {
    let size = abs(secondsEast)
    let text = "\(secondsEast < 0 ? "-" : "+")\(padded(size / 3600, 2)):\(padded(size / 60 % 60, 2))"
    return size % 60 == 0 ? text : text + ":" + padded(size % 60, 2)
}

private struct DigitScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        position += count
        return value
    }

    /// Milliseconds of a fraction of any length; what is finer is cut off.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while position < bytes.count, (48...57).contains(bytes[position]) {
            if count < 3 { value = value * 10 + Int(bytes[position] - 48) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 3 - count) { value *= 10 }
        return value
    }
}
