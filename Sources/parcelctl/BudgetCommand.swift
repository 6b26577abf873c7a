import ArgumentParser
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

/// `parcelctl budget`: what each provider allows, what is spent of it, and whether it suffices.
///
/// Exit status: 0, or 1 where a budget is too small for what has to be asked.
struct BudgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Requests spent and left of each provider, and what is needed.",
        discussion: "Exit status: 0, or 1 if a budget is too small for what has to be asked.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let mirror = try common.open()
        let accounts = try mirror.accounts()
        if common.json {
            print(JSONValue.array(accounts.map(budgetJSON)).text)
        } else if accounts.isEmpty {
            print(
                mirror.reader.say(
                    "ещё неизвестно: parceld этой версии не запускался",
                    "not known yet: no parceld of this version has run"))
        } else {
            print(accounts.map { text($0, mirror.reader) }.joined(separator: "\n"))
        }
        if accounts.contains(where: { $0.forecast.missing != nil }) { throw ExitCode(1) }
    }

    private func text(_ account: Account, _ reader: Reader) -> String {
        let budget = account.budget
        var rows = [[reader.say("сегодня", "today"), spentWords(account, reader)]]
        if let end = account.dayEnd, budget.requestsPerDay != nil {
            let there = String(end.iso8601(in: account.zone).prefix(16).map { $0 == "T" ? " " : $0 })
            rows.append([
                reader.say("сброс", "reset"),
                "\(reader.time(end)) (\(there) \(reader.zoneWords(budget.dayZone)))",
            ])
        }
        var pace = reader.say(
            "не больше \(decimal(budget.requestsPerSecond)) в секунду, одновременно \(budget.parallel)",
            "at most \(decimal(budget.requestsPerSecond)) a second, \(budget.parallel) at one time")
        if budget.batchSize > 1 {
            pace += ", " + reader.say("номеров в запросе до ", "numbers in one: up to ") + "\(budget.batchSize)"
        }
        rows.append([reader.say("запросы", "requests"), pace])
        if let least = budget.minimumInterval {
            rows.append([
                reader.say("один номер", "one number"),
                reader.say("не чаще раза в ", "at most once in ") + reader.span(.milliseconds(least)),
            ])
        }
        if let left = account.writesLeft {
            rows.append([reader.say("регистраций осталось", "registrations left"), "\(left)"])
        }
        rows.append([reader.say("нужно в день", "needed a day"), needWords(account, reader)])
        return "\(reader.name(budget.provider))\n" + table(rows, indent: "  ")
    }

    private func spentWords(_ account: Account, _ reader: Reader) -> String {
        guard let left = account.left else {
            return reader.requests(account.spent) + reader.say("; дневного предела нет", "; no daily limit")
        }
        let word =
            account.isSpent ? reader.say(" (источник больше не отвечает сегодня)", " (it answers no more today)") : ""
        return reader.requests(account.spent) + reader.say("; осталось ", "; left: ") + "\(left)\(word)"
    }

    private func needWords(_ account: Account, _ reader: Reader) -> String {
        let forecast = account.forecast
        let numbers = account.demand.numbers
        // A list may take several requests.
        var words = account.demand.alone > 0 ? reader.say("не меньше ", "at least ") : ""
        words += reader.requests(forecast.wished)
        if numbers > 0 { words += reader.say(" на ", " for ") + reader.numbers(numbers) }
        if forecast.least < forecast.wished {
            words += reader.say(", самое меньшее ", ", at the least ") + "\(forecast.least)"
        }
        return words + verdict(account, reader).map { ". " + $0 }.joined()
    }
}

/// What a budget's forecast means, in a plain sentence; nothing where all is well.
func verdict(_ account: Account, _ reader: Reader) -> [String] {
    guard let limit = account.budget.requestsPerDay else { return [] }
    switch account.forecast.verdict {
    case .enough: return []
    case .stretched(let missing):
        return [
            reader.say(
                "Разрешено \(limit): спрашиваем реже, чем хотелось бы (не хватает \(missing)).",
                "\(limit) are allowed: it is asked less often than wished (\(missing) are missing).")
        ]
    case .short(let missing):
        return [
            reader.say(
                "Разрешено только \(limit): не хватает \(missing) в день даже на самые редкие проверки.",
                "Only \(limit) are allowed: \(missing) a day are missing even for the rarest checks.")
        ]
    }
}

private func decimal(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e9 ? "\(Int(number))" : "\(number)"
}

/// One provider's budget with what is spent and wished of it.
struct Account {
    var budget: Budget
    var zone: Zone
    var spent: Int
    var isSpent: Bool
    var dayEnd: Timestamp?
    var writesLeft: Int?
    var demand: Demand
    var forecast: Forecast

    /// Nil where no daily limit is known.
    var left: Int? { budget.requestsPerDay.map { isSpent ? 0 : max(0, $0 - spent) } }
}

extension Mirror {
    func accounts() throws -> [Account] {
        let budgets = try store.budgets() ?? []
        guard !budgets.isEmpty else { return [] }
        let (demands, health) = (try store.demands(at: now), try store.health())
        return try budgets.map { budget in
            let zone = (try? readZone(budget.dayZone, in: config?.zoneinfo ?? zoneinfo)) ?? .utc
            let day = zone.date(of: now)
            let own = health.first { $0.provider == budget.provider }
            let demand = demands[budget.provider] ?? Demand()
            return Account(
                budget: budget, zone: zone, spent: try store.spent(budget.provider, day: day.ordinal).requests,
                isSpent: own?.isSpent == true && own?.probeAt.map { $0 > now } ?? false,
                dayEnd: zone.firstInstant(of: day.adding(days: 1)), writesLeft: own?.writesLeft, demand: demand,
                forecast: forecast(demand, within: budget))
        }
    }
}

func budgetJSON(_ account: Account) -> JSONValue {
    let (budget, forecast) = (account.budget, account.forecast)
    func optional(_ number: Int?) -> JSONValue { number.map { .integer($0) } ?? .null }
    return .members([
        "provider": .string(budget.provider.description), "spent": .integer(account.spent),
        "left": optional(account.left), "requestsPerDay": optional(budget.requestsPerDay),
        "dayZone": .string(budget.dayZone), "resetAt": .instant(account.dayEnd),
        "requestsPerSecond": .string(decimal(budget.requestsPerSecond)), "parallel": .integer(budget.parallel),
        "minimumIntervalSeconds": budget.minimumInterval.map { .integer($0 / 1000) } ?? .null,
        "batchSize": .integer(budget.batchSize), "registrationsLeft": optional(account.writesLeft),
        "numbers": .integer(account.demand.numbers), "wishedPerDay": .integer(forecast.wished),
        "leastPerDay": .integer(forecast.least), "missingPerDay": optional(forecast.missing ?? 0),
        "enough": .bool(forecast.missing == nil),
    ])
}
