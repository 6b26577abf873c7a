import Foundation
import Testing

@testable import ParcelSim

private func border() throws -> Scenario {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try Scenario.read(root.appending(path: "config/demo/border.yaml").path)
}

private func table(_ scenario: Scenario, _ language: String = "en") -> BorderTable {
    BorderTable(
        scenario: scenario, telling: Telling(scenario: scenario, language: language, isColoured: false))
}

@Test func `the border story has twenty numbers, and what happens to each comes to what is expected of it`() throws {
    let story = try border()
    let rows = story.numbers.filter { $0.title != nil }
    #expect(rows.count == 20)
    #expect(Set(rows.compactMap(\.thing)).count == 20)
    for number in rows {
        let state = table(story).state(of: number, at: story.end.ms)
        #expect(state.milestone ?? "unknown" == number.milestone, "\(number.number)")
        #expect(state.condition == number.condition, "\(number.number)")
    }
    #expect(Set(story.expect?.map(\.thing) ?? []).subtracting(rows.compactMap(\.thing)) == ["cainiao", "russianpost"])
}

@Test func `the shop of the border story names each number`() throws {
    let story = try border()
    let steps = story.orders.flatMap { $0.lines.flatMap(\.timeline) + $0.packages.flatMap(\.timeline) }
    let rows = story.numbers.filter { $0.title != nil }
    #expect(Set(steps.compactMap(\.track)) == Set(rows.map(\.number)))
    #expect(
        Set(story.orders.flatMap(\.packages).map(\.id)) == Set(rows.compactMap(\.thing).filter { !$0.contains("-") }))
    // International numbers have the right check digit, so nothing about them depends on a remark.
    for number in rows.map(\.number) where number.hasSuffix("CN") {
        let serial = try #require(Int(number.dropFirst(2).prefix(8)))
        #expect(s10(String(number.prefix(2)), serial, "CN") == number)
    }
}

@Test func `every carrier serves the border story`() throws {
    let story = try border()
    let running = try Running(story)
    running.world.advance(to: story.end)
    let token = try #require(try running.cdekToken().at("access_token") as? String)
    for number in story.numbers {
        let last: (Scenario.Carrier) -> String? = { number.events(of: $0, at: story.end.ms).last?.codes[$0] }
        if let code = last(.russianPost) {
            #expect(try running.soap(number.number).text.contains("<ns3:Id>\(code.split(separator: "/")[0])</ns3:Id>"))
        }
        if let code = last(.kuaidi100) {
            let answer = try running.kuaidi(number.number, company: number.company ?? "", phone: number.phone ?? "")
            #expect(answer.at("data", 0, "statusCode") as? String == code, "\(number.number)")
        }
        if let code = last(.cdek) {
            #expect(
                try running.cdek(number.number, token: token).at("entity", "statuses", 0, "code") as? String == code)
        }
        if let code = last(.cainiao) {
            let answer = try running.cainiao(number.number)
            #expect(answer.at("module", 0, "detailList", 0, "actionCode") as? String == code)
            #expect(answer.at("module", 0, "copyRealMailNo") as? String == number.lastMile)
        }
    }
    let registered = try running.track17("register", numbers: story.numbers.map(\.number))
    // The bare digits of ZTO.
    #expect(registered.rejections == [-18_019_903])
    #expect(running.world.violations.isEmpty)
}

@Test(arguments: ["ru", "en"])
func `the table is aligned, and its lines grow`(language: String) throws {
    let story = try border()
    let table = table(story, language)
    var before: [Int] = []
    for date in story.tables {
        let lines = table.lines(at: try at(date + " 23:59+03:00"), told: [])
        #expect(lines.count == 21)
        #expect(lines.map(\.count).max() ?? 0 <= 130)
        #expect(Set(lines.dropFirst().map { $0.prefix(31).count }) == [31])
        let lengths = lines.dropFirst().map { line in line.filter { "─✓!●".contains($0) }.count }
        // The false delivery is the only step back, and no date falls on it.
        if !before.isEmpty { #expect(zip(before, lengths).allSatisfy { $0 <= $1 }) }
        before = lengths
    }
}

@Test func `the table says which alert the manager has, until that is over`() throws {
    let story = try border()
    let table = table(story)
    let number = try #require(story.numbers.first { $0.thing == "601" })
    func line(_ time: String, _ told: [Received]) throws -> String {
        try #require(table.lines(at: try at(time), told: told).first { $0.hasPrefix(number.number) })
    }
    let opened = Received(
        ms: try at("2026-05-08 09:00+03:00"), channel: "telegram", key: "a", text: "⚠️ Parcel 601: no movement\nmore")
    let closed = Received(
        ms: try at("2026-05-18 09:00+03:00"), channel: "telegram", key: "b",
        text: "✅ Item 2004-1: moved\n✅ Parcel 601: moved")
    #expect(closed.items.count == 2)
    #expect(try line("2026-05-08 08:00+03:00", [opened]).contains("alert") == false)
    #expect(try line("2026-05-13", [opened]).hasSuffix("in China, alert 05-08"))
    #expect(try line("2026-05-19", [opened, closed]).hasSuffix("left China"))
}

@Test func `what parcelctl says of a number is compared with what is right`() throws {
    let story = try border()
    var verdict = JourneyVerdict()
    func take(_ thing: String, _ answer: String) throws {
        verdict.take(Data(answer.utf8), about: try #require(story.numbers.first { $0.thing == thing }))
    }
    try take("601", #"{"milestone":"delivered","condition":null}"#)
    try take("601", #"{"milestone":"delivered"}"#)
    try take("603", #"{"milestone":"import_customs","condition":"customs_hold"}"#)
    #expect(verdict.right == 3)
    try take("603", #"{"milestone":"import_customs"}"#)
    try take("613", "no such thing")
    #expect(verdict.right == 3)
    #expect(
        verdict.wrong.map { $0.dropFirst(15) } == [
            "import_customs, ok (import_customs, customs_hold)", "-, ok (unknown, ok)",
        ])
}

@Test(arguments: [
    ("numbers: [{number: abc, events: []}]", "abc is not of capital letters and digits"),
    ("numbers: [{number: A1}, {number: A1}]", "A1 is used twice"),
    ("numbers: [{number: A1, milestone: nearly}]", "nearly is not one of unknown, registered"),
    ("numbers: [{number: A1, events: [{at: \"2026-05-01\", text: x}]}]", "no carrier shows it"),
    (
        "numbers: [{number: A1, events: [{at: \"2026-05-01\", text: x, russianpost: eight}]}]",
        "eight is not an operation"
    ),
    ("tables: [soon]", "soon is not a date"), ("17track: {tempo: 3}", "17track.tempo: unknown key"),
])
func `what is wrong with a number of a scenario is said`(text: String, reason: String) throws {
    let head = "start: \"2026-04-20\"\nend: \"2026-06-20\"\n"
    let error = #expect(throws: ScenarioError.self) { try scenario(from: head + text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
}
