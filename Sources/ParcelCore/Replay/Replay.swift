// Which alerts about silence some rules would have opened over a stored history. Stages and movements are taken as they
// were decided and seen then; thresholds, calendars, zones and overlays are the rules'. Pure: a family with its events and
// what is known of who looked when; what these rules would have told comes out.
//
// Not every check is stored: only the last of each view, and that of each alert. So whoever was not known to be down is
// taken to have been asked every day; but what had happened before a threshold, or was seen to have moved on the day that
// it is reached, is taken to have been seen in time, unless an alert shows that a check came between.

/// One time that people were told of a silence.
package struct Telling: Sendable, Hashable {
    package var thing: ThingID
    package var stage: Stage
    /// What silence was counted from.
    package var since: Timestamp
    package var level: Level
    package var at: Timestamp
    /// The working days that were reached.
    package var threshold: Int

    package init(thing: ThingID, stage: Stage, since: Timestamp, level: Level, at: Timestamp, threshold: Int) {
        self.thing = thing
        self.stage = stage
        self.since = since
        self.level = level
        self.at = at
        self.threshold = threshold
    }
}

/// What is stored of who looked when.
package struct ReplayEvidence: Sendable {
    /// Polls that showed a thing unmoved, in order: those that opened its alerts or made them worse.
    package var confirmations: [ThingID: [Timestamp]] = [:]
    /// When providers are known not to have answered.
    package var outages: [ProviderID: [Range<Timestamp>]] = [:]

    package init() {}

    /// The first instant from then on at which the provider may have been asked.
    fileprivate func answer(of provider: ProviderID?, from instant: Timestamp) -> Timestamp {
        guard let provider else { return instant }
        return outages[provider, default: []].first { $0.contains(instant) }?.upperBound ?? instant
    }
}

/// - Parameter end: Nothing is told after it.
package func replay(_ family: Family, _ rules: Rules, _ evidence: ReplayEvidence, until end: Timestamp) -> [Telling] {
    let family = family.linked()
    let transports = Transports(family)
    var told: [Telling] = []
    for thing in family.things where thing.mergedInto == nil {
        if thing.kind == .trackNumber, !family.carriers(of: thing).isEmpty { continue }
        let silences = silences(of: thing, in: family, transports)
        guard !silences.isEmpty else { continue }
        let teller = Teller(thing: thing, family: family, rules: rules, evidence: evidence, end: end)
        for silence in silences { told += teller.tellings(silence) }
    }
    return told.sorted { ($0.at, $0.thing) < ($1.at, $1.thing) }
}

/// A stage's time without movement, as it was seen.
struct Silence {
    var stage: Stage
    var since: Timestamp
    /// When it was first seen so.
    var seenFrom: Timestamp
    /// When something else was seen; nil where it still is so.
    var seenUntil: Timestamp?
    /// When that something happened.
    var movedAt: Timestamp?
}

private struct Teller {
    let thing: Thing
    let family: Family
    let rules: Rules
    let evidence: ReplayEvidence
    let end: Timestamp

    func tellings(_ silence: Silence) -> [Telling] {
        let rule = rules.rule(silence.stage)
        // The Nth working day is at least the Nth day: most silences are far too short, and need no counting.
        let last = min(silence.seenUntil ?? end, end)
        guard last >= silence.since + .days(Int64(rule.warning) - 1) else { return [] }
        let warning = told(silence, .warning, rule.warning)
        guard let critical = told(silence, .critical, rule.critical) else { return warning.map { [$0] } ?? [] }
        // What is critical when it is first confirmed is told once.
        guard let warning, warning.at < critical.at else { return [critical] }
        return [warning, critical]
    }

    private func told(_ silence: Silence, _ level: Level, _ threshold: Int) -> Telling? {
        guard
            let due = rules.days(silence.stage).due(from: .instant(silence.since), after: threshold)?.instant,
            let at = confirmation(of: silence, from: max(due, silence.seenFrom)), at <= end
        else { return nil }
        return Telling(
            thing: thing.id, stage: silence.stage, since: silence.since, level: level, at: at, threshold: threshold)
    }

    /// When a poll first showed, from then on, that nothing had moved.
    private func confirmation(of silence: Silence, from instant: Timestamp) -> Timestamp? {
        let known = evidence.confirmations[thing.id, default: []].first {
            $0 >= instant && $0 < silence.seenUntil ?? .distantFuture
        }
        let possible = evidence.answer(of: rules.decider(of: thing, in: family)?.provider, from: instant)
        guard let until = silence.seenUntil else {
            guard let last = assess(thing, in: family, rules).confirmedAt, possible <= last else { return known }
            return possible
        }
        let zone = rules.days(silence.stage).zone
        guard zone.date(of: possible) < zone.date(of: until), silence.movedAt.map({ $0 > possible }) != false else {
            return known
        }
        return possible
    }
}
