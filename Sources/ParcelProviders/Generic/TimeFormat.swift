// How a user's endpoint writes its times: ISO 8601, seconds or milliseconds since 1970, or a pattern of the user's.
// Which instant a zoneless time is, is decided where it is used.

import ParcelCore

struct TimeFormat: Sendable, Hashable {
    struct Mistake: Error, Equatable { let reason: String }

    fileprivate enum Part: Sendable, Hashable {
        case literal(Character)
        /// `y`, `M`, `d`, `H`, `h`, `m`, `s`, `S`, `a`, `Z`, and how often it stands.
        case field(Character, Int)
    }

    private enum Form: Sendable, Hashable {
        case iso8601, seconds, milliseconds
        case pattern([Part])
    }

    private let form: Form

    static let iso8601 = TimeFormat(form: .iso8601)

    private init(form: Form) { self.form = form }

    init(_ text: String) throws(Mistake) {
        switch text {
        case "iso8601": form = .iso8601
        case "unix": form = .seconds
        case "unix_ms": form = .milliseconds
        default: form = .pattern(try TimeFormat.parts(text))
        }
    }

    private static let allowed: [Character: ClosedRange<Int>] = [
        "y": 2...4, "M": 1...2, "d": 1...2, "H": 1...2, "h": 1...2, "m": 1...2, "s": 1...2, "S": 1...9, "a": 1...1,
        "Z": 1...1,
    ]

    private static func parts(_ text: String) throws(Mistake) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let first = rest.popFirst() {
            if first == "'" {
                let quoted = rest.prefix { $0 != "'" }
                guard quoted.endIndex != rest.endIndex else {
                    throw Mistake(reason: "the quotation mark ' is not closed")
                }
                rest = rest[quoted.endIndex...].dropFirst()
                parts += quoted.map { .literal($0) }
            } else if first.isASCII, first.isLetter {
                let count = 1 + rest.prefix { $0 == first }.count
                rest = rest.dropFirst(count - 1)
                guard let range = allowed[first], range.contains(count), first != "y" || count != 3 else {
                    let run = String(repeating: String(first), count: min(count, 10))
                    throw Mistake(
                        reason:
                            "\(run) means nothing here; write yyyy MM dd HH mm ss, hh with a (AM or PM), SSS, Z, other "
                            + "letters in 'quotes', or iso8601, unix or unix_ms")
                }
                parts.append(.field(first, count))
            } else {
                parts.append(.literal(first))
            }
        }
        let fields = parts.compactMap { if case .field(let letter, _) = $0 { letter } else { nil } }
        guard Set(fields).count == fields.count else { throw Mistake(reason: "a part of the date stands twice in it") }
        guard Set("yMd").isSubset(of: fields) else {
            throw Mistake(reason: "year, month and day (yyyy, MM, dd) have to be in it")
        }
        let has = { (letter: Character) in fields.contains(letter) }
        guard has("h") == has("a"), !(has("h") && has("H")) else {
            throw Mistake(reason: "hh and a (AM or PM) belong together, and HH stands alone")
        }
        guard !has("m") || has("H") || has("h"), !has("s") || has("m"), !has("S") || has("s"), !has("Z") || has("m")
        else { throw Mistake(reason: "a smaller part of the time stands in it without the larger ones") }
        return parts
    }

    func read(_ text: String?) -> GivenTime {
        guard let text, !text.isEmpty else { return .none }
        switch form {
        case .iso8601: return givenTime(text)
        case .seconds: return instant(text, places: 3)
        case .milliseconds: return instant(text, places: 0)
        case .pattern(let parts):
            guard text.utf8.count <= 100, let read = Fields(text, parts)?.given(text) else {
                return .unreadable(text: clipped(text, 64))
            }
            return read
        }
    }

    /// - Parameter places: How many decimal places of the number are milliseconds.
    private func instant(_ text: String, places: Int) -> GivenTime {
        let unreadable = GivenTime.unreadable(text: clipped(text, 64))
        let isNegative = text.hasPrefix("-")
        let parts = (isNegative ? text.dropFirst() : text[...]).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return unreadable }
        let fraction = parts.count == 2 ? parts[1].prefix(places) : ""
        let digits = parts[0] + fraction + String(repeating: "0", count: places - fraction.count)
        // Nothing after the year 9999.
        guard let value = Int64(digits), value < 253_402_300_800_000 else { return unreadable }
        // Many write 0 where they know no time.
        if value == 0 { return .none }
        return .instant(Timestamp(milliseconds: isNegative ? -value : value), text: text)
    }
}

/// The parts of one text, read by a pattern.
private struct Fields {
    private var values: [Character: Int] = [:]
    private var rest: Substring

    init?(_ text: String, _ parts: [TimeFormat.Part]) {
        rest = text[...]
        for part in parts {
            switch part {
            case .literal(let character): guard rest.popFirst() == character else { return nil }
            case .field("a", _): guard takeHalf() else { return nil }
            case .field("Z", _): guard takeOffset() else { return nil }
            case .field(let letter, let width): guard takeNumber(letter, width) else { return nil }
            }
        }
        guard rest.isEmpty else { return nil }
    }

    private mutating func takeNumber(_ letter: Character, _ width: Int) -> Bool {
        // One letter stands for as many digits as there are, at most two.
        let most = width == 1 && letter != "S" ? 2 : width
        let digits = rest.prefix(most).prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, width == 1 || digits.count == width, let value = Int(digits) else { return false }
        rest = rest.dropFirst(digits.count)
        switch letter {
        case "y" where width == 2: values["y"] = 2000 + value
        case "S": values["S"] = Int((String(digits) + "00").prefix(3))
        default: values[letter] = value
        }
        return true
    }

    private mutating func takeHalf() -> Bool {
        let half = rest.prefix(2).lowercased()
        guard half == "am" || half == "pm" else { return false }
        rest = rest.dropFirst(2)
        values["a"] = half == "pm" ? 12 : 0
        return true
    }

    /// `Z`, `+03`, `+0300` or `+03:00`.
    private mutating func takeOffset() -> Bool {
        if rest.first == "Z" || rest.first == "z" {
            rest = rest.dropFirst()
            values["Z"] = 0
            return true
        }
        guard let sign = rest.popFirst(), sign == "+" || sign == "-" else { return false }
        guard let hours = Int(rest.prefix(2)), rest.prefix(2).allSatisfy(\.isNumber), rest.count >= 2, hours <= 18
        else {
            return false
        }
        rest = rest.dropFirst(2)
        if rest.first == ":" { rest = rest.dropFirst() }
        let minutes = rest.prefix(2).prefix { $0.isASCII && $0.isNumber }
        guard minutes.isEmpty || minutes.count == 2 else { return false }
        rest = rest.dropFirst(minutes.count)
        values["Z"] = (sign == "-" ? -1 : 1) * (hours * 3600 + (Int(minutes) ?? 0) * 60)
        return true
    }

    func given(_ text: String) -> GivenTime? {
        guard let year = values["y"], let month = values["M"], let day = values["d"],
            let date = LocalDate(year: year, month: month, day: day)
        else { return nil }
        var hour = values["H"]
        if let half = values["h"], let noon = values["a"] {
            guard (1...12).contains(half) else { return nil }
            hour = half % 12 + noon
        }
        guard let hour else { return .date(date, text: text) }
        let (minute, second) = (values["m"] ?? 0, values["s"] ?? 0)
        guard hour < 24, minute < 60, second < 60 else { return nil }
        let secondOfDay = hour * 3600 + minute * 60 + second
        guard let offset = values["Z"] else { return .zoneless(date, secondOfDay: secondOfDay, text: text) }
        let seconds = Int64(date.ordinal) * 86_400 + Int64(secondOfDay - offset)
        return .instant(Timestamp(milliseconds: seconds * 1000 + Int64(values["S"] ?? 0)), text: text)
    }
}
