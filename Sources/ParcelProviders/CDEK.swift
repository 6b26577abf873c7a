// CDEK, API version 2: the order behind a waybill. It shows the orders of one's own contract only.
// Limit: none is documented for one client; this one keeps far below the 200 requests a second that the service bears.
// Source: CDEK's own SDK 2.0 and public clients that quote https://apidoc.cdek.ru, read 2026-11.

import ParcelCore

struct CDEK: Provider {
    static let schema = SettingSchema(
        "cdek",
        [
            SettingKey("url", .url, "address of the API; https://api.cdek.ru if left out"),
            SettingKey("client_id", .text, required: true, "the account of your contract's integration"),
            SettingKey("client_secret", .secret, required: true, "its secure password"),
        ] + SettingSchema.mannersKeys)

    let id: ProviderID = "cdek"
    let url: String
    let clientID: String
    let clientSecret: Secret
    let manners: Manners
    /// Its times carry an offset.
    let zoneName: String? = nil
    let lists: [AskPlan] = []

    init?(_ settings: SettingValues) {
        guard let clientID = settings.text("client_id"), let clientSecret = settings.secret("client_secret") else {
            return nil
        }
        url = settings.text("url") ?? "https://api.cdek.ru"
        self.clientID = clientID
        self.clientSecret = clientSecret
        manners = Manners(requestsPerSecond: 5, parallel: 1).adjusted(by: settings)
    }

    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }

    /// Ten digits may be anybody's; those of a Chinese courier or of the post abroad are not CDEK's.
    func ask(following followed: FollowedNumber) -> Ask? {
        let isPossible = followed.role == nil || followed.role == .lastMile || followed.carrier == "cdek"
        guard isPossible, followed.candidates.contains("cdek") else { return nil }
        return Ask("track", key: followed.number.description)
    }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        CDEKConversation(provider: self, ask: ask, opening: opening)
    }
}

private struct CDEKConversation: Conversation {
    let provider: CDEK
    let ask: Ask
    let opening: Opening
    private var token: CDEKToken?
    private var awaitsToken = false
    private var isRenewed = false

    init(provider: CDEK, ask: Ask, opening: Opening) {
        self.provider = provider
        self.ask = ask
        self.opening = opening
        token = opening.session.flatMap { CDEKToken(session: $0, now: opening.now) }
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let number = TrackNumber(ask.key) else { throw .refused(reason: "\(ask.key) is no track number") }
        if let answer, awaitsToken {
            token = try CDEKToken(answer, now: opening.now, hiding: [provider.clientSecret])
            awaitsToken = false
            return .send(request(for: number))
        }
        guard let answer else { return .send(token == nil ? tokenRequest() : request(for: number)) }
        let outcome = try CDEKOutcome(answer, now: opening.now)
        switch outcome {
        case .order(let order):
            guard order.cdek_number.text == ask.key else { throw .malformed(field: "entity.cdek_number") }
            return .done(report(try order.snapshot(of: number)))
        case .trouble(let code, let message):
            let reason = told(
                message, code: code, hiding: [provider.clientSecret, token?.text])
            return try turn(after: code, reason, number)
        }
    }

    private mutating func turn(after code: String, _ reason: String, _ number: TrackNumber) throws(PollError) -> Turn {
        switch code {
        case "v2_entity_not_found", "v2_entity_not_found_im_number", "v2_order_not_found", "orders_number_is_empty":
            return .done(report(.notFoundYet(number, code: code, text: "")))
        case _ where CDEKOutcome.tokenRefusals.contains(code):
            // The token may have been withdrawn before its time; a second refusal is a person's matter.
            guard !isRenewed else { throw .authentication(reason: reason) }
            isRenewed = true
            return .send(tokenRequest())
        case "v2_internal_error", "v2_similar_request_still_processed": throw .unreachable(reason: reason)
        // Also an order of another client (v2_entity_forbidden): it says nothing about the next number.
        default: throw .refused(reason: reason)
        }
    }

    private func report(_ snapshot: Snapshot) -> Report {
        var report = Report()
        report.snapshots = [snapshot]
        report.session = token?.session
        return report
    }

    private mutating func tokenRequest() -> HTTPRequest {
        awaitsToken = true
        let form =
            "grant_type=client_credentials&client_id=\(formEncoded(provider.clientID))"
            + "&client_secret=\(formEncoded(provider.clientSecret.revealed))"
        return HTTPRequest(
            .post, provider.url + "/v2/oauth/token",
            headers: [
                HTTPField("Content-Type", "application/x-www-form-urlencoded"), HTTPField("Accept", "application/json"),
            ], body: Array(form.utf8), label: "CDEK token")
    }

    private func request(for number: TrackNumber) -> HTTPRequest {
        HTTPRequest(
            .get, "\(provider.url)/v2/orders?cdek_number=\(number)",
            headers: [
                HTTPField("Authorization", "Bearer \(token?.text.revealed ?? "")"),
                HTTPField("Accept", "application/json"),
            ], label: "CDEK order")
    }
}

/// What the account's secret is exchanged for. It lives in memory only, as the session, with the end of its life.
private struct CDEKToken {
    private static let usualLife = 3600
    /// So that it does not end on the way to the service.
    private static let reserve = 60

    let text: Secret
    private let expiresAt: Timestamp

    /// Nil where it is over, or is none of these.
    init?(session: Secret, now: Timestamp) {
        let parts = session.revealed.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let end = Int64(parts[0]), now < Timestamp(milliseconds: end) else { return nil }
        expiresAt = Timestamp(milliseconds: end)
        text = Secret(String(parts[1]))
    }

    init(_ answer: HTTPResponse, now: Timestamp, hiding secrets: [Secret]) throws(PollError) {
        let isRefusal = (400...403).contains(answer.status)
        if isRefusal, let wire = try? decode(Wire.self, from: answer.body), let error = wire.error?.filled {
            let words = wire.error_description?.filled ?? ""
            throw .authentication(reason: told(words, code: error, hiding: secrets))
        }
        if isRefusal, case .trouble(let code, let message)? = try? CDEKOutcome(answer, now: now) {
            let reason = told(message, code: code, hiding: secrets)
            throw CDEKOutcome.tokenRefusals.contains(code)
                ? .authentication(reason: reason) : .unreachable(reason: reason)
        }
        try requireOK(answer, now: now)
        let wire = try decode(Wire.self, from: answer.body)
        guard let given = wire.access_token?.filled, given.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw .malformed(field: "access_token")
        }
        text = Secret(given)
        let life = min(max(0, wire.expires_in?.value ?? Self.usualLife), 86_400)
        expiresAt = now + .seconds(max(0, life - Self.reserve))
    }

    var session: Secret { Secret("\(expiresAt.milliseconds) \(text.revealed)") }

    private struct Wire: Decodable {
        private enum Keys: String, CodingKey { case access_token, expires_in, error, error_description }

        var access_token: Loose?
        var expires_in: Whole?
        var error: Loose?
        var error_description: Loose?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            guard !container.allKeys.isEmpty else { throw ForeignAnswer() }
            access_token = try container.decodeIfPresent(Loose.self, forKey: .access_token)
            expires_in = try container.decodeIfPresent(Whole.self, forKey: .expires_in)
            error = try container.decodeIfPresent(Loose.self, forKey: .error)
            error_description = try container.decodeIfPresent(Loose.self, forKey: .error_description)
        }
    }
}
