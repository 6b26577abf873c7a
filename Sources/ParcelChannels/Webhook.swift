// A generic webhook: JSON, version 1, posted in parts of at most 100 items. Instants are UTC, dates are those of the
// zone in which days are counted. `Idempotency-Key` is the part's `id` and stays the same however often it is sent.

import ParcelCore

struct Webhook: Channel {
    static let schema = SettingSchema("webhook", [SettingKey("url", .url, required: true, "where messages are posted")])

    static let itemsPerPart = 100

    let name: String
    private let url: String

    init?(name: String, _ settings: SettingValues) {
        guard let url = settings.text("url") else { return nil }
        self.name = name
        self.url = url
    }

    func parts(of message: Message) -> [String] {
        let reader = Reader(of: message)
        return stride(from: 0, to: message.items.count, by: Webhook.itemsPerPart).map { start in
            let items = message.items[start..<min(start + Webhook.itemsPerPart, message.items.count)]
            return JSONValue.members([
                "version": .integer(1),
                "id": .string(partKey(message.dedupKey, start / Webhook.itemsPerPart)),
                "at": .instant(message.composedAt), "language": .string(message.language.rawValue),
                "items": .array(items.map { json($0, reader) }),
            ]).text
        }
    }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        .http(
            HTTPRequest(
                .post, url,
                headers: [
                    HTTPField("Content-Type", "application/json"),
                    HTTPField("Idempotency-Key", partKey(dedupKey, number)),
                ], body: Array(part.utf8), label: "webhook \(name)"))
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome {
        let reason = "status \(response.status)"
        switch response.status {
        case 200..<300: return .accepted
        case 300..<400: return .refused(reason: "it redirects elsewhere (\(reason)); configure the final address")
        case 408, 425, 429: return .retry(after: retryDelay(response), reason: reason)
        case 400..<500: return .refused(reason: reason)
        default: return .retry(after: retryDelay(response), reason: reason)
        }
    }
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
