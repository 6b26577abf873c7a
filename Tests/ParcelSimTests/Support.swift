// A small client of raw sockets, so that what goes over the wire is looked at as it is, and scenarios for the tests.

import Foundation
import Testing

@testable import ParcelSim

func at(_ text: String) throws -> Int64 { try #require(Scenario.Moment.parse(text)) }
func moment(_ text: String) throws -> Scenario.Moment { Scenario.Moment(ms: try at(text)) }

let small = """
    start: "2017-09-25 09:00"
    end: "2017-10-01 09:00"
    otcommerce: {session_life: 90d}
    orders:
      - id: ORD-000001907
        created: "2017-09-21 14:16:10"
        timeline: [{at: "2017-09-21 14:16:10", status: 30}]
        lines:
          - id: SL-1
            num: 1
            amount: 326.78
            timeline: [{at: "2017-09-21 14:16:10", status: 2}, {at: "2017-09-26 11:00", status: 4}, {at: "2017-09-27 12:00", track: "88"}]
          - id: SL-2
            num: 2
            external_order: "12900"
            timeline: [{at: "2017-09-21 14:16:10", status: 2}, {at: "2017-09-26 12:00", gone: true}]
        packages:
          - id: 519
            external: 7
            created: "2017-09-26 10:00"
            lines: [SL-1]
            timeline: [{at: "2017-09-26 10:00", status: 11}]
            checkpoints: [{at: "2017-09-27 10:00", text: Принято, place: Гуанчжоу}]
      - id: ORD-000001900
        created: "2017-09-20 10:00"
        timeline: [{at: "2017-09-20 10:00", status: 40}]
        lines: [{id: SL-9, num: 1, timeline: [{at: "2017-09-20 10:00", status: 10}]}]
    litemf:
      incoming:
        - {id: 3, fid: 1907-1, timeline: [{at: "2017-09-24 10:00", status: awaiting_arrival}, {at: "2017-09-27 12:00", outgoing: 9}]}
        - {id: 4, fid: 1907-2, timeline: [{at: "2017-09-24 10:00", status: in_stock}]}
      outgoing:
        - {id: 9, name: ORD-000001907, incoming: [3], timeline: [{at: "2017-09-26 10:00", status: awaiting_sending}]}
    shiptor:
      packages:
        - id: 7
          external_id: ORD-000001907
          articles: [1907-1]
          created: "2017-09-25 08:00"
          timeline: [{at: "2017-09-25 08:00", status: packed}, {at: "2017-09-25 12:00", status: sent, external_track: LP1}]
          checkpoints: [{at: "2017-09-25 13:00", text: Принято, place: Гуанчжоу}]
        - id: 8
          created: "2017-09-25 08:00"
          archived: "2017-09-26 08:00"
          timeline: [{at: "2017-09-25 08:00", status: delivered}]
    """

func scenario(_ extra: String = "", from text: String = small) throws -> Scenario {
    try Scenario.read(text: text + "\n" + extra, name: "test")
}

/// One HTTP exchange and what came of it.
struct Wire {
    enum End: Equatable { case closed, reset, timedOut }

    var bytes: [UInt8] = []
    var end = End.closed

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var status: Int { Int(text.dropFirst(9).prefix(3)) ?? 0 }
    var head: String { text.components(separatedBy: "\r\n\r\n").first ?? "" }

    var body: [UInt8] {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else { return [] }
        return Array(bytes[(start + 4)...])
    }

    var json: [String: Any] { ((try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]) ?? [:] }
    func header(_ name: String) -> String? {
        let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
        return line.map { String($0.dropFirst(name.count + 2)) }
    }
}

struct Client {
    let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var wait = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
    }

    func end() { close(descriptor) }

    func say(_ text: String) { _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// Up to and with the next line end; nil at the end of the connection or after a second without one.
    func line(milliseconds: Int = 1000) -> String? {
        var wait = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) == 1 {
            if byte == 10 { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }

    /// - Parameter limit: Bytes after which reading stops, for answers that never end.
    func rest(limit: Int = 1 << 20, milliseconds: Int = 5000) -> Wire {
        var wait = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var wire = Wire()
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while wire.bytes.count < limit {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 { return wire }
            if count < 0 {
                wire.end = errno == ECONNRESET ? .reset : .timedOut
                return wire
            }
            wire.bytes += chunk[..<count]
        }
        return wire
    }
}

/// A simulator that is stopped with the test, asked over its socket.
final class Running {
    let simulator: Simulator
    var world: World { simulator.world }
    private var session = ""

    init(_ scenario: Scenario) throws { simulator = try Simulator(scenario) }
    deinit { simulator.stop() }

    func port(_ name: String) throws -> Int {
        try #require(
            simulator.addresses[name]?.split(separator: "/").map(String.init).first {
                $0.contains(":") && $0.first == "1"
            }?
            .split(separator: ":").last.flatMap { Int($0) })
    }

    func exchange(_ request: String, limit: Int = 1 << 20, milliseconds: Int = 5000) throws -> Wire {
        let client = try Client(port: try port("http"))
        defer { client.end() }
        client.say(request)
        return client.rest(limit: limit, milliseconds: milliseconds)
    }

    func post(_ path: String, _ body: String, _ headers: [String] = [], limit: Int = 1 << 20, milliseconds: Int = 5000)
        throws -> Wire
    {
        let lines = ["POST \(path) HTTP/1.1", "Host: sim", "Connection: close", "Content-Length: \(body.utf8.count)"]
        return try exchange(
            (lines + headers).joined(separator: "\r\n") + "\r\n\r\n" + body, limit: limit, milliseconds: milliseconds)
    }

    func get(_ path: String) throws -> Wire {
        try exchange("GET \(path) HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n")
    }

    // MARK: As the providers are asked

    func litemf(_ method: String, _ filter: String = "{}", key: String? = nil, milliseconds: Int = 5000) throws -> Wire
    {
        try post(
            "/litemf/v2/rpc", #"{"id":1,"jsonrpc":"2.0","method":"\#(method)","params":{"filter":\#(filter)}}"#,
            ["Content-Type: application/json", "X-Auth-Api-Key: \(key ?? world.scenario.litemf.apiKey)"],
            milliseconds: milliseconds)
    }

    func shiptor(_ method: String, _ parameters: String, token: String? = nil, limit: Int = 1 << 20) throws -> Wire {
        try post(
            "/shiptor/shipping/v1", #"{"id":"a","jsonrpc":"2.0","method":"\#(method)","params":\#(parameters)}"#,
            ["Content-Type: application/json", "X-Authorization-Token: \(token ?? world.scenario.shiptor.token)"],
            limit: limit)
    }

    /// A signed call; the session is opened by the first one.
    func shop(_ method: String, _ fields: [String: String] = [:]) throws -> Wire {
        if session.isEmpty, method != "AuthenticateInstanceOperator" {
            session = try login()
        }
        return try post("/otcommerce/service-json/\(method)", signed(method, fields))
    }

    func login() throws -> String {
        let shop = world.scenario.otcommerce
        let answer = try post(
            "/otcommerce/service-json/AuthenticateInstanceOperator",
            signed("AuthenticateInstanceOperator", ["userLogin": shop.login, "userPassword": shop.password]))
        return try #require((answer.json["SessionId"] as? [String: Any])?["Value"] as? String)
    }

    func signed(_ method: String, _ given: [String: String], shift: Int64 = 0, secret: String? = nil) -> String {
        let shop = world.scenario.otcommerce
        let stamp = local(world.now + shift, minutes: 0).filter(\.isNumber)
        var fields = ["instanceKey": shop.instanceKey, "language": "ru", "timestamp": stamp]
        if !session.isEmpty { fields["sessionId"] = session }
        fields.merge(given) { $1 }
        let values = fields.sorted { $0.key < $1.key }.map(\.value).joined()
        if !shop.secret.isEmpty { fields["signature"] = sha256(method + values + (secret ?? shop.secret)) }
        return fields.filter { $0.value != "-" }.map { "\($0.key)=\(escaped($0.value))" }.joined(separator: "&")
    }

    private func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

func result(_ wire: Wire, _ name: String = "result") -> [String: Any] { wire.json[name] as? [String: Any] ?? [:] }
func rows(_ wire: Wire, _ list: String) -> [[String: Any]] { result(wire, "Result")[list] as? [[String: Any]] ?? [] }
