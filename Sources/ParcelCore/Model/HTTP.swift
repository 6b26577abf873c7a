// What providers and channels say over HTTP, as plain values. ParcelHTTP sends them; nothing here does.

/// One request. The URL may hold a secret (Telegram puts its token there), so it is never printed as it is.
package struct HTTPRequest: Sendable, Hashable {
    package enum Method: String, Sendable { case get = "GET", post = "POST" }

    package var method: Method
    package var url: String
    package var headers: [HTTPField]
    package var body: [UInt8]?
    /// What may be shown in logs and errors instead of the URL: the host and the call's name, no secrets.
    package var label: String
    /// Goes once at most: it is counted, and on a connection that breaks it must not be sent again unseen.
    package var isCounted = false

    package init(_ method: Method, _ url: String, headers: [HTTPField] = [], body: [UInt8]? = nil, label: String) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.label = label
    }
}

package struct HTTPField: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One whole answer; the body is decoded (gzip, br, zstd) and no longer than the limit that the sender was given.
package struct HTTPResponse: Sendable, Hashable {
    package var status: Int
    package var headers: [HTTPField]
    package var body: [UInt8]

    package init(status: Int, headers: [HTTPField] = [], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first field of that name, compared without case.
    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why no whole answer came. None of these says anything about the thing that was asked for.
package enum TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    case timedOut
    case cannotResolve(String)
    case cannotConnect(String)
    case tls(String)
    case tooLarge(limit: Int)
    case interrupted(String)
    case invalidRequest(String)
    case cancelled

    package var description: String {
        switch self {
        case .timedOut: "timed out"
        case .cannotResolve(let host): "cannot resolve \(host)"
        case .cannotConnect(let reason): "cannot connect: \(reason)"
        case .tls(let reason): "TLS: \(reason)"
        case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .interrupted(let reason): "interrupted: \(reason)"
        case .invalidRequest(let reason): "invalid request: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}

/// A value that must never be shown; it prints as `<secret>`.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The text itself, for building a request; nothing else may ask for it.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
}
