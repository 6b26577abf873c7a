// JSON as the simulated systems write it: members keep their order, numbers their digits.

enum JSON: Sendable, Equatable {
    case object([Member])
    case array([JSON])
    case text(String)
    /// As it is written: `99.0`, `144.67`.
    case number(String)
    case integer(Int)
    case bool(Bool)
    case null

    struct Member: Sendable, Equatable {
        var name: String
        var value: JSON
    }

    static let nothing = JSON.object([])

    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

    /// A text, or a number's digits.
    var plain: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .integer(let number): String(number)
        case .object, .array, .bool, .null: nil
        }
    }

    /// Members that are there are replaced, others appended; nil takes one away.
    func with(_ name: String, _ value: JSON?) -> JSON {
        guard case .object(var members) = self else { return self }
        if let index = members.firstIndex(where: { $0.name == name }) {
            if let value { members[index].value = value } else { members.remove(at: index) }
        } else if let value {
            members.append(Member(name: name, value: value))
        }
        return .object(members)
    }

    /// The same tree with another value at a path of members, where there is one.
    func changing(_ path: [String], _ change: (JSON) -> JSON) -> JSON {
        guard let name = path.first else { return change(self) }
        guard let value = self[name] else { return self }
        return with(name, value.changing(Array(path.dropFirst()), change))
    }

    func at(_ path: [String]) -> JSON? { path.reduce(Optional(self)) { $0?[$1] } }

    var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    func write(to out: inout [UInt8]) {
        switch self {
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSON.quote(member.name, to: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                element.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .text(let text): JSON.quote(text, to: &out)
        case .number(let text): out += text.utf8
        case .integer(let number): out += String(number).utf8
        case .bool(let flag): out += (flag ? "true" : "false").utf8
        case .null: out += "null".utf8
        }
    }

    private static func quote(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): out += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
            case UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            case UInt8(ascii: "\n"): out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0..<32:
                let digits = String(byte, radix: 16)
                out += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }

    init(arrayLiteral elements: JSON...) { self = .array(elements) }
}
