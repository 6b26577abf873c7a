import Foundation
@testable import ParcelConfig
import ParcelCore
import Testing
import Yams

struct ShippedConfigTests {
    @Test func `the shipped configuration has no problems and says the defaults`() throws {
        let (config, problems) = read(try shipped("config/parceld.yaml"))
        #expect(problems == [])
        let standard = Config()
        #expect(config.controlSocket == standard.controlSocket)
        #expect(config.zoneinfo == standard.zoneinfo)
        #expect(config.logLevel == standard.logLevel)
        #expect(config.http == standard.http)
        #expect(config.providerDownAfter == standard.providerDownAfter)
        #expect(config.rules == .standard)
        #expect(config.providers.map(\.name) == ["otcommerce", "litemf", "shiptor"])
    }

    @Test func `every example in its comments can be used as it stands`() throws {
        let example = /( *)# ( *(?:- )?(?:[a-z0-9_-]+|"[0-9*]+"|Authorization):(?: .*)?)/
        // The first line is for editors.
        let lines = try shipped("config/parceld.yaml").split(separator: "\n", omittingEmptySubsequences: false)
            .dropFirst()
        let used = lines.map { line in line.wholeMatch(of: example).map { "\($0.1)\($0.2)" } ?? String(line) }
        #expect(zip(lines, used).count { $0 != $1 } > 20)
        let (config, problems) = read(Array(used.joined(separator: "\n").utf8), shippedSchemas)
        #expect(problems == [])
        let names = shippedSchemas.map { $0.isNamed ? "courier" : $0.name }
        #expect(Set(config.providers.map(\.name)) == Set(names) && config.providers.count == names.count)
        #expect(config.http.proxy != nil)
        #expect(config.calendarFiles.count == 2)
        #expect(config.channels.map(\.kind) == ["telegram", "journal", "mail", "webhook", "alertmanager", "exec"])
        #expect(config.rules.contacts.count == ContactRole.allCases.count)
    }

    @Test func `the orchestrator's example has a configuration without problems`() throws {
        let manifest = try shipped("docs/deploy/kubernetes.yaml")
        let map = try #require(try Yams.compose_all(yaml: manifest).first { $0["kind"]?.string == "ConfigMap" })
        let text = try #require(map["data"]?["parceld.yaml"]?.string)
        let (config, problems) = read(Array(text.utf8), shippedSchemas)
        #expect(problems == [])
        #expect(config.metrics?.listen == .loopback(host: "127.0.0.1", port: 9472))
        // All shops have that address: the agent says whose figures they are.
        let agentText = try #require(map["data"]?["agent.yml"]?.string)
        let agent = try #require(try Yams.compose(yaml: agentText))
        let asked = agent["scrape_configs"]?.sequence?.first?["static_configs"]?.sequence?.first
        #expect(asked?["targets"]?.sequence?.first?.string == "127.0.0.1:9472")
        let shop = try #require(asked?["labels"]?["instance"]?.string)
        #expect(map["metadata"]?["name"]?.string == "parceld-\(shop)")
    }

    @Test(arguments: ["ru", "en"])
    func `the demo's configuration has no problems once its places are filled`(language: String) throws {
        var text = try shipped("config/demo/parceld.yaml")
        for (index, name) in ["OTCOMMERCE", "LITEMF", "SHIPTOR", "TELEGRAM"].enumerated() {
            text = text.replacing("@\(name)@", with: "http://127.0.0.1:\(8000 + index)/x")
        }
        text = text.replacing("@STATE@", with: "/tmp/demo: #1").replacing("@LANGUAGE@", with: language)
        #expect(!text.contains(/@[A-Z]+@/))
        let (config, problems) = read(text)
        #expect(problems == [])
        #expect(config.addresses.count == 4 && config.addresses.allSatisfy(isLoopback))
        #expect(config.recipients.map(\.language.rawValue) == [language])
        #expect(config.database == "/tmp/demo: #1/parceld.sqlite")
    }
}

/// Whatever is done to the shipped file, reading ends, with problems whose lines exist and that repeat no secret.
struct MutationTests {
    private static let secret = "hunter2-hunter2"

    /// The shipped file with each secret written into it.
    private func leaky() throws -> String {
        let text = try shipped("config/parceld.yaml").replacing(/\{file: [^}]*\}/, with: Self.secret)
        #expect(text.contains(Self.secret))
        return text
    }

    private func check(_ text: String, whole: Int) {
        let problems = read(text).problems
        #expect(!problems.contains { $0.description.contains(Self.secret) }, "\(problems)")
        #expect(problems.allSatisfy { $0.line.map { (1...whole + 1).contains($0) } ?? true })
        #expect(problems.map { $0.line ?? 0 } == problems.map { $0.line ?? 0 }.sorted())
        #expect(problems.allSatisfy { !$0.description.contains("\n") && $0.description.count < 600 }, "\(problems)")
    }

    @Test func `a file that was cut off`() throws {
        let text = try leaky()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for count in 0..<lines.count { check(lines.prefix(count).joined(separator: "\n"), whole: lines.count) }
        for count in stride(from: 0, to: text.count, by: 97) { check(String(text.prefix(count)), whole: lines.count) }
    }

    static let replacements = [
        "true", "010", "~", "", "[a, b]", "{}", "{a: b}", "\"\"", "\"x\\u0000\"", "'", "*a",
        "&a",
        "|", "\t", "https://", "[[{a: [1]}]]", "99999999999999999999", "@",
    ]

    @Test(arguments: replacements)
    func `a value that was replaced by another type`(value: String) throws {
        let lines = try leaky().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let setting = /( *(?:- )?[a-z_]+:)( .+)?/
        for (index, line) in lines.enumerated() {
            guard let match = line.wholeMatch(of: setting) else { continue }
            var changed = lines
            changed[index] = "\(match.1) \(value)"
            check(changed.joined(separator: "\n"), whole: lines.count)
        }
    }

    @Test func `a value that was replaced by another type is a problem`() throws {
        let lines = try shipped("config/parceld.yaml").split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        // Whatever may be left empty or may be any section is not among these.
        let setting = /( *(?:- )?[a-z_]+:) [^{].*/
        for (index, line) in lines.enumerated() {
            guard let match = line.wholeMatch(of: setting) else { continue }
            for value in ["{a: [b]}", "[{a: b}]"] {
                var changed = lines
                changed[index] = "\(match.1) \(value)"
                let problems = read(changed.joined(separator: "\n")).problems
                #expect(problems.contains { $0.line == index + 1 }, "\(changed[index]): \(problems)")
            }
        }
    }

    @Test func `bytes that were changed, lost or doubled`() throws {
        let bytes = Array(try shipped("config/parceld.yaml").utf8)
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let special = Array(":#-[]{}&*!|>'\"%@`, \t\n\0".utf8) + [0xff, 0xc3]
        for _ in 0..<400 {
            var changed = bytes
            for _ in 0..<(1 + random(4)) {
                let place = random(changed.count)
                switch random(3) {
                case 0: changed[place] = special[random(special.count)]
                case 1: changed.removeSubrange(place..<min(changed.count, place + 1 + random(30)))
                default:
                    changed.insert(contentsOf: changed[place..<min(changed.count, place + 1 + random(60))], at: place)
                }
            }
            let problems = read(changed).problems
            #expect(problems.allSatisfy { !$0.description.contains("\n") })
        }
    }
}
