// Finds the commands that the project's documents show. A command is a line behind `$ ` in a ```console block, each line of
// a ```sh block, an indented line that begins with `$ ` or with a program of `shown`, and a span in backticks that begins
// with one of these and goes on. `# exit status 1` behind it says how it ends; a ```console exact block shows all it prints.

import Foundation

struct ShownCommand: Sendable, Equatable, CustomStringConvertible {
    var document: String
    var line: Int
    var text: String
    /// What the document says; nil where it says nothing, which means 0.
    var status: Int32?
    /// What it prints, line by line, where the document says that this is all of it.
    var output: [String]?
    /// From the middle of a sentence: it may be there as a name only.
    var isInline = false

    var description: String { "\(document):\(line): \(text)" }
}

struct Document: Sendable {
    /// Below the project's folder.
    let path: String
    private let lines: [String]
    private let shown: Set<String>
    private var commands: [ShownCommand] = []

    /// - Parameter shown: Programs whose names begin a command without `$ ` before it.
    init(path: String, text: String, shown: Set<String>) {
        self.path = path
        self.shown = shown
        let all = text.components(separatedBy: "\n")
        lines = path.hasSuffix(".md") ? all : all.map(Document.remark)
    }

    /// What a configuration says in its comments, as the lines of a page; three more spaces make it a command.
    private static func remark(_ line: String) -> String {
        let bare = line.drop { $0 == " " }
        guard bare.first == "#" else { return "" }
        let said = bare.dropFirst()
        return said.hasPrefix("   ") ? "    " + said.trimmingCharacters(in: .whitespaces) : String(said)
    }

    func shownCommands() -> [ShownCommand] {
        var reading = self
        var prose: [(line: Int, text: String)] = []
        var index = 0
        while index < lines.count {
            let line = lines[index]
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                index = reading.readFence(from: index)
            } else if line.hasPrefix("    ") {
                index = reading.readIndented(at: index)
            } else {
                prose.append((index, line))
                index += 1
            }
        }
        reading.readProse(prose)
        return reading.commands.sorted { $0.line < $1.line }
    }

    /// - Returns: The line behind the fence.
    private mutating func readFence(from start: Int) -> Int {
        let words = lines[start].trimmingCharacters(in: .whitespaces).dropFirst(3).split(separator: " ")
        let end = lines[(start + 1)...].firstIndex { $0.trimmingCharacters(in: .whitespaces) == "```" } ?? lines.count
        var index = start + 1
        while index < end {
            let (text, next) = whole(index, before: end)
            if words.first == "console", text.hasPrefix("$ ") {
                add(String(text.dropFirst(2)), index)
                if words.contains("exact") { commands[commands.count - 1].output = [] }
            } else if words.first == "console", words.contains("exact"), !commands.isEmpty {
                commands[commands.count - 1].output?.append(lines[index])
            } else if ["sh", "bash", "shell"].contains(words.first), !text.isEmpty, !text.hasPrefix("#") {
                add(text, index)
            }
            index = next
        }
        return end + 1
    }

    private mutating func readIndented(at index: Int) -> Int {
        let (text, next) = whole(index, before: lines.count)
        if text.hasPrefix("$ ") {
            add(String(text.dropFirst(2)), index)
        } else if shown.contains(text.prefix { $0 != " " }.description), text.contains(" ") {
            // In a configuration's comment an explanation stands behind it.
            let bare = path.hasSuffix(".md") ? text : text.replacing(#/ {3}.*/#, with: "")
            add(bare, index)
        } else {
            return index + 1
        }
        return next
    }

    /// A line with those that it goes on in behind a backslash.
    private func whole(_ start: Int, before end: Int) -> (text: String, next: Int) {
        var (text, index) = (lines[start].trimmingCharacters(in: .whitespaces), start + 1)
        while text.hasSuffix("\\"), index < end {
            text = text.dropLast() + lines[index].trimmingCharacters(in: .whitespaces)
            index += 1
        }
        return (text, index)
    }

    private mutating func readProse(_ prose: [(line: Int, text: String)]) {
        let text = prose.map(\.text).joined(separator: "\n")
        for span in text.matches(of: /`([^`\n]+(?:\n[^`\n]+)?)`/) {
            let words = span.1.replacing("\n", with: " ").replacing("\\|", with: "|").split(separator: " ")
            guard words.count > 1, let first = words.first, shown.contains(String(first)) else { continue }
            let before = text[..<span.range.lowerBound].count { $0 == "\n" }
            for variant in variants(of: words.joined(separator: " ")) {
                add(variant, prose[before].line)
                commands[commands.count - 1].isInline = true
            }
        }
    }

    private mutating func add(_ text: String, _ index: Int) {
        var command = ShownCommand(document: path, line: index + 1, text: text)
        if let remark = text.firstMatch(of: /\s+# .*$/) {
            command.text = String(text[..<remark.range.lowerBound])
            command.status = remark.output.firstMatch(of: /exit status (\d+)/).flatMap { Int32($0.1) }
        }
        commands.append(command)
    }
}

/// `list [a|b]` stands for `list`, `list a` and `list b`, and `--format csv|json` for each of the two.
private func variants(of text: String) -> [String] {
    if let bracket = text.firstMatch(of: #/ ?\[([^\]]*)\]/#) {
        let choices = [""] + bracket.1.split(separator: "|").map { " \($0)" }
        return choices.flatMap { variants(of: text.replacingCharacters(in: bracket.range, with: $0)) }
    }
    if let choice = text.firstMatch(of: /([^ |]+\|)+[^ |]+/) {
        return choice.output.0.split(separator: "|").map {
            text.replacingCharacters(in: choice.range, with: String($0))
        }
    }
    return [text]
}
