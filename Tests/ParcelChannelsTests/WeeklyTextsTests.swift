import ParcelChannels
import ParcelCore
import Testing

private func message(_ summary: WeeklySummary, _ language: Language) throws -> Message {
    var message = try message([], language)
    message.summary = summary
    return message
}

@Test func `a quiet week says that it is quiet, and that parceld works`() throws {
    let summary = WeeklySummary(
        after: try date(2026, 11, 16), watched: 240, lastSuccessAt: try instant("2026-11-23T08:50+03:00"))
    #expect(
        texts(of: try message(summary, .ru)) == [
            """
            📅 Неделя 16–22.11.2026
            Всё спокойно: открытых тревог нет
            За неделю открыто: 0, закрыто: 0
            parceld работает, под наблюдением: 240 позиций, последняя проверка 23 ноября 2026, 08:50
            """
        ])
    #expect(
        texts(of: try message(summary, .en)) == [
            """
            📅 The week of 16–22 Nov 2026
            All quiet: no open alerts
            In the week opened: 0, closed: 0
            parceld works, watching: 240 things, last check 23 Nov 2026, 08:50
            """
        ])
    #expect(try channel("journal").parts(of: try message(summary, .en)).map { $0.prefix(8) } == ["5📅 The w"])
    // It tells people; programs have no use for it.
    #expect(try channel("webhook", ["url": .text("http://127.0.0.1/")]).parts(of: try message(summary, .en)) == [])
}

@Test func `a week with alerts says what is open, how long things were silent, and what is open for longest`() throws {
    var summary = WeeklySummary(after: try date(2026, 9, 28), watched: 1, lastSuccessAt: nil)
    (summary.critical, summary.warnings, summary.opened, summary.closed) = (1, 2, 3, 4)
    summary.silences = [
        WeeklySummary.Silence(contact: .logist, stage: .inbound, average: 45, averageBefore: nil),
        WeeklySummary.Silence(contact: nil, stage: .pickup, average: nil, averageBefore: 130),
    ]
    summary.longest = [
        item(.opened, .stall, try item1907(confirmed: "2017-10-10T03:12+03:00", threshold: 5), .critical)
    ]
    #expect(
        texts(of: try message(summary, .ru)) == [
            """
            📅 Неделя 28.09–4.10.2026
            Открыто тревог: 3, из них критичных: 1
            За неделю открыто: 3, закрыто: 4
            parceld работает, под наблюдением: 1 позиция
            """,
            """
            Среднее молчание в рабочих днях (неделей раньше):
            • логист, ждём прибытия на склад: 4,5 (–)
            • ждёт, когда её заберёт покупатель: – (13,0)
            """,
            "Дольше всего открыто:",
            "🔴 № 1907-2: нет движения 5 рабочих дней; «Заказано», ждём прибытия на склад, открыто с 9 октября 2017",
        ])
    #expect(texts(of: try message(summary, .en)).last?.hasSuffix(", open since 9 Oct 2017") == true)
}
