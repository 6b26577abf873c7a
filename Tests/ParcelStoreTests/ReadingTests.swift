import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct ReadingTests {
    private func bench() throws -> Bench {
        let bench = try Bench()
        var family = try richFamily()
        family.things.append(.make(-20, .order, "519"))
        family.things.append(.make(-21, .parcel, "519", order: -1))
        family.things.append(
            Thing.make(-22, .parcel, "shiptor:11600", order: -1).seen(by: "shiptor", as: "11600") { view in
                view.numbers = ["00340434161094042557", "AB123456"].compactMap { TrackNumber($0) }
                    .map { RoledNumber(.lastMile, $0) }
            })
        try bench.store.commit(.saving(family))
        return bench
    }

    /// What people type, and what may be meant.
    static let typed: [(text: String, meant: [String])] = [
        ("1907-2", ["item 1907-2"]), ("№ 1907-2", ["item 1907-2"]), ("#1907-2", ["item 1907-2"]),
        ("ORD-000001907-2", ["item 1907-2"]), ("ORD-000001907", ["order 1907"]), ("ord-1907", ["order 1907"]),
        ("1907", ["order 1907"]), ("ЗАКАЗ-0001907", ["order 1907"]), ("519", ["order 519", "parcel 519"]),
        ("order:519", ["order 519"]), ("parcel:519", ["parcel 519"]), ("Parcel: 519", ["parcel 519"]),
        ("item:519", []), ("LP1930191011", ["trackNumber LP1930191011"]),
        ("lp 1930-1910-11", ["trackNumber LP1930191011"]),
        ("track-number:71148967930433", ["trackNumber 71148967930433"]),
        ("00340434161094042557", ["trackNumber 00340434161094042557"]), ("AB-123456", ["trackNumber AB123456"]),
        ("shiptor:11600", ["parcel shiptor:11600"]), ("", []), ("no such thing", []), ("'; DROP TABLE things; --", []),
        ("litemf:7 (joined)", []), (String(repeating: "7", count: 10_000), []), ("-", []), ("1907-", []), (":", []),
    ]

    @Test(arguments: typed)
    func `people name things in many ways`(text: String, meant: [String]) throws {
        let found = try bench().store.find(text).map { "\($0.kind) \($0.label)" }
        #expect(found.sorted() == meant)
    }

    @Test func `things are counted by kind`() throws {
        let counts = try bench().store.counts()
        #expect(counts.watched == [.order: 2, .item: 1, .parcel: 3])
        #expect(counts.finished == [.item: 1])
        #expect(counts.trackNumbers == 4)
    }

    @Test func `things are listed oldest first, joined ones left out`() throws {
        let store = try bench().store
        let parcels = try store.things([.parcel])
        #expect(parcels == parcels.sorted())
        #expect(parcels.count == 3)
        #expect(try store.things([.order, .item]).count == 4)
        #expect(try store.things([]) == [])
    }

    @Test func `codes that nobody maps are shown with their number and the newest example`() throws {
        let bench = try bench()
        var number = Thing.make(-30, .trackNumber, "RA123456785CN").seen(by: "17track", as: "RA123456785CN") { view in
            view.isUnmapped = true
            view.summary = .unmapped
            (view.code, view.text) = ("New_Main", "Something new")
        }
        number.events = (1...3).map { index in
            var event = Event(
                .checkpoint, provider: "17track", source: "RA123456785CN", code: "New_Sub", text: "text \(index)",
                since: Since(noon, .happened), seenAt: noon + .hours(Int64(index)), isMovement: true,
                identity: Int64(index))
            event.meaning = .unmapped
            if index == 3 { event.withdrawnAt = noon + .days(1) }
            return event
        }
        try bench.store.commit(.saving(Family(things: [number])))
        let unknown = try bench.store.unknownCodes().map {
            "\($0.provider) \($0.place) \($0.code) \($0.count) \(($0.since - noon).milliseconds / 3_600_000) \($0.text) \($0.thing)"
        }
        #expect(
            unknown == [
                "17track event New_Sub 2 1 text 2 RA123456785CN",
                "17track status New_Main 1 0 Something new RA123456785CN",
                "shiptor status weird '; DROP TABLE things; -- 1 0 Заказано 1907-2",
            ])
    }

    @Test func `a value of a later version is an error that names it`() throws {
        let bench = try bench()
        try bench.store.database.write {
            try $0.execute(sql: "UPDATE things SET stage = 'teleport' WHERE label = '1907-2'")
        }
        let error = #expect(throws: StoreError.self) { try bench.store.family(named: "1907-2") }
        #expect("\(String(describing: error))".contains("teleport"))
        #expect(error?.mayPass == false)
    }
}
