// What is told while the host's clock cannot be believed: that it cannot, and nothing else.

import Foundation
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

private let monday = Timestamp(seconds: 1_507_528_800)  // 2017-10-09T06:00:00Z

@Test func `while the clock is not believed only that is told, at once, and all else when it is right again`()
    async throws
{
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: office", hours: 9..<18)])
    let (office, evaluator) = (try bureau.dispatcher("office", around), bureau.evaluator(around))
    _ = await evaluator.tick(now: monday)
    // Due at nine by a clock that is right.
    try bureau.open(.providerDown, "litemf", around, at: monday)
    #expect(await office.tick(now: monday) == monday + .hours(3))

    // Set back by five hours, in the middle of the night by its own word.
    let wrong = monday - .hours(5)
    bureau.clock.set(wrong)
    _ = await evaluator.tick(now: wrong)
    #expect(await office.tick(now: wrong) == wrong + .minutes(1))
    #expect(bureau.told == ["office opened clock"])
    // Whatever it says next: what is due by it is not due, and nobody is told twice.
    let later = monday - .hours(1)
    bureau.clock.set(later)
    try bureau.open(.authentication, "shiptor", around, at: wrong)
    #expect(await office.tick(now: later) == later + .minutes(1))
    #expect(bureau.told == ["office opened clock"])

    // A provider's answer agrees with it again.
    let right = monday + .hours(3)
    bureau.clock.set(right)
    let answer = HTTPResponse(
        status: 200, headers: [HTTPField("Date", "Mon, 09 Oct 2017 09:00:00 GMT")], body: [])
    #expect(around.watch.believes(bureau.clock, after: answer, from: "shiptor"))
    _ = await evaluator.tick(now: right)
    _ = await office.tick(now: right)
    // No provider is down as far as the evaluator knows: what waited came and went.
    #expect(
        bureau.told.sorted() == [
            "office closed clock", "office opened clock", "office was_silent authentication",
            "office was_silent provider_down",
        ])
}

@Test func `a message that is under way is sent on, whatever the clock says`() async throws {
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: office")])
    let office = try bureau.dispatcher("office", around)
    bureau.status.withLock { $0 = { _ in 503 } }
    try bureau.open(.providerDown, "litemf", around, at: monday)
    _ = await office.tick(now: monday)
    bureau.status.withLock { $0 = { _ in 200 } }
    let later = monday + .hours(2)
    bureau.clock.set(later)
    let stray = HTTPResponse(status: 200, headers: [HTTPField("Date", "Mon, 09 Oct 2017 06:00:00 GMT")], body: [])
    #expect(!around.watch.believes(bureau.clock, after: stray, from: "shiptor"))
    _ = await office.tick(now: later)
    #expect(bureau.told == ["office opened provider_down"])
}

@Test func `a channel that forgets is told on when the clock is set back`() async throws {
    let bureau = try Bureau(monday)
    let around = try bureau.around([try Bureau.recipient("anna: alarms")])
    let alarms = try bureau.dispatcher("alarms", around, kind: "alertmanager")
    try bureau.open(.providerDown, "litemf", around, at: monday)
    _ = await alarms.tick(now: monday)
    let before = bureau.posts.withLock { $0.count }
    let wrong = monday - .hours(5)
    bureau.clock.set(wrong)
    _ = await alarms.tick(now: wrong)
    #expect(bureau.posts.withLock { $0.count } == before + 1)
}
