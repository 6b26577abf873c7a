import ArgumentParser

/// `parcelctl provider ...`: what concerns the providers.
struct ProviderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider", abstract: "Asks a provider again.", subcommands: [ProviderResumeCommand.self])
}
