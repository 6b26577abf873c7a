import Foundation
import ParcelChannels
import ParcelCore
import Testing

private func manager(_ more: [String: SettingValue] = [:]) throws -> any Channel {
    try channel("alertmanager", ["url": .text("http://127.0.0.1:9093/")].merging(more) { $1 })
}

private func alerts(_ message: Message) throws -> [[String: Any]] {
    try manager().parts(of: message).flatMap { part in
        try #require(try JSONSerialization.jsonObject(with: Data(part.utf8)) as? [[String: Any]])
    }
}

private let opened = Timestamp(seconds: 1_507_500_000)

private func told(_ telling: MessageItem.Telling, _ level: Level) throws -> Message {
    var message = try message([
        item(telling, .stall, try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4), level, alert: 7)
    ])
    message.pasts = [7: AlertPast(openedAt: opened)]
    return message
}

@Test func `an open alert has its labels, its texts and its start, and no end`() throws {
    let alert = try #require(try alerts(try told(.opened, .warning)).first)
    #expect(
        alert["labels"] as? [String: String] == [
            "alertname": "parceld_stall", "severity": "warning", "service": "parceld", "alert_id": "7",
            "thing": "1907-2", "thing_kind": "item",
        ])
    let notes = try #require(alert["annotations"] as? [String: String])
    #expect(notes["order"] == "ORD-000001907" && notes["stage"] == "inbound" && notes["working_days"] == "4")
    #expect(notes["summary"]?.contains("1907-2") == true && notes["description"]?.contains("\n") == true)
    #expect(alert["startsAt"] as? String == opened.iso8601)
    #expect(alert["endsAt"] == nil)
}

@Test func `a closed alert has its end, and one that got worse ends its milder self`() throws {
    let changed = Timestamp(seconds: 1_507_521_600).iso8601
    for telling in [MessageItem.Telling.closed, .wasSilent] {
        let alert = try #require(try alerts(try told(telling, .warning)).first)
        #expect(alert["startsAt"] as? String == opened.iso8601 && alert["endsAt"] as? String == changed)
    }
    let worse = try alerts(try told(.escalated, .critical))
    #expect(worse.map { ($0["labels"] as? [String: String])?["severity"] } == ["warning", "critical"])
    #expect(worse.map { $0["endsAt"] as? String } == [changed, nil])
}

@Test func `its own status decides, and the login is in no label`() throws {
    let channel = try manager(["user": .text("u"), "password": .secret(Secret("p"))])
    guard case .http(let request) = channel.delivery(of: "[]", number: 0, dedupKey: "k") else {
        Issue.record("not HTTP")
        return
    }
    #expect(request.url == "http://127.0.0.1:9093/api/v2/alerts" && request.method == .post)
    #expect(request.headers.contains(HTTPField("Authorization", "Basic dTpw")))
    #expect(request.label == "alertmanager mine")
    #expect(channel.outcome(of: answer(200)) == .accepted())
    #expect(channel.outcome(of: answer(400)) == .refused(reason: "status 400"))
    #expect(channel.outcome(of: answer(503)) == .retry(after: nil, reason: "status 503"))
    #expect(channel.restatedEvery == .minutes(1))
    #expect(try manager(["resend_every": .duration(.seconds(90))]).restatedEvery == .seconds(90))
    #expect(try channel.parts(of: message([])).isEmpty)
}
