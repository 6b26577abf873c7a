// What could not be read of single things is told in the journal once, when it begins: provider, thing, field.

import Logging
import ParcelCore
import ParcelStore

extension Poller {
    /// Those that go on are shown by `parcelctl` and told by alerts.
    func logTroubles(_ answers: [Answer]) {
        for answer in answers {
            var present: [String: String] = [:]
            for (thing, reason) in answer.troubles { present[thing] = reason }
            for due in answer.dues {
                if let thing = due.subject?.key, present[thing] == nil { troubles[thing] = nil }
            }
            for (thing, reason) in present.sorted(by: { $0.key < $1.key }) where troubles[thing] != reason {
                troubles[thing] = reason
                around.log.notice(
                    "an answer about a thing cannot be used",
                    metadata: ["provider": "\(provider.id)", "thing": "\(thing)", "error": "\(reason)"])
            }
        }
    }
}

extension Poller.Answer {
    /// Things of which it says nothing, and why; none where the provider as a whole failed.
    fileprivate var troubles: [(thing: String, reason: String)] {
        switch result {
        case .failure(let error):
            error.isProviderWide
                ? [] : dues.map { ($0.subject?.key ?? "the list \($0.scheduled.ask.kind)", error.reason) }
        case .success(let report): report.rejected.map { ($0.id?.key ?? "a row without an id", $0.field) }
        }
    }
}
