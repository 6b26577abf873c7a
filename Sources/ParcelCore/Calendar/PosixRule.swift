// The rule for instants after a TZif file's last transition: a POSIX TZ string with RFC 8536's extensions.

struct PosixRule: Sendable {
    /// When a change happens: a day of the year and seconds after its midnight (may be negative or over a day).
    private enum Day: Sendable {
        /// 1...365, 29 February never counted.
        case julian(Int)
        /// 0...365, 29 February counted.
        case zeroBased(Int)
        /// The given weekday (0 is Sunday) of week 1...5 (5 is the last) of a month.
        case month(Int, week: Int, weekday: Int)
    }

    private struct Change: Sendable {
        var day: Day
        var time = 7200
    }

    private let standard: Int
    private let daylight: Int
    private let changes: (start: Change, end: Change)?

    init(_ text: String, zone: String) throws(ZoneError) {
        var scanner = Scanner(Array(text.utf8))
        guard scanner.skipName(), let west = scanner.offset() else {
            throw ZoneError(description: "zone \(zone): cannot read the rule \(text)")
        }
        standard = -west
        guard !scanner.isAtEnd else {
            daylight = standard
            changes = nil
            return
        }
        guard scanner.skipName() else { throw ZoneError(description: "zone \(zone): cannot read the rule \(text)") }
        var offset = standard + 3600
        if !scanner.isAtEnd, scanner.peek != UInt8(ascii: ",") {
            guard let west = scanner.offset() else {
                throw ZoneError(description: "zone \(zone): cannot read the rule \(text)")
            }
            offset = -west
        }
        daylight = offset
        guard let start = PosixRule.change(&scanner), let end = PosixRule.change(&scanner), scanner.isAtEnd else {
            throw ZoneError(description: "zone \(zone): cannot read the rule \(text)")
        }
        changes = (start, end)
    }

    func offset(atSecond second: Int64) -> Int {
        guard let changes else { return standard }
        let year = LocalDate(ordinal: Int((second + Int64(standard)).quotientFloor(86_400))).year
        // The latest change at or before that second, over the neighbouring years: the southern summer spans two, and
        // where both fall on one instant the later of the list wins (permanent daylight time is written so).
        var latest: (at: Int64, offset: Int)?
        for near in (year - 1)...(year + 1) {
            let start = PosixRule.instant(changes.start, year: near, offset: standard)
            let end = PosixRule.instant(changes.end, year: near, offset: daylight)
            for change in [(end, standard), (start, daylight)] where change.0 <= second {
                if latest == nil || change.0 >= latest!.at { latest = change }
            }
        }
        return latest?.offset ?? standard
    }

    private static func instant(_ change: Change, year: Int, offset: Int) -> Int64 {
        Int64(ordinal(change.day, year: year)) * 86_400 + Int64(change.time) - Int64(offset)
    }

    private static func ordinal(_ day: Day, year: Int) -> Int {
        let first = LocalDate(year: year, month: 1, day: 1)?.ordinal ?? 0
        switch day {
        case .zeroBased(let number): return first + number
        case .julian(let number):
            let isLeap = LocalDate.length(ofMonth: 2, year: year) == 29
            return first + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .month(let month, let week, let weekday):
            let start = LocalDate(year: year, month: month, day: 1) ?? LocalDate(ordinal: first)
            let ahead = (weekday - start.weekday % 7 + 7) % 7
            var date = start.ordinal + ahead + (week - 1) * 7
            let last = start.ordinal + LocalDate.length(ofMonth: month, year: year) - 1
            while date > last { date -= 7 }
            return date
        }
    }

    private static func change(_ scanner: inout Scanner) -> Change? {
        guard scanner.take(UInt8(ascii: ",")) else { return nil }
        var change: Change
        if scanner.take(UInt8(ascii: "M")) {
            guard let month = scanner.number(), scanner.take(UInt8(ascii: ".")), let week = scanner.number(),
                scanner.take(UInt8(ascii: ".")), let weekday = scanner.number(), (1...12).contains(month),
                (1...5).contains(week), (0...6).contains(weekday)
            else { return nil }
            change = Change(day: .month(month, week: week, weekday: weekday))
        } else if scanner.take(UInt8(ascii: "J")) {
            guard let number = scanner.number(), (1...365).contains(number) else { return nil }
            change = Change(day: .julian(number))
        } else {
            guard let number = scanner.number(), (0...365).contains(number) else { return nil }
            change = Change(day: .zeroBased(number))
        }
        if scanner.take(UInt8(ascii: "/")) {
            guard let time = scanner.time() else { return nil }
            change.time = time
        }
        return change
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position >= bytes.count }
        var peek: UInt8? { isAtEnd ? nil : bytes[position] }

        mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte else { return false }
            position += 1
            return true
        }

        mutating func skipName() -> Bool {
            let start = position
            if take(UInt8(ascii: "<")) {
                while let byte = peek, byte != UInt8(ascii: ">") { _ = take(byte) }
                return take(UInt8(ascii: ">"))
            }
            while let byte = peek, (65...90).contains(byte) || (97...122).contains(byte) { position += 1 }
            return position > start
        }

        mutating func number() -> Int? {
            let start = position
            var value = 0
            while let byte = peek, (48...57).contains(byte), position - start < 6 {
                value = value * 10 + Int(byte - 48)
                position += 1
            }
            return position > start ? value : nil
        }

        /// No place is further from UTC than 24 hours and a part; Zone's searches rely on it.
        mutating func offset() -> Int? {
            guard let seconds = time(), abs(seconds) < 90_000 else { return nil }
            return seconds
        }

        /// `[+-]h[:mm[:ss]]` in seconds.
        mutating func time() -> Int? {
            let isNegative = take(UInt8(ascii: "-"))
            if !isNegative { _ = take(UInt8(ascii: "+")) }
            guard let hours = number() else { return nil }
            var seconds = hours * 3600
            if take(UInt8(ascii: ":")) {
                guard let minutes = number() else { return nil }
                seconds += minutes * 60
                if take(UInt8(ascii: ":")) {
                    guard let rest = number() else { return nil }
                    seconds += rest
                }
            }
            return isNegative ? -seconds : seconds
        }
    }
}

extension Int64 {
    /// Division rounded down, also for negative numbers.
    func quotientFloor(_ divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}
