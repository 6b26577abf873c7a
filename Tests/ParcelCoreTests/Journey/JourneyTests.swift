import ParcelCore
import Testing

// Each row: the events in the order in which the provider gives them, and what they amount to.

@Test(arguments: [
    // A late old event lowers nothing.
    (
        ["03-02 09:00 CN accepted", "03-09 12:00 RU customs_released", "03-04 10:00 CN departed_origin"],
        "customs_released cross_border at cross_border"
    ),
    // China Post takes its last row of that kind back.
    (
        ["03-02 09:00 CN accepted", "03-05 10:00 CN departed_origin", "03-05 11:00 CN ~departed_origin"],
        "accepted cn_domestic at origin"
    ),
    (
        [
            "03-02 09:00 CN accepted", "03-05 10:00 CN departed_origin", "03-05 11:00 CN ~departed_origin",
            "03-06 10:00 CN departed_origin",
        ], "departed_origin cross_border at cross_border"
    ),
    // What was never told cannot be taken back.
    (["03-02 09:00 CN accepted", "03-05 11:00 CN ~departed_origin"], "accepted cn_domestic at origin"),
    (
        ["03-20 09:00 RU out_for_delivery", "03-20 15:00 RU delivered", "03-20 16:00 RU ~delivered"],
        "out_for_delivery ru_domestic at destination"
    ),
    // A condition that is taken back was none.
    (
        ["03-10 09:00 RU import_customs", "03-11 09:00 RU !customs_hold", "03-11 10:00 RU ~!customs_hold"],
        "import_customs cross_border at cross_border"
    ),
    // Unknown codes and remarks say nothing about how far.
    (["03-02 09:00 CN accepted", "03-03 09:00 CN ?", "03-04 09:00 CN KEEP"], "accepted cn_domestic at origin"),
    (["03-03 09:00 CN ?"], "unknown unknown at acceptance"),
    ([], "unknown unknown at acceptance"),
])
func `a milestone is the furthest that any event states, whatever comes late or is taken back`(
    rows: [String], expected: String
) throws {
    #expect(try journey(rows).words == expected)
}

@Test(arguments: [
    (
        ["03-20 09:00 RU ready_for_pickup", "04-20 09:00 RU !returning", "04-25 09:00 RU destination_transit"],
        "ready_for_pickup !returning ru_domestic at pickup"
    ),
    // Further than before, but on the way back.
    (
        ["03-20 09:00 RU import_customs", "03-25 09:00 RU !returning", "03-28 09:00 RU destination_transit"],
        "import_customs !returning cross_border at cross_border"
    ),
    (
        ["03-20 09:00 RU ready_for_pickup", "04-20 09:00 RU !returning", "05-20 09:00 CN delivered"],
        "ready_for_pickup !returned ru_domestic ended returned"
    ),
    (
        ["03-20 09:00 RU !returning", "03-21 09:00 RU !attempt_failed", "03-22 09:00 RU !delayed"],
        "unknown !returning unknown at acceptance"
    ),
    (
        ["03-20 09:00 RU ready_for_pickup", "04-20 09:00 RU !returning", "05-20 09:00 RU !lost"],
        "ready_for_pickup !lost ru_domestic ended lost"
    ),
])
func `a parcel on its way back keeps its rank, and delivered means returned`(rows: [String], expected: String) throws {
    #expect(try journey(rows).words == expected)
}

@Test(arguments: [
    (["03-10 09:00 RU import_customs", "03-11 09:00 RU !customs_hold"], "import_customs !customs_hold"),
    (
        ["03-10 09:00 RU import_customs", "03-11 09:00 RU !customs_hold", "03-12 09:00 RU import_customs"],
        "import_customs"
    ),
    (
        ["03-10 09:00 RU import_customs", "03-11 09:00 RU !customs_hold", "03-12 09:00 RU customs_released"],
        "customs_released"
    ),
    // Lower, unknown or without a step: it stays.
    (
        [
            "03-10 09:00 RU import_customs", "03-11 09:00 RU !customs_hold",
            "03-12 09:00 RU arrived_destination_country", "03-13 09:00 RU ?", "03-14 09:00 RU KEEP",
        ], "import_customs !customs_hold"
    ),
    // The newest event's counts.
    (
        ["03-10 09:00 RU import_customs", "03-11 09:00 RU !customs_hold", "03-12 09:00 RU !duty_due"],
        "import_customs !duty_due"
    ),
    // Told late, of a time before it was released.
    (
        ["03-10 09:00 RU import_customs", "03-12 09:00 RU customs_released", "03-11 09:00 RU !customs_hold"],
        "customs_released"
    ),
    (
        ["03-10 09:00 RU import_customs", "03-11 09:00 RU !lost", "03-12 09:00 RU destination_transit"],
        "destination_transit !lost"
    ),
    (["03-10 09:00 RU import_customs", "03-11 09:00 RU !lost", "03-12 09:00 RU !delayed"], "import_customs !lost"),
    // Both in one row.
    (["03-10 09:00 RU arrived_delivery_office !delayed"], "arrived_delivery_office !delayed"),
])
func `a condition lasts until a later event of the same or a higher rank; the terminal ones stay`(
    rows: [String], expected: String
) throws {
    let found = try journey(rows)
    #expect(found.milestone.rawValue + (found.condition.map { " !\($0.rawValue)" } ?? "") == expected)
}

@Test func `a condition has its own beginning, and one told again keeps it`() throws {
    let rows = [
        "03-10 09:00 RU import_customs", "03-11 09:00 RU !customs_hold", "03-12 09:00 RU !customs_hold",
        "03-13 09:00 RU KEEP",
    ]
    let held = try journey(rows)
    #expect(held.conditionSince == (try shanghai("2026-03-11 09:00")))
    #expect(held.since == (try shanghai("2026-03-10 09:00")))
}

@Test func `rows without a zone are taken as the provider orders them, though their times say otherwise`() throws {
    // The Chinese leg in Chinese time and the Russian one in Moscow's, neither says so: 09:00 came after 12:00.
    let rows = try [
        "03-09 12:00 - customs_released", "03-09 11:00 - !attempt_failed", "03-09 09:00 - out_for_delivery",
    ]
    .map(checkpoint)
    func result(_ isCertain: Bool) throws -> Condition? {
        let events = try rows.enumerated().map { try event($1, $0, isCertain: isCertain) }
        return ParcelCore.journey(of: events.reversed(), role: .international, summary: nil).condition
    }
    #expect(try result(false) == nil)
    // By their times the failed attempt came last but one, and release does not clear it.
    #expect(try result(true) == .attemptFailed)
    // One row without a zone is enough: among those with one it cannot be placed by time.
    let mixed = try rows.enumerated().map { try event($1, $0, isCertain: $0 != 1) }
    #expect(ParcelCore.journey(of: mixed, role: .international, summary: nil).condition == nil)
}

@Test(
    arguments: [
        (.domestic, ["03-02 09:00 CN LEG_TRANSIT"], "origin_transit cn_domestic at origin"),
        (.international, ["03-02 09:00 CN LEG_TRANSIT"], "origin_transit cn_domestic at origin"),
        (.international, ["03-02 09:00 KZ LEG_TRANSIT"], "international_transit cross_border at cross_border"),
        (.international, ["03-02 09:00 RU LEG_TRANSIT"], "destination_transit ru_domestic at destination"),
        (.lastMile, ["03-02 09:00 - LEG_TRANSIT"], "destination_transit ru_domestic at destination"),
        (.forwarder, ["03-02 09:00 - LEG_TRANSIT"], "origin_transit cn_domestic at origin"),
        // Nobody says where: it goes on where it was.
        (
            .forwarder, ["03-02 09:00 - departed_origin", "03-03 09:00 - LEG_TRANSIT"],
            "international_transit cross_border at cross_border"
        ),
        (
            .forwarder, ["03-02 09:00 - import_customs", "03-03 09:00 - LEG_TRANSIT"],
            "import_customs cross_border at cross_border"
        ),
        (
            .forwarder, ["03-02 09:00 - customs_released", "03-03 09:00 - LEG_TRANSIT"],
            "destination_transit ru_domestic at destination"
        ),
        // A crossing is one wherever it is written down.
        (.international, ["03-02 09:00 CN export_customs"], "export_customs cross_border at cross_border"),
        (.international, ["03-02 09:00 RU import_customs"], "import_customs cross_border at cross_border"),
        // Data is no parcel: the last mile's order may lie there for weeks.
        (.lastMile, ["03-02 09:00 - registered"], "registered unknown at origin"),
        (.international, ["03-02 09:00 RU registered"], "registered unknown at origin"),
        (.domestic, ["03-02 09:00 - registered"], "registered cn_domestic at origin"),
        (.international, ["03-20 09:00 RU ready_for_pickup"], "ready_for_pickup ru_domestic at pickup"),
        // The leg does not go back either.
        (
            .international, ["03-20 09:00 RU destination_transit", "03-21 09:00 CN LEG_TRANSIT"],
            "destination_transit ru_domestic at destination"
        ),
        (.lastMile, ["03-20 09:00 RU DELIVERED_BY_LEG"], "delivered ru_domestic ended delivered"),
        (.international, ["03-20 09:00 - delivered"], "delivered ru_domestic ended delivered"),
        // Signed for at the forwarder's warehouse.
        (.domestic, ["03-05 09:00 - DELIVERED_BY_LEG"], "handed_to_forwarder cn_domestic ended handed_over"),
        (.domestic, ["03-05 09:00 - delivered"], "handed_to_forwarder cn_domestic ended handed_over"),
        // On its way to the warehouse, or in a locker at its door, it is not handed over yet.
        (.domestic, ["03-05 09:00 CN out_for_delivery"], "origin_transit cn_domestic at origin"),
        (.domestic, ["03-05 09:00 CN ready_for_pickup"], "origin_transit cn_domestic at origin"),
        (
            .domestic, ["03-05 09:00 CN ready_for_pickup", "03-05 19:00 CN DELIVERED_BY_LEG"],
            "handed_to_forwarder cn_domestic ended handed_over"
        ),
    ] as [(TrackNumberRole, [String], String)])
func `where a row without a place happens follows from its number, its country and what it is`(
    role: TrackNumberRole, rows: [String], expected: String
) throws {
    #expect(try journey(rows, role).words == expected)
}

@Test(arguments: [
    // It stands alone where there is no event.
    ([], "registered", "registered unknown at origin"), ([], "unknown", "unknown unknown at acceptance"),
    ([], "!invalid_number", "unknown !invalid_number unknown at acceptance"),
    ([], "!expired", "unknown !expired unknown at acceptance"),
    (["03-02 09:00 CN accepted"], "unknown", "accepted cn_domestic at origin"),
    (["03-20 09:00 RU destination_transit"], "delivered", "delivered ru_domestic ended delivered"),
    (["03-20 09:00 RU destination_transit"], "!delayed", "destination_transit !delayed ru_domestic at destination"),
    // Repeating the last event, it clears nothing and says no other place.
    (["03-11 09:00 RU import_customs !customs_hold"], "import_customs", "import_customs !customs_hold"),
    (["03-02 09:00 KZ international_transit"], "LEG_TRANSIT", "international_transit cross_border"),
    (["03-11 09:00 RU !returning"], "delivered", "unknown !returned"),
    (["03-02 09:00 CN accepted"], "?", "accepted cn_domestic"),
])
func `a provider's own summary counts where it says more than its events`(
    rows: [String], summary: String, expected: String
) throws {
    #expect(try journey(rows, summary: summary).words.hasPrefix(expected))
}

@Test func `nothing but the end of its own leg finishes a number`() {
    for milestone in Milestone.allCases {
        var journey = Journey()
        journey.milestone = milestone
        var isFinished = false
        if case .finished = journey.meaning { isFinished = true }
        #expect(isFinished == (milestone == .delivered || milestone == .handedToForwarder), "\(milestone)")
    }
}
