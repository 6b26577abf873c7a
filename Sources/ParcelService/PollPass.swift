// From the answers of one pass to one decision: what they mean for the mirror, for alerts and for the schedule. Runs on
// the store's thread; given the same state and answers it decides the same.

import ParcelCore
import ParcelStore

struct PollPass: Sendable {
    struct Summary: Sendable {
        var unchanged = 0
        var families = 0
        var changes = 0
    }

    let provider: any Provider
    let around: Surroundings
    let answers: [Poller.Answer]
    let health: ProviderHealth?
    let at: Timestamp
    let isFirstPass: Bool
    /// False where they were counted before they were sent.
    let countsRequests: Bool

    func commit(to store: Store) throws(StoreError) -> Summary {
        let report = merged()
        let plan = try store.plan(report, from: provider.id, at: at)
        var decision = Decision(at: at, provider: provider.id)
        decision.confirmations = plan.confirmations
        decision.listed = plan.listed
        decision.health = health.map { [$0] } ?? []
        decision.requests = countsRequests ? answers.reduce(0) { $0 + $1.requests } : 0
        for (family, part) in plan.parts { decision.families.append(try decide(family, part, store)) }
        for answer in answers { decision.outcomes.append(try outcome(of: answer, decision, store)) }
        try store.commit(decision)
        return Summary(
            unchanged: plan.confirmations.count, families: plan.parts.count,
            changes: decision.families.reduce(0) { $0 + $1.changes.count })
    }

    /// All answers as one report, so that two of them that speak of one order are decided together.
    private func merged() -> Report {
        var whole = Report()
        for answer in answers {
            switch answer.result {
            case .success(let report):
                whole.snapshots += report.snapshots
                whole.notFound += report.notFound
                whole.rejected += report.rejected
                whole.complete += report.complete
                whole.past += report.past
            case .failure(let error):
                // An answer about one thing that cannot be read is remembered on it; the schedule knows the rest.
                if let subject = answer.due.subject, !error.isProviderWide {
                    whole.rejected.append(Rejected(id: subject, field: error.reason))
                }
            }
        }
        return whole
    }

    private func decide(_ family: Family, _ part: ReportPart, _ store: Store) throws(StoreError) -> FamilyDecision {
        let rules = around.rules
        let context = ReconcileContext(
            provider: provider.id, at: at, zone: provider.zoneName.flatMap(around.zones), rules: rules,
            isFirstPass: isFirstPass)
        let reconciled = reconcile(family, with: part, context)
        let assessments = assess(reconciled, rules)
        let after = withDeadlines(reconciled, assessments)
        let known = try store.alerts(about: after.things.map(\.id))
        var decision = FamilyDecision(before: family, after: after)
        let settledAt = (health?.firstPassAt ?? at) + .hours(2)
        decision.changes = transitions(of: after, assessments, known: known, rules, at: at)
            .map { around.decided($0, at: at, settledAt: settledAt) }
        decision.wishes = wishes(before: family, after: after)
        return decision
    }

    // MARK: What to ask next

    private func wishes(before: Family, after: Family) -> [AskWish] {
        var wishes: [AskWish] = []
        for thing in after.things {
            for view in thing.views where view.provider == provider.id {
                let old = before.things.lazy.flatMap(\.views).first { $0.rowID != nil && $0.rowID == view.rowID }
                wishes.append(
                    AskWish(
                        subject: view.external, plans: plans(view, of: thing),
                        isHastened: old != nil && old?.changeSignal != view.changeSignal))
            }
        }
        return wishes
    }

    private func plans(_ view: View, of thing: Thing) -> [AskPlan] {
        let byID = provider.ask(byID: view.external)
        if thing.isFinished {
            // Returns happen: looked at now and then for six weeks, then never.
            guard thing.kind == .parcel || thing.kind == .order, let byID, let ended = thing.endedAt,
                at < ended + .days(42)
            else { return [] }
            return [AskPlan(byID, every: .days(3))]
        }
        var plans = provider.asks(
            about: KnownView(
                id: view.external, progress: view.progress, stage: thing.stage, ending: thing.ending,
                statusCode: view.code))
        if view.missedPasses > 0, !view.isGone, let byID, !plans.contains(where: { $0.ask == byID }) {
            plans.append(AskPlan(byID, every: provider.lists.first?.every ?? .minutes(15)))
        }
        return plans
    }

    private func outcome(of answer: Poller.Answer, _ decision: Decision, _ store: Store) throws(StoreError)
        -> AskOutcome
    {
        let scheduled = answer.due.scheduled
        let ask = scheduled.ask
        switch answer.result {
        case .success:
            guard let every = scheduled.every else { return AskOutcome(ask: ask, nextAt: at, error: nil) }
            let regular = nextPoll(after: at, every: every, for: ask, of: provider.id)
            let deadline = try deadline(of: answer.due, decision, store)
            guard let deadline, deadline > at, deadline < regular else {
                return AskOutcome(ask: ask, nextAt: regular, error: nil)
            }
            let opens = around.recipients.map { $0.window.next(from: deadline) }.min() ?? deadline
            let next = pollAfterThreshold(deadline, windowOpens: opens, regular: regular, for: ask, of: provider.id)
            return AskOutcome(ask: ask, nextAt: next, error: nil)
        case .failure(let error):
            let delay: Duration =
                switch error.retry {
                case .after(let delay): max(delay, .seconds(1))
                case .backoff: backoff(failures: scheduled.failures + 1, for: ask, of: provider.id)
                // Probed once a day until the secret is right.
                case .stopProvider: .days(1)
                case .nextDay: around.dayEnd(of: provider, after: at) - at
                }
            return AskOutcome(ask: ask, nextAt: at + delay, error: error.reason)
        }
    }

    /// The next threshold that this ask could confirm: of its thing, or of any for a list.
    private func deadline(of due: DueAsk, _ decision: Decision, _ store: Store) throws(StoreError) -> Timestamp? {
        if let subject = due.subject { return try store.deadline(provider.id, subject) }
        var earliest = try store.nextDeadline(after: at)
        for family in decision.families {
            for thing in family.after.things {
                if let deadline = thing.deadline, deadline > at { earliest = min(earliest ?? deadline, deadline) }
            }
        }
        return earliest
    }
}
