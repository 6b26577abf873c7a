// Which requests are sent at all: http and https only, and nothing that could smuggle a second header or request into
// the first. What passes here libcurl still reads with its own parser.

import ParcelCore

func check(_ request: HTTPRequest) throws(TransportError) {
    guard let secure = isSecure(request.url) else { throw .invalidRequest("the URL is neither http:// nor https://") }
    // libcurl would take the first part of the path for the host.
    let host = request.url.utf8.dropFirst(secure ? 8 : 7).first
    guard let host, ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains(host) else {
        throw .invalidRequest("the URL names no host")
    }
    guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
        throw .invalidRequest("the URL holds a space or a control character")
    }
    if request.method == .get, request.body != nil { throw .invalidRequest("a GET carries no body") }
    for field in request.headers {
        guard isToken(field.name) else {
            throw .invalidRequest("a header's name is empty or holds a forbidden character")
        }
        guard isHeaderValue(field.value) else {
            throw .invalidRequest("the value of header \(field.name) holds a control character")
        }
    }
}

/// SMTP is lines: nothing of the envelope may end one or close the angle brackets.
func check(_ mail: MailEnvelope) throws(TransportError) {
    guard hasPrefix("smtp://", mail.url) || hasPrefix("smtps://", mail.url) else {
        throw .invalidRequest("the server's address is neither smtp:// nor smtps://")
    }
    guard mail.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
        throw .invalidRequest("the server's address holds a space or a control character")
    }
    guard !mail.to.isEmpty else { throw .invalidRequest("the mail has no recipient") }
    for address in [mail.from] + mail.to {
        guard !address.isEmpty, address.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E })
        else { throw .invalidRequest("a mail address is empty or holds a forbidden character") }
    }
    guard [mail.user, mail.password?.revealed].compactMap(\.self).allSatisfy({ !$0.utf8.contains(0) }) else {
        throw .invalidRequest("the mail server's user or password holds a NUL")
    }
}

/// True for `https://`, false for `http://`, nil for anything else.
func isSecure(_ url: String) -> Bool? {
    if hasPrefix("https://", url) { return true }
    return hasPrefix("http://", url) ? false : nil
}

/// Tabs are allowed, and bytes over 127; line ends and NUL are not.
func isHeaderValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == UInt8(ascii: "\t") }
}

private func hasPrefix(_ lowercased: StaticString, _ url: String) -> Bool {
    var bytes = url.utf8.makeIterator()
    return lowercased.withUTF8Buffer { prefix in
        prefix.allSatisfy { expected in
            guard let byte = bytes.next() else { return false }
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            return (isUpper ? byte | 0x20 : byte) == expected
        }
    }
}

/// RFC 9110, section 5.6.2.
private func isToken(_ text: String) -> Bool {
    !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
                UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"),
                UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
                true
            default: false
            }
        }
}
