// One conversation with 17TRACK about up to 40 numbers: asked for first, and only what it says it does not know is
// registered. So a number is never registered twice: after a crash between the call and the commit, the next
// conversation finds it registered. What was registered is not asked for again here: it is simply not found yet.
//
// Only the first answer can fail the conversation. What goes wrong later is told of the numbers concerned, and what the
// first answer said is kept; but a 429 is always obeyed.

import ParcelCore

struct SeventeenTrackConversation: Conversation {
    struct Asked {
        let number: TrackNumber
        let carrier: Int64?

        var id: ExternalID { ExternalID(.trackNumber, number.description) }

        var body: JSONValue {
            guard let carrier else { return .members(["number": .string(number.description)]) }
            return .members(["number": .string(number.description), "carrier": .integer(carrier)])
        }
    }

    enum Outcome {
        case seen(Snapshot)
        case rejected(String)
        case unregistered

        var isHistory: Bool {
            if case .seen(let snapshot) = self { snapshot.checkpoints?.isEmpty == false } else { false }
        }
    }

    enum Step {
        case info, quota
        case register([Asked])
        case list([Asked])
        case retrack([Asked])
    }

    let provider: SeventeenTrack
    let opening: Opening
    let asked: [Asked]
    var step = Step.info
    var outcomes: [TrackNumber: Outcome] = [:]
    var report = Report()
    /// How many numbers may still be registered; nil while not known.
    private var writesLeft: Int?
    private var hasAskedQuota = false
    private var hasAskedList = false
    /// Numbers whose one retrack was used.
    var spent: Set<String>

    init(provider: SeventeenTrack, batch: [Ask], opening: Opening) {
        self.provider = provider
        self.opening = opening
        var seen: Set<TrackNumber> = []
        asked = batch.compactMap { ask in
            let parts = ask.key.split(separator: "/", maxSplits: 1)
            guard let number = TrackNumber(String(parts.first ?? "")), seen.insert(number).inserted else { return nil }
            return Asked(number: number, carrier: parts.count > 1 ? Int64(parts[1]) : nil)
        }
        writesLeft = opening.writesLeft
        spent = Set((opening.session?.revealed ?? "").split(separator: ",").map(String.init))
    }

    mutating func next(_ answer: HTTPResponse?) throws(PollError) -> Turn {
        guard let answer else {
            return asked.isEmpty ? .done(report) : .send(provider.request("gettrackinfo", .array(asked.map(\.body))))
        }
        if case .info = step {
            try readInfo(try provider.data(of: answer, now: opening.now))
            return advance()
        }
        do throws(PollError) {
            let data = try provider.data(of: answer, now: opening.now)
            switch step {
            case .info: break
            case .quota: setWritesLeft(try quota(data))
            case .register(let numbers): try readRegistered(data, numbers)
            case .list(let suspects): return try readStopped(data, suspects)
            case .retrack(let stopped): try readRetracked(data, stopped)
            }
        } catch {
            if case .rateLimited = error { throw error }
            recover(from: error)
        }
        return advance()
    }

    /// The next thing to ask for, or the end.
    mutating func advance() -> Turn {
        let unregistered = asked.filter { if case .unregistered? = outcomes[$0.number] { true } else { false } }
        if !unregistered.isEmpty {
            // Also where too few were left: the account may have been filled up since, which counts from the next
            // conversation on.
            if !hasAskedQuota, (writesLeft ?? 0) < unregistered.count {
                hasAskedQuota = true
                step = .quota
                return .send(provider.request("getquota", .array([])))
            }
            let allowed = min(writesLeft ?? 0, opening.writesLeft ?? .max)
            let count = min(unregistered.count, max(0, allowed), SeventeenTrack.batchSize)
            for other in unregistered.dropFirst(count) {
                outcomes[other.number] = .rejected("no registration left (getquota)")
            }
            if count > 0 {
                let numbers = Array(unregistered.prefix(count))
                step = .register(numbers)
                return .write(provider.request("register", .array(numbers.map(\.body))), spends: count)
            }
        }
        let suspects = hasAskedList ? [] : suspects()
        if !suspects.isEmpty {
            hasAskedList = true
            step = .list(suspects)
            let numbers = suspects.map(\.number.description).joined(separator: ",")
            return .send(
                provider.request(
                    "gettracklist",
                    .members([
                        "number": .string(numbers), "tracking_status": .string("Stopped"), "page_no": .integer(1),
                    ])))
        }
        return .done(whole())
    }

    /// In the order of asking.
    private mutating func whole() -> Report {
        for one in asked {
            switch outcomes.removeValue(forKey: one.number) {
            case .seen(let snapshot)?: report.snapshots.append(snapshot)
            case .rejected(let field)?: report.rejected.append(Rejected(id: one.id, field: field))
            case .unregistered?, nil: break
            }
        }
        return report
    }

    private mutating func recover(from error: PollError) {
        switch step {
        case .quota: fail(asked, "getquota: \(error.reason)")
        case .register(let numbers):
            if case .quotaSpent = error { setWritesLeft(0) } else { charge(numbers.count) }
            fail(numbers, "register: \(error.reason)")
        // They are stopped, and stay so.
        case .retrack(let numbers): for one in numbers { stop(one) }
        // Whether they are stopped is not known; that their news is old is told by its time.
        case .list, .info: break
        }
    }

    private mutating func fail(_ numbers: [Asked], _ field: String) {
        for one in numbers { if case .unregistered? = outcomes[one.number] { outcomes[one.number] = .rejected(field) } }
    }

    /// What nothing is known about counts as spent: it was sent.
    private mutating func charge(_ count: Int) { setWritesLeft(max(0, (writesLeft ?? 0) - count)) }

    private mutating func setWritesLeft(_ count: Int) {
        writesLeft = count
        report.writesLeft = count
    }
}

extension SeventeenTrackConversation {
    private mutating func readInfo(_ data: JSONNode) throws(PollError) {
        let (accepted, rejected) = try rows(data)
        let wanted = Set(asked.map(\.number))
        for row in accepted {
            guard let number = number(of: row) else {
                report.rejected.append(Rejected(id: nil, field: row.path() + ".number"))
                continue
            }
            guard wanted.contains(number), outcomes[number]?.isHistory != true else { continue }
            outcomes[number] = seen(row, number)
        }
        for row in rejected {
            guard let number = number(of: row), wanted.contains(number), outcomes[number] == nil else { continue }
            let (code, message) = failure(of: row)
            outcomes[number] =
                switch code {
                case -18_019_902: .unregistered
                case -18_019_909: .seen(.notFoundYet(number, code: "-18019909", text: provider.words(message)))
                default: refusal(of: number, code, message)
                }
        }
        // An answer without any row is one of the forms of "nothing known yet"; a row missing among others is not.
        let isBlank = accepted.isEmpty && rejected.isEmpty
        for one in asked where outcomes[one.number] == nil {
            outcomes[one.number] =
                isBlank ? .seen(.notFoundYet(one.number, code: "", text: "")) : .rejected("not in the answer")
        }
    }

    private func seen(_ row: JSONNode, _ number: TrackNumber) -> Outcome {
        do throws(JSONMismatch) {
            return .seen(
                try SeventeenTrackRow(number: number, row: row, codes: provider.codes, now: opening.now).snapshot())
        } catch {
            return .rejected(error.path(from: row))
        }
    }

    /// Several numbers of the batch may be registered; nothing is known of them yet.
    private mutating func readRegistered(_ data: JSONNode, _ numbers: [Asked]) throws(PollError) {
        let (accepted, rejected) = try rows(data)
        var charged = numbers.count
        var isSpent = false
        for row in accepted {
            guard let number = number(of: row), case .unregistered? = outcomes[number] else { continue }
            outcomes[number] = .seen(.notFoundYet(number, code: "", text: ""))
        }
        for row in rejected {
            guard let number = number(of: row), case .unregistered? = outcomes[number] else { continue }
            let (code, message) = failure(of: row)
            charged -= 1
            isSpent = isSpent || code == -18_019_907 || code == -18_019_908
            // Registered before: success, and not charged.
            outcomes[number] =
                code == -18_019_901
                ? .seen(.notFoundYet(number, code: "", text: "")) : refusal(of: number, code, message)
        }
        fail(numbers, "not in the answer of register")
        if isSpent { setWritesLeft(0) } else { charge(charged) }
    }

    private func quota(_ data: JSONNode) throws(PollError) -> Int {
        func count(_ name: String) throws(PollError) -> Int {
            guard let value = data[name]?.scalar.flatMap(Int.init) else { throw .malformed(field: "data.\(name)") }
            return value
        }
        var left = max(0, try count("quota_remain"))
        // 0 stands for no daily limit.
        if let most = data["max_track_daily"]?.scalar.flatMap(Int.init), most > 0 {
            left = min(left, max(0, most - (try count("today_used"))))
        }
        return left
    }

    private func refusal(of number: TrackNumber, _ code: Int64?, _ message: String) -> Outcome {
        // The one code by which 17TRACK says that no number looks like this.
        if code == -18_010_012 {
            let meaning = CodeMeaning(nil, .invalidNumber)
            return .seen(
                Snapshot(
                    number: number, code: "-18010012", text: provider.words(message), summary: meaning, checkpoints: nil
                ))
        }
        guard let code else { return .rejected("error.code") }
        let told = provider.told(code, message)
        return switch code {
        case -18_019_903, -18_019_910: .rejected("carrier: \(told)")
        case -18_010_022 ... -18_010_018: .rejected("number, more is needed for it: \(told)")
        default: .rejected("number: \(told)")
        }
    }
}

extension SeventeenTrackConversation {
    /// `accepted`, which must be there, and `rejected`, which may be left out where it is empty.
    func rows(_ data: JSONNode) throws(PollError) -> (accepted: [JSONNode], rejected: [JSONNode]) {
        guard let accepted = data["accepted"], accepted.isNull || accepted.kind == .array else {
            throw .malformed(field: "data.accepted")
        }
        let rejected = data["rejected"]
        guard rejected.map({ $0.isNull || $0.kind == .array }) ?? true else { throw .malformed(field: "data.rejected") }
        return (Array(accepted.elements), rejected.map { Array($0.elements) } ?? [])
    }

    func number(of row: JSONNode) -> TrackNumber? { row["number"]?.scalar.flatMap(TrackNumber.init) }

    func failure(of row: JSONNode) -> (code: Int64?, message: String) {
        let error = row["error"]
        return (
            error?["code"]?.scalar.flatMap(Int64.init),
            error?["message"]?.scalar ?? ""
        )
    }
}
