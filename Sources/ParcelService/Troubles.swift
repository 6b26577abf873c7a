// What could not be read of single things is told in the journal once, when it begins: provider, thing, field.

import Logging
import ParcelCore
import ParcelStore

extension Poller {
    /// Troubles of asks that went well until now; those that go on are shown by `parcelctl` and told by alerts.
    func logTroubles(_ answers: [Answer]) {
        for answer in answers {
            for due in answer.dues where due.scheduled.failures == 0 {
                guard let thing = due.subject, let reason = answer.trouble(about: thing) else { continue }
                around.log.notice(
                    "an answer about a thing cannot be used",
                    metadata: ["provider": "\(provider.id)", "thing": "\(thing.key)", "reason": "\(reason)"])
            }
        }
    }
}

extension Poller.Answer {
    /// Why it says nothing of that thing; nil where it does, or where the provider as a whole failed.
    fileprivate func trouble(about thing: ExternalID) -> String? {
        switch result {
        case .failure(let error): error.isProviderWide ? nil : error.reason
        case .success(let report): report.rejected.first { $0.id == thing }?.field
        }
    }
}
