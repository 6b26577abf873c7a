// What a client is given once and what each request is given: limits and identity. ParcelConfig decides the values.

/// Set once for a client.
package struct HTTPSettings: Sendable, Hashable {
    /// Sent with every request that names no other; `parceld/1.2` and where to read about it.
    package var userAgent: String
    /// An `http`, `https` or `socks5` URL. Without one no proxy is used, whatever the environment says. May hold a password.
    package var proxy: String?
    /// A PEM file of authorities that are trusted beside the directory of the system's own.
    package var caFile: String?
    /// Transfers at one time; the rest wait in the order they came, and their total timeout runs meanwhile.
    package var maximumTransfers: Int
    /// Connections kept open for the next request.
    package var maximumIdleConnections: Int

    package init(
        userAgent: String, proxy: String? = nil, caFile: String? = nil, maximumTransfers: Int = 256,
        maximumIdleConnections: Int = 64
    ) {
        self.userAgent = userAgent
        self.proxy = proxy
        self.caFile = caFile
        self.maximumTransfers = maximumTransfers
        self.maximumIdleConnections = maximumIdleConnections
    }
}

/// Set for each request.
package struct HTTPLimits: Sendable, Hashable {
    /// From the first try to connect to the end of the TLS handshake, name lookup included.
    package var connectTimeout: Duration
    /// From the call of `send` to the last byte of the answer. The only guard against a slow drip: libcurl's low-speed
    /// limit is a moving average, which one byte a second never fell below.
    package var totalTimeout: Duration
    /// Bytes of the body after decompression.
    package var bodyLimit: Int

    package init(
        connectTimeout: Duration = .seconds(10), totalTimeout: Duration = .seconds(60), bodyLimit: Int = 16 << 20
    ) {
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.bodyLimit = bodyLimit
    }
}

/// Why a client could not be made: what was refused, and by whom.
package struct HTTPSetupError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
}
