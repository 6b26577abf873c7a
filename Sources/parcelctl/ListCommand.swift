import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl list [orders|items|parcels|track-numbers]`: one thing a line.
struct ListCommand: ParsableCommand {
    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case orders, items, parcels
        case trackNumbers = "track-numbers"
    }

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What is mirrored: orders, items, parcels or track-numbers; all if none is named.")

    @Argument(help: "orders, items, parcels or track-numbers.")
    var subject: Subject?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        if subject == .trackNumbers { return try listNumbers(mirror) }
        let kinds: [ThingKind] =
            switch subject {
            case .orders: [.order]
            case .items: [.item]
            case .parcels: [.parcel]
            default: [.order, .item, .parcel]
            }
        let whole = try mirror.store.family(of: mirror.store.things(kinds))
        let things = whole.things.filter { kinds.contains($0.kind) && $0.mergedInto == nil }
        let rules = try mirror.rules()
        let family = Family(things: whole.things.filter { $0.mergedInto == nil })
        if common.json {
            print(JSONValue.array(things.map { json($0, family, rules) }).text)
        } else if things.isEmpty {
            print(mirror.reader.say("пусто", "nothing yet"))
        } else {
            print(table(things.map { row($0, family, mirror.reader, rules) }))
        }
    }

    private func row(_ thing: Thing, _ family: Family, _ reader: Reader, _ rules: Rules) -> [String] {
        let status = rules.decider(of: thing, in: family)?.text ?? ""
        let since = thing.endedAt ?? family.lastMovement(of: thing).at
        let numbers = thing.numbers.map(\.number.description).joined(separator: " ")
        return [
            reader.word(thing.kind), title(thing), state(thing, reader), reader.date(since), harmless(status), numbers,
        ]
    }

    private func json(_ thing: Thing, _ family: Family, _ rules: Rules) -> JSONValue {
        let (decider, since) = (rules.decider(of: thing, in: family), family.lastMovement(of: thing))
        return .members([
            "kind": .string(thing.kind.rawValue), "thing": .string(thing.label), "display": .string(thing.display),
            "stage": .optional(thing.stage?.rawValue), "ending": .optional(thing.ending?.rawValue),
            "status": .optional(decider?.text), "since": .instant(since.at),
            "sinceBasis": .string(since.basis.rawValue), "endedAt": .instant(thing.endedAt),
            "confirmedAt": .instant(decider?.confirmedAt),
            "trackNumbers": .array(thing.numbers.map { .string($0.number.description) }),
        ])
    }

    private func listNumbers(_ mirror: Mirror) throws {
        let numbers = try mirror.store.trackNumbers()
        let family = try mirror.store.family(of: numbers.map { $0.carriedBy ?? $0.id })
        if common.json {
            print(
                JSONValue.array(
                    numbers.map { entry in
                        .members([
                            "number": .string(entry.number), "role": .optional(entry.role?.rawValue),
                            "carriedBy": .optional(entry.carriedBy.flatMap { family[$0]?.label }),
                            "carriedByKind": .optional(entry.carriedBy.flatMap { family[$0]?.kind.rawValue }),
                        ])
                    }
                ).text)
        } else {
            print(
                table(
                    numbers.map { entry in
                        let carrier = entry.carriedBy.flatMap { family[$0] }
                        return [
                            entry.number, entry.role.map { mirror.reader.word($0) } ?? "",
                            carrier.map { "\(mirror.reader.word($0.kind)) \(title($0))" } ?? "",
                            (carrier ?? family[entry.id]).map { state($0, mirror.reader) } ?? "",
                        ]
                    }))
        }
    }
}
