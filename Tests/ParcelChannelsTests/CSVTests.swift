import ParcelChannels
import Testing

private let fields: [(text: String, field: String)] = [
    ("", ""), ("1907-2", "1907-2"), ("Заказано", "Заказано"), ("a,b", "\"a,b\""), ("a;b", "\"a;b\""),
    ("say \"hi\"", "\"say \"\"hi\"\"\""), ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""),
    // A spreadsheet would reckon these.
    ("=cmd()", "'=cmd()"), ("+7 900", "'+7 900"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "\"'\t=1\""),
    ("\r=1", "\"'\r=1\""), ("\r\n=1", "\"'\r\n=1\""), ("＝1", "'＝1"), ("=\"a\",1", "\"'=\"\"a\"\",1\""),
    ("a\"\u{301}", "\"a\"\"\u{301}\""),
    ("=\u{301}1", "'=\u{301}1"),
    ("a=b", "a=b"),
]

@Test(arguments: fields)
func `a field is quoted where needed and is never a formula`(text: String, field: String) {
    #expect(Array(csvField(text).unicodeScalars) == Array(field.unicodeScalars))
}
