// A generic webhook: JSON, version 1 (config/schema/webhook.v1.schema.json), posted in parts of at most 100 items. Instants
// are UTC, dates are those of the zone in which days are counted. `Idempotency-Key` is the part's `id` and stays the same
// however often it is sent; with a secret each post is signed (Signing.swift). Programs get the same JSON.

import FoundationEssentials
import ParcelCore

struct Webhook: Channel {
    static let schema = SettingSchema(
        "webhook",
        [
            SettingKey("url", .url, required: true, "where messages are posted"),
            SettingKey("secret", .secret, "shared with the receiver; posts are signed with it"),
        ])

    let name: String
    private let url: String
    private let secret: Secret?

    init?(name: String, _ settings: SettingValues) {
        guard let url = settings.text("url") else { return nil }
        self.name = name
        self.url = url
        secret = settings.secret("secret")
    }

    func parts(of message: Message) -> [String] { jsonParts(of: message) }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        let request = HTTPRequest(
            .post, url,
            headers: [
                HTTPField("Content-Type", "application/json"), HTTPField("Idempotency-Key", partKey(dedupKey, number)),
            ], body: Array(part.utf8), label: "webhook \(name)")
        return secret.map { .signed(request, with: $0) } ?? .http(request)
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome { statusOutcome(response) }
}

/// For receivers that answer by the status alone.
func statusOutcome(_ response: HTTPResponse) -> DeliveryOutcome {
    let reason = "status \(response.status)"
    switch response.status {
    case 200..<300: return .accepted()
    case 300..<400: return .refused(reason: "it redirects elsewhere (\(reason)); configure the final address")
    case 408, 425, 429: return .retry(after: retryDelay(response), reason: reason)
    case 400..<500: return .refused(reason: reason)
    default: return .retry(after: retryDelay(response), reason: reason)
    }
}

private let itemsPerPart = 100

/// A message in version 1, in as many parts as its items need; files go with the first.
func jsonParts(of message: Message) -> [String] {
    let reader = Reader(of: message)
    let starts = message.test == nil ? Array(stride(from: 0, to: message.items.count, by: itemsPerPart)) : [0]
    return starts.map { start in
        let items = message.items[start..<min(start + itemsPerPart, message.items.count)]
        var members: [JSONValue.Member] = [
            .init(name: "version", value: .integer(1)),
            .init(name: "id", value: .string(partKey(message.dedupKey, start / itemsPerPart))),
            .init(name: "at", value: .instant(message.composedAt)),
            .init(name: "language", value: .string(message.language.rawValue)),
            .init(name: "items", value: .array(items.map { json($0, reader) })),
        ]
        if let test = message.test { members.append(.init(name: "test", value: .string(test))) }
        if start == 0, !message.attachments.isEmpty {
            members.append(.init(name: "attachments", value: .array(message.attachments.map(json))))
        }
        return JSONValue.object(members).text
    }
}

private func json(_ file: Attachment) -> JSONValue {
    .members([
        "name": .string(harmless(file.name)), "mediaType": .string(harmless(file.mediaType)),
        "base64": .string(Data(file.bytes).base64EncodedString()),
    ])
}

private func json(_ item: MessageItem, _ reader: Reader) -> JSONValue {
    let facts = item.facts
    let matter: [JSONValue.Member] = [
        .init(name: "telling", value: .string(item.telling.rawValue)),
        .init(name: "kind", value: .string(item.kind.rawValue)),
        .init(name: "level", value: .string(item.level.rawValue)),
        .init(name: "overview", value: .bool(item.isOverview)),
        .init(name: "alert", value: .integer(item.alert)),
        .init(name: "changedAt", value: .instant(item.changedAt)),
        .init(name: "text", value: .string(text(of: item, for: reader))),
    ]
    return .object(matter + thingMembers(facts) + silenceMembers(facts) + closingMembers(facts) + serviceMembers(facts))
}

private func safe(_ text: String?) -> JSONValue { text.map { .string(harmless($0)) } ?? .null }

private func words(_ texts: [String]?) -> JSONValue { .array((texts ?? []).map { .string(harmless($0)) }) }

private func thingMembers(_ facts: AlertFacts) -> [JSONValue.Member] {
    let numbers = (facts.numbers ?? []).map { number in
        JSONValue.members([
            "role": .string(number.role.rawValue), "number": .string(harmless(number.number)),
            "page": .optional(link(number.page)),
        ])
    }
    let shown = (facts.facts ?? [:]).sorted { $0.key < $1.key }.map {
        JSONValue.Member(name: harmless($0.key), value: .string(harmless($0.value)))
    }
    return [
        .init(name: "thing", value: facts.thingKind == nil ? .null : safe(facts.label)),
        .init(name: "thingKind", value: .optional(facts.thingKind?.rawValue)),
        .init(name: "order", value: safe(facts.order)),
        .init(name: "stage", value: .optional(facts.stage?.rawValue)),
        .init(name: "status", value: safe(facts.statusText)),
        .init(name: "statusKnown", value: facts.isUnmapped.map { .bool(!$0) } ?? .null),
        .init(name: "condition", value: .optional(facts.condition?.rawValue)),
        .init(name: "provider", value: safe((facts.provider ?? facts.decider)?.description)),
        .init(name: "disagreeing", value: words(facts.disagreeing?.map(\.description))),
        .init(name: "holdsUp", value: words(facts.holdsUp)),
        .init(name: "numbers", value: .array(numbers)),
        .init(name: "facts", value: .object(shown)),
        .init(
            name: "amount",
            value: facts.amount.map {
                .members(["value": .string($0.amountText), "currency": .string(harmless($0.currency, limit: 12))])
            } ?? .null),
    ]
}

private func silenceMembers(_ facts: AlertFacts) -> [JSONValue.Member] {
    let days = (facts.days ?? []).map { day in
        JSONValue.members([
            "date": .string(day.date.description), "counted": .bool(day.isCounted), "name": .string(harmless(day.name)),
            "certain": .bool(day.isCertain),
        ])
    }
    let contacts = (facts.contacts ?? []).map { contact in
        JSONValue.members([
            "role": .string(contact.role.rawValue), "name": .string(harmless(contact.name)),
            "url": .optional(link(contact.url)),
        ])
    }
    return [
        .init(name: "since", value: .instant(facts.since?.at)),
        .init(name: "sinceBasis", value: .optional(facts.since?.basis.rawValue)),
        .init(name: "confirmedAt", value: .instant(facts.confirmedAt)),
        .init(name: "workingDays", value: facts.workingDays.map { .integer($0) } ?? .null),
        .init(name: "threshold", value: facts.threshold.map { .integer($0) } ?? .null),
        .init(name: "certain", value: facts.isCertain.map { .bool($0) } ?? .null),
        .init(name: "days", value: .array(days)),
        .init(name: "calendars", value: words(facts.calendars)),
        .init(name: "zone", value: .optional(facts.zone)),
        .init(name: "contacts", value: .array(contacts)),
    ]
}

private func closingMembers(_ facts: AlertFacts) -> [JSONValue.Member] {
    [
        .init(name: "cause", value: .optional(facts.cause?.rawValue)),
        .init(name: "newStatus", value: safe(facts.newStatus)),
        .init(name: "movedAt", value: .instant(facts.movedAt?.at)),
        .init(name: "movedAtBasis", value: .optional(facts.movedAt?.basis.rawValue)),
    ]
}

private func serviceMembers(_ facts: AlertFacts) -> [JSONValue.Member] {
    [
        .init(name: "reason", value: safe(facts.reason)),
        .init(name: "failingSince", value: .instant(facts.failingSince)),
        .init(name: "count", value: facts.count.map { .integer($0) } ?? .null),
        .init(name: "channel", value: safe(facts.channel)),
        .init(name: "coverageEnd", value: .optional(facts.coverageEnd?.description)),
    ]
}
