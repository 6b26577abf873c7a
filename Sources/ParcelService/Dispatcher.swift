// Tells: due outbox rows -> message -> [send] -> outcome -> [commit]. One dispatcher a channel. A message is written
// down before it is sent and marked after it was taken: a crash between repeats it under the same key.

import Logging
package import ParcelChannels
package import ParcelCore
import ParcelStore

package actor Dispatcher {
    /// How long a forgetful channel is told once more that an alert is over.
    private static let closedRestated = Duration.minutes(15)

    private let channel: any Channel
    private let around: Surroundings
    private let ways: Ways
    /// Not stored: after a start everything is told again at once.
    private var restateAt: Timestamp?
    private var isRestating = true
    /// By recipient, what was told that could not be recorded.
    private var direct: [String: DirectTelling] = [:]

    package init(_ channel: any Channel, _ around: Surroundings, _ ways: Ways) {
        self.channel = channel
        self.around = around
        self.ways = ways
        around.mirror.alarm.add(self)
    }

    /// - Returns: When this channel has something to do next; nil where nothing waits.
    package func tick(now: Timestamp) async -> Timestamp? {
        let name = channel.name
        do throws(StoreError) {
            try await deliver(now)
            try await compose(now)
            try await deliver(now)
            let (isSummed, nextSummary) = try await sumUp(now)
            if isSummed { try await deliver(now) }
            let restated = try await restate(now)
            let next = try await around.mirror.patiently { store throws(StoreError) in try store.nextDelivery(name) }
            // What waits for the clock is due by it, and nobody knows for how long.
            if !around.watch.believes(around.clock) { return now + .minutes(1) }
            return [next, restated, nextSummary].compactMap(\.self).min()
        } catch {
            around.log.error("delivery stopped", metadata: ["channel": "\(name)", "error": "\(error)"])
            return now + .minutes(1)
        }
    }

    /// While the clock cannot be believed no window is known to be open, so everything waits but that it cannot, which is
    /// told at once.
    private func compose(_ now: Timestamp) async throws(StoreError) {
        let (channel, recipients, templates) = (channel, around.recipients, around.templates)
        let isClockBelieved = around.watch.believes(around.clock)
        try await around.mirror.patiently { store throws(StoreError) in
            let due = try store.dueRows(channel.name, at: isClockBelieved ? now : .distantFuture)
                .mapValues { rows in rows.filter { isClockBelieved || $0.kind == .clock } }
            for (recipient, rows) in due.sorted(by: { $0.key < $1.key }) where !rows.isEmpty {
                let items = ParcelCore.compose(rows)
                let key = dedupKey(channel.name, recipient, rows, now)
                let pasts = try store.pasts(of: items.map(\.alert), recipient: recipient, channel: channel.name)
                var message = message(items, to: recipient, recipients, key: key, pasts, now)
                message.templates = templates.texts()
                message.attachments = [digestTable(of: message)].compactMap(\.self)
                try store.createMessage(
                    for: recipient, channel: channel.name, dedupKey: key,
                    parts: items.isEmpty ? [] : channel.parts(of: message), rows: rows.compactMap(\.rowID), at: now)
            }
        }
    }

    /// While the clock cannot be believed no week has begun.
    private func sumUp(_ now: Timestamp) async throws(StoreError) -> (isAny: Bool, next: Timestamp?) {
        guard around.watch.believes(around.clock) else { return (false, nil) }
        let (channel, around) = (channel, around)
        return try await around.mirror.patiently { store throws(StoreError) in
            try store.sumUp(channel, around, at: now)
        }
    }

    /// Tells a forgetful channel again of the alerts that it was told of, as they are by now. Nothing is written down: it
    /// is said again soon anyway.
    private func restate(_ now: Timestamp) async throws(StoreError) -> Timestamp? {
        guard let every = channel.restatedEvery else { return nil }
        // A clock that was set back must not make anybody wait for the old time.
        if let restateAt, now < restateAt, restateAt - now <= every { return restateAt }
        let (name, since) = (channel.name, now - Dispatcher.closedRestated)
        let told = try await around.mirror.patiently { store throws(StoreError) in
            try store.toldAlerts(name, closedAfter: since)
        }
        for (recipient, alerts) in told.sorted(by: { $0.key < $1.key }) where !Task.isCancelled {
            let pasts = Dictionary(
                alerts.compactMap { alert in alert.rowID.map { ($0, AlertPast(openedAt: alert.openedAt)) } },
                uniquingKeysWith: { first, _ in first })
            let message = message(
                alerts.compactMap(MessageItem.init(of:)), to: recipient, around.recipients,
                key: "parceld-\(now.milliseconds)-\(name)", pasts, now)
            for (number, part) in channel.parts(of: message).enumerated() {
                let delivery = channel.delivery(of: part, number: number, dedupKey: message.dedupKey)
                logRestating(await ways.send(delivery, of: channel, at: around.clock.now()))
            }
        }
        restateAt = told.isEmpty ? nil : now + every
        return restateAt
    }

    /// Tells its people directly of what cannot be recorded, each of them once: in their hours, but without waiting for a
    /// digest, because meanwhile they are told of nothing else.
    func tell(_ trouble: Alert) async {
        let since = trouble.facts.failingSince ?? trouble.openedAt
        for recipient in audience(of: trouble, among: around.recipients) where recipient.channels.contains(channel.name)
        {
            let now = around.clock.now()
            var telling = direct[recipient.name] ?? DirectTelling(since: since)
            telling.begin(since)
            guard telling.nextAt <= now, recipient.window.next(from: now) <= now else { continue }
            // Others come here while this one waits for the channel's answer.
            telling.nextAt = .distantFuture
            direct[recipient.name] = telling
            let isAccepted = await sendDirectly(trouble, to: recipient, since, now)
            telling.end(isAccepted, again: channel.restatedEvery, at: around.clock.now())
            direct[recipient.name] = telling
        }
    }

    private func sendDirectly(
        _ trouble: Alert, to recipient: Recipient, _ since: Timestamp, _ now: Timestamp
    ) async -> Bool {
        let item = MessageItem(
            telling: .opened, kind: trouble.kind, alert: 0, level: trouble.level, isOverview: false,
            facts: trouble.facts, changedAt: since, rows: [])
        var print = Fingerprint()
        for part in [channel.name, recipient.name] { print.add(part) }
        let digits = String(UInt64(bitPattern: print.value), radix: 16)
        var message = message(
            [item], to: recipient.name, around.recipients,
            key: "parceld-\(trouble.kind.rawValue)-\(since.milliseconds)-\(digits)", [0: AlertPast(openedAt: since)],
            now)
        message.templates = around.templates.texts()
        for (number, part) in channel.parts(of: message).enumerated() {
            let delivery = channel.delivery(of: part, number: number, dedupKey: message.dedupKey)
            let outcome = await ways.send(delivery, of: channel, at: now)
            guard case .accepted = outcome else {
                log(outcome)
                return false
            }
        }
        around.log.notice(
            "told directly, because it cannot be recorded",
            metadata: ["channel": "\(channel.name)", "recipient": "\(recipient.name)"])
        return true
    }

    /// Once when it begins to fail and once when it is over: it is tried every minute.
    private func logRestating(_ outcome: DeliveryOutcome) {
        let problem: String?
        switch outcome {
        case .accepted: problem = nil
        case .retry(_, let reason), .refused(let reason): problem = reason
        }
        guard isRestating != (problem == nil) else { return }
        isRestating = problem == nil
        around.log.notice(
            isRestating ? "alerts are told again" : "alerts cannot be told again",
            metadata: ["channel": "\(channel.name)", "error": "\(problem ?? "")"])
    }

    private func deliver(_ now: Timestamp) async throws(StoreError) {
        let name = channel.name
        let due = try await around.mirror.patiently { store throws(StoreError) in try store.dueMessages(name, at: now) }
        for message in due where !isEnding { try await deliver(message) }
    }

    /// Nothing more is sent then, not even the rest of a message: its parts are known, and go on where they stopped.
    private var isEnding: Bool { Task.isCancelled || around.ending.hasBegun }

    private func deliver(_ message: StoredMessage) async throws(StoreError) {
        var message = message
        while message.partsDone < message.parts.count {
            guard !isEnding else { return }
            let outcome = await send(message.parts[message.partsDone], of: message)
            let now = around.clock.now()
            message.attempts += 1
            switch outcome {
            case .accepted(let reference):
                // A message begun before references were kept has fewer of them than parts done.
                while message.references.count < message.partsDone { message.references.append(nil) }
                message.references.append(reference)
                message.partsDone += 1
                message.lastError = nil
                message.refusedAt = nil
            case .retry(let delay, let reason):
                message.lastError = reason
                message.nextAttemptAt = now + (delay ?? redeliveryDelay(attempts: message.attempts))
            case .refused(let reason):
                // It waits: when the channel is mended nothing is lost.
                message.lastError = reason
                message.refusedAt = message.refusedAt ?? now
                message.nextAttemptAt = now + .hours(1)
            }
            if message.partsDone == message.parts.count { message.deliveredAt = now }
            let recorded = message
            // Recorded only now: a crash before this line repeats one message, the other order would lose it.
            try await around.mirror.patiently { store throws(StoreError) in try store.record(recorded) }
            guard case .accepted = outcome else { return log(outcome) }
        }
        if message.parts.isEmpty {
            message.deliveredAt = around.clock.now()
            let recorded = message
            try await around.mirror.patiently { store throws(StoreError) in try store.record(recorded) }
        }
    }

    private func send(_ part: String, of message: StoredMessage) async -> DeliveryOutcome {
        let delivery = channel.delivery(of: part, number: message.partsDone, dedupKey: message.dedupKey)
        let outcome = await ways.send(delivery, of: channel, at: around.clock.now())
        around.meters.told(channel.name, outcome.word)
        return outcome
    }

    private func log(_ outcome: DeliveryOutcome) {
        switch outcome {
        case .accepted: break
        case .retry(_, let reason):
            around.log.notice("message put off", metadata: ["channel": "\(channel.name)", "error": "\(reason)"])
        case .refused(let reason):
            around.log.error(
                "channel refuses messages", metadata: ["channel": "\(channel.name)", "error": "\(reason)"])
        }
    }
}

/// What one recipient was told directly of one episode.
private struct DirectTelling {
    /// So often at most, however often it comes and goes.
    private static let rest = Duration.hours(1)

    private var since: Timestamp
    private var attempts = 0
    private var toldAt: Timestamp?
    var nextAt: Timestamp

    init(since: Timestamp) {
        self.since = since
        nextAt = since
    }

    /// Another episode is told anew.
    mutating func begin(_ since: Timestamp) {
        guard self.since != since else { return }
        (self.since, attempts) = (since, 0)
        nextAt = toldAt.map { max(since, $0 + DirectTelling.rest) } ?? since
    }

    mutating func end(_ isAccepted: Bool, again: Duration?, at now: Timestamp) {
        attempts += 1
        if isAccepted { toldAt = now }
        nextAt = isAccepted ? again.map { now + $0 } ?? .distantFuture : now + redeliveryDelay(attempts: attempts)
    }
}

private func message(
    _ items: [MessageItem], to recipient: String, _ recipients: [Recipient], key: String, _ pasts: [Int64: AlertPast],
    _ now: Timestamp
) -> Message {
    let reader = recipients.first { $0.name == recipient }
    return Message(
        items: items, language: reader?.language ?? .ru, zone: reader?.zone ?? .utc, dedupKey: key, composedAt: now,
        pasts: pasts)
}

extension MessageItem {
    /// An alert as it is, told anew.
    fileprivate init?(of alert: Alert) {
        guard let id = alert.rowID else { return nil }
        self.init(
            telling: alert.closedAt == nil ? .opened : .closed, kind: alert.kind, alert: id, level: alert.level,
            isOverview: false, facts: alert.facts, changedAt: alert.closedAt ?? alert.openedAt, rows: [])
    }
}

/// The same rows composed at the same time have the same key, whatever else happens.
private func dedupKey(_ channel: String, _ recipient: String, _ rows: [OutboxRow], _ now: Timestamp) -> String {
    var print = Fingerprint()
    print.add(channel)
    print.add(recipient)
    for row in rows { print.add("\(row.rowID ?? 0)/\(row.createdAt.milliseconds)") }
    let digits = String(UInt64(bitPattern: print.value), radix: 16)
    return "parceld-\(now.milliseconds)-\(digits)"
}
