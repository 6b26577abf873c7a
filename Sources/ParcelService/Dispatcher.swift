// Tells: due outbox rows -> message -> [send] -> outcome -> [commit]. One dispatcher a channel. A message is written
// down before it is sent and marked after it was taken: a crash between repeats it under the same key.

import Logging
import ParcelChannels
package import ParcelCore
import ParcelStore

package actor Dispatcher {
    private let channel: any Channel
    private let around: Surroundings

    package init(_ channel: any Channel, _ around: Surroundings) {
        self.channel = channel
        self.around = around
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
            let next = try await around.mirror.patiently { store throws(StoreError) in try store.nextDelivery(name) }
            return [next, nextSummary].compactMap(\.self).min()
        } catch {
            around.log.error("delivery stopped: \(error)", metadata: ["channel": "\(name)"])
            return now + .minutes(1)
        }
    }

    private func compose(_ now: Timestamp) async throws(StoreError) {
        let (channel, recipients) = (channel, around.recipients)
        try await around.mirror.patiently { store throws(StoreError) in
            for (recipient, rows) in try store.dueRows(channel.name, at: now).sorted(by: { $0.key < $1.key }) {
                let reader = recipients.first { $0.name == recipient }
                let items = ParcelCore.compose(rows)
                let key = dedupKey(channel.name, recipient, rows, now)
                var message = Message(
                    items: items, language: reader?.language ?? .ru, zone: reader?.zone ?? .utc, dedupKey: key,
                    composedAt: now,
                    pasts: try store.pasts(of: items.map(\.alert), recipient: recipient, channel: channel.name))
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
        switch channel.delivery(of: part, number: message.partsDone, dedupKey: message.dedupKey) {
        case .journal(let lines):
            for line in lines {
                around.log.log(
                    level: line.priority <= 3 ? .error : line.priority == 4 ? .warning : .notice, "\(line.text)")
            }
            return .accepted()
        case .http(let request):
            switch await around.send(request) {
            case .success(let response): return channel.outcome(of: response)
            case .failure(let error): return .retry(after: nil, reason: "\(error)")
            }
        }
    }

    private func log(_ outcome: DeliveryOutcome) {
        switch outcome {
        case .accepted: break
        case .retry(_, let reason):
            around.log.notice("message put off", metadata: ["channel": "\(channel.name)", "reason": "\(reason)"])
        case .refused(let reason):
            around.log.error(
                "channel refuses messages", metadata: ["channel": "\(channel.name)", "reason": "\(reason)"])
        }
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
