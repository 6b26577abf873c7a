// How other people's text stands in a CSV file that somebody opens in a spreadsheet.

/// One field, quoted where it has to be (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe
/// before it, which spreadsheets understand as "this is text". Numbers of our own need none of this.
package func csvField(_ text: String) -> String {
    var field = harmless(text, limit: 1000)
    // The wide forms count too: spreadsheets of East Asia read them as the narrow ones.
    if let first = field.unicodeScalars.first, "=+-@＝＋－＠".unicodeScalars.contains(first) { field = "'" + field }
    let isPlain = field.unicodeScalars.allSatisfy { !"\",;".unicodeScalars.contains($0) }
    // By scalars: a quotation mark with an accent is another character.
    return isPlain ? field : "\"" + field.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
}
