// Histories as chance makes them, from seeds, so that each is the same every time: the answers come in pieces, in any
// order, with rows twice and rows withdrawn, and it is the last answers alone that count.

import ParcelCore
import Testing

private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func one(of words: String) -> String {
        words.split(separator: " ").map(String.init).randomElement(using: &self) ?? ""
    }
}

private let number = "RA123456785RU"
private let steps =
    "registered accepted origin_transit export_customs departed_origin international_transit "
    + "arrived_destination_country import_customs customs_released destination_transit ready_for_pickup "
    + "out_for_delivery delivered LEG_TRANSIT DELIVERED_BY_LEG KEEP ?"
private let troubles = "!customs_hold !duty_due !delayed !attempt_failed !lost"

/// What a provider tells in the end, at most one row for each hour of April.
private func history(_ dice: inout Dice, returns: Bool) -> [String] {
    var rows: [String] = []
    for _ in 0..<Int.random(in: 1...12, using: &dice) {
        let (day, hour) = (Int.random(in: 2...28, using: &dice), Int.random(in: 10...23, using: &dice))
        let time = "04-\(day < 10 ? "0" : "")\(day) \(hour):00"
        guard !rows.contains(where: { $0.hasPrefix(time) }) else { continue }
        var meaning = dice.one(of: steps)
        switch Int.random(in: 0..<10, using: &dice) {
        case 0: meaning = dice.one(of: troubles)
        case 1 where returns: meaning = "!returning"
        case 2 where returns: meaning = "~" + (rows.last.map { String($0.split(separator: " ")[3]) } ?? "accepted")
        default: break
        }
        rows.append("\(time) \(dice.one(of: "CN RU KZ -")) \(meaning)")
    }
    return rows
}

/// Parts of a history; each shows its first row, so that it stays one parcel's.
private func answers(_ rows: [String], _ dice: inout Dice, withdraws: Bool) -> [[String]] {
    var shown: Set<String> = [rows[0]]
    var answers: [[String]] = []
    for _ in 0..<Int.random(in: 1...4, using: &dice) {
        if withdraws { shown = [rows[0]] }
        shown.formUnion(rows.filter { _ in Bool.random(using: &dice) })
        let told = rows.filter(shown.contains)
        answers.append((told + told.prefix(2)).shuffled(using: &dice))
    }
    return answers + [rows]
}

private func outcome(_ world: RuleWorld) throws -> [String] {
    let parcel = try world.thing(.parcel, "519")
    let views = try world.thing(.trackNumber, number).views.sorted { $0.provider < $1.provider }.map { view in
        "\(view.provider) \(view.milestone?.rawValue ?? "") \(view.condition?.rawValue ?? "") \(view.leg?.rawValue ?? "")"
    }
    return views + [
        try world.journey(.parcel, "519"), parcel.stage?.rawValue ?? "", parcel.ending?.rawValue ?? "",
        try world.assessment(.parcel, "519").decider?.description ?? "",
    ]
}

@Test(arguments: 1...150)
func `the last answers alone decide, however they were reached`(seed: UInt64) throws {
    var dice = Dice(state: seed)
    let providers: [ProviderID] = ["17track", "russianpost"]
    let ends = providers.map { _ in history(&dice, returns: true) }
    var (slow, atOnce) = (try RuleWorld(), try RuleWorld())
    try slow.send("519", .international, number, at: "2026-04-01 10:00")
    try atOnce.send("519", .international, number, at: "2026-04-01 10:00")
    var polls = zip(providers, ends).flatMap { provider, rows in
        answers(rows, &dice, withdraws: true).map { (provider, $0) }
    }
    // Each provider's last answer stays its last, whenever the other's come.
    if Bool.random(using: &dice) { polls.sort { $0.1.count < $1.1.count } }
    for (minute, poll) in polls.enumerated() {
        try slow.poll(poll.0, "2026-04-29 10:\(10 + minute)", [try track(number, poll.1)])
    }
    for (provider, rows) in zip(providers, ends) {
        try slow.poll(provider, "2026-04-29 12:00", [try track(number, rows)])
        try atOnce.poll(provider, "2026-04-29 12:00", [try track(number, rows)])
    }
    let (reached, decided) = (try outcome(slow), try outcome(atOnce))
    #expect(reached == decided)
}

@Test(arguments: 1...150)
func `a milestone never falls while rows only come`(seed: UInt64) throws {
    var dice = Dice(state: seed &* 7919)
    let rows = history(&dice, returns: false)
    var world = try RuleWorld()
    try world.send("519", .international, number, at: "2026-04-01 10:00")
    var reached = Milestone.unknown
    for (minute, rows) in answers(rows, &dice, withdraws: false).enumerated() {
        try world.poll("17track", "2026-04-29 10:\(10 + minute)", [try track(number, rows)])
        let milestone = try #require(try world.thing(.trackNumber, number).views.first?.milestone)
        #expect(milestone >= reached)
        reached = milestone
    }
}
