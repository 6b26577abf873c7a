import Foundation
import ParcelConfig
import ParcelCore
import ParcelProviders
import ParcelService
import Testing

/// A folder of its own that goes with the test.
private final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "parceld-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ content: String) throws {
        let file = url.appending(path: name)
        try Data(content.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }

    func load(_ text: String) throws -> Result<Loaded, LoadFailure> {
        try write("parceld.yaml", text)
        return Result { () throws(LoadFailure) in try ParcelService.load(url.appending(path: "parceld.yaml").path) }
    }
}

private let small = """
    database: mirror.sqlite
    providers:
      shiptor:
        token: {file: token}
    channels:
      chat: {type: journal}
    recipients:
      - {name: manager, zone: Europe/Moscow, hours: "09:00-18:00", channels: [chat]}

    """

struct LoadingTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `the shipped configuration can be used, with a warning for each placeholder`() throws {
        let loaded = try load(Self.repository.appending(path: "config/parceld.yaml").path)
        #expect(loaded.providers.map(\.id) == ["otcommerce", "litemf", "shiptor"])
        #expect(loaded.channels.map(\.name) == ["telegram", "journal"])
        #expect(
            loaded.warnings.map(\.path) == [
                "providers.otcommerce.instance_key", "providers.otcommerce.secret", "providers.otcommerce.password",
                "providers.litemf.api_key", "providers.shiptor.token", "channels.telegram.token",
            ])
        #expect(loaded.warnings.allSatisfy { $0.message.contains("placeholder") && $0.line != nil })
    }

    @Test func `the shipped configuration names every setting of every provider, with its true default`() throws {
        let text = try String(contentsOf: Self.repository.appending(path: "config/parceld.yaml"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        for kind in providerKinds {
            // A section of the user's own has any name.
            let name = kind.schema.isNamed ? "courier" : kind.schema.name
            let start = try #require(lines.firstIndex { $0 == "  \(name):" || $0 == "  # \(name):" })
            let section = lines[(start + 1)...].prefix { $0.hasPrefix("   ") || $0.hasPrefix("  #  ") || $0 == "  #" }
            expectKeys(kind.schema.keys, in: section.map { String($0).replacing("#", with: " ") }, of: name)
        }
        // What it says, and what holds if it says nothing.
        let loaded = try Folder().load(Self.withExamples(text)).get()
        #expect(Set(loaded.config.providers.map(\.kind)) == Set(providerKinds.map(\.schema.name)))
        for (section, stated) in zip(loaded.config.providers, loaded.providers) {
            let kind = try #require(providerKinds.first { $0.schema.name == section.kind })
            // What the user's own is made of has no defaults.
            guard !kind.schema.isNamed else { continue }
            let needed = Set(kind.schema.keys.filter(\.isRequired).map(\.name))
            let silent = try #require(
                kind.make(SettingValues(section.settings.values.filter { needed.contains($0.key) })))
            #expect(silent.manners == stated.manners)
            #expect(silent.lists == stated.lists)
            #expect(silent.zoneName == stated.zoneName)
        }
    }

    /// The shipped file with its sections of providers that are examples in use, for a folder of its own.
    private static func withExamples(_ text: String) -> String {
        let start = text.firstRange(of: "\nproviders:\n")?.upperBound ?? text.endIndex
        let end = text[start...].firstRange(of: "\nstages:\n")?.lowerBound ?? text.endIndex
        let used = text[start..<end].replacing(/(?m)^(  )# ( *(?:[a-z0-9_-]+|"[0-9*]+"|Authorization):(?: .*)?)$/) {
            "\($0.output.1)\($0.output.2)"
        }
        return text.replacingCharacters(in: start..<end, with: used)
            .replacing("secrets.example/", with: repository.appending(path: "config/secrets.example/").path + "/")
    }

    /// Each key stands in the section, one of a nested section deeper than its section's.
    private func expectKeys(_ keys: [SettingKey], in section: [String], of name: String) {
        for key in keys {
            let isSection = if case .section = key.kind { true } else { false }
            let place = section.firstIndex { line in
                let line = line.drop { $0 == " " }
                return isSection ? line == "\(key.name):" : line.hasPrefix("\(key.name):")
            }
            #expect(place != nil, "\(name).\(key.name)")
            guard case .section(let inner) = key.kind, let place else { continue }
            let depth = section[place].prefix { $0 == " " }.count
            let nested = section[(place + 1)...].prefix { line in
                line.prefix { $0 == " " }.count > depth || line.allSatisfy { $0 == " " }
            }
            expectKeys(inner, in: Array(nested), of: "\(name).\(key.name)")
        }
    }

    @Test func `the worked example can be used, and reads the answer that stands beside it`() throws {
        let folder = Self.repository.appending(path: "config/examples")
        let loaded = try load(folder.appending(path: "generic.yaml").path)
        #expect(loaded.warnings.map(\.path) == ["providers.courier.secrets.token"])
        let provider = try #require(loaded.providers.first)
        #expect(provider.id == "courier" && provider.batchSize(of: "track") == 40)
        let number = try #require(TrackNumber("LP1930191011"))
        let ask = try #require(provider.ask(following: FollowedNumber(number, role: .forwarder)))
        let now = Timestamp(seconds: 1_507_600_000)
        var conversation = provider.converse(batch: [ask], Opening(now: now, session: nil))
        guard case .send(let request) = try conversation.next(nil) else {
            Issue.record("it sends nothing")
            return
        }
        #expect(request.body.map { String(decoding: $0, as: UTF8.self) }?.contains("[\"LP1930191011\"]") == true)
        let answer = HTTPResponse(
            status: 200, body: Array(try Data(contentsOf: folder.appending(path: "generic.answer.json"))))
        guard case .done(let report) = try conversation.next(answer) else {
            Issue.record("it asks on")
            return
        }
        #expect(report.rejected.isEmpty && report.snapshots.count == 1)
        #expect(
            report.snapshots.first?.checkpoints?.map(\.meaning?.text) == [
                "accepted", "LEG_TRANSIT", "LEG_TRANSIT", "ready_for_pickup",
            ])
        let examination = try #require(examine(answer, of: provider, asked: [ask], now: now, rows: 9))
        #expect(examination.rows.flatMap(\.findings).allSatisfy { $0.stopped == nil })
    }

    @Test func `relative paths count from the configuration's folder`() throws {
        let folder = try Folder()
        try folder.write("token", "  abc\n")
        let loaded = try folder.load(small + "control_socket: run/c\nhttp: {ca_file: ca.pem}\n").get()
        #expect(loaded.config.database == folder.url.appending(path: "mirror.sqlite").path)
        #expect(loaded.config.controlSocket == folder.url.appending(path: "run/c").path)
        #expect(loaded.config.http.caFile == folder.url.appending(path: "ca.pem").path)
        #expect(loaded.config.providers[0].settings.secret("token") == Secret("abc"))
        #expect(loaded.warnings == [])
    }

    static let named: [(change: [String], line: Int?, part: String)] = [
        (["{file: token}", "{file: missing}"], 4, "missing cannot be read"),
        (["{file: token}", "{file: empty}"], 4, "is empty"),
        (["{file: token}", "{file: two-lines}"], 4, "more than one line"),
        (["{file: token}", "{file: binary}"], 4, "binary cannot be read"),
        (["{file: token}", "{file: .}"], 4, "cannot be read"),
        (["{file: token}", "{credential: token}"], 4, "there are no credentials"),
        (["Europe/Moscow", "Europe/Moskau"], 8, "there is no zone Europe/Moskau"),
        (["Europe/Moscow", "../../etc/passwd"], 8, "there is no zone"),
        (["Europe/Moscow", "Europe"], 8, "there is no zone"),
        (["channels: [chat]", "channels: []"], 8, "has no channel"),
        (["\n\n", "\nstages: {payment: {zone: Nowhere}}\n"], 9, "there is no zone Nowhere"),
        (["\n\n", "\ncalendars: {cn: missing.csv}\n"], 9, "missing.csv cannot be read"),
        (["\n\n", "\ncalendars: {cn: bad.csv}\n"], 9, "2026-02-30"),
    ]

    @Test(arguments: named)
    func `what a configuration names and is not there is told with its line`(change: [String], line: Int?, part: String)
        throws
    {
        let folder = try Folder()
        try folder.write("token", "abc")
        try folder.write("empty", " \n")
        try folder.write("two-lines", "abc\ndef\n")
        try Data([0xff, 0xfe, 0x00]).write(to: folder.url.appending(path: "binary"))
        try folder.write("bad.csv", "# coverage: 2026..2026\ndate,kind,name,source\n2026-02-30,off,x,y\n")
        let text = (small + "\n").replacing(change[0], with: change[1])
        guard case .failure(let failure) = try folder.load(text) else {
            Issue.record("\(change[1]) was accepted")
            return
        }
        #expect(failure.problems.count == 1, "\(failure.problems)")
        #expect(failure.problems[0].line == line, "\(failure.problems)")
        #expect(failure.problems[0].message.contains(part), "\(failure.problems)")
        #expect(!failure.problems[0].message.contains("abc"))
    }

    @Test func `what the file says wrongly and what it names wrongly come together, by line`() throws {
        let text = small.replacing("Europe/Moscow", with: "Mars/Base").replacing("database:", with: "databse:")
        guard case .failure(let failure) = try Folder().load(text) else {
            Issue.record("it was accepted")
            return
        }
        #expect(failure.problems.map(\.line) == [nil, 1, 4, 8])
    }

    @Test func `a channel that nobody uses is a warning`() throws {
        let folder = try Folder()
        try folder.write("token", "abc")
        let text = small.replacing("  chat:", with: "  spare: {type: journal}\n  chat:")
        #expect(
            try folder.load(text).get().warnings.map(\.description) == ["line 6: channels.spare: no recipient uses it"])
    }

    @Test func `what nobody chose to be told of is a warning that says who is`() throws {
        let folder = try Folder()
        try folder.write("token", "abc")
        let text = small.replacing("[chat]}", with: "[chat], only: {kinds: [stall, service]}}")
        #expect(
            try folder.load(text).get().warnings.map(\.description) == [
                "line 8: recipients: some alerts pass nobody's choice and go to the first, manager: contradiction, "
                    + "refund, condition, vanished, signed, two_numbers"
            ])
    }

    @Test func `no file is one problem that says what to do`() {
        do throws(LoadFailure) {
            _ = try load("/nonexistent/parceld.yaml")
            Issue.record("it was read")
        } catch { #expect(error.problems.map(\.message) == ["the file cannot be read; name it with --config FILE"]) }
    }
}
