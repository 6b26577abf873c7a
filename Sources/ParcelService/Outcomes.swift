// When each ask of a pass is asked again: after its interval, right after a threshold, or later after an error.

import ParcelCore
import ParcelStore

struct Outcomes {
    private let provider: any Provider
    private let around: Surroundings
    private let routing: Routing
    private let at: Timestamp
    private let decision: Decision
    /// What is wished of each ask from now on, as far as this pass decided it anew.
    private var wished: [Ask: AskPlan] = [:]
    private var confirmed: [ExternalID: Confirmation] = [:]
    /// Errors about single things inside answers about several.
    private var rejected: [ExternalID: String] = [:]

    init(provider: any Provider, around: Surroundings, routing: Routing, plan: ReportPlan, decision: Decision) {
        self.provider = provider
        self.around = around
        self.routing = routing
        self.decision = decision
        at = decision.at
        for family in decision.families {
            for wish in family.wishes where wish.provider == provider.id && wish.subject.kind == .trackNumber {
                for plan in wish.plans { wished[plan.ask] = plan }
            }
        }
        for confirmation in plan.confirmations where confirmation.id.kind == .trackNumber {
            confirmed[confirmation.id] = confirmation
        }
    }

    mutating func note(_ report: Report) {
        for row in report.rejected { if let id = row.id { rejected[id] = row.field } }
    }

    func outcome(of due: DueAsk, _ answer: Poller.Answer, _ store: Store) throws(StoreError) -> AskOutcome {
        let scheduled = due.scheduled
        let ask = scheduled.ask
        switch answer.result {
        case .failure(let error): return later(scheduled, error.reason, error.retry, answer.sentAt)
        case .success:
            // A list that showed some of its rows unreadably was read; a thing that was asked for and was not read, not.
            if let subject = due.subject, subject.kind == .trackNumber, let field = rejected[subject] {
                return later(scheduled, field, .backoff, answer.sentAt)
            }
            let changed = interval(of: due)
            guard let every = changed ?? scheduled.every else { return AskOutcome(ask: ask, nextAt: at, error: nil) }
            var next = nextPoll(after: at, every: every, for: ask, of: provider.id)
            let deadline = try deadline(of: due, store)
            if let deadline, deadline > at, deadline < next {
                next = around.confirming(deadline, regular: next, ask, of: provider.id)
            } else if let deadline, deadline <= at, due.subject?.kind == .trackNumber {
                // It looked last before the threshold: the answer says nothing of the time since.
                next = min(next, at + .hours(1))
            }
            return AskOutcome(ask: ask, nextAt: notTooSoon(next, due, answer.sentAt), error: nil, every: changed)
        }
    }

    private func later(
        _ scheduled: ScheduledAsk, _ reason: String, _ retry: PollError.Retry, _ sentAt: Timestamp?
    ) -> AskOutcome {
        let delay: Duration =
            switch retry {
            case .after(let delay): max(delay, .seconds(1))
            case .backoff: backoff(failures: scheduled.failures + 1, for: scheduled.ask, of: provider.id)
            // Probed once a day until the secret is right.
            case .stopProvider: .days(1)
            case .nextDay: around.dayEnd(of: provider, after: at) - at
            }
        var next = at + delay
        // What was not sent does not count for the number's interval.
        if !scheduled.ask.key.isEmpty, let sentAt, let least = provider.manners.minimumInterval {
            next = max(next, sentAt + least)
        }
        return AskOutcome(ask: scheduled.ask, nextAt: next, error: reason)
    }

    private func notTooSoon(_ next: Timestamp, _ due: DueAsk, _ sentAt: Timestamp?) -> Timestamp {
        guard due.subject != nil, let least = provider.manners.minimumInterval else { return next }
        return max(next, (sentAt ?? at) + least)
    }

    /// The interval of an ask about a number, where this pass found another one than the stored.
    private func interval(of due: DueAsk) -> Duration? {
        guard let subject = due.subject, subject.kind == .trackNumber else { return nil }
        if let plan = wished[due.scheduled.ask] { return plan.every }
        guard let since = confirmed[subject]?.unknownSince, let number = TrackNumber(subject.key) else { return nil }
        let every = routing.unknownInterval(number, unknownFor: at - since, at: provider)
        return every == due.scheduled.every ? nil : every
    }

    /// The next threshold that this ask could confirm: of its thing, or of any for a list.
    private func deadline(of due: DueAsk, _ store: Store) throws(StoreError) -> Timestamp? {
        if let subject = due.subject {
            if let plan = wished[due.scheduled.ask] { return plan.deadline }
            if let confirmation = confirmed[subject] { return confirmation.deadline }
            return try store.deadline(provider.id, subject)
        }
        var earliest = try store.nextDeadline(after: at)
        for family in decision.families {
            for thing in family.after.things {
                if let deadline = thing.deadline, deadline > at { earliest = min(earliest ?? deadline, deadline) }
            }
        }
        return earliest
    }
}

extension Surroundings {
    /// When to ask so that a threshold is confirmed before anybody's delivery window opens.
    func confirming(_ deadline: Timestamp, regular: Timestamp, _ ask: Ask, of provider: ProviderID) -> Timestamp {
        let opens = recipients.map { $0.window.next(from: deadline) }.min() ?? deadline
        // A carrier that looks now and then itself may have to be asked again before the window opens.
        let latest = ask.kind == "track" ? deadline + .seconds((opens - deadline).milliseconds / 2000) : opens
        return pollAfterThreshold(deadline, windowOpens: latest, regular: regular, for: ask, of: provider)
    }

    /// A family that no answer changed, decided anew: by other rules, or after a person's wish.
    func decide(_ family: Family, after: Family? = nil, known: [Alert], _ routing: Routing, at now: Timestamp)
        -> FamilyDecision
    {
        let settled = after ?? settle(family, rules, at: now)
        let assessments = assess(settled, rules)
        var decided = FamilyDecision(before: family, after: withDeadlines(settled, assessments))
        decided.changes = transitions(of: decided.after, assessments, known: known, rules, at: now)
            .map { self.decided($0, at: now, settledAt: nil) }
        decided.wishes = numberWishes(decided.after, routing, at: now)
        return decided
    }

    /// What is asked from now on about the numbers of a family, at every provider that follows numbers.
    func numberWishes(_ family: Family, _ routing: Routing, at now: Timestamp) -> [AskWish] {
        guard !routing.providers.isEmpty else { return [] }
        return family.things.filter { $0.kind == .trackNumber }.flatMap { number in
            routing.plans(for: number, in: family, at: now).map { provider, plan in
                var plan = plan
                if let wish = plan, let every = wish.every, let deadline = wish.deadline, deadline > now {
                    plan?.confirmAt = confirming(deadline, regular: now + every, wish.ask, of: provider)
                }
                return AskWish(
                    provider: provider, subject: ExternalID(.trackNumber, number.label),
                    plans: plan.map { [$0] } ?? [], isHastened: false)
            }
        }
    }
}
