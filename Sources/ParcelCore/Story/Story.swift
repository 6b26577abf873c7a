// One thing as one journey, for people: its numbers from the seller's courier to the last mile, and what everybody tells
// of them in one row. Histories stay apart in the mirror; here they are only shown together.

/// A number on the way of a thing or of what it travels in.
package struct StoryNumber: Sendable, Hashable {
    package var role: TrackNumberRole
    package var number: Thing
    /// The item, order or parcel that carries it.
    package var carriedBy: ThingID
    /// Histories of other parcels that had this number before, the newest first.
    package var earlier: [Thing]
}

/// What happened once, by all who tell it.
package struct StoryEvent: Sendable, Hashable {
    package var event: Event
    /// The number that it was told of; nil for the words of shops and partners.
    package var number: String?
    package var providers: [ProviderID]
}

package struct Story: Sendable {
    package var journey: Journey
    package var numbers: [StoryNumber]
    /// The oldest first.
    package var events: [StoryEvent]
}

extension Family {
    /// - Parameter now: Nothing that was seen later is told.
    package func story(of thing: Thing, at now: Timestamp) -> Story {
        let parcel = thing.kind == .item ? self.parcel(carrying: thing.id) : nil
        let told = [thing] + (parcel.map { [$0] } ?? [])
        // A parcel's way begins with its items' numbers; their own statuses are shown with each of them.
        let items = thing.kind == .parcel ? contents(of: thing).sorted().compactMap { self[$0] } : []
        var numbers: [StoryNumber] = []
        if thing.kind == .trackNumber {
            let role = role(of: thing) ?? TrackNumber(thing.plainNumber).map { roleByForm(of: $0) } ?? .lastMile
            numbers.append(StoryNumber(role: role, number: thing, carriedBy: thing.id, earlier: earlier(than: thing)))
        }
        for carrier in told + items {
            for link in followed(by: carrier) where !numbers.contains(where: { $0.number.id == link.number.id }) {
                numbers.append(
                    StoryNumber(
                        role: link.role, number: link.number, carriedBy: carrier.id, earlier: earlier(than: link.number)
                    ))
            }
        }
        numbers = numbers.enumerated().sorted {
            ($0.element.role.order, $0.offset) < ($1.element.role.order, $1.offset)
        }.map(\.element)
        var events = told.filter { $0.kind != .trackNumber }.flatMap { told in
            told.events.filter { $0.kind != .stage }.map { ($0, nil as String?) }
        }
        for number in numbers { events += checkpoints(of: number.number) }
        var journey = journey(of: thing)
        if let parcel {
            let further = self.journey(of: parcel)
            if further.isKnown { journey = further }
        }
        return Story(journey: journey, numbers: numbers, events: merged(events, at: now))
    }

    /// The history of one number alone.
    package func story(ofNumber number: Thing, at now: Timestamp) -> [StoryEvent] {
        merged(checkpoints(of: number), at: now)
    }

    private func checkpoints(of number: Thing) -> [(Event, String?)] {
        number.events.filter { $0.kind == .checkpoint }.map { ($0, number.plainNumber) }
    }

    private func earlier(than number: Thing) -> [Thing] {
        let own = number.generation ?? .max
        return things.filter { other in
            other.kind == .trackNumber && other.plainNumber == number.plainNumber
                && other.generation.map { $0 < own } ?? false
        }.sorted { ($0.generation ?? 0) > ($1.generation ?? 0) }
    }
}

extension Thing {
    /// Which of the parcels before the present one had this number; nil for the present one.
    package var generation: Int? { Int(label.drop { $0 != "#" }.dropFirst()) }
}

/// By time; what a second provider tells in the same words of the same instant is told once.
private func merged(_ events: [(Event, String?)], at now: Timestamp) -> [StoryEvent] {
    struct Identity: Hashable {
        var at: Timestamp
        var text: String
    }
    var told: [StoryEvent] = []
    var known: [Identity: Int] = [:]
    let seen = events.filter { $0.0.seenAt <= now }.sorted {
        ($0.0.since.at, $0.0.rowID ?? .max) < ($1.0.since.at, $1.0.rowID ?? .max)
    }
    for (event, number) in seen {
        var event = event
        if let withdrawn = event.withdrawnAt, withdrawn > now { event.withdrawnAt = nil }
        let identity = Identity(at: event.since.at, text: plainWords(event.text))
        let isPlain =
            event.kind == .checkpoint && event.since.basis == .happened && event.hasZone && event.withdrawnAt == nil
            && !identity.text.isEmpty
        if isPlain, let index = known[identity], !told[index].providers.contains(event.provider) {
            told[index].providers.append(event.provider)
            if told[index].event.place.isEmpty { told[index].event.place = event.place }
            continue
        }
        if isPlain, known[identity] == nil { known[identity] = told.count }
        told.append(StoryEvent(event: event, number: number, providers: [event.provider]))
    }
    return told
}

/// Without what two providers write differently of the same words.
private func plainWords(_ text: String) -> String {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
}
