import ParcelCore
import Testing

@testable import ParcelService

/// A watchdog in time that a test moves, and how often it fed.
private final class Kennel: Sendable {
    let time = Locked(Duration.zero)
    let fed = Locked(0)
    let watchdog: Watchdog

    init() {
        let (time, fed) = (time, fed)
        watchdog = Watchdog {
            time.withLock { $0 }
        } feed: {
            fed.withLock { $0 += 1 }
        }
    }

    /// How often it is fed when somebody wakes up each half minute for so long.
    func feedings(over duration: Duration, _ each: () -> Void = {}) -> Int {
        let before = fed.withLock { $0 }
        let end = time.withLock { $0 } + duration
        while time.withLock({ $0 }) < end {
            time.withLock { $0 += .seconds(30) }
            each()
            watchdog.note()
        }
        return fed.withLock { $0 } - before
    }
}

@Test func `a service with nothing to do is fed at every wake-up`() {
    let kennel = Kennel()
    #expect(kennel.feedings(over: .hours(1)) == 120)
}

@Test func `a pass that never returns is fed for as long as it may wait and then not any more, whatever others do`()
    async
{
    let kennel = Kennel()
    let (stuck, busy) = (kennel.watchdog.pulse(), kennel.watchdog.pulse())
    stuck.begin()
    await stuck.waiting(.seconds(60)) {
        #expect(kennel.feedings(over: .minutes(2)) == 4)
        #expect(kennel.feedings(over: .hours(1)) { busy.begin() } == 0)
    }
    // It was only slow.
    #expect(kennel.feedings(over: .minutes(1)) { busy.rest() } == 2)
    stuck.rest()
    #expect(kennel.feedings(over: .minutes(10)) == 20)
}

@Test func `a pass of hours is fed as long as it gets on, also with one slow request beside quick ones`() async {
    let kennel = Kennel()
    let pulse = kennel.watchdog.pulse()
    pulse.begin()
    #expect(kennel.feedings(over: .hours(3)) { pulse.begin() } == 360)
    await pulse.waiting(.minutes(5)) {
        await pulse.waiting(.seconds(5)) {}
        #expect(kennel.feedings(over: .minutes(6)) == 12)
        #expect(kennel.feedings(over: .minutes(6)) == 0)
    }
}

@Test func `what a person asks of a lane at rest is no pass that could be stuck`() async {
    let kennel = Kennel()
    await kennel.watchdog.pulse().waiting(.seconds(1)) {}
    #expect(kennel.feedings(over: .hours(1)) == 120)
}

@Test func `it is fed ten times a second at most`() {
    let kennel = Kennel()
    kennel.time.withLock { $0 += .seconds(1) }
    for _ in 0..<100 { kennel.watchdog.note() }
    #expect(kennel.fed.withLock { $0 } == 1)
}

/// Time goes on at once to whatever is waited for, so many times; then it ends.
private final class WaitingClock: ServiceClock {
    let kennel: Kennel
    let waits = Locked(0)
    let limit: Int
    let onLimit = Bell()
    private let held = Bell()

    init(_ kennel: Kennel, limit: Int) { (self.kennel, self.limit) = (kennel, limit) }

    var runsLanesTogether: Bool { true }
    func now() -> Timestamp { Timestamp(milliseconds: kennel.time.withLock { $0 }.milliseconds) }
    func sinceBoot() -> Duration? { nil }
    func interrupt() { held.ring() }
    func pause(until instant: Timestamp) async {}

    func wait(until instant: Timestamp?) async {
        guard let instant else { return await held.wait() }
        let count = waits.withLock { waits in
            waits += 1
            return waits
        }
        guard count < limit else {
            onLimit.ring()
            return await held.wait()
        }
        kennel.time.withLock { $0 = .milliseconds(instant.milliseconds) }
    }
}

@Test func `while one lane hangs the others work and nothing is fed; once it returns it is again`() async {
    let kennel = Kennel()
    let (clock, hang) = (WaitingClock(kennel, limit: 200), Bell())
    let ticks = Locked(0)
    let scheduler = Scheduler(
        [
            Lane("hangs", followsOthers: false, pulse: kennel.watchdog.pulse()) { _ in
                await hang.wait()
                return nil
            },
            Lane("works", followsOthers: false, pulse: kennel.watchdog.pulse()) { now in
                ticks.withLock { $0 += 1 }
                return now + .seconds(30)
            },
        ], clock: clock, onWake: { kennel.watchdog.note() }, onEnd: { kennel.watchdog.note() })
    let work = Task { await scheduler.run() }
    await clock.onLimit.wait()
    let fed = kennel.fed.withLock { $0 }
    // 200 wake-ups in 100 minutes; those of its first minute and a half at most fed.
    #expect(fed <= 4, "\(fed)")
    #expect(ticks.withLock { $0 } == 200)
    hang.ring()
    await scheduler.stop()
    await work.value
    kennel.time.withLock { $0 += .seconds(30) }
    kennel.watchdog.note()
    #expect(kennel.fed.withLock { $0 } > fed)
}
