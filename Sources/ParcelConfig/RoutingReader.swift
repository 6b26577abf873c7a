// Who is asked about which numbers, and how often: prefixes with their providers, intervals by milestone.

import ParcelCore
import Yams

extension ConfigReader {
    func readRouting(_ top: [String: Place]) {
        if let place = top["routes"] { readRoutes(place) }
        if let place = top["cadence"] { readCadence(place) }
    }

    private func readRoutes(_ place: Place) {
        for (prefix, place) in reading.members(place) {
            guard let canonical = TrackNumber(prefix)?.description else {
                reading.report(place, "a route begins with letters and digits of a number, such as LP or \"80\"")
                continue
            }
            let names = providerNames(place)
            if case .sequence(let sequence) = place.node, sequence.isEmpty {
                reading.report(place, "at least one provider is needed; leave the route out to ask all that can")
            }
            if config.routes.updateValue(names, forKey: canonical) != nil {
                reading.report(place, "\(canonical) stands twice")
            }
        }
    }

    private func readCadence(_ place: Place) {
        let members = reading.members(place, Declared.cadence)
        for (name, place) in members {
            guard let interval = reading.duration(place) else { continue }
            guard interval >= .minutes(10), interval <= .days(7) else {
                reading.report(place, "an interval lies between 10 min and 7 d")
                continue
            }
            switch name {
            case "held": config.cadence.held = interval
            case "returning": config.cadence.returning = interval
            case "longest": config.cadence.longest = interval
            default: if let milestone = Milestone(rawValue: name) { config.cadence.every[milestone] = interval }
            }
        }
    }
}
