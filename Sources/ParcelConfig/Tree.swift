// A YAML document as a tree with lines, read strictly: every key is known, nothing stands twice, every value has the
// shape that is expected, and what is wrong is noted while reading goes on. Single values are read in Scalars.swift.

import ParcelCore
import Yams

/// A node with its path and line, for messages. The line is that of its key: an alias stands elsewhere.
struct Place {
    let node: Node
    let path: String
    let line: Int?
}

final class Reading {
    private(set) var problems: [Problem] = []

    func report(_ place: Place, _ message: String) {
        report(line: place.line, place.path, message)
    }

    func report(line: Int?, _ path: String, _ message: String) {
        problems.append(Problem(line: line, path: path, message: message))
    }

    /// The members of a mapping by key, any key.
    func members(_ place: Place) -> [String: Place] {
        guard case .mapping(let mapping) = place.node else {
            if !place.node.isNothing { report(place, "expected a section with keys, found \(place.node.shape)") }
            return [:]
        }
        var found: [String: Place] = [:]
        for (key, value) in mapping {
            let line = key.mark?.line ?? place.line
            guard case .scalar(let scalar) = key, !key.isNothing else {
                report(line: line, place.path, "expected a key, found \(key.shape)")
                continue
            }
            let path = place.path.isEmpty ? shownKey(scalar.string) : "\(place.path).\(shownKey(scalar.string))"
            if found[scalar.string] != nil { report(line: line, path, "is given twice") }
            found[scalar.string] = Place(node: value, path: path, line: line)
        }
        return found
    }

    /// The members of a mapping; unknown keys are reported with the nearest known one.
    ///
    /// - Parameter required: Keys that have to be there.
    func members(_ place: Place, known: [String], required: [String] = []) -> [String: Place] {
        var found = members(place)
        for (name, member) in found where !known.contains(name) {
            found[name] = nil
            report(member, unknown(name, "key", known))
        }
        // A section that is not one was reported; what it lacks goes without saying.
        guard place.node.isMapping || place.node.isNothing else { return found }
        for name in required where found[name] == nil { report(place, "\(name) is missing") }
        return found
    }

    func unknown(_ name: String, _ what: String, _ known: [String]) -> String {
        if name == "<<" { return "keys are not merged here; write them out" }
        if name.contains(where: { ":=".contains($0) }) { return "unknown key; is a space missing after the colon?" }
        return "unknown \(what)\(hint(name, known)) (known: \(known.joined(separator: ", ")))"
    }

    func elements(_ place: Place) -> [Place] {
        guard case .sequence(let sequence) = place.node else {
            report(place, "expected a list, found \(place.node.shape)")
            return []
        }
        return sequence.enumerated().map { index, node in
            // An alias brings the line of its anchor, which stands before the list.
            let own = node.mark?.line ?? 0
            return Place(node: node, path: "\(place.path)[\(index)]", line: max(own, place.line ?? own))
        }
    }

    /// A list of names, none twice; one name alone is a list of one.
    ///
    /// - Parameters:
    ///   - what: `a channel`, for the message about one that is not known.
    ///   - known: Nil where any name will do.
    func names(_ place: Place, _ what: String, known: [String]?) -> [String] {
        let places = place.node.isSingle ? [place] : elements(place)
        var names: [String] = []
        for place in places {
            guard let name = word(place) else { continue }
            if let known, !known.contains(name) {
                report(
                    place,
                    "there is no \(what) \(shown(name))\(hint(name, known)) (known: \(known.joined(separator: ", ")))")
            } else if names.contains(name) {
                report(place, "\(name) is named twice")
            } else {
                names.append(name)
            }
        }
        return names
    }

    /// A list of texts in their order, or a single one.
    func words(_ place: Place) -> [String] {
        (place.node.isSingle ? [place] : elements(place)).compactMap { word($0) }
    }

    func hint(_ name: String, _ known: [String]) -> String {
        nearest(name, among: known).map { "; did you mean \($0)?" } ?? ""
    }
}

extension Node {
    /// An empty value, `~` or `null`.
    var isNothing: Bool {
        guard case .scalar(let scalar) = self else { return false }
        return scalar.string.isEmpty || (isPlain && ["~", "null", "Null", "NULL"].contains(scalar.string))
    }

    /// Not in quotes.
    var isPlain: Bool {
        if case .scalar(let scalar) = self { scalar.style == .plain || scalar.style == .any } else { false }
    }

    var isMapping: Bool { if case .mapping = self { true } else { false } }
    var isSingle: Bool { if case .scalar = self { !isNothing } else { false } }

    /// What it is, without its content: that may be a secret in a wrong place.
    var shape: String {
        switch self {
        case .mapping: "a section"
        case .sequence: "a list"
        case .scalar: isNothing ? "nothing" : "a single value"
        case .alias: "an alias"
        }
    }
}

/// A text as messages show it: one line, and not all of a long one.
func shown(_ text: String) -> String {
    let plain = text.unicodeScalars.prefix(40).map { $0.properties.generalCategory == .control ? " " : String($0) }
    return "\"\(plain.joined())\(text.unicodeScalars.count > 40 ? "…" : "")\""
}

/// A key as paths show it: no more of it than can be a key, since `token:abc` without its space is one whole key.
private func shownKey(_ key: String) -> String {
    let end = key.unicodeScalars.firstIndex {
        ":= \t".unicodeScalars.contains($0) || $0.properties.generalCategory == .control
    }
    let head = key.unicodeScalars[..<(end ?? key.unicodeScalars.endIndex)].prefix(40)
    return String(head) + (head.count < key.unicodeScalars.count ? "…" : "")
}
