// What CDEK answers about an order, and what its statuses mean. Sender, recipient, goods and money are not read at all.

import ParcelCore

/// An order, or the code of what stands against it, in either of the two forms that errors have.
enum CDEKOutcome {
    /// Stands for a refusal of the token that names no code.
    static let unauthorized = "unauthorized"
    static let tokenRefusals: Set = ["v2_token_expired", "v2_authorization_incorrect", unauthorized]

    case order(CDEKOrder)
    case trouble(code: String, message: String)

    /// A missing order is 400 or 404, a foreign one 400 or 403: the code counts, where the body has one.
    init(_ answer: HTTPResponse, now: Timestamp) throws(PollError) {
        if [400, 401, 403, 404].contains(answer.status) {
            if let wire = try? decode(Wire.self, from: answer.body), let trouble = wire.trouble {
                self = trouble
                return
            }
            if answer.status == 401, (try? decode(AnyMembers.self, from: answer.body)) != nil {
                self = .trouble(code: Self.unauthorized, message: "status 401")
                return
            }
        }
        try requireOK(answer, now: now)
        let wire = try decode(Wire.self, from: answer.body)
        if let order = wire.order {
            self = .order(order)
        } else if let trouble = wire.trouble {
            self = trouble
        } else {
            throw .malformed(field: "entity.cdek_number")
        }
    }

    /// Any JSON object; a web page is none.
    private struct AnyMembers: Decodable {
        init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: AnyKey.self) }
    }

    private struct Wire: Decodable {
        private enum Keys: String, CodingKey { case entity, requests, errors }
        private enum EntityKeys: String, CodingKey { case cdek_number }

        private struct Fault: Decodable {
            var code: Name
            var message: Loose?
        }

        private struct Request: Decodable { var errors: List<Fault>? }

        var order: CDEKOrder?
        var trouble: CDEKOutcome?

        /// An order counts whatever is said of requests to change it; so those are only read where there is none.
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            guard !container.allKeys.isEmpty else { throw ForeignAnswer() }
            let entity = try? container.nestedContainer(keyedBy: EntityKeys.self, forKey: .entity)
            if entity?.contains(.cdek_number) == true {
                order = try container.decode(CDEKOrder.self, forKey: .entity)
                return
            }
            let requests = try container.decodeIfPresent(List<Request>.self, forKey: .requests)?.elements ?? []
            let errors = try container.decodeIfPresent(List<Fault>.self, forKey: .errors)?.elements ?? []
            let first = (errors + requests.flatMap { $0.errors?.elements ?? [] }).first
            trouble = first.map { .trouble(code: $0.code.text, message: $0.message?.text ?? "") }
        }
    }
}

struct CDEKOrder: Decodable {
    struct Location: Decodable {
        var code: Loose?
        var city: Loose?
        var country_code: Loose?
    }

    struct Status: Decodable {
        var code: Name
        var name: Loose?
        var date_time: Loose
        var city: Loose?
        var city_code: Loose?
        var reason_code: Loose?
        var deleted: Flag?
    }

    private static let meanings = MilestoneMap.named("cdek.code")

    var cdek_number: Name
    var is_return: Flag?
    var from_location: Location?
    var to_location: Location?
    var statuses: List<Status>?

    func snapshot(of number: TrackNumber) throws(PollError) -> Snapshot {
        let rows = statuses?.elements ?? []
        for (index, row) in rows.enumerated() where row.date_time.filled == nil {
            throw .malformed(field: "entity.statuses[\(index)].date_time")
        }
        var place = Whereabouts(from: from_location, to: to_location)
        // A status that was revoked is told on, marked as deleted; left out, it is withdrawn.
        let standing = oldestFirst(rows.filter { $0.deleted?.isSet != true }, isNewestFirst: true) {
            givenTime($0.date_time.text)
        }
        let checkpoints = standing.map { row in
            let meaning = meaning(of: row)
            return Checkpoint(
                time: givenTime(row.date_time.text), code: row.code.text, text: text(of: row),
                place: clipped(row.city?.text ?? "", 500), country: place.country(of: row, meaning), meaning: meaning)
        }
        // An order has at least the status of its making: without any, the answer carries no history.
        var snapshot = Snapshot(
            number: number, code: "", text: "", summary: .remark, checkpoints: rows.isEmpty ? nil : checkpoints)
        snapshot.confirms = !rows.isEmpty
        return snapshot
    }

    private func meaning(of row: Status) -> CodeMeaning {
        let circumstance: String? =
            switch row.reason_code?.text {
            case "26": "lost"
            case "27": "unclaimed"
            default: is_return?.isSet == true ? "return" : nil
            }
        return Self.meanings.meaning(of: row.code.text, when: circumstance)
    }

    private func text(of row: Status) -> String {
        let name = row.name?.filled ?? row.code.text
        return clipped(row.reason_code?.filled.map { "\(name) (reason_code \($0))" } ?? name, 500)
    }
}

/// In which country a status was given. CDEK names cities only, and the countries of the order's two ends.
private struct Whereabouts {
    let from: CDEKOrder.Location?
    let to: CDEKOrder.Location?
    private var isBeforeBorder = true
    private var isAfterBorder = false

    init(from: CDEKOrder.Location?, to: CDEKOrder.Location?) {
        self.from = from
        self.to = to
    }

    /// Called for each status in turn, the oldest first.
    mutating func country(of row: CDEKOrder.Status, _ meaning: CodeMeaning) -> String? {
        let (origin, destination) = (countryCode(from?.country_code?.text), countryCode(to?.country_code?.text))
        if case .at(let milestone)? = meaning.step, milestone.leg == .crossBorder {
            isBeforeBorder = false
            isAfterBorder = milestone >= .importCustoms
        }
        if let to, isIn(to, row) { return destination }
        if let from, isIn(from, row) { return origin }
        if origin == destination || isAfterBorder { return destination }
        // On its way before any border it is still in the country of its sender; the milestones after that say more
        // than a city that nobody knows.
        let isEarly =
            switch meaning.step {
            case .transit?: true
            case .at(let milestone)?: milestone <= .originTransit
            case .delivered?, nil: false
            }
        return isBeforeBorder && isEarly ? origin : nil
    }

    private func isIn(_ location: CDEKOrder.Location, _ row: CDEKOrder.Status) -> Bool {
        if let code = row.city_code?.filled, let other = location.code?.filled { return code == other }
        guard let city = row.city?.filled else { return false }
        return city == location.city?.filled
    }
}
