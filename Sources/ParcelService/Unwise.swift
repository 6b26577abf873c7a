// What a configuration may say and hardly means: each with the file and line where it stands, and what to do. For `check`;
// the daemon runs with all of it.

import ParcelChannels
package import ParcelConfig
package import ParcelCore

/// - Parameter demands: What is to be asked, as the database has it; none where there is no database yet.
package func unwise(_ loaded: Loaded, at now: Timestamp, demands: [ProviderID: Demand] = [:]) -> [Problem] {
    var advice = Advice(loaded: loaded, now: now)
    advice.checkStages()
    advice.checkOverlays()
    advice.checkProviders(demands)
    advice.checkWindows()
    advice.checkFilters()
    advice.checkDoubles()
    advice.checkCoverage()
    return loaded.config.sorted(advice.found)
}

private struct Advice {
    let loaded: Loaded
    let now: Timestamp
    var found: [Problem] = []

    /// Days without news after which a provider stops following a number by itself: 17TRACK's practice, see
    /// SeventeenTrackStopped.swift.
    private static let patience = ["17track": 30]
    /// Shorter hours are more likely a slip than a wish.
    private static let shortest = 30 * 60

    var config: Config { loaded.config }

    mutating func warn(_ path: String, _ message: String) { found.append(config.problem(path, message)) }

    mutating func checkStages() {
        for stage in Stage.allCases {
            let (rule, days) = (loaded.rules.rule(stage), loaded.rules.days(stage))
            let path = "stages.\(stage.rawValue)"
            guard worksWithinAYear(days) else {
                warn(
                    "\(path).calendars",
                    "no day of the next year is worked in \(rule.calendars.joined(separator: " and ")): silence is not counted"
                )
                continue
            }
            guard stage.isUnderWay || stage == .acceptance,
                let end = days.due(from: .instant(now), after: rule.critical)?.instant
            else { continue }
            let length = Int((end - now).milliseconds / 86_400_000)
            for section in config.providers {
                guard let limit = Advice.patience[section.kind], length > limit else { continue }
                warn(
                    "\(path).critical_working_days",
                    "\(rule.critical) working days are \(length) days from now on, but \(section.name) stops following a number after \(limit) days without news: then it cannot be confirmed"
                )
            }
        }
    }

    private func worksWithinAYear(_ days: WorkingDays) -> Bool {
        let today = days.zone.date(of: now)
        return (0..<366).contains { days.isWorking(today.adding(days: $0)).working }
    }

    mutating func checkOverlays() {
        for (index, overlay) in config.rules.overlays.enumerated() where overlay.week == nil {
            let path = "overlays[\(index)]"
            let stages = Stage.allCases.filter { config.rules.overlays(of: $0).contains(overlay) }
            guard let last = (overlay.off + overlay.work).map(\.upperBound).max(), let first = stages.first else {
                continue
            }
            let today = loaded.rules.days(first).zone.date(of: now)
            if last < today {
                warn(path, "\(overlay.name) is over since \(last): it changes nothing any more")
            } else if !stages.contains(where: { changes(overlay, loaded.rules.days($0), from: today) }) {
                warn(path, "\(overlay.name) changes no day: the calendars have them so already")
            }
        }
    }

    private func changes(_ overlay: Overlay, _ days: WorkingDays, from today: LocalDate) -> Bool {
        let others = WorkingDays(
            calendars: days.calendars, combine: days.combine, zone: days.zone,
            overlays: days.overlays.filter { $0 != overlay })
        return (overlay.off + overlay.work).contains { range in
            (range.lowerBound.ordinal...range.upperBound.ordinal).contains { ordinal in
                let date = LocalDate(ordinal: ordinal)
                return date >= today && days.day(date).counts != others.day(date).counts
            }
        }
    }

    mutating func checkCoverage() {
        for (id, end) in endingCalendars(loaded.calendars, at: now) {
            let path = config.calendarFiles[id] == nil ? "calendars" : "calendars.\(id)"
            warn(path, "\(id) is known until \(end) only, then Mon-Fri are counted; see parcelctl calendar import")
        }
    }
}

// What is polled, and whether it is in time.
extension Advice {
    mutating func checkProviders(_ demands: [ProviderID: Demand]) {
        let names = config.providers.map(\.name)
        for (prefix, providers) in config.routes.sorted(by: { $0.key < $1.key }) {
            for provider in providers where !names.contains(provider.description) {
                warn("routes.\(prefix)", "\(provider) is not among the providers: it is never asked")
            }
        }
        if let proxy = config.http.proxy, proxy.lowercased().hasPrefix("http://"), !isLoopback(proxy) {
            warn("http.proxy", "is called in clear text: whoever listens sees which hosts are called; write https://")
        }
        for provider in loaded.providers {
            checkBudget(provider, demands[provider.id] ?? Demand())
            checkPace(provider)
        }
    }

    private mutating func checkBudget(_ provider: any Provider, _ demand: Demand) {
        var budget = Budget(of: provider)
        let pace = Int(min(budget.requestsPerSecond * 86_400, 1e12))
        let isPace = budget.requestsPerDay.map { pace < $0 } ?? true
        let limit = min(budget.requestsPerDay ?? pace, pace)
        budget.requestsPerDay = limit
        guard let missing = forecast(demand, within: budget).missing else { return }
        let numbers = demand.numbers == 0 ? "" : " about \(demand.numbers) numbers"
        warn(
            "providers.\(provider.id).\(isPace ? "requests_per_second" : "requests_per_day")",
            "allows \(limit) requests a day; the rarest checks\(numbers) need \(missing) more")
    }

    private mutating func checkPace(_ provider: any Provider) {
        let path = "providers.\(provider.id)"
        if let every = provider.lists.compactMap(\.every).max(), config.providerDownAfter < every {
            warn(
                "provider_down_after",
                "\(spelled(config.providerDownAfter)) is less than the \(spelled(every)) between two looks at \(provider.id): one failure is told"
            )
        }
        // How often a list is read does not matter: what a threshold waits for is asked in time. This is kept in any case.
        guard let interval = provider.manners.minimumInterval, let (stage, room) = tightest, interval > room else {
            return
        }
        warn(
            "\(path).minimum_interval",
            "leaving a number alone for \(spelled(interval)) may confirm a threshold of \(stage.rawValue) only after the next window has opened (\(spelled(room)) later)"
        )
    }

    /// The stage whose threshold leaves the least time, from its midnight to what follows first: the opening of a
    /// recipient's next window, or the end of one that is open then.
    private var tightest: (stage: Stage, room: Duration)? {
        var least: (stage: Stage, room: Duration)?
        for stage in Stage.allCases {
            guard let due = loaded.rules.days(stage).due(from: .instant(now), after: 1)?.instant else { continue }
            for recipient in loaded.recipients {
                guard let window = windows(of: recipient, from: due, count: 1).first else { continue }
                let room = (window.opens > due ? window.opens : window.closes) - due
                if least.map({ room < $0.room }) ?? true { least = (stage, room) }
            }
        }
        return least
    }
}

// Who is told.
extension Advice {
    mutating func checkWindows() {
        for (index, recipient) in loaded.recipients.enumerated() {
            let (path, window) = ("recipients[\(index)]", recipient.window)
            if !worksWithinAYear(window.days) {
                let names = window.days.calendars.map(\.id).joined(separator: " and ")
                warn(
                    "\(path).calendar", "no day of the next year is worked in \(names): what is told comes at any hour")
            }
            let length = window.closes - window.opens
            if length < Advice.shortest {
                warn(
                    "\(path).hours", "are only \(length / 60) min a day: what is missed waits for the next working day")
            }
            if recipient.isImmediateAnytime, recipient.immediate.isEmpty {
                warn("\(path).immediate_outside_hours", "does nothing without immediate, which says for which kinds")
            }
        }
    }

    mutating func checkFilters() {
        let samples = samples
        for (index, recipient) in loaded.recipients.enumerated()
        where !samples.contains(where: { recipient.selection.wants($0) }) {
            warn("recipients[\(index)]", "\(recipient.name) is told nothing: only and except let nothing through")
        }
        let service = samples.filter(\.kind.isAboutService)
        if let first = loaded.recipients.first,
            !service.contains(where: { alert in loaded.recipients.contains { $0.selection.admits(alert) } })
        {
            warn(
                "recipients",
                "nobody wants to be told what concerns parceld itself (a provider down, a refused key); it goes to the first, \(first.name). An administrator is only: {kinds: service}"
            )
        }
    }

    /// One alert of each sort that a choice can tell apart.
    private var samples: [Alert] {
        AlertKind.allCases.flatMap { kind in
            let stages: [Stage?] = kind.isAboutService ? [nil] : Stage.allCases.map { $0 }
            let conditions: [Condition?] = kind == .condition ? Condition.allCases.map { $0 } : [nil]
            return stages.flatMap { stage in
                loaded.providers.flatMap { provider in
                    conditions.map { sample(kind, stage, provider.id, $0) }
                }
            }
        }
    }

    private func sample(_ kind: AlertKind, _ stage: Stage?, _ provider: ProviderID, _ condition: Condition?) -> Alert {
        var facts = AlertFacts()
        facts.stage = stage
        facts.contact = stage.flatMap { config.rules.stages[$0]?.contacts.first }
        facts.decider = provider
        facts.condition = condition
        return Alert(kind: kind, thing: nil, key: "", level: .critical, openedAt: now, facts: facts)
    }

    /// Two who are told the same in one place.
    mutating func checkDoubles() {
        let samples = samples
        let recipients = loaded.recipients
        for (index, later) in recipients.enumerated() {
            for earlier in recipients[..<index] {
                let shared = places(earlier).intersection(places(later))
                guard !shared.isEmpty,
                    samples.contains(where: { earlier.selection.admits($0) && later.selection.admits($0) })
                else { continue }
                warn(
                    "recipients[\(index)].channels",
                    "\(later.name) and \(earlier.name) are told in the same place (\(shared.sorted().joined(separator: ", "))): it gets both messages"
                )
            }
        }
    }

    /// Where a recipient's messages arrive, as it is called in warnings. The journal and Alertmanager bear repeats.
    private func places(_ recipient: Recipient) -> Set<String> {
        Set(
            config.channels.filter { recipient.channels.contains($0.name) }.compactMap { channel in
                switch channel.kind {
                case "telegram": channel.settings.text("chat").map { "chat \($0)" }
                case "mail": channel.settings.names("to").map { "mail to \($0.sorted().joined(separator: ", "))" }
                case "webhook": channel.settings.text("url").map { "webhook \(host(of: $0) ?? channel.name)" }
                case "exec": "program \(channel.name)"
                default: nil
                }
            })
    }
}

package struct Window: Sendable, Hashable {
    package var opens: Timestamp
    package var closes: Timestamp
}

/// The next windows in which a recipient may be written to, the present one first; none where no day of a year is worked.
package func windows(of recipient: Recipient, from now: Timestamp, count: Int) -> [Window] {
    let (window, zone) = (recipient.window, recipient.window.days.zone)
    var (found, from) = ([Window](), now)
    while found.count < count {
        let opens = window.next(from: from)
        let date = zone.date(of: opens)
        let closes = zone.instants(of: date, secondOfDay: window.closes).latest
        guard window.days.isWorking(date).working, closes > opens else { break }
        found.append(Window(opens: opens, closes: closes))
        from = closes
    }
    return found
}

/// The host of an address; nil where it is none.
package func host(of url: String) -> String? {
    (try? Address(url, schemes: ["https", "http", "smtp", "smtps"]))?.host
}

/// As a configuration writes it: `90 s`, `15 min`, `6 h`, `2 d`.
package func spelled(_ duration: Duration) -> String {
    let seconds = duration.milliseconds / 1000
    let units: [(Int64, String)] = [(86_400, "d"), (3600, "h"), (60, "min")]
    guard let (length, name) = units.first(where: { seconds >= $0.0 && seconds % $0.0 == 0 }) else {
        return seconds >= 3600 ? "\(seconds / 3600) h \(seconds % 3600 / 60) min" : "\(seconds) s"
    }
    return "\(seconds / length) \(name)"
}
