// What people do about alerts: who is meant, and the record of it, in one transaction.

package import ParcelCore

/// What a deed came to.
package struct DeedResult: Sendable {
    /// Those that it changed, as they are now.
    package var changes: [AlertChange] = []
    /// Those that were so already.
    package var unchanged: [Alert] = []
}

extension Store {
    /// Alerts that a person means: `#12` is one by its number, open or not; a thing's name all open ones about it.
    package func alerts(meantBy target: String) throws(StoreError) -> [Alert] {
        if target.hasPrefix("#") {
            guard let id = Int64(target.dropFirst()) else { return [] }
            return try alert(id).map { [$0] } ?? []
        }
        return try alerts(about: find(target).map(\.id)).filter(\.isOpen)
    }

    /// All of them, or none where one refuses.
    ///
    /// - Parameter settings: Stored with the deed, so that whoever asked for it knows that it was done.
    package func act(
        _ deed: Deed, on alerts: [Alert], by who: String, at now: Timestamp, settings: [String: String] = [:],
        _ decided: (AlertChange) -> DecidedChange
    ) throws(StoreError) -> Result<DeedResult, DeedRefusal> {
        var result = DeedResult()
        for alert in alerts {
            do throws(DeedRefusal) {
                if let change = try change(alert, by: deed, of: who, at: now) {
                    result.changes.append(change)
                } else {
                    result.unchanged.append(alert)
                }
            } catch { return .failure(error) }
        }
        var decision = Decision(at: now)
        decision.alertChanges = result.changes.map(decided)
        decision.settings = settings
        try commit(decision)
        return .success(result)
    }
}
