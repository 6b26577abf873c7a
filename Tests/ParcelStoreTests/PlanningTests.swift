import ParcelCore
import Testing

@testable import ParcelStore

/// What a report means for the stored mirror: which rows are only confirmed, which are decided together.
struct PlanningTests {
    private let later = noon + .hours(1)

    private func snapshot(
        _ kind: ThingKind, _ key: String, label: String? = nil, order: String? = nil, code: String = "4",
        contents: [ContentReference] = []
    ) -> Snapshot {
        var snapshot = Snapshot(
            id: ExternalID(kind, key), status: ReportedStatus(code: code, text: "Заказано", progress: .at(.inbound)))
        snapshot.label = label
        snapshot.order = order
        snapshot.contents = contents
        return snapshot
    }

    private func report(_ snapshots: [Snapshot], _ change: (inout Report) -> Void = { _ in }) -> Report {
        var report = Report()
        report.snapshots = snapshots
        change(&report)
        return report
    }

    /// Order 7 with items 7-1 and 7-2 and parcel 70, as OT Commerce shows them, and the snapshots that show them again.
    private func known(_ change: (inout Family) -> Void = { _ in }) throws -> (bench: Bench, again: [Snapshot]) {
        let again = [
            snapshot(.order, "7", label: "7"), snapshot(.item, "7/1", label: "7-1", order: "7"),
            snapshot(.item, "7/2", label: "7-2", order: "7"), snapshot(.parcel, "70", label: "70", order: "7"),
        ]
        var family = Family()
        for (position, snapshot) in again.enumerated() {
            let thing = Thing.make(
                ThingID(-1 - position), snapshot.id.kind, snapshot.label ?? "", order: position == 0 ? nil : -1)
            family.things.append(thing.seen(by: "otcommerce", as: snapshot.id.key) { $0.digest = snapshot.digest })
        }
        change(&family)
        let bench = try Bench()
        try bench.store.commit(.saving(family))
        return (bench, again)
    }

    @Test(arguments: [60, 61]) func `a number on more than sixty things is a placeholder, which joins nobody`(
        count: Int
    )
        throws
    {
        let placeholder = "YT1234567890123"
        let things = try (1...count).map { index in
            try Thing.make(ThingID(-index), .item, "\(1000 + index)-1").seen(by: "otcommerce", as: "\(index)/1") {
                view in
                view.numbers = [try roled(.domestic, placeholder)]
            }
        }
        let bench = try Bench()
        try bench.store.commit(.saving(Family(things: things)))
        let labels = try bench.store.family(named: "1007-1").things.map(\.label)
        #expect(Set(labels) == (count <= 60 ? Set(things.map(\.label) + [placeholder]) : ["1007-1", placeholder]))
        // Nor does what a carrier answers about it concern them all: it is decided by itself.
        let answer = Snapshot.notFoundYet(try #require(TrackNumber(placeholder)), code: "", text: "")
        let parts = try bench.store.plan(report([answer]), from: "17track", at: later).parts
        #expect(parts.map(\.family.things.count) == [count <= 60 ? count + 1 : 1])
    }

    @Test func `other tables make the next answer about a number count as changed, once`() throws {
        let number = "LP1930191011"
        var answer = snapshot(.trackNumber, number, label: number)
        answer.checkpoints = [Checkpoint(time: .none, code: "30", text: "x", meaning: .unmapped)]
        let thing = Thing.make(-1, .trackNumber, number).seen(by: "courier", as: number) { view in
            (view.digest, view.checkpointDigest) = (answer.digest, answer.checkpointDigest)
        }
        let bench = try Bench()
        try bench.store.save(reading: "one")
        try bench.store.commit(.saving(Family(things: [thing])))
        func isConfirmed() throws -> Bool {
            try bench.store.plan(report([answer]), from: "courier", at: later).parts.isEmpty
        }
        #expect(try isConfirmed())
        try bench.store.save(reading: "one")
        #expect(try isConfirmed())
        try bench.store.save(reading: "two")
        #expect(try isConfirmed() == false)
        let before = try bench.store.family(of: try bench.store.find(number).map(\.id))
        var read = before
        read.things[0].views[0].digest = answer.digest
        try bench.store.commit(.saving(read, before: before))
        try bench.store.save(reading: "two")
        #expect(try isConfirmed())
    }

    @Test func `rows that are as they were are only confirmed`() throws {
        let (bench, again) = try known()
        let before = try bench.dump(leavingOut: ["seen_at", "confirmed_at"])
        let plan = try bench.store.plan(report(again), from: "otcommerce", at: later)
        #expect(plan.confirmations.count == 4)
        #expect(plan.parts.isEmpty)
        var decision = Decision(at: later, provider: "otcommerce")
        decision.confirmations = plan.confirmations
        try bench.store.commit(decision)
        #expect(
            try bench.count(
                "SELECT count(*) FROM views WHERE seen_at = \(later.milliseconds) AND confirmed_at = seen_at") == 4)
        #expect(try bench.dump(leavingOut: ["seen_at", "confirmed_at"]) == before)
    }

    @Test func `an answer that would not show a movement confirms nothing`() throws {
        var (bench, again) = try known()
        for index in again.indices { again[index].confirms = false }
        var decision = Decision(at: later, provider: "otcommerce")
        decision.confirmations = try bench.store.plan(report(again), from: "otcommerce", at: later).confirmations
        try bench.store.commit(decision)
        #expect(try bench.count("SELECT count(*) FROM views WHERE seen_at = \(later.milliseconds)") == 4)
        #expect(try bench.count("SELECT count(*) FROM views WHERE confirmed_at IS NOT NULL") == 0)
    }

    enum Reason: CaseIterable {
        case changed, checkpointsChanged, missedBefore, goneBefore, unreadableBefore, thresholdPassed,
            orderThresholdPassed
        case rejectedNow, notFoundNow, pastNow
    }

    @Test(arguments: Reason.allCases)
    func `whatever may matter is decided with the whole family`(reason: Reason) throws {
        var (bench, again) = try known { family in
            switch reason {
            case .missedBefore: family.things[1].views[0].missedPasses = 1
            case .goneBefore: family.things[1].views[0].goneAt = noon
            case .unreadableBefore: family.things[1].views[0].error = "cannot read status"
            case .thresholdPassed: family.things[1].deadline = later
            case .orderThresholdPassed: family.things[0].deadline = later
            default: break
            }
        }
        if reason == .changed { again[1].status.text = "В пути" }
        if reason == .checkpointsChanged { again[1].checkpoints = [Checkpoint(time: .none, text: "Прибыло")] }
        let id = again[1].id
        let given = report(again) { report in
            if reason == .rejectedNow { report.rejected = [Rejected(id: id, field: "status")] }
            if reason == .notFoundNow { report.notFound = [id] }
            if reason == .pastNow { report.past = [PastStatus(id: id, code: "4", text: "Заказано", time: .none)] }
        }
        let plan = try bench.store.plan(given, from: "otcommerce", at: later)
        let part = try #require(plan.parts.first)
        #expect(plan.parts.count == 1)
        #expect(part.family.things.map(\.label) == ["7", "7-1", "7-2", "70"])
        let slow =
            reason == .orderThresholdPassed ? 4 : [.rejectedNow, .notFoundNow, .pastNow].contains(reason) ? 0 : 1
        #expect(part.part.snapshots.count == slow)
        #expect(plan.confirmations.count == 4 - slow)
        #expect(part.part.rejected.count + part.part.notFound.count + part.part.past.count == (slow == 0 ? 1 : 0))
    }

    @Test func `what is decided rests on the confirmations of the same answer`() throws {
        var (bench, again) = try known()
        again[1].status.code = "5"
        let part = try #require(try bench.store.plan(report(again), from: "otcommerce", at: later).parts.first)
        #expect(part.family.thing(.item, label: "7-2")?.views.first?.confirmedAt == later)
        #expect(part.family.thing(.item, label: "7-1")?.views.first?.confirmedAt == nil)
    }

    @Test func `things that are all new are grouped by what they name`() throws {
        let bench = try Bench()
        let plan = try bench.store.plan(
            report([
                snapshot(.order, "1", label: "1"), snapshot(.order, "2", label: "2"), snapshot(.order, "3", label: "3"),
                snapshot(.item, "1/1", label: "1-1", order: "1"), snapshot(.item, "2/1", label: "2-1", order: "2"),
                snapshot(.item, "3/1", label: "3-1", order: "3"),
                snapshot(.parcel, "9", contents: [.label("1-1"), .external(ExternalID(.item, "2/1"))]),
                snapshot(.parcel, "8", label: "8"),
            ]), from: "otcommerce", at: later)
        let groups = plan.parts.map { $0.part.snapshots.map(\.id.key) }
        #expect(groups == [["1", "2", "1/1", "2/1", "9"], ["3", "3/1"], ["8"]])
        #expect(plan.parts.allSatisfy { $0.family.things.isEmpty })
    }

    /// How another system's snapshot names what is stored, and the thing whose family has to be read for it.
    static let links: [(link: String, change: @Sendable (inout Snapshot) -> Void)] = [
        ("label", { $0.label = "7-2" }),
        ("the id at the shop", { $0.sameAs = ForeignID("otcommerce", ExternalID(.item, "7/2")) }),
        ("the order's number", { $0.order = "7" }),
        ("what it holds", { $0.contents = [.label("7-1")] }),
    ]

    @Test(arguments: links.indices)
    func `another system's thing is decided with what it names`(index: Int) throws {
        let (bench, _) = try known()
        var foreign = snapshot(.item, "L88")
        PlanningTests.links[index].change(&foreign)
        let plan = try bench.store.plan(report([foreign]), from: "litemf", at: later)
        #expect(plan.parts.map { $0.family.things.count } == [4], "by \(PlanningTests.links[index].link)")
    }

    @Test func `a thing is decided with what stated to be the same before it was seen`() throws {
        let bench = try Bench()
        let stated = Thing.make(-1, .item, "litemf:88").seen(by: "litemf", as: "88") { view in
            view.sameAs = ForeignID("otcommerce", ExternalID(.item, "7/2"))
        }
        try bench.store.commit(.saving(Family(things: [stated])))
        let plan = try bench.store.plan(report([snapshot(.item, "7/2", label: "7-2")]), from: "otcommerce", at: later)
        #expect(plan.parts.map { $0.family.things.map(\.label) } == [["litemf:88"]])
    }

    @Test func `nobody knows what an unknown id was said of`() throws {
        let (bench, _) = try known()
        let id = ExternalID(.item, "no such")
        let plan = try bench.store.plan(
            report([]) { report in
                report.rejected = [Rejected(id: id, field: "status"), Rejected(id: nil, field: "id")]
                report.notFound = [id]
                report.past = [PastStatus(id: id, code: "4", text: "", time: .none)]
            }, from: "otcommerce", at: later)
        #expect(plan.parts.isEmpty)
    }

    // MARK: Absence

    /// A complete answer that does not show 7/1, and whether that counts as its absence.
    enum Absence: CaseIterable {
        case live, finishedAtProvider, gone, ended, metLater, unreadable, someIDUnreadable, otherKind, incomplete
        case ofOrder, ofOtherOrder

        var counts: Bool { self == .live || self == .ofOrder }
    }

    @Test(arguments: Absence.allCases)
    func `only a live thing that a complete list should show is absent`(absence: Absence) throws {
        let (bench, again) = try known { family in
            switch absence {
            case .finishedAtProvider: family.things[3].views[0].progress = .finished(.delivered)
            case .gone: family.things[3].views[0].goneAt = noon
            case .ended: family.things[3].ending = .delivered
            case .metLater: family.things[3].views[0].seenAt = later
            default: break
            }
            family.things[3].views.append(
                View(
                    provider: "litemf", external: ExternalID(.parcel, "L1"), code: "1", text: "",
                    progress: .at(.handover), since: Since(noon, .seen), digest: 1, firstSeenAt: noon))
            family.things.append(Thing.make(-9, .order, "8").seen(by: "otcommerce", as: "8"))
        }
        let scope: [Scope] =
            switch absence {
            case .otherKind: [.all(.item, filtered: false)]
            case .incomplete: []
            case .ofOrder: [.parcels(ofOrder: ExternalID(.order, "7"))]
            case .ofOtherOrder: [.parcels(ofOrder: ExternalID(.order, "8"))]
            default: [.all(.parcel, filtered: true)]
            }
        let given = report(Array(again[0..<3])) { report in
            report.complete = scope
            if absence == .unreadable { report.rejected = [Rejected(id: again[3].id, field: "status")] }
            if absence == .someIDUnreadable { report.rejected = [Rejected(id: nil, field: "id")] }
        }
        let absent = try bench.store.plan(given, from: "otcommerce", at: later).parts.flatMap(\.part.absent)
        #expect(absent == (absence.counts ? [again[3].id] : []))
    }

    @Test func `an item that its order no longer holds is absent and not found`() throws {
        let (bench, again) = try known()
        let given = report([again[0], again[1]]) { $0.complete = [.items(ofOrder: again[0].id)] }
        let part = try #require(try bench.store.plan(given, from: "otcommerce", at: later).parts.first?.part)
        #expect(part.absent == [again[2].id])
        #expect(part.notFound == [again[2].id])
    }

    @Test(arguments: [false, true])
    func `a list of parcels confirms its order`(isThresholdPassed: Bool) throws {
        let (bench, again) = try known { if isThresholdPassed { $0.things[0].deadline = later } }
        for scope in [Scope.parcels(ofOrder: again[0].id), .all(.parcel, filtered: false)] {
            let plan = try bench.store.plan(
                report([again[3]]) { $0.complete = [scope] }, from: "otcommerce", at: later)
            #expect(plan.listed.count == (isThresholdPassed ? 0 : 1))
            #expect(plan.parts.flatMap(\.part.listed) == (isThresholdPassed ? [again[0].id] : []))
        }
        let plan = try bench.store.plan(
            report([again[3]]) { $0.complete = [.parcels(ofOrder: again[0].id)] }, from: "otcommerce", at: later)
        var decision = Decision(at: later, provider: "otcommerce")
        decision.listed = plan.listed
        try bench.store.commit(decision)
        #expect(
            try bench.count("SELECT count(*) FROM views WHERE listed_at = \(later.milliseconds)") == plan.listed.count)
    }

    @Test func `a filtered list of parcels does not say that an order has no other`() throws {
        let (bench, again) = try known()
        let plan = try bench.store.plan(
            report([again[3]]) { $0.complete = [.all(.parcel, filtered: true)] }, from: "otcommerce", at: later)
        #expect(plan.listed == [])
    }

    @Test func `another provider's rows are not looked at`() throws {
        let (bench, again) = try known()
        let plan = try bench.store.plan(
            report(again) { $0.complete = [.all(.item, filtered: false)] }, from: "shiptor", at: later)
        #expect(plan.confirmations.isEmpty)
        #expect(plan.parts.flatMap(\.part.absent) == [])
    }
}
