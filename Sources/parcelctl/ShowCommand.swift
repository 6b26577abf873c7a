import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl show THING`: everything known of one thing, and what each provider says of it, also where they disagree.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One thing: 1907-2, ORD-000001907, 519 or LP1930191011.")

    @Argument(help: "An item, order, parcel or track number.")
    var thing: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let (thing, family) = try mirror.thing(self.thing)
        print(common.json ? json(thing, family).text : text(thing, family, mirror.reader))
    }

    private func text(_ thing: Thing, _ family: Family, _ reader: Reader) -> String {
        var rows = [[reader.say("состояние", "state"), state(thing, reader)]]
        if let order = thing.order.flatMap({ family[$0] }) {
            rows.append([reader.say("заказ", "order"), order.display])
        }
        if thing.kind == .parcel {
            let items = family.contents(of: thing).compactMap { family[$0]?.label }.sorted()
            rows.append([reader.say("товары", "items"), items.joined(separator: ", ")])
        }
        if thing.kind == .order {
            rows.append([
                reader.say("товары", "items"), family.items(of: thing.id).map(\.label).joined(separator: ", "),
            ])
        }
        if let parcel = family.parcel(carrying: thing.id) {
            rows.append([reader.say("в посылке", "in parcel"), "№ \(parcel.label)"])
        }
        if let amount = thing.views.lazy.compactMap(\.amount).first {
            rows.append([reader.say("сумма", "amount"), reader.amount(amount)])
        }
        for key in FactKey.allCases {
            if let value = thing.fact(key) { rows.append([word(key, reader), harmless(value)]) }
        }
        for number in thing.numbers {
            rows.append([
                reader.say("трек", "track"),
                "\(number.number) (\(reader.word(number.role))) \(carrierPage(for: number.number, role: number.role))",
            ])
        }
        for view in thing.views {
            let when = view.since.basis == .happened ? reader.say("с", "since") : reader.say("увидели", "seen")
            var line = "«\(harmless(view.text))» [\(harmless(view.code))], \(when) \(reader.time(view.since.at))"
            line += reader.say("; проверено ", "; checked ") + (view.confirmedAt.map { reader.time($0) } ?? "-")
            if view.isGone { line += reader.say("; пропало", "; gone") }
            if let error = view.error { line += "; \(harmless(error))" }
            rows.append([reader.name(view.provider), line])
        }
        return "\(title(thing))\n" + table(rows, indent: "  ")
    }

    private func word(_ key: FactKey, _ reader: Reader) -> String {
        switch key {
        case .title: reader.say("название", "title")
        case .seller: reader.say("продавец", "seller")
        case .account: reader.say("аккаунт", "account")
        case .externalOrder: reader.say("внешний заказ", "external order")
        case .externalItem: reader.say("товар Taobao", "Taobao item")
        case .quantity: reader.say("количество", "quantity")
        case .weight: reader.say("вес", "weight")
        case .price: reader.say("цена", "price")
        case .deliveryMethod: reader.say("доставка", "delivery")
        case .problem: reader.say("проблема", "problem")
        }
    }

    private func json(_ thing: Thing, _ family: Family) -> JSONValue {
        .members([
            "kind": .string(thing.kind.rawValue), "thing": .string(thing.label), "display": .string(thing.display),
            "order": .optional(thing.order.flatMap { family[$0]?.display }), "stage": .optional(thing.stage?.rawValue),
            "ending": .optional(thing.ending?.rawValue), "firstSeenAt": .instant(thing.firstSeenAt),
            "since": .instant(thing.lastMovement.at), "sinceBasis": .string(thing.lastMovement.basis.rawValue),
            "items": .array(family.contents(of: thing).compactMap { family[$0]?.label }.sorted().map { .string($0) }),
            "parcel": .optional(family.parcel(carrying: thing.id)?.label),
            "facts": .object(
                FactKey.allCases.compactMap { key in
                    thing.fact(key).map { .init(name: key.rawValue, value: .string($0)) }
                }),
            "trackNumbers": .array(
                thing.numbers.map {
                    .members([
                        "number": .string($0.number.description), "role": .string($0.role.rawValue),
                        "link": .string(carrierPage(for: $0.number, role: $0.role)),
                    ])
                }),
            "providers": .array(
                thing.views.map { view in
                    .members([
                        "provider": .string(view.provider.description), "id": .string(view.external.key),
                        "code": .string(view.code), "status": .string(view.text), "since": .instant(view.since.at),
                        "sinceBasis": .string(view.since.basis.rawValue), "confirmedAt": .instant(view.confirmedAt),
                        "gone": .bool(view.isGone), "error": .optional(view.error),
                    ])
                }),
        ])
    }
}
