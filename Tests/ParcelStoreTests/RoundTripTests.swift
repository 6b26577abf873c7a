import GRDB
import ParcelCore
import Testing

@testable import ParcelStore

struct RoundTripTests {
    @Test func `a family with everything in it is read as it was written`() throws {
        let bench = try Bench()
        let family = try richFamily()
        try bench.store.commit(.saving(family))
        #expect(differences(try bench.store.family(named: "1907-2"), family) == [])
    }

    @Test func `each of a family's things leads to all of it`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        try bench.store.commit(
            .saving(Family(things: [.make(-1, .order, "1908"), .make(-2, .item, "1908-1", order: -1)])))
        for label in ["order:1907", "1907-1", "1907-2", "parcel:520"] {
            let labels = Set(try bench.store.family(named: label).things.map(\.label))
            let things: Set = ["1907", "1907-1", "1907-2", "520", "litemf:7 (joined)"]
            #expect(labels == things.union(["71148967930433", "LP1930191011"]), "from \(label)")
        }
    }

    @Test func `a parcel brings in the other orders of its items`() throws {
        let bench = try Bench()
        let things: [Thing] = [
            .make(-1, .order, "1"), .make(-2, .order, "2"), .make(-3, .item, "1-1", order: -1),
            .make(-4, .item, "2-1", order: -2), .make(-5, .item, "2-2", order: -2),
            Thing.make(-6, .parcel, "9").seen(by: "shiptor", as: "9") { $0.contents = [-3, -4] },
        ]
        try bench.store.commit(.saving(Family(things: things)))
        #expect(
            try bench.store.family(named: "1-1").things.map(\.label).sorted() == ["1", "1-1", "2", "2-1", "2-2", "9"])
    }

    @Test func `saving what was read changes nothing`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        let read = try bench.store.family(named: "1907-1")
        let changes = bench.totalChanges()
        try bench.store.commit(.saving(read, before: read, at: noon + .hours(9)))
        #expect(bench.totalChanges() == changes)
    }

    @Test func `one changed field costs one row`() throws {
        let bench = try Bench()
        try bench.store.commit(.saving(try richFamily()))
        let read = try bench.store.family(named: "1907-1")
        var after = read
        let index = try #require(after.things.firstIndex { $0.label == "1907-1" })
        after.things[index].views[0].text = "В пути"
        let changes = bench.totalChanges()
        try bench.store.commit(.saving(after, before: read))
        #expect(bench.totalChanges() == changes + 1)
        #expect(differences(try bench.store.family(named: "1907-1"), after) == [])
    }

    @Test func `new things may refer to ones that come after them`() throws {
        let bench = try Bench()
        var joined = Thing.make(-1, .parcel, "litemf:7 (joined)", order: -3)
        joined.mergedInto = -4
        let family = Family(things: [
            joined, .make(-2, .item, "7-1", order: -3), .make(-3, .order, "7"),
            Thing.make(-4, .parcel, "77", order: -3).seen(by: "litemf", as: "7") { $0.contents = [-2] },
        ])
        try bench.store.commit(.saving(family))
        #expect(differences(try bench.store.family(named: "7-1"), family) == [])
    }

    @Test func `what two things turn out to share moves to the one that stays`() throws {
        let bench = try Bench()
        var nameless = Thing.make(-2, .parcel, "shiptor:11578", order: -1).seen(by: "shiptor", as: "11578") { view in
            view.contents = [-4]
        }
        nameless.events = [event(.status, 1), event(.checkpoint, 2)]
        let before = Family(things: [
            .make(-1, .order, "1907"), nameless,
            Thing.make(-3, .parcel, "520", order: -1).seen(by: "otcommerce", as: "520"),
            .make(-4, .item, "1907-1", order: -1),
        ])
        try bench.store.commit(.saving(before))
        let read = try bench.store.family(named: "1907-1")
        var after = read
        let gone = try #require(after.things.firstIndex { $0.label == "shiptor:11578" })
        let kept = try #require(after.things.firstIndex { $0.label == "520" })
        after.things[kept].views += after.things[gone].views
        after.things[kept].events += after.things[gone].events
        // A checkpoint is withdrawn by the very answer that joins them.
        after.things[kept].events[1].withdrawnAt = noon + .hours(1)
        after.things[gone].views = []
        after.things[gone].events = []
        after.things[gone].mergedInto = after.things[kept].id
        try bench.store.commit(.saving(after, before: read))
        #expect(differences(try bench.store.family(named: "1907-1"), after) == [])
    }

    @Test func `a track number is one thing however many carry it`() throws {
        let bench = try Bench()
        let number = try roled(.domestic, "YT 8832-1907")
        let things: [Thing] = ["1-1", "2-1", "3-1"].enumerated().map { position, label in
            Thing.make(ThingID(-1 - position), .item, label).seen(by: "otcommerce", as: label) { $0.numbers = [number] }
        }
        try bench.store.commit(.saving(Family(things: things)))
        #expect(try bench.count("SELECT count(*) FROM things WHERE kind = 'track_number'") == 1)
        #expect(try bench.store.carriers(of: number.number).count == 3)
        #expect(try bench.store.trackNumbers().map(\.number) == ["YT88321907", "YT88321907", "YT88321907"])
    }

    @Test(arguments: 1...60)
    func `whatever changes, what is read is what was decided`(seed: Int) throws {
        let bench = try Bench()
        var random = Seeded(state: UInt64(seed))
        var known = Family()
        for step in 1...6 {
            var after = known
            for _ in 1...4 { mutate(&after, step, &random) }
            try bench.store.commit(.saving(after, before: known))
            known = try bench.store.family(of: try bench.store.things(ThingKind.allCases))
            #expect(differences(known, after) == [], "seed \(seed), step \(step)")
        }
    }

    /// One arbitrary change that a decision might make. Everything stays in one family through the first order.
    private func mutate(_ family: inout Family, _ step: Int, _ random: inout Seeded) {
        let id = min(0, family.things.map(\.id).min() ?? 0) - 1
        guard let order = family.things.first(where: { $0.kind == .order }) else {
            family.things.append(.make(id, .order, "1").seen(by: "otcommerce", as: "1"))
            return
        }
        let kind: ThingKind = Bool.random(using: &random) ? .item : .parcel
        guard family.things.count > 2, Int.random(in: 0..<4, using: &random) > 0 else {
            let label = "\(kind.rawValue) \(step) \(-id)"
            family.things.append(.make(id, kind, label, order: order.id).seen(by: "litemf", as: label))
            return
        }
        let index = Int.random(in: 1..<family.things.count, using: &random)
        let instant = noon + .minutes(Int64.random(in: -900...900, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: family.things[index].stage = Stage.allCases.randomElement(using: &random)
        case 1: family.things[index].ending = Ending.allCases.randomElement(using: &random)
        case 2: family.things[index].deadline = Bool.random(using: &random) ? instant : nil
        case 3: family.things[index].events.append(event(.checkpoint, instant.milliseconds))
        case 4 where !family.things[index].events.isEmpty:
            family.things[index].events[0].withdrawnAt = Bool.random(using: &random) ? instant : nil
        case 5:
            let key = "\(step) \(instant.milliseconds) \(family.things[index].views.count)"
            let more = family.things[index].seen(by: "shiptor", as: key)
            family.things[index] = more
        case 6 where !family.things[index].views.isEmpty:
            let items = family.things.filter { $0.kind == .item && $0.mergedInto == nil }.map(\.id)
            family.things[index].views[0].contents = items.shuffled(using: &random)
        case 7 where !family.things[index].views.isEmpty:
            let numbers = ["LP1", "LP2", "LP3"].shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random))
            family.things[index].views[0].numbers = numbers.compactMap { TrackNumber($0) }.map {
                RoledNumber(.forwarder, $0)
            }
        case 8 where !family.things[index].views.isEmpty:
            family.things[index].views[0].condition = Condition.allCases.randomElement(using: &random)
            family.things[index].views[0].seenAt = instant
        case 9 where index > 1:
            // Joined: everything moves to the other.
            let views = family.things[index].views
            family.things[1].views += views
            family.things[1].events += family.things[index].events
            family.things[index].views = []
            family.things[index].events = []
            family.things[index].mergedInto = family.things[1].id
        default: family.things[index].display += "+"
        }
    }
}
