// What a rule of "so many days without a change" would have made of a story, and why that is wrong. A reckoner of its
// own: weekends, holidays, siblings and outages mean nothing to such a rule, so nothing of the product is needed.

package struct PlainAlert: Sendable {
    package enum Reason: Sendable, Equatable {
        /// The product alerted too.
        case real
        case inParcel(String)
        case waitsFor(String)
        case holiday(ru: String, en: String)
        case providerDown(String)
        case weekend
        case usual
    }

    package var thing: String
    /// The last change that could be seen.
    package var since: Int64
    package var at: Int64
    package var reason: Reason
}

extension Scenario {
    package func plainAlerts(days: Int) -> [PlainAlert] {
        trails.flatMap { trail in
            var alerts: [PlainAlert] = []
            for (index, change) in trail.changes.enumerated() {
                let isLast = index == trail.changes.count - 1
                if isLast, trail.isFinished { continue }
                let since = seen(change.ms)
                let next = isLast ? Int64.max : seen(trail.changes[index + 1].ms)
                let at = since + Int64(days) * 86_400_000
                if at < next, at >= start.ms, at <= end.ms {
                    alerts.append(
                        PlainAlert(
                            thing: trail.thing, since: since, at: at,
                            reason: reason(trail, since: since, at: at, until: min(next, end.ms))))
                }
            }
            return alerts
        }.sorted { $0.at < $1.at }
    }

    /// A change during an outage of the shop shows when it is over.
    private func seen(_ ms: Int64) -> Int64 {
        faults.first { $0.isOutage && $0.provider == "otcommerce" && $0.from.ms <= ms && ms < $0.to.ms }?.to.ms ?? ms
    }

    private func reason(_ trail: Trail, since: Int64, at: Int64, until next: Int64) -> PlainAlert.Reason {
        let isReal = (expect ?? []).contains {
            ["warning", "critical"].contains($0.kind) && $0.thing == trail.thing && $0.date >= moscowDate(since)
                && $0.date <= moscowDate(next)
        }
        if isReal { return .real }
        if !trail.isParcel {
            if let parcel = parcel(holding: trail.thing, at: at) { return .inParcel(parcel) }
            if let sibling = sibling(of: trail.thing, at: at) { return .waitsFor(sibling) }
        }
        if let holiday = holidays.first(where: { $0.from.ms <= at && since < $0.to.ms + 86_400_000 }) {
            return .holiday(ru: holiday.ru, en: holiday.en)
        }
        if let fault = faults.first(where: { $0.isOutage && $0.from.ms < at && since < $0.to.ms }) {
            return .providerDown(fault.provider)
        }
        let days = moscowDay(since) + 1..<moscowDay(at) + 1
        return days.contains(where: isWeekend) ? .weekend : .usual
    }

    private func parcel(holding item: String, at now: Int64) -> String? {
        for order in orders {
            guard let line = order.lines.first(where: { "\(order.number)-\($0.num ?? 0)" == item }) else { continue }
            return order.packages.first { $0.created.ms <= now && $0.lines.contains(line.id) }?.id
        }
        return nil
    }

    /// An item of the same order that has not come to the warehouse yet, while this one lies there.
    private func sibling(of item: String, at now: Int64) -> String? {
        guard let order = orders.first(where: { order in order.lines.contains { name($0, order) == item } }) else {
            return nil
        }
        let status = { (line: Line) in Int(line.timeline.state(at: now)?.status ?? "") ?? 0 }
        guard let own = order.lines.first(where: { name($0, order) == item }), status(own) == 6 else { return nil }
        return order.lines.first { (1...5).contains(status($0)) }.map { name($0, order) }
    }

    private func name(_ line: Line, _ order: Order) -> String { "\(order.number)-\(line.num ?? 0)" }
}

extension Scenario.Fault {
    var isOutage: Bool { [.outage, .refuse, .hang].contains(kind) && method == nil && thing == nil }
}
