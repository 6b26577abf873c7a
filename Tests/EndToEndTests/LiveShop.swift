// A daemon in real time against one server on this machine that is Shiptor, Telegram and whoever else: for what simulated
// time cannot show, such as signals in the middle of a transfer.

import Foundation
import ParcelSim
import Testing

final class LiveShop: @unchecked Sendable {
    let folder: URL
    /// Guards what the server's threads share.
    private let lock = NSLock()
    private var requests: [SimRequest] = []
    private var answer: @Sendable (SimRequest) -> SimReply = { LiveShop.standard($0) }
    private var server: LoopbackServer?
    private(set) var daemon: Process?

    static let package =
        #"{"id":11578,"external_id":"ORD-000001907","status":"packed","tracking_number":"RP11578","products":[{"shopArticle":"1907-2"}]}"#

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "pl-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        server = try LoopbackServer { [weak self] request in self?.receive(request) ?? SimReply(body: []) }
        try secret("token", "first-token")
        try secret("bot", "123:bot-token")
    }

    deinit {
        if let daemon, daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) }
        server?.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    var port: UInt16 { server?.port ?? 0 }
    var config: URL { folder.appending(path: "parceld.yaml") }
    var database: String { folder.appending(path: "mirror.sqlite").path }
    var log: String { (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "" }

    // MARK: The other side

    func answer(_ new: @escaping @Sendable (SimRequest) -> SimReply) { lock.withLock { answer = new } }

    private func receive(_ request: SimRequest) -> SimReply {
        let answer = lock.withLock {
            requests.append(request)
            return self.answer
        }
        return answer(request)
    }

    func received(_ path: String) -> [SimRequest] { lock.withLock { requests.filter { $0.path.hasPrefix(path) } } }

    /// Messages that went to a chat.
    func told(_ chat: String) -> [String] {
        received("/bot").filter { $0.path.hasSuffix("/sendMessage") }.map { String(decoding: $0.body, as: UTF8.self) }
            .filter { $0.contains(chat) }
    }

    static func json(_ text: String, _ status: Int = 200) -> SimReply {
        SimReply(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }

    static func standard(_ request: SimRequest) -> SimReply {
        if request.path.hasSuffix("/sendMessage") { return json(#"{"ok":true,"result":{"message_id":1}}"#) }
        if request.path.hasSuffix("/getUpdates") {
            usleep(300_000)
            return json(#"{"ok":true,"result":[]}"#)
        }
        if request.path.hasPrefix("/bot") { return json(#"{"ok":true,"result":true}"#) }
        let isList = String(decoding: request.body, as: UTF8.self).contains("getPackages")
        return json(#"{"jsonrpc":"2.0","id":1,"result":\#(isList ? "[\(package)]" : package)}"#)
    }

    // MARK: This side

    func secret(_ name: String, _ text: String) throws {
        let file = folder.appending(path: name)
        try Data((text + "\n").utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }

    /// - Parameter change: Of the standard configuration.
    func configure(_ change: (String) -> String = { $0 }) throws {
        let text = """
            database: mirror.sqlite
            control_socket: control
            log_level: debug
            http: {timeout: 20 s}
            providers:
              shiptor: {url: "http://127.0.0.1:\(port)/shiptor", token: {file: token}, requests_per_second: 1000}
            channels:
              chat: {type: telegram, url: "http://127.0.0.1:\(port)", token: {file: bot}, chat: "-1907", answers: true}
            recipients:
              - {name: manager, language: en, zone: Europe/Moscow, hours: "00:00-24:00", calendar: daily, channels: [chat], weekly_summary: false}

            """
        try Data(change(text).utf8).write(to: config)
    }

    func start(_ environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = Harness.parceld
        process.arguments = ["run", "--config", config.path]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let path = folder.appending(path: "log").path
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        (process.standardError, process.standardOutput) = (handle, handle)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        daemon = process
    }

    func hangUp() { if let daemon { kill(daemon.processIdentifier, SIGHUP) } }

    func stop() throws {
        let daemon = try #require(daemon)
        daemon.terminate()
        daemon.waitUntilExit()
        #expect(daemon.terminationReason == .exit && daemon.terminationStatus == 0, "\(log.suffix(2000))")
    }

    func control(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Playground.run(Harness.parcelctl, arguments + ["--config", config.path])
    }

    func status() throws -> (status: Int32, tree: [String: Any]) {
        let result = try control("status", "--json")
        let tree = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return (result.status, try #require(tree as? [String: Any], "\(result)"))
    }

    /// Requests to Shiptor, as the ledger counts them; none while there is no database.
    func spent() throws -> Int {
        let output = Data(try control("status", "--json").output.utf8)
        let tree = try? JSONSerialization.jsonObject(with: output) as? [String: Any]
        let providers = tree?["providers"] as? [[String: Any]]
        return providers?.first { $0["provider"] as? String == "shiptor" }?["requests"] as? Int ?? 0
    }

    func wait(_ seconds: Double = 60, until isTrue: () throws -> Bool) async throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while try !isTrue() {
            try #require(
                Date() < deadline, "nothing happened for \(seconds) s: \(log.suffix(3000)) \(told("").suffix(3))")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// How often the log has that text.
    func count(_ text: String) -> Int { log.components(separatedBy: text).count - 1 }
}
