// The texts of the guide's own story, word for word: whoever changes one reads it aloud first.

import ParcelChannels
import ParcelCore
import Testing

private func golden(_ item: MessageItem, _ language: Language, _ expected: String) throws {
    #expect(text(of: item, for: try reader(language)) == expected)
}

@Test func `the warning about 1907-2 counts each day over Golden Week and says whom it holds up`() throws {
    let item = item(.opened, .stall, try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4))
    try golden(
        item, .ru,
        """
        ⚠️ № 1907-2: нет движения 4 рабочих дня
        Статус: «Заказано» (OT Commerce), ждём прибытия на склад
        Последнее движение впервые увидели 27 сентября 2017 (времени сервис не сообщил)
        Задерживает: 1907-1. Посылку соберут, когда придут все товары заказа.
        Заказ ORD-000001907, внешний заказ 12900
        Продавец cosplay假发, аккаунт Shiptor: U48266
        Трек-номер 71148967930433 (по Китаю): https://postal.ninja/widget/tracker?lc=ru&num=71148967930433
        Рабочие дни: чт 28.09, пт 29.09, сб 30.09 (рабочая суббота), пн 09.10
        Не считаются: 1–8.10 — Праздник середины осени, День образования КНР (中秋节、国庆节)
        Календарь: Китай; время Шанхая; проверено 9 октября 2017, 03:12
        Написать логисту:
        • LiteMF: https://ru.litemf.com/ru/support
        • Shiptor: https://shiptor.ru/#contact-us
        """)
    try golden(
        item, .en,
        """
        ⚠️ Item 1907-2: no movement for 4 working days
        Status: “Заказано” (OT Commerce), waiting to arrive at the warehouse
        Last movement first seen on 27 Sep 2017 (the provider gave no time)
        Holds up: 1907-1. The parcel is packed once every item of the order has arrived.
        Order ORD-000001907, external order 12900
        Seller cosplay假发, account Shiptor: U48266
        Track number 71148967930433 (in China): https://postal.ninja/widget/tracker?lc=ru&num=71148967930433
        Working days: Thu 28 Sep, Fri 29 Sep, Sat 30 Sep (a worked Saturday), Mon 9 Oct
        Not counted: 1–8 Oct — Mid-Autumn Festival, National Day (中秋节、国庆节)
        Calendar: China; Shanghai time; checked 9 Oct 2017, 03:12
        Write to the logist:
        • LiteMF: https://ru.litemf.com/ru/support
        • Shiptor: https://shiptor.ru/#contact-us
        """)
}

@Test func `the critical alert about 1907-2 is shorter and still has the days, the sibling and the links`() throws {
    let item = item(.escalated, .stall, try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5), .critical)
    try golden(
        item, .ru,
        """
        🔴 № 1907-2: нет движения уже 5 рабочих дней
        Статус: «Заказано» (OT Commerce), ждём прибытия на склад
        Последнее движение впервые увидели 27 сентября 2017 (времени сервис не сообщил)
        Задерживает: 1907-1. Посылку соберут, когда придут все товары заказа.
        Заказ ORD-000001907, внешний заказ 12900
        Трек-номер 71148967930433 (по Китаю): https://postal.ninja/widget/tracker?lc=ru&num=71148967930433
        Рабочие дни: чт 28.09, пт 29.09, сб 30.09 (рабочая суббота), пн 09.10, вт 10.10
        Не считаются: 1–8.10 — Праздник середины осени, День образования КНР (中秋节、国庆节)
        Проверено 10 октября 2017, 03:12
        Написать логисту:
        • LiteMF: https://ru.litemf.com/ru/support
        • Shiptor: https://shiptor.ru/#contact-us
        """)
    #expect(
        text(of: item, for: try reader(.en)).hasPrefix(
            "🔴 Item 1907-2: still no movement, 5 working days now\nStatus: “Заказано”"))
}

@Test func `that 1907-2 has moved is one line`() throws {
    let facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
    let arrival = try instant("2017-10-12T10:00:00+08:00")
    let happened = closed(facts, .moved, status: "Получено на склад", at: Since(arrival, .happened))
    let seen = closed(facts, .moved, status: "Получено на склад", at: Since(arrival, .seen))
    try golden(
        item(.closed, .stall, happened, .critical), .ru, "✅ № 1907-2: сдвинулось: «Получено на склад» (12 октября 2017)"
    )
    try golden(
        item(.closed, .stall, seen, .critical), .ru,
        "✅ № 1907-2: сдвинулось: «Получено на склад» (увидели 12 октября 2017)")
    try golden(
        item(.closed, .stall, seen, .critical), .en,
        "✅ Item 1907-2: has moved: “Получено на склад” (seen on 12 Oct 2017)")
    try golden(
        item(.wasSilent, .stall, happened, .critical), .ru,
        "✅ № 1907-2: молчало 5 рабочих дней, сдвинулось: «Получено на склад» (12 октября 2017)")
    try golden(
        item(.wasSilent, .stall, happened, .critical), .en,
        "✅ Item 1907-2: was silent for 5 working days, has moved: “Получено на склад” (12 Oct 2017)")
}

@Test func `parcel 519 is warned about, gets worse and moves`() throws {
    let warning = item(.opened, .stall, try parcel519(confirmed: "2017-07-17T03:12:00+03:00", threshold: 4))
    try golden(
        warning, .ru,
        """
        ⚠️ Посылка № 519: нет движения 4 рабочих дня
        Статус: «Экспортировано в систему службы доставки» (Shiptor), ждём отправки со склада
        Последнее движение: 11 июля 2017
        Заказ ORD-000001906
        Рабочие дни: ср 12.07, чт 13.07, пт 14.07, пн 17.07
        Не считаются: 15–16.07 — выходные
        Календарь: Китай; время Шанхая; проверено 17 июля 2017, 03:12
        Написать логисту:
        • LiteMF: https://ru.litemf.com/ru/support
        • Shiptor: https://shiptor.ru/#contact-us
        """)
    try golden(
        warning, .en,
        """
        ⚠️ Parcel 519: no movement for 4 working days
        Status: “Экспортировано в систему службы доставки” (Shiptor), waiting to be sent from the warehouse
        Last movement: 11 Jul 2017
        Order ORD-000001906
        Working days: Wed 12 Jul, Thu 13 Jul, Fri 14 Jul, Mon 17 Jul
        Not counted: 15–16 Jul — weekend
        Calendar: China; Shanghai time; checked 17 Jul 2017, 03:12
        Write to the logist:
        • LiteMF: https://ru.litemf.com/ru/support
        • Shiptor: https://shiptor.ru/#contact-us
        """)
    let facts = try parcel519(confirmed: "2017-07-18T03:12:00+03:00", threshold: 5)
    let critical = text(of: item(.escalated, .stall, facts, .critical), for: try reader(.ru))
    #expect(critical.hasPrefix("🔴 Посылка № 519: нет движения уже 5 рабочих дней\n"))
    let moved = closed(
        facts, .moved, status: "Отправлено", at: Since(try instant("2017-07-19T10:00:00+08:00"), .happened))
    try golden(item(.closed, .stall, moved, .critical), .ru, "✅ Посылка № 519: сдвинулось: «Отправлено» (19 июля 2017)")
    try golden(item(.closed, .stall, moved, .critical), .en, "✅ Parcel 519: has moved: “Отправлено” (19 Jul 2017)")
}

@Test func `what cannot be supplied is told with the sum to be refunded`() throws {
    let item = item(.opened, .refund, refund1872(), .critical)
    try golden(
        item, .ru,
        """
        💸 № 1872-2: «Невозможно поставить», к возврату 144,67 руб.
        Заказ ORD-000001872, внешний заказ 7510
        Продавец 牧熊旗舰店, аккаунт Shiptor: U48266
        Деньги за товар возвращаются на счёт полностью: проверьте, что они пришли. Об этом сообщаем один раз.
        """)
    try golden(
        item, .en,
        """
        💸 Item 1872-2: “Невозможно поставить”, to be refunded: 144.67 RUB
        Order ORD-000001872, external order 7510
        Seller 牧熊旗舰店, account Shiptor: U48266
        The full price goes back to the account: check that it arrives. This is told once.
        """)
}

@Test func `a provider that is down promises silence, and is told once when it answers`() throws {
    let facts = try providerDown()
    try golden(
        item(.opened, .providerDown, facts, .critical), .ru,
        """
        🔌 OT Commerce не отвечает с 20 августа 2017, 13:05
        Причина: ответ с кодом 503
        Пока нельзя проверить: 3 позиции
        Пока сервис не ответит, о простое ничего не сообщаем: нельзя узнать, сдвинулось ли что-то.
        Делать ничего не нужно: как только он ответит, напишем.
        """)
    try golden(
        item(.opened, .providerDown, facts, .critical), .en,
        """
        🔌 OT Commerce has not answered since 20 Aug 2017, 13:05
        Reason: status 503
        Cannot be checked meanwhile: 3 things
        Until it answers no stall is reported: nobody can know whether anything has moved.
        There is nothing to do: we will write when it answers.
        """)
    let back = closed(facts, .recovered, at: Since(try instant("2017-08-22T18:05:00+08:00"), .seen))
    try golden(
        item(.closed, .providerDown, back, .critical), .ru,
        "✅ OT Commerce снова отвечает (22 августа 2017, 13:05), проверки идут")
    try golden(
        item(.closed, .providerDown, back, .critical), .en,
        "✅ OT Commerce answers again (22 Aug 2017, 13:05), checks go on")
    try golden(
        item(.wasSilent, .providerDown, back, .critical), .ru,
        "✅ OT Commerce снова отвечает (22 августа 2017, 13:05), проверки идут; не отвечал с 20 августа 2017, 13:05")
}
