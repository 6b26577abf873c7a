// Where messages arrive beside Telegram: a webhook that takes anything. What it accepts is recorded with the simulated
// time; a message that was recorded although its answer got lost comes again under the same key.

import Foundation

struct Sinks {
    let world: World
    private var player: FaultPlayer { FaultPlayer(world: world) }

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
