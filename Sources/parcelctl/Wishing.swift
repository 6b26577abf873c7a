// How a person's wishes about numbers are recorded: by the daemon where one runs, else in the database under its lock,
// and then the daemon decides at its next start who is asked.

import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

/// What follows from recorded wishes.
struct Recorded {
    struct ProviderAsks: Decodable {
        var provider: String
        var numbers: Int
        /// Milliseconds since 1970.
        var firstAt: Int64
        /// Milliseconds.
        var every: Int64?
    }

    /// Nil where no daemon runs.
    var asks: [ProviderAsks]?
}

extension Mirror {
    func record(_ wishes: [UserWish]) throws -> Recorded {
        guard let socket = config?.controlSocket, isConfiguredDatabase else {
            return try recordUnderLock(wishes, socket: nil)
        }
        struct Answer: Decodable { var asks: [Recorded.ProviderAsks] }
        let words = ["wish"] + wishes.map(\.word)
        guard words.reduce(0, { $0 + $1.utf8.count + 1 }) < Daemon.longestRequest else {
            throw Trouble(description: "these are too many at once; split the file", status: 65)
        }
        let bytes: Data
        do throws(Daemon.Silence) { bytes = try Daemon.send(words, to: socket) } catch {
            guard case .nobody = error else { throw Daemon.trouble(error, socket) }
            return try recordUnderLock(wishes, socket: socket)
        }
        let answer: Answer = try Daemon.read(bytes)
        return Recorded(asks: answer.asks)
    }

    /// Whether the database that is shown is the one of the daemon that the configuration speaks of.
    var isConfiguredDatabase: Bool {
        config.map { URL(fileURLWithPath: $0.database).resolvingSymlinksInPath().path == store.path } ?? false
    }

    /// The database as its only writer, where no daemon is.
    ///
    /// - Parameter socket: Where a daemon was looked for; nil where none was.
    func owner(afterAsking socket: String?) throws -> Store {
        do throws(StoreError) { return try Store.open(store.path, .daemon) } catch {
            guard case .locked = error else { throw error }
            let advice =
                socket.map { "does not answer at \($0); see its journal" } ?? "has to be asked: name its --config"
            throw Trouble(description: "a parceld uses \(store.path), and \(advice)", status: 69)
        }
    }

    private func recordUnderLock(_ wishes: [UserWish], socket: String?) throws -> Recorded {
        let owner = try owner(afterAsking: socket)
        if let problem = try owner.problem(with: wishes, providers: choosable) {
            throw Trouble(description: problem, status: 66)
        }
        // First, so that a crash between the two leaves nothing undecided.
        _ = try owner.save(setting: "routing", "")
        try owner.record(wishes, try rules(), at: now) { decision, _ in decision }
        try owner.close()
        return Recorded(asks: nil)
    }

    /// Providers that follow single numbers, as the daemon last said; those that are configured where it never did.
    var choosable: [ProviderID] {
        if let budgets = try? store.budgets() { return budgets.filter(\.followsNumbers).map(\.provider) }
        return config?.providers.map { ProviderID($0.name) } ?? []
    }

    // MARK: What people write

    func number(_ text: String) throws -> TrackNumber {
        guard let number = followableNumber(text) else {
            let shown = text.isEmpty ? "an empty text" : "\"\(text.prefix(40))\(text.count > 40 ? "…" : "")\""
            throw Trouble.usage(
                "\(shown) is no track number; write at most \(TrackNumber.longest) Latin letters and digits")
        }
        return number
    }

    /// - Returns: The label of the one item that is meant.
    func item(_ text: String) throws -> String {
        let found = try store.find(text).filter { $0.kind == .item }
        guard found.count == 1, let label = found.first?.label else {
            throw Trouble(
                description: "there is no item \(text.prefix(60)); parcelctl list items shows what there is",
                status: 66)
        }
        return label
    }

    /// - Returns: Nil for `auto`.
    func carrier(_ text: String) throws -> String? {
        if text.lowercased() == "auto" { return nil }
        let known = TrackNumberFormat.all.map(\.id) + choosable.map(\.description)
        if let exact = known.first(where: { $0 == text.lowercased() }) { return exact }
        let providers = choosable.map(\.description).joined(separator: ", ")
        throw Trouble.usage(
            "there is no carrier \(text.prefix(40)); write auto, \(providers.isEmpty ? "" : "a provider (\(providers)), ")"
                + "or a format that parcelctl track-number names, such as cdek")
    }
}

// MARK: What is answered

extension Recorded {
    var json: JSONValue {
        guard let asks else { return .null }
        return .array(
            asks.map { ask in
                .members([
                    "provider": .string(ask.provider), "numbers": .integer(ask.numbers),
                    "firstAt": .instant(Timestamp(milliseconds: ask.firstAt)),
                    "everySeconds": ask.every.map { .integer($0 / 1000) } ?? .null,
                ])
            })
    }

    /// Who is asked and when first.
    func lines(of numbers: [TrackNumber], _ mirror: Mirror) throws -> [String] {
        let reader = mirror.reader
        guard let asks else {
            return [
                reader.say(
                    "parceld не запущен: записано, а спрашивать начнём при его следующем запуске.",
                    "No parceld runs: it is written down, and asking begins when parceld starts next.")
            ]
        }
        guard !asks.isEmpty else { return nobody(numbers, reader) }
        let health = try mirror.store.health()
        let rows = asks.map { ask in
            let probe = health.first { $0.provider.description == ask.provider }?.probeAt
            let first = max(Timestamp(milliseconds: ask.firstAt), probe ?? .distantPast)
            let every = ask.every.map {
                reader.say(", затем каждые ", ", then every ") + reader.span(.milliseconds($0))
            }
            return [
                reader.name(ProviderID(ask.provider)),
                asks.count > 1 || numbers.count > 1 ? reader.numbers(ask.numbers) : "",
                reader.say("впервые ", "first ") + reader.time(first) + (numbers.count == 1 ? every ?? "" : ""),
            ].filter { !$0.isEmpty }
        }
        return [reader.say("Спросим:", "Asked:"), table(rows, indent: "  ")]
    }

    private func nobody(_ numbers: [TrackNumber], _ reader: Reader) -> [String] {
        let said = reader.say(
            "Ни один из настроенных источников такие номера не отслеживает",
            "No configured provider follows such numbers")
        guard numbers.count == 1 else {
            return [said + reader.say("; страницы: parcelctl show", "; pages: parcelctl show")]
        }
        return [said + reader.say("; смотрите сами:", "; look yourself:")]
            + carrierPages(for: numbers[0], role: guessedRole(of: numbers[0])).map { "  \($0.name): \($0.url)" }
    }
}

/// A wrong check digit is a remark: a person may have mistyped the number, or the carrier does not use one.
func remarks(on number: TrackNumber, _ reader: Reader) -> [String] {
    let matches = formats(of: number)
    guard matches.contains(where: { $0.checkDigit == .invalid }), !matches.contains(where: { $0.checkDigit == .valid })
    else { return [] }
    return [
        reader.say(
            "Замечание: контрольная цифра \(number) не сходится; сверьте номер.",
            "Remark: the check digit of \(number) is wrong; compare the number.")
    ]
}
