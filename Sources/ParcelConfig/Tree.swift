// A YAML document as a tree with lines, read strictly: every key is known, nothing stands twice, every value has the
// shape that is expected, and what is wrong is noted while reading goes on. Single values are read in Scalars.swift.

import ParcelCore
import Yams

/// A node with its path and line, for messages. The line is that of its key: an alias stands elsewhere.
struct Place {
    /// As the last file that has it gives it.
    let node: Node
    let path: String
    let line: Int?
    /// Nil for the main file.
    let file: String?
    /// What each file says of the section, the main file first: later ones lie over earlier ones, key by key.
    let layers: [Layer]

    struct Layer {
        let node: Node
        let file: String?
    }

    init(node: Node, path: String, line: Int?, file: String? = nil, over earlier: [Layer] = []) {
        self.init(node: node, path: path, line: line, file: file, layers: earlier + [Layer(node: node, file: file)])
    }

    /// The whole: it stands in no file alone.
    init(root layers: [Layer]) {
        self.init(node: layers[0].node, path: "", line: nil, file: nil, layers: layers)
    }

    private init(node: Node, path: String, line: Int?, file: String?, layers: [Layer]) {
        self.node = node
        self.path = path
        self.line = line
        self.file = file
        self.layers = layers
    }
}

final class Reading {
    private(set) var problems: [Problem] = []
    /// Where everything stands that was read, by path.
    private(set) var spots: [String: Config.Spot] = [:]

    func report(_ place: Place, _ message: String) {
        report(Problem(line: place.line, path: place.path, message: message, file: place.file))
    }

    /// A section may be looked at more than once.
    private func report(_ problem: Problem) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// The members of a mapping by key, any key.
    func members(_ place: Place) -> [String: Place] {
        let (found, mistakes) = merged(place)
        for mistake in mistakes { report(mistake) }
        for member in found.values { note(member) }
        return found
    }

    private func note(_ place: Place) { spots[place.path] = Config.Spot(file: place.file, line: place.line) }

    /// The keys that the section has when all files are laid over each other.
    func keys(of place: Place) -> [String] { Array(merged(place).found.keys) }

    private func merged(_ place: Place) -> (found: [String: Place], mistakes: [Problem]) {
        guard place.node.isMapping || place.node.isNothing else {
            let message = "expected a section with keys, found \(place.node.shape)"
            return ([:], [Problem(line: place.line, path: place.path, message: message, file: place.file)])
        }
        var (found, mistakes) = ([String: Place](), [Problem]())
        for layer in place.layers {
            guard case .mapping(let mapping) = layer.node else { continue }
            var given = Set<String>()
            for (key, value) in mapping {
                let line = key.mark?.line ?? place.line
                guard case .scalar(let scalar) = key, !key.isNothing else {
                    let message = "expected a key, found \(key.shape)"
                    mistakes.append(Problem(line: line, path: place.path, message: message, file: layer.file))
                    continue
                }
                let path = place.path.isEmpty ? shownKey(scalar.string) : "\(place.path).\(shownKey(scalar.string))"
                let member = Place(node: value, path: path, line: line, file: layer.file)
                if !given.insert(scalar.string).inserted {
                    mistakes.append(Problem(line: line, path: path, message: "is given twice", file: layer.file))
                }
                let earlier = found[scalar.string]
                found[scalar.string] = member.laid(over: earlier)
                if layer.file != nil, value.isWrittenNull, earlier == nil {
                    let message = "there is nothing to take away: no file before this one gives it"
                    mistakes.append(Problem(line: line, path: path, message: message, file: layer.file))
                }
            }
        }
        return (found, mistakes)
    }

    /// The members of a mapping; unknown keys are reported with the nearest known one.
    ///
    /// The members of a section whose keys are declared.
    func members(_ place: Place, _ declared: [Declared]) -> [String: Place] {
        members(place, known: declared.map(\.name), required: declared.filter(\.isRequired).map(\.name))
    }

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
            let element = Place(
                node: node, path: "\(place.path)[\(index)]", line: max(own, place.line ?? own), file: place.file)
            note(element)
            return element
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

extension Place {
    /// What counts when an earlier file has it too: sections are laid over each other, everything else is replaced, a
    /// written null takes it away, and an empty section changes nothing.
    fileprivate func laid(over earlier: Place?) -> Place? {
        if file != nil, node.isWrittenNull { return nil }
        guard let earlier, earlier.node.isMapping || earlier.node.isNothing else { return self }
        if node.isNothing { return earlier }
        return node.isMapping ? Place(node: node, path: path, line: line, file: file, over: earlier.layers) : self
    }
}

extension Node {
    /// `~` or `null`, not merely left empty.
    var isWrittenNull: Bool {
        if case .scalar(let scalar) = self { isNothing && !scalar.string.isEmpty } else { false }
    }

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
