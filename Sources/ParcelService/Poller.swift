// Polls one provider: due asks -> requests -> [send] -> decode -> reconcile -> [commit]. What to ask and how the answers
// read is the provider's; when is the schedule's; what it means is the core's.

import Logging
package import ParcelCore
import ParcelStore

package actor Poller {
    /// How many asks about single things are answered before they are committed together.
    private static let batch = 256

    private let provider: any Provider
    private let around: Surroundings
    private var health: ProviderHealth?
    private var failingLists: Set<Ask> = []
    private var answeredLists: Set<Ask> = []
    private var session: Secret?
    private var pace: Pace
    private var wasPaused = false

    package init(_ provider: any Provider, _ around: Surroundings) {
        self.provider = provider
        self.around = around
        pace = Pace(perSecond: provider.manners.requestsPerSecond)
    }

    /// Asks what is due. A second tick on the same state and time finds nothing due.
    ///
    /// - Returns: When the next ask is due; nil where nothing is scheduled.
    package func tick(now: Timestamp) async -> Timestamp? {
        do throws(StoreError) {
            try await prepare(now)
            guard await believesClock(now) else { return try await probeClock(now) }
            try await pollLists(now)
            while health?.failingSince == nil, !Task.isCancelled, around.watch.problem == nil {
                guard try await pollThings() else { break }
            }
            return try await nextDue()
        } catch {
            around.log.error("polling stopped: \(error)", metadata: ["provider": "\(provider.id)"])
            return now + .minutes(1)
        }
    }

    private func prepare(_ now: Timestamp) async throws(StoreError) {
        guard health == nil else { return }
        let (id, lists) = (provider.id, provider.lists)
        health = try await around.mirror.patiently { store throws(StoreError) in
            try store.schedule(lists, of: id, at: now)
            return try store.health().first { $0.provider == id } ?? ProviderHealth(provider: id)
        }
        if health?.failingSince != nil, let first = lists.first { failingLists = [first.ask] }
    }

    private func nextDue() async throws(StoreError) -> Timestamp? {
        let (id, isFailing) = (provider.id, health?.failingSince != nil)
        return try await around.mirror.patiently { store throws(StoreError) in
            try store.nextAskAt(id, listsOnly: isFailing)
        }
    }

    // MARK: The clock

    private func believesClock(_ now: Timestamp) async -> Bool {
        let believed = around.watch.believes(around.clock)
        if believed, wasPaused {
            wasPaused = false
            let longest = provider.lists.compactMap(\.every).max() ?? .hours(1)
            _ = try? await around.mirror.patiently { store throws(StoreError) in
                try store.clampFuture(now, longestInterval: longest + .days(1))
            }
        }
        if !believed { wasPaused = true }
        return believed
    }

    /// Asks only to hear the provider's time; what else the answer says is not used.
    private func probeClock(_ now: Timestamp) async throws(StoreError) -> Timestamp? {
        wasPaused = true
        if let list = provider.lists.first {
            let answer = await converse(DueAsk(list: list, at: now), now)
            try await count(answer.requests, now)
            if around.watch.problem == nil { return now }
        }
        return now + .minutes(10)
    }

    // MARK: Asking

    private func pollLists(_ now: Timestamp) async throws(StoreError) {
        for due in try await due(now).filter({ $0.subject == nil }) where !Task.isCancelled {
            let answer = await converse(due, now)
            guard around.watch.problem == nil else {
                wasPaused = true
                return try await count(answer.requests, now)
            }
            judge(answer, now)
            try await commit([answer], at: now)
        }
    }

    /// - Returns: Whether more may be due.
    private func pollThings() async throws(StoreError) -> Bool {
        let now = around.clock.now()
        let due = try await due(now).filter { $0.subject != nil }
        guard !due.isEmpty else { return false }
        let width = around.clock.runsLanesTogether ? provider.manners.parallel : 1
        var answers: [Answer] = []
        await withTaskGroup(of: Answer.self) { group in
            var waiting = due.makeIterator()
            for _ in 0..<width { if let next = waiting.next() { group.addTask { await self.converse(next, now) } } }
            while let answer = await group.next() {
                answers.append(answer)
                if around.watch.problem == nil, !Task.isCancelled, let next = waiting.next() {
                    group.addTask { await self.converse(next, now) }
                }
            }
        }
        guard around.watch.problem == nil, !Task.isCancelled else {
            try await count(answers.reduce(0) { $0 + $1.requests }, now)
            return false
        }
        // The order of answers is chance; the order of asks is not.
        let position = Dictionary(
            due.enumerated().map { ($1.scheduled.ask, $0) }, uniquingKeysWith: { first, _ in first })
        answers.sort { position[$0.due.scheduled.ask, default: 0] < position[$1.due.scheduled.ask, default: 0] }
        for isFirstSight in [true, false] {
            let part = answers.filter { $0.due.isFirstSight == isFirstSight }
            if !part.isEmpty { try await commit(part, at: now) }
        }
        return answers.count == due.count && due.count >= Poller.batch
    }

    private func due(_ now: Timestamp) async throws(StoreError) -> [DueAsk] {
        let id = provider.id
        return try await around.mirror.patiently { store throws(StoreError) in
            try store.dueAsks(id, at: now, limit: Poller.batch)
        }
    }

    struct Answer: Sendable {
        var due: DueAsk
        var result: Result<Report, PollError>
        var requests: Int
    }

    private func converse(_ due: DueAsk, _ now: Timestamp) async -> Answer {
        var conversation = provider.converse(due.scheduled.ask, Opening(now: now, session: session))
        var response: HTTPResponse?
        var requests = 0
        do throws(PollError) {
            while true {
                switch try conversation.next(response) {
                case .done(let report):
                    if let given = report.session { session = given }
                    return Answer(due: due, result: .success(report), requests: requests)
                case .send(let request), .write(let request, _):
                    try await takeSlot()
                    requests += 1
                    let answer = await around.send(request)
                    switch answer {
                    case .failure(let error): throw .unreachable(reason: "\(error)")
                    case .success(let received):
                        guard around.watch.believes(around.clock, after: received, from: provider.id) else {
                            throw .clock(reason: "the clock cannot be believed")
                        }
                        response = received
                    }
                }
            }
        } catch {
            if case .authentication = error { session = nil }
            if case .clock = error { around.watch.disputed(by: provider.id, response, around.clock) }
            return Answer(due: due, result: .failure(error), requests: requests)
        }
    }

    /// Waits for the provider's pace, and refuses where its day is spent.
    private func takeSlot() async throws(PollError) {
        if let limit = provider.manners.requestsPerDay {
            let (id, now) = (provider.id, around.clock.now())
            let isFree = try? await around.mirror.patiently { store throws(StoreError) in
                guard try store.spent(id, on: now) < limit else { return false }
                try store.reserve(1, of: id, at: now)
                return true
            }
            guard isFree == true else {
                let midnight = Zone.utc.firstInstant(of: Zone.utc.date(of: now).adding(days: 1))
                throw .rateLimited(retryAfter: midnight - now)
            }
        }
        let at = pace.next(around.clock.now())
        if at > around.clock.now() { await around.clock.pause(until: at) }
    }

    private func count(_ requests: Int, _ now: Timestamp) async throws(StoreError) {
        guard provider.manners.requestsPerDay == nil else { return }
        let id = provider.id
        try await around.mirror.patiently { store throws(StoreError) in try store.reserve(requests, of: id, at: now) }
    }

    // MARK: What an answer means for the provider

    private func judge(_ answer: Answer, _ now: Timestamp) {
        let ask = answer.due.scheduled.ask
        switch answer.result {
        case .success:
            failingLists.remove(ask)
            answeredLists.insert(ask)
            if failingLists.isEmpty {
                if health?.failingSince != nil {
                    around.log.notice("provider answers again", metadata: ["provider": "\(provider.id)"])
                }
                health?.succeeded(at: now)
            }
            if health?.firstPassAt == nil, answeredLists.isSuperset(of: provider.lists.map(\.ask)) {
                health?.firstPassAt = now
            }
        case .failure(let error):
            if health?.failingSince == nil {
                around.log.notice(
                    "provider fails", metadata: ["provider": "\(provider.id)", "reason": "\(error.reason)"])
            }
            failingLists.insert(ask)
            health?.failed(error, at: now)
        }
    }

    private func commit(_ answers: [Answer], at now: Timestamp) async throws(StoreError) {
        let pass = PollPass(
            provider: provider, around: around, answers: answers, health: health, at: now,
            // What the pass itself completes was still met during it.
            isFirstPass: health?.firstPassAt == nil || health?.firstPassAt == now || answers[0].due.isFirstSight,
            countsRequests: provider.manners.requestsPerDay == nil)
        let summary = try await around.mirror.patiently { store throws(StoreError) in try pass.commit(to: store) }
        around.log.debug(
            "poll finished",
            metadata: [
                "provider": "\(provider.id)", "asks": "\(answers.count)", "unchanged": "\(summary.unchanged)",
                "families": "\(summary.families)", "alerts": "\(summary.changes)",
            ])
    }
}

extension DueAsk {
    init(list: AskPlan, at now: Timestamp) {
        self.init(
            scheduled: ScheduledAsk(ask: list.ask, every: list.every, nextAt: now, failures: 0), subject: nil,
            isFirstSight: false)
    }
}

/// At most so many requests in any second.
struct Pace: Sendable {
    private let window: Duration
    private let most: Int
    private var sent: [Timestamp] = []

    init(perSecond: Double) {
        most = max(1, Int(perSecond))
        window = .milliseconds(Int64((1000 * Double(most) / perSecond).rounded(.up)))
    }

    /// When the next request may go; it is counted as sent then.
    mutating func next(_ now: Timestamp) -> Timestamp {
        // A clock that was set back must not make anybody wait for the old time.
        sent.removeAll { $0 > now + window || $0 <= now - window }
        let at = sent.count < most ? now : max(now, sent[sent.count - most] + window)
        sent.append(at)
        return at
    }
}
