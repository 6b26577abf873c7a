// The daemon's care for its file: a log that grows because somebody reads for hours is told and brought back, and what a
// person wants pruned goes in short steps between the passes.

import Logging
package import ParcelCore
import ParcelStore

package actor LogKeeper {
    private static let interval = Duration.minutes(1)

    private let around: Surroundings
    private let largest: Int
    private var isTold = false

    /// - Parameter largest: Bytes of a log with which nothing is wrong.
    package init(_ around: Surroundings, largest: Int = FileSizes.largestLog) {
        self.around = around
        self.largest = largest
    }

    /// - Returns: When to try again; nil while the log is small.
    package func tick(now: Timestamp) async -> Timestamp? {
        let largest = largest
        let (sizes, isEmpty): (FileSizes, Bool)
        do throws(StoreError) {
            (sizes, isEmpty) = try await around.mirror { store throws(StoreError) in
                let sizes = store.sizes
                return (sizes, sizes.log > largest ? try store.emptyLog() : true)
            }
        } catch {
            // The stages that write say so.
            return now + LogKeeper.interval
        }
        guard isEmpty else {
            if !isTold { await tell(sizes) }
            isTold = true
            return now + LogKeeper.interval
        }
        if isTold { around.log.notice("the database's log is small again") }
        isTold = false
        return nil
    }

    private func tell(_ sizes: FileSizes) async {
        let readers = (try? await around.mirror { store throws(StoreError) in store.readers }) ?? []
        around.log.warning(
            "the database's log grows because a program keeps a transaction open; end that program",
            metadata: growth(log: sizes.log, readers: readers))
    }
}

/// - Parameters:
///   - log: Its size in bytes.
///   - readers: None where it cannot be told who they are, as under systemd's ProcSubset=pid.
func growth(log: Int, readers: [Int32]) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["log_mib": "\(log >> 20)"]
    if !readers.isEmpty { metadata["processes"] = "\(readers.map(String.init).joined(separator: " "))" }
    return metadata
}

/// - Parameter days: How old is old.
func prune(olderThan days: String, _ around: Surroundings, at now: Timestamp) async -> JSONValue {
    guard let days = Int64(days), (1...36_500).contains(days) else {
        return refusal("\(days) is no number of days")
    }
    let before = now - .days(days)
    var pruned = Pruned()
    do throws(StoreError) {
        while true {
            let some = try await around.mirror { store throws(StoreError) in try store.pruneSome(before: before) }
            pruned = pruned + some
            if some.isNothing { break }
        }
    } catch { return refusal("\(error)") }
    around.log.notice(
        "a person had old texts pruned",
        metadata: ["messages": "\(pruned.messages)", "ledger_days": "\(pruned.ledgerDays)"])
    return .members([
        "messages": .integer(pruned.messages), "notifications": .integer(pruned.notifications),
        "ledgerDays": .integer(pruned.ledgerDays), "freed": .integer(pruned.freed),
    ])
}
