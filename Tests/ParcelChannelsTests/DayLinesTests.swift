import ParcelChannels
import ParcelCore
import Testing

/// The lines for the days after `from` up to `to`, both at noon of the zone.
private func lines(
    _ from: LocalDate, _ to: LocalDate, _ language: Language, _ ids: [String] = ["cn"],
    _ zoneName: String = "Asia/Shanghai"
) throws -> [String] {
    let days = try workingDays(ids, zoneName)
    let (start, end) = (
        days.zone.instants(of: from, secondOfDay: 43_200).latest, days.zone.instants(of: to, secondOfDay: 43_200).latest
    )
    let total = days.elapsed(from: .instant(start), to: .instant(end)).days
    return dayLines(countedDays(from: start, to: end, days), of: total, try reader(language))
}

@Test func `no days, no lines`() throws {
    #expect(try lines(try date(2017, 10, 1), try date(2017, 10, 1), .ru) == [])
}

@Test func `a holiday that nobody works is the only line`() throws {
    #expect(
        try lines(try date(2017, 10, 1), try date(2017, 10, 3), .en)
            == ["No working days", "Not counted: 2–3 Oct — Mid-Autumn Festival, National Day (中秋节、国庆节)"])
}

@Test func `a Russian holiday is Russian for a Russian and explained to others`() throws {
    let (from, to) = (try date(2018, 2, 21), try date(2018, 2, 26))
    #expect(
        try lines(from, to, .ru, ["ru"], "Europe/Moscow")
            == ["Рабочие дни: чт 22.02, пн 26.02", "Не считаются: 23–25.02 — День защитника Отечества"])
    #expect(
        try lines(from, to, .en, ["ru"], "Europe/Moscow") == [
            "Working days: Thu 22 Feb, Mon 26 Feb",
            "Not counted: 23–25 Feb — Defender of the Fatherland Day (День защитника Отечества)",
        ])
}

@Test func `a worked Saturday is called one and a single free Sunday a day off`() throws {
    #expect(
        try lines(try date(2018, 4, 27), try date(2018, 5, 3), .ru, ["ru"], "Europe/Moscow") == [
            "Рабочие дни: сб 28.04 (рабочая суббота), чт 03.05",
            "Не считаются: 29.04–2.05 — Выходной (перенос с 28.04.2018); Праздник Весны и Труда; Выходной (перенос с 07.01.2018)",
        ])
    #expect(
        try lines(try date(2017, 9, 23), try date(2017, 9, 24), .ru) == [
            "Рабочих дней не было", "Не считаются: 24.09 — выходной",
        ])
}

@Test func `many days are told as ranges and their weekends without dates`() throws {
    #expect(
        try lines(try date(2017, 8, 1), try date(2017, 9, 4), .ru) == [
            "Рабочие дни: 2–4.08, 7–11.08, 14–18.08, 21–25.08, 28.08–1.09, 04.09", "Не считаются: выходные",
        ])
}

@Test func `days of which only the last are known are said to be the last`() throws {
    let found = try lines(try date(2018, 3, 1), try date(2018, 8, 1), .en)
    #expect(found[0].hasPrefix("Last working days: "))
}

@Test func `two countries' holidays on one day are both explained`() throws {
    let days: [AlertFacts.Day] = [
        .init(date: try date(2017, 5, 1), isCounted: false, name: "劳动节, Праздник Весны и Труда", isCertain: true)
    ]
    #expect(
        dayLines(days, try reader(.en))[1]
            == "Not counted: 1 May — Labour Day, Spring and Labour Day (劳动节, Праздник Весны и Труда)")
}

@Test func `a holiday of the user's own keeps its name`() throws {
    let days: [AlertFacts.Day] = [
        .init(date: try date(2017, 5, 3), isCounted: false, name: "Nowruz", isCertain: true)
    ]
    #expect(dayLines(days, try reader(.ru))[1] == "Не считаются: 03.05 — Nowruz")
}
