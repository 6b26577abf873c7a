// Servers that misbehave and requests that are not sent: each has its own outcome, and none of them leaks the URL.

import ParcelCore
import ParcelHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FaultTests {
    let client: HTTPClient

    init() throws { client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test")) }

    /// The outcome of a GET, and the text of its error, which must hold nothing of the URL's path.
    private func failure(_ acts: Act..., limits: HTTPLimits = HTTPLimits()) async throws -> TransportError? {
        let server = try LoopbackServer { _ in acts }
        defer { server.stop() }
        let result = await client.outcome(HTTPRequest(.get, server.url + "/bot-s3cret/x", label: "t"), limits)
        #expect(result.failure?.description.contains("s3cret") != true)
        return result.failure
    }

    private static let short = HTTPLimits(totalTimeout: .milliseconds(250))

    @Test
    func `a port without a server is a refused connection`() async throws {
        let result = await client.outcome(HTTPRequest(.get, "http://127.0.0.1:\(try refusingPort())/", label: "t"))
        #expect(result == .failure(.cannotConnect("Connection refused")))
    }

    @Test
    func `an answer cut short is interrupted, whether closed or reset`() async throws {
        let head = Answer.head("Content-Length: 100")
        #expect(try await failure(head, .text("half"), .close)?.kind == .interrupted)
        #expect(try await failure(head, .text("half"), .reset)?.kind == .interrupted)
        #expect(try await failure(.close)?.kind == .interrupted)
        #expect(try await failure(.text("HTTP/1.1 200 OK\r\nX-H"), .close)?.kind == .interrupted)
        let chunked = Answer.head("Transfer-Encoding: chunked")
        #expect(try await failure(chunked, .text("5\r\nhe"), .close)?.kind == .interrupted)
    }

    @Test
    func `what is not HTTP is interrupted`() async throws {
        #expect(try await failure(.text("SSH-2.0-OpenSSH_9.2\r\n"), .close) == .interrupted("the answer is not HTTP"))
    }

    @Test
    func `silence and a slow drip end at the total timeout`() async throws {
        #expect(try await failure(.hang, limits: FaultTests.short) == .timedOut)
        let drip = Act.drip([UInt8](repeating: 0x20, count: 100_000))
        #expect(try await failure(Answer.head("Content-Length: 100000"), drip, limits: FaultTests.short) == .timedOut)
        #expect(
            try await failure(.drip(Array("HTTP/1.1 200 OK\r\n".utf8)), .hang, limits: FaultTests.short) == .timedOut)
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1)])
    func `no time at all is a timeout`(timeout: Duration) async throws {
        #expect(try await failure(.hang, limits: HTTPLimits(totalTimeout: timeout)) == .timedOut)
    }

    @Test
    func `a timeout longer than any clock is none`() async throws {
        let limits = HTTPLimits(connectTimeout: .seconds(Int64.max), totalTimeout: .seconds(Int64.max))
        #expect(try await failure(Answer.plain, limits: limits) == nil)
    }

    @Test
    func `the total timeout counts while a request waits for its turn`() async throws {
        let server = try LoopbackServer(.hang)
        defer { server.stop() }
        let client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test", maximumTransfers: 1))
        defer { client.close() }
        let request = HTTPRequest(.get, server.url, label: "t")
        async let first = client.outcome(request)
        var events = server.events.makeAsyncIterator()
        _ = await events.next()
        #expect(await client.outcome(request, FaultTests.short) == .failure(.timedOut))
        client.close()
        #expect(await first == .failure(.cancelled))
        #expect(server.received.count == 1)
    }

    @Test
    func `the body's limit is exact and counts decoded bytes`() async throws {
        let body = [UInt8](repeating: 1, count: 1000)
        #expect(try await failure(Answer.of(body: body), limits: HTTPLimits(bodyLimit: 1000)) == nil)
        #expect(try await failure(Answer.of(body: body), limits: HTTPLimits(bodyLimit: 999)) == .tooLarge(limit: 999))
        let gzip = Answer.of(headers: ["Content-Encoding: gzip"], body: Compressed.gzip)
        #expect(try await failure(gzip, limits: HTTPLimits(bodyLimit: 5)) == nil)
        #expect(try await failure(gzip, limits: HTTPLimits(bodyLimit: 4)) == .tooLarge(limit: 4))
        #expect(try await failure(Answer.of(body: []), limits: HTTPLimits(bodyLimit: 0)) == nil)
    }

    @Test
    func `endless bodies, endless headers and bombs are cut off`() async throws {
        let limits = HTTPLimits(bodyLimit: 1 << 20)
        let endless = Act.sendForever([UInt8](repeating: 0x20, count: 65_536))
        #expect(try await failure(Answer.head(), endless, limits: limits) == .tooLarge(limit: 1 << 20))
        let bombs = [("gzip", Compressed.gzipBomb(copies: 194_000)), ("zstd", Compressed.zstandardBomb(blocks: 400))]
        for (name, body) in bombs {
            #expect(body.count < 1 << 19)
            let answer = Answer.of(headers: ["Content-Encoding: \(name)"], body: body)
            #expect(try await failure(answer, .hang, limits: limits) == .tooLarge(limit: 1 << 20))
        }
        let headers = Act.sendForever(Array("X-Same: 0123456789\r\n".utf8))
        #expect(try await failure(.text("HTTP/1.1 200 OK\r\n"), headers) == .tooLarge(limit: 256 << 10))
    }

    @Test
    func `a body that is not what its encoding says is interrupted`() async throws {
        let answer = Answer.of(headers: ["Content-Encoding: gzip"], body: Array("not gzip at all".utf8))
        #expect(try await failure(answer)?.kind == .interrupted)
    }

    @Test
    func `a client goes on after every fault`() async throws {
        let server = try LoopbackServer { request in
            switch request.line.split(separator: " ")[1] {
            case "/reset": [Answer.head("Content-Length: 9"), .reset]
            case "/large": [Answer.of(body: [UInt8](repeating: 0, count: 99))]
            case "/hang": [.hang]
            default: [Answer.plain]
            }
        }
        defer { server.stop() }
        let limits = HTTPLimits(totalTimeout: .milliseconds(250), bodyLimit: 10)
        for path in ["/reset", "/large", "/hang"] {
            let failed = await client.outcome(HTTPRequest(.post, server.url + path, body: [1], label: "t"), limits)
            #expect(throws: TransportError.self) { try failed.get() }
            let next = await client.outcome(HTTPRequest(.get, server.url + "/good", label: "t"))
            #expect(try next.get().body == Array("hello".utf8))
        }
    }

    static let unsent: [(request: HTTPRequest, reason: String)] = [
        (HTTPRequest(.get, "file:///etc/passwd", label: "t"), "http"),
        (HTTPRequest(.get, "ftp://127.0.0.1/", label: "t"), "http"),
        (HTTPRequest(.get, "FILE:///etc/passwd", label: "t"), "http"),
        (HTTPRequest(.get, "gopher://127.0.0.1/", label: "t"), "http"),
        (HTTPRequest(.get, "127.0.0.1/", label: "t"), "http"),
        (HTTPRequest(.get, "http:/127.0.0.1/", label: "t"), "http"),
        (HTTPRequest(.get, "", label: "t"), "http"),
        (HTTPRequest(.get, "http://", label: "t"), "URL"),
        (HTTPRequest(.get, "http:///path", label: "t"), "URL"),
        (HTTPRequest(.get, "http://127.0.0.1:99999/", label: "t"), "URL"),
        (HTTPRequest(.get, "http://127.0.0.1/a\r\nX-Evil: 1", label: "t"), "control character"),
        (HTTPRequest(.get, "http://127.0.0.1/a\nb", label: "t"), "control character"),
        (HTTPRequest(.get, "http://127.0.0.1/a b", label: "t"), "space"),
        (HTTPRequest(.get, "http://127.0.0.1/\0", label: "t"), "control character"),
        (HTTPRequest(.get, "http://127.0.0.1/", body: [1], label: "t"), "GET"),
    ]

    @Test(arguments: unsent)
    func `other schemes and broken URLs are not sent`(request: HTTPRequest, reason: String) async throws {
        let error = await client.outcome(request).failure
        #expect(error?.kind == .invalidRequest)
        #expect(error?.description.contains(reason) == true)
    }

    static let injections = [
        HTTPField("X-Key", "s3cret\r\nX-Evil: 1"), HTTPField("X-Key", "s3cret\nX-Evil: 1"),
        HTTPField("X-Key", "s3cret\r"),
        HTTPField("X-Key", "s3cret\0"), HTTPField("X-Key\r\nX-Evil", "s3cret"),
        HTTPField("X-Evil: 1\r\nX-Key", "s3cret"),
        HTTPField("X Key", "s3cret"), HTTPField("X-Key:", "s3cret"), HTTPField("", "s3cret"),
        HTTPField("Ключ", "s3cret"),
    ]

    @Test(arguments: injections)
    func `a header that would smuggle another one is not sent, and its value not told`(field: HTTPField) async throws {
        let server = try LoopbackServer(Answer.plain)
        defer { server.stop() }
        let request = HTTPRequest(.get, server.url, headers: [field], label: "t")
        let error = try #require(await client.outcome(request).failure)
        #expect(error.kind == .invalidRequest)
        #expect(!error.description.contains("s3cret") && !error.description.contains("Evil"))
        #expect(server.connections == 0)
    }

    @Test
    func `a name that does not resolve delays nobody else`() async throws {
        let server = try LoopbackServer(Answer.plain)
        defer { server.stop() }
        // With a resolver it is unknown at once, without one it takes the whole time: both are right.
        async let lost = client.outcome(
            HTTPRequest(.get, "http://name.invalid/s3cret", label: "the shop"), FaultTests.short)
        for _ in 0..<20 {
            let result = await client.outcome(
                HTTPRequest(.get, server.url, label: "t"), HTTPLimits(totalTimeout: .seconds(2)))
            #expect(try result.get().status == 200)
        }
        let known: [Result<HTTPResponse, TransportError>] = [
            .failure(.timedOut), .failure(.cannotResolve("the host of the shop")),
        ]
        #expect(known.contains(await lost))
    }
}
