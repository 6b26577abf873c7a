// A mail of ours read back, as far as tests of its words need that.

import Foundation
import Testing

/// Its subject with its encoded words decoded; nil where it has none.
func decodedSubject(_ mail: String) -> String? {
    let head = mail.components(separatedBy: "\r\n\r\n")[0].replacingOccurrences(of: "\r\n ", with: " ")
    guard let line = head.components(separatedBy: "\r\n").first(where: { $0.hasPrefix("Subject: ") }) else {
        return nil
    }
    let words = line.dropFirst("Subject: ".count).split(separator: " ").map(String.init)
    guard words.allSatisfy({ $0.hasPrefix("=?utf-8?B?") }) else { return words.joined(separator: " ") }
    return words.compactMap { Data(base64Encoded: String($0.dropFirst(10).dropLast(2))) }
        .map { String(decoding: $0, as: UTF8.self) }.joined()
}

/// Its bodies, decoded: the plain one, then HTML.
func decodedBodies(_ mail: String) throws -> [String] {
    try mail.components(separatedBy: "Content-Type: text/").dropFirst().map { part in
        let start = try #require(part.range(of: "\r\n\r\n")).upperBound
        let encoded = part[start...].prefix { $0 != "-" }.filter { !$0.isNewline }
        return String(decoding: try #require(Data(base64Encoded: String(encoded))), as: UTF8.self)
    }
}
