// The form of a number in a tiny language: `l` a letter, `d` a digit, `x` either, `[ABC]` one of these, anything else
// itself; a count `9` or `8-18` may follow a class. Only the last element of a pattern may vary in length, so a match
// takes one walk over the number.

struct NumberPattern: Sendable, Hashable {
    private enum Class: Sendable, Hashable {
        case letter, digit, either
        case oneOf([UInt8])

        func contains(_ byte: UInt8) -> Bool {
            let isDigit = (48...57).contains(byte)
            let isLetter = (65...90).contains(byte)
            return switch self {
            case .letter: isLetter
            case .digit: isDigit
            case .either: isDigit || isLetter
            case .oneOf(let bytes): bytes.contains(byte)
            }
        }
    }

    private struct Element: Sendable, Hashable {
        let kind: Class
        let count: ClosedRange<Int>
    }

    private var elements: [Element] = []

    init(_ text: String) {
        var rest = Substring(text)
        while let first = rest.popFirst() {
            switch first {
            case "l": elements.append(Element(kind: .letter, count: NumberPattern.count(&rest)))
            case "d": elements.append(Element(kind: .digit, count: NumberPattern.count(&rest)))
            case "x": elements.append(Element(kind: .either, count: NumberPattern.count(&rest)))
            case "[":
                let set = rest.prefix { $0 != "]" }
                rest = rest.dropFirst(set.count + 1)
                elements.append(Element(kind: .oneOf(Array(set.utf8)), count: 1...1))
            default: elements.append(Element(kind: .oneOf(Array(String(first).utf8)), count: 1...1))
            }
        }
    }

    private static func count(_ rest: inout Substring) -> ClosedRange<Int> {
        func number() -> Int? {
            let digits = rest.prefix { $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return Int(digits)
        }
        guard let least = number() else { return 1...1 }
        guard rest.first == "-" else { return least...least }
        rest = rest.dropFirst()
        return least...max(least, number() ?? least)
    }

    func matches(_ bytes: [UInt8]) -> Bool {
        var position = 0
        for element in elements {
            var taken = 0
            while taken < element.count.upperBound, position < bytes.count, element.kind.contains(bytes[position]) {
                position += 1
                taken += 1
            }
            guard element.count.contains(taken) else { return false }
        }
        return position == bytes.count
    }
}
