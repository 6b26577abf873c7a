// How a border story is told and judged: a table that moves on a terminal, or a few tables where it cannot; then every
// message in a line, and what parcelctl says of each number against what the scenario says.

import Foundation

/// What parceld says of a number at the end, against what is right.
package struct JourneyVerdict: Sendable {
    package var wrong: [String] = []
    package var right = 0

    /// - Parameter answer: What `parcelctl show --json` printed.
    mutating func take(_ answer: Data, about number: Scenario.Number) {
        let whole = (try? JSONSerialization.jsonObject(with: answer)) as? [String: Any] ?? [:]
        // A courier's number ends at the warehouse, while what it carried goes on.
        let own = (whole["numbers"] as? [[String: Any]])?.first {
            $0["number"] as? String == number.number && $0["role"] as? String == "domestic"
        }
        let tree = own ?? whole
        let wanted = [number.milestone ?? "unknown", number.condition ?? "ok"]
        // Where nothing is wrong there may be no condition.
        let found = [tree["milestone"] as? String ?? "-", tree["condition"] as? String ?? "ok"]
        if wanted == found {
            right += 1
        } else {
            wrong.append(
                "\(number.number): \(found.joined(separator: ", ")) (\(wanted.joined(separator: ", ")))")
        }
    }
}

extension Scenario {
    /// It tells of numbers on their way, not of the shop's items.
    package var isBorderStory: Bool { numbers.contains { $0.title != nil } }
}

extension Telling {
    var borderTitle: String {
        let (from, to) = (moscowDate(scenario.start.ms), moscowDate(scenario.end.ms))
        let count = scenario.numbers.filter { $0.title != nil }.count
        return bold(
            say(
                "Через границу, \(from) – \(to): \(count) трек-номеров, настоящий parceld, время симулятора",
                "Across the border, \(from) to \(to): \(count) track numbers, the real parceld, simulated time"))
    }

    /// The tables of the scenario's dates, each as it was at that day's end.
    func tables(_ world: World, _ line: (String) -> Void) {
        let table = BorderTable(scenario: scenario, telling: self)
        for date in scenario.tables {
            guard let day = Scenario.Moment.parse(date + " 00:00:00+03:00") else { continue }
            line("")
            for text in table.lines(at: min(day + 86_399_999, scenario.end.ms), told: world.received) { line(text) }
        }
        line("")
    }

    /// Every message, a line for each thing that it is about.
    func told(_ world: World, _ line: (String) -> Void) {
        line(bold(say("Что получил менеджер:", "What the manager got:")))
        for message in world.received where !message.isRepeat {
            for item in message.items {
                line("  \(moscowDate(message.ms))  \(item.split(separator: "\n").first ?? "")")
            }
        }
        line("")
    }

    /// Requests of each provider: all, and the most in one day.
    func requests(_ world: World, _ line: (String) -> Void) {
        line(bold(say("Запросов, всего и в самый занятый день:", "Requests, all and on the busiest day:")))
        let names = ["otcommerce"] + Scenario.Carrier.allCases.map(\.rawValue)
        for name in names {
            let days = world.requestsOfDay.values.compactMap { $0[name] }
            guard let most = days.max() else { continue }
            let label = systemName(name).padding(toLength: 14, withPad: " ", startingAt: 0)
            line("  \(label) \(days.reduce(0, +)), \(most)")
        }
        line("")
    }

    func journeys(_ verdict: JourneyVerdict, _ line: (String) -> Void) {
        if verdict.wrong.isEmpty {
            line(
                bold(
                    say(
                        "✓ Все номера дошли туда, куда должны: \(verdict.right)",
                        "✓ Every one of the \(verdict.right) numbers ended where it should")))
        }
        for text in verdict.wrong { line(say("✗ не то (должно быть): ", "✗ wrong (should be): ") + text) }
    }
}

extension Play {
    /// What comes after the end of a border story.
    ///
    /// - Returns: Whether each number ended as the scenario says, and parcelctl answered each question.
    func finishBorder(_ world: World, _ playground: Playground, _ line: (String) -> Void) throws -> Bool {
        if screen == nil { telling.tables(world, line) }
        telling.told(world, line)
        telling.requests(world, line)
        let forwarder = scenario.numbers.first { $0.title != nil && $0.lastMile != nil }?.number
        let questions = [["status"], ["budget"]] + (forwarder.map { [["show", $0]] } ?? [])
        let isAnswered = try ask(questions, playground, line)
        var verdict = JourneyVerdict()
        for number in scenario.numbers where number.milestone != nil {
            let answer = try Playground.run(
                parcelctl,
                [
                    "show", number.asked ?? number.number, "--json", "--config", playground.config.path, "--at",
                    telling.end,
                ])
            verdict.take(Data(answer.output.utf8), about: number)
        }
        telling.journeys(verdict, line)
        return isAnswered && verdict.wrong.isEmpty
    }

    /// Draws the table over the one before, when a day has passed.
    func redraw(_ world: World, _ shown: inout [String], _ line: (String) -> Void) {
        let lines = BorderTable(scenario: scenario, telling: telling).lines(at: world.now, told: world.received)
        guard lines != shown else { return }
        let back = shown.isEmpty ? "" : "\u{1B}[\(shown.count)A"
        for (index, text) in lines.enumerated() { line((index == 0 ? back : "") + "\u{1B}[2K" + text) }
        shown = lines
    }
}
