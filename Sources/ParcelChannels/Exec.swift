// A program of the user's: it gets the webhook's JSON on standard input, once for each part, and its exit status decides.
// ParcelHTTP runs it, without a shell.

package import ParcelCore

struct Exec: Channel {
    static let schema = SettingSchema(
        "exec",
        [
            SettingKey("command", .words, required: true, "the program's path from / on, and its arguments"),
            SettingKey("timeout", .duration, "how long it may run; 30 s if left out"),
        ],
        check: { settings in
            guard let command = settings.names("command") else { return [] }
            return command.first?.hasPrefix("/") == true
                ? [] : [SettingProblem("command", "expected the program's whole path, such as /usr/local/bin/notify")]
        })

    let name: String
    private let command: [String]
    private let timeout: Duration

    init?(name: String, _ settings: SettingValues) {
        guard let command = settings.names("command"), !command.isEmpty else { return nil }
        self.name = name
        self.command = command
        timeout = settings.duration("timeout") ?? .seconds(30)
    }

    func parts(of message: Message) -> [String] { jsonParts(of: message) }

    func delivery(of part: String, number: Int, dedupKey: String) -> Delivery {
        .program(
            ProgramCall(
                arguments: command, input: Array(part.utf8),
                environment: ["PARCELD_CHANNEL": name, "PARCELD_KEY": partKey(dedupKey, number)], timeLimit: timeout,
                label: "exec \(name)"))
    }

    /// Not used: it asks nothing over HTTP.
    func outcome(of response: HTTPResponse) -> DeliveryOutcome { .accepted() }
}

/// EX_CONFIG of sysexits(3): the program says that trying again is of no use.
private let refusing: Int32 = 78

/// What the end of a program means for its part: 0 took it, 78 refuses it for good, anything else is tried again.
package func outcome(of end: ProgramEnd) -> DeliveryOutcome {
    func reason(_ what: String, _ errors: String) -> String {
        let words = harmless(errors)
        return words.isEmpty ? what : "\(what): \(words)"
    }
    switch end {
    case .exited(0, _): return .accepted()
    case .exited(refusing, let errors): return .refused(reason: reason("exit status \(refusing)", errors))
    case .exited(let status, let errors): return .retry(after: nil, reason: reason("exit status \(status)", errors))
    case .killed(let signal, let errors): return .retry(after: nil, reason: reason("ended by signal \(signal)", errors))
    case .timedOut(let errors): return .retry(after: nil, reason: reason("it took too long and was ended", errors))
    case .notStarted(let why, let isForGood):
        let reason = "cannot be started: \(harmless(why))"
        return isForGood ? .refused(reason: reason) : .retry(after: nil, reason: reason)
    }
}
