// Reads a configuration: bytes in; a Config, or every problem found.

package import ParcelCore
import Yams

/// - Parameters:
///   - providers: What can be polled, with the settings of each.
///   - channels: What can be told through.
///   - calendars: Ids of the calendars that need no file.
package func readConfig(
    _ bytes: [UInt8], providers: [SettingSchema], channels: [SettingSchema], calendars: [String]
) -> (config: Config, problems: [Problem]) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
        return (Config(), [Problem(line: nil, path: "", message: "the file is not UTF-8")])
    }
    let root: Node?
    do { root = try compose(yaml: text) } catch {
        return (Config(), [syntaxProblem(error)])
    }
    guard let root else { return (Config(), [Problem(line: nil, path: "", message: "the file is empty")]) }
    let reader = ConfigReader(providers: providers, channels: channels, calendars: calendars)
    reader.read(Place(node: root, path: ""))
    return (reader.config, reader.reading.problems.sorted { ($0.line ?? 0, $0.path) < ($1.line ?? 0, $1.path) })
}

private func syntaxProblem(_ error: any Error) -> Problem {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
        .composer(_, let problem, let mark, _)?:
        Problem(line: mark.line, path: "", message: "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context)?:
        Problem(
            line: context.mark.line, path: "",
            message: "is given twice: \(keys.map { "\($0)" }.joined(separator: ", "))")
    default: Problem(line: nil, path: "", message: "not YAML")
    }
}

final class ConfigReader {
    var config = Config()
    let reading = Reading()
    private let providers: [SettingSchema]
    private let channels: [SettingSchema]
    private var calendars: [String]

    init(providers: [SettingSchema], channels: [SettingSchema], calendars: [String]) {
        self.providers = providers
        self.channels = channels
        self.calendars = calendars
    }

    private static let keys = [
        "database", "control_socket", "zoneinfo", "log_level", "http", "provider_down_after", "providers", "stages",
        "deciding_order", "contacts", "calendars", "channels", "recipients",
    ]

    func read(_ root: Place) {
        let top = reading.members(
            root, known: Self.keys, required: ["database", "providers", "channels", "recipients"])
        if let place = top["database"] { config.database = reading.text(place) ?? "" }
        if let place = top["control_socket"], let path = reading.text(place) {
            config.controlSocket = path
            if path.utf8.count > 100 {
                reading.report(place, "is longer than the 100 bytes that a socket's path may have")
            }
        }
        if let place = top["zoneinfo"], let path = reading.text(place) { config.zoneinfo = path }
        if let place = top["log_level"], let level = reading.choice(place, ["error", "notice", "info", "debug"]) {
            config.logLevel = level
        }
        if let place = top["provider_down_after"], let value = reading.duration(place) {
            config.providerDownAfter = value
        }
        if let place = top["http"] { readHTTP(place) }
        if let place = top["calendars"] { readCalendars(place) }
        if let place = top["providers"] { config.providers = readProviders(place) }
        if let place = top["channels"] { config.channels = readChannels(place) }
        if let place = top["recipients"] { readRecipients(place) }
        readRules(top)
        for (stage, rule) in config.rules.stages where top["stages"] == nil {
            noteZone(rule.zone, nil, "stages.\(stage.rawValue).zone")
        }
    }

    private func noteZone(_ name: String, _ line: Int?, _ path: String) {
        if !config.zones.contains(where: { $0.name == name }) { config.zones.append((name, line, path)) }
    }

    private func readHTTP(_ place: Place) {
        let http = reading.members(place, known: ["proxy", "ca_file", "connect_timeout", "timeout", "body_limit_mib"])
        if let place = http["proxy"] { config.http.proxy = reading.text(place) }
        if let place = http["ca_file"] { config.http.caFile = reading.text(place) }
        if let place = http["connect_timeout"], let value = reading.duration(place) {
            config.http.connectTimeout = value
        }
        if let place = http["timeout"], let value = reading.duration(place) { config.http.timeout = value }
        if let place = http["body_limit_mib"], let value = reading.integer(place, 1...1024) {
            config.http.bodyLimit = value << 20
        }
    }

    private func readCalendars(_ place: Place) {
        for (id, place) in reading.members(place, known: nil) {
            guard let path = reading.text(place) else { continue }
            config.calendarFiles[id] = (path, place.line)
            if !calendars.contains(id) { calendars.append(id) }
        }
    }

    private func readProviders(_ place: Place) -> [Section] {
        let sections = reading.members(place, known: providers.map(\.name))
        if sections.isEmpty {
            reading.report(place, "at least one provider is needed: \(providers.map(\.name).joined(separator: ", "))")
        }
        // In the list's order, so that every start and every simulated run polls in the same one.
        return providers.compactMap { schema in
            sections[schema.name].map { section(schema.name, schema, $0, extra: []) }
        }
    }

    private func readChannels(_ place: Place) -> [Section] {
        let sections = reading.members(place, known: nil)
        if sections.isEmpty { reading.report(place, "at least one channel is needed") }
        return sections.sorted { ($0.value.line ?? 0, $0.key) < ($1.value.line ?? 0, $1.key) }.compactMap {
            name, place in
            guard case .mapping(let mapping) = place.node, let type = mapping["type"] else {
                reading.report(place, "type is missing: one of \(channels.map(\.name).joined(separator: ", "))")
                return nil
            }
            let typePlace = Place(node: type, path: place.path + ".type")
            guard let kind = reading.choice(typePlace, channels.map(\.name)),
                let schema = channels.first(where: { $0.name == kind })
            else { return nil }
            return section(name, schema, place, extra: ["type"])
        }
    }

    private func section(_ name: String, _ schema: SettingSchema, _ place: Place, extra: [String]) -> Section {
        var section = Section(name: name, kind: schema.name, settings: SettingValues(), secrets: [:], line: place.line)
        let members = reading.members(
            place, known: extra + schema.keys.map(\.name), required: schema.keys.filter(\.isRequired).map(\.name))
        for key in schema.keys {
            guard let member = members[key.name] else { continue }
            if key.kind == .secret {
                section.secrets[key.name] = secret(member)
            } else {
                section.settings.values[key.name] = value(key.kind, member)
            }
        }
        return section
    }

    private func value(_ kind: SettingKey.Kind, _ place: Place) -> SettingValue? {
        switch kind {
        case .text: return reading.text(place).map { .text($0) }
        case .url: return reading.url(place).map { .text($0) }
        case .duration: return reading.duration(place).map { .duration($0) }
        case .integer(let range): return reading.integer(place, range).map { .integer($0) }
        case .number(let range): return reading.number(place, range).map { .number($0) }
        case .boolean: return reading.boolean(place).map { .boolean($0) }
        case .choice(let allowed): return reading.choice(place, allowed).map { .text($0) }
        case .zone:
            guard let name = reading.text(place) else { return nil }
            noteZone(name, place.line, place.path)
            return .text(name)
        case .map(let allowed):
            return .map(reading.members(place, known: nil).compactMapValues { reading.choice($0, allowed) })
        case .secret: return nil
        }
    }

    /// What is written in the file itself is not repeated in the message.
    private func secret(_ place: Place) -> SecretSource? {
        guard case .mapping = place.node else {
            reading.report(
                place,
                "a secret does not stand in this file: write it to a file of its own and give {file: PATH}, or {credential: NAME}"
            )
            return nil
        }
        let members = reading.members(place, known: ["file", "credential"])
        if let file = members["file"], members.count == 1 {
            return reading.text(file).map { SecretSource(kind: .file($0), line: file.line, path: place.path) }
        }
        if let credential = members["credential"], members.count == 1, let name = reading.text(credential) {
            guard !name.contains("/"), !name.hasPrefix(".") else {
                reading.report(credential, "a credential has a plain name, without a path")
                return nil
            }
            return SecretSource(kind: .credential(name), line: credential.line, path: place.path)
        }
        reading.report(place, "give either {file: PATH} or {credential: NAME}")
        return nil
    }

    private func readRecipients(_ place: Place) {
        let elements = reading.elements(place)
        if elements.isEmpty, case .sequence = place.node { reading.report(place, "at least one recipient is needed") }
        for element in elements {
            let members = reading.members(
                element, known: ["name", "language", "zone", "hours", "calendar", "channels"],
                required: ["name", "zone", "hours", "channels"])
            guard let name = members["name"].flatMap(reading.text), let zonePlace = members["zone"],
                let zone = reading.text(zonePlace), let hours = members["hours"].flatMap(hours),
                let channels = members["channels"].map(channelNames)
            else { continue }
            noteZone(zone, zonePlace.line, zonePlace.path)
            let language = members["language"].flatMap { reading.choice($0, Language.allCases.map(\.rawValue)) }
            if config.recipients.contains(where: { $0.name == name }) {
                reading.report(element, "there are two recipients \(name)")
            }
            config.recipients.append(
                RecipientSettings(
                    name: name, language: language.flatMap(Language.init(rawValue:)) ?? .ru, zone: zone,
                    opens: hours.opens, closes: hours.closes,
                    calendars: members["calendar"].map(calendarNames) ?? ["ru"], channels: channels, line: element.line)
            )
        }
    }

    private func channelNames(_ place: Place) -> [String] {
        let known = config.channels.map(\.name)
        return reading.names(place).compactMap { name, at in
            if known.contains(name) { return name }
            reading.report(at, "there is no channel \(name) (known: \(known.joined(separator: ", ")))")
            return nil
        }
    }

    private func calendarNames(_ place: Place) -> [String] {
        reading.names(place).compactMap { name, at in
            if calendars.contains(name) { return name }
            reading.report(at, "there is no calendar \(name) (known: \(calendars.sorted().joined(separator: ", ")))")
            return nil
        }
    }

    /// `09:00-18:00`; 24:00 is the end of the day.
    private func hours(_ place: Place) -> (opens: Int, closes: Int)? {
        guard let text = reading.text(place) else { return nil }
        let times = text.split(separator: "-").map { part -> Int? in
            let numbers = part.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let hour = numbers[0], let minute = numbers[1], (0...24).contains(hour),
                (0..<60).contains(minute), hour < 24 || minute == 0
            else { return nil }
            return hour * 3600 + minute * 60
        }
        guard times.count == 2, let opens = times[0], let closes = times[1], opens < closes else {
            reading.report(place, "expected hours such as \"09:00-18:00\"")
            return nil
        }
        return (opens, closes)
    }

    private func readRules(_ top: [String: Place]) {
        if let place = top["stages"] { readStages(place) }
        if let place = top["contacts"] {
            for (name, list) in reading.members(place, known: ContactRole.allCases.map(\.rawValue)) {
                guard let role = ContactRole(rawValue: name) else { continue }
                config.rules.contacts[role] = reading.elements(list).compactMap { element in
                    let members = reading.members(element, known: ["name", "url"], required: ["name", "url"])
                    guard let name = members["name"].flatMap(reading.text),
                        let url = members["url"].flatMap(reading.url)
                    else { return nil }
                    return Contact(name: name, url: url)
                }
            }
        }
        guard let place = top["deciding_order"] else { return }
        let members = reading.members(place, known: ["items", "handover", "under_way"])
        if let place = members["items"] { config.rules.deciding.items = providerNames(place) }
        if let place = members["handover"] { config.rules.deciding.handover = providerNames(place) }
        if let place = members["under_way"] { config.rules.deciding.underWay = providerNames(place) }
    }

    private func providerNames(_ place: Place) -> [ProviderID] {
        reading.names(place).compactMap { name, at in
            let known = providers.map(\.name)
            if known.contains(name) { return ProviderID(name) }
            reading.report(at, "there is no provider \(name) (known: \(known.joined(separator: ", ")))")
            return nil
        }
    }

    private func readStages(_ place: Place) {
        let known = Stage.allCases.map(\.rawValue)
        for (name, place) in reading.members(place, known: known) {
            guard let stage = Stage(rawValue: name), var rule = config.rules.stages[stage] else { continue }
            let members = reading.members(
                place,
                known: ["calendars", "combine", "zone", "warning_working_days", "critical_working_days", "contacts"])
            if let place = members["calendars"] {
                let names = calendarNames(place)
                if !names.isEmpty { rule.calendars = names }
            }
            if let place = members["combine"], let text = reading.choice(place, Combination.allCases.map(\.rawValue)) {
                rule.combine = Combination(rawValue: text) ?? .all
            }
            if let place = members["zone"], let zone = reading.text(place) {
                rule.zone = zone
                noteZone(zone, place.line, place.path)
            }
            if let place = members["warning_working_days"], let days = reading.integer(place, 1...365) {
                rule.warning = days
            }
            if let place = members["critical_working_days"], let days = reading.integer(place, 1...365) {
                rule.critical = days
            }
            if rule.warning >= rule.critical {
                reading.report(place, "warning (\(rule.warning)) has to come before critical (\(rule.critical))")
            }
            if let place = members["contacts"] {
                rule.contacts = reading.names(place).compactMap { name, at in
                    reading.choice(at, ContactRole.allCases.map(\.rawValue)).flatMap(ContactRole.init(rawValue:))
                }
            }
            config.rules.stages[stage] = rule
        }
        for (stage, rule) in config.rules.stages { noteZone(rule.zone, nil, "stages.\(stage.rawValue).zone") }
    }
}
