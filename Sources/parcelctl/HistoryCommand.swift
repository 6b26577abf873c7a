import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl history THING`: every event, oldest first, with whose time it is.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "history", abstract: "All that happened to one thing.")

    @Argument(help: "An item, order, parcel or track number.")
    var thing: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let (thing, _) = try mirror.thing(self.thing)
        let events = thing.events.filter { $0.seenAt <= mirror.now }
            .sorted { ($0.since.at, $0.rowID ?? 0) < ($1.since.at, $1.rowID ?? 0) }
        print(common.json ? JSONValue.array(events.map(json)).text : table(events.map { row($0, mirror.reader) }))
    }

    private func row(_ event: Event, _ reader: Reader) -> [String] {
        let basis = event.since.basis == .happened ? reader.say("было", "happened") : reader.say("увидели", "seen")
        var text =
            event.kind == .stage
            ? stageWord(event.code, reader)
            : harmless([event.text, event.place].filter { !$0.isEmpty }.joined(separator: ", "))
        if event.withdrawnAt != nil { text += reader.say(" (отозвано)", " (withdrawn)") }
        return [
            reader.time(event.since.at), basis, event.kind == .stage ? "parceld" : reader.name(event.provider),
            event.isMovement ? "•" : " ", text,
        ]
    }

    private func stageWord(_ code: String, _ reader: Reader) -> String {
        let word = Stage(rawValue: code).map { reader.word($0) } ?? Ending(rawValue: code).map { reader.word($0) }
        return "→ " + (word ?? reader.say("товары в пути", "items on their way"))
    }

    private func json(_ event: Event) -> JSONValue {
        .members([
            "at": .instant(event.since.at), "basis": .string(event.since.basis.rawValue),
            "given": .optional(event.given),
            "seenAt": .instant(event.seenAt), "provider": .string(event.provider.description),
            "kind": .string(event.kind.rawValue), "code": .string(event.code), "text": .string(event.text),
            "place": .string(event.place), "movement": .bool(event.isMovement),
            "withdrawnAt": .instant(event.withdrawnAt),
        ])
    }
}
