// What the tests of the providers share: fixtures, settings, and a player that feeds a conversation with answers.
// Fixtures are the vendors' shapes as their documentation and clients show them; a person's data in them begins with
// "PERSONAL-", and JSON-RPC answers carry the id 1 that our requests have.

import Foundation
import ParcelCore
import ParcelProviders
import Testing

enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/" + name, withExtension: nil), "\(name)")
        return Array(try Data(contentsOf: url))
    }

    static func json(_ name: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(try bytes(name)))
    }

    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/ParcelProviders")
}

/// Every secret of `provider(_:)` contains this, so that a leak of any is found.
let secretMark = "SECRET"
let personalMark = "PERSONAL"

/// 2021-11-25T07:08:09Z
let now = Timestamp(seconds: 1_637_824_089)

/// What it needs it gets by its schema; a value stands here only where a test looks for that value.
func provider(_ id: String, _ more: [String: SettingValue] = [:]) throws -> any Provider {
    let particular: [String: [String: SettingValue]] = [
        "otcommerce": [
            "instance_key": .secret(Secret("SECRET-KEY")), "password": .secret(Secret("SECRET&password")),
            "secret": .secret(Secret("SECRET-signing")),
        ],
        "russianpost": ["password": .secret(Secret("SECRET&<post>"))],
        "kuaidi100": ["customer": .text("CUSTOMER0")],
        "cdek": ["client_id": .text("account"), "client_secret": .secret(Secret("SECRET&cdek"))],
        "generic": genericOne,
    ]
    let kind = try #require((providerKinds + [exampleKind]).first { $0.id.description == id })
    let settings = needed(by: kind.schema).merging(particular[id] ?? [:]) { $1 }
    return try #require(kind.make(SettingValues(settings.merging(more) { $1 })))
}

/// `SECRET-litemf` for each secret that is required, `operator` for each text.
private func needed(by schema: SettingSchema) -> [String: SettingValue] {
    let values = schema.keys.filter(\.isRequired).map { key in
        (key.name, key.kind == .secret ? SettingValue.secret(Secret("SECRET-\(schema.name)")) : .text("operator"))
    }
    return Dictionary(uniqueKeysWithValues: values)
}

struct Played {
    var result: Result<Report, PollError>
    var requests: [HTTPRequest] = []

    /// Of those requests that change something at the provider, what each spends.
    var writes: [String: Int] = [:]

    var methods: [String] { requests.map(method) }

    func report(_ location: SourceLocation = #_sourceLocation) throws -> Report {
        if case .failure(let error) = result { Issue.record("\(error)", sourceLocation: location) }
        return try result.get()
    }

    var error: PollError? { if case .failure(let error) = result { error } else { nil } }
}

/// What the provider is asked: the last part of the URL, or the method of the JSON-RPC body.
func method(_ request: HTTPRequest) -> String {
    let body = request.body.flatMap { try? JSONSerialization.jsonObject(with: Data($0)) } as? [String: Any]
    let path = request.url.prefix { $0 != "?" }
    return body?["method"] as? String ?? path.split(separator: "/").last.map(String.init) ?? ""
}

func parameters(_ request: HTTPRequest) -> [String: Any] {
    let body = request.body.flatMap { try? JSONSerialization.jsonObject(with: Data($0)) } as? [String: Any]
    return body?["params"] as? [String: Any] ?? [:]
}

/// The form of a request, decoded.
func form(_ request: HTTPRequest) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in String(decoding: request.body ?? [], as: UTF8.self).split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        fields[String(parts[0])] = parts.count == 2 ? String(parts[1]).removingPercentEncoding : nil
    }
    return fields
}

func ok(_ body: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(body.utf8)) }

func ok(json: Any) throws -> HTTPResponse {
    HTTPResponse(
        status: 200, body: Array(try JSONSerialization.data(withJSONObject: json, options: [.fragmentsAllowed])))
}

func fixture(_ name: String, status: Int = 200, headers: [HTTPField] = []) throws -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: try Fixture.bytes(name))
}

/// Plays one ask to its end. It may take 300 requests; more is a conversation that never ends.
func play(
    _ provider: any Provider, _ ask: Ask, session: String? = "session-0", at: Timestamp = now,
    answering: (HTTPRequest, Int) throws -> HTTPResponse
) throws -> Played {
    try play(
        provider.converse(ask, Opening(now: at, session: session.map { Secret($0) })), answering: answering)
}

func play(
    _ conversation: any Conversation, answering: (HTTPRequest, Int) throws -> HTTPResponse
) throws -> Played {
    var conversation = conversation
    var played = Played(result: .failure(.refused(reason: "endless")))
    var answer: HTTPResponse?
    while played.requests.count <= 300 {
        do throws(PollError) {
            switch try conversation.next(answer) {
            case .done(let report):
                played.result = .success(report)
                return played
            case .send(let request): played.requests.append(request)
            case .write(let request, let spends):
                played.requests.append(request)
                played.writes[method(request), default: 0] += spends
            }
        } catch {
            played.result = .failure(error)
            return played
        }
        answer = try answering(played.requests[played.requests.count - 1], played.requests.count - 1)
    }
    Issue.record("the conversation does not end")
    return played
}

/// Plays one ask with an answer for each method; several for one method are given in turn, the last of them for ever.
func play(
    _ provider: any Provider, _ ask: Ask, session: String? = "session-0", at: Timestamp = now,
    _ answers: [String: [HTTPResponse]]
) throws -> Played {
    var given: [String: Int] = [:]
    return try play(provider, ask, session: session, at: at) { request, _ in
        let name = method(request)
        let script = try #require(answers[name], "no answer to \(name)")
        let turn = given[name, default: 0]
        given[name] = turn + 1
        return script[min(turn, script.count - 1)]
    }
}

extension Report {
    /// Everything of it, so that two of them can be compared; the session is a secret and left out.
    var whole: String {
        String(reflecting: (snapshots.map(\.sorted), notFound, rejected, complete, past))
    }

    func snapshot(_ kind: ThingKind, _ key: String) throws -> Snapshot {
        try #require(snapshots.first { $0.id == ExternalID(kind, key) }, "no \(kind) \(key)")
    }
}

extension Snapshot {
    /// A dictionary prints in any order.
    fileprivate var sorted: String {
        var bare = self
        bare.facts = [:]
        return String(reflecting: bare) + facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined()
    }
}
