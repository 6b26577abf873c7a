// Which milestone and condition a provider's code means: a table for each vocabulary, in Milestones/*.txt.
//
// A line is a code and what it means: a milestone, LEG_TRANSIT or DELIVERED_BY_LEG (which one follows from where it
// happened), `!` and a condition, or KEEP for what is known to change nothing. `InTransit*` stands for every code that
// begins so and has no line of its own, `SC_*_FAILURE` for those that also end so; of several the longest counts.
// `CN:`, `return:` and the like before a code bind it to a circumstance. `*D ~` says that a code with D behind it takes
// back the event without. `#` begins a remark.

package import ParcelCore

package struct MilestoneMap: Sendable {
    package struct Mistake: Error, Sendable, Equatable {
        package let line: Int
        package let reason: String
    }

    private struct Pattern: Sendable {
        let prefix: String
        let suffix: String
        let meaning: CodeMeaning

        var length: Int { prefix.utf8.count + suffix.utf8.count }

        func matches(_ code: String) -> Bool {
            code.utf8.count >= length && code.hasPrefix(prefix) && code.hasSuffix(suffix)
        }
    }

    private var exact: [String: CodeMeaning] = [:]
    /// The lines that are bound to a circumstance, once more by that and the code behind it.
    private var bound: [String: [String: CodeMeaning]] = [:]
    /// The longest first.
    private var patterns: [Pattern] = []
    private var hasBoundPatterns = false
    private var cancelling: String?

    package init() {}

    package init(_ text: String) throws(Mistake) {
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let code = words.first else { continue }
            let said = words.dropFirst().joined(separator: " ")
            if code.first == "*", said == "~" {
                guard cancelling == nil, code.count > 1 else {
                    throw Mistake(line: number, reason: "one line says what takes back, and with which letters")
                }
                cancelling = String(code.dropFirst())
                continue
            }
            guard let meaning = MilestoneMap.meaning(said) else {
                throw Mistake(line: number, reason: "\"\(said)\" is no milestone or condition")
            }
            try add(String(code), meaning, line: number)
        }
    }

    /// Stricter than what is stored: a table says one step and one condition at most, and never "unknown".
    private static func meaning(_ said: String) -> CodeMeaning? {
        let words = said.split(separator: " ")
        let conditions = words.count { $0.first == "!" }
        guard !words.isEmpty, conditions <= 1, words.count - conditions <= 1,
            words.allSatisfy({ $0.first != "~" && $0.first != "?" })
        else { return nil }
        return CodeMeaning(text: said)
    }

    package mutating func add(_ code: String, _ meaning: CodeMeaning, line: Int) throws(Mistake) {
        let twice = Mistake(line: line, reason: "\(code) stands twice")
        let parts = code.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1:
            if exact.updateValue(meaning, forKey: code) != nil { throw twice }
            if let colon = code.firstIndex(of: ":") {
                bound[String(code[..<colon]), default: [:]][String(code[code.index(after: colon)...])] = meaning
            }
        case 2:
            if patterns.contains(where: { $0.prefix == parts[0] && $0.suffix == parts[1] }) { throw twice }
            patterns.append(Pattern(prefix: parts[0], suffix: parts[1], meaning: meaning))
            patterns.sort { $0.length > $1.length }
            hasBoundPatterns = hasBoundPatterns || parts[0].contains(":")
        default: throw Mistake(line: line, reason: "\(code) has more than one *")
        }
    }

    /// - Parameter circumstance: `CN` for what happened in China, `return` for a parcel on its way back; the code's
    ///   plain line counts where there is none for it.
    package func meaning(of code: String, when circumstance: String? = nil) -> CodeMeaning {
        if let circumstance, let found = bound[circumstance]?[code] { return found }
        if let found = exact[code] { return found }
        if let cancelling, code.hasSuffix(cancelling), exact[String(code.dropLast(cancelling.count))] != nil {
            return CodeMeaning(cancels: String(code.dropLast(cancelling.count)))
        }
        if let circumstance, hasBoundPatterns,
            let found = patterns.first(where: { $0.matches("\(circumstance):\(code)") })
        {
            return found.meaning
        }
        return patterns.first { $0.matches(code) }?.meaning ?? .unmapped
    }

    /// Another one where a code means something else.
    var signature: Int64 {
        var print = Fingerprint()
        for (code, meaning) in exact.sorted(by: { $0.key < $1.key }) { print.add("\(code) \(meaning.text)") }
        for line in patterns.map({ "\($0.prefix)*\($0.suffix) \($0.meaning.text)" }).sorted() { print.add(line) }
        print.add(cancelling ?? "")
        return print.value
    }

    /// The vocabularies that parceld knows, by the names of their files.
    package static let known = files.compactMapValues { try? MilestoneMap(String(decoding: $0, as: UTF8.self)) }

    /// Their names; nothing is read for them.
    package static var names: [String] { files.keys.sorted() }

    private static var files: [String: [UInt8]] {
        [
            "17track.sub_status": PackageResources.seventeentrack_sub_status_txt,
            "aftership.subtag": PackageResources.aftership_subtag_txt,
            "cainiao.actionCode": PackageResources.cainiao_actionCode_txt,
            "cdek.code": PackageResources.cdek_code_txt,
            "easypost.status": PackageResources.easypost_status_txt,
            "karrio.status": PackageResources.karrio_status_txt,
            "kuaidi100.statusCode": PackageResources.kuaidi100_statusCode_txt,
            "olts.ulsc": PackageResources.olts_ulsc_txt,
            "russianpost.operation": PackageResources.russianpost_operation_txt,
            "ship24.statusCode": PackageResources.ship24_statusCode_txt,
            "trackingmore.substatus": PackageResources.trackingmore_substatus_txt,
            "upu.emsevt": PackageResources.upu_emsevt_txt,
        ]
    }

    /// An unknown name gives an empty map; a test reads every file.
    package static func named(_ name: String) -> MilestoneMap { known[name] ?? MilestoneMap() }
}
