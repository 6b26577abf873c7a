// Another configuration: what waits for a channel or a recipient that is gone is told all the same, once, and so is the end
// of what was told there before.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

private let monday = Timestamp(seconds: 1_507_528_800)  // 2017-10-09T06:00:00Z

/// Recipients before and after, the channels that answer before, and what is told after.
private let moves: [(before: [String], after: [String], isDown: Bool, told: [String])] = [
    // A channel renamed: what waits for it, and what it has not taken.
    (["anna: old"], ["anna: new"], true, ["new opened provider_down", "new opened authentication"]),
    // One of two dropped: the other one told all of it already.
    (["anna: old, chat"], ["anna: chat"], true, []),
    // One for two.
    (
        ["anna: old"], ["anna: a, b"], true,
        [
            "a opened provider_down", "a opened authentication", "b opened provider_down", "b opened authentication",
        ]
    ),
    // A recipient who is gone: whoever would be told now.
    (["anna: old"], ["boris: new"], true, ["new opened provider_down", "new opened authentication"]),
    // Of two one is gone, and the other one was told.
    (["anna: old", "boris: chat"], ["boris: chat"], true, []),
    // Dropped by one who keeps another, though the channel is still somebody's.
    (
        ["anna: old", "boris: chat"], ["anna: new", "boris: chat, old"], true,
        ["new opened provider_down", "new opened authentication"]
    ),
    // What arrived is not told again.
    (["anna: old"], ["anna: new"], false, ["new opened authentication"]),
    // Nothing changed.
    (["anna: old"], ["anna: old"], true, ["old opened provider_down", "old opened authentication"]),
]

@Test(arguments: moves)
func `what waits for a channel or recipient that is gone is told to those that there are, once`(
    before: [String], after: [String], isDown: Bool, told: [String]
) async throws {
    let bureau = try Bureau(monday)
    let first = try bureau.around(try before.map { try Bureau.recipient($0) })
    bureau.status.withLock { $0 = { $0.channel == "old" && isDown ? 503 : 200 } }
    func tick(_ around: Surroundings, _ now: Timestamp) async throws {
        bureau.clock.set(now)
        for name in Set(around.recipients.flatMap(\.channels)).sorted() {
            _ = await (try bureau.dispatcher(name, around)).tick(now: now)
        }
    }
    // One is written down for the channel and perhaps not taken, the other one only waits.
    try bureau.open(.providerDown, "litemf", first, at: monday)
    try await tick(first, monday)
    try bureau.open(.authentication, "shiptor", first, at: monday + .minutes(1))
    if before.joined().contains("chat") {
        _ = await (try bureau.dispatcher("chat", first)).tick(now: monday + .minutes(1))
    }
    // Started again with another configuration, by somebody who mended the channel.
    bureau.status.withLock { $0 = { _ in 200 } }
    bureau.posts.withLock { $0.removeAll() }
    let later = monday + .hours(2)
    bureau.clock.set(later)
    let second = try bureau.around(try after.map { try Bureau.recipient($0) })
    for _ in 0..<2 { try second.handOn(on: bureau.store) }
    for _ in 0..<2 { try await tick(second, later) }
    #expect(bureau.told.sorted() == told.sorted())
    #expect(try bureau.store.counts().waitingRows == 0)
    #expect(try bureau.store.messages().allSatisfy { $0.deliveredAt != nil })

    // The end of it is told to whoever was told of it, before or after.
    bureau.posts.withLock { $0.removeAll() }
    let end = later + .hours(1)
    for provider: ProviderID in ["litemf", "shiptor"] { try bureau.close(provider, second, at: end) }
    try await tick(second, end)
    let ways = Set(second.recipients.flatMap(\.channels)).subtracting(
        after == ["anna: new", "boris: chat, old"] ? ["old"] : [])
    #expect(
        bureau.told.sorted() == ways.flatMap { ["\($0) closed provider_down", "\($0) closed authentication"] }.sorted())
}

@Test func `what is handed on waits for its recipient's hours`() async throws {
    let bureau = try Bureau(monday)
    let first = try bureau.around([try Bureau.recipient("anna: old")])
    try bureau.open(.providerDown, "litemf", first, at: monday)
    let second = try bureau.around([try Bureau.recipient("anna: new", hours: 9..<18)])
    try second.handOn(on: bureau.store)
    #expect(try bureau.store.nextDelivery("new") == monday + .hours(3))
    #expect(try bureau.store.nextDelivery("old") == nil)
}

@Test func `a channel that is not configured any more refuses nothing`() async throws {
    let bureau = try Bureau(monday)
    let first = try bureau.around([try Bureau.recipient("anna: old, chat")])
    bureau.status.withLock { $0 = { $0.channel == "old" ? 403 : 200 } }
    try bureau.open(.providerDown, "litemf", first, at: monday)
    _ = await (try bureau.dispatcher("old", first)).tick(now: monday)
    _ = await bureau.evaluator(first).tick(now: monday)
    func refused() throws -> [Alert] {
        try bureau.store.alerts(at: monday + .hours(9), includingClosed: true).filter { $0.kind == .channelRefused }
    }
    #expect(try refused().map(\.isOpen) == [true])
    // Whether or not anything was handed on yet.
    let second = try bureau.around([try Bureau.recipient("anna: chat")])
    _ = await bureau.evaluator(second).tick(now: monday + .hours(1))
    #expect(try refused().map(\.isOpen) == [false])
    #expect(try refused().first?.facts.cause == .recomputed)
}

@Test func `a summary that was told on a channel that is gone is not told again on another`() async throws {
    let bureau = try Bureau(monday)
    var health = ProviderHealth(provider: "shiptor")
    health.firstPassAt = monday - .days(20)
    health.lastSuccessAt = monday
    var decision = Decision(at: monday)
    decision.health = [health]
    try bureau.store.commit(decision)
    func weekly(_ text: String) throws -> Surroundings {
        var recipient = try Bureau.recipient(text)
        recipient.wantsWeeklySummary = true
        return try bureau.around([recipient])
    }
    let first = try weekly("anna: old")
    _ = await (try bureau.dispatcher("old", first, kind: "telegram")).tick(now: monday)
    #expect(bureau.posts.withLock { $0.count } == 1)
    let second = try weekly("anna: new")
    try second.handOn(on: bureau.store)
    _ = await (try bureau.dispatcher("new", second, kind: "telegram")).tick(now: monday + .hours(1))
    #expect(bureau.posts.withLock { $0.count } == 1)

    // One that was not taken is made anew for the channel that there is.
    let next = monday + .days(7)
    bureau.clock.set(next)
    bureau.status.withLock { $0 = { _ in 503 } }
    _ = await (try bureau.dispatcher("new", second, kind: "telegram")).tick(now: next)
    bureau.status.withLock { $0 = { _ in 200 } }
    let third = try weekly("anna: newest")
    try third.handOn(on: bureau.store)
    for _ in 0..<2 { _ = await (try bureau.dispatcher("newest", third, kind: "telegram")).tick(now: next + .hours(1)) }
    #expect(bureau.posts.withLock { $0.map(\.channel) } == ["old", "newest"])
}
