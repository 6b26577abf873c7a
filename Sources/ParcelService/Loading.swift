// From a configuration file to what the service runs on: reads the secrets, calendars and zones that it names, and
// reports every problem of all of them together.

import Foundation
import ParcelChannels
package import ParcelConfig
package import ParcelCore
import ParcelProviders
import ParcelStore

/// A configuration with everything it names at hand.
package struct Loaded: Sendable {
    /// Where it was read from. What lies over it is in `config.files`.
    package var path: String
    package var config: Config
    package var providers: [any Provider]
    package var channels: [any Channel]
    package var recipients: [Recipient]
    package var rules: Rules
    package var zones: [String: Zone]
    /// The calendars in use.
    package var calendars: [WorkCalendar]
    package var warnings: [Problem]
}

package struct LoadFailure: Error {
    package var problems: [Problem]
}

/// - Parameter path: Of the configuration; relative paths in it count from its folder.
package func load(_ path: String) throws(LoadFailure) -> Loaded {
    let host = HostConfig(reading: path)
    guard host.unreadable.isEmpty else {
        throw LoadFailure(
            problems: host.unreadable.map { Problem(line: nil, path: "", message: $0.reason, file: $0.path) })
    }
    let builtin = (try? BuiltinCalendars.all()) ?? [:]
    let (config, problems) = readConfig(
        host.files.map { ConfigFile($0.path, $0.bytes) }, providers: providerKinds.map(\.schema),
        channels: channelKinds.map(\.schema),
        calendars: Array(builtin.keys))
    var loading = Loading(
        path: path, config: config, problems: problems)
    loading.warnings = host.passedOver.map {
        Problem(line: nil, path: "", message: "is not read: its name does not end in .yaml", file: $0)
    }
    return try loading.finish(builtin)
}

private struct Loading {
    let path: String
    var config: Config
    let folder: URL
    var problems: [Problem]
    var warnings: [Problem] = []
    var zones: [String: Zone] = [:]

    init(path: String, config: Config, problems: [Problem]) {
        self.path = path
        self.config = config
        folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        self.problems = problems
    }

    func absolute(_ path: String) -> String { URL(fileURLWithPath: path, relativeTo: folder).path }

    mutating func finish(_ builtin: [String: WorkCalendar]) throws(LoadFailure) -> Loaded {
        config.database = absolute(config.database)
        config.controlSocket = absolute(config.controlSocket)
        config.http.caFile = config.http.caFile.map(absolute)
        config.templates = config.templates.map(absolute)
        readZones()
        let calendars = readCalendars(builtin)
        config.providers = config.providers.map { withSecrets($0) }
        config.channels = config.channels.map { withSecrets($0) }
        let recipients = makeRecipients(calendars)
        checkUse()
        checkAudience(recipients)
        guard problems.isEmpty else { throw LoadFailure(problems: sorted(problems)) }
        guard let rules = Rules(settings: config.rules, calendars: calendars, zones: zones) else {
            throw LoadFailure(problems: [Problem(line: nil, path: "stages", message: "a calendar or zone is missing")])
        }
        let providers = config.providers.compactMap { section in
            providerKinds.first { $0.schema.name == section.kind }?.make(section.settings, as: ProviderID(section.name))
        }
        let channels = config.channels.compactMap { section in
            channelKinds.first { $0.schema.name == section.kind }?.make(section.name, section.settings)
        }
        let used = Set(config.rules.stages.values.flatMap(\.calendars) + config.recipients.flatMap(\.calendars))
        for provider in providers { try readZones(of: provider) }
        return Loaded(
            path: path, config: config, providers: providers, channels: channels, recipients: recipients, rules: rules,
            zones: zones, calendars: used.sorted().compactMap { calendars[$0] }, warnings: sorted(warnings))
    }

    /// With the file that each stands in.
    private func sorted(_ problems: [Problem]) -> [Problem] {
        config.sorted(
            problems.map { problem in
                var problem = problem
                if problem.line != nil { problem.file = config.problem(problem.path, "").file }
                return problem
            })
    }

    private mutating func readZones() {
        for (name, line, path) in config.zones {
            do throws(ZoneError) { zones[name] = try readZone(name, in: config.zoneinfo) } catch {
                problems.append(Problem(line: line, path: path, message: "\(error)"))
            }
        }
    }

    /// The zones that a provider names by itself.
    private mutating func readZones(of provider: any Provider) throws(LoadFailure) {
        for name in [provider.zoneName, provider.manners.dayZone].compactMap(\.self) where zones[name] == nil {
            do throws(ZoneError) { zones[name] = try readZone(name, in: config.zoneinfo) } catch {
                throw LoadFailure(problems: [Problem(line: nil, path: "providers.\(provider.id)", message: "\(error)")])
            }
        }
    }

    private mutating func readCalendars(_ builtin: [String: WorkCalendar]) -> [String: WorkCalendar] {
        var calendars = builtin
        for (id, file) in config.calendarFiles {
            guard let data = FileManager.default.contents(atPath: absolute(file.path)) else {
                problems.append(
                    Problem(line: file.line, path: "calendars.\(id)", message: "\(file.path) cannot be read"))
                continue
            }
            do throws(CalendarError) { calendars[id] = try WorkCalendar(id: id, csv: Array(data)) } catch {
                for problem in error.problems {
                    problems.append(
                        Problem(line: file.line, path: "calendars.\(id)", message: "\(file.path): \(problem)"))
                }
            }
        }
        return calendars
    }

    private mutating func withSecrets(_ section: Section) -> Section {
        var section = section
        for (name, source) in section.secrets.sorted(by: { $0.key < $1.key }) {
            do throws(SecretError) {
                let path = try path(of: source)
                let secret = try readSecret(at: path)
                if let others = secretReaders(at: path), secret.revealed != secretPlaceholder {
                    warnings.append(
                        Problem(
                            line: source.line, path: source.path,
                            message: "\(others) may read the secret; chmod 640 \(path), or 600"))
                }
                if secret.revealed == secretPlaceholder {
                    warnings.append(
                        Problem(
                            line: source.line, path: source.path,
                            message: "still holds the placeholder; put the real secret there"))
                }
                section.settings.values[name] = .secret(secret)
            } catch {
                problems.append(Problem(line: source.line, path: source.path, message: error.description))
            }
        }
        return section
    }

    private func path(of source: SecretSource) throws(SecretError) -> String {
        switch source.kind {
        case .file(let name): absolute(name)
        case .credential(let name): try credentialPath(name)
        }
    }

    private mutating func makeRecipients(_ calendars: [String: WorkCalendar]) -> [Recipient] {
        config.recipients.compactMap { settings in
            let days = settings.calendars.compactMap { calendars[$0] }
            guard let zone = zones[settings.zone], !days.isEmpty else { return nil }
            var recipient = Recipient(
                name: settings.name, language: settings.language, zone: zone,
                window: DeliveryWindow(
                    opens: settings.opens, closes: settings.closes,
                    days: WorkingDays(calendars: days, combine: .all, zone: zone)), channels: settings.channels)
            recipient.selection = settings.selection
            recipient.digestTimes = settings.digestTimes
            recipient.immediate = settings.immediate
            recipient.isImmediateAnytime = settings.isImmediateAnytime
            recipient.wantsWeeklySummary = settings.wantsWeeklySummary
            return recipient
        }
    }

    private mutating func checkUse() {
        let used = Set(config.recipients.flatMap(\.channels))
        for channel in config.channels where !used.contains(channel.name) {
            warnings.append(
                Problem(line: channel.line, path: "channels.\(channel.name)", message: "no recipient uses it"))
        }
        for (index, recipient) in config.recipients.enumerated() where recipient.channels.isEmpty {
            problems.append(
                Problem(
                    line: recipient.line, path: "recipients[\(index)]", message: "\(recipient.name) has no channel"))
        }
    }

    /// What nobody's choice lets through is told to the first; whoever chose may not have meant that.
    private mutating func checkAudience(_ recipients: [Recipient]) {
        guard let first = recipients.first else { return }
        let left = kindsLeft(
            by: recipients.map(\.selection), config.rules, config.providers.map { ProviderID($0.name) })
        guard !left.isEmpty else { return }
        warnings.append(
            Problem(
                line: config.recipients.first?.line, path: "recipients",
                message:
                    "some alerts pass nobody's choice and go to the first, \(first.name): \(left.map(\.rawValue).joined(separator: ", "))"
            ))
    }
}
