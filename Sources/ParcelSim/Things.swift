// The scenario's things, and generated ones for benchmarks, where they are found by their ids.

struct Things: Sendable {
    /// The newest first, as the shop lists them.
    let orders: [Scenario.Order]
    let packages: [Scenario.ShiptorPackage]
    let numbers: [Scenario.Number]
    private let numberByText: [String: Int]
    private let orderByID: [String: Int]
    private let packageByID: [Int: Int]
    private let packageByExternalID: [String: Int]
    private let orderByPackage: [String: Int]
    /// Every instant at which some answer changes, in order.
    private let instants: [Int64]

    init(_ scenario: Scenario) {
        let orders = (scenario.orders + Things.generatedOrders(scenario)).sorted { $0.created > $1.created }
        let numbers = scenario.numbers + Things.generatedNumbers(scenario)
        let packages = scenario.shiptor.packages + Things.generatedPackages(scenario)
        self.orders = orders
        self.packages = packages
        self.numbers = numbers
        numberByText = Dictionary(numbers.indices.map { (numbers[$0].number, $0) }) { first, _ in first }
        orderByID = Dictionary(orders.indices.map { (orders[$0].id, $0) }) { first, _ in first }
        packageByID = Dictionary(packages.indices.map { (packages[$0].id, $0) }) { first, _ in first }
        packageByExternalID = Dictionary(packages.indices.map { (packages[$0].externalID, $0) }) { first, _ in first }
        orderByPackage = Dictionary(
            orders.indices.flatMap { index in orders[index].packages.map { ($0.id, index) } }
        ) { first, _ in first }
        instants = Things.instants(scenario, orders, packages)
    }

    func order(_ id: String) -> Scenario.Order? { orderByID[id].map { orders[$0] } }

    func shiptorPackage(_ id: Int) -> Scenario.ShiptorPackage? { packageByID[id].map { packages[$0] } }

    func shiptorPackage(externalID: String) -> Scenario.ShiptorPackage? {
        externalID.isEmpty ? nil : packageByExternalID[externalID].map { packages[$0] }
    }

    /// As it is written on the parcel, or in small letters.
    func number(_ text: String) -> Scenario.Number? { numberByText[text.uppercased()].map { numbers[$0] } }

    func shopPackage(_ id: String) -> (Scenario.Order, Scenario.Package)? {
        guard let index = orderByPackage[id] else { return nil }
        return orders[index].packages.first { $0.id == id }.map { (orders[index], $0) }
    }

    /// How many of the scenario's changes have happened.
    func changes(until now: Int64) -> Int {
        var (low, high) = (0, instants.count)
        while low < high {
            let middle = (low + high) / 2
            if instants[middle] <= now { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func instants(
        _ scenario: Scenario, _ orders: [Scenario.Order], _ packages: [Scenario.ShiptorPackage]
    ) -> [Int64] {
        var all: Set<Int64> = []
        let shopLag = scenario.otcommerce.pace.lag
        for order in orders {
            all.insert(order.created.ms + shopLag)
            let steps = order.timeline + order.lines.flatMap(\.timeline) + order.packages.flatMap(\.timeline)
            all.formUnion(steps.map { $0.at.ms + shopLag })
            for package in order.packages {
                all.insert(package.created.ms + shopLag)
                all.formUnion(package.checkpoints.map { $0.at.ms + shopLag })
            }
        }
        let litemf = scenario.litemf.incoming.flatMap(\.timeline) + scenario.litemf.outgoing.flatMap(\.timeline)
        all.formUnion(litemf.map { $0.at.ms + scenario.litemf.pace.lag })
        let lag = scenario.shiptor.pace.lag
        for package in packages {
            all.formUnion(package.timeline.map { $0.at.ms + lag })
            all.formUnion(package.checkpoints.map { $0.at.ms + lag })
            all.formUnion([package.created.ms + lag, (package.archived?.ms ?? package.created.ms) + lag])
        }
        for number in scenario.numbers {
            for carrier in Scenario.Carrier.allCases {
                let lag = number.lag + scenario.carriers.pace(of: carrier).lag
                all.formUnion(number.instants.map { $0 + lag })
            }
        }
        return all.sorted()
    }

    private static func generatedOrders(_ scenario: Scenario) -> [Scenario.Order] {
        let (wish, start) = (scenario.generate, scenario.start)
        return (0..<wish.orders).map { index in
            let number = index + 1
            let digits = String(number)
            return Scenario.Order(
                id: "ORD-" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits, created: start,
                timeline: [Scenario.Step(at: start, status: "30", name: "В обработке")],
                lines: (0..<wish.linesPerOrder).map { index in
                    Scenario.Line(
                        id: "SL-\(number)-\(index + 1)", num: index + 1, title: "Товар", seller: "shop",
                        amount: "99.00",
                        timeline: [
                            Scenario.Step(
                                at: start, status: "4", name: "Заказано",
                                track: "YT\(1_000_000_000_000 + number * 100 + index)")
                        ])
                })
        }
    }

    private static func generatedTrack(_ index: Int, _ scenario: Scenario) -> String {
        index < scenario.generate.numbers ? s10("LZ", 10_000_000 + index, "CN") : "LP\(1_000_000_001 + index)"
    }

    /// All tell the same story, but for their numbers.
    private static func generatedNumbers(_ scenario: Scenario) -> [Scenario.Number] {
        let codes = [
            "InfoReceived", "InTransit_PickedUp", "InTransit_Other", "InTransit_Departure", "InTransit_Arrival",
            "InTransit_CustomsProcessing", "InTransit_CustomsReleased",
        ]
        let events = codes.enumerated().map { index, code in
            Scenario.NumberEvent(
                at: Scenario.Moment(ms: scenario.start.ms - Int64(codes.count - index) * 86_400_000),
                text: "Checkpoint \(index + 1)", place: index < 4 ? "Guangzhou" : "Moscow",
                country: index < 4 ? "CN" : "RU", codes: [.seventeenTrack: code])
        }
        return (0..<scenario.generate.numbers).map { index in
            var number = Scenario.Number(number: generatedTrack(index, scenario), events: events)
            number.isRegistered = true
            number.isGenerated = true
            return number
        }
    }

    private static func generatedPackages(_ scenario: Scenario) -> [Scenario.ShiptorPackage] {
        let start = scenario.start
        return (0..<scenario.generate.packages).map { index in
            let id = index + 1
            return Scenario.ShiptorPackage(
                id: id, externalID: "", articles: [], created: start,
                timeline: [Scenario.Step(at: start, status: "sent", externalTrack: generatedTrack(index, scenario))],
                checkpoints: (0..<7).map {
                    Scenario.Checkpoint(
                        at: Scenario.Moment(ms: start.ms - Int64(7 - $0) * 86_400_000),
                        text: "Checkpoint \($0) of \(id)", place: "Guangzhou")
                })
        }
    }
}

/// An international number with the check digit of UPU's S10: weights 8, 6, 4, 2, 3, 5, 9, 7, and 11 less the rest.
func s10(_ service: String, _ serial: Int, _ country: String) -> String {
    let digits = String(serial).compactMap(\.wholeNumberValue)
    let rest = zip(digits, [8, 6, 4, 2, 3, 5, 9, 7]).reduce(0) { $0 + $1.0 * $1.1 } % 11
    let check = rest == 0 ? 5 : rest == 1 ? 0 : 11 - rest
    return "\(service)\(serial)\(check)\(country)"
}
