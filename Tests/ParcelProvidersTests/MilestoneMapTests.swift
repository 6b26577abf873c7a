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

    /// Russian Post's operations are no vocabulary of the file: they are in its notes (milestones.md 2.3), row by row. `8/5,6`
    /// stands for 8/5 and 8/6, `1..3` for 1, 2 and 3.
    private static let operations: [(codes: String, means: String)] = [
        ("27/* 28/* 20/* 59/*", "registered"), ("1/*", "accepted"), ("abroad:8/0,1,3,4,7,8", "origin_transit"),
        ("10/0 abroad:8/5 29/*", "export_customs"), ("abroad:8/6 abroad:13/*", "export_released"),
        ("31/74,40", "export_released"), ("31/24,48,31 33/1", "departed_origin"),
        ("31/41..43", "international_transit"), ("31/1,14,21,23,59", "arrived_destination_country"),
        ("31/57", "!delayed"), ("31/82", "!returning"), ("9/1,2 8/13 33/2", "arrived_destination_country"),
        ("11/0 40/* 41/* 14/3,7,10,12,24 39/1,2", "import_customs"), ("24/* 14/8,17..21 40/2", "!customs_hold"),
        ("14/6 12/15", "!duty_due"), ("12/19,20 38/*", "!info_required"),
        ("14/1,13,16 39/8 40/1 19/*", "customs_released"),
        ("14/2,4,9,14,22 39/3..6,9 40/3 3/7 5/8", "!returning"),
        ("8/5,6 8/0,1,3,4,7,8,14,17,20,29,37,71 13/* 37/*", "destination_transit"), ("8/2", "ready_for_pickup"),
        ("courier:8/2", "arrived_delivery_office"), ("6/* 8/9,11,39,74,24,25 43/*", "ready_for_pickup"),
        ("8/10,23,27,28,33,35,42,43,55..60", "!storage_expiring"), ("8/40,41 3/1", "!returning"),
        ("8/15,18,68..70", "out_for_delivery"), ("8/22 53/*", "KEEP"), ("12/* 42/* 50/* 51/* 60/*", "!attempt_failed"),
        ("12/6 42/6", "!refused"), ("12/4,10,16 42/4,10,16", "!address_problem"),
        ("12/1,5,21 42/1,5,21", "!recipient_unavailable"), ("12/14 42/14", "!damaged"),
        ("2/1,3,5,6,8,10..15,17..19,21,23,25..27 48/*", "delivered"),
        ("2/2,4,7,9,16,20,22,24,28..31 62/*", "!returned"),
        ("3/*", "!returning"), ("4/*", "KEEP"), ("5/1 18/*", "!lost"), ("5/2 17/*", "!confiscated"),
        ("15/*", "!unclaimed"),
        ("16/*", "!destroyed"), ("26/* 46/*", "!cancelled"), ("7/* 23/*", "!customs_hold"), ("7/1,2", "!unclaimed"),
    ]

    /// Every line that the table must have.
    private static var operationLines: [String] {
        operations.flatMap { row in
            row.codes.split(separator: " ").flatMap { group -> [String] in
                let parts = group.split(separator: "/")
                return parts[1].split(separator: ",").flatMap { attribute -> [String] in
                    let ends = attribute.split(separator: ".").compactMap { Int($0) }
                    let attributes = ends.count == 2 ? (ends[0]...ends[1]).map { "\($0)" } : [String(attribute)]
                    return attributes.map { "\(parts[0])/\($0) \(row.means)" }
                }
            }
        }
    }

    @Test func `Russian Post's operations mean what the notes say, and no others are in the table`() throws {
        let url = Fixture.sources.appendingPathComponent("Milestones/russianpost.operation.txt")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { $0.first != "#" }
            .map { $0.split(separator: " ").joined(separator: " ") }
        #expect(Set(lines).symmetricDifference(Self.operationLines).sorted() == [])
        #expect(lines.count == Self.operationLines.count)
        let map = MilestoneMap.named("russianpost.operation")
        for line in Self.operationLines {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let parts = words[0].split(separator: ":").map(String.init)
            let code = parts[parts.count - 1].replacing("*", with: "987654")
            let meaning = map.meaning(of: code, when: parts.count == 2 ? parts[0] : nil)
            #expect(meaning == CodeMeaning(text: words[1]) && meaning.isKnown, "\(line)")
        }
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
        let patterns = try MilestoneMap("A_* import_customs\nCN:A_* export_customs\nA_B delivered")
        let cases: [(String, String?, Milestone)] = [
            ("A_C", "CN", .exportCustoms), ("A_C", "RU", .importCustoms), ("A_C", nil, .importCustoms),
            ("A_B", "CN", .delivered),
        ]
        for (code, circumstance, milestone) in cases {
            #expect(patterns.meaning(of: code, when: circumstance).step == .at(milestone), "\(code)")
        }
    }

    @Test func `tables in which any code means something else are read otherwise`() throws {
        let texts = [
            "A accepted\nB* KEEP", "A accepted\nB* !lost", "A registered\nB* KEEP", "A accepted\nB KEEP", "A accepted",
            "CN:A accepted\nB* KEEP", "A accepted\nB* KEEP\n*D ~",
        ]
        let signatures = try texts.map { try MilestoneMap($0).signature }
        #expect(Set(signatures).count == texts.count)
        #expect(try MilestoneMap("# why\nB*  KEEP\nA accepted").signature == signatures[0])
        // A user's own statuses are part of that.
        let courier = try generic(genericOne)
        let other = try generic(genericOne, ["statuses": .map(["90": "delivered", "20": "registered"])])
        #expect(readingSignature(of: [courier]) == readingSignature(of: [try generic(genericOne)]))
        #expect(readingSignature(of: [courier]) != readingSignature(of: [other]))
        #expect(readingSignature(of: [courier]) != readingSignature(of: []))
    }
}
