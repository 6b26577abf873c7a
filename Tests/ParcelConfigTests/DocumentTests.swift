@testable import ParcelConfig
import Testing

struct DocumentTests {
    static let documents: [(text: String, line: Int?, part: String)] = [
        ("", nil, "the file is empty"),
        ("\n\n# only a comment\n", nil, "the file is empty"),
        ("---\n", nil, "the file is empty"),
        ("database: x\n\tproviders: y\n", 2, "indent with spaces, not tabs"),
        ("database: x\nproviders: @here\n", 2, "put the value in quotes"),
        ("database: x\nlog_level: a: b\n", 2, "put a value that has a colon in quotes"),
        ("database: x\nproviders\nchannels: y\n", 3, "followed by a colon"),
        ("database: x\n providers: y\n", 2, "not YAML"),
        ("database: \"x\n", 2, "not YAML"),
        ("database: [x\n", 2, "not YAML"),
        ("database: *nowhere\n", 1, "undefined alias"),
        ("database: &a [*a]\n", 1, "undefined alias"),
        ("database: x\nlog_level: info\ndatabase: y\n", 1, "given twice, the first time here: \"database\""),
        ("database: x\n---\ndatabase: y\n", 2, "another document"),
        ("database: \u{1}x\n", 1, "control characters"),
        ("database: x\n\nlog_level: \u{0}\n", 3, "control characters"),
        ("%YAML 9.9\n---\na: b\n", 1, "not YAML"),
    ]

    @Test(arguments: documents)
    func `what is no YAML document is one problem, with its line`(text: String, line: Int?, part: String) {
        let problems = read(text).problems
        #expect(problems.count == 1)
        #expect(problems.first?.message.contains(part) == true, "\(problems)")
        #expect(problems.first?.line == line, "\(problems)")
    }

    @Test func `a file that is far too deep or too large is one problem`() {
        #expect(read(String(repeating: "[", count: 100_000)).problems.map(\.line) == [1])
        #expect(read(String(repeating: "a: {", count: 100_000)).problems.map(\.line) == [1])
        let long = read(String(repeating: "a: b # c\n", count: 200_000)).problems
        #expect(long.map(\.message) == ["the file is larger than 1 MiB: no configuration"])
    }

    @Test func `what is not UTF-8 is one problem, with its line`() {
        #expect(read(Array("a: b\nc: ".utf8) + [0xff, 0xfe]).problems.map(\.line) == [2])
        #expect(read(Array("a: \"ж".utf8).dropLast() + [10]).problems.map(\.line) == [1])
        #expect(
            read([0xff, 0xfe, 0x61, 0]).problems.map(\.message) == ["the file is not UTF-8 text; save it as UTF-8"])
    }

    static let roots = ["- a", "text", "5", "[]", "\"\\0\""]

    @Test(arguments: roots)
    func `a document that is no section is one problem`(text: String) {
        let problems = read(text).problems
        #expect(problems.count == 1)
        #expect(problems.first?.message.contains("expected a section with keys") == true, "\(problems)")
    }

    @Test func `a byte order mark and Windows line ends do no harm`() {
        #expect(read("\u{feff}" + small.joined(separator: "\r\n")).problems.isEmpty)
        #expect(read(small(13, "log_level: x").replacing("\n", with: "\r\n")).problems.map(\.line) == [13])
    }

    @Test func `an alias is reported where it is used`() {
        let text = small(4, "    token: &place {file: token}\n    every: *place")
        #expect(read(text).problems.map(\.line) == [5])
        let list = small(12, "    channels: [&name missing]\n    calendar:\n      - ru\n      - *name")
        #expect(read(list).problems.map(\.path) == ["recipients[0].channels[0]", "recipients[0].calendar[1]"])
    }

    @Test func `aliases of aliases are not unfolded`() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<40 {
            bomb += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
        }
        let problems = read(bomb + "recipients: *a39\nchannels: *a39\n" + "database: *a39\n").problems
        #expect(problems.contains { $0.path == "database" })
        #expect(problems.contains { $0.path == "channels" })
    }
}
