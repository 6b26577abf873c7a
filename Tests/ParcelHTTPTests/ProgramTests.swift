// Programs that are given a part: what their ends are called, and that nothing of them or of ours is left.

import Foundation
import ParcelCore
import ParcelHTTP
import Testing

private func shell(_ script: String, input: String = "", limit: Duration = .seconds(20)) -> ProgramCall {
    ProgramCall(
        arguments: ["/bin/sh", "-c", script, "sh", "a b", "$(id)"], input: Array(input.utf8),
        environment: ["PARCELD_KEY": "key-1"], timeLimit: limit, label: "exec test")
}

@Suite(.timeLimit(.minutes(1)))
struct ProgramTests {
    static let ends: [(script: String, end: ProgramEnd)] = [
        ("exit 0", .exited(status: 0, errors: "")),
        ("cat >/dev/null; echo first >&2; echo second >&2; exit 75", .exited(status: 75, errors: "first")),
        ("exit 78", .exited(status: 78, errors: "")),
        ("echo dying >&2; kill -9 $$", .killed(signal: 9, errors: "dying")),
        ("echo shown nowhere; exit 3", .exited(status: 3, errors: "")),
        // It has said more than a pipe holds, and is not held up by that.
        (
            "head -c 300000 /dev/zero | tr '\\0' x >&2; echo >&2; exit 4",
            .exited(status: 4, errors: String(repeating: "x", count: 4096))
        ),
    ]

    @Test(arguments: ends)
    func `its end is told with the first line of its errors`(script: String, end: ProgramEnd) async {
        #expect(await ParcelHTTP.run(shell(script, input: "{}")) == end)
    }

    @Test func `it gets its input, its arguments as they are, and hardly anything of ours`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "parcel-exec-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let input = String(repeating: "Привет 店\n", count: 40_000)
        let script = "{ cat; env | sort; ls /proc/self/fd; printf '%s|' \"$@\"; } >'\(file.path)'"
        #expect(await ParcelHTTP.run(shell(script, input: input)) == .exited(status: 0, errors: ""))
        let text = try String(contentsOf: file, encoding: .utf8)
        try #require(text.hasPrefix(input))
        let lines = text.dropFirst(input.count).split(separator: "\n").map(String.init)
        let environment = lines.filter {
            $0.contains("=") && !$0.hasPrefix("PWD=") && !$0.hasPrefix("_=") && !$0.hasPrefix("OLDPWD=")
                && !$0.hasPrefix("SHLVL=")
        }
        #expect(environment == ["LANG=C.UTF-8", "PARCELD_KEY=key-1", "PATH=/usr/local/bin:/usr/bin:/bin"])
        // Standard input, output and errors, and the folder that ls reads.
        #expect(lines.filter { Int($0) != nil } == ["0", "1", "2", "3"])
        #expect(lines.last == "a b|$(id)|")
    }

    @Test func `a program that reads nothing is no trouble`() async {
        #expect(
            await ParcelHTTP.run(shell("exit 0", input: String(repeating: "x", count: 1_000_000)))
                == .exited(status: 0, errors: ""))
    }

    @Test func `when its time is over, all that it started ends with it`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "parcel-exec-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let script = "echo waiting >&2; sleep 1000 & echo $! >'\(file.path)'; wait"
        let end = await ParcelHTTP.run(shell(script, limit: .milliseconds(700)))
        #expect(end == .timedOut(errors: "waiting"))
        let child = try #require(
            pid_t(try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
        // Gone, or dead and waiting for init to notice.
        let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(state.map { $0.contains(") Z ") } ?? true)
    }

    @Test func `cancelling ends it`() async {
        let task = Task { await ParcelHTTP.run(shell("sleep 1000", limit: .seconds(1000))) }
        task.cancel()
        #expect(await task.value == .timedOut(errors: ""))
    }

    @Test(arguments: [("/nowhere/program", true), ("/etc/passwd", true), ("/etc", true)])
    func `what cannot be started is said`(path: String, isForGood: Bool) async {
        let call = ProgramCall(
            arguments: [path], input: [], environment: [:], timeLimit: .seconds(5), label: "exec test")
        guard case .notStarted(let reason, let found) = await ParcelHTTP.run(call) else {
            Issue.record("started")
            return
        }
        #expect(found == isForGood && !reason.isEmpty)
    }
}
