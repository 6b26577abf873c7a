// The host's clock. Sleeps are cut at ten minutes so that a corrected wall clock is noticed soon.

import Glibc
package import ParcelCore

package struct HostClock: ServiceClock {
    private let longestSleep: Duration
    private let bell = Bell()

    /// - Parameter longestSleep: Shorter where systemd's watchdog wants to hear of progress more often.
    package init(longestSleep: Duration = .minutes(10)) { self.longestSleep = longestSleep }

    package var runsLanesTogether: Bool { true }

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func sinceBoot() -> Duration? {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .milliseconds(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func wait(until instant: Timestamp?) async {
        let left = instant.map { $0 - now() } ?? longestSleep
        guard left > .zero else { return }
        let (bell, longest) = (bell, longestSleep)
        let alarm = Task {
            try? await Task.sleep(for: min(left, longest))
            // A cancelled alarm must not end the next wait.
            if !Task.isCancelled { bell.ring() }
        }
        await bell.wait()
        alarm.cancel()
    }

    package func interrupt() { bell.ring() }

    package func pause(until instant: Timestamp) async {
        let left = instant - now()
        guard left > .zero else { return }
        try? await Task.sleep(for: left)
    }
}
