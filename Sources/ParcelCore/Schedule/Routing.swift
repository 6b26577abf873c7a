// Who is asked about which number, and how often (DESIGN 8): leg and form decide, a person's choice wins.

package struct Routing: Sendable {
    /// Providers that follow single numbers, in the configuration's order.
    package var providers: [any Provider]
    /// Providers by the beginning of the number; the longest that fits counts. All that can are asked where none fits.
    package var prefixes: [String: [ProviderID]]
    package var cadence: Cadence
    /// By provider and form.
    package var luck: [ProviderID: [String: Luck]]

    package init(
        providers: [any Provider], prefixes: [String: [ProviderID]] = [:], cadence: Cadence = .standard,
        luck: [ProviderID: [String: Luck]] = [:]
    ) {
        self.providers = providers
        self.prefixes = prefixes
        self.cadence = cadence
        self.luck = luck
    }

    /// The asks about a number, by provider.
    ///
    /// - Parameter choice: A format's id or a provider's, as a person chose it.
    package func asks(about number: TrackNumber, role: TrackNumberRole?, choice: String?) -> [(any Provider, Ask)] {
        if let choice {
            let chosen = self.chosen(choice, number, role)
            // A carrier that nobody here follows: then the number goes its usual way, for none may go unasked.
            if !chosen.isEmpty { return chosen }
        }
        let allowed = configured(number)
        return asks(FollowedNumber(number, role: role), of: providers.filter { allowed?.contains($0.id) != false })
    }

    private func chosen(_ choice: String, _ number: TrackNumber, _ role: TrackNumberRole?) -> [(any Provider, Ask)] {
        guard let provider = providers.first(where: { $0.id.description == choice }) else {
            return asks(FollowedNumber(number, role: role, carrier: choice), of: providers)
        }
        let asks = asks(FollowedNumber(number, role: role), of: [provider])
        // The person knows better than what carries it.
        return asks.isEmpty ? self.asks(FollowedNumber(number, role: nil), of: [provider]) : asks
    }

    private func asks(_ followed: FollowedNumber, of providers: [any Provider]) -> [(any Provider, Ask)] {
        providers.compactMap { provider in provider.ask(following: followed).map { (provider, $0) } }
    }

    private func configured(_ number: TrackNumber) -> [ProviderID]? {
        prefixes.filter { number.description.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }?.value
    }

    /// What is asked from now on about each number of a family; a provider that is not to be asked has an empty plan.
    package func plans(for number: Thing, in family: Family, at now: Timestamp) -> [(ProviderID, AskPlan?)] {
        guard number.kind == .trackNumber, let plain = TrackNumber(number.label) else { return [] }
        let need = need(of: number, in: family, at: now)
        let role = family.role(of: number)
        let asks = need == .none ? [] : asks(about: plain, role: role, choice: number.chosenCarrier)
        return providers.map { provider in
            guard let ask = asks.first(where: { $0.0.id == provider.id })?.1, isWorthAsking(provider.id, number, need)
            else { return (provider.id, nil) }
            return (provider.id, plan(ask, provider, number, plain, need, in: family, at: now))
        }
    }

    /// Other providers, routes or intervals have another one.
    package var signature: String {
        let routes = prefixes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.map(\.description))" }
        let every = cadence.every.sorted { $0.key < $1.key }.map { "\($0.key.rawValue)=\($0.value.milliseconds)" }
        return [
            "\(providers.map(\.id.description))", "\(routes)", "\(every)", "\(cadence.held.milliseconds)",
            "\(cadence.returning.milliseconds)", "\(cadence.longest.milliseconds)",
        ].joined(separator: " ")
    }

    private func factor(_ provider: ProviderID, _ number: TrackNumber) -> Int {
        guard isUnlucky(provider), let form = formats(of: number).first?.format.id else { return 1 }
        return luck[provider]?[form]?.factor ?? 1
    }

    /// Whether there is a form of numbers that the provider has not known so far.
    package func isUnlucky(_ provider: ProviderID) -> Bool {
        luck[provider]?.values.contains { $0.known == 0 } == true
    }

    /// How often a provider is asked about a number that it has not known for so long.
    package func unknownInterval(_ number: TrackNumber, unknownFor age: Duration, at provider: any Provider) -> Duration
    {
        let every = cadence.interval(Journey(), unknownFor: age, luck: factor(provider.id, number))
        return max(every, provider.manners.minimumInterval ?? .zero)
    }

    private enum Need: Equatable {
        case none
        /// Finished: looked at now and then, because returns happen.
        case rest(since: Timestamp)
        /// The warehouse has it; the courier's own signature is still to be heard.
        case signature(until: Timestamp)
        case follow(deadline: Timestamp?)
    }

    private func need(of number: Thing, in family: Family, at now: Timestamp) -> Need {
        let waiting = family.waiting(for: number)
        let own = family.journey(of: number)
        if number.isAddedByUser || !waiting.isEmpty {
            guard case .finished(let ending) = own.meaning else {
                return .follow(
                    deadline: (waiting.compactMap(\.thing.deadline) + [number.deadline].compactMap(\.self)).min())
            }
            if ending == .handedOver { return .none }
            // The carrier says that it is over. While something still waits, that may yet be taken back.
            if waiting.isEmpty { return rest(since: own.since ?? number.endedAt ?? now, at: now) }
            return .follow(deadline: waiting.compactMap(\.thing.deadline).min())
        }
        let carriers = family.carriers(of: number)
        guard carriers.contains(where: { $0.role != .domestic }), own.isKnown else {
            return carriers.contains { $0.role != .domestic } ? .none : signature(carriers.map(\.thing), own, at: now)
        }
        guard let ended = carriers.compactMap(\.thing.endedAt).max() else { return .none }
        return rest(since: ended, at: now)
    }

    /// Only who followed the courier so far can tell of its signature.
    private func isWorthAsking(_ provider: ProviderID, _ number: Thing, _ need: Need) -> Bool {
        guard case .signature = need else { return true }
        return number.views.contains { $0.provider == provider && $0.isKnowing }
    }

    private func signature(_ things: [Thing], _ own: Journey, at now: Timestamp) -> Need {
        guard case .at = own.meaning, let arrived = things.map({ $0.endedAt ?? $0.stageSince.at }).max(),
            now < arrived + signatureFor
        else { return .none }
        return .signature(until: arrived + signatureFor)
    }

    private func rest(since: Timestamp, at now: Timestamp) -> Need {
        now < since + restFor ? .rest(since: since) : .none
    }

    private func plan(
        _ ask: Ask, _ provider: any Provider, _ number: Thing, _ plain: TrackNumber, _ need: Need, in family: Family,
        at now: Timestamp
    ) -> AskPlan {
        let least = provider.manners.minimumInterval ?? .zero
        if case .rest(let since) = need {
            // One confirmation a day after it was learned, which may be days after it happened, then weekly.
            let learned = number.events.last { $0.kind == .stage }?.seenAt ?? since
            let every: Duration = now < learned + .hours(12) ? .days(1) : .days(7)
            return AskPlan(ask, every: max(every, least), longest: .days(7), until: since + restFor)
        }
        if case .signature(let until) = need {
            return AskPlan(ask, every: max(.days(1), least), longest: .days(1), until: until)
        }
        let view = number.views.first { $0.provider == provider.id && !$0.isGone }
        let unknownSince = view?.isKnowing == true ? nil : view?.firstSeenAt ?? now
        let journey = family.journey(of: number)
        var every = cadence.interval(
            journey, unknownFor: unknownSince.map { now - $0 }, luck: factor(provider.id, plain))
        // Whoever does not decide is heard once a day; the decider's word is what silence is measured by.
        if unknownSince == nil, let decider = family.decidingCarrier(of: number), decider.provider != provider.id {
            every = max(every, .hours(24))
        }
        every = max(every, least)
        var deadline: Timestamp?
        if case .follow(let next) = need { deadline = next }
        return AskPlan(ask, every: every, longest: max(every, cadence.longest), deadline: deadline)
    }
}

/// Returns happen: a finished number is looked at for six weeks more.
private let restFor = Duration.days(42)

/// A courier often books its delivery after the warehouse booked the arrival.
private let signatureFor = Duration.days(2)
