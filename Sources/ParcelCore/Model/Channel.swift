// The one protocol that an alert channel implements: how a message becomes requests, and what the answers mean.

/// One message for one recipient, ready to be put into words.
package struct Message: Sendable, Hashable {
    package var items: [MessageItem]
    package var language: Language
    /// The user's own templates that its texts are put together by; files by name.
    package var templates: [String: String] = [:]
    /// Name of the zone in which times are written.
    package var zone: Zone
    /// Stays the same however often it is sent.
    package var dedupKey: String
    package var composedAt: Timestamp

    package init(items: [MessageItem], language: Language, zone: Zone, dedupKey: String, composedAt: Timestamp) {
        self.items = items
        self.language = language
        self.zone = zone
        self.dedupKey = dedupKey
        self.composedAt = composedAt
    }
}

/// What a channel did with one part of a message.
package enum DeliveryOutcome: Sendable, Hashable {
    case accepted
    case retry(after: Duration?, reason: String)
    /// It will never take this: wrong token, unknown chat. Told on the other channels.
    case refused(reason: String)
}

/// How one part of a message leaves: over HTTP, or as lines to the journal.
package enum Delivery: Sendable, Hashable {
    case http(HTTPRequest)
    /// One line each, with its syslog priority (3 error, 4 warning, 5 notice).
    case journal([JournalLine])
}

package struct JournalLine: Sendable, Hashable {
    package var priority: Int
    package var text: String

    package init(priority: Int, text: String) {
        self.priority = priority
        self.text = text
    }
}

package protocol Channel: Sendable {
    /// The name of its section in the configuration.
    var name: String { get }
    /// The texts of the message's parts, in order; stored before the first is sent, so that a repeat says the same.
    func parts(of message: Message) -> [String]
    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery
    func outcome(of response: HTTPResponse) -> DeliveryOutcome
}
