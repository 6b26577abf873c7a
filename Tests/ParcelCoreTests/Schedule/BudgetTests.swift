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

private let forecasts:
    [(limit: Int?, alone: Double, wished: Double, least: Double, needs: [Int], verdict: Forecast.Verdict)] = [
        (100, 0, 0, 0, [0, 0], .enough),
        (nil, 24, 40_000, 10_000, [1024, 274], .enough),
        // Ten thousand numbers four times a day, in batches of 40.
        (1000, 0, 40_000, 10_000, [1000, 250], .enough),
        (999, 0, 40_000, 10_000, [1000, 250], .stretched(by: 1)),
        (250, 0, 40_000, 10_000, [1000, 250], .stretched(by: 750)),
        (249, 0, 40_000, 10_000, [1000, 250], .short(by: 1)),
        // A part of a request is a whole one.
        (1, 0, 41, 40, [2, 1], .stretched(by: 1)),
        (100, 0.1 + 0.2, 40 * 2.7, 40 * 2.7, [3, 3], .enough),
        (100, 0, .infinity, 0, [0, 0], .enough),
    ]

@Test(arguments: forecasts)
func `a budget is enough, stretched or short by so many requests a day`(
    limit: Int?, alone: Double, wished: Double, least: Double, needs: [Int], verdict: Forecast.Verdict
) {
    var demand = Demand()
    (demand.alone, demand.wished, demand.least) = (alone, wished, least)
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
