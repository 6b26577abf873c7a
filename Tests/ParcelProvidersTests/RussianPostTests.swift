// Russian Post: which numbers it follows, the SOAP request, operations as checkpoints, faults that share one element.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

let postNumber = "RR123456785CN"

func postAnswer(_ answer: HTTPResponse, about number: String = postNumber) throws -> Played {
    try play(try provider("russianpost"), Ask("track", key: number)) { _, _ in answer }
}

func postSnapshot(_ answer: HTTPResponse, about number: String = postNumber) throws -> Snapshot {
    try #require(try postAnswer(answer, about: number).report().snapshots.first)
}

/// A history of these records. They have what is guaranteed, and the elements that `more` adds to the address.
func postHistory(_ records: [String]) -> HTTPResponse {
    ok(
        """
        <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>\
        <o:getOperationHistoryResponse xmlns:o="http://russianpost.org/operationhistory" \
        xmlns:d="http://russianpost.org/operationhistory/data"><d:OperationHistoryData>\(records.joined())\
        </d:OperationHistoryData></o:getOperationHistoryResponse></e:Body></e:Envelope>
        """)
}

func postRecord(
    _ code: String, _ date: String = "2026-03-10T04:10:00.000+03:00", address: String = "", barcode: String? = nil
) -> String {
    let parts = code.split(separator: "/")
    let item = barcode.map { "<d:ItemParameters><d:Barcode>\($0)</d:Barcode></d:ItemParameters>" } ?? ""
    return """
        <d:historyRecord><d:AddressParameters>\(address)</d:AddressParameters>\(item)<d:OperationParameters>\
        <d:OperType><d:Id>\(parts[0])</d:Id></d:OperType><d:OperAttr><d:Id>\(parts[1])</d:Id></d:OperAttr>\
        <d:OperDate>\(date)</d:OperDate></d:OperationParameters></d:historyRecord>
        """
}

private func countryOper(_ code: String) -> String { "<d:CountryOper><d:Code2A>\(code)</d:Code2A></d:CountryOper>" }

@Suite struct RussianPostRoutingTests {
    static let cases: [(String, TrackNumberRole?, String?, Bool)] = [
        ("RR123456785CN", .international, nil, true), ("RB123456785SG", .international, nil, true),
        ("RA644000001RU", .lastMile, nil, true), ("LX123456785CN", nil, nil, true),
        ("EA123456785CN", .domestic, nil, false), ("80214523462306", .lastMile, nil, true),
        ("80214523462306", nil, nil, true), ("80214523462306", .domestic, nil, false),
        ("80214523462306", .domestic, "ru_post_domestic", true), ("80214523462306", .lastMile, "sto", false),
        ("RR123456785YP", .international, nil, false), ("1100285492", .lastMile, nil, false),
        ("LP00123456789012", .forwarder, nil, false), ("777012345678901", .domestic, nil, false),
        ("1234567890123", nil, "ru_post_international", true),
    ]

    @Test(arguments: cases) func `a post's numbers are followed, couriers' are not`(
        _ number: String, _ role: TrackNumberRole?, _ carrier: String?, _ isFollowed: Bool
    ) throws {
        let followed = FollowedNumber(try #require(TrackNumber(number)), role: role, carrier: carrier)
        let ask = try provider("russianpost").ask(following: followed)
        #expect(ask == (isFollowed ? Ask("track", key: number) : nil))
    }

    @Test func `a hundred requests a day are the vendor's limit, and the day is Moscow's`() throws {
        let post = try provider("russianpost")
        #expect(
            post.manners
                == Manners(requestsPerSecond: 1, parallel: 1, requestsPerDay: 100, dayZone: "Europe/Moscow"))
        #expect(post.lists.isEmpty && post.batchSize(of: "track") == 1)
        #expect(post.ask(byID: ExternalID(.trackNumber, postNumber)) == nil)
    }

    @Test func `a request is one SOAP 1.2 envelope about one number, with the account inside`() throws {
        let request = try postAnswer(try fixture("russianpost/not-found.xml")).requests[0]
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        #expect(request.method == .post && request.url == "https://tracking.russianpost.ru/rtm34")
        #expect(request.label == "Russian Post operation history")
        #expect(request.headers.contains(HTTPField("Content-Type", "application/soap+xml;charset=UTF-8")))
        #expect(body.contains("<data:Barcode>RR123456785CN</data:Barcode><data:MessageType>0</data:MessageType>"))
        #expect(body.contains("<data:login>operator</data:login>"))
        #expect(body.contains("<data:password>SECRET&amp;&lt;post&gt;</data:password>"))
        #expect(body.contains("xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\""))
        #expect(!body.contains("\n  "))
        let there = try provider("russianpost", ["url": .text("http://127.0.0.1:9/russianpost/rtm34")])
        let played = try play(there, Ask("track", key: postNumber)) { _, _ in ok("") }
        #expect(played.requests[0].url == "http://127.0.0.1:9/russianpost/rtm34")
    }
}

@Suite struct RussianPostHistoryTests {
    struct Line: Sendable {
        let time: String
        let code: String
        let meaning: CodeMeaning
        let country: String
        let place: String
        let text: String

        init(_ time: String, _ code: String, _ meaning: CodeMeaning, _ country: String, _ place: String, _ text: String)
        {
            (self.time, self.code, self.meaning) = (time, code, meaning)
            (self.country, self.place, self.text) = (country, place, text)
        }
    }

    static let lines = [
        Line("2026-03-03T15:01:00.000+08:00", "1/0", CodeMeaning(.at(.accepted)), "CN", "Китай", "Прием"),
        Line(
            "2026-03-06T22:40:00.000+08:00", "8/6", CodeMeaning(.at(.exportReleased)), "CN", "Гуанчжоу",
            "Обработка: Покинуло место международного обмена"),
        Line(
            "2026-03-10T04:10:00.000+03:00", "8/13", CodeMeaning(.at(.arrivedDestinationCountry)), "RU",
            "104003 Шереметьево", "Обработка: Прибыло на территорию РФ"),
        Line(
            "2026-03-10T11:32:10.000+03:00", "11/0", CodeMeaning(.at(.importCustoms)), "RU", "102976 Внуково ММПО",
            "Прием на таможню"),
        Line(
            "2026-03-11T09:20:00.000+03:00", "14/1", CodeMeaning(.at(.customsReleased)), "RU", "102976 Внуково ММПО",
            "Таможенное оформление: Выпущено таможней"),
        Line(
            "2026-03-11T21:00:00.000+03:00", "8/6", CodeMeaning(.at(.destinationTransit)), "RU", "102976 Внуково ММПО",
            "Обработка: Покинуло место международного обмена"),
        Line(
            "2026-03-15T09:49:30.000+03:00", "8/2", CodeMeaning(.at(.readyForPickup)), "RU", "420005 Казань 5",
            "Обработка: Прибыло в место вручения"),
        Line(
            "2026-03-16T18:02:45.019+03:00", "2/1", CodeMeaning(.at(.delivered)), "RU", "420005 Казань 5",
            "Вручение: Вручение адресату"),
    ]

    @Test(arguments: [("in-transit", 6), ("delivered", 8)])
    func `an operation is a checkpoint with its time, place, country and meaning`(_ name: String, _ count: Int) throws {
        let snapshot = try postSnapshot(try fixture("russianpost/\(name).xml"))
        #expect(snapshot.id == ExternalID(.trackNumber, postNumber) && snapshot.status.summary == .remark)
        #expect(snapshot.confirms && snapshot.refreshedAt == nil && snapshot.numbers.isEmpty)
        #expect(snapshot.facts == [.weight: "355 g"])
        let checkpoints = try #require(snapshot.checkpoints)
        #expect(checkpoints.count == count)
        for (checkpoint, line) in zip(checkpoints, Self.lines) {
            #expect(checkpoint.time == .instant(try #require(try ISO8601(line.time).instant), text: line.time))
            #expect(checkpoint.code == line.code && checkpoint.meaning == line.meaning)
            #expect(checkpoint.country == line.country && checkpoint.place == line.place)
            #expect(checkpoint.text == line.text && checkpoint.carrier.isEmpty)
        }
    }

    @Test func `people, their addresses and money are dropped`() throws {
        let told = String(reflecting: try postAnswer(try fixture("russianpost/delivered.xml")).report())
        for trace in [personalMark, "98765", "Мелкий пакет", "Население"] { #expect(!told.contains(trace)) }
    }

    @Test func `elements are known by their namespace, whatever their prefix`() throws {
        let text = String(decoding: try Fixture.bytes("russianpost/delivered.xml"), as: UTF8.self)
        let other = text.replacing("ns3:", with: "x:").replacing("xmlns:ns3", with: "xmlns:x").replacing(
            "S:", with: "soap:"
        ).replacing("xmlns:S", with: "xmlns:soap")
        #expect(
            try postAnswer(ok(other)).report().whole
                == (try postAnswer(try fixture("russianpost/delivered.xml")).report().whole))
        let foreign = text.replacing("operationhistory/data", with: "sms-info/data")
        #expect(try postAnswer(ok(foreign)).error == .malformed(field: "OperationHistoryData"))
    }

    @Test func `an empty history is not found yet, and no number is invalid by it`() throws {
        let snapshot = try postSnapshot(try fixture("russianpost/not-found.xml"))
        #expect(snapshot.status.summary == .notFoundYet && snapshot.checkpoints == nil)
    }

    @Test func `what happens abroad is not read as Russian`() throws {
        let china = "<d:OperationAddress><d:Description>Китай</d:Description></d:OperationAddress>"
        let kazan = "<d:OperationAddress><d:Index>420005</d:Index></d:OperationAddress>"
        let cases: [(String, [(String, String)], [(String?, CodeMeaning)])] = [
            // The first operation is where the number is from.
            (
                postNumber, [("1/0", china), ("8/0", china)],
                [
                    ("CN", CodeMeaning(.at(.accepted))), (nil, CodeMeaning(.at(.originTransit))),
                ]
            ),
            (
                "RA644000001RU", [("8/0", ""), ("8/0", kazan)],
                [
                    ("RU", CodeMeaning(.at(.destinationTransit))), ("RU", CodeMeaning(.at(.destinationTransit))),
                ]
            ),
            ("80214523462306", [("8/5", "")], [(nil, CodeMeaning(.at(.destinationTransit)))]),
            (
                postNumber, [("8/5", countryOper("SG")), ("8/5", ""), ("8/5", countryOper("RU")), ("8/5", "")],
                [
                    ("SG", CodeMeaning(.at(.exportCustoms))), (nil, CodeMeaning(.at(.exportCustoms))),
                    ("RU", CodeMeaning(.at(.destinationTransit))), (nil, CodeMeaning(.at(.destinationTransit))),
                ]
            ),
            (
                postNumber, [("8/0", "<d:CountryOper><d:Id>643</d:Id></d:CountryOper>"), ("8/0", countryOper("C7"))],
                [
                    ("RU", CodeMeaning(.at(.destinationTransit))), (nil, CodeMeaning(.at(.destinationTransit))),
                ]
            ),
        ]
        for (number, records, expected) in cases {
            let answer = postHistory(records.map { postRecord($0.0, address: $0.1) })
            let found = try postSnapshot(answer, about: number).checkpoints ?? []
            #expect(found.map(\.country) == expected.map(\.0), "\(number)")
            #expect(found.map(\.meaning) == expected.map(\.1), "\(number)")
        }
    }

    @Test func `a code that the table does not have is kept and not guessed`() throws {
        let codes = ["8/26", "99/1", "1027/0", "2/99", "12/77", "2/2"]
        let found = try postSnapshot(postHistory(codes.map { postRecord($0) })).checkpoints ?? []
        #expect(found.map(\.code) == codes)
        #expect(
            found.map(\.meaning) == [
                .unmapped, .unmapped, .unmapped, .unmapped, CodeMeaning(nil, .attemptFailed),
                CodeMeaning(nil, .returned),
            ])
    }

    @Test(arguments: [
        ("8/2", "ready_for_pickup"), ("8/2 8/15", "arrived_delivery_office out_for_delivery"),
        ("8/2 8/22", "arrived_delivery_office KEEP"), ("8/2 8/9", "ready_for_pickup ready_for_pickup"),
        ("8/2 8/18 12/1 8/2", "arrived_delivery_office out_for_delivery !recipient_unavailable ready_for_pickup"),
        ("8/2 12/1 8/68", "arrived_delivery_office !recipient_unavailable out_for_delivery"),
        ("8/69 8/2 2/1", "out_for_delivery ready_for_pickup delivered"),
        ("8/2 8/4 8/2 8/70", "arrived_delivery_office destination_transit arrived_delivery_office out_for_delivery"),
    ])
    func `the place of delivery is one of pickup unless a courier takes it from there`(codes: String, means: String)
        throws
    {
        let records = codes.split(separator: " ").map {
            postRecord(String($0), address: "<d:OperationAddress><d:Index>420005</d:Index></d:OperationAddress>")
        }
        let found = try postSnapshot(postHistory(records)).checkpoints ?? []
        #expect(found.compactMap(\.meaning?.text).joined(separator: " ") == means)
    }

    @Test func `the oldest operation comes first, whichever way round they came`() throws {
        let dates = [10, 11, 11, 12].map { "2026-03-\($0)T04:10:00.000+03:00" }
        let codes = ["1/1", "8/0", "8/4", "8/2"]
        let records = zip(codes, dates).map { postRecord($0, $1) }
        for given in [records, records.reversed()] {
            #expect(try postSnapshot(postHistory(given)).checkpoints?.map(\.code) == codes)
        }
    }

    @Test func `a new number on the way is followed, another parcel's answer is refused`() throws {
        let renumbered = postHistory([
            postRecord("1/1", barcode: postNumber), postRecord("8/26", barcode: "80214523462306"),
            postRecord("8/2", barcode: "80214523462306"),
        ])
        #expect(
            try postSnapshot(renumbered).numbers
                == [RoledNumber(.lastMile, try #require(TrackNumber("80214523462306")))])
        let other = postHistory([postRecord("1/1", barcode: "RB123456785SG")])
        #expect(try postAnswer(other).error == .malformed(field: "historyRecord.ItemParameters.Barcode"))
    }
}

@Suite struct RussianPostFaultTests {
    static let cases: [(String, PollErrorKind)] = [
        ("fault.authorization.xml", .authentication), ("fault.quota.xml", .quotaSpent),
        ("fault.history.xml", .refused), ("fault.language.xml", .refused),
    ]

    @Test(arguments: cases) func `a fault's element and words say what it is, whatever the status`(
        _ name: String, _ kind: PollErrorKind
    ) throws {
        for status in [500, 400, 200] {
            let error = try #require(try postAnswer(try fixture("russianpost/\(name)", status: status)).error)
            #expect(error.kind == kind, "\(status)")
            #expect(!error.reason.contains(secretMark) && !error.reason.contains("operator"))
        }
    }

    @Test func `a refused form is an invalid number and no end of its history`() throws {
        let snapshot = try postSnapshot(try fixture("russianpost/fault.format.xml", status: 500))
        #expect(snapshot.status.summary == CodeMeaning(nil, .invalidNumber) && snapshot.checkpoints == nil)
        #expect(snapshot.status.code == "OperationHistoryFault")
    }

    @Test func `a fault about missing information is no refused form`() throws {
        let text = String(decoding: try Fixture.bytes("russianpost/fault.history.xml"), as: UTF8.self)
        for words in ["No information about the item", "Нет информации", "unlimited"] {
            let other = text.replacing("Внутренняя ошибка", with: words)
            #expect(try postAnswer(HTTPResponse(status: 500, body: Array(other.utf8))).error?.kind == .refused)
        }
        let english = text.replacing("Внутренняя ошибка", with: "The format of the request data is invalid")
        let answer = HTTPResponse(status: 500, body: Array(english.utf8))
        #expect(try postSnapshot(answer).status.summary == CodeMeaning(nil, .invalidNumber))
    }

    @Test func `a spent quota is told in English too`() throws {
        let text = String(decoding: try Fixture.bytes("russianpost/fault.quota.xml"), as: UTF8.self)
        let english = text.replacing("Превышен лимит количества запросов", with: "Request LIMIT exceeded")
        let answer = HTTPResponse(status: 500, body: Array(english.utf8))
        #expect(try postAnswer(answer).error?.kind == .quotaSpent)
    }

    @Test func `other faults and statuses are the service's trouble`() throws {
        let page = try Fixture.bytes("russianpost/malformed.block-page.html")
        let busy = try Fixture.bytes("russianpost/rate-limited.xml")
        let history = try Fixture.bytes("russianpost/delivered.xml")
        let slow = [HTTPField("Retry-After", "90")]
        let cases: [(HTTPResponse, PollError)] = [
            (try fixture("russianpost/fault.bare.xml", status: 500), .unreachable(reason: "the database is away")),
            (HTTPResponse(status: 429, headers: slow, body: busy), .rateLimited(retryAfter: .seconds(90))),
            (HTTPResponse(status: 503, headers: slow, body: busy), .rateLimited(retryAfter: .seconds(90))),
            (HTTPResponse(status: 500, body: page), .unreachable(reason: "status 500")),
            (HTTPResponse(status: 500, body: history), .unreachable(reason: "status 500")),
            (HTTPResponse(status: 403, body: page), .unreachable(reason: "status 403")),
            (HTTPResponse(status: 404, body: []), .unreachable(reason: "status 404")),
            (
                HTTPResponse(status: 301, body: []), .unreachable(reason: "it redirects elsewhere (status 301)")
            ),
            (HTTPResponse(status: 502, body: page), .unreachable(reason: "status 502")),
        ]
        for (answer, error) in cases { #expect(try postAnswer(answer).error == error) }
    }
}
