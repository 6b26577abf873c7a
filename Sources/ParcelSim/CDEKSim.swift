// CDEK, API version 2: a token that ends, and one order of one's own contract a request, the newest status first. A
// status that was withdrawn stays, marked as deleted.

import Foundation

struct CDEKSim {
    let world: World
    private var settings: Scenario.Carriers.CDEK { world.scenario.carriers.cdek }

    func token(_ request: SimRequest) -> Call {
        let fields = form(request.body)
        let refusal = { failure("v2_authorization_incorrect", "Wrong account or secure password", status: 401) }
        return Call(
            provider: "cdek", method: "token",
            answer: {
                guard fields["grant_type"] == "client_credentials", fields["client_id"] == settings.account,
                    fields["client_secret"] == settings.password
                else { return refusal() }
                let token = world.counting { ledger, now in
                    let token = "DEMO.TOKEN.\(ledger.tokens.count + 1)"
                    ledger.tokens[token] = now + settings.tokenLife
                    return token
                }
                return Answer("", "") {
                    [
                        "access_token": .text(token), "token_type": "bearer",
                        "expires_in": .integer(Int(settings.tokenLife / 1000)), "scope": "order:all payment:all",
                        "jti": "00000000-0000-4000-8000-000000000001",
                    ]
                }
            }, refusal: refusal, refusals: [.quota: tooMany], malformed: { $0.changingBody(scrambled) })
    }

    func order(_ request: SimRequest) -> Call {
        let fields = form(Array(request.query.utf8))
        let number = fields["cdek_number"] ?? fields["im_number"] ?? ""
        let token = (request.headers["authorization"] ?? "").split(separator: " ").last.map(String.init) ?? ""
        return Call(
            provider: "cdek", method: "orders", things: [number],
            answer: {
                let end = world.counting { ledger, _ in ledger.tokens[token] }
                guard let end else { return unknown() }
                return end <= world.now ? expired() : answer(number)
            }, refusal: unknown,
            refusals: [
                .quota: tooMany,
                .tokenExpired: {
                    // It ends in the middle of a pass; the next one is good.
                    world.counting { ledger, now in ledger.tokens[token] = now }
                    return expired()
                },
            ], malformed: { $0.changingBody(scrambled) })
    }

    private func unknown() -> Answer { failure("v2_authorization_incorrect", "Token is invalid", status: 401) }
    private func expired() -> Answer { failure("v2_token_expired", "Token expired", status: 401) }

    private func tooMany() -> Answer { failure("v2_internal_error", "Too many requests", status: 429) }

    private func failure(_ code: String, _ message: String, status: Int) -> Answer {
        var answer = Answer("", "") { ["errors": [["code": .text(code), "message": .text(message)]]] }
        answer.status = status
        return answer
    }

    private func answer(_ number: String) -> Answer {
        let known = world.things.number(number)
        guard !number.isEmpty, known?.isInvalid != true else { return refused("v2_invalid_format", "Invalid format") }
        if known?.isForeign == true { return refused("v2_entity_forbidden", "Entity belongs to another client") }
        let now = world.now - settings.pace.lag
        guard let known, !known.events(of: .cdek, at: now).isEmpty else {
            return refused("v2_entity_not_found", "Entity is not found by cdek number \(number)")
        }
        let isReturn = known.condition == "returned"
        return Answer("", "") {
            [
                "entity": [
                    "uuid": "72753031-0000-4000-8000-000000000002", "type": 2, "is_return": .bool(isReturn),
                    "is_reverse": false, "is_client_return": false, "cdek_number": .text(number), "number": "SHOP-1",
                    "tariff_code": 136, "delivery_mode": "4", "shipment_point": "MSK5", "delivery_point": "VVO1",
                    "from_location": ["code": 44, "city": "Москва", "country_code": "RU"],
                    "to_location": ["code": 288, "city": "Владивосток", "country_code": "RU"],
                    "recipient": [
                        "name": .text("Получатель-" + personalMark), "phones": [["number": .text(personalPhone)]],
                    ],
                    "statuses": .array(
                        known.events(of: .cdek, at: now, revoked: true).reversed().map { status($0, now - known.lag) }),
                    "delivery_problem": [], "delay_reasons": [],
                ], "requests": [request("SUCCESSFUL")], "related_entities": [],
            ]
        }
    }

    private func status(_ event: Scenario.NumberEvent, _ now: Int64) -> JSON {
        [
            "code": .text(event.codes[.cdek] ?? ""), "name": .text(event.text),
            "date_time": .text(stamp(event.at.ms)), "city": .text(event.place),
            "city_code": event.place == "Москва" ? 44 : 288,
            "deleted": .bool(event.isWithdrawn(at: now)),
        ]
    }

    /// An offset without a colon.
    private func stamp(_ ms: Int64) -> String { local(ms, minutes: 0) + "+0000" }

    private func request(_ state: String) -> JSON {
        [
            "request_uuid": "72753031-0000-4000-8000-000000000003", "type": "GET",
            "date_time": .text(stamp(world.now)), "state": .text(state),
        ]
    }

    /// The other form of an error, with status 400.
    private func refused(_ code: String, _ message: String) -> Answer {
        var answer = Answer("", "") {
            [
                "requests": [
                    request("INVALID").with("errors", [["code": .text(code), "message": .text(message)]])
                ], "related_entities": [],
            ]
        }
        answer.status = 400
        return answer
    }
}
