// Addresses of servers: which are well formed, and which stay on this machine.

/// Why a text is no address. The text itself is not repeated: it may hold a password or a key.
package struct AddressError: Error, CustomStringConvertible {
    package let description: String
}

package struct Address {
    package let text: String
    package let scheme: String
    /// Lower case; an IPv6 address in its brackets.
    package let host: String

    package init(_ text: String, schemes: [String]) throws(AddressError) {
        let forms = schemes.map { "\($0)://" }.joined(separator: " or ")
        guard let mark = text.firstRange(of: "://"), schemes.contains(text[..<mark.lowerBound].lowercased()) else {
            throw AddressError(description: "expected an address that begins with \(forms)")
        }
        guard text.unicodeScalars.allSatisfy({ $0 != "\\" && !$0.properties.isWhitespace }) else {
            throw AddressError(description: "an address has no spaces and no backslashes")
        }
        let authority = text[mark.upperBound...].prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            throw AddressError(
                description: "an address must not hold a name or password: this file is no place for secrets")
        }
        let isBracketed = authority.hasPrefix("[")
        let end =
            isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
        let host = authority[..<(end ?? authority.endIndex)].lowercased()
        let port = authority[(end ?? authority.endIndex)...]
        guard Address.isHost(host) else { throw AddressError(description: "expected a host after \(forms)") }
        guard port.isEmpty || (port.hasPrefix(":") && Address.isPort(port.dropFirst())) else {
            throw AddressError(description: "expected a port from 1 to 65535 after the host's colon")
        }
        scheme = text[..<mark.lowerBound].lowercased()
        self.host = host
        // The root's slash is the one that means nothing; adapters add paths of their own.
        let path = text[authority.endIndex...]
        self.text = path == "/" ? String(text.dropLast()) : text
    }

    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && host.count > 3
                && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        return !host.hasPrefix(".") && !host.contains("..") && host.contains { $0.isLetter || $0.isNumber }
            && host.allSatisfy { $0.isLetter || $0.isNumber || "-._".contains($0) }
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.allSatisfy { $0.isASCII && $0.isNumber } && Int(text).map { (1...65_535).contains($0) } == true
    }

    package var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } && UInt8($0) != nil }
    }
}

/// Whether the address stays on this machine. What is no address does not.
package func isLoopback(_ url: String) -> Bool {
    (try? Address(url, schemes: ["https", "http", "socks5h", "socks5", "smtps", "smtp"]))?.isLoopback == true
}

/// Whether the text is an address that could be called.
package func isAddress(_ text: String) -> Bool {
    (try? Address(text, schemes: ["https", "http", "smtps", "smtp"])) != nil
}
