// Reads the header lines that libcurl hands over one by one. Only the last block counts: interim answers
// (100 Continue, 103 Early Hints) come before it, and trailers after it are no headers.

import ParcelCore

struct AnswerHead {
    /// All header lines of one answer, interim ones included. Real answers have a few KiB.
    static let limit = 256 << 10

    private(set) var fields: [HTTPField] = []
    /// Whether the empty line after the last block was seen. libcurl takes a connection that closes before it for a whole
    /// answer.
    private(set) var isComplete = false
    private var bytesSeen = 0

    /// As the other side claims it: of what is sent, which may be compressed. Nil where it does not say.
    var bodyLength: Int? {
        guard let field = fields.first(where: { $0.name.lowercased() == "content-length" }) else { return nil }
        return Int(field.value).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// False when there are more bytes than `limit`.
    mutating func read(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        bytesSeen += line.count
        guard bytesSeen <= AnswerHead.limit else { return false }
        let text = trimmed(line[...])
        if text.isEmpty {
            isComplete = true
        } else if text.starts(with: [0x48, 0x54, 0x54, 0x50, 0x2F]) {  // HTTP/
            fields.removeAll(keepingCapacity: true)
            isComplete = false
        } else if !isComplete {
            add(text, isContinuation: line[0] == 0x20 || line[0] == 0x09)
        }
        return true
    }

    private mutating func add(_ text: Slice<UnsafeBufferPointer<UInt8>>, isContinuation: Bool) {
        if isContinuation, let last = fields.popLast() {
            fields.append(HTTPField(last.name, last.value + " " + String(decoding: text, as: UTF8.self)))
            return
        }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = trimmed(text[..<colon])
        let value = trimmed(text[text.index(after: colon)...])
        fields.append(HTTPField(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
}

/// Without the spaces, tabs and line ends around it.
private func trimmed(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var bytes = bytes
    while let first = bytes.first, isBlank(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
    return bytes
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
