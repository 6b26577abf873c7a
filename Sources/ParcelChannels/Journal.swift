// The journal as a channel: one line an item, with its syslog priority, on standard error.

import ParcelCore

struct Journal: Channel {
    static let schema = SettingSchema("journal", [])

    let name: String

    /// One part an item, so that each is one line; its first character is the priority.
    func parts(of message: Message) -> [String] {
        if let test = message.test { return ["5" + test.split(separator: "\n").joined(separator: " | ")] }
        let reader = Reader(of: message)
        if message.summary != nil {
            return texts(of: message).map { "5" + $0.split(separator: "\n").joined(separator: " | ") }
        }
        return message.items.map { item in
            let text = isInOverview(item) ? overviewLine(item, reader) : text(of: item, for: reader)
            return "\(priority(of: item))" + text.split(separator: "\n").joined(separator: " | ")
        }
    }

    private func priority(of item: MessageItem) -> Int {
        switch (item.telling, item.level) {
        case (.closed, _), (.wasSilent, _): 5
        case (_, .critical): 3
        case (_, .warning): 4
        }
    }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        .journal([JournalLine(priority: Int(part.prefix(1)) ?? 5, text: String(part.dropFirst()))])
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome { .accepted() }
}
