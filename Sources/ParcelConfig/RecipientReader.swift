// Who is told: recipients with their hours, and what each wants to be told of and when.

import ParcelCore
import Yams

extension ConfigReader {
    func readRecipients(_ place: Place) {
        let elements = reading.elements(place)
        if elements.isEmpty, case .sequence = place.node { reading.report(place, "at least one recipient is needed") }
        for element in elements { readRecipient(element) }
    }

    private func readRecipient(_ element: Place) {
        let members = reading.members(element, Declared.recipient)
        let name = members["name"].flatMap(reading.text)
        let zone = members["zone"].flatMap(zone)
        let hours = members["hours"].flatMap(hours)
        let language = members["language"].flatMap { reading.choice($0, Language.allCases.map(\.rawValue)) }
        let calendars = members["calendar"].map(calendarNames) ?? ["ru"]
        let channels = members["channels"].map { reading.names($0, "channel", known: channelNames) }
        let selection = selection(members)
        let digestTimes = members["digest_times"].map { self.digestTimes($0, within: hours) } ?? []
        let immediate = members["immediate"].map { self.kinds($0) } ?? KindSet()
        let isAnytime = members["immediate_outside_hours"].flatMap(reading.boolean) ?? false
        let wantsSummary = members["weekly_summary"].flatMap(reading.boolean) ?? true
        guard let name, let zone, let hours, let channels else { return }
        if config.recipients.contains(where: { $0.name == name }) {
            reading.report(element, "there is a recipient \(shown(name)) already")
        }
        var settings = RecipientSettings(
            name: name, language: language.flatMap(Language.init(rawValue:)) ?? .ru, zone: zone, opens: hours.opens,
            closes: hours.closes, calendars: calendars, channels: channels, line: element.line)
        settings.selection = selection
        settings.digestTimes = digestTimes
        settings.immediate = immediate
        settings.isImmediateAnytime = isAnytime
        settings.wantsWeeklySummary = wantsSummary
        config.recipients.append(settings)
    }

    private func selection(_ members: [String: Place]) -> Selection {
        var selection = Selection()
        if let place = members["minimum_level"],
            let level = reading.choice(place, Level.allCases.map(\.rawValue)).flatMap(Level.init(rawValue:))
        {
            selection.minimumLevel = level
        }
        if let place = members["only"] { selection.only = filter(place) }
        if let place = members["except"] { selection.except = filter(place) }
        return selection
    }

    private func filter(_ place: Place) -> AlertFilter {
        let members = reading.members(place, Declared.filter)
        func named<Value: RawRepresentable<String> & CaseIterable & Hashable>(
            _ key: String, _ what: String, _ type: Value.Type
        ) -> Set<Value>? {
            members[key].map { place in
                Set(some(place, what, known: Value.allCases.map(\.rawValue)).compactMap(Value.init(rawValue:)))
            }
        }
        return AlertFilter(
            contacts: named("contacts", "role", ContactRole.self), stages: named("stages", "stage", Stage.self),
            providers: members["providers"].map {
                Set(self.some($0, "provider", known: knownProviders).map { ProviderID($0) })
            },
            kinds: members["kinds"].map { self.kinds($0) })
    }

    private func kinds(_ place: Place) -> KindSet { KindSet(some(place, "kind", known: KindSet.names)) }

    /// Names, at least one: an empty list would let nothing through, or everything.
    private func some(_ place: Place, _ what: String, known: [String]) -> [String] {
        if case .sequence(let sequence) = place.node, sequence.isEmpty {
            reading.report(place, "at least one \(what) is needed (known: \(known.joined(separator: ", ")))")
        }
        return reading.names(place, what, known: known)
    }

    private func digestTimes(_ place: Place, within hours: (opens: Int, closes: Int)?) -> [Int] {
        let places = place.node.isSingle ? [place] : reading.elements(place)
        var times: [Int] = []
        for place in places {
            guard let text = reading.text(place) else { continue }
            guard let time = secondOfDay(text[...]) else {
                reading.report(place, "expected a time such as \"09:00\", found \(shown(text))")
                continue
            }
            if let hours, !(hours.opens..<hours.closes).contains(time) {
                reading.report(place, "\(shown(text)) is outside the recipient's hours")
            } else if times.contains(time) {
                reading.report(place, "\(shown(text)) is given twice")
            }
            times.append(time)
        }
        if places.isEmpty, case .sequence = place.node { reading.report(place, "at least one time is needed") }
        return times.sorted()
    }

    /// `09:00-18:00`; 24:00 is the end of the day.
    private func hours(_ place: Place) -> (opens: Int, closes: Int)? {
        guard let text = reading.text(place) else { return nil }
        let times = text.split(separator: "-", omittingEmptySubsequences: false).map(secondOfDay)
        guard times.count == 2, let opens = times[0], let closes = times[1] else {
            reading.report(place, "expected hours such as \"09:00-18:00\", found \(shown(text))")
            return nil
        }
        guard opens < closes else {
            reading.report(
                place, "\(shown(text)) ends before it begins; hours are those of one day, until 24:00 at most")
            return nil
        }
        return (opens, closes)
    }

    private func secondOfDay(_ text: Substring) -> Int? {
        let trimmed = text.drop { $0 == " " }.prefix { $0 != " " }
        let parts = trimmed.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 2, (1...2).contains(parts[0].count),
            parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), hour < 24 || (hour == 24 && minute == 0), minute < 60
        else { return nil }
        return hour * 3600 + minute * 60
    }
}
