// How dates, numbers, sums and other people's texts are written for a reader. What is said with them is in the texts.

package import ParcelCore

/// A reader: their language, and the zone in which their clock runs.
package struct Reader: Sendable {
    package let language: Language
    package let zone: Zone
    package let templates: Templates

    package init(_ language: Language, _ zone: Zone, templates: Templates = .builtIn) {
        self.language = language
        self.zone = zone
        self.templates = templates
    }

    package init(of message: Message) {
        self.init(message.language, message.zone, templates: Templates(message.templates))
    }

    func render(
        _ kind: TemplateKind, _ values: TemplateValues, where isGood: (String) -> Bool = { _ in true }
    ) -> String {
        templates.render(kind, language.rawValue, values, where: isGood)
    }

    /// The text in the reader's language.
    package func say(_ russian: String, _ english: String) -> String { language == .ru ? russian : english }

    /// `9 октября 2017`, `9 Oct 2017`.
    package func date(_ date: LocalDate) -> String { "\(dayAndMonth(date)) \(date.year)" }

    package func date(_ instant: Timestamp) -> String { date(zone.date(of: instant)) }

    /// `9 октября`, `9 Oct`.
    package func dayAndMonth(_ date: LocalDate) -> String {
        let (_, month, day) = date.parts
        return "\(day) \((language == .ru ? russianMonths : englishMonths)[month - 1])"
    }

    /// `9 октября 2017, 09:05`, by the reader's clock.
    package func time(_ instant: Timestamp) -> String {
        let local = zone.local(instant)
        return "\(date(local.date)), \(clockText(local.secondOfDay).prefix(5))"
    }

    /// `09.10`, `9 Oct`.
    package func shortDate(_ date: LocalDate) -> String {
        let (_, month, day) = date.parts
        return language == .ru ? "\(padded(day, 2)).\(padded(month, 2))" : dayAndMonth(date)
    }

    /// `пн 09.10`, `Mon 9 Oct`.
    package func weekdayDate(_ date: LocalDate) -> String {
        "\((language == .ru ? russianWeekdays : englishWeekdays)[date.weekday - 1]) \(shortDate(date))"
    }

    /// `1–8.10`, `28.04–1.05`; `1–8 Oct`, `28 Apr – 1 May`. One date where both are the same.
    package func range(_ first: LocalDate, _ last: LocalDate) -> String {
        guard first != last else { return shortDate(first) }
        let (from, to) = (first.parts, last.parts)
        let isOneMonth = from.month == to.month && from.year == to.year
        guard language == .ru else {
            return isOneMonth ? "\(from.day)–\(dayAndMonth(last))" : "\(dayAndMonth(first)) – \(dayAndMonth(last))"
        }
        let start = isOneMonth ? "\(from.day)" : "\(from.day).\(padded(from.month, 2))"
        return "\(start)–\(to.day).\(padded(to.month, 2))"
    }

    /// `4 рабочих дня`, `4 working days`.
    package func workingDays(_ count: Int) -> String {
        guard language == .ru else { return "\(count) working \(count == 1 ? "day" : "days")" }
        return "\(count) \(plural(count, "рабочий день", "рабочих дня", "рабочих дней"))"
    }

    /// `5 позиций`, `5 things`.
    package func things(_ count: Int) -> String {
        guard language == .ru else { return "\(count) \(count == 1 ? "thing" : "things")" }
        return "\(count) \(plural(count, "позиция", "позиции", "позиций"))"
    }

    /// `5 запросов`, `5 requests`.
    package func requests(_ count: Int) -> String {
        guard language == .ru else { return "\(count) \(count == 1 ? "request" : "requests")" }
        return "\(count) \(plural(count, "запрос", "запроса", "запросов"))"
    }

    /// `5 номеров`, `5 numbers`.
    package func numbers(_ count: Int) -> String {
        guard language == .ru else { return "\(count) \(count == 1 ? "number" : "numbers")" }
        return "\(count) \(plural(count, "номер", "номера", "номеров"))"
    }

    /// `30 мин`, `12 ч`, `7 дн.`; `30 min`, `12 h`, `7 d`.
    package func span(_ duration: Duration) -> String {
        let minutes = max(0, duration.milliseconds / 60_000)
        if minutes < 120 { return "\(minutes) " + say("мин", "min") }
        let hours = minutes / 60
        return hours < 72 ? "\(hours) " + say("ч", "h") : "\(hours / 24) " + say("дн.", "d")
    }

    /// `144,67 руб.`, `144.67 RUB`.
    package func amount(_ money: Money) -> String {
        let currency = harmless(money.currency, limit: 12)
        guard language == .ru else { return "\(money.amountText) \(currency)" }
        let text = String(money.amountText.map { $0 == "." ? "," : $0 })
        return "\(text) \(currency == "RUB" ? "руб." : currency)"
    }

    /// Another's words in quotation marks, made harmless; nil where nothing is left of them.
    package func quoted(_ text: String?) -> String? {
        let words = harmless(text ?? "")
        guard !words.isEmpty else { return nil }
        return language == .ru ? "«\(words)»" : "“\(words)”"
    }

    /// `a, b и c`, `a, b and c`.
    package func list(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + say(" и ", " and ") + last
    }
}

/// Russian has three forms: 1 and 21; 2 to 4 and 22; 5 to 20 and 25.
package func plural(_ count: Int, _ one: String, _ few: String, _ many: String) -> String {
    let (tens, ones) = (count.magnitude % 100, count.magnitude % 10)
    if (11...14).contains(tens) { return many }
    return ones == 1 ? one : (2...4).contains(ones) ? few : many
}

private let russianMonths = [
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
]
private let englishMonths = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
private let russianWeekdays = ["пн", "вт", "ср", "чт", "пт", "сб", "вс"]
private let englishWeekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

/// Another's text as one harmless line: white space is one space each, controls and what is invisible or turns the
/// direction of writing are left out, and a long text ends in "…".
package func harmless(_ text: String, limit: Int = 200) -> String {
    var out = String.UnicodeScalarView()
    var isGap = false
    for scalar in text.unicodeScalars {
        if scalar.properties.isWhitespace || scalar.value == 0 {
            isGap = !out.isEmpty
            continue
        }
        if isInvisible(scalar.value) { continue }
        if out.count + (isGap ? 1 : 0) >= limit { return String(out) + "…" }
        if isGap { out.append(" ") }
        isGap = false
        out.append(scalar)
    }
    return String(out)
}

private func isInvisible(_ value: UInt32) -> Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF,
        0xFFF9...0xFFFB, 0xFFFE...0xFFFF, 0xE0000...0xE007F:
        true
    default: false
    }
}

/// An address that can be shown as it is; nil for anything that making harmless would change.
package func link(_ address: String?) -> String? {
    guard let address, !address.isEmpty, harmless(address, limit: 500) == address else { return nil }
    return address
}

/// With its first letter a capital.
func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
