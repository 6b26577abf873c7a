// Example Post, tracking API version 1: the worked example of docs/providers.md, which shows this file as it is.
// One number a request; at most 60 requests a minute and 1,000 a day (UTC) for one key. Times carry their offset.
// Source: https://developer.post.example/tracking/v1, read 2026-11.

import ParcelCore
@testable import ParcelProviders

struct ExamplePost: Provider {
    static let schema = SettingSchema(
        "examplepost",
        [
            SettingKey("url", .url, "address of the API; https://api.post.example if left out"),
            SettingKey("key", .secret, required: true, "the key of your account"),
        ] + SettingSchema.mannersKeys)

    let id: ProviderID = "examplepost"
    let url: String
    let key: Secret
    let manners: Manners
    let zoneName: String? = nil

    init?(_ settings: SettingValues) {
        guard let key = settings.secret("key") else { return nil }
        url = settings.text("url") ?? "https://api.post.example"
        self.key = key
        manners = Manners(requestsPerSecond: 1, parallel: 1, requestsPerDay: 1000).adjusted(by: settings)
    }

    var lists: [AskPlan] { [] }
    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }

    func ask(following followed: FollowedNumber) -> Ask? {
        followed.candidates.contains("upu_s10") ? Ask("track", key: followed.number.description) : nil
    }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        ExamplePostConversation(provider: self, key: ask.key, now: opening.now)
    }
}

private struct ExamplePostConversation: Conversation {
    let provider: ExamplePost
    let key: String
    let now: Timestamp

    func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let number = TrackNumber(key) else { throw .refused(reason: "no track number") }
        guard let answer else {
            return .send(
                HTTPRequest(
                    .get, "\(provider.url)/v1/parcels/\(number)",
                    headers: [HTTPField("X-Api-Key", provider.key.revealed)], label: "Example Post parcel"))
        }
        var report = Report()
        report.snapshots = [try snapshot(of: number, in: answer)]
        return .done(report)
    }

    private func snapshot(of number: TrackNumber, in answer: HTTPResponse) throws(PollError) -> Snapshot {
        // Its own words come with these statuses; a web page with the same status is somebody else's.
        if [401, 404].contains(answer.status), let refusal = try? decode(ExampleRefusal.self, from: answer.body) {
            let reason = told(refusal.message?.text ?? "", hiding: [provider.key])
            switch refusal.error.text {
            case "unknown_number": return .notFoundYet(number, code: "unknown_number", text: reason)
            case "bad_key": throw .authentication(reason: reason)
            default: throw .refused(reason: reason)
            }
        }
        try requireOK(answer, now: now)
        let parcel = try decode(ExampleParcel.self, from: answer.body)
        guard TrackNumber(parcel.number.text) == number else { throw .malformed(field: "number") }
        return Snapshot(
            number: number, code: "", text: "", summary: .remark, checkpoints: parcel.events.map(\.checkpoint))
    }
}

private struct ExampleRefusal: Decodable {
    var error: Name
    var message: Loose?
}

/// The oldest event comes first. The recipient's name and address are not read.
private struct ExampleParcel: Decodable {
    struct Event: Decodable {
        var at: Loose
        var code: Name
        var text: Loose?
        var city: Loose?
        var country: Loose?

        var checkpoint: Checkpoint {
            Checkpoint(
                time: givenTime(at.text), code: code.text, text: clipped(text?.text ?? "", 500),
                place: clipped(city?.text ?? "", 500), country: countryCode(country?.text),
                meaning: ExampleParcel.meanings.meaning(of: code.text))
        }
    }

    private enum Keys: String, CodingKey { case number, events }

    var number: Name
    var events: [Event]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        // A gateway's JSON has neither.
        guard !container.allKeys.isEmpty else { throw ForeignAnswer() }
        number = try container.decode(Name.self, forKey: .number)
        events = try container.decode([Event].self, forKey: .events)
    }

    private static let meanings = (try? MilestoneMap(table)) ?? MilestoneMap()

    private static let table = """
        ACC     accepted
        DEP     departed_origin
        CUS*    import_customs
        HELD    !customs_hold
        MOVE    LEG_TRANSIT
        READY   ready_for_pickup
        OK      delivered
        NOTE    KEEP
        """
}
