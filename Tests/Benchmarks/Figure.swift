// One row of figures, and the clock that it is measured with.

import Glibc

struct Figure: Encodable {
    let group: String
    let name: String
    /// Of all runs: the least time, the highest speed.
    let best: Double
    let median: Double
    let unit: String
    /// How much was done.
    let about: String
}

/// CPU seconds of this process so far, user and system, all threads.
func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// CPU seconds of each run, the least first. The first of all runs, which warms caches, is left out.
func measured(runs: Int, _ body: () throws -> Void) rethrows -> [Double] {
    var times: [Double] = []
    for run in 0...runs {
        let before = cpuSeconds()
        try body()
        if run > 0 { times.append(cpuSeconds() - before) }
    }
    return times.sorted()
}

struct Trouble: Error, CustomStringConvertible {
    let description: String
}
