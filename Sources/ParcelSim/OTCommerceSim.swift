// OT Commerce's JSON service as its documentation shows it: a form in, JSON out; key, signature and session checked;
// search filters and frames. What its rows look like stands in OTCommerceRows.swift.

struct OTCommerceSim {
    let world: World
    private var shop: Scenario.Shop { world.scenario.otcommerce }
    private var rows: OTCommerceRows { OTCommerceRows(shop: shop, now: world.now - shop.pace.lag) }

    /// What every good answer begins with, up to the member with its payload.
    static let success =
        #"{"ErrorCode":"Ok","SubErrorCode":{},"RequestId":"00000000-0000-4000-8000-000000000001","#
        + #""RequestTime":1.5,"#

    func call(_ method: String, _ form: [String: String]) -> Call {
        let thing = form["salesId"] ?? form["packageId"]
        return Call(
            provider: "otcommerce", method: method, things: thing.map { [$0] } ?? [],
            answer: { answer(method, form) },
            refusal: { Self.refused("AccessDenied", "Access denied", sub: "InvalidSignature") })
    }

    static func refused(_ code: String, _ text: String, sub: String? = nil) -> Answer {
        let answer: JSON = [
            "ErrorCode": .text(code), "ErrorDescription": .text(text),
            "SubErrorCode": sub.map { .text($0) } ?? .nothing,
            "RequestId": "00000000-0000-4000-8000-000000000002", "RequestTime": .number("1.1"),
        ]
        return Answer("", "") { answer }
    }

    private func answer(_ method: String, _ form: [String: String]) -> Answer {
        if let problem = accessProblem(method, form) { return problem }
        switch method {
        case "AuthenticateInstanceOperator":
            guard form["userLogin"] == shop.login, form["userPassword"] == shop.password else {
                return Self.refused("AccessDenied", "Неверный логин или пароль")
            }
            let session = JSON.text(world.openSession())
            return Answer(Self.success + #""SessionId":"#, "}") { ["Value": session] }
        case "SearchOrders", "SearchOrdersWithSummary": return searchOrders(method, form)
        case "SearchOrderLines": return searchLines(form)
        case "GetSalesOrderDetailsForOperator", "GetSalesPackageList", "GetSalesProcessLog":
            return aboutOrder(method, form)
        case "GetPackage", "GetPackageTrackingForOperator", "GetPackageAvailableStatusList":
            return aboutPackage(method, form)
        case "GetOrderStatusList": return result(method) { rows.orderStatuses }
        case "GetOrderLineStatusList": return result(method) { rows.lineStatuses }
        default:
            world.violate("otcommerce \(method)")
            return Self.refused("ValidationError", "Метод не поддерживается")
        }
    }

    private func result(_ key: String, rows: [String]? = nil, _ body: @escaping () -> JSON) -> Answer {
        Answer(Self.success + #""Result":"#, "}", key: "otcommerce " + key, rows: rows, body: body)
    }

    // MARK: Access

    private func accessProblem(_ method: String, _ form: [String: String]) -> Answer? {
        guard form["instanceKey"] == shop.instanceKey else {
            return Self.refused("AccessDenied", "Instance key is not valid")
        }
        if let problem = signatureProblem(method, form) {
            return Self.refused("AccessDenied", "Access denied", sub: problem)
        }
        if method != "AuthenticateInstanceOperator", !world.isOpen(form["sessionId"] ?? "") {
            return Self.refused("SessionExpired", "Сессия истекла")
        }
        return nil
    }

    /// The documented sub-code, or nil where all is well.
    private func signatureProblem(_ method: String, _ form: [String: String]) -> String? {
        guard !shop.secret.isEmpty else { return nil }
        guard let stamp = form["timestamp"] else { return "MissingTimestamp" }
        guard let sent = stampTime(stamp), abs(sent - world.now) <= 3_600_000 else { return "InvalidTimestamp" }
        guard let signature = form["signature"] else { return "MissingSignature" }
        let values = form.filter { $0.key != "signature" }.sorted { $0.key < $1.key }.map(\.value).joined()
        return signature == sha256(method + values + shop.secret) ? nil : "InvalidSignature"
    }

    // MARK: Searches

    private func searchOrders(_ method: String, _ form: [String: String]) -> Answer {
        guard let filter = OrderFilter(form["xmlSearchParameters"] ?? "") else { return invalidFilter() }
        let list = method == "SearchOrders" ? "Content" : "SalesOrdersList"
        let frame = Frame(form, cap: shop.frameCap)
        return result("\(method) \(frame) \(form["xmlSearchParameters"] ?? "")", rows: [list]) {
            let found = orders(filter)
            var body: JSON = [:]
            body = body.with(list, rows.list(frame.part(of: found).map(rows.order), "Item"))
            body = body.with("TotalCount", .integer(found.count))
            guard list != "Content" else { return body }
            return body.with("TotalCostInInternalCurrency", .number("0.0")).with(
                "TotalProfitInInternalCurrency", .number("0.0"))
        }
    }

    private func searchLines(_ form: [String: String]) -> Answer {
        guard let filter = LineFilter(form["xmlSearchParameters"] ?? "") else { return invalidFilter() }
        let frame = Frame(form, cap: shop.frameCap)
        return result("SearchOrderLines \(frame) \(form["xmlSearchParameters"] ?? "")", rows: ["Content"]) {
            let rows = rows
            var found: [(Scenario.Line, Scenario.Order)] = []
            for order in orders(filter.orders) {
                for line in order.lines {
                    if let state = line.timeline.state(at: rows.now), filter.shows(state, line) {
                        found.append((line, order))
                    }
                }
            }
            let part = frame.part(of: found).compactMap { rows.line($0.0, $0.1, isWhole: false) }
            return ["Content": rows.list(part, "Item"), "TotalCount": .integer(found.count)]
        }
    }

    private func invalidFilter() -> Answer { Self.refused("ValidationError", "xmlSearchParameters is not valid") }

    private func orders(_ filter: OrderFilter) -> [Scenario.Order] {
        let now = rows.now
        let found = world.things.orders.filter { order in
            guard order.created.ms <= now, let state = order.timeline.state(at: now) else { return false }
            return filter.shows(order, state, zoneMinutes: shop.zoneMinutes)
        }
        return filter.isOldestFirst ? found.reversed() : found
    }

    // MARK: One thing

    private func aboutOrder(_ method: String, _ form: [String: String]) -> Answer {
        let rows = rows
        guard let order = world.things.order(form["salesId"] ?? ""), order.created.ms <= rows.now,
            order.timeline.state(at: rows.now) != nil
        else { return Self.refused("NotFound", "Заказ не найден") }
        switch method {
        case "GetSalesPackageList":
            return result("\(method) \(order.id)", rows: ["Content"]) {
                ["Content": rows.list(order.packages.compactMap { rows.package($0, of: order) }, "Item")]
            }
        case "GetSalesProcessLog": return result("\(method) \(order.id)", rows: []) { rows.log(of: order) }
        default:
            let wanted: Set<String> =
                switch form["queryType"] {
                case "1": ["2", "3"]
                case "2": ["6", "7", "8", "9", "10"]
                default: []
                }
            return result("\(method) \(order.id) \(wanted.sorted())", rows: ["SalesLinesList"]) {
                let lines = order.lines.filter {
                    wanted.isEmpty || wanted.contains($0.timeline.state(at: rows.now)?.status ?? "")
                }
                let shown = lines.compactMap { rows.line($0, order, isWhole: true) }
                return ["SalesOrderInfo": rows.order(order), "SalesLinesList": rows.list(shown, "SalesLine")]
            }
        }
    }

    private func aboutPackage(_ method: String, _ form: [String: String]) -> Answer {
        let rows = rows
        guard let (order, package) = world.things.shopPackage(form["packageId"] ?? ""),
            let shown = rows.package(package, of: order)
        else { return Self.refused("NotFound", "Посылка не найдена") }
        switch method {
        case "GetPackage": return result("\(method) \(package.id)") { shown }
        case "GetPackageAvailableStatusList": return result(method) { rows.packageStatuses }
        default: return result("\(method) \(package.id)") { rows.checkpoints(of: package) }
        }
    }
}

/// A part of a list: `framePosition` is an offset; 18 rows unless asked for more.
private struct Frame: CustomStringConvertible {
    let offset: Int
    let size: Int

    init(_ form: [String: String], cap: Int) {
        offset = max(0, Int(form["framePosition"] ?? "") ?? 0)
        size = min(cap, max(0, Int(form["frameSize"] ?? "") ?? 18))
    }

    var description: String { "\(offset)+\(size)" }

    func part<Row>(of rows: [Row]) -> ArraySlice<Row> { rows.dropFirst(offset).prefix(size) }
}

/// `yyyyMMddHHmmss` in UTC.
private func stampTime(_ text: String) -> Int64? {
    guard text.count == 14, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    var iso = ""
    for (index, digit) in text.enumerated() {
        if let mark: Character = [4: "-", 6: "-", 8: "T", 10: ":", 12: ":"][index] { iso.append(mark) }
        iso.append(digit)
    }
    return Scenario.Moment.parse(iso + "Z")
}
