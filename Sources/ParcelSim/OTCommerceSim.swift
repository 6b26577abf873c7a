// OT Commerce as its documentation shows it: a form in, JSON out; session and signature checked; `SubErrorCode` an empty
// object on success; people's data, marked, in the fields where the real system has them.

import Foundation

/// Stands in every personal field, so that a test can look for it where it must not be.
package let personalMark = "ЛИЧНОЕ-МЕТКА"

struct OTCommerceSim {
    let world: World

    private static let session = "00000000-0000-4000-8000-00000000abcd"

    func answer(_ method: String, _ form: [String: String]) -> [String: Any] {
        let now = world.now
        if let problem = accessProblem(method, form, now) { return problem }
        switch method {
        case "AuthenticateInstanceOperator":
            let accounts = world.scenario.accounts
            guard form["userLogin"] == accounts.login, form["userPassword"] == accounts.password else {
                return failure("AccessDenied", "Неверный логин или пароль")
            }
            return ok(["SessionId": ["Value": Self.session]])
        case "GetOrderStatusList":
            let names = [
                "10": "Ожидает оплаты", "20": "Оплачен", "30": "В обработке", "40": "Завершен", "50": "Отменен",
            ]
            return ok(["Result": names.sorted { $0.key < $1.key }.map { ["Id": Int($0.key) ?? 0, "Name": $0.value] }])
        case "SearchOrders": return page(orders(now, form).map { order($0, now) }, form)
        case "SearchOrderLines":
            return page(orders(now, form).flatMap { order in order.lines.compactMap { line($0, order, now) } }, form)
        case "GetSalesOrderDetailsForOperator":
            guard let found = find(form["salesId"], now) else { return failure("NotFound", "Заказ не найден") }
            let lines = found.lines.compactMap { line($0, found, now) }
            return ok(["Result": ["SalesOrderInfo": order(found, now), "SalesLinesList": lines]])
        case "GetSalesPackageList":
            guard let found = find(form["salesId"], now) else { return failure("NotFound", "Заказ не найден") }
            return ok(["Result": ["Content": (found.packages ?? []).compactMap { package($0, now) }]])
        case "GetPackage":
            guard let found = findPackage(form["packageId"], now), let shown = package(found, now) else {
                return failure("NotFound", "Посылка не найдена")
            }
            return ok(["Result": shown])
        case "GetPackageTrackingForOperator":
            guard let found = findPackage(form["packageId"], now) else {
                return failure("NotFound", "Посылка не найдена")
            }
            let events = (found.checkpoints ?? []).filter { $0.at.ms <= now }.map {
                ["Time": zoneless($0.at.ms), "Status": $0.text, "Location": $0.place ?? ""]
            }
            return ok([
                "Result": [
                    "ExternalTrackingUrl": "https://postal.ninja/ru", "PackageTrackingCheckpoints": ["Content": events],
                ]
            ])
        case "GetSalesProcessLog": return ok(["Result": [Any]()])
        default:
            world.violate("otcommerce \(method)")
            return failure("ValidationError", "Метод не поддерживается")
        }
    }

    private func accessProblem(_ method: String, _ form: [String: String], _ now: Int64) -> [String: Any]? {
        let accounts = world.scenario.accounts
        guard form["instanceKey"] == accounts.instanceKey else { return failure("AccessDenied", "Unknown key") }
        if let secret = accounts.secret {
            guard let stamp = form["timestamp"] else {
                return failure("AccessDenied", "Access denied", sub: "MissingTimestamp")
            }
            guard let sent = stampTime(stamp), abs(sent - now) <= 3_600_000 else {
                return failure("AccessDenied", "Access denied", sub: "InvalidTimestamp")
            }
            guard let signature = form["signature"] else {
                return failure("AccessDenied", "Access denied", sub: "MissingSignature")
            }
            let values = form.filter { $0.key != "signature" }.sorted { $0.key < $1.key }.map(\.value).joined()
            guard signature == sha256(method + values + secret) else {
                return failure("AccessDenied", "Access denied", sub: "InvalidSignature")
            }
        }
        if method != "AuthenticateInstanceOperator", form["sessionId"] != Self.session {
            return failure("SessionExpired", "Сессия истекла")
        }
        return nil
    }

    private func orders(_ now: Int64, _ form: [String: String]) -> [Scenario.Order] {
        let filter = form["xmlSearchParameters"] ?? ""
        let statuses = Set(between("<Id>", "</Id>", in: filter))
        return world.allOrders.filter { order in
            guard order.created.ms <= now, let state = order.timeline.state(at: now) else { return false }
            return statuses.isEmpty || statuses.contains(state.status ?? "")
        }.sorted { $0.created > $1.created }
    }

    private func find(_ id: String?, _ now: Int64) -> Scenario.Order? {
        world.allOrders.first { $0.id == id && $0.created.ms <= now }
    }

    private func findPackage(_ id: String?, _ now: Int64) -> Scenario.Package? {
        world.allOrders.flatMap { $0.packages ?? [] }.first { $0.id == id && $0.created.ms <= now }
    }

    private func page(_ rows: [[String: Any]], _ form: [String: String]) -> [String: Any] {
        let offset = Int(form["framePosition"] ?? "") ?? 0
        let size = min(1000, Int(form["frameSize"] ?? "") ?? 18)
        return ok(["Result": ["Content": Array(rows.dropFirst(offset).prefix(size)), "TotalCount": rows.count]])
    }

    private func order(_ order: Scenario.Order, _ now: Int64) -> [String: Any] {
        let state = order.timeline.state(at: now)
        var counts: [String: Int] = [:]
        for line in order.lines {
            if let status = line.timeline.state(at: now)?.status { counts[status, default: 0] += 1 }
        }
        return [
            "Id": order.id, "StatusCode": state?.status ?? "30", "StatusId": Int(state?.status ?? "") ?? 30,
            "StatusName": state?.name ?? "", "CustName": personalMark, "IsCancelled": state?.status == "50",
            "IsCompleted": state?.status == "40", "CreatedDateTime": zoneless(order.created.ms) + ".291",
            "DeliveryModeName": "Shiptor доставка",
            "DeliveryAddress": ["Familyname": personalMark, "Phone": "+70000000000", "Address": personalMark],
            "LineStatusSummaries": counts.sorted { $0.key < $1.key }.map {
                ["Status": ["Id": Int($0.key) ?? 0, "Name": ""] as [String: Any], "Count": $0.value] as [String: Any]
            },
        ]
    }

    private func line(_ line: Scenario.Line, _ order: Scenario.Order, _ now: Int64) -> [String: Any]? {
        guard let state = line.timeline.state(at: now) else { return nil }
        var row: [String: Any] = [
            "Id": line.id, "OrderId": order.id, "StatusId": Int(state.status ?? "") ?? 0,
            "StatusCode": Int(state.status ?? "") ?? 0, "StatusName": state.name ?? "", "Qty": 1,
            "VendPurchWaybill": state.track ?? "", "VendNick": line.seller ?? "", "CurrencyCust": "RUB",
            "BriefDescrTrans": line.title ?? "", "CustComment": personalMark,
        ]
        if let number = line.num { row["LineNum"] = number }
        if let amount = line.amount { row["AmountCust"] = NSDecimalNumber(string: amount) }
        if let external = line.externalOrder { row["VendPurchId"] = external }
        if let account = line.account { row["VendPurchAccountId"] = account }
        return row
    }

    private func package(_ package: Scenario.Package, _ now: Int64) -> [String: Any]? {
        guard package.created.ms <= now, let state = package.timeline.state(at: now) else { return nil }
        return [
            "Id": package.id, "OrderId": [String: Any](), "StatusId": state.status ?? "",
            "StatusCode": state.status ?? "",
            "StatusName": state.name ?? "", "DeliveryTrackingNum": state.track ?? "",
            "CreationDate": zoneless(package.created.ms), "ExternalPackageId": package.external ?? "",
            "DeliveryContactLastname": personalMark, "DeliveryContactPhone": "+70000000000",
            "DeliveryAddress": personalMark, "DeliveryModeName": "Shiptor доставка", "CanUpdate": 0,
            "Items": package.lines.map { ["OrderLineId": $0, "Quantity": 1] as [String: Any] },
        ]
    }

    func ok(_ payload: [String: Any]) -> [String: Any] {
        payload.merging(["ErrorCode": "Ok", "SubErrorCode": [String: Any](), "RequestTime": 1.5]) { $1 }
    }

    func failure(_ code: String, _ text: String, sub: String? = nil) -> [String: Any] {
        ["ErrorCode": code, "ErrorDescription": text, "SubErrorCode": sub ?? [String: Any]()]
    }
}

/// The shop writes its times without a zone; its clock is Shanghai's.
func zoneless(_ ms: Int64) -> String { String(wall(ms, offsetHours: 8).dropLast(6)) }

/// `2018-04-01T12:10:04+03:00`.
func wall(_ ms: Int64, offsetHours: Int) -> String {
    let date = Date(timeIntervalSince1970: Double(ms) / 1000 + Double(offsetHours) * 3600)
    let text = date.formatted(.iso8601.dateTimeSeparator(.standard))
    return text.dropLast() + String(format: "+%02d:00", offsetHours)
}

private func stampTime(_ text: String) -> Int64? {
    guard text.count == 14 else { return nil }
    let t = Array(text)
    let iso =
        "\(String(t[0..<4]))-\(String(t[4..<6]))-\(String(t[6..<8]))T\(String(t[8..<10])):\(String(t[10..<12])):\(String(t[12..<14]))Z"
    return Scenario.Moment.parse(iso)
}

private func between(_ start: String, _ end: String, in text: String) -> [String] {
    text.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end).first ?? "" }
}
