// A scenario: what each provider shows and when, what goes wrong, and what a manager should get. ScenarioReader.swift
// reads it from a YAML file; a key that is not named here is refused.
//
// Instants are `2017-09-26 10:00` in Shanghai unless they carry an offset; lengths are `90s`, `30m`, `6h`, `1d`.
//
//   start, end     the story; at `end` time stops
//   otcommerce     instance_key, secret (empty: no signature asked), login, password, zone (of its zoneless times),
//                  session_life, frame_cap (rows of a page at most), wrapped_lists, process_log, package_statuses,
//                  lag (all is shown so much later), latency (of every answer, in real time)
//   orders         of the shop: id, created, goods, delivery, weight, timeline, lines, packages. A line has id, num,
//                  title, seller, amount, external_order, account, item, config, weight, qty, timeline; a package id,
//                  external (id in the delivery system), created, price, weight, lines, timeline, checkpoints
//   litemf         api_key, page_cap, lag, latency; incoming: id, fid, name, timeline; outgoing: id, name, incoming,
//                  weight, timeline
//   shiptor        token, zone, page_cap, lag, latency; packages: id, external_id, articles, created, weight, archived,
//                  timeline, checkpoints
//   numbers        track numbers as the carriers show them, the carriers' own settings, the table: see Numbers.swift
//   telegram       token; answers: a list of {at, text} or {at, press, thing}, with user (an id) and name: what somebody
//                  writes then, or which button (`ack`, `snz:2`, `why`, `let`) they press under the latest message about it
//   timeline       a list of {at, status, name, track, external_track, outgoing, lines, gone}: what changes then.
//                  An empty track takes the number away; `gone: true` takes the thing out of all answers
//   checkpoints    a list of {at, text, place}
//   faults         {provider, kind, from, to, method, thing, code, retry_after, delay, times}; see Fault.Kind
//   clock          {at, jump, for}: the clock server lies by `jump` for so long; `Date` headers never do
//   holidays       {from, to, ru, en}: only the demo's words about what a rule without a calendar would invent
//   expect         {date, thing, kind, ru, en}: a message of that Moscow date that contains those texts
//   latency        of every answer of all, in real time
//   generate       {orders, lines_per_order, packages, numbers}: many alike, for benchmarks. The numbers are registered
//                  with 17TRACK, which shows seven events of each; the first packages carry them

package struct ScenarioError: Error, CustomStringConvertible {
    /// Each with its line, where it has one.
    package let problems: [String]
    package var description: String { problems.joined(separator: "\n") }

    package init(problems: [String]) { self.problems = problems }
}

package struct Scenario: Sendable {
    /// What a provider makes of time: both in milliseconds, the latency in real ones.
    package struct Pace: Sendable {
        package var lag: Int64 = 0
        package var latency: Int64 = 0
    }

    package struct Shop: Sendable {
        package var instanceKey = "demo-instance-key"
        package var secret = "demo-secret"
        package var login = "operator"
        package var password = "demo-password"
        package var zoneMinutes = 480
        package var sessionLife: Int64 = 24 * 3_600_000
        package var frameCap = 1000
        package var wrappedLists = false
        package var processLog = false
        package var packageStatuses = [
            "10": "Создана", "11": "Экспортировано в систему службы доставки", "12": "Отправлено", "15": "Доставлено",
        ]
        package var pace = Pace()
    }

    package struct LiteMF: Sendable {
        package var apiKey = "0123456789abcdef0123456789abcdef01234567"
        package var pageCap = 1000
        package var pace = Pace()
        package var incoming: [Incoming] = []
        package var outgoing: [Outgoing] = []
    }

    package struct Shiptor: Sendable {
        package var token = "demo-shiptor-token-0123456789abcdef01234"
        package var zoneMinutes = 180
        package var pageCap = 100
        package var pace = Pace()
        package var packages: [ShiptorPackage] = []
    }

    package struct Step: Sendable {
        package var at: Moment
        package var status: String?
        package var name: String?
        /// A track number set from then on; empty: taken away.
        package var track: String?
        package var externalTrack: String?
        /// LiteMF's outgoing package that an incoming one is in.
        package var outgoing: Int?
        /// Ids of the lines that a package holds from then on.
        package var lines: [String]?
        package var isGone = false
    }

    package struct Line: Sendable {
        package var id: String
        package var num: Int?
        package var title = ""
        package var seller = ""
        package var amount = "0.00"
        package var externalOrder: String?
        package var account: String?
        package var item: String?
        package var config = ""
        package var weight: String?
        package var qty = 1
        package var timeline: [Step]
    }

    package struct Package: Sendable {
        package var id: String
        package var external: String?
        package var created: Moment
        package var price: String?
        package var weight: String?
        package var lines: [String]
        package var timeline: [Step]
        package var checkpoints: [Checkpoint] = []
    }

    package struct Order: Sendable {
        package var id: String
        package var created: Moment
        package var goods: String?
        package var delivery: String?
        package var weight: String?
        package var timeline: [Step]
        package var lines: [Line]
        package var packages: [Package] = []

        /// `1907` of `ORD-000001907`.
        package var number: String { String(id.drop { !("1"..."9").contains($0) }) }
    }

    package struct Incoming: Sendable {
        package var id: Int
        package var fid: String
        package var name = "Товар"
        package var timeline: [Step]
    }

    package struct Outgoing: Sendable {
        package var id: Int
        package var name: String
        package var incoming: [Int]
        package var weight = 0
        package var timeline: [Step]
    }

    package struct Checkpoint: Sendable {
        package var at: Moment
        package var text: String
        package var place = ""
    }

    package struct ShiptorPackage: Sendable {
        package var id: Int
        package var externalID: String
        package var articles: [String]
        package var created: Moment
        package var weight: String?
        package var archived: Moment?
        package var timeline: [Step]
        package var checkpoints: [Checkpoint] = []
    }

    package struct Fault: Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            /// A gateway's 503 page to everything.
            case outage
            /// The connection is reset without a byte of an answer.
            case refuse
            /// The connection is reset in the middle of the body.
            case reset
            /// No answer until the client gives up.
            case hang
            /// Status `code` (500), with `retry_after` as it is written.
            case status
            /// A block page with status 200.
            case html
            /// The documented refusal of the account.
            case auth
            case sessionExpired = "session_expired"
            case truncated
            case empty
            /// Every row has members of wrong types.
            case malformed
            /// One row has: that of `thing`, else the first.
            case malformedRow = "malformed_row"
            /// A row is missing from a list, as if it were not there: that of `thing`, else the last.
            case dropRow = "drop_row"
            /// A page ends a row early, while the total stays.
            case shortPage = "short_page"
            /// The body comes byte by byte, `delay` apart (50 ms).
            case slow
            /// The answer is compressed although nobody asked.
            case gzip
            /// The body never ends.
            case endless
            /// Taken and recorded, and then the connection closes without an answer: the sender has to repeat.
            case lostAnswer = "lost_answer"
            /// The day's requests are spent, as the carrier documents it.
            case quota
            /// The carrier takes us for a machine: its block page, with status 200.
            case block
            /// CDEK's token is no longer good.
            case tokenExpired = "token_expired"
        }

        /// otcommerce, litemf, shiptor, a carrier, telegram or webhook.
        package var provider: String
        package var method: String?
        /// Only answers about it: an id, `1907-2`, `ORD-000001907`.
        package var thing: String?
        package var from: Moment
        package var to: Moment
        package var kind: Kind
        package var code: Int?
        package var retryAfter: String?
        /// Milliseconds.
        package var delay: Int64?
        /// Only the first so many requests.
        package var times: Int?

        package init(provider: String, from: Moment, to: Moment, kind: Kind) {
            self.provider = provider
            self.from = from
            self.to = to
            self.kind = kind
        }
    }

    package struct ClockLie: Sendable {
        package var from: Moment
        package var to: Moment
        /// Milliseconds.
        package var shift: Int64

        package init(from: Moment, to: Moment, shiftMinutes: Int) {
            self.from = from
            self.to = to
            shift = Int64(shiftMinutes) * 60_000
        }
    }

    package struct Holiday: Sendable {
        package var from: Moment
        /// Its last day.
        package var to: Moment
        package var ru: String
        package var en: String
    }

    package struct Expectation: Sendable {
        /// Moscow's date of the message.
        package var date: String
        package var thing: String
        package var kind: String
        /// What its text has to contain, by language.
        package var ru: [String]?
        package var en: [String]?

        package init(date: String, thing: String, kind: String, ru: [String], en: [String]) {
            self.date = date
            self.thing = thing
            self.kind = kind
            self.ru = ru
            self.en = en
        }
    }

    package struct Generate: Sendable {
        package var orders = 0
        package var linesPerOrder = 0
        package var packages = 0
        package var numbers = 0
    }

    package var start: Moment
    package var end: Moment
    package var otcommerce = Shop()
    package var litemf = LiteMF()
    package var shiptor = Shiptor()
    package var carriers = Carriers()
    package var numbers: [Number] = []
    /// Dates of the demo's tables.
    package var tables: [String] = []
    package var telegramToken = "1907:demo-telegram-token"
    package var answers: [Said] = []
    package var orders: [Order] = []
    package var faults: [Fault] = []
    package var clock: [ClockLie] = []
    package var holidays: [Holiday] = []
    package var expect: [Expectation]?
    package var generate = Generate()
    /// Of every answer, in real milliseconds; a provider's own comes on top.
    package var latency: Int64 = 0
}

extension [Scenario.Step] {
    /// What the steps until then add up to; nil before the first and after it is gone.
    func state(at now: Int64) -> Scenario.Step? {
        var state: Scenario.Step?
        for step in self where step.at.ms <= now {
            guard var known = state else {
                state = step
                continue
            }
            known.at = step.at
            known.isGone = step.isGone
            known.status = step.status ?? known.status
            // A name belongs to its status.
            known.name = step.name ?? (step.status == nil ? known.name : nil)
            known.track = step.track ?? known.track
            known.externalTrack = step.externalTrack ?? known.externalTrack
            known.outgoing = step.outgoing ?? known.outgoing
            known.lines = step.lines ?? known.lines
            state = known
        }
        return state?.isGone == true ? nil : state
    }
}
