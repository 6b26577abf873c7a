// What one poll saw of one thing, in parceld's words. Providers make these; reconcile reads them.

/// The time that a provider gives, as it gave it. Which instant it is depends on the provider's zone.
package enum GivenTime: Sendable, Hashable {
    case none
    case instant(Timestamp, text: String)
    /// A date and a time of day without a zone.
    case zoneless(LocalDate, secondOfDay: Int, text: String)
    case date(LocalDate, text: String)
    case unreadable(text: String)

    /// As the provider wrote it; nil where it gave none.
    package var text: String? {
        switch self {
        case .none: nil
        case .instant(_, let text), .zoneless(_, _, let text), .date(_, let text), .unreadable(let text): text
        }
    }
}

extension GivenTime {
    /// Whether it says by itself which instant it is.
    package var hasZone: Bool { if case .instant = self { true } else { false } }
}

package struct ReportedStatus: Sendable, Hashable {
    /// The provider's own code; what movement is measured by.
    package var code: String
    /// The provider's own words, always kept beside ours.
    package var text: String
    package var progress: StatusMeaning
    package var condition: Condition?
    package var time: GivenTime
    /// Track numbers only, whose stage follows from their events: what the provider's own summary says.
    package var summary: CodeMeaning?

    package init(
        code: String, text: String, progress: StatusMeaning, condition: Condition? = nil, time: GivenTime = .none
    ) {
        self.code = code
        self.text = text
        self.progress = progress
        self.condition = condition
        self.time = time
    }
}

/// One happening on a carrier's way, with the provider's own time, code and words.
package struct Checkpoint: Sendable, Hashable {
    package var time: GivenTime
    package var code: String
    package var text: String
    package var place: String
    /// ISO 3166 letters of where it happened, `CN`; nil where not told.
    package var country: String?
    /// Whom the provider quotes, in its own word; empty where it speaks for itself.
    package var carrier: String
    /// What its code says by the provider's table; nil where it has no codes.
    package var meaning: CodeMeaning?

    package init(
        time: GivenTime, code: String = "", text: String, place: String = "", country: String? = nil,
        carrier: String = "", meaning: CodeMeaning? = nil
    ) {
        self.time = time
        self.code = code
        self.text = text
        self.place = place
        self.country = country
        self.carrier = carrier
        self.meaning = meaning
    }
}

/// Something shown to people and never decided upon. A change of it is no movement.
package enum FactKey: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case title, seller, account
    case externalOrder = "external_order"
    case externalItem = "external_item"
    case quantity, weight, price
    case deliveryMethod = "delivery_method"
    case problem
    /// What a user wrote about a number, and the carrier or provider that a user chose for it.
    case note, carrier

    package static func < (left: FactKey, right: FactKey) -> Bool { left.rawValue < right.rawValue }
}

/// What a parcel's row says it holds.
package enum ContentReference: Sendable, Hashable {
    /// The provider's own id of the item.
    case external(ExternalID)
    /// The shop's label, `1907-2`.
    case label(String)
}

package struct Snapshot: Sendable, Hashable {
    package var id: ExternalID
    /// The shop's name for it, which other systems use too: order `1907`, item `1907-2`, parcel `519`. Nil where
    /// this system knows the thing by its own id alone.
    package var label: String?
    /// As people see it, `ORD-0000001907`; the label where nil.
    package var display: String?
    /// The same thing at other systems, as this provider states it.
    package var sameAs: ForeignID?
    /// Number of the order it belongs to, `1907`.
    package var order: String?
    package var status: ReportedStatus
    package var created: GivenTime = .none
    package var numbers: [RoledNumber] = []
    package var contents: [ContentReference] = []
    /// Nil where this answer does not carry them; empty where it does and there are none.
    package var checkpoints: [Checkpoint]?
    package var amount: Money?
    package var facts: [FactKey: String] = [:]
    /// A cheap summary whose change makes a closer look worth while (`LineStatusSummaries`). Confirms nothing.
    package var changeSignal: String?
    /// Whether this answer would have shown it if the thing had moved.
    package var confirms = true
    /// When the provider itself last looked, where it says so; the answer confirms until then, else until it came.
    package var refreshedAt: Timestamp?

    package init(id: ExternalID, status: ReportedStatus) {
        self.id = id
        self.status = status
    }
}

extension Snapshot {
    /// What a carrier's provider says of a number. Its checkpoints carry their meanings, from which milestone, leg,
    /// condition and stage follow.
    ///
    /// - Parameters:
    ///   - code, text: The provider's own summary; empty where it gives none.
    ///   - checkpoints: Everything that the provider tells now, in its own order, the oldest first. Nil where the answer
    ///     carries no history.
    package init(
        number: TrackNumber, code: String, text: String, summary: CodeMeaning, checkpoints: [Checkpoint]?
    ) {
        var status = ReportedStatus(code: code, text: text, progress: .unstated)
        status.summary = summary
        self.init(id: ExternalID(.trackNumber, number.description), status: status)
        label = number.description
        self.checkpoints = checkpoints
    }

    /// The provider knows nothing of the number yet, or any more: that says nothing about what is known of it.
    package static func notFoundYet(_ number: TrackNumber, code: String, text: String) -> Snapshot {
        Snapshot(number: number, code: code, text: text, summary: .notFoundYet, checkpoints: nil)
    }

    /// Whether a new summary is news by itself: only where no event tells it, with its own time.
    package var isMovingByItsStatus: Bool {
        checkpoints?.isEmpty == true && status.summary != .notFoundYet
    }
}
