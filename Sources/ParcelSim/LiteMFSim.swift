// LiteMF, API version 2: incoming packages (items at the warehouse) and outgoing ones (parcels). Errors come with status
// 200; no row carries a time.

struct LiteMFSim {
    let world: World
    private var litemf: Scenario.LiteMF { world.scenario.litemf }
    private var now: Int64 { world.now - litemf.pace.lag }

    func call(_ request: SimRequest) -> Call {
        let rpc = RPCRequest(request.body)
        let filter = rpc?.parameters(in: "filter")
        var things = filter?.numbers("id").map { String($0) } ?? []
        if let fid = filter?.text("partner_fid") { things.append(fid) }
        let id = rpc?.id ?? .null
        return Call(
            provider: "litemf", method: rpc?.method ?? "", things: things, answer: { answer(request, rpc) },
            refusal: { failure(1002, "Bad auth header", id) })
    }

    private func answer(_ request: SimRequest, _ rpc: RPCRequest?) -> Answer {
        guard request.method == "POST", request.headers["content-type"]?.hasPrefix("application/json") == true,
            let rpc
        else { return failure(-32700, "Bad verb, Content-Type or JSON", rpc?.id ?? .null) }
        guard let key = request.headers["x-auth-api-key"], !key.isEmpty else {
            return failure(1002, "Bad auth header", rpc.id)
        }
        guard key == litemf.apiKey else { return failure(1001, "Access denied", rpc.id) }
        guard rpc.isWhole else { return failure(-32600, "Empty id, method or params", rpc.id) }
        let filter = rpc.parameters(in: "filter")
        switch rpc.method {
        case "getIncomingPackage": return page(incoming(filter), rpc, filter)
        case "getOutgoingPackage": return page(outgoing(filter), rpc, filter)
        case "getAddress":
            // It is said to return strangers' addresses too: a mirror must never ask.
            world.violate("litemf getAddress")
            return failure(1001, "Access denied", rpc.id)
        default:
            world.violate("litemf \(rpc.method)")
            return failure(-32602, "No such method", rpc.id)
        }
    }

    private func failure(_ code: Int, _ message: String, _ id: JSON) -> Answer {
        let answer: JSON = [
            "id": id, "jsonrpc": "2.0", "status": "error",
            "error": ["code": .integer(code), "message": .text(message)],
        ]
        return Answer("", "") { answer }
    }

    private func page(_ rows: [JSON], _ rpc: RPCRequest, _ filter: Parameters) -> Answer {
        let limit = min(litemf.pageCap, max(1, filter.number("limit") ?? Int.max))
        let page = max(1, filter.number("page") ?? 1)
        let start = (page - 1).multipliedReportingOverflow(by: limit)
        let part = start.overflow ? [] : Array(rows.dropFirst(start.partialValue).prefix(limit))
        return Answer(
            #"{"id":\#(String(decoding: rpc.id.bytes, as: UTF8.self)),"jsonrpc":"2.0","status":"ok","result":"#, "}",
            rows: ["data"]
        ) { ["data": .array(part), "pager": ["total": .integer(rows.count)]] }
    }

    private func incoming(_ filter: Parameters) -> [JSON] {
        let now = now
        return litemf.incoming.compactMap { row -> JSON? in
            guard let state = row.timeline.state(at: now) else { return nil }
            let status = state.status ?? "awaiting_arrival"
            guard isWanted(row.id, status, filter) else { return nil }
            if let fid = filter.text("partner_fid"), fid != row.fid { return nil }
            let package = filter.number("outgoing_package") ?? filter.number("package")
            if let package, package != state.outgoing ?? 0 { return nil }
            return [
                "id": .integer(row.id), "shop_name": "Taobao", "warehouse": 4, "name": .text(row.name),
                "partner_url": "", "partner_fid": .text(row.fid), "partner_user_fid": "17",
                "outgoing_package": .integer(state.outgoing ?? 0), "tracking": .text(state.track ?? ""),
                "is_make_additional_photo": "n", "is_remove_original_wrap": "n", "is_check": "n",
                "status": .text(status),
            ]
        }
    }

    private func outgoing(_ filter: Parameters) -> [JSON] {
        let now = now
        return litemf.outgoing.compactMap { row -> JSON? in
            guard let state = row.timeline.state(at: now) else { return nil }
            let status = state.status ?? "new"
            guard isWanted(row.id, status, filter) else { return nil }
            return [
                "id": .integer(row.id), "incoming_packages": .array(row.incoming.map { .integer($0) }),
                "delivery_method": 91, "address": 66129, "status": .text(status), "name": .text(row.name),
                "tracking": .text(state.track ?? "LP\(row.id)"), "partner_url": "",
                "comment": .text("Комментарий-" + personalMark), "is_postponed_send": "n", "is_insurance": "n",
                "insurance_amount": 0, "is_use_extra_wrap": "n", "is_has_lithium_battery": "n",
                "sender": .text("Отправитель-" + personalMark), "is_has_document": "y",
                "document_receiving_status": "received", "shipment_fid": "", "pallet_fid": "", "price": 0,
                "currency": "USD",
                "declarations": [
                    [
                        "description": "Goods", "quantity": 1, "value": 10, "weight": .integer(row.weight),
                        "url": "https://shop.example/item",
                    ]
                ], "weight": .integer(row.weight), "weight_unit": "g", "dimensions": ["x": 20, "y": 15, "z": 10],
                "dimensions_unit": "cm",
            ]
        }
    }

    private func isWanted(_ id: Int, _ status: String, _ filter: Parameters) -> Bool {
        if filter.has("id"), !filter.numbers("id").contains(id) { return false }
        return filter.text("status").map { $0 == status } ?? true
    }
}
