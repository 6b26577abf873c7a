// What `parceld init` writes: a short configuration and its secrets, all of it or nothing.

import Foundation
import ParcelConfig
import ParcelCore
import ParcelService
import ParcelStore

/// As YAML takes any text.
func quoted(_ text: String) -> String { JSONValue.string(text).text }

struct Setup {
    let folder: String
    let database: String
    let language: Language
    /// Sections by name, each key on its line.
    var providers: [(name: String, keys: [String])] = []
    var channel: (name: String, keys: [String]) = ("", [])
    var hours = ""
    var zone = ""
    private var secrets: [(name: String, text: String)] = []

    init(folder: String, database: String, language: Language) {
        self.folder = folder
        self.database = database
        self.language = language
    }

    /// Keeps a secret for its file, and says the line that names it.
    mutating func secret(_ key: String, _ name: String, _ text: String) -> String {
        secrets.append((name, text))
        return "\(key): {file: secrets/\(name)}"
    }

    static func url(_ url: String, unless standard: String) -> String? {
        url.isEmpty || url == standard ? nil : "url: \(quoted(url))"
    }

    private func say(_ russian: String, _ english: String) -> String { language == .ru ? russian : english }

    var text: String {
        var lines = [
            say(
                "# Конфигурация parceld. Чего здесь нет, то по умолчанию; все ключи: docs/config.md и config/parceld.yaml.",
                "# The configuration of parceld. What is not here has its default; every key: docs/config.md and config/parceld.yaml."
            ), "#   parceld check",
            say("# говорит, что в ней не так и что будет.", "# says what is wrong with it, and what would happen."), "",
            "database: \(quoted(database))", "",
            say(
                "# Кого опрашиваем. Секреты лежат в файлах рядом.",
                "# What is polled. Secrets are in files of their own."), "providers:",
        ]
        for provider in providers { lines += ["  \(provider.name):"] + provider.keys.map { "    \($0)" } }
        lines += ["", say("# Как сообщаем.", "# How somebody is told."), "channels:", "  \(channel.name):"]
        lines += ["type: \(channel.name)"].appending(channel.keys).map { "    \($0)" }
        lines += [
            "", say("# Кому и когда: в рабочие дни России.", "# Who, and when: on the working days of Russia."),
            "recipients:", "  - name: manager", "    language: \(language.rawValue)", "    zone: \(quoted(zone))",
            "    hours: \(quoted(hours))", "    calendar: ru", "    channels: [\(channel.name)]", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// Ends where something is there that would be replaced.
    static func refuse(in folder: String, unless force: Bool, _ names: [String] = ["parceld.yaml"]) throws {
        let there = names.map { "\(folder)/\($0)" }.filter { FileManager.default.fileExists(atPath: $0) }
        guard let first = there.first, !force else { return }
        throw StartError(
            description:
                "\(first) is there already and is left as it is; move it away, name another folder with --output, or keep a dated copy of it with --force",
            status: 73)
    }

    func write(force: Bool) throws {
        let names = secrets.map { "secrets/\($0.name)" } + ["parceld.yaml"]
        try Setup.refuse(in: folder, unless: force, names)
        // From here on it is all or nothing, and soon over.
        for each in [SIGINT, SIGTERM, SIGHUP] { signal(each, SIG_IGN) }
        var writing = Writing(folder)
        do {
            try writing.prepare(secrets.map { ("secrets/\($0.name)", $0.text + "\n") } + [("parceld.yaml", text)])
            do throws(LoadFailure) { _ = try load(writing.draft + "/parceld.yaml") } catch {
                for problem in error.problems { tell("\(problem)") }
                throw StartError(description: "these answers make no configuration; nothing was written", status: 78)
            }
            try writing.publish(names, at: stamp)
        } catch {
            writing.undo()
            if error is StartError { throw error }
            throw StartError(
                description: "\(folder) cannot be written (\(error.localizedDescription)); nothing was written",
                status: 73)
        }
        report(writing.kept)
    }

    private var stamp: String { fileStamp(Timestamp(seconds: Int64(Date().timeIntervalSince1970))) }

    private func report(_ kept: [String]) {
        let path = "\(folder)/parceld.yaml"
        do throws(LoadFailure) {
            for warning in try load(path).warnings { tell(warning.placed(in: path, saying: "warning: ")) }
        } catch {
            // Files beside it may say something that does not fit.
            for problem in error.problems { tell(problem.placed(in: path)) }
        }
        for copy in kept { print(say("Прежнее: \(copy)", "Kept: \(copy)")) }
        let isStandard = path == "/etc/parceld/parceld.yaml"
        let option = isStandard ? "" : " --config \(path)"
        print(say("Записано: \(path). Дальше:", "\(path) is written. Next:"))
        print("  parceld check\(option)")
        print("  parcelctl channel test \(channel.name)\(option)")
        if !isStandard { print("  parceld run\(option)") }
        print(
            "  systemctl enable --now parceld parceld-backup.timer"
                + (isStandard ? "" : say("    (для /etc/parceld)", "    (for /etc/parceld)")))
    }
}

extension [String] {
    fileprivate func appending(_ others: [String]) -> [String] { self + others }
}

/// Files that come into a folder together.
private struct Writing {
    let folder: String
    let draft: String
    /// Dated copies of what was there.
    private(set) var kept: [String] = []
    private var made: [String] = []
    private var moved: [(from: String, to: String)] = []
    private let group: gid_t? = getgrnam("parceld").map { $0.pointee.gr_gid }

    init(_ folder: String) {
        self.folder = folder
        draft = "\(folder)/.init-\(getpid())"
    }

    mutating func prepare(_ files: [(name: String, text: String)]) throws {
        try make(folder, 0o755)
        try make(draft, 0o700)
        for (name, text) in files {
            let path = "\(draft)/\(name)"
            try make(URL(fileURLWithPath: path).deletingLastPathComponent().path, 0o700)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            if name.hasPrefix("secrets/") { try keep(path) } else { try share(path, 0o640, 0o600) }
        }
    }

    /// Folders that were not there before, the outer first.
    private mutating func make(_ path: String, _ mode: Int) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        made.append(path)
    }

    /// The daemon's user alone may read it: members of the group may ask the daemon, but need no key of it.
    private func keep(_ path: String) throws {
        if geteuid() == 0, let user = getpwnam("parceld")?.pointee { chown(path, user.pw_uid, user.pw_gid) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Root and the group of parceld may read it, or where there is no such group, nobody but the owner.
    private func share(_ path: String, _ shared: Int, _ alone: Int) throws {
        let isShared = group.map { chown(path, geteuid() == 0 ? 0 : uid_t.max, $0) == 0 } ?? false
        try FileManager.default.setAttributes([.posixPermissions: isShared ? shared : alone], ofItemAtPath: path)
    }

    mutating func publish(_ names: [String], at stamp: String) throws {
        let files = FileManager.default
        if names.count > 1, !files.fileExists(atPath: "\(folder)/secrets") {
            try make("\(folder)/secrets", 0o700)
            try share("\(folder)/secrets", 0o750, 0o700)
        }
        for name in names {
            let path = "\(folder)/\(name)"
            if files.fileExists(atPath: path) {
                try move(path, "\(path).\(stamp)")
                kept.append("\(path).\(stamp)")
            }
            try move("\(draft)/\(name)", path)
        }
        try files.removeItem(atPath: draft)
    }

    private mutating func move(_ from: String, _ to: String) throws {
        try FileManager.default.moveItem(atPath: from, toPath: to)
        moved.append((from, to))
    }

    mutating func undo() {
        let files = FileManager.default
        // What cannot be taken back is left: nothing is lost by it.
        for (from, to) in moved.reversed() { try? files.moveItem(atPath: to, toPath: from) }
        for path in made.reversed() where path != folder || (try? files.contentsOfDirectory(atPath: path)) == [] {
            try? files.removeItem(atPath: path)
        }
    }
}
