import ParcelChannels
import ParcelCore
import Testing

@Test func `a program gets the webhook's JSON, and its key beside it`() throws {
    let items = (1...101).map { item(.opened, .refund, refund1872(), .critical, alert: Int64($0)) }
    let exec = try channel(
        "exec", ["command": .names(["/bin/notify", "-v", "-v"]), "timeout": .duration(.seconds(5))])
    let parts = exec.parts(of: try message(items))
    #expect(parts == (try channel("webhook", ["url": .text("https://x.example")]).parts(of: try message(items))))
    guard case .program(let call) = exec.delivery(of: parts[1], number: 1, dedupKey: "parceld-1-a") else {
        Issue.record("no program")
        return
    }
    #expect(call.arguments == ["/bin/notify", "-v", "-v"] && call.input == Array(parts[1].utf8))
    #expect(call.environment == ["PARCELD_CHANNEL": "mine", "PARCELD_KEY": "parceld-1-a-1"])
    #expect(call.timeLimit == .seconds(5))
}

@Test(arguments: [(["notify"], 1), (["./notify"], 1), ([], 1), (["/bin/sh", "-c", "x"], 0)])
func `a program is named by its whole path`(command: [String], problems: Int) throws {
    let schema = try #require(channelKinds.first { $0.schema.name == "exec" }).schema
    #expect(schema.check(SettingValues(["command": .names(command)])).count == problems)
}

private let ends: [(end: ProgramEnd, outcome: DeliveryOutcome)] = [
    (.exited(status: 0, errors: "all is well"), .accepted()),
    (.exited(status: 75, errors: "busy\u{1b}[2J"), .retry(after: nil, reason: "exit status 75: busy[2J")),
    (.exited(status: 1, errors: ""), .retry(after: nil, reason: "exit status 1")),
    (.exited(status: 78, errors: "no such chat"), .refused(reason: "exit status 78: no such chat")),
    (.killed(signal: 11, errors: ""), .retry(after: nil, reason: "ended by signal 11")),
    (.timedOut(errors: "waiting"), .retry(after: nil, reason: "it took too long and was ended: waiting")),
    (.notStarted(reason: "No such file", isForGood: true), .refused(reason: "cannot be started: No such file")),
    (
        .notStarted(reason: "Out of memory", isForGood: false),
        .retry(after: nil, reason: "cannot be started: Out of memory")
    ),
]

@Test(arguments: ends)
func `the exit status decides`(end: ProgramEnd, expected: DeliveryOutcome) { #expect(outcome(of: end) == expected) }
