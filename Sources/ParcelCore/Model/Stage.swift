// The normalised status: what a thing waits for (stage), how it ended, what is wrong with it (condition).

/// What an unfinished thing is waiting for now. It picks calendar, zone, thresholds and contact (DESIGN 4).
package enum Stage: String, Sendable, Hashable, Codable, CodingKeyRepresentable, CaseIterable {
    case payment, purchase
    case trackAssignment = "track_assignment"
    case inbound, assembly, handover
    /// A number that its carrier does not know yet.
    case acceptance
    case origin
    case crossBorder = "cross_border"
    case destination, pickup
    /// No provider has said how far it is in a word that is known.
    case unmapped

    /// How far along; only compared between what several providers say of one thing of that kind.
    package func rank(of kind: ThingKind) -> Int {
        switch self {
        case .unmapped: -1
        // A parcel's price is asked for when it is packed, an item's before it is bought.
        case .payment: kind == .parcel ? 57 : 0
        case .purchase: 10
        case .trackAssignment: 20
        case .inbound: 30
        case .assembly: 40
        case .handover: 50
        case .acceptance: 55
        case .origin: 60
        case .crossBorder: 70
        case .destination: 80
        case .pickup: 90
        }
    }

    /// On its way to the buyer, with a track number.
    package var isUnderWay: Bool {
        switch self {
        case .origin, .crossBorder, .destination, .pickup: true
        default: false
        }
    }
}

/// How a thing ended. A finished thing never stalls.
package enum Ending: String, Sendable, Hashable, Codable, CaseIterable {
    case delivered, refunded, cancelled, removed, returned, lost, destroyed, confiscated, unclaimed
    /// A Chinese courier's number: the forwarder's warehouse signed for it.
    case handedOver = "handed_over"
    /// The carrier gave the number to another parcel.
    case superseded

    /// The parcel no longer holds its items: they wait for another one.
    package var releasesItems: Bool { self == .removed || self == .cancelled }
}

/// What is wrong with a thing; each alerts at once. `apis` call them by many names, these are ours.
package enum Condition: String, Sendable, Hashable, Codable, CaseIterable {
    case delayed, refused, damaged, returning, returned, lost, destroyed, confiscated, unclaimed
    case customsHold = "customs_hold"
    case dutyDue = "duty_due"
    case infoRequired = "info_required"
    case attemptFailed = "attempt_failed"
    case addressProblem = "address_problem"
    case storageExpiring = "storage_expiring"
    case recipientUnavailable = "recipient_unavailable"
    case cancelled
    /// The provider gave up following it.
    case expired
    /// The provider says by an explicit code that no such number can exist.
    case invalidNumber = "invalid_number"
    /// The provider refuses to answer us.
    case blocked

    /// Ends the journey: no later event clears it.
    package var isTerminal: Bool {
        switch self {
        case .returned, .lost, .destroyed, .confiscated, .unclaimed, .cancelled: true
        default: false
        }
    }
}

/// How bad a silence is.
package enum Level: String, Sendable, Hashable, Codable, Comparable, CaseIterable {
    case warning, critical

    package static func < (left: Level, right: Level) -> Bool { left == .warning && right == .critical }
}

/// What a provider's status code means for the thing's way.
package enum StatusMeaning: Sendable, Hashable {
    case at(Stage)
    case finished(Ending)
    /// The code is known and says nothing about how far the thing is.
    case unstated
    /// The code is not known: the thing keeps the stage it had, and no milestone is guessed.
    case unmapped
}
