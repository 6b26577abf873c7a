// The log of an order's processing, asked once for an order first seen: when its lines got the statuses they have.
// Which member of an entry names the line is not documented, so any of its texts may.

import ParcelCore

struct OTLogEntry: WireRow {
    struct Status: Decodable {
        var Id: Name?
        var Name: Loose?
    }

    private struct Text {
        let member: String
        let text: String
    }

    private let texts: [Text]
    private let day: String
    private let clock: String
    private let status: Status?

    static func id(of probe: Loose) -> String? { nil }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        func text(_ name: String) -> String? {
            try? container.decode(Loose.self, forKey: AnyKey(stringValue: name)).filled
        }
        // People are named in the log too; those members are not looked at.
        let personal = ["Operator", "Cust", "User", "Delivery", "Recipient"]
        texts = container.allKeys.map(\.stringValue).sorted()
            .filter { name in !personal.contains { name.hasPrefix($0) } && !["LogDate", "LogTime"].contains(name) }
            .compactMap { name in text(name).map { Text(member: name, text: clipped($0, 500)) } }
        day = text("LogDate") ?? ""
        clock = text("LogTime") ?? ""
        status = try? container.decode(Status.self, forKey: AnyKey(stringValue: "NewStatus"))
    }

    /// One for each line that the entry names; none where it is about the order or tells no status.
    func past(of lines: [OTLine]) -> [PastStatus] {
        guard let code = status?.Id?.text else { return [] }
        return lines.filter(names).map {
            PastStatus(
                id: ExternalID(.item, $0.key), code: code, text: clipped(status?.Name?.text ?? "", 500),
                time: givenTime(day: day, clock: clock))
        }
    }

    private func names(_ line: OTLine) -> Bool {
        // A bare number may be a price: it names a line only where the member says so.
        let isNumber = line.Id.text.allSatisfy(\.isNumber)
        return texts.contains { text in
            if let number = line.LineNum?.whole, text.member == "LineNum", text.text == String(number) { return true }
            let words = text.text.split { " ,;:()[]\"".contains($0) }.map(String.init)
            if words.contains(line.Id.text), !isNumber || text.member.contains("Line") { return true }
            return line.label.map { labels(in: text.text).contains($0) } ?? false
        }
    }

    /// `1907-2` and `№ 1907 - 2`, wherever they stand in a text.
    private func labels(in text: String) -> [String] {
        var labels: [String] = []
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        for (left, right) in zip(parts, parts.dropFirst()) {
            let order = left.reversed().drop(while: \.isWhitespace).prefix { $0.isASCII && $0.isNumber }.reversed()
            let line = right.drop(while: \.isWhitespace).prefix { $0.isASCII && $0.isNumber }
            if let label = itemLabel("\(String(order))-\(line)") { labels.append(label) }
        }
        return labels
    }
}
