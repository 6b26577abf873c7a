// Everything that works by one configuration: the stages as lanes. A reload replaces the whole crew; what outlives it (the
// mirror, the clock, the ways out) is handed on.

import Logging
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelHTTP
import ParcelStore

/// What outlives a configuration.
struct Ground: Sendable {
    var mirror: Mirror
    var clock: any ServiceClock
    let watch = ClockWatch()
    let meters = Meters()
    let startedAt: Timestamp
    var watchdog: Watchdog
    var log: Logger
    /// Called before each sleep, and after each tick.
    var onWake: @Sendable () -> Void
    var onEnd: @Sendable () -> Void
}

struct Crew: Sendable {
    let loaded: Loaded
    let outward: Outward
    let around: Surroundings
    let routing: Routing
    let pollers: [ProviderID: Poller]
    let scheduler: Scheduler
    let metrics: MetricsSource
    private let listeners: [Answers]

    init(_ loaded: Loaded, on ground: Ground, outward: Outward) {
        self.loaded = loaded
        self.outward = outward
        let hiring = Hiring(loaded, ground, outward)
        around = hiring.around
        routing = hiring.routing
        var lanes: [Lane] = []
        (pollers, lanes) = hiring.pollers()
        lanes.append(hiring.evaluator())
        lanes += loaded.channels.map { hiring.dispatcher($0) }
        lanes.append(hiring.logKeeper())
        if let url = loaded.config.heartbeat { lanes.append(hiring.heartbeat(url)) }
        metrics = hiring.metrics
        if let file = hiring.metricsFile() { lanes.append(file) }
        let chats = loaded.channels.compactMap { $0 as? Telegram }
        lanes += chats.map { hiring.marker($0) }
        let (listeners, ears) = hiring.listeners(to: chats)
        self.listeners = listeners
        lanes += ears
        scheduler = Scheduler(lanes, clock: ground.clock, onWake: ground.onWake, onEnd: ground.onEnd)
    }

    /// Providers of which nothing was changed go on where they were.
    func takeOver(from former: Crew) async {
        for section in loaded.config.providers where former.loaded.config.providers.contains(where: section.isSame) {
            guard let mine = pollers[ProviderID(section.name)], let theirs = former.pollers[ProviderID(section.name)]
            else { continue }
            await mine.takeOver(from: theirs)
        }
    }

    /// Nothing new is begun. What is in hand goes on, but for requests that only wait for somebody's answer.
    func end() async {
        around.ending.begin()
        await scheduler.stop()
        for listener in listeners { await listener.stop() }
    }

    /// How long one request, message or program may take; a mail for which nothing else is configured, two minutes.
    var longestWait: Duration {
        let channels = loaded.config.channels.compactMap { $0.settings.duration("timeout") }
        return (channels + [loaded.config.http.timeout]).reduce(.minutes(2), max)
    }
}

extension Section {
    fileprivate func isSame(as other: Section) -> Bool {
        name == other.name && kind == other.kind && settings.values == other.settings.values
    }
}

/// Makes the lanes of a crew, each with its own sign of life.
private struct Hiring {
    let loaded: Loaded
    let ground: Ground
    let outward: Outward
    let around: Surroundings
    let routing: Routing

    init(_ loaded: Loaded, _ ground: Ground, _ outward: Outward) {
        self.loaded = loaded
        self.ground = ground
        self.outward = outward
        var around = Surroundings(
            mirror: ground.mirror, rules: loaded.rules, recipients: loaded.recipients, clock: ground.clock,
            watch: ground.watch, zones: { [zones = loaded.zones] in zones[$0] }, send: { await outward.http($0, nil) },
            log: ground.log)
        around.templates = TemplateFolder(loaded.config.templates)
        around.meters = ground.meters
        self.around = around
        routing = Routing(
            providers: loaded.providers.filter(\.lists.isEmpty), prefixes: loaded.config.routes,
            cadence: loaded.config.cadence)
    }

    private func place() -> (Surroundings, Pulse) {
        let pulse = ground.watchdog.pulse()
        return (around.with(pulse, timeout: loaded.config.http.timeout), pulse)
    }

    func pollers() -> ([ProviderID: Poller], [Lane]) {
        var pollers: [ProviderID: Poller] = [:]
        let lanes = loaded.providers.map { provider in
            let (around, pulse) = place()
            let poller = Poller(provider, around, routing: routing)
            pollers[provider.id] = poller
            // Which numbers there are to follow is what others find.
            return Lane("poll \(provider.id)", followsOthers: provider.lists.isEmpty, pulse: pulse) {
                await poller.tick(now: $0)
            }
        }
        return (pollers, lanes)
    }

    func evaluator() -> Lane {
        let (around, pulse) = place()
        let evaluator = Evaluator(
            around, providers: Set(loaded.providers.map(\.id)), routing: routing,
            downAfter: loaded.config.providerDownAfter, calendars: loaded.calendars)
        return Lane("evaluate", followsOthers: true, pulse: pulse) { await evaluator.tick(now: $0) }
    }

    func dispatcher(_ channel: any Channel) -> Lane {
        let (around, pulse) = place()
        let dispatcher = Dispatcher(channel, around, ways(around, pulse, channel.name))
        return Lane("tell \(channel.name)", followsOthers: true, pulse: pulse) { await dispatcher.tick(now: $0) }
    }

    func logKeeper() -> Lane {
        let (around, pulse) = place()
        let keeper = LogKeeper(around)
        return Lane("tend the log", followsOthers: true, pulse: pulse) { await keeper.tick(now: $0) }
    }

    func heartbeat(_ url: String) -> Lane {
        let (around, pulse) = place()
        let heartbeat = Heartbeat(url: url, around)
        return Lane("heartbeat", followsOthers: true, pulse: pulse) { await heartbeat.tick(now: $0) }
    }

    var metrics: MetricsSource { MetricsSource(loaded, around, startedAt: ground.startedAt, version: version) }

    func metricsFile() -> Lane? {
        guard let options = loaded.config.metrics, let path = options.textfile else { return nil }
        let (around, pulse) = place()
        let file = MetricsFile(path, every: options.every, metrics, around)
        return Lane("metrics", followsOthers: false, pulse: pulse) { await file.tick(now: $0) }
    }

    func marker(_ chat: Telegram) -> Lane {
        let (around, pulse) = place()
        let marker = Marker(chat, around)
        return Lane("mark \(chat.name)", followsOthers: true, pulse: pulse) { await marker.tick(now: $0) }
    }

    /// For each bot one listener to those of its chats whose people answer.
    func listeners(to chats: [Telegram]) -> ([Answers], [Lane]) {
        var (listeners, lanes): ([Answers], [Lane]) = ([], [])
        var waiting = chats.filter(\.takesAnswers)
        while let bot = waiting.first {
            let (around, pulse) = place()
            let patience = Duration.seconds(Answers.patience + 15)
            let others = waiting.dropFirst().filter { $0.isSameBot(as: bot) }
            let answers = Answers(bot, with: others, around) { [outward] request in
                await pulse.waiting(patience) { await outward.http(request, patience) }
            }
            waiting.removeAll { $0.isSameBot(as: bot) }
            listeners.append(answers)
            lanes.append(Lane("hear \(bot.name)", followsOthers: true, pulse: pulse) { await answers.tick(now: $0) })
        }
        return (listeners, lanes)
    }

    private func ways(_ around: Surroundings, _ pulse: Pulse, _ channel: String) -> Ways {
        Ways(
            http: around.send,
            mail: { [outward] mail in
                await pulse.waiting(mail.totalTimeout) { await outward.mail(mail) }
            },
            program: { call in
                await pulse.waiting(call.timeLimit) { await ParcelHTTP.run(call) }
            },
            journal: { line in around.log.tell(line, through: channel) })
    }
}

extension Logger {
    /// An alert's line is never a repetition.
    fileprivate func tell(_ line: JournalLine, through channel: String) {
        log(
            level: line.priority <= 3 ? .error : line.priority == 4 ? .warning : .notice, "\(line.text)",
            metadata: ["channel": "\(channel)"], source: JournalLog.onceEach)
    }
}
