// Debian's aiosmtpd on 127.0.0.1 (Fixtures/smtp_server.py): an SMTP server that knows nothing of libcurl.

import Foundation
import Testing

final class MailServer {
    let port: Int
    private let process = Process()
    private var unread = ""
    private let output = Pipe()

    /// - Parameter mode: plain, starttls or smtps, with +auth where a login is required.
    init(_ mode: String, _ identity: Certificates.Identity? = nil) throws {
        let script = try #require(Bundle.module.url(forResource: "Fixtures/smtp_server.py", withExtension: nil))
        // Not the first python3 on PATH: the package belongs to Debian's own.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments =
            [script.path, mode] + (identity.map { [$0.certificate, $0.key] } ?? [])
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw NoMailServer() }
            text += String(decoding: part, as: UTF8.self)
        }
        let line = try #require(text.split(separator: "\n").first)
        port = try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    /// The next mail that it took, as Python reads it.
    func mail() throws -> [String: Any] {
        while !unread.contains("\n") {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw NoMailServer() }
            unread += String(decoding: part, as: UTF8.self)
        }
        let line = unread.prefix { $0 != "\n" }
        unread = String(unread.dropFirst(line.count + 1))
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

struct NoMailServer: Error, CustomStringConvertible {
    let description = "the mail server does not start: is python3-aiosmtpd installed?"
}
