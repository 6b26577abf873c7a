// A provider's answer before it is sent: an envelope made for each request around a body that only the scenario and
// its time decide, so that its bytes can be kept. A fault may still change the body's rows.

struct Answer {
    var prefix: String
    var suffix: String
    /// Nil where the body differs from one request to the next.
    var key: String?
    /// Where the rows of a list are in the body; nil where the body is about one thing.
    var rows: [String]?
    var body: () -> JSON
    var status = 200
    var type = jsonType
    /// The bytes as they go out, where they are no JSON or were made before; `body` is then only there for faults.
    var whole: (() -> [UInt8])?

    init(
        _ prefix: String, _ suffix: String, key: String? = nil, rows: [String]? = nil, body: @escaping () -> JSON
    ) {
        self.prefix = prefix
        self.suffix = suffix
        self.key = key
        self.rows = rows
        self.body = body
    }

    func bytes(_ world: World) -> [UInt8] {
        if let whole { return whole() }
        let inner = key.map { world.answer($0) { body().bytes } } ?? body().bytes
        return Array(prefix.utf8) + inner + Array(suffix.utf8)
    }

    func changingRows(_ change: @escaping ([JSON]) -> [JSON]) -> Answer {
        var answer = self
        answer.key = nil
        answer.whole = nil
        answer.body = { [body, rows] in
            guard let rows else { return change([body()]).first ?? .nothing }
            return body().changing(rows) { list in
                // The `{"Item": [...]}` form wraps the rows once more.
                if case .array(let elements) = list { return .array(change(elements)) }
                guard case .object(let members) = list, let wrapper = members.first else { return list }
                return list.with(wrapper.name, .array(change(wrapper.value.elements)))
            }
        }
        return answer
    }

    func changingBody(_ change: @escaping (JSON) -> JSON) -> Answer {
        var answer = self
        answer.key = nil
        answer.body = { [body] in change(body()) }
        return answer
    }
}

/// What a request was about, and how it is answered.
struct Call {
    var provider: String
    var method: String
    /// Ids of the things asked for; empty for a list.
    var things: [String] = []
    var answer: () -> Answer
    /// The documented refusal of the account, for the fault `auth`.
    var refusal: () -> Answer
    /// What the provider documents for a fault that not all of them know: `quota`, `block`, `token_expired`.
    var refusals: [Scenario.Fault.Kind: () -> Answer] = [:]
    /// The answer with wrong types in it, where that is not a list of known rows.
    var malformed: ((Answer) -> Answer)?
}

let jsonType = "application/json; charset=utf-8"
