// Asks the daemon over its control socket: one line of words in, one line of JSON out.

import Foundation

enum Daemon {
    enum Silence: Error {
        /// Nobody listens there.
        case nobody
        /// Somebody may listen there, and this user may not ask.
        case refused
        /// It was asked, and no whole answer came.
        case lost
    }

    private struct Failure: Decodable { var error: String }

    /// The most that a daemon reads.
    static let longestRequest = 4 << 20

    /// - Returns: The answer, or throws the daemon's error as trouble.
    static func ask<Answer: Decodable>(_ path: String, _ words: [String]) throws -> Answer {
        let bytes: Data
        do throws(Silence) { bytes = try send(words, to: path) } catch { throw trouble(error, path) }
        return try read(bytes)
    }

    static func read<Answer: Decodable>(_ bytes: Data) throws -> Answer {
        if let failure = try? JSONDecoder().decode(Failure.self, from: bytes) {
            throw Trouble(description: failure.error, status: 66)
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: bytes) else {
            throw Trouble(description: "the daemon's answer cannot be read", status: 76)
        }
        return answer
    }

    static func trouble(_ silence: Silence, _ path: String) -> Trouble {
        switch silence {
        case .nobody: Trouble(description: "no parceld answers at \(path); is it running?", status: 69)
        case .refused:
            Trouble(
                description: "the control socket \(path) refuses you; join its group (parceld) or ask as its user",
                status: 77)
        case .lost:
            Trouble(description: "parceld at \(path) gave no answer; see its journal", status: 69)
        }
    }

    static func send(_ words: [String], to path: String) throws(Silence) -> Data {
        let descriptor = try connected(to: path)
        defer { close(descriptor) }
        try sendAll(Array((words.joined(separator: "\t") + "\n").utf8), descriptor)
        var answer = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while answer.last != 10 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .lost }
            answer.append(contentsOf: buffer[..<count])
        }
        return answer
    }

    /// Whether nobody listens there; false also where this user may not know.
    static func isAbsent(at path: String) -> Bool {
        do throws(Silence) { close(try connected(to: path)) } catch {
            if case .nobody = error { return true }
        }
        return false
    }

    private static func connected(to path: String) throws(Silence) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .nobody }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let isRefused = errno == EACCES || errno == EPERM
            close(descriptor)
            throw isRefused ? .refused : .nobody
        }
        return descriptor
    }

    private static func sendAll(_ bytes: [UInt8], _ descriptor: Int32) throws(Silence) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .lost }
            sent += count
        }
    }
}
