// When to ask again. Pure: jitter comes from what is asked, not from chance, so that a replay asks at the same times.

/// One ask with its stored schedule.
package struct ScheduledAsk: Sendable, Hashable {
    package var ask: Ask
    /// Nil: once.
    package var every: Duration?
    package var nextAt: Timestamp
    package var failures: Int

    package init(ask: Ask, every: Duration?, nextAt: Timestamp, failures: Int) {
        self.ask = ask
        self.every = every
        self.nextAt = nextAt
        self.failures = failures
    }
}

/// A number from 0 up to 1 (not included) that depends on the text alone.
package func spread(_ parts: String...) -> Double {
    var print = Fingerprint()
    for part in parts { print.add(part) }
    // The low bits of FNV mix worst: take the high ones.
    return Double((UInt64(bitPattern: print.value) &* 0x9E37_79B9_7F4A_7C15) >> 11) / Double(1 << 53)
}

/// Polls that are due within one slot are made and committed together: a wake-up and a commit cost more than a poll.
private let slot: Int64 = 30_000

/// When to ask after a success: the interval, up to a tenth less or more, at the next slot's end for intervals that are
/// long beside it.
package func nextPoll(
    after now: Timestamp, every interval: Duration, for ask: Ask, of provider: ProviderID
) -> Timestamp {
    let share = 0.9 + 0.2 * spread(provider.description, ask.kind, ask.key, "\(now.milliseconds)")
    let next = now.milliseconds + Int64(Double(interval.milliseconds) * share)
    guard interval >= .minutes(10) else { return Timestamp(milliseconds: next) }
    return Timestamp(milliseconds: (next + slot - 1) / slot * slot)
}

/// When to ask about a thing whose threshold passes before its next regular poll: after that instant, spread over the
/// time until the recipients' window opens, because the thresholds of many things fall on one midnight.
package func pollAfterThreshold(
    _ deadline: Timestamp, windowOpens: Timestamp, regular: Timestamp, for ask: Ask, of provider: ProviderID
) -> Timestamp {
    guard deadline < regular else { return regular }
    // The last tenth stays free for answers that come slowly.
    let room = Double(max(0, (windowOpens - deadline).milliseconds)) * 0.9
    let at = deadline + .milliseconds(1 + Int64(room * spread(provider.description, ask.kind, ask.key)))
    return min(at, max(regular, deadline + .milliseconds(1)))
}

/// How long to wait after the given number of failures in a row (at least 1): 1 min, 2, 4, …, at most 1 h, up to a
/// quarter less.
package func backoff(failures: Int, for ask: Ask, of provider: ProviderID) -> Duration {
    let base = min(3_600_000, 60_000 << Int64(min(max(failures, 1) - 1, 10)))
    let share = 0.75 + 0.25 * spread(provider.description, ask.kind, ask.key, "\(failures)")
    return .milliseconds(Int64(Double(base) * share))
}

/// When to try a message again: 15 s, 30 s, 1 min, …, at most 1 h, for as long as it takes.
package func redeliveryDelay(attempts: Int) -> Duration {
    .milliseconds(min(3_600_000, 15_000 << Int64(min(max(attempts, 1) - 1, 10))))
}
