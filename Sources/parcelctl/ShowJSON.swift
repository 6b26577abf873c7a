// `parcelctl show --json`: everything that is known of one thing. Members keep their names and meanings; new ones may be
// added.

import ParcelCore
import ParcelStore

extension Shown {
    var json: JSONValue {
        let journey = story.journey
        return .members([
            "kind": .string(thing.kind.rawValue), "thing": .string(thing.label), "display": .string(thing.display),
            "asked": .optional(asked?.plainNumber), "milestone": .string(journey.milestone.rawValue),
            "condition": .optional(journey.condition?.rawValue), "leg": .string(journey.leg.rawValue),
            "conditionSince": .instant(journey.conditionSince),
            "order": .optional(thing.order.flatMap { family[$0]?.display }), "stage": .optional(thing.stage?.rawValue),
            "ending": .optional(thing.ending?.rawValue), "endedAt": .instant(thing.endedAt),
            "firstSeenAt": .instant(thing.firstSeenAt),
            "since": .instant(family.lastMovement(of: thing).at),
            "sinceBasis": .string(family.lastMovement(of: thing).basis.rawValue),
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
                        "link": .string(carrierPage(for: $0.number)),
                    ])
                }),
            "providers": .array(thing.views.map(json)), "numbers": .array(story.numbers.map(json)),
            "events": .array(story.events.map(json)),
            "earlier": .array(
                story.numbers.flatMap(\.earlier).map { earlier in
                    .members([
                        "number": .string(earlier.plainNumber), "generation": .integer(earlier.generation ?? 0),
                        "ending": .optional(earlier.ending?.rawValue), "endedAt": .instant(earlier.endedAt),
                        "events": .array(family.story(ofNumber: earlier, at: now).map(json)),
                    ])
                }),
        ])
    }

    private func json(_ view: View) -> JSONValue {
        .members([
            "provider": .string(view.provider.description), "id": .string(view.external.key),
            "code": .string(view.code), "status": .string(view.text), "since": .instant(view.since.at),
            "sinceBasis": .string(view.since.basis.rawValue), "confirmedAt": .instant(view.confirmedAt),
            "gone": .bool(view.isGone), "error": .optional(view.error),
        ])
    }

    private func json(_ number: StoryNumber) -> JSONValue {
        let (thing, plain) = (number.number, TrackNumber(number.number.plainNumber))
        let journey = family.journey(of: thing)
        return .members([
            "number": .string(thing.plainNumber), "role": .string(number.role.rawValue),
            "generation": thing.generation.map { .integer($0) } ?? .null,
            "carriedBy": .optional(family[number.carriedBy].flatMap { $0.id == thing.id ? nil : $0.label }),
            "addedByHand": .bool(thing.isAddedByUser), "carrier": .optional(thing.chosenCarrier),
            "milestone": .string(journey.milestone.rawValue), "condition": .optional(journey.condition?.rawValue),
            "leg": .string(journey.leg.rawValue), "stage": .optional(thing.stage?.rawValue),
            "ending": .optional(thing.ending?.rawValue),
            "links": .array(
                (plain.map { carrierPages(for: $0, role: number.role) } ?? []).map {
                    .members(["name": .string($0.name), "url": .string($0.url)])
                }),
            "providers": .array(followers(of: thing).map { json($0.provider, $0.view, $0.ask) }),
        ])
    }

    private func json(_ provider: ProviderID, _ view: View?, _ ask: NumberAsk?) -> JSONValue {
        .members([
            "provider": .string(provider.description), "milestone": .optional(view?.milestone?.rawValue),
            "condition": .optional(view?.condition?.rawValue), "leg": .optional(view?.leg?.rawValue),
            "code": .optional(view?.code), "status": .optional(view?.text),
            "confirmedAt": .instant(view?.confirmedAt), "nextAskAt": .instant(ask?.nextAt),
            "error": .optional(view?.error ?? ask?.error),
        ])
    }

    private func json(_ told: StoryEvent) -> JSONValue {
        let event = told.event
        return .members([
            "at": .instant(event.since.at), "basis": .string(event.since.basis.rawValue),
            "hasZone": .bool(event.hasZone), "given": .optional(event.given), "seenAt": .instant(event.seenAt),
            "kind": .string(event.kind.rawValue), "number": .optional(told.number), "code": .string(event.code),
            "text": .string(event.text), "place": .string(event.place), "country": .optional(event.country),
            "meaning": .optional(event.meaning?.text),
            "providers": .array(told.providers.map { .string($0.description) }),
            "movement": .bool(event.isMovement), "withdrawnAt": .instant(event.withdrawnAt),
        ])
    }
}
