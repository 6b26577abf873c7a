// The one pass over a JSON text that makes JSONDocument's row of nodes, and the checks of grammar, UTF-8 and depth.

/// Why a text is no JSON, and at which byte that shows.
package struct JSONMistake: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case endsEarly = "ends early"
        case syntax = "is not JSON"
        case notUTF8 = "is not UTF-8"
        case tooDeep = "is nested too deeply"
        case tooLong = "is too long"
    }

    package let reason: Reason
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason.rawValue) (byte \(offset))" }
}

struct FlatNode {
    /// Of its text; a string's is without the quotes, a container's is not used.
    var start: UInt32
    var end: UInt32
    /// Index of the node behind it and all that it holds.
    var next: UInt32
    var kind: JSONNode.Kind
    var hasEscapes = false
}

/// Nodes in memory of their own: an Array asks with each append whether somebody else holds it. Whoever has the row last
/// gives the memory back.
struct NodeRow {
    private var start: UnsafeMutablePointer<FlatNode>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
        start = .allocate(capacity: self.capacity)
    }

    func deallocate() { start.deallocate() }

    subscript(index: Int) -> FlatNode {
        get {
            precondition(index >= 0 && index < count)
            return start[index]
        }
        set {
            precondition(index >= 0 && index < count)
            start[index] = newValue
        }
    }

    mutating func append(_ node: FlatNode) {
        if count == capacity { grow() }
        (start + count).initialize(to: node)
        count += 1
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<FlatNode>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: start, count: count)
        start.deallocate()
        start = larger
        capacity *= 2
    }
}

/// The one pass. `nodes` is whole once `scanDocument` has returned.
struct JSONScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    private(set) var nodes: NodeRow
    /// The containers that are open.
    private var open: [Int] = []

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        // About what the vendors' answers have, so that the row seldom grows.
        nodes = NodeRow(capacity: text.count / 16 + 8)
    }

    private func mistake() -> JSONMistake {
        JSONMistake(position < text.count ? .syntax : .endsEarly, at: position)
    }

    /// The next byte that is no white space; 0, which begins nothing, at the end.
    @inline(__always)
    private mutating func peek() -> UInt8 {
        while position < text.count {
            let byte = text[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return 0
    }

    mutating func scanDocument() throws(JSONMistake) {
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        try scanValue()
        while let container = open.last {
            let isObject = nodes[container].kind == .object
            let byte = peek()
            if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                position += 1
                nodes[container].next = UInt32(nodes.count)
                open.removeLast()
                continue
            }
            if nodes.count > container + 1 {
                guard byte == UInt8(ascii: ",") else { throw mistake() }
                position += 1
                _ = peek()
            }
            if isObject { try scanName() }
            try scanValue()
        }
        _ = peek()
        guard position == text.count else { throw mistake() }
    }

    @inline(__always)
    private mutating func scanName() throws(JSONMistake) {
        guard peek() == UInt8(ascii: "\"") else { throw mistake() }
        try scanString()
        guard peek() == UInt8(ascii: ":") else { throw mistake() }
        position += 1
    }

    private mutating func scanValue() throws(JSONMistake) {
        switch peek() {
        case UInt8(ascii: "\""): try scanString()
        case UInt8(ascii: "{"): try begin(.object)
        case UInt8(ascii: "["): try begin(.array)
        case UInt8(ascii: "n"): try scanWord("null", .null)
        case UInt8(ascii: "t"): try scanWord("true", .bool)
        case UInt8(ascii: "f"): try scanWord("false", .bool)
        case UInt8(ascii: "-"), 48...57: try scanNumber()
        default: throw mistake()
        }
    }

    private mutating func begin(_ kind: JSONNode.Kind) throws(JSONMistake) {
        guard open.count < JSONDocument.deepest else { throw JSONMistake(.tooDeep, at: position) }
        open.append(nodes.count)
        append(kind, from: position)
        position += 1
    }

    @inline(__always)
    private mutating func append(_ kind: JSONNode.Kind, from start: Int, hasEscapes: Bool = false) {
        nodes.append(
            FlatNode(
                start: UInt32(start), end: UInt32(position), next: UInt32(nodes.count + 1), kind: kind,
                hasEscapes: hasEscapes))
    }

    private mutating func scanWord(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONMistake) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard position < text.count, text[position] == word.utf8Start[index] else { throw mistake() }
            position += 1
        }
        append(kind, from: start)
    }

    private mutating func scanNumber() throws(JSONMistake) {
        let start = position
        if text[position] == UInt8(ascii: "-") { position += 1 }
        if position < text.count, text[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try scanDigits()
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try scanDigits()
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try scanDigits()
        }
        append(.number, from: start)
    }

    /// At least one.
    private mutating func scanDigits() throws(JSONMistake) {
        let start = position
        while position < text.count, (48...57).contains(text[position]) { position += 1 }
        guard position > start else { throw mistake() }
    }

    private mutating func scanString() throws(JSONMistake) {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlain()
            guard position < text.count else { throw mistake() }
            switch text[position] {
            case UInt8(ascii: "\""):
                append(.string, from: start, hasEscapes: hasEscapes)
                position += 1
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try scanEscape()
            case 0x80...: try scanUTF8()
            case ..<0x20: throw mistake()
            default: position += 1
            }
        }
    }

    /// Skips what is ASCII and neither quote, backslash nor control, eight bytes at a time.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        guard let base = text.baseAddress else { return }
        while position + 8 <= text.count {
            let word = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            // A byte's high bit shows that it is below 0x20, a quote, a backslash or not ASCII. Above the first such
            // byte a borrow may set more; only the first is looked at.
            let found =
                ((word &- ones &* 0x20) | (quotes &- ones) | (slashes &- ones) | word) & highs
            guard found == 0 else {
                position += found.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
    }

    private mutating func scanEscape() throws(JSONMistake) {
        position += 1
        guard position < text.count else { throw mistake() }
        switch text[position] {
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard position < text.count, hexValue(text[position]) != nil else { throw mistake() }
                position += 1
            }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        default: throw mistake()
        }
    }

    /// One character of two to four bytes: no overlong form, no surrogate, nothing above U+10FFFF.
    private mutating func scanUTF8() throws(JSONMistake) {
        let first = text[position]
        let second: ClosedRange<UInt8>
        let length: Int
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONMistake(.notUTF8, at: position)
        }
        for index in 1..<length {
            guard position + index < text.count else { throw JSONMistake(.endsEarly, at: text.count) }
            guard (index == 1 ? second : 0x80...0xBF).contains(text[position + index]) else {
                throw JSONMistake(.notUTF8, at: position)
            }
        }
        position += length
    }
}

private func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 48...57: UInt32(byte - 48)
    case 65...70: UInt32(byte - 55)
    case 97...102: UInt32(byte - 87)
    default: nil
    }
}

/// The text that a string with escapes stands for. Its form was checked when it was read.
func unescaped(_ text: UnsafeBufferPointer<UInt8>) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var at = 0
    func unit(_ start: Int) -> UInt32 {
        (start..<start + 4).reduce(0) { $0 << 4 | (hexValue(text[$1]) ?? 0) }
    }
    while at < text.count {
        guard text[at] == UInt8(ascii: "\\") else {
            out.append(text[at])
            at += 1
            continue
        }
        let escape = text[at + 1]
        at += 2
        switch escape {
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var value = unit(at)
            at += 4
            let isPair =
                (0xD800...0xDBFF).contains(value) && at + 6 <= text.count && text[at] == UInt8(ascii: "\\")
                && text[at + 1] == UInt8(ascii: "u") && (0xDC00...0xDFFF).contains(unit(at + 2))
            if isPair {
                value = 0x10000 + (value - 0xD800) << 10 + (unit(at + 2) - 0xDC00)
                at += 6
            }
            out.append(contentsOf: String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8)
        default: out.append(escape)
        }
    }
    return String(decoding: out, as: UTF8.self)
}
