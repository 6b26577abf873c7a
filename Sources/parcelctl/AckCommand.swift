import ArgumentParser

/// `parcelctl ack THING`: somebody takes care of it; reminders stop until it moves.
struct AckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Takes alerts on: no reminders until the thing moves.")

    @OptionGroup var options: DeedOptions

    func run() throws { try options.perform("ack") }
}
