import Foundation
import ParcelChannels
import ParcelCore
import Testing

private let address = "https://user:pass@hooks.example/T0/s3cret"

private func webhook() throws -> any Channel { try channel("webhook", ["url": .text(address)]) }

private func object(_ part: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(part.utf8)) as? [String: Any])
}

@Test func `a post carries all that is known of a stall`() throws {
    let stall = item(.opened, .stall, try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4), alert: 7)
    let parts = try webhook().parts(of: try message([stall], .en))
    try #require(parts.count == 1)
    let body = try object(parts[0])
    #expect(body["version"] as? Int == 1)
    #expect(body["id"] as? String == "parceld-1-a")
    #expect(body["at"] as? String == "2017-10-09T06:00:00Z")
    #expect(body["language"] as? String == "en")
    let items = try #require(body["items"] as? [[String: Any]])
    let first = try #require(items.first)
    let expected: [String: String] = [
        "telling": "opened", "kind": "stall", "level": "warning", "thing": "1907-2", "thingKind": "item",
        "order": "ORD-000001907", "stage": "inbound", "status": "Заказано", "provider": "otcommerce",
        "since": "2017-09-27T03:20:00Z", "sinceBasis": "seen", "confirmedAt": "2017-10-09T00:12:00Z",
        "zone": "Asia/Shanghai",
    ]
    for (name, value) in expected { #expect(first[name] as? String == value, "\(name)") }
    #expect(first["alert"] as? Int == 7)
    #expect(first["workingDays"] as? Int == 4)
    #expect(first["threshold"] as? Int == 4)
    #expect(first["certain"] as? Bool == true)
    #expect(first["statusKnown"] as? Bool == true)
    #expect(first["holdsUp"] as? [String] == ["1907-1"])
    #expect(first["calendars"] as? [String] == ["cn"])
    let days = try #require(first["days"] as? [[String: Any]])
    #expect(days.count == 12)
    #expect(
        days.filter { $0["counted"] as? Bool == true }.compactMap { $0["date"] as? String }
            == ["2017-09-28", "2017-09-29", "2017-09-30", "2017-10-09"])
    let contacts = try #require(first["contacts"] as? [[String: String]])
    #expect(contacts.map { $0["url"] } == ["https://ru.litemf.com/ru/support", "https://shiptor.ru/#contact-us"])
    let numbers = try #require(first["numbers"] as? [[String: String]])
    #expect(numbers.first?["number"] == "71148967930433" && numbers.first?["role"] == "domestic")
    #expect((first["text"] as? String)?.hasPrefix("⚠️ Item 1907-2: no movement for 4 working days\n") == true)
}

@Test func `a refund carries its sum, a service alert its reason`() throws {
    let items = [
        item(.opened, .refund, refund1872(), .critical), item(.opened, .providerDown, try providerDown(), .critical),
    ]
    let body = try object(try #require(try webhook().parts(of: try message(items)).first))
    let found = try #require(body["items"] as? [[String: Any]])
    #expect(found[0]["amount"] as? [String: String] == ["value": "144.67", "currency": "RUB"])
    #expect(found[1]["thing"] is NSNull)
    #expect(found[1]["reason"] as? String == "status 503")
    #expect(found[1]["failingSince"] as? String == "2017-08-20T10:05:00Z")
    #expect(found[1]["count"] as? Int == 3)
}

@Test func `every part has an id, and it is the request's key`() throws {
    let items = (1...250).map { item(.opened, .refund, refund1872(), .critical, alert: Int64($0)) }
    let channel = try webhook()
    let parts = channel.parts(of: try message(items))
    #expect(parts.count == 3)
    var ids: Set<String> = []
    var alerts: [Int] = []
    for (number, part) in parts.enumerated() {
        guard case .http(let request) = channel.delivery(of: part, number: number, dedupKey: "parceld-1-a") else {
            Issue.record("not HTTP")
            return
        }
        let body = try object(part)
        let id = try #require(body["id"] as? String)
        #expect(request.headers.contains(HTTPField("Idempotency-Key", id)))
        #expect(request.headers.contains(HTTPField("Content-Type", "application/json")))
        #expect(request.url == address && request.method == .post && request.body == Array(part.utf8))
        #expect(request.label == "webhook mine")
        ids.insert(id)
        alerts += try #require(body["items"] as? [[String: Any]]).compactMap { $0["alert"] as? Int }
    }
    #expect(ids.count == 3)
    #expect(alerts == Array(1...250))
    #expect(channel.parts(of: try message([])) == [])
}

private let answers: [(response: HTTPResponse, outcome: DeliveryOutcome)] = [
    (answer(200, "ok"), .accepted()),
    (answer(204), .accepted()),
    (answer(301), .refused(reason: "it redirects elsewhere (status 301); configure the final address")),
    (answer(400), .refused(reason: "status 400")),
    (answer(401), .refused(reason: "status 401")),
    (answer(403), .refused(reason: "status 403")),
    (answer(404), .refused(reason: "status 404")),
    (answer(410), .refused(reason: "status 410")),
    (answer(422), .refused(reason: "status 422")),
    (answer(408), .retry(after: nil, reason: "status 408")),
    (answer(429), .retry(after: nil, reason: "status 429")),
    (answer(429, "", [HTTPField("retry-after", "30")]), .retry(after: .seconds(30), reason: "status 429")),
    (answer(503, "", [HTTPField("Retry-After", "0")]), .retry(after: .seconds(1), reason: "status 503")),
    (answer(503, "", [HTTPField("Retry-After", "-5")]), .retry(after: nil, reason: "status 503")),
    (
        answer(503, "", [HTTPField("Retry-After", "99999999999999")]),
        .retry(after: .seconds(86_400), reason: "status 503")
    ),
    (
        answer(
            503, "",
            [
                HTTPField("Date", "Mon, 09 Oct 2017 06:00:00 GMT"),
                HTTPField("Retry-After", "Mon, 09 Oct 2017 06:02:00 GMT"),
            ]), .retry(after: .seconds(120), reason: "status 503")
    ),
    (
        answer(503, "", [HTTPField("Retry-After", "Mon, 09 Oct 2017 06:02:00 GMT")]),
        .retry(after: nil, reason: "status 503")
    ),
    (answer(503, "", [HTTPField("Retry-After", "soon")]), .retry(after: nil, reason: "status 503")),
    (answer(500), .retry(after: nil, reason: "status 500")),
    (answer(0), .retry(after: nil, reason: "status 0")),
]

@Test(arguments: answers)
func `the status decides`(response: HTTPResponse, outcome: DeliveryOutcome) throws {
    #expect(try webhook().outcome(of: response) == outcome)
}

@Test func `with a secret each post is signed over the instant at which it leaves and its body`() async throws {
    let webhook = try channel("webhook", ["url": .text(address), "secret": .secret(Secret("key"))])
    let body = "The quick brown fox"
    let delivery = webhook.delivery(of: body, number: 0, dedupKey: "k")
    guard case .signed(let request, let secret) = delivery else {
        Issue.record("not signed")
        return
    }
    #expect(secret == Secret("key") && !"\(delivery)".contains("\"key\""))
    #expect(request.headers.allSatisfy { !$0.name.hasPrefix("Parceld-") })
    let seen = Seen()
    let ways = Ways(
        http: { request in
            await seen.keep(request)
            return .success(HTTPResponse(status: 204, body: []))
        }, mail: { _ in .failure(.cancelled) }, program: { _ in .timedOut(errors: "") }, journal: { _ in })
    #expect(await ways.send(delivery, of: webhook, at: Timestamp(seconds: 1_507_528_800)) == .accepted())
    let sent = try #require(await seen.request)
    #expect(sent["Parceld-Timestamp"] == "1507528800")
    // printf '1507528800.The quick brown fox' | openssl dgst -sha256 -hmac key
    #expect(sent["Parceld-Signature"] == "v1=7b52e3177fa302ce6c148564baa7eb6c675999f1579716b20b32b3b1da910228")
    #expect(sent["Idempotency-Key"] == "k" && sent.body == Array(body.utf8))
}

private actor Seen {
    var request: HTTPRequest?
    func keep(_ request: HTTPRequest) { self.request = request }
}

extension HTTPRequest {
    fileprivate subscript(name: String) -> String? { headers.first { $0.name == name }?.value }
}
