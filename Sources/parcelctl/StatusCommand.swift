import ArgumentParser
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

/// `parcelctl status`: what is watched, which providers answer, what is open. Exit status 1 if anything wants attention.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What is watched, whether the providers answer, what is open.",
        discussion: """
            Exit status: 0, or 1 if an alert is open, a provider fails, a budget is too small, the database's log grows, \
            the daemon does not run or could not take over its changed configuration.
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open(despiteMistakes: true)
        var state = try State(mirror)
        // Whoever asks about another time or file does not ask about the daemon.
        if common.at == nil, common.database == nil, let config = mirror.config {
            state.absentUnit = Daemon.isAbsent(at: config.controlSocket) ? common.unit : nil
        }
        print(common.json ? state.json.text : state.text(mirror.reader, at: mirror.now))
        if state.wantsAttention { throw ExitCode(1) }
    }
}

private struct State {
    struct ProviderState {
        var health: ProviderHealth
        var breaker: Breaker
        var nextAskAt: Timestamp?
        var account: Account?
    }

    let sizes: FileSizes
    let readers: [Int32]
    let counts: Counts
    let followed: [FollowedCount]
    let providers: [ProviderState]
    let open: [Alert]
    let calendars: [WorkCalendar]
    let ending: [(id: String, end: LocalDate)]
    let configuration: ConfigurationState?
    /// The unit that would watch and does not run.
    var absentUnit: String?

    init(_ mirror: Mirror) throws {
        // A calendar that cannot be read is among the mistakes that are told.
        calendars = (try? mirror.calendarsInUse()) ?? []
        ending = endingCalendars(calendars, at: mirror.now)
        sizes = mirror.store.sizes
        readers = sizes.isLogLarge ? mirror.store.readers : []
        counts = try mirror.store.counts()
        configuration = try mirror.store.configurationState()
        followed = try mirror.store.followedCounts()
        open = try mirror.store.alerts(at: mirror.now, includingClosed: false)
        let (accounts, stored) = (try mirror.accounts(), try mirror.store.health())
        // What was configured away is not asked any more, and fails no more.
        let ids = accounts.isEmpty ? stored.map(\.provider) : accounts.map(\.budget.provider)
        providers = try ids.map { id in
            let health = stored.first { $0.provider == id } ?? ProviderHealth(provider: id)
            let account = accounts.first { $0.budget.provider == id }
            let lists = try mirror.store.nextAskAt(id, listsOnly: true)
            return ProviderState(
                health: health, breaker: Breaker(health, nextAskAt: lists, at: mirror.now),
                nextAskAt: try mirror.store.nextAskAt(id, listsOnly: false), account: account)
        }
    }

    var wantsAttention: Bool {
        !open.isEmpty || absentUnit != nil || configuration?.refusedAt != nil || sizes.isLogLarge
            || providers.contains { $0.health.failingSince != nil || $0.account?.forecast.missing != nil }
    }

    var json: JSONValue {
        func byKind(_ counts: [ThingKind: Int]) -> JSONValue {
            .object(
                ThingKind.allCases.filter { $0 != .trackNumber }.map {
                    .init(name: $0.rawValue, value: .integer(counts[$0] ?? 0))
                })
        }
        return .members([
            "watched": byKind(counts.watched), "finished": byKind(counts.finished),
            "trackNumbers": .integer(counts.trackNumbers),
            "followedNumbers": .array(
                followed.map {
                    .members([
                        "stage": .optional($0.stage?.rawValue), "finished": .bool($0.isFinished),
                        "numbers": .integer($0.count),
                    ])
                }),
            "daemonIsAbsent": .bool(absentUnit != nil), "providers": .array(providers.map(json)),
            "openAlerts": .integer(open.count),
            "waitingNotifications": .integer(counts.waitingRows),
            "undeliveredMessages": .integer(counts.waitingMessages),
            "database": .members([
                "bytes": .integer(sizes.database), "logBytes": .integer(sizes.log),
                "logIsLarge": .bool(sizes.isLogLarge),
                "readers": .array(readers.map { .integer(Int($0)) }),
            ]),
            "calendars": .array(
                calendars.filter { $0.coverageEnd != nil }.map { calendar in
                    .members([
                        "calendar": .string(calendar.id), "until": .optional(calendar.coverageEnd?.description),
                        "endsSoon": .bool(ending.contains { $0.id == calendar.id }),
                    ])
                }),
            "configuration": configuration.map { configurationJSON($0) } ?? .null,
        ])
    }

    private func json(_ state: ProviderState) -> JSONValue {
        let health = state.health
        return .members([
            "provider": .string(health.provider.description), "breaker": .string(state.breaker.name),
            "until": .instant(state.breaker.until), "lastSuccessAt": .instant(health.lastSuccessAt),
            "failingSince": .instant(health.failingSince), "lastError": .optional(health.lastError),
            "requests": .integer(counts.requests[health.provider] ?? 0), "nextAskAt": .instant(state.nextAskAt),
            "budget": state.account.map { budgetJSON($0) } ?? .null,
        ])
    }

    func text(_ reader: Reader, at now: Timestamp) -> String {
        func watched(_ kind: ThingKind) -> String {
            "\(counts.watched[kind] ?? 0) (\(reader.say("завершено", "finished")) \(counts.finished[kind] ?? 0))"
        }
        var rows = [
            [reader.say("заказы", "orders"), watched(.order)], [reader.say("товары", "items"), watched(.item)],
            [reader.say("посылки", "parcels"), watched(.parcel)],
            [reader.say("трек-номера", "track numbers"), "\(counts.trackNumbers)"],
        ]
        if let absentUnit {
            rows.insert(
                [
                    "parceld",
                    reader.say("не запущен, никто не следит", "does not run, nobody watches")
                        + ": systemctl start \(absentUnit), " + reader.say("затем", "then")
                        + " journalctl -u \(absentUnit) -n 20",
                ], at: 0)
        }
        let order = followed.sorted { rank($0) < rank($1) }
        for count in order { rows.append(["", "\(count.count) \(stageWords(count, reader))"]) }
        for state in providers {
            let asked = counts.requests[state.health.provider] ?? 0
            let words = breakerWords(state, reader) + "; " + reader.requests(asked)
            rows.append([reader.name(state.health.provider), words])
            for line in advice(state, reader) { rows.append(["", line]) }
        }
        rows += calendarRows(reader)
        rows += fileRows(reader)
        if let configuration { rows += configurationRows(configuration, reader) }
        rows.append([reader.say("открыто", "open"), "\(open.count)"])
        for alert in open.prefix(10) { rows.append(["", line(alert, reader, at: now)]) }
        if counts.waitingRows + counts.waitingMessages > 0 {
            rows.append([
                reader.say("ждут отправки", "waiting to be told"), "\(counts.waitingRows + counts.waitingMessages)",
            ])
        }
        return table(rows)
    }

    private func fileRows(_ reader: Reader) -> [[String]] {
        let log = reader.say(", журнал ", ", log ") + reader.bytes(sizes.log)
        var rows = [[reader.say("база", "database"), reader.bytes(sizes.database) + log]]
        if sizes.isLogLarge {
            let who = readers.isEmpty ? "" : " (" + readers.map(String.init).joined(separator: ", ") + ")"
            rows.append([
                "",
                reader.say(
                    "Журнал растёт: программа\(who) держит транзакцию чтения. Завершите её, и он сократится сам.",
                    "The log grows: a program\(who) keeps a reading transaction open. End it, and the log shrinks by itself."
                ),
            ])
        }
        return rows
    }

    private func calendarRows(_ reader: Reader) -> [[String]] {
        let known = calendars.compactMap { calendar in
            calendar.coverageEnd.map { reader.calendar(calendar.id) + reader.say(" до ", " until ") + reader.date($0) }
        }
        guard !known.isEmpty else { return [] }
        var rows = [[reader.say("календари", "calendars"), known.joined(separator: ", ")]]
        for (id, _) in ending {
            let name = reader.calendar(id)
            rows.append([
                "",
                reader.say(
                    "\(name): скоро кончается, дальше считаем пн–пт: parcelctl calendar import",
                    "\(name): ends soon, then Mon–Fri are counted: parcelctl calendar import"),
            ])
        }
        return rows
    }

    private func rank(_ count: FollowedCount) -> Int {
        count.isFinished ? .max : count.stage.map { $0.rank(of: .parcel) } ?? -2
    }

    private func stageWords(_ count: FollowedCount, _ reader: Reader) -> String {
        if count.isFinished { return reader.say("завершено, изредка проверяем", "finished, looked at now and then") }
        return count.stage.map { reader.word($0) } ?? reader.say("ещё ничего не известно", "not heard of yet")
    }

    private func breakerWords(_ state: ProviderState, _ reader: Reader) -> String {
        let health = state.health
        let reason = health.lastError.map { ": " + harmless($0) } ?? ""
        let since = health.failingSince.map { reader.say(" с ", " since ") + reader.time($0) } ?? ""
        let next = state.breaker.until.map { reader.say("; снова ", "; tried next on ") + reader.time($0) } ?? ""
        switch state.breaker {
        case .unused: return reader.say("ещё не спрашивали", "not asked yet")
        case .closed:
            let last = health.lastSuccessAt.map { reader.time($0) } ?? ""
            return reader.say("отвечает, последний раз \(last)", "answers, last on \(last)")
        case .open: return reader.say("не отвечает", "fails") + since + reason + next
        case .probing: return reader.say("пробуем снова; не отвечает", "being tried; fails") + since + reason
        case .loginRefused:
            return reader.say("вход не принят", "login refused") + since + reason + next
        case .spent(let until):
            let end = until.map { reader.say(" до ", " until ") + reader.time($0) } ?? ""
            return reader.say("запросы на сегодня кончились, ждём", "the day's requests are spent, waiting") + end
        }
    }

    private func advice(_ state: ProviderState, _ reader: Reader) -> [String] {
        var lines = state.account.map { verdict($0, reader) } ?? []
        if case .loginRefused = state.breaker {
            let name = state.health.provider.description
            lines.insert(
                reader.say(
                    "Положите верный секрет в его файл, затем: parcelctl provider resume \(name)",
                    "Put the right secret into its file, then: parcelctl provider resume \(name)"), at: 0)
        } else if state.health.failingSince != nil {
            let name = state.health.provider.description
            lines.append(reader.say("Что он отвечает: ", "What it answers: ") + "parcelctl provider test \(name)")
        }
        return lines
    }
}
