import ParcelCore
import Testing

@Test(
    arguments: [
        (Milestone.unknown, 12), (.registered, 12), (.accepted, 6), (.originTransit, 6), (.exportCustoms, 12),
        (.exportReleased, 12), (.departedOrigin, 24), (.internationalTransit, 24), (.arrivedDestinationCountry, 6),
        (.importCustoms, 6), (.customsReleased, 8), (.destinationTransit, 8), (.arrivedDeliveryOffice, 4),
        (.readyForPickup, 12), (.outForDelivery, 2),
    ] as [(Milestone, Int64)])
func `each milestone has its interval`(milestone: Milestone, hours: Int64) {
    var journey = Journey()
    journey.milestone = milestone
    #expect(Cadence.standard.interval(journey, unknownFor: nil, luck: 1) == .hours(hours))
    // Trouble at customs is looked at four times a day, a parcel on its way back once.
    for condition in [Condition.customsHold, .dutyDue] {
        journey.condition = condition
        #expect(Cadence.standard.interval(journey, unknownFor: nil, luck: 1) == .hours(6))
    }
    journey.condition = .delayed
    #expect(Cadence.standard.interval(journey, unknownFor: nil, luck: 1) == .hours(hours))
    journey.condition = .returning
    journey.isReturning = true
    #expect(Cadence.standard.interval(journey, unknownFor: nil, luck: 1) == .hours(24))
}

@Test(
    arguments: [
        (Duration.zero, 12), (.days(7) - .seconds(1), 12), (.days(7), 24), (.days(45) - .seconds(1), 24),
        (.days(45), 168),
        (.days(400), 168),
    ] as [(Duration, Int64)])
func `a number that is not known yet is asked about less and less, and never given up`(age: Duration, hours: Int64) {
    #expect(Cadence.standard.interval(Journey(), unknownFor: age, luck: 1) == .hours(hours))
    // Where it is known elsewhere makes no difference for who does not know it.
    var known = Journey()
    known.milestone = .outForDelivery
    #expect(Cadence.standard.interval(known, unknownFor: age, luck: 1) == .hours(hours))
    // A provider that never knew such numbers is left alone longer, but not longer than a week.
    #expect(Cadence.standard.interval(Journey(), unknownFor: age, luck: 4) == min(.hours(hours * 4), .days(7)))
    #expect(Cadence.standard.interval(Journey(), unknownFor: age, luck: 14) <= .days(7))
}

@Test(arguments: [
    (0, 0, 1), (0, 19, 1), (0, 20, 2), (0, 40, 4), (0, 60, 8), (0, 80, 14), (0, 10_000, 14), (1, 10_000, 1),
])
func `who never knew twenty numbers of a form is asked less about the next`(known: Int, missed: Int, factor: Int) {
    #expect(Luck(known: known, missed: missed).factor == factor)
}

@Test func `configured intervals count also for what is not known`() {
    var cadence = Cadence.standard
    cadence.every[.unknown] = .hours(48)
    #expect(cadence.interval(Journey(), unknownFor: .zero, luck: 1) == .hours(48))
    #expect(cadence.interval(Journey(), unknownFor: .days(10), luck: 1) == .hours(48))
    cadence.every[.accepted] = nil
    var journey = Journey()
    journey.milestone = .accepted
    #expect(cadence.interval(journey, unknownFor: nil, luck: 1) == cadence.longest)
}
