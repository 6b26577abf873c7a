// What the three systems say of one story becomes one set of things; asking again moves nothing.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

/// The reports of all asks, in the order in which a first pass may bring them.
private func reports() throws -> [(ProviderID, Report)] {
    let asks: [(String, Ask, [String: [String]])] = [
        (
            "otcommerce", Ask("orders"),
            [
                "GetOrderStatusList": ["GetOrderStatusList.json"], "SearchOrders": ["SearchOrders.json"],
                "SearchOrderLines": ["SearchOrderLines.json"],
            ]
        ),
        ("otcommerce", Ask("packages", key: order), ["GetSalesPackageList": ["GetSalesPackageList.json"]]),
        (
            "otcommerce", Ask("tracking", key: "\(order)/519"),
            [
                "GetPackage": ["GetPackage.json"],
                "GetPackageTrackingForOperator": ["GetPackageTrackingForOperator.json"],
            ]
        ),
        ("litemf", Ask("incoming"), ["getIncomingPackage": ["getIncomingPackage.json"]]),
        ("litemf", Ask("outgoing-one", key: "97304"), ["getOutgoingPackage": ["getOutgoingPackage.one.json"]]),
        ("shiptor", Ask("package", key: "11578"), ["getPackage": ["getPackage.json"]]),
    ]
    return try asks.map { id, ask, answers in
        let shop = try provider(id, id == "otcommerce" ? ["delivery_system": .text("litemf")] : [:])
        let given = try answers.mapValues { try $0.map { try fixture("\(id)/\($0)") } }
        return (ProviderID(id), try play(shop, ask, given).report())
    }
}

private func rules() throws -> Rules {
    var zones: [String: Zone] = [:]
    for name in ["Asia/Shanghai", "Europe/Moscow"] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/" + name))
        zones[name] = try Zone(name: name, tzif: Array(bytes))
    }
    return try #require(Rules(settings: .standard, calendars: BuiltinCalendars.all(), zones: zones))
}

private func joined(_ reports: [(ProviderID, Report)], into family: Family = Family(), at: Timestamp) throws -> Family {
    let rules = try rules()
    var family = family
    for (provider, report) in reports {
        var part = ReportPart()
        part.snapshots = report.snapshots
        let context = ReconcileContext(provider: provider, at: at, zone: nil, rules: rules, isFirstPass: true)
        family = reconcile(family, with: part, context)
    }
    return family
}

@Suite struct JoinTests {
    private func views(_ family: Family, _ kind: ThingKind, _ label: String) throws -> [String] {
        let thing = try #require(family.things.first { $0.kind == kind && $0.label == label && $0.mergedInto == nil })
        return thing.views.map { "\($0.provider) \($0.external.key)" }.sorted()
    }

    @Test func `one item, one order and one parcel, whoever speaks first`() throws {
        let all = try reports()
        for arrival in [all, Array(all.reversed())] {
            let family = try joined(arrival + arrival, at: now)
            #expect(try views(family, .item, "1907-1") == ["litemf 273494", "otcommerce \(order)/SL-000001"])
            #expect(try views(family, .item, "1907-2") == ["litemf 273493", "otcommerce \(order)/SL-000002"])
            #expect(try views(family, .order, "1907") == ["otcommerce \(order)"])
            #expect(try views(family, .parcel, "519").prefix(2) == ["litemf 97304", "otcommerce \(order)/519"])
            let items = Set(family.things.filter { $0.kind == .item && $0.label.hasPrefix("1907-") }.map(\.id))
            let parcel = try #require(family.things.first { $0.label == "519" && $0.kind == .parcel })
            #expect(family.contents(of: parcel) == items)
        }
    }

    @Test func `asking again, in any order, records no movement`() throws {
        let all = try reports()
        let settled = try joined(all + all, at: now)
        let again = try joined(all + all.reversed() + all, into: settled, at: now + .hours(3))
        #expect(again.things.map(\.events) == settled.things.map(\.events))
    }
}
