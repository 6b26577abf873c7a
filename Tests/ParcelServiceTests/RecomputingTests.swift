// A calendar that was corrected: what was told is neither repeated nor silently withdrawn.

import Foundation
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

/// Noon in Shanghai.
private func noon(_ date: String) throws -> Timestamp { try #require(ISO8601(date + "T12:00:00+08:00").instant) }

@Test func `a corrected calendar withdraws what was told by saying so, and a start with the same one says nothing`()
    async throws
{
    let bureau = try Bureau(try noon("2026-11-02"))
    bureau.answer.withLock { $0 = { _ in HTTPResponse(status: 200, body: []) } }
    let anna = try Bureau.recipient("anna: office")
    let shop = Lister(id: "otcommerce")
    shop.rows.withLock { $0 = ["items": [line("1907-1", "a")]] }
    /// A daemon that starts with this calendar.
    func start(_ china: WorkCalendar?, polls: Bool = false, at date: String) async throws {
        let now = try noon(date)
        bureau.clock.set(now)
        let around = try bureau.around([anna], china: china)
        if polls { _ = await Poller(shop, around, routing: Routing(providers: [])).tick(now: now) }
        let calendars = [try china ?? #require(BuiltinCalendars.all()["cn"])]
        _ = await bureau.evaluator(around, providers: ["otcommerce"], calendars: calendars).tick(now: now)
        _ = await (try bureau.dispatcher("office", around)).tick(now: now)
    }
    // Monday to Friday are four working days.
    try await start(nil, polls: true, at: "2026-11-02")
    try await start(nil, polls: true, at: "2026-11-06")
    #expect(bureau.told == ["office opened stall"])
    let corrected = try WorkCalendar(id: "cn", csv: Array("# coverage: 2026..2026\n2026-11-05,off,节\n".utf8))
    for _ in 0..<2 { try await start(corrected, at: "2026-11-06") }
    #expect(bureau.told == ["office opened stall", "office closed stall"])
    #expect(try bureau.store.alerts(at: bureau.clock.now(), includingClosed: true).first?.facts.cause == .recomputed)
    // It was right before: the same matter again.
    for _ in 0..<2 { try await start(nil, at: "2026-11-06") }
    #expect(bureau.told == ["office opened stall", "office closed stall", "office reopened stall"])
    #expect(try bureau.store.alerts(at: bureau.clock.now(), includingClosed: true).count == 1)
}
