import Foundation
import ParcelChannels
import ParcelCore
import Testing

private func mail(_ changes: [String: SettingValue] = [:]) throws -> any Channel {
    let settings: [String: SettingValue] = [
        "url": .text("smtp://mail.example:587"), "from": .text("parceld@shop.example"),
        "to": .names(["anna@shop.example"]),
    ]
    return try channel("mail", settings.merging(changes) { $1 })
}

private func envelope(_ changes: [String: SettingValue] = [:]) throws -> MailEnvelope {
    guard case .mail(let envelope) = try mail(changes).delivery(of: "text", number: 0, dedupKey: "k") else {
        throw NoEnvelope()
    }
    return envelope
}

private struct NoEnvelope: Error {}

@Test(arguments: [
    ("smtp://mail.example:587", nil, MailEnvelope.Security.required), ("smtps://mail.example", nil, .required),
    ("smtp://127.0.0.1:25", nil, .none), ("smtp://127.0.0.1:25", true, .required), ("smtp://[::1]", nil, .none),
    ("smtps://127.0.0.1", nil, .required), ("smtps://127.0.0.1", false, .required),
])
func `TLS is required everywhere but on this machine`(url: String, tls: Bool?, security: MailEnvelope.Security) throws {
    var settings: [String: SettingValue] = ["url": .text(url)]
    settings["tls"] = tls.map { .boolean($0) }
    #expect(try envelope(settings).security == security)
}

@Test func `the envelope has what is configured`() throws {
    let made = try envelope([
        "user": .text("u"), "password": .secret(Secret("p")), "timeout": .duration(.seconds(7)),
        "connect_timeout": .duration(.seconds(3)), "to": .names(["a@b.c", "d@e.f"]),
    ])
    #expect(made.user == "u" && made.password == Secret("p") && made.to == ["a@b.c", "d@e.f"])
    #expect(made.totalTimeout == .seconds(7) && made.connectTimeout == .seconds(3) && made.text == Array("text".utf8))
    #expect(try envelope().totalTimeout == .minutes(2))
    #expect(!"\(made)".contains("\"p\""))
}

@Test(arguments: [
    ("from", SettingValue.text("Anna <anna@shop.example>")), ("from", .text("anna")), ("from", .text("a@b@c")),
    ("to", .names(["anna@shop.example", "кто@почта.рф"])), ("to", .names(["a@b\r\nBcc: c@d"])), ("to", .names([])),
    ("to", .names(["a..b@c.d"])), ("to", .names(["a@-b"])), ("tls", .boolean(false)),
])
func `settings that no mail can have are told`(key: String, value: SettingValue) throws {
    let schema = try #require(channelKinds.first { $0.schema.name == "mail" }).schema
    var settings: [String: SettingValue] = [
        "url": .text("smtp://mail.example"), "from": .text("a@b.c"), "to": .names(["a+tag@b-c.example"]),
    ]
    #expect(schema.check(SettingValues(settings)) == [])
    settings[key] = value
    #expect(schema.check(SettingValues(settings)).map(\.key) == [key])
}

private let ends: [(reply: MailReply, outcome: DeliveryOutcome)] = [
    (MailReply(step: .mail, code: 250, words: "OK 1"), .accepted(reference: "250 OK …")),
    (
        MailReply(step: .mail, code: 250, words: "2.0.0 Ok: queued as 4XyZ7"),
        .accepted(reference: "250 2.0.0 Ok: queued as 4XyZ7")
    ),
    (
        MailReply(step: .mail, code: 550, words: "5.1.1 <o.mandelbaum@shop.example> Ossip Mandelbaum is unknown here"),
        .refused(reason: "550 5.1.1 … shop … is unknown here")
    ),
    (MailReply(step: .mail, code: 250, words: "Mandelbaum 79161234567"), .accepted(reference: "250")),
    (MailReply(step: .mail, code: 250, words: "OK 1F3A0C28B"), .accepted(reference: "250 OK 1F3A0C28B")),
    (MailReply(step: .mail, code: 250, words: "OK ivanov85"), .accepted(reference: "250 OK …")),
    (MailReply(step: .mail, code: 250, words: "OK Mandelbaum-1985"), .accepted(reference: "250 OK …")),
    (MailReply(step: .mail, code: 250, words: "OK 85ivanov85"), .accepted(reference: "250 OK …")),
    (MailReply(step: .mail, code: 250, words: "OK x916-123-45-67x"), .accepted(reference: "250 OK …")),
    (MailReply(step: .mail, code: 550, words: "12.03.85 unknown"), .refused(reason: "550 … unknown")),
    (MailReply(step: .mail, code: 421, words: "closing"), .retry(after: nil, reason: "421 closing")),
    (MailReply(step: .mail, code: 550, words: "no\u{1b}[31m\nbody"), .refused(reason: "550 no … body")),
    (MailReply(step: .login, code: 454, words: "later"), .retry(after: nil, reason: "454 later")),
    (
        MailReply(step: .login, code: 535, words: "s3cret is wrong"),
        .refused(reason: "login refused: 535 <secret> is wrong")
    ),
    (
        MailReply(step: .login, code: 535, words: "AHUAczNjcmV0 is wrong"),
        .refused(reason: "login refused: 535 <secret> is wrong")
    ),
    (
        MailReply(step: .encryption, code: 250, words: "HELP"),
        .refused(reason: "the server offers no TLS, and nothing is sent without it")
    ),
    (MailReply(step: .encryption, code: 454, words: "later"), .retry(after: nil, reason: "454 later")),
    (MailReply(step: .encryption, code: 502, words: "no"), .refused(reason: "the server refuses TLS: 502 no")),
    (MailReply(step: .mail, code: 354, words: "go on"), .retry(after: nil, reason: "354 go on")),
]

@Test(arguments: ends)
func `the server's code says what becomes of a mail`(reply: MailReply, expected: DeliveryOutcome) throws {
    let sent = try envelope(["user": .text("u"), "password": .secret(Secret("s3cret"))])
    #expect(outcome(of: .success(reply), for: sent) == expected)
}

@Test func `a thread names at most twenty mails: the first and the latest`() throws {
    var thread = try message([
        item(.reminded, .stall, try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4))
    ])
    let earlier = try (1...30).map { number in
        var earlier = thread
        earlier.dedupKey = "parceld-\(number)-a"
        let part = try #require(try mail().parts(of: earlier).first)
        return EarlierMessage(dedupKey: earlier.dedupKey, parts: [.init(text: part, reference: nil)])
    }
    thread.pasts = [1: AlertPast(openedAt: thread.composedAt, messages: earlier)]
    let text = try #require(try mail().parts(of: thread).first)
    let head = try #require(text.components(separatedBy: "\r\n\r\n").first).replacingOccurrences(of: "\r\n ", with: " ")
    let line = try #require(head.components(separatedBy: "\r\n").first { $0.hasPrefix("References: ") })
    let ids = line.split(separator: " ").dropFirst()
    #expect(ids.count == 20 && ids.first == "<parceld-1-a@shop.example>" && ids.last == "<parceld-30-a@shop.example>")
}
