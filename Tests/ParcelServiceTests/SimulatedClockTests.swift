import Glibc
import ParcelCore
import Testing

@testable import ParcelService

/// A clock server that says one instant and then nothing.
private final class StillServer {
    let port: UInt16
    private let descriptor: Int32
    private let heard = Locked("")

    init(_ now: Timestamp) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let made = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(made)
        (self.descriptor, port) = (descriptor, UInt16(bigEndian: address.sin_port))
        Worker.start(name: "still") { [heard] in
            let client = accept(descriptor, nil, nil)
            let first = Array("now \(now.milliseconds)\n".utf8)
            _ = send(client, first, first.count, Int32(MSG_NOSIGNAL))
            var buffer = [UInt8](repeating: 0, count: 64)
            while case let count = recv(client, &buffer, buffer.count, 0), count > 0 {
                heard.withLock { $0 += String(decoding: buffer[..<count], as: UTF8.self) }
            }
            close(client)
            close(descriptor)
        }
    }

    var isAskedToWait: Bool { heard.withLock { $0.contains("wait") } }
}

@Test func `a pause ends when its task is cancelled, also while time stands still`() async throws {
    let start = Timestamp(seconds: 1_511_000_000)
    let server = try StillServer(start)
    let clock = try SimulatedClock(address: "127.0.0.1:\(server.port)") {}
    let pausing = Task { await clock.pause(until: start + .days(1)) }
    while !server.isAskedToWait { try await Task.sleep(for: .milliseconds(1)) }
    pausing.cancel()
    await pausing.value
    #expect(clock.now() == start)
}
