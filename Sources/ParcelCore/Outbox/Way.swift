// On which ways people are told, and on which instead when the configuration no longer has one.

/// A recipient by name, and a channel of theirs.
package struct Way: Sendable, Hashable {
    package var recipient: String
    package var channel: String

    package init(recipient: String, channel: String) {
        self.recipient = recipient
        self.channel = channel
    }
}

extension Recipient {
    package var ways: [Way] { channels.map { Way(recipient: name, channel: $0) } }
}

/// Where that goes which was to be told of an alert on a way that is gone: to its recipient's present channels. Whose
/// recipient is gone goes to whoever would be told of the alert by now, the first of all where nobody chose it: a renamed
/// recipient is a new one, and nothing in the message says for whom it once was.
package func waysInstead(of way: Way, for alert: Alert, among recipients: [Recipient]) -> [Way] {
    let same = recipients.filter { $0.name == way.recipient }
    let heirs = same.isEmpty ? audience(of: alert, among: recipients) : same
    // A refused channel is told about on the others, and where its people have none, by everybody.
    let others = heirs.flatMap(\.ways).filter { $0.channel != alert.facts.channel }
    guard others.isEmpty, alert.kind == .channelRefused else { return others }
    return recipients.flatMap(\.ways).filter { $0.channel != alert.facts.channel }
}
