// What a stored part of a Telegram message holds: the texts that it tells, each with the alert that it is about, so that
// the same message can be marked later. How that becomes HTML is decided here too; tags are put around whole texts after
// they were cut, so no cut can break one.

import FoundationEssentials
package import ParcelCore

/// One text of a message, which is never divided between two.
package struct TelegramPiece: Codable, Sendable, Hashable {
    /// Plain; Telegram counts it without tags.
    package var text: String
    /// It stands on the line after the piece before, without air between.
    package var isNext: Bool
    /// Lines at its beginning that are set in bold.
    package var headLines: Int
    /// The first of them, where they are a heading over more than this text; nil for none.
    package var leadLines: Int?
    /// What can be answered about it; nil where nothing is open.
    package var alert: Int64?
    /// How a button calls it.
    package var name: String?
    /// There is somebody to write to about it.
    package var hasLetter: Bool
    /// Who took it on before this was told, as a line.
    package var taken: String?

    package init(
        _ text: String, isNext: Bool = false, headLines: Int = 0, alert: Int64? = nil, name: String? = nil,
        hasLetter: Bool = false
    ) {
        self.text = text
        self.isNext = isNext
        self.headLines = headLines
        self.alert = alert
        self.name = name
        self.hasLetter = hasLetter
    }
}

/// What became of an alert after a message told of it.
package enum TelegramMark: Sendable, Hashable {
    case closed
    /// Who takes care of it, until when it rests; each a line.
    case open(lines: [String], isTaken: Bool)
}

/// A part as it is stored. Older ones are plain text.
package struct TelegramPart: Codable, Sendable, Hashable {
    package struct Document: Codable, Sendable, Hashable {
        package var name: String
        package var mediaType: String
        package var base64: String
        package var caption: String
    }

    package var telegram = 1
    package var language: Language
    package var pieces: [TelegramPiece]
    package var document: Document?

    package init(_ language: Language, _ pieces: [TelegramPiece], document: Document? = nil) {
        self.language = language
        self.pieces = pieces
        self.document = document
    }

    /// Nil for a part that an earlier version wrote.
    package init?(stored: String) {
        guard stored.hasPrefix("{"),
            let part = try? JSONDecoder().decode(TelegramPart.self, from: Data(stored.utf8))
        else { return nil }
        self = part
    }

    package var stored: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing in it cannot be written; were it so, the text alone would be told.
        guard let data = try? encoder.encode(self) else { return plain }
        return String(decoding: data, as: UTF8.self)
    }

    package var plain: String { joined { $0.text } }

    /// - Parameter marks: What became of its alerts, by their row ids.
    package func html(_ marks: [Int64: TelegramMark] = [:]) -> String {
        let marks = self.marks(since: marks)
        let room = pieces.reduce(plain.utf16.count) { sum, piece in
            sum + (piece.alert.flatMap { marks[$0] }.map(length) ?? 0)
        }
        // Of a long list only what closed is marked where there is no room for more.
        let isFull = room > Telegram.longest
        return joined { piece in
            let mark = piece.alert.flatMap { marks[$0] }
            return ParcelChannels.html(piece, isFull && mark != .closed ? nil : mark)
        }
    }

    /// What is so by now: as it was when it was told, where nothing is known since.
    func marks(since later: [Int64: TelegramMark]) -> [Int64: TelegramMark] {
        let first = pieces.compactMap { piece in
            piece.taken.flatMap { line in piece.alert.map { ($0, TelegramMark.open(lines: [line], isTaken: true)) } }
        }
        return later.merging(first) { known, _ in known }
    }

    private func joined(_ write: (TelegramPiece) -> String) -> String {
        var out = ""
        for (index, piece) in pieces.enumerated() {
            if index > 0 { out += gap(before: piece) }
            out += write(piece)
        }
        return out
    }
}

/// What it adds to a message, in UTF-16 units.
private func length(_ mark: TelegramMark) -> Int {
    switch mark {
    case .closed: 2
    case .open(let lines, _): lines.reduce(0) { $0 + $1.utf16.count + 1 }
    }
}

private func gap(before piece: TelegramPiece) -> String { piece.isNext ? "\n" : "\n\n" }

private func html(_ piece: TelegramPiece, _ mark: TelegramMark?) -> String {
    var lines = piece.text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }
    let lead = piece.leadLines ?? 0
    let heads = max(piece.headLines, lead + (piece.alert == nil ? 0 : 1))
    for index in lines.indices.prefix(heads) where !lines[index].isEmpty {
        if case .closed? = mark, index >= lead {
            lines[index] = (index == lead ? "✅ " : "") + "<s>\(lines[index])</s>"
        } else if index < piece.headLines {
            lines[index] = "<b>\(lines[index])</b>"
        }
    }
    if case .open(let states, _)? = mark { lines.insert(contentsOf: states.map(escaped), at: min(heads, lines.count)) }
    return lines.joined(separator: "\n")
}

/// For HTML, between tags or in double quotes.
package func escaped(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": out.append(contentsOf: "&amp;".unicodeScalars)
        case "<": out.append(contentsOf: "&lt;".unicodeScalars)
        case ">": out.append(contentsOf: "&gt;".unicodeScalars)
        case "\"": out.append(contentsOf: "&quot;".unicodeScalars)
        default: out.append(scalar)
        }
    }
    return String(out)
}

/// The pieces of a message: a text for each item, and of a list each line by itself.
func pieces(of message: Message, _ passages: [Passage]) -> [TelegramPiece] {
    let reader = Reader(of: message)
    var told = passages.flatMap { pieces(of: $0, message, reader) }
    // Words above everything else are its heading.
    if message.test == nil, passages.first?.isAboutItems == false, !told.isEmpty { told[0].headLines = 1 }
    return told
}

private func pieces(of passage: Passage, _ message: Message, _ reader: Reader) -> [TelegramPiece] {
    switch passage.subject {
    case .none: return [TelegramPiece(passage.whole, isNext: passage.isNext)]
    case .item(let item): return [piece(passage, item, message, reader)]
    case .list(let lines):
        var told = lines.flatMap { pieces(of: $0, message, reader) }
        if let first = told.first, first.alert == nil { told[0].headLines = 1 }
        return told
    }
}

private func piece(
    _ passage: Passage, _ item: MessageItem, _ message: Message, _ reader: Reader
) -> TelegramPiece {
    var piece = TelegramPiece(passage.whole, isNext: passage.isNext)
    piece.leadLines = passage.lead.isEmpty ? nil : passage.lead.count { $0 == "\n" }
    piece.headLines = (piece.leadLines ?? 0) + (passage.text.contains("\n") ? headLines(item) : 0)
    guard !item.isOver else { return piece }
    // What could not be recorded cannot be answered.
    piece.alert = item.alert > 0 ? item.alert : nil
    piece.name = buttonName(item.kind, item.facts, reader)
    piece.hasLetter = !item.kind.isAboutService
    piece.taken = message.pasts[item.alert]?.takenBy.map { takenLine($0, reader) }
    return piece
}

/// That a matter of the service is told again stands on a line before its heading.
private func headLines(_ item: MessageItem) -> Int { item.kind.isAboutService && item.telling == .reminded ? 2 : 1 }

/// Never empty.
package func buttonName(_ kind: AlertKind, _ facts: AlertFacts, _ reader: Reader) -> String {
    let name = facts.thingKind == nil ? facts.provider.map { reader.name($0) } ?? facts.channel : facts.label
    let short = harmless(name ?? "", limit: 24)
    return short.isEmpty ? harmless(reader.word(kind), limit: 24) : short
}

/// Pieces put together into as few messages as hold them.
package func telegramParts(of pieces: [TelegramPiece]) -> [[TelegramPiece]] {
    var parts: [[TelegramPiece]] = []
    var length = 0
    for piece in pieces.map(cut) {
        let size = room(of: piece)
        let gap = gap(before: piece).utf16.count
        if !parts.isEmpty, length + gap + size <= Telegram.longest {
            parts[parts.count - 1].append(piece)
            length += gap + size
        } else {
            parts.append([piece])
            length = size
        }
    }
    return parts
}

/// What is told of an alert later, in the same message, needs room in it; in a list only the sign that it closed.
private func markRoom(_ piece: TelegramPiece) -> Int { piece.alert == nil ? 0 : piece.headLines > 0 ? 160 : 2 }

private func room(of piece: TelegramPiece) -> Int { piece.text.utf16.count + markRoom(piece) }

/// A text that alone is too long ends in "…": after a whole line where one ends in its last quarter, else between two
/// characters.
private func cut(_ piece: TelegramPiece) -> TelegramPiece {
    guard room(of: piece) > Telegram.longest else { return piece }
    var piece = piece
    piece.text = cut(piece.text, to: Telegram.longest - markRoom(piece))
    return piece
}

/// - Parameter longest: In UTF-16 units.
package func cut(_ text: String, to longest: Int) -> String {
    guard text.utf16.count > longest else { return text }
    let room = longest - 2
    var kept = String.UnicodeScalarView()
    var length = 0
    var lastLine: (end: String.UnicodeScalarView.Index, length: Int)?
    for character in text {
        let size = character.utf16.count
        guard length + size <= room else { break }
        if character == "\n" { lastLine = (kept.endIndex, length) }
        kept.append(contentsOf: character.unicodeScalars)
        length += size
    }
    if let lastLine, lastLine.length > room * 3 / 4 { return String(kept[..<lastLine.end]) + "\n…" }
    // One "character" may be thousands of marks on one letter: then it is cut between scalars.
    if kept.isEmpty {
        for scalar in text.unicodeScalars {
            length += scalar.utf16.count
            if length > room { break }
            kept.append(scalar)
        }
    }
    return String(kept) + "…"
}
