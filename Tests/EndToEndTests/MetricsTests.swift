// The figures of the real daemon: asked for over its socket, and as the file that the node exporter's collector reads, as
// Prometheus's own tool judges it.

import Foundation
import ParcelSim
import Testing

private func ask(_ path: String) -> String? {
    let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(client) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard connected == 0 else { return nil }
    let request = Array("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: application/openmetrics-text\r\n\r\n".utf8)
    _ = send(client, request, request.count, Int32(MSG_NOSIGNAL))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
        answer += buffer[..<count]
    }
}

/// What Prometheus's own tool says of a file; nil where it is not installed.
private func promtool(_ file: String) throws -> (status: Int32, said: String)? {
    guard
        let tool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first(where: {
            FileManager.default.isExecutableFile(atPath: $0)
        })
    else { return nil }
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = ["check", "metrics"]
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, said)
}

@Test func `the figures of a whole story are as Prometheus wants them`() async throws {
    let harness = try Harness(try Harness.goldenWeek())
    defer { harness.end() }
    let folder = harness.playground.folder.path
    let config = try String(contentsOf: harness.playground.config, encoding: .utf8)
    let metrics = "\nmetrics: {listen: \"unix:\(folder)/m.sock\", textfile: \(folder)/parceld.prom, every: 6 h}\n"
    try Data((config + metrics).utf8).write(to: harness.playground.config)
    let daemon = try harness.start()
    try await harness.wait { !daemon.isRunning || ask("\(folder)/m.sock")?.hasSuffix("# EOF\n") == true }
    try await harness.finish(daemon)
    harness.expectStory()
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/m.sock"), "nothing is left")
    let text = try String(contentsOfFile: "\(folder)/parceld.prom", encoding: .utf8)
    for wanted in [
        #"parceld_provider_up{provider="otcommerce"} 1"#, #"parceld_clock_believed 1"#,
        #"parceld_deliveries_total{channel="telegram",outcome="accepted"}"#, #"parceld_things{kind="item""#,
    ] { #expect(text.contains(wanted), "\(wanted) of \(text)") }
    guard let judged = try promtool("\(folder)/parceld.prom") else {
        // The gates install it; elsewhere the rest of this test has to do.
        return #expect(
            ProcessInfo.processInfo.environment["CI"] == nil, "promtool is missing: make monitoring installs it")
    }
    #expect(judged.status == 0, "\(judged.said)")
}
