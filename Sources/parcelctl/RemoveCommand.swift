import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl remove NUMBER`: takes back what `add` or `import` wished. Its history stays.
struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "No longer follows a number that was added by hand; its history stays.")

    @Argument(help: "A track number that was added.")
    var number: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let number = try mirror.number(number)
        let found = try mirror.store.find("track_number:\(number)").map(\.id)
        let family = try mirror.store.family(of: found)
        guard family.number(number)?.isAddedByUser == true else {
            throw Trouble(
                description: "\(number) was not added by hand; what shops and partners list cannot be removed",
                status: 66)
        }
        _ = try mirror.record([.remove(number)])
        let carriers = try mirror.store.family(of: found).number(number).map { number in
            try mirror.store.family(of: found).carriers(of: number).map { title($0.thing) }
        }
        if common.json {
            print(
                JSONValue.members([
                    "number": .string(number.description), "removed": .bool(true),
                    "carriedBy": .array((carriers ?? []).map { .string($0) }),
                ]).text)
            return
        }
        let reader = mirror.reader
        print(
            reader.say(
                "\(number) больше не в списке добавленных вручную.", "\(number) is no longer followed by hand."))
        if let carriers, !carriers.isEmpty {
            let names = reader.list(carriers)
            print(
                reader.say(
                    "За ним по-прежнему следим: он есть у \(names).", "It is still followed, because \(names) has it."))
        }
    }
}
