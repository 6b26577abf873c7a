// What the tests of the channels share: the guide's things as alerts, and short ways to write times.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

func zone(_ name: String) throws -> Zone {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/" + name))
    return try Zone(name: name, tzif: Array(bytes))
}

func reader(_ language: Language) throws -> Reader { Reader(language, try zone("Europe/Moscow")) }

/// `2017-10-09T03:12+03:00`.
func instant(_ text: String) throws -> Timestamp { try #require(try ISO8601(text).instant) }

func date(_ year: Int, _ month: Int, _ day: Int) throws -> LocalDate {
    try #require(LocalDate(year: year, month: month, day: day))
}

func workingDays(_ ids: [String] = ["cn"], _ zoneName: String = "Asia/Shanghai") throws -> WorkingDays {
    let all = try BuiltinCalendars.all()
    return WorkingDays(
        calendars: try ids.map { id in try #require(all[id]) }, combine: .all, zone: try zone(zoneName))
}

extension AlertFacts {
    /// Counts from A to B as an assessment would.
    mutating func count(from since: Since, to confirmed: Timestamp, threshold: Int, _ days: WorkingDays) {
        self.since = since
        confirmedAt = confirmed
        let silence = days.elapsed(from: .instant(since.at), to: .instant(confirmed))
        workingDays = silence.days
        isCertain = silence.certain
        self.threshold = threshold
        self.days = countedDays(from: since.at, to: confirmed, days)
        calendars = days.calendars.map(\.id)
        zone = days.zone.name
    }
}

let logist = [
    AlertFacts.AddressedContact(role: .logist, name: "LiteMF", url: "https://ru.litemf.com/ru/support"),
    AlertFacts.AddressedContact(role: .logist, name: "Shiptor", url: "https://shiptor.ru/#contact-us"),
]

/// The guide's 1907-2: a number on 27.09, then Golden Week.
func item1907(confirmed: String, threshold: Int) throws -> AlertFacts {
    var facts = AlertFacts()
    facts.thingKind = .item
    facts.label = "1907-2"
    facts.order = "ORD-000001907"
    facts.stage = .inbound
    facts.statusText = "Заказано"
    facts.isUnmapped = false
    facts.decider = "otcommerce"
    facts.facts = ["seller": "cosplay假发", "account": "Shiptor: U48266", "external_order": "12900"]
    let number = try #require(TrackNumber("71148967930433"))
    facts.numbers = [.init(role: .domestic, number: number.description, page: carrierPage(for: number))]
    facts.count(
        from: Since(try instant("2017-09-27T11:20:00+08:00"), .seen), to: try instant(confirmed), threshold: threshold,
        try workingDays())
    facts.holdsUp = ["1907-1"]
    facts.contacts = logist
    return facts
}

/// The guide's parcel 519, made on 11.07.
func parcel519(confirmed: String, threshold: Int) throws -> AlertFacts {
    var facts = AlertFacts()
    facts.thingKind = .parcel
    facts.label = "519"
    facts.order = "ORD-000001906"
    facts.stage = .handover
    facts.statusText = "Экспортировано в систему службы доставки"
    facts.isUnmapped = false
    facts.decider = "shiptor"
    facts.count(
        from: Since(try instant("2017-07-11T12:00:00+08:00"), .happened), to: try instant(confirmed),
        threshold: threshold, try workingDays())
    facts.contacts = logist
    return facts
}

func refund1872() -> AlertFacts {
    var facts = AlertFacts()
    facts.thingKind = .item
    facts.label = "1872-2"
    facts.order = "ORD-000001872"
    facts.statusText = "Невозможно поставить"
    facts.decider = "otcommerce"
    facts.facts = ["seller": "牧熊旗舰店", "account": "Shiptor: U48266", "external_order": "7510"]
    facts.amount = Money(minor: 14467, currency: "RUB")
    return facts
}

func providerDown() throws -> AlertFacts {
    var facts = AlertFacts()
    facts.provider = "otcommerce"
    facts.reason = "status 503"
    facts.failingSince = try instant("2017-08-20T18:05:00+08:00")
    facts.count = 3
    return facts
}

func item(
    _ telling: MessageItem.Telling, _ kind: AlertKind, _ facts: AlertFacts, _ level: Level = .warning,
    overview: Bool = false, alert: Int64 = 1
) -> MessageItem {
    MessageItem(
        telling: telling, kind: kind, alert: alert, level: level, isOverview: overview, facts: facts,
        changedAt: Timestamp(seconds: 1_507_521_600), rows: [alert])
}

func closed(_ facts: AlertFacts, _ cause: Cause, status: String? = nil, at: Since) -> AlertFacts {
    var facts = facts
    facts.cause = cause
    facts.newStatus = status
    facts.movedAt = at
    return facts
}

func message(_ items: [MessageItem], _ language: Language = .ru) throws -> Message {
    Message(
        items: items, language: language, zone: try zone("Europe/Moscow"), dedupKey: "parceld-1-a",
        composedAt: try instant("2017-10-09T09:00:00+03:00"))
}

func channel(_ kind: String, _ settings: [String: SettingValue] = [:]) throws -> any Channel {
    let kind = try #require(channelKinds.first { $0.schema.name == kind })
    return try #require(kind.make("mine", SettingValues(settings)))
}

func answer(_ status: Int, _ body: String = "", _ headers: [HTTPField] = []) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
}
