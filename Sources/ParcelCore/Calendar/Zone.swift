// A time zone's rules, read from the host's tzdata (TZif, RFC 8536) by whoever has files. Turns instants into civil
// dates and back; nothing else here knows an offset.

package struct ZoneError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// A civil date and time of day together with the offset that was in force.
package struct LocalTime: Sendable, Hashable {
    package let date: LocalDate
    package let secondOfDay: Int
    /// Seconds east of UTC.
    package let offset: Int
}

package struct Zone: Sendable, Hashable, CustomStringConvertible {
    private struct Transition: Sendable {
        let at: Int64
        let offset: Int
    }

    package let name: String
    private let transitions: [Transition]
    private let initialOffset: Int
    private let rule: PosixRule?

    package static let utc = Zone(name: "UTC", secondsEast: 0)

    package static func fixed(secondsEast: Int) -> Zone {
        Zone(name: offsetText(secondsEast), secondsEast: secondsEast)
    }

    private init(name: String, secondsEast: Int) {
        self.name = name
        transitions = []
        initialOffset = secondsEast
        rule = nil
    }

    /// - Parameter tzif: The bytes of the zone's file, version 1 to 4.
    package init(name: String, tzif: [UInt8]) throws(ZoneError) {
        var reader = TZifReader(bytes: tzif, name: name)
        let data = try reader.read()
        self.name = name
        transitions = zip(data.times, data.offsets).map { Transition(at: $0, offset: $1) }
        initialOffset = data.initialOffset
        rule = data.footer.isEmpty ? nil : try PosixRule(data.footer, zone: name)
    }

    package static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
    package var description: String { name }

    /// Seconds east of UTC in force at that instant.
    package func offset(at instant: Timestamp) -> Int { offset(atSecond: instant.seconds) }

    private func offset(atSecond second: Int64) -> Int {
        guard let last = transitions.last else { return rule?.offset(atSecond: second) ?? initialOffset }
        if second >= last.at, let rule { return rule.offset(atSecond: second) }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= second { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initialOffset : transitions[low - 1].offset
    }

    package func local(_ instant: Timestamp) -> LocalTime {
        let offset = offset(at: instant)
        let shifted = instant.seconds + Int64(offset)
        let day = shifted >= 0 ? shifted / 86_400 : (shifted - 86_399) / 86_400
        return LocalTime(date: LocalDate(ordinal: Int(day)), secondOfDay: Int(shifted - day * 86_400), offset: offset)
    }

    package func date(of instant: Timestamp) -> LocalDate { local(instant).date }

    /// The first instant that belongs to the date, or to a later one where the zone skips the whole date.
    package func firstInstant(of date: LocalDate) -> Timestamp { instants(of: date, secondOfDay: 0).earliest }

    /// The instants at which clocks there show that date and time. Both are the same except where the hour is
    /// repeated; where it is skipped, both are the end of the gap.
    package func instants(of date: LocalDate, secondOfDay: Int) -> (earliest: Timestamp, latest: Timestamp) {
        let wall = Int64(date.ordinal) * 86_400 + Int64(secondOfDay)
        // No offset is longer than 26 hours, so these two bracket every change that matters.
        let before = offset(atSecond: wall - 93_600)
        let after = offset(atSecond: wall + 93_600)
        var candidates: [Int64] = []
        for offset in offsets(from: wall - 93_600, to: wall + 93_600, before, after) {
            let second = wall - Int64(offset)
            if self.offset(atSecond: second) == offset { candidates.append(second) }
        }
        if let earliest = candidates.min(), let latest = candidates.max() {
            return (Timestamp(seconds: earliest), Timestamp(seconds: latest))
        }
        let end = Timestamp(seconds: endOfGap(wall))
        return (end, end)
    }

    private func offsets(from start: Int64, to end: Int64, _ before: Int, _ after: Int) -> [Int] {
        var found = [before]
        if after != before { found.append(after) }
        // Two changes within two days do happen: look at each hour between.
        var second = start
        while second < end {
            let offset = offset(atSecond: second)
            if !found.contains(offset) { found.append(offset) }
            second += 3600
        }
        return found
    }

    /// The first instant whose wall clock is past `wall`, by bisection: within a gap the wall clock only jumps forward.
    private func endOfGap(_ wall: Int64) -> Int64 {
        var low = wall - 93_600
        var high = wall + 93_600
        while low < high {
            let middle = low + (high - low) / 2
            if middle + Int64(offset(atSecond: middle)) >= wall { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Reads RFC 8536: the 64-bit block where there is one.
private struct TZifReader {
    struct Content {
        var times: [Int64] = []
        var offsets: [Int] = []
        var initialOffset = 0
        var footer = ""
    }

    let bytes: [UInt8]
    let name: String
    var position = 0

    mutating func read() throws(ZoneError) -> Content {
        let version = try header()
        guard version.number >= 2 else { return try block(version.counts, wide: false) }
        position += version.counts.length(wide: false)
        let second = try header()
        var content = try block(second.counts, wide: true)
        guard position < bytes.count, bytes[position] == 10, let end = bytes[(position + 1)...].firstIndex(of: 10)
        else {
            throw damaged("no footer")
        }
        content.footer = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        return content
    }

    struct Counts {
        var isUT = 0, isStandard = 0, leap = 0, time = 0, type = 0, character = 0

        func length(wide: Bool) -> Int {
            let width = wide ? 8 : 4
            return time * width + time + type * 6 + character + leap * (width + 4) + isStandard + isUT
        }
    }

    mutating func header() throws(ZoneError) -> (number: Int, counts: Counts) {
        guard bytes.count >= position + 44, Array(bytes[position..<position + 4]) == Array("TZif".utf8) else {
            throw damaged("not a TZif file")
        }
        let version = bytes[position + 4]
        position += 20
        var counts = Counts()
        counts.isUT = try count()
        counts.isStandard = try count()
        counts.leap = try count()
        counts.time = try count()
        counts.type = try count()
        counts.character = try count()
        guard counts.type > 0 else { throw damaged("no local time types") }
        // The files of `right/` count leap seconds, so their times are not those of the host's clock.
        guard counts.leap == 0 else { throw damaged("it counts leap seconds; write the name without right/") }
        return (version == 0 ? 1 : Int(version) - 48, counts)
    }

    mutating func block(_ counts: Counts, wide: Bool) throws(ZoneError) -> Content {
        guard bytes.count >= position + counts.length(wide: wide) else { throw damaged("it ends too early") }
        var content = Content()
        for _ in 0..<counts.time { content.times.append(Int64(try integer(wide ? 8 : 4))) }
        var indices: [Int] = []
        for _ in 0..<counts.time { indices.append(try integer(1) & 0xff) }
        var types: [(offset: Int, isDaylight: Bool)] = []
        for _ in 0..<counts.type {
            let offset = try integer(4)
            let isDaylight = try integer(1) != 0
            _ = try integer(1)
            types.append((offset, isDaylight))
        }
        guard indices.allSatisfy({ types.indices.contains($0) }) else { throw damaged("a type is missing") }
        // RFC 8536 wants these of every file; the searches here rely on them.
        guard zip(content.times, content.times.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw damaged("its transitions are out of order")
        }
        guard types.allSatisfy({ abs($0.offset) <= 93_600 }) else { throw damaged("an offset is over 26 hours") }
        content.offsets = indices.map { types[$0].offset }
        content.initialOffset = (types.first { !$0.isDaylight } ?? types[0]).offset
        position += counts.character + counts.leap * (wide ? 12 : 8) + counts.isStandard + counts.isUT
        return content
    }

    mutating func count() throws(ZoneError) -> Int { try integer(4) & 0xffff_ffff }

    /// Big-endian and signed.
    mutating func integer(_ width: Int) throws(ZoneError) -> Int {
        guard position + width <= bytes.count else { throw damaged("it ends too early") }
        var value = width > 0 && bytes[position] >= 0x80 ? -1 : 0
        for _ in 0..<width {
            value = value << 8 | Int(bytes[position])
            position += 1
        }
        return value
    }

    func damaged(_ reason: String) -> ZoneError { ZoneError(description: "zone \(name): \(reason)") }
}
