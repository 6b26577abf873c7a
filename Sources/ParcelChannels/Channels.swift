// The list of channels. A new one is a file and a line here.

package import ParcelCore

package struct ChannelKind: Sendable {
    package let schema: SettingSchema
    /// Nil where a required setting is missing; the configuration check says so before.
    package let make: @Sendable (String, SettingValues) -> (any Channel)?
}

package let channelKinds: [ChannelKind] = [
    ChannelKind(schema: Telegram.schema) { Telegram(name: $0, $1) },
    ChannelKind(schema: Mail.schema) { Mail(name: $0, $1) },
    ChannelKind(schema: Webhook.schema) { Webhook(name: $0, $1) },
    ChannelKind(schema: Alertmanager.schema) { Alertmanager(name: $0, $1) },
    ChannelKind(schema: Exec.schema) { Exec(name: $0, $1) },
    ChannelKind(schema: Journal.schema) { name, _ in Journal(name: name) },
]

/// What tells one part of a message from every other: the message's own key for its first part.
///
/// - Parameter number: The part's place, from 0.
func partKey(_ dedupKey: String, _ number: Int) -> String { number == 0 ? dedupKey : "\(dedupKey)-\(number)" }

/// How long an answer asks to be left alone: at least a second, at most a day. Nil where it does not say.
func retryDelay(_ response: HTTPResponse) -> Duration? {
    guard let text = response["retry-after"] else { return nil }
    // There is no clock here: a date only says something beside the answer's own time.
    let now = Int64(text) == nil ? response["date"].flatMap(httpDate) : Timestamp(seconds: 0)
    return now.flatMap { retryAfter(text, now: $0) }.map(bounded)
}

func bounded(_ delay: Duration) -> Duration { min(max(delay, .seconds(1)), .days(1)) }
