import ArgumentParser
import Foundation
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl import FILE.csv`: many numbers at once, all or none.
///
/// Exit status: 0; 65 where the file has mistakes, and then nothing is imported.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Follows many numbers: number[,item][,note][,carrier] a line.",
        discussion: """
            Comma or semicolon between columns, texts in quotes where they hold one, UTF-8. A first line with the columns' \
            names may change their order. All rows are checked first: with one mistake nothing is imported, and the exit \
            status is 65.
            """)

    private static let mostShown = 20
    private static let largest = 4 << 20

    @Argument(help: ArgumentHelp("The file.", valueName: "file"))
    var file: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let (rows, mistakes) = readNumberList(try bytes())
        var wishes: [UserWish] = []
        var found = mistakes
        var checks = Checks(mirror)
        for row in rows {
            do throws(ListMistake) { wishes += try checks.wishes(of: row) } catch { found.append(error) }
        }
        guard found.isEmpty else { return try refuse(found.sorted { $0.line < $1.line }) }
        let recorded = try mirror.record(wishes)
        let numbers = Set(rows.map(\.number)).sorted()
        if common.json {
            print(
                JSONValue.members([
                    "rows": .integer(rows.count), "numbers": .integer(numbers.count), "asks": recorded.json,
                ]).text)
            return
        }
        let reader = mirror.reader
        print(reader.say("Следим: ", "Followed now: ") + reader.numbers(numbers.count) + ".")
        for number in numbers.prefix(Self.mostShown) { for line in remarks(on: number, reader) { print(line) } }
        for line in try recorded.lines(of: numbers, mirror) { print(line) }
    }

    private func bytes() throws -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: file),
            let data = try? handle.read(upToCount: Self.largest + 1)
        else { throw Trouble(description: "\(file) cannot be read", status: 66) }
        guard data.count <= Self.largest else {
            throw Trouble(description: "\(file) is larger than 4 MiB; split it", status: 65)
        }
        return Array(data)
    }

    private func refuse(_ mistakes: [ListMistake]) throws {
        for mistake in mistakes.prefix(Self.mostShown) {
            FileHandle.standardError.write(Data("\(harmless("\(file): \(mistake)", limit: 300))\n".utf8))
        }
        let count = mistakes.count == 1 ? "1 mistake" : "\(mistakes.count) mistakes"
        let rest = mistakes.count - Self.mostShown
        throw Trouble(
            description: "\(file): \(count)\(rest > 0 ? " (\(rest) more than are shown)" : ""); nothing was imported",
            status: 65)
    }
}

/// What the mirror says of rows; each name is looked up once.
private struct Checks {
    private let mirror: Mirror
    private var items: [String: String?] = [:]
    private var chosen: Set<TrackNumber> = []

    init(_ mirror: Mirror) { self.mirror = mirror }

    mutating func wishes(of row: NumberRow) throws(ListMistake) -> [UserWish] {
        var item: String?
        if let text = row.item {
            if items[text] == nil { items[text] = .some(try? mirror.item(text)) }
            guard let label = items[text] ?? nil else {
                throw ListMistake(line: row.line, "there is no item \(text.prefix(60))")
            }
            item = label
        }
        var wishes: [UserWish] = [.add(row.number, item: item, note: row.note)]
        if let text = row.carrier, chosen.insert(row.number).inserted {
            let carrier: String?
            do { carrier = try mirror.carrier(text) } catch {
                throw ListMistake(line: row.line, "there is no carrier \(text.prefix(40))")
            }
            wishes.append(.choose(row.number, carrier: carrier))
        }
        return wishes
    }
}
