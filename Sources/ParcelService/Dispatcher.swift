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

    package init(_ channel: any Channel, _ around: Surroundings, _ ways: Ways) {
        self.channel = channel
        self.around = around
        self.ways = ways
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
            return [next, restated, nextSummary].compactMap(\.self).min()
        } catch {
            around.log.error("delivery stopped", metadata: ["channel": "\(name)", "error": "\(error)"])
            return now + .minutes(1)
        }
    }

    private func compose(_ now: Timestamp) async throws(StoreError) {
        let (channel, recipients, templates) = (channel, around.recipients, around.templates)
        try await around.mirror.patiently { store throws(StoreError) in
            for (recipient, rows) in try store.dueRows(channel.name, at: now).sorted(by: { $0.key < $1.key }) {
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
        if let restateAt, now < restateAt { return restateAt }
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
        for message in due where !Task.isCancelled { try await deliver(message) }
    }

    private func deliver(_ message: StoredMessage) async throws(StoreError) {
        var message = message
        while message.partsDone < message.parts.count {
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
        return await ways.send(delivery, of: channel, at: around.clock.now())
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
