import ParcelCore
import Testing

private let start = Timestamp(milliseconds: 1_700_000_000_000)

private func checkpoint(
    _ provider: ProviderID, _ hours: Int64, _ text: String, hasZone: Bool = true, meaning: CodeMeaning? = nil
) -> Event {
    var event = Event(
        .checkpoint, provider: provider, source: "x", code: "c", text: text,
        since: Since(start + .hours(hours), .happened), seenAt: start + .hours(hours), isMovement: true,
        identity: hours)
    (event.hasZone, event.meaning) = (hasZone, meaning)
    return event
}

private func thing(_ id: ThingID, _ kind: ThingKind, _ label: String, _ events: [Event] = []) -> Thing {
    var thing = Thing(id: id, kind: kind, label: label, firstSeenAt: start, isFirstSight: false)
    thing.events = events
    return thing
}

private func seen(
    _ thing: Thing, by provider: ProviderID, _ numbers: [(TrackNumberRole, String)] = [], contents: [ThingID] = []
) throws -> Thing {
    var view = View(
        provider: provider, external: ExternalID(thing.kind, thing.label), code: "", text: "", progress: .unstated,
        since: Since(start, .seen), digest: 0, firstSeenAt: start)
    view.numbers = try numbers.map { RoledNumber($0.0, try #require(TrackNumber($0.1))) }
    view.contents = contents
    var thing = thing
    thing.views.append(view)
    return thing
}

/// Item 1907-2 came by a Chinese courier, parcel 519 took it over the border.
private func family() throws -> Family {
    var status = Event(
        .status, provider: "otcommerce", source: "x", code: "4", text: "Заказано", since: Since(start, .seen),
        seenAt: start, isMovement: true, identity: 1)
    status.rowID = 1
    let item = try seen(
        thing(1, .item, "1907-2", [status]), by: "otcommerce", [(.domestic, "YT1234567890123")])
    let parcel = try seen(
        thing(2, .parcel, "519"), by: "shiptor", [(.forwarder, "LP1930191011")], contents: [1])
    let domestic = thing(3, .trackNumber, "YT1234567890123", [checkpoint("kuaidi100", 5, "已签收", hasZone: false)])
    var forwarder = thing(
        4, .trackNumber, "LP1930191011",
        [
            checkpoint("17track", 30, "Departed", meaning: CodeMeaning(.at(.departedOrigin))),
            checkpoint("cainiao", 30, "departed!"), checkpoint("cainiao", 31, "departed!"),
            checkpoint("17track", 40, "Withdrawn"),
        ])
    forwarder.events[3].withdrawnAt = start + .hours(50)
    forwarder = try seen(forwarder, by: "17track", [(.lastMile, "RA123456785RU")])
    forwarder.views[0].milestone = .departedOrigin
    let old = thing(6, .trackNumber, "LP1930191011#1", [checkpoint("17track", -2000, "Delivered long ago")])
    let last = thing(5, .trackNumber, "RA123456785RU", [checkpoint("russianpost", 60, "Прибыло")])
    return Family(things: [item, parcel, domestic, forwarder, last, old])
}

private func told(_ story: Story) -> [String] {
    story.events.map { told in
        "\((told.event.since.at - start).milliseconds / 3_600_000) \(told.event.text) "
            + told.providers.map(\.description).joined(separator: "+") + (told.event.withdrawnAt == nil ? "" : " x")
    }
}

@Test(arguments: [(ThingKind.item, "1907-2"), (.parcel, "519")])
func `a thing's way goes from the seller's courier over the parcel to the last mile`(kind: ThingKind, label: String)
    throws
{
    let family = try family()
    let story = family.story(of: try #require(family.thing(kind, label: label)), at: start + .days(10))
    #expect(story.numbers.map(\.number.label) == ["YT1234567890123", "LP1930191011", "RA123456785RU"])
    #expect(story.numbers.map(\.role) == [.domestic, .forwarder, .lastMile])
    #expect(story.journey.milestone == .departedOrigin)
    #expect(story.numbers.flatMap(\.earlier).map(\.label) == ["LP1930191011#1"])
    // What two tell in the same words of the same instant is told once; an hour later it is another event.
    let way = [
        "5 已签收 kuaidi100", "30 Departed 17track+cainiao", "31 departed! cainiao", "40 Withdrawn 17track x",
        "60 Прибыло russianpost",
    ]
    #expect(told(story) == (kind == .item ? ["0 Заказано otcommerce"] : []) + way)
}

@Test func `nothing is told that was seen later, nor that it will be withdrawn`() throws {
    let family = try family()
    let story = family.story(of: try #require(family.thing(.parcel, label: "519")), at: start + .hours(45))
    #expect(told(story).last == "40 Withdrawn 17track")
}

@Test func `a number that nothing carries tells its own way`() throws {
    let lone = thing(1, .trackNumber, "RA123456785CN", [checkpoint("russianpost", 1, "Приём")])
    let story = Family(things: [lone]).story(of: lone, at: start + .days(1))
    #expect(story.numbers.map { "\($0.role) \($0.number.label)" } == ["international RA123456785CN"])
    #expect(told(story) == ["1 Приём russianpost"])
}
