import ParcelChannels
import Testing

@Test(arguments: [
    ("1907-2", "1907-2"), ("", ""), ("cosplay假发", "cosplay假发"), ("a,b", "\"a,b\""), ("a;b", "\"a;b\""),
    ("say \"hi\"", "\"say \"\"hi\"\"\""), ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), ("+7 495", "'+7 495"),
    ("-1+2", "'-1+2"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1+1", "'=1+1"), ("\r\n=1+1", "'=1+1"), ("\u{200B}=1", "'=1"),
    ("＝1+1", "'＝1+1"), ("=\"x\",1", "\"'=\"\"x\"\",1\""), ("a=b", "a=b"), ("<b>x</b>", "<b>x</b>"),
    ("a\"\u{301}", "\"a\"\"\u{301}\""), ("=\u{301}1", "'=\u{301}1"),
    ("line\r\nbreak", "line break"), ("\u{1B}[31mred", "[31mred"), ("\u{202E}abc", "abc"),
])
func `a CSV field is one line of text and never a formula`(text: String, field: String) {
    #expect(Array(csvField(text).unicodeScalars) == Array(field.unicodeScalars))
}

@Test func `a field of thousands of emoji is cut between characters`() {
    let field = csvField("=" + String(repeating: "👍", count: 4096))
    #expect(field.hasPrefix("'=👍") && field.hasSuffix("👍…"))
    #expect(field.unicodeScalars.count <= 1002)
}
