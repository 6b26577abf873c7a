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
    /// What was told before of the items' alerts, by the alert's row id.
    package var pasts: [Int64: AlertPast]
    /// Files that go with it, where the channel can carry them.
    package var attachments: [Attachment]
    /// A weekly summary; it has no items. For people: a channel that tells programs passes it over.
    package var summary: WeeklySummary?
    /// The words of a message that only tries the channel; it has no items.
    package var test: String?

    package init(
        items: [MessageItem], language: Language, zone: Zone, dedupKey: String, composedAt: Timestamp,
        pasts: [Int64: AlertPast] = [:], attachments: [Attachment] = [], test: String? = nil
    ) {
        self.items = items
        self.language = language
        self.zone = zone
        self.dedupKey = dedupKey
        self.composedAt = composedAt
        self.pasts = pasts
        self.attachments = attachments
        self.test = test
    }
}

/// An alert as its recipient knows it from one channel.
package struct AlertPast: Sendable, Hashable {
    package var openedAt: Timestamp
    /// The messages that told of it, oldest first.
    package var messages: [EarlierMessage]
    /// Who takes care of it already, as it is recorded.
    package var takenBy: String?

    package init(openedAt: Timestamp, messages: [EarlierMessage] = [], takenBy: String? = nil) {
        self.openedAt = openedAt
        self.messages = messages
        self.takenBy = takenBy
    }
}

/// A message that the channel took, with what the channel calls its parts.
package struct EarlierMessage: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        /// As the channel wrote it down in `parts(of:)`.
        package var text: String
        /// The channel's own name for it, such as the number of a Telegram message; nil where it gave none.
        package var reference: String?

        package init(text: String, reference: String?) {
            self.text = text
            self.reference = reference
        }
    }

    package var dedupKey: String
    package var parts: [Part]

    package init(dedupKey: String, parts: [Part]) {
        self.dedupKey = dedupKey
        self.parts = parts
    }
}

package struct Attachment: Sendable, Hashable {
    /// The file's name, without a path.
    package var name: String
    /// `text/csv`.
    package var mediaType: String
    package var bytes: [UInt8]

    package init(name: String, mediaType: String, bytes: [UInt8]) {
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// What a channel did with one part of a message.
package enum DeliveryOutcome: Sendable, Hashable {
    /// - reference: What the channel calls the part, or said when it took it; kept with the message.
    case accepted(reference: String? = nil)
    case retry(after: Duration?, reason: String)
    /// It will never take this: wrong token, unknown chat. Told on the other channels.
    case refused(reason: String)
}

/// How one part of a message leaves.
package enum Delivery: Sendable, Hashable {
    case http(HTTPRequest)
    /// Signed with the instant at which it leaves, so that nobody can send it again later.
    case signed(HTTPRequest, with: Secret)
    case mail(MailEnvelope)
    case program(ProgramCall)
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
    /// For a channel that forgets what it is not told again: how often it is told once more of all alerts that it was
    /// told of, as they are by then. Nil for one that keeps what it took.
    var restatedEvery: Duration? { get }
    /// The texts of the message's parts, in order and in the channel's own form; stored before the first is sent, so
    /// that a repeat says the same.
    func parts(of message: Message) -> [String]
    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery
    /// What an answer over HTTP means. How mail and programs end means the same in every channel.
    func outcome(of response: HTTPResponse) -> DeliveryOutcome
    /// What is sent at once in place of a request that was answered so: the same more plainly, for a receiver that calls
    /// the first malformed. One after the other, each once; empty where plainer words would not help.
    func plainer(_ request: HTTPRequest, after response: HTTPResponse) -> [HTTPRequest]
}

extension Channel {
    package var restatedEvery: Duration? { nil }
    package func plainer(_ request: HTTPRequest, after response: HTTPResponse) -> [HTTPRequest] { [] }
}
