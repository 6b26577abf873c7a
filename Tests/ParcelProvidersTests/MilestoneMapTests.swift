// The tables against the vocabulary that they were written from, in both directions, and the mistakes of a table.

import Foundation
import ParcelCore
@testable import ParcelProviders
import Testing

/// milestones.map.json: what each code of each vocabulary means, with the circumstances that change it.
private struct Vocabularies: Decodable {
    struct Meaning: Decodable {
        var milestone: String?
        var condition: String?

        var text: String {
            let said = [milestone, condition.map { "!" + $0 }].compactMap(\.self).joined(separator: " ")
            return said.isEmpty ? "KEEP" : said
        }
    }

    struct Table: Decodable {
        var exact: [String: Meaning]
        var prefix: [String: Meaning]?
        var fallback: [String: Meaning]?
        var countryOverride: [String: [String: String]]?
        var ifIsReturn: [String: Meaning]?
        var returnCode: [String: Meaning]?
        var cancelSuffix: String?
    }

    var milestones: [String: Int]
    var conditions: [String]
    var terminalConditions: [String]
    var maps: [String: Table]

    static func read() throws -> Vocabularies {
        try JSONDecoder().decode(Vocabularies.self, from: Data(try Fixture.bytes("milestones.map.json")))
    }
}

/// Whose fallback is the beginning of a code; that of the others is a word of its own.
private let fallbackIsPrefix: Set = ["17track.sub_status", "aftership.subtag", "trackingmore.substatus"]

extension Vocabularies.Table {
    /// Every line that our table must have, by the code as it stands there.
    func lines(of name: String) -> [String: String] {
        var lines = exact.mapValues(\.text)
        for (code, meaning) in prefix ?? [:] { lines[code + "*"] = meaning.text }
        for (code, meaning) in fallback ?? [:] {
            lines[fallbackIsPrefix.contains(name) ? code + "*" : code] = meaning.text
        }
        for (country, codes) in countryOverride ?? [:] {
            for (code, milestone) in codes { lines["\(country):\(code)"] = milestone }
        }
        for (code, meaning) in ifIsReturn ?? [:] { lines["return:\(code)"] = meaning.text }
        for (code, meaning) in returnCode ?? [:] { lines["returnCode:\(code)"] = meaning.text }
        if let cancelSuffix { lines["*\(cancelSuffix)"] = "~" }
        return lines
    }
}

@Suite struct MilestoneTableTests {
    private static let files: KeyValuePairs = [
        "17track.sub_status": "seventeentrack.sub_status", "aftership.subtag": "aftership.subtag",
        "cainiao.actionCode": "cainiao.actionCode", "cdek.code": "cdek.code", "easypost.status": "easypost.status",
        "karrio.status": "karrio.status", "kuaidi100.statusCode": "kuaidi100.statusCode", "olts.ulsc": "olts.ulsc",
        "ship24.statusCode": "ship24.statusCode", "trackingmore.substatus": "trackingmore.substatus",
        "upu.emsevt": "upu.emsevt",
    ]

    @Test func `milestones, ranks and conditions are the vocabulary's`() throws {
        let vocabulary = try Vocabularies.read()
        let ranks = Milestone.allCases.map { ($0.rawValue, $0.rank) }
        #expect(Dictionary(uniqueKeysWithValues: ranks) == vocabulary.milestones)
        // "ok" is ours as the absence of a condition.
        #expect(Set(Condition.allCases.map(\.rawValue) + ["ok"]) == Set(vocabulary.conditions))
        let terminal = Condition.allCases.filter(\.isTerminal).map(\.rawValue)
        #expect(Set(terminal) == Set(vocabulary.terminalConditions))
    }

    @Test func `every vocabulary has a table that can be read`() throws {
        let vocabulary = try Vocabularies.read()
        #expect(Set(MilestoneMap.known.keys).isSuperset(of: vocabulary.maps.keys))
        #expect(Set(Self.files.map(\.key)) == Set(vocabulary.maps.keys))
        let folder = Fixture.sources.appendingPathComponent("Milestones")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count == MilestoneMap.known.count)
        for file in files { _ = try MilestoneMap(try String(contentsOf: file, encoding: .utf8)) }
        #expect(MilestoneMap.named("nobody.knows").meaning(of: "1") == .unmapped)
    }

    @Test(arguments: files) func `every code means what the vocabulary says`(_ name: String, _: String) throws {
        let table = try #require(try Vocabularies.read().maps[name])
        let map = MilestoneMap.named(name)
        for (code, said) in table.lines(of: name) where code.first != "*" {
            let parts = code.split(separator: ":").map(String.init)
            let isBound = parts.count == 2 && parts[0] != "returnCode"
            let asked = (isBound ? parts[1] : code).replacing("*", with: "")
            let meaning = map.meaning(of: asked, when: isBound ? parts[0] : nil)
            #expect(meaning == CodeMeaning(text: said) && meaning.isKnown, "\(name) \(code)")
            guard code.hasSuffix("*") else { continue }
            #expect(map.meaning(of: asked + "_never_heard_of") == CodeMeaning(text: said), "\(name) \(code)")
        }
        guard let suffix = table.cancelSuffix else { return }
        for code in table.exact.keys where table.exact[code + suffix] == nil {
            #expect(map.meaning(of: code + suffix) == CodeMeaning(cancels: code), "\(name) \(code)")
        }
    }

    @Test(arguments: files) func `a line that the vocabulary does not have says why`(_ name: String, _ file: String)
        throws
    {
        let table = try #require(try Vocabularies.read().maps[name])
        let expected = table.lines(of: name)
        let url = Fixture.sources.appendingPathComponent("Milestones/\(file).txt")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        // Circumstances of our own are explained once, above the table.
        let heading = try #require(lines.first { $0.first == "#" })
        var seen: Set<String> = []
        for line in lines where line.first != "#" {
            let halves = line.split(separator: "#", maxSplits: 1)
            let words = halves[0].split(separator: " ").map(String.init)
            seen.insert(words[0])
            if let said = expected[words[0]] {
                #expect(words.dropFirst().joined(separator: " ") == said, "\(line)")
            } else {
                let circumstance = words[0].split(separator: ":").dropLast().first
                let isExplained = halves.count == 2 || circumstance.map { heading.contains($0) } == true
                #expect(isExplained, "\(name) does not have \(line)")
            }
        }
        #expect(Set(expected.keys).subtracting(seen).isEmpty)
    }

    @Test(arguments: files) func `a code that nobody described is unknown`(_ name: String, _: String) {
        for code in ["", " ", "never_heard_of", "0000", "é", "*", "return:", String(repeating: "9", count: 1000)] {
            #expect(MilestoneMap.named(name).meaning(of: code) == .unmapped, "\(code)")
            #expect(MilestoneMap.named(name).meaning(of: code, when: "CN") == .unmapped, "\(code)")
        }
    }
}

@Suite struct MilestoneParserTests {
    @Test(arguments: [
        ("A", 1, "\"\" is no milestone"), ("A delivered\nB", 2, "\"\" is no milestone"),
        ("\n\n# x\nA flown", 4, "\"flown\" is no milestone"), ("A Delivered", 1, "\"Delivered\" is no milestone"),
        ("A !ok", 1, "\"!ok\" is no milestone"), ("A !", 1, "\"!\" is no milestone"),
        ("A delivered accepted", 1, "\"delivered accepted\" is no milestone"),
        ("A !lost !damaged", 1, "\"!lost !damaged\" is no milestone"), ("A KEEP accepted", 1, "\"KEEP accepted\""),
        ("A ~B", 1, "\"~B\" is no milestone"), ("A ?", 1, "\"?\" is no milestone"),
        ("A delivered # why\nB accepted\nA delivered", 3, "A stands twice"),
        ("A* delivered\nA* accepted", 2, "A* stands twice"), ("CN:A KEEP\nCN:A KEEP", 2, "CN:A stands twice"),
        ("A*B*C delivered", 1, "A*B*C has more than one *"), ("*D ~\n*E ~", 2, "one line says what takes back"),
        ("* ~", 1, "one line says what takes back"), ("A KEEP\r\nB KEEP\r\nC gone", 3, "\"gone\" is no milestone"),
    ]) func `a mistake is told with its line`(_ text: String, _ line: Int, _ reason: String) {
        let mistake = #expect(throws: MilestoneMap.Mistake.self) { try MilestoneMap(text) }
        #expect(mistake?.line == line && mistake?.reason.contains(reason) == true, "\(String(describing: mistake))")
    }

    @Test func `blanks, remarks and the ends of lines of other systems do not matter`() throws {
        let map = try MilestoneMap("# a\r\n\r\n\t A\t delivered   !damaged # b\r\n  #\nB KEEP")
        #expect(map.meaning(of: "A") == CodeMeaning(.at(.delivered), .damaged))
        #expect(map.meaning(of: "B") == .remark)
        #expect(map.meaning(of: "a") == .unmapped)
    }

    @Test func `the longest pattern counts, and a line of its own before any`() throws {
        let map = try MilestoneMap("A* accepted\nA_*_X !lost\nA_B* delivered\nA_B_X registered\n*D ~\nA_BD !damaged")
        let cases: [(String, CodeMeaning)] = [
            ("A", .init(.at(.accepted))), ("A_X", .init(.at(.accepted))), ("A__X", .init(nil, .lost)),
            ("A_C_X", .init(nil, .lost)), ("A_B", .init(.at(.delivered))), ("A_BC_X", .init(nil, .lost)),
            ("A_B_X", .init(.at(.registered))), ("A_B_XD", .init(cancels: "A_B_X")), ("A_BD", .init(nil, .damaged)),
            ("B", .unmapped), ("BD", .unmapped),
        ]
        for (code, meaning) in cases { #expect(map.meaning(of: code) == meaning, "\(code)") }
    }

    @Test func `a line bound to a circumstance counts only there`() throws {
        let map = try MilestoneMap("A import_customs\nCN:A export_customs\nCN:B delivered")
        #expect(map.meaning(of: "A", when: "CN") == CodeMeaning(.at(.exportCustoms)))
        #expect(map.meaning(of: "A", when: "RU") == CodeMeaning(.at(.importCustoms)))
        #expect(map.meaning(of: "A") == CodeMeaning(.at(.importCustoms)))
        #expect(map.meaning(of: "B") == .unmapped && map.meaning(of: "B", when: "CN").step == .at(.delivered))
    }
}
