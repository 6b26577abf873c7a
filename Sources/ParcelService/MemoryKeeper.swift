// A pass needs memory and touches most of the program's code, and then nobody needs either for minutes. What it leaves behind
// is given back to the machine before the daemon sleeps.

import CLinux
import Glibc

/// How much of this process is in memory, in bytes; 0 where the kernel does not say.
package func residentBytes() -> Int {
    // Two numbers of pages: of the address space, and of what is resident.
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    guard words.count > 1, let pages = Int(words[1]) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
}

package final class MemoryKeeper: Sendable {
    /// Less came back within one pass anyway.
    private static let worth = 4 << 20

    private let resident: @Sendable () -> Int
    private let giveBack: @Sendable () -> Void
    /// What was left the last time.
    private let floor = Locked(0)

    package init(
        resident: @escaping @Sendable () -> Int = residentBytes,
        giveBack: @escaping @Sendable () -> Void = { clinux_give_memory_back() }
    ) {
        self.resident = resident
        self.giveBack = giveBack
    }

    /// Before the daemon sleeps.
    package func note() {
        let now = resident()
        let isWorthIt = floor.withLock { floor in
            // What went by itself is not waited for again.
            floor = min(floor, now)
            return now >= floor + MemoryKeeper.worth
        }
        guard isWorthIt else { return }
        giveBack()
        let left = resident()
        floor.withLock { $0 = left }
    }
}
