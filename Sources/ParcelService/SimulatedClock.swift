// Lockstep with a clock server (DESIGN 10): `now MS` comes in, `wait MS` goes out when nothing is due or in flight.

import Glibc
package import ParcelCore

package enum ClockServerError: Error, CustomStringConvertible {
    case badAddress(String)
    case unreachable(String)

    package var description: String {
        switch self {
        case .badAddress(let text): "\(text) is not an address of this machine; write 127.0.0.1:PORT"
        case .unreachable(let text): "no clock server answers at \(text)"
        }
    }
}

package final class SimulatedClock: ServiceClock {
    private let descriptor: Int32
    private let time: Locked<Timestamp>
    private let bell = Bell()
    private let moved = Bell()
    /// Called when the server hangs up: simulated time is over.
    private let onEnd: @Sendable () -> Void

    /// Connects and waits for the first `now`.
    ///
    /// - Parameter address: `127.0.0.1:PORT`.
    package init(address: String, onEnd: @escaping @Sendable () -> Void) throws(ClockServerError) {
        let parts = address.split(separator: ":")
        guard parts.count == 2, parts[0] == "127.0.0.1" || parts[0] == "localhost", let port = UInt16(parts[1]) else {
            throw .badAddress(address)
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var server = sockaddr_in()
        server.sin_family = sa_family_t(AF_INET)
        server.sin_port = port.bigEndian
        server.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &server) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0, let first = SimulatedClock.readLine(descriptor), let now = SimulatedClock.parse(first)
        else {
            close(descriptor)
            throw .unreachable(address)
        }
        self.descriptor = descriptor
        self.onEnd = onEnd
        time = Locked(now)
        startReading()
    }

    package var runsLanesTogether: Bool { false }
    package func now() -> Timestamp { time.withLock { $0 } }
    package func sinceBoot() -> Duration? { nil }
    package func interrupt() { bell.ring() }

    package func wait(until instant: Timestamp?) async {
        if let instant, instant <= now() { return }
        say("wait \(instant.map { String($0.milliseconds) } ?? "-")\n")
        await bell.wait()
    }

    package func pause(until instant: Timestamp) async {
        while now() < instant, !Task.isCancelled {
            say("wait \(instant.milliseconds)\n")
            // Time may stand still for ever; a stop does not wait for it.
            await withTaskCancellationHandler {
                await moved.wait()
            } onCancel: {
                moved.ring()
            }
        }
    }

    private func say(_ line: String) {
        var bytes = Array(line.utf8)
        while !bytes.isEmpty {
            let sent = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            guard sent > 0 else { return }
            bytes.removeFirst(sent)
        }
    }

    private func startReading() {
        Worker.start(name: "clock") { [self] in
            while let line = SimulatedClock.readLine(descriptor) {
                guard let now = SimulatedClock.parse(line) else { continue }
                time.withLock { $0 = now }
                moved.ring()
                bell.ring()
            }
            onEnd()
        }
    }

    private static func parse(_ line: String) -> Timestamp? {
        guard line.hasPrefix("now "), let milliseconds = Int64(line.dropFirst(4)) else { return nil }
        return Timestamp(milliseconds: milliseconds)
    }

    /// One byte at a time: lines are short and few. Nil at the end.
    private static func readLine(_ descriptor: Int32) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 64 {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == 10 { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }
}
