// `openssl s_server` on 127.0.0.1 with certificates made for the test, so that certificates are checked against a server
// that knows nothing of libcurl.

import Foundation

final class TLSServer {
    let port: Int
    private let process: Process

    var url: String { "https://127.0.0.1:\(port)" }

    init(_ identity: Certificates.Identity) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-key", identity.key, "-cert",
            identity.certificate,
        ]
        let output = Pipe()
        process.standardInput = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var said = ""
        var found: Int?
        while found == nil {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw OpenSSLError(said: said) }
            said += String(decoding: part, as: UTF8.self)
            let line = said.components(separatedBy: "\n").dropLast().first { $0.hasPrefix("ACCEPT") }
            found = line.flatMap { Int($0.split(separator: ":").last ?? "") }
        }
        port = found ?? 0
    }

    func stop() {
        // Not SIGTERM: the server inherits the signal mask of a thread that blocks most signals.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

struct OpenSSLError: Error {
    let said: String
}

/// An authority of the test's own and two identities that it signed, in a directory that `remove` deletes.
struct Certificates {
    struct Identity {
        let key: String
        let certificate: String
    }

    let directory: URL
    var authority: String { path("authority.pem") }
    /// For 127.0.0.1.
    var right: Identity { Identity(key: path("right.key"), certificate: path("right.pem")) }
    /// For another host.
    var wrong: Identity { Identity(key: path("wrong.key"), certificate: path("wrong.pem")) }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("parcel-http-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try openssl(newKey("authority") + ["-x509", "-out", authority, "-subj", "/CN=Test authority"])
        for (name, host) in [("right", "IP:127.0.0.1"), ("wrong", "DNS:elsewhere.example")] {
            let extensions = path("\(name).ext")
            try "subjectAltName=\(host)\n".write(toFile: extensions, atomically: true, encoding: .utf8)
            try openssl(newKey(name) + ["-out", path("\(name).csr"), "-subj", "/CN=\(name)"])
            try openssl([
                "x509", "-req", "-in", path("\(name).csr"), "-CA", authority, "-CAkey", path("authority.key"),
                "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", path("\(name).pem"),
            ])
        }
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    private func newKey(_ name: String) -> [String] {
        [
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
            path("\(name).key"),
        ]
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let output = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLError(said: String(decoding: said, as: UTF8.self)) }
    }
}
