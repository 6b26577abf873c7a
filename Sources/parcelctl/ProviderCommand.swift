import ArgumentParser

/// `parcelctl provider test|resume NAME`: what concerns the providers.
struct ProviderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider", abstract: "Tries what the configuration says of a provider, or asks one again.",
        subcommands: [ProviderTestCommand.self, ProviderResumeCommand.self])
}
