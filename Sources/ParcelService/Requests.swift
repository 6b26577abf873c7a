// What parcelctl asks of the daemon: polls, wishes about numbers, deeds about alerts. Each answer is JSON.

import Logging
import ParcelConfig
import ParcelCore
import ParcelProviders
import ParcelStore

extension Crew {
    /// - Parameter words: Of a request, such as `["poll", "1907-2"]`.
    func answer(_ words: [String]) async -> JSONValue {
        switch (words.first, words.count) {
        case ("poll", 2): await poll(words[1])
        case ("resume", 2): await resume(words[1])
        case ("wish", 2...): await record(words.dropFirst())
        case ("act", 4...5): await act(words[1], on: words[2], by: words[3], words.count > 4 ? words[4] : nil)
        case ("prune", 2): await prune(olderThan: words[1], around, at: around.clock.now())
        default: refusal("unknown request")
        }
    }

    /// The provider is asked again now, with the secrets that its files hold by now.
    private func resume(_ name: String) async -> JSONValue {
        guard let poller = pollers[ProviderID(name)] else {
            let known = pollers.keys.sorted().map(\.description).joined(separator: ", ")
            return refusal("there is no provider \(name); there are \(known)")
        }
        do {
            let fresh = try load(loaded.path)
            guard let provider = fresh.providers.first(where: { $0.id.description == name }) else {
                return refusal("\(name) is not configured any more; systemctl reload parceld")
            }
            try await poller.resume(with: provider)
            around.log.notice("a person resumed a provider", metadata: ["provider": "\(name)"])
            return .members(["resumed": .string(name)])
        } catch let failure as LoadFailure {
            let first = failure.problems.first.map { "\($0)" } ?? ""
            return refusal("the configuration has mistakes; see parceld check: \(first)")
        } catch { return refusal("\(error)") }
    }

    /// Wishes about numbers, one word each; all or none of them are written. The answer tells who is asked from then on.
    private func record(_ words: some Sequence<String> & Sendable) async -> JSONValue {
        var wishes: [UserWish] = []
        for word in words {
            guard let wish = UserWish(word: word) else { return refusal("unknown wish") }
            wishes.append(wish)
        }
        let (around, routing, now, asked) = (around, routing, around.clock.now(), wishes)
        do throws(StoreError) {
            return try await around.mirror { store throws(StoreError) in
                if let problem = try store.problem(with: asked, providers: routing.providers.map(\.id)) {
                    return refusal(problem)
                }
                var routing = routing
                routing.luck = try store.luck()
                let fixed = routing
                try store.record(asked, around.rules, at: now) { decision, known in
                    around.decide(decision.before, after: decision.after, known: known, fixed, at: now)
                }
                let asks = try store.asks(about: Set(asked.map(\.number.description)).sorted())
                return .members(["recorded": .integer(asked.count), "asks": summary(asks)])
            }
        } catch { return refusal("\(error)") }
    }

    /// What a person does about the alerts that are meant.
    private func act(_ name: String, on target: String, by who: String, _ argument: String?) async -> JSONValue {
        let (around, now) = (around, around.clock.now())
        do throws(DeedProblem) {
            let deed = try Deed(name, argument, around.rules, at: now)
            do throws(StoreError) {
                return try await around.mirror { store throws(StoreError) in
                    let alerts = try store.alerts(meantBy: target)
                    let result = try store.act(deed, on: alerts, by: who, at: now) {
                        around.decided($0, at: now, settledAt: nil)
                    }
                    if case .success(let done) = result { around.log(done.changes, in: store) }
                    return result.json(of: alerts, target)
                }
            } catch { return refusal("\(error)") }
        } catch { return refusal("\(error)") }
    }

    /// A thing's or a provider's asks become due now; budgets and pace hold as always.
    private func poll(_ target: String) async -> JSONValue {
        let (providers, now) = (loaded.providers, around.clock.now())
        do throws(StoreError) {
            return try await around.mirror { store throws(StoreError) in
                if let provider = providers.first(where: { $0.id.description == target }) {
                    let least = provider.manners.minimumInterval
                    let lists = try store.hasten(provider.id, things: [], at: now)
                    let numbers = try store.hastenNumbers(
                        provider.id, failedOnly: false, at: now, minimumInterval: least)
                    return .members(["asks": .integer(lists + numbers)])
                }
                let things = try store.thingsAsked(about: target)
                guard !things.isEmpty else {
                    return refusal("there is no thing or provider \(target)")
                }
                var count = 0
                for provider in providers {
                    count += try store.hasten(
                        provider.id, things: things, at: now, minimumInterval: provider.manners.minimumInterval)
                }
                return .members(["asks": .integer(count)])
            }
        } catch {
            return refusal("\(error)")
        }
    }
}

/// Why a request is not fulfilled, as parcelctl reads it.
func refusal(_ reason: String) -> JSONValue { .members(["error": .string(reason)]) }

extension Store {
    /// What has to be asked about to learn of it: itself, its orders, its numbers.
    fileprivate func thingsAsked(about target: String) throws(StoreError) -> [ThingID] {
        let found = try find(target)
        let family = try family(of: found.map(\.id))
        var things = Set(found.map(\.id)).union(family.things.filter { $0.kind == .order }.map(\.id))
        for id in found.map(\.id) {
            if let thing = family[id] { things.formUnion(family.followed(by: thing).map(\.number.id)) }
        }
        return found.isEmpty ? [] : Array(things)
    }
}

/// By provider: how many numbers, and when the first of them is asked about.
private func summary(_ asks: [NumberAsk]) -> JSONValue {
    let waiting = asks.filter { $0.nextAt != nil }
    return .array(
        Dictionary(grouping: waiting, by: \.provider).sorted { $0.key < $1.key }.map { provider, asks in
            .members([
                "provider": .string(provider.description), "numbers": .integer(asks.count),
                "firstAt": .integer(asks.compactMap(\.nextAt).min()?.milliseconds ?? 0),
                "every": asks.compactMap(\.every).min().map { .integer($0.milliseconds) } ?? .null,
            ])
        })
}
