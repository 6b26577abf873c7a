// Cainiao Global, the JSON behind its own tracking page: no key, ten numbers a request, and the last-mile number.
// No contract and no documentation: it is asked only where the configuration has its section, every number at most
// every 6 hours, and a block page silences it for hours. It is sent an honest User-Agent; no challenge is ever solved.
// Source: public clients and an answer recorded 2026-07, read 2026-11. The limit of a batch is what these clients use.

import ParcelCore

struct Cainiao: Provider {
    static let schema = SettingSchema(
        "cainiao",
        [
            SettingKey("url", .url, "address of the site; https://global.cainiao.com if left out"),
            SettingKey("zone", .zone, "zone of a time that names none; Asia/Shanghai if left out"),
        ] + SettingSchema.mannersKeys)

    static let batchSize = 10

    let id: ProviderID = "cainiao"
    let url: String
    let zoneName: String?
    let manners: Manners

    init(_ settings: SettingValues) {
        let address = settings.text("url") ?? "https://global.cainiao.com"
        url = address.hasSuffix("/") ? String(address.dropLast()) : address
        zoneName = settings.text("zone") ?? "Asia/Shanghai"
        manners = Manners(requestsPerSecond: 0.2, parallel: 1, minimumInterval: .hours(6)).adjusted(by: settings)
    }

    var lists: [AskPlan] { [] }
    func asks(about view: KnownView) -> [AskPlan] { [] }
    func ask(byID id: ExternalID) -> Ask? { nil }
    func batchSize(of kind: String) -> Int { Cainiao.batchSize }

    func ask(following followed: FollowedNumber) -> Ask? {
        let text = followed.number.description
        let own: Set = ["cainiao_lp", "cainiao_ru"]
        let ask = Ask("track", key: text)
        if let carrier = followed.carrier {
            return own.contains(carrier) || carrier == "cainiao_cn15" || carrier == "upu_s10" ? ask : nil
        }
        // Posts' numbers pass through it on their way out of China; what Russia sends it never sees.
        if followed.formats.contains("upu_s10") { return text.hasSuffix("RU") ? nil : ask }
        return !own.isDisjoint(with: followed.formats) || hasOwnForm(text) ? ask : nil
    }

    func converse(_ ask: Ask, _ opening: Opening) -> any Conversation { converse(batch: [ask], opening) }

    func converse(batch: [Ask], _ opening: Opening) -> any Conversation {
        CainiaoConversation(provider: self, keys: batch.map(\.key), now: opening.now)
    }

    /// `AE` and at least ten more; `CN`, at most two letters, at least eight digits, at most three letters.
    private func hasOwnForm(_ text: String) -> Bool {
        if text.hasPrefix("AE") { return text.utf8.count >= 12 }
        guard text.hasPrefix("CN") else { return false }
        let afterLetters = text.dropFirst(2).drop(while: \.isLetter)
        let tail = afterLetters.drop(while: \.isNumber)
        return text.utf8.count - afterLetters.utf8.count <= 4 && afterLetters.utf8.count - tail.utf8.count >= 8
            && tail.utf8.count <= 3 && tail.allSatisfy(\.isLetter)
    }
}

private struct CainiaoConversation: Conversation {
    let provider: Cainiao
    let numbers: [TrackNumber]
    let now: Timestamp

    init(provider: Cainiao, keys: [String], now: Timestamp) {
        self.provider = provider
        numbers = keys.compactMap { TrackNumber($0) }
        self.now = now
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else {
            let list = numbers.map(\.description).joined(separator: ",")
            return .send(
                HTTPRequest(
                    .get, "\(provider.url)/global/detail.json?mailNos=\(list)&lang=en-US&language=en-US",
                    headers: [HTTPField("Accept", "application/json")], label: "Cainiao detail"))
        }
        if let reason = block(in: answer) { throw .blocked(reason: reason) }
        try requireOK(answer, now: now)
        let decoded: CainiaoAnswer
        do throws(PollError) {
            decoded = try decode(CainiaoAnswer.self, from: answer.body)
        } catch .notData(let reason) where CainiaoAnswer.isPage(answer.body) {
            throw .blocked(reason: reason)
        }
        switch decoded {
        case .challenge: throw .blocked(reason: "it asks for a proof of being human")
        case .foreign: throw .blocked(reason: "JSON without an answer in it")
        case .failed(let code, let message):
            throw .unreachable(reason: told(message, code: code, hiding: []))
        case .entries(let rows): return .done(report(rows))
        }
    }

    /// The punish page comes with any status, or as a redirection to it.
    private func block(in answer: HTTPResponse) -> String? {
        let marks = ["x5secdata", "_____tmd_____", "punish"]
        if let place = answer["location"], marks.contains(where: { place.contains($0) }) {
            return "it redirects to its block page"
        }
        guard CainiaoAnswer.isPage(answer.body) else { return nil }
        let page = String(decoding: answer.body.prefix(100_000), as: UTF8.self)
        return marks.contains { page.contains($0) } ? "its block page instead of JSON" : nil
    }

    private func report(_ rows: [Row<CainiaoEntry>]) -> Report {
        var report = Report()
        let asked = Set(numbers)
        var told: Set<TrackNumber> = []
        var unreadable: String?
        for row in rows {
            if let entry = row.element {
                guard let number = TrackNumber(entry.mailNo.text), asked.contains(number) else { continue }
                if told.insert(number).inserted { report.snapshots.append(entry.snapshot(of: number)) }
            } else if let number = row.id.flatMap({ TrackNumber($0) }), asked.contains(number) {
                guard told.insert(number).inserted else { continue }
                report.rejected.append(
                    Rejected(id: ExternalID(.trackNumber, number.description), field: row.field))
            } else {
                unreadable = row.field
            }
        }
        for number in numbers where told.insert(number).inserted {
            // A row whose number cannot be read may be this one's, and then it is not unknown.
            if let unreadable {
                report.rejected.append(Rejected(id: ExternalID(.trackNumber, number.description), field: unreadable))
            } else {
                report.snapshots.append(.notFoundYet(number, code: "", text: ""))
            }
        }
        return report
    }
}
