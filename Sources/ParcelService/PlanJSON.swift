// The plan for programs: every member is always there.

package import ParcelCore
package import ParcelConfig
import ParcelStore

extension Plan {
    package var json: JSONValue {
        .members([
            "usable": .bool(true), "problems": .array([]), "warnings": problemsJSON(warnings, in: loaded.path),
            "at": .instant(now), "files": strings(files), "database": databaseJSON,
            "providers": .array(providers.map(providerJSON)), "stages": .array(Stage.allCases.map(stageJSON)),
            "remindAfterWorkingDays": number(loaded.config.rules.remindAfter),
            "providerDownAfterSeconds": seconds(loaded.config.providerDownAfter),
            "calendars": .array(loaded.calendars.map(calendarJSON)),
            "overlays": .array(loaded.config.rules.overlays.map(overlayJSON)),
            "channels": .array(
                loaded.config.channels.map {
                    .members([
                        "name": .string($0.name), "type": .string($0.kind),
                        "host": .optional($0.settings.text("url").flatMap(host)),
                    ])
                }), "recipients": .array(recipients.map(recipientJSON)),
            "templates": .members([
                "folder": .optional(loaded.config.templates), "files": strings(templates),
            ]), "controlSocket": .string(loaded.config.controlSocket),
            "heartbeat": .bool(loaded.config.heartbeat != nil),
        ])
    }

    private var databaseJSON: JSONValue {
        .members([
            "path": .string(database.path), "exists": .bool(database.bytes != nil), "bytes": number(database.bytes),
            "problem": .optional(database.problem),
            "things": number(database.counts.map { $0.watched.values.reduce(0, +) }),
            "finished": number(database.counts.map { $0.finished.values.reduce(0, +) }),
            "trackNumbers": number(database.counts?.trackNumbers),
            "waitingMessages": number(database.counts?.waitingMessages),
        ])
    }

    private func providerJSON(_ polled: Polled) -> JSONValue {
        let budget = polled.budget
        return .members([
            "name": .string(polled.provider.description), "type": .string(polled.kind), "host": .optional(polled.host),
            "everySeconds": seconds(polled.every),
            "minimumIntervalSeconds": number(budget.minimumInterval.map { Int($0 / 1000) }),
            "requestsPerSecond": .string("\(budget.requestsPerSecond)"), "parallel": .integer(budget.parallel),
            "batchSize": .integer(budget.batchSize), "requestsPerDay": number(budget.requestsPerDay),
            "dayZone": .string(budget.dayZone), "spentToday": number(polled.spent),
            "numbers": number(database.counts == nil ? nil : polled.demand.numbers),
            "wishedPerDay": number(database.counts == nil ? nil : polled.forecast.wished),
            "leastPerDay": number(database.counts == nil ? nil : polled.forecast.least),
            "missingPerDay": number(database.counts == nil ? nil : polled.forecast.missing ?? 0),
            "nextPollAt": .instant(polled.nextPoll),
        ])
    }

    private func stageJSON(_ stage: Stage) -> JSONValue {
        let rule = loaded.rules.rule(stage)
        return .members([
            "stage": .string(stage.rawValue), "warningWorkingDays": .integer(rule.warning),
            "criticalWorkingDays": .integer(rule.critical), "calendars": strings(rule.calendars),
            "combine": .string(rule.combine.rawValue), "zone": .string(rule.zone),
            "contacts": strings(rule.contacts.map(\.rawValue)),
            "overlays": strings(loaded.config.rules.overlays(of: stage).map(\.name)),
        ])
    }

    private func calendarJSON(_ calendar: WorkCalendar) -> JSONValue {
        .members([
            "id": .string(calendar.id), "file": .optional(loaded.config.calendarFiles[calendar.id]?.path),
            "firstYear": number(calendar.coverage?.lowerBound), "lastYear": number(calendar.coverage?.upperBound),
        ])
    }

    private func overlayJSON(_ overlay: Overlay) -> JSONValue {
        let ranges = { (ranges: [ClosedRange<LocalDate>]) in
            JSONValue.array(
                ranges.map {
                    .members(["from": .string("\($0.lowerBound)"), "to": .string("\($0.upperBound)")])
                })
        }
        let stages = Stage.allCases.filter { loaded.config.rules.overlays(of: $0).contains(overlay) }
        return .members([
            "name": .string(overlay.name), "stages": strings(stages.map(\.rawValue)), "off": ranges(overlay.off),
            "work": ranges(overlay.work), "week": .optional(overlay.week?.rawValue),
        ])
    }

    private func recipientJSON(_ told: Told) -> JSONValue {
        let settings = told.settings
        return .members([
            "name": .string(settings.name), "language": .string(settings.language.rawValue),
            "zone": .string(settings.zone), "opens": .string(clockTime(settings.opens)),
            "closes": .string(clockTime(settings.closes)), "calendars": strings(settings.calendars),
            "channels": strings(settings.channels),
            "minimumLevel": .string(settings.selection.minimumLevel.rawValue),
            "only": filterJSON(settings.selection.only), "except": filterJSON(settings.selection.except),
            "digestTimes": strings(settings.digestTimes.map(clockTime)), "immediate": strings(settings.immediate.named),
            "immediateOutsideHours": .bool(settings.isImmediateAnytime),
            "weeklySummary": .bool(settings.wantsWeeklySummary),
            "nextWindows": .array(
                told.windows.map { .members(["opens": .instant($0.opens), "closes": .instant($0.closes)]) }),
            "nextDigests": .array(told.digests.map { .instant($0) }),
        ])
    }

    private func filterJSON(_ filter: AlertFilter) -> JSONValue {
        .members([
            "contacts": filter.contacts.map { strings($0.map(\.rawValue).sorted()) } ?? .null,
            "stages": filter.stages.map { strings($0.map(\.rawValue).sorted()) } ?? .null,
            "providers": filter.providers.map { strings($0.map(\.description).sorted()) } ?? .null,
            "kinds": filter.kinds.map { strings($0.named) } ?? .null,
        ])
    }
}

/// `09:00`; the end of the day is `24:00`.
package func clockTime(_ seconds: Int) -> String { "\(padded(seconds / 3600, 2)):\(padded(seconds % 3600 / 60, 2))" }

extension KindSet {
    /// What it holds, in the words of the configuration.
    package var named: [String] { (kinds.map(\.rawValue) + conditions.map(\.rawValue)).sorted() }
}

package func problemsJSON(_ problems: [Problem], in main: String) -> JSONValue {
    .array(
        problems.map {
            .members([
                "file": .string($0.file ?? main), "line": number($0.line), "path": .string($0.path),
                "message": .string($0.message),
            ])
        })
}

private func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
private func number(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
private func seconds(_ duration: Duration?) -> JSONValue {
    duration.map { .integer($0.milliseconds / 1000) } ?? .null
}
