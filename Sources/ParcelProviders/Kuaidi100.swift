// Kuaidi100 (快递100), real-time query: one Chinese courier's number a request, signed with MD5.
// Limits: one query for a number in 30 minutes, else Kuaidi100 locks the number; no rate is documented, so one a second.
// Source: the vendor's documentation (api.kuaidi100.com/document), its Java SDK and public clients, read 2026-11.
//
// Which courier is asked is decided here: the user's choice, else the only one whose form the number has, else what
// Kuaidi100 recognises. Its couriers ask for a phone or not; what is missing is told as something to do.

import Crypto
import ParcelCore

struct Kuaidi100: Provider {
    static let schema = SettingSchema(
        "kuaidi100",
        [
            SettingKey("url", .url, "address of the API; https://poll.kuaidi100.com if left out"),
            SettingKey("customer", .text, required: true, "the customer id of your Kuaidi100 account"),
            SettingKey("key", .secret, required: true, "the key of your Kuaidi100 account; signs the requests"),
            SettingKey(
                "phone", .text,
                "last four digits of the warehouse's phone, in quotes; SF and ZTO answer only to sender or recipient"),
            SettingKey("zone", .zone, "zone in which it writes times; Asia/Shanghai if left out"),
        ] + SettingSchema.mannersKeys)

    /// Its word for each courier, by the id of our format.
    static let companies: KeyValuePairs = [
        "yto": "yuantong", "sto": "shentong", "zto": "zhongtong", "yunda": "yunda", "sf": "shunfeng",
        "jt": "jtexpress", "jd": "jd", "deppon": "debangkuaidi", "ems_cn": "ems", "chinapost_domestic": "ems",
    ]

    let id: ProviderID = "kuaidi100"
    let url: String
    let customer: String
    let key: Secret
    let phone: Secret?
    let zoneName: String?
    let manners: Manners

    init?(_ settings: SettingValues) {
        guard let key = settings.secret("key"), let customer = settings.text("customer") else { return nil }
        let address = settings.text("url") ?? "https://poll.kuaidi100.com"
        url = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.customer = customer
        self.key = key
        phone = settings.text("phone").map { Secret($0) }
        zoneName = settings.text("zone") ?? "Asia/Shanghai"
        manners = Manners(
            requestsPerSecond: 1, parallel: 1, dayZone: "Asia/Shanghai", minimumInterval: .minutes(30)
        ).adjusted(by: settings)
    }

    var lists: [AskPlan] { [] }
    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }

    /// The key is `company/number`; the number alone where Kuaidi100 has to recognise the company first.
    func ask(following followed: FollowedNumber) -> Ask? {
        guard (6...32).contains(followed.number.description.utf8.count) else { return nil }
        let found = Kuaidi100.companies(of: followed.candidates)
        if followed.carrier != nil { return found.first.map { Ask("track", key: "\($0)/\(followed.number)") } }
        let certain = Set(TrackNumberFormat.all.filter { $0.detect == .auto }.map(\.id))
        let isCertain = followed.formats.contains { certain.contains($0) && Kuaidi100.companies(of: [$0]) != [] }
        switch followed.role {
        case .domestic:
            // A form that is certainly somebody else's is no Chinese courier's.
            if found.isEmpty, followed.formats.contains(where: certain.contains) { return nil }
        case nil where found.isEmpty: return nil
        case nil: break
        // Elsewhere bare digits are another carrier's far more often than a Chinese courier's.
        case .forwarder, .international, .lastMile: guard isCertain else { return nil }
        }
        let text = followed.number.description
        // Twelve digits are SF's old form, and ZTO's and STO's too.
        let isAnybodys = found == ["shunfeng"] && !text.hasPrefix("SF")
        return Ask("track", key: found.count == 1 && !isAnybodys ? "\(found[0])/\(text)" : text)
    }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        Kuaidi100Conversation(provider: self, key: ask.key, now: opening.now)
    }

    /// In the order of the formats, each once.
    static func companies(of formats: [String]) -> [String] {
        var found: [String] = []
        for format in formats {
            if let company = companies.first(where: { $0.key == format })?.value, !found.contains(company) {
                found.append(company)
            }
        }
        return found
    }

    func query(_ company: String, _ number: TrackNumber) -> HTTPRequest {
        var members: [JSONValue.Member] = [
            .init(name: "com", value: .string(company)), .init(name: "num", value: .string(number.description)),
        ]
        if let phone, Kuaidi100.needsPhone(company) {
            members.append(.init(name: "phone", value: .string(phone.revealed)))
        }
        for (name, value) in [("resultv2", "4"), ("show", "0"), ("order", "desc")] {
            members.append(.init(name: name, value: .string(value)))
        }
        // The very text that is sent is signed.
        let parameters = JSONValue.object(members).text
        let signature = Insecure.MD5.hash(data: Array((parameters + key.revealed + customer).utf8))
            .map { hex($0) }.joined().uppercased()
        let form = "customer=\(formEncoded(customer))&sign=\(signature)&param=\(formEncoded(parameters))"
        return HTTPRequest(
            .post, "\(url)/poll/query.do",
            headers: [
                HTTPField("Content-Type", "application/x-www-form-urlencoded"), HTTPField("Accept", "application/json"),
            ], body: Array(form.utf8), label: "Kuaidi100 query")
    }

    /// The key stands in the address, as the vendor wants it: the label is all that is ever shown.
    func recognition(_ number: TrackNumber) -> HTTPRequest {
        HTTPRequest(
            .get, "\(url)/autonumber/auto?num=\(number)&key=\(formEncoded(key.revealed))",
            headers: [HTTPField("Accept", "application/json")], label: "Kuaidi100 recognition")
    }

    private static func needsPhone(_ company: String) -> Bool {
        ["shunfeng", "shunfengkuaiyun", "zhongtong"].contains(company)
    }
}

private struct Kuaidi100Conversation: Conversation {
    let provider: Kuaidi100
    let key: String
    let now: Timestamp
    private var company: String?
    private var number: TrackNumber?
    /// The company is only the likeliest of several: what is said of it says nothing about the number.
    private var isGuess = false
    private var isRecognising = false

    init(provider: Kuaidi100, key: String, now: Timestamp) {
        self.provider = provider
        self.key = key
        self.now = now
        let parts = key.split(separator: "/").map(String.init)
        company = parts.count == 2 ? parts[0] : nil
        number = parts.last.flatMap { TrackNumber($0) }
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let number else { throw .refused(reason: "\(clipped(key, 60)) is no track number") }
        guard let answer else {
            if let company { return .send(provider.query(company, number)) }
            isRecognising = true
            return .send(provider.recognition(number))
        }
        try requireOK(answer, now: now)
        if isRecognising {
            isRecognising = false
            let company = try recognised(try decode(Kuaidi100Recognition.self, from: answer.body), number)
            self.company = company
            return .send(provider.query(company, number))
        }
        return .done(try report(try decode(Kuaidi100Answer.self, from: answer.body), number))
    }

    /// Recognition is sold apart: an account without it still gets the likeliest company of the number's form.
    private mutating func recognised(_ answer: Kuaidi100Recognition, _ number: TrackNumber) throws(PollError) -> String
    {
        if case .companies(let names) = answer, let best = names.first { return best }
        if case .failed(let code, let message) = answer, code == "503" || code == "701" {
            throw .authentication(reason: reason(code, message))
        }
        guard let likeliest = Kuaidi100.companies(of: formats(of: number).map(\.format.id)).first else {
            throw .refused(
                reason: "Kuaidi100 does not recognise the courier; choose it: parcelctl track \(number) --carrier C")
        }
        isGuess = true
        return likeliest
    }

    private func report(_ answer: Kuaidi100Answer, _ number: TrackNumber) throws(PollError) -> Report {
        var report = Report()
        if answer.isSuccess {
            if let echoed = answer.nu?.filled, TrackNumber(echoed) != number { throw .malformed(field: "nu") }
            guard let rows = answer.data else { throw .malformed(field: "data") }
            report.snapshots = [
                rows.isEmpty
                    ? .notFoundYet(number, code: "", text: toldWords(answer.message?.text ?? "", hiding: secrets))
                    : answer.snapshot(of: number, rows)
            ]
            return report
        }
        report.snapshots = [try unsuccessful(answer, number)]
        return report
    }

    private func unsuccessful(_ answer: Kuaidi100Answer, _ number: TrackNumber) throws(PollError) -> Snapshot {
        let code = answer.code ?? ""
        let message = answer.message?.text ?? ""
        let reason = reason(code, message)
        switch code {
        case "500":
            return .notFoundYet(number, code: "", text: toldWords(message, hiding: secrets))
        case "400":
            // The same code stands for a company that it does not know.
            if isGuess {
                throw .refused(reason: "\(reason); choose the courier: parcelctl track \(number) --carrier C")
            }
            return Snapshot(
                number: number, code: "returnCode:400", text: toldWords(message, hiding: secrets),
                summary: CodeMeaning(nil, .invalidNumber), checkpoints: nil)
        case "408":
            let todo =
                provider.phone == nil
                ? "set phone in the section kuaidi100" : "the phone in the section kuaidi100 is not this parcel's"
            throw .refused(
                reason: "\(company ?? "the courier") asks for the last four digits of the sender's or recipient's "
                    + "phone: \(todo) (\(reason))")
        case "501", "502": throw .unreachable(reason: reason)
        case "503", "701": throw .authentication(reason: reason)
        case "601": throw .quotaSpent(reason: reason)
        case "" where message.isEmpty || message == "ok": throw .malformed(field: "status")
        default: throw .refused(reason: reason)
        }
    }

    private var secrets: [Secret?] { [provider.key, provider.phone] }

    private func reason(_ code: String, _ message: String) -> String {
        told(message, code: code, hiding: secrets)
    }
}
