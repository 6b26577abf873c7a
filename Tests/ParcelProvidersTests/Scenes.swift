// The table that the contract is tested with: what each provider is asked, which fixtures answer, what it gives.

import ParcelCore
import ParcelProviders
import Testing

/// An ask with the answers that it is played with: fixtures by method.
struct Scene: Sendable, CustomTestStringConvertible {
    var provider: String
    var ask: Ask
    var answers: [String: [String]]
    var expected: Expected

    enum Expected: Sendable {
        /// Keys of what is seen, in order, and what is said to be not found.
        case seen([String], notFound: [String] = [])
        case fails(PollErrorKind)
    }

    var testDescription: String { "\(provider) \(ask.kind) \(answers.values.joined().sorted())" }

    init(_ provider: String, _ kind: String, _ key: String, _ answers: [String: [String]], _ expected: Expected) {
        self.provider = provider
        ask = Ask(kind, key: key)
        self.answers = answers
        self.expected = expected
    }

    init(_ provider: String, _ kind: String, _ answers: [String: [String]], _ expected: Expected) {
        self.init(provider, kind, "", answers, expected)
    }

    func play() throws -> Played {
        try ParcelProvidersTests.play(
            try ParcelProvidersTests.provider(provider), ask,
            answers.mapValues { try $0.map { try fixture("\(provider)/\($0)") } })
    }
}

enum PollErrorKind: String, Sendable {
    case unreachable, notData, rateLimited, authentication, clock, malformed, refused, blocked, quotaSpent
}

extension PollError {
    var kind: PollErrorKind {
        switch self {
        case .unreachable: .unreachable
        case .notData: .notData
        case .rateLimited: .rateLimited
        case .authentication: .authentication
        case .clock: .clock
        case .malformed: .malformed
        case .refused: .refused
        case .blocked: .blocked
        case .quotaSpent: .quotaSpent
        }
    }
}

let order = "ORD-0000001907"
private let lists = [
    "GetOrderStatusList": ["GetOrderStatusList.json"], "SearchOrders": ["SearchOrders.json"],
    "SearchOrderLines": ["SearchOrderLines.json"],
]
let bothLines = ["\(order)/SL-000001", "\(order)/SL-000002"]

/// Of the providers of track numbers.
private let numberScenes: [Scene] = [
    track17("RR123456785CN", "in-transit.gettrackinfo.json", .seen(["RR123456785CN"])),
    track17("RR123456785CN", "delivered.gettrackinfo.json", .seen(["RR123456785CN"])),
    track17("LP00612345678901/190271", "info-received.gettrackinfo.json", .seen(["LP00612345678901"])),
    track17("YT9999999999999", "not-found.gettrackinfo.json", .seen(["YT9999999999999"])),
    track17("YT9999999999999", "not-found-accepted.gettrackinfo.json", .seen(["YT9999999999999"])),
    track17("YT9999999999999", "blank.gettrackinfo.json", .seen(["YT9999999999999"])),
    track17("RR123456785CN", "error.auth.json", .fails(.authentication)),
    track17("RR123456785CN", "error.address.json", .fails(.authentication)),
    track17("RR123456785CN", "error.internal.json", .fails(.unreachable)),
    track17("RR123456785CN", "error.quota.json", .fails(.quotaSpent)),
    track17("RR123456785CN", "error.daily.json", .fails(.quotaSpent)),
    track17("RR123456785CN", "error.too-many.json", .fails(.refused)),
    track17("RR123456785CN", "rate-limited.json", .fails(.rateLimited)),
    track17("RR123456785CN", "malformed.truncated.json", .fails(.notData)),
]

private func track17(_ key: String, _ answer: String, _ expected: Scene.Expected) -> Scene {
    Scene("17track", "track", key, ["gettrackinfo": [answer]], expected)
}

let scenes: [Scene] =
    [
        Scene("otcommerce", "orders", lists, .seen([order] + bothLines)),
        Scene(
            "otcommerce", "order", order, ["GetSalesOrderDetailsForOperator": ["GetSalesOrderDetailsForOperator.json"]],
            .seen([order] + bothLines)),
        Scene(
            "otcommerce", "order", order,
            ["GetSalesOrderDetailsForOperator": ["finished.GetSalesOrderDetailsForOperator.json"]],
            .seen([order] + bothLines)),
        Scene(
            "otcommerce", "order", order, ["GetSalesOrderDetailsForOperator": ["error.NotFound.json"]],
            .seen([], notFound: [order])),
        Scene(
            "otcommerce", "packages", order, ["GetSalesPackageList": ["GetSalesPackageList.json"]],
            .seen(["\(order)/519"])),
        Scene(
            "otcommerce", "packages", order, ["GetSalesPackageList": ["finished.GetSalesPackageList.json"]],
            .seen(["\(order)/519"])),
        Scene("otcommerce", "package", "\(order)/519", ["GetPackage": ["GetPackage.json"]], .seen(["\(order)/519"])),
        Scene(
            "otcommerce", "package", "\(order)/519", ["GetPackage": ["error.NotFound.json"]],
            .seen([], notFound: ["\(order)/519"])),
        Scene(
            "otcommerce", "tracking", "\(order)/519",
            [
                "GetPackage": ["GetPackage.json"],
                "GetPackageTrackingForOperator": ["GetPackageTrackingForOperator.json"],
            ], .seen(["\(order)/519"])),
        Scene(
            "otcommerce", "tracking", "\(order)/519",
            ["GetPackage": ["GetPackage.json"], "GetPackageTrackingForOperator": ["error.NotFound.json"]],
            .seen(["\(order)/519"])),
        Scene(
            "otcommerce", "log", order,
            [
                "GetSalesOrderDetailsForOperator": ["GetSalesOrderDetailsForOperator.json"],
                "GetSalesProcessLog": ["GetSalesProcessLog.json"],
            ], .seen([])),
        Scene("otcommerce", "orders", ["GetOrderStatusList": ["error.InvalidSignature.json"]], .fails(.authentication)),
        Scene("otcommerce", "orders", ["GetOrderStatusList": ["error.InstanceKeyBan.json"]], .fails(.authentication)),
        Scene("otcommerce", "orders", ["GetOrderStatusList": ["error.InvalidTimestamp.json"]], .fails(.clock)),
        Scene(
            "litemf", "incoming", ["getIncomingPackage": ["getIncomingPackage.json"]],
            .seen(["273493", "273494", "273495"])),
        Scene(
            "litemf", "outgoing", ["getOutgoingPackage": ["getOutgoingPackage.json"]],
            .seen(["97302", "97303", "97304"])),
        Scene("litemf", "incoming", ["getIncomingPackage": ["empty.json"]], .seen([])),
        Scene(
            "litemf", "incoming-one", "273494", ["getIncomingPackage": ["getIncomingPackage.json"]], .seen(["273494"])),
        Scene("litemf", "incoming-one", "7", ["getIncomingPackage": ["empty.json"]], .seen([], notFound: ["7"])),
        Scene(
            "litemf", "incoming-one", "7", ["getIncomingPackage": ["error.not-found.json"]], .seen([], notFound: ["7"])),
        Scene("litemf", "incoming-one", "7", ["getIncomingPackage": ["getIncomingPackage.json"]], .fails(.malformed)),
        Scene(
            "litemf", "outgoing-one", "97304", ["getOutgoingPackage": ["getOutgoingPackage.one.json"]], .seen(["97304"])
        ),
        Scene(
            "litemf", "outgoing-one", "97304", ["getOutgoingPackage": ["finished.getOutgoingPackage.json"]],
            .seen(["97304"])),
        Scene("litemf", "incoming", ["getIncomingPackage": ["error.auth.json"]], .fails(.authentication)),
        Scene("litemf", "incoming", ["getIncomingPackage": ["error.internal.json"]], .fails(.unreachable)),
        Scene("litemf", "incoming", ["getIncomingPackage": ["error.edit.json"]], .fails(.refused)),
        Scene("litemf", "incoming", ["getIncomingPackage": ["error.not-found.json"]], .fails(.refused)),
        Scene("shiptor", "packages", ["getPackages": ["getPackages.json"]], .seen(["11578", "11579"])),
        Scene("shiptor", "package", "11578", ["getPackage": ["getPackage.json"]], .seen(["11578"])),
        Scene("shiptor", "package", "11578", ["getPackage": ["finished.getPackage.json"]], .seen(["11578"])),
        Scene("shiptor", "package", "11577", ["getPackage": ["getPackage.json"]], .fails(.malformed)),
        Scene("shiptor", "package", "7", ["getPackage": ["error.in-result.json"]], .seen([], notFound: ["7"])),
        Scene("shiptor", "package", "7", ["getPackage": ["error.no-method.json"]], .fails(.refused)),
        Scene("shiptor", "package", "7", ["getPackage": ["error.invalid.json"]], .fails(.refused)),
        Scene("shiptor", "packages", ["getPackages": ["error.in-result.json"]], .fails(.refused)),
        Scene("shiptor", "packages", ["getPackages": ["error.auth.json"]], .fails(.authentication)),
        Scene("shiptor", "packages", ["getPackages": ["error.unknown.json"]], .fails(.unreachable)),
    ] + numberScenes + kuaidi100Scenes + cainiaoScenes + exampleScenes
