// Which of the documents' commands are run, which are not and why, and what stands for a word in capitals.

import Foundation

/// A command that is not run here: only what it names is looked at.
struct ListedCommand: Sendable {
    var begins: String
    var why: String
    /// With anything behind it, it is another command.
    var isWhole = false
    /// What is wrong with these words, given the folder that they are written in.
    var problem: @Sendable (_ words: [String], _ folder: URL) -> String?

    init(
        _ begins: String, _ why: String, isWhole: Bool = false,
        problem: @escaping @Sendable ([String], URL) -> String?
    ) {
        self.isWhole = isWhole
        self.begins = begins
        self.why = why
        self.problem = problem
    }
}

extension DocumentRoom {
    /// Programs whose names begin a command without `$ ` before it.
    static let shown = Set(
        ["parceld", "parcelctl", "parcelsim", "sudo"] + listed.map { String($0.begins.prefix { $0 != " " }) })

    /// What may be run: our programs, and what only reads and writes files.
    static let run: Set<String> = [
        "parceld", "parcelctl", "parcelsim", "cat", "cp", "diff", "grep", "head", "ls", "mkdir",
    ]

    private static let elsewhere = "wants root and systemd; SystemdTests/docs.py runs it"

    /// Those programs whose every command is run there.
    static let runElsewhere = Set(listed.filter { $0.why == elsewhere }.map(\.begins))

    /// Run by other tests, or only where there is root, systemd, a network or much time.
    static let listed: [ListedCommand] = [
        ListedCommand("make", "builds for minutes; the gates run it", problem: target),
        ListedCommand("swift", "builds for minutes; the gates run it", problem: files),
        ListedCommand("apt", "changes the machine; SystemdTests install the package", problem: package),
        ListedCommand("install", elsewhere, problem: files),
        ListedCommand("useradd", elsewhere, problem: group),
        ListedCommand("usermod", elsewhere, problem: group),
        ListedCommand("systemctl", elsewhere, problem: unit),
        ListedCommand("journalctl", elsewhere, problem: unit),
        ListedCommand("sqlite3", elsewhere, problem: view),
        ListedCommand("curl", elsewhere, problem: address),
        ListedCommand("parceld init", "asks on a terminal; InitTests answer", isWhole: true) { _, folder in
            text("Sources/parceld/Init.swift", folder).isEmpty ? "there is no such command" : nil
        },
        ListedCommand("parceld run", "runs until it is stopped; every story runs it", problem: files),
        ListedCommand("parcelsim serve", "runs until it is stopped; every story runs it", problem: files),
        ListedCommand("parcelsim play", "plays for a minute; the gates run it", problem: files),
    ]

    static let backup = "/var/lib/parceld/backups/parceld-2026-11-25T183000Z.sqlite"

    /// The longest first, so that none is replaced within another.
    static let placeholders: [(placeholder: String, stands: String)] = [
        ("import FILE.csv", "import numbers.csv"), ("import ФАЙЛ.csv", "import numbers.csv"),
        ("calendar import FILE", "calendar import 2027.json"), ("calendar import ФАЙЛ", "calendar import 2027.json"),
        ("--config FILE", "--config /etc/parceld/parceld.yaml"), ("--config OTHER.yaml", "--config /tmp/other.yaml"),
        ("--config ДРУГИЕ.yaml", "--config /tmp/other.yaml"),
        // Its courier is on the network; ProviderTestTests asks it on this machine.
        ("--number LP1930191011 --config generic.yaml", "--number LP1930191011"),
        ("--config generic.yaml", "--config config/examples/generic.yaml"),
        ("provider test NAME --number", "provider test courier --number"),
        ("provider test NAME", "provider test shiptor"),
        ("provider resume NAME", "provider resume russianpost"),
        ("channel test NAME", "channel test telegram"), ("--number N", "--number LP1930191011"),
        ("add НОМЕР", "add RR300006015CN"), ("remove НОМЕР", "remove RR300006015CN"),
        ("track НОМЕР", "track RR300006015CN"), ("add N", "add RR300006015CN"), ("remove N", "remove RR300006015CN"),
        ("track N", "track RR300006015CN"), ("--carrier C", "--carrier russianpost"),
        ("--from A --to B", "--from 2017-09-27 --to 2017-10-09"), ("--from A --days N", "--from 2017-09-27 --days 4"),
        ("--date D", "--date 2017-10-09"), ("--at INSTANT", "--at 2017-10-11T12:00:00+03:00"),
        ("verify FILE", "verify \(backup)"), ("restore FILE", "restore \(backup)"),
        ("restore ФАЙЛ", "restore \(backup)"),
        ("backup FILE", "backup /mnt/backup/parceld.sqlite"), ("backup ФАЙЛ", "backup /mnt/backup/parceld.sqlite"),
        ("--directory DIR --keep N", "--directory /mnt/backup --keep 2"),
        ("--alert 12", "--alert 1"), ("'#12'", "'#1'"),
    ]

    private static func text(_ name: String, _ folder: URL) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    private static func target(_ words: [String], _ folder: URL) -> String? {
        let makefile = "\n" + text("Makefile", folder)
        let targets = words.dropFirst().filter { !$0.contains("=") && !$0.hasPrefix("-") }
        return targets.first { !makefile.contains("\n\($0):") }.map { "the Makefile has no target \($0)" }
    }

    /// Files of the project; those that a build makes and those of the machine are not looked for.
    private static func files(_ words: [String], _ folder: URL) -> String? {
        let named = words.filter { $0.contains("/") && !$0.hasPrefix("/") && !$0.hasPrefix(".") && !$0.contains(":") }
        let missing = named.first { !FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
        return missing.map { "\($0) does not exist" }
    }

    private static func unit(_ words: [String], _ folder: URL) -> String? {
        for word in words.dropFirst() where word.hasPrefix("parcel") {
            var name = word.split(separator: "@").count > 1 ? word.replacing(/@[^.]*/, with: "@") : word
            if !name.contains(".") { name += ".service" }
            let file = folder.appending(path: "systemd/\(name)").path
            guard FileManager.default.fileExists(atPath: file) else { return "there is no unit \(name)" }
        }
        return nil
    }

    /// Users and groups are those of the unit.
    private static func group(_ words: [String], _ folder: URL) -> String? {
        let unit = text("systemd/parceld.service", folder)
        let isNamed = words.contains { unit.contains("\nGroup=\($0)\n") }
        return isNamed ? nil : "no group of the unit is named"
    }

    /// A package that is named is ours, and the Makefile builds its file.
    private static func package(_ words: [String], _ folder: URL) -> String? {
        for word in words.dropFirst(2) where !word.hasPrefix("-") && word != "parceld" {
            guard word.hasSuffix(".deb"), word.contains("parceld_") else { return "\(word) is no package of ours" }
        }
        return target(["make", "deb"], folder)
    }

    private static func view(_ words: [String], _ folder: URL) -> String? {
        let schema = text("Tests/ParcelStoreTests/Fixtures/schema.sql", folder)
        let views = words.joined(separator: " ").matches(of: /\bv_\w+/).map { String($0.output) }
        return views.first { !schema.contains("CREATE VIEW \($0) ") }.map { "there is no view \($0)" }
    }

    private static func address(_ words: [String], _ folder: URL) -> String? {
        let shipped = text("config/parceld.yaml", folder)
        let asked = words.compactMap { $0.firstMatch(of: /^http:\/\/([^\/]+)\/metrics$/)?.1 }
        return asked.contains { shipped.contains($0) } ? nil : "config/parceld.yaml has no such address"
    }
}
