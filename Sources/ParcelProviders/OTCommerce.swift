// OT Commerce («Коробка ОТ»), JSON service: orders, their lines (items), their packages (parcels) and checkpoints.
// Rate limit: not documented; statuses are copied from the purchasing system every few minutes, so asking more often
// gains nothing. Only read methods are called.
// Source: docs.otapi.net (GettingStarted, Sessions, MethodSignature) and the vendor's client library, read 2026-11.

import Crypto
import ParcelCore

struct OTCommerce: Provider {
    static let schema = SettingSchema(
        "otcommerce",
        [
            SettingKey("url", .url, "address of the JSON service; https://otapi.net/service-json if left out"),
            SettingKey("instance_key", .secret, required: true, "the key of your shop"),
            SettingKey("secret", .secret, "signs the requests; leave out if your key has none"),
            SettingKey("login", .text, required: true, "an operator of the shop"),
            SettingKey("password", .secret, required: true, "the operator's password"),
            SettingKey("language", .text, "two letters; ru if left out"),
            SettingKey("zone", .zone, "zone in which the shop writes its times, such as Europe/Moscow"),
            SettingKey(
                "delivery_system", .choice(["litemf", "shiptor"]),
                "whose ids the shop's packages carry as ExternalPackageId; shiptor if left out"),
            SettingKey(
                "package_statuses", .map(["handover", "sent", "delivered", "cancelled"]),
                "the shop's own codes of package statuses and what each means"),
            SettingKey("every", .duration, "how often orders and lines are read; 15 min if left out"),
            SettingKey("details_every", .duration, "how often the packages of an order are read; 60 min if left out"),
            SettingKey("frame", .integer(1...1000), "rows a page; 100 if left out"),
        ] + SettingSchema.mannersKeys)

    let id: ProviderID = "otcommerce"
    let url: String
    let instanceKey: Secret
    let secret: Secret?
    let login: String
    let password: Secret
    let language: String
    let zoneName: String?
    let deliverySystem: ProviderID
    let packageStatuses: [String: String]
    let every: Duration
    let detailsEvery: Duration
    let frame: Int
    let manners: Manners

    init?(_ settings: SettingValues) {
        guard let instanceKey = settings.secret("instance_key"), let login = settings.text("login"),
            let password = settings.secret("password")
        else { return nil }
        url = settings.text("url") ?? "https://otapi.net/service-json"
        self.instanceKey = instanceKey
        secret = settings.secret("secret")
        self.login = login
        self.password = password
        language = settings.text("language") ?? "ru"
        zoneName = settings.text("zone")
        deliverySystem = ProviderID(settings.text("delivery_system") ?? "shiptor")
        packageStatuses = settings.map("package_statuses") ?? [:]
        every = settings.duration("every") ?? .minutes(15)
        detailsEvery = settings.duration("details_every") ?? .minutes(60)
        frame = settings.integer("frame") ?? 100
        manners = Manners(requestsPerSecond: 2, parallel: 2).adjusted(by: settings)
    }

    var lists: [AskPlan] { [AskPlan(Ask("orders"), every: every)] }

    func asks(about view: KnownView) -> [AskPlan] {
        guard view.ending == nil else { return [] }
        switch view.id.kind {
        case .order:
            return [
                AskPlan(Ask("packages", key: view.id.key), every: detailsEvery),
                AskPlan(Ask("log", key: view.id.key), every: nil),
            ]
        case .parcel:
            guard case .at(let stage) = view.progress, stage.isUnderWay else { return [] }
            return [AskPlan(Ask("tracking", key: view.id.key), every: detailsEvery)]
        case .item, .trackNumber: return []
        }
    }

    func ask(byID id: ExternalID) -> Ask? {
        switch id.kind {
        case .order: Ask("order", key: id.key)
        case .item: Ask("order", key: OTKey(id.key).order)
        case .parcel: Ask("package", key: id.key)
        case .trackNumber: nil
        }
    }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation {
        OTConversation(provider: self, ask: ask, opening: opening)
    }

    /// One call: POST of a form, signed if the key has a secret.
    func request(_ method: String, _ parameters: [String: String], session: Secret?, now: Timestamp) -> HTTPRequest {
        var all = parameters
        all["instanceKey"] = instanceKey.revealed
        all["language"] = language
        if let session { all["sessionId"] = session.revealed }
        if let secret {
            all["timestamp"] = stamp(now)
            // Method name, the values in the order of the parameters' names before any encoding, the secret.
            let text = method + all.sorted { $0.key < $1.key }.map(\.value).joined() + secret.revealed
            all["signature"] = SHA256.hash(data: Array(text.utf8)).map { hex($0) }.joined()
        }
        let form = all.sorted { $0.key < $1.key }.map { "\($0.key)=\(formEncoded($0.value))" }.joined(separator: "&")
        return HTTPRequest(
            .post, url.hasSuffix("/") ? url + method : "\(url)/\(method)",
            headers: [
                HTTPField("Content-Type", "application/x-www-form-urlencoded"), HTTPField("Accept", "application/json"),
            ], body: Array(form.utf8), label: "OT Commerce \(method)")
    }

    /// `yyyyMMddHHmmss` in UTC.
    private func stamp(_ now: Timestamp) -> String {
        let local = Zone.utc.local(now)
        return (local.date.description + clockText(local.secondOfDay)).filter { $0 != "-" && $0 != ":" }
    }
}

/// The key of an item or parcel: the API's ids of its order and of itself. A line's id is only known to be one within
/// its order, and a package tells its order only by the request that listed it.
struct OTKey {
    let order: String
    let own: String

    init(order: String, own: String) {
        self.order = order
        self.own = own
    }

    init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        order = parts.first ?? ""
        own = parts.last ?? ""
    }

    var text: String { "\(order)/\(own)" }
}

func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
}

func formEncoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
            out.unicodeScalars.append(Unicode.Scalar(byte))
        default: out += "%" + hex(byte).uppercased()
        }
    }
    return out
}

func xmlEscaped(_ text: String) -> String {
    text.map { character in
        switch character {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        default: String(character)
        }
    }.joined()
}
