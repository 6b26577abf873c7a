// Polls one provider: due asks -> requests -> [send] -> decode -> reconcile -> [commit]. What to ask and how the answers
// read is the provider's; when is the schedule's; what it means is the core's. How one ask is talked through is in
// Asking.swift.

import Logging
package import ParcelCore
package import ParcelStore

package actor Poller {
    /// How many asks about single things are answered before they are committed together.
    private static let batch = 256

    /// Replaced when a person changed its secret and wants it to be tried again.
    var provider: any Provider
    let around: Surroundings
    let routing: Routing
    var health: ProviderHealth?
    private var failingLists: Set<Ask> = []
    private var answeredLists: Set<Ask> = []
    var session: Secret?
    var pace: Pace
    private var wasPaused = false
    private var settlesAt: Timestamp?
    /// Something was asked for whose answer is not committed. Before the first tick: perhaps, before a kill.
    var hasOpenRequests = true
    /// What could not be read of which thing, as far as it was told since the start.
    var troubles: [String: String] = [:]

    package init(_ provider: any Provider, _ around: Surroundings, routing: Routing) {
        self.provider = provider
        self.around = around
        self.routing = routing
        pace = Pace(perSecond: provider.manners.requestsPerSecond)
    }

    /// It has no list whose failure would tell that the provider is down: each answer about a number tells.
    var hasNoLists: Bool { provider.lists.isEmpty }

    /// Whether requests are counted before they are sent. Where nothing limits them, they are counted afterwards.
    var countsBefore: Bool { hasNoLists || provider.manners.requestsPerDay != nil }

    /// Asks what is due. A second tick on the same state and time finds nothing due.
    ///
    /// - Returns: When the next ask is due; nil where nothing is scheduled.
    package func tick(now: Timestamp) async -> Timestamp? {
        do throws(StoreError) {
            try await prepare(now)
            try await restUnanswered(now)
            guard await believesClock(now) else { return try await probeClock(now) }
            if let probeAt = health?.probeAt, probeAt > now { return probeAt }
            if health?.isSpent == true { health?.isSpent = false }
            try await pollLists(now)
            while mayAskThings, !isEnding, around.watch.problem == nil {
                guard try await pollThings() else { break }
            }
            try await endFirstPass(now)
            return try await nextDue()
        } catch {
            around.log.error("polling stopped", metadata: ["provider": "\(provider.id)", "error": "\(error)"])
            return now + .minutes(1)
        }
    }

    /// A person set something right: it is asked again now, with the secrets that are configured by now.
    package func resume(with provider: any Provider) async throws(StoreError) {
        self.provider = provider
        session = nil
        health?.probeAt = nil
        let (id, now, least) = (provider.id, around.clock.now(), provider.manners.minimumInterval)
        try await around.mirror.patiently { store throws(StoreError) in
            _ = try store.hasten(id, things: [], at: now)
            _ = try store.hastenNumbers(id, failedOnly: true, at: now, minimumInterval: least)
        }
    }

    /// Nothing new is asked; what was answered is committed, unless there is no time left even for that.
    private var isEnding: Bool { Task.isCancelled || around.ending.hasBegun }

    /// Goes on where the one before it ended: a reload is no news to a provider of which nothing was changed.
    func takeOver(from former: Poller) async {
        (health, failingLists, answeredLists) = await (former.health, former.failingLists, former.answeredLists)
        (session, pace, wasPaused) = await (former.session, former.pace, former.wasPaused)
        (hasOpenRequests, troubles, settlesAt) = await (
            former.hasOpenRequests, former.troubles, former.settlesAt
        )
    }

    private func prepare(_ now: Timestamp) async throws(StoreError) {
        guard health == nil else { return }
        let (id, lists, today) = (provider.id, provider.lists, around.day(of: provider, at: now))
        let least = provider.manners.minimumInterval
        let (stored, spent) = try await around.mirror.patiently { store throws(StoreError) in
            try store.schedule(lists, of: id, at: now)
            let stored = try store.health().first { $0.provider == id } ?? ProviderHealth(provider: id)
            // A start is a person's doing: what failed for want of a right secret is tried once.
            if stored.authFailedAt != nil {
                _ = try store.hasten(id, things: [], at: now)
                _ = try store.hastenNumbers(id, failedOnly: true, at: now, minimumInterval: least)
            }
            return (stored, try store.spent(id, day: today))
        }
        var health = stored
        if health.authFailedAt != nil { health.probeAt = nil }
        self.health = health
        // What was sent just before a kill still counts for the provider's second.
        if let last = spent.lastAt { pace.fill(at: last) }
        if health.failingSince != nil, let first = lists.first { failingLists = [first.ask] }
    }

    private func restUnanswered(_ now: Timestamp) async throws(StoreError) {
        guard hasOpenRequests else { return }
        if let least = provider.manners.minimumInterval {
            let id = provider.id
            try await around.mirror.patiently { store throws(StoreError) in
                try store.rest(id, minimumInterval: least, at: now)
            }
        }
        hasOpenRequests = false
    }

    private func nextDue() async throws(StoreError) -> Timestamp? {
        let (id, isFailing) = (provider.id, health?.failingSince != nil && !hasNoLists)
        let next = try await around.mirror.patiently { store throws(StoreError) in
            try store.nextAskAt(id, listsOnly: isFailing)
        }
        guard let next, let probeAt = health?.probeAt else { return next }
        return max(next, probeAt)
    }

    // MARK: The clock

    private func believesClock(_ now: Timestamp) async -> Bool {
        let believed = around.watch.believes(around.clock)
        if believed, wasPaused {
            wasPaused = false
            let longest = provider.lists.compactMap(\.every).max() ?? .days(7)
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
            let answer = await converse([DueAsk(list: list, at: now)], now)
            try await count([answer], now)
            if around.watch.problem == nil { return now }
        }
        return now + .minutes(10)
    }

    // MARK: Asking

    private func pollLists(_ now: Timestamp) async throws(StoreError) {
        guard !hasNoLists else { return }
        for due in try await due(now).filter({ $0.subject == nil }) where !isEnding {
            let answer = await converse([due], now)
            guard around.watch.problem == nil else {
                wasPaused = true
                return try await count([answer], now)
            }
            logTroubles([answer])
            judgeList(answer, now)
            try await commit([answer], at: now)
            hasOpenRequests = false
        }
    }

    private var mayAskThings: Bool {
        hasNoLists ? health?.probeAt.map { $0 <= around.clock.now() } ?? true : health?.failingSince == nil
    }

    /// - Returns: Whether more may be due.
    private func pollThings() async throws(StoreError) -> Bool {
        let now = around.clock.now()
        let due = try await due(now).filter { $0.subject != nil }
        guard !due.isEmpty else { return false }
        var batches = (due + (try await companions(of: due, now))).batches { provider.batchSize(of: $0) }
        // A provider that failed is tried with one request before all others follow.
        let isProbe = hasNoLists && health?.failingSince != nil
        if isProbe { batches = [batches[0]] }
        let answers = await ask(batches, now)
        guard around.watch.problem == nil, !Task.isCancelled else {
            try await count(answers, now)
            return false
        }
        logTroubles(answers)
        if hasNoLists { judge(answers, now) }
        for isFirstSight in [true, false] {
            let part = answers.filter { $0.dues[0].isFirstSight == isFirstSight }
            if !part.isEmpty { try await commit(part, at: now) }
        }
        hasOpenRequests = false
        if isProbe { return mayAskThings }
        return answers.count == batches.count && due.count >= limit
    }

    private func ask(_ batches: [[DueAsk]], _ now: Timestamp) async -> [Answer] {
        let width = around.clock.runsLanesTogether ? provider.manners.parallel : 1
        var answers: [(position: Int, answer: Answer)] = []
        await withTaskGroup(of: (Int, Answer).self) { group in
            var waiting = batches.enumerated().makeIterator()
            func start(_ next: (offset: Int, element: [DueAsk])) {
                group.addTask { (next.offset, await self.converse(next.element, now)) }
            }
            for _ in 0..<width { if let next = waiting.next() { start(next) } }
            while let (position, answer) = await group.next() {
                answers.append((position, answer))
                // After a word about the provider as a whole nothing more is sent until that is judged.
                let stops = hasNoLists && answer.isProviderWideFailure
                if around.watch.problem == nil, !isEnding, !stops, let next = waiting.next() { start(next) }
            }
        }
        // The order of answers is chance; the order of asks is not.
        return answers.sorted { $0.position < $1.position }.map(\.answer)
    }

    /// How many due asks are looked at in one go.
    private var limit: Int { hasNoLists ? 64 * provider.batchSize(of: "track") : Poller.batch }

    private func due(_ now: Timestamp) async throws(StoreError) -> [DueAsk] {
        let (id, limit, byValue) = (provider.id, limit, hasNoLists)
        return try await around.mirror.patiently { store throws(StoreError) in
            try store.dueAsks(id, at: now, limit: limit, byValue: byValue)
        }
    }

    /// What fills the last of a provider's batches.
    private func companions(of due: [DueAsk], _ now: Timestamp) async throws(StoreError) -> [DueAsk] {
        let (id, size, least) = (provider.id, provider.batchSize(of: "track"), provider.manners.minimumInterval)
        let room = (size - due.count % size) % size
        guard hasNoLists, room > 0 else { return [] }
        return try await around.mirror.patiently { store throws(StoreError) in
            try store.soonAsks(id, at: now, limit: room, minimumInterval: least)
        }
    }

    // MARK: What answers mean for the provider

    private func judgeList(_ answer: Answer, _ now: Timestamp) {
        let ask = answer.dues[0].scheduled.ask
        switch answer.result {
        case .success:
            failingLists.remove(ask)
            answeredLists.insert(ask)
            if failingLists.isEmpty { succeeded(now) }
            if health?.firstPassAt == nil, answeredLists.isSuperset(of: provider.lists.map(\.ask)) {
                health?.firstPassAt = now
            }
        case .failure(.quotaSpent(let reason)): spent(reason, now)
        case .failure(let error):
            failingLists.insert(ask)
            failed(error, now)
        }
    }

    /// The breaker of a provider without lists: the last word about it as a whole counts. What concerns one number
    /// shows that the provider answers.
    private func judge(_ answers: [Answer], _ now: Timestamp) {
        for answer in answers {
            switch answer.result {
            case .failure(.quotaSpent(let reason)): spent(reason, now)
            case .failure(let error) where error.isProviderWide:
                failed(error, now)
                let failures = health?.failures ?? 1
                health?.probeAt = now + error.pause(failures: failures, of: provider.id)
            case .success, .failure: succeeded(now)
            }
        }
    }

    /// Of a provider without lists the first pass is over when everything was asked once: what it tells until then was so
    /// before it was asked.
    private func endFirstPass(_ now: Timestamp) async throws(StoreError) {
        guard hasNoLists, health?.firstPassAt == nil, mayAskThings, !isEnding, around.watch.problem == nil,
            try await due(now).isEmpty
        else { return }
        health?.firstPassAt = now
        var decision = Decision(at: now)
        decision.health = health.map { [$0] } ?? []
        let decided = decision
        try await around.mirror.patiently { store throws(StoreError) in try store.commit(decided) }
    }

    /// Nothing is wrong with it: it waits for its next day.
    private func spent(_ reason: String, _ now: Timestamp) {
        health?.isSpent = true
        health?.lastError = reason
        health?.probeAt = around.dayEnd(of: provider, after: now)
    }

    private func succeeded(_ now: Timestamp) {
        if health?.failingSince != nil {
            around.log.notice("provider answers again", metadata: ["provider": "\(provider.id)"])
        }
        health?.succeeded(at: now)
    }

    private func failed(_ error: PollError, _ now: Timestamp) {
        let metadata: Logger.Metadata = ["provider": "\(provider.id)", "error": "\(error.reason)"]
        if case .authentication = error {
            // Nothing but a person mends that, whatever was wrong before.
            if health?.authFailedAt == nil { around.log.error("provider refuses the login", metadata: metadata) }
        } else if health?.failingSince == nil {
            around.log.notice("provider fails", metadata: metadata)
        }
        health?.failed(error, at: now)
    }

    private func commit(_ answers: [Answer], at now: Timestamp) async throws(StoreError) {
        if !hasNoLists, health?.firstPassAt == nil || health?.firstPassAt == now {
            let met = answers.reduce(0) { $0 + ((try? $1.result.get())?.snapshots.count ?? 0) }
            let due = overviewDue(after: now, met: met, perSecond: provider.manners.requestsPerSecond)
            settlesAt = max(settlesAt ?? due, due)
        }
        let pass = PollPass(
            provider: provider, around: around, routing: routing, answers: answers, health: health, at: now,
            // What the pass itself completes was still met during it.
            isFirstPass: health?.firstPassAt == nil || health?.firstPassAt == now || answers[0].dues[0].isFirstSight,
            settlesAt: settlesAt, countsRequests: !countsBefore)
        let summary = try await around.mirror.patiently { store throws(StoreError) in try pass.commit(to: store) }
        // A pass that brought nothing new is of interest only to whoever wants each request.
        around.log.log(
            level: summary.families > 0 || summary.changes > 0 ? .info : .debug, "poll finished",
            metadata: [
                "provider": "\(provider.id)", "asks": "\(answers.reduce(0) { $0 + $1.dues.count })",
                "unchanged": "\(summary.unchanged)", "families": "\(summary.families)",
                "alerts": "\(summary.changes)",
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
