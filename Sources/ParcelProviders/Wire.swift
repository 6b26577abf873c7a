// What the wire formats have in common: lenient values, rows that are read one by one, and what an HTTP answer means
// before its body is looked at.

import FoundationEssentials
import ParcelCore

/// A scalar as text, whatever form it has. An empty object stands for "no text" in some answers.
struct Loose: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.singleValueContainer() {
            if container.decodeNil() {
                text = nil
                return
            }
            if let string = try? container.decode(String.self) {
                text = string
                return
            }
            if let flag = try? container.decode(Bool.self) {
                text = flag ? "true" : "false"
                return
            }
            if let integer = try? container.decode(Int64.self) {
                text = String(integer)
                return
            }
            if let number = try? container.decode(Decimal.self) {
                text = number.description
                return
            }
        }
        guard let object = try? decoder.container(keyedBy: AnyKey.self), object.allKeys.isEmpty else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "neither a scalar nor an empty object"))
        }
        text = nil
    }

    /// Nil also where the text is empty.
    var filled: String? { text.flatMap { $0.isEmpty ? nil : $0 } }
}

struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}

/// A row of a list whose id can be read even where the rest cannot.
protocol WireRow: Decodable {
    associatedtype Probe: Decodable
    static func id(of probe: Probe) -> String?
}

/// One row, read or refused; decoding it never fails, so that one bad row stops nobody.
struct Row<Element: WireRow>: Decodable {
    let element: Element?
    let id: String?
    let field: String

    init(from decoder: any Decoder) throws {
        do {
            element = try Element(from: decoder)
            id = nil
            field = ""
        } catch {
            element = nil
            id = (try? Element.Probe(from: decoder)).flatMap(Element.id(of:))
            field = path(of: error, dropping: decoder.codingPath.count)
        }
    }
}

/// A list that is an array, or an object around one (`{"Item": […]}`) or around a single row.
struct Rows<Element: WireRow>: Decodable {
    let rows: [Row<Element>]

    init(from decoder: any Decoder) throws {
        if let array = try? decoder.singleValueContainer().decode([Row<Element>].self) {
            rows = array
            return
        }
        let object = try decoder.container(keyedBy: AnyKey.self)
        guard let key = object.allKeys.first else {
            rows = []
            return
        }
        guard object.allKeys.count == 1 else {
            throw DecodingError.typeMismatch(
                [Any].self, .init(codingPath: decoder.codingPath, debugDescription: "not a list"))
        }
        if let array = try? object.decode([Row<Element>].self, forKey: key) {
            rows = array
        } else {
            rows = [try object.decode(Row<Element>.self, forKey: key)]
        }
    }

    var elements: [Element] { rows.compactMap(\.element) }
}

/// `Items[2].StatusId`, for the message that names what could not be read.
func path(of error: any Error, dropping count: Int = 0) -> String {
    let context: DecodingError.Context
    var last = ""
    switch error as? DecodingError {
    case .typeMismatch(_, let found)?, .valueNotFound(_, let found)?, .dataCorrupted(let found)?: context = found
    case .keyNotFound(let key, let found)?:
        context = found
        last = key.stringValue
    default: return "the answer"
    }
    var parts = context.codingPath.dropFirst(count).map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
    if !last.isEmpty { parts.append(last) }
    return parts.isEmpty ? "the answer" : parts.joined(separator: ".")
}

/// Decodes a JSON body. What is no JSON at all is a transport failure; JSON of another shape names the field.
func decode<Value: Decodable>(_ type: Value.Type, from body: [UInt8]) throws(PollError) -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(body))
    } catch {
        if case .dataCorrupted(let context)? = error as? DecodingError, context.codingPath.isEmpty {
            throw .notData(
                reason: body.isEmpty
                    ? "an empty answer" : looksLikeHTML(body) ? "a web page instead of JSON" : "the answer is not JSON")
        }
        throw .malformed(field: path(of: error))
    }
}

private func looksLikeHTML(_ body: [UInt8]) -> Bool {
    body.first { $0 > 32 } == UInt8(ascii: "<")
}

/// What the status alone says. Only a 200 has a body worth reading.
func requireOK(_ answer: HTTPResponse, now: Timestamp) throws(PollError) {
    switch answer.status {
    case 200: return
    case 429:
        let delay = answer["retry-after"].flatMap { retryAfter($0, now: now) }
        throw .rateLimited(retryAfter: delay)
    case 503 where answer["retry-after"] != nil:
        throw .rateLimited(retryAfter: answer["retry-after"].flatMap { retryAfter($0, now: now) })
    case 300..<400: throw .unreachable(reason: "it redirects elsewhere (status \(answer.status))")
    default: throw .unreachable(reason: "status \(answer.status)")
    }
}

/// Dates as the vendors write them: with an offset, without a zone, a date alone, or nothing.
func givenTime(_ text: String?) -> GivenTime {
    guard let text, !text.isEmpty, text != "null" else { return .none }
    guard let parsed = try? ISO8601(text) else { return .unreadable(text: String(text.prefix(64))) }
    if let instant = parsed.instant { return .instant(instant, text: text) }
    if let second = parsed.secondOfDay { return .zoneless(parsed.date, secondOfDay: second, text: text) }
    return .date(parsed.date, text: text)
}

/// `144.67` in RUB: exact, never through a binary fraction. Nil for what is no amount or does not fit.
func money(_ amount: String?, _ currency: String?) -> Money? {
    guard let amount, let currency, !currency.isEmpty else { return nil }
    let isNegative = amount.hasPrefix("-")
    let parts = amount.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole < 1_000_000_000_000 else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard fraction.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    let digits = String(fraction.prefix(3)) + String(repeating: "0", count: max(0, 3 - fraction.count))
    guard let thousandths = Int64(digits) else { return nil }
    let minor = whole * 100 + (thousandths + 5) / 10
    return Money(minor: isNegative ? -minor : minor, currency: currencyCode(currency))
}

private func currencyCode(_ text: String) -> String {
    switch text.lowercased() {
    case "руб.", "руб", "р.", "₽", "rur": "RUB"
    case "¥", "元", "юань", "rmb": "CNY"
    case "$": "USD"
    case "€": "EUR"
    default: text.uppercased()
    }
}

/// The number of an order, `1907`, from `ORD-0000001907` or any other prefix that a site shows.
func orderNumber(_ text: String?) -> String? {
    guard let text, let dash = text.lastIndex(of: "-") else { return nil }
    let digits = text[text.index(after: dash)...]
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), text[..<dash].allSatisfy(\.isLetter),
        dash != text.startIndex
    else { return nil }
    let number = digits.drop { $0 == "0" }
    return number.isEmpty ? nil : String(number)
}

/// `1907-2`, the shop's label of an item; nil for anything else.
func itemLabel(_ text: String?) -> String? {
    guard let text else { return nil }
    let parts = text.filter { $0 != " " && $0 != "№" }.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }) else {
        return nil
    }
    let number = parts[0].drop { $0 == "0" }
    return number.isEmpty ? nil : "\(number)-\(parts[1])"
}

/// The order of an item's label.
func order(ofItem label: String?) -> String? { label?.split(separator: "-").first.map(String.init) }

/// Several numbers may stand in one field.
func trackNumbers(_ text: String?, as role: TrackNumberRole? = nil) -> [RoledNumber] {
    (text ?? "").split { ",;\n\t".contains($0) }.compactMap { part in
        TrackNumber(String(part)).map { RoledNumber(role ?? guessedRole(of: $0), $0) }
    }
}

/// Drops what is empty.
func facts(_ pairs: KeyValuePairs<FactKey, String?>) -> [FactKey: String] {
    var found: [FactKey: String] = [:]
    for (key, value) in pairs { if let value, !value.isEmpty { found[key] = String(value.prefix(500)) } }
    return found
}
