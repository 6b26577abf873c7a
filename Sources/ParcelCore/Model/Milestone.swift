// The common vocabulary of carriers: how far a parcel is (milestone), where (leg), what is wrong (condition). Which code
// of which provider means what is data of the providers; what a row of events amounts to is decided in Journey/.

/// How far, in order. A milestone only rises, but for the rules in Journey/.
package enum Milestone: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Followed, and nothing is known yet.
    case unknown
    case registered, accepted
    case originTransit = "origin_transit"
    /// A domestic parcel was signed for at the forwarder's warehouse; ends that number.
    case handedToForwarder = "handed_to_forwarder"
    case exportCustoms = "export_customs"
    case exportReleased = "export_released"
    case departedOrigin = "departed_origin"
    case internationalTransit = "international_transit"
    case arrivedDestinationCountry = "arrived_destination_country"
    case importCustoms = "import_customs"
    case customsReleased = "customs_released"
    case destinationTransit = "destination_transit"
    case arrivedDeliveryOffice = "arrived_delivery_office"
    case readyForPickup = "ready_for_pickup"
    case outForDelivery = "out_for_delivery"
    case delivered

    package var rank: Int {
        switch self {
        case .unknown: 0
        case .registered: 10
        case .accepted: 20
        case .originTransit: 30
        case .handedToForwarder: 40
        case .exportCustoms: 50
        case .exportReleased: 55
        case .departedOrigin: 60
        case .internationalTransit: 65
        case .arrivedDestinationCountry: 70
        case .importCustoms: 75
        case .customsReleased: 80
        case .destinationTransit: 85
        case .arrivedDeliveryOffice: 90
        case .readyForPickup: 95
        case .outForDelivery: 97
        case .delivered: 100
        }
    }

    /// Where it happens if nothing else tells.
    package var leg: Leg {
        switch self {
        case .unknown: .unknown
        case .registered, .accepted, .originTransit, .handedToForwarder: .cnDomestic
        case .exportCustoms, .exportReleased, .departedOrigin, .internationalTransit, .arrivedDestinationCountry,
            .importCustoms, .customsReleased:
            .crossBorder
        case .destinationTransit, .arrivedDeliveryOffice, .readyForPickup, .outForDelivery, .delivered: .ruDomestic
        }
    }

    package static func < (left: Milestone, right: Milestone) -> Bool { left.rank < right.rank }
}

package enum Leg: String, Sendable, Hashable, Codable, CaseIterable {
    case cnDomestic = "cn_domestic"
    case crossBorder = "cross_border"
    case ruDomestic = "ru_domestic"
    case unknown
}

/// What a provider's code says, by that provider's table.
package struct CodeMeaning: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        case at(Milestone)
        /// Moving; which leg's transit it is follows from where it happened.
        case transit
        /// Delivered to the buyer, or to the forwarder's warehouse where the number is a Chinese domestic one.
        case delivered
    }

    /// Nil: says nothing about how far, the milestone stays.
    package var step: Step?
    package var condition: Condition?
    /// False: the table does not have the code. It is stored and counted, and nothing is guessed.
    package var isKnown: Bool
    /// Takes back the event that it repeats (China Post's deletions).
    package var cancels: String?

    package init(_ step: Step? = nil, _ condition: Condition? = nil, isKnown: Bool = true, cancels: String? = nil) {
        self.step = step
        self.condition = condition
        self.isKnown = isKnown
        self.cancels = cancels
    }

    package static let unmapped = CodeMeaning(isKnown: false)
    /// Known, and of no consequence.
    package static let remark = CodeMeaning()
    package static let notFoundYet = CodeMeaning(.at(.unknown))
}

extension CodeMeaning: Codable {
    /// `origin_transit`, `LEG_TRANSIT`, `DELIVERED_BY_LEG`, `KEEP`, `?`; then `!condition`, then `~` and what it cancels.
    package var text: String {
        var words: [String] = []
        switch step {
        case .at(let milestone)?: words.append(milestone.rawValue)
        case .transit?: words.append("LEG_TRANSIT")
        case .delivered?: words.append("DELIVERED_BY_LEG")
        case nil: if !isKnown { words.append("?") } else if condition == nil, cancels == nil { words.append("KEEP") }
        }
        if let condition { words.append("!" + condition.rawValue) }
        if let cancels { words.append("~" + cancels) }
        return words.joined(separator: " ")
    }

    /// Nil for what names no milestone or condition of ours.
    package init?(text: String) {
        self.init()
        for word in text.split(separator: " ") {
            switch word.first {
            case "!":
                guard let condition = Condition(rawValue: String(word.dropFirst())) else { return nil }
                self.condition = condition
            case "~": cancels = String(word.dropFirst())
            case "?": isKnown = false
            default:
                switch word {
                case "LEG_TRANSIT": step = .transit
                case "DELIVERED_BY_LEG": step = .delivered
                case "KEEP": step = nil
                default:
                    guard let milestone = Milestone(rawValue: String(word)) else { return nil }
                    step = .at(milestone)
                }
            }
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let read = CodeMeaning(text: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a meaning: \(text)"))
        }
        self = read
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
