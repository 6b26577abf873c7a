// The sections of a configuration: programs, providers, channels, recipients. What decides is read in RulesReader.swift.

import ParcelCore
import Yams

final class ConfigReader {
    var config = Config()
    let reading = Reading()
    let providers: [SettingSchema]
    let channels: [SettingSchema]
    /// Ids that may be named: those that need no file, and the user's own.
    private var calendars: [String]
    /// Names that the file has, with or without mistakes: of channels, and of providers that have names of the user's.
    var channelNames: [String] = []
    var namedProviders: [String] = []

    init(providers: [SettingSchema], channels: [SettingSchema], calendars: [String]) {
        self.providers = providers
        self.channels = channels
        self.calendars = calendars.sorted()
    }

    static let keys = [
        "database", "control_socket", "zoneinfo", "templates", "log_level", "http", "provider_down_after",
        "remind_after_working_days", "providers", "stages", "deciding_order", "contacts", "routes", "cadence",
        "calendars", "overlays", "channels", "recipients",
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
        readRouting(top)
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
        if let path = top["templates"].flatMap(reading.text) { config.templates = path }
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
