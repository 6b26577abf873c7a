import ParcelCore
import Testing

@testable import ParcelStore

struct BudgetsTests {
    private let carrier: ProviderID = "17track"

    private func bench() throws -> Bench {
        let bench = try Bench()
        func wish(_ number: String, _ plans: [AskPlan]) -> AskWish {
            AskWish(
                provider: carrier, subject: ExternalID(.trackNumber, number), plans: plans, isHastened: false)
        }
        func plan(_ number: String, _ hours: Int64, until: Timestamp? = nil) -> AskPlan {
            AskPlan(Ask("track", key: number), every: .hours(hours), longest: .hours(24), until: until)
        }
        try bench.store.commit(
            .saving(
                Family(), provider: carrier,
                wishes: [
                    wish("LP1", [plan("LP1", 6)]), wish("LP2", [plan("LP2", 12)]),
                    wish("LP3", [plan("LP3", 6, until: noon + .hours(1))]),
                    wish("LP4", [AskPlan(Ask("track", key: "LP4"), every: nil)]),
                ]))
        try bench.store.schedule([AskPlan(Ask("orders"), every: .hours(1))], of: "otcommerce", at: noon)
        return bench
    }

    @Test func `numbers are counted by their intervals, without what is asked no more`() throws {
        let demands = try bench().store.demands(at: noon + .hours(2))
        #expect(demands[carrier]?.numbers == 2)
        #expect(demands[carrier]?.wished == [6 * 3_600_000: 1, 12 * 3_600_000: 1])
        #expect(demands[carrier]?.least == [24 * 3_600_000: 2])
        #expect(demands["otcommerce"]?.alone == 24)
        #expect(demands["otcommerce"]?.numbers == 0)
    }

    @Test func `who is asked about a number next, and who not any more`() throws {
        let bench = try bench()
        let asks = try bench.store.asks(about: ["LP2", "LP1", "none"])
        #expect(asks.map(\.number) == ["LP1", "LP2"])
        #expect(asks.map(\.nextAt) == [noon, noon])
        #expect(asks.map(\.every) == [.hours(6), .hours(12)])
        #expect(try bench.store.asks(about: []) == [])
    }

    @Test func `budgets are stored whole, and nil before any was`() throws {
        let bench = try Bench()
        #expect(try bench.store.budgets() == nil)
        try bench.store.save([])
        #expect(try bench.store.budgets() == [])
        _ = try bench.store.save(setting: "budgets", "no JSON")
        #expect(throws: StoreError.self) { try bench.store.budgets() }
    }

    @Test func `followed numbers are counted by what they wait for`() throws {
        let bench = try bench()
        var (moving, done) = (Thing.make(-1, .trackNumber, "LP1"), Thing.make(-2, .trackNumber, "LP2"))
        moving.stage = .crossBorder
        (done.stage, done.ending, done.endedAt) = (nil, .delivered, noon)
        let unasked = Thing.make(-3, .trackNumber, "LP9")
        try bench.store.commit(.saving(Family(things: [moving, done, unasked])))
        let counts = try bench.store.followedCounts()
        #expect(
            Set(counts.map { "\($0.stage?.rawValue ?? "-") \($0.isFinished) \($0.count)" }) == [
                "cross_border false 1", "- true 1",
            ])
    }

    @Test func `wishes that name what is not there are refused before anything is written`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        let number = try #require(TrackNumber("LP1930191011"))
        func problem(_ wishes: UserWish...) throws -> String? {
            try bench.store.problem(with: wishes, providers: ["17track"])
        }
        #expect(try problem(.add(number, item: "1907-2", note: nil), .choose(number, carrier: "cdek")) == nil)
        #expect(try problem(.choose(number, carrier: "17track"), .choose(number, carrier: nil), .remove(number)) == nil)
        #expect(try problem(.add(number, item: "1907-9", note: nil)) == "there is no item 1907-9")
        #expect(try problem(.choose(number, carrier: "otcommerce")) == "there is no carrier otcommerce")
    }
}
