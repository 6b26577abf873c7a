// Messages of many as a user's own template arranges them: the words are the user's, and each item is still told, answered
// and marked by itself.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

private func stall(_ number: Int64, _ stage: Stage = .inbound) throws -> MessageItem {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    (facts.label, facts.stage) = ("\(number)-1", stage)
    return item(.opened, .stall, facts, alert: number)
}

private func over(_ number: Int64) throws -> MessageItem {
    let facts = closed(try stall(number).facts, .moved, at: Since(try instant("2017-10-12T10:00+08:00"), .seen))
    return item(.closed, .stall, facts, alert: number)
}

private func told(_ items: [MessageItem], _ templates: [String: String]) throws -> Message {
    var message = try message(items)
    message.templates = templates
    return message
}

private func pieces(_ message: Message) throws -> [TelegramPiece] {
    let channel = try channel("telegram", ["token": .secret(Secret("t")), "chat": .text("1")])
    return try channel.parts(of: message).flatMap { try #require(TelegramPart(stored: $0)).pieces }
}

private let ownDigest = """
    Доброе утро! Дел: {{total}}, срочных: {{critical}}
    {{#groups}}

    {{topic}} ({{count}})

    {{#items}}
    * {{.}}
    {{/items}}
    {{/groups}}
    {{overview}}

    Прошло: {{#overLines}}{{.}}; {{/overLines}}
    С уважением, parceld
    """

@Test func `a digest of the user's own words still has each item with its buttons`() throws {
    let items = [try stall(1), try stall(2, .pickup), try stall(3), try stall(4, .pickup), try over(5), try over(6)]
    var first = try stall(7)
    first.isOverview = true
    let own = ["digest.mustache": ownDigest, "stall.ru.mustache": "{{name}}: {{silence}}."]
    #expect(templateMistakes("digest.mustache", ownDigest) == [])
    let message = try told(items + [first], own)
    #expect(
        texts(of: message) == [
            "Доброе утро! Дел: 4, срочных: 0",
            "логист, ждём прибытия на склад (2)\n\n* № 1-1: 4 рабочих дня.", "* № 3-1: 4 рабочих дня.",
            "логист, ждёт, когда её заберёт покупатель (2)\n\n* № 2-1: 4 рабочих дня.", "* № 4-1: 4 рабочих дня.",
            """
            👋 Уже стояло, когда parceld начал смотреть: 1
            ⚠️ № 7-1: нет движения 4 рабочих дня; «Заказано», ждём прибытия на склад
            Написать логисту:
            • LiteMF: https://ru.litemf.com/ru/support
            • Shiptor: https://shiptor.ru/#contact-us
            """,
            "Прошло: ✅ № 5-1: сдвинулось (увидели 12 октября 2017); ",
            "✅ № 6-1: сдвинулось (увидели 12 октября 2017); ", "С уважением, parceld",
        ])
    #expect(try pieces(message).compactMap(\.alert) == [1, 3, 2, 4, 7])
}

@Test func `a template of the user's own for one kind keeps the buttons under it`() throws {
    let message = try told([try stall(1)], ["stall.mustache": "{{name}} {{silence}}\n{{seller}}"])
    let piece = try #require(try pieces(message).first)
    #expect(piece.alert == 1 && piece.hasLetter && piece.headLines == 1)
    let overview = try told(
        try (1...3).map { number in
            var told = try stall(Int64(number))
            told.isOverview = true
            return told
        }, ["overview.mustache": "{{count}}:\n{{#items}}\n- {{.}}\n{{/items}}", "overview_line.mustache": "{{name}}"])
    #expect(texts(of: overview) == ["3:\n- № 1-1\n- № 2-1\n- № 3-1"])
    #expect(try pieces(overview).compactMap(\.alert) == [1, 2, 3])
}

@Test(arguments: [
    "{{total}} {{#critical}}{{#groups}}{{#items}}{{.}}{{/items}}{{/groups}}{{/critical}}{{^total}}{{overview}}{{/total}}",
    "{{^groups}}{{#groups}}{{#items}}{{.}}{{/items}}{{/groups}}{{/groups}}{{total}}{{overview}}",
    "{{total}}{{overview}}{{#groups}}{{#items}}{{/items}}{{/groups}}", "{{nothing}}", "\u{200B}\u{FEFF}",
])
func `a digest that would leave an alert out is the built-in one`(template: String) throws {
    let items = try (1...5).map { try stall(Int64($0)) }
    var first = try stall(7)
    first.isOverview = true
    let usual = texts(of: try told(items + [first], [:]))
    #expect(texts(of: try told(items + [first], ["digest.mustache": template])) == usual)
    #expect(usual.count == 6)
}

@Test func `what is named twice is answered once, and what stands on one line is told apart`() throws {
    let twice = "{{#groups}}{{#items}}{{.}} | {{/items}}\n\n{{#items}}{{.}}\n{{/items}}{{/groups}}{{overview}}"
    let message = try told(
        try (1...4).map { try stall(Int64($0)) }, ["digest.mustache": twice, "stall.mustache": "{{name}}"])
    #expect(
        texts(of: message) == ["№ 1-1 | ", "№ 2-1 | ", "№ 3-1 | ", "№ 4-1 | ", "№ 1-1", "№ 2-1", "№ 3-1", "№ 4-1"])
    #expect(try pieces(message).compactMap(\.alert) == [1, 2, 3, 4])
}

@Test func `a storm and a week are told in the user's own words`() throws {
    let own = [
        "storm.mustache":
            "{{total}}/{{shown}}/{{rest}}\n{{#items}}\n{{.}}\n{{/items}}\n{{#groups}}{{stage}}={{count}} {{/groups}}{{overview}}",
        "weekly.mustache":
            "{{#isQuiet}}Тихо, следим за {{watched}}{{/isQuiet}}{{^isQuiet}}{{open}}!\n\n{{#longest}}\n{{line}} ({{since}})\n{{/longest}}{{/isQuiet}}",
    ]
    for (file, text) in own { #expect(templateMistakes(file, text) == []) }
    let message = try told(try (1...31).map { try stall(Int64($0)) }, own)
    #expect(texts(of: message).first == "31/30/1")
    #expect(texts(of: message).last == "ждём прибытия на склад=1")
    #expect(try pieces(message).compactMap(\.alert).count == 30)
    var week = try told([], own)
    week.summary = WeeklySummary(after: try date(2026, 9, 28), watched: 21, lastSuccessAt: nil)
    #expect(texts(of: week) == ["Тихо, следим за 21 позиция"])
    week.summary?.warnings = 1
    week.summary?.longest = [try stall(1)]
    #expect(
        texts(of: week) == [
            "1!",
            "⚠️ № 1-1: нет движения 4 рабочих дня; «Заказано», ждём прибытия на склад (открыто с 9 октября 2017)",
        ])
    // There is an alert's own message to answer.
    #expect(try pieces(week).compactMap(\.alert) == [])
}

@Test func `an editor's carriage returns and byte order mark are no part of a template`() throws {
    let own = ["stall.mustache": "\u{FEFF}{{name}}\r\n{{#holdLines}}\r\n{{.}}\r\n{{/holdLines}}\r\nend\r\n"]
    let text = texts(of: try told([try stall(1)], own))[0]
    #expect(text.split(separator: "\n").map(String.init).first == "№ 1-1")
    #expect(text.hasSuffix("\nend") && !text.unicodeScalars.contains("\r") && !text.unicodeScalars.contains("\u{FEFF}"))
}

@Test func `the heading of a group is bold with its first item, and stays when that is over`() throws {
    let items = [try stall(1), try stall(2), try stall(3, .pickup), try stall(4, .pickup)]
    let channel = try #require(
        try channel("telegram", ["token": .secret(Secret("t")), "chat": .text("1")]) as? Telegram)
    let part = try #require(channel.parts(of: try message(items)).first)
    let html = try #require(TelegramPart(stored: part)).html()
    #expect(
        html.hasPrefix("<b>▪️ Логист, ждём прибытия на склад: 2</b>\n\n<b>⚠️ № 1-1: нет движения 4 рабочих дня</b>\n"))
    #expect(html.contains("\n\n<b>⚠️ № 2-1: нет движения 4 рабочих дня</b>\nСтатус"))
    let over = try #require(TelegramPart(stored: part)).html([1: .closed])
    #expect(
        over.hasPrefix(
            "<b>▪️ Логист, ждём прибытия на склад: 2</b>\n\n✅ <s>⚠️ № 1-1: нет движения 4 рабочих дня</s>\nСтатус"))
    let taken = try #require(TelegramPart(stored: part)).html([1: .open(lines: ["✋ В работе: anna"], isTaken: true)])
    #expect(taken.contains("4 рабочих дня</b>\n✋ В работе: anna\nСтатус"))
}

@Test(arguments: [
    (MessageItem.Telling.reminded, AlertKind.stall, 1), (.reopened, .stall, 1), (.lowered, .condition, 1),
    (.reminded, .authentication, 2), (.opened, .providerDown, 1), (.reopened, .providerDown, 1),
])
func `only what heads a text is bold`(telling: MessageItem.Telling, kind: AlertKind, lines: Int) throws {
    let facts = kind.isAboutService ? try providerDown() : try stall(1).facts
    let piece = try #require(try pieces(try message([item(telling, kind, facts)])).first)
    #expect(piece.headLines == lines, "\(piece.text)")
}

@Test func `lines stand together in a mail, and its subject is about the first matter`() throws {
    let own = ["digest.mustache": ownDigest]
    let mail = try channel(
        "mail",
        ["url": .text("smtp://127.0.0.1"), "from": .text("a@b.example"), "to": .names(["c@d.example"])])
    let items = try (1...4).map { try stall(Int64($0)) } + [try over(5), try over(6)]
    for templates in [[:], own] {
        let text = try #require(mail.parts(of: try told(items, templates)).first)
        let subject = try #require(decodedSubject(text))
        #expect(subject == "⚠️ № 1-1: нет движения 4 рабочих дня (и ещё 5)" || subject.hasPrefix("* ⚠️ № 1-1"))
        #expect(!subject.contains("Доброе утро"))
    }
    let bodies = try decodedBodies(try #require(mail.parts(of: try told(items, [:])).first))
    #expect(bodies[0].contains("2017)\r\n✅ № 6-1"))
    #expect(bodies[1].contains("<p>✅ № 5-1: сдвинулось (увидели 12 октября 2017)<br>\r\n✅ № 6-1"))
}
