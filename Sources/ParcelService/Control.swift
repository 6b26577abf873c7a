// The control socket: parcelctl asks the daemon, which is the only writer. One line of JSON in, one line out.

import Glibc
import ParcelConfig
package import ParcelCore

package struct ControlError: Error, CustomStringConvertible {
    package let description: String
}

package final class ControlServer: Sendable {
    private let socket: ListeningSocket

    /// - Parameter answer: Gets the words of a request, such as `["poll", "1907-2"]`.
    package init(path: String, answer: @escaping @Sendable ([String]) async -> JSONValue) throws(ControlError) {
        do throws(ListenError) {
            socket = try ListeningSocket(on: .unix(path: path), name: "control") { serve($0, answer) }
        } catch {
            switch error {
            case .pathTooLong: throw ControlError(description: "the control socket's path \(path) is too long")
            case .refused(let reason):
                throw ControlError(description: "the control socket \(path) cannot be made: \(reason)")
            }
        }
    }

    package func close() { socket.close() }
}

/// An import of tens of thousands of numbers is one line.
private let longestLine = 4 << 20
/// Seconds of silence, and in all: whoever takes longer keeps others waiting.
private let (longestSilence, longestRequest) = (2, 30)

private func serve(_ client: Int32, _ answer: @escaping @Sendable ([String]) async -> JSONValue) {
    var limit = timeval(tv_sec: longestSilence, tv_usec: 0)
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let line = readLine(client) else {
        close(client)
        return
    }
    let words = String(decoding: line, as: UTF8.self).split(separator: "\t").map(String.init)
    Task {
        let bytes = Array((await answer(words).text + "\n").utf8)
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        close(client)
    }
}

/// Nil from whoever sends too much, too slowly, or no whole line.
private func readLine(_ client: Int32) -> [UInt8]? {
    let end = secondsSinceBoot() + longestRequest
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while line.count < longestLine, secondsSinceBoot() < end {
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        if let feed = buffer[..<count].firstIndex(of: 10) { return line + buffer[..<feed] }
        line += buffer[..<count]
    }
    return nil
}

func secondsSinceBoot() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return time.tv_sec
}
