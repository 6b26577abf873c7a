// Files that are laid over the main one: what they join, replace and take away, and that each mistake names its file.

@testable import ParcelConfig
import ParcelCore
import Testing

struct LayerTests {
    /// The small configuration with files over it, called a, b, c.
    private func laid(_ files: [String], over main: String = small.joined(separator: "\n")) -> (Config, [Problem]) {
        let names = ["a", "b", "c"]
        return read(
            [ConfigFile(nil, Array(main.utf8))] + zip(names, files).map { ConfigFile($0, Array($1.utf8)) })
    }

    @Test func `sections are joined key by key, lists and single values are replaced, the last file wins`() {
        let (config, problems) = laid([
            "providers: {shiptor: {every: 20 min}, litemf: {api_key: {file: key}}}\nlog_level: debug\n",
            "providers: {shiptor: {token: {credential: token}, every: 30 min}}\n"
                + "recipients: [{name: boss, zone: Europe/Moscow, hours: \"10:00-11:00\", channels: chat}]\n",
        ])
        #expect(problems == [])
        #expect(config.providers.map(\.name) == ["litemf", "shiptor"])
        #expect(config.providers[1].settings.duration("every") == .minutes(30))
        #expect(config.providers[1].secrets["token"]?.kind == .credential("token"))
        #expect(config.providers[0].secrets["api_key"]?.kind == .file("key"))
        #expect(config.recipients.map(\.name) == ["boss"])
        #expect(config.logLevel == "debug" && config.database == "mirror.sqlite")
        #expect(config.files == ["a", "b"])
        #expect(config.problem("providers.litemf.api_key", "").file == "a")
        #expect(config.problem("providers.shiptor.every", "").line == 1)
        #expect(config.problem("channels.chat.none", "") == Problem(line: 6, path: "channels.chat.none", message: ""))
    }

    @Test func `a written null takes away, an empty section changes nothing, and what was taken can be given anew`() {
        let main = small(13, "http: {timeout: 5 s, proxy: \"http://proxy.example\"}")
        #expect(laid(["http: ~"], over: main).0.http == HTTPOptions())
        #expect(laid(["http: {proxy: null}"], over: main).0.http.proxy == nil)
        #expect(laid(["http: {proxy: null}"], over: main).0.http.timeout == .seconds(5))
        #expect(laid(["http:"], over: main).0.http.timeout == .seconds(5))
        let (config, problems) = laid(["http: ~", "", "# nothing\n"], over: main)
        #expect(problems == [] && config.http == HTTPOptions())
        #expect(
            laid(["http: ~", "http: {timeout: 7 s}"], over: main).0.http
                == {
                    var http = HTTPOptions()
                    http.timeout = .seconds(7)
                    return http
                }())
    }

    static let mistakes: [(files: [String], told: [String])] = [
        (["log_levle: debug"], ["a: line 1: log_levle: unknown key; did you mean log_level?"]),
        (["\nproviders:\n  shiptor: {evry: 5 min}"], ["a: line 3: providers.shiptor.evry: unknown key"]),
        (
            ["log_level: info", "\n\nproviders: {shiptor: {every: 5}}"],
            ["b: line 3: providers.shiptor.every: 5 has no"]
        ),
        (["database: ~"], ["database is missing"]),
        (["routes: ~"], ["a: line 1: routes: there is nothing to take away"]),
        (["recipients: [{name: x}]"], ["a: line 1: recipients[0]: zone is missing", "hours", "channels"]),
        (["- a\n- b"], ["a: expected a section with keys, found a list"]),
        (["log_level: [", "log_level: {}"], ["a: line 2: not YAML"]),
        (["log_level: debug\nlog_level: info"], ["a: line 1: given twice"]),
        (["providers: {shiptor: {token: plain-secret}}"], ["a: line 1: providers.shiptor.token: a secret does not"]),
        (["stages: {payment: {warning_working_days: 9}}"], ["a: line 1: stages.payment.warning_working_days: the"]),
        (["providers: [shiptor]"], ["a: line 1: providers: expected a section with keys, found a list"]),
        (
            ["providers: {x: {type: generic, url: \"https://x.example\", ask: one}}", "channels: {y: {type: smoke}}"],
            ["a: line 1: providers.x: ", "b: line 1: channels.y.type: \"smoke\" is not one of"]
        ),
    ]

    @Test(arguments: mistakes)
    func `each mistake names its file and line, as the files stand`(files: [String], told: [String]) {
        let names = ["a", "b", "c"]
        let (_, problems) = read(
            [ConfigFile(nil, Array(small.joined(separator: "\n").utf8))]
                + zip(names, files).map { ConfigFile($0, Array($1.utf8)) }, shippedSchemas)
        #expect(problems.count >= told.count)
        for (problem, part) in zip(problems, told) {
            #expect("\(problem)".contains(part), "\(problems)")
            #expect(!"\(problem)".contains("plain-secret"))
        }
        #expect(problems.map { $0.placed(in: "main.yaml") }.allSatisfy { !$0.hasPrefix("line") })
    }

    @Test func `the shipped file over itself is itself, and so it is as a file for each section`() throws {
        let text = try shipped("config/parceld.yaml")
        let lines = text.split(separator: "\n").filter { !$0.contains(/^ *#/) }
        var sections: [String] = []
        for line in lines {
            if line.first?.isLetter == true { sections.append("") }
            sections[sections.count - 1] += line + "\n"
        }
        #expect(sections.count > 10)
        let (whole, _) = read(text)
        let files = sections.enumerated().map {
            ConfigFile($0.offset == 0 ? nil : "\($0.offset)", Array($0.element.utf8))
        }
        for layers in [[ConfigFile(nil, Array(text.utf8)), ConfigFile("a", Array(text.utf8))], files] {
            let (config, problems) = read(layers)
            #expect(problems == [])
            #expect(config.providers.map(\.settings.values) == whole.providers.map(\.settings.values))
            #expect(config.channels.map(\.settings.values) == whole.channels.map(\.settings.values))
            #expect(config.recipients.map(\.name) == whole.recipients.map(\.name))
            #expect(config.rules == whole.rules && config.http == whole.http && config.cadence == whole.cadence)
        }
    }

    @Test func `the main file may leave to others what is required`() {
        let main = small.prefix(7).joined(separator: "\n")
        #expect(laid([], over: main).1.map(\.message) == ["recipients is missing"])
        #expect(laid([small.suffix(5).joined(separator: "\n")], over: main).1 == [])
        #expect(laid(["log_level: info"], over: "").1.map(\.message) == ["the file is empty"])
    }
}
