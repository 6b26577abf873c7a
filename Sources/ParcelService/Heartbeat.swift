// A sign of life for whoever watches from outside (healthchecks and the like): an address that is called after a pass that
// went well, at most once a minute. When it stays out, parceld is dead or no provider answers.

import Logging
package import ParcelCore
import ParcelStore

package actor Heartbeat {
    private static let interval = Duration.minutes(1)

    /// Whoever knows it can call it too: it is in no log.
    private let url: String
    private let around: Surroundings
    /// The success that was told last.
    private var told: Timestamp?
    private var calledAt: Timestamp?
    private var isFailing = false

    package init(url: String, _ around: Surroundings) {
        self.url = url
        self.around = around
    }

    /// - Returns: When a call is due that had to wait; nil where there is nothing to tell.
    package func tick(now: Timestamp) async -> Timestamp? {
        let health: [ProviderHealth]
        do throws(StoreError) {
            health = try await around.mirror { store throws(StoreError) in try store.health() }
        } catch {
            // The stages that write say so; no sign of life is the right one then.
            return now + Heartbeat.interval
        }
        guard let success = health.compactMap(\.lastSuccessAt).max(), success != told else { return nil }
        if let calledAt, calledAt <= now, now - calledAt < Heartbeat.interval { return calledAt + Heartbeat.interval }
        told = success
        calledAt = now
        await call()
        return nil
    }

    private func call() async {
        let reason: String?
        switch await around.send(HTTPRequest(.get, url, label: "heartbeat")) {
        case .success(let response):
            reason = (200..<300).contains(response.status) ? nil : "status \(response.status)"
        case .failure(let error): reason = "\(error)"
        }
        if let reason, !isFailing {
            around.log.error("the heartbeat cannot be sent", metadata: ["error": "\(reason)"])
        } else if reason == nil, isFailing {
            around.log.notice("the heartbeat can be sent again")
        }
        isFailing = reason != nil
    }
}
