// The sections of a configuration: programs, providers, channels, recipients. What decides is read in RulesReader.swift.

import ParcelCore
import Yams

final class ConfigReader {
    var config = Config()
    let reading = Reading()
    let providers: [SettingSchema]
    private let channels: [SettingSchema]
    /// Ids that may be named: those that need no file, and the user's own.
    private var calendars: [String]
    /// Names of channels that the file has, with or without mistakes.
    private var channelNames: [String] = []

    init(providers: [SettingSchema], channels: [SettingSchema], calendars: [String]) {
        self.providers = providers
        self.channels = channels
        self.calendars = calendars.sorted()
    }

    static let keys = [
        "database", "control_socket", "zoneinfo", "log_level", "http", "provider_down_after", "providers", "stages",
        "deciding_order", "contacts", "calendars", "channels", "recipients",
    ]

    func read(_ root: Place) {
        let top = reading.members(
            root, known: Self.keys, required: ["database", "providers", "channels", "recipients"])
        readProgram(top)
        if let place = top["http"] { readHTTP(place) }
        // Before what names them.
        if let place = top["calendars"] { readCalendars(place) }
        if let place = top["providers"] { config.providers = readProviders(place) }
        if let place = top["channels"] { config.channels = readChannels(place) }
        if let place = top["recipients"] { readRecipients(place) }
        readRules(top)
    }

    private func readProgram(_ top: [String: Place]) {
        if let path = top["database"].flatMap(reading.text) { config.database = path }
        if let place = top["control_socket"], let path = reading.text(place) {
            config.controlSocket = path
            if path.utf8.count > 100 {
                reading.report(place, "is longer than the 100 bytes that a socket's path may have")
            }
        }
        if let path = top["zoneinfo"].flatMap(reading.text) { config.zoneinfo = path }
        if let place = top["log_level"], let level = reading.choice(place, ["error", "notice", "info", "debug"]) {
            config.logLevel = level
        }
        if let value = top["provider_down_after"].flatMap(reading.duration) { config.providerDownAfter = value }
    }

    static let httpKeys = ["proxy", "ca_file", "connect_timeout", "timeout", "body_limit"]

    private func readHTTP(_ place: Place) {
        let http = reading.members(place, known: Self.httpKeys)
        if let value = http["proxy"].flatMap(reading.proxy) { config.http.proxy = value }
        if let value = http["ca_file"].flatMap(reading.text) { config.http.caFile = value }
        if let value = http["connect_timeout"].flatMap(reading.duration) { config.http.connectTimeout = value }
        if let value = http["timeout"].flatMap(reading.duration) { config.http.timeout = value }
        if let value = http["body_limit"].flatMap(reading.size) { config.http.bodyLimit = value }
    }

    private func readCalendars(_ place: Place) {
        for (id, place) in reading.members(place) {
            // One that has a mistake here is not reported again wherever it is named.
            if !calendars.contains(id) { calendars.append(id) }
            if let path = reading.text(place) { config.calendarFiles[id] = (path, place.line) }
        }
        calendars.sort()
    }

    func calendarNames(_ place: Place) -> [String] {
        if case .sequence(let sequence) = place.node, sequence.isEmpty {
            reading.report(place, "at least one calendar is needed (known: \(calendars.joined(separator: ", ")))")
        }
        return reading.names(place, "calendar", known: calendars)
    }

    /// Every place is kept: each that names a zone that does not exist is reported.
    func zone(_ place: Place) -> String? {
        guard let name = reading.text(place) else { return nil }
        config.zones.append((name, place.line, place.path))
        return name
    }

    static let recipientKeys = ["name", "language", "zone", "hours", "calendar", "channels"]

    private func readRecipients(_ place: Place) {
        let elements = reading.elements(place)
        if elements.isEmpty, case .sequence = place.node { reading.report(place, "at least one recipient is needed") }
        for element in elements { readRecipient(element) }
    }

    private func readRecipient(_ element: Place) {
        let members = reading.members(
            element, known: Self.recipientKeys, required: ["name", "zone", "hours", "channels"])
        let name = members["name"].flatMap(reading.text)
        let zone = members["zone"].flatMap(zone)
        let hours = members["hours"].flatMap(hours)
        let language = members["language"].flatMap { reading.choice($0, Language.allCases.map(\.rawValue)) }
        let calendars = members["calendar"].map(calendarNames) ?? ["ru"]
        let channels = members["channels"].map { reading.names($0, "channel", known: channelNames) }
        guard let name, let zone, let hours, let channels else { return }
        if config.recipients.contains(where: { $0.name == name }) {
            reading.report(element, "there is a recipient \(shown(name)) already")
        }
        config.recipients.append(
            RecipientSettings(
                name: name, language: language.flatMap(Language.init(rawValue:)) ?? .ru, zone: zone, opens: hours.opens,
                closes: hours.closes, calendars: calendars, channels: channels, line: element.line))
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

// Providers and channels: sections whose keys their own schemas declare.
extension ConfigReader {
    private func readProviders(_ place: Place) -> [Section] {
        let known = providers.map(\.name)
        if let count = count(of: place), count == 0 {
            reading.report(place, "at least one provider is needed (known: \(known.joined(separator: ", ")))")
        }
        let sections = reading.members(place, known: known)
        // In the list's order, so that every start and every simulated run polls in the same one.
        return providers.compactMap { schema in sections[schema.name].map { section(schema.name, schema, $0) } }
    }

    private func readChannels(_ place: Place) -> [Section] {
        let known = channels.map(\.name).joined(separator: ", ")
        if let count = count(of: place), count == 0 {
            reading.report(place, "at least one channel is needed: a name of yours with a type (known: \(known))")
        }
        let sections = reading.members(place)
        channelNames = sections.keys.sorted()
        return sections.sorted { ($0.value.line ?? 0, $0.key) < ($1.value.line ?? 0, $1.key) }.compactMap {
            name, place in
            let members = reading.members(place)
            guard place.node.isMapping || place.node.isNothing else { return nil }
            guard let type = members["type"] else {
                reading.report(place, "type is missing (known: \(known))")
                return nil
            }
            guard let kind = reading.choice(type, channels.map(\.name)) else { return nil }
            return channels.first { $0.name == kind }.map { section(name, $0, place, extra: ["type"]) }
        }
    }

    /// Nil where it is no section at all, which is reported elsewhere.
    private func count(of place: Place) -> Int? {
        if case .mapping(let mapping) = place.node { mapping.count } else { place.node.isNothing ? 0 : nil }
    }

    private func section(_ name: String, _ schema: SettingSchema, _ place: Place, extra: [String] = []) -> Section {
        var section = Section(name: name, kind: schema.name, settings: SettingValues(), secrets: [:], line: place.line)
        let members = reading.members(place, known: extra + schema.keys.map(\.name))
        let isReadable = place.node.isMapping || place.node.isNothing
        for key in schema.keys {
            if let member = members[key.name] {
                if key.kind == .secret {
                    section.secrets[key.name] = secret(member)
                } else {
                    section.settings.values[key.name] = value(key.kind, member)
                }
            } else if key.isRequired, isReadable {
                let form = key.kind == .secret ? "; write it to a file and give {file: PATH}" : ""
                reading.report(place, "\(key.name) is missing: \(key.summary)\(form)")
            }
        }
        return section
    }

    private func value(_ kind: SettingKey.Kind, _ place: Place) -> SettingValue? {
        switch kind {
        case .text: reading.word(place).map { .text($0) }
        case .url: reading.url(place).map { .text($0) }
        case .duration: reading.duration(place).map { .duration($0) }
        case .integer(let range): reading.integer(place, range).map { .integer($0) }
        case .number(let range): reading.number(place, range).map { .number($0) }
        case .boolean: reading.boolean(place).map { .boolean($0) }
        case .choice(let allowed): reading.choice(place, allowed).map { .text($0) }
        case .zone: zone(place).map { .text($0) }
        case .map(let allowed): .map(reading.members(place).compactMapValues { reading.choice($0, allowed) })
        case .secret: nil
        }
    }

    /// What is written in the file itself is not repeated in any message, not even as a key.
    private func secret(_ place: Place) -> SecretSource? {
        let forms = "{file: PATH} or {credential: NAME}"
        guard case .mapping(let mapping) = place.node else {
            let inline = "a secret does not belong in this file: write it to a file of its own and give"
            reading.report(place, place.node.isNothing ? "has no value; give \(forms)" : "\(inline) \(forms)")
            return nil
        }
        guard mapping.count == 1, let (key, node) = mapping.first, case .scalar(let scalar) = key,
            ["file", "credential"].contains(scalar.string)
        else {
            reading.report(place, "expected \(forms), and nothing else")
            return nil
        }
        let member = Place(node: node, path: "\(place.path).\(scalar.string)", line: key.mark?.line ?? place.line)
        guard let name = reading.word(member) else { return nil }
        if scalar.string == "file" { return SecretSource(kind: .file(name), line: member.line, path: place.path) }
        guard !name.contains("/"), !name.hasPrefix(".") else {
            reading.report(member, "a credential has a plain name, without a path")
            return nil
        }
        return SecretSource(kind: .credential(name), line: member.line, path: place.path)
    }
}
