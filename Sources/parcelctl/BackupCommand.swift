import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl backup FILE`, `parcelctl backup --directory DIR --keep N`: a verified copy while the daemon works.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the database while parceld works, and verifies the copy.",
        discussion: "Exit status: 0, or 1 if the copy is faithful and what it holds breaks a promise; see verify.")

    @Argument(help: "The new file; it appears once it is whole and verified.")
    var file: String?

    @Option(
        help: ArgumentHelp("Write a dated file there, such as parceld-2026-11-25T183000Z.sqlite.", valueName: "dir"))
    var directory: String?

    @Option(help: ArgumentHelp("With --directory: keep so many of them, the newest.", valueName: "n"))
    var keep: Int?

    @Flag(help: "Replace the file if there is one.")
    var force = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (file == nil) != (directory == nil) else {
            throw ValidationError("name a FILE or a --directory, and not both")
        }
        if let keep, directory == nil || keep < 1 {
            throw ValidationError("--keep goes with --directory and is at least 1")
        }
        if force, directory != nil { throw ValidationError("--force goes with a FILE") }
    }

    func run() throws {
        // Copying and verifying yield to everything else on the machine.
        _ = nice(10)
        let (mirror, start, line) = (try common.open(), DispatchTime.now(), ProgressLine())
        defer { line.end() }
        let copied: Copied
        do throws(StoreError) {
            if let file {
                copied = try mirror.store.backup(to: file, replacing: force) { line.show($0) }
            } else {
                copied = try mirror.store.backup(into: directory ?? "", keep: keep ?? .max, at: mirror.now) {
                    line.show($0)
                }
            }
        } catch {
            guard case .exists(let path) = error else { throw error }
            throw Trouble(
                description: "\(path) is there already; name another file, or replace it with --force", status: 73)
        }
        line.end()
        print(common.json ? json(copied, start) : text(copied, mirror.reader, start))
        if !copied.verdict.isSound { throw ExitCode(1) }
    }

    private func text(_ copied: Copied, _ reader: Reader, _ start: DispatchTime) -> String {
        var lines = [
            "\(copied.path): \(reader.bytes(copied.bytes)), " + reader.seconds(since: start)
                + reader.say(", проверено", ", verified")
        ]
        if let contents = copied.verdict.contents { lines.append("  " + reader.contents(contents)) }
        lines += copied.removed.map { reader.say("  удалена старая: \($0)", "  removed an older one: \($0)") }
        if !copied.verdict.isSound {
            lines.append(
                reader.say(
                    "  Копия верна, но в данных есть нарушения: parcelctl verify \(copied.path)",
                    "  The copy is faithful, but something in the data is wrong: parcelctl verify \(copied.path)"))
        }
        return lines.joined(separator: "\n")
    }

    private func json(_ copied: Copied, _ start: DispatchTime) -> String {
        let contents = copied.verdict.contents
        let took = (DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1_000_000
        return JSONValue.members([
            "file": .string(copied.path), "bytes": .integer(copied.bytes), "things": .integer(contents?.things ?? 0),
            "events": .integer(contents?.events ?? 0), "alerts": .integer(contents?.alerts ?? 0),
            "openAlerts": .integer(contents?.openAlerts ?? 0), "milliseconds": .integer(Int(took)),
            "sound": .bool(copied.verdict.isSound), "removed": .array(copied.removed.map { .string($0) }),
        ]).text
    }
}
