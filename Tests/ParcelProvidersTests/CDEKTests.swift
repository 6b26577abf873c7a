// CDEK: the token's life, statuses as checkpoints, revoked ones, the two forms of errors.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

let waybill = "1100285492"
private let fresh = "\(now.milliseconds + 1000) SECRET-kept"

private func isToken(_ request: HTTPRequest) -> Bool { request.url.hasSuffix("/v2/oauth/token") }

private func bearer(_ request: HTTPRequest) -> String? {
    request.headers.first { $0.name == "Authorization" }?.value
}

/// Orders are answered in turn, the last for ever; so are the questions for a token.
func askCDEK(
    session: String? = nil, tokens: [HTTPResponse]? = nil, _ orders: [HTTPResponse], at: Timestamp = now
) throws -> Played {
    let tokens = try tokens ?? [try fixture("cdek/token.json")]
    var given = (tokens: 0, orders: 0)
    return try play(try provider("cdek"), Ask("track", key: waybill), session: session, at: at) { request, _ in
        if isToken(request) {
            given.tokens += 1
            return tokens[min(given.tokens, tokens.count) - 1]
        }
        given.orders += 1
        return orders[min(given.orders, orders.count) - 1]
    }
}

func cdekSnapshot(_ order: HTTPResponse) throws -> Snapshot {
    try #require(try askCDEK([order]).report().snapshots.first)
}

private func order(_ statuses: [[String: Any]], _ more: [String: Any] = [:]) throws -> HTTPResponse {
    try ok(json: ["entity": ["cdek_number": waybill, "statuses": statuses].merging(more) { $1 }])
}

private func status(_ code: String, _ hour: Int, _ more: [String: Any] = [:]) -> [String: Any] {
    ["code": code, "date_time": "2026-05-01T\(10 + hour):00:00+0000"].merging(more) { $1 }
}

@Suite struct CDEKTokenTests {
    private func tokens(_ played: Played) -> Int { played.requests.count(where: isToken) }

    @Test func `the account's secret is sent in a form, the token in a header`() throws {
        let played = try askCDEK([try fixture("cdek/order.in-transit.json")])
        #expect(played.requests.map(\.method) == [.post, .get])
        #expect(played.requests[0].url == "https://api.cdek.ru/v2/oauth/token")
        #expect(
            form(played.requests[0]) == [
                "grant_type": "client_credentials", "client_id": "account", "client_secret": "SECRET&cdek",
            ])
        #expect(played.requests[1].url == "https://api.cdek.ru/v2/orders?cdek_number=1100285492")
        #expect(bearer(played.requests[1]) == "Bearer SECRET-token" && played.requests[1].body == nil)
        #expect(played.requests.map(\.label) == ["CDEK token", "CDEK order"])
        #expect(played.requests.allSatisfy { !$0.url.contains(secretMark) })
    }

    @Test func `a token is kept with the end of its life, a minute early`() throws {
        let report = try askCDEK([try fixture("cdek/order.in-transit.json")]).report()
        let session = try #require(report.session)
        #expect(session.revealed == "\(now.milliseconds + 3_540_000) SECRET-token" && "\(session)" == "<secret>")
        #expect(!String(reflecting: report).contains(secretMark))
        for (after, isKept) in [(0, true), (3539, true), (3540, false), (7200, false)] {
            let played = try askCDEK(
                session: session.revealed, [try fixture("cdek/not-found.json")], at: now + .seconds(after))
            #expect((tokens(played) == 0) == isKept, "after \(after) s")
            #expect(try played.report().session != nil)
        }
        for broken in ["session-0", "", "x y", "\(now.milliseconds + 1000)", "99999999999999999999 token"] {
            #expect(tokens(try askCDEK(session: broken, [try fixture("cdek/order.in-transit.json")])) == 1)
        }
    }

    @Test func `a life that is not told is an hour, a short one ends with the conversation`() throws {
        let cases: [(Any?, Int64?)] = [
            (nil, 3540), (30, 0), (-5, 0), (0, 0), ("600", 540), (Int64.max, 86_340), (NSNull(), 3540),
        ]
        for (life, kept) in cases {
            var token: [String: Any] = ["access_token": "t"]
            token["expires_in"] = life
            let played = try askCDEK(tokens: [try ok(json: token)], [try fixture("cdek/not-found.json")])
            let session = try played.report().session?.revealed
            #expect(session == kept.map { "\(now.milliseconds + $0 * 1000) t" })
        }
        #expect(
            try askCDEK(tokens: [ok("{\"access_token\":\"t\",\"expires_in\":\"x\"}")], []).error
                == .malformed(field: "expires_in"))
        for bad in ["{\"access_token\":\"\"}", "{\"expires_in\":1}", "{\"access_token\":\"a\\r\\nX: y\"}"] {
            #expect(try askCDEK(tokens: [ok(bad)], []).error == .malformed(field: "access_token"))
        }
    }

    @Test(arguments: ["token-expired.json", "token-expired.nested.json"])
    func `a token that ends in the middle is renewed once and the order is asked for again`(_ name: String) throws {
        let ended = try fixture("cdek/\(name)", status: 401)
        let good = try fixture("cdek/order.in-transit.json")
        let played = try askCDEK(session: fresh, [ended, good])
        #expect(played.requests.map(isToken) == [false, true, false])
        #expect(bearer(played.requests[0]) == "Bearer SECRET-kept")
        #expect(bearer(played.requests[2]) == "Bearer SECRET-token")
        #expect(try played.report().snapshots.count == 1)
        #expect(try played.report().session?.revealed.hasSuffix(" SECRET-token") == true)

        let refused = try askCDEK(session: fresh, [ended])
        #expect(refused.requests.map(isToken) == [false, true, false])
        #expect(refused.error?.kind == .authentication && refused.error?.reason.contains(secretMark) == false)
        let new = try askCDEK([ended])
        #expect(new.requests.map(isToken) == [true, false, true, false] && new.error?.kind == .authentication)
    }

    @Test func `a refusal without a known code is renewed too, a web page is none`() throws {
        let good = try fixture("cdek/order.in-transit.json")
        let bare = HTTPResponse(status: 401, body: Array("{\"message\":\"Unauthorized\"}".utf8))
        #expect(try askCDEK(session: fresh, [bare, good]).report().snapshots.count == 1)
        let page = try fixture("cdek/malformed.block-page.html", status: 401)
        #expect(try askCDEK(session: fresh, [page]).error == .unreachable(reason: "status 401"))
    }

    @Test func `refused credentials are a person's matter`() throws {
        let incorrect = Array("{\"errors\":[{\"code\":\"v2_authorization_incorrect\",\"message\":\"no\"}]}".utf8)
        let answers = [
            try fixture("cdek/error.credentials.json", status: 401),
            try fixture("cdek/error.credentials.json", status: 400), HTTPResponse(status: 401, body: incorrect),
            HTTPResponse(status: 403, body: incorrect),
        ]
        for answer in answers {
            let played = try askCDEK(tokens: [answer], [])
            #expect(played.requests.count == 1 && played.error?.kind == .authentication)
            #expect(played.error?.reason.contains(secretMark) == false)
        }
    }

    @Test func `a fault of transport is no data, at either request`() throws {
        let page = try Fixture.bytes("cdek/malformed.block-page.html")
        let slow = [HTTPField("Retry-After", "90")]
        let busy = try Fixture.bytes("cdek/rate-limited.json")
        let cases: [(HTTPResponse, PollErrorKind)] = [
            (HTTPResponse(status: 200, body: page), .notData), (HTTPResponse(status: 200, body: []), .notData),
            (HTTPResponse(status: 200, body: busy), .notData), (ok("{}"), .notData), (ok("[]"), .malformed),
            (ok("null"), .malformed), (HTTPResponse(status: 200, body: [0xFF, 0xFE, 0]), .notData),
            (ok(String(repeating: "[", count: 50_000)), .notData),
            (HTTPResponse(status: 403, body: page), .unreachable),
            (HTTPResponse(status: 404, body: page), .unreachable),
            (HTTPResponse(status: 400, body: busy), .unreachable),
            (HTTPResponse(status: 500, body: Array("{\"errors\":[]}".utf8)), .unreachable),
            (HTTPResponse(status: 502, body: []), .unreachable), (HTTPResponse(status: 204, body: []), .unreachable),
            (HTTPResponse(status: 301, body: []), .unreachable),
            (HTTPResponse(status: 429, headers: slow, body: busy), .rateLimited),
            (HTTPResponse(status: 503, headers: slow, body: page), .rateLimited),
        ]
        for (answer, kind) in cases {
            #expect(try askCDEK([answer]).error?.kind == kind, "order, \(answer.status)")
            #expect(try askCDEK(tokens: [answer], []).error?.kind == kind, "token, \(answer.status)")
        }
    }
}

@Suite struct CDEKOrderTests {
    static let routes: [(String, TrackNumberRole?, String?, Bool)] = [
        (waybill, .lastMile, nil, true), (waybill, nil, nil, true), (waybill, .domestic, nil, false),
        (waybill, .international, nil, false), (waybill, .domestic, "cdek", true), (waybill, .lastMile, "sto", false),
        ("2100285492", .lastMile, nil, false), ("11002854921", .lastMile, "cdek", true),
        ("80214523462306", .lastMile, nil, false),
    ]

    @Test(arguments: routes) func `ten digits are asked for where they may be CDEK's`(
        _ number: String, _ role: TrackNumberRole?, _ carrier: String?, _ isFollowed: Bool
    ) throws {
        let followed = FollowedNumber(try #require(TrackNumber(number)), role: role, carrier: carrier)
        #expect(try provider("cdek").ask(following: followed) == (isFollowed ? Ask("track", key: number) : nil))
    }

    @Test func `a status is a checkpoint with its time, place, country and meaning, the oldest first`() throws {
        let snapshot = try cdekSnapshot(try fixture("cdek/order.in-transit.json"))
        #expect(snapshot.id == ExternalID(.trackNumber, waybill) && snapshot.status.summary == .remark)
        #expect(snapshot.confirms && snapshot.numbers.isEmpty && snapshot.facts.isEmpty)
        let found = try #require(snapshot.checkpoints)
        let expected: [(String, String, Milestone, String)] = [
            ("ACCEPTED", "2026-04-26T12:42:04+0000", .registered, "Офис СДЭК"),
            ("CREATED", "2026-04-26T12:42:08+0000", .registered, "Офис СДЭК"),
            ("RECEIVED_AT_SHIPMENT_WAREHOUSE", "2026-04-27T07:44:45+0000", .accepted, "Москва"),
            ("SENT_TO_RECIPIENT_CITY", "2026-04-27T18:30:00+0000", .destinationTransit, "Москва"),
            ("ACCEPTED_IN_RECIPIENT_CITY", "2026-04-29T03:00:00+0000", .destinationTransit, "Казань"),
            ("ACCEPTED_AT_PICK_UP_POINT", "2026-04-29T09:12:40+0000", .readyForPickup, "Казань"),
        ]
        #expect(found.map(\.code) == expected.map(\.0))
        for (checkpoint, line) in zip(found, expected) {
            #expect(checkpoint.time == .instant(try #require(try ISO8601(line.1).instant), text: line.1))
            #expect(checkpoint.meaning == CodeMeaning(.at(line.2)) && checkpoint.place == line.3)
            #expect(checkpoint.country == "RU")
        }
        #expect(found[5].text == "Принят на склад до востребования")
    }

    @Test func `a revoked status is withdrawn by being left out`() throws {
        let found = try cdekSnapshot(try fixture("cdek/order.delivered.json")).checkpoints ?? []
        #expect(found.count == 7 && found.filter { $0.code == "DELIVERED" }.count == 1)
        #expect(found.last?.time.text == "2026-05-02T15:20:00+0000")
        let revoked = try cdekSnapshot(try order([status("DELIVERED", 1, ["deleted": true])]))
        #expect(revoked.checkpoints?.isEmpty == true && revoked.confirms)
    }

    @Test func `people, their addresses, goods and money are dropped`() throws {
        for name in ["in-transit", "delivered", "return", "border"] {
            let told = String(reflecting: try cdekSnapshot(try fixture("cdek/order.\(name).json")))
            for trace in [personalMark, "98765", "Чехол", "SHOP-118"] { #expect(!told.contains(trace)) }
        }
    }

    @Test func `a return order's delivery is the shop's`() throws {
        let found = try cdekSnapshot(try fixture("cdek/order.return.json")).checkpoints ?? []
        #expect(
            found.map(\.meaning) == [
                CodeMeaning(.at(.registered)), CodeMeaning(nil, .returning), CodeMeaning(nil, .returned),
            ])
    }

    @Test func `a reason may say that the parcel is lost`() throws {
        let cases: [(String?, Condition)] = [
            (nil, .returning), ("1", .returning), ("26", .lost), ("27", .unclaimed),
        ]
        for (reason, condition) in cases {
            let row = status("NOT_DELIVERED", 1, reason.map { ["reason_code": $0, "name": "Не вручен"] } ?? [:])
            let found = try #require(try cdekSnapshot(try order([row])).checkpoints?.first)
            #expect(found.meaning == CodeMeaning(nil, condition))
            #expect(found.text == (reason.map { "Не вручен (reason_code \($0))" } ?? "NOT_DELIVERED"))
        }
        #expect(
            try cdekSnapshot(try order([status("ISSUED_FOR_DELIVERY", 1, ["reason_code": "26"])])).checkpoints?.first?
                .meaning == .unmapped)
    }

    @Test func `a city that nobody knows is in a country only where the border says so`() throws {
        let found = try cdekSnapshot(try fixture("cdek/order.border.json")).checkpoints ?? []
        #expect(found.map(\.country) == ["CN", "CN", "CN", nil, nil, nil, "RU", "RU", "RU"])
        #expect(found.last?.meaning == CodeMeaning(.transit))
        let ends = ["from_location": ["country_code": "CN"], "to_location": ["country_code": "RU"]]
        let unsaid = try cdekSnapshot(
            try order([status("ACCEPTED_IN_RECIPIENT_CITY", 2), status("SENT_TO_TRANSIT_CITY", 1)], ends))
        #expect(unsaid.checkpoints?.map(\.country) == ["CN", nil])
        #expect(try cdekSnapshot(try order([status("SENT_TO_TRANSIT_CITY", 1)])).checkpoints?.map(\.country) == [nil])
    }

    @Test func `statuses are put in order, whichever way round they came`() throws {
        let rows = [
            status("CREATED", 1), status("SENT_TO_TRANSIT_CITY", 2), status("ACCEPTED_IN_TRANSIT_CITY", 2),
            status("DELIVERED", 3),
        ]
        let codes = rows.compactMap { $0["code"] as? String }
        #expect(try cdekSnapshot(try order(rows)).checkpoints?.map(\.code) == codes)
        #expect(try cdekSnapshot(try order(rows.reversed())).checkpoints?.map(\.code) == codes)
        let oneInstant = try cdekSnapshot(try order([status("CREATED", 1), status("ACCEPTED", 1)]))
        #expect(oneInstant.checkpoints?.map(\.code) == ["ACCEPTED", "CREATED"])
    }

    @Test func `an order without statuses carries no history and confirms nothing`() throws {
        let bare = try ok(json: ["entity": ["cdek_number": Int(waybill) ?? 0]])
        for answer in [bare, try order([])] {
            let snapshot = try cdekSnapshot(answer)
            #expect(snapshot.checkpoints == nil && !snapshot.confirms)
        }
    }

    @Test func `an order counts, whatever became of a request to change it`() throws {
        let failed: [String: Any] = ["type": "UPDATE", "errors": [["code": "v2_entity_forbidden", "message": "no"]]]
        let answer = try ok(json: [
            "entity": ["cdek_number": waybill, "statuses": [status("CREATED", 1)]], "requests": [failed],
        ])
        #expect(try cdekSnapshot(answer).checkpoints?.count == 1)
    }

    @Test func `what stands against an order is known by its code, not by its status`() throws {
        func error(_ code: String, nested: Bool) throws -> [UInt8] {
            let errors: [String: Any] = ["errors": [["code": code, "message": "why"]]]
            return try ok(json: nested ? ["requests": [errors], "related_entities": [Any]()] : errors).body
        }
        let kinds: [(String, PollErrorKind?)] = [
            ("v2_entity_not_found", nil), ("v2_entity_not_found_im_number", nil), ("v2_order_not_found", nil),
            ("orders_number_is_empty", nil), ("v2_entity_forbidden", .refused), ("v2_order_forbidden", .refused),
            ("v2_entity_invalid", .refused), ("v2_invalid_format", .refused), ("v2_bad_request", .refused),
            ("v2_something_new", .refused), ("v2_internal_error", .unreachable),
            ("v2_similar_request_still_processed", .unreachable),
        ]
        for (code, kind) in kinds {
            for (status, nested) in [(200, true), (400, true), (404, false), (403, false)] {
                let answer = HTTPResponse(status: status, body: try error(code, nested: nested))
                let played = try askCDEK([answer])
                #expect(played.error?.kind == kind, "\(code), \(status)")
                guard kind == nil else {
                    #expect(played.error?.reason.contains(code) == true)
                    continue
                }
                let snapshot = try #require(try played.report().snapshots.first)
                #expect(snapshot.status.summary == .notFoundYet && snapshot.checkpoints == nil)
            }
        }
        let foreign = try askCDEK([try fixture("cdek/forbidden.json", status: 403)])
        #expect(foreign.error == .refused(reason: "Entity belongs to another client (code v2_entity_forbidden)"))
        #expect(foreign.error?.isProviderWide == false)
        #expect(try askCDEK([try fixture("cdek/error.invalid.json", status: 400)]).error?.kind == .refused)
        #expect(try askCDEK([try fixture("cdek/error.internal.json", status: 500)]).error?.kind == .unreachable)
    }

    @Test func `another order's answer is refused`() throws {
        let other = try ok(json: ["entity": ["cdek_number": "1100285493", "statuses": [Any]()]])
        #expect(try askCDEK([other]).error == .malformed(field: "entity.cdek_number"))
    }
}
