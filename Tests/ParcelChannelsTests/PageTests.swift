// Pages that are generated, so that they stay true. After a text has changed:
// `PARCELD_GOLDEN=write swift test --filter PageTests`, and read the difference.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

private func expect(_ text: String, in path: String) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: path)
    if ProcessInfo.processInfo.environment["PARCELD_GOLDEN"] == "write" { try Data(text.utf8).write(to: url) }
    let found = try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(found, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    #expect(
        found == wanted,
        "\(path) differs from line \((line ?? min(found.count, wanted.count)) + 1) on; write it anew with PARCELD_GOLDEN=write swift test --filter PageTests"
    )
}

struct PageTests {
    @Test func `the page of alerts says what parceld says`() throws {
        let page = try AlertPage.whole([try reader(.ru), try reader(.en)])
        for scar in ["Optional", "nil", "«»", "“”", "{{"] { #expect(!page.contains(scar)) }
        try expect(page, in: "docs/alerts.md")
    }

    @Test func `the page of templates lists every name`() throws {
        var lines = [
            "# Templates", "",
            "These are the built-in templates. A copy in the folder that `templates:` of the configuration names wins over the",
            "built-in one; delete the files that you do not change. `NAME.ru.mustache` is for readers of that language alone.",
            "",
            "They are [Mustache](https://mustache.github.io/mustache.5.html): `{{name}}` is a value, `{{#name}}…{{/name}}` is shown",
            "where there is one, once for each line or row of a list (`{{.}}` is the line), `{{^name}}…{{/name}}` where there is none,",
            "`{{! … }}` is a remark. Nothing is escaped. `parceld check` finds mistakes and names that do not exist; at run time a",
            "template with a mistake is not used, and the administrator is told.", "",
            "A template of a whole message (`digest`, `storm`, `weekly`, `overview`) places texts that others have made: a",
            "paragraph, set off by empty lines, that holds items is divided between its lines where Telegram needs two messages; a",
            "line alone above an item is its heading. Where a digest would leave out what nothing else tells, the built-in text",
            "stands in its place.",
        ]
        for kind in TemplateKind.allCases {
            lines += [
                "", "## \(kind.rawValue)", "", capitalised(kind.summary) + ".", "", "| name | what it is |",
                "| --- | --- |",
            ]
            lines += rows(kind.names, in: "")
        }
        try expect(lines.joined(separator: "\n") + "\n", in: "config/templates/README.md")
    }

    private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    private func rows(_ names: [TemplateName], in outer: String) -> [String] {
        names.flatMap { name -> [String] in
            switch name.form {
            case .text: ["| `\(outer)\(name.name)` | \(name.summary) |"]
            case .lines: ["| `\(outer)\(name.name)` (lines) | \(name.summary) |"]
            case .flag: ["| `\(outer)\(name.name)` (section only) | \(name.summary) |"]
            case .rows(let inner):
                ["| `\(outer)\(name.name)` (rows) | \(name.summary) |"]
                    + rows(inner, in: outer + name.name + " › ")
            }
        }
    }
}
