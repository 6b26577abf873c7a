// LiteMF, API version 2 (JSON-RPC): incoming packages (items at the warehouse) and outgoing ones (parcels).
// It gives no times at all. Rate limit: not documented; asked gently. Only read methods are called.
// Source: the vendor's documentation as quoted in its OpenCart module, read 2026-11.

import ParcelCore

struct LiteMF: Provider {
    static let schema = SettingSchema(
        "litemf",
        [
            SettingKey("url", .url, "address of the API; https://api.litemf.com/v2/rpc if left out"),
            SettingKey("api_key", .secret, required: true, "the key of your LiteMF account"),
            SettingKey("every", .duration, "how often both lists are read; 15 min if left out"),
        ] + SettingSchema.mannersKeys)

    static let pageSize = 100

    let id: ProviderID = "litemf"
    let url: String
    let key: Secret
    let every: Duration
    let manners: Manners
    let zoneName: String? = nil

    init?(_ settings: SettingValues) {
        guard let key = settings.secret("api_key") else { return nil }
        url = settings.text("url") ?? "https://api.litemf.com/v2/rpc"
        self.key = key
        every = settings.duration("every") ?? .minutes(15)
        manners = Manners(requestsPerSecond: 1, parallel: 1).adjusted(by: settings)
    }

    var lists: [AskPlan] {
        [AskPlan(Ask("incoming"), every: every), AskPlan(Ask("outgoing"), every: every)]
    }

    func asks(about view: KnownView) -> [AskPlan] { [] }

    func ask(byID id: ExternalID) -> Ask? {
        switch id.kind {
        case .item: Ask("incoming-one", key: id.key)
        case .parcel: Ask("outgoing-one", key: id.key)
        case .order, .trackNumber: nil
        }
    }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        LiteMFConversation(provider: self, ask: ask, opening: opening)
    }
}

private struct LiteMFConversation: Conversation {
    private struct Page<Element: WireRow>: Decodable {
        struct Pager: Decodable { var total: Int }
        var data: Rows<Element>
        var pager: Pager
    }

    let provider: LiteMF
    let ask: Ask
    let opening: Opening
    private var page = 1
    private var seen: Set<String> = []
    private var firstTotal: Int?
    private var isSteady = true
    private var report = Report()

    init(provider: LiteMF, ask: Ask, opening: Opening) {
        self.provider = provider
        self.ask = ask
        self.opening = opening
    }

    private var isIncoming: Bool { ask.kind.hasPrefix("incoming") }
    private var kind: ThingKind { isIncoming ? .item : .parcel }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else { return .send(request()) }
        let isLast =
            isIncoming
            ? try take(Incoming.self, answer) { $0.snapshot } : try take(Outgoing.self, answer) { $0.snapshot }
        guard isLast else {
            page += 1
            return .send(request())
        }
        if !ask.key.isEmpty {
            if seen.isEmpty { report.notFound = [ExternalID(kind, ask.key)] }
        } else if isSteady, seen.count == firstTotal {
            report.complete = [.all(kind, filtered: false)]
        }
        return .done(report)
    }

    private func request() -> HTTPRequest {
        let filter: JSONValue =
            ask.key.isEmpty
            ? .members(["page": .integer(page), "limit": .integer(LiteMF.pageSize)])
            : .members(["id": Int64(ask.key).map { .integer($0) } ?? .string(ask.key)])
        return RPC.request(
            provider.url, method: isIncoming ? "getIncomingPackage" : "getOutgoingPackage",
            parameters: .members(["filter": filter]), key: HTTPField("X-Auth-Api-Key", provider.key.revealed),
            label: "LiteMF")
    }

    /// - Returns: Whether this was the last page.
    private mutating func take<Element: WireRow>(
        _ type: Element.Type, _ answer: HTTPResponse, _ snapshot: (Element) -> Snapshot
    ) throws(PollError) -> Bool {
        let result = try RPC.result(Page<Element>.self, from: answer, now: opening.now) { meaning($0) }
        let total = result.pager.total
        // A list that grows or shrinks between its pages may repeat or skip a row.
        if let firstTotal, firstTotal != total { isSteady = false }
        firstTotal = firstTotal ?? total
        for row in result.data.rows {
            guard let element = row.element else {
                report.rejected.append(Rejected(id: row.id.map { ExternalID(kind, $0) }, field: row.field))
                seen.insert(row.id ?? "unreadable row \(seen.count)")
                continue
            }
            let found = snapshot(element)
            if seen.insert(found.id.key).inserted { report.snapshots.append(found) }
        }
        return !ask.key.isEmpty || result.data.rows.isEmpty || page * LiteMF.pageSize >= total
    }

    private func meaning(_ error: RPCError) -> PollError {
        let reason = "\(error.message) (code \(error.code))"
        switch error.code {
        case 1001, 1002: return .authentication(reason: reason)
        case 1400, -32700: return .unreachable(reason: reason)
        default: return .refused(reason: reason)
        }
    }
}

private struct PackageProbe: Decodable { var id: Loose }

private struct Incoming: WireRow {
    var id: Int64
    var shop_name: Loose?
    var name: Loose?
    var partner_fid: Loose?
    var tracking: Loose?
    var status: String

    static func id(of probe: PackageProbe) -> String? { probe.id.filled }

    var snapshot: Snapshot {
        let numbers = trackNumbers(tracking?.text, as: .domestic)
        var snapshot = Snapshot(id: ExternalID(.item, String(id)), status: reported(hasNumber: !numbers.isEmpty))
        snapshot.label = itemLabel(partner_fid?.text)
        snapshot.order = order(ofItem: snapshot.label)
        snapshot.numbers = numbers
        snapshot.facts = facts([.title: name?.text, .seller: shop_name?.text])
        return snapshot
    }

    private func reported(hasNumber: Bool) -> ReportedStatus {
        switch status {
        case "awaiting_arrival", "waiting_in_stock":
            // Without a number the row only says that the item is expected some day.
            ReportedStatus(code: status, text: "ожидается на складе", progress: hasNumber ? .at(.inbound) : .unstated)
        case "in_stock": ReportedStatus(code: status, text: "на складе", progress: .at(.assembly))
        case "sent": ReportedStatus(code: status, text: "отправлена", progress: .at(.origin))
        case "removed": ReportedStatus(code: status, text: "удалена", progress: .finished(.removed))
        default: ReportedStatus(code: status, text: status, progress: .unmapped)
        }
    }
}

private struct Outgoing: WireRow {
    var id: Int64
    var incoming_packages: [Loose]?
    var status: String
    var name: Loose?
    var tracking: Loose?
    var weight: Loose?
    var weight_unit: Loose?

    static func id(of probe: PackageProbe) -> String? { probe.id.filled }

    private static let statuses: [String: (text: String, progress: StatusMeaning)] = [
        "new": ("Сформирована пользователем", .at(.handover)),
        "in_processing_queue": ("В очереди на упаковку", .at(.handover)),
        "processing": ("Упаковывается", .at(.handover)),
        "awaiting_payment": ("Ожидается оплата", .at(.payment)),
        "awaiting_arrival": ("Ожидается на складе", .at(.handover)),
        "awaiting_sending": ("Ожидается отправка", .at(.handover)),
        "sent": ("Отправлена", .at(.origin)),
        "received": ("Получена", .finished(.delivered)),
        "wait_disband": ("Ожидает расформирования", .at(.handover)),
        "disbanded": ("Расформирована", .finished(.removed)),
        "wait_recycle": ("Ожидает утилизации", .at(.handover)),
        "recycled": ("Утилизирована", .finished(.destroyed)),
        "removed": ("Удалена", .finished(.removed)),
    ]

    var snapshot: Snapshot {
        let known = Outgoing.statuses[status]
        let isDestroyed = status == "wait_recycle" || status == "recycled"
        var snapshot = Snapshot(
            id: ExternalID(.parcel, String(id)),
            status: ReportedStatus(
                code: status, text: known?.text ?? status, progress: known?.progress ?? .unmapped,
                condition: isDestroyed ? .destroyed : nil))
        snapshot.order = orderNumber(name?.text)
        snapshot.numbers = trackNumbers(tracking?.text)
        snapshot.contents = (incoming_packages ?? []).compactMap(\.filled).map { .external(ExternalID(.item, $0)) }
        snapshot.facts = facts([.weight: weight?.text.map { "\($0) \(weight_unit?.text ?? "")" }])
        return snapshot
    }
}
