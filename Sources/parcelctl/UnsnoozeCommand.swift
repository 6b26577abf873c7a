import ArgumentParser

/// `parcelctl unsnooze THING`: takes a snooze back.
struct UnsnoozeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unsnooze", abstract: "Takes a snooze back.")

    @OptionGroup var options: DeedOptions

    func run() throws { try options.perform("unsnooze") }
}
