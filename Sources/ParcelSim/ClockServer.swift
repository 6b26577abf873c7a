// The clock server of lockstep time: `now MS` goes out, `wait MS` or `wait -` comes in. A daemon that was killed comes
// back and is told the present time; what its predecessor still said moves nothing.

import Foundation

package final class ClockServer: Sendable {
    package let port: UInt16
    private let acceptor: Acceptor

    package init(_ world: World, port: UInt16 = 0) throws {
        let made = try listenOnLoopback(port)
        self.port = made.port
        acceptor = Acceptor(made.descriptor) { client in
            let number = world.greet()
            // A thread each: a killed daemon's socket may be noticed later than its successor's connection.
            Thread.detachNewThread { serve(client, number, world) }
        }
    }

    package func stop() { acceptor.stop() }
}

private func serve(_ client: Int32, _ number: Int, _ world: World) {
    defer { close(client) }
    guard say("now \(world.told)\n", client) else { return }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while recv(client, &byte, 1, 0) == 1 {
        guard byte == 10 else {
            line.append(byte)
            if line.count > 64 { return }
            continue
        }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        line = []
        guard words.count == 2, words[0] == "wait", words[1] == "-" || Int64(words[1]) != nil else { return }
        // Whoever holds time lets it go again; what is said meanwhile is heard then.
        while world.isHeld { usleep(2000) }
        guard !hasHungUp(client) else { return }
        if let told = world.advance(toTold: Int64(words[1]), client: number), !say("now \(told)\n", client) { return }
    }
}

/// Whether the other side is gone, whatever it still said before.
private func hasHungUp(_ client: Int32) -> Bool {
    // POLLRDHUP, which <poll.h> keeps from all but GNU's own sources.
    var descriptor = pollfd(fd: client, events: 0x2000, revents: 0)
    return poll(&descriptor, 1, 0) > 0
}

private func say(_ text: String, _ client: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
}
