import ArgumentParser
import Foundation
import ParcelConfig
import ParcelCore

/// `parcelctl poll THING|PROVIDER`: asks the daemon to poll now. Its pace and budget hold as always.
struct PollCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll", abstract: "Asks the daemon to poll a thing or a provider now.")

    @Argument(help: "A thing (1907-2) or a provider (otcommerce).")
    var target: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        guard let config = try common.readConfiguration() else {
            throw Trouble.usage("say which daemon: --config FILE")
        }
        guard !target.contains("\t"), !target.contains("\n"), target.utf8.count < 200 else {
            throw Trouble.usage("\(target.prefix(40)): not a thing or provider")
        }
        let answer = try ask(config.controlSocket, "poll\t\(target)\n")
        struct Answer: Decodable {
            var asks: Int?
            var error: String?
        }
        let read = try? JSONDecoder().decode(Answer.self, from: Data(answer.utf8))
        if let error = read?.error { throw Trouble(description: error, status: 66) }
        guard let asks = read?.asks else {
            throw Trouble(description: "the daemon's answer cannot be read", status: 76)
        }
        print(common.json ? JSONValue.members(["asks": .integer(asks)]).text : "\(asks) polls are due now")
    }

    private func ask(_ path: String, _ line: String) throws -> String {
        let trouble = Trouble(description: "no parceld answers at \(path); is it running?", status: 69)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw trouble }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw trouble }
        let request = Array(line.utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { throw trouble }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !answer.contains(10) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
