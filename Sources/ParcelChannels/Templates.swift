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

    /// - Parameters:
    ///   - language: A file for one language wins over the one for all.
    ///   - isGood: What the user's own template makes is only used where this is true of it.
    func render(
        _ kind: TemplateKind, _ language: String, _ values: TemplateValues,
        where isGood: (String) -> Bool = { _ in true }
    ) -> String {
        let names = ["\(kind.rawValue).\(language).mustache", "\(kind.rawValue).mustache"]
        let objects = objects(values)
        if let text = names.lazy.compactMap({ own[$0] }).first.map({ rendered($0, objects) }),
            !harmless(text).isEmpty, isGood(text)
        {
            return text
        }
        return names.lazy.compactMap { builtInTemplates[$0] }.first.map { rendered($0, objects) } ?? ""
    }

    /// Without the line feeds and blanks around it: what is left of a text that says nothing is empty.
    private func rendered(_ template: MustacheTemplate, _ objects: [String: Any]) -> String {
        let text = template.render(objects)
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }
}

/// Nil where the library finds a mistake in it.
///
/// An editor's byte order mark and carriage returns are no part of what it says.
func compile(_ text: String) -> MustacheTemplate? {
    let plain = text.replacing("\r\n", with: "\n").replacing("\u{FEFF}", with: "")
    return try? MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\n" + plain)
}

/// By the name of the file.
package let builtInTemplateTexts: [String: String] = [
    "authentication.mustache": PackageResources.authentication_mustache,
    "cannot_be_checked.mustache": PackageResources.cannot_be_checked_mustache,
    "channel_refused.mustache": PackageResources.channel_refused_mustache,
    "clock.mustache": PackageResources.clock_mustache,
    "closed.mustache": PackageResources.closed_mustache,
    "condition.mustache": PackageResources.condition_mustache,
    "contradiction.mustache": PackageResources.contradiction_mustache,
    "coverage_ends.mustache": PackageResources.coverage_ends_mustache,
    "database.mustache": PackageResources.database_mustache,
    "digest.mustache": PackageResources.digest_mustache,
    "letter.en.mustache": PackageResources.letter_en_mustache,
    "letter.ru.mustache": PackageResources.letter_ru_mustache,
    "letter.zh.mustache": PackageResources.letter_zh_mustache,
    "overview.mustache": PackageResources.overview_mustache,
    "overview_line.mustache": PackageResources.overview_line_mustache,
    "provider_down.mustache": PackageResources.provider_down_mustache,
    "refund.mustache": PackageResources.refund_mustache,
    "signed.mustache": PackageResources.signed_mustache,
    "stall.mustache": PackageResources.stall_mustache,
    "storm.mustache": PackageResources.storm_mustache,
    "template_broken.mustache": PackageResources.template_broken_mustache,
    "two_numbers.mustache": PackageResources.two_numbers_mustache,
    "vanished.mustache": PackageResources.vanished_mustache,
    "was_silent.mustache": PackageResources.was_silent_mustache,
    "weekly.mustache": PackageResources.weekly_mustache,
].mapValues { String(decoding: $0, as: UTF8.self) }

private let builtInTemplates = builtInTemplateTexts.compactMapValues(compile)
