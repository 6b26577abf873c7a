// The words of the demo: a timeline by dates, what a rule without calendars would have invented, what to try next.

import Foundation

struct Telling {
    let scenario: Scenario
    let language: String
    let isColoured: Bool

    func say(_ russian: String, _ english: String) -> String { language == "ru" ? russian : english }
    func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    func faint(_ text: String) -> String { isColoured ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// The story's last instant, as parcelctl takes it.
    var end: String { wall(scenario.end.ms, offsetHours: 3) }

    var title: String {
        let (from, to) = (moscowDate(scenario.start.ms), moscowDate(scenario.end.ms))
        return bold(
            say(
                "История из руководства, \(from) – \(to): настоящий parceld, время симулятора (показано московское)",
                "The guide's story, \(from) to \(to): the real parceld, simulated time (shown in Moscow's)"))
    }

    // MARK: The timeline

    private struct Entry {
        var ms: Int64
        var text: String
    }

    func timeline(_ world: World, _ line: (String) -> Void) {
        let entries = (seen + outages + presses + messages(world)).sorted { $0.ms < $1.ms }
        let days = Dictionary(grouping: entries) { moscowDay($0.ms) }
        for (day, entries) in days.sorted(by: { $0.key < $1.key }) {
            line("")
            line(bold(header(day)))
            if let asked = world.requestsOfDay[day] { line(faint("         " + polls(asked))) }
            for entry in entries { line(entry.text) }
        }
        line("")
    }

    private func header(_ day: Int) -> String {
        let weekdays = [
            say("четверг", "Thursday"), say("пятница", "Friday"), say("суббота", "Saturday"),
            say("воскресенье", "Sunday"), say("понедельник", "Monday"), say("вторник", "Tuesday"),
            say("среда", "Wednesday"),
        ]
        return "\(moscowDate(Int64(day) * 86_400_000)), \(weekdays[(day % 7 + 7) % 7])"
    }

    private func polls(_ asked: [String: Int]) -> String {
        let words = asked.filter { ["otcommerce", "litemf", "shiptor"].contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\(systemName($0.key)) \($0.value)" }.joined(separator: ", ")
        return say("parceld опросил: ", "parceld polled: ") + words
    }

    private func clock(_ ms: Int64) -> String { String(wall(ms, offsetHours: 3).dropFirst(11).prefix(5)) }

    private var seen: [Entry] {
        scenario.trails.flatMap { trail in
            let name = (trail.isParcel ? say("посылка № ", "parcel № ") : "№ ") + trail.thing
            return trail.changes.filter { $0.ms >= scenario.start.ms && $0.ms <= scenario.end.ms }.map { change in
                let words = [
                    change.status.map { "«\($0)»" }, change.track.map { say("трек-номер ", "track number ") + $0 },
                    change.checkpoint, change.isGone ? say("больше не показан", "no longer shown") : nil,
                ].compactMap(\.self).joined(separator: ", ")
                return Entry(ms: change.ms, text: "  \(clock(change.ms))  \(name): \(words)")
            }
        }
    }

    private var outages: [Entry] {
        scenario.faults.filter { $0.to.ms > scenario.start.ms && $0.from.ms < scenario.end.ms }.flatMap { fault in
            let name = systemName(fault.provider)
            let (begins, ends) =
                fault.isOutage
                ? (
                    say("\(name) перестаёт отвечать", "\(name) stops answering"),
                    say("\(name) снова работает", "\(name) works again")
                )
                : (
                    say("\(name): сбой «\(fault.kind.rawValue)»", "\(name): fault \"\(fault.kind.rawValue)\""),
                    say("\(name): сбой прошёл", "\(name): the fault is over")
                )
            return [
                Entry(ms: fault.from.ms, text: "  \(clock(fault.from.ms))  \(begins)"),
                Entry(ms: fault.to.ms, text: "  \(clock(fault.to.ms))  \(ends)"),
            ]
        }
    }

    /// What people do under the messages, in the words of the buttons.
    private var presses: [Entry] {
        scenario.answers.map { said in
            let button: String
            switch said.press?.split(separator: ":").first {
            case "ack": button = say("«Взял в работу»", "\"Take it on\"")
            case "snz":
                let days = said.press?.split(separator: ":").last ?? ""
                button = say("«Отложить»: \(days) раб. день", "\"Snooze\": \(days) working day")
            case "why": button = say("«Почему?»", "\"Why?\"")
            case "let": button = say("«Письмо логисту»", "\"Letter to the logist\"")
            default: button = said.press ?? said.text ?? ""
            }
            return Entry(ms: said.at.ms, text: "  \(clock(said.at.ms))  ◂ \(said.name): \(button), № \(said.thing)")
        }
    }

    private func messages(_ world: World) -> [Entry] {
        world.received.map { message in
            let channel = message.channel == "telegram" ? "Telegram" : message.channel
            let again = message.isRepeat ? say(", повтор", ", again") : ""
            let head = bold("  \(clock(message.ms))  ▸ " + say("менеджеру", "to the manager") + " (\(channel)\(again))")
            let text = message.text.split(separator: "\n", omittingEmptySubsequences: false).map { "         │ \($0)" }
            return Entry(ms: message.ms, text: ([head] + text).joined(separator: "\n"))
        }
    }

    func systemName(_ provider: String) -> String {
        let names = [
            "otcommerce": "OT Commerce", "litemf": "LiteMF", "shiptor": "Shiptor", "telegram": "Telegram",
            "17track": "17TRACK", "russianpost": say("Почта России", "Russian Post"), "kuaidi100": "Kuaidi100",
            "cdek": say("СДЭК", "CDEK"), "cainiao": "Cainiao",
        ]
        return names[provider] ?? provider
    }

    // MARK: Afterwards

    func summary(_ world: World, _ line: (String) -> Void) {
        var totals: [String: Int] = [:]
        for (name, count) in world.requests {
            totals[String(name.split(separator: " ").first ?? ""), default: 0] += count
        }
        let requests = totals.sorted { $0.key < $1.key }.map { "\(systemName($0.key)) \($0.value)" }
        line(bold(say("Отправлено запросов: ", "Requests sent: ")) + requests.joined(separator: ", "))
        line("")
        line(
            bold(
                say(
                    "Простое правило «N календарных дней без изменений»:",
                    "A plain rule of \"N calendar days without a change\":")))
        for days in [4, 5] {
            let alerts = scenario.plainAlerts(days: days)
            let real = alerts.filter { $0.reason == .real }.count
            line(
                say(
                    "  N = \(days): тревог \(alerts.count), из них по делу \(real), выдуманных \(alerts.count - real)",
                    "  N = \(days): \(alerts.count) alerts, of which real \(real), invented \(alerts.count - real)"))
        }
        let invented = scenario.plainAlerts(days: 4).filter { $0.reason != .real }
        if !invented.isEmpty { line(say("Выдуманные при N = 4:", "Invented with N = 4:")) }
        for alert in invented.prefix(12) {
            line("  \(moscowDate(alert.at))  \(alert.thing): \(why(alert.reason))")
        }
        line("")
    }

    private func why(_ reason: PlainAlert.Reason) -> String {
        switch reason {
        case .real: say("по делу", "real")
        case .inParcel(let id): say("товар уже в посылке № \(id)", "the item is in parcel № \(id) already")
        case .waitsFor(let item): say("ждёт на складе товар № \(item)", "waits at the warehouse for № \(item)")
        case .holiday(let ru, let en): say(ru, en)
        case .providerDown(let name):
            say("\(systemName(name)) не отвечал, товар двигался", "\(systemName(name)) was down, the thing moved")
        case .weekend: say("среди этих дней выходные", "a weekend is among these days")
        case .usual: say("обычное время в пути", "the usual time under way")
        }
    }

    func next(_ parcelctl: URL, _ playground: Playground, _ line: (String) -> Void) {
        line(
            bold(
                say(
                    "Попробуйте дальше (база демонстрации в \(playground.folder.path)):",
                    "Try next (the demo's database is in \(playground.folder.path)):")))
        for command in ["show 519", "history 1907-2", "alerts --all", "explain 519", "list parcels --json"] {
            line("  \(parcelctl.path) \(command) --config \(playground.config.path) --at \(end)")
        }
        line("")
    }

    func verdict(_ verdict: StoryVerdict, violations: [String], _ line: (String) -> Void) {
        let count = (scenario.expect ?? []).count
        if verdict.isRight {
            line(
                bold(
                    say(
                        "✓ Доставлены ровно ожидаемые сообщения: \(count)",
                        "✓ Exactly the \(count) expected messages were delivered")))
        }
        for text in verdict.missing { line(say("✗ не пришло: ", "✗ missing: ") + text) }
        for text in verdict.unexpected { line(say("✗ лишнее: ", "✗ not expected: ") + text) }
        for text in violations {
            line(say("✗ запрос, которого не должно быть: ", "✗ a request that should not be: ") + text)
        }
    }
}
