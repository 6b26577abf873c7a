// Cainiao's answers: an entry for each number, its events, and the forms in which it refuses.

import ParcelCore

enum CainiaoAnswer: Decodable {
    case entries([Row<CainiaoEntry>])
    case failed(code: String, message: String)
    /// The JSON form of the block page.
    case challenge
    /// Neither `success` nor `module`: it is not the service that answers.
    case foreign

    private enum Keys: String, CodingKey { case success, module, errorCode, errorMsg, rgv587_flag }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        if container.contains(.rgv587_flag) {
            self = .challenge
        } else if !container.contains(.success), !container.contains(.module) {
            self = .foreign
        } else if try container.decodeIfPresent(Flag.self, forKey: .success)?.isSet == false {
            self = .failed(
                code: try container.decodeIfPresent(Loose.self, forKey: .errorCode)?.text ?? "",
                message: try container.decodeIfPresent(Loose.self, forKey: .errorMsg)?.text ?? "")
        } else {
            self = .entries(try container.decode([Row<CainiaoEntry>].self, forKey: .module))
        }
    }

    /// A web page, or nothing at all, which some clients saw instead.
    static func isPage(_ body: [UInt8]) -> Bool {
        guard let first = body.first(where: { $0 > 32 }) else { return true }
        return first == UInt8(ascii: "<")
    }
}

struct CainiaoProbe: Decodable { var mailNo: Name }

/// The carriers' phones and addresses are not read.
struct CainiaoEntry: WireRow {
    struct Group: Decodable { var nodeCode: Loose? }

    struct Happening: Decodable {
        var time: Number?
        var timeStr: Loose?
        var timeZone: Loose?
        var desc: Loose?
        var standerdDesc: Loose?
        var actionCode: Loose?
        var group: Group?
    }

    var mailNo: Name
    var status: Loose?
    var statusDesc: Loose?
    var copyRealMailNo: Loose?
    /// Nil also where it is empty: then it says nothing about what it said before.
    var detailList: [Happening]?

    private enum Keys: String, CodingKey { case mailNo, status, statusDesc, copyRealMailNo, detailList }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        mailNo = try container.decode(Name.self, forKey: .mailNo)
        status = try container.decodeIfPresent(Loose.self, forKey: .status)
        statusDesc = try container.decodeIfPresent(Loose.self, forKey: .statusDesc)
        copyRealMailNo = try container.decodeIfPresent(Loose.self, forKey: .copyRealMailNo)
        let rows = try container.decodeIfPresent([Happening].self, forKey: .detailList) ?? []
        if let index = rows.firstIndex(where: \.isEmpty) {
            throw emptyRow(container.codingPath + [Keys.detailList, AnyKey(intValue: index)])
        }
        detailList = rows.isEmpty ? nil : rows
    }

    static func id(of probe: CainiaoProbe) -> String? { probe.mailNo.text }

    private static let map = MilestoneMap.named("cainiao.actionCode")

    /// A number that is wrong and one that is not known yet look the same: both are "not yet".
    func snapshot(of number: TrackNumber) -> Snapshot {
        if status?.filled == nil, detailList == nil { return .notFoundYet(number, code: "", text: "") }
        // Nobody has a list of its statuses, and they mix two vocabularies: shown, and nothing is read from them.
        var snapshot = Snapshot(
            number: number, code: clipped(status?.text ?? "", 100), text: clipped(statusDesc?.text ?? "", 500),
            summary: .remark, checkpoints: detailList.map { checkpoints($0.reversed()) })
        // Without its events it could have moved unseen.
        snapshot.confirms = detailList != nil
        let others = trackNumbers(copyRealMailNo?.text).filter { $0.number != number }
        snapshot.numbers = others.map {
            RoledNumber($0.role == .international ? .international : .lastMile, $0.number)
        }
        return snapshot
    }

    /// - Parameter rows: The oldest first.
    private func checkpoints(_ rows: some Sequence<Happening>) -> [Checkpoint] {
        var hasLeftChina = false
        return rows.map { row in
            let code = clipped(row.actionCode?.filled ?? row.group?.nodeCode?.text ?? "", 100)
            var meaning = code.isEmpty ? nil : Self.map.meaning(of: code)
            // Signed for before it left China: by the warehouse there, not by the buyer.
            if code == "SIGNED", !hasLeftChina { meaning = CodeMeaning(.at(.handedToForwarder)) }
            if case .at(let milestone)? = meaning?.step, milestone >= .departedOrigin { hasLeftChina = true }
            return Checkpoint(
                time: row.given, code: code, text: clipped(row.desc?.filled ?? row.standerdDesc?.text ?? "", 500),
                place: "", meaning: meaning)
        }
    }
}

extension CainiaoEntry.Happening {
    /// Without words, time and code it is no event.
    fileprivate var isEmpty: Bool {
        [time?.text, timeStr?.text, desc?.text, standerdDesc?.text, actionCode?.text].allSatisfy { $0?.isEmpty ?? true }
    }

    /// `time` is an instant; the wall clock beside it is kept as the text. Without it the clock counts, in the zone that
    /// is written, else in the provider's.
    fileprivate var given: GivenTime {
        let clock = timeStr?.text ?? ""
        let zone = timeZone?.text ?? ""
        let written = clipped([clock, zone].filter { !$0.isEmpty }.joined(separator: " "), 64)
        guard let text = time?.text, !text.isEmpty, text != "0" else {
            guard !clock.isEmpty, let offset = offset(zone) else { return givenTime(clock) }
            return givenTime(clock + offset)
        }
        // From year 1 to year 9999; anything else is no time.
        guard let milliseconds = Int64(text), (-62_135_596_800_000...253_402_300_799_999).contains(milliseconds) else {
            return .unreadable(text: clipped(text, 64))
        }
        return .instant(Timestamp(milliseconds: milliseconds), text: written.isEmpty ? text : written)
    }

    /// `+08:00` of `GMT+8` or `GMT+08:00`; nil for what is not of that form.
    private func offset(_ zone: String) -> String? {
        guard zone.hasPrefix("GMT"), let sign = zone.dropFirst(3).first, sign == "+" || sign == "-" else { return nil }
        let parts = zone.dropFirst(4).split(separator: ":", omittingEmptySubsequences: false)
        guard let hours = parts.first.flatMap({ Int($0) }), (0...14).contains(hours), parts.count <= 2 else {
            return nil
        }
        return "\(sign)\(padded(hours, 2)):\(parts.count == 2 ? String(parts[1]) : "00")"
    }
}
