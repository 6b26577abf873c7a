// How an endpoint of the user's is asked and how its answers read: settings that have been understood.

import ParcelCore

/// Where something that happened says what, when and where.
struct HappeningPointers: Sendable, Hashable {
    var status: JSONPointer?
    var text: JSONPointer?
    var time: JSONPointer?
    var place: JSONPointer?
    var country: JSONPointer?
}

struct GenericRecipe: Sendable {
    enum Mode: Sendable, Hashable {
        case list, one
        case batch(Int)
    }

    struct Header: Sendable, Hashable {
        var name: String
        var value: Template
    }

    struct Answer: Sendable, Hashable {
        var list: JSONPointer?
        var next: JSONPointer?
        var success: JSONPointer?
        var successIs: Set<String> = ["true", "1", "ok", "success"]
        var notFoundIs: Set<String> = []
        var error: JSONPointer?
    }

    var mode: Mode
    var method: HTTPRequest.Method
    var address: String
    var url: Template
    var headers: [Header] = []
    var body: Template?
    var secrets: [String: Secret] = [:]
    var separator = ","
    var firstPage = 1
    var answer = Answer()
    var id: JSONPointer?
    var number: JSONPointer?
    var events: JSONPointer?
    var row = HappeningPointers()
    var event = HappeningPointers()
    var time = TimeFormat.iso8601
    var vocabulary = MilestoneMap()
    /// The user's own lines, which go before the vocabulary's.
    var ownStatuses = MilestoneMap()

    var placeholders: Set<Template.Placeholder> {
        [url, body].compactMap(\.self).reduce(into: Set(headers.flatMap(\.value.placeholders))) {
            $0.formUnion($1.placeholders)
        }
    }

    func meaning(of code: String, in country: String?) -> CodeMeaning {
        let own = ownStatuses.meaning(of: code, when: country)
        return own.isKnown ? own : vocabulary.meaning(of: code, when: country)
    }

    /// Everything that must not be shown, also as an address or a form holds it.
    var hidden: [Secret] {
        secrets.values.flatMap { [$0, Secret(percentEncoded($0.revealed))] }
            // What is part of another must not spoil it.
            .sorted { $0.revealed.utf8.count > $1.revealed.utf8.count }
    }
}
