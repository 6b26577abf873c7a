import Foundation
import ParcelCore
import Testing

@testable import ParcelStore

/// A number that is given to another parcel keeps its two histories apart in the file too.
struct GenerationStoreTests {
    private let number = "YT1234567890123"

    private func line(_ order: String, _ progress: StatusMeaning, created: Timestamp) throws -> [Snapshot] {
        var head = Snapshot(
            id: ExternalID(.order, order), status: ReportedStatus(code: "10", text: "", progress: .unstated))
        head.label = order
        head.created = .instant(created, text: "")
        var item = Snapshot(
            id: ExternalID(.item, "\(order)/1"),
            status: ReportedStatus(code: "\(progress)", text: "", progress: progress))
        item.label = "\(order)-1"
        item.order = order
        item.numbers = [RoledNumber(.domestic, try #require(TrackNumber(number)))]
        return [head, item]
    }

    private func told(_ rows: [(Timestamp, Milestone)]) throws -> Snapshot {
        Snapshot(
            number: try #require(TrackNumber(number)), code: "\(rows.count)", text: "", summary: .remark,
            checkpoints: rows.map { row in
                Checkpoint(
                    time: .instant(row.0, text: "\(row.0.milliseconds)"), code: row.1.rawValue, text: row.1.rawValue,
                    country: "CN", meaning: CodeMeaning(.at(row.1)))
            })
    }

    private func outcome(_ family: Family) -> [String] {
        family.things.sorted { $0.label < $1.label }.map { thing in
            let views = thing.views.sorted { $0.provider < $1.provider }.map { view in
                "\(view.provider)=\(view.milestone?.rawValue ?? "")/\(view.generations.values.first ?? 0)"
            }
            let carriers = family.carriers(of: thing).map(\.thing.label).sorted()
            let rows = thing.events.filter { $0.kind == .checkpoint && $0.withdrawnAt == nil }.count
            return
                "\(thing.label) \(thing.stage?.rawValue ?? thing.ending?.rawValue ?? "") \(views) \(carriers) \(rows)"
        }
    }

    @Test func `both generations are read as they were decided`() throws {
        let bench = try Bench()
        let zones = try ["Asia/Shanghai", "Europe/Moscow"].map { name in
            try Zone(
                name: name, tzif: Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/" + name))))
        }
        let rules = try #require(
            Rules(
                settings: .standard, calendars: try BuiltinCalendars.all(),
                zones: ["Asia/Shanghai": zones[0], "Europe/Moscow": zones[1]]))
        let (first, second) = (noon, noon + .days(150))
        let old: [(Timestamp, Milestone)] = [(first + .days(1), .accepted), (first + .days(2), .delivered)]
        let new: [(Timestamp, Milestone)] = [(second + .days(2), .accepted), (second + .days(3), .originTransit)]
        let polls: [(ProviderID, Timestamp, [Snapshot])] = [
            ("otcommerce", first, try line("1907", .at(.trackAssignment), created: first)),
            ("kuaidi100", first + .days(3), [try told(old)]),
            ("otcommerce", first + .days(4), try line("1907", .at(.assembly), created: first)),
            ("otcommerce", second + .days(1), try line("1908", .at(.trackAssignment), created: second)),
            ("kuaidi100", second + .days(1), [try told(old)]), ("kuaidi100", second + .days(3), [try told(new)]),
            ("kuaidi100", second + .days(4), [try told(old)]), ("kuaidi100", second + .days(5), [try told(new)]),
        ]
        var memory = Family()
        for (provider, at, snapshots) in polls {
            var report = Report()
            report.snapshots = snapshots
            var decision = Decision(at: at, provider: provider)
            let context = ReconcileContext(provider: provider, at: at, zone: nil, rules: rules, isFirstPass: false)
            for (family, part) in try bench.store.plan(report, from: provider, at: at).parts {
                let after = reconcile(family, with: part, context)
                decision.families.append(
                    FamilyDecision(before: family, after: withDeadlines(after, assess(after, rules))))
            }
            try bench.store.commit(decision)
            var part = ReportPart()
            part.snapshots = snapshots
            memory = reconcile(memory, with: part, context)
            let stored = outcome(try bench.store.family(named: "1907-1"))
            #expect(stored == outcome(memory))
        }
        #expect(
            outcome(memory).filter { $0.hasPrefix(number) } == [
                #"\#(number) origin ["kuaidi100=origin_transit/0"] ["1908-1"] 2"#,
                #"\#(number)#1 handed_over [] ["1907-1"] 2"#,
            ])
    }
}
