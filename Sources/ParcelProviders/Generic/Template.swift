// A text with places for numbers, pages and secrets, of which a request is made. What is filled in is written so that it
// cannot become anything else there: percent-encoded in addresses and forms, escaped in JSON.
//
// In JSON a place outside a string is filled with a whole value: `{numbers}` is a list of strings there, and joined text
// inside a string. A brace that no letter follows is JSON's own.

import ParcelCore

struct Template: Sendable, Hashable {
    struct Mistake: Error, Equatable { let reason: String }

    enum Encoding: Sendable, Hashable { case address, form, header, json }

    enum Placeholder: Sendable, Hashable, CustomStringConvertible {
        case number, numbers, page, cursor
        case secret(String)

        var description: String {
            switch self {
            case .number: "{number}"
            case .numbers: "{numbers}"
            case .page: "{page}"
            case .cursor: "{cursor}"
            case .secret(let name): "{secret:\(name)}"
            }
        }
    }

    private enum Part: Sendable, Hashable {
        case literal(String)
        case place(Placeholder, inString: Bool)
    }

    /// What the places are filled with.
    struct Values: Sendable {
        var numbers: [String] = []
        var separator = ","
        var page = 1
        var cursor = ""
        var secrets: [String: Secret] = [:]
    }

    private let encoding: Encoding
    private var parts: [Part] = []

    /// Stands for one that could not be read.
    static let empty = Template()

    private init() { encoding = .header }

    init(_ text: String, _ encoding: Encoding) throws(Mistake) {
        self.encoding = encoding
        var literal = ""
        var isInString = false
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "{", encoding != .json || rest.first.map({ $0.isASCII && $0.isLetter }) == true {
                guard let end = rest.firstIndex(where: { "{}\n".contains($0) }), rest[end] == "}" else {
                    throw Mistake(reason: "the brace before \"\(rest.prefix(20))\" is not closed")
                }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.place(try Template.placeholder(rest[..<end]), inString: isInString))
                rest = rest[end...].dropFirst()
                continue
            }
            if character == "}", encoding != .json {
                throw Mistake(reason: "a brace is closed that was not opened; write %7D for one of the address's own")
            }
            literal.append(character)
            guard encoding == .json else { continue }
            if character == "\"" { isInString.toggle() }
            if character == "\\", isInString, let escaped = rest.popFirst() { literal.append(escaped) }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
    }

    private static func placeholder(_ name: Substring) throws(Mistake) -> Placeholder {
        switch name {
        case "number": return .number
        case "numbers": return .numbers
        case "page": return .page
        case "cursor": return .cursor
        default:
            if name.hasPrefix("secret:") { return .secret(String(name.dropFirst(7))) }
            let known = ["number", "numbers", "page", "cursor", "secret:NAME"]
            let hint = nearest(String(name), among: known).map { "; did you mean {\($0)}?" } ?? ""
            let list = known.map { "{\($0)}" }.joined(separator: ", ")
            throw Mistake(reason: "there is no placeholder {\(name.prefix(40))}\(hint) (known: \(list))")
        }
    }

    var placeholders: Set<Placeholder> {
        Set(parts.compactMap { if case .place(let placeholder, _) = $0 { placeholder } else { nil } })
    }

    func filled(_ values: Values) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .place(let placeholder, let isInString): written(placeholder, isInString, values)
            }
        }.joined()
    }

    private func written(_ placeholder: Placeholder, _ isInString: Bool, _ values: Values) -> String {
        if encoding == .json, !isInString {
            switch placeholder {
            case .numbers: return JSONValue.array(values.numbers.map { .string($0) }).text
            case .page: return String(values.page)
            case .number, .cursor, .secret: return JSONValue.string(plain(placeholder, values)).text
            }
        }
        switch encoding {
        case .header: return plain(placeholder, values)
        case .json: return String(JSONValue.string(plain(placeholder, values)).text.dropFirst().dropLast())
        case .address, .form:
            guard placeholder == .numbers else { return percentEncoded(plain(placeholder, values)) }
            // What parts the numbers is part of the address as the user wrote it, where an address may hold it.
            return values.numbers.map { percentEncoded($0) }.joined(
                separator: percentEncoded(values.separator, also: ",;:"))
        }
    }

    private func plain(_ placeholder: Placeholder, _ values: Values) -> String {
        switch placeholder {
        case .number: values.numbers.first ?? ""
        case .numbers: values.numbers.joined(separator: values.separator)
        case .page: String(values.page)
        case .cursor: values.cursor
        case .secret(let name): values.secrets[name]?.revealed ?? ""
        }
    }
}

/// All but the characters that mean nothing anywhere in an address (RFC 3986, section 2.3).
func percentEncoded(_ text: String, also: String = "") -> String {
    var out = ""
    for byte in text.utf8 {
        let scalar = Unicode.Scalar(byte)
        switch byte {
        case 48...57, 65...90, 97...122: out.unicodeScalars.append(scalar)
        case _ where "-._~".utf8.contains(byte) || also.utf8.contains(byte): out.unicodeScalars.append(scalar)
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            out += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
        }
    }
    return out
}
