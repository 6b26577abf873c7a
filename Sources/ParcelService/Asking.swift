// One conversation with a provider, within its budget: each request waits for the provider's pace and is counted before
// it is sent.

import Logging
import ParcelCore
import ParcelStore

extension Poller {
    struct Answer: Sendable {
        /// What was asked for: one list, one thing, or a batch of things.
        var dues: [DueAsk]
        var result: Result<Report, PollError>
        var requests: Int
        /// When its last request was sent; nil where none was.
        var sentAt: Timestamp?

        var isProviderWideFailure: Bool {
            if case .failure(let error) = result { error.isProviderWide } else { false }
        }
    }

    func converse(_ dues: [DueAsk], _ now: Timestamp) async -> Answer {
        let answer = await talk(dues, now)
        switch answer.result {
        case .success: around.meters.polled(provider.id, "ok")
        case .failure(let error): around.meters.polled(provider.id, error.outcome)
        }
        return answer
    }

    private func talk(_ dues: [DueAsk], _ now: Timestamp) async -> Answer {
        let opening = Opening(now: now, session: session, writesLeft: health?.writesLeft)
        let asks = dues.map(\.scheduled.ask)
        var conversation =
            asks.count == 1 ? provider.converse(asks[0], opening) : provider.converse(batch: asks, opening)
        var response: HTTPResponse?
        var requests = 0
        var sentAt: Timestamp?
        do throws(PollError) {
            while true {
                var request: HTTPRequest
                switch try conversation.next(response) {
                case .done(let report):
                    if let given = report.session { session = given }
                    if let left = report.writesLeft { health?.writesLeft = left }
                    return Answer(dues: dues, result: .success(report), requests: requests, sentAt: sentAt)
                case .send(let plain): request = plain
                case .write(let write, let count):
                    try await reserveWrites(count)
                    request = write
                }
                request.isCounted = countsBefore
                try await takeSlot(asks)
                requests += 1
                sentAt = around.clock.now()
                let received = try await send(request)
                guard around.watch.believes(around.clock, after: received, from: provider.id) else {
                    throw .clock(reason: "the clock cannot be believed")
                }
                response = received
            }
        } catch {
            if case .authentication = error { session = nil }
            if case .clock = error { around.watch.disputed(by: provider.id, response, around.clock) }
            return Answer(dues: dues, result: .failure(error), requests: requests, sentAt: sentAt)
        }
    }

    private func send(_ request: HTTPRequest) async throws(PollError) -> HTTPResponse {
        around.log.debug("request", metadata: ["provider": "\(provider.id)", "label": "\(request.label)"])
        let begun = around.clock.sinceBoot()
        let answer = await around.send(request)
        if let begun, let ended = around.clock.sinceBoot() { around.meters.waited(ended - begun, for: provider.id) }
        switch answer {
        case .failure(let error): throw .unreachable(reason: "\(error)")
        case .success(let received): return received
        }
    }

    /// Waits for the provider's pace, and refuses where its day is spent.
    private func takeSlot(_ asks: [Ask]) async throws(PollError) {
        let at = pace.next(around.clock.now())
        if at > around.clock.now() { await around.pause(until: at) }
        guard countsBefore else { return }
        let (id, now, manners) = (provider.id, around.clock.now(), provider.manners)
        let (day, end) = (around.day(of: provider, at: now), around.dayEnd(of: provider, after: now))
        // The day that is counted must be the one in which the request goes: none is sent in its last second.
        guard manners.requestsPerDay == nil || end - now > .seconds(1) else {
            throw .quotaSpent(reason: "the day is over")
        }
        hasOpenRequests = true
        let isFree = try? await around.mirror.patiently { store throws(StoreError) in
            try store.reserve(id, day: day, limit: manners.requestsPerDay, asks: asks, at: now)
        }
        guard isFree == true else {
            throw .quotaSpent(reason: "the day's \(manners.requestsPerDay ?? 0) requests are spent")
        }
    }

    /// Counted before it is sent, so that no crash makes a write free.
    private func reserveWrites(_ count: Int) async throws(PollError) {
        // Where it is not known yet, the conversation has just asked for it.
        guard count > 0, let known = health?.writesLeft else { return }
        let id = provider.id
        let isFree = try? await around.mirror.patiently { store throws(StoreError) in
            try store.save(writesLeft: known, of: id)
            return try store.reserveWrites(count, of: id)
        }
        guard isFree == true else { throw .refused(reason: "the account has no registrations left") }
        health?.writesLeft = known - count
    }

    /// Requests whose answers are not used are counted all the same.
    func count(_ answers: [Answer], _ now: Timestamp) async throws(StoreError) {
        guard !countsBefore else { return }
        let (id, day) = (provider.id, around.day(of: provider, at: now))
        let requests = answers.reduce(0) { $0 + $1.requests }
        try await around.mirror.patiently { store throws(StoreError) in
            try store.count(requests, of: id, day: day, at: now)
        }
    }
}

extension PollError {
    /// How long a provider without lists is left alone after this.
    func pause(failures: Int, of provider: ProviderID) -> Duration {
        switch retry {
        case .after(let delay): max(delay, .seconds(1))
        case .stopProvider: .days(1)
        case .backoff, .nextDay: backoff(failures: failures, for: Ask("probe"), of: provider)
        }
    }
}

/// At most so many requests in any second.
struct Pace: Sendable {
    private let window: Duration
    private let most: Int
    private var sent: [Timestamp] = []

    init(perSecond: Double) {
        // Two in every 715 ms would be 2.8 a second, and four within one: what is no whole number goes one by one.
        most = perSecond == perSecond.rounded() ? max(1, Int(perSecond)) : 1
        window = .milliseconds(Int64((1000 * Double(most) / perSecond).rounded(.up)))
    }

    /// As if as many as may be had been sent at that instant.
    mutating func fill(at instant: Timestamp) { sent = Array(repeating: instant, count: most) }

    /// When the next request may go; it is counted as sent then.
    mutating func next(_ now: Timestamp) -> Timestamp {
        // A clock that was set back must not make anybody wait for the old time.
        sent.removeAll { $0 > now + window || $0 <= now - window }
        let at = sent.count < most ? now : max(now, sent[sent.count - most] + window)
        sent.append(at)
        return at
    }
}
