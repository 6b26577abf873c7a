// What a provider's stored health says about whether it is asked now. Decided nowhere else: the poller keeps the health.

package enum Breaker: Sendable, Hashable {
    /// Not asked yet.
    case unused
    /// It answers, and is asked.
    case closed
    /// It fails: left alone until then; nil where nothing is scheduled.
    case open(probeAt: Timestamp?)
    /// It failed, and is being tried or is tried next.
    case probing
    /// The login is wrong: tried once a day until a person mends it.
    case loginRefused(probeAt: Timestamp?)
    /// Nothing is wrong: its requests of the day are spent.
    case spent(until: Timestamp?)

    /// - Parameter nextAskAt: When the schedule asks it next; lists alone where it has any.
    package init(_ health: ProviderHealth, nextAskAt: Timestamp?, at now: Timestamp) {
        let next = [health.probeAt, nextAskAt].compactMap(\.self).max()
        if health.authFailedAt != nil {
            self = .loginRefused(probeAt: next)
        } else if health.isSpent, health.probeAt.map({ $0 > now }) ?? false {
            self = .spent(until: health.probeAt)
        } else if health.failingSince != nil {
            self = next.map { $0 > now } ?? true ? .open(probeAt: next) : .probing
        } else {
            self = health.lastSuccessAt == nil ? .unused : .closed
        }
    }

    package var name: String {
        switch self {
        case .unused: "unused"
        case .closed: "closed"
        case .open: "open"
        case .probing: "probing"
        case .loginRefused: "login_refused"
        case .spent: "spent"
        }
    }

    /// When it is asked again; nil where that is not put off.
    package var until: Timestamp? {
        switch self {
        case .open(let probeAt), .loginRefused(let probeAt): probeAt
        case .spent(let until): until
        case .unused, .closed, .probing: nil
        }
    }
}
