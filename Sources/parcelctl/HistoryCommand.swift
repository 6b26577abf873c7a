import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl history THING`: every event, oldest first, with whose time it is: the thing's own, and what carriers told of
/// the numbers by which it goes.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "history", abstract: "All that happened to one thing.")

    @Argument(help: "An item, order, parcel or track number.")
    var thing: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let (thing, family) = try mirror.thing(self.thing)
        let events = rows(of: thing, in: family, at: mirror.now).filter { $0.event.seenAt <= mirror.now }
            .sorted { ($0.event.since.at, $0.event.rowID ?? 0) < ($1.event.since.at, $1.event.rowID ?? 0) }
        print(common.json ? JSONValue.array(events.map(json)).text : table(events.map { row($0, mirror.reader) }))
    }

    /// One event, with the number that it was told of.
    private typealias Told = (event: Event, number: String?)

    private func rows(of thing: Thing, in family: Family, at now: Timestamp) -> [Told] {
        let own: [Told] = thing.events.map { event in
            (event, thing.kind == .trackNumber && event.kind == .checkpoint ? thing.plainNumber : nil)
        }
        let numbers = family.story(of: thing, at: now).numbers.map(\.number).filter { $0.id != thing.id }
        return numbers.reduce(own) { rows, number in
            rows + number.events.filter { $0.kind == .checkpoint }.map { ($0, number.plainNumber) }
        }
    }

    private func row(_ told: Told, _ reader: Reader) -> [String] {
        let event = told.event
        let basis = event.since.basis == .happened ? reader.say("было", "happened") : reader.say("увидели", "seen")
        var text =
            event.kind == .stage
            ? stageWord(event.code, reader)
            : harmless([event.text, event.place].filter { !$0.isEmpty }.joined(separator: ", "))
        if text.isEmpty { text = harmless(event.code) }
        if event.withdrawnAt != nil { text += reader.say(" (отозвано)", " (withdrawn)") }
        return [
            reader.time(event.since.at), basis, event.kind == .stage ? "parceld" : reader.name(event.provider),
            event.isMovement ? "•" : " ", told.number ?? "", text,
        ]
    }

    private func stageWord(_ code: String, _ reader: Reader) -> String {
        let word = Stage(rawValue: code).map { reader.word($0) } ?? Ending(rawValue: code).map { reader.word($0) }
        return "→ " + (word ?? reader.say("товары в пути", "items on their way"))
    }

    private func json(_ told: Told) -> JSONValue {
        let event = told.event
        return .members([
            "at": .instant(event.since.at), "basis": .string(event.since.basis.rawValue),
            "given": .optional(event.given),
            "seenAt": .instant(event.seenAt), "provider": .string(event.provider.description),
            "kind": .string(event.kind.rawValue), "code": .string(event.code), "text": .string(event.text),
            "place": .string(event.place), "number": .optional(told.number), "movement": .bool(event.isMovement),
            "withdrawnAt": .instant(event.withdrawnAt),
        ])
    }
}
