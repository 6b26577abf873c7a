// Prometheus Alertmanager, API v2. It forgets an alert that is not told again within its resolve_timeout (5 minutes unless
// configured), so open alerts are posted again and again, as they are by then; closed ones carry endsAt, and are told once
// more for a while. Labels identify an alert there: they never change while it is open, but for severity, and then the
// alert of the old severity is ended.
// Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, read 2026-11-25.

import FoundationEssentials
import ParcelCore

struct Alertmanager: Channel {
    static let schema = SettingSchema(
        "alertmanager",
        [
            SettingKey("url", .url, required: true, "its address, without /api/v2"),
            SettingKey("user", .text, "the login's name, where it wants one"),
            SettingKey("password", .secret, "the login's password"),
            SettingKey("resend_every", .duration, "how often open alerts are told again; 1 min if left out"),
        ])

    static let alertsPerPart = 200

    let name: String
    private let url: String
    private let authorization: HTTPField?
    private let resendEvery: Duration

    var restatedEvery: Duration? { resendEvery }

    init?(name: String, _ settings: SettingValues) {
        guard let url = settings.text("url") else { return nil }
        self.name = name
        self.url = String(url.reversed().drop { $0 == "/" }.reversed())
        authorization = settings.secret("password").map { password in
            let login = Data("\(settings.text("user") ?? ""):\(password.revealed)".utf8).base64EncodedString()
            return HTTPField("Authorization", "Basic \(login)")
        }
        resendEvery = settings.duration("resend_every") ?? .minutes(1)
    }

    func parts(of message: Message) -> [String] {
        let reader = Reader(of: message)
        let alerts =
            message.test.map { [testAlert($0, message)] } ?? message.items.flatMap { json($0, message, reader) }
        return stride(from: 0, to: alerts.count, by: Alertmanager.alertsPerPart).map { start in
            JSONValue.array(Array(alerts[start..<min(start + Alertmanager.alertsPerPart, alerts.count)])).text
        }
    }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        .http(
            HTTPRequest(
                .post, "\(url)/api/v2/alerts",
                headers: [HTTPField("Content-Type", "application/json")] + (authorization.map { [$0] } ?? []),
                body: Array(part.utf8), label: "alertmanager \(name)"))
    }

    func outcome(of response: HTTPResponse) -> DeliveryOutcome { statusOutcome(response) }
}

/// The item's alert; before it, where it got worse, the end of the one that was less severe.
private func json(_ item: MessageItem, _ message: Message, _ reader: Reader) -> [JSONValue] {
    let opened = message.pasts[item.alert]?.openedAt ?? item.changedAt
    let text = text(of: item, for: reader)
    var alerts: [JSONValue] = []
    if item.telling == .escalated {
        alerts.append(alert(labels(item, .warning), annotations(item, text), from: opened, to: item.changedAt))
    }
    return alerts + [
        alert(labels(item, item.level), annotations(item, text), from: opened, to: item.isOver ? item.changedAt : nil)
    ]
}

private func alert(
    _ labels: [JSONValue.Member], _ annotations: [JSONValue.Member], from start: Timestamp, to end: Timestamp?
) -> JSONValue {
    var members: [JSONValue.Member] = [
        .init(name: "labels", value: .object(labels)), .init(name: "annotations", value: .object(annotations)),
        .init(name: "startsAt", value: .instant(start)),
    ]
    // An end before the start is refused.
    if let end { members.append(.init(name: "endsAt", value: .instant(max(start, end)))) }
    return .object(members)
}

private func labels(_ item: MessageItem, _ level: Level) -> [JSONValue.Member] {
    named([
        ("alertname", "parceld_" + item.kind.rawValue), ("severity", level.rawValue), ("service", "parceld"),
        ("alert_id", "\(item.alert)"), ("thing", item.kind.isAboutService ? nil : harmless(item.facts.label)),
        ("thing_kind", item.facts.thingKind?.rawValue),
    ])
}

private func annotations(_ item: MessageItem, _ text: String) -> [JSONValue.Member] {
    let facts = item.facts
    return named([
        ("summary", firstLine(of: text)), ("description", text), ("order", facts.order.map { harmless($0) }),
        ("stage", facts.stage?.rawValue), ("status", facts.statusText.map { harmless($0) }),
        ("provider", (facts.provider ?? facts.decider).map { harmless($0.description) }),
        ("working_days", facts.workingDays.map { "\($0)" }),
    ])
}

/// Alertmanager takes an empty label for one that is not there.
private func named(_ pairs: [(String, String?)]) -> [JSONValue.Member] {
    pairs.compactMap { name, value in
        value.flatMap { $0.isEmpty ? nil : JSONValue.Member(name: name, value: .string($0)) }
    }
}

/// It ends by itself, five minutes after it began.
private func testAlert(_ words: String, _ message: Message) -> JSONValue {
    alert(
        named([("alertname", "parceld_test"), ("severity", "warning"), ("service", "parceld")]),
        named([("summary", firstLine(of: words)), ("description", words)]), from: message.composedAt,
        to: message.composedAt + .minutes(5))
}
