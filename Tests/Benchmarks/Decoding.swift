// How fast each provider's answers are read: whole conversations, from bytes to reports, over the fixtures of the tests.

import Foundation
import ParcelCore
import ParcelProviders

/// One conversation with the fixtures that answer it, by the last word of the request's label.
private struct Scene {
    var asks: [Ask]
    var answers: [String: String]

    init(_ kind: String, about keys: [String] = [""], _ answers: [String: String]) {
        asks = keys.map { Ask(kind, key: $0) }
        self.answers = answers
    }
}

private struct Voice {
    let provider: String
    let settings: [String: SettingValue]
    let scenes: [Scene]
}

private let order = "ORD-0000001907"

private let voices: [Voice] = [
    Voice(
        provider: "otcommerce",
        settings: [
            "instance_key": .secret(Secret("key")), "login": .text("operator"),
            "password": .secret(Secret("password")), "secret": .secret(Secret("signing")),
        ],
        scenes: [
            Scene(
                "orders",
                [
                    "GetOrderStatusList": "GetOrderStatusList.json", "SearchOrders": "SearchOrders.json",
                    "SearchOrderLines": "SearchOrderLines.json",
                ]),
            Scene("order", about: [order], ["GetSalesOrderDetailsForOperator": "GetSalesOrderDetailsForOperator.json"]),
            Scene("packages", about: [order], ["GetSalesPackageList": "GetSalesPackageList.json"]),
            Scene(
                "tracking", about: ["\(order)/519"],
                [
                    "GetPackage": "GetPackage.json",
                    "GetPackageTrackingForOperator": "GetPackageTrackingForOperator.json",
                ]),
            Scene(
                "log", about: [order],
                [
                    "GetSalesOrderDetailsForOperator": "GetSalesOrderDetailsForOperator.json",
                    "GetSalesProcessLog": "GetSalesProcessLog.json",
                ]),
        ]),
    Voice(
        provider: "litemf", settings: ["api_key": .secret(Secret("key"))],
        scenes: [
            Scene("incoming", ["getIncomingPackage": "getIncomingPackage.json"]),
            Scene("outgoing", ["getOutgoingPackage": "getOutgoingPackage.json"]),
            Scene("outgoing-one", about: ["97304"], ["getOutgoingPackage": "finished.getOutgoingPackage.json"]),
        ]),
    Voice(
        provider: "shiptor", settings: ["token": .secret(Secret("token"))],
        scenes: [
            Scene("packages", ["getPackages": "getPackages.json"]),
            Scene("package", about: ["11578"], ["getPackage": "getPackage.json"]),
            Scene("package", about: ["11578"], ["getPackage": "finished.getPackage.json"]),
        ]),
    Voice(
        provider: "17track", settings: ["token": .secret(Secret("token"))],
        scenes: [
            Scene("track", about: ["RR123456785CN"], ["gettrackinfo": "in-transit.gettrackinfo.json"]),
            Scene("track", about: ["RR123456785CN"], ["gettrackinfo": "delivered.gettrackinfo.json"]),
            Scene("track", about: ["LP00612345678901"], ["gettrackinfo": "info-received.gettrackinfo.json"]),
            Scene("track", about: ["RR123456785CN", "LP00612345678901"], ["gettrackinfo": "mixed.gettrackinfo.json"]),
        ]),
    Voice(
        provider: "russianpost", settings: ["login": .text("operator"), "password": .secret(Secret("password"))],
        scenes: [
            Scene("track", about: ["RR123456785CN"], ["history": "in-transit.xml"]),
            Scene("track", about: ["RR123456785CN"], ["history": "delivered.xml"]),
        ]),
    Voice(
        provider: "kuaidi100", settings: ["customer": .text("CUSTOMER0"), "key": .secret(Secret("key"))],
        scenes: ["query.json", "finished.query.json", "forwarded.query.json"].map {
            Scene("track", about: ["yuantong/YT7530122849021"], ["query": $0])
        }),
    Voice(
        provider: "cdek", settings: ["client_id": .text("account"), "client_secret": .secret(Secret("secret"))],
        scenes: ["in-transit", "delivered", "return", "border"].map {
            Scene("track", about: ["1100285492"], ["token": "token.json", "order": "order.\($0).json"])
        }),
    Voice(
        provider: "cainiao", settings: [:],
        scenes: ["detail.json", "finished.detail.json"].map {
            Scene("track", about: ["LP00712345678901"], ["detail": $0])
        }),
    Voice(
        provider: "generic", settings: courier,
        scenes: [Scene("track", about: ["LP1930191011", "LP1930191028"], ["(api.courier.example)": "track.json"])]),
]

/// The courier of `Fixtures/generic`.
private let courier: [String: SettingValue] = [
    "url": .text("https://api.courier.example/v1/track"), "ask": .text("batch"), "batch_size": .integer(40),
    "body": .text("{\"tracks\": {numbers}}"), "answer.list": .text("/data/parcels"),
    "row.number": .text("/track"), "row.status": .text("/state/code"), "row.text": .text("/state/name"),
    "row.time": .text("/state/at"), "row.place": .text("/state/city"), "row.country": .text("/state/country"),
    "row.events": .text("/history"), "event.status": .text("/code"), "event.text": .text("/name"),
    "event.time": .text("/at"), "event.place": .text("/city"), "event.country": .text("/country"),
    "statuses": .map([
        "10": "registered", "20": "accepted", "30": "LEG_TRANSIT", "40": "ready_for_pickup", "7*": "returning",
    ]),
]

func decoding(_ fixtures: String) throws -> [Figure] {
    try voices.map { voice in
        guard let kind = providerKinds.first(where: { $0.id.description == voice.provider }),
            let provider = kind.make(SettingValues(voice.settings))
        else { throw Trouble(description: "\(voice.provider): its settings are not enough") }
        let scenes = try voice.scenes.map { scene in
            (scene.asks, try scene.answers.mapValues { try answer("\(fixtures)/\(voice.provider)/\($0)") })
        }
        let rounds = 200
        var bytes = 0
        let times = try measured(runs: 11) {
            bytes = 0
            for _ in 0..<rounds {
                for (asks, answers) in scenes { bytes += try play(provider, asks, answers) }
            }
        }
        return Figure(
            group: "reading answers, MB a CPU second (best, median)", name: voice.provider,
            best: Double(bytes) / times[0] / 1e6, median: Double(bytes) / times[times.count / 2] / 1e6, unit: "MB/s",
            about: "\(bytes / rounds) bytes in \(scenes.count) conversations")
    }
}

private func answer(_ path: String) throws -> HTTPResponse {
    HTTPResponse(status: 200, body: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
}

/// - Returns: How many bytes were read.
private func play(_ provider: any Provider, _ asks: [Ask], _ answers: [String: HTTPResponse]) throws -> Int {
    // 2026-03-12T06:00:00Z, some hours after the newest fixtures' last event.
    let opening = Opening(now: Timestamp(seconds: 1_773_295_200), session: Secret("session"))
    var conversation = asks.count == 1 ? provider.converse(asks[0], opening) : provider.converse(batch: asks, opening)
    var (bytes, last) = (0, nil as HTTPResponse?)
    while true {
        switch try conversation.next(last) {
        case .done: return bytes
        case .send(let request), .write(let request, _):
            let call = request.label.split(separator: " ").last.map(String.init) ?? ""
            guard let next = answers[call] else {
                throw Trouble(description: "\(provider.id): no fixture answers \"\(request.label)\"")
            }
            bytes += next.body.count
            last = next
        }
    }
}
