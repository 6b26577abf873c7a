import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl add NUMBER [--item 1907-2] [--note T]`: follows a number that no shop lists.
struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Follows a track number that no shop lists; says who is asked and when first.")

    @Argument(help: "A track number, in any writing.")
    var number: String

    @Option(help: ArgumentHelp("The item that it belongs to, such as 1907-2.", valueName: "item"))
    var item: String?

    @Option(help: ArgumentHelp("A few words of your own.", valueName: "text"))
    var note: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let number = try mirror.number(number)
        if let note, note.count > longestNote {
            throw Trouble.usage("--note is longer than \(longestNote) characters")
        }
        let item = try item.map { try mirror.item($0) }
        let recorded = try mirror.record([.add(number, item: item, note: note)])
        if common.json {
            print(
                JSONValue.members([
                    "number": .string(number.description), "item": .optional(item), "note": .optional(note),
                    "remarks": .array(remarks(on: number, Reader(.en, .utc)).map { .string($0) }),
                    "asks": recorded.json,
                ]).text)
            return
        }
        let reader = mirror.reader
        let place = item.map { reader.say(" (товар \($0))", " (item \($0))") } ?? ""
        print(reader.say("Следим за \(number)\(place).", "\(number) is followed now\(place)."))
        for line in remarks(on: number, reader) + (try recorded.lines(of: [number], mirror)) { print(line) }
    }
}
