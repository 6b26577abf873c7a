// After a start with another configuration nobody waits for ever: what was to be told on ways that are gone is told on those
// that there are.

import Logging
import ParcelCore
package import ParcelStore

extension Surroundings {
    /// What waits on ways that the configuration no longer has goes on those that it has. At every start, and after every
    /// change of the configuration, before any stage runs.
    package func handOn(on store: Store) throws(StoreError) {
        let now = clock.now()
        let handed = try store.handOn(
            ways: recipients.flatMap(\.ways), instead: { waysInstead(of: $0, for: $1, among: recipients) },
            due: { way, alert, change in
                let step = AlertChange(alert: alert, change: change, at: now, cause: .recomputed)
                return recipients.first { $0.name == way.recipient }?.due(step, from: now) ?? now
            })
        for gone in handed {
            log.notice(
                "what waited for a channel or recipient that is gone is told to those that there are",
                metadata: [
                    "recipient": "\(gone.way.recipient)", "channel": "\(gone.way.channel)",
                    "waiting": "\(gone.waiting)",
                ])
        }
    }
}
