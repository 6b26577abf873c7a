import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl restore FILE`: puts a backup in the database's place, and keeps what was there.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a backup in the database's place; parceld has to be stopped.",
        discussion: "The old database is kept beside it under a dated name.")

    @Argument(help: "The backup.")
    var file: String

    @Flag(help: "Also if what it holds breaks a promise of parceld's (see verify). A damaged file is never taken.")
    var force = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let (path, config) = try common.databasePath()
        let (reader, now, line) = (try common.reader(config), try common.now(), ProgressLine())
        defer { line.end() }
        let restored = try Store.restore(file, to: path, tolerant: force, at: now) { line.show($0) }
        line.end()
        let contents = restored.verdict.contents
        if common.json {
            print(
                JSONValue.members([
                    "database": .string(path), "restored": .string(file), "kept": .optional(restored.kept),
                    "things": .integer(contents?.things ?? 0), "events": .integer(contents?.events ?? 0),
                    "alerts": .integer(contents?.alerts ?? 0), "openAlerts": .integer(contents?.openAlerts ?? 0),
                ]).text)
            return
        }
        print(reader.say("\(path) восстановлена из \(file)", "\(path) is restored from \(file)"))
        if let contents { print("  " + reader.contents(contents)) }
        if let kept = restored.kept {
            print(reader.say("  прежняя база: \(kept)", "  the old database: \(kept)"))
        }
        print(
            reader.say(
                "Запустите parceld (systemctl start \(common.unit)): он спросит источники заново и расскажет, что изменилось. Сказанное после копии может прозвучать ещё раз.",
                "Start parceld (systemctl start \(common.unit)): it asks the providers again and tells what has changed. What was told since the backup may be told once more."
            ))
    }
}
