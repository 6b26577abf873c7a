// What the service counts while it runs; everything else that is measured lies in the database. Counts begin at nothing
// with each start, as whoever reads counters expects.

package import ParcelCore

package final class Meters: Sendable {
    package struct Counts: Sendable {
        package var polls: [Key: Int] = [:]
        package var deliveries: [Key: Int] = [:]
        package var latency: [ProviderID: Histogram] = [:]
    }

    /// A provider's or channel's name, and what came of it.
    package struct Key: Sendable, Hashable {
        package var name: String
        package var outcome: String
    }

    /// Seconds. Providers answer in tenths of one to tens.
    private static let bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private let state = Locked(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    func polled(_ provider: ProviderID, _ outcome: String) {
        state.withLock { $0.polls[Key(name: provider.description, outcome: outcome), default: 0] += 1 }
    }

    func told(_ channel: String, _ outcome: String) {
        state.withLock { $0.deliveries[Key(name: channel, outcome: outcome), default: 0] += 1 }
    }

    /// - Parameter time: From the sending of a request to its whole answer, or its failure.
    func waited(_ time: Duration, for provider: ProviderID) {
        let seconds = Double(time.milliseconds) / 1000
        state.withLock { $0.latency[provider, default: Histogram(bounds: Meters.bounds)].observe(seconds) }
    }
}

extension PollError {
    /// One word for each case: what polls are counted by.
    var outcome: String {
        switch self {
        case .unreachable: "unreachable"
        case .notData: "not_data"
        case .rateLimited: "rate_limited"
        case .authentication: "authentication"
        case .clock: "clock"
        case .malformed: "malformed"
        case .refused: "refused"
        case .blocked: "blocked"
        case .quotaSpent: "quota_spent"
        }
    }
}

extension DeliveryOutcome {
    /// What deliveries are counted by.
    var word: String {
        switch self {
        case .accepted: "accepted"
        case .retry: "put_off"
        case .refused: "refused"
        }
    }
}
