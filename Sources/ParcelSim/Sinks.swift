// Where messages arrive: Telegram's Bot API and a webhook that takes anything. What they accept is recorded with the
// simulated time; a message that was recorded although its answer got lost comes again under the same key.

import Foundation

struct Sinks {
    let world: World
    private var player: FaultPlayer { FaultPlayer(world: world) }

    /// - Parameter parts: The path: `telegram`, `bot<TOKEN>`, the method.
    func telegram(_ parts: [String], _ request: SimRequest) -> SimReply {
        guard parts.count == 3, parts[1] == "bot" + world.scenario.telegramToken else {
            return telegramFailure(401, "Unauthorized")
        }
        let fields = fields(of: request)
        let text = fields["text"] ?? ""
        let fault = world.ask("telegram", parts[2], about: [fields["chat_id"] ?? ""])
        switch fault?.kind {
        case nil, .lostAnswer: break
        case .auth: return telegramFailure(401, "Unauthorized")
        case .status: return telegramFailure(fault?.code ?? 500, nil, retryAfter: fault?.retryAfter)
        default: return fault.map { player.reply([], spoiltBy: $0) } ?? telegramFailure(500, nil)
        }
        guard parts[2] == "sendMessage" else { return telegramFailure(404, "Not Found") }
        guard request.method == "POST" else { return telegramFailure(404, "Not Found") }
        if fields["chat_id"]?.isEmpty ?? true { return telegramFailure(400, "Bad Request: chat_id is empty") }
        if text.isEmpty { return telegramFailure(400, "Bad Request: message text is empty") }
        if text.utf16.count > 4096 { return telegramFailure(400, "Bad Request: message is too long") }
        let number = record("telegram", text, request)
        if fault != nil { return SimReply(body: [], behaviour: .close) }
        let answer: JSON = [
            "ok": true,
            "result": [
                "message_id": .integer(number), "date": .integer(Int(world.now / 1000)),
                "chat": ["id": .text(fields["chat_id"] ?? "")], "text": .text(text),
            ],
        ]
        return player.json(answer.bytes)
    }

    func webhook(_ request: SimRequest) -> SimReply {
        let fault = world.ask("webhook", "post", about: [])
        if let fault, fault.kind != .lostAnswer {
            return fault.kind == .auth
                ? player.json(JSON.object([]).bytes, status: 401) : player.reply([], spoiltBy: fault)
        }
        guard request.method == "POST" else { return player.json([], status: 404) }
        _ = record("webhook", String(decoding: request.body, as: UTF8.self), request)
        return fault == nil ? player.json(JSON.nothing.bytes) : SimReply(body: [], behaviour: .close)
    }

    private func record(_ channel: String, _ text: String, _ request: SimRequest) -> Int {
        world.receive(
            Received(
                ms: world.now, channel: channel, key: request.headers["idempotency-key"] ?? "", text: text,
                headers: request.headers))
    }

    private func telegramFailure(_ code: Int, _ text: String?, retryAfter: String? = nil) -> SimReply {
        let texts = [
            400: "Bad Request", 403: "Forbidden: bot was blocked by the user",
            429: "Too Many Requests: retry after \(retryAfter ?? "5")", 500: "Internal Server Error",
        ]
        var answer: JSON = [
            "ok": false, "error_code": .integer(code), "description": .text(text ?? texts[code] ?? "Error"),
        ]
        if code == 429 { answer = answer.with("parameters", ["retry_after": .number(retryAfter ?? "5")]) }
        return player.json(answer.bytes, status: code)
    }

    /// JSON or a form.
    private func fields(of request: SimRequest) -> [String: String] {
        guard request.headers["content-type"]?.hasPrefix("application/json") == true else {
            return form(request.body)
        }
        let tree = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any] ?? [:]
        return tree.compactMapValues { $0 as? String ?? ($0 as? Int).map { String($0) } }
    }
}

/// `a=1&b=%20` as fields; of a name that stands twice the last counts.
func form(_ bytes: [UInt8]) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in bytes.split(separator: UInt8(ascii: "&")) {
        let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        fields[unescaped(parts[0])] = parts.count > 1 ? unescaped(parts[1]) : ""
    }
    return fields
}

private func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    var out: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
        let byte = bytes[index]
        if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
            let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
        {
            out.append(value)
            index += 3
        } else {
            out.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            index += 1
        }
    }
    return String(decoding: out, as: UTF8.self)
}
