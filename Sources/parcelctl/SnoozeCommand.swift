import ArgumentParser

/// `parcelctl snooze THING DAYS|DATE`: nothing is told of it until then, unless it moves.
struct SnoozeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snooze", abstract: "Puts alerts off for working days or until a date.")

    @OptionGroup var options: DeedOptions

    @Argument(help: "Working days, 1 to 60, or a date such as 2026-12-01, at whose beginning it ends.")
    var until: String

    func run() throws { try options.perform("snooze", until) }
}
