// Understands the settings of an endpoint of the user's, or says of each what is wrong with it and what would be right.

import ParcelCore

struct GenericReading {
    let settings: SettingValues
    private(set) var problems: [SettingProblem] = []

    init(_ settings: SettingValues) { self.settings = settings }

    private mutating func report(_ key: String, entry: String? = nil, _ message: String) {
        problems.append(SettingProblem(key, entry: entry, message))
    }

    /// Nil where anything is wrong or something that is required is missing.
    mutating func recipe() -> GenericRecipe? {
        let body = body()
        let url = settings.text("url").flatMap { template("url", nil, $0, .address) }
        let headers = headers(body?.encoding)
        let time = time()
        let ownStatuses = statuses()
        checkPointers()
        checkFilters()
        guard let address = settings.text("url"), let ask = settings.text("ask") else { return nil }
        var recipe = GenericRecipe(
            mode: ask == "list" ? .list : ask == "one" ? .one : .batch(settings.integer("batch_size") ?? 1),
            method: (settings.text("method") ?? (body == nil ? "GET" : "POST")) == "POST" ? .post : .get,
            address: address, url: url ?? Template.empty)
        (recipe.headers, recipe.body, recipe.time, recipe.ownStatuses) = (headers, body?.template, time, ownStatuses)
        if let name = settings.text("vocabulary") { recipe.vocabulary = MilestoneMap.named(name) }
        for case (let key, .secret(let secret)) in settings.values where key.hasPrefix("secrets.") {
            recipe.secrets[String(key.dropFirst(8))] = secret
        }
        recipe.separator = settings.text("separator") ?? ","
        recipe.firstPage = settings.integer("first_page") ?? 1
        fillPointers(&recipe)
        // A template that cannot be read would seem to lack what it holds.
        if problems.isEmpty { checkMode(ask, recipe) }
        checkSecrets(recipe)
        return problems.isEmpty ? recipe : nil
    }

    // MARK: The request

    private mutating func template(
        _ key: String, _ entry: String?, _ text: String, _ encoding: Template.Encoding
    ) -> Template? {
        do throws(Template.Mistake) { return try Template(text, encoding) } catch {
            report(key, entry: entry, error.reason)
            return nil
        }
    }

    private mutating func body() -> (template: Template, encoding: Template.Encoding)? {
        guard let text = settings.text("body") else { return nil }
        if settings.text("method") == "GET" { report("body", "a GET has no body; write method: POST") }
        let first = text.first { !$0.isWhitespace }
        let encoding: Template.Encoding = first == "{" || first == "[" ? .json : .form
        guard let template = template("body", nil, text, encoding) else { return nil }
        if encoding == .json {
            let sample = template.filled(Template.Values(numbers: ["A", "B"], cursor: "c"))
            do throws(JSONMistake) { _ = try JSONDocument(Array(sample.utf8)) } catch {
                let line = sample.utf8.prefix(error.offset).count { $0 == UInt8(ascii: "\n") } + 1
                report(
                    "body",
                    "is no JSON once it is filled in (its line \(line)): check braces, commas and quotation marks, and "
                        + "that {numbers} stands outside quotation marks where a list is meant")
            }
        } else if text.contains("\n") {
            report("body", "a form has one line, such as number={number}&lang=ru; JSON begins with a brace or bracket")
        }
        return (template, encoding)
    }

    private static let ownHeaders: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "expect", "te", "upgrade",
    ]

    private mutating func headers(_ body: Template.Encoding?) -> [GenericRecipe.Header] {
        var found: [GenericRecipe.Header] = []
        for (name, text) in (settings.map("headers") ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard isToken(name) else {
                report("headers", entry: name, "a header's name has letters, digits and - only, and no line breaks")
                continue
            }
            if Self.ownHeaders.contains(name.lowercased()) {
                report("headers", entry: name, "is set by parceld itself; leave it out")
            }
            if text.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
                report("headers", entry: name, "a header's value has no line breaks and no control characters")
            }
            if found.contains(where: { $0.name.lowercased() == name.lowercased() }) {
                report("headers", entry: name, "stands there twice; capitals make no difference")
            }
            guard let value = template("headers", name, text, .header) else { continue }
            if value.placeholders.contains(.cursor) {
                report("headers", entry: name, "what an answer gives ({cursor}) cannot stand in a header")
            }
            found.append(GenericRecipe.Header(name: name, value: value))
        }
        let standard = [
            ("Accept", "application/json"),
            ("Content-Type", body == .json ? "application/json" : "application/x-www-form-urlencoded"),
        ].prefix(body == nil ? 1 : 2)
        for (name, text) in standard where !found.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            if let value = template("headers", nil, text, .header) {
                found.append(GenericRecipe.Header(name: name, value: value))
            }
        }
        return found
    }

    /// RFC 9110, section 5.6.2.
    private func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    // MARK: The answer

    private mutating func time() -> TimeFormat {
        do throws(TimeFormat.Mistake) { return try TimeFormat(settings.text("time.format") ?? "iso8601") } catch {
            report("time.format", error.reason)
            return .iso8601
        }
    }

    private mutating func statuses() -> MilestoneMap {
        var map = MilestoneMap()
        for (code, text) in (settings.map("statuses") ?? [:]).sorted(by: { $0.key < $1.key }) {
            switch meaning(text) {
            case .success(let meaning):
                do throws(MilestoneMap.Mistake) { try map.add(code, meaning, line: 0) } catch {
                    report("statuses", entry: code, error.reason)
                }
            case .failure(let problem): report("statuses", entry: code, problem.message)
            }
        }
        return map
    }

    /// The words of the tables; a condition may stand without its exclamation mark, which YAML takes for a tag.
    private func meaning(_ text: String) -> Result<CodeMeaning, SettingProblem> {
        let words = text.split(separator: " ").map { Condition(rawValue: String($0)) == nil ? String($0) : "!\($0)" }
        for word in words where word.hasPrefix("?") || word.hasPrefix("~") || CodeMeaning(text: word) == nil {
            let bare = word.hasPrefix("!") ? String(word.dropFirst()) : word
            let known =
                Milestone.allCases.map(\.rawValue) + Condition.allCases.map(\.rawValue)
                + ["LEG_TRANSIT", "DELIVERED_BY_LEG", "KEEP"]
            let hint = nearest(bare, among: known).map { "; did you mean \($0)?" } ?? ""
            return .failure(
                SettingProblem(
                    "statuses",
                    "\"\(bare.prefix(40))\" is no milestone or condition\(hint) (config/parceld.yaml lists all)"))
        }
        guard words.count(where: { !$0.hasPrefix("!") }) <= 1, words.count(where: { $0.hasPrefix("!") }) <= 1 else {
            return .failure(SettingProblem("statuses", "one milestone and one condition at most may stand here"))
        }
        return CodeMeaning(text: words.joined(separator: " ")).map { .success($0) }
            ?? .failure(SettingProblem("statuses", "names no milestone or condition"))
    }

    private func pointer(_ key: String) -> JSONPointer? { settings.text(key).flatMap { try? JSONPointer($0) } }

    private func happening(_ section: String) -> HappeningPointers {
        HappeningPointers(
            status: pointer("\(section).status"), text: pointer("\(section).text"), time: pointer("\(section).time"),
            place: pointer("\(section).place"), country: pointer("\(section).country"))
    }

    private func fillPointers(_ recipe: inout GenericRecipe) {
        recipe.answer.list = pointer("answer.list")
        recipe.answer.next = pointer("answer.next")
        recipe.answer.success = pointer("answer.success")
        recipe.answer.error = pointer("answer.error")
        if let values = settings.names("answer.success_is") {
            recipe.answer.successIs = Set(values.map { $0.lowercased() })
        }
        recipe.answer.notFoundIs = Set((settings.names("answer.not_found_is") ?? []).map { $0.lowercased() })
        (recipe.row, recipe.event) = (happening("row"), happening("event"))
        recipe.id = pointer("row.id")
        recipe.number = pointer("row.number")
        recipe.events = pointer("row.events")
    }

    private mutating func checkPointers() {
        let given = { [settings] (key: String) in settings.text(key) != nil }
        let ask = settings.text("ask")
        if ask != nil, ask != "one", !given("row.number") {
            report("row.number", "row.number is missing: where in a row its track number stands")
        }
        if !given("row.status"), !given("row.events") {
            report("row.status", "row.status or row.events is missing: where in a row its status or its events stand")
        }
        let hasEvent = happening("event") != HappeningPointers()
        if given("row.events"), !given("event.status"), !given("event.text") {
            report("event.status", "event.status or event.text is missing: what an element of row.events says")
        }
        if hasEvent, !given("row.events") {
            report("row.events", "row.events is missing: where in a row the list stands that event points into")
        }
        let hasCodes = given("row.status") || given("event.status")
        if hasCodes, settings.text("vocabulary") == nil, settings.map("statuses")?.isEmpty != false {
            report("statuses", "statuses is missing: what the codes mean, such as {\"90\": delivered}")
        }
        if !given("answer.success") {
            for key in ["answer.success_is", "answer.not_found_is"] where settings.names(key) != nil {
                report(key, "answer.success is missing: where that stands")
            }
        }
    }

    // MARK: What belongs together

    private mutating func checkMode(_ ask: String, _ recipe: GenericRecipe) {
        let templates: [(String, String?, Template)] =
            [("url", nil, recipe.url)] + recipe.headers.map { ("headers", $0.name, $0.value) }
            + (recipe.body.map { [("body", nil, $0)] } ?? [])
        let wanted: [String: Template.Placeholder] = ["one": .number, "batch": .numbers]
        let allowed: Set<Template.Placeholder> = ask == "list" ? [.page, .cursor] : [wanted[ask] ?? .number]
        for (key, entry, template) in templates {
            for placeholder in template.placeholders.subtracting(allowed).sorted(by: { "\($0)" < "\($1)" }) {
                if case .secret = placeholder { continue }
                let instead = wanted[ask].map { "write \($0)" } ?? "choose ask: one or ask: batch, or leave it out"
                let isPage = placeholder == .page || placeholder == .cursor
                report(
                    key, entry: entry,
                    "\(placeholder) has no meaning with ask: \(ask); " + (isPage ? "only a list has pages" : instead))
            }
        }
        if let placeholder = wanted[ask], !recipe.placeholders.contains(placeholder) {
            report("ask", "with ask: \(ask) there has to be \(placeholder) in url, headers or body")
        }
        let list = ["every", "first_page", "answer.next"]
        let numbers = ["formats", "prefixes", "roles", "minimum_interval"]
        for key in ask == "list" ? numbers : list where settings.values[key] != nil {
            report(key, "has no meaning with ask: \(ask)")
        }
        if ask != "batch" {
            for key in ["batch_size", "separator"] where settings.values[key] != nil {
                report(key, "has no meaning with ask: \(ask)")
            }
        } else if settings.integer("batch_size") == nil {
            report("batch_size", "batch_size is missing: how many numbers one request may have")
        }
        checkPages(recipe)
    }

    private mutating func checkPages(_ recipe: GenericRecipe) {
        guard recipe.mode == .list else { return }
        let placeholders = recipe.placeholders
        if placeholders.contains(.cursor), recipe.answer.next == nil {
            report("answer.next", "answer.next is missing: where the {cursor} of the next page stands")
        }
        if placeholders.contains(.cursor), placeholders.contains(.page) {
            report("url", "{page} and {cursor} are two ways to say the same; keep the one that the endpoint knows")
        }
        if settings.integer("first_page") != nil, !placeholders.contains(.page) {
            report("first_page", "there is no {page} in url, headers or body")
        }
    }

    private mutating func checkSecrets(_ recipe: GenericRecipe) {
        let names = recipe.secrets.keys.sorted()
        let templates: [(String, String?, Template?)] =
            [("url", nil, recipe.url), ("body", nil, recipe.body)]
            + recipe.headers.map { ("headers", $0.name, $0.value) }
        for (key, entry, template) in templates {
            for case .secret(let name) in template?.placeholders ?? [] where !names.contains(name) {
                let hint = nearest(name, among: names).map { "; did you mean \($0)?" } ?? ""
                report(key, entry: entry, "there is no secret \(name.prefix(40)) under secrets\(hint)")
            }
        }
    }

    private mutating func checkFilters() {
        for prefix in settings.names("prefixes") ?? [] where TrackNumber(prefix)?.description != prefix.uppercased() {
            report("prefixes", "\"\(prefix.prefix(40))\" begins no track number; write Latin letters and digits")
        }
    }
}
