// Reads the carriers' settings and the track numbers of a scenario. What the keys mean stands in Numbers.swift.

extension ScenarioReader {
    func readCarriers(_ root: Fields, into scenario: inout Scenario) {
        var carriers = Scenario.Carriers()
        readSeventeenTrack(root, into: &carriers.seventeenTrack)
        if let fields = carrier(.russianPost, root, ["login", "password", "daily", "zone"]) {
            carriers.russianPost.login = fields.text("login") ?? carriers.russianPost.login
            carriers.russianPost.password = fields.text("password") ?? carriers.russianPost.password
            carriers.russianPost.daily = fields.count("daily") ?? carriers.russianPost.daily
            carriers.russianPost.zoneMinutes = fields.offset("zone") ?? carriers.russianPost.zoneMinutes
            carriers.russianPost.pace = pace(fields)
        }
        if let fields = carrier(.kuaidi100, root, ["customer", "key", "every", "daily", "zone"]) {
            carriers.kuaidi100.customer = fields.text("customer") ?? carriers.kuaidi100.customer
            carriers.kuaidi100.key = fields.text("key") ?? carriers.kuaidi100.key
            carriers.kuaidi100.every = fields.length("every") ?? carriers.kuaidi100.every
            carriers.kuaidi100.daily = fields.count("daily")
            carriers.kuaidi100.zoneMinutes = fields.offset("zone") ?? carriers.kuaidi100.zoneMinutes
            carriers.kuaidi100.pace = pace(fields)
        }
        if let fields = carrier(.cdek, root, ["account", "password", "token_life"]) {
            carriers.cdek.account = fields.text("account") ?? carriers.cdek.account
            carriers.cdek.password = fields.text("password") ?? carriers.cdek.password
            carriers.cdek.tokenLife = fields.length("token_life") ?? carriers.cdek.tokenLife
            carriers.cdek.pace = pace(fields)
        }
        if let fields = carrier(.cainiao, root, ["every", "batch"]) {
            carriers.cainiao.every = fields.length("every") ?? carriers.cainiao.every
            carriers.cainiao.batch = fields.count("batch") ?? carriers.cainiao.batch
            carriers.cainiao.pace = pace(fields)
        }
        if let fields = carrier(.generic, root, ["token", "page_size"]) {
            carriers.generic.token = fields.text("token") ?? carriers.generic.token
            carriers.generic.pageSize = max(1, fields.count("page_size") ?? carriers.generic.pageSize)
            carriers.generic.pace = pace(fields)
        }
        scenario.carriers = carriers
    }

    private func carrier(_ carrier: Scenario.Carrier, _ root: Fields, _ keys: [String]) -> Fields? {
        root.section(carrier.rawValue, keys: keys + ["lag", "latency"])
    }

    private func readSeventeenTrack(_ root: Fields, into settings: inout Scenario.Carriers.SeventeenTrack) {
        let keys = ["key", "quota", "daily", "per_second", "batch", "first_data", "sync_every"]
        guard let fields = carrier(.seventeenTrack, root, keys) else { return }
        settings.key = fields.text("key") ?? settings.key
        settings.quota = fields.count("quota") ?? settings.quota
        settings.daily = fields.count("daily")
        settings.perSecond = fields.count("per_second") ?? settings.perSecond
        settings.batch = fields.count("batch") ?? settings.batch
        settings.firstData = fields.length("first_data") ?? settings.firstData
        settings.syncEvery = max(1, fields.length("sync_every") ?? settings.syncEvery)
        settings.pace = pace(fields)
    }

    func readNumbers(_ root: Fields, into scenario: inout Scenario) {
        let keys = [
            "number", "events", "lag", "carrier", "last_carrier", "last_mile", "last_mile_at", "company", "phone",
            "dead", "recycled", "registered", "undetectable", "invalid", "foreign", "title", "thing", "asked",
            "milestone", "condition",
        ]
        let rows = root.sections("numbers", keys: keys, required: ["number"])
        scenario.numbers = rows.map(number)
        requireUnique(zip(scenario.numbers.map(\.number), rows).map { ($0, $1) }, "number")
        scenario.tables = root.texts("tables") ?? []
        for date in scenario.tables where date.count != 10 || Scenario.Moment.parse(date) == nil {
            root.note("tables", "\(date.prefix(40)) is not a date such as 2026-05-13")
        }
    }

    private func number(_ fields: Fields) -> Scenario.Number {
        let text = fields.text("number") ?? ""
        if text.isEmpty || text.contains(where: { !$0.isASCII || !($0.isNumber || $0.isUppercase) }) {
            fields.note("number", "\(text.prefix(40)) is not of capital letters and digits")
        }
        var number = Scenario.Number(number: text, events: events(fields))
        number.lag = fields.length("lag") ?? 0
        number.carrier = fields.count("carrier") ?? number.carrier
        number.lastCarrier = fields.count("last_carrier") ?? number.lastCarrier
        number.lastMile = fields.text("last_mile")
        number.lastMileAt = fields.moment("last_mile_at")
        number.company = fields.text("company")
        number.phone = fields.text("phone")
        number.dead = fields.moment("dead")
        number.recycled = fields.moment("recycled")
        number.isRegistered = fields.flag("registered") ?? false
        number.isUndetectable = fields.flag("undetectable") ?? false
        number.isInvalid = fields.flag("invalid") ?? false
        number.isForeign = fields.flag("foreign") ?? false
        let words = ["ru", "en"]
        if let title = fields.section("title", keys: words, required: words) {
            number.title = (title.text("ru") ?? "", title.text("en") ?? "")
        }
        number.thing = fields.text("thing")
        number.asked = fields.text("asked")
        number.milestone = milestone(fields)
        number.condition = fields.text("condition")
        return number
    }

    private func milestone(_ fields: Fields) -> String? {
        let name = fields.text("milestone")
        let known = ["unknown"] + BorderTable.columns.flatMap(\.milestones)
        if let name, !known.contains(name) {
            fields.note("milestone", "\(name.prefix(40)) is not one of \(known.joined(separator: ", "))")
        }
        return name
    }

    private func events(_ fields: Fields) -> [Scenario.NumberEvent] {
        let carriers = Scenario.Carrier.allCases
        let keys =
            ["at", "text", "place", "country", "zone", "carrier", "withdrawn_at", "milestone", "condition"]
            + carriers.map(\.rawValue)
        var events: [Scenario.NumberEvent] = []
        for row in fields.sections("events", keys: keys, required: ["at", "text"]) {
            guard let at = row.moment("at") else { continue }
            var event = Scenario.NumberEvent(at: at, text: row.text("text") ?? "", codes: [:])
            event.place = row.text("place") ?? ""
            event.country = row.text("country") ?? event.country
            event.zone = row.offset("zone")
            event.carrier = row.count("carrier")
            event.withdrawn = row.moment("withdrawn_at")
            if let withdrawn = event.withdrawn, withdrawn <= at { row.note("withdrawn_at", "is not after at") }
            event.milestone = milestone(row)
            event.condition = row.text("condition")
            for carrier in carriers { event.codes[carrier] = row.text(carrier.rawValue) }
            if event.codes.isEmpty { notes.add(row.line, "\(row.path): no carrier shows it") }
            if let code = event.codes[.russianPost], operation(code) == nil {
                row.note("russianpost", "\(code.prefix(40)) is not an operation and its attribute such as 8/2")
            }
            if let before = events.last, at < before.at { row.note("at", "is earlier than the event before it") }
            events.append(event)
        }
        return events
    }
}

/// `8/2`: Russian Post's operation and its attribute.
func operation(_ code: String) -> (type: Int, attribute: Int)? {
    let parts = code.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let type = parts[0], let attribute = parts[1] else { return nil }
    return (type, attribute)
}
