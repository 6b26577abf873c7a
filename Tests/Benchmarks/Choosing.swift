// What it costs to choose what to ask: a provider follows many numbers, few of which are due.

import Foundation
import ParcelCore
import ParcelStore

/// One in so many is due.
private let share = 100
/// As 17TRACK's.
private let batchSize = 40

func choosing() throws -> [Figure] { try [100_000, 1_000_000].map(choosing) }

private func choosing(among followed: Int) throws -> Figure {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parcelbench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try Store.open(folder.appendingPathComponent("parceld.sqlite").path, .daemon)
    defer { try? store.close() }
    let now = Timestamp(seconds: 1_800_000_000)
    for start in stride(from: 0, to: followed, by: 50_000) {
        try follow(start..<min(followed, start + 50_000), in: store, at: now - .hours(5))
    }
    // The most that one pass takes.
    let chosen = min(followed / share, 64 * batchSize)
    let times = try measured(runs: 21) { try choose(chosen, from: store, now) }
    return Figure(
        group: "choosing what to ask, CPU ms (least, median)", name: "\(followed / share) of \(followed) due",
        best: times[0] * 1000, median: times[times.count / 2] * 1000, unit: "ms",
        about: "\((chosen + batchSize - 1) / batchSize) batches")
}

/// All were asked then, and one in a hundred is due again by now.
private func follow(_ numbers: Range<Int>, in store: Store, at then: Timestamp) throws {
    let asks = numbers.map { Ask("track", key: "LP\(1_000_000_000 + $0)") }
    var followed = FamilyDecision(before: Family(), after: Family())
    followed.wishes = asks.map { ask in
        AskWish(
            provider: "17track", subject: ExternalID(.trackNumber, ask.key),
            plans: [AskPlan(ask, every: .hours(8), longest: .hours(24), deadline: then + .days(3))],
            isHastened: false)
    }
    var decision = Decision(at: then, provider: "17track")
    decision.families = [followed]
    decision.outcomes = asks.enumerated().map { index, ask in
        let isDue = index % share == 0
        // As far apart as slots are.
        return AskOutcome(
            ask: ask, nextAt: then + .seconds(Int64(isDue ? 3600 : 21_600) + Int64(index % 240) * 30), error: nil)
    }
    try store.commit(decision)
}

/// As the poller does: what is due, in which conversations, and when it will have to look again.
private func choose(_ due: Int, from store: Store, _ now: Timestamp) throws {
    let dues = try store.dueAsks("17track", at: now, limit: 64 * batchSize, byValue: true)
    let batches = dues.batches { _ in batchSize }
    let next = try store.nextAskAt("17track", listsOnly: false)
    guard dues.count == due, batches.count == (due + batchSize - 1) / batchSize, next != nil else {
        throw Trouble(description: "\(dues.count) asks in \(batches.count) batches instead of \(due)")
    }
}
