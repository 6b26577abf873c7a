// Copies a database while others read and write it, page by page through SQLite: what the copy holds is one moment of it.

import Foundation
import GRDB

/// How hard a copy works. Rests let others at the disk and the processor.
package enum Pace: Sendable { case gentle, hurried }

/// Pages a step: 1 MiB.
private let step: CInt = 256
/// Steps after which what was written is brought to the disk: so that no commit of others waits for hundreds of megabytes.
private let stepsBetweenSyncs = 8

/// - Parameters:
///   - source: A connection that reads. Its transaction lasts as long as the copy, so that commits of others do not make it
///     begin anew; writers are not held up by it.
///   - progress: Called with the part that is done, 0 to 1.
func copy(
    _ source: DatabaseQueue, into draft: Draft, _ pace: Pace, compacting: Bool = false,
    progress: (Double) -> Void
) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let copy = try DatabaseQueue(path: draft.path, configuration: configuration)
    try source.read { from in
        // The transaction begins with the first row that is read.
        _ = try Int.fetchOne(from, sql: "SELECT count(*) FROM sqlite_master")
        try copy.writeWithoutTransaction { to in
            // One sync at the end counts: before that the file has no name that anybody knows.
            try to.execute(sql: "PRAGMA synchronous = OFF")
            var (steps, began) = (0, DispatchTime.now())
            try withoutActuallyEscaping(progress) { progress in
                try from.backup(to: to, pagesPerStep: step) { state in
                    steps += 1
                    if steps.isMultiple(of: stepsBetweenSyncs) { try draft.sync() }
                    progress(Double(state.completedPageCount) / Double(max(1, state.totalPageCount)))
                    let took = DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds
                    if pace == .gentle, !state.isCompleted { usleep(useconds_t(min(took / 1000, 200_000))) }
                    began = .now()
                }
            }
            // A file of its own, without a log beside it: it can be read anywhere, also by who may not write there.
            _ = try String.fetchOne(to, sql: "PRAGMA journal_mode = DELETE")
            if compacting {
                try to.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
                try to.execute(sql: "VACUUM")
            }
        }
    }
    try copy.close()
}
