import Foundation
import Logging
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

/// Keeps what is logged, as `message provider thing error`.
private struct Journal: LogHandler {
    let lines: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let named = ["provider", "thing", "error"].compactMap { name in event.metadata?[name].map { "\($0)" } }
        lines.withLock { $0.append(([event.message.description] + named).joined(separator: " | ")) }
    }
}

@Test func `what cannot be read of a number is in the journal once, with provider, thing and field`() async throws {
    let lines = Locked([String]())
    let desk = try Desk(
        Tracker(manners: Manners(requestsPerSecond: 100, parallel: 1)),
        log: Logger(label: "test") { _ in Journal(lines: lines) })
    try desk.add(2)
    func troubles() -> [String] { lines.withLock { $0.filter { $0.hasPrefix("an answer about a thing") } } }
    desk.status.withLock { $0 = 404 }
    _ = await desk.poller.tick(now: desk.clock.now())
    let once = [
        "an answer about a thing cannot be used | tracker | RB100000000CN | cannot read events[0].time",
        "an answer about a thing cannot be used | tracker | RB100000001CN | cannot read events[0].time",
    ]
    #expect(troubles() == once)
    // The same again says nothing new; after a good answer it does.
    desk.clock.set(desk.clock.now() + .days(1))
    _ = await desk.poller.tick(now: desk.clock.now())
    #expect(troubles() == once)
    for status in [200, 404] {
        desk.status.withLock { $0 = status }
        desk.clock.set(desk.clock.now() + .days(2))
        _ = await desk.poller.tick(now: desk.clock.now())
    }
    #expect(troubles() == once + once)
}
