// A generic webhook: one POST of JSON a message, version 1. `Idempotency-Key` stays the same for a repeat.

import ParcelCore

struct Webhook: Channel {
    static let schema = SettingSchema("webhook", [SettingKey("url", .url, required: true, "where messages are posted")])

    let name: String
    let url: String

    init?(name: String, _ settings: SettingValues) {
        guard let url = settings.text("url") else { return nil }
        self.name = name
        self.url = url
    }

    func parts(of message: Message) -> [String] {
        let reader = Reader(message.language, message.zone)
        let body = JSONValue.members([
            "version": .integer(1), "id": .string(message.dedupKey), "at": .instant(message.composedAt),
            "language": .string(message.language.rawValue),
            "items": .array(message.items.map { json($0, reader) }),
        ])
        return [body.text]
    }

    private func json(_ item: MessageItem, _ reader: Reader) -> JSONValue {
        let facts = item.facts
        return .members([
            "telling": .string(item.telling.rawValue), "kind": .string(item.kind.rawValue),
            "level": .string(item.level.rawValue), "overview": .bool(item.isOverview),
            "thing": .optional(facts.thingKind == nil ? nil : facts.label),
            "thingKind": .optional(facts.thingKind?.rawValue), "order": .optional(facts.order),
            "stage": .optional(facts.stage?.rawValue), "status": .optional(facts.newStatus ?? facts.statusText),
            "provider": .optional((facts.provider ?? facts.decider)?.description),
            "since": .instant(facts.since?.at), "sinceBasis": .optional(facts.since?.basis.rawValue),
            "confirmedAt": .instant(facts.confirmedAt),
            "workingDays": facts.workingDays.map { .integer($0) } ?? .null,
            "certain": facts.isCertain.map { .bool($0) } ?? .null,
            "holdsUp": .array((facts.holdsUp ?? []).map { .string($0) }),
            "contacts": .array(
                (facts.contacts ?? []).map { .members(["role": .string($0.role.rawValue), "name": .string($0.name), "url": .string($0.url)]) }),
            "amountMinor": facts.amount.map { .integer($0.minor) } ?? .null,
            "currency": .optional(facts.amount?.currency), "cause": .optional(facts.cause?.rawValue),
            "changedAt": .instant(item.changedAt), "text": .string(text(of: item, for: reader)),
        ])
    }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        .http(
            HTTPRequest(
                .post, url,
                headers: [HTTPField("Content-Type", "application/json"), HTTPField("Idempotency-Key", dedupKey)],
                body: Array(part.utf8), label: "webhook \(name)"))
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome {
        let words = "status \(response.status)"
        switch response.status {
        case 200..<300: return .accepted
        case 408, 425, 429, 500...:
            let seconds = response["retry-after"].flatMap { Int64($0) }
            return .retry(after: seconds.map { .seconds(min(max(0, $0), 86_400)) }, reason: words)
        default: return .refused(reason: words)
        }
    }
}
