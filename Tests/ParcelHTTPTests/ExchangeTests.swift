// Answers of every kind that come whole: what was sent, and what is handed back.

import ParcelCore
import ParcelHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ExchangeTests {
    let client: HTTPClient

    init() throws { client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test")) }

    @Test
    func `a GET carries its target, its headers and an honest user agent`() async throws {
        let server = try LoopbackServer(Answer.of(headers: ["X-One: 1", "Set-Cookie: a=1", "Set-Cookie:  b=2 "]))
        defer { server.stop() }
        let response = try await client.send(
            HTTPRequest(
                .get, server.url + "/list?q=%D0%B0&n=1", headers: [HTTPField("X-Key", "k"), HTTPField("X-None", "")],
                label: "t"))
        #expect(response.status == 200)
        #expect(response.body == Array("hello".utf8))
        #expect(
            response.headers == [
                HTTPField("X-One", "1"), HTTPField("Set-Cookie", "a=1"), HTTPField("Set-Cookie", "b=2"),
                HTTPField("Content-Length", "5"),
            ])
        let request = try #require(server.received.first)
        #expect(request.line == "GET /list?q=%D0%B0&n=1 HTTP/1.1")
        #expect(request.headers["x-key"] == "k")
        #expect(request.headers["x-none"] == "")
        #expect(request.headers["user-agent"] == "parceld/test")
        #expect(request.headers["accept-encoding"]?.contains("gzip") == true)
        #expect(request.headers["content-type"] == nil)
    }

    static let bodies: [[UInt8]] = [
        Array(#"{"a":1}"#.utf8), [], [0, 255, 0, 13, 10], [UInt8](repeating: 7, count: 3 << 20),
    ]

    @Test(arguments: bodies)
    func `a POST carries its bytes as they are and no type that was not named`(body: [UInt8]) async throws {
        let server = try LoopbackServer(Answer.plain)
        defer { server.stop() }
        _ = try await client.send(HTTPRequest(.post, server.url, body: body, label: "t"))
        let request = try #require(server.received.first)
        #expect(request.line == "POST / HTTP/1.1")
        #expect(request.body == body)
        #expect(request.headers["content-length"] == "\(body.count)")
        #expect(request.headers["content-type"] == nil)
        #expect(request.headers["expect"] == nil)
    }

    @Test
    func `a POST without a body sends an empty one`() async throws {
        let server = try LoopbackServer(Answer.plain)
        defer { server.stop() }
        _ = try await client.send(HTTPRequest(.post, server.url, label: "t"))
        #expect(server.received.map(\.headers["content-length"]) == ["0"])
    }

    @Test
    func `one connection serves one request after another, and none inherits from the one before`() async throws {
        let server = try LoopbackServer(Answer.plain)
        defer { server.stop() }
        let json = [HTTPField("Content-Type", "application/json"), HTTPField("X-Key", "k")]
        let requests = [
            HTTPRequest(.get, server.url, headers: json, label: "t"),
            HTTPRequest(.post, server.url, headers: json, body: [1, 2, 3], label: "t"),
            HTTPRequest(.post, server.url, body: [4], label: "t"),
            HTTPRequest(.get, server.url, label: "t"),
            HTTPRequest(.post, server.url, headers: json, label: "t"),
        ]
        for request in requests { _ = try await client.send(request) }
        #expect(server.connections == 1)
        #expect(server.received.map { String($0.line.prefix(4)) } == ["GET ", "POST", "POST", "GET ", "POST"])
        #expect(server.received.map(\.body) == [[], [1, 2, 3], [4], [], []])
        let type = "application/json"
        #expect(server.received.map(\.headers["content-type"]) == [type, type, nil, nil, type])
        #expect(server.received.map(\.headers["x-key"]) == ["k", "k", nil, nil, "k"])
    }

    @Test
    func `a kept connection that the server has closed is replaced without an error`() async throws {
        let server = try LoopbackServer { $0.line.hasPrefix("GET /last") ? [Answer.plain, .close] : [Answer.plain] }
        defer { server.stop() }
        var events = server.events.makeAsyncIterator()
        _ = try await client.send(HTTPRequest(.get, server.url + "/last", label: "t"))
        while case .received = await events.next() {}
        #expect(try await client.send(HTTPRequest(.get, server.url, label: "t")).status == 200)
        #expect(server.connections == 2)
    }

    static let encodings: [(name: String, body: [UInt8])] = [
        ("gzip", Compressed.gzip), ("br", Compressed.brotli), ("zstd", Compressed.zstandard),
    ]

    @Test(arguments: encodings)
    func `a compressed body is handed back decoded`(name: String, body: [UInt8]) async throws {
        let server = try LoopbackServer(Answer.of(headers: ["Content-Encoding: \(name)"], body: body))
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.get, server.url, label: "t"))
        #expect(response.body == Array("hello".utf8))
    }

    static let statuses: [(line: String, status: Int, headers: [String])] = [
        ("429 Too Many Requests", 429, ["Retry-After: 120"]),
        ("503 Service Unavailable", 503, ["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"]),
        ("500 Internal Server Error", 500, []),
        ("403 Forbidden", 403, ["Content-Type: text/html"]),
        ("404 Not Found", 404, []),
    ]

    @Test(arguments: statuses)
    func `an answer of any status is an answer`(line: String, status: Int, headers: [String]) async throws {
        let page = Array("<html>no</html>".utf8)
        let server = try LoopbackServer(Answer.of(line, headers: headers, body: page))
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.get, server.url, label: "t"))
        #expect(response.status == status)
        #expect(response.body == page)
        for header in headers {
            let name = String(header.prefix { $0 != ":" })
            #expect(response[name] == String(header.dropFirst(name.count + 2)))
        }
    }

    @Test
    func `both forms of Retry-After are readable from an answer`() async throws {
        let server = try LoopbackServer { request in
            let value = request.line.hasPrefix("GET /date") ? "Sun, 06 Nov 1994 08:50:37 GMT" : "60"
            return [
                Answer.of("429 Slow down", headers: ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "retry-after: \(value)"])
            ]
        }
        defer { server.stop() }
        for path in ["/date", "/seconds"] {
            let response = try await client.send(HTTPRequest(.get, server.url + path, label: "t"))
            let now = try #require(response["Date"].flatMap(httpDate))
            #expect(retryAfter(try #require(response["Retry-After"]), now: now) == .seconds(60))
        }
    }

    @Test(arguments: ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
    func `a redirect is handed back and not followed`(line: String) async throws {
        let target = try LoopbackServer(Answer.plain)
        defer { target.stop() }
        let server = try LoopbackServer(Answer.of(line, headers: ["Location: \(target.url)/elsewhere"]))
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.get, server.url, label: "t"))
        #expect(response.status == Int(line.prefix(3)))
        #expect(response["location"] == "\(target.url)/elsewhere")
        #expect(target.connections == 0)
    }

    @Test
    func `only the last block of headers counts, and trailers are no headers`() async throws {
        let server = try LoopbackServer(
            .text("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"),
            .text(
                "HTTP/1.1 200 OK\r\nX-Late: 2\r\n and more\r\nTransfer-Encoding: chunked\r\nTrailer: X-Trailer\r\n\r\n"),
            .text("5\r\nhello\r\n0\r\nX-Trailer: 3\r\n\r\n"))
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.get, server.url, label: "t"))
        #expect(response.status == 200)
        #expect(response.body == Array("hello".utf8))
        #expect(response["X-Late"] == "2 and more")
        #expect(response["X-Early"] == nil)
        #expect(response["X-Trailer"] == nil)
    }

    @Test(
        arguments: [
            ["Content-Length: 700000"], ["Content-Length: 700000", "content-length: 700000"], ["Connection: close"],
        ])
    func `an answer larger than what is read at once comes whole, whatever it says of its length`(
        headers: [String]
    ) async throws {
        let body = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let head = (["HTTP/1.1 200 OK"] + headers + ["", ""]).joined(separator: "\r\n")
        let server = try LoopbackServer(.text(head), .send(body), .close)
        defer { server.stop() }
        #expect(try await client.send(HTTPRequest(.get, server.url, label: "t")).body == body)
    }

    @Test
    func `an answer without a length ends where the connection does`() async throws {
        let server = try LoopbackServer(Answer.head(), .text("hello"), .close)
        defer { server.stop() }
        #expect(try await client.send(HTTPRequest(.get, server.url, label: "t")).body == Array("hello".utf8))
    }

    @Test(arguments: [512, 8])
    func `five hundred requests at once are all answered, each with its own body`(transfers: Int) async throws {
        let server = try LoopbackServer { [Answer.of(body: Array($0.line.utf8))] }
        defer { server.stop() }
        let client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test", maximumTransfers: transfers))
        defer { client.close() }
        let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let response = try await client.send(HTTPRequest(.get, "\(server.url)/\(number)", label: "t"))
                    return response.body == Array("GET /\(number) HTTP/1.1".utf8)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == [Bool](repeating: true, count: 500))
        #expect(server.connections <= transfers)
    }

    @Test
    func `a configured proxy is used, with whole URLs`() async throws {
        let proxy = try LoopbackServer(Answer.plain)
        defer { proxy.stop() }
        let client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test", proxy: proxy.url))
        defer { client.close() }
        #expect(try await client.send(HTTPRequest(.get, "http://name.invalid/a", label: "t")).status == 200)
        #expect(proxy.received.map(\.line) == ["GET http://name.invalid/a HTTP/1.1"])
    }
}
