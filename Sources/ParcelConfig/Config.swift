// What a configuration says, without what it names: the contents of secrets, calendars and zones are read by the
// programs.

package import ParcelCore

package struct SecretSource: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// A path, relative to the configuration's folder.
        case file(String)
        /// The name of a systemd credential.
        case credential(String)
    }

    package var kind: Kind
    package var line: Int?
    package var path: String
}

/// A provider's or channel's section.
package struct Section: Sendable {
    /// The section's name: the user's own for a channel and for a provider that has a `type`, else the provider's kind.
    package var name: String
    package var kind: String
    package var settings: SettingValues
    package var secrets: [String: SecretSource]
    package var line: Int?
}

package struct RecipientSettings: Sendable, Hashable {
    package var name: String
    package var language: Language
    package var zone: String
    /// Seconds after midnight.
    package var opens: Int
    package var closes: Int
    package var calendars: [String]
    package var channels: [String]
    package var selection = Selection.all
    /// Seconds after midnight, within the hours, in order.
    package var digestTimes: [Int] = []
    package var immediate = KindSet()
    package var isImmediateAnytime = false
    package var wantsWeeklySummary = true
    package var line: Int?
}

package struct HTTPOptions: Sendable, Hashable {
    package var proxy: String?
    package var caFile: String?
    package var connectTimeout = Duration.seconds(10)
    package var timeout = Duration.seconds(60)
    package var bodyLimit = 16 << 20
}

package struct Config: Sendable {
    package var database = ""
    package var controlSocket = "/run/parceld/control.sock"
    package var zoneinfo = "/usr/share/zoneinfo"
    package var logLevel = "info"
    /// Folder of the user's own templates.
    package var templates: String?
    package var http = HTTPOptions()
    package var providerDownAfter = Duration.hours(1)
    package var providers: [Section] = []
    package var channels: [Section] = []
    package var recipients: [RecipientSettings] = []
    /// Called after good passes; whoever knows it can call it too, so it is shown nowhere.
    package var heartbeat: String?
    package var metrics: MetricsOptions?
    /// Providers by the beginning of the numbers that they are asked about.
    package var routes: [String: [ProviderID]] = [:]
    package var cadence = Cadence.standard
    package var rules = RuleSettings.standard
    /// Calendar files of the user's own, by id.
    package var calendarFiles: [String: (path: String, line: Int?)] = [:]
    /// Every zone that is named, with each place that does; those of the standard rules have no line.
    package var zones: [(name: String, line: Int?, path: String)] = []

    /// Files that lie over the main one, in order.
    package var files: [String] = []
    /// Where each key and element stands, by path.
    package var spots: [String: Spot] = [:]

    package init() {}

    package struct Spot: Sendable, Hashable {
        /// Nil for the main file.
        package var file: String?
        package var line: Int?
    }

    /// A remark about what stands at a path, with the line of the nearest section that is given.
    package func problem(_ path: String, _ message: String) -> Problem {
        var place = path[...]
        while spots[String(place)] == nil, let end = place.lastIndex(where: { $0 == "." || $0 == "[" }) {
            place = place[..<end]
        }
        let spot = spots[String(place)]
        return Problem(line: spot?.line, path: path, message: message, file: spot?.file)
    }

    /// Every address that would be called.
    package var addresses: [String] {
        let texts = (providers + channels).flatMap { section in
            section.settings.values.values.compactMap {
                if case .text(let text) = $0, isAddress(text) { text } else { nil }
            }
        }
        return texts + [http.proxy, heartbeat].compactMap(\.self)
    }
}
