// An endpoint of the user's own: every mistake in it is told with its line, its key and what would be right.

@testable import ParcelConfig
import ParcelCore
import ParcelProviders
import Testing

/// A configuration whose one provider is this section, which begins on line 4.
private func config(_ section: String, more: String = "") -> (config: Config, problems: [Problem]) {
    let lines = section.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    let text = """
        database: mirror.sqlite
        providers:
          courier:
        \(lines.joined(separator: "\n"))
        channels: {chat: {type: journal}}
        recipients: [{name: manager, zone: UTC, hours: "09:00-18:00", channels: chat}]
        \(more)
        """
    return readConfig(
        Array(text.utf8), providers: providerKinds.map(\.schema), channels: channelSchemas,
        calendars: ["cn", "ru", "plain", "six", "daily"])
}

private let one = [
    "type: generic",  // 4
    "url: https://api.example/v1/{number}",
    "ask: one",  // 6
    "row: {status: /status, time: /at}",
    "time: {format: dd.MM.yyyy HH:mm, zone: Asia/Shanghai}",  // 8
    "statuses:",
    "  \"90\": delivered",  // 10
    "headers:",
    "  X-Key: \"{secret:key}\"",  // 12
    "secrets:",
    "  key: {file: key}",  // 14
]

private let batch = [
    "type: generic",  // 4
    "url: https://api.example/v1",
    "ask: batch",  // 6
    "batch_size: 40",
    "body: '{\"numbers\": {numbers}}'",  // 8
    "row: {number: /n, events: /e}",
    "event: {text: /t}",  // 10
]

private let list = [
    "type: generic",  // 4
    "url: https://api.example/v1?page={page}&after=1",
    "ask: list",  // 6
    "row: {number: /n, status: /s}",
    "vocabulary: ship24.statusCode",  // 8
    "answer: {list: /data, next: /next}",
]

/// A section with one line replaced; an empty text takes it out.
private func changed(_ section: [String], _ line: Int, _ text: String) -> String {
    var lines = section
    if lines.indices.contains(line - 4) { lines[line - 4] = text } else { lines.append(text) }
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
}

struct GenericMistake: Sendable, CustomTestStringConvertible {
    let section: [String]
    let line: Int
    let text: String
    let found: (line: Int?, key: String, part: String)
    var testDescription: String { text.isEmpty ? "without line \(line)" : text }

    init(_ section: [String], _ line: Int, _ text: String, _ found: (line: Int?, key: String, part: String)) {
        (self.section, self.line, self.text, self.found) = (section, line, text, found)
    }
}

struct GenericConfigTests {
    @Test(arguments: [one, batch, list]) func `a section without mistakes has no problems`(section: [String]) throws {
        let (config, problems) = config(section.joined(separator: "\n"))
        #expect(problems == [])
        #expect(config.providers.map(\.name) == ["courier"])
        #expect(config.providers.map(\.kind) == ["generic"])
        let kind = try #require(providerKinds.first { $0.schema.name == "generic" })
        var settings = config.providers[0].settings
        for name in config.providers[0].secrets.keys { settings.values[name] = .secret(Secret("SECRET")) }
        let made = try #require(kind.make(settings, as: ProviderID(config.providers[0].name)))
        #expect(made.id == "courier")
    }

    @Test func `what a section says arrives under the names of its keys`() {
        let (config, problems) = config(one.joined(separator: "\n") + "\nformats: [cainiao_lp, yto]\nprefixes: LP")
        #expect(problems == [])
        let section = config.providers[0]
        #expect(section.settings.text("row.status") == "/status")
        #expect(section.settings.text("time.zone") == "Asia/Shanghai")
        #expect(section.settings.map("statuses") == ["90": "delivered"])
        #expect(section.settings.names("formats") == ["cainiao_lp", "yto"])
        #expect(section.settings.names("prefixes") == ["LP"])
        #expect(section.secrets["secrets.key"]?.kind == .file("key"))
        #expect(section.secrets["secrets.key"]?.line == 14)
        #expect(config.zones.contains { $0.name == "Asia/Shanghai" && $0.line == 8 })
        #expect(config.addresses == ["https://api.example/v1/{number}"])
    }

    @Test func `its name can be put into the deciding order, and several have names of their own`() {
        let (config, problems) = config(
            one.joined(separator: "\n").replacing("courier", with: "a"),
            more: "deciding_order: {under_way: [courier, shiptor]}")
        #expect(problems == [])
        #expect(config.rules.deciding.underWay == ["courier", "shiptor"])
        let wrong = GenericConfigTests.problems("deciding_order: {under_way: [curier]}")
        #expect(wrong.map(\.message).allSatisfy { $0.contains("did you mean courier?") } && wrong.count == 1)
    }

    private static func problems(_ more: String) -> [Problem] {
        config(one.joined(separator: "\n"), more: more).problems
    }

    static let names: [(section: String, part: String)] = [
        ("type: generik", "\"generik\" is not one of generic; did you mean generic?"),
        ("url: https://api.example", "unknown key (known: otcommerce"),
        ("type:", "expected one of generic, found nothing"),
    ]

    @Test(arguments: names) func `a name that is none of ours needs a type that is`(section: String, part: String) {
        let problems = config(section).problems
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.message.contains(part) == true, "\(problems)")
    }

    @Test(arguments: ["Courier", "a b", "курьер", String(repeating: "a", count: 41), "-a"])
    func `a provider's name is plain`(name: String) {
        let text = """
            database: mirror.sqlite
            providers: {"\(name)": {type: generic, url: "https://a/{number}", ask: one, row: {events: /e}, event: {text: /t}}}
            channels: {chat: {type: journal}}
            recipients: [{name: manager, zone: UTC, hours: "09:00-18:00", channels: chat}]
            """
        let problems = readConfig(
            Array(text.utf8), providers: providerKinds.map(\.schema), channels: channelSchemas, calendars: ["ru"]
        ).problems
        #expect(problems.map(\.line) == [2], "\(problems)")
        #expect(problems.first?.message.contains("small letters") == true)
    }

    static let requests: [GenericMistake] = [
        .init(
            one, 5, "url: https://api.example/v1/{nubmer}",
            (5, "url", "no placeholder {nubmer}; did you mean {number}?")),
        .init(one, 5, "url: https://api.example/v1/{number", (5, "url", "is not closed")),
        .init(one, 5, "url: https://api.example/v1/{number}}", (5, "url", "closed that was not opened")),
        .init(one, 5, "url: https://{number}.example/v1", (5, "url", "expected a host")),
        .init(one, 5, "url: http://api.example/v1/{number}", (5, "url", "write https://")),
        .init(one, 5, "url: ftp://api.example/v1/{number}", (5, "url", "begins with https:// or http://")),
        .init(one, 5, "url: https://api.example/v1", (6, "ask", "there has to be {number} in url, headers or body")),
        .init(
            one, 5, "url: https://api.example/{number}/{numbers}", (5, "url", "{numbers} has no meaning with ask: one")),
        .init(one, 5, "url: https://api.example/{number}?p={page}", (5, "url", "only a list has pages")),
        .init(
            one, 5, "url: https://api.example/{number}?k={secret:kye}",
            (5, "url", "no secret kye under secrets; did you")),
        .init(one, 5, "", (3, "", "url is missing")),
        .init(one, 6, "", (3, "", "ask is missing")),
        .init(one, 6, "ask: each", (6, "ask", "\"each\" is not one of list, one, batch")),
        .init(one, 12, "  X-Key: \"a\\nb\"", (12, "headers.X-Key", "more than one line")),
        .init(one, 12, "  \"X Key\": a", (12, "headers.X…", "header's name")),
        .init(one, 12, "  \"X-Key\\n\": a", (12, "headers.X-Key…", "header's name")),
        .init(one, 12, "  X-Key: \"{secret:}\"", (12, "headers.X-Key", "no secret  under secrets")),
        .init(one, 12, "  content-length: 7", (12, "headers.content-length", "set by parceld itself")),
        .init(one, 12, "  X-Key: \"{cursor}\"", (12, "headers.X-Key", "cannot stand in a header")),
        .init(one, 14, "  key: hunter2", (14, "secrets.key", "does not belong in this file")),
        .init(one, 15, "method: PUT", (15, "method", "\"PUT\" is not one of GET, POST")),
        .init(one, 15, "method: GET\nbody: a={number}", (16, "body", "a GET has no body")),
        .init(one, 15, "batch_size: 2", (15, "batch_size", "has no meaning with ask: one")),
        .init(one, 15, "every: 1 h", (15, "every", "has no meaning with ask: one")),
        .init(batch, 7, "batch_size: 0", (7, "batch_size", "0 is not between 1 and 1000")),
        .init(batch, 7, "batch_size: 1001", (7, "batch_size", "not between 1 and 1000")),
        .init(batch, 7, "", (3, "", "batch_size is missing")),
        .init(
            batch, 8, "body: '{\"numbers\": [{numbers}}'", (8, "body", "is no JSON once it is filled in (its line 1)")),
        .init(
            batch, 8, "body: '{\"n\": {numbers}, \"p\": {pag}}'",
            (8, "body", "no placeholder {pag}; did you mean {page}?")),
        .init(batch, 8, "body: numbers=A", (6, "ask", "there has to be {numbers}")),
        .init(batch, 8, "body: \"a={numbers}\\nb=1\"", (8, "body", "a form has one line")),
        .init(list, 5, "url: https://api.example/{number}", (5, "url", "{number} has no meaning with ask: list")),
        .init(list, 5, "url: https://api.example/?c={cursor}&p={page}", (5, "url", "two ways to say the same")),
        .init(
            list, 9, "answer: {list: /data}\nfirst_page: 0\nroles: domestic", (11, "roles", "no meaning with ask: list")
        ),
    ]

    static let answers: [GenericMistake] = [
        .init(one, 7, "row: {status: status}", (7, "row.status", "begins with a slash")),
        .init(one, 7, "row: {status: /a~2}", (7, "row.status", "~ is written ~0")),
        .init(
            one, 7, "row: {status: [a]}",
            (7, "row.status", "expected a JSON Pointer such as /data/status, found a list")),
        .init(one, 7, "row: {status: }", (7, "row.status", "found nothing")),
        .init(one, 7, "row: {status: /a, plaec: /b}", (7, "row.plaec", "did you mean place?")),
        .init(one, 7, "row: {text: /a}", (7, "row", "row.status or row.events is missing")),
        .init(one, 7, "row: /status", (7, "row", "expected a section with keys")),
        .init(one, 7, "row: {status: /a, events: /b}", (3, "", "event.status or event.text is missing")),
        .init(one, 7, "row: {status: /a}\nevent: {text: /b}", (7, "row", "row.events is missing")),
        .init(one, 8, "time: {format: dd.MM.yyy HH:mm}", (8, "time.format", "yyy means nothing here")),
        .init(one, 8, "time: {format: HH:mm}", (8, "time.format", "year, month and day")),
        .init(one, 8, "time: {format: dd.MM.yyyy hh:mm}", (8, "time.format", "hh and a (AM or PM) belong together")),
        .init(one, 8, "time: {format: \"yyyy-MM-dd'T\"}", (8, "time.format", "is not closed")),
        .init(one, 8, "time: {format: dd.MM.yyyy mm}", (8, "time.format", "without the larger ones")),
        .init(
            one, 10, "  \"90\": deliverd",
            (10, "statuses.90", "\"deliverd\" is no milestone or condition; did you mean delivered?")),
        .init(one, 10, "  \"90\": lst", (10, "statuses.90", "did you mean lost?")),
        .init(one, 10, "  \"90\": delivered accepted", (10, "statuses.90", "one milestone and one condition at most")),
        .init(one, 10, "  \"90\": \"?\"", (10, "statuses.90", "no milestone or condition")),
        .init(one, 10, "  \"90\": [a]", (10, "statuses.90", "expected a text, found a list")),
        .init(one, 15, "vocabulary: ship24", (15, "vocabulary", "is not one of 17track.sub_status, ")),
        .init(one, 15, "prefixes: [L-P]", (15, "prefixes", "\"L-P\" begins no track number")),
        .init(one, 15, "formats: [cainiao]", (15, "formats[0]", "there is no format \"cainiao\"")),
        .init(one, 15, "roles: [domestc]", (15, "roles[0]", "did you mean domestic?")),
        .init(one, 15, "answer: {not_found_is: \"404\"}", (15, "answer.not_found_is", "answer.success is missing")),
        .init(one, 15, "answer: {next: /next}", (15, "answer.next", "no meaning with ask: one")),
        .init(one, 15, "minimum_interval: 5", (15, "minimum_interval", "has no unit")),
        .init(batch, 9, "row: {events: /e}", (9, "row", "row.number is missing")),
        .init(
            batch, 9, "row: {number: /n, status: /s, events: /e}", (3, "", "statuses is missing: what the codes mean")),
        .init(list, 5, "url: https://api.example/?c={cursor}\nfirst_page: 3", (6, "first_page", "there is no {page}")),
        .init(list, 9, "answer: {list: data}", (9, "answer.list", "begins with a slash")),
    ]

    @Test(arguments: requests + answers) func `a mistake is told with its line`(mistake: GenericMistake) {
        let problems = config(changed(mistake.section, mistake.line, mistake.text)).problems
        #expect(problems.count == 1, "\(problems)")
        guard let problem = problems.first else { return }
        let key = mistake.found.key.isEmpty ? "" : "." + mistake.found.key
        #expect(problem.line == mistake.found.line, "\(problem)")
        #expect(problem.path == "providers.courier\(key)", "\(problem)")
        #expect(problem.message.contains(mistake.found.part), "\(problem)")
        #expect(problem.description.count < 380, "parcelctl shows no more")
    }

    @Test func `all mistakes of a section are told together, and none twice`() {
        let text = one.joined(separator: "\n").replacing("{number}", with: "{nr}").replacing("/status", with: "status")
            .replacing("HH:mm", with: "KK").replacing("delivered", with: "arrived").replacing(
                "{secret:key}", with: "{key}")
        let problems = config(text).problems
        #expect(problems.map(\.line) == [5, 7, 8, 10, 12], "\(problems)")
    }

    @Test func `a secret that stands in the file itself is not repeated`() {
        let text = one.joined(separator: "\n").replacing("{file: key}", with: "hunter2-hunter2")
        #expect(config(text).problems.map(\.line) == [14])
        for line in 0..<one.count {
            let cut = (one.prefix(line) + ["  hunter2-hunter2"]).joined(separator: "\n")
            #expect(!config(cut).problems.contains { $0.description.contains("key: hunter2-hunter2") })
        }
    }

    @Test func `the worked example has no problems`() throws {
        let text = try shipped("config/examples/generic.yaml")
        let (config, problems) = readConfig(
            Array(text.utf8), providers: providerKinds.map(\.schema), channels: channelSchemas,
            calendars: ["cn", "ru", "plain", "six", "daily"])
        #expect(problems == [])
        #expect(config.providers.map(\.name) == ["courier"])
    }
}
