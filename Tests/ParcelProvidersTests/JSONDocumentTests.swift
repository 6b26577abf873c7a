// The JSON reader: what RFC 8259 allows and forbids, as tables; truncation at every byte; and the same reading as
// Foundation's over generated documents.

import Foundation
import ParcelProviders
import Testing

private func read(_ text: String) throws -> JSONNode { try JSONDocument(Array(text.utf8)).root }

private func mistake(_ bytes: [UInt8]) -> JSONMistake? {
    do throws(JSONMistake) {
        _ = try JSONDocument(bytes)
        return nil
    } catch {
        return error
    }
}

/// As Foundation's tree, so that the two can be compared; numbers as they are written.
private func tree(_ node: JSONNode) -> String {
    switch node.kind {
    case .null, .bool, .number: node.scalar ?? "null"
    case .string: String(reflecting: node.string ?? "?")
    case .array: "[" + node.elements.map(tree).joined(separator: ",") + "]"
    case .object:
        "{" + node.members.map { "\(tree($0.name)):\(tree($0.value))" }.sorted().joined(separator: ",") + "}"
    }
}

private func tree(_ value: Any) -> String {
    switch value {
    case is NSNull: "null"
    case let text as String: String(reflecting: text)
    case let array as [Any]: "[" + array.map { tree($0) }.joined(separator: ",") + "]"
    case let object as [String: Any]:
        "{" + object.map { "\(String(reflecting: $0.key)):\(tree($0.value))" }.sorted().joined(separator: ",") + "}"
    case let number as NSNumber:
        isTruthValue(number) ? (number.boolValue ? "true" : "false") : "\(number.int64Value)"
    default: "?"
    }
}

/// A truth value is a number of the type `c` to Foundation; no other number of these documents is.
private func isTruthValue(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

@Suite struct JSONGrammarTests {
    @Test(
        arguments: [
            ("null", "null"), (" \t\r\n true \n", "true"), ("false", "false"), ("0", "0"), ("-0", "-0"),
            ("-12", "-12"), ("1.50", "1.50"), ("1e5", "1e5"), ("1E+05", "1E+05"), ("0.0e-0", "0.0e-0"),
            ("\"\"", "\"\""), ("[]", "[]"), ("[ ]", "[]"), ("{}", "{}"), ("{ }", "{}"), ("[1,[2],{}]", "[1,[2],{}]"),
            ("{\"\":1}", "{\"\":1}"), ("[[],[[]]]", "[[],[[]]]"),
            ("{\"a\" : {\"b\" :[ null ,true]} }", "{\"a\":{\"b\":[null,true]}}"),
            ("\"\u{7F}\"", "\"\\u{7F}\""), ("\u{FEFF}[1]", "[1]"),
        ])
    func `what the grammar allows is read`(_ text: String, _ expected: String) throws {
        #expect(tree(try read(text)) == expected)
    }

    @Test(
        arguments: [
            "", " ", "nul", "nulL", "tru", "True", "NaN", "Infinity", "01", "-", "-a", "+1", ".5", "1.", "1.e2", "1e",
            "1e+", "0x10", "1_000", "--1", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{", "}", "{\"a\"",
            "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "{1:2}", "{\"a\":}", "[1}", "{\"a\":1]", "\"", "\"a", "\"\\", "\"\\\"", "\"\\x\"", "\"\\u12\"",
            "\"\\u12G4\"", "\"\\u 123\"", "\"\n\"", "\"\t\"", "\"\0\"", "'a'", "1 2", "[] []", "null,", "/**/1", "[1]x",
            "\u{A0}1", "[1]\0", "\0",
        ])
    func `what the grammar forbids is refused`(_ text: String) throws {
        let found = try #require(mistake(Array(text.utf8)))
        #expect(found.reason == .syntax || found.reason == .endsEarly)
        #expect((0...text.utf8.count).contains(found.offset))
        #expect((found.reason == .endsEarly) == (found.offset == text.utf8.count))
    }

    @Test(
        arguments: [
            ("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\u{8}\u{C}\n\r\t"), ("\\u0041\\u00e9\\u4E2D", "Aé中"),
            ("\\ud83d\\uDE00", "😀"), ("a\\uD83D\\uDE00b", "a😀b"), ("\\u0000", "\0"),
            ("\u{10FFFF}\\uDBFF\\uDFFF", "\u{10FFFF}\u{10FFFF}"),
            ("\\ud83d", "\u{FFFD}"), ("\\ud83dx", "\u{FFFD}x"), ("\\uDE00\\ud83d", "\u{FFFD}\u{FFFD}"),
            ("\\ud83d\\n", "\u{FFFD}\n"), ("\\ud83d\\u0041", "\u{FFFD}A"), ("\\ud83d\\ud83d\\ude00", "\u{FFFD}😀"),
            ("Заказ 中 😀 é", "Заказ 中 😀 é"), ("12345678\\n12345678", "12345678\n12345678"),
        ])
    func `escapes and characters of every length`(_ written: String, _ meant: String) throws {
        #expect(try read("\"\(written)\"").string == meant)
        #expect(try read("{\"\(written)\":1}")[meant]?.integer == 1)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xC3, 0x28], [0xE2, 0x82, 0x28], [0xF0, 0x9F, 0x98, 0x28],
            [0xE2, 0x28, 0xA1],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused where they stand`(_ bad: [UInt8]) {
        // At each place within the eight bytes that are looked at together.
        for before in 0..<10 {
            let text = [UInt8(ascii: "\"")] + [UInt8](repeating: UInt8(ascii: "a"), count: before) + bad
            let found = mistake(text + Array("bcdefghij\"".utf8))
            #expect(found == JSONMistake(.notUTF8, at: before + 1), "\(bad) after \(before)")
        }
        #expect(mistake(Array("[1] ".utf8) + bad) != nil)
    }

    @Test func `every control must be escaped, wherever it stands`() {
        for control in UInt8(0)..<32 {
            for before in 0..<10 {
                let text = [UInt8(ascii: "\"")] + [UInt8](repeating: 0x7E, count: before) + [control]
                #expect(mistake(text + Array("bcdefghij\"".utf8)) == JSONMistake(.syntax, at: before + 1))
            }
        }
    }

    @Test func `what a member holds is read as from its node, and of two of one name the first counts`() throws {
        let root = try read(
            #"{"a":null,"\u0062":"x\n","c":-1.50,"d":true,"e":[],"f":{"a":"inner"},"g":"","c":"again","cc":"longer"}"#)
        func held(_ name: String) -> String {
            switch root.held(name) {
            case .nothing: "nothing"
            case .text(let text): "text \(text)"
            case .container: "container"
            }
        }
        let expected = [
            "a": "nothing", "b": "text x\n", "c": "text -1.50", "d": "text true", "e": "container", "f": "container",
            "g": "text ", "cc": "text longer", "h": "nothing", "": "nothing",
        ]
        for (name, what) in expected { #expect(held(name) == what, "\(name)") }
        for text in ["[\"a\"]", "\"a\"", "1", "{}", "null"] {
            guard case .nothing = try read(text).held("a") else {
                Issue.record("\(text) holds no member")
                continue
            }
        }
    }

    @Test func `depth is limited, breadth is not`() throws {
        func nested(_ open: String, _ close: String, _ count: Int) -> [UInt8] {
            Array((String(repeating: open, count: count) + "1" + String(repeating: close, count: count)).utf8)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let each = open.hasPrefix("[{") ? 256 : 512
            #expect(mistake(nested(open, close, each)) == nil)
            #expect(mistake(nested(open, close, each + 1))?.reason == .tooDeep)
            #expect(mistake(nested(open, close, 100_000))?.reason == .tooDeep)
            #expect(mistake(Array(String(repeating: open, count: 100_000).utf8))?.reason == .tooDeep)
        }
        let wide = "[" + Array(repeating: "[]", count: 100_000).joined(separator: ",") + "]"
        #expect(try read(wide).elements.reduce(0) { count, _ in count + 1 } == 100_000)
    }

    @Test func `a text that is cut at any byte ends early`() throws {
        let whole = Array(
            "{\"a\":[1,-2.5e3,\"Заказ \\u0041\\n中😀\",true,false,null,{}],\"b\\\"\":{\"c\":\"\"},\"d\":[]}".utf8)
        #expect(mistake(whole) == nil)
        for length in 0..<whole.count {
            #expect(mistake(Array(whole[..<length])) == JSONMistake(.endsEarly, at: length), "\(length)")
        }
    }

    @Test func `the vendors' answers are read as Foundation reads them, and not when cut short`() throws {
        let names = [
            "shiptor/getPackages.json", "litemf/getOutgoingPackage.json", "otcommerce/SearchOrders.json",
        ]
        for name in names {
            let bytes = try Fixture.bytes(name)
            let end = try #require(bytes.lastIndex { $0 > 32 })
            let own = try JSONDocument(bytes).root
            #expect(strings(own) == strings(try Fixture.json(name)), "\(name)")
            for length in 0..<end { #expect(mistake(Array(bytes[..<length]))?.reason == .endsEarly) }
        }
    }

    /// Every name and every string, in any order.
    private func strings(_ node: JSONNode) -> [String] {
        (node.string.map { [$0] } ?? []).sorted() + node.elements.flatMap(strings)
            + node.members.sorted { ($0.name.string ?? "") < ($1.name.string ?? "") }
            .flatMap { [$0.name.string ?? ""] + strings($0.value) }
    }

    private func strings(_ value: Any) -> [String] {
        switch value {
        case let text as String: [text]
        case let array as [Any]: array.flatMap { strings($0) }
        case let object as [String: Any]: object.sorted { $0.key < $1.key }.flatMap { [$0.key] + strings($0.value) }
        default: []
        }
    }
}

@Suite struct JSONNodeTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-18019902", -18_019_902), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
            ("99999999999999999999999", nil), ("1.0", nil), ("1e2", nil), ("\"7\"", nil), ("true", nil), ("null", nil),
            ("[7]", nil),
        ] as [(String, Int64?)])
    func `whole numbers are exact or nothing`(_ text: String, _ value: Int64?) throws {
        #expect(try read(text).integer == value)
    }

    @Test func `a scalar is text whatever form it has`() throws {
        let texts = try read("[\"a\\n\", 12.50, -0, true, false, null, [], {}]").elements.map(\.scalar)
        #expect(texts == ["a\n", "12.50", "-0", "true", "false", nil, nil, nil])
        let flags = try read("[true, false, 1, \"true\", null]").elements.map(\.bool)
        #expect(flags == [true, false, nil, nil, nil])
    }

    @Test func `members are found by name, the first of several`() throws {
        let node = try read("{\"a\":1,\"ab\":[2,{\"a\":9}],\"\\u0063\":3,\"a\":4,\"\":5,\"Имя\":6,\"b/~\":7}")
        #expect(node["a"]?.integer == 1 && node["c"]?.integer == 3 && node[""]?.integer == 5)
        #expect(node["Имя"]?.integer == 6 && node["b/~"]?.integer == 7)
        #expect(node["ab"]?.kind == .array && node["b"] == nil && node["abc"] == nil && node["A"] == nil)
        #expect(node.members.compactMap(\.name.string) == ["a", "ab", "c", "a", "", "Имя", "b/~"])
        #expect(node["ab"]?["a"] == nil && node["a"]?["a"] == nil)
        let none = try read("[1]")
        #expect(none.members.map(\.name.string).isEmpty && node.elements.map(\.kind).isEmpty)
    }

    @Test func `a string is compared without being made`() throws {
        let node = try read("[\"Success\", \"Su\\u0063cess\", \"Succes\", 1, null]")
        #expect(node.elements.map { $0.isString("Success") } == [true, true, false, false, false])
    }

    @Test func `every place has a path`() throws {
        let root = try read("{\"data\":{\"accepted\":[1,{\"track_info\":{\"time\":null}}]},\"list\":[[],[[7]]]}")
        let row = try #require(root["data"]?["accepted"]?.elements.dropFirst().first { _ in true })
        let time = try #require(row["track_info"]?["time"])
        #expect(root.path() == "" && row.path() == "data.accepted[1]")
        #expect(time.path() == "data.accepted[1].track_info.time" && time.path(from: row) == "track_info.time")
        var deep = try #require(root["list"])
        var paths: [String] = []
        while let last = deep.elements.map(\.self).last {
            paths.append(last.path())
            deep = last
        }
        #expect(paths == ["list[1]", "list[1][0]", "list[1][0][0]"])
    }
}

@Suite struct GeneratedJSONTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) ^ (state << 31)
        }
    }

    private func value(_ dice: inout Dice, _ depth: Int) -> Any {
        switch Int.random(in: 0..<(depth > 5 ? 5 : 8), using: &dice) {
        case 0: return NSNull()
        case 1: return Bool.random(using: &dice)
        case 2: return Int64.random(in: .min ... .max, using: &dice)
        case 3: return Int.random(in: -1000...1000, using: &dice)
        case 4: return text(&dice)
        case 5, 6:
            return (0..<Int.random(in: 0..<6, using: &dice)).map { _ in value(&dice, depth + 1) }
        default:
            var object: [String: Any] = [:]
            for _ in 0..<Int.random(in: 0..<6, using: &dice) { object[text(&dice)] = value(&dice, depth + 1) }
            return object
        }
    }

    private func text(_ dice: inout Dice) -> String {
        let pieces = ["a", "Z", "\"", "\\", "/", "\n", "\0", "é", "Ж", "中", "😀", "\u{FFFF}", "longer text ", "~1"]
        return (0..<Int.random(in: 0..<12, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
    }

    @Test func `documents by chance are read as Foundation writes them`() throws {
        var dice = Dice(state: 17)
        for round in 0..<2000 {
            let tree = [value(&dice, 0)]
            let options: JSONSerialization.WritingOptions = round.isMultiple(of: 2) ? [] : [.prettyPrinted]
            let bytes = Array(try JSONSerialization.data(withJSONObject: tree, options: options))
            #expect(
                ParcelProvidersTests.tree(try JSONDocument(bytes).root) == ParcelProvidersTests.tree(tree), "\(round)")
        }
    }

    @Test func `documents spoilt by chance are refused exactly where Foundation refuses them`() throws {
        var dice = Dice(state: 2026)
        var refused = 0
        for round in 0..<3000 {
            var bytes = Array(try JSONSerialization.data(withJSONObject: [value(&dice, 2)]))
            let place = Int.random(in: 0..<bytes.count, using: &dice)
            bytes[place] = Array("\"\\{}[],:0x-. \n\u{1}".utf8).randomElement(using: &dice) ?? 0
            let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
            let ours = mistake(bytes)
            refused += ours == nil ? 0 : 1
            let text = String(decoding: bytes, as: UTF8.self)
            // Foundation overlooks a comma before the end of a container; RFC 8259 does not.
            let hasStrayComma = text.contains(",]") || text.contains(",}")
            #expect((ours == nil) == (theirs != nil) || (ours != nil && hasStrayComma), "\(round): \(text)")
        }
        #expect(refused > 500)
    }
}
