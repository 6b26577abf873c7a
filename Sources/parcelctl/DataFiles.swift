// What the commands about the database's file share: which file it is, how sizes and progress are shown.

import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

extension CommonOptions {
    /// The database's path, whether or not it is there or can be used.
    func databasePath() throws -> (path: String, config: Config?) {
        let read = try readConfiguration()
        guard let path = database ?? read?.database else {
            throw Trouble.usage("say which database: --config FILE or --database FILE")
        }
        return (path, read)
    }
}

extension Reader {
    /// `12.3 MB`, in units of 1000.
    func bytes(_ count: Int) -> String {
        let units = [say("Б", "B"), say("КБ", "kB"), say("МБ", "MB"), say("ГБ", "GB")]
        var (tenths, unit) = (count * 10, 0)
        while tenths >= 10_000, unit < units.count - 1 { (tenths, unit) = (tenths / 1000, unit + 1) }
        let shown = unit == 0 || tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10)\(say(",", "."))\(tenths % 10)"
        return shown + " " + units[unit]
    }

    /// What a copy holds, in one line.
    func contents(_ contents: Contents) -> String {
        say(
            "объектов \(contents.things), событий \(contents.events), тревог \(contents.alerts), из них открыто \(contents.openAlerts)",
            "\(contents.things) things, \(contents.events) events, \(contents.alerts) alerts, \(contents.openAlerts) of them open"
        )
    }

    func seconds(since start: DispatchTime) -> String {
        let tenths = (DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 100_000_000
        return "\(tenths / 10)\(say(",", "."))\(tenths % 10) " + say("с", "s")
    }
}

/// How far long work is, on a terminal and nowhere else.
final class ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var shown = -1

    func show(_ part: Double) {
        let percent = Int(part * 100)
        guard isShown, percent != shown else { return }
        shown = percent
        FileHandle.standardError.write(Data("\r\(percent) % ".utf8))
    }

    func end() {
        if shown >= 0 { FileHandle.standardError.write(Data("\r      \r".utf8)) }
        shown = -1
    }
}
