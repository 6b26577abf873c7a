// How dates, days, sums and foreign texts are written for people, in both languages.

package import ParcelCore

/// A reader: their language, and the zone in which their clock runs.
package struct Reader: Sendable {
    package let language: Language
    package let zone: Zone

    package init(_ language: Language, _ zone: Zone) {
        self.language = language
        self.zone = zone
    }

    /// The text in the reader's language.
    package func say(_ russian: String, _ english: String) -> String { language == .ru ? russian : english }

    /// `9 октября 2017`, `9 October 2017`.
    package func date(_ date: LocalDate) -> String {
        let (year, month, day) = date.parts
        return "\(day) \((language == .ru ? russianMonths : englishMonths)[month - 1]) \(year)"
    }

    package func date(_ instant: Timestamp) -> String { date(zone.date(of: instant)) }

    /// `9 октября 2017, 09:05`.
    package func time(_ instant: Timestamp) -> String {
        let local = zone.local(instant)
        return "\(date(local.date)), \(clockText(local.secondOfDay).dropLast(3))"
    }

    /// `09.10`, `9 Oct`.
    package func shortDate(_ date: LocalDate) -> String {
        let (_, month, day) = date.parts
        return language == .ru ? "\(padded(day, 2)).\(padded(month, 2))" : "\(day) \(englishMonths[month - 1].prefix(3))"
    }

    package func workingDays(_ count: Int) -> String {
        guard language == .ru else { return "\(count) working \(count == 1 ? "day" : "days")" }
        return "\(count) \(plural(count, "рабочий день", "рабочих дня", "рабочих дней"))"
    }

    package func things(_ count: Int) -> String {
        guard language == .ru else { return "\(count) \(count == 1 ? "thing" : "things")" }
        return "\(count) \(plural(count, "позиция", "позиции", "позиций"))"
    }

    package func amount(_ money: Money) -> String {
        guard language == .ru else { return "\(money.amountText) \(money.currency)" }
        let text = money.amountText.map { $0 == "." ? "," : String($0) }.joined()
        return "\(text) \(money.currency == "RUB" ? "руб." : money.currency)"
    }
}

/// Russian has three forms: 1 and 21, 2-4 and 22, 5-20 and 25.
package func plural(_ count: Int, _ one: String, _ few: String, _ many: String) -> String {
    let (tens, ones) = (abs(count) % 100, abs(count) % 10)
    if (11...14).contains(tens) { return many }
    return ones == 1 ? one : (2...4).contains(ones) ? few : many
}

private let russianMonths = [
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
]
private let englishMonths = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]

/// A provider's text, made harmless: one line, no control or direction characters, at most 200 characters.
package func harmless(_ text: String) -> String {
    var out = ""
    var length = 0
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: out.append(" ")
        case 0..<32, 0x7F...0x9F, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xE0000...0xE007F: continue
        default: out.unicodeScalars.append(scalar)
        }
        length += 1
        if length == 200 { return out + "…" }
    }
    return out
}
