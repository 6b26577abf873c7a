// An endpoint of the user's own: how it is asked in its three modes, and what its answers come to.

import Foundation
import ParcelCore
@testable import ParcelProviders
import Testing

/// The courier of `Fixtures/generic`: numbers in batches, statuses with a history.
let genericBatch: [String: SettingValue] = [
    "url": .text("https://api.courier.example/v1/track"), "ask": .text("batch"), "batch_size": .integer(40),
    "body": .text("{\"tracks\": {numbers}, \"key\": \"{secret:key}\"}"),
    "secrets.key": .secret(Secret("SECRET \"key\"&")),
    "answer.list": .text("/data/parcels"), "answer.success": .text("/code"), "answer.success_is": .names(["0"]),
    "answer.not_found_is": .names(["404"]), "answer.error": .text("/message"),
    "row.number": .text("/track"), "row.status": .text("/state/code"), "row.text": .text("/state/name"),
    "row.time": .text("/state/at"), "row.place": .text("/state/city"), "row.country": .text("/state/country"),
    "row.events": .text("/history"),
    "event.status": .text("/code"), "event.text": .text("/name"), "event.time": .text("/at"),
    "event.place": .text("/city"), "event.country": .text("/country"),
    "statuses": .map([
        "10": "registered", "20": "accepted", "30": "LEG_TRANSIT", "40": "ready_for_pickup", "7*": "returning",
    ]),
]

/// One number a request, and nothing but its status.
let genericOne: [String: SettingValue] = [
    "url": .text("https://api.courier.example/v1/{number}?key={secret:key}"), "ask": .text("one"),
    "secrets.key": .secret(Secret("SECRET&key=1")), "row.status": .text("/status"), "row.text": .text("/text"),
    "row.time": .text("/at"), "row.place": .text("/place"), "time.format": .text("dd.MM.yyyy HH:mm"),
    "time.zone": .text("Asia/Shanghai"), "statuses": .map(["90": "delivered", "20": "accepted"]),
]

let genericList: [String: SettingValue] = [
    "url": .text("https://api.courier.example/v1/all?page={page}"), "ask": .text("list"),
    "answer.list": .text("/rows"), "row.number": .text("/n"), "row.status": .text("/s"),
    "statuses": .map(["90": "delivered", "20": "accepted"]),
]

func generic(_ settings: [String: SettingValue], _ more: [String: SettingValue?] = [:]) throws -> any Provider {
    let kind = try #require(providerKinds.first { $0.id == "generic" })
    var all = settings
    for (key, value) in more { all[key] = value }
    let problems = kind.schema.check(SettingValues(all))
    return try #require(kind.make(SettingValues(all), as: "courier"), "\(problems)")
}

private let numbers = ["LP1930191011", "LP1930191028"]

/// Plays a batch with one answer for every request.
func playBatch(_ provider: any Provider, _ numbers: [String], _ answers: HTTPResponse...) throws -> Played {
    var conversation = provider.converse(
        batch: numbers.map { Ask("track", key: $0) }, Opening(now: now, session: nil))
    var played = Played(result: .failure(.refused(reason: "endless")))
    var answer: HTTPResponse?
    while played.requests.count <= 300 {
        do throws(PollError) {
            switch try conversation.next(answer) {
            case .done(let report):
                played.result = .success(report)
                return played
            case .send(let request), .write(let request, _): played.requests.append(request)
            }
        } catch {
            played.result = .failure(error)
            return played
        }
        answer = answers[min(played.requests.count, answers.count) - 1]
    }
    return played
}

@Suite struct GenericTests {
    @Test func `a batch is one request, and each of its numbers is told`() throws {
        let played = try playBatch(try generic(genericBatch), numbers + ["LP7"], try fixture("generic/track.json"))
        let request = try #require(played.requests.first)
        #expect(request.method == .post && request.url == "https://api.courier.example/v1/track")
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self)
                == "{\"tracks\": [\"LP1930191011\",\"LP1930191028\",\"LP7\"], \"key\": \"SECRET \\\"key\\\"&\"}")
        #expect(request.headers.contains(HTTPField("Content-Type", "application/json")))
        #expect(request.label == "courier (api.courier.example)")
        let report = try played.report()
        #expect(report.snapshots.map(\.id.key) == numbers + ["LP7"])
        #expect(report.rejected.isEmpty && report.complete.isEmpty && report.notFound.isEmpty)
        #expect(report.snapshots[2].status.summary == .notFoundYet)
        let first = report.snapshots[0]
        #expect(first.status.code == "40" && first.status.text == "Ожидает в пункте выдачи")
        #expect(first.status.summary == CodeMeaning(.at(.readyForPickup)))
        let events = try #require(first.checkpoints)
        #expect(events.map(\.code) == ["20", "30", "30", "40"], "the oldest first")
        #expect(events.map(\.meaning?.text) == ["accepted", "LEG_TRANSIT", "LEG_TRANSIT", "ready_for_pickup"])
        #expect(events.map(\.country) == ["CN", "CN", "RU", "RU"])
        #expect(events[0].place == "Гуанчжоу" && events[0].text == "Принято")
        #expect(events[0].time == givenTime("2017-09-26T15:10:00+08:00"))
        #expect(report.snapshots[1].checkpoints == [])
        #expect(report.snapshots[1].status.summary == CodeMeaning(.at(.registered)))
    }

    @Test func `one number is one request, and its status alone is a snapshot without a history`() throws {
        let provider = try generic(genericOne)
        let answer = ok(#"{"status": 90, "text": "Вручено", "at": "09.10.2017 11:20", "place": "Москва"}"#)
        let played = try playBatch(provider, ["LP7"], answer)
        let request = try #require(played.requests.first)
        #expect(request.method == .get && request.body == nil)
        #expect(request.url == "https://api.courier.example/v1/LP7?key=SECRET%26key%3D1")
        #expect(request.headers == [HTTPField("Accept", "application/json")])
        let snapshot = try #require(try played.report().snapshots.first)
        #expect(snapshot.status.code == "90" && snapshot.status.text == "Вручено, Москва")
        #expect(snapshot.status.summary == CodeMeaning(.at(.delivered)))
        #expect(snapshot.checkpoints == nil)
        #expect(
            snapshot.status.time
                == .zoneless(
                    try #require(LocalDate(year: 2017, month: 10, day: 9)), secondOfDay: 40_800,
                    text: "09.10.2017 11:20"))
        #expect(provider.zoneName == "Asia/Shanghai")
        #expect(provider.lists.isEmpty && provider.batchSize(of: "track") == 1)
        #expect(provider.manners.minimumInterval == .minutes(60))
    }

    @Test func `an unknown code is kept and nothing is guessed`() throws {
        let played = try playBatch(try generic(genericOne), ["LP7"], ok(#"{"status": "X1"}"#))
        let status = try #require(try played.report().snapshots.first?.status)
        #expect(status.code == "X1" && status.text == "X1" && status.summary == .unmapped)
    }

    @Test func `a vocabulary is known, and the user's own lines go before it`() throws {
        let provider = try generic(
            genericOne,
            ["vocabulary": .text("easypost.status"), "statuses": .map(["in_transit": "delayed", "odd*": "lost"])])
        for (code, meaning) in [
            ("delivered", "DELIVERED_BY_LEG"), ("in_transit", "!delayed"), ("oddity", "!lost"), ("x", "?"),
        ] {
            let played = try playBatch(provider, ["LP7"], ok("{\"status\": \"\(code)\"}"))
            #expect(try played.report().snapshots.first?.status.summary?.text == meaning)
        }
    }

    static let follows:
        [(settings: [String: SettingValue], number: String, role: TrackNumberRole?, carrier: String?, is: Bool)] = [
            ([:], "LP1930191011", nil, nil, true),
            (["formats": .names(["yto", "cainiao_lp"])], "LP1930191011", .forwarder, nil, true),
            (["formats": .names(["yto"])], "LP1930191011", .forwarder, nil, false),
            // The user's choice of a carrier wins over the number's form.
            (["formats": .names(["yto"])], "LP1930191011", .forwarder, "yto", true),
            (["formats": .names(["cainiao_lp"])], "LP1930191011", .forwarder, "yto", false),
            (["prefixes": .names(["rp", "lp"])], "LP1930191011", nil, nil, true),
            (["prefixes": .names(["RP"])], "LP1930191011", nil, nil, false),
            (["roles": .names(["domestic"])], "LP1930191011", .forwarder, nil, false),
            (["roles": .names(["domestic"])], "LP1930191011", .domestic, nil, true),
            (["roles": .names(["domestic"])], "LP1930191011", nil, nil, true),
        ]

    @Test func `which numbers it follows can be set`() throws {
        for row in Self.follows {
            let provider = try generic(genericOne, row.settings.mapValues { $0 })
            let number = FollowedNumber(try #require(TrackNumber(row.number)), role: row.role, carrier: row.carrier)
            #expect(provider.ask(following: number) == (row.is ? Ask("track", key: row.number) : nil), "\(row)")
        }
        let number = FollowedNumber(try #require(TrackNumber("LP7")), role: nil)
        #expect(try generic(genericList).ask(following: number) == nil)
    }

    @Test func `manners can be set`() throws {
        let manners = try generic(
            genericBatch,
            [
                "minimum_interval": .duration(.hours(2)), "requests_per_second": .number(5),
                "requests_per_day": .integer(9),
            ]
        ).manners
        #expect(manners.minimumInterval == .hours(2) && manners.requestsPerSecond == 5 && manners.requestsPerDay == 9)
        #expect(try generic(genericBatch).batchSize(of: "track") == 40)
        #expect(try generic(genericList).lists == [AskPlan(Ask("list"), every: .minutes(60))])
        #expect(try generic(genericList, ["every": .duration(.hours(3))]).lists.map(\.every) == [.hours(3)])
    }

    // MARK: What an answer says before its rows

    static let notFound: [(settings: [String: SettingValue], answer: HTTPResponse)] = [
        (genericOne, HTTPResponse(status: 404, body: Array("{\"error\":\"no such parcel\"}".utf8))),
        (genericOne, HTTPResponse(status: 404, body: [])),
        (genericBatch, HTTPResponse(status: 404, body: [])),
        (genericBatch, ok(#"{"code": 404, "message": "нет такого"}"#)),
        (genericBatch, ok(#"{"code": 0, "data": {"parcels": []}}"#)),
        (genericBatch, ok(#"{"code": 0, "data": {"parcels": null}}"#)),
        (
            genericBatch,
            ok(#"{"code": 0, "data": {"parcels": [{"track": "LP8", "state": {"code": 10}, "history": []}]}}"#)
        ),
        (genericOne.merging(["answer.list": .text("")]) { $1 }, ok("[]")),
    ]

    @Test func `an answer that is neither good nor known is told by its code, and a person in it is not`() throws {
        for (code, told) in [
            ("BAD_REQUEST", "BAD_REQUEST"), ("OssipMandelbaum", "something else"), ("8495123", "something else"),
        ] {
            let played = try playBatch(try generic(genericBatch), ["LP7"], ok("{\"code\":\"\(code)\"}"))
            #expect(played.error == .refused(reason: "/code is \(told)"))
        }
        let empty = try generic(genericOne, ["answer.error": .text("/e")])
        #expect(try playBatch(empty, ["LP7"], ok(#"{"e":""}"#)).error?.reason.contains("error") != true)
    }

    @Test func `a number that is not known is not found yet`() throws {
        for row in Self.notFound {
            let report = try playBatch(try generic(row.settings), ["LP7"], row.answer).report()
            #expect(report.snapshots.map(\.status.summary) == [.notFoundYet], "\(row.answer)")
            #expect(report.notFound.isEmpty && report.rejected.isEmpty)
        }
    }

    static let page = "<html><body>Just a moment…</body></html>"
    static let failures: [(status: Int, body: String, kind: PollErrorKind)] = [
        (401, "{\"message\":\"bad key\"}", .authentication), (403, "{\"message\":\"bad key\"}", .authentication),
        (401, "", .authentication), (403, "", .unreachable), (403, page, .unreachable), (401, page, .unreachable),
        (404, page, .unreachable), (429, "{}", .rateLimited), (500, "{}", .unreachable), (301, "", .unreachable),
        (200, page, .notData), (200, "", .notData), (200, "{", .notData), (200, "[]", .notData),
        (200, "{\"message\":\"overloaded\"}", .notData), (200, "{\"code\":5,\"message\":\"нет\"}", .refused),
        (200, "{\"code\":[]}", .notData), (200, "{\"code\":0}", .malformed),
        (200, "{\"code\":0,\"data\":7}", .malformed),
        (200, "{\"code\":0,\"data\":{\"parcels\":7}}", .malformed),
        (200, "{\"code\":0,\"data\":{\"parcels\":{}}}", .malformed),
    ]

    @Test(arguments: failures) func `what is no answer is an error of its kind`(
        status: Int, body: String, kind: PollErrorKind
    ) throws {
        let answer = HTTPResponse(status: status, body: Array(body.utf8))
        #expect(try playBatch(try generic(genericBatch), ["LP7"], answer).error?.kind == kind)
    }

    @Test func `what could not be read is named by its pointer`() throws {
        let missing = try playBatch(try generic(genericBatch), ["LP7"], ok("{\"code\":0}"))
        #expect(missing.error == .malformed(field: "/data/parcels"))
        let error = try playBatch(try generic(genericOne, ["answer.error": .text("/e")]), ["LP7"], ok(#"{"e":"busy"}"#))
        #expect(error.error == .refused(reason: "busy"))
        let person = try playBatch(try generic(genericOne, ["answer.error": .text("/e")]), ["LP7"], ok(#"{"e":"Lee"}"#))
        #expect(person.error == .refused(reason: "an error in words that are not kept"))
        let late = HTTPResponse(status: 429, headers: [HTTPField("Retry-After", "90")], body: [])
        #expect(try playBatch(try generic(genericOne), ["LP7"], late).error == .rateLimited(retryAfter: .seconds(90)))
    }

    // MARK: Rows

    @Test func `a bad row is refused by its number and pointer, and the rest is used`() throws {
        let rows = #"{"n":"LP1","s":[1]},{"n":"LP2","s":"20"},{"n":"LP3"},{"n":[],"s":"20","id":17},{"s":"20"},7"#
        let provider = try generic(genericList, ["row.id": .text("/id")])
        let report = try play(provider, Ask("list")) { _, index in
            ok(index == 0 ? "{\"rows\":[\(rows)]}" : "{\"rows\":[]}")
        }.report()
        #expect(report.snapshots.map(\.id.key) == ["LP2"])
        #expect(
            report.rejected == [
                Rejected(id: ExternalID(.trackNumber, "LP1"), field: "/s"),
                Rejected(id: ExternalID(.trackNumber, "LP3"), field: "/s"),
                Rejected(id: nil, field: "/rows/3/n (id 17)"), Rejected(id: nil, field: "/rows/4/n"),
                Rejected(id: nil, field: "/rows/5/n"),
            ])
    }

    @Test func `a row whose number cannot be read may be any of those that were asked about`() throws {
        let body = #"{"code":0,"data":{"parcels":[{"track":null},{"track":"LP2","state":{"code":10},"history":[]}]}}"#
        let report = try playBatch(try generic(genericBatch), ["LP1", "LP2"], ok(body)).report()
        #expect(report.snapshots.map(\.id.key) == ["LP2"])
        #expect(report.rejected == [Rejected(id: ExternalID(.trackNumber, "LP1"), field: "/data/parcels/0/track")])
    }

    @Test func `several rows without a number are nobody's`() throws {
        let provider = try generic(genericOne, ["answer.list": .text("/rows")])
        let report = try playBatch(provider, ["LP7"], ok(#"{"rows":[{"status":1},{"status":2}]}"#)).report()
        #expect(report.snapshots.isEmpty)
        #expect(report.rejected.first?.field.contains("2 rows, and no row.number") == true)
        let single = try playBatch(provider, ["LP7"], ok(#"{"rows":{"status":90}}"#)).report()
        #expect(single.snapshots.map(\.status.code) == ["90"])
    }

    @Test func `a bad event names its place, and a row without its events is refused`() throws {
        let provider = try generic(genericBatch, ["row.status": nil, "row.text": nil])
        for (history, field) in [
            (#"[{"code":"10"},{"at":"2017-10-01"}]"#, "/history/1/code"), (#"[{"code":{}}]"#, "/history/0/code"),
            (#"[7]"#, "/history/0/code"), (#""none""#, "/history"),
        ] {
            let body = "{\"code\":0,\"data\":{\"parcels\":[{\"track\":\"LP7\",\"history\":\(history)}]}}"
            let report = try playBatch(provider, ["LP7"], ok(body)).report()
            #expect(report.rejected == [Rejected(id: ExternalID(.trackNumber, "LP7"), field: field)])
        }
        let bare = try playBatch(provider, ["LP7"], ok(#"{"code":0,"data":{"parcels":[{"track":"LP7"}]}}"#)).report()
        #expect(bare.rejected.map(\.field) == ["/history"])
    }
}
