// The letters, word for word where somebody reads them, and by rule for every stage, contact and language.

import ParcelChannels
import ParcelCore
import Testing

private func write(
    _ subjects: [LetterSubject], to contact: LetterContact? = nil, in language: LetterLanguage? = nil
) throws -> [Letter] {
    let (moscow, shanghai) = (try zone("Europe/Moscow"), try zone("Asia/Shanghai"))
    return letters(about: subjects, to: contact, in: language) { $0 == .zh ? shanghai : moscow }
}

private func stalled() throws -> LetterSubject {
    LetterSubject(kind: .stall, facts: try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5))
}

private func text(_ subject: LetterSubject, _ contact: LetterContact?, _ language: LetterLanguage?) throws -> String {
    let letters = try write([subject], to: contact, in: language)
    #expect(letters.count == 1)
    return try #require(letters.first).text
}

@Test func `the logist gets a Russian letter with all that is known of 1907-2`() throws {
    let letter = try #require(try write([try stalled()]).first)
    #expect(letter.contact == .logist && letter.addresses == logist && letter.labels == ["1907-2"])
    #expect(
        letter.text == """
            Здравствуйте!

            Помогите, пожалуйста: здесь давно нет движения.

            Товар № 1907-2
            Заказ: ORD-000001907
            Внешний заказ: 12900
            Аккаунт: Shiptor: U48266
            Продавец: cosplay假发
            Трек-номер (по Китаю): 71148967930433
            Статус: «Заказано»
            Этап: ждём прибытия на склад
            Последнее движение: 27 сентября 2017 (впервые увидели, времени сервис не сообщил)
            Без движения: 5 рабочих дней (календарь: Китай)
            Проверено: 10 октября 2017
            Из-за этого ждут: 1907-1

            Пришло ли это на склад? Если нет, узнайте, пожалуйста, у продавца и курьера, где оно.

            Спасибо!
            """)
}

@Test func `the warehouse gets a Chinese letter by the calendar and the clock of China`() throws {
    let letter = try #require(try write([try stalled()], to: .warehouse).first)
    #expect(letter.language == .zh)
    #expect(
        letter.text == """
            您好！

            以下商品较长时间没有更新，麻烦您帮忙核实：

            商品 1907-2
            订单号：ORD-000001907
            外部订单号：12900
            账户：Shiptor: U48266
            卖家：cosplay假发
            国内快递单号：71148967930433
            当前环节：等待入库
            系统显示的状态：“Заказано”
            最近更新日期：2017年9月27日（系统未提供具体时间，此为我方首次看到的日期）
            已有5个工作日没有更新（按中国工作日计算）
            查询日期：2017年10月10日
            受影响的商品或订单：1907-1

            请问仓库是否已经收到？如果没有收到，麻烦向卖家和快递公司核实货物在哪里。

            谢谢！
            """)
}

@Test func `an English letter about a parcel gives its date`() throws {
    let facts = try parcel519(confirmed: "2017-07-18T03:12:00+03:00", threshold: 5)
    #expect(
        try text(LetterSubject(kind: .stall, facts: facts), nil, .en) == """
            Hello,

            Please help: this has not moved for a long time.

            Parcel 519
            Order: ORD-000001906
            Status: “Экспортировано в систему службы доставки”
            Stage: waiting to be sent from the warehouse
            Last movement: 11 Jul 2017
            No movement for: 5 working days (calendar: China)
            Checked: 18 Jul 2017

            Has the parcel been sent? Please give us the date and the track number.

            Thank you!
            """)
}

@Test func `several things of one contact are one letter, numbered, and what is asked stands once`() throws {
    let item = try stalled()
    var sibling = item
    sibling.facts.label = "1907-3"
    let parcel = LetterSubject(
        kind: .stall, facts: try parcel519(confirmed: "2017-07-18T03:12:00+03:00", threshold: 5))
    let written = try write([item, parcel, sibling])
    #expect(written.map(\.labels) == [["1907-2", "519", "1907-3"]])
    let text = try #require(written.first).text
    let marks = text.split(separator: "\n").filter { $0.contains("№") }.map(String.init)
    #expect(marks == ["1. Товар № 1907-2", "2. Товар № 1907-3", "3. Посылка № 519"])
    #expect(text.contains("по этим позициям давно нет движения"))
    #expect(text.ranges(of: "Пришло ли это на склад?").count == 1)
    #expect(text.contains("Отправлена ли посылка?"))
}

@Test func `each contact has a letter of its own, and a named contact gets them all`() throws {
    var unpaid = try stalled()
    unpaid.facts.stage = .payment
    unpaid.facts.contacts = [.init(role: .platform, name: "чат", url: "https://chat.example")]
    let written = try write([unpaid, try stalled(), try stalled()])
    #expect(written.map(\.contact) == [.logist, .manager])
    #expect(written.map(\.language) == [.ru, .ru])
    let platform = try write([unpaid, try stalled()], to: .platform)
    #expect(platform.map(\.contact) == [.platform] && platform[0].labels.count == 2)
    #expect(platform[0].addresses.map(\.name) == ["чат"])
    #expect(try write([]) == [])
}

@Test func `a thing of which nothing is wrong is asked about politely, a finished one says how it ended`() throws {
    var calm = try stalled()
    calm.kind = nil
    #expect(try text(calm, nil, nil).contains("Подскажите, пожалуйста, как обстоят дела с этой позицией."))
    #expect(try text(calm, nil, .zh).contains("麻烦您帮忙查询以下商品的最新情况："))
    calm.ending = .delivered
    calm.endedAt = try instant("2017-10-12T23:30:00+03:00")
    let russian = try text(calm, nil, nil)
    #expect(russian.contains("Завершено: доставлено (12 октября 2017)") && russian.contains("что нам известно"))
    #expect(!russian.contains("Этап:") && !russian.contains("Без движения"))
    #expect(try text(calm, nil, .zh).contains("最终状态：已签收（2017年10月13日）"))
}

@Test(arguments: [
    (1, "1 рабочий день", "1 working day", "1个工作日"), (2, "2 рабочих дня", "2 working days", "2个工作日"),
    (5, "5 рабочих дней", "5 working days", "5个工作日"), (11, "11 рабочих дней", "11 working days", "11个工作日"),
    (21, "21 рабочий день", "21 working days", "21个工作日"), (112, "112 рабочих дней", "112 working days", "112个工作日"),
])
func `days are counted in the words of each language`(days: Int, russian: String, english: String, chinese: String)
    throws
{
    var subject = try stalled()
    subject.facts.workingDays = days
    #expect(try text(subject, nil, .ru).contains("Без движения: \(russian) ("))
    #expect(try text(subject, nil, .en).contains("No movement for: \(english) ("))
    #expect(try text(subject, nil, .zh).contains("已有\(chinese)没有更新"))
}

@Test(arguments: [
    ("RUB", "144,67 руб.", "144.67 RUB", "144.67卢布"), ("CNY", "144,67 CNY", "144.67 CNY", "144.67元"),
    ("KZT", "144,67 KZT", "144.67 KZT", "144.67 KZT"),
])
func `a refund is told with its sum and currency`(currency: String, russian: String, english: String, chinese: String)
    throws
{
    var subject = LetterSubject(kind: .refund, facts: refund1872(), ending: .refunded)
    subject.facts.amount = Money(minor: 14467, currency: currency)
    #expect(try text(subject, nil, .ru).contains("К возврату: \(russian)\n"))
    #expect(try text(subject, nil, .en).contains("To be refunded: \(english)\n"))
    #expect(try text(subject, nil, .zh).contains("退款金额：\(chinese)\n"))
}

@Test func `a sum is only told where it comes back`() throws {
    var subject = try stalled()
    subject.facts.amount = Money(minor: 14467, currency: "RUB")
    #expect(!(try text(subject, nil, .ru)).contains("144,67"))
}

/// Marks of a text that was put together from nothing.
private let scars = [
    "Optional", "nil", "  ", "()", "（）", "«»", "“”", " ,", "\n\n\n", ": \n", "：\n\n\n", "{{", "}}", "&lt;",
]

@Test(arguments: LetterLanguage.allCases, LetterContact.allCases)
func `every stage, condition and kind has a letter in the language it is written in`(
    language: LetterLanguage, contact: LetterContact
) throws {
    var subjects: [LetterSubject] = []
    for stage in Stage.allCases {
        var subject = try stalled()
        subject.facts.stage = stage
        subjects.append(subject)
    }
    for condition in Condition.allCases {
        var subject = try stalled()
        (subject.kind, subject.facts.condition) = (.condition, condition)
        subjects.append(subject)
    }
    for kind in [AlertKind.vanished, .contradiction, .refund] {
        var subject = try stalled()
        (subject.kind, subject.facts.provider, subject.facts.disagreeing) = (kind, "shiptor", ["litemf"])
        subjects.append(subject)
    }
    for kind in ThingKind.allCases {
        var subject = try stalled()
        subject.facts.thingKind = kind
        subjects.append(subject)
    }
    for ending in Ending.allCases {
        var subject = try stalled()
        (subject.kind, subject.ending) = (nil, ending)
        subjects.append(subject)
    }
    for var subject in subjects {
        subject.facts.statusText = "Ordered"
        subject.facts.facts = ["seller": "Shop", "account": "A1"]
        let text = try text(subject, contact, language)
        #expect(scars.allSatisfy { !text.contains($0) }, "\(text)")
        let letters = text.unicodeScalars.map(\.value)
        #expect(letters.contains { (0x400...0x4FF).contains($0) } == (language == .ru), "\(text)")
        #expect(letters.contains { (0x4E00...0x9FFF).contains($0) } == (language == .zh), "\(text)")
        for fact in ["1907-2", "12900", "Shop", "A1", "71148967930433"] where fact != "12900" {
            #expect(text.contains(fact), "\(text)")
        }
    }
}

@Test func `the seller is asked as a seller and the warehouse as a warehouse`() throws {
    var subject = try stalled()
    subject.facts.stage = .trackAssignment
    #expect(try text(subject, .seller, nil).contains("请问是否已经发货？麻烦提供快递单号。"))
    #expect(try text(subject, .warehouse, nil).contains("请问卖家是否已经发货？"))
    #expect(subject.concerns(.seller) && !subject.concerns(.warehouse) && subject.concerns(.logist))
    subject.facts.stage = .handover
    #expect(!subject.concerns(.seller) && subject.concerns(.warehouse))
}

private let nasty = [
    "<b>Bold</b> & \"x\"", "_*[x](http://evil.example)", "line\r\nbreak\nand\ttab", "\u{202E}txt.exe\u{202C}",
    "\u{1B}[31mred\u{1B}[0m\u{7}", "=cmd|' /C calc'!A0", "{{thing}} {{#groups}}",
    String(repeating: "👍", count: 4096), "{{{",
]

@Test(arguments: nasty, LetterLanguage.allCases)
func `whatever others wrote stands in a letter as text on one line`(text: String, language: LetterLanguage) throws {
    var subject = try stalled()
    subject.facts.facts = ["seller": text, "account": text, "title": text, "external_order": text, "problem": text]
    subject.facts.statusText = text
    subject.facts.order = text
    subject.facts.label = text
    let plain = try stalled()
    let written = try ParcelChannelsTests.text(subject, nil, language)
    let usual = try ParcelChannelsTests.text(plain, nil, language)
    #expect(written.count { $0 == "\n" } == usual.count { $0 == "\n" } + 2)
    #expect(written.contains(harmless(text)))
    #expect(!written.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\r" || $0 == "\u{202E}" || $0 == "\u{7}" })
}
