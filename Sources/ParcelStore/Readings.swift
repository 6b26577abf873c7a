// Codes that come to mean something else: after an upgrade with other tables, or with other statuses of the user's.

import GRDB
import ParcelCore

extension Store {
    /// Where answers are read differently from before, the next one about each number counts as changed, whatever it says:
    /// so what is stored of its history is read anew. No asking is hastened for that.
    ///
    /// - Parameter signature: Of how answers are read now.
    package func save(reading signature: String) throws(StoreError) {
        guard try save(setting: "reading", signature) else { return }
        try writing { db in
            try db.execute(
                sql: "UPDATE views SET digest = 0 WHERE external_kind = 'track_number' AND provider <> ?",
                arguments: [ProviderID.user.description])
        }
    }
}
