// Whether a provider answers, and what is told when it does not: one alert however many things wait for it.

package struct ProviderHealth: Sendable, Hashable {
    package var provider: ProviderID
    /// When its first list was first read completely. Nil: everything met until then is first sight.
    package var firstPassAt: Timestamp?
    package var lastSuccessAt: Timestamp?
    /// First failure since the last success of its lists; nil while it answers.
    package var failingSince: Timestamp?
    package var failures: Int
    package var lastError: String?
    /// Set on the documented authentication failure: only the daily probe asks until it succeeds.
    package var authFailedAt: Timestamp?
    /// Nothing is asked before then, but what a person wishes: the breaker is open, or the day's requests are spent.
    package var probeAt: Timestamp?
    /// It waits for the end of its day, and nothing is wrong with it.
    package var isSpent = false
    /// How many numbers the account may still register; nil where that is not known.
    package var writesLeft: Int?

    package init(provider: ProviderID) {
        self.provider = provider
        failures = 0
    }

    package mutating func succeeded(at now: Timestamp) {
        lastSuccessAt = now
        failingSince = nil
        failures = 0
        lastError = nil
        authFailedAt = nil
        probeAt = nil
        isSpent = false
    }

    package mutating func failed(_ error: PollError, at now: Timestamp) {
        failingSince = failingSince ?? now
        // A block page needs no second witness; one lost request may be just that.
        if case .blocked = error { failures += 2 } else { failures += 1 }
        lastError = error.reason
        if case .authentication = error { authFailedAt = authFailedAt ?? now }
    }
}

/// What the service knows about itself at one time.
package struct ServiceState: Sendable {
    package var health: [ProviderHealth] = []
    /// Unfinished things by deciding provider.
    package var watched: [ProviderID: Int] = [:]
    /// Unconfirmed one working day after their threshold, by provider and reason.
    package var unchecked: [UncheckedGroup] = []
    /// Why decisions are paused; nil while the clock can be believed.
    package var clockProblem: String?
    package var refusedChannels: [(channel: String, reason: String)] = []
    /// Calendars in use whose data end soon: id and last day.
    package var endingCalendars: [(id: String, end: LocalDate)] = []
    /// Templates of the user's that cannot be used: file and reason.
    package var brokenTemplates: [(file: String, reason: String)] = []
    /// Channels and calendars that the configuration uses.
    package var channels: Set<String> = []
    package var calendars: Set<String> = []
    /// Since when the database cannot be written, and why; nil while it can.
    package var databaseProblem: (since: Timestamp, reason: String)?

    package init() {}
}

package struct UncheckedGroup: Sendable, Hashable {
    package var provider: ProviderID
    package var reason: String
    package var labels: [String]

    package init(provider: ProviderID, reason: String, labels: [String]) {
        self.provider = provider
        self.reason = reason
        self.labels = labels
    }
}

/// The service's own alerts: opened, and closed when their cause is gone.
///
/// - Parameters:
///   - downAfter: How long a provider may fail before it is told.
///   - known: Open alerts about the service.
///   - rules: By which a person is reminded of what only a person can mend; nil: nobody is.
package func serviceTransitions(
    _ state: ServiceState, known: [Alert], downAfter: Duration, _ rules: Rules? = nil, at now: Timestamp
) -> [AlertChange] {
    let wanted = state.matters(downAfter: downAfter, at: now)
    let open = known.filter { $0.closedAt == nil && $0.kind.isAboutService }
    return changes(from: open, to: wanted, state, at: now) + reminders(of: open, wanted, rules, at: now)
        + additions(to: open, wanted, rules, at: now)
}

extension ServiceState {
    /// What is worth telling of the service now, whatever was told before.
    fileprivate func matters(downAfter: Duration, at now: Timestamp) -> [Alert] {
        let failing = failing(downAfter: downAfter, at: now)
        let silent = Set(failing.compactMap(\.facts.provider))
        return failing + uncheckedThings(but: silent, at: now) + ownTroubles(at: now)
    }

    private func failing(downAfter: Duration, at now: Timestamp) -> [Alert] {
        health.compactMap { health in
            guard let since = health.failingSince else { return nil }
            var facts = AlertFacts()
            facts.provider = health.provider
            facts.reason = health.lastError
            facts.failingSince = since
            facts.count = watched[health.provider] ?? 0
            if health.authFailedAt != nil {
                return service(.authentication, "\(health.provider)", .critical, facts, now)
            }
            guard now - since >= downAfter, health.failures >= 2 else { return nil }
            return service(.providerDown, "\(health.provider)", .critical, facts, now)
        }
    }

    /// - Parameter silent: A provider that is down is one alert: what it keeps from being checked is counted there.
    private func uncheckedThings(but silent: Set<ProviderID>, at now: Timestamp) -> [Alert] {
        unchecked.filter { !silent.contains($0.provider) }.map { group in
            var facts = AlertFacts()
            facts.provider = group.provider
            facts.reason = group.reason
            facts.count = group.labels.count
            facts.holdsUp = Array(group.labels.sorted().prefix(30))
            return service(.cannotBeChecked, "\(group.provider)/\(group.reason)", .warning, facts, now)
        }
    }

    /// What is wrong on this side.
    private func ownTroubles(at now: Timestamp) -> [Alert] {
        func alert(
            _ kind: AlertKind, _ subject: String, _ level: Level, _ fill: (inout AlertFacts) -> Void
        ) -> Alert {
            var facts = AlertFacts()
            fill(&facts)
            return service(kind, subject, level, facts, now)
        }
        var found: [Alert] = []
        if let clockProblem { found.append(alert(.clock, "host", .critical) { $0.reason = clockProblem }) }
        found += refusedChannels.map { refused in
            alert(.channelRefused, refused.channel, .critical) {
                ($0.channel, $0.reason) = (refused.channel, refused.reason)
            }
        }
        found += endingCalendars.map { calendar in
            alert(.coverageEnds, "\(calendar.id)/\(calendar.end)", .warning) {
                ($0.calendars, $0.coverageEnd) = ([calendar.id], calendar.end)
            }
        }
        found += brokenTemplates.map { template in
            alert(.templateBroken, template.file, .warning) { ($0.file, $0.reason) = (template.file, template.reason) }
        }
        if let databaseProblem {
            found.append(
                alert(.database, "mirror", .critical) {
                    ($0.failingSince, $0.reason) = (databaseProblem.since, databaseProblem.reason)
                })
        }
        return found
    }
}

/// What cannot be checked by now and was not named before: told again on the next working day, so that nothing is silently
/// out of sight.
private func additions(to open: [Alert], _ wanted: [Alert], _ rules: Rules?, at now: Timestamp) -> [AlertChange] {
    guard let rules else { return [] }
    return open.compactMap { alert in
        guard alert.kind == .cannotBeChecked, !alert.isSnoozed(at: now),
            let present = wanted.first(where: { $0.key == alert.key }),
            let due = rules.peopleDays.due(from: .instant(alert.toldAt ?? alert.openedAt), after: 1)?.instant,
            due <= now
        else { return nil }
        let isLonger = present.facts.count ?? 0 > alert.facts.count ?? 0
        guard isLonger || !Set(present.facts.holdsUp ?? []).isSubset(of: alert.facts.holdsUp ?? []) else { return nil }
        var told = alert
        told.facts = present.facts
        return reminder(of: told, at: now)
    }
}

private func reminders(of open: [Alert], _ wanted: [Alert], _ rules: Rules?, at now: Timestamp) -> [AlertChange] {
    guard let rules else { return [] }
    return open.compactMap { alert in
        guard let present = wanted.first(where: { $0.key == alert.key }), let due = nextReminder(of: alert, rules),
            due <= now
        else { return nil }
        var reminded = alert
        reminded.facts = present.facts
        return reminder(of: reminded, at: now)
    }
}

private func service(_ kind: AlertKind, _ subject: String, _ level: Level, _ facts: AlertFacts, _ now: Timestamp)
    -> Alert
{
    Alert(kind: kind, thing: nil, key: "\(kind.rawValue)/\(subject)", level: level, openedAt: now, facts: facts)
}

private func changes(
    from open: [Alert], to wanted: [Alert], _ state: ServiceState, at now: Timestamp
) -> [AlertChange] {
    var changes: [AlertChange] = []
    for alert in open where !wanted.contains(where: { $0.key == alert.key }) {
        let cause = state.ending(of: alert, among: wanted)
        var closed = alert
        closed.closedAt = now
        closed.facts.cause = cause
        closed.facts.movedAt = Since(now, .seen)
        changes.append(AlertChange(alert: closed, change: .closed, at: now, cause: cause))
    }
    for alert in wanted where !open.contains(where: { $0.key == alert.key }) {
        changes.append(AlertChange(alert: alert, change: .opened, at: now, cause: .reported))
    }
    return changes
}

extension ServiceState {
    /// Why a matter is over. That all is well again is said only where it is: another alert may tell by now what is wrong
    /// there, and of what is not configured any more nobody knows.
    fileprivate func ending(of alert: Alert, among wanted: [Alert]) -> Cause {
        let facts = alert.facts
        func isTold(_ kinds: Set<AlertKind>) -> Bool {
            wanted.contains { kinds.contains($0.kind) && $0.facts.provider == facts.provider }
        }
        switch alert.kind {
        case .providerDown, .authentication:
            if isTold([.providerDown, .authentication]) { return .superseded }
            // Its failures may be too few for an alert by other settings.
            let isAnswering = health.contains { $0.provider == facts.provider && $0.failingSince == nil }
            return isAnswering ? .recovered : .recomputed
        case .cannotBeChecked:
            let isStillUnchecked = unchecked.contains { !Set($0.labels).isDisjoint(with: facts.holdsUp ?? []) }
            let isElsewhere = isTold([.providerDown, .authentication, .cannotBeChecked])
            return isElsewhere || isStillUnchecked ? .superseded : .recovered
        case .channelRefused: return facts.channel.map(channels.contains) == false ? .recomputed : .recovered
        case .coverageEnds:
            if wanted.contains(where: { $0.kind == .coverageEnds && $0.facts.calendars == facts.calendars }) {
                return .superseded
            }
            return calendars.isDisjoint(with: facts.calendars ?? []) ? .recomputed : .recovered
        default: return .recovered
        }
    }
}
