// Track numbers in a scenario: what happens to each, which carrier shows it and when, and the carriers' own limits.
// NumbersReader.swift reads it.
//
//   17track        key, quota (numbers that may be registered, 200), daily (registrations a day of UTC; none),
//                  per_second (3), batch (40), first_data (a registered number has no information so long, 5m),
//                  sync_every (it looks at a number's carriers so often, 6h), lag, latency
//   russianpost    login, password, daily (requests a day, 100), zone (whose midnight begins the day, +03:00), lag, latency
//   kuaidi100      customer, key, every (a number at most so often, 30m), daily (none), zone (+08:00), lag, latency
//   cdek           account, password, token_life (1h), lag, latency
//   cainiao        every (a number at most so often, 6h), batch (10), lag, latency
//   generic        token, page_size (rows of a page at most, 50), lag, latency
//   numbers        a list of:
//     number       as it is written on the parcel
//     events       {at, text, place, country (CN), zone (the place's, by its country), carrier, withdrawn_at} and, for
//                  each carrier that shows it, its own code: `17track: InTransit_Departure`, `russianpost: 8/2`,
//                  `kuaidi100: 1002`, `cdek: DELIVERED`, `cainiao: LH_DEPART`, `generic: departed`. For the demo's
//                  table also what it comes to: milestone, condition
//     lag          all its carriers show everything so much later
//     carrier      17TRACK's key of the first carrier (3011, China Post); last_carrier: of the one in the country where
//                  the parcel is going (18031, Russian Post), whose events are those of that country
//     last_mile    the number of the last mile, found in 17TRACK's and Cainiao's answers from last_mile_at on
//     company      Kuaidi100 knows it under this courier only; phone: and only with these last four digits
//     dead         17TRACK stops following it then
//     recycled     then the number starts again: what was before is gone
//     registered   with 17TRACK, before the story begins
//     undetectable 17TRACK cannot guess its carrier, `invalid`: every carrier says that this is no number, `foreign`:
//                  CDEK says that it is another client's
//     title        what is sent: {ru, en}. A number that has one is a row of the demo's table
//     thing        what messages are about that concern it: an item `2004-1`, a parcel `601`
//     milestone    what the journey has come to at the end, and condition (ok): what `parcelctl show` says then of `asked`
//                  (the number itself)
//   tables         dates (Moscow's) at whose ends the table is printed where it cannot move

extension Scenario {
    package enum Carrier: String, Sendable, CaseIterable {
        case seventeenTrack = "17track"
        case russianPost = "russianpost"
        case kuaidi100, cdek, cainiao, generic
    }

    package struct Carriers: Sendable {
        package struct SeventeenTrack: Sendable {
            package var key = "DEMO17TRACKKEY0123456789ABCDEF01"
            package var quota = 200
            package var daily: Int?
            package var perSecond = 3
            package var batch = 40
            package var firstData: Int64 = 5 * 60_000
            package var syncEvery: Int64 = 6 * 3_600_000
            package var pace = Pace()
        }

        package struct RussianPost: Sendable {
            package var login = "demo-login"
            package var password = "demo-russianpost-password"
            package var daily = 100
            package var zoneMinutes = 180
            package var pace = Pace()
        }

        package struct Kuaidi100: Sendable {
            package var customer = "DEMOCUSTOMER"
            package var key = "demo-kuaidi100-key"
            package var every: Int64 = 30 * 60_000
            package var daily: Int?
            package var zoneMinutes = 480
            package var pace = Pace()
        }

        package struct CDEK: Sendable {
            package var account = "demo-account"
            package var password = "demo-cdek-password"
            package var tokenLife: Int64 = 3_600_000
            package var pace = Pace()
        }

        package struct Cainiao: Sendable {
            package var every: Int64 = 6 * 3_600_000
            package var batch = 10
            package var pace = Pace()
        }

        package struct Generic: Sendable {
            package var token = "demo-generic-token"
            package var pageSize = 50
            package var pace = Pace()
        }

        package var seventeenTrack = SeventeenTrack()
        package var russianPost = RussianPost()
        package var kuaidi100 = Kuaidi100()
        package var cdek = CDEK()
        package var cainiao = Cainiao()
        package var generic = Generic()

        package func pace(of carrier: Carrier) -> Pace {
            switch carrier {
            case .seventeenTrack: seventeenTrack.pace
            case .russianPost: russianPost.pace
            case .kuaidi100: kuaidi100.pace
            case .cdek: cdek.pace
            case .cainiao: cainiao.pace
            case .generic: generic.pace
            }
        }
    }

    package struct NumberEvent: Sendable {
        package var at: Moment
        package var text: String
        package var place = ""
        package var country = "CN"
        /// Nil: China's or Moscow's.
        package var zone: Int?
        /// 17TRACK's key of the carrier that tells it, where it is neither of the number's two.
        package var carrier: Int?
        package var withdrawn: Moment?
        package var milestone: String?
        package var condition: String?
        /// Who shows it, and as what.
        package var codes: [Carrier: String]

        package var zoneMinutes: Int { zone ?? (country == "RU" ? 180 : 480) }
    }

    package struct Number: Sendable {
        package var number: String
        /// The oldest first.
        package var events: [NumberEvent]
        package var lag: Int64 = 0
        package var carrier = 3011
        package var lastCarrier = 18031
        package var lastMile: String?
        package var lastMileAt: Moment?
        package var company: String?
        package var phone: String?
        package var dead: Moment?
        package var recycled: Moment?
        package var isRegistered = false
        package var isUndetectable = false
        package var isInvalid = false
        package var isForeign = false
        /// Made for a benchmark, like many others.
        package var isGenerated = false
        package var title: (ru: String, en: String)?
        package var thing: String?
        package var asked: String?
        package var milestone: String?
        package var condition: String?

        package init(number: String, events: [NumberEvent]) {
            self.number = number
            self.events = events
        }

        /// What the carrier shows when its clock says `now`, the oldest first.
        ///
        /// - Parameter revoked: with the events that were withdrawn.
        func events(of carrier: Carrier, at now: Int64, revoked: Bool = false) -> [NumberEvent] {
            let now = now - lag
            return events.filter { event in
                guard event.codes[carrier] != nil, event.at.ms <= now else { return false }
                if let recycled, (event.at < recycled) != (now < recycled.ms) { return false }
                return revoked || !event.isWithdrawn(at: now)
            }
        }

        func lastMile(at now: Int64) -> String? { (lastMileAt?.ms ?? .min) <= now - lag ? lastMile : nil }

        /// Everything that changes an answer about it.
        var instants: [Int64] {
            events.map(\.at.ms) + events.compactMap { $0.withdrawn?.ms }
                + [recycled, dead, lastMileAt].compactMap { $0?.ms }
        }
    }
}

extension Scenario.NumberEvent {
    func isWithdrawn(at now: Int64) -> Bool { withdrawn.map { $0.ms <= now } ?? false }

    /// `2026-04-22T11:00:00`, as the clock on the wall of the place says.
    var wallTime: String { local(at.ms, minutes: zoneMinutes) }

    /// `+03:00`.
    var offset: String {
        let minutes = abs(zoneMinutes)
        return "\(zoneMinutes < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
