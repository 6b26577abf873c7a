// An HTTP/1.1 server on 127.0.0.1 that answers by a script of faults. Blocking sockets, a thread for each connection: what
// goes over the wire is exactly what the script says. It shares no code with the client under test.

import Foundation
import Glibc

/// What the server does with one request, in order. After the last act the connection waits for its next request.
enum Act: Sendable {
    case send([UInt8])
    /// Again and again, until the client hangs up.
    case sendForever([UInt8])
    /// One byte at a time, with a pause after each, until the client hangs up.
    case drip([UInt8])
    /// Says nothing until the client hangs up.
    case hang
    case close
    /// Close with a TCP reset.
    case reset

    static func text(_ text: String) -> Act { .send(Array(text.utf8)) }
}

struct Received: Sendable, Equatable {
    let connection: Int
    let line: String
    let headers: [String: String]
    let body: [UInt8]
}

enum ServerEvent: Sendable, Equatable {
    case received(Received)
    case hungUp(connection: Int)
}

final class LoopbackServer: Sendable {
    let port: UInt16
    /// Requests and ends of connections as they happen; for one reader.
    let events: AsyncStream<ServerEvent>

    private struct State {
        var isStopped = false
        var descriptors: Set<Int32> = []
        var connections = 0
        var received: [Received] = []
    }

    private let state = Shared(State())
    private let listener: Int32
    private let script: @Sendable (Received) -> [Act]
    private let report: AsyncStream<ServerEvent>.Continuation
    private let threads = DispatchGroup()

    var url: String { "http://127.0.0.1:\(port)" }
    var received: [Received] { state.access { $0.received } }
    var connections: Int { state.access { $0.connections } }

    init(script: @escaping @Sendable (Received) -> [Act]) throws {
        (listener, port) = try listen()
        (events, report) = AsyncStream.makeStream()
        self.script = script
        start { $0.acceptAll() }
    }

    /// Always the same acts.
    convenience init(_ acts: Act...) throws {
        try self.init { _ in acts }
    }

    func stop() {
        let open = state.access { state in
            state.isStopped = true
            return state.descriptors
        }
        // shutdown, not close: the threads that block in these descriptors own them.
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        threads.wait()
        close(listener)
        report.finish()
    }

    private func start(_ body: @escaping @Sendable (LoopbackServer) -> Void) {
        threads.enter()
        let thread = Thread { [self] in
            body(self)
            threads.leave()
        }
        thread.stackSize = 256 << 10
        thread.start()
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            let number: Int? = state.access { state in
                guard !state.isStopped else { return nil }
                state.descriptors.insert(descriptor)
                state.connections += 1
                return state.connections
            }
            guard let number else {
                close(descriptor)
                return
            }
            start { $0.serve(Peer(descriptor: descriptor), number) }
        }
    }

    private func serve(_ peer: Peer, _ number: Int) {
        while let request = peer.readRequest(number) {
            state.access { $0.received.append(request) }
            report.yield(.received(request))
            guard script(request).allSatisfy(peer.perform) else { break }
        }
        report.yield(.hungUp(connection: number))
        state.access { _ = $0.descriptors.remove(peer.descriptor) }
        close(peer.descriptor)
    }
}

/// One connection, used by its thread alone.
private final class Peer: @unchecked Sendable {
    let descriptor: Int32
    private var pending: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    func readRequest(_ connection: Int) -> Received? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if pending.first == 0x16 {  // a TLS handshake, which this server does not speak
                pending = []
                return Received(connection: connection, line: "TLS", headers: [:], body: [])
            }
            if let range = pending.firstRange(of: end) {
                let lines = String(decoding: pending[..<range.lowerBound], as: UTF8.self).components(
                    separatedBy: "\r\n")
                pending.removeSubrange(..<range.upperBound)
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                    headers[line[..<colon].lowercased()] = value
                }
                let length = Int(headers["content-length"] ?? "0") ?? 0
                while pending.count < length { guard readMore() else { return nil } }
                let body = Array(pending[..<length])
                pending.removeSubrange(..<length)
                return Received(connection: connection, line: lines[0], headers: headers, body: body)
            }
            guard readMore() else { return nil }
        }
    }

    /// False when the connection is over.
    func perform(_ act: Act) -> Bool {
        switch act {
        case .send(let bytes): return write(bytes)
        case .sendForever(let bytes):
            while write(bytes) {}
            return false
        case .drip(let bytes):
            for byte in bytes { guard write([byte]), !hangsUp(within: 20) else { return false } }
            return true
        case .hang:
            while readMore() {}
            return false
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            return false
        }
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func hangsUp(within milliseconds: Int32) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, milliseconds) > 0
    }
}

/// A lock around a value, for the server's threads.
final class Shared<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func access<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&value)
    }
}

/// A port of 127.0.0.1 on which nobody listens.
func refusingPort() throws -> UInt16 {
    let (descriptor, port) = try listen()
    close(descriptor)
    return port
}

private func listen() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            bind(descriptor, generic, length) == 0 && Glibc.listen(descriptor, 1024) == 0
                && getsockname(descriptor, generic, &length) == 0
        }
    }
    guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}
