// How messages that were sent are marked later: an alert that closed is struck out and loses its buttons, one that
// somebody took on says who did. The same edit twice is refused as no change, which is as good as done.

package import ParcelCore

package enum TelegramEditOutcome: Sendable, Hashable {
    case done
    /// It will never be: the message is gone, or is no longer ours.
    case hopeless(reason: String)
    case retry(after: Duration?, reason: String)
}

extension Telegram {
    /// A sent part with what has become of its alerts.
    ///
    /// - Returns: Nil where the part is about none of them, or was written by an earlier version.
    package func edit(
        of part: EarlierMessage.Part, _ marks: [Int64: TelegramMark]
    ) -> HTTPRequest? {
        guard let reference = part.reference.flatMap({ Int64($0) }), let stored = TelegramPart(stored: part.text),
            stored.document == nil, stored.pieces.contains(where: { $0.alert.map { marks[$0] != nil } ?? false })
        else { return nil }
        // Without a keyboard in it an edit takes the buttons away.
        return call("editMessageText", [("message_id", .integer(reference))] + addressed(content(stored, marks)))
    }

    /// The alerts of a sent part that can be marked.
    package func alerts(in part: String) -> [Int64] { TelegramPart(stored: part)?.pieces.compactMap(\.alert) ?? [] }

    package func editOutcome(of response: HTTPResponse) -> TelegramEditOutcome {
        switch outcome(of: response) {
        case .accepted: .done
        case .retry(let delay, let reason): .retry(after: delay, reason: reason)
        // The token is wrong for now: nothing else is told either.
        case .refused(let reason) where response.status == 401: .retry(after: .hours(1), reason: reason)
        case .refused(let reason):
            reason.contains("message is not modified") ? .done : .hopeless(reason: reason)
        }
    }
}

/// What a message shows of an alert by now.
///
/// - Parameter now: A snooze that is over shows no more.
package func telegramMark(_ alert: Alert, _ reader: Reader, at now: Timestamp) -> TelegramMark {
    guard alert.isOpen else { return .closed }
    var lines: [String] = []
    if let act = alert.acknowledged { lines.append(takenLine(act.by, reader)) }
    if let snoozed = alert.snoozed, snoozed.until > now {
        lines.append("⏰ " + reader.say("Отложено до ", "Snoozed until ") + reader.time(snoozed.until))
    }
    return .open(lines: lines, isTaken: alert.acknowledged != nil)
}

/// - Parameter who: As it is recorded.
func takenLine(_ who: String, _ reader: Reader) -> String {
    "✋ " + reader.say("В работе: ", "Taken on by ") + reader.who(who)
}
