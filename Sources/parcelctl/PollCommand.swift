import ArgumentParser
import ParcelChannels
import ParcelConfig
import ParcelCore

/// `parcelctl poll THING|PROVIDER`: asks the daemon to poll now. Its pace and budget hold as always.
struct PollCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll", abstract: "Asks the daemon to poll a thing or a provider now.")

    @Argument(help: "A thing (1907-2) or a provider (otcommerce).")
    var target: String

    @Option(help: ArgumentHelp("The daemon's control socket, if not the configuration's.", valueName: "path"))
    var socket: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        guard !target.contains("\t"), !target.contains("\n"), target.utf8.count < 200 else {
            throw Trouble.usage("\(target.prefix(40)): not a thing or provider")
        }
        struct Answer: Decodable { var asks: Int }
        let answer: Answer = try Daemon.ask(common.controlSocket(socket), ["poll", target])
        let reader = try common.reader(nil)
        print(
            common.json
                ? JSONValue.members(["asks": .integer(answer.asks)]).text
                : reader.say("К опросу сейчас: \(answer.asks)", "Due to be asked now: \(answer.asks)"))
    }
}
