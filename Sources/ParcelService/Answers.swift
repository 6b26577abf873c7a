// Hears what people answer in Telegram: [getUpdates] -> update -> deed -> [commit deed + place in the updates] -> [say so].
// The place is committed with the deed, so an update that comes again, after a crash or by Telegram's own doing, is known;
// and a deed done twice changes nothing. One listener a bot, which disturbs no message: it has its own requests, and after
// a failure waits longer and longer.

import Logging
package import ParcelChannels
package import ParcelCore
import ParcelStore

/// The chats of one bot: Telegram gives each update to one listener only.
package actor Answers {
    package typealias Send = @Sendable (HTTPRequest) async -> Result<HTTPResponse, TransportError>

    /// How long Telegram may keep a request while nothing comes, in seconds.
    package static let patience = 25
    /// After a week without updates their numbers start anew, somewhere.
    private static let placeLife = Duration.days(6)

    /// Who says something, and where.
    private struct Heard {
        var update: TelegramUpdate
        var chat: Telegram
        var reader: Reader
    }

    private let chats: [Telegram]
    /// Asks for the updates of all.
    private let bot: Telegram
    private let around: Surroundings
    private let listen: Send
    private var request: Task<Result<HTTPResponse, TransportError>, Never>?
    private var isStopped = false
    private var failures = 0
    private var retryAt: Timestamp?
    /// The last simulated instant at which it listened.
    private var askedAt: Timestamp?
    /// The same until something was done: so nobody else is woken because nothing came.
    private var idleAt: Timestamp?
    private var strangers = (count: 0, toldAt: Timestamp?.none)

    /// - Parameters:
    ///   - bot: One of its chats; `others` are the rest.
    ///   - listen: Sends a request that may be answered only after `patience`.
    package init(_ bot: Telegram, with others: [Telegram] = [], _ around: Surroundings, listen: @escaping Send) {
        chats = [bot] + others
        self.bot = bot
        self.around = around
        self.listen = listen
    }

    /// Ends the request in hand; nothing is lost by it.
    package func stop() {
        isStopped = true
        request?.cancel()
    }

    /// - Returns: When to listen again.
    package func tick(now: Timestamp) async -> Timestamp? {
        guard !isStopped else { return nil }
        if let retryAt, now < retryAt { return retryAt }
        retryAt = nil
        if !around.clock.runsLanesTogether {
            // Simulated time stands still while somebody waits, and is not to stop for this alone: whenever something else
            // is done, and once at an instant.
            guard askedAt != now else { return nil }
            askedAt = now
        }
        do throws(StoreError) {
            let (bot, mirror) = (bot, around.mirror)
            let place = Place(
                try await mirror.patiently { store throws(StoreError) in try store.setting(bot.offsetSetting) })
            let from = place.flatMap { now - $0.keptAt < Self.placeLife ? $0.next : nil }
            let answer = await ask(from: from)
            guard !isStopped else { return nil }
            switch answer {
            case .failure(let error): return failed("\(error)", nil)
            case .success(let response):
                if case .failed(let reason, let delay) = bot.updates(in: response) { return failed(reason, delay) }
                if failures > 0 { around.log.notice("answers are heard again", metadata: metadata) }
                failures = 0
                let fresh = heard(in: response).filter { $0.update.id >= from ?? .min }
                for heard in fresh where !isStopped { try await take(heard) }
                return next(after: now, isIdle: fresh.isEmpty)
            }
        } catch {
            around.log.error(
                "answers cannot be written down", metadata: ["channel": "\(bot.name)", "error": "\(error)"])
            return now + .minutes(1)
        }
    }

    private var metadata: Logger.Metadata { ["channel": "\(bot.name)"] }

    private func ask(from offset: Int64?) async -> Result<HTTPResponse, TransportError> {
        // Stopped while the place was read.
        guard !isStopped else { return .failure(.cancelled) }
        let waiting = around.clock.runsLanesTogether ? Self.patience : 0
        let (listen, asked) = (listen, bot.updatesRequest(from: offset, waiting: waiting))
        let task = Task { await listen(asked) }
        request = task
        defer { request = nil }
        return await task.value
    }

    /// Each update with the chat that it comes from; with the first where it comes from none of ours.
    private func heard(in response: HTTPResponse) -> [Heard] {
        var all: [Heard] = []
        for chat in chats {
            guard case .received(let updates) = chat.updates(in: response) else { continue }
            let reader = around.reader(of: around.recipients.first { $0.channels.contains(chat.name) })
            let own = updates.map { Heard(update: $0, chat: chat, reader: reader) }
            all = all.isEmpty ? own : zip(all, own).map { $0.update.isAllowed ? $0 : $1.update.isAllowed ? $1 : $0 }
        }
        return all
    }

    private func failed(_ reason: String, _ delay: Duration?) -> Timestamp? {
        failures += 1
        if failures == 1 {
            around.log.warning(
                "answers cannot be heard", metadata: ["channel": "\(bot.name)", "error": "\(reason)"])
        }
        retryAt = around.clock.now() + max(delay ?? .zero, min(redeliveryDelay(attempts: failures), .minutes(10)))
        return retryAt
    }

    private func next(after asked: Timestamp, isIdle: Bool) -> Timestamp? {
        let now = around.clock.now()
        guard around.clock.runsLanesTogether else { return isIdle ? nil : now }
        // Who answers at once with nothing is asked no more often than that.
        if isIdle, now - asked < .seconds(1) { return now + .seconds(2) }
        let again = isIdle ? idleAt ?? now : now
        idleAt = again
        return again
    }

    // MARK: One update

    private func take(_ heard: Heard) async throws(StoreError) {
        let (update, chat, reader) = (heard.update, heard.chat, heard.reader)
        let now = around.clock.now()
        let place = [chat.offsetSetting: Place(next: update.id + 1, keptAt: now).stored]
        guard update.isAllowed, let user = update.user else {
            if let user = update.user { stranger(user, now) }
            return try await keep(place)
        }
        switch update.event {
        case nil: try await keep(place)
        case .press(.acknowledge(let id)?, let query):
            let (alert, isNew) = try await act(.acknowledge, on: id, user, place, now)
            await say(chat.answer(to: query, takenText(alert, isNew: isNew, reader)))
        case .press(.snooze(let id, let days)?, let query):
            guard let end = around.rules.peopleDays.due(from: .instant(now), after: days)?.instant else {
                return try await keep(place)
            }
            let (alert, _) = try await act(.snooze(until: end), on: id, user, place, now)
            await say(chat.answer(to: query, snoozedText(alert, reader)))
        case .press(let press?, let query): try await show(press, query, heard, place)
        case .press(nil, let query):
            try await keep(place)
            await say(chat.answer(to: query, oldButtonText(reader)))
        case .command(let command, let argument):
            if let pieces = try await reply(to: command, argument, reader, now) {
                await say(chat.reply(pieces, reader.language))
            }
            try await keep(place)
        }
    }

    private func keep(_ settings: [String: String]) async throws(StoreError) {
        try await around.mirror.patiently { store throws(StoreError) in
            for (key, value) in settings { _ = try store.save(setting: key, value) }
        }
    }

    /// - Returns: The alert as it is then, and whether the deed changed it.
    private func act(
        _ deed: Deed, on id: Int64, _ user: TelegramUser, _ place: [String: String], _ now: Timestamp
    ) async throws(StoreError) -> (Alert?, Bool) {
        let around = around
        let isNew = try await around.mirror.patiently { store throws(StoreError) in
            let alerts = try store.alert(id).map { [$0] } ?? []
            let result = try store.act(deed, on: alerts, by: user.who, at: now, settings: place) {
                around.decided($0, at: now, settledAt: nil)
            }
            if case .success(let done) = result {
                around.log(done.changes, in: store)
                return !done.changes.isEmpty
            }
            // Refused: nothing was committed.
            for (key, value) in place { _ = try store.save(setting: key, value) }
            return false
        }
        return (try await around.mirror { store throws(StoreError) in try store.alert(id) }, isNew)
    }

    /// What only tells. A crash between repeats it.
    private func show(
        _ press: TelegramPress, _ query: String, _ heard: Heard, _ place: [String: String]
    ) async throws(StoreError) {
        let (chat, reader, id) = (heard.chat, heard.reader, press.alert)
        guard let alert = try await around.mirror.patiently({ store throws(StoreError) in try store.alert(id) }) else {
            try await keep(place)
            return await say(chat.answer(to: query, oldButtonText(reader)))
        }
        let pieces =
            switch press {
            case .why: whyPieces(alert, around.rules, reader)
            case .letter: letter(about: alert, reader)
            case .open, .acknowledge, .snooze: alertPieces(alert, reader)
            }
        await say(chat.answer(to: query, ""))
        await say(chat.reply(pieces, reader.language))
        try await keep(place)
    }

    /// Ready to be passed on: to the contact of the stage, in the language that one reads.
    private func letter(about alert: Alert, _ reader: Reader) -> [TelegramPiece] {
        let (around, subject) = (around, LetterSubject(kind: alert.kind, facts: alert.facts))
        let found = letters(about: [subject], templates: Templates(around.templates.texts())) { language in
            language == .zh ? around.zones("Asia/Shanghai") ?? reader.zone : reader.zone
        }
        return found.map { TelegramPiece($0.text) }
    }

    private func stranger(_ user: TelegramUser, _ now: Timestamp) {
        strangers.count += 1
        if let told = strangers.toldAt, now - told < .minutes(10), now >= told { return }
        around.log.warning(
            "somebody who may not answer wrote to the bot",
            metadata: ["channel": "\(bot.name)", "user": "\(user.id)", "times": "\(strangers.count)"])
        strangers = (0, now)
    }

    /// Whoever does not get it asks again: it is not repeated.
    private func say(_ request: HTTPRequest) async {
        switch await around.send(request) {
        case .failure(let error):
            around.log.notice(
                "an answer was not taken", metadata: ["channel": "\(bot.name)", "error": "\(error)"])
        case .success(let response):
            // A press that is older than a quarter of an hour cannot be answered any more.
            switch bot.outcome(of: response) {
            case .accepted: break
            case .retry(_, let reason), .refused(let reason):
                around.log.notice(
                    "an answer was not taken", metadata: ["channel": "\(bot.name)", "error": "\(reason)"])
            }
        }
    }
}

/// How far updates are heard, and since when that is known.
private struct Place {
    var next: Int64
    var keptAt: Timestamp

    init(next: Int64, keptAt: Timestamp) {
        self.next = next
        self.keptAt = keptAt
    }

    init?(_ stored: String?) {
        let numbers = (stored ?? "").split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 2 else { return nil }
        self.init(next: numbers[0], keptAt: Timestamp(milliseconds: numbers[1]))
    }

    var stored: String { "\(next) \(keptAt.milliseconds)" }
}

// MARK: Commands

extension Answers {
    /// Nil for what is no command of ours: in a group it may be another bot's.
    private func reply(
        to command: String, _ argument: String, _ reader: Reader, _ now: Timestamp
    ) async throws(StoreError) -> [TelegramPiece]? {
        let rules = around.rules
        switch command {
        case "help", "start": return [TelegramPiece(helpText(reader))]
        case "stalled":
            return try await around.mirror.patiently { store throws(StoreError) in
                stalledPieces(try store.alerts(at: now, includingClosed: false), reader, at: now)
            }
        case "status":
            return try await around.mirror.patiently { store throws(StoreError) in
                let counts = try store.counts()
                let text = statusText(
                    watched: counts.watched, try store.health(),
                    open: try store.alerts(at: now, includingClosed: false),
                    waiting: counts.waitingRows + counts.waitingMessages, reader)
                return [TelegramPiece(text)]
            }
        case "show":
            return try await around.mirror.patiently { store throws(StoreError) in
                try found(argument, in: store, rules, reader, now)
            }
        default: return nil
        }
    }
}

/// What somebody asked for: a thing, or a number, which stands for what carries it.
private func found(
    _ text: String, in store: Store, _ rules: Rules, _ reader: Reader, _ now: Timestamp
) throws(StoreError) -> [TelegramPiece] {
    let meant = text.isEmpty ? [] : try store.find(text)
    let things = meant.filter { $0.kind != .trackNumber }
    guard things.count <= 1, let first = things.first ?? meant.first else {
        return [TelegramPiece(unknownThingText(text, things.map(\.kind), reader))]
    }
    let family = try store.family(of: [first.id])
    guard let named = family[first.id] else { return [TelegramPiece(unknownThingText(text, [], reader))] }
    let carriers = named.kind == .trackNumber ? family.carriers(of: named).map(\.thing) : []
    // Of several that carry one number the latest is on its way.
    let thing = carriers.max { ($0.isFinished ? 0 : 1, $0.id) < ($1.isFinished ? 0 : 1, $1.id) } ?? named
    let open = try store.alerts(about: [thing.id]).filter(\.isOpen)
    return showPieces(thing, in: family, open, rules, reader, at: now)
}
