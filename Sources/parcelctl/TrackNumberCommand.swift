import ArgumentParser
import ParcelCore

/// `parcelctl track-number NUMBER...`: normal form, formats and check digits; needs neither configuration nor database.
struct TrackNumberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track-number", abstract: "What a track number can be, and whether its check digit is right.")

    @Argument(help: "Numbers, in any writing.")
    var numbers: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard !numbers.isEmpty else { throw Trouble.usage("give a track number, such as LP1930191011") }
        let read = try numbers.map { text in
            guard let number = TrackNumber(text) else { throw Trouble.usage(refusal(text)) }
            return (text, number)
        }
        if json {
            print(JSONValue.array(read.map { self.json($0, $1) }).text)
        } else {
            for (_, number) in read { show(number) }
        }
    }

    private func refusal(_ text: String) -> String {
        let length = text.unicodeScalars.count
        let shown = text.isEmpty ? "an empty text" : "\"\(text.prefix(40))\(text.count > 40 ? "…" : "")\""
        let reason = length > TrackNumber.longest ? " (\(length) characters)" : ""
        return "\(shown)\(reason) is no track number; write 1 to \(TrackNumber.longest) Latin letters and digits"
    }

    private func show(_ number: TrackNumber) {
        print(number)
        let rows = formats(of: number).map { match in
            [
                match.format.id, match.format.carrier,
                match.checkDigit == .none ? "" : "check digit \(match.checkDigit.rawValue)",
                match.format.detect.rawValue,
            ]
        }
        print(rows.isEmpty ? "  no known format" : table(rows, indent: "  "))
        print("  \(carrierPage(for: number))")
    }

    private func json(_ input: String, _ number: TrackNumber) -> JSONValue {
        .members([
            "input": .string(input), "normalised": .string(number.description),
            "formats": .array(
                formats(of: number).map { match in
                    .members([
                        "format": .string(match.format.id), "checkDigit": .string(match.checkDigit.rawValue),
                        "carrier": .string(match.format.carrier), "detect": .string(match.format.detect.rawValue),
                    ])
                }), "link": .string(carrierPage(for: number)),
        ])
    }
}
