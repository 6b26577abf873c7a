// Every kind of matter in every telling and both languages: nothing is missing, nothing foreign gets through.

import ParcelChannels
import ParcelCore
import Testing

private let tellings: [MessageItem.Telling] = [.opened, .escalated, .closed, .wasSilent]

/// Facts of each kind as the core makes them, without a word of Russian.
private func plainFacts(_ kind: AlertKind) throws -> AlertFacts {
    var facts = AlertFacts()
    if kind.isAboutService {
        facts = try providerDown()
        facts.calendars = ["cn"]
        facts.coverageEnd = try date(2026, 12, 31)
        facts.channel = "office"
        facts.holdsUp = ["1907-1"]
    } else {
        facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
        facts.statusText = "Ordered"
        facts.condition = .customsHold
        facts.provider = "litemf"
        facts.disagreeing = ["shiptor"]
        facts.amount = Money(minor: 14467, currency: "RUB")
    }
    return closed(facts, .moved, status: "Received", at: Since(try instant("2017-10-12T10:00:00+08:00"), .happened))
}

private func hasCyrillic(_ text: String) -> Bool {
    text.unicodeScalars.contains { (0x400...0x4FF).contains($0.value) }
}

/// Marks of a text that was put together from nothing.
private let scars = ["Optional", "nil", "  ", "()", "«»", "“”", " ,", " :", "\n\n", ": \n", ":\n:", ". ."]

@Test(arguments: AlertKind.allCases, tellings)
func `each kind is told in the language of the reader`(kind: AlertKind, telling: MessageItem.Telling) throws {
    let item = item(telling, kind, try plainFacts(kind), .critical)
    let russian = text(of: item, for: try reader(.ru))
    let english = text(of: item, for: try reader(.en))
    #expect(hasCyrillic(russian))
    #expect(!hasCyrillic(english), "\(english)")
    for text in [russian, english] {
        #expect(scars.allSatisfy { !text.contains($0) }, "\(text)")
        #expect(!text.hasSuffix("\n") && !text.hasSuffix(" ") && !text.hasSuffix(":"))
        if !kind.isAboutService { #expect(text.prefix { $0 != "\n" }.contains("1907-2")) }
        if telling == .closed || telling == .wasSilent { #expect(!text.contains("\n")) }
    }
}

@Test(arguments: AlertKind.allCases, tellings)
func `each kind is told even where nothing is known`(kind: AlertKind, telling: MessageItem.Telling) throws {
    var facts = AlertFacts()
    facts.label = "7"
    for language in Language.allCases {
        let text = text(of: item(telling, kind, facts), for: try reader(language))
        #expect(!text.isEmpty)
        #expect(["Optional", "nil", "«»", "“”"].allSatisfy { !text.contains($0) }, "\(text)")
    }
}

private let endings: [(cause: Cause, russian: String, english: String)] = [
    (.moved, "сдвинулось: «Получено» (12 октября 2017)", "has moved: “Получено” (12 Oct 2017)"),
    (.finished, "завершено: «Получено» (12 октября 2017)", "finished: “Получено” (12 Oct 2017)"),
    (
        .waits, "больше не задерживает: ждёт остальных товаров или уже в посылке",
        "no longer holds anything up: it waits for other items or is in a parcel"
    ),
    (
        .recomputed, "пересчитано по новым правилам или календарю, тревоги нет",
        "recomputed by new rules or calendars, nothing to report"
    ),
]

@Test(arguments: endings)
func `a closed alert says how it ended`(cause: Cause, russian: String, english: String) throws {
    let facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
    let ended = closed(facts, cause, status: "Получено", at: Since(try instant("2017-10-12T10:00:00+08:00"), .happened))
    #expect(text(of: item(.closed, .stall, ended), for: try reader(.ru)) == "✅ № 1907-2: \(russian)")
    #expect(text(of: item(.closed, .stall, ended), for: try reader(.en)) == "✅ Item 1907-2: \(english)")
}

@Test func `a movement that leaves the status as it was does not quote it as news`() throws {
    var facts = try item1907(confirmed: "2017-10-10T03:12:00+03:00", threshold: 5)
    facts = closed(facts, .moved, status: "Заказано", at: Since(try instant("2017-10-12T10:00:00+08:00"), .seen))
    #expect(
        text(of: item(.closed, .stall, facts), for: try reader(.ru))
            == "✅ № 1907-2: сдвинулось (увидели 12 октября 2017), статус прежний: «Заказано»")
}

@Test func `a time that the provider gave happened, any other was only seen`() throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    let seen = text(of: item(.opened, .stall, facts), for: try reader(.ru))
    facts.since?.basis = .happened
    let happened = text(of: item(.opened, .stall, facts), for: try reader(.ru))
    #expect(seen.contains("впервые увидели 27 сентября 2017") && !seen.contains("Последнее движение: "))
    #expect(happened.contains("Последнее движение: 27 сентября 2017\n") && !happened.contains("увидели"))
}

@Test func `where the date differs from the reader's the one that counts is said too`() throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    // 01:00 of 27 September in Shanghai is still the evening of 26 in Moscow.
    facts.count(
        from: Since(try instant("2017-09-27T01:00:00+08:00"), .happened), to: try instant("2017-10-09T03:12:00+03:00"),
        threshold: 4, try workingDays())
    let russian = text(of: item(.opened, .stall, facts), for: try reader(.ru))
    #expect(russian.contains("Последнее движение: 26 сентября 2017 (время Шанхая: 27 сентября)\n"))
    #expect(russian.contains("Рабочие дни: чт 28.09,"))
}

@Test func `an unknown status is said to be unknown`() throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    facts.isUnmapped = true
    #expect(text(of: item(.opened, .stall, facts), for: try reader(.ru)).contains("считаем, что этап прежний"))
    facts.stage = .unmapped
    #expect(text(of: item(.opened, .stall, facts), for: try reader(.ru)).contains("не знает и чего ждать"))
}

@Test func `days without a calendar make an alert provisional`() throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    let days = try workingDays()
    facts.count(
        from: Since(try instant("2028-03-01T12:00:00+08:00"), .happened), to: try instant("2028-03-07T12:00:00+08:00"),
        threshold: 4, days)
    let russian = text(of: item(.opened, .stall, facts), for: try reader(.ru))
    #expect(russian.contains("Предварительно: календаря на 2028 ещё нет, считали по будням пн–пт."))
    let known = item(.opened, .stall, try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4))
    #expect(!text(of: known, for: try reader(.ru)).contains("Предварительно"))
}

@Test func `providers that disagree are both named`() throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    facts.disagreeing = ["shiptor", "litemf"]
    let text = text(of: item(.opened, .contradiction, facts), for: try reader(.ru))
    #expect(text.contains("По данным Shiptor и LiteMF всё завершено, по данным OT Commerce – нет."))
}

@Test func `a carrier's page is given once`() throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    let page = try #require(facts.numbers?[0].page)
    facts.contacts = [.init(role: .carrier, name: "71148967930433", url: page)] + logist
    let text = text(of: item(.opened, .stall, facts), for: try reader(.ru))
    #expect(text.ranges(of: page).count == 1)
    #expect(!text.contains("Посмотреть у перевозчика"))
}

@Test func `what stood before parceld looked is one text, the worst thirty in a line each`() throws {
    let items = try (1...45).map { number in
        var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
        facts.label = "100-\(number)"
        facts.workingDays = number
        return item(.opened, .stall, facts, number <= 5 ? .critical : .warning, overview: true, alert: Int64(number))
    }
    var over = items[0]
    over.telling = .wasSilent
    over.facts.label = "99-9"
    let found = texts(of: try message([items[0]] + items + [over]))
    #expect(found.count == 2)
    let lines = found[0].split(separator: "\n")
    #expect(lines[0] == "👋 Уже стояло, когда parceld начал смотреть: 46")
    #expect(lines[1] == "🔴 № 100-5: нет движения 5 рабочих дней; «Заказано», ждём прибытия на склад")
    #expect(lines[7] == "⚠️ № 100-45: нет движения 45 рабочих дней; «Заказано», ждём прибытия на склад")
    #expect(lines[31] == "… и ещё 16. Все: parcelctl alerts")
    #expect(lines.last == "• Shiptor: https://shiptor.ru/#contact-us")
    #expect(found[1].hasPrefix("✅ № 99-9: молчало"))
}

private let foreign: [(text: String, harmless: String)] = [
    ("plain", "plain"),
    ("  a\r\n\tb  ", "a b"),
    ("a\u{0}b\u{7}c\u{1B}[31m", "a bc[31m"),
    ("\u{202E}evil\u{202C}\u{2066}x\u{2069}\u{200E}\u{200F}\u{61C}", "evilx"),
    ("zero\u{200B}width\u{FEFF}", "zerowidth"),
    ("line\u{2028}sep\u{85}x", "line sep x"),
    ("\u{E0041}\u{FFF9}", ""),
    ("假发 👍🏽", "假发 👍🏽"),
    (String(repeating: "я", count: 300), String(repeating: "я", count: 200) + "…"),
    (String(repeating: "я", count: 200), String(repeating: "я", count: 200)),
]

@Test(arguments: foreign)
func `a foreign text becomes one harmless line`(text: String, harmless expected: String) {
    #expect(harmless(text) == expected)
    #expect(harmless(harmless(text, limit: 500), limit: 500) == harmless(text, limit: 500))
}

@Test(arguments: [
    "<b>bold</b> & \"x\"", "_*[x](http://e.example)", "a\r\nb", "\u{202E}txt.exe", "\u{1B}[31mred", "=cmd()",
    "{{name}} {{#x}} }}", String(repeating: "👍", count: 4096),
])
func `what a shop wrote is shown as it is, as text on its line`(written: String) throws {
    var facts = try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    let usual = text(of: item(.opened, .stall, facts), for: try reader(.ru))
    facts.statusText = written
    facts.facts?["seller"] = written
    let told = text(of: item(.opened, .stall, facts), for: try reader(.ru))
    #expect(told.contains("Статус: «\(harmless(written))» (OT Commerce)"))
    #expect(told.contains("Продавец \(harmless(written)), аккаунт"))
    #expect(told.count { $0 == "\n" } == usual.count { $0 == "\n" })
}

@Test(arguments: AlertKind.allCases, tellings)
func `no foreign text reaches a reader unharmed`(kind: AlertKind, telling: MessageItem.Telling) throws {
    let evil = "x\u{202E}y\n🔴 № 1: fake\u{7}" + String(repeating: "z", count: 5000)
    var facts =
        kind.isAboutService ? try providerDown() : try item1907(confirmed: "2017-10-09T03:12:00+03:00", threshold: 4)
    facts.label = evil
    facts.order = evil
    facts.statusText = evil
    facts.newStatus = evil + "!"
    facts.reason = evil
    facts.channel = evil
    facts.file = evil
    facts.provider = ProviderID(evil)
    facts.decider = ProviderID(evil)
    facts.disagreeing = [ProviderID(evil)]
    facts.calendars = [evil]
    facts.zone = evil
    facts.holdsUp = [evil]
    facts.amount = Money(minor: 1, currency: evil)
    facts.facts = Dictionary(uniqueKeysWithValues: FactKey.allCases.map { ($0.rawValue, evil) })
    facts.numbers = [.init(role: .domestic, number: evil, page: evil)]
    facts.contacts = [.init(role: .logist, name: evil, url: evil)]
    facts.days = [.init(date: try date(2017, 10, 2), isCounted: false, name: evil, isCertain: true)]
    for language in Language.allCases {
        let texts =
            [text(of: item(telling, kind, facts), for: try reader(language))]
            + texts(of: try message([item(telling, kind, facts, overview: true)], language))
        for text in texts {
            #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || $0.value == 0x202E })
            #expect(!text.split(separator: "\n").contains { $0.hasPrefix("🔴 № 1: fake") })
            #expect(!text.contains(String(repeating: "z", count: 201)))
        }
    }
}

@Test(arguments: Language.allCases)
func `a number that its carrier still does not know is told as that, with pages to look at`(language: Language) throws {
    var facts = try parcel519(confirmed: "2017-07-18T12:00:00+08:00", threshold: 5)
    facts.stage = .acceptance
    let number = try #require(TrackNumber("LP1930191011"))
    facts.numbers = [.init(role: .forwarder, number: number.description, page: carrierPage(for: number))]
    let told = text(of: item(.opened, .stall, facts, .critical), for: try reader(language))
    let heading = told.prefix { $0 != "\n" }
    #expect(
        heading
            == (language == .ru
                ? "🔴 Посылка № 519: через 5 рабочих дней перевозчик всё ещё не знает номер"
                : "🔴 Parcel 519: the carrier still doesn't know the number after 5 working days"))
    for page in carrierPages(for: number) { #expect(told.contains(page.url)) }
    #expect(!told.contains("нет движения") && !told.contains("no movement"))
    let again = text(of: item(.escalated, .stall, facts, .critical), for: try reader(language))
    #expect(again.contains("5") && !again.contains("17track.net"))
}

@Test(arguments: [
    (1, "Shiptor gives two numbers.", "Shiptor называет два номера.", "Its time ran out", "1 thing cannot be checked"),
    (
        2, "Shiptor and LiteMF give different numbers.", "Shiptor и LiteMF называют разные номера.",
        "Their time ran out",
        "2 things cannot be checked"
    ),
])
func `one is spoken of as one`(count: Int, english: String, russian: String, time: String, heading: String) throws {
    var facts = try plainFacts(.twoNumbers)
    facts.disagreeing = Array(["shiptor", "litemf"].prefix(count))
    #expect(text(of: item(.opened, .twoNumbers, facts), for: try reader(.en)).contains("\n\(english)\n"))
    #expect(text(of: item(.opened, .twoNumbers, facts), for: try reader(.ru)).contains("\n\(russian)\n"))
    facts = try plainFacts(.cannotBeChecked)
    facts.count = count
    let told = text(of: item(.opened, .cannotBeChecked, facts), for: try reader(.en))
    #expect(told.contains(heading) && told.contains("\n\(time)"))
}
