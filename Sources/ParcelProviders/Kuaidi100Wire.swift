// Kuaidi100's answers: what they hold that is mirrored, and how their rows become checkpoints.

import ParcelCore

/// Either a list of companies, the best first, or an error object.
enum Kuaidi100Recognition: Decodable {
    case companies([String])
    case failed(code: String, message: String)

    private struct Guess: Decodable { var comCode: Name }

    private struct Failure: Decodable {
        var returnCode: Loose?
        var message: Loose?
    }

    init(from decoder: any Decoder) throws {
        if var rows = try? decoder.unkeyedContainer() {
            var names: [String] = []
            while !rows.isAtEnd { names.append(try rows.decode(Guess.self).comCode.text) }
            self = .companies(names)
            return
        }
        let failure = try Failure(from: decoder)
        guard let code = failure.returnCode?.filled else { throw ForeignAnswer() }
        self = .failed(code: code, message: failure.message?.text ?? "")
    }
}

/// Every scalar may be a text or a number. A courier's name and phone, which it can carry too, are not read.
struct Kuaidi100Answer: Decodable {
    struct Row: Decodable {
        var time: Loose?
        var ftime: Loose?
        var context: Loose?
        var status: Loose?
        var statusCode: Loose?
        var areaCode: Loose?
        var areaName: Loose?
        var location: Loose?
    }

    private enum Keys: String, CodingKey { case message, nu, status, state, returnCode, result, data }

    var message: Loose?
    var nu: Loose?
    var state: Loose?
    var data: [Row]?
    /// Some failures carry their code in `status`.
    var code: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        guard !Set(container.allKeys).isDisjoint(with: [.status, .returnCode, .result, .data]) else {
            throw ForeignAnswer()
        }
        message = try container.decodeIfPresent(Loose.self, forKey: .message)
        let returnCode = try container.decodeIfPresent(Loose.self, forKey: .returnCode)?.filled
        code = try returnCode ?? container.decodeIfPresent(Loose.self, forKey: .status)?.filled
        guard isSuccess else { return }
        nu = try container.decodeIfPresent(Loose.self, forKey: .nu)
        state = try container.decodeIfPresent(Loose.self, forKey: .state)
        data = try container.decodeIfPresent([Row].self, forKey: .data)
        if let index = data?.firstIndex(where: \.isEmpty) {
            throw emptyRow(container.codingPath + [Keys.data, AnyKey(intValue: index)])
        }
    }

    var isSuccess: Bool { code == "200" && message?.text.map { $0 == "ok" } ?? true }

    private static let map = MilestoneMap.named("kuaidi100.statusCode")

    /// - Parameter rows: As they came, the newest first. Equal times are common, so their order is kept.
    func snapshot(of number: TrackNumber, _ rows: [Row]) -> Snapshot {
        let code = state?.filled.map { clipped($0, 100) }
        var snapshot = Snapshot(
            number: number, code: code ?? "", text: clipped(rows.first?.status?.text ?? "", 500),
            summary: code.map { Self.map.meaning(of: $0) } ?? .remark, checkpoints: rows.reversed().map(\.checkpoint))
        snapshot.numbers = unique(rows.flatMap { $0.numbersOfOtherCouriers }).filter { $0.number != number }
        return snapshot
    }

    fileprivate static func meaning(of code: String) -> CodeMeaning? { code.isEmpty ? nil : map.meaning(of: code) }
}

extension Kuaidi100Answer.Row {
    /// Without words, time and code it is no event.
    fileprivate var isEmpty: Bool {
        [time?.text, ftime?.text, context?.text, statusCode?.text].allSatisfy { $0?.isEmpty ?? true }
    }

    fileprivate var checkpoint: Checkpoint {
        let code = clipped(statusCode?.text ?? "", 100)
        let letters = areaCode?.text.map { String($0.prefix(2)) } ?? ""
        let isCountry = letters.utf8.count == 2 && letters.utf8.allSatisfy { (65...90).contains($0) }
        return Checkpoint(
            time: givenTime(ftime?.filled ?? time?.text), code: code,
            text: withoutPhones(clipped(context?.text ?? "", 500)),
            place: clipped(location?.filled ?? areaName?.text ?? "", 500), country: isCountry ? letters : nil,
            meaning: Kuaidi100Answer.meaning(of: code))
    }

    /// Code 7 hands the parcel to another courier; where its text names that one's number, the number follows.
    fileprivate var numbersOfOtherCouriers: [RoledNumber] {
        guard statusCode?.text == "7", let text = context?.text else { return [] }
        let words = clipped(text, 500).split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.compactMap { word in
            guard let number = TrackNumber(String(word)),
                !Kuaidi100.companies(of: formats(of: number).map(\.format.id)).isEmpty
            else { return nil }
            return RoledNumber(.domestic, number)
        }
    }
}

/// Couriers' and recipients' phones stand in the texts of events; a person's phone is never mirrored. A Chinese mobile
/// has 11 digits from 13 on, a landline an area code from 0 on; longer runs of digits are track numbers.
func withoutPhones(_ text: String) -> String {
    // Hardly any text has so many digits.
    guard text.utf8.count(where: { (48...57).contains($0) }) >= 10 else { return text }
    var out = ""
    var run = ""
    for character in text {
        if character.isASCII, character.isNumber || (character == "-" && !run.isEmpty) {
            run.append(character)
        } else {
            out += isPhone(run, after: out.last) ? "***" : run
            run = ""
            out.append(character)
        }
    }
    return out + (isPhone(run, after: out.last) ? "***" : run)
}

/// - Parameter run: Digits and hyphens; `86` before them is the country's only after a plus or before a hyphen.
private func isPhone(_ run: String, after before: Character?) -> Bool {
    var digits = run.filter { $0 != "-" }
    if digits.hasPrefix("86"), before == "+" || run.hasPrefix("86-") { digits.removeFirst(2) }
    switch digits.utf8.count {
    case 11 where digits.hasPrefix("1"): return digits.dropFirst().first.map { ("3"..."9").contains($0) } ?? false
    case 10...12: return digits.hasPrefix("0")
    default: return false
    }
}
