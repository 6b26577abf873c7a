// Runs everything with marked secrets and marked people, and then looks for the marks everywhere that parceld writes.

import Foundation
import ParcelSim
import Testing

/// A mail server that refuses the login and repeats the password.
private let mailServer = """
    import base64, socket
    server = socket.create_server(('127.0.0.1', 0))
    print(server.getsockname()[1], flush=True)
    while True:
        client, _ = server.accept()
        lines = client.makefile('rwb')
        def say(text):
            lines.write(text.encode() + b'\\r\\n')
            lines.flush()
        say('220 mail')
        for line in lines:
            words = line.decode().split()
            if not words: continue
            if words[0] in ('EHLO', 'HELO'):
                say('250-mail')
                say('250 AUTH PLAIN LOGIN')
            elif words[0] == 'AUTH':
                if len(words) < 3:
                    say('334 ')
                    words.append(lines.readline().decode().strip())
                    words.append(words[-1])
                say('535 5.7.8 no Mandelbaum +79161234567: ' + base64.b64decode(words[2]).decode(errors='replace').replace('\\0', ' '))
            elif words[0] == 'QUIT':
                say('221 bye')
                break
            else: say('250 ok')
        client.close()
    """

/// Starts it; ends with the test.
private final class PasswordEcho {
    let process = Process()
    let port: Int

    init() throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", mailServer]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let part = output.fileHandleForReading.availableData
            try #require(!part.isEmpty)
            text += String(decoding: part, as: UTF8.self)
        }
        port = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    deinit { process.terminate() }
}

@Suite(.serialized)
struct SecrecyTests {
    /// One for each secret and for each sort of personal data; short enough to survive what cuts long texts.
    private static let secrets = [
        "token": "SECRETshiptor77", "bot": "777:SECRETbot77", "mail": "SECRETmail77", "hook": "SECRETheader77",
    ]
    private static let marks = [
        "SECRETshiptor77", "SECRETbot77", "SECRETmail77", "SECRETheader77", "Mandelbaum", "9161234567", "Lomonossow",
        "4509123456", "1980-02-29",
    ]
    private static let person =
        #""to":{"name":"Ossip Mandelbaum","phone":"+79161234567","address":"ul. Lomonossowa 3","passport":"4509123456","birthday":"1980-02-29"},"receiver":"Mandelbaum O.","email":"mandelbaum@mail.example","comment":"call Mandelbaum +79161234567""#

    /// What Shiptor says, one answer after the other; the last for ever.
    private static let answers: [(Int, String)] = [
        (403, "<html>Forbidden: SECRETshiptor77 for Mandelbaum</html>"),
        (200, #"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Not authorized: SECRETshiptor77"}}"#),
        (200, #"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"unknown key SECRETshiptor77"}}"#),
        (200, #"{"jsonrpc":"2.0","id":1,"result":[{\#(person)},{"id":[],\#(person)}]}"#),
        (
            200,
            #"{"jsonrpc":"2.0","id":1,"result":[{"id":11578,"status":"problem","external_id":"ORD-1","tracking_number":"RP1",\#(person)}]}"#
        ),
    ]

    /// What the other providers say, by the beginning of the path: an error with a person in its words.
    private static let errors: [(path: String, status: Int, body: String)] = [
        ("/otcommerce", 200, #"{"ErrorCode":"InternalError","ErrorDescription":"\#(named)"}"#),
        ("/litemf", 200, #"{"status":"error","error":{"code":1400,"message":"\#(named)"}}"#),
        ("/17track", 200, #"{"code":-18010003,"data":{"errors":[{"code":-18010003,"message":"\#(named)"}]}}"#),
        ("/kuaidi100", 200, #"{"result":false,"returnCode":"501","message":"\#(named)"}"#),
        ("/cainiao", 200, #"{"success":false,"errorCode":"SYSTEM_ERROR","errorMsg":"\#(named)"}"#),
        ("/cdek/v2/oauth", 200, #"{"access_token":"token","expires_in":3600}"#),
        ("/cdek", 400, #"{"errors":[{"code":"v2_internal_error","message":"\#(named)"}]}"#),
        ("/courier", 200, #"{"error":"\#(named)"}"#),
        (
            "/post", 500,
            """
            <S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><S:Fault><S:Reason>\
            <S:Text xml:lang="en">\(named)</S:Text></S:Reason></S:Fault></S:Body></S:Envelope>
            """
        ),
    ]
    private static let named = "Receiver Mandelbaum, +79161234567, ul. Lomonossowa 3, 4509123456, is not found"
    /// Numbers that these providers are asked about.
    private static let numbers = ["RR123456785CN", "1100285492", "LP00612345678901", "SF1234567890123"]

    private static func configuration(_ shop: LiveShop, _ mail: Int) -> String {
        """
        database: mirror.sqlite
        control_socket: control
        log_level: debug
        providers:
          shiptor: {url: "http://127.0.0.1:\(shop.port)/shiptor", token: {file: token}, requests_per_second: 1000}
          otcommerce: {url: "http://127.0.0.1:\(shop.port)/otcommerce", instance_key: {file: token}, login: shop, password: {file: token}}
          litemf: {url: "http://127.0.0.1:\(shop.port)/litemf", api_key: {file: token}}
          17track: {url: "http://127.0.0.1:\(shop.port)/17track", token: {file: token}}
          kuaidi100: {url: "http://127.0.0.1:\(shop.port)/kuaidi100", customer: shop, key: {file: token}}
          cainiao: {url: "http://127.0.0.1:\(shop.port)/cainiao"}
          cdek: {url: "http://127.0.0.1:\(shop.port)/cdek", client_id: shop, client_secret: {file: token}}
          russianpost: {url: "http://127.0.0.1:\(shop.port)/post", login: shop, password: {file: token}}
          courier: {type: generic, url: "http://127.0.0.1:\(shop.port)/courier/{number}", ask: one, answer: {error: /error}, row: {status: /status}, statuses: {"1": delivered}}
        channels:
          chat: {type: telegram, url: "http://127.0.0.1:\(shop.port)", token: {file: bot}, chat: "-1907", answers: true}
          post: {type: mail, url: "smtp://127.0.0.1:\(mail)", tls: false, user: shop, password: {file: mail}, from: a@shop.example, to: b@shop.example}
          hook: {type: webhook, url: "http://127.0.0.1:\(shop.port)/hook", secret: {file: hook}}
          lines: {type: journal}
        recipients:
          - {name: manager, language: ru, zone: Europe/Moscow, hours: "00:00-24:00", calendar: daily, channels: [chat, post, hook, lines], weekly_summary: false}

        """
    }

    /// Every place where something could have been left, by name.
    private static func places(_ shop: LiveShop, _ said: [String: String]) throws -> [String: Data] {
        var places = said.mapValues { Data($0.utf8) }
        let own = Set(secrets.keys)
        for case let file as URL in FileManager.default.enumerator(at: shop.folder, includingPropertiesForKeys: nil)
            ?? .init()
        where !own.contains(file.lastPathComponent) {
            if let data = try? Data(contentsOf: file) { places[file.lastPathComponent] = data }
        }
        let process = "/proc/\(try #require(shop.daemon).processIdentifier)"
        places["cmdline"] = try Data(contentsOf: URL(fileURLWithPath: process + "/cmdline"))
        // Of another user, or of one that lets nobody look: then nobody does.
        if let environment = try? Data(contentsOf: URL(fileURLWithPath: process + "/environ")) {
            places["environ"] = environment
        }
        return places
    }

    @Test func `no secret and nobody's data is in the journal, the database, the output, the process or a file`()
        async throws
    {
        let (shop, mail) = (try LiveShop(), try PasswordEcho())
        for (name, text) in Self.secrets { try shop.secret(name, text) }
        let text = Self.configuration(shop, mail.port)
        try Data(text.utf8).write(to: shop.config)
        let turn = TurnCounter()
        shop.answer { request in
            if request.path.hasPrefix("/shiptor") {
                let (status, body) = Self.answers[min(turn.next(), Self.answers.count - 1)]
                return LiveShop.json(body, status)
            }
            if request.path.hasPrefix("/hook") { return LiveShop.json("no: SECRETheader77 Mandelbaum", 403) }
            if request.path.hasSuffix("/sendMessage") {
                return LiveShop.json(
                    #"{"ok":false,"error_code":401,"description":"bad token SECRETbot77 of Mandelbaum 9161234567"}"#,
                    401)
            }
            if let error = Self.errors.first(where: { request.path.hasPrefix($0.path) }) {
                return LiveShop.json(error.body, error.status)
            }
            return LiveShop.standard(request)
        }
        try shop.start()
        var said: [String: String] = [:]
        func run(_ program: URL, _ arguments: String...) throws {
            let result = try Playground.run(program, arguments + ["--config", shop.config.path])
            said["\(arguments) \(said.count)"] = result.output + result.errors
        }
        try await shop.wait { try shop.control("add", Self.numbers[0]).status == 0 }
        for number in Self.numbers.dropFirst() { try run(Harness.parcelctl, "add", number) }
        for turns in 1...Self.answers.count {
            try await shop.wait { turn.count >= turns }
            try await shop.wait { try shop.status().tree["providers"] != nil }
            try run(Harness.parcelctl, "provider", "resume", "shiptor")
            try run(Harness.parcelctl, "poll", "shiptor")
        }
        try await shop.wait { try shop.control("list", "parcels", "--json").output.contains("11578") }
        try await shop.wait { shop.count("channel refuses messages") >= 3 }
        for error in Self.errors { try await shop.wait { !shop.received(error.path).isEmpty } }
        // A secret where none belongs, and other mistakes.
        for mistake in [
            "token: {file: token}, key: SECRETshiptor77", "token: SECRETshiptor77", "token: {file: bot, x: 1}",
        ] {
            let before = shop.count("not read anew")
            try Data(text.replacingOccurrences(of: "token: {file: token}", with: mistake).utf8).write(to: shop.config)
            shop.hangUp()
            try await shop.wait { shop.count("not read anew") > before }
            try run(Harness.parceld, "check")
        }
        try run(Harness.parcelctl, "status")
        try Data(text.utf8).write(to: shop.config)
        shop.hangUp()
        try await shop.wait { shop.count("was read anew") > 0 }
        try run(Harness.parceld, "check")
        for channel in ["chat", "post", "hook", "lines"] { try run(Harness.parcelctl, "channel", "test", channel) }
        try run(Harness.parcelctl, "provider", "test", "shiptor")
        for question in ["status", "alerts", "list"] { try run(Harness.parcelctl, question, "--json") }
        try run(Harness.parcelctl, "show", "RP1", "--json")
        try run(Harness.parcelctl, "history", "RP1")
        let places = try Self.places(shop, said)
        #expect(
            places.keys.contains("mirror.sqlite") && places.keys.contains("mirror.sqlite-wal")
                && places.keys.contains("log"))
        #expect(
            places["log"]?.isEmpty == false && shop.log.contains("provider refuses the login"),
            "\(shop.log.prefix(3000))")
        for code in ["InternalError", "1400", "-18010003", "501", "SYSTEM_ERROR", "v2_internal_error"] {
            #expect(shop.log.contains("(code \(code))"), "\(code): \(shop.log.prefix(6000))")
        }
        // A person at a terminal sees what it says, and nobody else does.
        let test = try shop.control("provider", "test", "litemf")
        #expect(test.output.contains("Mandelbaum") && !test.output.contains("SECRET"), "\(test)")
        for (place, data) in places where place != "parceld.yaml" {
            for mark in Self.marks {
                let found = data.range(of: Data(mark.utf8))
                let around = found.map {
                    String(
                        decoding: data[max(0, $0.lowerBound - 200)..<min(data.count, $0.upperBound + 60)], as: UTF8.self
                    )
                }
                #expect(found == nil, "\(mark) in \(place): \(around ?? "")")
            }
        }
        let limits = try String(
            contentsOfFile: "/proc/\(try #require(shop.daemon).processIdentifier)/limits", encoding: .utf8)
        let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.split(separator: " ").filter { $0 == "0" }.count == 2, "\(core)")
        try shop.stop()
    }
}

private final class TurnCounter: @unchecked Sendable {
    private let lock = NSLock()
    private var turns = 0
    var count: Int { lock.withLock { turns } }
    func next() -> Int {
        lock.withLock {
            turns += 1
            return turns - 1
        }
    }
}
