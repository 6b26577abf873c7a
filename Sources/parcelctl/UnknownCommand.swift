import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl unknown`: codes of providers that no table has; nothing is guessed from them.
struct UnknownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unknown", abstract: "Codes that parceld does not know: how often, since when, an example.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let codes = try mirror.store.unknownCodes()
        let reader = mirror.reader
        if common.json {
            print(JSONValue.array(codes.map(json)).text)
        } else if codes.isEmpty {
            print(reader.say("все коды известны", "every code is known"))
        } else {
            print(table(codes.map { row($0, reader) }))
        }
    }

    private func row(_ code: UnknownCode, _ reader: Reader) -> [String] {
        let place = code.place == .status ? reader.say("статус", "status") : reader.say("событие", "event")
        let thing = reader.word(code.thingKind) + " " + harmless(code.thing, limit: 80)
        return [
            reader.name(code.provider), place, harmless(code.code, limit: 60), "× \(code.count)",
            reader.say("с ", "since ") + reader.date(code.since), (reader.quoted(code.text) ?? "–") + ", " + thing,
        ]
    }

    private func json(_ code: UnknownCode) -> JSONValue {
        .members([
            "provider": .string(code.provider.description), "kind": .string(code.place.rawValue),
            "code": .string(code.code), "count": .integer(code.count), "since": .instant(code.since),
            "text": .string(code.text), "thingKind": .string(code.thingKind.rawValue), "thing": .string(code.thing),
        ])
    }
}
