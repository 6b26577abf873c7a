// 17TRACK, tracking API version 2.4: any carrier's numbers, all legs. A number is registered once, then asked for.
// Limits: 3 requests a second for a key (429 beyond, without Retry-After; the vendor's clients leave 350 ms between
// calls), 40 numbers a call. It looks at a number itself every 6 to 12 hours. `gettrackinfo`, `getquota`, `gettracklist`
// and `retrack` are free, each number registered costs one of the account's quota; its day is taken to begin at 00:00 UTC.
// Source: https://asset.17track.net/api/document/v2.4_en/index.html and the vendor's help pages on error codes and on
// quota, read 2026-11.

import ParcelCore

struct SeventeenTrack: Provider {
    static let schema = SettingSchema(
        "17track",
        [
            SettingKey("url", .url, "address of the API; https://api.17track.net/track/v2.4 if left out"),
            SettingKey("token", .secret, required: true, "the security key of your 17TRACK account"),
        ] + SettingSchema.mannersKeys)

    static let batchSize = 40

    let id: ProviderID = "17track"
    let url: String
    let token: Secret
    let manners: Manners
    /// Times come with their offsets; where those are guesses, no one zone would be right.
    let zoneName: String? = nil
    let lists: [AskPlan] = []
    let codes = MilestoneMap.named("17track.sub_status")

    init?(_ settings: SettingValues) {
        guard let token = settings.secret("token") else { return nil }
        url = settings.text("url") ?? "https://api.17track.net/track/v2.4"
        self.token = token
        // More often than hourly would only read the same answer again.
        manners = Manners(requestsPerSecond: 2.8, parallel: 1, minimumInterval: .hours(1)).adjusted(by: settings)
    }

    func asks(about view: KnownView) -> [AskPlan] { [] }

    func ask(byID id: ExternalID) -> Ask? { nil }

    func batchSize(of kind: String) -> Int { kind == "track" ? SeventeenTrack.batchSize : 1 }

    /// It knows numbers of every carrier, in every role; it takes 5 to 50 letters and digits.
    func ask(following number: FollowedNumber) -> Ask? {
        let text = number.number.description
        guard (5...50).contains(text.utf8.count) else { return nil }
        let carrier = number.carrier.flatMap { SeventeenTrack.carriers[$0] }
        return Ask("track", key: carrier.map { "\(text)/\($0)" } ?? text)
    }

    /// 17TRACK's keys of the carriers that a user may choose, by our formats' ids. Where the format does not say which
    /// of a carrier's two keys (domestic, international) is meant, the domestic one; a format that is left out is found
    /// by 17TRACK itself. From its list of carriers of 2024-10.
    static let carriers: [String: Int64] = [
        "boxberry": 100_157, "cainiao_cn15": 190_271, "cainiao_lp": 190_271, "cainiao_ru": 190_271, "cdek": 100_030,
        "chinapost_domestic": 3011, "chinapost_epacket": 3011, "deppon": 190_174, "dpd_ru": 100_071, "ems_cn": 3013,
        "jt": 190_442, "pony": 100_037, "ru_post_domestic": 18_031, "ru_post_international": 18_031, "sf": 190_766,
        "sto": 190_324, "yto": 190_157, "yunexpress": 190_008, "zto": 190_455,
    ]

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation { converse(batch: [ask], opening) }

    func converse(batch: [Ask], _ opening: Opening) -> any Conversation {
        SeventeenTrackConversation(provider: self, batch: batch, opening: opening)
    }
}

extension SeventeenTrack {
    func request(_ method: String, _ body: JSONValue) -> HTTPRequest {
        HTTPRequest(
            .post, "\(url)/\(method)",
            headers: [HTTPField("17token", token.revealed), HTTPField("Content-Type", "application/json")],
            body: Array(body.text.utf8), label: "17TRACK \(method)")
    }

    /// The answer's `data`, where its code says that all is well.
    func data(of answer: HTTPResponse, now: Timestamp) throws(PollError) -> JSONNode {
        // Documented for a wrong key; a web page with that status is somebody else's.
        if answer.status == 401, answer.body.first(where: { $0 > 32 }) != UInt8(ascii: "<") {
            throw .authentication(reason: "status 401")
        }
        try requireOK(answer, now: now)
        let root = try document(answer.body)
        guard root.kind == .object else { throw .malformed(field: "the answer") }
        guard let code = root["code"] else { throw .notData(reason: "JSON, but not of this service") }
        guard let number = code.scalar.flatMap(Int64.init) else { throw .malformed(field: "code") }
        if number != 0 {
            let first = root["data"]?["errors"]?.elements.first { _ in true }
            throw error(number, first?["message"]?.string ?? root["message"]?.string)
        }
        guard let data = root["data"], data.kind == .object else { throw .malformed(field: "data") }
        return data
    }

    /// What an error code means for the whole call.
    func error(_ code: Int64, _ message: String?) -> PollError {
        let reason = told(code, message)
        return switch code {
        // The address, the key, the account, its rights.
        case -18_010_001, -18_010_002, -18_010_004, -18_010_005: .authentication(reason: reason)
        case -18_010_003: .unreachable(reason: reason)
        case -18_019_907, -18_019_908: .quotaSpent(reason: reason)
        // Not documented in the body; gateways repeat the status there.
        case 429: .rateLimited(retryAfter: nil)
        default: .refused(reason: reason)
        }
    }

    func told(_ code: Int64, _ message: String?) -> String {
        ParcelProviders.told(message ?? "", code: String(code), hiding: [token])
    }

    func words(_ message: String) -> String { toldWords(message, hiding: [token]) }
}
