import Foundation
import ParcelChannels
import ParcelCore
import Testing

private func telegram(_ settings: [String: SettingValue] = [:]) throws -> Telegram {
    let own: [String: SettingValue] = ["token": .secret(Secret("1907:hush")), "chat": .text("-1001907")]
    let made = try channel("telegram", own.merging(settings) { $1 })
    return try #require(made as? Telegram)
}

private func received(_ telegram: Telegram, _ updates: String) throws -> [TelegramUpdate] {
    guard case .received(let list) = telegram.updates(in: answer(200, #"{"ok":true,"result":[\#(updates)]}"#)) else {
        throw TransportError.invalidRequest("no updates")
    }
    return list
}

private func press(_ data: String, chat: String = "-1001907", user: Int = 7, name: String = "Анна") -> String {
    #"{"update_id":10,"callback_query":{"id":"q","from":{"id":\#(user),"first_name":"\#(name)"},"data":"\#(data)","message":{"message_id":1,"chat":{"id":\#(chat)}}}}"#
}

private func text(_ words: String, chat: String = #"{"id":-1001907}"#) -> String {
    #"{"update_id":11,"message":{"message_id":1,"from":{"id":7,"first_name":"A"},"chat":\#(chat),"text":"\#(words)"}}"#
}

@Test func `updates are asked for from the first that is not known, and only those that can be answered`() throws {
    let request = try telegram().updatesRequest(from: 12, waiting: 25)
    #expect(request.url == "https://api.telegram.org/bot1907:hush/getUpdates")
    #expect(!request.label.contains("hush"))
    #expect(
        String(decoding: try #require(request.body), as: UTF8.self)
            == #"{"offset":12,"timeout":25,"limit":100,"allowed_updates":["message","callback_query"]}"#)
    let first = try #require(try telegram().updatesRequest(from: nil, waiting: 0).body)
    #expect(!String(decoding: first, as: UTF8.self).contains("offset"))
}

@Test(arguments: [
    (press("ack:12"), TelegramUpdate.Event.press(.acknowledge(alert: 12), query: "q")),
    (press("snz:12:2"), .press(.snooze(alert: 12, workingDays: 2), query: "q")),
    (press("nonsense"), .press(nil, query: "q")),
    (text("/show 1907-2"), .command("show", argument: "1907-2")),
    (text("/Stalled@parcel_bot"), .command("stalled", argument: "")),
    (text("/show  № 1907-2 \\u202e"), .command("show", argument: "№ 1907-2")),
    (text("hello"), nil), (text("/"), nil), (text(""), nil),
])
func `an update says what somebody wants`(update: String, event: TelegramUpdate.Event?) throws {
    let heard = try #require(try received(try telegram(), update).first)
    #expect(heard.event == event)
    #expect(heard.isAllowed)
}

@Test(arguments: [
    ("-1001907", 7, ["7"], true), ("-1001907", 7, ["8", "7"], true), ("-1001907", 8, ["7"], false),
    ("7", 7, ["7"], false), ("-1001908", 7, [], false), ("-1001907", 8, [], true),
])
func `only the configured chat and its users are heard`(chat: String, user: Int, users: [String], isAllowed: Bool)
    throws
{
    let channel = try telegram(users.isEmpty ? [:] : ["users": .names(users)])
    #expect(try received(channel, press("ack:1", chat: chat, user: user)).map(\.isAllowed) == [isAllowed])
}

@Test func `a chat may be configured by its name`() throws {
    let channel = try telegram(["chat": .text("@Parcels")])
    #expect(try received(channel, text("/help", chat: #"{"id":5,"username":"parcels"}"#)).map(\.isAllowed) == [true])
    #expect(try received(channel, text("/help", chat: #"{"id":5,"username":"others"}"#)).map(\.isAllowed) == [false])
    #expect(try received(channel, text("/help", chat: #"{"id":5}"#)).map(\.isAllowed) == [false])
}

@Test(arguments: [
    ("Анна", "telegram:Анна"), ("", "telegram:7"), ("\u{202E}\u{200B}", "telegram:7"), ("a\nb", "telegram:a b"),
    (String(repeating: "x", count: 500), "telegram:" + String(repeating: "x", count: 40) + "…"),
])
func `who did it is recorded by a harmless name, else by the number`(name: String, who: String) {
    #expect(TelegramUser(id: 7, firstName: name).who == who)
}

@Test func `one bad update hides no other, and what has a number is passed over`() throws {
    let list = try received(
        try telegram(),
        [
            "3", "{}", #"{"update_id":"x"}"#, #"{"update_id":4,"callback_query":{"id":5}}"#,
            #"{"update_id":5,"message":[]}"#, press("ack:1"), #"{"update_id":2,"poll":{}}"#,
        ].joined(separator: ","))
    #expect(list.map(\.id) == [2, 4, 5, 10])
    #expect(list.map(\.isAllowed) == [false, false, false, true])
}

@Test(arguments: [
    (answer(200, "<html>"), "status 200 without Telegram's answer"), (answer(502, ""), "status 502 without"),
    (
        answer(409, #"{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}"#),
        "Conflict: terminated"
    ), (answer(200, #"{"ok":true,"result":{}}"#), "status 200"),
    (answer(401, #"{"ok":false,"description":"no 1907:hush"}"#), "no <secret>"),
])
func `what is not a list of updates is a failure`(response: HTTPResponse, reason: String) throws {
    guard case .failed(let words, _) = try telegram().updates(in: response) else {
        Issue.record("taken as updates")
        return
    }
    #expect(words.contains(reason))
}

@Test func `only numbers are users`() throws {
    let schema = try #require(channelKinds.first { $0.schema.name == "telegram" }?.schema)
    #expect(schema.check(SettingValues(["users": .names(["7", "-8"])])).isEmpty)
    #expect(schema.check(SettingValues(["users": .names(["7", "@anna"])])).map(\.key) == ["users"])
}

// MARK: Texts

private func alert(_ id: Int64, _ label: String = "1907-2") throws -> Alert {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    facts.label = label
    var alert = Alert(
        kind: .stall, thing: id, key: "\(id)", level: .warning, openedAt: try instant("2017-10-09T09:00:00+03:00"),
        facts: facts)
    alert.rowID = id
    return alert
}

private func rules() throws -> Rules {
    let zones = ["Asia/Shanghai": try zone("Asia/Shanghai"), "Europe/Moscow": try zone("Europe/Moscow")]
    return try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: zones))
}

@Test func `why names the rule, each day and who confirmed it`() throws {
    let why = whyPieces(try alert(12), try rules(), try reader(.ru)).map(\.text).joined()
    for words in [
        "№ 1907-2: нет движения 4 рабочих дня", "внимание через 4 рабочих дня, критично через 5", "Китай",
        "время Шанхая", "27 сентября 2017", "чт 28.09, пт 29.09, сб 30.09 (рабочая суббота), пн 09.10",
        "Не считаются: 1–8.10", "Итого без движения: 4 рабочих дня", "9 октября 2017, 03:12 (OT Commerce)",
    ] { #expect(why.contains(words), "\(words)\n\(why)") }
    #expect(
        whyPieces(try alert(12), try rules(), try reader(.en)).first?.text.contains("Rule: warning after 4") == true)
}

@Test func `the stalled are listed longest first, with buttons, and never past one message`() throws {
    let now = try instant("2017-10-10T09:00:00+03:00")
    #expect(stalledPieces([], try reader(.ru), at: now).map(\.text) == ["Ничего не стоит"])
    let alerts = try (1...300).map { number in
        var one = try alert(Int64(number), String(repeating: "9", count: 70) + "\(number)")
        one.facts.workingDays = number
        return one
    }
    let pieces = stalledPieces(alerts, try reader(.ru), at: now)
    #expect(pieces.first?.text == "Стоит на месте: 300")
    #expect(pieces.compactMap(\.alert).prefix(3) == [300, 299, 298])
    #expect(pieces.last?.text.contains("ещё 280") == true)
    #expect(telegramParts(of: pieces).count == 1)
}

@Test func `a press is answered with what is so then`() throws {
    let now = try instant("2017-10-10T09:00:00+03:00")
    let reader = try reader(.ru)
    var one = try alert(12)
    one.acknowledged = .init(by: "telegram:Анна", at: now)
    #expect(takenText(one, isNew: true, reader) == "Взято в работу: Анна. Напоминаний не будет")
    #expect(takenText(one, isNew: false, reader) == "Уже в работе: Анна")
    one.snoozed = .init(until: now, by: "telegram:Анна")
    #expect(snoozedText(one, reader) == "Отложено до 10 октября 2017, 09:00")
    one.closedAt = now
    #expect(takenText(one, isNew: false, reader) == "Уже закрыто")
    #expect(snoozedText(one, reader) == "Уже закрыто")
    #expect(takenText(nil, isNew: false, reader) == "Такой тревоги нет")
    #expect(alertPieces(one, reader).first?.alert == nil)
}

@Test func `status tells which provider fails`() throws {
    var failing = ProviderHealth(provider: "shiptor")
    failing.failingSince = try instant("2017-10-10T09:00:00+03:00")
    failing.lastError = "status <503>"
    let text = statusText(
        watched: [.item: 5], [failing, ProviderHealth(provider: "litemf")], open: [try alert(1)], waiting: 2,
        try reader(.ru))
    for words in [
        "товар: 5", "Shiptor: не отвечает с 10 октября 2017, 09:00: status <503>", "LiteMF: ещё не спрашивали",
        "Открыто тревог: 1, из них в работе: 0", "Ждут отправки: 2",
    ] {
        #expect(text.contains(words), "\(text)")
    }
}
