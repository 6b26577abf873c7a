// The templates that there are and what each can name.

import ParcelCore

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
    case stall, contradiction, signed, refund, condition, vanished
    case twoNumbers = "two_numbers"
    case cannotBeChecked = "cannot_be_checked"
    case providerDown = "provider_down"
    case authentication, clock
    case channelRefused = "channel_refused"
    case coverageEnds = "coverage_ends"
    case templateBroken = "template_broken"
    case database
    case closed
    case wasSilent = "was_silent"
    case overview
    case overviewLine = "overview_line"
    case digest, storm, weekly
    case letter

    init(_ kind: AlertKind) {
        self =
            switch kind {
            case .stall: .stall
            case .contradiction: .contradiction
            case .refund: .refund
            case .condition: .condition
            case .vanished: .vanished
            case .signed: .signed
            case .twoNumbers: .twoNumbers
            case .cannotBeChecked: .cannotBeChecked
            case .providerDown: .providerDown
            case .authentication: .authentication
            case .clock: .clock
            case .channelRefused: .channelRefused
            case .coverageEnds: .coverageEnds
            case .templateBroken: .templateBroken
            case .database: .database
            }
    }

    package var names: [TemplateName] {
        switch self {
        case .stall, .contradiction, .signed, .refund, .condition, .vanished, .twoNumbers: thingLineNames + thingNames
        case .cannotBeChecked, .providerDown, .authentication, .clock, .channelRefused, .coverageEnds, .templateBroken,
            .database:
            serviceNames
        case .closed, .wasSilent: closingNames + thingNames
        case .overview: overviewNames
        case .overviewLine: overviewLineNames + thingNames
        case .digest: digestNames + besideNames
        case .storm: stormNames + besideNames
        case .weekly: weeklyNames
        case .letter: letterNames
        }
    }

    /// What is told nowhere else, so that a template without it cannot be used.
    var required: [String] {
        switch self {
        case .digest: ["items", "overview"]
        case .storm: ["overview"]
        default: []
        }
    }

    /// What it is for.
    package var summary: String {
        switch self {
        case .stall: "a thing that stands still"
        case .contradiction: "providers that do not agree"
        case .signed: "a courier's signature that the warehouse does not know"
        case .twoNumbers: "two different numbers in one role"
        case .refund: "an item that cannot be supplied"
        case .condition: "trouble on the way"
        case .vanished: "a thing that its provider no longer has"
        case .cannotBeChecked: "things that could not be checked"
        case .providerDown: "a provider that does not answer"
        case .authentication: "a provider that refuses the key"
        case .clock: "a clock that cannot be believed"
        case .channelRefused: "a channel that refuses"
        case .coverageEnds: "a calendar that ends soon"
        case .templateBroken: "a template that cannot be used"
        case .database: "a database that cannot be written"
        case .closed: "the line about what is over"
        case .wasSilent: "the line about what was over before it was told"
        case .overview: "what stood still when parceld began to look"
        case .overviewLine: "one thing of that overview; one line"
        case .digest: "a message of more than three matters"
        case .storm: "a message of more than thirty matters"
        case .weekly: "the weekly summary, also of a quiet week"
        case .letter: "a letter to whoever can help"
        }
    }

    /// The languages in which it is used.
    package var languages: [String] {
        switch self {
        case .letter: LetterLanguage.allCases.map(\.rawValue)
        default: Language.allCases.map(\.rawValue)
        }
    }
}

private let thingLineNames = [
    TemplateName("heading", "the first line, with sign, name and silence"),
    TemplateName("meaningLines", .lines, "what the kind means, where the heading does not say it all"),
    TemplateName("statusLines", .lines, "the provider's status and the stage"),
    TemplateName("movementLines", .lines, "the last movement"),
    TemplateName("holdLines", .lines, "what it holds up"),
    TemplateName("orderLines", .lines, "order, external order, seller, account"),
    TemplateName("numberLines", .lines, "track numbers with their pages"),
    TemplateName("problemLine", "a problem that the provider reports"),
    TemplateName("dayLines", .lines, "each day counted or not, calendar, last check"),
    TemplateName("adviceLines", .lines, "what to do"),
    TemplateName("contactLines", .lines, "whom to write to"),
]

private let thingNames = [
    TemplateName("sign", "⚠️ or 🔴"),
    TemplateName("name", "`№ 1907-2`, `Посылка № 519`"),
    TemplateName("title", "the item's name at the provider"),
    TemplateName("order", "the shop's order"),
    TemplateName("externalOrder", "the logistics partner's order"),
    TemplateName("seller", "the seller"),
    TemplateName("account", "the account at the logistics partner"),
    TemplateName(
        "numbers",
        .rows([
            TemplateName("number", "the track number"),
            TemplateName("role", "which of the thing's numbers it is"),
            TemplateName("page", "a page that follows it"),
        ]), "its track numbers"),
    TemplateName("status", "the provider's own words"),
    TemplateName("provider", "who says so"),
    TemplateName("stage", "what it waits for"),
    TemplateName("condition", "what is wrong on its way"),
    TemplateName("amount", "the sum to be refunded, with its currency"),
    TemplateName("since", "the date of its last movement"),
    TemplateName("silence", "working days since then"),
    TemplateName("checked", "when a provider last confirmed it"),
    TemplateName("holdsUp", "what waits because of it"),
    TemplateName("isCritical", .flag, "it is critical"),
    TemplateName("isEscalated", .flag, "it was told before and got worse"),
    TemplateName("isReminder", .flag, "it was told before"),
]

private let serviceNames = [
    TemplateName("reminderLine", "says that it was told before"),
    TemplateName("heading", "the first line"),
    TemplateName("reasonLine", "why"),
    TemplateName("waitingLine", "how much cannot be checked meanwhile"),
    TemplateName("thingsLine", "which things"),
    TemplateName("meaningLines", .lines, "what it means for the things that are watched"),
    TemplateName("adviceLines", .lines, "what to do"),
    TemplateName("provider", "the provider"),
    TemplateName("reason", "why, without a word before it"),
    TemplateName("since", "since when"),
    TemplateName("count", "how many things"),
    TemplateName("channel", "the channel"),
    TemplateName("file", "the template"),
    TemplateName("calendars", "the calendars"),
    TemplateName("coverageEnd", "the last day that they know"),
    TemplateName("isReminder", .flag, "it was told before"),
]

private let closingNames = [
    TemplateName("text", "how it ended; a matter of the service has no name beside it"),
    TemplateName("newStatus", "the provider's words by now"),
]

private let overviewNames = [
    TemplateName("heading", "what these are"),
    TemplateName("count", "how many"),
    TemplateName("items", .lines, "the worst 30"),
    TemplateName("more", "how many more, and how to see them"),
    TemplateName("contactLines", .lines, "whom to write to"),
]

private let overviewLineNames = [
    TemplateName("heading", "sign, name and silence"),
    TemplateName("details", "status and stage"),
]

private let topicNames = [
    TemplateName("topic", "whom to write to and what is waited for"),
    TemplateName("contact", "whom to write to"),
    TemplateName("stage", "what is waited for"),
]

private let digestNames = [
    TemplateName("total", "how many matters"),
    TemplateName("critical", "how many of them are critical"),
    TemplateName(
        "groups",
        .rows(
            [TemplateName("heading", "topic and number, where there are several groups")] + topicNames + [
                TemplateName("count", "how many"),
                TemplateName("items", .lines, "each matter's own text; a digest without them cannot be used"),
            ]), "matters that are one contact's, and wait for the same"),
]

private let stormNames = [
    TemplateName("heading", "how many, and how many are shown"),
    TemplateName("total", "how many matters"),
    TemplateName("shown", "how many are shown"),
    TemplateName("items", .lines, "the worst 30, in a line each"),
    TemplateName("restLine", "how many are not shown"),
    TemplateName("rest", "the same number alone"),
    TemplateName(
        "groups", .rows(topicNames + [TemplateName("count", "how many")]), "what is not shown, by topic"),
    TemplateName("allLine", "where to see all of them"),
    TemplateName("file", "the table that goes along"),
    TemplateName("contactLines", .lines, "whom to write to"),
]

/// Of what else is in a message of many.
private let besideNames = [
    TemplateName("overview", "what stood still when parceld began to look; a text without it cannot be used"),
    TemplateName("overLines", .lines, "what is over"),
    TemplateName("moreOver", "how many more are over"),
]

private let weeklyNames = [
    TemplateName("heading", "which week"),
    TemplateName("openLine", "what is open, or that all is quiet"),
    TemplateName("changeLine", "what was opened and closed in the week"),
    TemplateName("worksLine", "that parceld works, and when it last checked"),
    TemplateName("silenceHeading", "what the averages are"),
    TemplateName(
        "silences",
        .rows(
            topicNames + [
                TemplateName("average", "working days of silence on average"),
                TemplateName("averageBefore", "the same of the week before"),
            ]), "how long things were silent"),
    TemplateName("longestHeading", "what these are"),
    TemplateName(
        "longest",
        .rows([
            TemplateName("line", "the matter in a line"),
            TemplateName("since", "since when it is open"),
        ]), "the ten that are open for longest"),
    TemplateName("week", "the week's dates"),
    TemplateName("isQuiet", .flag, "nothing is open"),
    TemplateName("open", "how many are open"),
    TemplateName("critical", "how many of them are critical"),
    TemplateName("opened", "how many were opened in the week"),
    TemplateName("closed", "how many were closed in the week"),
    TemplateName("watched", "how much is watched"),
    TemplateName("checked", "when a provider last answered"),
]

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
