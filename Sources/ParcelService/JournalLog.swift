// Log lines for the journal. A line is a constant message and named values; nothing in them is a secret, because secrets
// print as `<secret>`, and every value is made harmless here. Values are fields of the entry too: `thing` is PARCELD_THING.
// docs/journal.md lists them.

package import Logging
import ParcelChannels
package import ParcelCore

/// How much is told; a reload may change it while loggers are in use.
package final class LogLevel: Sendable {
    private let level: Locked<Logger.Level>

    /// - Parameter name: As in the configuration.
    package init(_ name: String) { level = Locked(LogLevel.level(name)) }

    package func set(_ name: String) { level.withLock { $0 = LogLevel.level(name) } }

    fileprivate var value: Logger.Level { level.withLock { $0 } }

    private static func level(_ name: String) -> Logger.Level {
        switch name {
        case "error": .error
        case "notice": .notice
        case "debug": .debug
        default: .info
        }
    }
}

/// One line.
struct JournalEntry: Sendable, Hashable {
    var level: Logger.Level
    var message: String
    var values: [String: String]

    /// As people read it.
    var text: String {
        values.sorted { $0.key < $1.key }.reduce(message) { $0 + " \($1.key)=\($1.value)" }
    }

    /// Of syslog(3).
    var priority: Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

package struct JournalLog: LogHandler {
    /// The source of lines of which none is a repetition: what an alert tells or does, and what a person asked for.
    static let onceEach = "once each"

    package var metadata: Logger.Metadata = [:]
    package let level: LogLevel
    private var ownLevel: Logger.Level?
    private let output: JournalOutput
    private let repeats: Repeats
    private let now: @Sendable () -> Timestamp

    /// - Parameter now: By which repetitions are counted.
    package init(_ output: JournalOutput, level: LogLevel, now: @escaping @Sendable () -> Timestamp) {
        self.output = output
        self.level = level
        self.now = now
        repeats = Repeats()
    }

    package var logLevel: Logger.Level {
        get { ownLevel ?? level.value }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 })
        let entry = JournalEntry(
            level: event.level, message: harmless(event.message.description, limit: 8000),
            values: values.mapValues { harmless("\($0)", limit: 1000) })
        // Whoever asks for each request wants each.
        guard event.level > .debug, event.source != JournalLog.onceEach else { return output.write(entry) }
        for line in repeats.lines(for: entry, at: now()) { output.write(line) }
    }

    /// Counts of repetitions whose time is over.
    package func tellRepeats() { repeats.ended(by: now()).forEach(output.write) }

    /// Those of the others too, before the end.
    package func tellAllRepeats() { repeats.ended(by: nil).forEach(output.write) }
}
