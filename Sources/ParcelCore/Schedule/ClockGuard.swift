// Whether the host's clock can be believed (DESIGN 5, "The host's clock may lie"). While it cannot, nothing is decided.

/// Two witnesses: the time since boot, which nobody sets, and the `Date` of the providers' answers.
package struct ClockGuard: Sendable {
    package static let hostTolerance = Duration.minutes(10)
    package static let providerTolerance = Duration.hours(1)

    /// Wall time minus time since boot, when they were last believed.
    private var anchor: Duration?
    private var highest: Timestamp?
    /// Providers whose `Date` disagreed since the clock was last believed.
    private var disagreeing: Set<ProviderID> = []
    /// Providers that were found to be wrong themselves: another one agreed with the host while they did not.
    private var liars: Set<ProviderID> = []
    package private(set) var problem: String?

    package init() {}

    /// - Parameter sinceBoot: Nil where there is no such clock (simulated time); then only a step back is seen.
    /// - Returns: Whether decisions may be made.
    package mutating func observe(now: Timestamp, sinceBoot: Duration?) -> Bool {
        if let sinceBoot {
            let offset = Duration.milliseconds(now.milliseconds) - sinceBoot
            let moved = anchor.map { offset - $0 } ?? .zero
            if abs(moved.milliseconds) > ClockGuard.hostTolerance.milliseconds {
                problem = "the host's clock jumped by \(moved.milliseconds / 1000) s"
            } else if disagreeing.isEmpty {
                anchor = anchor ?? offset
                problem = nil
            }
        } else if let highest, now < highest - ClockGuard.hostTolerance {
            problem = "the clock went back by \((highest - now).milliseconds / 1000) s"
        } else if disagreeing.isEmpty {
            problem = nil
            highest = max(highest ?? now, now)
        }
        return problem == nil
    }

    /// A provider's answer carried its own time. One that agrees settles the matter: the host's clock is right now.
    package mutating func observe(
        providerDate: Timestamp, from provider: ProviderID, now: Timestamp, sinceBoot: Duration?
    ) -> Bool {
        let skew = now - providerDate
        if abs(skew.milliseconds) <= ClockGuard.providerTolerance.milliseconds {
            liars.remove(provider)
            // Whoever disagreed while this one agrees is wrong itself: one bad provider stops nobody else.
            liars.formUnion(disagreeing.subtracting([provider]))
            disagreeing = []
            if abs(skew.milliseconds) <= ClockGuard.hostTolerance.milliseconds || problem == nil {
                if problem != nil { anchor = nil }
                if let sinceBoot, anchor == nil { anchor = .milliseconds(now.milliseconds) - sinceBoot }
                highest = now
                problem = nil
            }
        } else if !liars.contains(provider) {
            disagreeing.insert(provider)
            problem =
                "\(provider) says it is \(abs(skew.milliseconds) / 60_000) minutes \(skew.milliseconds > 0 ? "earlier" : "later")"
        }
        return problem == nil
    }

    /// Providers whose own clocks are wrong.
    package var wrongProviders: Set<ProviderID> { liars }
}
