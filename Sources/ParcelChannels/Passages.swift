// A message as the passages that it is made of, each about one item, about several in a line each, or about none. A
// template arranges items without seeing them: each stands in it as one mark. So whatever a user's template makes of the
// rest, it is known which words are about which item, and that none got lost.

import ParcelCore

struct Passage {
    indirect enum Subject {
        case none
        case item(MessageItem)
        /// The lines of the text, some of them about one item each.
        case list([Passage])
    }

    /// A heading with the empty line after it: it is never parted from what it stands above.
    var lead = ""
    var text: String
    var subject = Subject.none
    /// It stands on the line after the passage before, without air between.
    var isNext = false

    var whole: String { lead + text }

    var isAboutItems: Bool {
        if case .none = subject { false } else { true }
    }
}

/// What is said of a whole message in one line: the first line about a matter of a message of some, else the first of all.
func headline(of message: Message, _ passages: [Passage]) -> String {
    // A storm says its number itself, and a summary is one.
    let isCounted = message.summary == nil && message.items.count <= mostTold
    let passage = (isCounted ? passages.first(where: \.isAboutItems) : nil) ?? passages.first
    let line = firstLine(of: passage?.text ?? "")
    // What it announces does not follow.
    return line.hasSuffix(":") ? String(line.dropLast()) : line
}

/// Passages put together again.
func joined(_ passages: [Passage]) -> String {
    passages.enumerated().map { place, passage in
        (place == 0 ? "" : passage.isNext ? "\n" : "\n\n") + passage.whole
    }.joined()
}

/// What a template arranges.
struct Arrangement {
    /// Private use: no text of ours has them, and another's stands in none that a template sees.
    private static let firstMark: UInt32 = 0xF0000

    private var marked: [Passage] = []
    private var required: Set<Int> = []

    /// - Parameter isRequired: Nothing else tells it: a template that leaves it out is not used.
    /// - Returns: What a template is given for it.
    mutating func mark(_ text: String, _ subject: Passage.Subject, isRequired: Bool = false) -> String {
        guard let mark = Unicode.Scalar(Arrangement.firstMark + UInt32(marked.count)) else { return text }
        if isRequired { required.insert(marked.count) }
        marked.append(Passage(text: text, subject: subject))
        return String(mark)
    }

    /// After all is marked.
    func passages(_ kind: TemplateKind, _ values: TemplateValues, _ reader: Reader) -> [Passage] {
        let text = reader.render(kind, values) { text in
            required.isSubset(of: text.unicodeScalars.compactMap(place))
        }
        return passages(in: text)
    }

    private func place(of scalar: Unicode.Scalar) -> Int? {
        let place = Int(scalar.value) - Int(Arrangement.firstMark)
        return marked.indices.contains(place) ? place : nil
    }

    /// A paragraph that has items is divided between its lines, any other stays whole.
    private func passages(in text: String) -> [Passage] {
        var passages: [Passage] = []
        var told: Set<Int> = []
        var isHeading = false
        for paragraph in paragraphs(of: text) {
            guard paragraph.contains(where: { $0.unicodeScalars.contains { place(of: $0) != nil } }) else {
                passages.append(Passage(text: paragraph.joined(separator: "\n")))
                isHeading = paragraph.count == 1
                continue
            }
            var lines = paragraph.flatMap { divided($0, &told) }
            for index in lines.indices.dropFirst() { lines[index].isNext = true }
            if isHeading, case .item? = lines.first?.subject, let heading = passages.popLast() {
                lines[0].lead = heading.text + "\n\n"
            }
            passages += lines
            isHeading = false
        }
        return passages
    }

    /// One passage, or one for each mark in it; the first time that an item stands somewhere is about it.
    private func divided(_ line: Substring, _ told: inout Set<Int>) -> [Passage] {
        var passages = [Passage(text: "")]
        var isMarked = false
        for scalar in line.unicodeScalars {
            guard let place = place(of: scalar) else {
                passages[passages.count - 1].text.unicodeScalars.append(scalar)
                continue
            }
            if isMarked { passages.append(Passage(text: "")) }
            isMarked = true
            passages[passages.count - 1].text += marked[place].text
            if told.insert(place).inserted { passages[passages.count - 1].subject = marked[place].subject }
        }
        return passages
    }
}

private func paragraphs(of text: String) -> [[Substring]] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
        .split { line in line.allSatisfy(\.isWhitespace) }.map(Array.init)
}
