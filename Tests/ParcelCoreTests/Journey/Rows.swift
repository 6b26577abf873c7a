// Carriers' events as one line each, `03-02 09:00 CN accepted`: the date in 2026 and the time in Shanghai, the country or
// `-`, and what the code means. The code is the meaning's own text.

import ParcelCore
import Testing

func checkpoint(_ row: String) throws -> Checkpoint {
    let words = row.split(separator: " ", maxSplits: 3).map(String.init)
    let year = words[0].count > 5 ? "" : "2026-"
    let text = "\(year)\(words[0]) \(words[1])"
    let meaning: CodeMeaning = try #require(CodeMeaning(text: words[3]))
    return Checkpoint(
        time: .instant(try shanghai(text), text: text), code: words[3], text: words[3],
        country: words[2] == "-" ? nil : words[2], meaning: meaning)
}

/// What a provider of numbers answers about one.
func track(_ number: String, _ rows: [String], summary: String = "KEEP", finds: [RoledNumber] = []) throws -> Snapshot {
    var snapshot = Snapshot(
        number: try #require(TrackNumber(number)), code: rows.last ?? summary, text: summary,
        summary: try #require(CodeMeaning(text: summary)), checkpoints: try rows.map(checkpoint))
    snapshot.numbers = finds
    return snapshot
}

func notFound(_ number: String) throws -> Snapshot {
    .notFoundYet(try #require(TrackNumber(number)), code: "NotFound", text: "not found")
}

func roled(_ role: TrackNumberRole, _ number: String) throws -> RoledNumber {
    RoledNumber(role, try #require(TrackNumber(number)))
}

func journey(_ rows: [String], _ role: TrackNumberRole? = .international, summary: String? = nil) throws -> Journey {
    let events = try rows.enumerated().map { position, row in
        try event(try checkpoint(row), position, isCertain: true)
    }
    return ParcelCore.journey(of: events, role: role, summary: summary.flatMap(CodeMeaning.init(text:)))
}

func event(_ checkpoint: Checkpoint, _ position: Int, isCertain: Bool) throws -> JourneyEvent {
    guard case .instant(let at, _) = checkpoint.time else { throw NoInstant() }
    return JourneyEvent(
        provider: "17track", number: try #require(TrackNumber("LP1930191011")), code: checkpoint.code,
        position: position, at: at, isCertain: isCertain, meaning: checkpoint.meaning ?? .remark,
        country: checkpoint.country)
}

private struct NoInstant: Error {}

/// `2026-05-14` or `2026-05-14 10:00` in Moscow, which lies five hours behind Shanghai.
func moscow(_ text: String) throws -> Timestamp { try shanghai(text) + .hours(5) }

extension Journey {
    /// `customs_released cross_border at cross_border`, with `!condition` before the leg.
    var words: String {
        let state =
            switch meaning {
            case .at(let stage): "at \(stage.rawValue)"
            case .finished(let ending): "ended \(ending.rawValue)"
            case .unstated, .unmapped: "nowhere"
            }
        let wrong = condition.map { "!\($0.rawValue) " } ?? ""
        return "\(milestone.rawValue) \(wrong)\(leg.rawValue) \(state)"
    }
}

extension RuleWorld {
    /// A parcel that a partner says was sent, travelling by that number.
    mutating func send(
        _ label: String, _ role: TrackNumberRole, _ number: String, at time: String, by provider: ProviderID = "shiptor"
    ) throws {
        try poll(provider, time, [try sent(label, role, number)])
    }

    func thing(_ kind: ThingKind, _ label: String) throws -> Thing {
        try #require(family.thing(kind, label: label))
    }

    func journey(_ kind: ThingKind, _ label: String) throws -> String {
        family.journey(of: try thing(kind, label)).words
    }
}

func sent(
    _ label: String, _ role: TrackNumberRole, _ number: String, _ meaning: StatusMeaning = .at(.origin)
) throws -> Snapshot {
    var snapshot = Snapshot(
        id: ExternalID(.parcel, label), status: ReportedStatus(code: "\(meaning)", text: "", progress: meaning))
    snapshot.label = label
    snapshot.numbers = [try roled(role, number)]
    return snapshot
}
