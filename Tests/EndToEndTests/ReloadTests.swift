import Foundation
import ParcelSim
import Testing

/// SIGHUP, sent to the real daemon at the worst moments.
@Suite(.serialized)
struct ReloadTests {
    private static let taken = "the configuration was read anew"
    private static let refused = "the configuration was not read anew"

    @Test func `a mistake in the file keeps nobody from asking for a poll`() async throws {
        let shop = try LiveShop()
        try shop.configure()
        try shop.start()
        try await shop.wait { try shop.control("poll", "shiptor").status == 0 }
        let cases: [(text: String, arguments: [String], status: Int32)] = [
            ("mistake: 1\n", [], 0), ("providers: [\n", ["--socket", shop.folder.appending(path: "control").path], 0),
            // The usual place, where no daemon of ours is.
            ("\t- {\n", [], 69),
        ]
        let good = try String(contentsOf: shop.config, encoding: .utf8)
        for row in cases {
            try Data((row.text.hasPrefix("mistake") ? good + row.text : row.text).utf8).write(to: shop.config)
            let poll = try Playground.run(
                Harness.parcelctl, ["poll", "shiptor", "--config", shop.config.path] + row.arguments)
            #expect(poll.status == row.status, "\(row.text) \(poll)")
            let isWarned = poll.errors.contains("warning: ") && poll.errors.contains("asking at ")
            #expect(isWarned == row.arguments.isEmpty, "\(poll)")
        }
        try Data(good.utf8).write(to: shop.config)
        try shop.stop()
    }

    @Test func `a mistake keeps the old configuration and is told with its line; mended, all of that is gone`()
        async throws
    {
        let shop = try LiveShop()
        try shop.configure()
        try shop.start()
        try await shop.wait { try shop.spent() > 0 }
        try shop.configure {
            $0.replacingOccurrences(of: "token: {file: token}", with: "token: {file: none}, evry: 5 min")
        }
        shop.hangUp()
        try await shop.wait { shop.count(Self.refused) == 1 }
        #expect(shop.log.contains("evry: unknown key") && shop.log.contains("line=6"), "\(shop.log)")
        let state = try #require(try shop.status().tree["configuration"] as? [String: Any])
        #expect(
            state["mistakeCount"] as? Int == 2 && state["refusedAt"] is String && state["takenAt"] is String, "\(state)"
        )
        for (language, words) in [("en", "the file has 2 mistakes since"), ("ru", "в файле ошибок: 2")] {
            let text = try Playground.run(
                Harness.parcelctl, ["status", "--language", language, "--config", shop.config.path])
            #expect(text.status == 1 && text.output.contains(words), "\(text.output)")
            #expect(text.output.contains("line 6: ") && text.output.contains("evry"), "\(text.output)")
        }
        // It still works by the old one.
        let before = shop.received("/shiptor").count
        let poll = try Playground.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["python3", "-c", Self.ask, shop.folder.appending(path: "control").path])
        #expect(poll.output.contains("asks"), "\(poll)")
        try await shop.wait { shop.received("/shiptor").count > before }
        try shop.configure()
        shop.hangUp()
        try await shop.wait { shop.count(Self.taken) == 1 }
        let mended = try shop.status()
        #expect((mended.tree["configuration"] as? [String: Any])?["refusedAt"] is NSNull)
        #expect(mended.status == 0)
        try shop.stop()
    }

    /// As parcelctl asks, which would not read a file with mistakes.
    private static let ask = """
        import socket, sys
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[1])
        s.sendall(b'poll\\tshiptor\\n')
        print(s.makefile().readline())
        """

    @Test func `an answer that drips in during a reload is kept: nothing is asked twice`() async throws {
        let shop = try LiveShop()
        try shop.configure()
        shop.answer { request in
            var reply = LiveShop.standard(request)
            if request.path.hasPrefix("/shiptor") { reply.behaviour = .drip(milliseconds: 10) }
            return reply
        }
        try shop.start()
        try await shop.wait { shop.received("/shiptor").count == 1 }
        try shop.configure { $0.replacingOccurrences(of: "name: manager", with: "name: shift") }
        shop.hangUp()
        try await shop.wait { shop.count(Self.taken) == 1 }
        try await shop.wait { try shop.spent() == 1 }
        let lists = shop.received("/shiptor").filter {
            String(decoding: $0.body, as: UTF8.self).contains("getPackages")
        }
        #expect(lists.count == 1)
        #expect(try shop.control("list", "parcels", "--json").output.contains("11578"))
        try shop.stop()
        #expect(try shop.spent() == shop.received("/shiptor").count)
    }

    @Test(arguments: ["", ", requests_per_day: 100000"])
    func `twenty SIGHUPs while it polls lose and double no request, and the ledger counts what the server got`(
        more: String
    ) async throws {
        let shop = try LiveShop()
        func configure(_ number: Int) throws {
            try shop.configure {
                $0.replacingOccurrences(of: "per_second: 1000}", with: "per_second: 1000\(more)}")
                    .replacingOccurrences(of: "  chat:", with: "  spare\(number): {type: journal}\n  chat:")
            }
        }
        try configure(0)
        shop.answer { request in
            if request.path.hasPrefix("/shiptor") { usleep(40_000) }
            return LiveShop.standard(request)
        }
        try shop.start()
        try await shop.wait { try shop.spent() > 0 }
        for number in 1...20 {
            let before = shop.received("/shiptor").count
            // A wish is granted by the pass in hand, if there is one.
            try await shop.wait { shop.log.components(separatedBy: "poll finished").count > before }
            #expect(try shop.control("poll", "shiptor").status == 0)
            try configure(number)
            // In the middle of the transfer, or of what follows it.
            try await shop.wait { shop.received("/shiptor").count > before }
            shop.hangUp()
        }
        // Its warning is said when it was taken over.
        try await shop.wait { shop.log.contains("channels.spare20: no recipient uses it") }
        try await shop.wait { try shop.spent() == shop.received("/shiptor").count }
        let lists = shop.received("/shiptor").filter {
            String(decoding: $0.body, as: UTF8.self).contains("getPackages")
        }
        // One for the start and one for each wish.
        #expect((20...21).contains(lists.count), "\(lists.count)")
        try shop.stop()
        #expect(try shop.spent() == shop.received("/shiptor").count)
        #expect(!shop.log.contains("cancelled"))
    }

    @Test func `another secret counts from the next request, and lifts a refused login`() async throws {
        let shop = try LiveShop()
        try shop.configure()
        shop.answer { request in
            guard request.path.hasPrefix("/shiptor"), request.headers["x-authorization-token"] != "second-token" else {
                return LiveShop.standard(request)
            }
            return LiveShop.json(#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Not authorized"}}"#)
        }
        try shop.start()
        try await shop.wait { shop.told("-1907").count == 1 }
        try shop.secret("token", "second-token")
        shop.hangUp()
        try await shop.wait { shop.told("-1907").count == 2 }
        #expect(try shop.status().status == 0)
        #expect(!shop.log.contains("second-token"))
        try shop.stop()
    }

    @Test func `what waits for a channel that is called otherwise now is told there, once`() async throws {
        let shop = try LiveShop()
        try shop.configure { $0.replacingOccurrences(of: "{file: token}", with: "{file: token}, every: 5 min") }
        shop.answer { request in
            if request.path.hasSuffix("/sendMessage") { return LiveShop.json(#"{"ok":false,"error_code":500}"#, 500) }
            return LiveShop.json(#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Not authorized"}}"#)
        }
        try shop.start()
        try await shop.wait { shop.told("-1907").count == 1 }
        try await shop.wait { shop.log.contains("message put off") }
        shop.answer { request in
            if request.path.hasPrefix("/bot") { return LiveShop.standard(request) }
            return LiveShop.json(#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Not authorized"}}"#)
        }
        try shop.configure {
            $0.replacingOccurrences(of: "  chat:", with: "  talk:").replacingOccurrences(of: "[chat]", with: "[talk]")
                .replacingOccurrences(of: "-1907", with: "-2020")
        }
        shop.hangUp()
        try await shop.wait { shop.told("-2020").count == 1 }
        try await shop.wait { (try shop.status().tree["undeliveredMessages"] as? Int) == 0 }
        try shop.stop()
        #expect(shop.told("-1907").count == 1 && shop.told("-2020").count == 1)
    }

    @Test func `SIGHUP during the start does not end it, and SIGTERM during a reload does`() async throws {
        let shop = try LiveShop()
        try shop.configure()
        shop.answer { request in
            var reply = LiveShop.standard(request)
            if request.path.hasPrefix("/shiptor") { reply.behaviour = .drip(milliseconds: 20) }
            return reply
        }
        try shop.start()
        // From the first moment at which the kernel says that it does not end by them: ignored or caught.
        let status = "/proc/\(try #require(shop.daemon).processIdentifier)/status"
        try await shop.wait {
            let lines = (try? String(contentsOfFile: status, encoding: .utf8))?.split(separator: "\n") ?? []
            return lines.contains {
                ($0.hasPrefix("SigIgn") || $0.hasPrefix("SigCgt")) && "13579bdf".contains($0.last ?? "0")
            }
        }
        for _ in 0..<5 { shop.hangUp() }
        try await shop.wait { shop.received("/shiptor").count == 1 }
        shop.hangUp()
        try shop.stop()
        #expect(shop.log.hasSuffix("parceld stopped\n"))
    }

    @Test func `SIGHUPs all through a story change none of its messages`() async throws {
        let calm = try Harness(try Harness.goldenWeek())
        defer { calm.end() }
        try await calm.finish(try calm.start())
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        let world = harness.simulator.world
        let daemon = try harness.start()
        let start = try harness.moment("2017-09-26 09:30+03:00")
        for day in 0..<14 {
            world.hold(at: Scenario.Moment(ms: start + Int64(day) * 86_400_000))
            try await harness.wait { world.isHeld || world.isFinished || !daemon.isRunning }
            let before = harness.playground.log.components(separatedBy: Self.taken).count
            kill(daemon.processIdentifier, SIGHUP)
            try await harness.wait { harness.playground.log.components(separatedBy: Self.taken).count > before }
        }
        world.hold(at: nil)
        try await harness.finish(daemon)
        harness.expectStory()
        let asked = { (harness: Harness) in
            harness.simulator.world.requests.filter { !$0.key.contains("getUpdates") }
        }
        #expect(asked(harness) == asked(calm))
    }
}
