// SIGHUP as a wish to read the configuration anew.

import UnixSignals

/// One element for each wish that came since the last was heard: those that come while one is being fulfilled are one more,
/// so that the last file wins and none is lost. From its return on SIGHUP ends nothing, also during start and stop.
func reloadWishes() async -> AsyncStream<Void> {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    let (wishes, source) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    Task { for await _ in signals { source.yield() } }
    return wishes
}
