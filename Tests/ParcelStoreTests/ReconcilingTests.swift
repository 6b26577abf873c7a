import Foundation
import ParcelCore
import Testing

@testable import ParcelStore

/// The store and the core together: what is stored and read again decides as what was never stored.
struct ReconcilingTests {
    private func rules() throws -> Rules {
        var zones: [String: Zone] = [:]
        for name in ["Asia/Shanghai", "Europe/Moscow"] {
            zones[name] = try Zone(
                name: name, tzif: Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/" + name))))
        }
        return try #require(Rules(settings: .standard, calendars: try BuiltinCalendars.all(), zones: zones))
    }

    private func report(code: String, _ progress: StatusMeaning, number: String? = nil) -> Report {
        var order = Snapshot(
            id: ExternalID(.order, "1907"), status: ReportedStatus(code: "10", text: "В работе", progress: .unstated))
        order.label = "1907"
        order.display = "ORD-000001907"
        var item = Snapshot(
            id: ExternalID(.item, "1907/2"),
            status: ReportedStatus(code: code, text: "статус \(code)", progress: progress))
        item.label = "1907-2"
        item.order = "1907"
        item.numbers = number.flatMap { TrackNumber($0) }.map { [RoledNumber(.domestic, $0)] } ?? []
        item.facts = [.title: "Чайник"]
        var report = Report()
        report.snapshots = [order, item]
        report.complete = [.all(.item, filtered: false)]
        return report
    }

    /// One poll, from its report to its commit.
    private func poll(_ store: Store, _ report: Report, _ rules: Rules, at: Timestamp) throws -> ReportPlan {
        let plan = try store.plan(report, from: "otcommerce", at: at)
        var decision = Decision(at: at, provider: "otcommerce")
        decision.confirmations = plan.confirmations
        decision.listed = plan.listed
        for (family, part) in plan.parts {
            let context = ReconcileContext(provider: "otcommerce", at: at, zone: nil, rules: rules, isFirstPass: false)
            let reconciled = reconcile(family, with: part, context)
            let assessments = assess(reconciled, rules)
            var decided = FamilyDecision(before: family, after: withDeadlines(reconciled, assessments))
            let known = try store.alerts(about: decided.after.things.map(\.id))
            decided.changes = transitions(of: decided.after, assessments, known: known, rules, at: at).map { change in
                DecidedChange(
                    change: change,
                    rows: [OutboxRow(change, recipient: "manager", channel: "telegram", notBefore: at)])
            }
            decision.families.append(decided)
        }
        try store.commit(decision)
        return plan
    }

    @Test func `a silent item is polled cheaply, told once and told again only when it moves`() throws {
        let bench = try Bench()
        let rules = try rules()
        let start = noon
        let ordered = report(code: "4", .at(.trackAssignment), number: "71148967930433")
        var slowPasses = 0
        var told: [String] = []
        for hour in 0..<(24 * 20) {
            let plan = try poll(bench.store, ordered, rules, at: start + .hours(Int64(hour)))
            if !plan.parts.isEmpty { slowPasses += 1 }
        }
        func changes() throws -> [String] {
            try bench.store.changes(
                of: try bench.store.alerts(about: try bench.store.things([.item])).compactMap(\.rowID)
            )
            .map { "\($0.change) \($0.level)" }
        }
        told = try changes()
        // Golden Week is no silence: the fourth and the fifth working day come after it, on 9 and 10 October.
        #expect(told == ["opened warning", "escalated critical"])
        // Met once, and once for each threshold.
        #expect(slowPasses == 3)
        let after = start + .days(20)
        _ = try poll(bench.store, report(code: "5", .at(.assembly), number: "71148967930433"), rules, at: after)
        told = try changes()
        #expect(told == ["opened warning", "escalated critical", "closed critical"])
        #expect(try bench.store.dueRows("telegram", at: after)["manager"]?.count == 3)
    }

    @Test func `the same report again changes nothing but the times of confirmation`() throws {
        let bench = try Bench()
        let rules = try rules()
        let given = report(code: "4", .at(.trackAssignment), number: "71148967930433")
        _ = try poll(bench.store, given, rules, at: noon)
        let before = try bench.dump(leavingOut: ["seen_at", "confirmed_at"])
        let plan = try poll(bench.store, given, rules, at: noon + .hours(1))
        #expect(plan.parts.isEmpty)
        #expect(try bench.dump(leavingOut: ["seen_at", "confirmed_at"]) == before)
    }

    @Test func `a stored family decides as the same family in memory`() throws {
        let bench = try Bench()
        let rules = try rules()
        _ = try poll(bench.store, report(code: "4", .at(.trackAssignment), number: "71148967930433"), rules, at: noon)
        _ = try poll(
            bench.store, report(code: "4", .at(.trackAssignment), number: "71148967930433"), rules, at: noon + .days(14)
        )
        let stored = try bench.store.family(named: "1907-2")
        let item = try #require(stored.thing(.item, label: "1907-2"))
        let assessment = assess(item, in: stored, rules)
        #expect(assessment.level == .critical)
        #expect(item.stage == .inbound)
        #expect(stored.lastMovement(of: item) == Since(noon, .seen))
    }
}
