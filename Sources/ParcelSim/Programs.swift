// Running the real programs against the simulator: parceld with a configuration, parcelctl for questions.

package import Foundation

package struct Playground: Sendable {
    /// Holds the database, the control socket, the secrets and the configuration.
    package let folder: URL

    package init(_ folder: URL) { self.folder = folder }

    package var config: URL { folder.appending(path: "parceld.yaml") }
    package var database: String { folder.appending(path: "parceld.sqlite").path }

    /// Writes the secrets and fills a configuration's placeholders.
    package func prepare(template: String, for simulator: Simulator, language: String) throws {
        let secrets = folder.appending(path: "secrets")
        try FileManager.default.createDirectory(at: secrets, withIntermediateDirectories: true)
        let accounts = simulator.world.scenario.accounts
        let contents = [
            "otcommerce-instance-key": accounts.instanceKey, "otcommerce-secret": accounts.secret ?? "",
            "otcommerce-password": accounts.password, "litemf-api-key": accounts.apiKey,
            "shiptor-token": accounts.token,
            "telegram-token": accounts.telegramToken,
        ]
        for (name, text) in contents {
            try Data((text + "\n").utf8).write(to: secrets.appending(path: name))
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
        try process.run()
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
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let trouble = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: trouble, as: UTF8.self)
        )
    }
}

/// SIGTERM and SIGINT end the program with status 0: a simulator has nothing to save.
package func exitOnStopSignals() {
    // C callbacks stay out of main-actor code: called on another thread they would trap.
    signal(SIGTERM) { _ in _exit(0) }
    signal(SIGINT) { _ in _exit(0) }
}
