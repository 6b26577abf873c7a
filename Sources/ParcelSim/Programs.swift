// Running the real programs against the simulator: parceld with a configuration, parcelctl for questions.

package import Foundation

package struct Playground: Sendable {
    /// Holds the database, the control socket, the secrets and the configuration.
    package let folder: URL

    package init(_ folder: URL) { self.folder = folder }

    package var config: URL { folder.appending(path: "parceld.yaml") }
    package var database: String { folder.appending(path: "parceld.sqlite").path }

    /// Takes away what an earlier run left, and nothing that is not such a folder.
    package func clear() throws {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path), !names.isEmpty else {
            return
        }
        guard names.contains("parceld.yaml") else { throw NotOurs(path: folder.path) }
        try FileManager.default.removeItem(at: folder)
    }

    /// Writes the secrets and fills a configuration's placeholders.
    package func prepare(template: String, for simulator: Simulator, language: String) throws {
        let secrets = folder.appending(path: "secrets")
        try FileManager.default.createDirectory(at: secrets, withIntermediateDirectories: true)
        let scenario = simulator.world.scenario
        let contents = [
            "otcommerce-instance-key": scenario.otcommerce.instanceKey,
            "otcommerce-secret": scenario.otcommerce.secret, "otcommerce-password": scenario.otcommerce.password,
            "litemf-api-key": scenario.litemf.apiKey, "shiptor-token": scenario.shiptor.token,
            "telegram-token": scenario.telegramToken, "17track-key": scenario.carriers.seventeenTrack.key,
            "russianpost-password": scenario.carriers.russianPost.password,
            "kuaidi100-key": scenario.carriers.kuaidi100.key, "cdek-password": scenario.carriers.cdek.password,
            "generic-token": scenario.carriers.generic.token,
        ]
        for (name, text) in contents {
            let file = secrets.appending(path: name)
            try Data((text + "\n").utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }
        var text = template
        for (name, address) in simulator.addresses {
            text = text.replacingOccurrences(of: "@\(name.uppercased())@", with: address)
        }
        text = text.replacingOccurrences(of: "@STATE@", with: folder.path)
        text = text.replacingOccurrences(of: "@LANGUAGE@", with: language)
        try Data(text.utf8).write(to: config)
    }

    /// Starts the daemon; its log goes to a file.
    package func start(_ parceld: URL, _ simulator: Simulator) throws -> Process {
        let process = Process()
        process.executableURL = parceld
        process.arguments = ["run", "--config", config.path, "--simulated-clock", simulator.clockAddress]
        let log = folder.appending(path: "parceld.log")
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        process.standardError = handle
        process.standardOutput = handle
        process.standardInput = FileHandle.nullDevice
        try launch(process)
        return process
    }

    package var log: String { (try? String(contentsOf: folder.appending(path: "parceld.log"), encoding: .utf8)) ?? "" }

    /// Runs a program to its end.
    package static func run(_ program: URL, _ arguments: [String]) throws -> (
        status: Int32, output: String, errors: String
    ) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try launch(process)
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let trouble = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: trouble, as: UTF8.self)
        )
    }
}

/// Starts a program that takes signals as usual, also where this one holds them back.
private func launch(_ process: Process) throws {
    var (set, before) = (stopSignals(), sigset_t())
    pthread_sigmask(SIG_UNBLOCK, &set, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
}

package struct NotOurs: Error, CustomStringConvertible {
    let path: String
    package var description: String { "\(path) holds other files; name an empty folder or one of an earlier demo" }
}

/// SIGTERM and SIGINT end the program with status 0: a simulator has nothing to save.
package func exitOnStopSignals() {
    // C callbacks stay out of main-actor code: called on another thread they would trap.
    signal(SIGTERM) { _ in _exit(0) }
    signal(SIGINT) { _ in _exit(0) }
}

/// Keeps SIGINT and SIGTERM from ending this program before `stopOnInterrupt` can stop the daemon. Has to be called
/// before any other thread exists, since threads inherit it.
package func holdStopSignals() {
    var set = stopSignals()
    pthread_sigmask(SIG_BLOCK, &set, nil)
}

/// Ctrl-C, while the daemon runs or afterwards: it is stopped, and the exit status says so.
func stopOnInterrupt(_ daemon: pid_t) {
    Thread.detachNewThread {
        var set = stopSignals()
        var caught: Int32 = 0
        sigwait(&set, &caught)
        kill(daemon, SIGTERM)
        // It finishes the pass in hand first.
        for _ in 0..<100 where kill(daemon, 0) == 0 { usleep(100_000) }
        _exit(128 + caught)
    }
}

private func stopSignals() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGTERM)
    return set
}
