// Which template arranges a text: the user's own where it is good, else the built-in one. What is said is computed
// here, harmless and in the reader's language; a template only arranges it. Templates are Mustache with variables,
// sections and comments; a `<` stays a `<`, because texts are no HTML.

import Mustache

/// What a template can name.
enum TemplateValue: Sendable, Hashable {
    case text(String)
    case lines([String])
    case rows([TemplateValues])
    /// For sections only.
    case flag(Bool)

    fileprivate var object: Any {
        switch self {
        case .text(let text): text
        case .lines(let lines): lines
        case .rows(let rows): rows.map(objects)
        case .flag(let flag): flag
        }
    }
}

typealias TemplateValues = [String: TemplateValue]

/// What is empty is left out, so that a section of that name is not shown.
private func objects(_ values: TemplateValues) -> [String: Any] {
    values.filter { $0.value != .text("") && $0.value != .flag(false) }.mapValues(\.object)
}

/// The templates in use: the built-in ones, and those of the user that win over them.
package struct Templates: Sendable {
    package static let builtIn = Templates(own: [:])

    private let own: [String: MustacheTemplate]

    /// A file that has a mistake is as good as none: its text is the built-in one, and `templateMistakes` tells why.
    ///
    /// - Parameter texts: The user's files by name, such as `letter.ru.mustache`.
    package init(_ texts: [String: String]) {
        own = texts.filter { templateMistakes($0.key, $0.value).isEmpty }.compactMapValues(compile)
    }

    private init(own: [String: MustacheTemplate]) { self.own = own }

    /// - Parameter language: A file for one language wins over the one for all.
    func render(_ kind: TemplateKind, _ language: String, _ values: TemplateValues) -> String {
        let names = ["\(kind.rawValue).\(language).mustache", "\(kind.rawValue).mustache"]
        let found = names.lazy.compactMap { own[$0] }.first ?? names.lazy.compactMap { builtInTemplates[$0] }.first
        var text = found?.render(objects(values)) ?? ""
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}

/// Nil where the library finds a mistake in it.
func compile(_ text: String) -> MustacheTemplate? { try? MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\n" + text) }

/// By the name of the file.
package let builtInTemplateTexts: [String: String] = [
    "letter.en.mustache": PackageResources.letter_en_mustache,
    "letter.ru.mustache": PackageResources.letter_ru_mustache,
    "letter.zh.mustache": PackageResources.letter_zh_mustache,
].mapValues { String(decoding: $0, as: UTF8.self) }

private let builtInTemplates = builtInTemplateTexts.compactMapValues(compile)
