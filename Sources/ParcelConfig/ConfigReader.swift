// The sections of a configuration: programs, providers, channels. What decides is read in RulesReader.swift, who is told in
// RecipientReader.swift.

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

    init(files: [String], providers: [SettingSchema], channels: [SettingSchema], calendars: [String]) {
        config.files = files
        self.providers = providers
        self.channels = channels
        self.calendars = calendars.sorted()
    }

    func read(_ root: Place) {
        let top = reading.members(root, Declared.whole)
        readProgram(top)
        if let place = top["http"] { readHTTP(place) }
        // Before what names them.
        if let place = top["calendars"] { readCalendars(place) }
        if let place = top["providers"] { config.providers = readProviders(place) }
        if let place = top["channels"] { config.channels = readChannels(place) }
        if let place = top["recipients"] { readRecipients(place) }
        if let place = top["heartbeat"] { readHeartbeat(place) }
        if let place = top["metrics"] { readMetrics(place) }
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
        if let place = top["log_level"], let level = reading.choice(place, Declared.logLevels) {
            config.logLevel = level
        }
        if let value = top["provider_down_after"].flatMap(reading.duration) { config.providerDownAfter = value }
    }

    private func readHTTP(_ place: Place) {
        let http = reading.members(place, Declared.http)
        if let value = http["proxy"].flatMap(reading.proxy) { config.http.proxy = value }
        if let value = http["ca_file"].flatMap(reading.text) { config.http.caFile = value }
        if let value = http["connect_timeout"].flatMap(reading.duration) { config.http.connectTimeout = value }
        if let value = http["timeout"].flatMap(reading.duration) { config.http.timeout = value }
        if let value = http["body_limit"].flatMap(reading.size) { config.http.bodyLimit = value }
    }

    private func readHeartbeat(_ place: Place) {
        let members = reading.members(place, Declared.heartbeat)
        if let url = members["url"].flatMap(reading.url) { config.heartbeat = url }
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
}
