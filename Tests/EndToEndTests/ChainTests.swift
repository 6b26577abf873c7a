// What happens to a parcel on all of its way: numbers that follow each other, numbers that come back, and what is told.

import Foundation
import ParcelSim
import Testing

@Suite(.serialized)
struct ChainTests {
    private static let providers: [(name: String, settings: String)] = [
        ("otcommerce", ""), ("17track", ""), ("russianpost", ""), ("kuaidi100", ""), ("cdek", ""), ("cainiao", ""),
    ]
    private static let recycled = international(60_000_001)
    private static let withdrawn = international(60_000_002)
    private static let unknown = international(60_000_003)
    private static let returning = international(60_000_004)
    private static let lost = international(60_000_005)
    private static let lastMile = "69000026006058"

    private static func event(_ at: String, _ code: String, _ country: String = "RU", more: String = "") -> String {
        "      - {at: \"\(at)\", text: \"\(code)\", place: X, country: \(country), \(code)\(more)}"
            .replacingOccurrences(
                of: "text: \"\(code)\"", with: "text: \"at \(at)\"")
    }

    private static func number(_ number: String, _ more: String = "", _ events: [String]) -> String {
        "  - number: \"\(number)\"\n\(more)    events:\n\(events.joined(separator: "\n"))"
    }

    private static let way = [
        number(
            "YT7530122849601", "    company: yuantong\n",
            [
                event("2026-05-12 19:00", "kuaidi100: \"103\"", "CN"),
                event("2026-05-13 03:00", "kuaidi100: \"1002\"", "CN"),
                event("2026-05-13 15:00", "kuaidi100: \"301\"", "CN"),
            ]),
        number(
            "LP00612345678605",
            "    last_mile: \"\(lastMile)\"\n    last_mile_at: \"2026-05-26 12:00+03:00\"\n    carrier: 190271\n",
            [
                event("2026-05-16 12:00", "cainiao: PU_PICKUP_SUCCESS", "CN"),
                event("2026-05-18 12:00", "cainiao: SC_INBOUND_SUCCESS", "CN"),
                event("2026-05-20 12:00", "cainiao: CC_EX_START", "CN"),
                event("2026-05-21 12:00", "cainiao: LH_DEPART", "CN"),
                event("2026-05-25 12:00+03:00", "cainiao: LH_ARRIVE"),
                event("2026-05-26 11:00+03:00", "cainiao: CC_IM_SUCCESS"),
            ]),
        number(
            lastMile, "    carrier: 18031\n",
            [
                event("2026-05-26 18:00+03:00", "russianpost: 1/1"),
                event("2026-05-28 12:00+03:00", "russianpost: 8/4"),
                event("2026-05-29 12:00+03:00", "russianpost: 8/2"),
                event("2026-06-10 12:00+03:00", "russianpost: 2/1"),
            ]),
    ]

    /// 29 May is a Friday: the buyer lets the parcel lie over four and five working days, and comes on 10 June.
    private static let scenario = """
        start: "2026-05-12 09:00+03:00"
        end: "2026-06-20 12:00+03:00"
        numbers:
        \(way.joined(separator: "\n"))
        \(number(recycled, "    recycled: \"2026-06-08\"\n", [
            event("2026-05-13 10:00", "russianpost: 1/0", "CN"), event("2026-05-16 10:00+03:00", "russianpost: 9/1"),
            event("2026-05-20 10:00+03:00", "russianpost: 8/4"),
            event("2026-05-22 10:00+03:00", "russianpost: 2/1"), event("2026-06-08 10:00", "russianpost: 1/0", "CN"),
        ]))
        \(number(withdrawn, "", [
            event("2026-05-13 10:00", "russianpost: 1/0", "CN"), event("2026-05-16 10:00+03:00", "russianpost: 9/1"),
            event("2026-05-20 10:00+03:00", "russianpost: 8/4"),
            event("2026-05-22 10:00+03:00", "russianpost: 8/2"),
            event("2026-05-25 10:00+03:00", "russianpost: 2/1", more: ", withdrawn_at: \"2026-05-26 04:00+03:00\""),
            event("2026-05-27 10:00+03:00", "russianpost: 2/1"),
        ]))
        \(number(returning, "", [
            event("2026-05-13 10:00", "russianpost: 1/0", "CN"), event("2026-05-16 10:00+03:00", "russianpost: 9/1"),
            event("2026-05-20 10:00+03:00", "russianpost: 8/2"),
            event("2026-05-25 10:00+03:00", "russianpost: 3/4"), event("2026-05-28 10:00+03:00", "russianpost: 8/4"),
            event("2026-06-02 10:00+03:00", "russianpost: 8/3"), event("2026-06-08 10:00+03:00", "russianpost: 8/3"),
        ]))
        \(number(lost, "", [
            event("2026-05-13 10:00", "russianpost: 1/0", "CN"), event("2026-05-16 10:00+03:00", "russianpost: 9/1"),
            event("2026-05-20 10:00+03:00", "russianpost: 8/4"),
            event("2026-05-22 19:00+03:00", "russianpost: 5/1"),
        ]))
        orders:
          - id: ORD-000003001
            created: "2026-05-12 10:00"
            timeline: [{at: "2026-05-12 10:00", status: "30", name: В обработке на складе}]
            lines:
              - id: SL-3001-1
                num: 1
                title: Сумка
                amount: "99.00"
                timeline:
                  - {at: "2026-05-12 10:00", status: "4", name: Заказано}
                  - {at: "2026-05-12 12:00", track: "YT7530122849601"}
                  - {at: "2026-05-14 17:00", status: "6", name: Получено на склад}
                  - {at: "2026-05-15 15:00", status: "9", name: Отправлен}
            packages:
              - id: "701"
                created: "2026-05-15 15:00"
                lines: [SL-3001-1]
                timeline:
                  - {at: "2026-05-15 15:00", status: "12", name: Отправлено, track: "LP00612345678605"}
          - id: ORD-000003002
            created: "2026-05-12 10:00"
            timeline: [{at: "2026-05-12 10:00", status: "30", name: В обработке на складе}]
            lines:
              - {id: SL-3002-1, num: 1, title: Ремень, amount: "9.00", timeline: [{at: "2026-05-12 10:00", status: "9", name: Отправлен}]}
            packages:
              - id: "702"
                created: "2026-05-12 10:00"
                lines: [SL-3002-1]
                timeline:
                  - {at: "2026-05-12 10:00", status: "12", name: Отправлено, track: "\(recycled)"}
        """

    private static func played(_ faults: String = "") async throws -> NumberHarness {
        let harness = try NumberHarness(
            try Scenario.read(text: scenario + "\nfaults: [\(faults)]", name: "chain"), providers: providers)
        try await harness.add([withdrawn, unknown, returning, lost], then: providers)
        let daemon = try harness.start()
        try await harness.finish(daemon)
        #expect(harness.world.violations == [])
        return harness
    }

    @Test func `a chain of numbers is one journey, and each other number gets what it deserves`() async throws {
        let harness = try await Self.played()
        defer { harness.end() }
        expectChain(harness)
        try expectNumbers(harness)
        try expectHistories(harness)
        // Nothing else was told.
        let expected = harness.told.filter { item in
            ["Parcel 701", "Parcel 702", Self.unknown, Self.returning, Self.lost].contains { item.contains($0) }
        }
        #expect(harness.told.count == expected.count, "\(harness.told)")
    }

    private func expectChain(_ harness: NumberHarness) {
        func rows(_ sql: String) -> [[String]] { (try? harness.rows(sql)) ?? [] }
        #expect(rows("SELECT DISTINCT parcel, ending FROM v_parcels WHERE parcel = '701'") == [["701", "delivered"]])
        #expect(rows("SELECT DISTINCT item, ending FROM v_items WHERE item = '3001-1'") == [["3001-1", "delivered"]])
        #expect(
            rows(
                "SELECT milestone FROM v_journeys WHERE track_number = '\(Self.lastMile)' AND provider = 'russianpost'")
                == [["delivered"]])
        #expect(
            rows("SELECT milestone FROM v_journeys WHERE track_number LIKE 'YT%' AND provider = 'kuaidi100'")
                == [["handed_to_forwarder"]])
        // The post of the last mile is what the parcel's silence is counted from.
        let parcel = harness.told(containing: "Parcel 701").map { String($0.split(separator: "\n")[0]) }
        #expect(
            parcel
                == [
                    "2026-06-04 ⚠️ Parcel 701: no movement for 4 working days",
                    "2026-06-05 🔴 Parcel 701: still no movement, 5 working days now",
                    "2026-06-10 ✅ Parcel 701: finished: “at 2026-06-10 12:00+03:00” (seen on 10 Jun 2026)",
                ], "\(parcel)")
        let shown = (try? harness.control("show", "701")) ?? ""
        // One journey: the numbers in the order in which they carried it, then what happened.
        let order = ["LP00612345678605", Self.lastMile, "History"].map { shown.range(of: $0)?.lowerBound }
        #expect(
            order.allSatisfy { $0 != nil } && order.compactMap(\.self) == order.compactMap(\.self).sorted(), "\(shown)")
    }

    /// What `show` tells of carriers, `history` tells too, of whatever name somebody asks by.
    private func expectHistories(_ harness: NumberHarness) throws {
        func rows(_ command: String, _ name: String) throws -> [[String: Any]] {
            let answer = try Playground.run(
                Harness.parcelctl, [command, name, "--json", "--config", harness.playground.config.path])
            let read = try JSONSerialization.jsonObject(with: Data(answer.output.utf8))
            return try #require(read as? [[String: Any]] ?? (read as? [String: Any])?["events"] as? [[String: Any]])
        }
        func line(_ row: [String: Any], by provider: Any?) -> String? {
            (row["number"] as? String).map { "\($0) \(provider ?? "") \(row["at"] ?? "") \(row["code"] ?? "")" }
        }
        for (name, tellers) in [
            ("701", 3), ("3001-1", 3), ("YT7530122849601", 3), (Self.lastMile, 3), (Self.withdrawn, 1), (Self.lost, 1),
        ] {
            let told = Set(try rows("history", name).compactMap { line($0, by: $0["provider"]) })
            let shown = try rows("show", name).compactMap { line($0, by: ($0["providers"] as? [String])?.first) }
            #expect(Set(shown.compactMap { $0.split(separator: " ").first }).count == tellers, "\(name): \(shown)")
            #expect(Set(shown).subtracting(told) == [], "\(name)")
        }
    }

    private func expectNumbers(_ harness: NumberHarness) throws {
        func told(_ number: String) -> [String] {
            harness.told(containing: number).map { String($0.split(separator: "\n")[0]) }
        }
        #expect(told(Self.withdrawn) == [])
        let own = "SELECT milestone, condition FROM v_journeys WHERE provider = 'russianpost' AND track_number = "
        #expect(try harness.rows(own + "'\(Self.withdrawn)'") == [["delivered", ""]])
        #expect(
            try harness.rows(
                "SELECT count(*) FROM v_events WHERE thing = '\(Self.withdrawn)' AND withdrawn_at IS NOT NULL") == [
                    ["1"]
                ])
        // Nobody knows it: a warning, then critical, with a page to look at, and never more.
        #expect(told(Self.unknown).count == 2, "\(told(Self.unknown))")
        #expect(
            harness.told(containing: Self.unknown).allSatisfy {
                $0.contains("doesn't know the number") && $0.contains("https://")
            }, "\(harness.told(containing: Self.unknown))")
        #expect(try harness.rows(own + "'\(Self.unknown)'") == [["unknown", ""]])
        #expect(told(Self.returning).filter { $0.contains("on its way back") }.count == 1, "\(told(Self.returning))")
        #expect(told(Self.lost).filter { $0.contains("lost") }.count == 1, "\(told(Self.lost))")
        #expect(try harness.rows(own + "'\(Self.returning)'") == [["ready_for_pickup", "returning"]])
        #expect(try harness.rows(own + "'\(Self.lost)'").map { $0[1] } == ["lost"])
        // What is over is looked at once more the day after, and then weekly.
        let rest = try #require(Scenario.Moment.parse("2026-05-30 12:00+03:00"))
        let after = harness.asked("russianpost").filter { $0.things == [Self.withdrawn] && $0.ms > rest }
        #expect((2...4).contains(after.count), "\(after.count)")
    }

    @Test func `a number that starts again from nothing after its delivery is a generation of its own`() async throws {
        let harness = try await Self.played()
        defer { harness.end() }
        let generations = try harness.rows("SELECT count(*) FROM things WHERE label LIKE '\(Self.recycled)%'")
        #expect(generations == [["2"]])
        let endings = try harness.rows("SELECT DISTINCT ending FROM v_parcels WHERE parcel = '702'")
        #expect(endings == [["delivered"]])
        #expect(harness.told(containing: "Parcel 702") == [])
    }

    @Test func `secrets and persons of all providers stay out of logs, database and answers`() async throws {
        let trouble = ["17track", "russianpost", "kuaidi100", "cdek", "cainiao", "otcommerce"].flatMap { provider in
            ["auth", "malformed", "html", "truncated"].enumerated().map { index, kind in
                "{provider: \(provider), kind: \(kind), from: \"2026-05-\(19 + index) 10:00\", to: \"2026-05-\(19 + index) 22:00\", times: 3}"
            }
        }
        let harness = try await Self.played(trouble.joined(separator: ", "))
        defer { harness.end() }
        var texts: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: harness.playground.folder.path)
        where name.hasPrefix("parceld.sqlite") || name == "parceld.log" {
            texts[name] = try Data(contentsOf: harness.playground.folder.appending(path: name))
        }
        #expect(texts.count > 1)
        for command in [
            ["status"], ["list"], ["stalled"], ["alerts"], ["show", "701"], ["show", "LP00612345678605"],
            ["show", Self.lastMile],
            ["history", "701"], ["history", Self.lost], ["explain", "701"], ["provider", "list"],
        ] {
            let result = try Playground.run(Harness.parcelctl, command + ["--config", harness.playground.config.path])
            texts["parcelctl \(command)"] = Data((result.output + result.errors).utf8)
        }
        texts["messages"] = Data(harness.told.joined().utf8)
        var secrets: [String] = [personalMark, personalPhone, "DEMO.TOKEN."]
        let folder = harness.playground.folder.appending(path: "secrets")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            secrets.append(
                try String(contentsOf: folder.appending(path: name), encoding: .utf8).trimmingCharacters(in: .newlines))
        }
        #expect(secrets.count > 10)
        for (name, bytes) in texts {
            for secret in secrets where !secret.isEmpty {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(name)")
            }
        }
    }
}

@Suite(.serialized)
struct GenericStoryTests {
    /// As a user would describe it: every number that the courier has, page by page, or those that are followed.
    ///
    /// - Parameter statuses: Beside the usual ones.
    private static func courier(_ ask: String, statuses: String = "") -> String {
        """
          courier:
            type: generic
            url: \(ask)
            headers: {Authorization: "Bearer {secret:token}"}
            secrets: {token: {file: "@STATE@/secrets/generic-token"}}
            row: {number: /number, status: /status, text: /status_text, time: /time, place: /place, events: /events}
            event: {status: /status, text: /text, time: /time, place: /place}
            time: {format: "dd.MM.yyyy HH:mm", zone: Europe/Moscow}
            statuses: {posted: accepted, arrived: arrived_destination_country, given: delivered, back: returning\(statuses)}
        """
    }

    @Test func `a status that is described later is read anew, though the courier says nothing new`() async throws {
        let number = international(70_000_001)
        let scenario = try Scenario.read(
            text: """
                start: "2026-05-12 12:00+03:00"
                end: "2026-05-15 12:00+03:00"
                numbers:
                  - number: \(number)
                    events:
                      - {at: "2026-05-11 10:00", text: posted, place: X, generic: posted}
                      - {at: "2026-05-12 10:00", text: weird, place: X, generic: weird}
                """, name: "described")
        let harness = try NumberHarness(scenario, providers: [])
        defer { harness.end() }
        try await harness.add([number], then: [])
        let ask = "\"@GENERIC@/track?number={number}\"\n    ask: one\n    answer: {list: /items}"
        func played(_ statuses: String, until moment: String) async throws -> [[String]] {
            try harness.configure(Self.courier(ask, statuses: statuses), "")
            let daemon = try harness.start()
            try await harness.run(until: moment)
            try harness.stop(daemon)
            return try harness.rows(
                """
                SELECT j.milestone, (SELECT count(*) FROM events WHERE kind = 'checkpoint' AND meaning LIKE '?%'),
                       (SELECT count(*) FROM events WHERE kind = 'checkpoint')
                  FROM v_journeys j WHERE provider = 'courier'
                """)
        }
        #expect(try await played("", until: "2026-05-13 12:00+03:00") == [["accepted", "1", "2"]])
        let described = ", weird: arrived_destination_country"
        #expect(
            try await played(described, until: "2026-05-14 12:00+03:00") == [["arrived_destination_country", "0", "2"]])
        #expect(harness.world.violations == [])
    }

    @Test(arguments: [
        "\"@GENERIC@/track?number={numbers}\"\n    ask: batch\n    batch_size: 3\n    minimum_interval: 2 h\n    answer: {list: /items}",
        "\"@GENERIC@/track?number={number}\"\n    ask: one\n    answer: {list: /items}",
        "\"@GENERIC@/track?page={cursor}\"\n    ask: list\n    every: 2 h\n    answer: {list: /items, next: /next}",
    ])
    func `an endpoint of the user's own is followed like any carrier`(ask: String) async throws {
        let numbers = (0..<5).map { international(70_000_000 + $0) }
        let codes = ["posted", "arrived", "given"]
        let rows = numbers.enumerated().map { index, number in
            let events =
                codes.prefix(index == 4 ? 1 : 3).enumerated().map { step, code in
                    "      - {at: \"2026-05-\(12 + step * 2) 1\(index):00\", text: \(code), place: X, generic: \(code)}"
                } + (index == 4 ? ["      - {at: \"2026-05-15 10:00\", text: weird, place: X, generic: weird}"] : [])
            return "  - number: \(number)\n    events:\n\(events.joined(separator: "\n"))"
        }
        let scenario = try Scenario.read(
            text: """
                start: "2026-05-12 21:00+03:00"
                end: "2026-05-22 12:00+03:00"
                generic: {page_size: 2}
                numbers:
                \(rows.joined(separator: "\n"))
                """, name: "generic")
        let harness = try NumberHarness(scenario, providers: [])
        defer { harness.end() }
        try await harness.add(numbers, then: [])
        try harness.configure(Self.courier(ask), "")
        try await harness.finish(try harness.start())
        let journeys = try harness.rows(
            "SELECT track_number, milestone FROM v_journeys WHERE provider = 'courier' ORDER BY 1")
        #expect(journeys == numbers.enumerated().map { [$1, $0 == 4 ? "accepted" : "delivered"] })
        // What it does not know is silence of one number only, and a code that is not described is kept.
        #expect(harness.told(containing: numbers[4]).count == 2, "\(harness.told)")
        #expect(harness.told.count == 2, "\(harness.told)")
        #expect(
            try harness.rows("SELECT DISTINCT code FROM events WHERE code = 'weird' AND provider = 'courier'") == [
                ["weird"]
            ])
        let size = ask.contains("batch_size") ? 3 : 1
        #expect(harness.asked("generic").allSatisfy { $0.things.count <= size })
        #expect(try harness.control("show", numbers[0]).contains("SECRET") == false)
        #expect(!harness.playground.log.contains("demo-generic-token"))
    }
}
