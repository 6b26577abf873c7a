import ParcelCore
import Testing

private func read(_ text: String) -> [String] {
    let (rows, mistakes) = readNumberList(Array(text.utf8))
    guard mistakes.isEmpty else { return mistakes.map(\.description) }
    return rows.map { row in
        ["\(row.line)", row.number.description, row.item ?? "-", row.note ?? "-", row.carrier ?? "-"]
            .joined(separator: "|")
    }
}

private let lists: [(text: String, read: [String])] = [
    ("LP1930191011", ["1|LP1930191011|-|-|-"]),
    ("LP1930191011,1907-2,a note,cdek\r\n", ["1|LP1930191011|1907-2|a note|cdek"]),
    ("\u{FEFF}number,item\nLP1,1907-2\n\n\nLP2,\n", ["2|LP1|1907-2|-|-", "5|LP2|-|-|-"]),
    ("carrier;Number\nsf;LP1\n", ["2|LP1|-|-|sf"]),
    ("LP1;;\"note, with a comma; and \"\"marks\"\"\"", ["1|LP1|-|note, with a comma; and \"marks\"|-"]),
    ("LP1,,\"two\nlines\",sf\nLP2", ["1|LP1|-|two\nlines|sf", "3|LP2|-|-|-"]),
    ("LP1,,\"two\r\nlines\"\r\nLP2", ["1|LP1|-|two\r\nlines|-", "3|LP2|-|-|-"]),
    ("LP1\rLP2\r", ["1|LP1|-|-|-", "2|LP2|-|-|-"]),
    (" lp-1930 191011 , ORD-1907-2 ", ["1|LP1930191011|ORD-1907-2|-|-"]),
    // One number may carry several items.
    ("LP1,1907-1\nLP1,1907-2", ["1|LP1|1907-1|-|-", "2|LP1|1907-2|-|-"]),
    ("", ["line 1: the file has no rows"]),
    ("\n , ,\n", ["line 1: the file has no rows"]),
    ("number,item\n", ["line 1: there is only a header"]),
    ("number,itm\nLP1,1", ["line 1: column \"itm\" is not known; columns are number, item, note, carrier"]),
    ("number,number\nLP1", ["line 1: column \"number\" is there twice; columns are number, item, note, carrier"]),
    ("LP1\nLP2,1907-2\nlp-1", ["line 3: LP1 is on line 1 already"]),
    ("LP1,1907-1,,sf\nLP1,1907-2,,jd", ["line 2: LP1 has another carrier on line 1"]),
    (
        ",1907-2\nhello\nL№1,x\nLP1,a,b,c,d",
        [
            "line 1: the number is missing",
            "line 2: \"hello\" is no track number; write at most 40 Latin letters and digits",
            "line 3: \"L№1\" is no track number; write at most 40 Latin letters and digits",
            "line 4: 5 columns, where 4 are known; put texts in quotes",
        ]
    ),
    ("LP1,,say \"x\"", ["line 1: a quotation mark inside a text; put the text in quotes and double the mark"]),
    ("LP1,,\"x\"y", ["line 1: a text goes on behind its closing quotation mark"]),
    ("LP0\nLP1,,\"x\n\n", ["line 2: the quotation mark that opens a text is never closed"]),
]

@Test(arguments: lists)
func `a list of numbers is read whole, or every mistake has its line`(text: String, rows: [String]) {
    #expect(read(text) == rows)
}

@Test func `a list that is no text says where`() {
    let mistakes = readNumberList(Array("LP1\nLP2,".utf8) + [0xFF, 0xFE, 10]).mistakes
    #expect(mistakes.map(\.description) == ["line 2: the file is not UTF-8 text; save it as UTF-8"])
}

@Test func `ten thousand rows and one endless note are read in one go`() {
    let rows = readNumberList(Array((0..<10_000).map { "LP\($0)\n" }.joined().utf8))
    #expect(rows.rows.count == 10_000 && rows.mistakes.isEmpty)
    let note = readNumberList(Array("LP1,,\(String(repeating: "x", count: 100_000))".utf8))
    #expect(note.mistakes.map(\.description) == ["line 1: the note is longer than 500 characters"])
}
