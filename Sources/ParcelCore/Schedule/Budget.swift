// Whether a provider's requests suffice for what is followed there. The arithmetic only: what is spent and what is wished
// are the store's.

/// What a provider may be asked, as the daemon runs with it. Stored, so that parcelctl needs neither provider nor secret.
package struct Budget: Sendable, Hashable, Codable {
    package var provider: ProviderID
    /// Nil where no daily limit is known.
    package var requestsPerDay: Int?
    /// Name of the zone at whose midnight the provider's day begins.
    package var dayZone: String
    package var requestsPerSecond: Double
    package var parallel: Int
    /// Milliseconds; nil where one number may be asked for as often as one likes.
    package var minimumInterval: Int64?
    /// How many numbers one request asks about at most.
    package var batchSize: Int
    /// It is asked about single numbers, and may be chosen for one.
    package var followsNumbers: Bool

    package init(of provider: any Provider) {
        let manners = provider.manners
        self.provider = provider.id
        requestsPerDay = manners.requestsPerDay
        dayZone = manners.dayZone
        requestsPerSecond = manners.requestsPerSecond
        parallel = manners.parallel
        minimumInterval = manners.minimumInterval?.milliseconds
        batchSize = max(1, provider.batchSize(of: "track"))
        followsNumbers = provider.lists.isEmpty
    }
}

/// How often what is followed at a provider is to be asked for, in asks a day.
package struct Demand: Sendable, Hashable {
    /// Lists and other asks that go alone.
    package var alone = 0.0
    /// About numbers, at the intervals that are wished.
    package var wished = 0.0
    /// About numbers, at the longest intervals that are allowed.
    package var least = 0.0
    /// How many numbers.
    package var numbers = 0

    package init() {}
}

/// Requests a day.
package struct Forecast: Sendable, Hashable {
    package enum Verdict: Sendable, Hashable {
        case enough
        /// The wished intervals become longer; none becomes longer than is allowed.
        case stretched(by: Int)
        /// Not even the longest intervals can be kept: so many requests a day are missing.
        case short(by: Int)
    }

    package var wished: Int
    package var least: Int
    package var verdict: Verdict

    package var missing: Int? { if case .short(let count) = verdict { count } else { nil } }
}

package func forecast(_ demand: Demand, within budget: Budget) -> Forecast {
    let batch = Double(max(1, budget.batchSize))
    let wished = requests(demand.alone + demand.wished / batch)
    let least = requests(demand.alone + demand.least / batch)
    guard let limit = budget.requestsPerDay, wished > limit else {
        return Forecast(wished: wished, least: least, verdict: .enough)
    }
    let verdict: Forecast.Verdict = least > limit ? .short(by: least - limit) : .stretched(by: wished - limit)
    return Forecast(wished: wished, least: least, verdict: verdict)
}

/// A part of a request is one; what sums of fractions are off by is none.
private func requests(_ count: Double) -> Int {
    guard count.isFinite, count > 0 else { return 0 }
    return Int(min(count - 1e-6, 1e15).rounded(.up))
}
