// The table of a border story: a line for each number, a column for each part of the way from Guangdong to Vladivostok.
// It shows what happened by an instant, and which alert the manager had got of it by then.

struct BorderTable {
    struct Column {
        var ru: String
        var en: String
        /// In order.
        var milestones: [String]
    }

    static let columns = [
        Column(
            ru: "Гуандун", en: "Guangdong",
            milestones: ["registered", "accepted", "origin_transit", "handed_to_forwarder"]),
        Column(ru: "вывоз", en: "export", milestones: ["export_customs", "export_released"]),
        Column(ru: "в пути", en: "under way", milestones: ["departed_origin", "international_transit"]),
        Column(
            ru: "граница", en: "border",
            milestones: ["arrived_destination_country", "import_customs", "customs_released"]),
        Column(ru: "Россия", en: "Russia", milestones: ["destination_transit", "arrived_delivery_office"]),
        Column(
            ru: "Владивосток", en: "Vladivostok", milestones: ["ready_for_pickup", "out_for_delivery", "delivered"]),
    ]

    let scenario: Scenario
    let telling: Telling

    private var rows: [Scenario.Number] { scenario.numbers.filter { $0.title != nil } }
    private static let numberWidth = 18
    private static let titleWidth = 13
    private static let columnWidth = 12

    /// - Parameters:
    ///   - ms: Nothing later is shown.
    ///   - told: What the manager got, in order.
    func lines(at ms: Int64, told: [Received]) -> [String] {
        let names = Self.columns.map { fitted(telling.say($0.ru, $0.en), Self.columnWidth) }
        let margin = String(repeating: " ", count: Self.numberWidth + Self.titleWidth)
        let date = fitted(moscowDate(ms), margin.count)
        return [telling.bold(date + names.joined())] + rows.map { row($0, ms, told) }
    }

    private func row(_ number: Scenario.Number, _ ms: Int64, _ told: [Received]) -> String {
        let state = state(of: number, at: ms)
        let head =
            fitted(number.number, Self.numberWidth)
            + fitted(number.title.map { telling.say($0.ru, $0.en) } ?? "", Self.titleWidth)
        let alert = alert(about: number, at: ms, told)
        let sign: Character = state.isOver ? "✓" : state.condition != nil || alert != nil ? "!" : "●"
        let words = [words(state), alert.map { telling.bold($0) }].compactMap(\.self).joined(separator: ", ")
        return head + track(to: state.milestone, sign) + " " + words
    }

    /// A line as far as it came.
    private func track(to milestone: String?, _ sign: Character) -> String {
        let width = Self.columnWidth
        guard let milestone, let column = Self.columns.firstIndex(where: { $0.milestones.contains(milestone) }) else {
            return String(repeating: " ", count: width * Self.columns.count)
        }
        let steps = Self.columns[column].milestones
        let step = steps.firstIndex(of: milestone) ?? 0
        // The last step of a column is near its end, a place is left between columns.
        let length = column * width + (step + 1) * (width - 2) / steps.count
        let line = String(repeating: "─", count: length - 1) + String(sign)
        return line + String(repeating: " ", count: width * Self.columns.count - length)
    }

    // MARK: What is true at an instant

    struct State {
        var milestone: String?
        var condition: String?
        var isOver: Bool { milestone == "delivered" || milestone == "handed_to_forwarder" }
    }

    func state(of number: Scenario.Number, at ms: Int64) -> State {
        let last = number.lastMile(at: ms).flatMap { text in scenario.numbers.first { $0.number == text } }
        let happened = ([number, last].compactMap(\.self)).flatMap { one in
            one.events.filter { event in
                // What a stranger's parcel does under the same number is not ours.
                let isOurs = one.recycled.map { event.at < $0 } ?? true
                return event.at.ms <= ms && !event.isWithdrawn(at: ms) && isOurs
            }
        }.sorted { $0.at < $1.at }
        let order = Self.columns.flatMap(\.milestones)
        var state = State()
        for event in happened {
            if let milestone = event.milestone {
                let known = state.milestone.flatMap { order.firstIndex(of: $0) } ?? -1
                if (order.firstIndex(of: milestone) ?? -1) >= known { state.milestone = milestone }
                state.condition = nil
            }
            state.condition = event.condition ?? state.condition
        }
        return state
    }

    /// The last word about it, unless that was that all is well again.
    private func alert(about number: Scenario.Number, at ms: Int64, _ told: [Received]) -> String? {
        guard let thing = number.thing else { return nil }
        let names = ["№ \(thing)", "Parcel \(thing)", "Item \(thing)"]
        for message in told.reversed() where message.ms <= ms {
            for item in message.items {
                guard let first = item.split(separator: "\n").first, names.contains(where: { first.contains($0) })
                else {
                    continue
                }
                guard !first.contains("✅") else { return nil }
                return telling.say("тревога ", "alert ") + moscowDate(message.ms).dropFirst(5)
            }
        }
        return nil
    }

    private func words(_ state: State) -> String {
        let milestone = state.milestone ?? "unknown"
        let known = Self.words[milestone].map { telling.say($0.0, $0.1) } ?? milestone
        guard let condition = state.condition else { return known }
        return Self.words[condition].map { telling.say($0.0, $0.1) } ?? condition
    }

    private static let words = [
        "unknown": ("вестей ещё нет", "nothing known yet"), "registered": ("оформлено", "registered"),
        "accepted": ("принято", "accepted"), "origin_transit": ("по Китаю", "in China"),
        "handed_to_forwarder": ("на складе", "at the warehouse"), "export_customs": ("на вывозе", "at export"),
        "export_released": ("выпущено в Китае", "export released"), "departed_origin": ("покинуло Китай", "left China"),
        "international_transit": ("за границей", "in transit"), "arrived_destination_country": ("в России", "arrived"),
        "import_customs": ("на таможне", "at customs"), "customs_released": ("выпущено", "released"),
        "destination_transit": ("по России", "in Russia"), "arrived_delivery_office": ("в отделении", "at the office"),
        "ready_for_pickup": ("ждёт получателя", "ready for pickup"),
        "out_for_delivery": ("у курьера", "with a courier"),
        "delivered": ("вручено", "delivered"), "returning": ("возвращается", "on its way back"),
        "lost": ("утеряно", "lost"), "customs_hold": ("задержано таможней", "held by customs"),
    ]

    private func fitted(_ text: String, _ width: Int) -> String {
        let cut = String(text.prefix(width - 1))
        return cut + String(repeating: " ", count: width - cut.count)
    }
}
