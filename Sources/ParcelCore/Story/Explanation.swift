// Why people are told of a thing, or why they are not: the answer, and each day from the last movement on, counted or
// not and why. Pure: an assessment, the rules and the present time in.

package struct Explanation: Sendable, Hashable {
    package enum Answer: Sendable, Hashable {
        /// Silence reached a threshold, and a check confirmed it.
        case told(Level)
        /// It is not measured by itself.
        case calm(Assessment.Calm)
        /// The next threshold is not reached before then.
        case early(Timestamp)
        /// By the calendar the threshold was reached then, but no check has confirmed since that nothing moved.
        case unconfirmed(reached: Timestamp, checked: Timestamp?)
        /// Its calendars have no working days ahead.
        case never
    }

    package struct Day: Sendable, Hashable {
        package var date: LocalDate
        package var isCounted: Bool
        /// What decided it, in the data's own language; empty for a plain weekday or weekend.
        package var name: String
        package var isCertain: Bool
        /// Working days of silence with this one.
        package var running: Int
        /// The threshold that it reaches.
        package var reached: Level?
        /// Whether a check came on this day or later; an unconfirmed day does not count yet.
        package var isConfirmed: Bool
    }

    package var answer: Answer
    package var days: [Day]
    /// Earlier days that are left out.
    package var omitted = 0
}

/// A silence of years needs no list of all its days, nor does a time that nobody checked.
private let mostDays = 60
private let mostUnconfirmed = Duration.days(14)

package func explanation(of assessment: Assessment, _ rules: Rules, at now: Timestamp) -> Explanation {
    let answer = answer(assessment, now)
    guard assessment.calm == nil, let stage = assessment.stage else { return Explanation(answer: answer, days: []) }
    let (days, rule) = (rules.days(stage), rules.rule(stage))
    let confirmed = assessment.confirmedAt.map { days.zone.date(of: $0) }
    let checked = assessment.confirmedAt ?? assessment.since.at
    let end = max(checked, min(now, checked + mostUnconfirmed))
    var running = 0
    let all = days.days(from: .instant(assessment.since.at), to: .instant(end)).map { day in
        if day.counts { running += 1 }
        let reached: Level? = running == rule.critical ? .critical : running == rule.warning ? .warning : nil
        return Explanation.Day(
            date: day.date, isCounted: day.counts, name: day.name, isCertain: day.isCertain, running: running,
            reached: day.counts ? reached : nil, isConfirmed: confirmed.map { day.date <= $0 } ?? false)
    }
    return Explanation(answer: answer, days: all.suffix(mostDays), omitted: max(0, all.count - mostDays))
}

private func answer(_ assessment: Assessment, _ now: Timestamp) -> Explanation.Answer {
    if let calm = assessment.calm { return .calm(calm) }
    if let level = assessment.level { return .told(level) }
    guard let warning = assessment.warningAt else { return .never }
    return warning > now ? .early(warning) : .unconfirmed(reached: warning, checked: assessment.confirmedAt)
}

/// The days of an episode as they were when it was told last.
///
/// - Parameter thresholds: The working days at which it was told, with the level that it had from then on.
package func explainedDays(of facts: AlertFacts, _ thresholds: [Int: Level]) -> [Explanation.Day] {
    let days = facts.days ?? []
    let counted = days.count(where: \.isCounted)
    var running = max(0, (facts.workingDays ?? counted) - counted)
    return days.map { day in
        if day.isCounted { running += 1 }
        return Explanation.Day(
            date: day.date, isCounted: day.isCounted, name: day.name, isCertain: day.isCertain, running: running,
            reached: day.isCounted ? thresholds[running] : nil, isConfirmed: true)
    }
}
