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
    var routing: Routing
    let answers: [Poller.Answer]
    let health: ProviderHealth?
    let at: Timestamp
    let isFirstPass: Bool
    /// When a new installation will have looked around; nil where that is not known any more.
    var settlesAt: Timestamp?
    /// False where they were counted before they were sent.
    let countsRequests: Bool

    func commit(to store: Store) throws(StoreError) -> Summary {
        var pass = self
        if !routing.providers.isEmpty { pass.routing.luck = try store.luck() }
        return try pass.decided(on: store)
    }

    private func decided(on store: Store) throws(StoreError) -> Summary {
        let report = merged()
        let plan = try store.plan(report, from: provider.id, at: at)
        var decision = Decision(at: at, provider: provider.id)
        decision.confirmations = plan.confirmations
        decision.listed = plan.listed
        decision.health = health.map { [$0] } ?? []
        decision.requests = countsRequests ? answers.reduce(0) { $0 + $1.requests } : 0
        decision.day = around.day(of: provider, at: at)
        decision.writesLeft = report.writesLeft
        decision.luck = luck(in: report)
        // Read at once: a read for each family would cost as much as deciding it.
        let things = plan.parts.flatMap { $0.family.things.map(\.id) }
        let alerts = Dictionary(grouping: try store.alerts(about: things), by: \.thing)
        for (family, part) in plan.parts {
            let known = family.things.flatMap { alerts[$0.id] ?? [] }.sorted { ($0.rowID ?? 0) < ($1.rowID ?? 0) }
            decision.families.append(decide(family, part, known))
        }
        var outcomes = Outcomes(provider: provider, around: around, routing: routing, plan: plan, decision: decision)
        outcomes.note(report)
        for answer in answers {
            for due in answer.dues { decision.outcomes.append(try outcomes.outcome(of: due, answer, store)) }
        }
        try around.commit(decision, to: store)
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
                whole.stopped += report.stopped
                whole.writesLeft = report.writesLeft ?? whole.writesLeft
            case .failure(let error) where !error.isProviderWide:
                // An answer about one thing that cannot be read is remembered on it; the schedule knows the rest.
                whole.rejected += answer.dues.compactMap(\.subject).map { Rejected(id: $0, field: error.reason) }
            case .failure: break
            }
        }
        return whole
    }

    private func decide(_ family: Family, _ part: ReportPart, _ known: [Alert]) -> FamilyDecision {
        let rules = around.rules
        let context = ReconcileContext(
            provider: provider.id, at: at, zone: provider.zoneName.flatMap(around.zones), rules: rules,
            isFirstPass: isFirstPass)
        let reconciled = reconcile(family, with: part, context)
        let assessments = assess(reconciled, rules)
        let after = withDeadlines(reconciled, assessments)
        var decision = FamilyDecision(before: family, after: after)
        let settledAt = settlesAt ?? (health?.firstPassAt ?? at) + .hours(2)
        decision.changes = transitions(of: after, assessments, known: known, rules, at: at).map { change in
            var change = change
            if isFirstPass, change.change == .opened, wasSoBefore(change.alert, in: after) {
                change.alert.isOverview = true
            }
            return around.decided(change, at: at, settledAt: settledAt)
        }
        decision.wishes = wishes(before: family, after: after)
        decision.wishes += around.numberWishes(after, routing, at: at)
        return decision
    }

    /// Whoever is asked for the first time tells what was so before: one overview tells that, also of things that others
    /// told of earlier.
    private func wasSoBefore(_ alert: Alert, in family: Family) -> Bool {
        guard !provider.lists.isEmpty else { return true }
        guard alert.kind == .condition || alert.kind == .refund, alert.facts.decider == provider.id,
            let thing = alert.thing.flatMap({ family[$0] })
        else { return false }
        return thing.views.contains { view in
            view.provider == provider.id
                && (view.firstSeenAt == at || view.firstSeenAt <= health?.firstPassAt ?? at)
                && (view.since.basis == .seen || view.since.at <= view.firstSeenAt)
        }
    }

    /// How often the provider knew a number of a form. What it knew and knows still says nothing new.
    private func luck(in report: Report) -> [String: Luck] {
        var found: [String: Luck] = [:]
        for snapshot in report.snapshots where snapshot.id.kind == .trackNumber {
            let isMissed = snapshot.status.summary == .notFoundYet && snapshot.checkpoints == nil
            guard isMissed || routing.isUnlucky(provider.id) else { continue }
            guard let number = TrackNumber(snapshot.id.key), let form = formats(of: number).first?.format.id else {
                continue
            }
            if isMissed { found[form, default: Luck()].missed += 1 } else { found[form, default: Luck()].known += 1 }
        }
        return found
    }

    // MARK: What to ask next

    private func wishes(before: Family, after: Family) -> [AskWish] {
        var wishes: [AskWish] = []
        for thing in after.things {
            for view in thing.views where view.provider == provider.id {
                let old = before.things.lazy.flatMap(\.views).first { $0.rowID != nil && $0.rowID == view.rowID }
                guard thing.kind != .trackNumber else { continue }
                wishes.append(
                    AskWish(
                        provider: provider.id, subject: view.external, plans: plans(view, of: thing),
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
            return [AskPlan(byID, every: .days(3), until: ended + .days(42))]
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
}
