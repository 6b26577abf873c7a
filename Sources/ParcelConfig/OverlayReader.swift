// Overlays: what one place does differently from its country, and for which stages or contacts that counts.

import ParcelCore
import Yams

extension ConfigReader {
    /// Nobody rests longer; a mistyped year would silence a stage for years.
    private static let longest = 366

    func readOverlays(_ place: Place) {
        for element in reading.elements(place) { readOverlay(element) }
    }

    private func readOverlay(_ element: Place) {
        let members = reading.members(element, Declared.overlay)
        guard let name = members["name"].flatMap(reading.text) else { return }
        if config.rules.overlays.contains(where: { $0.name == name }) {
            reading.report(element, "there is an overlay \(shown(name)) already")
        }
        var overlay = Overlay(name: name)
        if let place = members["off"] { overlay.off = ranges(place) }
        if let place = members["work"] { overlay.work = ranges(place) }
        overlay.week = members["week"].flatMap { reading.choice($0, Overlay.Week.allCases.map(\.rawValue)) }
            .flatMap(Overlay.Week.init(rawValue:))
        if let place = members["stages"] {
            overlay.stages = reading.names(place, "stage", known: Stage.allCases.map(\.rawValue))
                .compactMap(Stage.init(rawValue:))
        }
        if let place = members["contacts"] {
            overlay.contacts = reading.names(place, "role", known: ContactRole.allCases.map(\.rawValue))
                .compactMap(ContactRole.init(rawValue:))
        }
        check(overlay, members, element)
        config.rules.overlays.append(overlay)
    }

    private func check(_ overlay: Overlay, _ members: [String: Place], _ element: Place) {
        if members["off"] == nil, members["work"] == nil, members["week"] == nil {
            reading.report(element, "it changes nothing; give it off, work or week")
        }
        if members["stages"] == nil, members["contacts"] == nil {
            reading.report(element, "say for which stages or contacts it is")
        }
        for role in overlay.contacts where !config.rules.stages.values.contains(where: { $0.contacts.first == role }) {
            reading.report(
                members["contacts"] ?? element,
                "no stage has the \(role.rawValue) as its first contact; name the stages instead")
        }
        if let place = members["work"],
            let both = overlay.work.first(where: { work in overlay.off.contains { $0.overlaps(work) } })
        {
            reading.report(place, "\(text(of: both)) is both off and work")
        }
    }

    /// `2027-01-20`, `2027-01-20..2027-02-15`, or a list of such.
    private func ranges(_ place: Place) -> [ClosedRange<LocalDate>] {
        let places = place.node.isSingle ? [place] : reading.elements(place)
        if places.isEmpty, case .sequence = place.node { reading.report(place, "the list is empty") }
        return places.compactMap(range)
    }

    private func range(_ place: Place) -> ClosedRange<LocalDate>? {
        guard let text = reading.word(place) else { return nil }
        let ends = text.split(separator: "..", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        let dates = ends.compactMap { end in
            (try? ISO8601(end)).flatMap { $0.secondOfDay == nil ? $0.date : nil }
        }
        guard (1...2).contains(ends.count), dates.count == ends.count, let first = dates.first, let last = dates.last
        else {
            reading.report(
                place,
                "expected a date such as 2027-01-20 or a range such as 2027-01-20..2027-02-15, found \(shown(text))")
            return nil
        }
        guard first <= last else {
            reading.report(place, "\(shown(text)) ends before it begins")
            return nil
        }
        guard last.ordinal - first.ordinal < Self.longest else {
            reading.report(place, "\(shown(text)) is longer than a year")
            return nil
        }
        return first...last
    }

    private func text(of range: ClosedRange<LocalDate>) -> String {
        range.lowerBound == range.upperBound
            ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
    }
}
