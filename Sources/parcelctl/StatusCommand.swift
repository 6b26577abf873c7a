import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl status`: what is watched, which providers answer, what is open. Exit status 1 if anything wants attention.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What is watched, whether the providers answer, what is open.",
        discussion: "Exit status: 0, or 1 if an alert is open or a provider fails.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let counts = try mirror.store.counts()
        let health = try mirror.store.health()
        let open = try mirror.store.alerts(at: mirror.now, includingClosed: false)
        print(common.json ? json(counts, health, open).text : text(mirror, counts, health, open))
        if !open.isEmpty || health.contains(where: { $0.failingSince != nil }) { throw ExitCode(1) }
    }

    private func json(_ counts: Counts, _ health: [ProviderHealth], _ open: [Alert]) -> JSONValue {
        .members([
            "watched": .object(
                ThingKind.allCases.filter { $0 != .trackNumber }.map {
                    .init(name: $0.rawValue, value: .integer(counts.watched[$0] ?? 0))
                }),
            "finished": .object(
                ThingKind.allCases.filter { $0 != .trackNumber }.map {
                    .init(name: $0.rawValue, value: .integer(counts.finished[$0] ?? 0))
                }),
            "trackNumbers": .integer(counts.trackNumbers),
            "providers": .array(
                health.map { health in
                    .members([
                        "provider": .string(health.provider.description),
                        "lastSuccessAt": .instant(health.lastSuccessAt),
                        "failingSince": .instant(health.failingSince), "lastError": .optional(health.lastError),
                        "requests": .integer(counts.requests[health.provider] ?? 0),
                        "nextAskAt": .instant(counts.nextAsk[health.provider]),
                    ])
                }),
            "openAlerts": .integer(open.count), "waitingNotifications": .integer(counts.waitingRows),
            "undeliveredMessages": .integer(counts.waitingMessages),
        ])
    }

    private func text(_ mirror: Mirror, _ counts: Counts, _ health: [ProviderHealth], _ open: [Alert]) -> String {
        let reader = mirror.reader
        func watched(_ kind: ThingKind) -> String {
            "\(counts.watched[kind] ?? 0) (\(reader.say("завершено", "finished")) \(counts.finished[kind] ?? 0))"
        }
        var rows = [
            [reader.say("заказы", "orders"), watched(.order)], [reader.say("товары", "items"), watched(.item)],
            [reader.say("посылки", "parcels"), watched(.parcel)],
            [reader.say("трек-номера", "track numbers"), "\(counts.trackNumbers)"],
        ]
        for health in health {
            let state: String
            if let since = health.failingSince {
                state = reader.say(
                    "не отвечает с \(reader.time(since)): \(health.lastError ?? "")",
                    "fails since \(reader.time(since)): \(health.lastError ?? "")")
            } else if let last = health.lastSuccessAt {
                state = reader.say(
                    "отвечает, последний раз \(reader.time(last))", "answers, last on \(reader.time(last))")
            } else {
                state = reader.say("ещё не спрашивали", "not asked yet")
            }
            rows.append([
                reader.name(health.provider),
                state
                    + reader.say(
                        "; запросов \(counts.requests[health.provider] ?? 0)",
                        "; \(counts.requests[health.provider] ?? 0) requests"),
            ])
        }
        rows.append([reader.say("открыто", "open"), "\(open.count)"])
        for alert in open.prefix(10) { rows.append(["", line(alert, reader)]) }
        if counts.waitingRows + counts.waitingMessages > 0 {
            rows.append([
                reader.say("ждут отправки", "waiting to be told"), "\(counts.waitingRows + counts.waitingMessages)",
            ])
        }
        return table(rows)
    }
}

/// An alert in one line.
func line(_ alert: Alert, _ reader: Reader) -> String {
    let subject =
        alert.facts.thingKind == nil
        ? alert.facts.provider.map { reader.name($0) } ?? alert.facts.channel ?? "" : reader.name(alert.facts)
    let days = alert.kind == .stall ? alert.facts.workingDays.map { ", " + reader.workingDays($0) } ?? "" : ""
    return "\(subject): \(reader.word(alert.kind))\(days) (\(reader.word(alert.level)))"
}
