// The rules that decide, as values: thresholds and calendars of each stage, who decides, whom to contact.
// `RuleSettings` names zones and calendars; `Rules` holds them.

package enum ContactRole: String, Sendable, Hashable, Codable, CodingKeyRepresentable, CaseIterable {
    case logist, platform, manager, carrier
}

/// Somebody to write to. `url` is where.
package struct Contact: Sendable, Hashable, Codable {
    package var name: String
    package var url: String

    package init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

package struct StageSettings: Sendable, Hashable, Codable {
    /// Ids of calendars; a day counts if all of them work (`combine` all) or any does.
    package var calendars: [String]
    package var combine: Combination
    /// IANA name.
    package var zone: String
    /// In working days, at least 1; `warning` is below `critical`.
    package var warning: Int
    package var critical: Int
    package var contacts: [ContactRole]

    package init(
        calendars: [String], combine: Combination = .all, zone: String, warning: Int, critical: Int,
        contacts: [ContactRole]
    ) {
        self.calendars = calendars
        self.combine = combine
        self.zone = zone
        self.warning = warning
        self.critical = critical
        self.contacts = contacts
    }
}

/// Which provider's polls confirm and whose word finishes a thing: the first that knows it.
package struct DecidingOrder: Sendable, Hashable, Codable {
    package var items: [ProviderID]
    package var handover: [ProviderID]
    package var underWay: [ProviderID]

    package init(items: [ProviderID], handover: [ProviderID], underWay: [ProviderID]) {
        self.items = items
        self.handover = handover
        self.underWay = underWay
    }

    package static let standard = DecidingOrder(
        items: ["otcommerce", "litemf", "shiptor"], handover: ["shiptor", "litemf", "otcommerce"],
        underWay: ["shiptor", "otcommerce", "litemf"])
}

package struct RuleSettings: Sendable, Hashable, Codable {
    package var stages: [Stage: StageSettings]
    package var deciding: DecidingOrder
    package var contacts: [ContactRole: [Contact]]
    package var overlays: [Overlay]
    /// After how many working days people are reminded of what nobody took care of; nil: never.
    package var remindAfter: Int?

    package init(
        stages: [Stage: StageSettings], deciding: DecidingOrder, contacts: [ContactRole: [Contact]],
        overlays: [Overlay] = [], remindAfter: Int? = 5
    ) {
        self.stages = stages
        self.deciding = deciding
        self.contacts = contacts
        self.remindAfter = remindAfter
        self.overlays = overlays
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        stages = try values.decode([Stage: StageSettings].self, forKey: .stages)
        deciding = try values.decode(DecidingOrder.self, forKey: .deciding)
        contacts = try values.decode([ContactRole: [Contact]].self, forKey: .contacts)
        // Rules that were stored before there were overlays have none.
        overlays = try values.decodeIfPresent([Overlay].self, forKey: .overlays) ?? []
        remindAfter = try values.decodeIfPresent(Int.self, forKey: .remindAfter)
    }

    /// What lies over the calendars of a stage.
    package func overlays(of stage: Stage) -> [Overlay] {
        guard let rule = stages[stage] else { return [] }
        return overlays.filter { $0.isFor(stage, rule) }
    }

    /// DESIGN 4's table.
    package static let standard: RuleSettings = {
        let china = { (warning: Int, critical: Int, contacts: [ContactRole]) in
            StageSettings(
                calendars: ["cn"], zone: "Asia/Shanghai", warning: warning, critical: critical, contacts: contacts)
        }
        let russia = { (warning: Int, critical: Int, contacts: [ContactRole]) in
            StageSettings(
                calendars: ["ru"], zone: "Europe/Moscow", warning: warning, critical: critical, contacts: contacts)
        }
        return RuleSettings(
            stages: [
                .payment: russia(2, 4, [.manager, .platform]),
                .purchase: china(4, 5, [.logist, .platform]),
                .trackAssignment: china(2, 4, [.logist, .platform]),
                .inbound: china(4, 5, [.logist, .platform]),
                .assembly: china(4, 5, [.logist, .platform]),
                .handover: china(4, 5, [.logist, .platform]),
                .acceptance: china(4, 5, [.carrier, .logist, .platform]),
                .origin: china(4, 5, [.carrier, .logist, .platform]),
                .crossBorder: StageSettings(
                    calendars: ["cn", "ru"], combine: .all, zone: "Europe/Moscow", warning: 7, critical: 12,
                    contacts: [.carrier, .logist, .platform]),
                .destination: russia(4, 5, [.carrier, .logist, .platform]),
                .pickup: russia(4, 5, [.manager, .platform]),
                .unmapped: china(4, 5, [.logist, .platform]),
            ],
            deciding: .standard,
            contacts: [
                .logist: [
                    Contact(name: "LiteMF", url: "https://ru.litemf.com/ru/support"),
                    Contact(name: "Shiptor", url: "https://shiptor.ru/#contact-us"),
                ]
            ])
    }()
}

/// The settings with their calendars and zones at hand.
package struct Rules: Sendable {
    package let settings: RuleSettings
    private let counters: [Stage: WorkingDays]

    /// Nil where a stage, a calendar or a zone that the settings name is missing.
    package init?(settings: RuleSettings, calendars: [String: WorkCalendar], zones: [String: Zone]) {
        var counters: [Stage: WorkingDays] = [:]
        for stage in Stage.allCases {
            guard let rule = settings.stages[stage], let zone = zones[rule.zone] else { return nil }
            let named = rule.calendars.compactMap { calendars[$0] }
            guard named.count == rule.calendars.count, !named.isEmpty else { return nil }
            counters[stage] = WorkingDays(
                calendars: named, combine: rule.combine, zone: zone, overlays: settings.overlays(of: stage))
        }
        self.settings = settings
        self.counters = counters
    }

    /// Every stage has both: the initialiser saw to it.
    package func days(_ stage: Stage) -> WorkingDays { counters[stage] ?? counters[.unmapped]! }
    package func rule(_ stage: Stage) -> StageSettings { settings.stages[stage] ?? settings.stages[.unmapped]! }

    /// What the provider that decides about a thing says: under way the carrier with the most authority on the leg
    /// that it has reached, of those that know one of its numbers; else the first of the configured order that knows
    /// the thing. Providers that the order does not name come last, by name.
    package func decider(of thing: Thing, in family: Family) -> View? {
        let isUnderWay = thing.kind == .parcel && (thing.stage.map { $0.isUnderWay || $0 == .acceptance } ?? true)
        if isUnderWay || thing.kind == .trackNumber, let carrier = family.decidingCarrier(of: thing) { return carrier }
        let partner = partner(of: thing, isUnderWay)
        if thing.kind == .trackNumber || thing.stage == .acceptance, partner?.isFinished != true {
            // Whoever was asked last and does not know the number confirms just that; a partner may know that it is over.
            let unknowing = family.unknowingViews(of: thing)
            return unknowing.max { ($0.confirmedAt ?? .distantPast) < ($1.confirmedAt ?? .distantPast) } ?? partner
        }
        return partner
    }

    private func partner(of thing: Thing, _ isUnderWay: Bool) -> View? {
        let order: [ProviderID] =
            switch (thing.kind, isUnderWay) {
            case (.parcel, true): settings.deciding.underWay
            case (.parcel, false): settings.deciding.handover
            default: settings.deciding.items
            }
        let live = thing.liveViews.filter { $0.provider != .user }
        for provider in order {
            if let view = live.first(where: { $0.provider == provider }) { return view }
        }
        return live.min { $0.provider < $1.provider }
    }
}
