// 17TRACK, tracking API version 2.4: numbers are registered, which costs, and then asked for 40 a call, which does not.
// It looks at a registered number's carriers by itself every few hours and shows what it saw then. What is wrong with
// one number stands inside a success. Rows are made in SeventeenTrackRows.swift.

import Foundation

struct SeventeenTrackSim {
    let world: World
    private var settings: Scenario.Carriers.SeventeenTrack { world.scenario.carriers.seventeenTrack }

    func call(_ method: String, _ request: SimRequest) -> Call? {
        let known = ["register", "gettrackinfo", "gettracklist", "getquota", "retrack"]
        let writing = ["changecarrier", "changeinfo", "stoptrack", "deletetrack", "push", "getRealTimeTrackInfo"]
        guard request.method == "POST", known.contains(method) || writing.contains(method) else { return nil }
        if writing.contains(method) { world.violate("17track \(method)") }
        let isTooFast = world.isTooFast(.seventeenTrack, limit: settings.perSecond)
        let items = Item.list(request.body)
        let isTooBig = world.isTooBig(.seventeenTrack, items?.count ?? 0, limit: settings.batch)
        return Call(
            provider: "17track", method: method, things: items?.map(\.number) ?? [],
            answer: {
                if isTooFast {
                    var answer = Answer("", "") { .null }
                    answer.status = 429
                    answer.whole = { [] }
                    return answer
                }
                guard request.headers["17token"] == settings.key else { return unauthorised() }
                if isTooBig { return failure(-18_010_014, "The number of tracking numbers exceeds the limit.") }
                return answer(method, items, request)
            }, refusal: unauthorised,
            refusals: [.quota: { failure(-18_019_907, "The daily limit is exceeded.") }])
    }

    private func answer(_ method: String, _ items: [Item]?, _ request: SimRequest) -> Answer {
        switch method {
        case "getquota": return quota()
        case "gettracklist": return list(request)
        default: break
        }
        guard let items, !items.isEmpty else { return failure(-18_010_013, "The submitted data is invalid.") }
        switch method {
        case "register": return batch(items.map(register))
        case "retrack": return batch(items.map(retrack))
        case "gettrackinfo": return information(items)
        default: return failure(-18_010_005, "Not authorised.")
        }
    }

    private func unauthorised() -> Answer {
        var answer = failure(-18_010_002, "Invalid security key.")
        answer.status = 401
        return answer
    }

    private func failure(_ code: Int, _ message: String) -> Answer {
        Answer("", "") {
            [
                "code": .integer(code),
                "data": ["errors": [["code": .integer(code), "message": .text(message)]]],
            ]
        }
    }

    // MARK: Registering

    private func register(_ item: Item) -> Verdict {
        let known = world.things.number(item.number)
        let isPlain = item.number.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        guard isPlain, (5...50).contains(item.number.count), known?.isInvalid != true else {
            return .rejected(item, -18_010_012, "The format of data \(item.number) is invalid.")
        }
        guard registration(item.number) == nil else {
            return .rejected(item, -18_019_901, "Tracking number \(item.number) is already registered.")
        }
        guard item.carrier != nil || known?.isUndetectable != true else {
            return .rejected(item, -18_019_903, "Carrier cannot be detected.")
        }
        if world.isTooMuch(.seventeenTrack, of: "registrations", daily: settings.daily, zone: 0) {
            return .rejected(item, -18_019_907, "The daily limit is exceeded.")
        }
        let carrier = item.carrier ?? known?.carrier ?? 3011
        let isPaid = world.counting { ledger, now in
            guard ledger.registrations.count < settings.quota else { return false }
            ledger.registrations[item.number] = Ledger.Registration(at: now, carrier: carrier)
            return true
        }
        guard isPaid else {
            world.violate("17track: \(item.number) registered beyond the quota of \(settings.quota)")
            return .rejected(item, -18_019_908, "The quota is exhausted.")
        }
        return .accepted([
            "origin": item.carrier == nil ? 1 : 2, "number": .text(item.number), "tag": item.tag ?? .null,
            "carrier": .integer(carrier),
        ])
    }

    private func registration(_ number: String) -> Ledger.Registration? {
        if let made = world.counting({ ledger, _ in ledger.registrations[number] }) { return made }
        guard let known = world.things.number(number), known.isRegistered else { return nil }
        return Ledger.Registration(at: world.scenario.start.ms - 86_400_000, carrier: known.carrier)
    }

    private func retrack(_ item: Item) -> Verdict {
        guard var made = registration(item.number) else { return unregistered(item) }
        guard made.retracked == nil else {
            return .rejected(item, -18_019_905, "Each number can be retracked once only.")
        }
        guard isStopped(item.number, made, at: world.now) else {
            return .rejected(item, -18_019_904, "Only stopped numbers can be retracked.")
        }
        world.counting { ledger, now in
            made.retracked = now
            ledger.registrations[item.number] = made
        }
        return .accepted(["number": .text(item.number), "carrier": .integer(made.carrier)])
    }

    private func unregistered(_ item: Item) -> Verdict {
        .rejected(item, -18_019_902, "Tracking number \(item.number) is not registered yet. Register first.")
    }

    private func isStopped(_ number: String, _ made: Ledger.Registration, at now: Int64) -> Bool {
        guard let dead = world.things.number(number)?.dead?.ms else { return false }
        return made.at < dead && dead <= now && made.retracked == nil
    }

    // MARK: Looking

    private func information(_ items: [Item]) -> Answer {
        let now = world.now
        let verdicts = items.map { item -> Verdict in
            guard let made = registration(item.number) else { return unregistered(item) }
            guard let synced = synced(item.number, made, at: now) else {
                return .rejected(item, -18_019_909, "No tracking information at the moment.")
            }
            return .shown(item, made, synced)
        }
        let rows = SeventeenTrackRows(lag: settings.pace.lag, now: now)
        var answer = batch(verdicts, rows)
        // Alike but for their numbers: made once, for benchmarks.
        if verdicts.contains(where: { $0.isGenerated(world) }) { answer.whole = { bytes(verdicts, rows) } }
        return answer
    }

    private func bytes(_ verdicts: [Verdict], _ rows: SeventeenTrackRows) -> [UInt8] {
        var (accepted, rejected): ([[UInt8]], [[UInt8]]) = ([], [])
        // What comes before and after the number, for each instant of looking.
        var halves: [Int64: (before: [UInt8], after: [UInt8])] = [:]
        for verdict in verdicts {
            if case .shown(let item, let made, let synced) = verdict, verdict.isGenerated(world) {
                let known = halves[synced] ?? template(made, world.things.number(item.number), synced, rows)
                halves[synced] = known
                accepted.append(known.before + item.number.utf8 + known.after)
            } else if let row = verdict.accepted(rows, world) {
                accepted.append(row.bytes)
            } else if let row = verdict.rejected {
                rejected.append(row.bytes)
            }
        }
        let comma = [UInt8(ascii: ",")]
        return Array(#"{"code":0,"data":{"accepted":["#.utf8) + Array(accepted.joined(separator: comma))
            + Array(#"],"rejected":["#.utf8) + Array(rejected.joined(separator: comma)) + Array("]}}".utf8)
    }

    private func template(
        _ made: Ledger.Registration, _ known: Scenario.Number?, _ synced: Int64, _ rows: SeventeenTrackRows
    ) -> (before: [UInt8], after: [UInt8]) {
        let mark = "#NUMBER#"
        let bytes = world.answer("17track \(synced)") { rows.row(mark, made, known, synced).bytes }
        let halves = String(decoding: bytes, as: UTF8.self).components(separatedBy: mark)
        return (Array(halves[0].utf8), Array(halves[1].utf8))
    }

    /// When 17TRACK itself last looked at the number's carriers; nil: not yet.
    private func synced(_ number: String, _ made: Ledger.Registration, at now: Int64) -> Int64? {
        func last(_ from: Int64, _ to: Int64) -> Int64? {
            let first = from + settings.firstData
            return to < first ? nil : first + (to - first) / settings.syncEvery * settings.syncEvery
        }
        if let again = made.retracked, let synced = last(again, now) { return synced }
        let dead = world.things.number(number)?.dead?.ms ?? .max
        return last(made.at, made.at < dead ? min(now, dead) : now)
    }

    private func batch(_ verdicts: [Verdict], _ rows: SeventeenTrackRows? = nil) -> Answer {
        Answer("", "", rows: ["data", "accepted"]) {
            let rows = rows ?? SeventeenTrackRows(lag: 0, now: 0)
            return [
                "code": 0,
                "data": [
                    "accepted": .array(verdicts.compactMap { $0.accepted(rows, world) }),
                    "rejected": .array(verdicts.compactMap(\.rejected)),
                ],
            ]
        }
    }

    private func quota() -> Answer {
        let day = String(local(world.now, minutes: 0).prefix(10))
        let made = world.counting { ledger, _ in ledger.registrations.values.map(\.at) }
        let today = made.filter { local($0, minutes: 0).hasPrefix(day) }.count
        return Answer("", "") {
            [
                "code": 0,
                "data": [
                    "quota_total": .integer(settings.quota), "quota_used": .integer(made.count),
                    "quota_remain": .integer(max(0, settings.quota - made.count)), "today_used": .integer(today),
                    "max_track_daily": .integer(settings.daily ?? 0), "free_email_quota": 0,
                    "free_email_quotaused": 0,
                ],
            ]
        }
    }

    /// Registered numbers in pages of 40; of the filters those by number and by `tracking_status`.
    private func list(_ request: SimRequest) -> Answer {
        let filter = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any] ?? [:]
        let now = world.now
        let wanted = (filter["number"] as? String)?.split(separator: ",").map(String.init)
        let made = world.counting { ledger, _ in ledger.registrations }
        let numbers = Set(made.keys).union(world.things.numbers.filter(\.isRegistered).map(\.number)).sorted()
        let rows = SeventeenTrackRows(lag: settings.pace.lag, now: now)
        let found = numbers.compactMap { number -> JSON? in
            guard wanted?.contains(number) != false, let made = registration(number) else { return nil }
            let state = isStopped(number, made, at: now) ? "Stopped" : "Tracking"
            guard (filter["tracking_status"] as? String).map({ $0 == state }) != false else { return nil }
            let synced = synced(number, made, at: now)
            return rows.listed(number, made, world.things.number(number), synced, state)
        }
        let page = max(1, filter["page_no"] as? Int ?? 1)
        let pages = max(1, (found.count + 39) / 40)
        return Answer("", "", rows: ["data", "accepted"]) {
            [
                "page": [
                    "data_total": .integer(found.count), "page_total": .integer(pages), "page_no": .integer(page),
                    "page_size": 40,
                ], "code": 0, "data": ["accepted": .array(Array(found.dropFirst((page - 1) * 40).prefix(40)))],
            ]
        }
    }
}

extension SeventeenTrackSim {
    /// One number of a request.
    struct Item {
        var number: String
        var carrier: Int?
        var tag: JSON?

        /// Nil where the body is no list of such.
        static func list(_ body: [UInt8]) -> [Item]? {
            let tree = (try? JSONSerialization.jsonObject(with: Data(body))) as? [Any]
            return tree?.compactMap { row in
                guard let row = row as? [String: Any], let number = row["number"] as? String else { return nil }
                return Item(
                    number: number, carrier: row["carrier"] as? Int, tag: (row["tag"] as? String).map { .text($0) })
            }
        }
    }

    enum Verdict {
        case accepted(JSON)
        case shown(Item, Ledger.Registration, Int64)
        case rejected(Item, Int, String)

        func accepted(_ rows: SeventeenTrackRows, _ world: World) -> JSON? {
            switch self {
            case .accepted(let row): row
            case .shown(let item, let made, let synced):
                rows.row(item.number, made, world.things.number(item.number), synced)
            case .rejected: nil
            }
        }

        var rejected: JSON? {
            guard case .rejected(let item, let code, let message) = self else { return nil }
            let row: JSON = ["number": .text(item.number)]
            return row.with("tag", item.tag).with("error", ["code": .integer(code), "message": .text(message)])
        }

        func isGenerated(_ world: World) -> Bool {
            guard case .shown(let item, _, _) = self else { return false }
            return world.things.number(item.number)?.isGenerated == true
        }
    }
}
