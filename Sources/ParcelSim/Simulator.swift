// The simulated providers and the sinks for messages, behind one HTTP server on loopback. Faults are played here.

import FlyingFox
import FlyingSocks
import Foundation

package final class Simulator: Sendable {
    package let world: World
    private let server: HTTPServer
    private let clock: ClockServer
    private let task: Task<Void, any Error>
    package let httpPort: UInt16

    package var clockAddress: String { "127.0.0.1:\(clock.port)" }
    package var addresses: [String: String] {
        let base = "http://127.0.0.1:\(httpPort)"
        return [
            "http": base, "clock": clockAddress, "otcommerce": base + "/otcommerce/service-json",
            "litemf": base + "/litemf/v2/rpc", "shiptor": base + "/shiptor/shipping/v1",
            "telegram": base + "/telegram", "webhook": base + "/webhook",
        ]
    }

    package init(_ scenario: Scenario, port: UInt16 = 0) async throws {
        let world = World(scenario)
        self.world = world
        clock = try ClockServer(world)
        let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), timeout: 300)
        await server.appendRoute("*") { request in try await respond(to: request, world) }
        self.server = server
        task = Task { try await server.run() }
        do { try await server.waitUntilListening(timeout: 5) } catch {
            throw ScenarioError(description: "port \(port) of 127.0.0.1 is in use; choose another, or 0 for any")
        }
        guard case .ip4(_, let bound)? = await server.listeningAddress else {
            throw ScenarioError(description: "the server has no address")
        }
        httpPort = bound
    }

    package func stop() async {
        await server.stop(timeout: 0)
        task.cancel()
        clock.stop()
    }

    /// What a test or a person may ask.
    package var state: [String: Any] {
        [
            "now": world.now, "finished": world.isFinished, "requests": world.requests,
            "accepted": world.received.count, "violations": world.violations,
        ]
    }
}

private func respond(to request: HTTPRequest, _ world: World) async throws -> HTTPResponse {
    let body = try await request.bodyData
    let parts = request.path.split(separator: "/").map(String.init)
    switch parts.first {
    case "otcommerce":
        let method = parts.last ?? ""
        return try await play("otcommerce", method, world) {
            OTCommerceSim(world: world).answer(method, form(body))
        }
    case "litemf", "shiptor":
        let provider = parts[0]
        let call = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
        let method = call["method"] as? String ?? ""
        let parameters = call["params"] as? [String: Any] ?? [:]
        let key = request.headers[HTTPHeader(provider == "litemf" ? "X-Auth-Api-Key" : "X-Authorization-Token")]
        // Taken out before the closure: a dictionary of Any does not travel between tasks.
        let id = call["id"] as? Int
        var answer =
            provider == "litemf"
            ? LiteMFSim(world: world).answer(method, parameters, key: key)
            : ShiptorSim(world: world).answer(method, parameters, token: key)
        answer["id"] = id ?? NSNull()
        let data = try JSONSerialization.data(withJSONObject: answer)
        return try await play(provider, method, world) { data }
    case "telegram", "webhook": return try await sink(parts, request, body, world)
    case "sim":
        let state: [String: Any] = [
            "now": world.now, "finished": world.isFinished, "requests": world.requests,
            "violations": world.violations,
            "messages": world.received.map { ["ms": $0.ms, "channel": $0.channel, "key": $0.key, "text": $0.text] as [String: Any] },
        ]
        return json(try JSONSerialization.data(withJSONObject: state, options: [.sortedKeys]), world)
    default: return HTTPResponse(statusCode: .notFound)
    }
}

private func play(
    _ provider: String, _ method: String, _ world: World, _ answer: () throws -> [String: Any]
) async throws -> HTTPResponse {
    let data = try JSONSerialization.data(withJSONObject: try answer())
    return try await play(provider, method, world) { data }
}

private func play(
    _ provider: String, _ method: String, _ world: World, _ answer: @Sendable () throws -> Data
) async throws -> HTTPResponse {
    world.count(provider, method)
    let data = try answer()
    guard let fault = world.fault(provider, method) else { return json(data, world) }
    switch fault.kind {
    case .outage:
        return page("<html><body>502 Bad Gateway</body></html>", .badGateway, world)
    case .status:
        var response = page("<html><body>error</body></html>", HTTPStatusCode(fault.code ?? 500, phrase: "Error"), world)
        if let delay = fault.retryAfter { response.headers[HTTPHeader("Retry-After")] = delay }
        return response
    case .html: return page("<!doctype html><html><body>Checking your browser…</body></html>", .ok, world)
    case .auth: return json(try JSONSerialization.data(withJSONObject: authFailure(provider, world)), world)
    case .truncated: return json(data.prefix(data.count * 2 / 3), world)
    case .empty: return json(Data(), world)
    case .hang:
        try await Task.sleep(for: .seconds(600))
        return json(data, world)
    case .malformed:
        let text = String(decoding: data, as: UTF8.self)
        return json(Data(text.replacingOccurrences(of: "\"status\":\"", with: "\"status\":7,\"was\":\"").replacingOccurrences(of: "\"StatusId\":", with: "\"StatusId\":\"?\",\"Was\":").utf8), world)
    case .dropLast: return json(dropLast(data), world)
    case .lostAnswer: return page("lost", .badGateway, world)
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
private func sink(_ parts: [String], _ request: HTTPRequest, _ body: Data, _ world: World) async throws -> HTTPResponse {
    let channel = parts[0]
    let key = request.headers[HTTPHeader("Idempotency-Key")] ?? ""
    let text: String
    if channel == "telegram" {
        guard parts.count == 3, parts[1] == "bot" + world.scenario.accounts.telegramToken, parts[2] == "sendMessage" else {
            return telegramFailure(401, "Unauthorized", world)
        }
        let message = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
        text = message["text"] as? String ?? ""
        if text.isEmpty { return telegramFailure(400, "Bad Request: message text is empty", world) }
        if text.utf16.count > 4096 { return telegramFailure(400, "Bad Request: message is too long", world) }
    } else {
        text = String(decoding: body, as: UTF8.self)
    }
    let fault = world.fault(channel, "send")
    if fault == nil || fault?.kind == .lostAnswer {
        world.receive(Received(ms: world.now, channel: channel, key: key, text: text))
    }
    if let fault {
        if channel == "telegram", fault.kind == .status, fault.code == 429 {
            let body = #"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":\#(fault.retryAfter ?? "5")}}"#
            return HTTPResponse(statusCode: HTTPStatusCode(429, phrase: "Too Many Requests"), headers: headers(world), body: Data(body.utf8))
        }
        if channel == "telegram", fault.kind == .auth { return telegramFailure(403, "Forbidden: bot was blocked by the user", world) }
        return try await play(channel, "send", world) { Data() }
    }
    world.count(channel, "send")
    return json(Data(#"{"ok":true,"result":{"message_id":1}}"#.utf8), world)
}

private func telegramFailure(_ code: Int, _ text: String, _ world: World) -> HTTPResponse {
    HTTPResponse(
        statusCode: HTTPStatusCode(code, phrase: "Error"), headers: headers(world),
        body: Data(#"{"ok":false,"error_code":\#(code),"description":"\#(text)"}"#.utf8))
}

private func form(_ body: Data) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1).map { $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? "" }
        fields[parts.first ?? ""] = parts.count > 1 ? parts[1] : ""
    }
    return fields
}

/// `Date` is the simulator's true time, whatever the clock server says.
private func headers(_ world: World, type: String = "application/json") -> HTTPHeaders {
    [.contentType: type, HTTPHeader("Date"): httpDate(world.now)]
}

private func json(_ data: Data, _ world: World) -> HTTPResponse {
    HTTPResponse(statusCode: .ok, headers: headers(world), body: data)
}

private func page(_ text: String, _ status: HTTPStatusCode, _ world: World) -> HTTPResponse {
    HTTPResponse(statusCode: status, headers: headers(world, type: "text/html"), body: Data(text.utf8))
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
