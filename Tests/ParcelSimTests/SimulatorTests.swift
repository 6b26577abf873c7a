import Foundation
import Testing

@testable import ParcelSim

private let minimal = """
    start: "2017-09-25 09:00"
    end: "2017-09-26 09:00"
    shiptor:
      packages:
        - id: 7
          externalId: ORD-000001907
          articles: ["1907-2"]
          created: "2017-09-25 08:00"
          timeline:
            - {at: "2017-09-25 08:00", status: packed}
            - {at: "2017-09-25 12:00", status: sent, externalTrack: LP1}
    clock:
      - {from: "2017-09-25 10:00", to: "2017-09-25 11:00", shiftMinutes: 60}
    """

private func at(_ text: String) throws -> Int64 { try #require(Scenario.Moment.parse(text)) }

@Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (String(repeating: "a", count: 200), "c2a908d98f5df987ade41b5fce213067efbcc21ef2240212a41e54b5e7c28ae5"),
])
func `signatures are checked with the published digests`(text: String, digest: String) {
    #expect(sha256(text) == digest)
}

@Test(arguments: [
    ("2017-09-26 10:00", "2017-09-26T02:00:00Z"), ("2017-09-26", "2017-09-25T16:00:00Z"),
    ("2017-09-26 10:00+03:00", "2017-09-26T07:00:00Z"), ("2017-09-21 14:16:10", "2017-09-21T06:16:10Z"),
])
func `times are Shanghai's unless they carry an offset`(text: String, utc: String) throws {
    #expect(try at(text) == Int64(Date(utc, strategy: .iso8601).timeIntervalSince1970 * 1000))
}

@Test func `time advances as asked, halts where the clock begins to lie, and ends`() throws {
    let world = World(try Scenario.read(text: minimal, name: "test"))
    #expect(world.told == (try at("2017-09-25 09:00")))
    #expect(world.advance(toTold: try at("2017-09-25 09:30")) == (try at("2017-09-25 09:30")))
    // Asked for noon, it stops at ten, and says eleven.
    #expect(world.advance(toTold: try at("2017-09-25 12:00")) == (try at("2017-09-25 11:00")))
    #expect(world.now == (try at("2017-09-25 10:00")))
    #expect(world.advance(toTold: try at("2017-09-25 11:30")) == (try at("2017-09-25 11:30")))
    #expect(world.advance(toTold: nil) == (try at("2017-09-25 11:00")))
    #expect(world.advance(toTold: nil) == (try at("2017-09-26 09:00")))
    #expect(!world.isFinished)
    #expect(world.advance(toTold: nil) == nil)
    #expect(world.isFinished)
}

@Test func `a provider shows what the scenario says of that time, and notes a write`() throws {
    let world = World(try Scenario.read(text: minimal, name: "test"))
    let shiptor = ShiptorSim(world: world)
    let token = world.scenario.accounts.token
    func status() throws -> String {
        let result = try #require(shiptor.answer("getPackage", ["id": 7], token: token)["result"] as? [String: Any])
        return try #require(result["status"] as? String)
    }
    #expect(try status() == "packed")
    _ = world.advance(toTold: try at("2017-09-25 09:59"))
    while world.now < (try at("2017-09-25 12:00")) { _ = world.advance(toTold: nil) }
    #expect(try status() == "sent")
    #expect(
        (shiptor.answer("getPackage", ["id": 8], token: token)["result"] as? [String: Any])?["status"] as? String
            == "error")
    #expect((shiptor.answer("getPackages", [:], token: "wrong")["error"] as? [String: Any])?["code"] as? Int == -32603)
    _ = shiptor.answer("removePackage", ["id": 7], token: token)
    #expect(world.violations == ["shiptor removePackage"])
}

@Test(arguments: [
    ("start: \"2017-09-25\"\n", "end is missing"), ("start: soon\nend: later\n", "soon is not a time"),
    (
        "start: \"2017-09-25\"\nend: \"2017-09-26\"\nfaults: [{provider: x, from: \"2017-09-25\", to: \"2017-09-26\", kind: fire}]\n",
        "faults"
    ),
    ("start: [", "test:"),
])
func `a scenario that cannot be played says why`(text: String, reason: String) throws {
    let error = #expect(throws: ScenarioError.self) { try Scenario.read(text: text, name: "test") }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
}

@Test func `messages are judged one by one, and a repeat under its key is no second one`() {
    let wish = Scenario.Expectation(date: "2017-10-09", thing: "1907-2", kind: "warning", ru: ["1907-2", "4"], en: [])
    let ms = Int64(1_507_528_800_000)
    let message = Received(ms: ms, channel: "telegram", key: "a", text: "1907-2: 4 дня")
    #expect(judge([message, message], against: [wish], language: "ru").isRight)
    #expect(judge([], against: [wish], language: "ru").missing.count == 1)
    let other = Received(ms: ms, channel: "telegram", key: "b", text: "1907-2: 4 дня")
    #expect(judge([message, other], against: [wish], language: "ru").unexpected.count == 1)
    #expect(moscowDate(ms) == "2017-10-09")
}
