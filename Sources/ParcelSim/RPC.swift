// JSON-RPC as LiteMF and Shiptor speak it: what a request says, whatever its types.

import Foundation

struct RPCRequest {
    /// As it has to come back: a number or a text.
    let id: JSON
    let method: String
    private let parameters: [String: Any]
    /// Nil where the body is no JSON object.
    init?(_ body: [UInt8]) {
        guard let tree = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] else { return nil }
        switch tree["id"] {
        case let text as String: id = .text(text)
        case let number as Int: id = .integer(number)
        default: id = .null
        }
        method = tree["method"] as? String ?? ""
        parameters = tree["params"] as? [String: Any] ?? [:]
        hasParameters = tree["params"] != nil
    }

    let hasParameters: Bool
    var isWhole: Bool { id != .null && id != "" && !method.isEmpty && hasParameters }

    func parameters(in name: String? = nil) -> Parameters {
        guard let name else { return Parameters(parameters) }
        return Parameters(parameters[name] as? [String: Any] ?? [:])
    }
}

struct Parameters {
    private let values: [String: Any]

    init(_ values: [String: Any]) { self.values = values }

    func has(_ name: String) -> Bool { values[name] != nil && !(values[name] is NSNull) }
    func number(_ name: String) -> Int? { values[name] as? Int ?? (values[name] as? String).flatMap(Int.init) }
    func text(_ name: String) -> String? { values[name] as? String ?? (values[name] as? Int).map { String($0) } }
    func flag(_ name: String) -> Bool? { values[name] as? Bool }

    /// One number or a list of them.
    func numbers(_ name: String) -> [Int] { values[name] as? [Int] ?? number(name).map { [$0] } ?? [] }
    func texts(_ name: String) -> [String] { values[name] as? [String] ?? [] }
}
