// Small texts that all three systems write: amounts, order numbers, item labels, track numbers.

import ParcelCore

func clipped(_ text: String, _ length: Int) -> String {
    // The count of characters is only asked for where it can matter.
    text.utf8.count <= length ? text : String(text.prefix(length))
}

/// `144.67` in RUB: exact, never through a binary fraction; half a kopeck counts as one. Nil for what is no amount or
/// does not fit.
func money(_ amount: String?, _ currency: String?) -> Money? {
    guard let amount, let currency = currency.flatMap(currencyCode) else { return nil }
    let isNegative = amount.hasPrefix("-")
    let parts = amount.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(isDigits), let whole = Int64(parts[0]),
        whole < 1_000_000_000_000
    else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    let digits = String(fraction.prefix(3)) + String(repeating: "0", count: max(0, 3 - fraction.count))
    guard let thousandths = Int64(digits) else { return nil }
    let minor = whole * 100 + (thousandths + 5) / 10
    return Money(minor: isNegative ? -minor : minor, currency: currency)
}

/// Nil for what is neither a sign that is known nor of the form of a code.
private func currencyCode(_ text: String) -> String? {
    switch text.lowercased() {
    case "руб.", "руб", "р.", "₽", "rur": return "RUB"
    case "¥", "元", "юань", "rmb": return "CNY"
    case "$": return "USD"
    case "€": return "EUR"
    default:
        let isCode = text.utf8.count == 3 && text.allSatisfy { $0.isASCII && $0.isLetter }
        return isCode ? text.uppercased() : nil
    }
}

private func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
}

/// Nil for nothing but zeros.
private func withoutZeros(_ digits: some StringProtocol) -> String? {
    let number = digits.drop { $0 == "0" }
    return number.isEmpty ? nil : String(number)
}

/// The number of a shop's own order, `1907` of `ORD-0000001907`: its last digits, since a site may replace the prefix.
func orderNumber(ofShop id: String) -> String? {
    let digits = id.reversed().prefix { $0.isASCII && $0.isNumber }
    return withoutZeros(String(digits.reversed()))
}

/// The number of an order that another system names. Its texts are people's too ("Box-12"), so a prefix other than
/// the usual one counts only with the shop's padding, nine digits or ten.
func orderNumber(_ text: String?) -> String? {
    guard let text, let dash = text.firstIndex(of: "-") else { return nil }
    let prefix = text[..<dash]
    let digits = text[text.index(after: dash)...]
    guard isDigits(digits), !prefix.isEmpty, prefix.allSatisfy(\.isLetter),
        prefix.uppercased() == "ORD" || digits.count >= 9
    else { return nil }
    return withoutZeros(digits)
}

/// `1907-2`, the shop's label of an item; also of `№ 1907 - 2`. Nil for anything else.
func itemLabel(_ text: String?) -> String? {
    guard let text else { return nil }
    let parts = text.filter { !$0.isWhitespace && $0 != "№" }.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy(isDigits), let order = withoutZeros(parts[0]),
        let line = withoutZeros(parts[1])
    else { return nil }
    return "\(order)-\(line)"
}

/// The order of an item's label.
func order(ofItem label: String?) -> String? { label?.split(separator: "-").first.map(String.init) }

/// Several numbers may stand in one field; each is given once.
func trackNumbers(_ text: String?, as role: TrackNumberRole? = nil) -> [RoledNumber] {
    unique(
        (text ?? "").split { ",;/|\n\t".contains($0) }.flatMap(numbers).map {
            RoledNumber(role ?? guessedRole(of: $0), $0)
        })
}

/// The first role in which a number stands is its role.
func unique(_ numbers: [RoledNumber]) -> [RoledNumber] {
    var seen: Set<TrackNumber> = []
    return numbers.filter { seen.insert($0.number).inserted }
}

/// A space may part two numbers or the groups of one: they are several where each would be a number by itself.
private func numbers(in text: Substring) -> [TrackNumber] {
    let pieces = text.split(whereSeparator: \.isWhitespace).map(String.init)
    let whole = number(String(text))
    let several = pieces.compactMap(number).filter { $0.description.utf8.count >= 8 }
    if pieces.count > 1, several.count == pieces.count || whole == nil { return several }
    return whole.map { [$0] } ?? []
}

/// Nil also for "0" and words that people write where there is no number yet.
private func number(_ text: String) -> TrackNumber? {
    guard let number = TrackNumber(text), number.description.utf8.count >= 3,
        number.description.utf8.contains(where: { (49...57).contains($0) })
    else { return nil }
    return number
}

/// Drops what is empty.
func facts(_ pairs: KeyValuePairs<FactKey, String?>) -> [FactKey: String] {
    var found: [FactKey: String] = [:]
    for (key, value) in pairs { if let value, !value.isEmpty { found[key] = clipped(value, 500) } }
    return found
}

/// A weight that was taken; 0 stands for "not weighed yet".
func weight(_ amount: String?, _ unit: String?) -> String? {
    guard let amount, amount != "0", !amount.isEmpty else { return nil }
    return [amount, unit ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
}

/// `CN`, as ISO 3166 writes a country; nil for what has not that form.
func countryCode(_ text: String?) -> String? {
    guard let text, text.utf8.count == 2, text.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
    return text.uppercased()
}
