import ParcelCore
import Testing

private struct Fixed: Provider {
    let id: ProviderID = "17track"
    var manners: Manners
    let zoneName: String? = nil
    let lists: [AskPlan] = []
    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }
    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation { Nothing() }
    func batchSize(of kind: String) -> Int { 40 }
}

private struct Nothing: Conversation {
    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn { .done(Report()) }
}

private func budget(_ limit: Int?) -> Budget {
    Budget(of: Fixed(manners: Manners(requestsPerSecond: 3, parallel: 1, requestsPerDay: limit)))
}

/// Numbers by the hours after which each is asked again.
private let forecasts:
    [(limit: Int?, alone: Double, wished: [Int64: Int], least: [Int64: Int], needs: [Int], verdict: Forecast.Verdict)] =
        [
            (100, 0, [:], [:], [0, 0], .enough), (nil, 24, [6: 10_000], [24: 10_000], [1024, 274], .enough),
            // Ten thousand numbers four times a day, in batches of 40.
            (1000, 0, [6: 10_000], [24: 10_000], [1000, 250], .enough),
            (999, 0, [6: 10_000], [24: 10_000], [1000, 250], .stretched(by: 1)),
            (250, 0, [6: 10_000], [24: 10_000], [1000, 250], .stretched(by: 750)),
            (249, 0, [6: 10_000], [24: 10_000], [1000, 250], .short(by: 1)),
            // A part of a batch is a whole request: five numbers four times a day are four.
            (3, 0, [6: 5], [24: 5], [4, 1], .stretched(by: 1)), (1, 0, [24: 41], [24: 40], [2, 1], .stretched(by: 1)),
            // What is asked more rarely goes along where there is room: 35 in each of four.
            (100, 0, [6: 5, 24: 140], [24: 145], [4, 4], .enough),
            (100, 0, [6: 5, 24: 141], [24: 161], [5, 5], .enough), (100, 0, [6: 40, 12: 1], [:], [6, 0], .enough),
            (100, 0, [1: 1, 24: 900, 48: 72], [:], [24, 0], .enough),
            // Sums of fractions are off by less than a request.
            (100, 0.1 + 0.2 + 2.7, [:], [7: 3], [3, 7], .enough),
            (100, .infinity, [0: 7], [24: 0, -1: 3], [0, 0], .enough),
        ]

@Test(arguments: forecasts)
func `a budget is enough, stretched or short by so many requests a day`(
    limit: Int?, alone: Double, wished: [Int64: Int], least: [Int64: Int], needs: [Int], verdict: Forecast.Verdict
) {
    func byInterval(_ hours: [Int64: Int]) -> [Int64: Int] {
        Dictionary(uniqueKeysWithValues: hours.map { ($0 * 3_600_000, $1) })
    }
    var demand = Demand()
    (demand.alone, demand.wished, demand.least) = (alone, byInterval(wished), byInterval(least))
    let forecast = forecast(demand, within: budget(limit))
    #expect([forecast.wished, forecast.least] == needs)
    #expect(forecast.verdict == verdict)
}

@Test func `a breaker tells failure, refusal, a spent day and health apart`() {
    let now = Timestamp(milliseconds: 1_700_000_000_000)
    func name(nextAskAt: Timestamp? = nil, _ change: (inout ProviderHealth) -> Void) -> String {
        var health = ProviderHealth(provider: "17track")
        change(&health)
        let breaker = Breaker(health, nextAskAt: nextAskAt, at: now)
        return breaker.name + (breaker.until.map { " \(($0 - now).milliseconds / 3_600_000)" } ?? "")
    }
    #expect(name { _ in } == "unused")
    #expect(name { $0.succeeded(at: now) } == "closed")
    #expect(name { $0.failed(.unreachable(reason: "x"), at: now) } == "open")
    #expect(name(nextAskAt: now + .hours(1)) { $0.failed(.unreachable(reason: "x"), at: now) } == "open 1")
    #expect(name(nextAskAt: now) { $0.failed(.unreachable(reason: "x"), at: now) } == "probing")
    #expect(
        name(nextAskAt: now) {
            $0.failed(.blocked(reason: "x"), at: now)
            $0.probeAt = now + .hours(6)
        } == "open 6")
    #expect(
        name {
            $0.failed(.authentication(reason: "x"), at: now)
            $0.probeAt = now + .hours(24)
        } == "login_refused 24")
    #expect(
        name {
            $0.succeeded(at: now)
            ($0.isSpent, $0.probeAt) = (true, now + .hours(3))
        } == "spent 3")
    // The day is over; the poller has not looked yet.
    #expect(
        name {
            $0.succeeded(at: now)
            ($0.isSpent, $0.probeAt) = (true, now - .hours(3))
        } == "closed")
}
