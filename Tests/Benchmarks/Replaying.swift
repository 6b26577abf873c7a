// What it costs to replay a history: read all of it, run the rules over it, compare with what was told.

import Foundation
import ParcelCore
import ParcelStore

private let orders = 2_500
private let itemsOfEach = 2
/// Of each item.
private let eventsOfEach = 20

func replaying() throws -> [Figure] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parcelbench-replay-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try Store.open(folder.appendingPathComponent("parceld.sqlite").path, .daemon)
    defer { try? store.close() }
    let start = Timestamp(seconds: 1_767_225_600)  // 2026-01-01
    for first in stride(from: 0, to: orders, by: 100) {
        var decision = Decision(at: start)
        decision.families = (first..<first + 100).map { FamilyDecision(before: Family(), after: family($0, start)) }
        try store.commit(decision)
    }
    let zones = ["Asia/Shanghai", "Europe/Moscow"]
    let rules = Rules(
        settings: .standard, calendars: try BuiltinCalendars.all(),
        zones: Dictionary(uniqueKeysWithValues: try zones.map { ($0, try readZone($0, in: "/usr/share/zoneinfo")) }))
    guard let rules else { throw Trouble(description: "the standard rules lack something") }
    var events = 0
    var tellings = 0
    let times = try measured(runs: 3) {
        let history = try store.history()
        let told = replay(history.family, rules, history.evidence, until: start + .days(365))
        let days = LocalDate(ordinal: 0)...LocalDate(ordinal: 30_000)
        tellings = ReplayComparison(told, against: history.told, rules, days: days).rows.count
        events = history.events
    }
    guard events == orders * itemsOfEach * eventsOfEach, tellings > 0 else {
        throw Trouble(description: "\(events) events were replayed and \(tellings) alerts found")
    }
    return [
        Figure(
            group: "replaying a history, CPU s (least, median)", name: "\(events) events", best: times[0],
            median: times[times.count / 2], unit: "s", about: "\(tellings) alerts")
    ]
}

/// An order whose items move every three to nine days, from stage to stage, seen an hour later.
private func family(_ number: Int, _ start: Timestamp) -> Family {
    let order = Thing(id: -1, kind: .order, label: "\(number)", firstSeenAt: start, isFirstSight: false)
    let items = (1...itemsOfEach).map { line in
        var item = Thing(
            id: ThingID(-1 - line), kind: .item, label: "\(number)-\(line)", firstSeenAt: start, isFirstSight: false)
        item.order = -1
        let stages: [Stage] = [.payment, .purchase, .trackAssignment, .inbound]
        for step in 0..<eventsOfEach {
            let at = start + .days(Int64(step * (3 + (number + line) % 7))) + .hours(Int64(number % 24))
            let stage = step % 5 == 0 ? stages[min(step / 5, stages.count - 1)] : nil
            var print = Fingerprint()
            print.add("\(number) \(line) \(step)")
            item.events.append(
                Event(
                    stage == nil ? .status : .stage, provider: "otcommerce", source: "\(number)-\(line)",
                    code: stage?.rawValue ?? "\(step)", text: "status \(step)", since: Since(at, .happened),
                    seenAt: at + .hours(1), isMovement: stage == nil, identity: print.value))
        }
        item.stage = .inbound
        item.stageSince = item.events.last?.since ?? item.stageSince
        var view = View(
            provider: "otcommerce", external: ExternalID(.item, "\(number)/\(line)"), code: "4", text: "ordered",
            progress: .at(.inbound), since: item.stageSince, digest: 1, firstSeenAt: start)
        view.confirmedAt = start + .days(300)
        item.views = [view]
        return item
    }
    return Family(things: [order] + items)
}
