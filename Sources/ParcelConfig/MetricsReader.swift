// Where the service's figures are shown: never to other machines, because they are shown to whoever asks.

package struct MetricsOptions: Sendable, Hashable {
    /// Who asks there gets them; nil: nobody can.
    package var listen: LocalAddress?
    /// A file for the textfile collector of the node exporter; nil: none.
    package var textfile: String?
    /// How often the file is written.
    package var every = Duration.seconds(60)
}

/// An address that only this machine reaches.
package enum LocalAddress: Sendable, Hashable {
    case loopback(host: String, port: UInt16)
    case unix(path: String)

    /// `127.0.0.1:9472`, `localhost:9472`, `[::1]:9472` or `unix:/run/parceld/metrics.sock`.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/"), path.utf8.count <= 100 else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits), port > 0 else { return nil }
        switch text[..<colon] {
        case "127.0.0.1", "localhost": self = .loopback(host: "127.0.0.1", port: port)
        case "[::1]": self = .loopback(host: "::1", port: port)
        default: return nil
        }
    }
}

extension ConfigReader {
    func readMetrics(_ place: Place) {
        let members = reading.members(place, Declared.metrics)
        if members["listen"] == nil, members["textfile"] == nil, place.node.isMapping {
            reading.report(place, "say where: listen, textfile or both")
        }
        var metrics = MetricsOptions()
        if let place = members["listen"], let text = reading.text(place) {
            metrics.listen = LocalAddress(text)
            if metrics.listen == nil {
                reading.report(
                    place,
                    "\(shown(text)) is no address of this machine, such as 127.0.0.1:9472, \"[::1]:9472\" or unix:/run/parceld/metrics.sock"
                )
            }
        }
        if let place = members["textfile"], let path = reading.text(place) {
            metrics.textfile = path
            if !path.hasSuffix(".prom") { reading.report(place, "has to end with .prom: no collector reads it else") }
        }
        if let place = members["every"] {
            if let every = reading.duration(place) { metrics.every = every }
            if members["textfile"] == nil {
                reading.report(place, "says how often textfile is written, and there is none")
            }
        }
        config.metrics = metrics
    }
}
