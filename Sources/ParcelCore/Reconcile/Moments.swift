// Which instant a provider's own time is, and whether it can be believed (DESIGN 5, "A").

/// Nothing that parceld follows is older than Taobao: what claims to be is a placeholder (0001, 1970).
private let earliest = Timestamp(seconds: 1_041_379_200)  // 2003-01-01T00:00:00Z

extension GivenTime {
    /// The instant, or nil where none is given or none can be believed: later than its first sight, or before the
    /// thing existed.
    ///
    /// - Parameters:
    ///   - zone: In which the provider writes its zoneless times. Where it is not known, the latest instant that its
    ///     possible zones allow is taken: UTC is the westernmost of those (Russia and China lie east of it).
    ///   - seenAt: When the answer came.
    ///   - existedSince: Creation of the thing, if known; a day of grace covers its own missing zone.
    package func instant(zone: Zone?, seenAt: Timestamp, existedSince: Timestamp?) -> Timestamp? {
        let claimed: Timestamp
        switch self {
        case .none, .unreadable: return nil
        case .instant(let instant, _): claimed = instant
        case .zoneless(let date, let second, _):
            claimed = (zone ?? .utc).instants(of: date, secondOfDay: second).latest
        case .date(let date, _):
            // Noon: the same civil date in Shanghai and in Moscow, and never pushed over UTC's midnight.
            let noon = (zone ?? .utc).instants(of: date, secondOfDay: 12 * 3600).latest
            // Today's date at its noon may still lie ahead of the morning in which it is read.
            claimed = noon > seenAt && (zone ?? .utc).date(of: seenAt) == date ? seenAt : noon
        }
        let floor = max(earliest, (existedSince ?? earliest) - .days(1))
        guard claimed >= floor else { return nil }
        if claimed <= seenAt { return claimed }
        // Without a zone the latest reading may overshoot what was plainly seen: then it is the sight that bounds it.
        return nil
    }
}
