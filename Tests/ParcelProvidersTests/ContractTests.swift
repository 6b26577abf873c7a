// What every provider must keep, whatever it is given: one table of asks and answers, one set of faults.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// The scenes that end in a report, for the tests that spoil their answers.
private let goodScenes = scenes.filter { if case .seen = $0.expected { true } else { false } }

/// Cainiao refuses machines with a web page, with nothing, or with JSON of another service: asking on makes it worse.
private func isFault(_ error: PollError, _ expected: PollErrorKind, _ scene: Scene) -> Bool {
    error.kind == expected || (expected == .notData && error.kind == .blocked && scene.provider == "cainiao")
}

@Suite struct ContractTests {
    @Test(arguments: scenes) func `an answer gives what it shows`(_ scene: Scene) throws {
        let played = try scene.play()
        switch scene.expected {
        case .seen(let keys, let notFound):
            let report = try played.report()
            #expect(report.snapshots.map(\.id.key) == keys)
            #expect(report.notFound.map(\.key) == notFound)
            #expect(report.rejected.isEmpty)
        case .fails(let kind): #expect(played.error?.kind == kind)
        }
    }

    @Test(arguments: scenes) func `neither people nor secrets leave the decoder`(_ scene: Scene) throws {
        let played = try scene.play()
        for request in played.requests {
            #expect(!request.label.contains(secretMark) && !request.url.contains(secretMark))
            #expect(!request.label.isEmpty)
        }
        let told = String(reflecting: played.result)
        #expect(!told.contains(personalMark))
        #expect(!told.contains(secretMark))
        #expect(!told.contains("session-0"))
    }

    @Test(arguments: scenes) func `the same answer twice gives the same report`(_ scene: Scene) throws {
        let (one, other) = (try scene.play(), try scene.play())
        #expect((try? one.result.get().whole) == (try? other.result.get().whole))
        #expect(one.error == other.error)
        #expect(one.requests == other.requests)
    }

    @Test(arguments: goodScenes) func `a fault of transport is no data, whichever answer it hits`(_ scene: Scene) throws
    {
        let page = try Fixture.bytes("\(scene.provider)/malformed.block-page.html")
        let slow = [HTTPField("retry-after", "90")]
        let late = [HTTPField("Retry-After", "Thu, 25 Nov 2021 07:09:09 GMT")]
        let busy = try Fixture.bytes("\(scene.provider)/rate-limited.json")
        let whole = try scene.play().requests.count
        let cases: [(HTTPResponse, PollError?, PollErrorKind)] = [
            (HTTPResponse(status: 200, body: page), nil, .notData),
            (HTTPResponse(status: 200, body: []), nil, .notData),
            (HTTPResponse(status: 200, body: Array("  \n".utf8)), nil, .notData),
            (ok("{\"message\":\"overloaded\"}"), nil, .notData),
            (ok(String(repeating: "[", count: 50_000)), nil, .notData),
            (ok(String(repeating: "{\"Result\":", count: 50_000)), nil, .notData),
            (HTTPResponse(status: 200, body: [0xFF, 0xFE, 0x00]), nil, .notData),
            (ok("[]"), nil, .malformed), (ok("null"), nil, .malformed), (ok("\"text\""), nil, .malformed),
            (HTTPResponse(status: 403, body: page), nil, .unreachable),
            (HTTPResponse(status: 500, body: page), nil, .unreachable),
            (HTTPResponse(status: 502, body: []), nil, .unreachable),
            (HTTPResponse(status: 404, body: page), nil, .unreachable),
            (HTTPResponse(status: 301, body: []), nil, .unreachable),
            (HTTPResponse(status: 204, body: []), nil, .unreachable),
            (HTTPResponse(status: 429, body: busy), .rateLimited(retryAfter: nil), .rateLimited),
            (
                HTTPResponse(status: 429, headers: slow, body: busy), .rateLimited(retryAfter: .seconds(90)),
                .rateLimited
            ),
            (
                HTTPResponse(status: 429, headers: late, body: busy), .rateLimited(retryAfter: .seconds(60)),
                .rateLimited
            ),
            (
                HTTPResponse(status: 503, headers: slow, body: page), .rateLimited(retryAfter: .seconds(90)),
                .rateLimited
            ),
        ]
        let answers = try scene.answers.mapValues { try $0.map { try fixture("\(scene.provider)/\($0)") } }
        for hit in 0..<whole {
            for (fault, error, kind) in cases {
                let played = try play(try provider(scene.provider), scene.ask) { request, index in
                    index == hit ? fault : try #require(answers[method(request)]?.first)
                }
                #expect(played.error.map { isFault($0, kind, scene) } == true, "answer \(hit), \(fault.status)")
                if let error { #expect(played.error == error) }
                #expect(played.error?.reason.isEmpty == false)
            }
        }
    }

    @Test(arguments: goodScenes) func `an answer that is cut short anywhere is an error`(_ scene: Scene) throws {
        let answers = try scene.answers.mapValues { try $0.map { try fixture("\(scene.provider)/\($0)") } }
        let last = try #require(try scene.play().methods.last)
        let body = try #require(answers[last]?.first?.body)
        for length in stride(from: 0, to: body.count - 2, by: max(1, body.count / 60)) {
            let cut = HTTPResponse(status: 200, body: Array(body.prefix(length)))
            let played = try play(try provider(scene.provider), scene.ask) { request, _ in
                method(request) == last ? cut : try #require(answers[method(request)]?.first)
            }
            #expect(played.error.map { isFault($0, .notData, scene) } == true, "\(length) of \(body.count) bytes")
        }
    }

    @Test(arguments: ["otcommerce", "litemf", "shiptor"]) func `a bad row is refused by name and the rest is used`(
        _ id: String
    ) throws {
        let name = try fixture("\(id)/malformed.wrong-types.json")
        let expected: [String: (ask: String, answers: [String: [HTTPResponse]], seen: [String], bad: Rejected)] = [
            "otcommerce": (
                "orders",
                [
                    "GetOrderStatusList": [try fixture("otcommerce/GetOrderStatusList.json")], "SearchOrders": [name],
                    "SearchOrderLines": [try fixture("otcommerce/SearchOrderLines.json")],
                ], ["ORD-0000001908"] + bothLines, Rejected(id: ExternalID(.order, order), field: "StatusId")
            ),
            "litemf": (
                "incoming", ["getIncomingPackage": [name]], ["273494", "273495"],
                Rejected(id: ExternalID(.item, "273493"), field: "status")
            ),
            "shiptor": (
                "packages", ["getPackages": [name]], ["11578"],
                Rejected(id: ExternalID(.parcel, "11579"), field: "status")
            ),
        ]
        let (ask, answers, seen, bad) = try #require(expected[id])
        let report = try play(try provider(id), Ask(ask), answers).report()
        #expect(report.snapshots.map(\.id.key) == seen)
        #expect(report.rejected == [bad])
        #expect(!report.complete.isEmpty, "a row that is refused by its id is not missing")
    }

    @Test(arguments: [
        ("otcommerce", ok("{\"ErrorCode\":\"X\",\"ErrorDescription\":\"the key SECRET-KEY is unknown\"}")),
        ("litemf", ok("{\"error\":{\"code\":1002,\"message\":\"bad key SECRET-litemf\"}}")),
        ("shiptor", ok("{\"error\":{\"code\":-32603,\"message\":\"token SECRET-shiptor\"}}")),
        ("17track", ok("{\"code\":-18010002,\"data\":{\"errors\":[{\"message\":\"key SECRET-17track\"}]}}")),
    ]) func `a key that an error repeats is hidden and a long one is cut`(_ id: String, _ answer: HTTPResponse) throws {
        let number = try #require(TrackNumber("RR123456785CN"))
        let following = try provider(id).ask(following: FollowedNumber(number, role: nil))
        let asks = try provider(id).lists.map(\.ask) + (following.map { [$0] } ?? [])
        for ask in asks {
            let played = try play(try provider(id), ask) { _, _ in answer }
            let reason = try #require(played.error?.reason)
            #expect(reason.contains("<secret>") && !reason.contains(secretMark))
        }
        let long = String(decoding: answer.body, as: UTF8.self).replacingOccurrences(
            of: "key", with: String(repeating: "word ", count: 2000))
        let played = try play(try provider(id), asks[0]) { _, _ in ok(long) }
        #expect((played.error?.reason.count ?? 9999) < 300)
    }

    @Test func `every provider is listed once and is made only from what it needs`() throws {
        #expect(Set(providerKinds.map(\.id)).count == providerKinds.count)
        for kind in providerKinds {
            #expect((kind.make(SettingValues()) == nil) == kind.schema.keys.contains(where: \.isRequired))
            let made = try provider(kind.id.description)
            #expect(made.id == kind.id)
            #expect(Set(kind.schema.keys.map(\.name)).count == kind.schema.keys.count)
            #expect(kind.schema.keys.allSatisfy { !$0.summary.isEmpty })
            for key in kind.schema.keys where key.isRequired {
                let most = kind.schema.keys.filter { $0.isRequired && $0.name != key.name }
                let values = most.map { ($0.name, $0.kind == .secret ? SettingValue.secret(Secret("x")) : .text("x")) }
                #expect(kind.make(SettingValues(Dictionary(uniqueKeysWithValues: values))) == nil, "\(key.name)")
            }
        }
    }

    @Test func `manners are the vendors' and can be set`() throws {
        #expect(try provider("otcommerce").manners == Manners(requestsPerSecond: 2, parallel: 2))
        #expect(try provider("litemf").manners == Manners(requestsPerSecond: 1, parallel: 1))
        #expect(try provider("shiptor").manners == Manners(requestsPerSecond: 3, parallel: 1))
        let track17 = Manners(requestsPerSecond: 2.8, parallel: 1, minimumInterval: .hours(1))
        #expect(try provider("17track").manners == track17)
        // Longer can be wished, shorter not.
        for (wished, kept) in [(Duration.hours(3), Duration.hours(3)), (.minutes(10), .hours(1))] {
            let manners = try provider("17track", ["minimum_interval": .duration(wished)]).manners
            #expect(manners.minimumInterval == kept)
        }
        #expect(
            try provider("kuaidi100").manners
                == Manners(
                    requestsPerSecond: 1, parallel: 1, dayZone: "Asia/Shanghai", minimumInterval: .minutes(30)))
        #expect(
            try provider("cainiao", ["requests_per_day": .integer(50)]).manners
                == Manners(requestsPerSecond: 0.2, parallel: 1, requestsPerDay: 50, minimumInterval: .hours(6)))
        let set = try provider(
            "litemf", ["requests_per_second": .number(0.5), "parallel": .integer(2), "requests_per_day": .integer(9)])
        #expect(set.manners == Manners(requestsPerSecond: 0.5, parallel: 2, requestsPerDay: 9))
        let post = try provider("russianpost", ["requests_per_day": .integer(5000)]).manners
        #expect(post.requestsPerDay == 5000 && post.dayZone == "Europe/Moscow")
    }
}

@Suite struct ReadOnlyTests {
    static let allowed: Set<String> = [
        "AuthenticateInstanceOperator", "GetOrderStatusList", "SearchOrders", "SearchOrderLines",
        "GetSalesOrderDetailsForOperator", "GetSalesPackageList", "GetPackage", "GetPackageTrackingForOperator",
        "GetSalesProcessLog", "getIncomingPackage", "getOutgoingPackage", "getPackages", "getPackage",
    ]

    /// Calls whose names are no verb and capitals, so that the pattern below does not find them.
    static let plain: Set<String> = ["gettrackinfo", "getquota", "gettracklist", "query.do"]

    /// A GET without a body reads whatever its name is; a POST does so only if it is known by name.
    @Test(arguments: scenes) func `only read methods are sent`(_ scene: Scene) throws {
        for request in try scene.play().requests {
            let isRead = Self.allowed.union(Self.plain).contains(method(request))
            #expect(request.method == .get ? request.body == nil : isRead, "\(request.label)")
        }
    }

    /// A method's name is a verb and a word with a capital, in every one of the vendors' lists; one in capitals
    /// throughout is a status (`CREATED`).
    @Test func `the sources name no other method`() throws {
        let verbs =
            "get|search|find|authenticate|create|add|edit|update|save|set|change|delete|remove|disband|cancel|allow|export"
            + "|synchronize|run|confirm|close|restore|send|register|recreate|move|merge|split|archive|pay|purchase"
        let pattern = try Regex("\"((?=[A-Z]*[a-z])(?i:\(verbs))[A-Z][A-Za-z]*)\"", as: (Substring, Substring).self)
        var found: Set<String> = []
        let files = try FileManager.default.contentsOfDirectory(at: Fixture.sources, includingPropertiesForKeys: nil)
        for file in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: pattern) { found.insert(String(match.output.1)) }
        }
        #expect(found == Self.allowed)
    }
}
