// Words, numbers and dates in both languages.

import ParcelChannels
import ParcelCore
import Testing

/// Every case of an enum has a word of its own in each language.
private func checkWords<Case: Hashable & Sendable>(_ cases: [Case], _ word: (Reader, Case) -> String) throws {
    let (russian, english) = (try reader(.ru), try reader(.en))
    #expect(Set(cases.map { word(russian, $0) }).count == cases.count)
    #expect(Set(cases.map { word(english, $0) }).count == cases.count)
    for value in cases {
        #expect(word(russian, value).unicodeScalars.contains { (0x400...0x4FF).contains($0.value) }, "\(value)")
        #expect(word(english, value).unicodeScalars.allSatisfy(\.isASCII) && !word(english, value).isEmpty, "\(value)")
    }
}

@Test func `every case has a word of its own in both languages`() throws {
    try checkWords(Stage.allCases) { $0.word($1) }
    try checkWords(Ending.allCases) { $0.word($1) }
    try checkWords(Condition.allCases) { $0.word($1) }
    try checkWords(Milestone.allCases) { $0.word($1) }
    try checkWords(Leg.allCases) { $0.word($1) }
    try checkWords(Level.allCases) { $0.word($1) }
    try checkWords(ThingKind.allCases) { $0.word($1) }
    try checkWords(AlertKind.allCases) { $0.word($1) }
    try checkWords(TrackNumberRole.allCases) { $0.word($1) }
    try checkWords(ContactRole.allCases) { $0.word($1) }
    try checkWords([Cause.threshold, .reported, .moved, .finished, .waits, .joined, .recovered, .recomputed]) {
        $0.word($1)
    }
    try checkWords([MessageItem.Telling.opened, .escalated, .closed, .wasSilent]) { $0.word($1) }
}

private let plurals: [(count: Int, russian: String, english: String)] = [
    (0, "0 рабочих дней", "0 working days"),
    (1, "1 рабочий день", "1 working day"),
    (2, "2 рабочих дня", "2 working days"),
    (4, "4 рабочих дня", "4 working days"),
    (5, "5 рабочих дней", "5 working days"),
    (11, "11 рабочих дней", "11 working days"),
    (12, "12 рабочих дней", "12 working days"),
    (14, "14 рабочих дней", "14 working days"),
    (21, "21 рабочий день", "21 working days"),
    (22, "22 рабочих дня", "22 working days"),
    (25, "25 рабочих дней", "25 working days"),
    (101, "101 рабочий день", "101 working days"),
    (111, "111 рабочих дней", "111 working days"),
    (112, "112 рабочих дней", "112 working days"),
    (122, "122 рабочих дня", "122 working days"),
]

@Test(arguments: plurals)
func `numbers take the right form`(count: Int, russian: String, english: String) throws {
    #expect(try reader(.ru).workingDays(count) == russian)
    #expect(try reader(.en).workingDays(count) == english)
}

private let counted: [(count: Int, russian: [String], english: [String])] = [
    (0, ["0 запросов", "0 номеров"], ["0 requests", "0 numbers"]),
    (1, ["1 запрос", "1 номер"], ["1 request", "1 number"]),
    (3, ["3 запроса", "3 номера"], ["3 requests", "3 numbers"]),
    (11, ["11 запросов", "11 номеров"], ["11 requests", "11 numbers"]),
    (21, ["21 запрос", "21 номер"], ["21 requests", "21 numbers"]),
]

@Test(arguments: counted)
func `requests and numbers take the right form`(count: Int, russian: [String], english: [String]) throws {
    let (one, other) = (try reader(.ru), try reader(.en))
    #expect([one.requests(count), one.numbers(count)] == russian)
    #expect([other.requests(count), other.numbers(count)] == english)
}

@Test(arguments: [(30, "30 мин", "30 min"), (120, "2 ч", "2 h"), (720, "12 ч", "12 h"), (10_080, "7 дн.", "7 d")])
func `spans are short`(minutes: Int64, russian: String, english: String) throws {
    #expect(try reader(.ru).span(.minutes(minutes)) == russian)
    #expect(try reader(.en).span(.minutes(minutes)) == english)
}

@Test func `dates and times are the reader's`() throws {
    let (russian, english) = (try reader(.ru), try reader(.en))
    let day = try date(2017, 10, 9)
    #expect(russian.date(day) == "9 октября 2017")
    #expect(english.date(day) == "9 Oct 2017")
    #expect(russian.weekdayDate(day) == "пн 09.10")
    #expect(english.weekdayDate(day) == "Mon 9 Oct")
    let late = try instant("2017-10-09T23:30:00Z")
    #expect(russian.time(late) == "10 октября 2017, 02:30")
    #expect(Reader(.en, try zone("Asia/Shanghai")).time(late) == "10 Oct 2017, 07:30")
}

@Test func `ranges of days name the month once`() throws {
    let (russian, english) = (try reader(.ru), try reader(.en))
    #expect(russian.range(try date(2017, 10, 1), try date(2017, 10, 8)) == "1–8.10")
    #expect(english.range(try date(2017, 10, 1), try date(2017, 10, 8)) == "1–8 Oct")
    #expect(russian.range(try date(2018, 4, 29), try date(2018, 5, 1)) == "29.04–1.05")
    #expect(english.range(try date(2018, 4, 29), try date(2018, 5, 1)) == "29 Apr – 1 May")
    #expect(russian.range(try date(2018, 5, 9), try date(2018, 5, 9)) == "09.05")
    #expect(russian.range(try date(2017, 12, 30), try date(2018, 12, 8)) == "30.12–8.12")
}

private let sums: [(minor: Int64, currency: String, russian: String, english: String)] = [
    (14467, "RUB", "144,67 руб.", "144.67 RUB"),
    (100, "CNY", "1,00 CNY", "1.00 CNY"),
    (-5, "RUB", "-0,05 руб.", "-0.05 RUB"),
    (0, "USD", "0,00 USD", "0.00 USD"),
]

@Test(arguments: sums)
func `sums have two places`(minor: Int64, currency: String, russian: String, english: String) throws {
    let money = Money(minor: minor, currency: currency)
    #expect(try reader(.ru).amount(money) == russian)
    #expect(try reader(.en).amount(money) == english)
}

@Test func `things are called as the guide calls them`() throws {
    let (russian, english) = (try reader(.ru), try reader(.en))
    let names: [(ThingKind?, String, String, String)] = [
        (.item, "1907-2", "№ 1907-2", "Item 1907-2"),
        (.parcel, "519", "Посылка № 519", "Parcel 519"),
        (.parcel, "shiptor:11578", "Посылка shiptor:11578", "Parcel shiptor:11578"),
        (.order, "ORD-000001907", "Заказ ORD-000001907", "Order ORD-000001907"),
        (nil, "x", "x", "x"),
    ]
    for (kind, label, inRussian, inEnglish) in names {
        var facts = AlertFacts()
        facts.thingKind = kind
        facts.label = label
        #expect(russian.name(facts) == inRussian)
        #expect(english.name(facts) == inEnglish)
    }
    #expect(russian.names(["otcommerce", "litemf", "shiptor"]) == "OT Commerce, LiteMF и Shiptor")
    #expect(english.name("other") == "other")
}

private let reasons: [(reason: String, russian: String, english: String)] = [
    ("timed out", "не ответил вовремя", "timed out"),
    ("status 503", "ответ с кодом 503", "status 503"),
    ("cannot resolve api.shop.example", "не находится адрес api.shop.example", "cannot resolve api.shop.example"),
    (
        "authentication failed: there is no such operator", "вход не принят: такого оператора нет",
        "authentication failed: there is no such operator"
    ),
    ("unreadable", "ответ сервиса не удаётся прочитать", "its answers cannot be read"),
    ("something new", "something new", "something new"),
]

@Test(arguments: reasons)
func `known reasons are in the reader's language, others as they are`(reason: String, russian: String, english: String)
    throws
{
    #expect(try reader(.ru).reason(reason) == russian)
    #expect(try reader(.en).reason(reason) == english)
}
