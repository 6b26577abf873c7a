// Shiptor, shipping API version 1 (JSON-RPC): packages, their statuses and checkpoints.
// Limit: the vendor's own client throttles itself to 3 requests a second. Only read methods are called.
// Source: the vendor's PHP client and the documentation quoted in public plugins, read 2026-11.

import ParcelCore

struct Shiptor: Provider {
    static let schema = SettingSchema(
        "shiptor",
        [
            SettingKey("url", .url, "address of the API; https://api.shiptor.ru/shipping/v1 if left out"),
            SettingKey("token", .secret, required: true, "the token of your Shiptor account"),
            SettingKey("zone", .zone, "zone in which it writes times without one, such as Europe/Moscow"),
            SettingKey("every", .duration, "how often the list is read; 15 min if left out"),
            SettingKey("details_every", .duration, "how often a parcel under way is looked at; 60 min if left out"),
        ] + SettingSchema.mannersKeys)

    static let pageSize = 100

    let id: ProviderID = "shiptor"
    let url: String
    let token: Secret
    let zoneName: String?
    let every: Duration
    let detailsEvery: Duration
    let manners: Manners

    init?(_ settings: SettingValues) {
        guard let token = settings.secret("token") else { return nil }
        url = settings.text("url") ?? "https://api.shiptor.ru/shipping/v1"
        self.token = token
        zoneName = settings.text("zone")
        every = settings.duration("every") ?? .minutes(15)
        detailsEvery = settings.duration("details_every") ?? .minutes(60)
        manners = Manners(requestsPerSecond: 3, parallel: 1).adjusted(by: settings)
    }

    var lists: [AskPlan] { [AskPlan(Ask("packages"), every: every)] }

    /// Checkpoints come only with the package itself.
    func asks(about view: KnownView) -> [AskPlan] {
        guard view.id.kind == .parcel, view.ending == nil, case .at(let stage) = view.progress, stage.isUnderWay else {
            return []
        }
        return [AskPlan(Ask("package", key: view.id.key), every: detailsEvery)]
    }

    func ask(byID id: ExternalID) -> Ask? { id.kind == .parcel ? Ask("package", key: id.key) : nil }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        ShiptorConversation(provider: self, ask: ask, opening: opening)
    }
}

private struct ShiptorConversation: Conversation {
    let provider: Shiptor
    let ask: Ask
    let opening: Opening
    private var page = 1
    private var seen: Set<String> = []
    private var report = Report()

    init(provider: Shiptor, ask: Ask, opening: Opening) {
        self.provider = provider
        self.ask = ask
        self.opening = opening
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else { return .send(request()) }
        do throws(RPC.Failure) {
            if !ask.key.isEmpty {
                return .done(try one(try RPC.result(Package.self, from: answer, now: opening.now)))
            }
            return turn(after: try RPC.result([Row<Package>].self, from: answer, now: opening.now))
        } catch {
            return try recover(from: error)
        }
    }

    private func request() -> HTTPRequest {
        let parameters: JSONValue =
            ask.key.isEmpty
            ? .members(["page": .integer(page), "per_page": .integer(Shiptor.pageSize), "archived": .bool(false)])
            : .members(["id": Int(ask.key).map { .integer($0) } ?? .string(ask.key)])
        return RPC.request(
            provider.url, method: ask.key.isEmpty ? "getPackages" : "getPackage", parameters: parameters,
            key: HTTPField("X-Authorization-Token", provider.token.revealed), label: "Shiptor")
    }

    /// No total is given: a page that is not full is the last.
    private mutating func turn(after rows: [Row<Package>]) -> Turn {
        var hasNew = false
        for row in rows { if take(row) { hasNew = true } }
        if rows.count < Shiptor.pageSize {
            // The order of rows is not known, and pages shift while things move: only an answer by id says "gone".
            report.complete = [.all(.parcel, filtered: true)]
            return .done(report)
        }
        // A full page of rows that were all shown before: the page asked for is ignored, and nothing is complete.
        if !hasNew { return .done(report) }
        page += 1
        return .send(request())
    }

    /// - Returns: Whether the row was not shown before.
    private mutating func take(_ row: Row<Package>) -> Bool {
        if let package = row.element {
            guard seen.insert(package.id.text).inserted else { return false }
            report.snapshots.append(package.snapshot)
            return true
        }
        report.rejected.append(Rejected(id: row.id.map { ExternalID(.parcel, $0) }, field: row.field))
        return row.id.map { seen.insert($0).inserted } ?? false
    }

    private func one(_ package: Package) throws(RPC.Failure) -> Report {
        guard package.id.text == ask.key else { throw .poll(.malformed(field: "result.id")) }
        var snapshot = package.snapshot
        // Asked for by itself it carries all there are, also where it carries no list of them.
        snapshot.checkpoints = snapshot.checkpoints ?? []
        snapshot.confirms = true
        var report = Report()
        report.snapshots = [snapshot]
        return report
    }

    private func recover(from failure: RPC.Failure) throws(PollError) -> Turn {
        guard case .answered(let code, let message) = failure else {
            if case .poll(let error) = failure { throw error }
            throw .refused(reason: "unknown")
        }
        let reason = told(message, code: code.map { String($0) }, hiding: [provider.token])
        switch code {
        // -32603 means "not authorised" here, not JSON-RPC's "internal error".
        case -32603, -32604, -32605, 1001, 1002: throw .authentication(reason: reason)
        case -99999, 1400, 1401: throw .unreachable(reason: reason)
        // A method that is not found says nothing about the package.
        case -32601: throw .refused(reason: reason)
        default:
            guard !ask.key.isEmpty, message.lowercased().contains("not found") else { throw .refused(reason: reason) }
            var report = Report()
            report.notFound = [ExternalID(.parcel, ask.key)]
            return .done(report)
        }
    }
}

private struct PackageProbe: Decodable { var id: Name }

/// Only what is mirrored: addresses, names and phones are not read at all.
private struct Package: WireRow {
    struct Product: Decodable { var shopArticle: Loose? }

    struct Happening: Decodable {
        var date: Loose?
        var message: Loose?
        var details: Loose?
    }

    struct Problem: Decodable {
        var name: Loose?
        var description: Loose?
        var resolved_at: Loose?
    }

    struct Departure: Decodable {
        struct Method: Decodable { var name: Loose? }
        var shipping_method: Method?
    }

    var id: Name
    var external_id: Loose?
    var status: Name
    var tracking_number: Loose?
    var external_tracking_number: Loose?
    var created_at: Loose?
    var weight: Number?
    var products: List<Product>?
    var checkpoints: List<Happening>?
    var problems: List<Problem>?
    var departure: Departure?

    static func id(of probe: PackageProbe) -> String? { probe.id.text }

    private static let statuses: [String: (text: String, progress: StatusMeaning, condition: Condition?)] = [
        "new": ("Новая", .at(.handover), nil),
        "checking-declaration": ("Проверка декларации", .at(.handover), nil),
        "declaration-checked": ("Декларация проверена", .at(.handover), nil),
        "waiting-pickup": ("Ожидает забора", .at(.handover), nil),
        "arrived-to-warehouse": ("Прибыла на склад", .at(.handover), nil),
        "in_store": ("На складе", .at(.handover), nil),
        "packed": ("Упакована", .at(.handover), nil),
        "prepared-to-send": ("Готова к отправке", .at(.handover), nil),
        "waiting-send": ("Ожидает отправки", .at(.handover), nil),
        "sent": ("Отправлена", .at(.origin), nil),
        "resend": ("Отправлена повторно", .at(.origin), nil),
        "waiting-on-delivery-point": ("Ожидает на пункте выдачи", .at(.pickup), nil),
        "delivered": ("Доставлена", .finished(.delivered), nil),
        "awaiting-return": ("Ожидает решения по возврату", .unstated, .returning),
        "returned": ("Возвращена", .unstated, .returning),
        "reported": ("Возвращена отправителю", .finished(.returned), .returned),
        "lost": ("Утеряна", .finished(.lost), .lost),
        "removed": ("Удалена", .finished(.removed), nil),
        "recycled": ("Утилизирована", .finished(.destroyed), .destroyed),
    ]

    var snapshot: Snapshot {
        let known = Package.statuses[status.text]
        var snapshot = Snapshot(
            id: ExternalID(.parcel, id.text),
            status: ReportedStatus(
                code: status.text, text: known?.text ?? status.text, progress: known?.progress ?? .unmapped,
                condition: known?.condition))
        let labels = (products?.elements ?? []).compactMap { itemLabel($0.shopArticle?.text) }
        snapshot.contents = labels.map { .label($0) }
        snapshot.order = orderNumber(external_id?.text) ?? order(ofItem: itemLabel(external_id?.text)) ?? only(labels)
        snapshot.created = givenTime(created_at?.text)
        snapshot.numbers = unique(
            trackNumbers(tracking_number?.text, as: .forwarder) + trackNumbers(external_tracking_number?.text))
        snapshot.checkpoints = checkpoints?.elements.map {
            Checkpoint(
                time: givenTime($0.date?.text), text: clipped($0.message?.text ?? "", 500),
                place: clipped($0.details?.text ?? "", 500))
        }
        snapshot.facts = facts([
            .weight: ParcelProviders.weight(weight?.text, "kg"),
            .deliveryMethod: departure?.shipping_method?.name?.text, .problem: openProblem,
        ])
        // Without its checkpoints a parcel under way could have moved unseen.
        if case .at(let stage)? = known?.progress, stage.isUnderWay { snapshot.confirms = checkpoints != nil }
        return snapshot
    }

    private var openProblem: String? {
        let open = (problems?.elements ?? []).first {
            givenTime($0.resolved_at?.text) == .none && $0.name?.filled != nil
        }
        return open.map { [$0.name?.text, $0.description?.filled].compactMap(\.self).joined(separator: ": ") }
    }

    /// The order of all these items, where it is one.
    private func only(_ labels: [String]) -> String? {
        let orders = Set(labels.compactMap { order(ofItem: $0) })
        return orders.count == 1 ? orders.first : nil
    }
}
