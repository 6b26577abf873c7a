// A YAML section as fields with lines, read strictly: unknown keys, missing ones, doubles and wrong types are all noted
// and reading goes on, so that every problem is told at once. What the fields mean, ScenarioReader.swift says.

import Yams

/// What was found wrong so far.
final class Notes {
    private var notes: [(line: Int, text: String)] = []

    func add(_ line: Int, _ text: String) { notes.append((line, text)) }

    var isEmpty: Bool { notes.isEmpty }

    func lines(_ name: String) -> [String] {
        notes.sorted { $0.line < $1.line }.map { "\(name), line \($0.line): \($0.text)" }
    }
}

struct Fields {
    let notes: Notes
    let path: String
    let line: Int
    private var members: [String: (node: Node, line: Int)] = [:]

    init(_ node: Node, _ path: String, _ notes: Notes, line: Int, keys: [String], required: [String] = []) {
        self.notes = notes
        self.path = path
        self.line = line
        guard case .mapping(let mapping) = node else {
            if !Fields.isNothing(node) || !required.isEmpty {
                notes.add(node.mark?.line ?? line, "\(path): a section with keys was expected")
            }
            return
        }
        for (key, value) in mapping {
            let line = key.mark?.line ?? line
            let name = key.scalar?.string ?? ""
            if !keys.contains(name) {
                notes.add(line, "\(place(name)): unknown key (known: \(keys.joined(separator: ", ")))")
            } else if members[name] != nil {
                notes.add(line, "\(place(name)): given twice")
            } else {
                members[name] = (value, line)
            }
        }
        for name in required where members[name] == nil { notes.add(line, "\(path): \(name) is missing") }
    }

    static func isNothing(_ node: Node) -> Bool {
        guard let scalar = node.scalar else { return false }
        return scalar.string.isEmpty && scalar.style == .plain || scalar.string == "~" && scalar.style == .plain
    }

    private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func has(_ name: String) -> Bool { members[name] != nil }
    func line(of name: String) -> Int { members[name]?.line ?? line }

    func note(_ name: String, _ text: String) { notes.add(line(of: name), "\(place(name)): \(text)") }

    func text(_ name: String) -> String? {
        guard let (node, _) = members[name] else { return nil }
        guard let scalar = node.scalar else {
            note(name, "one value was expected")
            return nil
        }
        return scalar.string
    }

    private func read<Value>(_ name: String, _ wanted: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = parse(text) else {
            note(name, "\(text.isEmpty ? "nothing" : String(text.prefix(40))) is not \(wanted)")
            return nil
        }
        return value
    }

    func count(_ name: String) -> Int? {
        read(name, "a whole number") { Int($0).flatMap { $0 >= 0 ? $0 : nil } }
    }

    func flag(_ name: String) -> Bool? { read(name, "true or false") { ["true": true, "false": false][$0] } }

    func amount(_ name: String) -> String? {
        read(name, "a number such as 144.67") { text in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let isNumber = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }
            return isNumber && parts.count <= 2 ? text : nil
        }
    }

    func moment(_ name: String) -> Scenario.Moment? {
        read(name, "a time such as 2017-09-26 10:00") { Scenario.Moment.parse($0).map(Scenario.Moment.init(ms:)) }
    }

    /// Milliseconds.
    func length(_ name: String) -> Int64? { read(name, "a length of time such as 30m, 6h or -1d", lengthOfTime) }

    func offset(_ name: String) -> Int? { read(name, "an offset such as +08:00", offsetMinutes) }

    func choice<Value: RawRepresentable & CaseIterable>(_ name: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return read(name, "one of \(known)", Value.init(rawValue:))
    }

    func section(_ name: String, keys: [String], required: [String] = []) -> Fields? {
        guard let (node, line) = members[name] else { return nil }
        return Fields(node, place(name), notes, line: line, keys: keys, required: required)
    }

    func sections(_ name: String, keys: [String], required: [String]) -> [Fields] {
        nodes(name).enumerated().map { index, node in
            Fields(
                node, "\(place(name))[\(index)]", notes, line: node.mark?.line ?? line(of: name), keys: keys,
                required: required)
        }
    }

    func texts(_ name: String) -> [String]? {
        guard has(name) else { return nil }
        return nodes(name).compactMap { node in
            if node.scalar == nil { note(name, "a list of texts was expected") }
            return node.scalar?.string
        }
    }

    func pairs(_ name: String) -> [String: String]? {
        guard let (node, _) = members[name] else { return nil }
        guard case .mapping(let mapping) = node else {
            note(name, "pairs of a code and its name were expected")
            return nil
        }
        return mapping.reduce(into: [:]) { $0[$1.key.scalar?.string ?? ""] = $1.value.scalar?.string ?? "" }
    }

    private func nodes(_ name: String) -> [Node] {
        guard let (node, _) = members[name] else { return [] }
        guard case .sequence(let sequence) = node else {
            if !Fields.isNothing(node) { note(name, "a list was expected") }
            return []
        }
        return Array(sequence)
    }
}
