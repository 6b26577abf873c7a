// Marks earlier messages: alerts that changed -> the messages that told of them -> [edit] -> [commit how far]. Committed
// only afterwards: a crash between repeats edits, which changes nothing. It has nothing to do with what is still to be
// told, so trouble here delays no message.

import Logging
package import ParcelChannels
package import ParcelCore
import ParcelStore

package actor Marker {
    private let telegram: Telegram
    private let around: Surroundings
    private var failures = 0
    private var retryAt: Timestamp?
    /// What is edited already of the steps in hand, until all of them are.
    private var inHand: (upTo: Int64, done: Set<Int64>)?

    package init(_ telegram: Telegram, _ around: Surroundings) {
        self.telegram = telegram
        self.around = around
    }

    private var setting: String { "marked \(telegram.name)" }

    /// - Returns: When to try again; nil where nothing waits.
    package func tick(now: Timestamp) async -> Timestamp? {
        if let retryAt, now < retryAt { return retryAt }
        retryAt = nil
        do throws(StoreError) {
            while try await markNext(now) { if Task.isCancelled { break } }
        } catch {
            around.log.error(
                "earlier messages cannot be marked", metadata: ["channel": "\(telegram.name)", "error": "\(error)"])
            retryAt = now + .minutes(1)
        }
        return retryAt
    }

    /// - Returns: Whether there may be more.
    private func markNext(_ now: Timestamp) async throws(StoreError) -> Bool {
        let (telegram, setting, upTo) = (telegram, setting, inHand?.upTo ?? .max)
        let stale = try await around.mirror.patiently { store throws(StoreError) -> StaleMessages? in
            guard let step = try store.setting(setting).flatMap({ Int64($0) }) else {
                // What was told before this version could mark it stays as it is.
                _ = try store.save(setting: setting, "\(try store.lastChange())")
                return nil
            }
            return try store.staleMessages(telegram.name, after: step, upTo: upTo)
        }
        guard let stale else { return false }
        if inHand == nil { inHand = (stale.step, []) }
        for (id, message) in stale.messages.sorted(by: { $0.key < $1.key }) where inHand?.done.contains(id) == false {
            guard try await mark(message.parts, of: message.recipient, now) else { return false }
            inHand?.done.insert(id)
        }
        try await around.mirror.patiently { store throws(StoreError) in
            _ = try store.save(setting: setting, "\(stale.step)")
        }
        inHand = nil
        failures = 0
        return true
    }

    /// - Returns: Whether it is done, or never can be.
    private func mark(_ parts: [EarlierMessage.Part], of recipient: String, _ now: Timestamp) async throws(StoreError)
        -> Bool
    {
        let telegram = telegram
        let reader = around.reader(of: around.recipients.first { $0.name == recipient })
        for part in parts {
            let marks = try await around.mirror.patiently { store throws(StoreError) -> [Int64: TelegramMark] in
                var marks: [Int64: TelegramMark] = [:]
                for id in telegram.alerts(in: part.text) {
                    if let alert = try store.alert(id) { marks[id] = telegramMark(alert, reader, at: now) }
                }
                return marks
            }
            guard let request = telegram.edit(of: part, marks) else { continue }
            let outcome: TelegramEditOutcome
            switch await around.send(request) {
            case .success(let response): outcome = telegram.editOutcome(of: response)
            case .failure(let error): outcome = .retry(after: nil, reason: "\(error)")
            }
            switch outcome {
            case .done: break
            case .hopeless(let reason):
                around.log.notice(
                    "an earlier message cannot be marked",
                    metadata: ["channel": "\(telegram.name)", "error": "\(reason)"])
            case .retry(let delay, _):
                failures += 1
                retryAt = around.clock.now() + (delay ?? redeliveryDelay(attempts: failures))
                return false
            }
        }
        return true
    }
}

extension Surroundings {
    func reader(of recipient: Recipient?) -> Reader { Reader(recipient?.language ?? .ru, recipient?.zone ?? .utc) }
}
