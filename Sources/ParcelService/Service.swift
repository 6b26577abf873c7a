// The whole daemon: the stages as lanes, the control socket, systemd. Main makes one and runs it.

import Foundation
package import Logging
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelHTTP
import ParcelProviders
package import ParcelStore
import ServiceLifecycle

package let version = "0.1.0"

package struct StartError: Error, CustomStringConvertible {
    package let description: String
    /// sysexits(3).
    package let status: Int32

    package init(description: String, status: Int32) {
        self.description = description
        self.status = status
    }
}

package struct Daemon: Service {
    /// A pass in hand gets this long after SIGTERM before its transfers are cancelled.
    private static let grace = Duration.seconds(7)

    private let loaded: Loaded
    private let store: Store
    private let client: HTTPClient
    private let mailClient: HTTPClient
    private let clock: any ServiceClock
    private let scheduler: Scheduler
    private let notifier: SystemdNotifier
    private let log: Logger
    private let around: Surroundings
    private let routing: Routing
    private let pollers: [ProviderID: Poller]
    private let listeners: [Answers]
    private let metrics: MetricsSource

    /// - Parameter clock: Made by main: the host's, or a simulated one.
    package init(
        _ loaded: Loaded, store: Store, clock: any ServiceClock, notifier: SystemdNotifier, log: Logger
    ) throws(StartError) {
        self.loaded = loaded
        self.store = store
        self.clock = clock
        self.notifier = notifier
        self.log = log
        let http = loaded.config.http
        let settings = HTTPSettings(userAgent: "parceld/\(version)", proxy: http.proxy, caFile: http.caFile)
        let (client, mailClient): (HTTPClient, HTTPClient)
        do throws(HTTPSetupError) {
            client = try HTTPClient(settings: settings)
            mailClient = try HTTPClient(settings: settings)
        } catch { throw StartError(description: "\(error)", status: 70) }
        self.client = client
        self.mailClient = mailClient
        let limits = HTTPLimits(
            connectTimeout: http.connectTimeout, totalTimeout: http.timeout, bodyLimit: http.bodyLimit)
        var surroundings = Surroundings(
            mirror: Mirror(store, log: log), rules: loaded.rules, recipients: loaded.recipients, clock: clock,
            watch: ClockWatch(), zones: { [zones = loaded.zones] in zones[$0] },
            send: { request in
                do throws(TransportError) { return .success(try await client.send(request, limits: limits)) } catch {
                    return .failure(error)
                }
            }, log: log)
        surroundings.templates = TemplateFolder(loaded.config.templates)
        let around = surroundings
        let routing = Routing(
            providers: loaded.providers.filter(\.lists.isEmpty), prefixes: loaded.config.routes,
            cadence: loaded.config.cadence)
        self.routing = routing
        self.around = around
        var pollers: [ProviderID: Poller] = [:]
        var lanes: [Lane] = []
        for provider in loaded.providers {
            let poller = Poller(provider, around, routing: routing)
            pollers[provider.id] = poller
            // Which numbers there are to follow is what others find.
            lanes.append(
                Lane("poll \(provider.id)", followsOthers: provider.lists.isEmpty) { await poller.tick(now: $0) })
        }
        let evaluator = Evaluator(
            around, providers: Set(loaded.providers.map(\.id)), routing: routing,
            downAfter: loaded.config.providerDownAfter,
            calendars: loaded.calendars)
        lanes.append(Lane("evaluate", followsOthers: true) { await evaluator.tick(now: $0) })
        let ways = Daemon.ways(around, mailClient)
        for channel in loaded.channels {
            let dispatcher = Dispatcher(channel, around, ways)
            lanes.append(Lane("tell \(channel.name)", followsOthers: true) { await dispatcher.tick(now: $0) })
        }
        let keeper = LogKeeper(around)
        lanes.append(Lane("tend the log", followsOthers: true) { await keeper.tick(now: $0) })
        if let url = loaded.config.heartbeat {
            let heartbeat = Heartbeat(url: url, around)
            lanes.append(Lane("heartbeat", followsOthers: true) { await heartbeat.tick(now: $0) })
        }
        metrics = MetricsSource(loaded, around, startedAt: clock.now(), version: version)
        if let options = loaded.config.metrics, let path = options.textfile {
            let file = MetricsFile(path, every: options.every, metrics, around)
            lanes.append(Lane("metrics", followsOthers: false) { await file.tick(now: $0) })
        }
        self.pollers = pollers
        let patient = HTTPLimits(
            connectTimeout: http.connectTimeout, totalTimeout: .seconds(Answers.patience + 15),
            bodyLimit: http.bodyLimit)
        let (chats, listeners) = listeningLanes(loaded.channels, around) { request in
            do throws(TransportError) { return .success(try await client.send(request, limits: patient)) } catch {
                return .failure(error)
            }
        }
        lanes += chats
        self.listeners = listeners
        scheduler = Scheduler(lanes, clock: clock) { notifier.progress() }
    }

    private static func ways(_ around: Surroundings, _ mailClient: HTTPClient) -> Ways {
        Ways(
            http: around.send,
            mail: { mail in
                do throws(TransportError) { return .success(try await mailClient.send(mail)) } catch {
                    return .failure(error)
                }
            }, program: { await ParcelHTTP.run($0) },
            journal: { line in
                around.log.log(
                    level: line.priority <= 3 ? .error : line.priority == 4 ? .warning : .notice, "\(line.text)")
            })
    }

    package func run() async throws {
        let control: ControlServer
        do throws(ControlError) {
            control = try ControlServer(path: loaded.config.controlSocket) { await answer($0) }
        } catch { throw StartError(description: "\(error)", status: 73) }
        // So that parcelctl can reckon without the providers' secrets.
        do throws(StoreError) {
            try store.save(loaded.providers.map { Budget(of: $0) })
            try store.save(reading: readingSignature(of: loaded.providers))
        } catch {
            throw StartError(description: "\(error)", status: 74)
        }
        let shown = try serveMetrics()
        notifier.ready("watching \(loaded.providers.map(\.id.description).joined(separator: ", "))")
        log.notice("parceld \(version) started", metadata: ["database": "\(store.path)"])
        let work = Task { await scheduler.run() }
        await withGracefulShutdownHandler {
            await work.value
        } onGracefulShutdown: { [scheduler, notifier, listeners] in
            notifier.stopping()
            Task {
                await scheduler.stop()
                for listener in listeners { await listener.stop() }
                try? await Task.sleep(for: Daemon.grace)
                work.cancel()
            }
        }
        control.close()
        shown?.close()
        client.close()
        mailClient.close()
        log.notice("parceld stopped")
    }

    private func serveMetrics() throws(StartError) -> MetricsServer? {
        guard let address = loaded.config.metrics?.listen else { return nil }
        let (metrics, store, clock) = (metrics, store, clock)
        return try MetricsServer(address) {
            Result { () throws(StoreError) in try metrics.families(store, at: clock.now()) }
                .mapError { StartError(description: "\($0)", status: 74) }
        }
    }

    private func answer(_ words: [String]) async -> JSONValue {
        let answer: JSONValue
        switch (words.first, words.count) {
        case ("poll", 2): answer = poll(words[1])
        case ("resume", 2): answer = await resume(words[1])
        case ("wish", 2...): answer = await record(words.dropFirst())
        case ("act", 4...5): answer = await act(words[1], on: words[2], by: words[3], words.count > 4 ? words[4] : nil)
        case ("prune", 2): answer = await prune(olderThan: words[1], around, at: clock.now())
        default: return .members(["error": .string("unknown request")])
        }
        await scheduler.wakeAll()
        return answer
    }

    /// The provider is asked again now, with the secrets that its files hold by now.
    private func resume(_ name: String) async -> JSONValue {
        guard let poller = pollers[ProviderID(name)] else {
            return .members([
                "error": .string(
                    "there is no provider \(name); there are \(pollers.keys.sorted().map(\.description).joined(separator: ", "))"
                )
            ])
        }
        do {
            let fresh = try load(loaded.path)
            guard let provider = fresh.providers.first(where: { $0.id.description == name }) else {
                return .members(["error": .string("\(name) is not configured any more; restart parceld")])
            }
            try await poller.resume(with: provider)
            log.notice("a person resumed a provider", metadata: ["provider": "\(name)"])
            return .members(["resumed": .string(name)])
        } catch let failure as LoadFailure {
            let first = failure.problems.first.map { "\($0)" } ?? ""
            return .members(["error": .string("the configuration has mistakes; see parceld check: \(first)")])
        } catch { return .members(["error": .string("\(error)")]) }
    }

    /// Wishes about numbers, one word each; all or none of them are written. The answer tells who is asked from then on.
    private func record(_ words: some Sequence<String> & Sendable) async -> JSONValue {
        var wishes: [UserWish] = []
        for word in words {
            guard let wish = UserWish(word: word) else { return .members(["error": .string("unknown wish")]) }
            wishes.append(wish)
        }
        let (around, routing, now, asked) = (around, routing, clock.now(), wishes)
        do throws(StoreError) {
            return try await around.mirror { store throws(StoreError) in
                if let problem = try store.problem(with: asked, providers: routing.providers.map(\.id)) {
                    return .members(["error": .string(problem)])
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
        } catch { return .members(["error": .string("\(error)")]) }
    }

    /// What a person does about the alerts that are meant.
    private func act(_ name: String, on target: String, by who: String, _ argument: String?) async -> JSONValue {
        let (around, now) = (around, clock.now())
        do throws(DeedProblem) {
            let deed = try Deed(name, argument, around.rules, at: now)
            do throws(StoreError) {
                return try await around.mirror { store throws(StoreError) in
                    let alerts = try store.alerts(meantBy: target)
                    let result = try store.act(deed, on: alerts, by: who, at: now) {
                        around.decided($0, at: now, settledAt: nil)
                    }
                    return result.json(of: alerts, target)
                }
            } catch { return .members(["error": .string("\(error)")]) }
        } catch { return .members(["error": .string("\(error)")]) }
    }

    /// A thing's or a provider's asks become due now; budgets and pace hold as always.
    private func poll(_ target: String) -> JSONValue {
        do throws(StoreError) {
            let now = clock.now()
            var count = 0
            if let provider = loaded.providers.first(where: { $0.id.description == target }) {
                count = try store.hasten(provider.id, things: [], at: now)
                count += try store.hastenNumbers(
                    provider.id, failedOnly: false, at: now, minimumInterval: provider.manners.minimumInterval)
            } else {
                let found = try store.find(target)
                guard !found.isEmpty else {
                    return .members(["error": .string("there is no thing or provider \(target)")])
                }
                let family = try store.family(of: found.map(\.id))
                var things = Set(found.map(\.id)).union(family.things.filter { $0.kind == .order }.map(\.id))
                for id in found.map(\.id) {
                    if let thing = family[id] { things.formUnion(family.followed(by: thing).map(\.number.id)) }
                }
                for provider in loaded.providers {
                    count += try store.hasten(
                        provider.id, things: Array(things), at: now,
                        minimumInterval: provider.manners.minimumInterval)
                }
            }
            return .members(["asks": .integer(count)])
        } catch {
            return .members(["error": .string("\(error)")])
        }
    }
}

/// Chats whose earlier messages are marked, and for each bot one listener to those whose people answer.
private func listeningLanes(
    _ channels: [any Channel], _ around: Surroundings, _ listen: @escaping Answers.Send
) -> (lanes: [Lane], listeners: [Answers]) {
    let chats = channels.compactMap { $0 as? Telegram }
    var lanes = chats.map { chat in
        let marker = Marker(chat, around)
        return Lane("mark \(chat.name)", followsOthers: true) { await marker.tick(now: $0) }
    }
    var listeners: [Answers] = []
    var waiting = chats.filter(\.takesAnswers)
    while let bot = waiting.first {
        let answers = Answers(bot, with: waiting.dropFirst().filter { $0.isSameBot(as: bot) }, around, listen: listen)
        waiting.removeAll { $0.isSameBot(as: bot) }
        listeners.append(answers)
        lanes.append(Lane("hear \(bot.name)", followsOthers: true) { await answers.tick(now: $0) })
    }
    return (lanes, listeners)
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
