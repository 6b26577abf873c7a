import ArgumentParser
import ParcelChannels
import ParcelConfig
import ParcelCore

/// `parcelctl provider resume NAME`: the daemon reads the provider's secrets anew and asks it now.
struct ProviderResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "After a secret was set right: the provider is asked again now.")

    @Argument(help: "A section's name under providers.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        guard let config = try common.readConfiguration() else {
            throw Trouble.usage("say which daemon: --config FILE")
        }
        let known = config.providers.map(\.name)
        guard known.contains(name) else {
            throw Trouble(
                description: "there is no provider \(name.prefix(40)); there are \(known.joined(separator: ", "))",
                status: 66)
        }
        struct Answer: Decodable { var resumed: String }
        let answer: Answer = try Daemon.ask(config.controlSocket, ["resume", name])
        let reader = try common.reader(config)
        print(
            common.json
                ? JSONValue.members(["resumed": .string(answer.resumed)]).text
                : reader.say("\(name) сейчас спросим снова.", "\(name) is asked again now."))
    }
}
