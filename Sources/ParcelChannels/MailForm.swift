// The forms that mail needs: encoded words (RFC 2047), parameters in pieces (RFC 2231), dates, folded headers and parts within
// parts (RFC 2045, 2046). All are ASCII; read 2026-11-25.

import FoundationEssentials
import ParcelCore

/// One part of a mail, with what is in it.
indirect enum Entity {
    case leaf(_ headers: [String], _ bytes: [UInt8])
    case multipart(_ kind: String, boundary: String, [Entity])

    /// Headers, an empty line, the body. No line of base64 begins with the hyphens of a boundary.
    var lines: [String] {
        switch self {
        case .leaf(let headers, let bytes):
            return headers + ["Content-Transfer-Encoding: base64", ""] + base64Lines(bytes)
        case .multipart(let kind, let boundary, let entities):
            return ["Content-Type: multipart/\(kind);", " boundary=\"\(boundary)\"", ""]
                + entities.flatMap { ["--\(boundary)"] + $0.lines } + ["--\(boundary)--"]
        }
    }
}

/// 57 bytes are 76 characters.
private func base64Lines(_ bytes: [UInt8]) -> [String] {
    stride(from: 0, to: bytes.count, by: 57).map { start in
        Data(bytes[start..<min(start + 57, bytes.count)]).base64EncodedString()
    }
}

/// A header's text, in encoded words unless it is short plain ASCII; each word holds whole characters.
func encodedWords(_ text: String) -> String {
    let isPlain = text.utf8.count <= 60 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
    if isPlain, text.first != " ", text.last != " " { return text }
    // 39 bytes make a word of 64 characters: the first stands after the header's name.
    return pieces(of: text, size: 39) { $0.utf8.count }
        .map { "=?utf-8?B?" + Data($0.utf8).base64EncodedString() + "?=" }.joined(separator: "\r\n ")
}

/// A file's name as parameters, each with a line of its own.
func fileName(_ name: String) -> String {
    let isPlain =
        name.utf8.count <= 60 && name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    if isPlain { return ";\r\n filename=\"\(name)\"" }
    return pieces(of: name, size: 54) { percentEncoded($0).utf8.count }.enumerated().map { number, piece in
        ";\r\n filename*\(number)*=" + (number == 0 ? "utf-8''" : "") + percentEncoded(piece)
    }.joined()
}

private func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        let scalar = Unicode.Scalar(byte)
        let isPlain =
            byte < 0x80
            && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte) || "-._".unicodeScalars.contains(scalar))
        if isPlain { return String(scalar) }
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
}

/// Never divides a character, unless one alone is too large: then it is divided between its scalars.
private func pieces(of text: String, size: Int, _ measure: (String) -> Int) -> [String] {
    let units = text.flatMap { character in
        measure(String(character)) <= size ? [String(character)] : character.unicodeScalars.map { String($0) }
    }
    var pieces: [String] = []
    for unit in units {
        if let last = pieces.last, measure(last) + measure(unit) <= size {
            pieces[pieces.count - 1] = last + unit
        } else {
            pieces.append(unit)
        }
    }
    return pieces
}

/// Words on as many lines as they need, at least one a line.
func folded(_ name: String, _ words: [String]) -> String {
    var lines = [name]
    for (number, word) in words.enumerated() {
        if number == 0 || lines[lines.count - 1].utf8.count + 1 + word.utf8.count <= 76 {
            lines[lines.count - 1] += " " + word
        } else {
            lines.append(" " + word)
        }
    }
    return lines.joined(separator: "\r\n")
}

/// `Mon, 09 Oct 2017 06:00:00 +0000`.
func mailDate(_ instant: Timestamp) -> String {
    let local = Zone.utc.local(instant)
    let (year, month, day) = local.date.parts
    let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][local.date.weekday - 1]
    let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    let number = (day < 10 ? "0" : "") + "\(day)"
    return "\(weekday), \(number) \(name) \(year) \(clockText(local.secondOfDay)) +0000"
}
