// The things of a scenario: the shop's orders, LiteMF's and Shiptor's packages, each with its provider's settings, and
// whether what one names is there.

extension ScenarioReader {
    func readShop(_ root: Fields, into scenario: inout Scenario) {
        var shop = Scenario.Shop()
        let keys = [
            "instance_key", "secret", "login", "password", "zone", "session_life", "frame_cap", "wrapped_lists",
            "process_log", "package_statuses", "lag", "latency",
        ]
        if let fields = root.section("otcommerce", keys: keys) {
            shop.instanceKey = fields.text("instance_key") ?? shop.instanceKey
            shop.secret = fields.text("secret") ?? shop.secret
            shop.login = fields.text("login") ?? shop.login
            shop.password = fields.text("password") ?? shop.password
            shop.zoneMinutes = fields.offset("zone") ?? shop.zoneMinutes
            shop.sessionLife = fields.length("session_life") ?? shop.sessionLife
            shop.frameCap = fields.count("frame_cap") ?? shop.frameCap
            shop.wrappedLists = fields.flag("wrapped_lists") ?? false
            shop.processLog = fields.flag("process_log") ?? false
            shop.packageStatuses = fields.pairs("package_statuses") ?? shop.packageStatuses
            shop.pace = pace(fields)
        }
        scenario.otcommerce = shop
        let orders = root.sections(
            "orders", keys: ["id", "created", "goods", "delivery", "weight", "timeline", "lines", "packages"],
            required: ["id", "created", "timeline", "lines"])
        scenario.orders = orders.map(order)
        requireUnique(zip(scenario.orders.map(\.id), orders).map { ($0, $1) }, "id")
    }

    private func order(_ fields: Fields) -> Scenario.Order {
        let keys = [
            "id", "num", "title", "seller", "amount", "external_order", "account", "item", "config", "weight", "qty",
            "timeline",
        ]
        let lines = fields.sections("lines", keys: keys, required: ["id", "timeline"])
        var order = Scenario.Order(
            id: fields.text("id") ?? "", created: fields.moment("created") ?? Scenario.Moment(ms: 0),
            goods: fields.amount("goods"), delivery: fields.amount("delivery"), weight: fields.amount("weight"),
            timeline: timeline(fields), lines: lines.map(line))
        for step in order.timeline { requireNumber(step, fields) }
        requireUnique(zip(order.lines.map(\.id), lines).map { ($0, $1) }, "id")
        let packages = fields.sections(
            "packages",
            keys: ["id", "external", "created", "price", "weight", "lines", "timeline", "checkpoints"],
            required: ["id", "created", "lines", "timeline"])
        order.packages = packages.map { package($0, lines: order.lines.map(\.id)) }
        requireUnique(zip(order.packages.map(\.id), packages).map { ($0, $1) }, "id")
        return order
    }

    private func line(_ fields: Fields) -> Scenario.Line {
        let line = Scenario.Line(
            id: fields.text("id") ?? "", num: fields.count("num"), title: fields.text("title") ?? "",
            seller: fields.text("seller") ?? "", amount: fields.amount("amount") ?? "0.00",
            externalOrder: fields.text("external_order"), account: fields.text("account"), item: fields.text("item"),
            config: fields.text("config") ?? "", weight: fields.amount("weight"), qty: fields.count("qty") ?? 1,
            timeline: timeline(fields))
        for step in line.timeline { requireNumber(step, fields) }
        return line
    }

    /// The shop's order and line statuses are numbers; a package's are its own texts.
    private func requireNumber(_ step: Scenario.Step, _ fields: Fields) {
        if let status = step.status, Int(status) == nil { fields.note("timeline", "status \(status) is no number") }
    }

    private func package(_ fields: Fields, lines: [String]) -> Scenario.Package {
        let package = Scenario.Package(
            id: fields.text("id") ?? "", external: fields.text("external"),
            created: fields.moment("created") ?? Scenario.Moment(ms: 0), price: fields.amount("price"),
            weight: fields.amount("weight"), lines: fields.texts("lines") ?? [], timeline: timeline(fields),
            checkpoints: checkpoints(fields))
        for id in package.lines + package.timeline.flatMap({ $0.lines ?? [] }) where !lines.contains(id) {
            fields.note("lines", "the order has no line \(id)")
        }
        return package
    }

    func readLiteMF(_ root: Fields, into scenario: inout Scenario) {
        guard
            let fields = root.section(
                "litemf", keys: ["api_key", "page_cap", "lag", "latency", "incoming", "outgoing"])
        else { return }
        var litemf = Scenario.LiteMF()
        litemf.apiKey = fields.text("api_key") ?? litemf.apiKey
        litemf.pageCap = fields.count("page_cap") ?? litemf.pageCap
        litemf.pace = pace(fields)
        let incoming = fields.sections(
            "incoming", keys: ["id", "fid", "name", "timeline"], required: ["id", "fid", "timeline"])
        litemf.incoming = incoming.map {
            Scenario.Incoming(
                id: $0.count("id") ?? 0, fid: $0.text("fid") ?? "", name: $0.text("name") ?? "Товар",
                timeline: timeline($0))
        }
        requireUnique(zip(litemf.incoming.map(\.id), incoming).map { ($0, $1) }, "id")
        requireUnique(zip(litemf.incoming.map(\.fid), incoming).map { ($0, $1) }, "fid")
        let outgoing = fields.sections(
            "outgoing", keys: ["id", "name", "incoming", "weight", "timeline"],
            required: ["id", "name", "incoming", "timeline"])
        litemf.outgoing = outgoing.map { row in
            let ids = (row.texts("incoming") ?? []).compactMap(Int.init)
            for id in ids where !litemf.incoming.contains(where: { $0.id == id }) {
                row.note("incoming", "there is no incoming package \(id)")
            }
            return Scenario.Outgoing(
                id: row.count("id") ?? 0, name: row.text("name") ?? "", incoming: ids,
                weight: row.count("weight") ?? 0, timeline: timeline(row))
        }
        requireUnique(zip(litemf.outgoing.map(\.id), outgoing).map { ($0, $1) }, "id")
        for (row, fields) in zip(litemf.incoming, incoming) {
            for id in row.timeline.compactMap(\.outgoing)
            where id != 0 && !litemf.outgoing.contains(where: { $0.id == id }) {
                fields.note("timeline", "there is no outgoing package \(id)")
            }
        }
        scenario.litemf = litemf
    }

    func readShiptor(_ root: Fields, into scenario: inout Scenario) {
        let keys = ["token", "zone", "page_cap", "lag", "latency", "packages"]
        guard let fields = root.section("shiptor", keys: keys) else { return }
        var shiptor = Scenario.Shiptor()
        shiptor.token = fields.text("token") ?? shiptor.token
        shiptor.zoneMinutes = fields.offset("zone") ?? shiptor.zoneMinutes
        shiptor.pageCap = fields.count("page_cap") ?? shiptor.pageCap
        shiptor.pace = pace(fields)
        let packages = fields.sections(
            "packages",
            keys: ["id", "external_id", "articles", "created", "weight", "archived", "timeline", "checkpoints"],
            required: ["id", "created", "timeline"])
        shiptor.packages = packages.map {
            Scenario.ShiptorPackage(
                id: $0.count("id") ?? 0, externalID: $0.text("external_id") ?? "",
                articles: $0.texts("articles") ?? [], created: $0.moment("created") ?? Scenario.Moment(ms: 0),
                weight: $0.amount("weight"), archived: $0.moment("archived"), timeline: timeline($0),
                checkpoints: checkpoints($0))
        }
        requireUnique(zip(shiptor.packages.map(\.id), packages).map { ($0, $1) }, "id")
        scenario.shiptor = shiptor
    }
}
