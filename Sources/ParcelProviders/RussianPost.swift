// Russian Post, single access to the tracking service (rtm34, SOAP 1.2): the operations with one number.
// Limit: 100 requests a day for one login without a contract, faults included; one number a request.
// Source: https://tracking.pochta.ru/specification as its portal's published sources show it, read 2026-11.

import ParcelCore

struct RussianPost: Provider {
    static let schema = SettingSchema(
        "russianpost",
        [
            SettingKey("url", .url, "address of the service; https://tracking.russianpost.ru/rtm34 if left out"),
            SettingKey("login", .text, required: true, "login for the tracking service (not your pochta.ru account's)"),
            SettingKey("password", .secret, required: true, "its password"),
        ] + SettingSchema.mannersKeys)

    let id: ProviderID = "russianpost"
    let url: String
    let login: String
    let password: Secret
    let manners: Manners
    /// Its times carry an offset. One without could be of any country, so it is read as the latest that it can be.
    let zoneName: String? = nil
    let lists: [AskPlan] = []

    init?(_ settings: SettingValues) {
        guard let login = settings.text("login"), let password = settings.secret("password") else { return nil }
        url = settings.text("url") ?? "https://tracking.russianpost.ru/rtm34"
        self.login = login
        self.password = password
        // When its day begins is not documented; Moscow's midnight is what the vendor lives by.
        manners = Manners(requestsPerSecond: 1, parallel: 1, requestsPerDay: 100, dayZone: "Europe/Moscow")
            .adjusted(by: settings)
    }

    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }

    func ask(following followed: FollowedNumber) -> Ask? {
        let own: Set = ["ru_post_domestic", "ru_post_international"]
        let posts = own.union(["upu_s10", "chinapost_epacket", "ems_cn"])
        let candidates = Set(followed.candidates)
        guard !candidates.isDisjoint(with: posts) else { return nil }
        let isChosen = followed.carrier.map(own.contains) ?? false
        // A Chinese courier's parcel never leaves China, and "countries" such as YP are no posts'.
        let isOthers = followed.role == .domestic || candidates.contains("s10_private")
        return isOthers && !isChosen ? nil : Ask("track", key: followed.number.description)
    }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        RussianPostConversation(provider: self, ask: ask, opening: opening)
    }

    fileprivate func request(for number: TrackNumber) -> HTTPRequest {
        let body = """
            <?xml version="1.0" encoding="UTF-8"?>
            <soap:Envelope xmlns:soap="\(SOAP.envelope)" xmlns:oper="\(SOAP.history)" xmlns:data="\(SOAP.data)" \
            xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>\
            <oper:getOperationHistory><data:OperationHistoryRequest><data:Barcode>\(number)</data:Barcode>\
            <data:MessageType>0</data:MessageType><data:Language>RUS</data:Language></data:OperationHistoryRequest>\
            <data:AuthorizationHeader soapenv:mustUnderstand="1"><data:login>\(SOAP.escaped(login))</data:login>\
            <data:password>\(SOAP.escaped(password.revealed))</data:password></data:AuthorizationHeader>\
            </oper:getOperationHistory></soap:Body></soap:Envelope>
            """
        return HTTPRequest(
            .post, url,
            headers: [
                HTTPField("Content-Type", "application/soap+xml;charset=UTF-8"), HTTPField("SOAPAction", "\"\""),
            ],
            body: Array(body.utf8), label: "Russian Post operation history")
    }
}

private struct RussianPostConversation: Conversation {
    let provider: RussianPost
    let ask: Ask
    let opening: Opening

    func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let number = TrackNumber(ask.key) else { throw .refused(reason: "\(ask.key) is no track number") }
        guard let answer else { return .send(provider.request(for: number)) }
        var report = Report()
        report.snapshots = [try snapshot(of: number, try contents(of: answer))]
        return .done(report)
    }

    /// Faults come with an error's status, so the body counts first; where it holds none, the status does.
    private func contents(of answer: HTTPResponse) throws(PollError) -> SOAP.Contents {
        if [400, 401, 403, 500].contains(answer.status), let found = try? SOAP.contents(of: answer.body),
            case .fault = found
        {
            return found
        }
        try requireOK(answer, now: opening.now)
        return try SOAP.contents(of: answer.body)
    }

    private func snapshot(of number: TrackNumber, _ contents: SOAP.Contents) throws(PollError) -> Snapshot {
        switch contents {
        case .fault(let fault): return try snapshot(of: number, fault)
        case .records(let records) where records.isEmpty:
            return .notFoundYet(number, code: "", text: "")
        case .records(let records):
            var history = OperationHistory(number)
            for (index, record) in records.enumerated() { try history.take(record, at: index) }
            return try history.snapshot()
        }
    }

    private func snapshot(of number: TrackNumber, _ fault: SOAP.Fault) throws(PollError) -> Snapshot {
        let words = [fault.detail, fault.reason].filter { !$0.isEmpty }
        let hidden: [Secret?] = [provider.password, Secret(provider.login)]
        let reason = told(words.first ?? "", code: fault.kind, hiding: hidden)
        // From a word's beginning: "information" has no "format" in it.
        func mentions(_ stems: String...) -> Bool {
            words.flatMap { $0.lowercased().split { !$0.isLetter } }.contains { word in
                stems.contains { word.hasPrefix($0) }
            }
        }
        switch fault.kind {
        // One element for both: what is wrong is only said in words.
        case "AuthorizationFaultReason":
            if mentions("лимит", "limit") { throw .quotaSpent(reason: reason) }
            throw .authentication(reason: reason)
        case "OperationHistoryFaultReason":
            guard mentions("формат", "format") else { throw .refused(reason: reason) }
            return Snapshot(
                number: number, code: "OperationHistoryFault", text: toldWords(words.first ?? "", hiding: hidden),
                summary: CodeMeaning(nil, .invalidNumber), checkpoints: nil)
        case "LanguageFaultReason": throw .refused(reason: reason)
        default: throw .unreachable(reason: reason)
        }
    }
}

/// The operations in the order in which they came, which is the oldest first.
private struct OperationHistory {
    private static let meanings = MilestoneMap.named("russianpost.operation")

    let number: TrackNumber
    private var checkpoints: [Checkpoint] = []
    private var barcodes: [RoledNumber] = []
    private var weight: String?
    /// Where the number comes from, by its last two letters; nil where they are no country's.
    private let origin: String?
    private var isAbroad: Bool

    init(_ number: TrackNumber) {
        self.number = number
        let ids = formats(of: number).map(\.format.id)
        origin =
            ids.contains("upu_s10") && !ids.contains("s10_private")
            ? countryCode(String(number.description.suffix(2))) : nil
        isAbroad = origin.map { $0 != "RU" } ?? false
    }

    /// Operation and attribute, `Обработка: Сортировка`; once where both have one name.
    private func said(_ names: [String]) -> String {
        let filled = names.filter { !$0.isEmpty }
        return Set(filled).count == 1 ? filled[0] : filled.joined(separator: ": ")
    }

    /// A record that cannot be read spoils the answer: if only that one were left out, it would look withdrawn.
    mutating func take(_ record: SOAP.Record, at index: Int) throws(PollError) {
        func required(_ field: String, _ isRight: (String) -> Bool) throws(PollError) -> String {
            guard let text = record[field], !text.isEmpty, isRight(text) else {
                throw .malformed(field: "historyRecord[\(index)].\(field.replacing("/", with: "."))")
            }
            return text
        }
        func isID(_ text: String) -> Bool { text.utf8.count <= 9 && text.utf8.allSatisfy { (48...57).contains($0) } }
        let type = try required("OperationParameters/OperType/Id", isID)
        let attribute = try required("OperationParameters/OperAttr/Id", isID)
        let date = try required("OperationParameters/OperDate") { _ in true }
        let country = country(of: record)
        // One that says no country happened where the one before it did.
        isAbroad = country.map { $0 != "RU" } ?? isAbroad
        let code = "\(type)/\(attribute)"
        let names = ["OperType", "OperAttr"].compactMap { record["OperationParameters/\($0)/Name"] }
        let place = ["Index", "Description"].compactMap { record["AddressParameters/OperationAddress/\($0)"] }
        checkpoints.append(
            Checkpoint(
                time: givenTime(date), code: code, text: clipped(said(names), 500),
                place: clipped(place.filter { !$0.isEmpty }.joined(separator: " "), 500), country: country,
                meaning: Self.meanings.meaning(of: code, when: isAbroad ? "abroad" : nil)))
        barcodes += trackNumbers(record["ItemParameters/Barcode"])
        weight = ParcelProviders.weight(record["ItemParameters/Mass"], "g") ?? weight
    }

    private func country(of record: SOAP.Record) -> String? {
        if let code = countryCode(record["AddressParameters/CountryOper/Code2A"]) { return code }
        // Offices outside Russia have no index.
        let index = record["AddressParameters/OperationAddress/Index"] ?? ""
        if record["AddressParameters/CountryOper/Id"] == "643" || index.utf8.count == 6 { return "RU" }
        return checkpoints.isEmpty ? origin : nil
    }

    /// Where a courier or a postman takes it from the place of delivery, it did not wait there for the buyer.
    private func heedingCouriers(_ rows: [Checkpoint]) -> [Checkpoint] {
        let takings: Set = ["8/15", "8/18", "8/22", "8/68", "8/69", "8/70"]
        guard let last = rows.lastIndex(where: { takings.contains($0.code) }) else { return rows }
        return rows.enumerated().map { index, row in
            guard index < last, row.code == "8/2" else { return row }
            var row = row
            row.meaning = Self.meanings.meaning(of: row.code, when: "courier")
            return row
        }
    }

    func snapshot() throws(PollError) -> Snapshot {
        // A parcel may get a new number on its way; without the one that was asked for it is another parcel's answer.
        guard barcodes.isEmpty || barcodes.contains(where: { $0.number == number }) else {
            throw .malformed(field: "historyRecord.ItemParameters.Barcode")
        }
        var snapshot = Snapshot(
            number: number, code: "", text: "", summary: .remark,
            checkpoints: heedingCouriers(oldestFirst(checkpoints, isNewestFirst: false, time: \.time)))
        snapshot.numbers = unique(barcodes.filter { $0.number != number })
        snapshot.facts = facts([.weight: weight])
        return snapshot
    }
}
