import Foundation
import Testing

@testable import ParcelSim

private let lying = #"clock: [{at: "2017-09-25 10:00", jump: +1h, for: 1h}, {at: "2017-09-26", jump: -1d, for: 1h}]"#

@Test func `time advances as asked, halts where the clock begins to lie, and ends`() throws {
    let world = World(try scenario(lying))
    let client = world.greet()
    func wait(_ text: String?) throws -> Int64? { world.advance(toTold: try text.map { try at($0) }, client: client) }
    #expect(world.told == (try at("2017-09-25 09:00")))
    #expect(try wait("2017-09-25 09:30") == at("2017-09-25 09:30"))
    // Asked for noon, it stops at ten, and says eleven.
    #expect(try wait("2017-09-25 12:00") == at("2017-09-25 11:00"))
    #expect(world.now == (try at("2017-09-25 10:00")))
    #expect(try wait("2017-09-25 11:30") == at("2017-09-25 11:30"))
    #expect(world.now == (try at("2017-09-25 10:30")))
    // The lie is over: the clock goes back.
    #expect(try wait(nil) == at("2017-09-25 11:00"))
    #expect(try wait("2017-09-24 00:00") == at("2017-09-25 11:00"))
    #expect(try wait(nil) == at("2017-09-25 00:00"))
    #expect(world.now == (try at("2017-09-26 00:00")))
    #expect(try wait(nil) == at("2017-09-26 01:00"))
    #expect(try wait(nil) == at("2017-10-01 09:00"))
    #expect(!world.isFinished)
    #expect(try wait(nil) == nil)
    #expect(world.isFinished)
}

@Test func `the clock server speaks lines, and whoever comes later is told the present`() throws {
    let running = try Running(try scenario(lying))
    let first = try Client(port: try running.port("clock"))
    let (start, later) = (try at("2017-09-25 09:00"), try at("2017-09-25 09:45"))
    #expect(first.line() == "now \(start)")
    first.say("wait \(later)\n")
    #expect(first.line() == "now \(later)")
    let second = try Client(port: try running.port("clock"))
    #expect(second.line() == "now \(later)")
    // What the first still says moves nothing any more.
    first.say("wait -\n")
    #expect(first.line(milliseconds: 100) == nil)
    first.end()
    #expect(running.world.now == later)
    second.say("wait -\n")
    #expect(second.line() == "now \(try at("2017-09-25 11:00"))")
    for _ in 0..<4 { second.say("wait -\n") }
    for _ in 0..<4 { #expect(second.line() != nil) }
    #expect(!running.world.isFinished)
    second.say("wait -\n")
    #expect(second.line(milliseconds: 100) == nil)
    #expect(running.world.isFinished)
    second.end()
}

@Test(arguments: ["tick\n", "wait soon\n", "wait\n", String(repeating: "x", count: 100)])
func `a clock client that says nonsense is sent away`(text: String) throws {
    let running = try Running(try scenario())
    let client = try Client(port: try running.port("clock"))
    defer { client.end() }
    _ = client.line()
    client.say(text)
    #expect(client.rest(milliseconds: 1000).end != .timedOut)
    #expect(running.world.now == (try at("2017-09-25 09:00")))
}

@Test func `the Date of answers is the simulator's true time while its clock lies`() throws {
    let running = try Running(try scenario(lying))
    running.world.advance(to: try moment("2017-09-25 10:30"))
    #expect(try running.get("/sim/state").header("Date") == "Mon, 25 Sep 2017 02:30:00 GMT")
    #expect(running.world.told == (try at("2017-09-25 11:30")))
}

@Test func `what a client still said before it hung up moves nothing, though time was held when it spoke`() throws {
    let running = try Running(try scenario())
    running.world.hold(at: running.world.scenario.start)
    let first = try Client(port: try running.port("clock"))
    #expect(first.line() != nil)
    first.say("wait -\n")
    // Half of the hanging up, so that the server's can be waited for.
    #expect(shutdown(first.descriptor, Int32(SHUT_WR)) == 0)
    running.world.hold(at: nil)
    let rest = first.rest()
    #expect(rest.end == .closed && rest.bytes == [])
    first.end()
    #expect(running.world.now == running.world.scenario.start.ms)
}
