// A YAML document as a tree with lines, read strictly: every key is known, every value has its type, and what is wrong
// is noted while reading goes on.

import ParcelCore
import Yams

/// A node with its path, for messages.
struct Place {
    let node: Node
    let path: String

    var line: Int? { node.mark?.line }
}

final class Reading {
    private(set) var problems: [Problem] = []

    func report(_ place: Place, _ message: String) {
        problems.append(Problem(line: place.line, path: place.path, message: message))
    }

    func report(line: Int?, _ path: String, _ message: String) {
        problems.append(Problem(line: line, path: path, message: message))
    }

    /// The members of a mapping; unknown keys are reported with the nearest known one.
    func members(_ place: Place, known: [String]?, required: [String] = []) -> [String: Place] {
        guard case .mapping(let mapping) = place.node else {
            if !isEmpty(place.node) { report(place, "expected a section with keys, found \(kind(place.node))") }
            return [:]
        }
        var found: [String: Place] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            let path = place.path.isEmpty ? name : "\(place.path).\(name)"
            let member = Place(node: value, path: path)
            if let known, !known.contains(name) {
                let hint = nearest(name, among: known).map { "; did you mean \($0)?" } ?? ""
                report(line: key.mark?.line, path, "unknown key\(hint) (known: \(known.joined(separator: ", ")))")
                continue
            }
            if found[name] != nil { report(line: key.mark?.line, path, "is given twice") }
            found[name] = member
        }
        for name in required where found[name] == nil {
            report(place, "\(name) is missing")
        }
        return found
    }

    func elements(_ place: Place) -> [Place] {
        guard case .sequence(let sequence) = place.node else {
            report(place, "expected a list, found \(kind(place.node))")
            return []
        }
        return sequence.enumerated().map { Place(node: $1, path: "\(place.path)[\($0)]") }
    }

    /// A list of names; one name alone is a list of one.
    func names(_ place: Place) -> [(name: String, place: Place)] {
        if case .scalar = place.node { return text(place).map { [($0, place)] } ?? [] }
        return elements(place).compactMap { element in text(element).map { ($0, element) } }
    }

    func text(_ place: Place) -> String? {
        guard case .scalar(let scalar) = place.node, !isEmpty(place.node) else {
            report(place, "expected a text, found \(kind(place.node))")
            return nil
        }
        return scalar.string
    }

    func choice(_ place: Place, _ allowed: [String]) -> String? {
        guard let text = text(place) else { return nil }
        guard allowed.contains(text) else {
            let hint = nearest(text, among: allowed).map { "; did you mean \($0)?" } ?? ""
            report(place, "\(shown(text)) is not one of \(allowed.joined(separator: ", "))\(hint)")
            return nil
        }
        return text
    }

    func integer(_ place: Place, _ range: ClosedRange<Int>) -> Int? {
        guard let text = text(place) else { return nil }
        guard isPlain(place.node), text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "-") }),
            text == "0" || !text.hasPrefix("0"), let value = Int(text)
        else {
            report(place, "expected a whole number, found \(shown(text))")
            return nil
        }
        guard range.contains(value) else {
            report(place, "\(value) is not between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return value
    }

    func number(_ place: Place, _ range: ClosedRange<Double>) -> Double? {
        guard let text = text(place) else { return nil }
        guard let value = Double(text), value.isFinite else {
            report(place, "expected a number, found \(shown(text))")
            return nil
        }
        guard range.contains(value) else {
            report(place, "\(text) is not between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return value
    }

    func boolean(_ place: Place) -> Bool? { choice(place, ["true", "false"]).map { $0 == "true" } }

    /// `90 s`, `15 min`, `2 h`, `1 d`.
    func duration(_ place: Place) -> Duration? {
        guard let text = text(place) else { return nil }
        let parts = text.split(separator: " ")
        let units: [String: Int64] = ["s": 1, "min": 60, "h": 3600, "d": 86_400]
        guard parts.count == 2, let value = Int64(parts[0]), value > 0, let unit = units[String(parts[1])],
            value <= 366 * 86_400 / unit
        else {
            report(place, "expected a time with its unit, such as 90 s, 15 min, 2 h or 1 d, found \(shown(text))")
            return nil
        }
        return .seconds(value * unit)
    }

    func url(_ place: Place) -> String? {
        guard let text = text(place) else { return nil }
        let host = urlHost(text)
        guard let host, !host.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            report(place, "expected an address that begins with https://, found \(shown(text))")
            return nil
        }
        guard text.lowercased().hasPrefix("https://") || isLoopback(text) else {
            report(place, "http:// is only allowed to this machine; write https://")
            return nil
        }
        guard !text.contains("@") else {
            report(place, "an address must not hold a name or password")
            return nil
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private func isEmpty(_ node: Node) -> Bool {
        if case .scalar(let scalar) = node {
            scalar.string.isEmpty || (scalar.style == .plain && ["~", "null"].contains(scalar.string))
        } else {
            false
        }
    }

    private func isPlain(_ node: Node) -> Bool {
        if case .scalar(let scalar) = node { scalar.style == .plain || scalar.style == .any } else { false }
    }

    func kind(_ node: Node) -> String {
        switch node {
        case .mapping: "a section"
        case .sequence: "a list"
        case .scalar where isEmpty(node): "nothing"
        case .scalar(let scalar): shown(scalar.string)
        case .alias: "an alias"
        }
    }

    private func shown(_ text: String) -> String {
        let plain = text.prefix(40).map { $0.isNewline || $0.asciiValue.map { $0 < 32 } == true ? " " : String($0) }
            .joined()
        return "\"\(plain)\(text.count > 40 ? "…" : "")\""
    }
}

/// The host of an http or https address, without its port.
func urlHost(_ url: String) -> String? {
    let lower = url.lowercased()
    guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else { return nil }
    let rest = lower.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    if rest.hasPrefix("[") { return rest.firstIndex(of: "]").map { String(rest[...$0]) } }
    return String(rest.prefix { $0 != ":" })
}

/// Whether the address stays on this machine.
package func isLoopback(_ url: String) -> Bool {
    guard let host = urlHost(url) else { return false }
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}
