// LiteMF and Shiptor: JSON-RPC with errors inside status 200. LiteMF gives no times at all; Shiptor gives two forms.

import Foundation

struct LiteMFSim {
    let world: World

    func answer(_ method: String, _ parameters: [String: Any], key: String?) -> [String: Any] {
        guard key == world.scenario.accounts.apiKey else { return failure(1002, "Bad auth header") }
        let filter = parameters["filter"] as? [String: Any] ?? [:]
        let now = world.now
        switch method {
        case "getIncomingPackage": return page(incoming(now), filter)
        case "getOutgoingPackage": return page(outgoing(now), filter)
        default:
            world.violate("litemf \(method)")
            return failure(-32602, "No such method")
        }
    }

    private func incoming(_ now: Int64) -> [[String: Any]] {
        (world.scenario.litemf?.incoming ?? []).compactMap { row in
            guard let state = row.timeline.state(at: now) else { return nil }
            return [
                "id": row.id, "shop_name": "Taobao", "warehouse": 4, "name": "Товар", "partner_url": "",
                "partner_fid": row.fid, "partner_user_fid": "17", "outgoing_package": state.outgoing ?? 0,
                "tracking": state.track ?? "", "is_check": "n", "status": state.status ?? "awaiting_arrival",
            ]
        }
    }

    private func outgoing(_ now: Int64) -> [[String: Any]] {
        (world.scenario.litemf?.outgoing ?? []).compactMap { row in
            guard let state = row.timeline.state(at: now) else { return nil }
            return [
                "id": row.id, "incoming_packages": row.incoming, "delivery_method": 91, "address": 66129,
                "status": state.status ?? "new", "name": row.name, "tracking": state.track ?? "LP\(row.id)",
                "sender": personalMark, "price": 0, "currency": "USD", "weight": 750, "weight_unit": "g",
            ]
        }
    }

    private func page(_ rows: [[String: Any]], _ filter: [String: Any]) -> [String: Any] {
        var rows = rows
        if let id = filter["id"] as? Int { rows = rows.filter { $0["id"] as? Int == id } }
        let limit = max(1, filter["limit"] as? Int ?? 999_999)
        let page = max(1, filter["page"] as? Int ?? 1)
        let part = Array(rows.dropFirst((page - 1) * limit).prefix(limit))
        return ["jsonrpc": "2.0", "status": "ok", "result": ["data": part, "pager": ["total": rows.count]]]
    }

    func failure(_ code: Int, _ message: String) -> [String: Any] {
        ["jsonrpc": "2.0", "status": "error", "error": ["code": code, "message": message]]
    }
}

struct ShiptorSim {
    let world: World

    func answer(_ method: String, _ parameters: [String: Any], token: String?) -> [String: Any] {
        guard token == world.scenario.accounts.token else { return failure(-32603, "Not authorized") }
        let now = world.now
        switch method {
        case "getPackages":
            let size = min(100, parameters["per_page"] as? Int ?? 10)
            let page = max(1, parameters["page"] as? Int ?? 1)
            let shown = world.shiptorPackages.filter { $0.created.ms <= now }
            let part = shown.dropFirst((page - 1) * size).prefix(size).compactMap { package($0, now, whole: false) }
            return ["jsonrpc": "2.0", "result": Array(part)]
        case "getPackage":
            let wanted = parameters["id"] as? Int
            guard let found = world.shiptorPackage(wanted ?? 0), found.created.ms <= now,
                let shown = package(found, now, whole: true)
            else { return ["jsonrpc": "2.0", "result": ["status": "error", "message": "Package not found"]] }
            return ["jsonrpc": "2.0", "result": shown]
        case "getPackageStatuses": return ["jsonrpc": "2.0", "result": ["new": "Новая", "sent": "Отправлена"]]
        default:
            world.violate("shiptor \(method)")
            return failure(-32601, "No such method")
        }
    }

    private func package(_ package: Scenario.ShiptorPackage, _ now: Int64, whole: Bool) -> [String: Any]? {
        guard let state = package.timeline.state(at: now) else { return nil }
        var row: [String: Any] = [
            "id": package.id, "stock": 27, "external_id": package.externalId, "status": state.status ?? "new",
            "tracking_number": "RP\(package.id)", "external_tracking_number": state.externalTrack ?? NSNull(),
            "created_at": String(wall(package.created.ms, offsetHours: 3).dropLast(6)).replacingOccurrences(
                of: "T", with: " "),
            "weight": 0.75, "cod": 0, "photo": [Any](), "problems": [Any](), "services": [Any](),
            "cost": ["shipping_cost": "150.00", "total_cost": 150] as [String: Any],
            "departure": [
                "shipping_method": ["id": 9, "name": "Почта России"] as [String: Any],
                "address": [
                    "name": personalMark, "surname": personalMark, "phone": "+70000000000", "street": personalMark,
                ],
            ],
            "products": package.articles.map { ["name": "Товар", "shopArticle": $0, "count": 1] as [String: Any] },
            "type": "standard", "archived_at": NSNull(),
        ]
        if whole {
            row["checkpoints"] = (package.checkpoints ?? []).filter { $0.at.ms <= now }.reversed().map {
                ["date": wall($0.at.ms, offsetHours: 3), "message": $0.text, "details": $0.place ?? ""]
            }
            row["history"] = [
                [
                    "date": wall(package.created.ms, offsetHours: 3), "event": "Посылка создана",
                    "description": personalMark,
                ]
            ]
        }
        return row
    }

    func failure(_ code: Int, _ message: String) -> [String: Any] {
        ["jsonrpc": "2.0", "error": ["code": code, "message": message] as [String: Any]]
    }
}
