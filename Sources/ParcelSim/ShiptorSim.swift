// Shiptor, shipping API version 1: packages in pages without a total, one by its id with checkpoints, and the small
// lists. Two forms of dates; an unknown package is an error inside a success.

struct ShiptorSim {
    let world: World
    private var shiptor: Scenario.Shiptor { world.scenario.shiptor }
    private var now: Int64 { world.now - shiptor.pace.lag }

    static let statuses: [(String, String)] = [
        ("new", "Новая"), ("arrived-to-warehouse", "Прибыла на склад"), ("packed", "Упакована"),
        ("prepared-to-send", "Готова к отправке"), ("sent", "Отправлена"), ("delivered", "Доставлена"),
        ("removed", "Удалена"), ("recycled", "Утилизирована"), ("waiting-pickup", "Ожидает забора"),
        ("returned", "Возвращена"), ("reported", "Возвращена отправителю"), ("lost", "Утеряна"),
        ("resend", "Отправлена повторно"), ("waiting-on-delivery-point", "Ожидает на пункте выдачи"),
        ("awaiting-return", "Ожидает решения по возврату"),
    ]

    func call(_ request: SimRequest) -> Call {
        let rpc = RPCRequest(request.body)
        let parameters = rpc?.parameters()
        let things = [parameters?.text("id"), parameters?.text("external_id"), parameters?.text("query")]
        let id = rpc?.id ?? .null
        return Call(
            provider: "shiptor", method: rpc?.method ?? "", things: things.compactMap(\.self),
            answer: { answer(request, rpc) }, refusal: { failure(-32603, "Not authorized", id) })
    }

    private func answer(_ request: SimRequest, _ rpc: RPCRequest?) -> Answer {
        guard let rpc else { return failure(-32700, "Parse error", .null) }
        // The public part needs no token.
        let isPublic = request.path.contains("/public/")
        guard isPublic || request.headers["x-authorization-token"] == shiptor.token else {
            return failure(-32603, "Not authorized", rpc.id)
        }
        guard !rpc.method.isEmpty else { return failure(-32600, "Invalid request", rpc.id) }
        let parameters = rpc.parameters()
        switch rpc.method {
        case "getTracking": return tracking(rpc, parameters)
        case _ where isPublic: return failure(-32601, "Method not found", rpc.id)
        case "getPackages": return packages(rpc, parameters)
        case "getPackage": return package(rpc, parameters)
        case "getPackagesCount":
            return result(rpc, key: nil) { ["count": .integer(shown(archived: nil).count)] }
        case "getPackagesCurrentStatus": return currentStatuses(rpc, parameters)
        case "getPackageStatuses":
            return result(rpc, key: rpc.method) {
                .object(Self.statuses.map { JSON.Member(name: $0.0, value: .text($0.1)) })
            }
        case "getShipments":
            return result(rpc, key: rpc.method) {
                ["count": 0, "page": 1, "per_page": 20, "pages": 1, "shipments": []]
            }
        default:
            world.violate("shiptor \(rpc.method)")
            return failure(-32601, "Method not found", rpc.id)
        }
    }

    private func failure(_ code: Int, _ message: String, _ id: JSON) -> Answer {
        let answer: JSON = [
            "jsonrpc": "2.0", "error": ["code": .integer(code), "message": .text(message)], "id": id,
        ]
        return Answer("", "") { answer }
    }

    private func result(_ rpc: RPCRequest, key: String?, rows: [String]? = nil, _ body: @escaping () -> JSON) -> Answer
    {
        Answer(
            #"{"jsonrpc":"2.0","result":"#, #","id":\#(String(decoding: rpc.id.bytes, as: UTF8.self))}"#,
            key: key.map { "shiptor " + $0 }, rows: rows, body: body)
    }

    private func notFound(_ rpc: RPCRequest) -> Answer {
        result(rpc, key: nil) { ["status": "error", "message": "Package not found"] }
    }

    // MARK: Methods

    private func packages(_ rpc: RPCRequest, _ parameters: Parameters) -> Answer {
        guard let page = parameters.number("page"), let size = parameters.number("per_page"), page > 0,
            (1...100).contains(size)
        else { return failure(-32602, "InvalidNumber", rpc.id) }
        let archived = parameters.flag("archived")
        let status = parameters.text("status")
        let part = min(size, shiptor.pageCap)
        let flag = archived.map { String($0) } ?? "all"
        return result(rpc, key: "getPackages \(page) \(part) \(flag) \(status ?? "")", rows: []) {
            let rows = ShiptorRows(zoneMinutes: shiptor.zoneMinutes, now: now)
            let found = shown(archived: archived).filter {
                status == nil || $0.timeline.state(at: rows.now)?.status == status
            }
            let start = (page - 1).multipliedReportingOverflow(by: part)
            guard !start.overflow else { return [] }
            return .array(
                found.dropFirst(start.partialValue).prefix(part).compactMap { rows.package($0, isWhole: false) })
        }
    }

    private func package(_ rpc: RPCRequest, _ parameters: Parameters) -> Answer {
        let found =
            parameters.number("id").flatMap { world.things.shiptorPackage($0) }
            ?? parameters.text("external_id").flatMap { world.things.shiptorPackage(externalID: $0) }
        let now = now
        guard let found, found.created.ms <= now, found.timeline.state(at: now) != nil else { return notFound(rpc) }
        return result(rpc, key: "getPackage \(found.id)") {
            ShiptorRows(zoneMinutes: shiptor.zoneMinutes, now: now).package(found, isWhole: true) ?? .nothing
        }
    }

    private func currentStatuses(_ rpc: RPCRequest, _ parameters: Parameters) -> Answer {
        let now = now
        return result(rpc, key: nil) {
            let found = parameters.texts("ids").compactMap(Int.init).compactMap { world.things.shiptorPackage($0) }
            return .object(
                found.compactMap { package in
                    guard let state = package.timeline.state(at: now) else { return nil }
                    return JSON.Member(
                        name: String(package.id), value: ["status": .text(state.status ?? "new"), "paid": true])
                })
        }
    }

    private func tracking(_ rpc: RPCRequest, _ parameters: Parameters) -> Answer {
        let query = parameters.text("query") ?? ""
        let now = now
        guard query.hasPrefix("RP"), let found = Int(query.dropFirst(2)).flatMap({ world.things.shiptorPackage($0) }),
            found.created.ms <= now
        else { return notFound(rpc) }
        return result(rpc, key: "getTracking \(found.id)") {
            ShiptorRows(zoneMinutes: shiptor.zoneMinutes, now: now).tracking(found)
        }
    }

    private func shown(archived: Bool?) -> [Scenario.ShiptorPackage] {
        let now = now
        return world.things.packages.filter { package in
            guard package.created.ms <= now, package.timeline.state(at: now) != nil else { return false }
            let isArchived = package.archived.map { $0.ms <= now } ?? false
            return archived == nil || archived == isArchived
        }
    }
}

/// Packages as they are printed: creation without a zone, checkpoints and history with one; the latter two only where
/// a package is asked for by itself.
struct ShiptorRows {
    let zoneMinutes: Int
    let now: Int64

    private func zoneless(_ ms: Int64) -> JSON {
        .text(local(ms, minutes: zoneMinutes).replacing("T", with: " "))
    }

    private func zoned(_ ms: Int64) -> JSON {
        let minutes = abs(zoneMinutes)
        let sign = zoneMinutes < 0 ? "-" : "+"
        return .text(local(ms, minutes: zoneMinutes) + "\(sign)\(two(minutes / 60)):\(two(minutes % 60))")
    }

    func package(_ package: Scenario.ShiptorPackage, isWhole: Bool) -> JSON? {
        guard let state = package.timeline.state(at: now) else { return nil }
        let label = "https://api.example/label"
        var row: JSON = [
            "id": .integer(package.id), "stock": 27, "external_id": .text(package.externalID),
            "status": .text(state.status ?? "new"), "tracking_number": .text("RP\(package.id)"),
            "external_tracking_number": state.externalTrack.flatMap { $0.isEmpty ? nil : .text($0) } ?? .null,
            "created_at": zoneless(package.created.ms), "weight": .number(package.weight ?? "0.75"), "length": 20,
            "width": 15, "height": 10, "cod": 0, "declared_cost": 10, "no_gather": false,
            "label_url": .text("\(label)/\(package.id)"), "small_label_url": .text("\(label)-small/\(package.id)"),
            "photo": [],
            "cost": [
                "shipping_cost": "150.00", "cod_service_cost": .null, "compensation_service_cost": .null,
                "total_cost": 150,
            ], "departure": departure,
            "products": .array(
                package.articles.map {
                    [
                        "name": "Товар", "shopArticle": .text($0), "englishName": .null, "count": 1, "price": 10,
                        "vat": .null,
                    ]
                }), "services": [], "pick_up": .null, "shipment": .null,
        ]
        if isWhole {
            row = row.with("checkpoints", checkpoints(package)).with("history", history(package)).with("orders", [])
        }
        let archived = package.archived.flatMap { $0.ms <= now ? zoneless($0.ms) : nil }
        return row.with("problems", []).with("type", "standard").with("method", "api")
            .with("archived_at", archived ?? .null).with("delivery_time", .null).with("delayed_delivery_at", .null)
    }

    private var departure: JSON {
        [
            "shipping_method": [
                "id": 9, "name": "Почта России", "category": "to-door", "group": "russian_post",
                "courier": "russian-post", "comment": "", "description": .null, "help_url": .null,
            ],
            "address": [
                "receiver": .text("Получатель-" + personalMark), "name": .text("Имя-" + personalMark),
                "surname": .text("Фамилия-" + personalMark), "patronymic": .null,
                "email": .text("buyer-\(personalMark)@example.com"), "phone": .text(personalPhone),
                "country_code": "RU", "postal_code": "000000",
                "administrative_area": .text("Область-" + personalMark),
                "settlement": .text("Город-" + personalMark), "address_line_1": .text("Адрес-" + personalMark),
                "street": .text("Улица-" + personalMark), "house": "1", "apartment": .null,
                "kladr_id": "50000000000", "marked_as_trash_at": .null,
            ], "delivery_point": .null, "cashless_payment": false, "comment": .text("Комментарий-" + personalMark),
        ]
    }

    private func checkpoints(_ package: Scenario.ShiptorPackage) -> JSON {
        .array(
            package.checkpoints.filter { $0.at.ms <= now }.map {
                ["date": zoned($0.at.ms), "message": .text($0.text), "details": .text($0.place)]
            })
    }

    /// The newest first.
    private func history(_ package: Scenario.ShiptorPackage) -> JSON {
        let created: JSON = ["date": zoned(package.created.ms), "event": "Посылка создана", "description": ""]
        let changes = package.timeline.filter { $0.at.ms <= now && $0.status != nil }.map { step -> JSON in
            let name = ShiptorSim.statuses.first { $0.0 == step.status }?.1 ?? step.status ?? ""
            return [
                "date": zoned(step.at.ms), "event": .text(name), "description": .text("Имя-" + personalMark),
            ]
        }
        return .array(changes.reversed() + [created])
    }

    func tracking(_ package: Scenario.ShiptorPackage) -> JSON {
        [
            "article": .text("RP\(package.id)"), "weight": .number(package.weight ?? "0.75"), "length": 20,
            "width": 15, "height": 10, "courier": "russian-post", "receiver": .text("Фамилия И. " + personalMark),
            "phone": "+7*******00", "address": .text("Город-" + personalMark), "type": "standard",
            "checkpoints": checkpoints(package),
        ]
    }
}
