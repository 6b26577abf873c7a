// The journal as a channel: one line an item, with its syslog priority, on standard error.

import ParcelCore

struct Journal: Channel {
    static let schema = SettingSchema("journal", [])

    let name: String

    /// A message of thousands has not thousands of parts: each that is taken is recorded, with all of them.
    private static let mostParts = 50

    /// One line an item, each with its priority as the first character.
    func parts(of message: Message) -> [String] {
        if let test = message.test { return ["5" + test.split(separator: "\n").joined(separator: " | ")] }
        let reader = Reader(of: message)
        if message.summary != nil {
            return texts(of: message).map { "5" + $0.split(separator: "\n").joined(separator: " | ") }
        }
        let lines = message.items.map { item in
            let text = isInOverview(item) ? overviewLine(item, reader) : text(of: item, for: reader)
            return "\(priority(of: item))" + text.split(separator: "\n").joined(separator: " | ")
        }
        let size = max(1, (lines.count + Journal.mostParts - 1) / Journal.mostParts)
        return stride(from: 0, to: lines.count, by: size).map { start in
            lines[start..<min(start + size, lines.count)].joined(separator: "\n")
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
        .journal(
            part.split(separator: "\n").map { line in
                JournalLine(priority: Int(line.prefix(1)) ?? 5, text: String(line.dropFirst()))
            })
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome { .accepted() }
}
