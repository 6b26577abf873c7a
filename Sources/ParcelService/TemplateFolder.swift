// The user's own templates, as they are at this moment: the folder is read anew for each message, because a file may be
// changed at any time. One that cannot be used is told to the administrator; its texts are the built-in ones meanwhile.

import ParcelChannels
package import ParcelConfig
import ParcelStore

package struct TemplateFolder: Sendable {
    /// Nil where the configuration names none.
    let path: String?

    package init(_ path: String?) { self.path = path }

    func texts() -> [String: String] { path.map { readTemplates(in: $0).texts } ?? [:] }

    /// What keeps a file from being used, by file, the first of each.
    func problems() -> [(file: String, reason: String)] {
        mistakes().map { file, mistakes in (file, mistakes.first ?? "") }
    }

    /// Every mistake of every file, for `check`.
    package func listed() -> [Problem] {
        mistakes().flatMap { file, mistakes in
            mistakes.map { Problem(line: nil, path: "templates", message: "\(file): \($0)") }
        }
    }

    private func mistakes() -> [(file: String, mistakes: [String])] {
        guard let path else { return [] }
        let found = readTemplates(in: path)
        var bad = found.unreadable.map { (file: $0.key, mistakes: [$0.value]) }
        for (file, text) in found.texts {
            let mistakes = templateMistakes(file, text)
            if !mistakes.isEmpty { bad.append((file, mistakes.map(\.description))) }
        }
        return bad.sorted { $0.file < $1.file }
    }
}
