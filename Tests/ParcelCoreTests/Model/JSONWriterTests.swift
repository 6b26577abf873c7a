import Foundation
import ParcelCore
import Testing

@Test func `members keep their order and nothing is added`() {
    let value = JSONValue.members([
        "b": .integer(1), "a": .array([.null, .bool(true), .string("x")]), "c": .object([]),
    ])
    #expect(value.text == #"{"b":1,"a":[null,true,"x"],"c":{}}"#)
    #expect(JSONValue.integer(Int64.min).text == "-9223372036854775808")
}

@Test func `every text comes back as it went`() throws {
    let all = String(String.UnicodeScalarView((0...0x2FFF).compactMap { Unicode.Scalar($0) })) + "\u{1F600}国庆节"
    let text = JSONValue.array([.string(all)]).text
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == [all])
}
