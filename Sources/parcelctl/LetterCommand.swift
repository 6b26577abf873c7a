import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

/// `parcelctl letter THING...` or `--all`: a ready text for whoever can set a thing going again.
///
/// One letter goes to standard output as it is, and to whom to standard error; several have a heading each.
struct LetterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "letter", abstract: "A ready letter about things, to whoever can set them going again.",
        discussion:
            "What one contact is asked about goes into one letter. --all, or --contact alone, takes all that stands still. "
            + "--language is the letter's: ru, en or zh; else Chinese for warehouse and seller, Russian for the others."
    )

    @Argument(help: "Items, orders, parcels or track numbers.")
    var things: [String] = []

    @Flag(help: "All that stands still.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "logist, platform, manager, carrier, warehouse or seller; else the contact of each thing's stage.",
            valueName: "contact"))
    var contact: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let contact = try self.contact.map { try choice($0, LetterContact.self, "--contact") }
        let language = try common.language.map { try choice($0, LetterLanguage.self, "--language") }
        guard !things.isEmpty || all || contact != nil else {
            throw Trouble.usage("name a thing, such as 1907-2, or write --all")
        }
        guard things.isEmpty || !all else { throw Trouble.usage("name things or write --all, not both") }
        let mirror = try common.open(in: language == .zh ? .en : nil)
        var subjects = try Subjects(mirror)
        if things.isEmpty {
            try subjects.addStalled(concerning: contact)
        } else {
            for thing in things { try subjects.add(thing) }
        }
        let china = try readZone("Asia/Shanghai", in: mirror.config?.zoneinfo ?? zoneinfo)
        let templates = Templates(mirror.config?.templates.map { readTemplates(in: $0).texts } ?? [:])
        let letters = letters(about: subjects.found, to: contact, in: language, templates: templates) {
            $0 == .zh ? china : mirror.reader.zone
        }
        show(letters, mirror.reader)
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String, _ type: Choice.Type, _ option: String
    ) throws -> Choice where Choice.RawValue == String {
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        let list = known.dropLast().joined(separator: ", ") + " or " + (known.last ?? "")
        throw Trouble.usage("\(option) \(text.prefix(40)): write \(list)")
    }

    private func show(_ letters: [Letter], _ reader: Reader) {
        if common.json { return print(JSONValue.array(letters.map(json)).text) }
        guard let first = letters.first else { return print(reader.say("ничего", "nothing")) }
        guard letters.count > 1 else {
            FileHandle.standardError.write(Data("\(heading(first, reader))\n\n".utf8))
            return print(first.text)
        }
        print(letters.map { "=== \(heading($0, reader))\n\n\($0.text)" }.joined(separator: "\n\n"))
    }

    private func heading(_ letter: Letter, _ reader: Reader) -> String {
        let addresses = letter.addresses.map {
            "\(harmless($0.name, limit: 80))" + (link($0.url).map { " \($0)" } ?? "")
        }
        let list = addresses.isEmpty ? "" : ": " + addresses.joined(separator: ", ")
        return reader.say("Кому: ", "To: ") + reader.word(letter.contact) + list
    }

    private func json(_ letter: Letter) -> JSONValue {
        .members([
            "contact": .string(letter.contact.rawValue), "language": .string(letter.language.rawValue),
            "things": .array(letter.labels.map { .string($0) }),
            "addresses": .array(
                letter.addresses.map { .members(["name": .string($0.name), "url": .string($0.url)]) }),
            "text": .string(letter.text),
        ])
    }
}

/// The things to write about, each once, with what is open about it.
private struct Subjects {
    private let mirror: Mirror
    private let rules: Rules
    private let open: [ThingID: [Alert]]
    private var seen: Set<ThingID> = []
    private(set) var found: [LetterSubject] = []

    init(_ mirror: Mirror) throws {
        self.mirror = mirror
        rules = try mirror.rules()
        var open: [ThingID: [Alert]] = [:]
        for alert in try mirror.store.alerts(at: mirror.now, includingClosed: false) {
            if let thing = alert.thing { open[thing, default: []].append(alert) }
        }
        self.open = open
    }

    mutating func add(_ text: String) throws {
        let (thing, family) = try mirror.thing(text)
        let assessment = assess(thing, in: family, rules)
        switch assessment.calm {
        case .carried(by: let id)?:
            if let carrier = family[id] { return add(carrier, family) }
        case .itemsWatched?:
            let items = family.things.filter { $0.order == thing.id && open[$0.id] != nil }
            if !items.isEmpty { return items.forEach { add($0, family) } }
        default: break
        }
        add(thing, family)
    }

    /// Whatever is alerted of things, the longest silent first.
    mutating func addStalled(concerning contact: LetterContact?) throws {
        let family = try mirror.store.family(of: Array(open.keys))
        for id in open.keys.sorted() { if let thing = family[id] { add(thing, family) } }
        found = found.filter { subject in contact.map { subject.concerns($0) } ?? true }
            .enumerated().sorted { left, right in
                let (a, b) = (left.element.facts.workingDays ?? 0, right.element.facts.workingDays ?? 0)
                return a == b ? left.offset < right.offset : a > b
            }.map(\.element)
    }

    private mutating func add(_ thing: Thing, _ family: Family) {
        guard seen.insert(thing.id).inserted else { return }
        var facts = facts(of: thing, assess(thing, in: family, rules), in: family, rules)
        let order: [AlertKind] = [.refund, .condition, .vanished, .contradiction, .stall]
        let open = open[thing.id] ?? []
        let alert = order.lazy.compactMap { kind in open.last { $0.kind == kind } }.first
        if let alert {
            // With --at in the past it has moved since: then it is told as it was alerted.
            if let since = facts.since, since.at > mirror.now { facts = alert.facts }
            facts.condition = alert.facts.condition
            facts.provider = alert.facts.provider
            facts.contacts = facts.contacts ?? alert.facts.contacts
        }
        let isOver = thing.endedAt.map { $0 <= mirror.now } ?? true
        found.append(
            LetterSubject(
                kind: alert?.kind, facts: facts, ending: isOver ? thing.ending : nil, endedAt: thing.endedAt))
    }
}
