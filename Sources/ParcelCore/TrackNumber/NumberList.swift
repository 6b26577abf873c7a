// A list of numbers that a person hands over: comma-separated values by RFC 4180, or with semicolons as spreadsheets of
// many countries write them. All mistakes are found together; what the mirror knows of the rows is checked elsewhere.

package struct NumberRow: Sendable, Hashable {
    /// Where the row begins, from 1.
    package var line: Int
    package var number: TrackNumber
    package var item: String?
    package var note: String?
    package var carrier: String?
}

package struct ListMistake: Error, Sendable, Hashable, CustomStringConvertible {
    package var line: Int
    package var message: String

    package init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    package var description: String { "line \(line): \(message)" }
}

/// A note longer than this is no note.
package let longestNote = 500

/// What people mistake for a number most often is a word.
package func followableNumber(_ text: String) -> TrackNumber? {
    guard let number = TrackNumber(text), number.description.contains(where: \.isNumber) else { return nil }
    return number
}

/// - Returns: Rows in their order; to be used only if there are no mistakes.
package func readNumberList(_ bytes: [UInt8]) -> (rows: [NumberRow], mistakes: [ListMistake]) {
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: content, as: UTF8.self) else {
        let lines = content.split(separator: 10, omittingEmptySubsequences: false)
        let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return ([], [ListMistake(line: (bad ?? 0) + 1, "the file is not UTF-8 text; save it as UTF-8")])
    }
    var parser = RecordParser(text)
    var records: [Record] = []
    do throws(ListMistake) {
        while let record = try parser.next() { if !record.isBlank { records.append(record) } }
    } catch { return ([], [error]) }
    return rows(of: records)
}

private let columnNames = ["number", "item", "note", "carrier"]

private func rows(of records: [Record]) -> (rows: [NumberRow], mistakes: [ListMistake]) {
    guard let first = records.first else { return ([], [ListMistake(line: 1, "the file has no rows")]) }
    var (columns, body) = (columnNames, records[...])
    let header = first.fields.map { trimmed($0).lowercased() }
    if header.contains("number") {
        for (index, name) in header.enumerated() {
            guard columnNames.contains(name), header.firstIndex(of: name) == index else {
                let wrong = columnNames.contains(name) ? "there twice" : "not known"
                return (
                    [],
                    [
                        ListMistake(
                            line: first.line,
                            "column \"\(name.prefix(40))\" is \(wrong); columns are \(columnNames.joined(separator: ", "))"
                        )
                    ]
                )
            }
        }
        (columns, body) = (header, records.dropFirst())
    }
    var rows: [NumberRow] = []
    var mistakes: [ListMistake] = []
    var lines = Seen()
    for record in body {
        do throws(ListMistake) {
            let row = try row(of: record, columns)
            try lines.add(row)
            rows.append(row)
        } catch { mistakes.append(error) }
    }
    if rows.isEmpty, mistakes.isEmpty { mistakes.append(ListMistake(line: first.line, "there is only a header")) }
    return (rows, mistakes)
}

private func row(of record: Record, _ columns: [String]) throws(ListMistake) -> NumberRow {
    guard record.fields.count <= columns.count else {
        throw ListMistake(
            line: record.line, "\(record.fields.count) columns, where \(columns.count) are known; put texts in quotes")
    }
    var values: [String: String] = [:]
    for (name, field) in zip(columns, record.fields) {
        let value = trimmed(field)
        if !value.isEmpty { values[name] = value }
    }
    guard let text = values["number"] else { throw ListMistake(line: record.line, "the number is missing") }
    guard let number = followableNumber(text) else {
        throw ListMistake(
            line: record.line,
            "\"\(text.prefix(40))\" is no track number; write at most \(TrackNumber.longest) Latin letters and digits")
    }
    if let note = values["note"], note.count > longestNote {
        throw ListMistake(line: record.line, "the note is longer than \(longestNote) characters")
    }
    return NumberRow(
        line: record.line, number: number, item: values["item"], note: values["note"], carrier: values["carrier"])
}

/// One number may carry several items, and has one carrier.
private struct Seen {
    private var links: [String: Int] = [:]
    private var carriers: [TrackNumber: (name: String, line: Int)] = [:]

    mutating func add(_ row: NumberRow) throws(ListMistake) {
        if let line = links.updateValue(row.line, forKey: "\(row.number) \(row.item ?? "")") {
            throw ListMistake(line: row.line, "\(row.number) is on line \(line) already")
        }
        guard let carrier = row.carrier else { return }
        if let (name, line) = carriers[row.number], name != carrier {
            throw ListMistake(line: row.line, "\(row.number) has another carrier on line \(line)")
        }
        carriers[row.number] = (carrier, row.line)
    }
}

private func trimmed(_ text: String) -> String {
    let start = text.drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
}

private struct Record {
    var line: Int
    var fields: [String]

    var isBlank: Bool { fields.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
}

private struct RecordParser {
    private let scalars: [Unicode.Scalar]
    private let separator: Unicode.Scalar
    private var index = 0
    private var line = 1

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        separator = RecordParser.separator(scalars)
    }

    /// The first of both outside quotation marks.
    private static func separator(_ scalars: [Unicode.Scalar]) -> Unicode.Scalar {
        var isQuoted = false
        for scalar in scalars {
            if scalar == "\"" { isQuoted.toggle() }
            if !isQuoted, scalar == "," || scalar == ";" { return scalar }
        }
        return ","
    }

    /// Nil at the end.
    mutating func next() throws(ListMistake) -> Record? {
        guard index < scalars.count else { return nil }
        var record = Record(line: line, fields: [])
        while true {
            record.fields.append(try field())
            guard index < scalars.count, scalars[index] == separator else { break }
            index += 1
        }
        skipLineEnd()
        return record
    }

    private mutating func field() throws(ListMistake) -> String {
        if index < scalars.count, scalars[index] == "\"" { return try quoted() }
        var text = String.UnicodeScalarView()
        while index < scalars.count, scalars[index] != separator, !isLineEnd {
            guard scalars[index] != "\"" else {
                throw ListMistake(
                    line: line, "a quotation mark inside a text; put the text in quotes and double the mark")
            }
            text.append(scalars[index])
            index += 1
        }
        return String(text)
    }

    private mutating func quoted() throws(ListMistake) -> String {
        let start = line
        var text = String.UnicodeScalarView()
        index += 1
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == "\"" {
                guard index < scalars.count, scalars[index] == "\"" else {
                    guard index == scalars.count || scalars[index] == separator || isLineEnd else {
                        throw ListMistake(line: line, "a text goes on behind its closing quotation mark")
                    }
                    return String(text)
                }
                index += 1
            } else if scalar == "\n" || scalar == "\r" && !(index < scalars.count && scalars[index] == "\n") {
                line += 1
            }
            text.append(scalar)
        }
        throw ListMistake(line: start, "the quotation mark that opens a text is never closed")
    }

    private var isLineEnd: Bool { scalars[index] == "\n" || scalars[index] == "\r" }

    private mutating func skipLineEnd() {
        guard index < scalars.count, isLineEnd else { return }
        if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
        index += 1
        line += 1
    }
}
