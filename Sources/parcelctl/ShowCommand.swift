import ArgumentParser
import ParcelChannels
import ParcelCore
import ParcelStore

/// `parcelctl show NUMBER|THING`: one journey: where it is, its chain of numbers with who follows each, and what all of
/// them told, in one row. How it is written for programs stands in ShowJSON.swift.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One thing: 1907-2, ORD-000001907, 519 or LP1930191011.")

    @Argument(help: "An item, order, parcel or track number.")
    var thing: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let shown = try Shown(try mirror.meant(thing), mirror)
        print(common.json ? shown.json.text : shown.text(mirror.reader))
    }
}

/// What is shown of one thing.
struct Shown {
    let thing: Thing
    let family: Family
    /// The number that was asked for.
    let asked: Thing?
    let story: Story
    let asks: [NumberAsk]
    let now: Timestamp

    init(_ meant: Meant, _ mirror: Mirror) throws {
        (thing, family, asked, now) = (meant.thing, meant.family, meant.number, mirror.now)
        story = family.story(of: thing, at: now)
        asks = try mirror.store.asks(about: story.numbers.map(\.number.label))
    }

    /// What one provider says of a number, or is going to be asked; by provider.
    func followers(of number: Thing) -> [(provider: ProviderID, view: View?, ask: NumberAsk?)] {
        let views = number.views.filter { $0.provider != .user }
        let asks = asks.filter { $0.number == number.label }
        return Set(views.map(\.provider) + asks.map(\.provider)).sorted().map { provider in
            (provider, views.first { $0.provider == provider }, asks.first { $0.provider == provider })
        }
    }
}

extension Shown {
    func text(_ reader: Reader) -> String {
        var parts = [heading(reader) + "\n" + table(facts(reader), indent: "  ")]
        if !story.numbers.isEmpty {
            let blocks = story.numbers.map { block($0, reader) }
            parts.append(reader.say("Номера", "Numbers") + "\n" + blocks.joined(separator: "\n"))
        }
        if !story.events.isEmpty {
            parts.append(
                reader.say("История", "History") + "\n"
                    + table(story.events.map { row($0, reader) }, indent: "  "))
        }
        for earlier in story.numbers.flatMap(\.earlier) {
            let title = reader.say(
                "Прежняя посылка под номером \(earlier.plainNumber)",
                "An earlier parcel under the number \(earlier.plainNumber)")
            let end = earlier.ending.map { " (\(reader.word($0)))" } ?? ""
            let rows = family.story(ofNumber: earlier, at: now).map { row($0, reader) }
            parts.append(title + end + (rows.isEmpty ? "" : "\n" + table(rows, indent: "  ")))
        }
        return parts.joined(separator: "\n\n")
    }

    private func heading(_ reader: Reader) -> String {
        guard let asked, asked.id != thing.id else { return title(thing) }
        return "\(title(thing)) (\(asked.plainNumber))"
    }

    private func facts(_ reader: Reader) -> [[String]] {
        var rows = [[reader.say("состояние", "state"), state(thing, reader)]]
        let journey = story.journey
        if journey.isKnown || story.numbers.contains(where: { !followers(of: $0.number).isEmpty }) {
            rows.append([reader.say("путь", "way"), way(journey, reader)])
        }
        if let order = thing.order.flatMap({ family[$0] }) {
            rows.append([reader.say("заказ", "order"), order.display])
        }
        let items =
            thing.kind == .parcel
            ? family.contents(of: thing).compactMap { family[$0]?.label }.sorted()
            : thing.kind == .order ? family.items(of: thing.id).map(\.label) : []
        if thing.kind == .parcel || thing.kind == .order {
            rows.append([reader.say("товары", "items"), items.joined(separator: ", ")])
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
        if thing.kind != .trackNumber { rows += thing.views.map { [reader.name($0.provider), words(of: $0, reader)] } }
        if let asked, asked.id != thing.id { rows += also(asked, reader) }
        return rows
    }

    private func way(_ journey: Journey, _ reader: Reader) -> String {
        var words = reader.word(journey.milestone)
        if let condition = journey.condition {
            words += "; \(reader.word(condition))"
            if let since = journey.conditionSince { words += reader.say(" с ", " since ") + reader.time(since) }
        }
        return words + reader.say("; участок: ", "; leg: ") + reader.word(journey.leg)
    }

    /// Of a number that several things carry, one is shown.
    private func also(_ number: Thing, _ reader: Reader) -> [[String]] {
        let others = family.carriers(of: number).map(\.thing).filter { $0.id != thing.id }.map { title($0) }
        return others.isEmpty ? [] : [[reader.say("номер ещё у", "also carried by"), others.joined(separator: ", ")]]
    }

    private func words(of view: View, _ reader: Reader) -> String {
        let when = view.since.basis == .happened ? reader.say("с", "since") : reader.say("увидели", "seen")
        var line = view.provider == .user ? "" : "«\(harmless(view.text))» [\(harmless(view.code))], "
        line += "\(when) \(reader.time(view.since.at))"
        guard view.provider != .user else { return line }
        line += reader.say("; проверено ", "; checked ") + (view.confirmedAt.map { reader.time($0) } ?? "-")
        if view.isGone { line += reader.say("; пропало", "; gone") }
        if let error = view.error { line += "; \(harmless(error))" }
        return line
    }

    // MARK: Numbers

    private func block(_ number: StoryNumber, _ reader: Reader) -> String {
        let thing = number.number
        var title = "  \(thing.plainNumber) (\(reader.word(number.role)))"
        if story.numbers.count > 1, let carrier = family[number.carriedBy], carrier.id != self.thing.id {
            title += ", \(ParcelChannels.title(carrier))"
        }
        if thing.id == asked?.id, story.numbers.count > 1 {
            let own = family.journey(of: thing)
            title += ": \(reader.word(own.milestone))"
        }
        if let carrier = thing.chosenCarrier { title += reader.say("; выбрано: ", "; chosen: ") + harmless(carrier) }
        if let note = thing.views.first(where: { $0.provider == .user })?.facts[.note], thing.id != self.thing.id {
            title += "; \(harmless(note))"
        }
        var lines = [title]
        let rows = followers(of: thing).map { [reader.name($0.provider), follower($0.view, $0.ask, reader)] }
        if rows.isEmpty {
            lines.append("    " + reader.say("никто не отслеживает", "nobody follows it"))
        } else {
            lines.append(table(rows, indent: "    "))
        }
        if let plain = TrackNumber(thing.plainNumber) {
            lines += carrierPages(for: plain, role: number.role).map { "    \($0.url)" }
        }
        return lines.joined(separator: "\n")
    }

    private func follower(_ view: View?, _ ask: NumberAsk?, _ reader: Reader) -> String {
        var words: [String] = []
        if let view {
            words.append(reader.word(view.milestone ?? .unknown))
            if let condition = view.condition { words.append(reader.word(condition)) }
            if let quoted = reader.quoted(view.text) { words.append("\(quoted) [\(harmless(view.code))]") }
            words.append(
                view.confirmedAt.map { reader.say("проверено ", "checked ") + reader.time($0) }
                    ?? reader.say("ещё не проверено", "not checked yet"))
            if let error = view.error { words.append(harmless(error)) }
        }
        if let next = ask?.nextAt {
            words.append(
                next <= now
                    ? reader.say("спросим сейчас", "asked now") : reader.say("спросим ", "next ") + reader.time(next))
        } else {
            words.append(reader.say("больше не спрашиваем", "not asked any more"))
        }
        if let error = ask?.error { words.append(reader.say("не вышло: ", "failed: ") + harmless(error)) }
        return words.joined(separator: "; ")
    }

    // MARK: History

    /// A time whose zone nobody told may be hours off: it is marked.
    private func row(_ told: StoryEvent, _ reader: Reader) -> [String] {
        let event = told.event
        var text = harmless([event.text, event.place].filter { !$0.isEmpty }.joined(separator: ", "))
        if text.isEmpty { text = harmless(event.code) }
        if event.kind == .number { text = reader.say("номер ", "number ") + text }
        if event.withdrawnAt != nil { text += reader.say(" (отозвано)", " (withdrawn)") }
        var source = told.providers.map { reader.name($0) }.joined(separator: ", ")
        if event.since.basis == .seen { source += reader.say(" (увидели)", " (seen)") }
        let mark = event.hasZone || event.since.basis == .seen ? "" : "~"
        return [mark + reader.time(event.since.at), text, source]
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
        case .note: reader.say("заметка", "note")
        case .carrier: reader.say("перевозчик выбран", "carrier chosen")
        }
    }
}
