// What time alone changes: a provider that has been down for too long, things that nobody could check, calendars that
// end, reminders and the ends of snoozes. Stored state + now -> assess -> transition -> [commit]. It decides no stall: those come from A and B alone.

import Logging
package import ParcelCore
import ParcelStore

package actor Evaluator {
    /// A poll may confirm a reminder at any time, and nobody says which: not so often that thousands cost anything.
    private static let unconfirmedAgain = Duration.minutes(10)

    private let around: Surroundings
    private let providers: Set<ProviderID>
    private let routing: Routing
    private let downAfter: Duration
    private let calendars: [WorkCalendar]
    private var hasReassessed = false
    /// Alerts whose reminder is due while no poll has confirmed yet that they still stand, and when to look again.
    private var unconfirmed: [Int64: Timestamp] = [:]

    package init(
        _ around: Surroundings, providers: Set<ProviderID>, routing: Routing, downAfter: Duration,
        calendars: [WorkCalendar]
    ) {
        self.around = around
        self.providers = providers
        self.routing = routing
        self.downAfter = downAfter
        self.calendars = calendars
    }

    /// - Returns: When time alone will change something next, at most a day ahead.
    package func tick(now: Timestamp) async -> Timestamp? {
        do throws(StoreError) {
            if !hasReassessed {
                try await reassess(now)
                hasReassessed = true
            }
            let reminded = try await remind(now)
            var evaluated = try await evaluate(now)
            let later = around.clock.now()
            if let episode = around.mirror.alarm.episode(at: later), around.watch.believes(around.clock) {
                // It may have begun while that waited for the disk: recorded now, and what is over is over at once.
                evaluated = try await evaluate(later, episode)
                if around.mirror.alarm.recorded(episode) { evaluated = try await evaluate(later) }
            }
            return [reminded, evaluated].compactMap(\.self).min()
        } catch {
            around.log.error("evaluation stopped", metadata: ["error": "\(error)"])
            return now + .minutes(1)
        }
    }

    private func evaluate(
        _ now: Timestamp, _ episode: StoreAlarm.Episode? = nil
    ) async throws(StoreError) -> Timestamp {
        let (around, providers, downAfter, calendars) = (around, providers, downAfter, calendars)
        let databaseProblem = (episode ?? around.mirror.alarm.episode(at: now))?.problem
        return try await around.mirror.patiently { store throws(StoreError) in
            var evaluation = Evaluation(around: around, providers: providers, downAfter: downAfter, at: now)
            evaluation.calendars = calendars
            evaluation.databaseProblem = databaseProblem
            return try evaluation.commit(to: store)
        }
    }

    /// After a start with other rules, calendars or providers, and after wishes that were written while no daemon ran,
    /// every thing is assessed anew.
    private func reassess(_ now: Timestamp) async throws(StoreError) {
        let (around, routing) = (around, routing)
        // The settings only name calendars: one whose file was corrected has the same name.
        let data = calendars.map { "\($0.id) \($0.signature)" }.joined(separator: ", ")
        try await around.mirror.patiently { store throws(StoreError) in
            // Written down last: what is interrupted is begun again, and what was decided already does not change.
            let isOther = try store.setting("rules") != store.text(of: around.rules.settings)
            let hasOtherData = try store.setting("calendars") != data
            if isOther || hasOtherData { try store.replan { nextReminder(of: $0, around.rules) } }
            guard try store.setting("routing") != routing.signature || isOther || hasOtherData else { return }
            var routing = routing
            routing.luck = try store.luck()
            var done: Set<ThingID> = []
            var decision = Decision(at: now)
            for id in try store.things(ThingKind.allCases) where !done.contains(id) {
                let family = try store.family(of: [id])
                done.formUnion(family.things.map(\.id))
                let known = try store.alerts(about: family.things.map(\.id))
                let decided = around.decide(family, known: known, routing, at: now)
                guard !decided.changes.isEmpty || !decided.wishes.isEmpty || decided.before != decided.after else {
                    continue
                }
                decision.families.append(decided)
                guard decision.families.count == 200 else { continue }
                try around.commit(decision, to: store)
                decision.families = []
            }
            decision.settings = [
                "rules": try store.text(of: around.rules.settings), "calendars": data, "routing": routing.signature,
            ]
            try around.commit(decision, to: store)
        }
    }
}

extension Evaluator {
    /// - Returns: When time alone does something about an alert next.
    private func remind(_ now: Timestamp) async throws(StoreError) -> Timestamp? {
        guard around.watch.believes(around.clock) else { return nil }
        let (around, waiting) = (around, unconfirmed.filter { $0.value > now })
        let (left, next) = try await around.mirror.patiently {
            store throws(StoreError) -> ([Int64], Timestamp?) in
            let due = try store.alertsDue(at: now).filter { waiting[$0.rowID ?? 0] == nil }
            var undone = Set(due.compactMap(\.rowID))
            var things = Set(due.compactMap(\.thing))
            // Read and committed by hundreds: after a holiday thousands may be due at once.
            while !things.isEmpty {
                var decision = Decision(at: now)
                while decision.alertChanges.count < 200, let id = things.popFirst() {
                    let family = try store.family(of: [id])
                    let own = due.filter { alert in alert.thing.map { $0 == id || family[$0] != nil } ?? false }
                    things.subtract(own.compactMap(\.thing))
                    let changes = reminders(
                        of: family, assess(family, around.rules), known: own, around.rules, at: now)
                    undone.subtract(changes.compactMap(\.alert.rowID))
                    decision.alertChanges += changes.map { around.decided($0, at: now, settledAt: nil) }
                }
                if !decision.alertChanges.isEmpty { try around.commit(decision, to: store) }
            }
            return (undone.sorted(), try store.nextAlertDue(after: now))
        }
        unconfirmed = waiting
        for alert in left { unconfirmed[alert] = now + Evaluator.unconfirmedAgain }
        return ([next] + unconfirmed.values.map { $0 }).compactMap(\.self).min()
    }
}

private struct Evaluation {
    let around: Surroundings
    let providers: Set<ProviderID>
    let downAfter: Duration
    let at: Timestamp
    var calendars: [WorkCalendar] = []
    var databaseProblem: (since: Timestamp, reason: String)?
    private var next: Timestamp

    init(around: Surroundings, providers: Set<ProviderID>, downAfter: Duration, at: Timestamp) {
        self.around = around
        self.providers = providers
        self.downAfter = downAfter
        self.at = at
        // Calendars end with a day; the same instant until then, so that nobody is woken for nothing.
        next = Zone.utc.firstInstant(of: Zone.utc.date(of: at).adding(days: 1))
    }

    mutating func commit(to store: Store) throws(StoreError) -> Timestamp {
        var state = ServiceState()
        state.clockProblem = around.watch.believes(around.clock) ? nil : around.watch.problem
        // While the clock cannot be believed nothing is decided but that.
        if state.clockProblem == nil {
            state.channels = Set(around.recipients.flatMap(\.channels))
            state.calendars = Set(calendars.map(\.id))
            state.databaseProblem = databaseProblem
            state.refusedChannels = try store.refusedChannels(at: at).filter { state.channels.contains($0.channel) }
            state.endingCalendars = endingCalendars(calendars, at: at)
            state.brokenTemplates = around.templates.problems()
            state.health = try store.health().filter { providers.contains($0.provider) }
            let isAnyFailing = state.health.contains { $0.failingSince != nil }
            if isAnyFailing { state.watched = try store.watchedCounts() }
            for health in state.health {
                if let since = health.failingSince { note(since + downAfter) }
            }
            state.unchecked = try unchecked(store, state.health)
        }
        let isClockBelieved = state.clockProblem == nil
        let known = try store.openServiceAlerts().filter { isClockBelieved || $0.kind == .clock }
        let changes = serviceTransitions(
            state, known: known, downAfter: downAfter, around.rules, at: at)
        for alert in known {
            if let reminder = nextReminder(of: alert, around.rules) { note(reminder) }
        }
        if !changes.isEmpty {
            var decision = Decision(at: at)
            decision.alertChanges = changes.map { around.decided($0, at: at, settledAt: nil) }
            try around.commit(decision, to: store)
        }
        return next
    }

    private mutating func note(_ instant: Timestamp) {
        if instant > at { next = min(next, instant) }
    }

    /// Things still unconfirmed one working day after their threshold, by provider and reason.
    private mutating func unchecked(_ store: Store, _ health: [ProviderHealth]) throws(StoreError) -> [UncheckedGroup] {
        var groups: [UncheckedGroup] = []
        for thing in try store.unconfirmed(at: at) {
            guard let deadline = thing.deadline, let stage = thing.stage,
                let late = around.rules.days(stage).due(from: .instant(deadline), after: 1)?.instant
            else { continue }
            guard late <= at else {
                note(late)
                continue
            }
            let family =
                thing.kind == .parcel || thing.kind == .trackNumber ? try store.family(of: [thing.id]) : Family()
            let view = around.rules.decider(of: thing, in: family)
            let reason = reason(view)
            // What nobody has answered for yet waits for whoever fails.
            let failing = thing.kind == .trackNumber ? health.first { $0.failingSince != nil }?.provider : nil
            let provider = view?.provider ?? failing ?? "parceld"
            if let index = groups.firstIndex(where: { $0.provider == provider && $0.reason == reason }) {
                groups[index].labels.append(thing.label)
            } else {
                groups.append(UncheckedGroup(provider: provider, reason: reason, labels: [thing.label]))
            }
        }
        return groups
    }

    private func reason(_ view: View?) -> String {
        guard let view, providers.contains(view.provider) else { return "unknown" }
        if view.error != nil { return "unreadable" }
        return view.missedPasses > 0 ? "missing" : "not_reached"
    }
}
