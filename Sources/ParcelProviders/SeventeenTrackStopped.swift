// Numbers that 17TRACK stopped following, as it does after some 30 days without news: it still answers, with the same
// old news. They are suspected when the carrier was last looked at three days ago or earlier, though 17TRACK looks twice
// a day; the list of stopped numbers, asked for the suspects only, says whether it is so.
//
// `retrack` is free and allowed once for a number, only while it is stopped. Nothing is stored about it: 17TRACK itself
// refuses the second time (-18019905). That is remembered in the session, so that no request is spent on it again, and
// such a number is reported as stopped from then on.

import ParcelCore

extension SeventeenTrackConversation {
    /// Unfinished numbers whose news is older than 17TRACK leaves it while it follows them.
    mutating func suspects() -> [Asked] {
        var found: [Asked] = []
        for one in asked {
            guard case .seen(let snapshot)? = outcomes[one.number], let looked = snapshot.refreshedAt,
                looked < opening.now - .days(3), snapshot.status.summary?.step != .delivered,
                snapshot.status.summary?.condition?.isTerminal != true
            else { continue }
            if spent.contains(one.number.description) {
                stop(one)
            } else {
                found.append(one)
            }
        }
        return found
    }

    mutating func stop(_ one: Asked) {
        if !report.stopped.contains(one.id) { report.stopped.append(one.id) }
    }

    mutating func readStopped(_ data: JSONNode, _ suspects: [Asked]) throws(PollError) -> Turn {
        guard let rows = data["accepted"] else { throw .malformed(field: "data.accepted") }
        var stopped: [Asked] = []
        for row in rows.elements {
            guard let number = number(of: row), suspects.contains(where: { $0.number == number }),
                row["tracking_status"].map({ $0.isNull || $0.isString("Stopped") }) ?? true
            else { continue }
            // Its records are kept by number and carrier.
            stopped.append(Asked(number: number, carrier: row["carrier"]?.integer))
        }
        guard !stopped.isEmpty else { return advance() }
        step = .retrack(stopped)
        return .write(
            provider.request("retrack", .array(stopped.prefix(SeventeenTrack.batchSize).map(\.body))), spends: 0)
    }

    mutating func readRetracked(_ data: JSONNode, _ stopped: [Asked]) throws(PollError) {
        let (accepted, rejected) = try rows(data)
        var followed = Set(accepted.compactMap(number))
        for row in rejected {
            guard let number = number(of: row) else { continue }
            switch failure(of: row).code {
            // Only what is stopped can be retracked: it is followed after all.
            case -18_019_904: followed.insert(number)
            case -18_019_905: spent.insert(number.description)
            default: break
            }
        }
        report.session = spent.isEmpty ? nil : Secret(spent.sorted().joined(separator: ","))
        for one in stopped where !followed.contains(one.number) { stop(one) }
    }
}
