// Messages of several, many and thousands of items: what stands where, and that nothing is cut off.

import ParcelChannels
import ParcelCore
import Testing

private func stall(
    _ number: Int64, _ level: Level = .warning, stage: Stage = .inbound, _ contact: ContactRole = .logist, days: Int = 4
)
    -> MessageItem
{
    var facts = AlertFacts()
    facts.thingKind = .item
    facts.label = "\(number)-1"
    facts.stage = stage
    facts.contact = contact
    facts.contacts = contact == .logist ? logist : nil
    facts.workingDays = days
    facts.statusText = "Заказано"
    return item(.opened, .stall, facts, level, alert: number)
}

@Test func `a few items need no headings`() throws {
    let texts = texts(of: try message([stall(1), stall(2, stage: .pickup, .manager), stall(3)]))
    #expect(texts.count == 3)
    #expect(!texts.joined().contains("▪️"))
}

@Test func `several items stand under headings, the worst first`() throws {
    let over = closed(
        try item1907(confirmed: "2017-10-09T03:12+03:00", threshold: 4), .moved,
        at: Since(try instant("2017-10-12T10:00+08:00"), .seen))
    let message = try message([
        stall(1), stall(2, stage: .pickup, .manager, days: 9), stall(3, .critical, days: 5),
        item(.closed, .stall, over),
    ])
    let russian = texts(of: message)
    #expect(
        russian.map { $0.prefix { $0 != "\n" } }
            == [
                "▪️ Логист, ждём прибытия на склад: 2", "⚠️ № 1-1: нет движения 4 рабочих дня",
                "▪️ Менеджер, ждёт, когда её заберёт покупатель: 1",
                "✅ № 1907-2: сдвинулось (увидели 12 октября 2017)",
            ].map { $0[...] }, "\(russian)")
    #expect(russian[0].contains("\n\n🔴 № 3-1: нет движения 5 рабочих дней"))
    var english = message
    english.language = .en
    #expect(texts(of: english)[0].hasPrefix("▪️ Logist, waiting to arrive at the warehouse: 2\n\n"))
}

@Test func `five thousand at once are the worst thirty, the rest counted, and all of them in a table`() throws {
    let items = (1...5000).map { number in
        let days = Int(number % 40)
        return number.isMultiple(of: 2)
            ? stall(Int64(number), .critical, days: days)
            : stall(Int64(number), .critical, stage: .pickup, .manager, days: days)
    }
    var message = try message(items)
    let table = try #require(digestTable(of: message))
    message.attachments = [table]
    let texts = texts(of: message)
    #expect(texts.first == "🔴 Тревог сразу: 5000. Худшие 30:")
    #expect(texts[1...30].allSatisfy { $0.contains("нет движения 39 рабочих дней") && !$0.contains("\n") })
    #expect(texts.contains("Остальные: 4970"))
    #expect(texts.contains("• логист, ждём прибытия на склад: 2500"))
    #expect(texts.contains("• менеджер, ждёт, когда её заберёт покупатель: 2470"))
    #expect(texts.contains("Все: parceld-2017-10-09.csv или parcelctl alerts"))
    let parts = try channel("telegram", ["token": .secret(Secret("t")), "chat": .text("1")]).parts(of: message)
    #expect(parts.count <= 2)
    #expect(parts.map { TelegramPart(stored: $0)?.plain.utf16.count ?? .max }.allSatisfy { $0 <= 4096 })
    #expect(table.name == "parceld-2017-10-09.csv" && table.mediaType == "text/csv")
    #expect(Array(table.bytes.prefix(3)) == [0xEF, 0xBB, 0xBF])
    let lines = String(decoding: table.bytes.dropFirst(3), as: UTF8.self).split(separator: "\r\n")
    #expect(lines.count == 5001)
    #expect(lines[0].hasPrefix("Уровень;Что нового;Тревога;"))
    #expect(lines[2] == "критично;новое;нет движения;товар;2-1;;логист;ждём прибытия на склад;Заказано;2;;;;;;;")
    // Programs get them all.
    let posted = try channel("webhook", ["url": .text("http://127.0.0.1/")]).parts(of: message)
    #expect(posted.count == 50)
}

@Test func `what is over in numbers is counted too, and a message that tells all has no table`() throws {
    let over = (1...100).map {
        item(.closed, .stall, closed(AlertFacts(), .waits, at: Since(Timestamp(seconds: 0), .seen)), alert: Int64($0))
    }
    let texts = texts(of: try message(over))
    #expect(texts.count == 31 && texts.last == "… и ещё закрыто: 70")
    #expect(digestTable(of: try message(Array(over.prefix(30)))) == nil)
}

@Test func `strangers' texts are plain text in the table`() throws {
    var facts = AlertFacts()
    facts.label = "=cmd()"
    facts.statusText = "a\u{202E}\r\n\"b\";c\u{1B}[31m"
    let items = (1...31).map { item(.opened, .stall, facts, alert: Int64($0)) }
    let table = try #require(digestTable(of: try message(items, .en)))
    let text = String(decoding: table.bytes.dropFirst(3), as: UTF8.self)
    let line = try #require(text.split(separator: "\r\n").dropFirst().first)
    #expect(line == #"warning,new,no movement,,'=cmd(),,,,"a ""b"";c[31m",,,,,,,,"#)
}
