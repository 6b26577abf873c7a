// What decides: stages with their thresholds and calendars, who decides, whom to contact. Laid over the standard rules.

import ParcelCore
import Yams

extension ConfigReader {
    func readRules(_ top: [String: Place]) {
        if let place = top["stages"] { readStages(place) }
        noteStandardZones()
        if let place = top["remind_after_working_days"] { readReminders(place) }
        if let place = top["contacts"] { readContacts(place) }
        // After the stages, whose first contacts they may name.
        if let place = top["overlays"] { readOverlays(place) }
        guard let place = top["deciding_order"] else { return }
        let members = reading.members(place, Declared.decidingOrder)
        if let place = members["items"] { config.rules.deciding.items = providerNames(place) }
        if let place = members["handover"] { config.rules.deciding.handover = providerNames(place) }
        if let place = members["under_way"] { config.rules.deciding.underWay = providerNames(place) }
    }

    private func readReminders(_ place: Place) {
        if case .scalar(let scalar) = place.node, scalar.string == "never" {
            config.rules.remindAfter = nil
        } else if let count = reading.integer(place, Declared.reminderDays) {
            config.rules.remindAfter = count
        }
    }

    func providerNames(_ place: Place) -> [ProviderID] {
        reading.names(place, "provider", known: knownProviders).map { ProviderID($0) }
    }

    var knownProviders: [String] { providers.filter { !$0.isNamed }.map(\.name) + namedProviders }

    private func readContacts(_ place: Place) {
        for (name, list) in reading.members(place, known: ContactRole.allCases.map(\.rawValue)) {
            guard let role = ContactRole(rawValue: name) else { continue }
            config.rules.contacts[role] = reading.elements(list).compactMap { element in
                let members = reading.members(element, Declared.contact)
                let name = members["name"].flatMap(reading.text)
                let url = members["url"].flatMap(reading.link)
                guard let name, let url else { return nil }
                return Contact(name: name, url: url)
            }
        }
    }

    private func readStages(_ place: Place) {
        let sections = reading.members(place, known: Stage.allCases.map(\.rawValue))
        for stage in Stage.allCases {
            guard let place = sections[stage.rawValue], var rule = config.rules.stages[stage] else { continue }
            let members = reading.members(place, Declared.stage)
            if let place = members["calendars"] {
                let names = calendarNames(place)
                if !names.isEmpty { rule.calendars = names }
            }
            if let place = members["combine"], let text = reading.choice(place, Combination.allCases.map(\.rawValue)),
                let combination = Combination(rawValue: text)
            {
                rule.combine = combination
            }
            if let name = members["zone"].flatMap(zone) { rule.zone = name }
            readThresholds(members, place, &rule)
            if let place = members["contacts"] {
                rule.contacts = reading.names(place, "role", known: ContactRole.allCases.map(\.rawValue))
                    .compactMap(ContactRole.init(rawValue:))
            }
            config.rules.stages[stage] = rule
        }
    }

    private func readThresholds(_ members: [String: Place], _ stage: Place, _ rule: inout StageSettings) {
        let places = (members["warning_working_days"], members["critical_working_days"])
        let days = (
            places.0.map { reading.integer($0, Declared.warningDays) },
            places.1.map { reading.integer($0, Declared.criticalDays) }
        )
        // One that cannot be read was reported; comparing the other with the standard one would mislead.
        if case .some(.none) = days.0 { return }
        if case .some(.none) = days.1 { return }
        if let warning = days.0 ?? nil { rule.warning = warning }
        if let critical = days.1 ?? nil { rule.critical = critical }
        guard rule.warning >= rule.critical else { return }
        let other = { (place: Place?) in place == nil ? ", the standard one" : "" }
        reading.report(
            places.0 ?? places.1 ?? stage,
            "the warning (after \(rule.warning)\(other(places.0))) has to come before critical "
                + "(after \(rule.critical)\(other(places.1)))")
    }

    /// The zones of the stages that the file says nothing about have no line.
    private func noteStandardZones() {
        for stage in Stage.allCases {
            guard let name = config.rules.stages[stage]?.zone, !config.zones.contains(where: { $0.name == name })
            else { continue }
            config.zones.append((name, nil, "stages.\(stage.rawValue).zone"))
        }
    }
}
