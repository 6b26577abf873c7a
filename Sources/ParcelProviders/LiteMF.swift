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
        if ask.kind.hasPrefix("incoming") {
            LiteMFConversation<LiteMFIncoming>(provider: self, ask: ask, opening: opening)
        } else {
            LiteMFConversation<LiteMFOutgoing>(provider: self, ask: ask, opening: opening)
        }
    }
}

private struct LiteMFConversation<Element: LiteMFRow>: Conversation {
    private struct Page: Decodable {
        struct Pager: Decodable { var total: Whole }
        var data: Rows<Element>
        var pager: Pager?
    }

    let provider: LiteMF
    let ask: Ask
    let opening: Opening
    private var page = 1
    private var pass = ListPass()
    private var report = Report()

    init(provider: LiteMF, ask: Ask, opening: Opening) {
        self.provider = provider
        self.ask = ask
        self.opening = opening
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else { return .send(request()) }
        let result: Page
        do throws(RPC.Failure) {
            result = try RPC.result(Page.self, from: answer, now: opening.now)
        } catch {
            return try recover(from: error)
        }
        if !ask.key.isEmpty { return .done(try one(of: result)) }
        take(result)
        if !pass.isAtEnd {
            page += 1
            return .send(request())
        }
        if pass.isComplete { report.complete = [.all(Element.kind, filtered: false)] }
        return .done(report)
    }

    private func request() -> HTTPRequest {
        let filter: JSONValue =
            ask.key.isEmpty
            ? .members(["page": .integer(page), "limit": .integer(LiteMF.pageSize)])
            : .members(["id": Int(ask.key).map { .integer($0) } ?? .string(ask.key)])
        return RPC.request(
            provider.url, method: Element.method, parameters: .members(["filter": filter]),
            key: HTTPField("X-Auth-Api-Key", provider.key.revealed), label: "LiteMF")
    }

    private mutating func take(_ result: Page) {
        pass.begin(total: result.pager?.total.value)
        for row in result.data.elements {
            let isNew = pass.insert(row.element?.id.text ?? row.id)
            if let element = row.element {
                if isNew { report.snapshots.append(element.snapshot) }
            } else {
                report.rejected.append(Rejected(id: row.id.map { ExternalID(Element.kind, $0) }, field: row.field))
            }
        }
    }

    /// The row that was asked for by its id. No row and a total of 0 mean that there is none; other rows, that the
    /// filter was ignored.
    private func one(of result: Page) throws(PollError) -> Report {
        let rows = result.data.elements
        let wanted = ExternalID(Element.kind, ask.key)
        var report = Report()
        if let row = rows.first(where: { ($0.element?.id.text ?? $0.id) == ask.key }) {
            if let element = row.element {
                report.snapshots = [element.snapshot]
            } else {
                report.rejected = [Rejected(id: wanted, field: row.field)]
            }
        } else if rows.isEmpty {
            guard result.pager?.total.value == 0 else { throw .malformed(field: "result.pager.total") }
            report.notFound = [wanted]
        } else {
            throw .malformed(field: "result.data[0].id")
        }
        return report
    }

    private func recover(from failure: RPC.Failure) throws(PollError) -> Turn {
        switch failure {
        case .poll(let error): throw error
        case .answered(1201, _) where !ask.key.isEmpty:
            var report = Report()
            report.notFound = [ExternalID(Element.kind, ask.key)]
            return .done(report)
        case .answered(let code, let message):
            let reason = told(message, code: code.map { String($0) }, hiding: [provider.key])
            switch code {
            case 1001, 1002: throw .authentication(reason: reason)
            case 1400, -32700: throw .unreachable(reason: reason)
            default: throw .refused(reason: reason)
            }
        }
    }
}

private protocol LiteMFRow: WireRow {
    static var kind: ThingKind { get }
    static var method: String { get }
    var id: Name { get }
    var snapshot: Snapshot { get }
}

private struct PackageProbe: Decodable { var id: Name }

private struct LiteMFIncoming: LiteMFRow {
    static let kind = ThingKind.item
    static let method = "getIncomingPackage"

    var id: Name
    var shop_name: Loose?
    var name: Loose?
    var partner_fid: Loose?
    var tracking: Loose?
    var status: Name

    static func id(of probe: PackageProbe) -> String? { probe.id.text }

    var snapshot: Snapshot {
        let numbers = trackNumbers(tracking?.text, as: .domestic)
        var snapshot = Snapshot(id: ExternalID(.item, id.text), status: reported(hasNumber: !numbers.isEmpty))
        snapshot.label = itemLabel(partner_fid?.text)
        snapshot.order = order(ofItem: snapshot.label)
        snapshot.numbers = numbers
        snapshot.facts = facts([.title: name?.text, .seller: shop_name?.text])
        return snapshot
    }

    private func reported(hasNumber: Bool) -> ReportedStatus {
        let code = status.text
        return switch code {
        case "awaiting_arrival", "waiting_in_stock":
            // Without a number the row only says that the item is expected some day.
            ReportedStatus(code: code, text: "ожидается на складе", progress: hasNumber ? .at(.inbound) : .unstated)
        case "in_stock": ReportedStatus(code: code, text: "на складе", progress: .at(.assembly))
        case "sent": ReportedStatus(code: code, text: "отправлена", progress: .at(.origin))
        case "removed": ReportedStatus(code: code, text: "удалена", progress: .finished(.removed))
        default: ReportedStatus(code: code, text: code, progress: .unmapped)
        }
    }
}

private struct LiteMFOutgoing: LiteMFRow {
    static let kind = ThingKind.parcel
    static let method = "getOutgoingPackage"

    var id: Name
    var incoming_packages: List<Name>?
    var status: Name
    var name: Loose?
    var tracking: Loose?
    var weight: Number?
    var weight_unit: Loose?

    static func id(of probe: PackageProbe) -> String? { probe.id.text }

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
        let code = status.text
        let known = LiteMFOutgoing.statuses[code]
        let isDestroyed = code == "wait_recycle" || code == "recycled"
        var snapshot = Snapshot(
            id: ExternalID(.parcel, id.text),
            status: ReportedStatus(
                code: code, text: known?.text ?? code, progress: known?.progress ?? .unmapped,
                condition: isDestroyed ? .destroyed : nil))
        snapshot.order = orderNumber(name?.text)
        snapshot.numbers = trackNumbers(tracking?.text)
        snapshot.contents = (incoming_packages?.elements ?? []).map { .external(ExternalID(.item, $0.text)) }
        snapshot.facts = facts([.weight: ParcelProviders.weight(weight?.text, weight_unit?.text)])
        return snapshot
    }
}
