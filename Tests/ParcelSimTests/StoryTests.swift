import Testing

@testable import ParcelSim

@Test func `messages are judged one by one, and a repeat under its key is no second one`() {
    let wish = Scenario.Expectation(date: "2017-10-09", thing: "1907-2", kind: "warning", ru: ["1907-2", "4"], en: [])
    let ms = Int64(1_507_528_800_000)
    let message = Received(ms: ms, channel: "telegram", key: "a", text: "1907-2: 4 дня")
    #expect(judge([message, message], against: [wish], language: "ru").isRight)
    #expect(judge([], against: [wish], language: "ru").missing.count == 1)
    let other = Received(ms: ms, channel: "telegram", key: "b", text: "1907-2: 4 дня")
    #expect(judge([message, other], against: [wish], language: "ru").unexpected.count == 1)
    let late = Received(ms: ms + 86_400_000, channel: "telegram", key: "a", text: "1907-2: 4 дня")
    #expect(judge([late], against: [wish], language: "ru").missing.count == 1)
    #expect(judge([late], against: [wish], language: "ru").unexpected == ["2017-10-10  1907-2: 4 дня"])
    // What answers a person is no alert.
    let reply = Received(ms: ms, channel: "telegram", key: "", text: "Здравствуйте!")
    #expect(judge([message, reply], against: [wish], language: "ru").isRight)
    // Two things in one digest are two.
    let digest = Received(ms: ms, channel: "telegram", key: "c", text: "1907-2: 4 дня\n\nПосылка № 519")
    #expect(judge([digest], against: [wish], language: "ru").unexpected == ["2017-10-09  Посылка № 519"])
}

@Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (String(repeating: "a", count: 200), "c2a908d98f5df987ade41b5fce213067efbcc21ef2240212a41e54b5e7c28ae5"),
])
func `signatures are checked with the published digests`(text: String, digest: String) {
    #expect(sha256(text) == digest)
}
