// What the wire formats have in common: lenient values, rows that are read one by one, and what an HTTP answer means
// before its body is looked at. Wire types name only the members that are mirrored: people's names, addresses and
// phones are never decoded.

import FoundationEssentials
package import ParcelCore

/// A scalar as text, whatever form it has. An empty object stands for "no text" in some answers.
struct Loose: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Each try that fails costs an error, so the usual forms come first.
        if container.decodeNil() {
            text = nil
        } else if let string = try? container.decode(String.self) {
            text = string
        } else if let number = try? container.decode(Decimal.self) {
            text = number.description
        } else if let flag = try? container.decode(Bool.self) {
            text = flag ? "true" : "false"
        } else {
            text = try emptyObject(decoder)
        }
    }

    /// Nil also where the text is empty.
    var filled: String? { text.flatMap { $0.isEmpty ? nil : $0 } }
}

/// The same for what is usually a number.
struct Number: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Decimal.self) {
            text = number.description
        } else {
            text = try Loose(from: decoder).text
        }
    }

    var whole: Int? { text.flatMap { Int($0) } }
}

private func emptyObject(_ decoder: any Decoder) throws -> String? {
    guard let object = try? decoder.container(keyedBy: AnyKey.self), object.allKeys.isEmpty else {
        throw DecodingError.dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "neither a scalar nor an empty object"))
    }
    return nil
}

/// An id, a code or a status: text or a whole number, never empty.
struct Name: Decodable, Hashable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let found = (try? container.decode(String.self)) ?? (try? container.decode(Int64.self)).map(String.init)
        guard let found, !found.isEmpty else {
            throw DecodingError.typeMismatch(
                String.self, .init(codingPath: decoder.codingPath, debugDescription: "neither a text nor a number"))
        }
        text = clipped(found, 100)
    }
}

/// A whole number, also one written as text.
struct Whole: Decodable {
    let value: Int

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let found = (try? container.decode(Int.self)) ?? (try? container.decode(String.self)).flatMap { Int($0) }
        guard let found else {
            throw DecodingError.typeMismatch(
                Int.self, .init(codingPath: decoder.codingPath, debugDescription: "not a whole number"))
        }
        value = found
    }
}

/// A yes or no, also as 0 and 1 or as text.
struct Flag: Decodable {
    let isSet: Bool

    init(from decoder: any Decoder) throws {
        if let flag = try? decoder.singleValueContainer().decode(Bool.self) {
            isSet = flag
            return
        }
        switch try Loose(from: decoder).text?.lowercased() {
        case "1", "true", "y", "yes": isSet = true
        case nil, "", "0", "false", "n", "no": isSet = false
        default:
            throw DecodingError.typeMismatch(
                Bool.self, .init(codingPath: decoder.codingPath, debugDescription: "neither yes nor no"))
        }
    }
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

/// A list that is an array, nothing, or an object around an array (`{"Item": […]}`) or around a single row.
struct List<Element: Decodable>: Decodable {
    let elements: [Element]

    init(from decoder: any Decoder) throws {
        if var array = try? decoder.unkeyedContainer() {
            var found: [Element] = []
            while !array.isAtEnd { found.append(try array.decode(Element.self)) }
            elements = found
            return
        }
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self), text.isEmpty {
            elements = []
            return
        }
        let object = try decoder.container(keyedBy: AnyKey.self)
        switch object.allKeys.count {
        case 0: elements = []
        case 1:
            let key = object.allKeys[0]
            if (try? object.nestedUnkeyedContainer(forKey: key)) != nil {
                elements = try object.decode([Element].self, forKey: key)
            } else {
                elements = [try object.decode(Element.self, forKey: key)]
            }
        default:
            throw DecodingError.typeMismatch(
                [Any].self, .init(codingPath: decoder.codingPath, debugDescription: "not a list"))
        }
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
            field = path(of: error, dropping: decoder.codingPath.count, whole: "the row")
        }
    }
}

typealias Rows<Element: WireRow> = List<Row<Element>>

/// Thrown while decoding an answer that is JSON of somebody else, such as a gateway's.
struct ForeignAnswer: Error {}

/// An event that says nothing would be one that nobody told.
func emptyRow(_ path: [any CodingKey]) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: "an empty row"))
}

/// `Items[2].StatusId`, for the message that names what could not be read.
func path(of error: any Error, dropping count: Int = 0, whole: String = "the answer") -> String {
    let context: DecodingError.Context
    var last: String?
    switch error as? DecodingError {
    case .typeMismatch(_, let found)?, .valueNotFound(_, let found)?, .dataCorrupted(let found)?: context = found
    case .keyNotFound(let key, let found)?:
        context = found
        last = key.stringValue
    default: return whole
    }
    var text = ""
    for key in context.codingPath.dropFirst(count) {
        text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? "" : ".") + key.stringValue
    }
    if let last { text += (text.isEmpty ? "" : ".") + last }
    return text.isEmpty ? whole : clipped(text, 100)
}

/// Decodes a JSON body. What is no JSON at all is a transport failure; JSON of another shape names the field.
func decode<Value: Decodable>(_ type: Value.Type, from body: [UInt8]) throws(PollError) -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(body))
    } catch {
        if error is ForeignAnswer { throw .notData(reason: "JSON, but not of this service") }
        if case .dataCorrupted(let context)? = error as? DecodingError, context.codingPath.isEmpty {
            throw .notData(reason: whatItIs(body))
        }
        throw .malformed(field: path(of: error))
    }
}

func whatItIs(_ body: [UInt8]) -> String {
    switch body.first(where: { $0 > 32 }) {
    case nil: "an empty answer"
    case UInt8(ascii: "<"): "a web page instead of JSON"
    default: "the answer is not JSON, or is cut short"
    }
}

/// What the status alone says. Only a 200 has a body worth reading.
func requireOK(_ answer: HTTPResponse, now: Timestamp) throws(PollError) {
    let delay = answer["retry-after"].flatMap { retryAfter($0, now: now) }
    switch answer.status {
    case 200: return
    case 429: throw .rateLimited(retryAfter: delay)
    case 503 where delay != nil: throw .rateLimited(retryAfter: delay)
    case 300..<400: throw .unreachable(reason: "it redirects elsewhere (status \(answer.status))")
    default: throw .unreachable(reason: "status \(answer.status)")
    }
}

/// What a provider says of an error, fit to be kept and shown: its code, and of its words those that say nothing about a
/// person. Neither endless nor empty, and without the keys it was sent.
func told(_ text: String, code: String? = nil, hiding secrets: [Secret?]) -> String {
    toldIfKept(text, code: code, hiding: secrets)
        ?? (text.isEmpty ? "an error without words" : "an error in words that are not kept")
}

/// The same; nil where nothing of it is kept.
func toldIfKept(_ text: String, code: String? = nil, hiding secrets: [Secret?]) -> String? {
    let words = toldWords(text, hiding: secrets)
    guard let code = code.flatMap(errorCode) else { return words.isEmpty ? nil : words }
    return words.isEmpty ? "code \(code)" : "\(words) (code \(code))"
}

/// Only the words; empty where none is kept.
func toldWords(_ text: String, hiding secrets: [Secret?]) -> String {
    clipped(knownWords(of: withoutSecrets(text, secrets)), 200)
}

/// The whole text, for a person at a terminal alone: it is never kept.
package func withoutSecrets(_ text: String, _ secrets: [Secret?]) -> String {
    secrets.compactMap(\.self).filter { !$0.revealed.isEmpty }
        .reduce(text) { $0.replacing($1.revealed, with: "<secret>") }
}

/// One pass over a list that comes in pages: whether it showed everything there is.
struct ListPass {
    private var keys: Set<String> = []
    private var total: Int?
    private var isSteady = true
    private var hasNew = false
    private var unreadableCount = 0

    /// - Parameter newTotal: How many rows the list has, as this page says; nil where it does not.
    mutating func begin(total newTotal: Int?) {
        // A list that grows or shrinks between its pages may repeat or skip a row.
        if newTotal == nil || (total != nil && total != newTotal) { isSteady = false }
        total = newTotal ?? total
        hasNew = false
    }

    /// - Parameter key: Nil where the row's id could not be read: it may be any row.
    /// - Returns: Whether the row was not shown before in this pass.
    @discardableResult
    mutating func insert(_ key: String?) -> Bool {
        guard let key else {
            isSteady = false
            unreadableCount += 1
            return false
        }
        let isNew = keys.insert(key).inserted
        hasNew = hasNew || isNew
        return isNew
    }

    /// A page without a new row is the last, also where the total says otherwise: else a list that ignores the page
    /// asked for would be read for ever.
    var isAtEnd: Bool { !hasNew || total.map { keys.count + unreadableCount >= $0 } ?? false }

    var isComplete: Bool { isSteady && keys.count == total }
}
