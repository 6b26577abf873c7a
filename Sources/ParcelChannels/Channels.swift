// The list of channels. A new one is a file and a line here.

package import ParcelCore

package struct ChannelKind: Sendable {
    package let schema: SettingSchema
    /// Nil where a required setting is missing; the configuration check says so before.
    package let make: @Sendable (String, SettingValues) -> (any Channel)?
}

package let channelKinds: [ChannelKind] = [
    ChannelKind(schema: Telegram.schema) { Telegram(name: $0, $1) },
    ChannelKind(schema: Webhook.schema) { Webhook(name: $0, $1) },
    ChannelKind(schema: Journal.schema) { name, _ in Journal(name: name) },
]
