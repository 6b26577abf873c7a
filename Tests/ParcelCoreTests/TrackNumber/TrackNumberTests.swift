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
    ("СР000000133RU", "CP000000133RU"),
])
func `one number written in many ways is one number`(text: String, canonical: String) {
    #expect(TrackNumber(text)?.description == canonical)
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
