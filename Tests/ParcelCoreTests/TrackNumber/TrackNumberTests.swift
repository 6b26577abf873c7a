import Foundation
import ParcelCore
import Testing

struct FormatFile: Decodable, Sendable {
    struct Format: Decodable, Sendable, CustomTestStringConvertible {
        struct Examples: Decodable, Sendable {
            var valid: [String]
            var invalid: [String]
        }

        var id: String
        var carrier: String
        var checksum: String?
        var detect: String
        var regex: String
        var examples: Examples
        var testDescription: String { id }
    }

    var formats: [Format]
    var ambiguous_examples: [String: [String]]

    static func read() throws -> FormatFile {
        try JSONDecoder().decode(FormatFile.self, from: Fixture.data("tracking_numbers.json"))
    }
}

@Test(arguments: try FormatFile.read().formats)
func `every example has the form that the table says`(format: FormatFile.Format) throws {
    for text in format.examples.valid {
        let number = try #require(TrackNumber(text))
        let match = try #require(formats(of: number).first { $0.format.id == format.id }, "\(text)")
        #expect(match.checkDigit == (format.checksum == nil ? .none : .valid), "\(text)")
        #expect(match.format.carrier == format.carrier)
        #expect(match.format.detect.rawValue == format.detect)
    }
    for text in format.examples.invalid {
        let number = try #require(TrackNumber(text))
        let match = formats(of: number).first { $0.format.id == format.id }
        #expect(match == nil || match?.checkDigit == .invalid, "\(text)")
    }
}

@Test func `ambiguous numbers list every format they have`() throws {
    let file = try FormatFile.read()
    for (text, ids) in file.ambiguous_examples {
        let number = try #require(TrackNumber(text))
        #expect(formats(of: number).map(\.format.id) == ids, "\(text)")
    }
    #expect(file.formats.map(\.id) == TrackNumberFormat.all.map(\.id))
}

@Test(arguments: [
    (" lp 1930-191011 ", "LP1930191011"), ("ＬＰ１９３０１９１０１１", "LP1930191011"), ("RА644000005RU", "RA644000005RU"),
    ("ra\u{200B}644\u{00A0}000 005\u{2013}ru\u{FEFF}", "RA644000005RU"), ("JDVA11408814483-1-3-", "JDVA11408814483"),
    ("jd 0123456789012-1-1", "JD0123456789012"), ("886665917791656645", "886665917791656645"),
    ("СР000000133RU", "CP000000133RU"), ("ср000000133ru", "CP000000133RU"),
    ("JDVA11408814483\u{2013}1\u{2013}3\u{2013}", "JDVA11408814483"), ("jd-va11408814483-12-345", "JDVA11408814483"),
    ("JDVA11408814483－１－３－", "JDVA11408814483"), ("JDVA114-08-814", "JDVA11408814"),
    ("LP\u{2212}19\u{2E3A}30\u{301C}19\u{05BE}10\u{00AD}11", "LP1930191011"),
    ("\u{202A}LP1930191011\u{202C}\u{061C}", "LP1930191011"), ("LP1930-1-9", "LP193019"),
])
func `one number written in many ways is one number`(text: String, canonical: String) {
    #expect(TrackNumber(text)?.description == canonical)
}

/// The table as code agrees with the published expressions, on numbers near every form.
@Test(arguments: try FormatFile.read().formats)
func `the table matches what the published expression matches`(format: FormatFile.Format) throws {
    let expression = try Regex(format.regex)
    var random = Generator(state: UInt64(format.id.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }))
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    var candidates: [String] = format.examples.valid
    // One place changed, then all digits changed, then one place more or less.
    for example in format.examples.valid {
        for _ in 0..<300 {
            var changed = Array(example).map { character in
                character.isNumber && Bool.random(using: &random)
                    ? Character(String(Int.random(in: 0...9, using: &random))) : character
            }
            let place = Int.random(in: 0..<changed.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: changed[place] = alphabet.randomElement(using: &random) ?? "A"
            case 1: changed.remove(at: place)
            case 2: changed.insert(alphabet.randomElement(using: &random) ?? "A", at: place)
            default: break
            }
            candidates.append(String(changed))
        }
    }
    for first in "0123456789" { candidates += (8...20).map { String(repeating: first, count: $0) } }
    for text in candidates {
        let number = try #require(TrackNumber(text))
        let matches = formats(of: number).contains { $0.format.id == format.id }
        #expect(try matches == (expression.wholeMatch(in: text) != nil), "\(text)")
    }
}

@Test(arguments: [
    "", "   ", "-", "RЯ644000005RU", "LP_123", "LP1930191011\u{0301}", String(repeating: "1", count: 41),
    String(repeating: "A", count: 10_000),
])
func `what is no number is refused`(text: String) {
    #expect(TrackNumber(text) == nil)
}

@Test func `the letter O is never zero`() {
    #expect(TrackNumber("LO754799163CN")?.description == "LO754799163CN")
    #expect(TrackNumber("L0754799163CN").map { formats(of: $0).isEmpty } == true)
}
