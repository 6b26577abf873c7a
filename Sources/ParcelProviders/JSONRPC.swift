// JSON-RPC as LiteMF and Shiptor speak it: one POST a call, errors inside status 200.

import FoundationEssentials
import ParcelCore

enum RPC {
    enum Failure: Error {
        case poll(PollError)
        /// What the service answers instead of a result. `code` is nil where the failure hides inside a result.
        case answered(code: Int?, message: String)
    }

    private static let callID = 1

    static func request(_ url: String, method: String, parameters: JSONValue, key: HTTPField, label: String)
        -> HTTPRequest
    {
        let body = JSONValue.members([
            "id": .integer(callID), "jsonrpc": .string("2.0"), "method": .string(method), "params": parameters,
        ])
        return HTTPRequest(
            .post, url,
            headers: [HTTPField("Content-Type", "application/json"), HTTPField("Accept", "application/json"), key],
            body: Array(body.text.utf8), label: "\(label) \(method)")
    }

    static func result<Value: Decodable>(
        _ type: Value.Type, from answer: HTTPResponse, now: Timestamp
    ) throws(Failure) -> Value {
        let envelope: Envelope<Value>
        do throws(PollError) {
            try requireOK(answer, now: now)
            envelope = try decode(Envelope<Value>.self, from: answer.body)
        } catch {
            throw .poll(error)
        }
        switch envelope.outcome {
        case .failure(let code, let message): throw .answered(code: code, message: message)
        case .success(let id, let value):
            // An answer to another call says nothing about this one.
            guard id == String(callID) else { throw .poll(.malformed(field: "id")) }
            return value
        }
    }

    /// Read in one go, the error before the result.
    private struct Envelope<Value: Decodable>: Decodable {
        enum Outcome {
            case success(id: String?, Value)
            case failure(code: Int?, message: String)
        }

        private enum Keys: String, CodingKey { case jsonrpc, id, status, message, error, result }

        private struct CodedError: Decodable {
            var code: Whole
            var message: Loose?
        }

        private struct HiddenError: Decodable {
            var status: String
            var message: Loose?
        }

        let outcome: Outcome

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            if let error = try container.decodeIfPresent(CodedError.self, forKey: .error) {
                outcome = .failure(code: error.code.value, message: error.message?.text ?? "")
                return
            }
            let status = try container.decodeIfPresent(Loose.self, forKey: .status)?.text
            if let status, status == "error" || status == "warning" {
                let message = try container.decodeIfPresent(Loose.self, forKey: .message)?.text
                outcome = .failure(code: nil, message: message ?? "status \(status)")
                return
            }
            guard container.contains(.jsonrpc) || container.contains(.result) else { throw ForeignAnswer() }
            if let hidden = try? container.decode(HiddenError.self, forKey: .result), hidden.status == "error" {
                outcome = .failure(code: nil, message: hidden.message?.text ?? "error")
                return
            }
            let id = try container.decodeIfPresent(Loose.self, forKey: .id)?.text
            outcome = .success(id: id, try container.decode(Value.self, forKey: .result))
        }
    }
}
