// What is refused when a client is made, and whose certificates it believes.

import Foundation
import ParcelCore
import ParcelHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SetupTests {
    static let refused: [(settings: HTTPSettings, text: String)] = [
        (HTTPSettings(userAgent: "a\r\nX-Evil: 1"), "User-Agent"),
        (HTTPSettings(userAgent: "a", caFile: "/nowhere/ca.pem"), "/nowhere/ca.pem: No such file"),
        (HTTPSettings(userAgent: "a", maximumTransfers: 0), "maximumTransfers"),
        (HTTPSettings(userAgent: "a", maximumIdleConnections: 0), "maximumIdleConnections"),
        // Longer than libcurl takes: the one way to have it refuse an option that it knows.
        (HTTPSettings(userAgent: String(repeating: "a", count: 8_000_001)), "refuses the option USERAGENT"),
    ]

    @Test(arguments: refused)
    func `settings that cannot work are refused at the start, with the reason`(settings: HTTPSettings, text: String) {
        let error = #expect(throws: HTTPSetupError.self) { try HTTPClient(settings: settings) }
        #expect(error?.description.contains(text) == true)
    }

    private func outcome(_ url: String, caFile: String?) async throws -> Result<HTTPResponse, TransportError> {
        let client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test", caFile: caFile))
        defer { client.close() }
        return await client.outcome(HTTPRequest(.get, url + "/", label: "t"))
    }

    @Test
    func `only a certificate for this host by a trusted authority is believed`() async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try TLSServer(certificates.right)
        defer { server.stop() }
        #expect(try await outcome(server.url, caFile: certificates.authority).get().status == 200)
        #expect(try await outcome(server.url, caFile: nil) == .failure(.tls("the certificate's issuer is unknown")))
        let impostor = try TLSServer(certificates.wrong)
        defer { impostor.stop() }
        let refused = try await outcome(impostor.url, caFile: certificates.authority)
        #expect(refused == .failure(.tls("the certificate is for another host")))
    }

    @Test
    func `a CA file without certificates and a server without TLS are TLS errors`() async throws {
        let server = try LoopbackServer(.text("HTTP/1.1 400 Bad Request\r\n\r\n"), .close)
        defer { server.stop() }
        let url = server.url.replacingOccurrences(of: "http:", with: "https:")
        #expect(try await outcome(url, caFile: nil).failure?.kind == .tls)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).pem")
        try Data("not a certificate".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try await outcome(url, caFile: file.path)
        #expect(result == .failure(.tls("the file of certificate authorities cannot be used")))
    }
}
