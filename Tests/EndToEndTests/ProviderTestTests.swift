// `parcelctl provider test` over real HTTP: the worked example against a server that answers what stands beside it.

import Foundation
import ParcelSim
import Testing

/// A folder with the worked example, pointed at a server on this machine that gives one answer to everything.
private final class Courier {
    let folder = FileManager.default.temporaryDirectory.appending(path: "parceld-courier-\(UUID().uuidString)")
    let server: LoopbackServer

    init(_ change: (String) -> String = { $0 }, answer: @escaping @Sendable (SimRequest) -> SimReply) throws {
        server = try LoopbackServer(answer: answer)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let example = Harness.root.appending(path: "config/examples/generic.yaml")
        let text = try String(contentsOf: example, encoding: .utf8)
            .replacingOccurrences(of: "https://api.courier.example", with: "http://127.0.0.1:\(server.port)")
            .replacingOccurrences(of: "../secrets.example/courier-token", with: "token")
        try Data(change(text).utf8).write(to: folder.appending(path: "parceld.yaml"))
        try Data("SECRET-token\n".utf8).write(to: folder.appending(path: "token"))
    }

    deinit {
        server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    static func example() throws -> [UInt8] {
        Array(try Data(contentsOf: Harness.root.appending(path: "config/examples/generic.answer.json")))
    }

    func test(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Playground.run(
            Harness.parcelctl,
            [
                "provider", "test", "courier", "--config", folder.appending(path: "parceld.yaml").path, "--language",
                "en",
            ]
                + arguments)
    }
}

private func reply(_ body: [UInt8], status: Int = 200) -> SimReply {
    SimReply(status: status, headers: [("Content-Type", "application/json")], body: body)
}

@Test func `one request shows what each pointer found and what comes of it`() throws {
    let example = try Courier.example()
    let courier = try Courier { request in
        // The secret arrives; it is only never shown.
        request.headers["authorization"] == "Bearer SECRET-token" ? reply(example) : reply([], status: 401)
    }
    let result = try courier.test("--number", "lp 193-0191-011", "--rows", "1")
    #expect(result.status == 0, "\(result.errors)")
    for part in [
        "request  POST courier (127.0.0.1:", "status 200, \(example.count) bytes", "a list of 2", "row 1 of 2",
        "40 → ready to be collected [ready_for_pickup]", "09.10.2017 11:20 → 2017-10-09T08:20:00Z (Europe/Moscow)",
        "events: 4",
    ] { #expect(result.output.contains(part), "\(part): \(result.output)") }
    #expect(!result.output.contains("SECRET") && !result.errors.contains("SECRET"))
    let json = try courier.test("--number", "LP1930191011", "--json")
    let read = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any], "\(json.output)")
    #expect((read["snapshots"] as? [[String: Any]])?.first?["meaning"] as? String == "ready_for_pickup")
    #expect((read["rows"] as? [Any])?.count == 2 && read["error"] is NSNull)
}

@Test func `a pointer that leads off says what is there instead, with status 1`() throws {
    let example = try Courier.example()
    let courier = try Courier({ $0.replacingOccurrences(of: "/state/code", with: "/status/code") }) { _ in
        reply(example)
    }
    let result = try courier.test("--number", "LP1930191011")
    #expect(result.status == 1)
    #expect(result.output.contains("nothing: the object has track, state, history"), "\(result.output)")
    #expect(result.output.contains("LP1930191011  cannot be read: /status/code"))
}

@Test func `an endpoint that repeats the secret does not get it shown`() throws {
    let courier = try Courier { _ in
        reply(Array(#"{"code": 7, "message": "bad token SECRET-token"}"#.utf8))
    }
    for form in [[], ["--json"]] {
        let result = try Playground.run(
            Harness.parcelctl,
            [
                "provider", "test", "courier", "--number", "LP1930191011", "--config",
                courier.folder.appending(path: "parceld.yaml").path,
            ] + form)
        #expect(result.status == 1)
        #expect(result.output.contains("bad token <secret>") && !result.output.contains("SECRET"), "\(result.output)")
    }
}

@Test func `what cannot be tried is told in one line with its status`() throws {
    let courier = try Courier { _ in SimReply(headers: [], body: [], behaviour: .close) }
    let cases: [(arguments: [String], status: Int32, part: String)] = [
        (["--number", "LP1930191011"], 69, "courier: no answer"), ([], 64, "say which: --number"),
        (["--number", "RB123456785CN"], 64, "does not follow numbers such as RB123456785CN"),
        (["--number", "?"], 64, "no track number"), (["--number", "LP1930191011", "--rows", "0"], 64, "--rows 0"),
    ]
    for row in cases {
        let result = try Playground.run(
            Harness.parcelctl,
            ["provider", "test", "courier", "--config", courier.folder.appending(path: "parceld.yaml").path]
                + row.arguments)
        #expect(result.status == row.status, "\(result.errors)")
        #expect(result.errors.contains(row.part) && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.output.isEmpty)
    }
    let config = courier.folder.appending(path: "parceld.yaml").path
    let unknown = try Playground.run(Harness.parcelctl, ["provider", "test", "curier", "--config", config])
    #expect(unknown.status == 66 && unknown.errors.contains("(known: courier)"))
    try FileManager.default.removeItem(at: courier.folder.appending(path: "token"))
    let secretless = try courier.test("--number", "LP1930191011")
    #expect(
        secretless.status == 78 && secretless.errors.contains("line 45: providers.courier.secrets.token"),
        "\(secretless.errors)")
}
