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

/// How often what is followed at a provider is to be asked for.
package struct Demand: Sendable, Hashable {
    /// Lists and other asks that go alone, in asks a day.
    package var alone = 0.0
    /// How many numbers by the interval that is wished, in milliseconds.
    package var wished: [Int64: Int] = [:]
    /// And by the longest one that is allowed.
    package var least: [Int64: Int] = [:]
    /// How many numbers.
    package var numbers: Int { wished.values.reduce(0, +) }

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
    let wished = requests(demand.alone + requests(about: demand.wished, inBatchesOf: budget.batchSize))
    let least = requests(demand.alone + requests(about: demand.least, inBatchesOf: budget.batchSize))
    guard let limit = budget.requestsPerDay, wished > limit else {
        return Forecast(wished: wished, least: least, verdict: .enough)
    }
    let verdict: Forecast.Verdict = least > limit ? .short(by: least - limit) : .stretched(by: wished - limit)
    return Forecast(wished: wished, least: least, verdict: verdict)
}

/// Requests a day about so many numbers at each interval. Numbers of one interval go together, the last of their requests
/// with what room is left; in that the rarer ones go along, and only the rest of them takes requests of its own.
private func requests(about numbers: [Int64: Int], inBatchesOf size: Int) -> Double {
    let size = Double(max(1, size))
    var (requests, room) = (0.0, 0.0)
    for (interval, count) in numbers.sorted(by: { $0.key < $1.key }) where interval > 0 && count > 0 {
        let rounds = 86_400_000 / Double(interval)
        let taken = min(room, Double(count) * rounds)
        room -= taken
        let rest = Double(count) - taken / rounds
        let batches = (rest / size - 1e-9).rounded(.up)
        requests += batches * rounds
        room += max(0, batches * size - rest) * rounds
    }
    return requests
}

/// A part of a request is one; what sums of fractions are off by is none.
private func requests(_ count: Double) -> Int {
    guard count.isFinite, count > 0 else { return 0 }
    return Int(min(count - 1e-6, 1e15).rounded(.up))
}
