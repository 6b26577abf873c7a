// A small HTTP/1.1 server on 127.0.0.1 for simulated providers. It can do what well-behaved servers never do: hang up,
// stop in the middle, drip. A thread a connection; each answer leaves in one write, so that no Nagle delay (40 ms an
// answer with the server library tried first) makes a simulated month last an hour.

import Foundation

package struct SimRequest: Sendable {
    package var method: String
    /// Without its query.
    package var path: String
    package var query: String
    /// Names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]
}

package struct SimReply: Sendable {
    package enum Behaviour: Sendable, Equatable {
        case normal
        /// The connection ends with a reset after so many bytes of the body; nil: before the first byte of an answer.
        case reset(after: Int?)
        /// Nothing is answered until the other side gives up.
        case hang
        /// A byte of the body at a time, with a pause after each.
        case drip(milliseconds: Int)
        /// The body never ends.
        case endless
        /// The connection closes without an answer.
        case close
    }

    package var status: Int
    package var headers: [(String, String)]
    package var body: [UInt8]
    package var behaviour = Behaviour.normal

    package init(status: Int = 200, headers: [(String, String)] = [], body: [UInt8], behaviour: Behaviour = .normal) {
        self.status = status
        self.headers = headers
        self.body = body
        self.behaviour = behaviour
    }
}

package final class LoopbackServer: Sendable {
    package let port: UInt16
    private let acceptor: Acceptor

    /// - Parameter port: 0 for any that is free.
    package init(port: UInt16 = 0, answer: @escaping @Sendable (SimRequest) -> SimReply) throws {
        let made = try listenOnLoopback(port)
        self.port = made.port
        acceptor = Acceptor(made.descriptor) { client in
            let thread = Thread { Connection(client).serve(answer) }
            thread.stackSize = 512 << 10
            thread.start()
        }
    }

    package func stop() { acceptor.stop() }
}

/// A thread that takes callers in until it is stopped. It alone closes the listening descriptor: closed by another, its
/// number could be another file's while the thread still accepts on it.
///
/// `@unchecked`: what changes is only touched under the lock.
final class Acceptor: @unchecked Sendable {
    private let lock = NSLock()
    private var descriptor: Int32?

    init(_ made: Int32, _ serve: @escaping @Sendable (Int32) -> Void) {
        descriptor = made
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(made, nil, nil)
                if client >= 0 {
                    serve(client)
                } else if errno != EINTR, errno != ECONNABORTED {
                    break
                }
            }
            lock.withLock {
                close(made)
                descriptor = nil
            }
        }
    }

    func stop() { lock.withLock { if let descriptor { shutdown(descriptor, Int32(SHUT_RDWR)) } } }
}

package struct PortTaken: Error, CustomStringConvertible {
    let port: UInt16
    package var description: String { "port \(port) of 127.0.0.1 cannot be used; choose another, or 0 for any" }
}

func listenOnLoopback(_ port: UInt16) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, length) == 0 && listen(descriptor, 128) == 0
                && getsockname(descriptor, address, &length) == 0
        }
    }
    guard bound else {
        close(descriptor)
        throw PortTaken(port: port)
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

private let reasons = [
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
]

private final class Connection {
    private let client: Int32
    private var buffer: [UInt8] = []

    init(_ client: Int32) { self.client = client }

    func serve(_ answer: (SimRequest) -> SimReply) {
        defer { close(client) }
        while let request = readRequest() {
            let reply = answer(request)
            guard send(reply), request.headers["connection"]?.lowercased() != "close" else { return }
        }
    }

    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = recv(client, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            buffer += chunk[..<count]
            return true
        }
    }

    private func readRequest() -> SimRequest? {
        var end = headEnd()
        while end == nil {
            guard buffer.count < 1 << 20, fill() else { return nil }
            end = headEnd()
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let first = (lines.first ?? "").split(separator: " ")
        guard first.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        guard (0...(64 << 20)).contains(length) else { return nil }
        while buffer.count < end + 4 + length { guard fill() else { return nil } }
        let body = Array(buffer[(end + 4)..<(end + 4 + length)])
        buffer.removeFirst(end + 4 + length)
        let target = first[1].split(separator: "?", maxSplits: 1).map(String.init)
        return SimRequest(
            method: String(first[0]), path: target.first ?? "", query: target.count > 1 ? target[1] : "",
            headers: headers, body: body)
    }

    private func headEnd() -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (0...(buffer.count - 4)).first {
            buffer[$0] == 13 && buffer[$0 + 1] == 10 && buffer[$0 + 2] == 13 && buffer[$0 + 3] == 10
        }
    }

    /// - Returns: Whether the connection may be used again.
    private func send(_ reply: SimReply) -> Bool {
        var head = "HTTP/1.1 \(reply.status) \(reasons[reply.status] ?? "Status")\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        if reply.behaviour != .endless { head += "Content-Length: \(reply.body.count)\r\n" }
        head += "\r\n"
        switch reply.behaviour {
        case .close: return false
        case .hang:
            // Until the client hangs up: then there is an end to read.
            while fill() {}
            return false
        case .normal: return write(Array(head.utf8) + reply.body)
        case .reset(let count):
            if let count { _ = write(Array(head.utf8) + reply.body.prefix(count)) }
            // No lingering: the other side gets a reset, not an orderly end.
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            return false
        case .drip(let pause):
            guard write(Array(head.utf8)) else { return false }
            for byte in reply.body {
                guard write([byte]) else { return false }
                usleep(UInt32(pause) * 1000)
            }
            return true
        case .endless:
            guard write(Array(head.utf8)) else { return false }
            let block = [UInt8](repeating: 32, count: 64 << 10)
            while write(block) {}
            return false
        }
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
