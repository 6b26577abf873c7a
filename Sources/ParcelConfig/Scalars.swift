// Single values of a configuration, each read as what it has to be: words, numbers without octal surprises, times and
// sizes with their units, addresses.

import ParcelCore
import Yams

extension Reading {
    /// The text of a single value; what stands there instead is reported.
    private func single(_ place: Place, _ expected: String) -> String? {
        guard case .scalar(let scalar) = place.node, !place.node.isNothing else {
            report(place, "expected \(expected), found \(place.node.shape)")
            return nil
        }
        guard scalar.string.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            report(place, "expected \(expected), found more than one line or a control character")
            return nil
        }
        return scalar.string
    }

    /// Text that may consist of digits, such as the id of a chat or a login.
    func word(_ place: Place) -> String? {
        guard let text = single(place, "a text") else { return nil }
        if place.node.isPlain, ["true", "false"].contains(text.lowercased()) {
            report(place, "expected a text, found \(text); put it in quotes if it is meant as one")
            return nil
        }
        return text
    }

    /// Text that no number is: a path, a zone, a name.
    func text(_ place: Place) -> String? {
        guard let text = word(place) else { return nil }
        if place.node.isPlain, Double(text) != nil {
            report(place, "expected a text, found the number \(text); put it in quotes if it is meant as text")
            return nil
        }
        return text
    }

    /// Text of one line or several; tabs are allowed.
    func longText(_ place: Place) -> String? {
        guard case .scalar(let scalar) = place.node, !place.node.isNothing else {
            report(place, "expected a text, found \(place.node.shape)")
            return nil
        }
        let isPlain = scalar.string.unicodeScalars.allSatisfy {
            $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
        }
        guard isPlain else {
            report(place, "expected a text, found a control character")
            return nil
        }
        return scalar.string
    }

    /// Where something stands in a JSON answer; "" in quotes is the whole of it.
    func pointer(_ place: Place) -> String? {
        let isWhole =
            if case .scalar(let scalar) = place.node { scalar.string.isEmpty && !place.node.isPlain } else { false }
        guard let text = isWhole ? "" : single(place, "a JSON Pointer such as /data/status") else { return nil }
        do throws(JSONPointer.Mistake) { return try JSONPointer(text).description } catch {
            report(place, "\(shown(text)): \(error)")
            return nil
        }
    }

    func choice(_ place: Place, _ allowed: [String]) -> String? {
        guard let text = single(place, "one of \(allowed.joined(separator: ", "))") else { return nil }
        guard allowed.contains(text) else {
            report(place, "\(shown(text)) is not one of \(allowed.joined(separator: ", "))\(hint(text, allowed))")
            return nil
        }
        return text
    }

    func boolean(_ place: Place) -> Bool? {
        guard let text = single(place, "true or false") else { return nil }
        guard place.node.isPlain, ["true", "false"].contains(text) else {
            report(place, "expected true or false, found \(shown(text))")
            return nil
        }
        return text == "true"
    }

    func integer(_ place: Place, _ range: ClosedRange<Int>) -> Int? {
        guard let text = single(place, "a whole number") else { return nil }
        guard place.node.isPlain, let value = Int(text), isDecimal(text, point: false) else {
            report(place, "expected a whole number, found \(numberless(text, place))")
            return nil
        }
        guard range.contains(value) else {
            report(place, "\(value) is not between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return value
    }

    func number(_ place: Place, _ range: ClosedRange<Double>) -> Double? {
        guard let text = single(place, "a number") else { return nil }
        guard place.node.isPlain, let value = Double(text), isDecimal(text, point: true) else {
            report(place, "expected a number, found \(numberless(text, place))")
            return nil
        }
        guard range.contains(value) else {
            report(place, "\(text) is not between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return value
    }

    /// `90 s`, `15 min`, `2 h`, `1 d`; at least a second, at most a year.
    func duration(_ place: Place) -> Duration? {
        let units: [(String, Int)] = [("s", 1), ("min", 60), ("h", 3600), ("d", 86_400)]
        return quantity(place, "a time with its unit, such as 90 s, 15 min, 2 h or 1 d", units, 1...366 * 86_400)
            .map { .seconds($0) }
    }

    /// `512 KiB`, `16 MiB`, in bytes.
    func size(_ place: Place) -> Int? {
        quantity(
            place, "a size with its unit, such as 512 KiB or 16 MiB", [("KiB", 1 << 10), ("MiB", 1 << 20)],
            1 << 10...1 << 30)
    }

    private func quantity(
        _ place: Place, _ expected: String, _ units: [(name: String, factor: Int)], _ range: ClosedRange<Int>
    ) -> Int? {
        guard let text = single(place, expected) else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let name = text.dropFirst(digits.count).drop { $0 == " " }
        guard let count = Int(digits), isDecimal(String(digits), point: false) else {
            report(place, "expected \(expected), found \(shown(text))")
            return nil
        }
        guard !name.isEmpty else {
            report(place, "\(digits) has no unit: \(units.map { "\(digits) \($0.name)" }.joined(separator: ", "))?")
            return nil
        }
        guard let unit = units.first(where: { $0.name == name }) else {
            report(place, "\(shown(text)) has no known unit (known: \(units.map(\.name).joined(separator: ", ")))")
            return nil
        }
        let (value, overflow) = count.multipliedReportingOverflow(by: unit.factor)
        guard !overflow, range.contains(value) else {
            report(place, "\(shown(text)) is \(overflow || value > range.upperBound ? "too much" : "too little")")
            return nil
        }
        return value
    }

    /// An http or https address to call.
    func url(_ place: Place) -> String? {
        guard let address = address(place, schemes: ["https", "http"]) else { return nil }
        guard address.scheme == "https" || address.isLoopback else {
            report(place, "http is allowed to this machine only; write https://")
            return nil
        }
        return address.text
    }

    /// A server that takes mail. Whether it may do so in clear text is the channel's matter.
    func mailServer(_ place: Place) -> String? {
        guard let address = address(place, schemes: ["smtp", "smtps"]) else { return nil }
        guard !address.text.drop(while: { $0 != ":" }).dropFirst(3).contains(where: { "/?#".contains($0) }) else {
            report(place, "expected a host and a port only, as in smtp://mail.example:587")
            return nil
        }
        return address.text
    }

    /// An http, https or socks proxy.
    func proxy(_ place: Place) -> String? {
        address(place, schemes: ["http", "https", "socks5h", "socks5"])?.text
    }

    /// An address for a person to open; parceld never calls it.
    func link(_ place: Place) -> String? {
        guard let text = text(place) else { return nil }
        if text.hasPrefix("mailto:"), text.count > 7, !text.contains(" ") { return text }
        return address(place, schemes: ["https", "http"]).map { _ in text }
    }

    private func address(_ place: Place, schemes: [String]) -> Address? {
        guard let text = single(place, "an address such as \(schemes[0])://host") else { return nil }
        do throws(AddressError) { return try Address(text, schemes: schemes) } catch {
            report(place, error.description)
            return nil
        }
    }

    private func numberless(_ text: String, _ place: Place) -> String {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        if place.path.hasSuffix("_days"), !digits.isEmpty, digits.count < text.count, Double(text) == nil {
            return "\(shown(text)); the key names the unit: write \(digits)"
        }
        guard Double(text) != nil else { return shown(text) }
        if !place.node.isPlain { return "\(shown(text)) in quotes" }
        return isDecimal(text, point: true) ? text : "\(shown(text)); write it in decimal, without leading zeros"
    }
}

/// Digits, with at most one point between some if that is allowed: no octal, hexadecimal, exponent or sign of plus.
private func isDecimal(_ text: String, point: Bool) -> Bool {
    let parts = (text.hasPrefix("-") ? text.dropFirst() : text[...]).split(
        separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 1 || (point && parts.count == 2), let whole = parts.first else { return false }
    return parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }
        && (whole == "0" || !whole.hasPrefix("0"))
}
