// The simulated providers and the sinks for messages, behind one HTTP server on loopback. Faults are played here.

import Foundation

package final class Simulator: Sendable {
    package let world: World
    private let server: LoopbackServer
    private let clock: ClockServer

    package var clockAddress: String { "127.0.0.1:\(clock.port)" }
    package var addresses: [String: String] {
        let base = "http://127.0.0.1:\(server.port)"
        return [
            "http": base, "clock": clockAddress, "otcommerce": base + "/otcommerce/service-json",
            "litemf": base + "/litemf/v2/rpc", "shiptor": base + "/shiptor/shipping/v1",
            "telegram": base + "/telegram", "webhook": base + "/webhook",
        ]
    }

    package init(_ scenario: Scenario, port: UInt16 = 0) throws {
        let world = World(scenario)
        self.world = world
        clock = try ClockServer(world)
        server = try LoopbackServer(port: port) { respond(to: $0, world) }
    }

    package func stop() {
        server.stop()
        clock.stop()
    }
}

private func respond(to request: SimRequest, _ world: World) -> SimReply {
    if let latency = world.scenario.latencyMilliseconds { usleep(UInt32(latency) * 1000) }
    let parts = request.path.split(separator: "/").map(String.init)
    switch parts.first {
    case "otcommerce":
        let method = parts.last ?? ""
        return play("otcommerce", method, world) { OTCommerceSim(world: world).answer(method, form(request.body)) }
    case "litemf", "shiptor":
        let provider = parts[0]
        let call = (try? JSONSerialization.jsonObject(with: request.body)) as? [String: Any] ?? [:]
        let method = call["method"] as? String ?? ""
        let parameters = call["params"] as? [String: Any] ?? [:]
        return play(provider, method, world) {
            var answer =
                provider == "litemf"
                ? LiteMFSim(world: world).answer(method, parameters, key: request.headers["x-auth-api-key"])
                : ShiptorSim(world: world).answer(method, parameters, token: request.headers["x-authorization-token"])
            answer["id"] = call["id"] ?? NSNull()
            return answer
        }
    case "telegram", "webhook": return sink(parts, request, world)
    case "sim":
        let state: [String: Any] = [
            "now": world.now, "finished": world.isFinished, "requests": world.requests, "violations": world.violations,
            "messages": world.received.map {
                ["ms": $0.ms, "channel": $0.channel, "key": $0.key, "text": $0.text] as [String: Any]
            },
        ]
        return json(data(state), world)
    default: return SimReply(status: 404, body: Data())
    }
}

private func data(_ object: [String: Any]) -> Data {
    (try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])) ?? Data()
}

private func play(_ provider: String, _ method: String, _ world: World, _ answer: () -> [String: Any]) -> SimReply {
    world.count(provider, method)
    guard let fault = world.fault(provider, method) else { return json(data(answer()), world) }
    return spoilt(data(answer()), fault, provider, world)
}

private func spoilt(_ body: Data, _ fault: Scenario.Fault, _ provider: String, _ world: World) -> SimReply {
    switch fault.kind {
    case .outage: return page("<html><body>502 Bad Gateway</body></html>", 502, world)
    case .refuse: return SimReply(body: Data(), behaviour: .close)
    case .reset: return SimReply(headers: headers(world), body: body, behaviour: .reset(after: body.count / 2))
    case .status:
        var reply = page("<html><body>error</body></html>", fault.code ?? 500, world)
        if let delay = fault.retryAfter { reply.headers["Retry-After"] = delay }
        return reply
    case .html: return page("<!doctype html><html><body>Checking your browser…</body></html>", 200, world)
    case .auth: return json(data(authFailure(provider, world)), world)
    case .truncated: return json(body.prefix(body.count * 2 / 3), world)
    case .empty: return json(Data(), world)
    case .hang: return SimReply(body: Data(), behaviour: .hang)
    case .malformed:
        let text = String(decoding: body, as: UTF8.self)
            .replacingOccurrences(of: "\"status\":\"", with: "\"status\":7,\"was\":\"")
            .replacingOccurrences(of: "\"StatusId\":", with: "\"StatusId\":\"?\",\"Was\":")
        return json(Data(text.utf8), world)
    case .dropLast: return json(dropLast(body), world)
    case .lostAnswer: return SimReply(body: Data(), behaviour: .close)
    }
}

private func authFailure(_ provider: String, _ world: World) -> [String: Any] {
    switch provider {
    case "otcommerce": OTCommerceSim(world: world).failure("AccessDenied", "Access denied", sub: "InvalidSignature")
    case "litemf": LiteMFSim(world: world).failure(1001, "Access denied")
    default: ShiptorSim(world: world).failure(-32603, "Not authorized")
    }
}

/// The same list without its last row, as if it were gone.
private func dropLast(_ data: Data) -> Data {
    guard var answer = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else { return data }
    if var rows = answer["result"] as? [Any], !rows.isEmpty {
        rows.removeLast()
        answer["result"] = rows
    } else if var result = answer["result"] as? [String: Any], var rows = result["data"] as? [Any], !rows.isEmpty {
        rows.removeLast()
        result["data"] = rows
        result["pager"] = ["total": rows.count]
        answer["result"] = result
    } else if var result = answer["Result"] as? [String: Any], var rows = result["Content"] as? [Any], !rows.isEmpty {
        rows.removeLast()
        result["Content"] = rows
        result["TotalCount"] = rows.count
        answer["Result"] = result
    }
    return (try? JSONSerialization.data(withJSONObject: answer)) ?? data
}

/// Telegram's sendMessage, and any webhook.
private func sink(_ parts: [String], _ request: SimRequest, _ world: World) -> SimReply {
    let channel = parts[0]
    let text: String
    if channel == "telegram" {
        guard parts.count == 3, parts[1] == "bot" + world.scenario.accounts.telegramToken, parts[2] == "sendMessage"
        else {
            return telegramFailure(401, "Unauthorized", world)
        }
        let message = (try? JSONSerialization.jsonObject(with: request.body)) as? [String: Any] ?? [:]
        text = message["text"] as? String ?? ""
        if text.isEmpty { return telegramFailure(400, "Bad Request: message text is empty", world) }
        if text.utf16.count > 4096 { return telegramFailure(400, "Bad Request: message is too long", world) }
    } else {
        text = String(decoding: request.body, as: UTF8.self)
    }
    world.count(channel, "send")
    let fault = world.fault(channel, "send")
    if fault == nil || fault?.kind == .lostAnswer {
        world.receive(
            Received(ms: world.now, channel: channel, key: request.headers["idempotency-key"] ?? "", text: text))
    }
    guard let fault else { return json(Data(#"{"ok":true,"result":{"message_id":1}}"#.utf8), world) }
    if channel == "telegram", fault.kind == .auth {
        return telegramFailure(403, "Forbidden: bot was blocked by the user", world)
    }
    if channel == "telegram", fault.kind == .status, fault.code == 429 {
        let body =
            #"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":\#(fault.retryAfter ?? "5")}}"#
        return SimReply(status: 429, headers: headers(world), body: Data(body.utf8))
    }
    return spoilt(Data(), fault, channel, world)
}

private func telegramFailure(_ code: Int, _ text: String, _ world: World) -> SimReply {
    SimReply(
        status: code, headers: headers(world),
        body: Data(#"{"ok":false,"error_code":\#(code),"description":"\#(text)"}"#.utf8))
}

private func form(_ body: Data) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1).map {
            $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? ""
        }
        fields[parts.first ?? ""] = parts.count > 1 ? parts[1] : ""
    }
    return fields
}

/// `Date` is the simulator's true time, whatever the clock server says.
private func headers(_ world: World, type: String = "application/json") -> [String: String] {
    ["Content-Type": type, "Date": httpDate(world.now)]
}

private func json(_ data: Data, _ world: World) -> SimReply { SimReply(headers: headers(world), body: data) }

private func page(_ text: String, _ status: Int, _ world: World) -> SimReply {
    SimReply(status: status, headers: headers(world, type: "text/html"), body: Data(text.utf8))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
func httpDate(_ ms: Int64) -> String {
    var seconds = time_t(ms / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return String(
        format: "%@, %02d %@ %d %02d:%02d:%02d GMT", days[Int(parts.tm_wday)], Int(parts.tm_mday),
        months[Int(parts.tm_mon)], Int(parts.tm_year) + 1900, Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec))
}
