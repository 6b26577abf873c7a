// What things are called: the four kinds, the systems that know them, and the names those systems give.

/// A system that is polled, by the word used in config, database and log: `otcommerce`, `litemf`, `shiptor`.
package struct ProviderID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral
{
    package let description: String

    package init(_ text: String) { description = text }
    package init(stringLiteral text: String) { description = text }

    package static func < (left: ProviderID, right: ProviderID) -> Bool { left.description < right.description }

    package init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The four things that are mirrored.
package enum ThingKind: String, Sendable, Hashable, Codable, CaseIterable {
    case order, item, parcel
    case trackNumber = "track_number"
}

/// Row id in the mirror. Negative for a thing that is not stored yet.
package typealias ThingID = Int64

/// The name that one provider gives to one thing; it means nothing at another provider.
package struct ExternalID: Hashable, Sendable, Codable {
    package let kind: ThingKind
    package let key: String

    package init(_ kind: ThingKind, _ key: String) {
        self.kind = kind
        self.key = key
    }
}

/// An external id together with the system that gave it.
package struct ForeignID: Hashable, Sendable {
    package let system: ProviderID
    package let id: ExternalID

    package init(_ system: ProviderID, _ id: ExternalID) {
        self.system = system
        self.id = id
    }
}

/// What a track number is to the thing that carries it. A thing may have one in each role.
package enum TrackNumberRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// A Chinese courier's, from the seller to the warehouse.
    case domestic
    /// A logistics partner's own id (LP…, RP…).
    case forwarder
    case international
    case lastMile = "last_mile"
}

package struct RoledNumber: Hashable, Sendable {
    package let role: TrackNumberRole
    package let number: TrackNumber

    package init(_ role: TrackNumberRole, _ number: TrackNumber) {
        self.role = role
        self.number = number
    }
}

/// An amount in minor units (kopecks, fen, cents) of an ISO 4217 currency.
package struct Money: Hashable, Sendable, Codable {
    package let minor: Int64
    package let currency: String

    package init(minor: Int64, currency: String) {
        self.minor = minor
        self.currency = currency
    }

    /// `144.67`: two places, a point, no grouping.
    package var amountText: String {
        let whole = minor.magnitude / 100
        return (minor < 0 ? "-" : "") + "\(whole)." + padded(Int(minor.magnitude % 100), 2)
    }
}
