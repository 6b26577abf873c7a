import ArgumentParser

/// `parcelctl close THING`: the matter is over, whatever the providers say.
struct CloseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Closes alerts by hand; the same matter is not told again.")

    @OptionGroup var options: DeedOptions

    func run() throws { try options.perform("close") }
}
