// JSON-RPC as LiteMF and Shiptor speak it: one POST a call, errors inside status 200.

import FoundationEssentials
import ParcelCore

struct RPCError: Decodable, Equatable {
    var code: Int
    var message: String

    private enum CodingKeys: String, CodingKey { case code, message }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        code = Int(try container.decode(Loose.self, forKey: .code).text ?? "") ?? 0
        message = (try? container.decode(Loose.self, forKey: .message).text) ?? ""
    }
}

enum RPC {
    private struct ErrorEnvelope: Decodable {
        var id: Loose?
        var status: Loose?
        var message: Loose?
        var error: RPCError?
    }

    private struct ResultEnvelope<Value: Decodable>: Decodable { var result: Value }
    private struct FailedResult: Decodable {
        var status: String
        var message: Loose?
    }

    static func request(_ url: String, method: String, parameters: JSONValue, key: HTTPField, label: String)
        -> HTTPRequest
    {
        let body = JSONValue.members([
            "id": .integer(1), "jsonrpc": .string("2.0"), "method": .string(method), "params": parameters,
        ])
        return HTTPRequest(
            .post, url,
            headers: [HTTPField("Content-Type", "application/json"), HTTPField("Accept", "application/json"), key],
            body: Array(body.text.utf8), label: "\(label) \(method)")
    }

    /// The result, or what the error means. `error` is thrown for what the caller knows better.
    static func result<Value: Decodable>(
        _ type: Value.Type, from answer: HTTPResponse, now: Timestamp, meaning: (RPCError) -> PollError
    ) throws(PollError) -> Value {
        try requireOK(answer, now: now)
        let envelope = try decode(ErrorEnvelope.self, from: answer.body)
        if let error = envelope.error { throw meaning(error) }
        if let status = envelope.status?.text, status == "error" || status == "warning" {
            throw .refused(reason: envelope.message?.text ?? "status \(status)")
        }
        guard envelope.id?.text == "1" else { throw .malformed(field: "id") }
        // A failure may hide inside the result.
        if let failed = try? JSONDecoder().decode(ResultEnvelope<FailedResult>.self, from: Data(answer.body)),
            failed.result.status == "error"
        {
            throw .refused(reason: failed.result.message?.text ?? "error")
        }
        return try decode(ResultEnvelope<Value>.self, from: answer.body).result
    }
}
