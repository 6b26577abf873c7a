import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl track NUMBER --carrier C`: a person's choice of whom to ask about a number; it wins over every rule.
struct TrackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track", abstract: "Chooses the carrier of a number, or takes the choice back.")

    @Argument(help: "A track number that is known.")
    var number: String

    @Option(
        help: ArgumentHelp(
            "A format (see track-number) or a provider that follows numbers; auto takes the choice back.",
            valueName: "carrier"))
    var carrier: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let number = try mirror.number(number)
        let carrier = try mirror.carrier(carrier)
        guard try !mirror.store.find("track_number:\(number)").isEmpty else {
            throw Trouble(
                description: "nothing is known of \(number); add it first: parcelctl add \(number)", status: 66)
        }
        let recorded = try mirror.record([.choose(number, carrier: carrier)])
        if common.json {
            print(
                JSONValue.members([
                    "number": .string(number.description), "carrier": .optional(carrier), "asks": recorded.json,
                ]).text)
            return
        }
        let reader = mirror.reader
        print(
            carrier.map { reader.say("\(number): выбрано \($0).", "\(number): \($0) is chosen.") }
                ?? reader.say("\(number): выбор снят.", "\(number): the choice is taken back."))
        for line in try recorded.lines(of: [number], mirror) { print(line) }
    }
}
