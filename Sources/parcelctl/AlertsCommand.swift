import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl alerts [--all]`: open alerts, or every one with how it went.
struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Open alerts; with --all also the closed ones.")

    @Flag(help: "Closed alerts too.")
    var all = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let alerts = try mirror.store.alerts(at: mirror.now, includingClosed: all)
        try printAlerts(alerts, mirror, common)
    }
}

/// `parcelctl stalled`: what stands still, the longest silent first. Exit status 1 if anything does.
struct StalledCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stalled", abstract: "What stands still, the longest silent first.",
        discussion: "Exit status: 0, or 1 if anything does.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let alerts = try mirror.store.alerts(at: mirror.now, includingClosed: false)
            .filter(\.kind.isSilence)
            .sorted { ($0.facts.workingDays ?? 0) > ($1.facts.workingDays ?? 0) }
        try printAlerts(alerts, mirror, common)
        if !alerts.isEmpty { throw ExitCode(1) }
    }
}

private func printAlerts(_ alerts: [Alert], _ mirror: Mirror, _ common: CommonOptions) throws {
    let changes = try mirror.store.changes(of: alerts.compactMap(\.rowID)).filter { $0.at <= mirror.now }
    if common.json {
        print(JSONValue.array(alerts.map { json($0, changes) }).text)
    } else if alerts.isEmpty {
        print(mirror.reader.say("ничего", "nothing"))
    } else {
        let reader = mirror.reader
        print(
            table(
                alerts.map { alert in
                    let end = alert.closedAt.map { " – " + reader.time($0) } ?? ""
                    let stage = alert.facts.stage.map { reader.word($0) } ?? ""
                    return [
                        "#\(alert.rowID ?? 0)", reader.time(alert.openedAt) + end, line(alert, reader, at: mirror.now),
                        stage,
                    ]
                }))
    }
}

private func json(_ alert: Alert, _ changes: [StoredChange]) -> JSONValue {
    .members([
        "id": .integer(alert.rowID ?? 0), "kind": .string(alert.kind.rawValue), "level": .string(alert.level.rawValue),
        "thing": .optional(alert.facts.thingKind == nil ? nil : alert.facts.label),
        "thingKind": .optional(alert.facts.thingKind?.rawValue),
        "provider": .optional(alert.facts.provider?.description),
        "stage": .optional(alert.facts.stage?.rawValue), "openedAt": .instant(alert.openedAt),
        "closedAt": .instant(alert.closedAt), "workingDays": alert.facts.workingDays.map { .integer($0) } ?? .null,
        "since": .instant(alert.facts.since?.at), "confirmedAt": .instant(alert.facts.confirmedAt),
        "acknowledgedBy": .optional(alert.acknowledged?.by), "acknowledgedAt": .instant(alert.acknowledged?.at),
        "snoozedUntil": .instant(alert.snoozed?.until),
        "holdsUp": .array((alert.facts.holdsUp ?? []).map { .string($0) }),
        "changes": .array(
            changes.filter { $0.alert == alert.rowID }.map { change in
                .members([
                    "change": .string(change.change.rawValue), "level": .string(change.level.rawValue),
                    "at": .instant(change.at), "cause": .string(change.cause.rawValue), "by": .string(change.madeBy),
                    "note": .optional(change.note),
                ])
            }),
    ])
}
