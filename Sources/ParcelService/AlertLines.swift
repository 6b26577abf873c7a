// A line in the journal for each change of an alert, once it is committed. Who did it is a person's name and stays out.

import Logging
import ParcelCore
import ParcelStore

extension Surroundings {
    func commit(_ decision: Decision, to store: Store) throws(StoreError) {
        try store.commit(decision)
        log(decision.families.flatMap(\.changes).map(\.change) + decision.alertChanges.map(\.change), in: store)
    }

    func log(_ changes: [AlertChange], in store: Store) {
        for change in changes {
            var metadata: Logger.Metadata = [
                "kind": "\(change.alert.kind.rawValue)", "level": "\(change.alert.level.rawValue)",
            ]
            if let number = change.alert.rowID ?? number(of: change.alert, in: store) {
                metadata["alert"] = "\(number)"
            }
            if change.alert.thing != nil { metadata["thing"] = "\(change.alert.facts.label)" }
            if let provider = change.alert.facts.provider { metadata["provider"] = "\(provider)" }
            log.notice("alert \(change.change.rawValue)", metadata: metadata, source: JournalLog.onceEach)
        }
    }

    /// A new one got its number only now.
    private func number(of alert: Alert, in store: Store) -> Int64? {
        let known = alert.thing.map { try? store.alerts(about: [$0]) } ?? (try? store.openServiceAlerts())
        return known?.last { $0.key == alert.key && $0.kind == alert.kind }?.rowID
    }
}
