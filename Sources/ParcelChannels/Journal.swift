// The journal as a channel: one line an item, with its priority, on standard error.

import ParcelCore

struct Journal: Channel {
    static let schema = SettingSchema("journal", [])

    let name: String

    /// One part an item, so that each is one line; its first character is the priority.
    func parts(of message: Message) -> [String] {
        let reader = Reader(message.language, message.zone)
        return message.items.map { item in
            let priority = item.telling == .closed || item.telling == .wasSilent ? 5 : item.level == .critical ? 3 : 4
            return "\(priority)" + text(of: item, for: reader).split(separator: "\n").joined(separator: " | ")
        }
    }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        .journal([JournalLine(priority: Int(part.prefix(1)) ?? 5, text: String(part.dropFirst()))])
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome { .accepted }
}
