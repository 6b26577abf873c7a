// What people read: which text an item gets, and the texts of a whole message. Calm and complete: what stands still,
// since when, how that was counted, what to do. Texts are plain; how a channel sends them is the channel's matter.

package import ParcelCore

/// The text of one item of a message; lines separated by line feeds.
package func text(of item: MessageItem, for reader: Reader) -> String {
    switch item.telling {
    case .opened, .escalated, .reminded, .reopened, .lowered:
        item.kind.isAboutService ? serviceText(item, reader) : thingText(item, reader)
    case .closed: closedText(item, reader)
    case .wasSilent: wasSilentText(item, reader)
    }
}

/// The texts of a whole message: one for each item; what had begun before parceld looked is told in one together.
package func texts(of message: Message) -> [String] { passages(of: message).map(\.whole) }

func passages(of message: Message) -> [Passage] {
    if let test = message.test { return [Passage(text: test)] }
    let reader = Reader(of: message)
    if let summary = message.summary { return summaryPassages(summary, reader) }
    return digestPassages(
        message.items.filter { !isInOverview($0) }, overview: message.items.filter(isInOverview),
        file: message.attachments.first?.name, reader)
}

/// What is over already needs no place in a list of what stands still.
func isInOverview(_ item: MessageItem) -> Bool {
    item.isOverview && (item.telling == .opened || item.telling == .escalated)
}

func overviewPassage(_ items: [MessageItem], _ reader: Reader) -> Passage {
    let shown = items.enumerated().sorted { left, right in
        let (a, b) = (left.element, right.element)
        if a.level != b.level { return a.level > b.level }
        let (days, otherDays) = (a.facts.workingDays ?? 0, b.facts.workingDays ?? 0)
        return days == otherDays ? left.offset < right.offset : days > otherDays
    }.prefix(30).map(\.element)
    let heading = reader.say("Уже стояло, когда parceld начал смотреть", "Already so when parceld began to look")
    let rest = items.count - shown.count
    let more = reader.say("… и ещё \(rest). Все: parcelctl alerts", "… and \(rest) more. All of them: parcelctl alerts")
    var arrangement = Arrangement()
    let values: TemplateValues = [
        "heading": .text(heading), "count": .text("\(items.count)"),
        "items": .lines(shown.map { arrangement.mark(overviewLine($0, reader), .item($0)) }),
        "more": .text(rest > 0 ? more : ""), "contactLines": .lines(contactLines(contacts(of: shown), reader)),
    ]
    let lines = arrangement.passages(.overview, values, reader)
    return Passage(text: joined(lines), subject: .list(lines))
}

/// An item of the overview in one line.
func overviewLine(_ item: MessageItem, _ reader: Reader) -> String {
    guard !item.kind.isAboutService else { return firstLine(of: serviceText(item, reader)) }
    let details = [reader.quoted(item.facts.statusText), item.facts.stage.map { reader.word($0) }].compactMap(\.self)
    var values = thingFacts(item, reader)
    values["heading"] = .text(thingHeading(item, reader))
    // The heading of a refund is the status.
    values["details"] = .text(item.kind == .refund ? "" : details.joined(separator: ", "))
    return firstLine(of: reader.render(.overviewLine, values))
}

func firstLine(of text: String) -> String { text.split(separator: "\n").first.map(String.init) ?? "" }

func sign(_ level: Level) -> String { level == .critical ? "🔴" : "⚠️" }
