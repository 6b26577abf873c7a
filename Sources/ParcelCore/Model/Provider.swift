// The one protocol that a provider implements: what to ask, and how the answers read. It sends nothing.

/// Something a provider can be asked: a whole list (`key` is empty), or about one thing.
package struct Ask: Hashable, Sendable {
    /// The provider's own word for the call, `orders`, `packages`, `log`.
    package let kind: String
    package let key: String

    package init(_ kind: String, key: String = "") {
        self.kind = kind
        self.key = key
    }
}

/// An ask and how often it is due.
package struct AskPlan: Sendable, Hashable {
    package let ask: Ask
    /// Nil: asked once, and never again after an answer.
    package let every: Duration?
    /// The longest that it may go without being asked, where a budget does not allow `every`.
    package var longest: Duration?
    /// Not asked any more from then on.
    package var until: Timestamp?
    /// The next threshold that an answer could confirm.
    package var deadline: Timestamp?
    /// When to ask so that the threshold is confirmed in time.
    package var confirmAt: Timestamp?

    package init(
        _ ask: Ask, every: Duration?, longest: Duration? = nil, until: Timestamp? = nil, deadline: Timestamp? = nil
    ) {
        self.ask = ask
        self.every = every
        self.longest = longest
        self.until = until
        self.deadline = deadline
    }
}

/// How much a provider lets itself be asked.
package struct Manners: Sendable, Hashable {
    package var requestsPerSecond: Double
    package var parallel: Int
    /// Nil where no daily limit is known.
    package var requestsPerDay: Int?
    /// Name of the zone at whose midnight the provider's day begins.
    package var dayZone: String
    /// How often one thing may be asked for at most; nil where that is not limited.
    package var minimumInterval: Duration?

    package init(
        requestsPerSecond: Double, parallel: Int, requestsPerDay: Int? = nil, dayZone: String = "UTC",
        minimumInterval: Duration? = nil
    ) {
        self.requestsPerSecond = requestsPerSecond
        self.parallel = parallel
        self.requestsPerDay = requestsPerDay
        self.dayZone = dayZone
        self.minimumInterval = minimumInterval
    }
}

/// Why an ask gave no report. `retry` is what the poller does about it.
package enum PollError: Error, Sendable, Equatable {
    case unreachable(reason: String)
    /// HTML, a block page, nothing: something else than the provider answered.
    case notData(reason: String)
    case rateLimited(retryAfter: Duration?)
    /// The documented code for a wrong key, token, signature or password.
    case authentication(reason: String)
    /// The provider says that our clock is wrong.
    case clock(reason: String)
    case malformed(field: String)
    case refused(reason: String)
    /// The provider refuses machines, or ours: asking on makes it worse.
    case blocked(reason: String)
    /// The provider says that the day's or the account's requests are spent.
    case quotaSpent(reason: String)

    package enum Retry: Sendable, Equatable {
        case backoff
        case after(Duration)
        /// At the beginning of the provider's next day.
        case nextDay
        /// Stops the whole provider until the daily probe or a person.
        case stopProvider
    }

    package var retry: Retry {
        switch self {
        case .rateLimited(let delay?): .after(delay)
        case .authentication: .stopProvider
        case .blocked: .after(.hours(6))
        case .quotaSpent: .nextDay
        case .unreachable, .notData, .rateLimited(nil), .clock, .malformed, .refused: .backoff
        }
    }

    /// Whether it speaks of the provider as a whole; the others speak of one thing.
    package var isProviderWide: Bool {
        switch self {
        case .unreachable, .notData, .rateLimited, .authentication, .clock, .blocked, .quotaSpent: true
        case .malformed, .refused: false
        }
    }

    package var reason: String {
        switch self {
        case .unreachable(let reason), .notData(let reason), .clock(let reason): reason
        case .rateLimited(let delay): delay.map { "rate limited for \($0.milliseconds / 1000) s" } ?? "rate limited"
        case .authentication(let reason): "authentication failed: \(reason)"
        case .malformed(let field): "cannot read \(field)"
        case .refused(let reason): "refused: \(reason)"
        case .blocked(let reason): "blocked: \(reason)"
        case .quotaSpent(let reason): "no requests left: \(reason)"
        }
    }
}

/// What a finished conversation listed completely, so that an absence from it means something.
package enum Scope: Sendable, Hashable {
    /// Every thing of that kind; `filtered` where the provider was asked for a part only.
    case all(ThingKind, filtered: Bool)
    /// Every parcel of that order.
    case parcels(ofOrder: ExternalID)
    /// Every item of that order.
    case items(ofOrder: ExternalID)
}

/// A row that could not be read. The rest of the answer was.
package struct Rejected: Sendable, Hashable {
    /// Nil where not even the id could be read.
    package var id: ExternalID?
    package var field: String

    package init(id: ExternalID?, field: String) {
        self.id = id
        self.field = field
    }
}

/// A status that a thing held in the past, with the provider's own time for its start.
package struct PastStatus: Sendable, Hashable {
    package var id: ExternalID
    package var code: String
    package var text: String
    package var time: GivenTime

    package init(id: ExternalID, code: String, text: String, time: GivenTime) {
        self.id = id
        self.code = code
        self.text = text
        self.time = time
    }
}

/// All that one conversation learned.
package struct Report: Sendable {
    package var snapshots: [Snapshot] = []
    /// Asked for by id, and the provider answered that it has no such thing.
    package var notFound: [ExternalID] = []
    package var rejected: [Rejected] = []
    package var complete: [Scope] = []
    package var past: [PastStatus] = []
    /// Numbers that the provider stopped following by itself: its answers confirm nothing any more.
    package var stopped: [ExternalID] = []
    /// How many writes the account has left, as the provider says.
    package var writesLeft: Int?
    /// What the provider gave to be shown again next time; kept in memory only.
    package var session: Secret?

    package init() {}
}

package enum Turn: Sendable {
    case send(HTTPRequest)
    /// Changes something at the provider (a number registered) and spends that many of the account's writes. Counted,
    /// durably, before it is sent.
    case write(HTTPRequest, spends: Int)
    case done(Report)
}

/// One ask from its first request to its report: a value that is fed answers and says what to send next.
package protocol Conversation: Sendable {
    /// Called first with nil, then with the answer to each request that it returned.
    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn
}

/// What the poller knows when a conversation begins.
package struct Opening: Sendable {
    package var now: Timestamp
    /// What this provider's last report gave.
    package var session: Secret?
    /// How many writes it may still send; nil where that is not known yet, and then it sends none.
    package var writesLeft: Int?

    package init(now: Timestamp, session: Secret?, writesLeft: Int? = nil) {
        self.now = now
        self.session = session
        self.writesLeft = writesLeft
    }
}

/// What is stored of one provider's view, as far as it matters to what else should be asked about it.
package struct KnownView: Sendable {
    package var id: ExternalID
    package var progress: StatusMeaning
    /// The thing's present stage, whoever stated it; nil when finished.
    package var stage: Stage?
    package var ending: Ending?
    package var statusCode: String

    package init(id: ExternalID, progress: StatusMeaning, stage: Stage?, ending: Ending?, statusCode: String) {
        self.id = id
        self.progress = progress
        self.stage = stage
        self.ending = ending
        self.statusCode = statusCode
    }
}

package protocol Provider: Sendable {
    var id: ProviderID { get }
    var manners: Manners { get }
    /// Name of the zone in which its zoneless times are read; nil where not known.
    var zoneName: String? { get }
    /// Asked always, whatever is stored. The first of them is the list whose failure means that the provider is down.
    var lists: [AskPlan] { get }
    /// Which lists show a thing of that kind, so that it is known which ask hastens it.
    func asks(about view: KnownView) -> [AskPlan]
    /// Asks for one thing by its id, which settles whether it still exists; nil where there is no such call.
    func ask(byID id: ExternalID) -> Ask?
    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation
    /// Several asks of one kind, at most `batchSize` of them, in one conversation.
    func converse(batch: [Ask], _ opening: Opening) -> any Conversation
    /// The most asks of that kind that go into one conversation.
    func batchSize(of kind: String) -> Int
    /// How this provider is asked about a number; nil where it does not follow such numbers.
    func ask(following number: FollowedNumber) -> Ask?
}

extension Provider {
    package func converse(batch: [Ask], _ opening: Opening) -> any Conversation { converse(batch[0], opening) }
    package func batchSize(of kind: String) -> Int { 1 }
    package func ask(following number: FollowedNumber) -> Ask? { nil }
}

/// A track number and what is known of it when it is decided who is asked about it.
package struct FollowedNumber: Sendable, Hashable {
    package var number: TrackNumber
    /// Nil for one that no thing carries.
    package var role: TrackNumberRole?
    /// Ids of the formats (TrackNumberFormat) that it has the form of, in the table's order.
    package var formats: [String]
    /// The carrier that the user chose, by the id of its format; nil where nobody did.
    package var carrier: String?

    package init(_ number: TrackNumber, role: TrackNumberRole?, carrier: String? = nil) {
        self.number = number
        self.role = role
        formats = ParcelCore.formats(of: number).map(\.format.id)
        self.carrier = carrier
    }

    /// What it may be by the user's choice, else by its form.
    package var candidates: [String] { carrier.map { [$0] } ?? formats }
}
