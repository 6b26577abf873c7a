import ParcelCore
import Testing

/// One provider's events about one number of the chain: `0` is the seller's courier's, later numbers take over.
private struct Told: Sendable {
    let provider: ProviderID
    let index: Int
    let rows: [String]
    let isWatched: Bool

    init(_ provider: ProviderID, _ index: Int, _ rows: [String], isWatched: Bool = true) {
        self.provider = provider
        self.index = index
        self.rows = rows
        self.isWatched = isWatched
    }

    func part() throws -> JourneyPart {
        let roles: [TrackNumberRole] = [.domestic, .forwarder, .international, .lastMile]
        return JourneyPart(
            provider: provider, number: try #require(TrackNumber("N\(index)")), index: index, role: roles[index],
            journey: try journey(rows, roles[index]), isWatched: isWatched)
    }
}

@Test(arguments: [
    (Leg.cnDomestic, "kuaidi100 17track cainiao russianpost"), (.crossBorder, "17track=cainiao russianpost cdek"),
    (.ruDomestic, "russianpost=cdek 17track cainiao"), (.unknown, "17track=cainiao russianpost kuaidi100"),
])
func `the carriers have an order on each leg, those that it does not name come last`(leg: Leg, order: String) {
    let groups = order.split(separator: " ").map { $0.split(separator: "=").map { ProviderID(String($0)) } }
    for (nearer, further) in zip(groups, groups.dropFirst()) {
        for one in nearer { #expect(nearer.allSatisfy { authority(of: $0, on: leg) == authority(of: one, on: leg) }) }
        for one in nearer {
            for other in further { #expect(authority(of: one, on: leg) < authority(of: other, on: leg)) }
        }
    }
}

@Test(arguments: [
    // In China Kuaidi100 says that the warehouse signed; whoever else does finishes nothing.
    (
        [Told("kuaidi100", 0, ["03-04 09:00 CN delivered"]), Told("17track", 0, ["03-03 09:00 CN origin_transit"])],
        "handed_to_forwarder cn_domestic ended handed_over"
    ),
    (
        [Told("kuaidi100", 0, ["03-03 09:00 CN origin_transit"]), Told("17track", 0, ["03-04 09:00 CN delivered"])],
        "origin_transit cn_domestic at origin"
    ),
    (
        [Told("17track", 0, ["03-04 09:00 CN delivered"]), Told("cainiao", 0, ["03-03 09:00 CN origin_transit"])],
        "handed_to_forwarder cn_domestic ended handed_over"
    ),
    // At the border a row of Russian Post raises, and its hold is not the decider's.
    (
        [
            Told("17track", 2, ["03-05 09:00 CN departed_origin"]),
            Told("russianpost", 2, ["03-05 09:00 CN export_customs !customs_hold"]),
        ], "departed_origin cross_border at cross_border"
    ),
    (
        [
            Told("17track", 2, ["03-05 09:00 CN departed_origin"]),
            Told("russianpost", 2, ["03-09 09:00 RU customs_released"]),
        ], "customs_released cross_border at cross_border"
    ),
    // Equal authority: the furthest decides.
    (
        [
            Told("17track", 1, ["03-05 09:00 CN departed_origin !delayed"]),
            Told("cainiao", 1, ["03-09 09:00 RU import_customs !duty_due"]),
        ], "import_customs !duty_due cross_border at cross_border"
    ),
    // In Russia the post hands it out; 17TRACK alone only brings it to the door.
    (
        [
            Told("russianpost", 2, ["03-20 09:00 RU ready_for_pickup"]),
            Told("17track", 2, ["03-20 18:00 RU out_for_delivery", "03-21 09:00 RU delivered"]),
        ], "out_for_delivery ru_domestic at destination"
    ),
    (
        [
            Told("russianpost", 2, ["03-21 09:00 RU delivered"]),
            Told("17track", 2, ["03-20 09:00 RU ready_for_pickup"]),
        ], "delivered ru_domestic ended delivered"
    ),
    (
        [Told("cdek", 3, ["03-21 09:00 RU delivered"]), Told("17track", 3, ["03-20 09:00 RU destination_transit"])],
        "delivered ru_domestic ended delivered"
    ),
    // Nobody but 17TRACK knows it: then 17TRACK finishes it.
    ([Told("17track", 2, ["03-21 09:00 RU delivered"])], "delivered ru_domestic ended delivered"),
    (
        [Told("17track", 2, ["03-21 09:00 RU delivered"]), Told("russianpost", 2, [])],
        "delivered ru_domestic ended delivered"
    ),
    // Who only says that there is no such number knows less than who says how far it is.
    (
        [Told("17track", 2, ["03-21 09:00 RU delivered"]), Told("russianpost", 2, ["03-20 09:00 - !invalid_number"])],
        "delivered ru_domestic ended delivered"
    ),
    // Who gave up watching leaves the decision to the next.
    (
        [
            Told("russianpost", 2, ["03-20 09:00 RU ready_for_pickup"], isWatched: false),
            Told("17track", 2, ["03-21 09:00 RU delivered"]),
        ], "delivered ru_domestic ended delivered"
    ),
    // On the way back nobody brings it further.
    (
        [
            Told("russianpost", 2, ["03-20 09:00 RU destination_transit", "03-22 09:00 RU !returning"]),
            Told("17track", 2, ["03-21 09:00 RU ready_for_pickup"]),
        ], "destination_transit !returning ru_domestic at destination"
    ),
])
private func `the provider with the most authority decides, the others may only raise`(parts: [Told], expected: String)
    throws
{
    let parts = try parts.map { try $0.part() }
    #expect(journey(merging: parts).words == expected)
    #expect(journey(merging: parts.reversed()).words == expected)
}

@Test(arguments: [
    // The courier's number ended at the warehouse: the way goes on with the next one.
    (
        [Told("kuaidi100", 0, ["03-04 09:00 CN delivered"]), Told("17track", 1, ["03-08 09:00 CN accepted"])],
        "accepted cn_domestic at origin"
    ),
    // The last mile's order is known before the parcel is in Russia: the post's number still tells where it is.
    (
        [
            Told("17track", 2, ["03-09 09:00 RU import_customs"]), Told("cdek", 3, ["03-01 09:00 - registered"]),
        ], "import_customs cross_border at cross_border"
    ),
    (
        [
            Told("russianpost", 2, ["03-09 09:00 RU customs_released"]),
            Told("17track", 3, ["03-12 09:00 RU destination_transit", "03-14 09:00 RU delivered"]),
        ], "delivered ru_domestic ended delivered"
    ),
    // A number that nobody knows takes nothing over.
    (
        [Told("17track", 2, ["03-14 09:00 RU delivered"]), Told("cdek", 3, [])],
        "delivered ru_domestic ended delivered"
    ), ([], "unknown unknown at acceptance"),
])
private func `the newest number that anybody knows decides`(parts: [Told], expected: String) throws {
    #expect(journey(merging: try parts.map { try $0.part() }).words == expected)
}
