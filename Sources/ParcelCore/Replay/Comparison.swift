// What other rules would have changed: each telling of theirs beside the one that really was, by day.

package struct ReplayComparison: Sendable {
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        case same
        /// On another day than it was.
        case moved
        case onlyTheseRules = "only_these_rules"
        case onlyThen = "only_then"
    }

    package struct Row: Sendable, Hashable {
        package var verdict: Verdict
        /// In the stage's zone: of what these rules tell, else of what was told.
        package var day: LocalDate
        package var telling: Telling
        /// When it was really told, where that was another day.
        package var toldThen: LocalDate?
    }

    /// By day.
    package private(set) var rows: [Row] = []

    package func count(_ verdict: Verdict) -> Int { rows.count { $0.verdict == verdict } }

    /// - Parameters:
    ///   - told: What these rules would have told.
    ///   - then: What really was.
    ///   - days: Rows of other days are left out.
    package init(_ told: [Telling], against then: [Telling], _ rules: Rules, days: ClosedRange<LocalDate>) {
        var real = Dictionary(grouping: then.indices) { ComparedMatter(then[$0]) }
        var isMatched = [Bool](repeating: false, count: then.count)
        var unmatched: [Telling] = []
        for telling in told {
            guard let index = real[ComparedMatter(telling)]?.popLast() else {
                unmatched.append(telling)
                continue
            }
            isMatched[index] = true
            rows.append(ReplayComparison.row(telling, then[index], rules))
        }
        // An instant that was told otherwise afterwards makes no other alert of it.
        var loose = Dictionary(grouping: then.indices.filter { !isMatched[$0] }) { Sighting(then[$0], rules) }
        for telling in unmatched {
            if let index = loose[Sighting(telling, rules)]?.popLast() {
                isMatched[index] = true
                rows.append(ReplayComparison.row(telling, then[index], rules))
            } else {
                rows.append(Row(verdict: .onlyTheseRules, day: ParcelCore.day(telling, rules), telling: telling))
            }
        }
        for (index, telling) in then.enumerated() where !isMatched[index] {
            rows.append(Row(verdict: .onlyThen, day: day(telling, rules), telling: telling))
        }
        rows = rows.filter { days.contains($0.day) || $0.toldThen.map { days.contains($0) } == true }
            .sorted { ($0.day, $0.telling.at, $0.telling.thing) < ($1.day, $1.telling.at, $1.telling.thing) }
    }

    /// A poll that came late tells the same a day later: that is no effect of the rules.
    private static func row(_ telling: Telling, _ real: Telling, _ rules: Rules) -> Row {
        let (own, then) = (day(telling, rules), day(real, rules))
        if own == then || telling.threshold == real.threshold && then > own {
            return Row(verdict: .same, day: then, telling: telling)
        }
        return Row(verdict: .moved, day: own, telling: telling, toldThen: then)
    }
}

private func day(_ telling: Telling, _ rules: Rules) -> LocalDate {
    rules.days(telling.stage).zone.date(of: telling.at)
}

private struct ComparedMatter: Hashable {
    let thing: ThingID
    let stage: Stage
    let since: Timestamp
    let level: Level

    init(_ telling: Telling) {
        (thing, stage, since, level) = (telling.thing, telling.stage, telling.since, telling.level)
    }
}

private struct Sighting: Hashable {
    let thing: ThingID
    let level: Level
    let day: LocalDate

    init(_ telling: Telling, _ rules: Rules) {
        (thing, level) = (telling.thing, telling.level)
        day = rules.days(telling.stage).zone.date(of: telling.at)
    }
}
