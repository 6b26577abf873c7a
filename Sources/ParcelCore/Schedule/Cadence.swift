// How often a number is asked about. The values follow how fast parcels move in each part of the way; all of them can be
// configured. How much of it a provider's budget allows is decided where asks are chosen.

package struct Cadence: Sendable, Hashable, Codable {
    /// By the milestone that the number has reached.
    package var every: [Milestone: Duration]
    /// Something is wrong, or it is on its way back.
    package var held: Duration
    package var returning: Duration
    /// No number goes longer than this without being asked, unless its own interval is longer.
    package var longest: Duration

    package init(every: [Milestone: Duration], held: Duration, returning: Duration, longest: Duration) {
        self.every = every
        self.held = held
        self.returning = returning
        self.longest = longest
    }

    package static let standard = Cadence(
        every: [
            .unknown: .hours(12), .registered: .hours(12), .accepted: .hours(6), .originTransit: .hours(6),
            .handedToForwarder: .hours(24), .exportCustoms: .hours(12), .exportReleased: .hours(12),
            .departedOrigin: .hours(24), .internationalTransit: .hours(24), .arrivedDestinationCountry: .hours(6),
            .importCustoms: .hours(6), .customsReleased: .hours(8), .destinationTransit: .hours(8),
            .arrivedDeliveryOffice: .hours(4), .readyForPickup: .hours(12), .outForDelivery: .hours(2),
            .delivered: .hours(24),
        ], held: .hours(6), returning: .hours(24), longest: .hours(24))

    /// - Parameters:
    ///   - journey: What is known over all providers.
    ///   - unknownFor: How long this provider has not known the number; nil where it knows it.
    ///   - luck: 1, or how many times longer than usual this provider is left alone about such numbers.
    package func interval(_ journey: Journey, unknownFor: Duration?, luck: Int) -> Duration {
        if let unknownFor { return min(backedOff(unknownFor) * luck, .days(7)) }
        if journey.isReturning { return returning }
        switch journey.condition {
        case .customsHold?, .dutyDue?: return held
        default: return every[journey.milestone] ?? longest
        }
    }

    /// A number that is not known yet may have a wrong digit: it is asked less and less, and never given up.
    private func backedOff(_ age: Duration) -> Duration {
        let first = every[.unknown] ?? .hours(12)
        if age < .days(7) { return first }
        return age < .days(45) ? max(first, .hours(24)) : max(first, .days(7))
    }
}

extension Milestone: CodingKeyRepresentable {}

/// How often a provider knew numbers of one form.
package struct Luck: Sendable, Hashable {
    package var known: Int
    package var missed: Int

    package init(known: Int = 0, missed: Int = 0) {
        self.known = known
        self.missed = missed
    }

    /// How many times longer than usual a provider is left alone about numbers of a form that it never knew. One that it
    /// does know ends that.
    package var factor: Int {
        guard known == 0, missed >= 20 else { return 1 }
        return min(14, 1 << min(4, missed / 20))
    }
}
