// Which milestone and condition a provider's code means: a table for each vocabulary, in Milestones/*.txt.
//
// A line is a code and what it means: a milestone, LEG_TRANSIT or DELIVERED_BY_LEG (which one follows from where it
// happened), `!` and a condition, or KEEP for what is known to change nothing. `InTransit*` stands for every code that
// begins so and has no line of its own. `CN:`, `return:` and the like before a code bind it to a circumstance. `*D ~`
// says that a code with D behind it takes back the event without. `#` begins a remark.

package import ParcelCore

package struct MilestoneMap: Sendable {
    package struct Mistake: Error, Sendable, Equatable {
        package let line: Int
        package let reason: String
    }

    private var exact: [String: CodeMeaning] = [:]
    /// The longest first.
    private var prefixes: [(prefix: String, meaning: CodeMeaning)] = []
    private var cancelling: String?

    package init() {}

    package init(_ text: String) throws(Mistake) {
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let words = line.prefix { $0 != "#" }.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard let code = words.first else { continue }
            let said =
                words.count > 1 ? words[1].filter { $0 != "\r" }.split(separator: " ").joined(separator: " ") : ""
            if code.first == "*", said == "~" {
                cancelling = String(code.dropFirst())
                continue
            }
            guard !said.isEmpty, let meaning = CodeMeaning(text: said) else {
                throw Mistake(line: number, reason: "\"\(said)\" is no milestone or condition")
            }
            try add(String(code), meaning, line: number)
        }
    }

    package mutating func add(_ code: String, _ meaning: CodeMeaning, line: Int) throws(Mistake) {
        if code.hasSuffix("*") {
            prefixes.append((String(code.dropLast()), meaning))
            prefixes.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
        } else if exact.updateValue(meaning, forKey: code) != nil {
            throw Mistake(line: line, reason: "\(code) stands twice")
        }
    }

    /// - Parameter circumstance: `CN` for what happened in China, `return` for a parcel on its way back; the code's
    ///   plain line counts where there is none for it.
    package func meaning(of code: String, when circumstance: String? = nil) -> CodeMeaning {
        if let circumstance, let bound = exact["\(circumstance):\(code)"] { return bound }
        if let found = exact[code] { return found }
        if let cancelling, code.hasSuffix(cancelling), exact[String(code.dropLast(cancelling.count))] != nil {
            return CodeMeaning(cancels: String(code.dropLast(cancelling.count)))
        }
        return prefixes.first { code.hasPrefix($0.prefix) }?.meaning ?? .unmapped
    }

    /// The vocabularies that parceld knows, by the names of their files.
    package static let known: [String: MilestoneMap] = {
        let files: [(String, [UInt8])] = [
            ("17track.sub_status", PackageResources.seventeentrack_sub_status_txt),
            ("aftership.subtag", PackageResources.aftership_subtag_txt),
            ("cainiao.actionCode", PackageResources.cainiao_actionCode_txt),
            ("cdek.code", PackageResources.cdek_code_txt),
            ("easypost.status", PackageResources.easypost_status_txt),
            ("karrio.status", PackageResources.karrio_status_txt),
            ("kuaidi100.statusCode", PackageResources.kuaidi100_statusCode_txt),
            ("olts.ulsc", PackageResources.olts_ulsc_txt),
            ("russianpost.operation", PackageResources.russianpost_operation_txt),
            ("ship24.statusCode", PackageResources.ship24_statusCode_txt),
            ("trackingmore.substatus", PackageResources.trackingmore_substatus_txt),
            ("upu.emsevt", PackageResources.upu_emsevt_txt),
        ]
        var maps: [String: MilestoneMap] = [:]
        for (name, bytes) in files { maps[name] = try? MilestoneMap(String(decoding: bytes, as: UTF8.self)) }
        return maps
    }()

    /// An unknown name gives an empty map; a test reads every file.
    package static func named(_ name: String) -> MilestoneMap { known[name] ?? MilestoneMap() }
}
