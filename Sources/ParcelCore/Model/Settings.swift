// How a provider or a channel declares what can be configured about it, so that the configuration is checked against
// the list of providers and nobody edits the checker to add one.

package struct SettingKey: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case text
        /// http or https.
        case url
        /// smtp or smtps.
        case mailServer
        /// Never in the file itself: `{file: PATH}` or `{credential: NAME}`.
        case secret
        /// With its unit: `90 s`, `15 min`, `2 h`, `1 d`.
        case duration
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case boolean
        /// An IANA zone name.
        case zone
        case choice([String])
        /// Keys of the user's own, each with one of these values.
        case map([String])
        /// Keys of the user's own, each with any text.
        case texts
        /// Keys of the user's own, each with a secret; the values have it as `name.key`.
        case secrets
        /// Text that may have several lines.
        case longText
        /// Where something stands in a JSON answer (RFC 6901).
        case pointer
        /// One of these names or a list of them; any names where nil.
        case names([String]?)
        /// One text or a list of them, in their order; the same one may stand in it twice.
        case words
        /// A section with keys of its own; the values have them as `name.key`.
        case section([SettingKey])
    }

    package let name: String
    package let kind: Kind
    package let isRequired: Bool
    /// What it is and what the default is, for `check` and the documentation.
    package let summary: String

    package init(_ name: String, _ kind: Kind, required: Bool = false, _ summary: String) {
        self.name = name
        self.kind = kind
        isRequired = required
        self.summary = summary
    }
}

package enum SettingValue: Sendable, Hashable {
    case text(String)
    case secret(Secret)
    case duration(Duration)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case map([String: String])
    case names([String])
}

/// The checked settings of one provider or channel. A missing one is nil: its owner knows the default.
package struct SettingValues: Sendable {
    package var values: [String: SettingValue]

    package init(_ values: [String: SettingValue] = [:]) { self.values = values }

    /// Text, address, zone name or choice.
    package func text(_ name: String) -> String? {
        if case .text(let text)? = values[name] { text } else { nil }
    }

    package func secret(_ name: String) -> Secret? {
        if case .secret(let secret)? = values[name] { secret } else { nil }
    }

    package func duration(_ name: String) -> Duration? {
        if case .duration(let duration)? = values[name] { duration } else { nil }
    }

    package func integer(_ name: String) -> Int? {
        if case .integer(let integer)? = values[name] { integer } else { nil }
    }

    package func number(_ name: String) -> Double? {
        switch values[name] {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        default: nil
        }
    }

    package func boolean(_ name: String) -> Bool? {
        if case .boolean(let boolean)? = values[name] { boolean } else { nil }
    }

    package func map(_ name: String) -> [String: String]? {
        if case .map(let map)? = values[name] { map } else { nil }
    }

    package func names(_ name: String) -> [String]? {
        if case .names(let names)? = values[name] { names } else { nil }
    }
}

/// What is wrong with a setting that has the right form, or with what several of them say together.
package struct SettingProblem: Error, Sendable, Hashable {
    /// `row.status`; a key that is not given stands for the nearest section that is.
    package var key: String
    /// The user's own key in it, where the key's value is a map.
    package var entry: String?
    package var message: String

    package init(_ key: String, entry: String? = nil, _ message: String) {
        self.key = key
        self.entry = entry
        self.message = message
    }
}

/// What one kind of provider or channel is called in the configuration and what can be set about it.
package struct SettingSchema: Sendable {
    package let name: String
    package let keys: [SettingKey]
    /// Whether a provider of this kind has a name of the user's and says its `type`. Channels always do.
    package let isNamed: Bool
    /// What only its owner can judge, asked once each value has its form. Secrets are empty then: nobody has read them.
    package let check: @Sendable (SettingValues) -> [SettingProblem]

    package init(
        _ name: String, _ keys: [SettingKey], isNamed: Bool = false,
        check: @escaping @Sendable (SettingValues) -> [SettingProblem] = { _ in [] }
    ) {
        self.name = name
        self.keys = keys
        self.isNamed = isNamed
        self.check = check
    }

    /// Every provider has these beside its own.
    package static let mannersKeys: [SettingKey] = [
        SettingKey("requests_per_second", .number(0.01...1000), "most requests in a second"),
        SettingKey("parallel", .integer(1...64), "most requests at one time"),
        SettingKey("requests_per_day", .integer(1...10_000_000), "most requests in a day of the provider's"),
        SettingKey("minimum_interval", .duration, "how long one thing is left alone at least"),
    ]
}

extension Manners {
    /// The provider's own manners, where the configuration does not say otherwise.
    package func adjusted(by settings: SettingValues) -> Manners {
        var manners = self
        manners.requestsPerSecond = settings.number("requests_per_second") ?? requestsPerSecond
        manners.parallel = settings.integer("parallel") ?? parallel
        manners.requestsPerDay = settings.integer("requests_per_day") ?? requestsPerDay
        // What the provider itself asks for cannot be made shorter.
        manners.minimumInterval = [minimumInterval, settings.duration("minimum_interval")].compactMap(\.self).max()
        return manners
    }
}
