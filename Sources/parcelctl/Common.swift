// What the commands share: where the mirror is, what time it is, which language, and how tables are drawn.

import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
package import ParcelCore
import ParcelProviders
import ParcelStore

struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's configuration; names the database.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The database, if no configuration is at hand.", valueName: "file"))
    var database: String?

    @Option(help: ArgumentHelp("Another \"now\", such as 2017-10-10T09:00:00+03:00.", valueName: "instant"))
    var at: String?

    @Option(help: ArgumentHelp("ru or en; else what the locale (LANG) says.", valueName: "language"))
    var language: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// - Parameters:
    ///   - reader: Another language than `--language` for what is not in the language that it chooses.
    ///   - despiteMistakes: For what tells of them, as long as the database is named.
    func open(in reader: Language? = nil, despiteMistakes: Bool = false) throws -> Mirror {
        let read = try readConfiguration(despiteMistakes: despiteMistakes)
        let path = database ?? read?.database
        guard let path else { throw Trouble.usage("say which database: --config FILE or --database FILE") }
        return Mirror(
            store: try Store.open(path, .reader), config: read, now: try now(), reader: try self.reader(read, reader))
    }

    private var configurationPath: String? {
        let standard = "/etc/parceld/parceld.yaml"
        return config ?? (database == nil && FileManager.default.fileExists(atPath: standard) ? standard : nil)
    }

    /// The unit whose configuration it is: parceld@north for /etc/parceld/north.yaml.
    var unit: String {
        let file = URL(fileURLWithPath: configurationPath ?? "/etc/parceld/parceld.yaml")
        let name = file.deletingPathExtension().lastPathComponent
        let isInstance = file.deletingLastPathComponent().path == "/etc/parceld" && name != "parceld"
        return isInstance ? "parceld@\(name)" : "parceld"
    }

    /// Relative paths in the configuration count from its folder.
    func besideConfiguration(_ path: String) -> String {
        let folder = URL(fileURLWithPath: configurationPath ?? ".").deletingLastPathComponent()
        return URL(fileURLWithPath: path, relativeTo: folder).path
    }

    /// Only what the command needs of it: whoever may not read the secrets may still ask.
    func readConfiguration(despiteMistakes: Bool = false) throws -> Config? {
        guard let (found, mistake) = try readAsFarAsPossible() else { return nil }
        if let mistake, !despiteMistakes || found.database.isEmpty { throw mistake }
        var read = found
        read.database = besideConfiguration(read.database)
        read.controlSocket = besideConfiguration(read.controlSocket)
        read.templates = read.templates.map(besideConfiguration)
        read.calendarFiles = read.calendarFiles.mapValues { (besideConfiguration($0.path), $0.line) }
        return read
    }

    /// Where the daemon is asked. It works on while its file has a mistake, so that a mistake keeps nobody from asking:
    /// then it is what can still be read of the file, else the usual place, and a warning says so.
    func controlSocket(_ given: String?) throws -> String {
        if let given { return given }
        do {
            guard let (read, mistake) = try readAsFarAsPossible() else {
                throw Trouble.usage("say which daemon: --config FILE or --socket PATH")
            }
            let path = besideConfiguration(read.controlSocket)
            if let mistake { warn("asking at \(path), although \(mistake.description)") }
            return path
        } catch let trouble as Trouble where trouble.status == 66 && config == nil {
            let path = Config().controlSocket
            warn("asking at \(path), although \(trouble.description)")
            return path
        }
    }

    /// - Returns: With its paths as they stand there, and the first mistake.
    private func readAsFarAsPossible() throws -> (Config, mistake: Trouble?)? {
        guard let path = configurationPath else { return nil }
        let host = HostConfig(reading: path)
        if let (file, reason) = host.unreadable.first {
            throw Trouble(description: file.map { "\($0): \(reason)" } ?? "\(path) cannot be read", status: 66)
        }
        let (read, problems) = readConfig(
            host.files.map { ConfigFile($0.path, $0.bytes) }, providers: providerKinds.map(\.schema),
            channels: channelKinds.map(\.schema), calendars: ["cn", "ru", "plain", "six", "daily"])
        let mistake = problems.first.map {
            Trouble(description: "\($0.placed(in: path)); see parceld check --config \(path)", status: 78)
        }
        return (read, mistake)
    }

    func now() throws -> Timestamp {
        guard let at else { return Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
        guard case .instant(let instant)? = try? moment(at) else {
            throw Trouble.usage("--at \(at): write an instant with its offset, such as 2017-10-10T09:00:00+03:00")
        }
        return instant
    }

    func reader(_ config: Config?, _ chosen: Language? = nil) throws -> Reader {
        let name = chosen?.rawValue ?? language ?? localeLanguage(ProcessInfo.processInfo.environment).rawValue
        guard let language = Language(rawValue: name) else { throw Trouble.usage("--language \(name): write ru or en") }
        let zone = config?.recipients.first?.zone ?? "Europe/Moscow"
        return Reader(language, (try? readZone(zone, in: config?.zoneinfo ?? zoneinfo)) ?? .utc)
    }
}

/// Of the variables that name a locale the first that is set counts, as for other programs (locale(7)).
package func localeLanguage(_ environment: [String: String]) -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { environment[$0] }
    return names.first { !$0.isEmpty }?.hasPrefix("ru") == true ? .ru : .en
}

let zoneinfo = ProcessInfo.processInfo.environment["TZDIR"] ?? "/usr/share/zoneinfo"

/// ISO 8601 with offset, or a bare date.
func moment(_ text: String) throws -> Moment {
    let parsed: ISO8601
    do { parsed = try ISO8601(text) } catch { throw Trouble.usage("\(text.prefix(40)): \(error)") }
    if parsed.secondOfDay == nil { return .date(parsed.date) }
    guard let instant = parsed.instant else {
        throw Trouble.usage("\(text.prefix(40)): the offset is missing; write it as in 2026-11-24T10:00:00+08:00")
    }
    return .instant(instant)
}

/// An opened mirror with the rules that the daemon uses.
struct Mirror {
    let store: Store
    let config: Config?
    let now: Timestamp
    let reader: Reader

    func rules() throws -> Rules { try rules(try store.rules() ?? config?.rules ?? .standard) }

    /// Those built in, and those whose files the configuration names.
    func calendars() throws -> [String: WorkCalendar] {
        var calendars = try BuiltinCalendars.all()
        for (id, file) in config?.calendarFiles ?? [:] {
            if let data = FileManager.default.contents(atPath: file.path) {
                calendars[id] = try WorkCalendar(id: id, csv: Array(data))
            }
        }
        return calendars
    }

    /// By stages or by recipients.
    func calendarsInUse() throws -> [WorkCalendar] {
        let settings = try store.rules() ?? config?.rules ?? .standard
        let recipients = config?.recipients.flatMap(\.calendars) ?? []
        let used = Set(settings.stages.values.flatMap(\.calendars) + recipients).sorted()
        let known = try calendars()
        return used.compactMap { known[$0] }
    }

    func rules(_ settings: RuleSettings) throws -> Rules {
        let calendars = try calendars()
        var zones: [String: Zone] = [:]
        for name in Set(settings.stages.values.map(\.zone)) {
            zones[name] = try readZone(name, in: config?.zoneinfo ?? zoneinfo)
        }
        guard let rules = Rules(settings: settings, calendars: calendars, zones: zones) else {
            throw Trouble(
                description:
                    "the rules name a calendar that is not at hand; give the daemon's configuration with --config",
                status: 78)
        }
        return rules
    }

    /// The one thing that is meant, with its family.
    func thing(_ text: String) throws -> (thing: Thing, family: Family) {
        let meant = try meant(text)
        return (meant.thing, meant.family)
    }

    /// What somebody asked for: a thing, or a number, which stands for what carries it and for itself where nothing does.
    func meant(_ text: String) throws -> Meant {
        let found = try store.find(text)
        guard let first = found.first else {
            let hint =
                try nearest(text, among: store.labels()).map { "did you mean \($0)?" } ?? "parcelctl list shows what is"
            throw Trouble(description: "nothing is known of \(text.prefix(60)); \(hint)", status: 66)
        }
        let things = found.filter { $0.kind != .trackNumber }
        if things.count > 1 {
            let forms = things.map { "\($0.kind.rawValue):\($0.label)" }
            throw Trouble.usage("\(text) may be \(forms.joined(separator: " or ")); write one of these")
        }
        let family = try store.family(of: [things.first?.id ?? first.id])
        if let id = things.first?.id, let thing = family[id] { return Meant(thing: thing, family: family) }
        guard let number = family[first.id] else {
            throw Trouble(description: "nothing is known of \(text.prefix(60)) any more", status: 66)
        }
        let known = try TrackNumber(first.label).map { try store.carriers(of: $0) } ?? []
        var carriers = known.filter { family[$0].map { $0.kind != .trackNumber } ?? false }
        if carriers.isEmpty { carriers = family.carriers(of: number).map(\.thing.id) }
        // Of several that carry one number the latest is on its way.
        guard let id = carriers.max(by: { priority($0, family) < priority($1, family) }), let thing = family[id] else {
            return Meant(thing: number, family: family, number: number)
        }
        return Meant(thing: thing, family: family, number: number)
    }

    private func priority(_ id: ThingID, _ family: Family) -> (Int, ThingID) {
        (family[id]?.isFinished == false ? 1 : 0, id)
    }
}

struct Meant {
    var thing: Thing
    var family: Family
    /// The number that was asked for.
    var number: Thing?
}

/// Columns as wide as their widest cell; a Chinese character takes two places.
func table(_ rows: [[String]], indent: String = "") -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0.count > column ? width($0[column]) : 0 }.max() ?? 0 }
    return rows.map { row in
        let cells = row.enumerated().map { column, cell in
            column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - width(cell))
        }
        return (indent + cells.joined(separator: "  ")).trimmingSuffix
    }.joined(separator: "\n")
}

private func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
        switch scalar.value {
        case 0x300...0x36F, 0xFE0F: sum
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0x1F300...0x1FAFF:
            sum + 2
        default: sum + 1
        }
    }
}

extension String {
    fileprivate var trimmingSuffix: String {
        var text = self[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
