// Serves the figures to whoever asks for /metrics over HTTP on this machine. It speaks as much of HTTP/1.1 as a scraper
// needs: one GET a connection, one connection at a time. It waits for no stage, and no stage for it.

import Glibc
package import ParcelConfig
package import ParcelCore

package final class MetricsServer: Sendable {
    private let socket: ListeningSocket

    /// - Parameter families: Called on a thread of the server's own; a text is why there are no figures now.
    package init(
        _ address: LocalAddress, families: @escaping @Sendable () -> Result<[MetricFamily], StartError>
    ) throws(StartError) {
        do throws(ListenError) {
            socket = try ListeningSocket(on: address, name: "metrics") { client in
                write(answer(to: readHead(client), families), to: client)
                Glibc.close(client)
            }
        } catch {
            switch error {
            case .pathTooLong:
                throw StartError(description: "the path of the metrics' socket is too long: \(address)", status: 78)
            case .refused(let reason):
                throw StartError(description: "nobody can ask for metrics at \(address): \(reason)", status: 73)
            }
        }
    }

    package func close() { socket.close() }
}

/// Seconds of silence, and bytes: a scraper's request is small and comes at once.
private let (longestSilence, longestHead) = (2, 16_384)

/// The head of a request; nil from whoever sends none.
private func readHead(_ client: Int32) -> String? {
    var limit = timeval(tv_sec: longestSilence, tv_usec: 0)
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    let end = secondsSinceBoot() + longestSilence
    while head.count < longestHead, secondsSinceBoot() <= end {
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        head += buffer[..<count]
        let text = String(decoding: head, as: UTF8.self)
        if text.contains("\r\n\r\n") || text.contains("\n\n") { return text }
    }
    return nil
}

private func answer(
    to head: String?, _ families: () -> Result<[MetricFamily], StartError>
) -> String {
    guard let head else { return reply("400 Bad Request", "a request was expected\n") }
    let lines = head.split(whereSeparator: \.isNewline)
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
        return reply("400 Bad Request", "a request was expected\n")
    }
    guard words[0] == "GET" else { return reply("405 Method Not Allowed", "GET only\n", more: "Allow: GET\r\n") }
    guard words[1].split(separator: "?").first == "/metrics" else { return reply("404 Not Found", "see /metrics\n") }
    let accept = lines.first { $0.lowercased().hasPrefix("accept:") }
    let format = ExpositionFormat(accept: String(accept ?? ""))
    switch families() {
    case .success(let families):
        return reply("200 OK", exposition(families, as: format), type: format.contentType)
    case .failure(let error): return reply("503 Service Unavailable", error.description + "\n")
    }
}

private func reply(
    _ status: String, _ body: String, type: String = "text/plain; charset=utf-8", more: String = ""
) -> String {
    "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(more)Connection: close\r\n\r\n"
        + body
}

private func write(_ text: String, to client: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
