// How 17TRACK's rows read: a number's status, its events at each carrier, and when 17TRACK itself last looked.
//
// Only what is named here is read: addresses but for their country, references and people are not.
//
// Times: an event has `time_utc`, but where `time_raw.timezone` is null its offset is 17TRACK's guess, one for the whole
// parcel and often the destination's. Such a time is taken as a wall clock without a zone, unless it happened in China
// and the guess is China's only zone.
//
// Carriers come origin first, their events the newest first. The last carrier that has events has the parcel: the next
// movement will be seen there, so it is its `latest_sync_time` that confirms, and its failure that confirms nothing.

import ParcelCore

struct SeventeenTrackRow {
    let number: TrackNumber
    let row: JSONNode
    let codes: MilestoneMap
    let now: Timestamp

    func snapshot() throws(JSONMismatch) -> Snapshot {
        guard let info = try row.object("track_info") else {
            return .notFoundYet(number, code: "", text: "")
        }
        let status = try info.object("latest_status")
        let code = clipped(try status?.text("sub_status", or: "status") ?? "", 100)
        if code.isEmpty, let status { throw JSONMismatch(node: status, missing: "sub_status") }
        let text = clipped(try status?.text("sub_status_descr") ?? "", 500)
        let isEarly = code.hasPrefix("NotFound") || code.hasPrefix("InfoReceived")
        // Before there is anything to tell, the members that would tell it may be left out.
        let tracking = isEarly && info["tracking"] == nil ? nil : try info.object("tracking")
        let legs = try self.legs(tracking)
        let meaning = try meaning(of: code, country: country(of: info["latest_event"]))
        var snapshot = Snapshot(
            number: number, code: code, text: text, summary: meaning,
            checkpoints: tracking == nil ? nil : merged(legs.map(\.checkpoints)))
        if code.hasPrefix("NotFound"), meaning == .notFoundYet, legs.allSatisfy(\.checkpoints.isEmpty) {
            snapshot = .notFoundYet(number, code: code, text: text)
        }
        if let leg = legs.last(where: { !$0.checkpoints.isEmpty }) {
            snapshot.refreshedAt = leg.syncedAt
            snapshot.confirms = !leg.hasFailed
        } else {
            snapshot.refreshedAt = legs.compactMap(\.syncedAt).max()
        }
        snapshot.numbers = try lastMile(info["misc_info"])
        return snapshot
    }

    /// A null status says nothing.
    private func meaning(of code: String, country: String?) -> CodeMeaning {
        code.isEmpty ? .remark : codes.meaning(of: code, when: country == "CN" ? "CN" : nil)
    }

    /// The number that the carrier of the destination gave it.
    private func lastMile(_ misc: JSONNode?) throws(JSONMismatch) -> [RoledNumber] {
        guard let misc, !misc.isNull else { return [] }
        try misc.requireObject()
        return trackNumbers(try misc.text("local_number"), as: .lastMile).filter { $0.number != number }
    }

    private struct Leg {
        var checkpoints: [Checkpoint] = []
        var syncedAt: Timestamp?
        var hasFailed = false
    }

    private func legs(_ tracking: JSONNode?) throws(JSONMismatch) -> [Leg] {
        guard let tracking, let providers = try tracking.list("providers") else { return [] }
        var legs: [Leg] = []
        for provider in providers { legs.append(try leg(provider)) }
        return legs
    }

    private func leg(_ provider: JSONNode) throws(JSONMismatch) -> Leg {
        try provider.requireObject()
        var leg = Leg()
        let named = try provider.object("provider")
        let carrier = clipped(try named?.text("name", or: "key") ?? "", 100)
        if let events = try provider.list("events") {
            for event in events { leg.checkpoints.append(try checkpoint(event, carrier)) }
        }
        leg.hasFailed = provider["latest_sync_status"]?.isString("Failure") == true
        if case .instant(let instant, _) = givenTime(try provider.text("latest_sync_time")) {
            leg.syncedAt = min(instant, now)
        }
        // Newest first, unless the two ends show that this carrier's are not.
        if let first = leg.checkpoints.first?.time.instant, let last = leg.checkpoints.last?.time.instant, first < last
        {
            return leg
        }
        leg.checkpoints.reverse()
        return leg
    }

    private func checkpoint(_ event: JSONNode, _ carrier: String) throws(JSONMismatch) -> Checkpoint {
        try event.requireObject()
        let country = try country(of: event)
        let status = try event.text("sub_status")
        let stage = status == nil ? try event.text("stage") : nil
        let code = clipped(status ?? stage ?? "", 100)
        let meant = stage.flatMap { Self.stages[$0] } ?? code
        return Checkpoint(
            time: try time(of: event, country: country), code: code,
            text: clipped(try event.text("description") ?? "", 500),
            place: clipped(try event.text("location") ?? "", 500), country: country, carrier: carrier,
            meaning: code.isEmpty ? nil : meaning(of: meant, country: country))
    }

    /// A stage's name where it is not the beginning of the sub-status.
    private static let stages = [
        "PickedUp": "InTransit_PickedUp", "Departure": "InTransit_Departure", "Arrival": "InTransit_Arrival",
        "Returned": "Exception_Returned", "Returning": "Exception_Returning",
    ]

    /// Two capital letters, or nothing.
    private func country(of event: JSONNode?) throws(JSONMismatch) -> String? {
        guard let event, !event.isNull else { return nil }
        try event.requireObject()
        guard let address = event["address"], !address.isNull else { return nil }
        try address.requireObject()
        let country = try address.text("country")
        return country?.utf8.count == 2 && country?.utf8.allSatisfy { (65...90).contains($0) } == true ? country : nil
    }

    private func time(of event: JSONNode, country: String?) throws(JSONMismatch) -> GivenTime {
        let iso = try event.text("time_iso")
        let raw = event["time_raw"].flatMap { $0.isNull ? nil : $0 }
        guard raw == nil || raw?.kind == .object || raw?.kind == .string else { throw JSONMismatch(node: raw ?? event) }
        let zone = raw?["timezone"]
        let isChina = country == "CN" && iso?.utf8.suffix(6).elementsEqual("+08:00".utf8) == true
        if let raw, zone?.isNull == true, !isChina {
            let clock = try wallClock(raw, zone: "")
            if clock.text != nil { return clock }
        }
        if let utc = try event.text("time_utc") {
            let given = givenTime(utc)
            // Shown as the carrier's own clock shows it.
            if case .instant(let instant, _) = given, let iso { return .instant(instant, text: clipped(iso, 64)) }
            return given
        }
        if let iso { return givenTime(iso) }
        guard let raw else { return .none }
        return raw.kind == .string ? givenTime(raw.string) : try wallClock(raw, zone: raw.text("timezone") ?? "")
    }

    private func wallClock(_ raw: JSONNode, zone: String) throws(JSONMismatch) -> GivenTime {
        guard let day = try raw.text("date") else { return .none }
        return givenTime(day: day, clock: (try raw.text("time")).map { $0 + zone } ?? "")
    }

    /// Oldest first. Where a time is not an instant only each carrier's own order is known: leg after leg then.
    private func merged(_ legs: [[Checkpoint]]) -> [Checkpoint] {
        let all = legs.count == 1 ? legs[0] : Array(legs.joined())
        let instants = all.compactMap(\.time.instant)
        guard instants.count == all.count, !zip(instants, instants.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            return all
        }
        let order = all.indices.sorted { (instants[$0], $0) < (instants[$1], $1) }
        return order.map { all[$0] }
    }
}

extension GivenTime {
    fileprivate var instant: Timestamp? { if case .instant(let instant, _) = self { instant } else { nil } }
}
