// Another machine takes over: the state directory is copied while its daemon is dead, and a daemon goes on from the copy.

import Foundation
import ParcelSim
import Testing

extension Harness {
    /// A copy of the state directory, as a standby has it; the configuration in it names the copy.
    fileprivate func standby() throws -> Playground {
        let copy = playground.folder.deletingLastPathComponent()
            .appending(path: playground.folder.lastPathComponent + "-standby")
        // A dead daemon's socket is no file to copy.
        try? FileManager.default.removeItem(at: playground.folder.appending(path: "control.sock"))
        try FileManager.default.copyItem(at: playground.folder, to: copy)
        let standby = Playground(copy)
        let text = try String(contentsOf: standby.config, encoding: .utf8)
            .replacingOccurrences(of: playground.folder.path, with: copy.path)
        try Data(text.utf8).write(to: standby.config)
        try? FileManager.default.removeItem(at: copy.appending(path: "parceld.log"))
        return standby
    }

    /// A channel whose program kills the daemon that gives it the first message.
    fileprivate func killAtFirstMessage() throws {
        let folder = playground.folder
        let program = folder.appending(path: "kill-once")
        let script =
            "#!/bin/sh\ncat > /dev/null\nif mkdir '\(folder.path)/killed' 2>/dev/null; then kill -9 $PPID; fi\n"
        try Data(script.utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        try add(
            channels: "  program:\n    type: exec\n    command: [\"\(program.path)\"]\n",
            recipient: "  - {name: shift, zone: Europe/Moscow, hours: \"09:00-18:00\", channels: [program]}\n")
    }
}

@Test func `a standby goes on from the copied state of a daemon that was killed, and loses and invents nothing`()
    async throws
{
    let harness = try Harness(try Harness.goldenWeek())
    defer { harness.end() }
    try harness.killAtFirstMessage()
    let first = try harness.start()
    try await harness.wait { !first.isRunning }
    first.waitUntilExit()
    #expect(first.terminationReason == .uncaughtSignal && !harness.simulator.world.isFinished)
    let standby = try harness.standby()
    defer { try? FileManager.default.removeItem(at: standby.folder) }
    let second = try standby.start(Harness.parceld, harness.simulator)
    try await harness.wait { harness.simulator.world.isFinished || !second.isRunning }
    try await harness.wait {
        FileManager.default.fileExists(atPath: standby.folder.appending(path: "control.sock").path) || !second.isRunning
    }
    #expect(second.isRunning, "\(standby.log.suffix(2000))")
    second.terminate()
    second.waitUntilExit()
    harness.expectStory()
}

@Test func `two daemons cannot share a state directory, and the second says why`() async throws {
    let harness = try Harness(try Harness.goldenWeek())
    defer { harness.end() }
    let first = try harness.start()
    try await harness.wait {
        FileManager.default.fileExists(atPath: harness.playground.folder.appending(path: "control.sock").path)
            || !first.isRunning
    }
    // With the host's clock: the story's is the first one's.
    let (status, _, errors) = try Playground.run(Harness.parceld, ["run", "--config", harness.playground.config.path])
    #expect(status == 75)
    #expect(errors.contains("another parceld") || errors.contains("in use"), "\(errors)")
    try await harness.finish(first)
    harness.expectStory()
}
