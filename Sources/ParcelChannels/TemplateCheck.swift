// Whether a user's template can be used: every mistake with its line. The library renders an unknown name as nothing,
// so that names are checked here, against what each template is given.

import ParcelCore

package struct TemplateMistake: Error, Sendable, Hashable, CustomStringConvertible {
    package let line: Int
    package let reason: String

    package var description: String { "line \(line): \(reason)" }
}

/// - Parameters:
///   - file: Its name, such as `stall.mustache` or `letter.ru.mustache`.
/// - Returns: Empty where it can be used.
package func templateMistakes(_ file: String, _ text: String) -> [TemplateMistake] {
    let parts = file.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let known = TemplateKind.allCases.flatMap { kind in
        ["\(kind.rawValue).mustache"] + kind.languages.map { "\(kind.rawValue).\($0).mustache" }
    }
    guard known.contains(file), let kind = parts.first.flatMap(TemplateKind.init(rawValue:)) else {
        let hint = nearest(file, among: known).map { "; did you mean \($0)?" } ?? ""
        return [TemplateMistake(line: 1, reason: "there is no template of this name\(hint)")]
    }
    guard text.utf8.count <= 65_536 else {
        return [TemplateMistake(line: 1, reason: "it is larger than 64 KiB")]
    }
    var check = TemplateCheck(kind.names)
    check.read(text)
    check.demand(kind.required)
    if check.mistakes.isEmpty, compile(text) == nil {
        check.mistakes.append(TemplateMistake(line: 1, reason: "it is no Mustache template"))
    }
    return check.mistakes
}

private struct TemplateCheck {
    private struct Section {
        var name: String
        var line: Int
        /// What can be named inside and could not outside.
        var names: [TemplateName]
        /// What `{{.}}` stands for; nil where the section changes nothing about that.
        var item: TemplateName.Form?
    }

    private let names: [TemplateName]
    private var sections: [Section] = []
    private var used: Set<String> = []
    var mistakes: [TemplateMistake] = []

    init(_ names: [TemplateName]) { self.names = names }

    mutating func read(_ text: String) {
        var rest = Substring(text).unicodeScalars[...]
        var line = 1
        // Whoever reads twenty mistakes has enough to mend.
        while mistakes.count < 20, let start = rest.firstRange(of: "{{".unicodeScalars) {
            line += rest[..<start.lowerBound].count { $0 == "\n" }
            let isTriple = rest[start.upperBound...].first == "{"
            let closing = isTriple ? "}}}" : "}}"
            let inside = rest[(isTriple ? rest.index(after: start.upperBound) : start.upperBound)...]
            guard let end = inside.firstRange(of: closing.unicodeScalars) else {
                return say("a tag begins with {{ and does not end with \(closing)", line)
            }
            let content = inside[..<end.lowerBound]
            tag(String(content), isTriple, line)
            line += content.count { $0 == "\n" }
            rest = rest[end.upperBound...]
        }
        for section in sections.prefix(20 - mistakes.count) { say("{{#\(section.name)}} is not closed", section.line) }
    }

    /// Of a text with other mistakes it is not known what it would name without them.
    mutating func demand(_ required: [String]) {
        guard mistakes.isEmpty else { return }
        for name in required where !used.contains(name) {
            say("\"\(name)\" stands nowhere in it, and what it stands for is told nowhere else", 1)
        }
    }

    private mutating func say(_ reason: String, _ line: Int) {
        mistakes.append(TemplateMistake(line: line, reason: reason))
    }

    private mutating func tag(_ content: String, _ isTriple: Bool, _ line: Int) {
        let words = content.drop { $0.isWhitespace }
        guard !isTriple, let first = words.first, "#^/!&><$=%*".contains(first) else {
            return variable(trimmed(words), line)
        }
        let name = trimmed(words.dropFirst())
        switch first {
        case "!": break
        case "&": variable(name, line)
        case "#", "^": open(name, isInverted: first == "^", line)
        case "/": close(name, line)
        default:
            say("{{\(first)}} is not offered: write variables, {{#sections}}, {{^sections}} and {{! remarks}}", line)
        }
    }

    private func trimmed(_ text: Substring) -> String {
        harmless(String(text), limit: 60)
    }

    private mutating func variable(_ name: String, _ line: Int) {
        if name == "." {
            let item = sections.last { $0.item != nil }?.item
            if item != .text { say("{{.}} stands for nothing here", line) }
            return
        }
        switch found(name, line)?.form {
        case .text?, nil: break
        case .lines?: say("\(name) is a list: write {{#\(name)}}{{.}}{{/\(name)}}", line)
        case .rows?, .flag?: say("\(name) has no text of its own: write {{#\(name)}}…{{/\(name)}}", line)
        }
    }

    private mutating func open(_ name: String, isInverted: Bool, _ line: Int) {
        guard sections.count < 20 else { return say("more than 20 sections are inside each other", line) }
        var section = Section(name: name, line: line, names: [])
        let found = found(name, line)
        if !isInverted {
            switch found?.form {
            case .text?, .lines?: section.item = .text
            case .rows(let names)?: (section.names, section.item) = (names, .rows(names))
            case .flag?, nil: break
            }
        }
        sections.append(section)
    }

    private mutating func close(_ name: String, _ line: Int) {
        guard let last = sections.popLast() else { return say("{{/\(name)}} closes nothing", line) }
        if last.name != name { say("{{/\(name)}} where {{/\(last.name)}} is due, of line \(last.line)", line) }
    }

    private mutating func found(_ name: String, _ line: Int) -> TemplateName? {
        let visible = sections.reversed().flatMap(\.names) + names
        if let known = visible.first(where: { $0.name == name }) {
            used.insert(name)
            return known
        }
        let hint = nearest(name, among: visible.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        say("there is no \"\(name)\" here\(hint)", line)
        return nil
    }
}
