import Foundation
import ParcelChannels
import ParcelCore
import Testing

private func telegram(_ settings: [String: SettingValue] = [:]) throws -> Telegram {
    let own: [String: SettingValue] = ["token": .secret(Secret("1907:secret")), "chat": .text("-1001907")]
    let made = try channel("telegram", own.merging(settings) { $1 })
    return try #require(made as? Telegram)
}

private func sent(_ channel: any Channel, _ part: String) throws -> HTTPRequest {
    guard case .http(let request) = channel.delivery(of: part, number: 0, dedupKey: "key") else {
        throw TransportError.invalidRequest("not HTTP")
    }
    return request
}

private func members(_ request: HTTPRequest) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any])
}

/// The rows of buttons as `text|data`.
private func buttons(_ body: [String: Any]) -> [[String]] {
    let markup = body["reply_markup"] as? [String: Any]
    let rows = markup?["inline_keyboard"] as? [[[String: String]]] ?? []
    return rows.map { row in row.map { "\($0["text"] ?? "")|\($0["callback_data"] ?? "")" } }
}

private func stall(_ alert: Int64, _ label: String = "1907-2") throws -> MessageItem {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    facts.label = label
    return item(.opened, .stall, facts, alert: alert)
}

@Test func `a message is HTML with its heading in bold, and others' signs stay text`() throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    facts.statusText = "<b>a & b</b> _*["
    let part = try #require(try telegram().parts(of: message([item(.opened, .stall, facts)])).first)
    let body = try members(try sent(try telegram(), part))
    let text = try #require(body["text"] as? String)
    #expect(body["parse_mode"] as? String == "HTML")
    #expect(text.hasPrefix("<b>⚠️ № 1907-2: нет движения 4 рабочих дня</b>\n"))
    #expect(text.contains("«&lt;b&gt;a &amp; b&lt;/b&gt; _*[»"))
    #expect(text.contains("https://ru.litemf.com/ru/support"))
}

@Test func `one item has its answers in words, in the reader's language`() throws {
    let channel = try telegram()
    let russian = buttons(try members(try sent(channel, try #require(channel.parts(of: message([stall(12)])).first))))
    #expect(
        russian == [
            ["✋ Взял в работу|ack:12"],
            ["⏰ Отложить: 1 раб. день|snz:12:1", "2 раб. дня|snz:12:2", "5 раб. дней|snz:12:5"],
            ["❓ Почему?|why:12", "✉️ Письмо логисту|let:12"],
        ])
    let english = buttons(
        try members(try sent(channel, try #require(channel.parts(of: message([stall(12)], .en)).first))))
    #expect(english.first == ["✋ I take it|ack:12"])
    #expect(english.last == ["❓ Why?|why:12", "✉️ Letter to the logist|let:12"])
}

@Test(arguments: [(2, 2, 6), (16, 16, 6), (17, 6, 3), (30, 10, 3), (100, 34, 3), (130, 34, 3)])
func `several items have rows of their own, a long list a button an item`(count: Int, rows: Int, width: Int) throws {
    let pieces = (1...count).map { TelegramPiece("x", alert: Int64($0), name: "1907-\($0)", hasLetter: true) }
    let body = try members(try sent(try telegram(), TelegramPart(.ru, pieces).stored))
    let shown = buttons(body)
    #expect(shown.count == rows)
    #expect(shown.first?.count == width)
    #expect(shown.flatMap(\.self).count <= 100)
    #expect(shown.flatMap(\.self).contains { $0.contains("1907-2") })
}

@Test func `no button is longer than Telegram takes, and each says the same when it comes back`() throws {
    let presses: [TelegramPress] = [
        .acknowledge(alert: .max), .snooze(alert: .max, workingDays: 5), .why(alert: 1), .letter(alert: 1),
        .open(alert: 2),
    ]
    for press in presses {
        #expect(press.data.utf8.count <= 64)
        #expect(TelegramPress(data: press.data) == press)
    }
    for wrong in ["", "ack", "ack:", "ack:0", "ack:-1", "ack:1:2", "snz:1", "snz:1:0", "snz:1:61", "snz:1:x", "let:9x"]
    {
        #expect(TelegramPress(data: wrong) == nil, "\(wrong)")
    }
}

@Test func `what is over, a test and a chat that is not listened to have no buttons`() throws {
    let facts = closed(
        try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4), .moved,
        at: Since(Timestamp(seconds: 0), .seen))
    var test = try message([])
    test.test = "A test & nothing else"
    for told in [try message([item(.closed, .stall, facts)]), test] {
        let part = try #require(try telegram().parts(of: told).first)
        #expect(buttons(try members(try sent(try telegram(), part))).isEmpty)
    }
    let deaf = try telegram(["answers": .boolean(false)])
    let part = try #require(deaf.parts(of: message([stall(1)])).first)
    #expect(buttons(try members(try sent(deaf, part))).isEmpty)
}

@Test func `each line of the overview is answered by itself`() throws {
    let items = try (1...3).map { number in
        var told = try stall(Int64(number), "1907-\(number)")
        told.isOverview = true
        return told
    }
    let told = try message(items)
    let part = try #require(try telegram().parts(of: told).first.flatMap { TelegramPart(stored: $0) })
    #expect(part.plain == texts(of: told).first)
    #expect(part.pieces.compactMap(\.alert) == [1, 2, 3])
}

@Test func `what is no list stays one text, with its empty lines`() throws {
    var test = try message([])
    test.test = "parceld tries this channel\n\nNothing happened: all is well"
    let part = try #require(try telegram().parts(of: test).first.flatMap { TelegramPart(stored: $0) })
    #expect(part.pieces.count == 1 && part.plain == test.test)
}

@Test func `alerts about one thing each have their buttons`() throws {
    let second = item(.opened, .condition, try stall(1).facts, alert: 2)
    let part = try #require(
        try telegram().parts(of: message([stall(1), second, stall(3)])).first.flatMap { TelegramPart(stored: $0) })
    #expect(part.pieces.compactMap(\.alert) == [1, 2, 3])
}

@Test func `a file is a part of its own, sent as a form whose boundary stands in none of it`() throws {
    var told = try message([stall(1)])
    told.attachments = [
        Attachment(name: "a\"b\r\n.csv", mediaType: "text/csv", bytes: Array("--parceld\r\n№;=1".utf8))
    ]
    let parts = try telegram().parts(of: told)
    #expect(parts.count == 2)
    let request = try sent(try telegram(), try #require(parts.last))
    #expect(request.url.hasSuffix("/sendDocument"))
    let type = try #require(request.headers.first { $0.name == "Content-Type" }?.value)
    let boundary = try #require(type.split(separator: "=").last.map(String.init))
    let body = String(decoding: try #require(request.body), as: UTF8.self)
    let fields = body.components(separatedBy: "--" + boundary)
    #expect(fields.count == 5)
    #expect(fields.first?.isEmpty == true && fields.last == "--\r\n")
    #expect(fields[1].hasSuffix("name=\"chat_id\"\r\n\r\n-1001907\r\n"))
    #expect(fields[2].contains("нет движения"))
    #expect(fields[3].contains("filename=\"ab.csv\"\r\nContent-Type: text/csv\r\n\r\n--parceld\r\n№;=1\r\n"))
}

// MARK: Edits

private func edited(_ part: String, _ marks: [Int64: TelegramMark], reference: String? = "77") throws -> [String: Any]?
{
    try telegram().edit(of: EarlierMessage.Part(text: part, reference: reference), marks).map { try members($0) }
}

@Test func `an alert that closed is struck out and loses its buttons, the others keep theirs`() throws {
    let part = try #require(try telegram().parts(of: message([stall(1, "1907-1"), stall(2, "1907-2")])).first)
    let body = try #require(try edited(part, [1: .closed, 2: .open(lines: ["✋ В работе: <Анна>"], isTaken: true)]))
    let text = try #require(body["text"] as? String)
    #expect(body["message_id"] as? Int == 77)
    #expect(text.hasPrefix("✅ <s>⚠️ № 1907-1: нет движения 4 рабочих дня</s>\n"))
    #expect(text.contains("<b>⚠️ № 1907-2: нет движения 4 рабочих дня</b>\n✋ В работе: &lt;Анна&gt;\n"))
    #expect(buttons(body).map(\.count) == [6])
    #expect(
        !buttons(body).flatMap(\.self).contains { $0.contains("ack:") || $0.contains(":1") && !$0.contains(":2:1") })
    let all = try #require(try edited(part, [1: .closed, 2: .closed]))
    #expect(all["reply_markup"] == nil)
}

@Test func `what somebody took on before is told so, until something else is known`() throws {
    var told = try message([stall(1)])
    told.pasts = [1: AlertPast(openedAt: told.composedAt, takenBy: "cli:anna")]
    let part = try #require(try telegram().parts(of: told).first)
    let body = try members(try sent(try telegram(), part))
    #expect((body["text"] as? String)?.contains("</b>\n✋ В работе: anna\n") == true)
    #expect(buttons(body).count == 2)
    let later = try #require(try edited(part, [1: .closed]))
    #expect((later["text"] as? String)?.contains("anna") == false)
    #expect(later["reply_markup"] == nil)
}

@Test func `what cannot be marked is left alone`() throws {
    let part = try #require(try telegram().parts(of: message([stall(1)])).first)
    #expect(try edited(part, [2: .closed]) == nil)
    #expect(try edited(part, [1: .closed], reference: nil) == nil)
    #expect(try edited(part, [1: .closed], reference: "x") == nil)
    #expect(try edited("plain, of an earlier version", [1: .closed]) == nil)
    #expect(try edited("{\"a\":1}", [1: .closed]) == nil)
}

@Test func `marks never make a message longer than Telegram takes`() throws {
    let long = String(repeating: "ж", count: 4000)
    let line = "✋ В работе: " + String(repeating: "я", count: 60)
    let rest = "⏰ Отложено до 30 сентября 2017, 09:00"
    for pieces in [
        [TelegramPiece("Заголовок\n" + long, headLines: 1, alert: 1)],
        (1...40).map { TelegramPiece(String(repeating: "я", count: 99), isNext: true, alert: $0) },
    ] {
        for group in telegramParts(of: pieces) {
            let part = TelegramPart(.ru, group)
            let open = Dictionary(
                uniqueKeysWithValues: group.compactMap(\.alert).map {
                    ($0, TelegramMark.open(lines: [line, rest], isTaken: true))
                })
            for marks in [open, open.mapValues { _ in TelegramMark.closed }] {
                let shown = part.html(marks).replacing(#/<\/?[bs]>/#, with: "")
                #expect(shown.utf16.count <= 4096)
                if group.count == 1, marks[1] != .closed { #expect(shown.contains(line)) }
            }
        }
    }
}

@Test(arguments: [
    (answer(200, #"{"ok":true,"result":{"message_id":5}}"#), TelegramEditOutcome.done),
    (answer(200, #"{"ok":true,"result":true}"#), .done),
    (
        answer(400, #"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: same"}"#), .done
    ),
    (
        answer(400, #"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#),
        .hopeless(reason: "Bad Request: message to edit not found")
    ),
    (
        answer(401, #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#),
        .retry(after: .hours(1), reason: "Unauthorized")
    ),
    (
        answer(429, #"{"ok":false,"error_code":429,"description":"Flood","parameters":{"retry_after":14}}"#),
        .retry(after: .seconds(14), reason: "Flood")
    ),
    (answer(502, "<html>"), .retry(after: nil, reason: "status 502 without Telegram's answer")),
])
func `an edit that changes nothing is done, and one whose message is gone is given up`(
    response: HTTPResponse, outcome: TelegramEditOutcome
) throws {
    #expect(try telegram().editOutcome(of: response) == outcome)
}

@Test func `an alert shows who took it on and until when it rests`() throws {
    let now = try instant("2017-10-10T09:00:00+03:00")
    var alert = Alert(
        kind: .stall, thing: 1, key: "k", level: .warning, openedAt: now,
        facts: try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4))
    let reader = try reader(.ru)
    #expect(telegramMark(alert, reader, at: now) == .open(lines: [], isTaken: false))
    alert.acknowledged = .init(by: "telegram:Анна\u{202E}", at: now)
    alert.snoozed = .init(until: try instant("2017-10-12T00:00:00+03:00"), by: "cli:x")
    #expect(
        telegramMark(alert, reader, at: now)
            == .open(lines: ["✋ В работе: Анна", "⏰ Отложено до 12 октября 2017, 00:00"], isTaken: true))
    #expect(
        telegramMark(alert, reader, at: try instant("2017-10-12T00:00:00+03:00"))
            == .open(lines: ["✋ В работе: Анна"], isTaken: true))
    alert.closedAt = now
    #expect(telegramMark(alert, reader, at: now) == .closed)
}
