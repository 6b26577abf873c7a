// The channels with the real programs: a program of the user's that kills the daemon, and `parcelctl channel test`.

import Foundation
import ParcelSim
import Testing

@Suite(.serialized)
struct ChannelTests {
    @Test
    func `a program that kills the daemon before and after taking a message gets each at least once under its key`()
        async throws
    {
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        let folder = harness.playground.folder
        // Killed before it takes the first message, and after it took the second and the third, before the mark.
        let script = """
            #!/bin/sh
            cat > "\(folder.path)/body"
            if mkdir "\(folder.path)/before" 2>/dev/null; then kill -9 $PPID; exit 1; fi
            echo "$PARCELD_KEY" >> "\(folder.path)/taken"
            count=$(sort -u "\(folder.path)/taken" | wc -l)
            if [ "$count" -gt 1 ] && mkdir "\(folder.path)/after-$count" 2>/dev/null && [ "$count" -lt 4 ]; then kill -9 $PPID; fi
            exit 0
            """
        let program = folder.appending(path: "take")
        try Data(script.utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        try harness.add(
            channels: "  program:\n    type: exec\n    command: [\"\(program.path)\"]\n",
            recipient: """
                  - name: shift
                    zone: Europe/Moscow
                    hours: "09:00-18:00"
                    channels: [program]

                """)
        var daemon = try harness.start()
        var kills = 0
        while !harness.simulator.world.isFinished {
            try await harness.wait { harness.simulator.world.isFinished || !daemon.isRunning }
            guard !daemon.isRunning else { break }
            daemon.waitUntilExit()
            #expect(daemon.terminationReason == .uncaughtSignal)
            kills += 1
            guard kills < 10 else { break }
            daemon = try harness.start()
        }
        try await harness.finish(daemon)
        harness.expectStory()
        let taken = try String(contentsOf: folder.appending(path: "taken"), encoding: .utf8).split(separator: "\n")
        let messages = Set(taken).count
        #expect(kills >= 2 && messages >= 2)
        // A kill before taking repeats nothing; one after it repeats that message once.
        #expect(taken.count == messages + kills - 1)
        #expect(harness.playground.log.contains("channel refuses") == false)
    }

    @Test func `channel test says what the other side said, and its status tells`() async throws {
        let server = try LoopbackServer { request in
            SimReply(
                status: request.path.hasSuffix("/good") ? 200 : request.path.hasSuffix("/busy") ? 503 : 404, body: [])
        }
        defer { server.stop() }
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        let hook = { (name: String) in
            "  \(name):\n    type: webhook\n    url: http://127.0.0.1:\(server.port)/\(name)\n"
        }
        let program = { (name: String, script: String) in
            "  \(name):\n    type: exec\n    command: [/bin/sh, -c, \"\(script)\"]\n"
        }
        try harness.add(
            channels: hook("good") + hook("busy") + hook("gone") + program("deaf", "echo no chat >&2; exit 78")
                + program("proud", "grep -q '.test.:.*parceld'"),
            recipient: "")
        for (name, status, words) in [
            ("good", Int32(0), "the message was taken"), ("busy", 75, "not delivered now: status 503"),
            ("gone", 1, "the channel refuses: status 404"), ("deaf", 1, "the channel refuses: exit status 78: no chat"),
            ("proud", 0, "the message was taken"), ("telegram", 0, "the message was taken: 1"),
        ] {
            let result = try harness.control("channel", "test", name, "--language", "en")
            #expect(result.status == status, "\(name): \(result)")
            #expect(result.output == "\(name): \(words)\n", "\(result)")
        }
        let told = try #require(harness.simulator.world.received.last)
        #expect(told.text.hasPrefix("🔔 Test of channel telegram"))
        _ = try harness.control("channel", "test", "telegram", "--language", "ru")
        #expect(harness.simulator.world.received.last?.text.hasPrefix("🔔 Проверка канала telegram") == true)
        let unknown = try harness.control("channel", "test", "nobody")
        #expect(unknown.status == 66 && unknown.errors.contains("known: "))
        let json = try harness.control("channel", "test", "gone", "--json")
        #expect(json.output == "{\"channel\":\"gone\",\"outcome\":\"refused\",\"words\":\"status 404\"}\n")
    }
}
