// One line about a thing or an alert, as lists show it: on the command line and in what a chat is answered.

package import ParcelCore

/// An alert in one line.
///
/// - Parameter now: A snooze that is over shows no more.
package func line(_ alert: Alert, _ reader: Reader, at now: Timestamp) -> String {
    let subject =
        alert.facts.thingKind == nil
        ? alert.facts.provider.map { reader.name($0) } ?? alert.facts.channel ?? "" : reader.name(alert.facts)
    let days = alert.kind.isSilence ? alert.facts.workingDays.map { ", " + reader.workingDays($0) } ?? "" : ""
    return "\(subject): \(reader.word(alert.kind))\(days) (\(reader.word(alert.level)))" + attention(alert, reader, now)
}

/// Who takes care of it, and until when it rests.
private func attention(_ alert: Alert, _ reader: Reader, _ now: Timestamp) -> String {
    guard alert.isOpen else { return "" }
    var words = ""
    if let act = alert.acknowledged { words += reader.say("; в работе: ", "; taken on by ") + reader.who(act.by) }
    if let snoozed = alert.snoozed, snoozed.until > now {
        words += reader.say("; отложено до ", "; snoozed until ") + reader.time(snoozed.until)
    }
    return words
}

/// How people call it: `№ 1907-2`.
package func title(_ thing: Thing) -> String {
    switch thing.kind {
    case .item, .parcel: "№ " + thing.label
    case .order, .trackNumber: thing.display
    }
}

/// What a thing waits for, or how it ended, in one cell.
package func state(_ thing: Thing, _ reader: Reader) -> String {
    if let ending = thing.ending { return reader.word(ending) }
    return thing.stage.map { reader.word($0) } ?? reader.say("товары в пути", "items on their way")
}
