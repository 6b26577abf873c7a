// Mails to a real SMTP server over loopback: what it takes and how it reads there, and what its refusals become.

import Foundation
import ParcelChannels
import ParcelCore
import ParcelHTTP
import Testing

private let right = Secret("s3cret päss")

private func envelope(
    _ url: String, to: [String] = ["anna@shop.example"], security: MailEnvelope.Security = .none, user: String? = nil,
    password: Secret? = nil, text: String = "Subject: x\r\n\r\ny\r\n", timeout: Duration = .seconds(20)
) -> MailEnvelope {
    MailEnvelope(
        url: url, security: security, user: user, password: password, from: "parceld@shop.example", to: to,
        text: Array(text.utf8), connectTimeout: .seconds(5), totalTimeout: timeout, label: "mail test")
}

private func send(_ mail: MailEnvelope, caFile: String? = nil) async throws -> DeliveryOutcome {
    let client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test", caFile: caFile))
    defer { client.close() }
    do throws(TransportError) { return outcome(of: .success(try await client.send(mail)), for: mail) } catch {
        return outcome(of: .failure(error), for: mail)
    }
}

@Suite(.timeLimit(.minutes(2)))
struct MailTests {
    static let words: [(to: [String], outcome: DeliveryOutcome)] = [
        (["anna@shop.example", "boris@shop.example"], .accepted(reference: "250 2.0.0 Queued as 7F3A")),
        (["full@shop.example"], .retry(after: nil, reason: "452 4.2.2 Mailbox full, try later")),
        (["nobody@shop.example"], .refused(reason: "550 5.1.1 No such user here …")),
        // All or none: otherwise nobody would know who was left out.
        (
            ["anna@shop.example", "nobody@shop.example"],
            .refused(reason: "550 5.1.1 No such user here …")
        ),
        (["spam@shop.example"], .refused(reason: "554 5.7.1 Looks like spam")),
        (["busy@shop.example"], .retry(after: nil, reason: "451 4.3.0 Try again later")),
    ]

    @Test(arguments: words)
    func `the server's word decides`(to: [String], outcome: DeliveryOutcome) async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        #expect(try await send(envelope("smtp://127.0.0.1:\(server.port)", to: to)) == outcome)
        if case .accepted = outcome { #expect(try server.mail()["to"] as? [String] == to) }
    }

    @Test(arguments: [
        ("starttls+auth", "smtp", "s3cret päss"), ("smtps+auth", "smtps", "s3cret päss"),
        ("starttls+auth", "smtp", "wr0ng-pass"), ("smtps+auth", "smtps", "wr0ng-pass"),
    ])
    func `a login is said under TLS, and a wrong one is a refusal`(mode: String, scheme: String, password: String)
        async throws
    {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try MailServer(mode, certificates.right)
        defer { server.stop() }
        let mail = envelope(
            "\(scheme)://127.0.0.1:\(server.port)", security: .required, user: "parceld", password: Secret(password))
        let result = try await send(mail, caFile: certificates.authority)
        guard password == right.revealed else {
            #expect(result == .refused(reason: "login refused: 535 5.7.8 Authentication credentials invalid"))
            return
        }
        #expect(result == .accepted(reference: "250 2.0.0 Queued as 7F3A"))
        let taken = try server.mail()
        #expect(taken["tls"] as? Bool == true && taken["login"] as? Bool == true)
    }

    @Test func `without TLS or with a stranger's certificate nothing is said`() async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let plain = try MailServer("plain+auth")
        defer { plain.stop() }
        let login = { (url: String) in
            envelope(url, security: .required, user: "parceld", password: right)
        }
        #expect(
            try await send(login("smtp://127.0.0.1:\(plain.port)"))
                == .refused(reason: "the server offers no TLS, and nothing is sent without it"))
        let stranger = try MailServer("starttls", certificates.wrong)
        defer { stranger.stop() }
        #expect(
            try await send(login("smtp://127.0.0.1:\(stranger.port)"), caFile: certificates.authority)
                == .retry(after: nil, reason: "TLS: the certificate is for another host"))
        #expect(
            try await send(login("smtp://127.0.0.1:\(stranger.port)"))
                == .retry(after: nil, reason: "TLS: the certificate's issuer is unknown"))
    }

    @Test func `a server that hangs up, is away or says nothing is tried again`() async throws {
        let away = try LoopbackServer(.close)
        let url = away.url.replacingOccurrences(of: "http:", with: "smtp:")
        guard case .retry = try await send(envelope(url)) else {
            Issue.record("hung up")
            return
        }
        away.stop()
        guard case .retry(nil, let reason) = try await send(envelope(url)) else {
            Issue.record("away")
            return
        }
        #expect(reason.hasPrefix("cannot connect"))
        let silent = try LoopbackServer(.hang)
        defer { silent.stop() }
        let mute = silent.url.replacingOccurrences(of: "http:", with: "smtp:")
        #expect(
            try await send(envelope(mute, timeout: .milliseconds(300))) == .retry(after: nil, reason: "timed out"))
    }

    @Test func `lines that begin with dots arrive as they were`() async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        // What the server tells of it has to fit into a pipe that nobody reads yet.
        let body = ".\r\n..\r\n.a\r\n\r\n.\r\nb .\r\n." + String(repeating: "xyz\r\n..", count: 2000) + "\r\n"
        let mail = envelope("smtp://127.0.0.1:\(server.port)", text: "Subject: dots\r\n\r\n" + body)
        #expect(try await send(mail) == .accepted(reference: "250 2.0.0 Queued as 7F3A"))
        #expect(try server.mail()["raw"] as? String == "Subject: dots\r\n\r\n" + body)
    }

    @Test(arguments: [
        envelope("http://127.0.0.1/"), envelope("smtp://127.0.0.1", to: []),
        envelope("smtp://127.0.0.1", to: ["a@b>\r\nRCPT TO:<c@d"]), envelope("smtp://127.0.0.1", to: ["a b@c"]),
        envelope("smtp://127.0.0.1\r\nX"), envelope("smtp://127.0.0.1", user: "a\0b", password: right),
    ])
    func `an envelope that could say more than it should is not sent`(mail: MailEnvelope) async throws {
        guard case .retry(nil, let reason) = try await send(mail) else {
            Issue.record("sent")
            return
        }
        #expect(reason.hasPrefix("invalid request"))
        #expect(!reason.contains("s3cret"))
    }
}

/// What the channel writes, taken by the server and read by Python.
@Suite(.timeLimit(.minutes(2)))
struct MailReadingTests {
    private func item(_ alert: Int64, seller: String = "店") -> MessageItem {
        var facts = AlertFacts()
        facts.thingKind = .item
        facts.label = "1907-\(alert)"
        facts.order = "ORD-000001907"
        facts.statusText = seller
        facts.workingDays = 4
        return MessageItem(
            telling: .opened, kind: .stall, alert: alert, level: .warning, isOverview: false, facts: facts,
            changedAt: Timestamp(seconds: 1_507_521_600), rows: [alert])
    }

    private func message(_ key: String, _ items: [MessageItem], language: Language = .ru) -> Message {
        Message(
            items: items, language: language, zone: .utc, dedupKey: key, composedAt: Timestamp(seconds: 1_507_528_800))
    }

    private func channel(_ port: Int) throws -> any Channel {
        let kind = try #require(channelKinds.first { $0.schema.name == "mail" })
        return try #require(
            kind.make(
                "post",
                SettingValues([
                    "url": .text("smtp://127.0.0.1:\(port)"), "from": .text("parceld@shop.example"),
                    "to": .names(["anna@shop.example", "boris@shop.example"]),
                ])))
    }

    private func taken(_ message: Message, _ server: MailServer) async throws -> (part: String, mail: [String: Any]) {
        let channel = try channel(server.port)
        let part = try #require(channel.parts(of: message).first)
        #expect(channel.parts(of: message) == [part])
        guard case .mail(let envelope) = channel.delivery(of: part, number: 0, dedupKey: message.dedupKey) else {
            throw NoMailServer()
        }
        #expect(try await send(envelope) == .accepted(reference: "250 2.0.0 Queued as 7F3A"))
        return (part, try server.mail())
    }

    @Test(arguments: [
        "短", String(repeating: "店铺假发", count: 40), String(repeating: "Очень длинное название ", count: 20),
        "<b>&amp; \"x\" 'y'", "a\r\nBcc: evil@example\r\n\r\nX", String(repeating: "👨‍👩‍👧‍👦", count: 60), "=?utf-8?B?eA==?=",
        "\u{202E}right to left\u{1b}[31m",
    ])
    func `texts in any script arrive whole, within the limits of lines, as text and as HTML`(words: String) async throws
    {
        let server = try MailServer("plain")
        defer { server.stop() }
        let message = message("parceld-1-a", [item(1, seller: words)])
        let mail = try await taken(message, server).mail
        #expect(mail["defects"] as? [String] == [])
        #expect(mail["bare"] as? Int == 0 && mail["ascii"] as? Bool == true)
        #expect(try #require(mail["longest"] as? Int) <= 76)
        let expected = texts(of: message).joined(separator: "\n\n")
        let plain = try #require(mail["plain"] as? String).replacingOccurrences(of: "\r\n", with: "\n")
        #expect(plain == expected + "\n")
        let headers = try #require(mail["headers"] as? [String: String])
        #expect(headers["subject"] == harmless(String(expected.split(separator: "\n")[0]), limit: 150))
        #expect(headers["from"] == "parceld <parceld@shop.example>")
        #expect(headers["to"] == "anna@shop.example, boris@shop.example")
        #expect(headers["message-id"] == "<parceld-1-a@shop.example>")
        #expect(headers["auto-submitted"] == "auto-generated")
        #expect(headers["date"] == "Mon, 09 Oct 2017 06:00:00 +0000")
        #expect(headers["bcc"] == nil)
        let names = try #require(mail["names"] as? [String])
        #expect(Set(names).count == names.count)
        let html = try #require(mail["html"] as? String)
        #expect(!html.contains("<b>"))
        let shown = harmless(words)
        let escaped = shown.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
        #expect(html.contains(escaped))
        #expect(mail["types"] as? [String] == ["multipart/alternative", "text/plain", "text/html"])
    }

    @Test func `an episode is one thread, and a repeat is the same mail`() async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        let first = try await taken(message("parceld-1-a", [item(1)]), server).part
        let other = try await taken(message("parceld-2-b", [item(2)]), server).part
        func past(_ mails: (key: String, part: String)...) -> AlertPast {
            AlertPast(
                openedAt: Timestamp(seconds: 0),
                messages: mails.map { EarlierMessage(dedupKey: $0.key, parts: [.init(text: $0.part, reference: nil)]) })
        }
        var second = message("parceld-3-c", [item(1)])
        second.pasts = [1: past(("parceld-1-a", first))]
        let (part, reply) = try await taken(second, server)
        var headers = try #require(reply["headers"] as? [String: String])
        #expect(headers["in-reply-to"] == "<parceld-1-a@shop.example>")
        #expect(headers["references"] == "<parceld-1-a@shop.example>")
        var digest = message("parceld-4-d", [item(1), item(2), item(3)])
        digest.pasts = [
            1: past(("parceld-1-a", first), ("parceld-3-c", part)), 2: past(("parceld-2-b", other)), 3: past(),
        ]
        headers = try #require(try await taken(digest, server).mail["headers"] as? [String: String])
        #expect(headers["in-reply-to"] == "<parceld-3-c@shop.example>")
        #expect(
            headers["references"]
                == "<parceld-2-b@shop.example> <parceld-1-a@shop.example> <parceld-3-c@shop.example>")
        #expect(headers["subject"]?.hasSuffix("(и ещё 2)") == true)
    }

    @Test func `files keep their names and bytes`() async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        var message = message("parceld-1-a", [item(1)], language: .en)
        let long = String(repeating: "стоит-слишком-долго-", count: 4) + "店.csv"
        message.attachments = [
            Attachment(name: long, mediaType: "text/csv", bytes: Array("№;дней\r\n1907-2;4\r\n".utf8)),
            Attachment(
                name: "all \"of\" them.bin", mediaType: "x\r\nBcc: a", bytes: Array((0...255).map { UInt8($0) })),
            Attachment(name: "../plain.txt", mediaType: "text/plain", bytes: []),
        ]
        let mail = try await taken(message, server).mail
        #expect(mail["defects"] as? [String] == [])
        #expect(try #require(mail["longest"] as? Int) <= 76)
        let files = try #require(mail["attachments"] as? [[String: String]])
        #expect(files.map { $0["name"] } == [long, "all \"of\" them.bin", ".._plain.txt"])
        #expect(files.map { $0["type"] } == ["text/csv", "application/octet-stream", "text/plain"])
        #expect(
            files[1]["sha256"] == "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880")
        #expect(
            files[2]["sha256"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
