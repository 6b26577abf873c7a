// What a provider or a list that is added later tells when it is read for the first time was so before: one overview tells
// of it. What it tells afterwards is news.

import Foundation
import ParcelCore
import Testing

@testable import ParcelService
@testable import ParcelStore

/// A provider whose lists say what a test wants, and who is asked about each thing by itself.
struct Lister: Provider {
    let id: ProviderID
    var names = ["items"]
    var asksByID = false
    let manners = Manners(requestsPerSecond: 1000, parallel: 1)
    let rows = Locked<[String: [Snapshot]]>([:])
    var zoneName: String? { nil }
    var lists: [AskPlan] { names.map { AskPlan(Ask($0), every: .hours(1)) } }

    func asks(about view: KnownView) -> [AskPlan] {
        asksByID ? [AskPlan(Ask("one", key: view.id.key), every: .hours(1))] : []
    }
    func ask(byID id: ExternalID) -> Ask? { nil }
    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        Talk(rows: rows.withLock { $0[ask.kind + ask.key] ?? [] })
    }

    private struct Talk: Conversation {
        let rows: [Snapshot]

        mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
            guard let answer else { return .send(HTTPRequest(.get, "rows", label: "lister")) }
            guard answer.status == 200 else { throw .unreachable(reason: "status \(answer.status)") }
            var report = Report()
            report.snapshots = rows
            return .done(report)
        }
    }
}

func line(_ label: String, _ id: String, _ condition: Condition? = nil, _ stage: Stage = .inbound) -> Snapshot {
    var snapshot = Snapshot(
        id: ExternalID(.item, id),
        status: ReportedStatus(code: stage.rawValue, text: "", progress: .at(stage), condition: condition))
    snapshot.label = label
    snapshot.order = String(label.prefix { $0 != "-" })
    return snapshot
}

private let monday = Timestamp(seconds: 1_507_528_800)  // 2017-10-09T06:00:00Z

private final class House {
    let bureau: Bureau
    let around: Surroundings

    init() throws {
        bureau = try Bureau(monday)
        around = try bureau.around([try Bureau.recipient("anna: office")])
        bureau.answer.withLock { $0 = { _ in HTTPResponse(status: 200, body: []) } }
    }

    /// A daemon that has just started asks once.
    func poll(_ provider: Lister, _ rows: [String: [Snapshot]], at now: Timestamp) async throws {
        provider.rows.withLock { $0 = rows }
        bureau.clock.set(now)
        _ = await Poller(provider, around, routing: Routing(providers: [])).tick(now: now)
    }

    /// `1907-1 lost overview`, in order.
    func alerts() throws -> [String] {
        try bureau.store.alerts(at: bureau.clock.now(), includingClosed: true).map {
            "\($0.facts.label) \($0.facts.condition?.rawValue ?? $0.kind.rawValue)\($0.isOverview ? " overview" : "")"
        }
    }

    /// When the rows of an alert may be told.
    func waiting() throws -> [Timestamp] {
        try bureau.store.dueRows("office", at: .distantFuture).values.flatMap { $0 }.map(\.notBefore)
    }
}

@Test func `what a provider that is added later tells at first is one overview, of things that were known too`()
    async throws
{
    let house = try House()
    let shop = Lister(id: "otcommerce")
    try await house.poll(shop, ["items": [line("1907-1", "a"), line("1907-2", "b"), line("1907-3", "c")]], at: monday)
    let added = monday + .days(1)
    let partner = Lister(id: "litemf")
    let first = [line("1907-1", "11", .damaged), line("1907-2", "12"), line("1908-1", "13", .lost)]
    try await house.poll(partner, ["items": first], at: added)
    #expect(try house.alerts() == ["1907-1 damaged overview", "1908-1 lost overview"])
    let told = overviewDue(after: added, met: first.count, perSecond: partner.manners.requestsPerSecond)
    #expect(try house.waiting() == [told, told])
    // What happens from then on is news, there and at the shop.
    let later = added + .hours(2)
    let second = [first[0], line("1907-2", "12", .customsHold), first[2], line("1909-1", "14", .damaged)]
    try await house.poll(partner, ["items": second], at: later)
    try await house.poll(
        shop, ["items": [line("1907-1", "a"), line("1907-2", "b"), line("1907-3", "c", .returning)]], at: later)
    #expect(try house.alerts().dropFirst(2) == ["1907-2 customs_hold", "1909-1 damaged", "1907-3 returning"])
}

@Test func `a refund that an added provider tells of a known thing is in its overview`() async throws {
    let house = try House()
    try await house.poll(Lister(id: "litemf"), ["items": [line("1907-1", "11")]], at: monday)
    var refunded = line("1907-1", "a")
    refunded.status = ReportedStatus(code: "12", text: "", progress: .finished(.refunded))
    try await house.poll(Lister(id: "otcommerce"), ["items": [refunded]], at: monday + .days(1))
    #expect(try house.alerts() == ["1907-1 refund overview"])
}

@Test func `what a list that is added later shows at first is one overview`() async throws {
    let house = try House()
    try await house.poll(Lister(id: "litemf"), ["items": [line("1907-1", "11")]], at: monday)
    let wider = Lister(id: "litemf", names: ["items", "more"])
    let added = monday + .days(1)
    let rows = ["items": [line("1907-1", "11", .returning)], "more": [line("1910-1", "21", .lost)]]
    try await house.poll(wider, rows, at: added)
    #expect(try house.alerts().sorted() == ["1907-1 returning", "1910-1 lost overview"])
    try await house.poll(
        wider, ["items": rows["items"]!, "more": [line("1910-2", "22", .lost)]], at: added + .hours(2))
    #expect(try house.alerts().last == "1910-2 lost")
}

@Test func `what is asked about each thing for the first time belongs to the overview, though the thing was known`()
    async throws
{
    let house = try House()
    try await house.poll(Lister(id: "otcommerce"), ["items": [line("1907-1", "a"), line("1907-2", "b")]], at: monday)
    let partner = Lister(id: "litemf", asksByID: true)
    let added = monday + .days(1)
    let list = [line("1907-1", "11"), line("1907-2", "12")]
    try await house.poll(
        partner, ["items": list, "one11": [line("1907-1", "11", .damaged)], "one12": [list[1]]], at: added)
    #expect(try house.alerts() == ["1907-1 damaged overview"])
    try await house.poll(
        partner, ["items": list, "one12": [line("1907-2", "12", .damaged)]], at: added + .hours(2))
    #expect(try house.alerts() == ["1907-1 damaged overview", "1907-2 damaged"])
}

@Test func `a reminder that no poll has confirmed is looked for again every ten minutes, and not more often`()
    async throws
{
    let house = try House()
    let shop = Lister(id: "otcommerce")
    let rows = ["items": [line("1907-1", "a")]]
    try await house.poll(shop, rows, at: monday)
    let evaluator = house.bureau.evaluator(house.around, providers: ["otcommerce"])
    // Critical on the fifth working day; five of Moscow's later people are reminded, if it is still so.
    let critical = monday + .days(8)
    try await house.poll(shop, rows, at: critical)
    let alert = try #require(try house.bureau.store.alerts(at: critical, includingClosed: false).first)
    let due = try #require(nextReminder(of: alert, house.around.rules))
    #expect(await evaluator.tick(now: critical) ?? .distantFuture > critical)
    func changes() throws -> [Change] { try house.bureau.store.changes(of: [alert.rowID ?? 0]).map(\.change) }
    for _ in 0..<3 {
        house.bureau.clock.set(due)
        #expect(await evaluator.tick(now: due) == due + .minutes(10))
    }
    #expect(await evaluator.tick(now: due + .minutes(9)) == due + .minutes(10))
    #expect(await evaluator.tick(now: due + .minutes(10)) == due + .minutes(20))
    #expect(try !changes().contains(.reminded))
    try await house.poll(shop, rows, at: due + .minutes(12))
    #expect(await evaluator.tick(now: due + .minutes(12)) == due + .minutes(20))
    #expect(await evaluator.tick(now: due + .minutes(20)) ?? .distantFuture > due + .minutes(20))
    #expect(try changes().suffix(1) == [.reminded])
}

@Test func `five thousand old things are one message at their levels, and what happens to one of them later is news`()
    async throws
{
    let house = try House()
    let shop = Lister(id: "otcommerce")
    func row(_ number: Int, since: Timestamp, _ stage: Stage = .inbound) -> Snapshot {
        var row = line("\(number)-1", "\(number)", nil, stage)
        row.status.time = .instant(since, text: "")
        return row
    }
    // The odd ones have stood still for weeks, the even ones since Monday: four working days by Friday.
    let rows = (1...5000).map { row($0, since: $0.isMultiple(of: 2) ? monday : monday - .days(40)) }
    let first = monday + .days(4)
    try await house.poll(shop, ["items": rows], at: first)
    let alerts = try house.bureau.store.alerts(at: first, includingClosed: true)
    #expect(alerts.count == 5000 && alerts.allSatisfy(\.isOverview))
    #expect(Set(alerts.map(\.level)) == [.warning, .critical])
    let chat = try house.bureau.dispatcher("office", house.around, kind: "telegram")
    for hours in [2, 4] as [Int64] {
        house.bureau.clock.set(first + .hours(hours))
        _ = await chat.tick(now: first + .hours(hours))
    }
    #expect(try house.bureau.store.messages().count == 1)
    // One moves, one is lost, without another status; the others are as they were told.
    let later = first + .days(1)
    var moved = rows
    moved[1] = row(2, since: later, .assembly)
    moved[2].status.condition = .lost
    try await house.poll(shop, ["items": moved], at: later)
    let told = try house.bureau.store.dueRows("office", at: .distantFuture).values.flatMap { $0 }
    #expect(
        Set(told.map { "\($0.facts.label) \($0.kind.rawValue) \($0.change.rawValue) \($0.isOverview)" }) == [
            "2-1 stall closed false", "3-1 condition opened false",
        ])
}
