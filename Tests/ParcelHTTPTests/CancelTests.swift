// Requests that nobody waits for any more, and the end of a client.

import ParcelCore
import ParcelHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CancelTests {
    let client: HTTPClient

    init() throws { client = try HTTPClient(settings: HTTPSettings(userAgent: "parceld/test")) }

    private func start(_ url: String) -> Task<Result<HTTPResponse, TransportError>, Never> {
        Task { [client] in await client.outcome(HTTPRequest(.get, url, label: "t")) }
    }

    @Test
    func `cancelling a task in flight ends it and hangs up`() async throws {
        let server = try LoopbackServer(.hang)
        defer { server.stop() }
        var events = server.events.makeAsyncIterator()
        let task = start(server.url)
        _ = await events.next()
        task.cancel()
        #expect(await task.value == .failure(.cancelled))
        #expect(await events.next() == .hungUp(connection: 1))
    }

    @Test
    func `a task cancelled before it sends connects to nobody`() async throws {
        let server = try LoopbackServer(Answer.plain)
        defer { server.stop() }
        let client = client
        let url = server.url
        let result = await withTaskGroup(of: Result<HTTPResponse, TransportError>.self) { group in
            group.cancelAll()
            group.addTask { await client.outcome(HTTPRequest(.get, url, label: "t")) }
            return await group.next()
        }
        #expect(result == .failure(.cancelled))
        #expect(server.connections == 0)
    }

    @Test
    func `a storm of cancels leaves every request either whole or cancelled`() async throws {
        let server = try LoopbackServer(Answer.plain)
        defer { server.stop() }
        let tasks = (0..<1000).map { number in
            let task = start("\(server.url)/\(number)")
            if number % 3 != 0 { task.cancel() }
            return task
        }
        for (number, task) in tasks.enumerated() {
            switch await task.value {
            case .success(let response): #expect(response.body == Array("hello".utf8))
            case .failure(let error): #expect(error == .cancelled && number % 3 != 0)
            }
        }
    }

    @Test
    func `closing ends what is in flight and refuses what comes later`() async throws {
        let server = try LoopbackServer(.hang)
        defer { server.stop() }
        var events = server.events.makeAsyncIterator()
        let tasks = (0..<20).map { _ in start(server.url) }
        for _ in tasks { _ = await events.next() }
        client.close()
        for task in tasks { #expect(await task.value == .failure(.cancelled)) }
        #expect(await start(server.url).value == .failure(.cancelled))
        client.close()
    }

    @Test
    func `closing does not wait for a name that is being looked up`() async throws {
        let task = start("http://name.invalid/")
        client.close()
        let known: [Kind?] = [.cancelled, .cannotResolve]
        #expect(known.contains(await task.value.failure?.kind))
    }
}
