import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl export [things|events|alerts] --format csv|json`: the mirror's rows for other programs.
struct ExportCommand: ParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable { case csv, json }

    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "All things, events or alerts as CSV or JSON; no personal data.",
        discussion: """
            CSV has one line of column names and times as 2026-11-25T18:30:00Z. JSON has the same names; times also as
            milliseconds since 1970, under the name with _at. Without a subject JSON has all three.
            """)

    @Argument(help: "things, events or alerts.")
    var subject: ExportSubject?

    @Option(help: "csv or json.")
    var format = Form.csv

    @Option(help: ArgumentHelp("Write there, whole or not at all; else to standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if format == .csv, subject == nil { throw ValidationError("name what: things, events or alerts") }
    }

    func run() throws {
        let mirror = try common.open()
        let subjects = subject.map { [$0] } ?? ExportSubject.allCases
        let sink = try ExportSink(output)
        do {
            switch format {
            case .csv: try writeCSV(subjects[0], mirror.store, sink)
            case .json: try writeJSON(subjects, mirror.store, sink)
            }
            try sink.finish()
        } catch {
            sink.discard()
            throw error
        }
    }

    private func writeCSV(_ subject: ExportSubject, _ store: Store, _ sink: ExportSink) throws {
        try sink.write(subject.columns.joined(separator: ",") + "\r\n")
        try store.export([subject]) { _, values in
            try sink.write(values.map(csv).joined(separator: ",") + "\r\n")
        }
    }

    private func csv(_ value: ExportValue) -> String {
        switch value {
        case .none: ""
        case .integer(let number): "\(number)"
        case .flag(let flag): flag ? "1" : "0"
        case .instant(let instant): instant.iso8601
        case .text(let text): csvField(text)
        }
    }

    /// One object a line: large files can be read line by line too.
    private func writeJSON(_ subjects: [ExportSubject], _ store: Store, _ sink: ExportSink) throws {
        let columns = Dictionary(uniqueKeysWithValues: subjects.map { ($0, $0.columns) })
        let isWhole = subjects.count > 1
        var (begun, isFirst): (ExportSubject?, Bool) = (nil, true)
        func begin(_ subject: ExportSubject) throws {
            let name = isWhole ? "\"\(subject.rawValue)\":[" : "["
            try sink.write(begun == nil ? (isWhole ? "{" : "") + name : "\n],\n" + name)
            (begun, isFirst) = (subject, true)
        }
        func begin(through subject: ExportSubject?) throws {
            let last = subject.flatMap { subjects.firstIndex(of: $0) } ?? subjects.count - 1
            let next = begun.flatMap { subjects.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
            for index in subjects.indices where index >= next && index <= last { try begin(subjects[index]) }
        }
        try store.export(subjects) { subject, values in
            if begun != subject { try begin(through: subject) }
            try sink.write((isFirst ? "\n" : ",\n") + object(columns[subject] ?? [], values).text)
            isFirst = false
        }
        try begin(through: nil)
        try sink.write(isWhole ? "\n]}\n" : "\n]\n")
    }

    private func object(_ names: [String], _ values: [ExportValue]) -> JSONValue {
        var members: [JSONValue.Member] = []
        for (name, value) in zip(names, values) {
            switch value {
            case .none: members.append(.init(name: name, value: .null))
            case .integer(let number): members.append(.init(name: name, value: .integer(number)))
            case .flag(let flag): members.append(.init(name: name, value: .bool(flag)))
            case .text(let text): members.append(.init(name: name, value: .string(text)))
            case .instant(let instant):
                members.append(.init(name: name, value: .instant(instant)))
                members.append(.init(name: name + "_at", value: .integer(instant.milliseconds)))
            }
        }
        return .object(members)
    }
}

extension ExportSubject: ExpressibleByArgument {}

/// Standard output, or a file that has its name once it is whole. A fixed amount of it is in memory.
private final class ExportSink {
    private let target: String?
    private let draft: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ target: String?) throws {
        self.target = target
        draft = (target ?? "") + ".partial-\(getpid())"
        guard target != nil else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw trouble() }
    }

    func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 16 { try flush() }
    }

    func finish() throws {
        try flush()
        guard let target else { return }
        guard fsync(descriptor) == 0, rename(draft, target) == 0 else { throw trouble() }
        close(descriptor)
    }

    func discard() { if target != nil { unlink(draft) } }

    private func flush() throws {
        var sent = 0
        while sent < buffer.count {
            let count = buffer.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: sent), buffer.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw trouble() }
            sent += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func trouble() -> Trouble {
        let reason = String(cString: strerror(errno))
        return Trouble(description: "\(target ?? "standard output") cannot be written: \(reason)", status: 74)
    }
}
