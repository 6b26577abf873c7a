// A small world for the rule tests: reports go in as the providers would give them, and what is decided comes out.
// Every date is one that a manager can check on a calendar.

import ParcelCore
import Testing

struct RuleWorld {
    var family = Family()
    var alerts: [Alert] = []
    let rules: Rules

    init() throws { rules = try Self.rules() }

    /// The standard rules, with other settings or with another Chinese calendar.
    static func rules(_ settings: RuleSettings = .standard, china: WorkCalendar? = nil) throws -> Rules {
        var all = try BuiltinCalendars.all()
        if let china { all["cn"] = china }
        let zones = ["Asia/Shanghai": try zone("Asia/Shanghai"), "Europe/Moscow": try zone("Europe/Moscow")]
        return try #require(Rules(settings: settings, calendars: all, zones: zones))
    }

    /// The rules with a Chinese calendar for 2026 of these `date,kind,name` rows and no others.
    func corrected(cn rows: String) throws -> Rules {
        try Self.rules(china: WorkCalendar(id: "cn", csv: Array(("# coverage: 2026..2026\n" + rows).utf8)))
    }

    /// One poll of a provider. Returns what was to be told, as `opened stall warning 1907-2`.
    @discardableResult
    mutating func poll(
        _ provider: ProviderID, _ at: String, _ snapshots: [Snapshot] = [], isFirst: Bool = false,
        change: (inout ReportPart) -> Void = { _ in }
    ) throws -> [String] {
        var part = ReportPart()
        part.snapshots = snapshots
        change(&part)
        let now = try shanghai(at)
        let context = ReconcileContext(provider: provider, at: now, zone: nil, rules: rules, isFirstPass: isFirst)
        let reconciled = reconcile(family, with: part, context)
        // The same answer again changes nothing, in any of these worlds; but absent twice is more absent.
        if part.absent.isEmpty { #expect(reconcile(reconciled, with: part, context) == reconciled) }
        let assessments = assess(reconciled, rules)
        family = withDeadlines(reconciled, assessments)
        let changes = transitions(of: family, assessments, known: alerts, rules, at: now)
        defer {
            #expect(transitions(of: family, assess(family, rules), known: alerts, rules, at: now).isEmpty)
        }
        for change in changes {
            switch change.change {
            case .opened:
                var alert = change.alert
                alert.rowID = Int64(alerts.count + 1)
                alerts.append(alert)
            default:
                let index = try #require(alerts.firstIndex { $0.rowID == change.alert.rowID })
                alerts[index] = change.alert
            }
        }
        return changes.map { change in
            let label = change.alert.thing.flatMap { family[$0]?.label } ?? ""
            return "\(change.change.rawValue) \(change.alert.kind.rawValue) \(change.alert.level.rawValue) \(label)"
        }
    }

    func assessment(_ kind: ThingKind, _ label: String) throws -> Assessment {
        assess(try #require(family.thing(kind, label: label)), in: family, rules)
    }
}

/// A line of order 1907 as the shop shows it.
func item(_ number: Int, _ code: Int, track: String? = nil, order: String = "1907") -> Snapshot {
    let progress: StatusMeaning =
        switch code {
        case 1: .at(.payment)
        case 2: .at(.purchase)
        case 4: .at(.trackAssignment)
        case 6: .at(.assembly)
        case 12: .finished(.refunded)
        case 13: .finished(.cancelled)
        default: .unmapped
        }
    var snapshot = Snapshot(
        id: ExternalID(.item, "ORD-\(order)/SL-\(number)"),
        status: ReportedStatus(code: "\(code)", text: "status \(code)", progress: progress))
    snapshot.label = "\(order)-\(number)"
    snapshot.order = order
    snapshot.numbers = track.flatMap(TrackNumber.init).map { [RoledNumber(.domestic, $0)] } ?? []
    snapshot.amount = Money(minor: 14_467, currency: "RUB")
    return snapshot
}

/// The order itself; its parcels are listed by the poll's `listed`.
func order(_ number: String = "1907") -> Snapshot {
    var snapshot = Snapshot(
        id: ExternalID(.order, "ORD-\(number)"), status: ReportedStatus(code: "30", text: "", progress: .unstated))
    snapshot.label = number
    return snapshot
}

func parcel(
    _ id: String, _ meaning: StatusMeaning, code: String? = nil, items: [Int], track: String? = nil,
    created: String? = nil, order: String = "1907", at provider: ProviderID = "otcommerce"
) throws -> Snapshot {
    var snapshot = Snapshot(
        id: ExternalID(.parcel, id), status: ReportedStatus(code: code ?? "\(meaning)", text: "", progress: meaning))
    if provider == "otcommerce" { snapshot.label = id }
    snapshot.order = order
    snapshot.contents =
        provider == "otcommerce"
        ? items.map { .external(ExternalID(.item, "ORD-\(order)/SL-\($0)")) } : items.map { .label("\(order)-\($0)") }
    snapshot.numbers = track.flatMap(TrackNumber.init).map { [RoledNumber(.forwarder, $0)] } ?? []
    if let created { snapshot.created = .instant(try shanghai(created), text: created) }
    return snapshot
}
