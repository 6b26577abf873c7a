// Fields of a table that a spreadsheet opens: RFC 4180, and nothing that it would take for a formula.

/// A field, in quotation marks where that is needed. What a spreadsheet would reckon as a formula is text: it gets an
/// apostrophe in front.
package func csvField(_ text: String) -> String {
    var text = text
    // The wide ones are taken for formulas too, where Chinese or Japanese is typed.
    if let first = text.unicodeScalars.first, "=+-@\t\r＝＋－＠".unicodeScalars.contains(first) { text = "'" + text }
    // By scalars: CR LF is one character, and so is a quotation mark with an accent.
    guard text.unicodeScalars.contains(where: { "\",;\t\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
}
