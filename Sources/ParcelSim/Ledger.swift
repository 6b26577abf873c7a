// What the simulated carriers have counted: requests a second and a day, when each number was last asked for, who is
// registered, which tokens are good. A limit that is passed gets the carrier's documented refusal and is remembered
// as a violation, so that a test can say that none ever was.

struct Ledger: Sendable {
    struct Registration: Sendable {
        var at: Int64
        var carrier: Int
        /// When it was taken up again after 17TRACK had stopped it.
        var retracked: Int64?
    }

    /// Instants of each carrier's requests within the last second.
    var recent: [String: [Int64]] = [:]
    /// By carrier and its day.
    var spent: [String: Int] = [:]
    var lastAsked: [String: Int64] = [:]
    /// With 17TRACK, by number.
    var registrations: [String: Registration] = [:]
    /// CDEK's, and when each ends.
    var tokens: [String: Int64] = [:]
}

extension World {
    /// Counts a request.
    ///
    /// - Returns: Whether there were more than `limit` within one second.
    func isTooFast(_ carrier: Scenario.Carrier, limit: Int) -> Bool {
        let (count, now) = counting { ledger, now in
            let name = carrier.rawValue
            let recent = (ledger.recent[name] ?? []).filter { $0 > now - 1000 } + [now]
            ledger.recent[name] = recent
            return (recent.count, now)
        }
        guard count > limit else { return false }
        violate("\(carrier.rawValue): \(count) requests within a second, \(limit) are allowed, \(when(now))")
        return true
    }

    /// Counts `amount` against what a carrier allows in a day of its zone.
    ///
    /// - Returns: Whether that was too much.
    func isTooMuch(_ carrier: Scenario.Carrier, of what: String, _ amount: Int = 1, daily limit: Int?, zone: Int)
        -> Bool
    {
        let (count, now) = counting { ledger, now in
            let key = "\(carrier.rawValue) \(what) \(local(now, minutes: zone).prefix(10))"
            ledger.spent[key, default: 0] += amount
            return (ledger.spent[key, default: 0], now)
        }
        guard let limit, count > limit else { return false }
        violate("\(carrier.rawValue): \(count) \(what) in one day, \(limit) are allowed, \(when(now))")
        return true
    }

    /// - Returns: Whether a number was asked for less than `interval` ago.
    func isTooSoon(_ carrier: Scenario.Carrier, _ number: String, interval: Int64) -> Bool {
        let (before, now) = counting { ledger, now in
            let key = "\(carrier.rawValue) \(number)"
            let before = ledger.lastAsked[key]
            ledger.lastAsked[key] = now
            return (before, now)
        }
        guard let before, now - before < interval else { return false }
        let (passed, least) = ((now - before) / 60_000, interval / 60_000)
        violate("\(carrier.rawValue): \(number) again after \(passed) min, \(least) min are the least, \(when(now))")
        return true
    }

    /// - Returns: Whether one request asked for more things than it may.
    func isTooBig(_ carrier: Scenario.Carrier, _ count: Int, limit: Int) -> Bool {
        guard count > limit else { return false }
        violate("\(carrier.rawValue): \(count) numbers in one request, \(limit) are allowed, \(when(now))")
        return true
    }

    private func when(_ ms: Int64) -> String { wall(ms, offsetHours: 3) }
}
