import ParcelChannels
import ParcelCore
import Testing

private func lines(_ items: [MessageItem]) throws -> [JournalLine] {
    let journal = try channel("journal")
    return journal.parts(of: try message(items)).enumerated().flatMap { number, part -> [JournalLine] in
        guard case .journal(let lines) = journal.delivery(of: part, number: number, dedupKey: "key") else { return [] }
        return lines
    }
}

@Test func `each item is one line with the priority of its level`() throws {
    let facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    let moved = closed(
        facts, .moved, status: "Получено на склад", at: Since(try instant("2017-10-12T10:00:00+08:00"), .seen))
    let found = try lines([
        item(.opened, .stall, facts, .warning), item(.escalated, .stall, facts, .critical),
        item(.opened, .providerDown, try providerDown(), .critical), item(.closed, .stall, moved, .critical),
        item(.wasSilent, .stall, moved, .critical), item(.opened, .stall, facts, .critical, overview: true),
    ])
    #expect(found.map(\.priority) == [4, 3, 3, 5, 5, 3])
    #expect(found.allSatisfy { !$0.text.contains("\n") && !$0.text.isEmpty })
    #expect(found[0].text.hasPrefix("⚠️ № 1907-2: нет движения 4 рабочих дня | Статус: «Заказано»"))
    #expect(found[0].text.contains("https://shiptor.ru/#contact-us"))
    #expect(found[5].text == "🔴 № 1907-2: нет движения 4 рабочих дня; «Заказано», ждём прибытия на склад")
}

@Test(arguments: [1, 50, 51, 999, 10_000])
func `thousands of items are as many lines in few parts`(count: Int) throws {
    let facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    let items = (1...count).map { number in
        var facts = facts
        facts.label = "1907-\(number)"
        return item(.opened, .stall, facts, number == count ? .critical : .warning, alert: Int64(number))
    }
    #expect(try channel("journal").parts(of: try message(items)).count <= 50)
    let found = try lines(items)
    #expect(found.count == count)
    #expect(found.enumerated().allSatisfy { $1.text.contains(" 1907-\($0 + 1):") })
    #expect(found.map(\.priority).filter { $0 == 3 }.count == 1 && found.last?.priority == 3)
}

@Test func `a journal needs no settings and takes everything`() throws {
    #expect(try channel("journal").outcome(of: answer(500)) == .accepted())
    #expect(try lines([]) == [])
}
