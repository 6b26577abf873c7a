// A file for Telegram as the body of a request: multipart/form-data (RFC 7578). Its boundary is made of its contents, so
// that the same file is the same request.

import FoundationEssentials
import ParcelCore

struct MultipartForm {
    struct Field {
        var name: String
        /// Nil for a plain value.
        var file: (name: String, mediaType: String)?
        var bytes: [UInt8]
    }

    let boundary: String
    let body: [UInt8]

    init(_ fields: [Field]) {
        var boundary = "parceld"
        // One that stands in no field.
        while fields.contains(where: { contains($0.bytes, Array(boundary.utf8)) }) { boundary += "-parceld" }
        var body: [UInt8] = []
        for field in fields {
            var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(quotable(field.name))\""
            if let file = field.file {
                head += "; filename=\"\(quotable(file.name))\"\r\nContent-Type: \(quotable(file.mediaType))"
            }
            body += Array((head + "\r\n\r\n").utf8) + field.bytes + [13, 10]
        }
        self.boundary = boundary
        self.body = body + Array("--\(boundary)--\r\n".utf8)
    }
}

/// Without what would end the quotation or the line.
private func quotable(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar != "\"" && scalar != "\\" {
        out.append(scalar)
    }
    return String(out)
}

private func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
    guard bytes.count >= wanted.count, let first = wanted.first else { return false }
    for start in 0...(bytes.count - wanted.count) where bytes[start] == first {
        if bytes[start..<(start + wanted.count)].elementsEqual(wanted) { return true }
    }
    return false
}

extension TelegramPart.Document {
    /// - Parameter caption: Plain; Telegram shows 1,024 units of it.
    init(_ attachment: Attachment, caption: String) {
        self.init(
            name: attachment.name, mediaType: attachment.mediaType,
            base64: Data(attachment.bytes).base64EncodedString(), caption: cut(caption, to: 1024))
    }

    func form(chat: String) -> MultipartForm {
        var fields = [MultipartForm.Field(name: "chat_id", file: nil, bytes: Array(chat.utf8))]
        if !caption.isEmpty { fields.append(.init(name: "caption", file: nil, bytes: Array(caption.utf8))) }
        fields.append(
            .init(
                name: "document", file: (name, mediaType), bytes: Data(base64Encoded: base64).map(Array.init) ?? []))
        return MultipartForm(fields)
    }
}
