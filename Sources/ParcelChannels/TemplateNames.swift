// The templates that there are and what each can name.

/// One value that a template can name.
package struct TemplateName: Sendable, Hashable {
    package enum Form: Sendable, Hashable {
        case text
        /// A section repeats for each line; `{{.}}` is the line.
        case lines
        /// A section repeats for each row; inside it these can be named too.
        case rows([TemplateName])
        /// A section is shown or not.
        case flag
    }

    package let name: String
    package let form: Form
    package let summary: String

    init(_ name: String, _ form: Form = .text, _ summary: String) {
        self.name = name
        self.form = form
        self.summary = summary
    }
}

package enum TemplateKind: String, Sendable, CaseIterable {
    case letter

    package var names: [TemplateName] {
        switch self {
        case .letter: letterNames
        }
    }

    /// Those of its languages, where it has a file for each.
    package var languages: [String] {
        switch self {
        case .letter: LetterLanguage.allCases.map(\.rawValue)
        }
    }
}

private let letterNames = [
    TemplateName(
        "groups",
        .rows([
            TemplateName("opening", "what the things of this group have in common, as a sentence"),
            TemplateName("things", .rows(letterThingNames), "the things of this group"),
            TemplateName("question", "what is asked for"),
        ]), "things about which the same is asked")
]

private let letterThingNames = [
    TemplateName("mark", "`1.` where the letter is about several things"),
    TemplateName("thing", "`Товар № 1907-2`"),
    TemplateName("title", "the item's name at the provider"),
    TemplateName("order", "the shop's order"),
    TemplateName("externalOrder", "the logistics partner's order"),
    TemplateName("account", "the account at the logistics partner"),
    TemplateName("seller", "the seller"),
    TemplateName(
        "numbers",
        .rows([
            TemplateName("number", "the track number"),
            TemplateName("role", "which of the thing's numbers it is"),
        ]), "its track numbers"),
    TemplateName("status", "the provider's own words"),
    TemplateName("stage", "what it waits for"),
    TemplateName("ending", "how it ended"),
    TemplateName("endedOn", "the date on which it ended"),
    TemplateName("condition", "what is wrong on its way"),
    TemplateName("problem", "a problem that the provider reports"),
    TemplateName("amount", "the sum to be refunded, with its currency"),
    TemplateName("finishedAt", "providers that say it is finished, where another says it is not"),
    TemplateName("goneFrom", "the provider that no longer has it"),
    TemplateName("since", "the date of its last movement"),
    TemplateName("seen", .flag, "that date is when it was first seen, not when it happened"),
    TemplateName("silence", "working days since then"),
    TemplateName("calendar", "whose working days"),
    TemplateName("checked", "the date on which a provider last confirmed it"),
    TemplateName("holdsUp", "what waits because of it"),
]

extension TemplateName {
    init(_ name: String, _ summary: String) { self.init(name, .text, summary) }
}
