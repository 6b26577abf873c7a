// The host's clock. Sleeps are cut at ten minutes so that a corrected wall clock is noticed soon.

import Glibc
package import ParcelCore

package struct HostClock: ServiceClock {
    private static let longestSleep = Duration.minutes(10)
    private let bell = Bell()

    package init() {}

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
        let left = instant.map { $0 - now() } ?? HostClock.longestSleep
        guard left > .zero else { return }
        let bell = bell
        let alarm = Task {
            try? await Task.sleep(for: min(left, HostClock.longestSleep))
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
