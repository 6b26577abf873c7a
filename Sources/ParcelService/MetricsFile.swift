// The figures as a file for the textfile collector of the node exporter: written whole under another name, then renamed,
// so that no half of it is ever collected.

import Glibc
import Logging
package import ParcelCore
import ParcelStore

package actor MetricsFile {
    private let path: String
    private let every: Duration
    private let source: MetricsSource
    private let around: Surroundings
    private var isFailing = false
    private var nextAt: Timestamp?

    package init(_ path: String, every: Duration, _ source: MetricsSource, _ around: Surroundings) {
        self.path = path
        self.every = every
        self.source = source
        self.around = around
    }

    package func tick(now: Timestamp) async -> Timestamp? {
        if let nextAt, now < nextAt, nextAt <= now + every { return nextAt }
        nextAt = now + every
        let source = source
        let text: String
        do throws(StoreError) {
            let families = try await around.mirror { store throws(StoreError) in try source.families(store, at: now) }
            text = exposition(families, as: .text)
        } catch { return told("\(error)") }
        return told(replaced(with: text))
    }

    /// - Returns: Why it could not be.
    private func replaced(with text: String) -> String? {
        // The collector reads only what ends with .prom.
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { return "\(draft): \(String(cString: strerror(errno)))" }
        // The collector is another user, whom the unit's umask would lock out.
        fchmod(file, 0o644)
        let bytes = Array(text.utf8)
        let written = write(file, bytes, bytes.count)
        let reason = String(cString: strerror(errno))
        close(file)
        guard written == bytes.count, rename(draft, path) == 0 else {
            unlink(draft)
            return "\(path): \(written < 0 ? reason : "not all of it could be written")"
        }
        return nil
    }

    /// Once when it begins to fail and once when it is over.
    private func told(_ problem: String?) -> Timestamp? {
        if let problem, !isFailing {
            around.log.error("the metrics file cannot be written", metadata: ["reason": "\(problem)"])
        } else if problem == nil, isFailing {
            around.log.notice("the metrics file can be written again")
        }
        isFailing = problem != nil
        return nextAt
    }
}
