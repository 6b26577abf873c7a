// The simulator's command line: `serve` for tests, benchmarks and people, `play` for the demo. Wiring only.

import ArgumentParser
import Foundation
import ParcelSim

@main
struct Parcelsim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parcelsim",
        abstract: "Plays the shop, the partners, the carriers, Telegram and a clock on loopback, from a scenario file.",
        subcommands: [Serve.self, PlayCommand.self])
}

func readScenario(_ path: String) -> Scenario {
    do throws(ScenarioError) { return try Scenario.read(path) } catch {
        for problem in error.problems { FileHandle.standardError.write(Data("parcelsim: \(problem)\n".utf8)) }
        Foundation.exit(FileManager.default.fileExists(atPath: path) ? 78 : 66)
    }
}

private func fail(_ reason: String, _ status: Int32) -> Never {
    FileHandle.standardError.write(Data("parcelsim: \(reason)\n".utf8))
    Foundation.exit(status)
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves a scenario until SIGTERM; prints its addresses as one line of JSON.")

    @Option(help: "The scenario's file.")
    var scenario: String

    @Option(help: "Port of the HTTP server on 127.0.0.1; 0 for any that is free.")
    var port: UInt16 = 0

    @Option(help: "Port of the clock server on 127.0.0.1; 0 for any that is free.")
    var clockPort: UInt16 = 0

    @Flag(help: "Time is the host's, for a daemon without --simulated-clock; the clock server then moves nothing.")
    var realTime = false

    func run() async throws {
        let read = readScenario(scenario)
        let simulator: Simulator
        do {
            simulator = try Simulator(read, port: port, clockPort: clockPort, isRealTime: realTime)
        } catch {
            fail("\(error)", 69)
        }
        let line = try JSONSerialization.data(
            withJSONObject: simulator.addresses, options: [.sortedKeys, .withoutEscapingSlashes])
        FileHandle.standardOutput.write(line + Data("\n".utf8))
        exitOnStopSignals()
        while true { try await Task.sleep(for: .seconds(86_400)) }
    }
}

/// Nil where the size of the terminal is not known.
private func screen() -> (rows: Int, columns: Int)? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
    return (Int(size.ws_row), Int(size.ws_col))
}

struct PlayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play", abstract: "Plays a scenario with the real daemon and prints what happened.",
        discussion: "Exit status: 0 only if exactly the expected messages were delivered, else 1.")

    @Option(help: "The scenario's file.")
    var scenario: String

    @Option(help: "The daemon's configuration, with @PLACEHOLDERS@ for the simulator's addresses.")
    var config: String

    @Option(help: "The daemon's program.")
    var parceld: String

    @Option(help: "The control program.")
    var parcelctl: String

    @Option(help: "ru or en.")
    var language = "ru"

    @Option(help: "Where the database and the configuration stay afterwards.")
    var keep = ".demo"

    func run() async throws {
        holdStopSignals()
        guard language == "ru" || language == "en" else { throw ValidationError("the language is ru or en") }
        guard let template = try? String(contentsOfFile: config, encoding: .utf8) else {
            throw ValidationError("\(config) cannot be read")
        }
        let isTerminal = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        let play = Play(
            scenario: readScenario(scenario), template: template, parceld: URL(fileURLWithPath: parceld),
            parcelctl: URL(fileURLWithPath: parcelctl), folder: URL(fileURLWithPath: keep), language: language,
            isColoured: isTerminal, screen: isTerminal ? screen() : nil)
        do {
            Foundation.exit(try await play.run { print($0) })
        } catch let error as NotOurs {
            fail(error.description, 73)
        } catch {
            fail(error.localizedDescription, 73)
        }
    }
}
