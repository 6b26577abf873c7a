import ArgumentParser

/// `parcelctl note THING TEXT`: a few words kept with the alert.
struct NoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note", abstract: "Writes a note to alerts.")

    @OptionGroup var options: DeedOptions

    @Argument(help: "Your words, at most 1000 characters.")
    var text: String

    func run() throws { try options.perform("note", text) }
}
