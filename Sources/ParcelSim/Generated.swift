// Many things at once, for the benchmarks: orders with lines in the list, and packages that are asked for one by one.

import Foundation

extension World {
    var allOrders: [Scenario.Order] { Generated.orders(of: self) }
    var shiptorPackages: [Scenario.ShiptorPackage] { Generated.packages(of: self) }

    func shiptorPackage(_ id: Int) -> Scenario.ShiptorPackage? {
        if let count = scenario.generate?.packages, count > 0 {
            return (1...count).contains(id) ? Generated.package(id, from: scenario.start) : nil
        }
        return (scenario.shiptor?.packages ?? []).first { $0.id == id }
    }
}

private enum Generated {
    static func orders(of world: World) -> [Scenario.Order] {
        guard let wish = world.scenario.generate, wish.orders > 0 else { return world.scenario.orders ?? [] }
        let start = world.scenario.start
        return (1...wish.orders).map { number in
            Scenario.Order(
                id: "ORD-" + String(format: "%010d", number), created: start,
                timeline: [Scenario.Step(at: start, status: "30", name: "В обработке")],
                lines: (1...wish.linesPerOrder).map { line in
                    Scenario.Line(
                        id: "SL-\(number)-\(line)", num: line, title: "Товар", seller: "shop", amount: "99.00",
                        timeline: [
                            Scenario.Step(
                                at: start, status: "4", name: "Заказано",
                                track: "YT\(1_000_000_000_000 + number * 100 + line)")
                        ])
                })
        }
    }

    static func packages(of world: World) -> [Scenario.ShiptorPackage] {
        guard let wish = world.scenario.generate, wish.packages > 0 else {
            return world.scenario.shiptor?.packages ?? []
        }
        return (1...wish.packages).map { package($0, from: world.scenario.start) }
    }

    static func package(_ id: Int, from start: Scenario.Moment) -> Scenario.ShiptorPackage {
        Scenario.ShiptorPackage(
            id: id, externalId: "", articles: [], created: start,
            timeline: [Scenario.Step(at: start, status: "sent", externalTrack: "LP\(1_000_000_000 + id)")],
            checkpoints: (0..<7).map {
                Scenario.Checkpoint(
                    at: Scenario.Moment(ms: start.ms - Int64($0 + 1) * 86_400_000), text: "Checkpoint \($0) of \(id)",
                    place: "Guangzhou")
            })
    }
}
