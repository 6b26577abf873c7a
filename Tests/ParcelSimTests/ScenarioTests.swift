import Foundation
import Testing

@testable import ParcelSim

@Test(arguments: [
    ("2017-09-26 10:00", "2017-09-26T02:00:00Z"), ("2017-09-26", "2017-09-25T16:00:00Z"),
    ("2017-09-26 10:00+03:00", "2017-09-26T07:00:00Z"), ("2017-09-21 14:16:10", "2017-09-21T06:16:10Z"),
    ("2016-02-29T23:59:59Z", "2016-02-29T23:59:59Z"),
])
func `times are Shanghai's unless they carry an offset`(text: String, utc: String) throws {
    let ms = Int64(try Date(utc, strategy: .iso8601).timeIntervalSince1970 * 1000)
    #expect(try at(text) == ms)
    #expect(local(ms, minutes: 0) + "Z" == utc)
}

@Test(arguments: [
    "", "2017", "2017-02-29", "2017-13-01", "2017-01-01 24:00", "2017-01-01 10:00 ", "2017-01-01 1:00", "завтра",
])
func `what is no time is refused`(text: String) { #expect(Scenario.Moment.parse(text) == nil) }

@Test func `dates are printed as the systems do`() throws {
    let ms = try at("2018-04-01 12:10:04+03:00")
    #expect(wall(ms, offsetHours: 3) == "2018-04-01T12:10:04+03:00")
    #expect(httpDate(ms) == "Sun, 01 Apr 2018 09:10:04 GMT")
    #expect(moscowDate(try at("2017-10-09 04:59:59")) == "2017-10-08")
    #expect(moscowDate(try at("2017-10-09 05:00")) == "2017-10-09")
}

@Test(arguments: [("90s", 90_000), ("30 min", 1_800_000), ("-1h", -3_600_000), ("+1d", 86_400_000), ("5ms", 5)])
func `lengths of time have a unit`(text: String, ms: Int64) { #expect(lengthOfTime(text) == ms) }

@Test(arguments: ["", "5", "h", "--1h", "1.5h", "1w", "999999999999999999999d"])
func `a length without one is refused`(text: String) { #expect(lengthOfTime(text) == nil) }

private let head = "start: \"2017-09-25\"\nend: \"2017-09-26\"\n"

@Test(arguments: [
    ("", "the scenario is empty"), ("start: \"2017-09-25\"\n", "test, line 1: : end is missing"),
    ("start: soon\nend: later\n", "test, line 1: start: soon is not a time"),
    ("start: \"2017-09-26\"\nend: \"2017-09-25\"\n", "test, line 2: end: is not after start"), ("start: [", "test"),
    ("just words", "a section with keys was expected"), (head + "order: []", "test, line 3: order: unknown key"),
    (head + "end: x", "end is given twice"),
    (head + "faults: [{provider: litemf, kind: fire}]", "test, line 3: faults[0].kind: fire is not one of"),
    (
        head + "faults:\n  - provider: postman\n    kind: html",
        "test, line 4: faults[0].provider: postman is not one of"
    ),
    (head + "faults: [{provider: litemf, kind: status, code: 42}]", "42 is not an HTTP status"),
    (head + "clock: [{at: \"2017-09-25\", jump: far, for: 1h}]", "far is not a length of time"),
    (
        head + "litemf: {outgoing: [{id: 1, name: x, incoming: [5], timeline: [{at: \"2017-09-25\", status: new}]}]}",
        "no incoming package 5"
    ),
    (
        head + "shiptor:\n  packages:\n    - {id: 1, created: \"2017-09-25\", timeline: [{at: \"2017-09-25\"}]}",
        "test, line 5: shiptor.packages[0].timeline[0]: the first step has no status"
    ),
    (
        head
            + "orders:\n  - id: A\n    created: \"2017-09-25\"\n    timeline: [{at: \"2017-09-25\", status: x}]\n    lines: []",
        "test, line 6: orders[0].timeline: status x is no number"
    ),
    (
        head
            + "orders:\n  - id: A\n    created: \"2017-09-25\"\n    timeline: [{at: \"2017-09-25\", status: 1}]\n    lines: []\n    packages: [{id: 1, created: \"2017-09-25\", lines: [L], timeline: [{at: \"2017-09-25\", status: 1}]}]",
        "the order has no line L"
    ), (head + "expect: [{date: 2017-02-30, thing: a, kind: b, ru: [c], en: [d]}]", "2017-02-30 is not a date"),
])
func `a scenario that cannot be played says where and why`(text: String, reason: String) throws {
    let error = #expect(throws: ScenarioError.self) { try Scenario.read(text: text, name: "test") }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
}

@Test func `every problem is told at once, in the order of lines`() throws {
    let text = "start: x\nend: y\nwrong: 1\nfaults:\n  - {provider: a, kind: b}\n  - kind: html\n"
    let error = #expect(throws: ScenarioError.self) { try Scenario.read(text: text, name: "test") }
    let lines = try #require(error).problems.map { $0.split(separator: ":")[0] }
    #expect(lines == ["test, line 1", "test, line 2", "test, line 3", "test, line 5", "test, line 5", "test, line 6"])
}

@Test func `a timeline adds up step by step, and what is gone is gone until it comes back`() throws {
    func step(_ ms: Int64, _ status: String?, track: String? = nil, isGone: Bool = false) -> Scenario.Step {
        Scenario.Step(at: Scenario.Moment(ms: ms), status: status, track: track, isGone: isGone)
    }
    let steps = [step(10, "4"), step(20, nil, track: "A"), step(30, "6"), step(40, nil, isGone: true), step(50, "7")]
    #expect(steps.state(at: 9) == nil)
    #expect(steps.state(at: 10)?.track == nil)
    #expect(steps.state(at: 29).map { [$0.status, $0.track] } == ["4", "A"])
    #expect(steps.state(at: 30).map { [$0.status, $0.track] } == ["6", "A"])
    #expect(steps.state(at: 40) == nil)
    #expect(steps.state(at: 50).map { [$0.status, $0.track] } == ["7", "A"])
}

@Test func `the guide's story can be played`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let story = try Scenario.read(root.appending(path: "config/demo/story.yaml").path)
    #expect(story.orders.count == 4)
    #expect(story.expect?.count == 9)
}

@Test func `a rule without calendars is told what it would have invented, and why`() throws {
    let story = try scenario(
        """
        holidays: [{from: "2017-09-28", to: "2017-09-29", ru: праздник, en: holiday}]
        expect: [{date: 2017-09-29, thing: "519", kind: warning, ru: [], en: []}]
        """)
    func alerts(_ days: Int) -> [String] {
        story.plainAlerts(days: days).map { "\(moscowDate($0.at)) \($0.thing) \($0.reason)" }
    }
    #expect(alerts(4) == ["2017-09-25 1907-1 weekend", "2017-09-25 1907-2 weekend"])
    #expect(alerts(3) == ["2017-09-30 519 real", "2017-09-30 1907-1 inParcel(\"519\")"])
}
